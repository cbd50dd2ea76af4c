"""Boxed expressions -> functions of a frame (the values in scope by name). Literals are compiled like any other rule.

Where DMN gives a box the meaning of a FEEL expression (invocation, filter, ``for``, ``some``, ``every``), the tree of
that expression is built and compiled, so that a box can never differ from its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from fachwerk.problems import Fragment, Problems, Span, Text
from fachwerk.rules import tree
from fachwerk.rules.check import Checked, check
from fachwerk.rules.check_types import named
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.codes import EXTERNAL
from fachwerk.rules.dmn.composed import ANYTHING, Composed, Composition, Frame, Names, Step
from fachwerk.rules.dmn.reading import unreadable, weighed
from fachwerk.rules.dmn.shapes import Fits, Shape, Shapes
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.cells import readable, whole_test
from fachwerk.rules.tables.check import check_table
from fachwerk.rules.tables.compile import Convert, compile_table
from fachwerk.rules.tables.hits import note
from fachwerk.rules.tables.model import Table
from fachwerk.rules.to_python import Environment, compile_rule
from fachwerk.rules.types import AnyType, FunctionType, Typed
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.ranges import Function
from fachwerk.rules.values.text import literal
from fachwerk.rules.values.typing import MISFIT
from fachwerk.rules.walk import walk


def converter(shape: Shape, span: Span) -> Convert:
    """Return what takes a value to *shape*; a misfit becomes null and is recorded."""

    def convert(value: object) -> object:
        found = shape.convert(value)
        if found is not MISFIT:
            return found
        note(_misfit(value, shape), span)
        return None

    return convert


def _misfit(value: object, shape: Shape) -> Text:
    """Say that *value* is not of the type *shape*."""
    wanted = named(shape.type)
    kind = kind_of(value)
    shown = f"`{literal(value, inside=True)[:60]}`" if kind not in ("list", "context", "range", "function") else kind
    return {
        "en": f"{shown} does not fit: expected {wanted['en']}",
        "de": f"{shown} passt nicht: erwartet wird {wanted['de']}",
    }


class Expressions:
    """Compiles the expressions of one model; *broken* says whether one of them could not be read."""

    def __init__(self, environment: Environment, problems: Problems, *, loose: bool = False) -> None:
        self.loose = loose
        self.environment = environment
        self.problems = problems
        self.broken = False
        self.shapes: Shapes | None = None
        self.types: Mapping[str, AnyType] = {}

    def use(self, shapes: Shapes) -> None:
        """Make the item definitions of the model known."""
        self.shapes = shapes
        self.types = shapes.all()

    def shape(self, name: str | None, span: Span) -> Shape:
        """Return the type called *name*."""
        assert self.shapes is not None
        return self.shapes.get(name, span)

    def _scope(self, names: Names) -> Scope:
        return Scope(names, strict=False, types=self.types)

    def _keep(self, found: Problems) -> None:
        """Pass problems on: what cannot be read is an error, what DMN evaluates to null a warning."""
        self.problems.extend(weighed(problem) for problem in found)

    def allows(self, text: Fragment, type_: AnyType) -> Fits | None:
        """Return the test of the unary tests *text* over values of *type_*."""
        found = Problems()
        scope = self._scope({"?": Typed(type_)})
        node = parse(text, scope, found, as_tests=True)
        self._keep(found)
        if unreadable(found) or not readable(node):
            self.broken = True
            return None
        checked = check(whole_test(node), text, scope, Problems())
        rule = compile_rule(checked, ("?",), environment=self.environment)
        return lambda value: rule(value) is True

    def step(self, boxed: dmn.Boxed, names: Names) -> Step:
        """Return *boxed* as a function of a frame that holds *names*."""
        made = self._made(boxed, names)
        if boxed.type is None or isinstance(boxed, dmn.Function):
            return made
        convert = converter(self.shape(boxed.type, boxed.span), boxed.span)
        return lambda frame: convert(made(frame))

    def _made(self, boxed: dmn.Boxed, names: Names) -> Step:
        match boxed:
            case dmn.Literal(text=text):
                return self._literal(text, names)
            case dmn.Decide():
                return self._table(boxed, names)
            case dmn.Context(entries=entries):
                return self._context(entries, names)
            case dmn.Items(items=items):
                steps = [self.step(item, names) for item in items]
                return lambda frame: [step(frame) for step in steps]
            case dmn.Relation(columns=columns, rows=rows):
                return self._relation(columns, rows, names)
            case dmn.Function():
                return self._function(boxed, names)
            case dmn.Conditional():
                return self._conditional(boxed, names)
            case dmn.Invocation() | dmn.Filter() | dmn.Iterate():
                return self._composed(boxed, names)
        self.broken = True
        return lambda frame: None

    def _literal(self, text: Fragment, names: Names) -> Step:
        found = Problems()
        scope = self._scope(names)
        node = parse(text, scope, found)
        checked = None if unreadable(found) or not readable(node) else check(node, text, scope, found)
        self._keep(found)
        return self._rule(checked, names)

    def _rule(self, checked: Checked | None, names: Names) -> Step:
        if checked is None or self._external(checked):
            self.broken = True
            return lambda frame: None
        used = tuple(dict.fromkeys(n.name for n in walk(checked.node) if isinstance(n, tree.Name) and n.name in names))
        rule = compile_rule(checked, used, environment=self.environment)
        if not used:
            return lambda frame: rule()
        if len(used) == 1:
            (name,) = used
            return lambda frame: rule(frame[name])
        pick = itemgetter(*used)
        return lambda frame: rule(*pick(frame))

    def _external(self, checked: Checked) -> bool:
        """Whether a function in *checked* is written in another language; says so."""
        found = [node for node in walk(checked.node) if isinstance(node, tree.Lambda) and node.external]
        for node in found:
            kind = "PMML" if "pmml" in checked.fragment.text[node.start : node.end].lower() else "Java"
            self.problems.add(EXTERNAL.at(checked.fragment.span(node.start, node.end), kind=kind))
        return bool(found)

    def _table(self, boxed: dmn.Decide, names: Names) -> Step:
        found = Problems()
        table = boxed.table
        inputs = [
            self.shape(type_, c.expression.span()) for type_, c in zip(boxed.input_types, table.inputs, strict=True)
        ]
        outputs = [self.shape(type_, c.span) for type_, c in zip(boxed.output_types, table.outputs, strict=True)]
        table = self._typed_table(boxed, inputs)
        checked = check_table(table, self._scope(names), found)
        self._keep(found)
        if unreadable(found):
            self.broken = True
            return lambda frame: None
        parameters = tuple(names)
        compiled = compile_table(
            checked,
            parameters,
            self.environment,
            convert_inputs=[_convert(s, t, table.span) for s, t in zip(inputs, boxed.input_types, strict=True)],
            convert_outputs=[_convert(s, t, table.span) for s, t in zip(outputs, boxed.output_types, strict=True)],
        ).decide
        return lambda frame: compiled(*[frame[name] for name in parameters])

    def _typed_table(self, boxed: dmn.Decide, inputs: Sequence[Shape]) -> Table:
        """Return the table of *boxed* with the types of its inputs, and the order of output values from their types."""
        assert self.shapes is not None
        table = boxed.table
        columns = [
            replace(
                column,
                typed=Typed(shape.type) if type_ else column.typed,
                allowed=None if self.loose else column.allowed,  # only proposals there
            )
            for column, shape, type_ in zip(table.inputs, inputs, boxed.input_types, strict=True)
        ]
        whole = self.shapes.allowed(boxed.type) if table.single else None
        outputs = [
            replace(output, allowed=output.allowed or self.shapes.allowed(type_) or whole)
            for output, type_ in zip(table.outputs, boxed.output_types, strict=True)
        ]
        return replace(table, inputs=tuple(columns), outputs=tuple(outputs))

    def _context(self, entries: Sequence[tuple[dmn.Variable | None, dmn.Boxed]], names: Names) -> Step:
        inner = dict(names)
        steps: list[tuple[str | None, Step]] = []
        for variable, boxed in entries:
            step = self.step(boxed, inner)
            if variable is None:
                steps.append((None, step))
                break
            shape = self.shape(variable.type, variable.span)
            steps.append((variable.name, _then(step, _convert(shape, variable.type, variable.span))))
            inner[variable.name] = Typed(shape.type) if variable.type else self._known(boxed)

        def context(frame: Frame) -> object:
            inside = dict(frame)
            made: Frame = {}
            for name, step in steps:
                value = step(inside)
                if name is None:
                    return value
                inside[name] = made[name] = value
            return made

        return context

    def _known(self, boxed: dmn.Boxed) -> Typed:
        """Return what is known of the type of an entry that states none: that a function is one."""
        if isinstance(boxed, dmn.Function):
            parameters = tuple((p.name, Typed(self.shape(p.type, p.span).type)) for p in boxed.parameters)
            return Typed(FunctionType(parameters))
        return Typed(self.shape(boxed.type, boxed.span).type)

    def _relation(self, columns: Sequence[dmn.Variable], rows: Sequence[Sequence[dmn.Boxed]], names: Names) -> Step:
        converts = [_convert(self.shape(c.type, c.span), c.type, c.span) for c in columns]
        lines = [
            [
                (column.name, _then(self.step(cell, names), convert))
                for column, cell, convert in zip(columns, row, converts, strict=True)
            ]
            for row in rows
        ]
        return lambda frame: [{name: step(frame) for name, step in line} for line in lines]

    def _function(self, boxed: dmn.Function, names: Names) -> Step:
        if boxed.body is None:
            self.broken = True
            return lambda frame: None
        shapes = [self.shape(parameter.type, parameter.span) for parameter in boxed.parameters]
        labels = tuple(parameter.name for parameter in boxed.parameters)
        typed = {name: Typed(shape.type) for name, shape in zip(labels, shapes, strict=True)}
        step = _then(self.step(boxed.body, {**names, **typed}), self.result(boxed.type, boxed.span))

        def function(frame: Frame) -> object:
            def call(*values: object) -> object:
                return step({**frame, **arguments(labels, shapes, values)})

            return Function(call, labels, tuple(shape.type for shape in shapes))

        return function

    def result(self, type_: str | None, span: Span) -> Convert | None:
        """Return what takes the result of a function declared as *type_*, a function type or that of its result."""
        shape = self.shape(type_, span)
        if shape.function is not None:
            return None if shape.result is None else converter(shape.result, span)
        return _convert(shape, type_, span)

    def _conditional(self, boxed: dmn.Conditional, names: Names) -> Step:
        condition = self.step(boxed.condition, names)
        then, otherwise = self.step(boxed.then, names), self.step(boxed.otherwise, names)
        return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)

    def _composed(self, boxed: Composed, names: Names) -> Step:
        """Return a box that means a FEEL expression, by way of its tree."""
        made = Composition(boxed, names, self.step, self._body)
        node = made.expression()
        scope = self._scope({**names, **dict.fromkeys(made.parts, ANYTHING)})
        return made.step(self._rule(check(node, made.text, scope, Problems()), scope.names))

    def _body(self, text: Fragment, names: Names) -> tree.Node:
        """Return the tree of the expression that a box repeats."""
        found = Problems()
        node = parse(text, self._scope(names), found)
        self._keep(found)
        if readable(node) and not unreadable(found):
            return node
        self.broken = True
        return tree.Literal(None)


def arguments(names: Sequence[str], shapes: Sequence[Shape], values: Sequence[object]) -> Frame:
    """Return *values* as the arguments *names*; raises ``Mistake`` where one does not conform: the call is null."""
    frame: Frame = {}
    for name, shape, value in zip(names, shapes, values, strict=True):
        frame[name] = shape.convert(value)
        if frame[name] is MISFIT:
            said = _misfit(value, shape)
            raise Mistake(f"`{name}`: {said['en']}", f"`{name}`: {said['de']}")
    return frame


def _convert(shape: Shape, name: str | None, span: Span) -> Convert | None:
    return None if name is None else converter(shape, span)


def _then(step: Step, convert: Convert | None) -> Step:
    return step if convert is None else lambda frame: convert(step(frame))
