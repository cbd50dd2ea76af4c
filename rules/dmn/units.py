"""One DMN file, compiled: its decisions, knowledge and services as functions. ``State`` is one evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fachwerk.problems import Problems
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.composed import Frame, Names, Step
from fachwerk.rules.dmn.expressions import Expressions, arguments, converter
from fachwerk.rules.dmn.link import Links, Target
from fachwerk.rules.dmn.loose import aliases, free_names
from fachwerk.rules.dmn.shapes import ANYTHING, Shape, Shapes
from fachwerk.rules.tables.compile import Convert
from fachwerk.rules.tables.hits import note
from fachwerk.rules.to_python import Environment
from fachwerk.rules.types import ContextType, FunctionType, Typed
from fachwerk.rules.values.ranges import Function

Key = tuple[tuple[str, ...], str]
"""The imports that lead to a model from the one that was asked, and the id of an element there."""


@dataclass(slots=True)
class State:
    """One evaluation: inputs by name (of imported models below the name of the import), what is known."""

    inputs: Mapping[str, object]
    known: dict[Key, object] = field(default_factory=dict)

    def given(self, path: Sequence[str], name: str) -> object:
        """Return the input *name* of the model that *path* leads to; also found as ``import.name`` or just by name."""
        place: object = self.inputs
        for prefix in path:
            place = place.get(prefix) if isinstance(place, Mapping) else None
        if isinstance(place, Mapping) and name in place:
            return place[name]
        return self.inputs.get(".".join((*path, name)), self.inputs.get(name))


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """A requirement: under which name (of the import, too) the value is seen, and where it comes from."""

    prefix: str | None
    name: str
    unit: Unit
    element: dmn.Element

    def path(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the way to the required element, from the way to the one that requires it."""
        return path if self.prefix is None else (*path, self.prefix)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A compiled element: what it needs, how it is computed and converted. *broken* parts are never evaluated."""

    element: dmn.Element
    needs: tuple[Need, ...]
    step: Step | None
    convert: Convert | None
    broken: bool


class Unit:
    """A model with its types and compiled elements. First :meth:`prepare`, then :meth:`compile` them all."""

    def __init__(self, model: dmn.Model, environment: Environment, problems: Problems) -> None:
        self.model = model
        self.problems = problems
        self.expressions = Expressions(environment, problems, loose=model.loose)
        self.shapes = Shapes((), {}, self.expressions.allows, problems)
        self.parts: dict[str, Part] = {}
        self._functions: dict[str, Function] = {}
        self._types_broken = False

    def prepare(self, imported: Mapping[str, Unit]) -> None:
        """Read the item definitions; those of *imported* units have to be prepared before."""
        others = {name: unit.shapes for name, unit in imported.items()}
        self.shapes = Shapes(self.model.items, others, self.expressions.allows, self.problems)
        self.expressions.use(self.shapes)
        self._types_broken = self.expressions.broken

    def compile(self, links: Links, units: Mapping[str, Unit]) -> None:
        """Compile all elements."""
        for element in self.model.elements:
            if element.id not in self.parts:  # of two with one id, the second is never evaluated
                self.parts[element.id] = self._part(element, links, units)

    def _part(self, element: dmn.Element, links: Links, units: Mapping[str, Unit]) -> Part:
        expressions, variable = self.expressions, element.variable
        expressions.broken = False
        shape = self.shapes.get(variable.type, variable.span)
        convert = None if variable.type is None else converter(shape, variable.span)
        if isinstance(element, dmn.InputData):
            return self._input(element)
        references = element.requires if not isinstance(element, dmn.Service) else element.outputs + element.parameters
        targets = [links.find(reference, self.model) for reference in references]
        needs = tuple(self._need(target, units) for target in targets if target)
        if self.model.loose and isinstance(element, dmn.Decision) and element.logic is not None:
            needs = self._loose(element.logic, needs)
        names = _names(needs)
        step: Step | None = None
        if isinstance(element, dmn.Decision):
            step = expressions.step(element.logic, names) if element.logic is not None else None
        elif isinstance(element, dmn.Knowledge):
            step = expressions.step(element.function, names) if element.function is not None else None
            convert = expressions.result(variable.type, variable.span)
            expressions.broken |= element.function is None
        else:
            convert = expressions.result(variable.type, variable.span)
        return Part(element, needs, step, convert, expressions.broken or self._types_broken or None in targets)

    def _loose(self, logic: dmn.Boxed, needs: tuple[Need, ...]) -> tuple[Need, ...]:
        """Return *needs* and what *logic* uses beyond them: other names of the same elements, values of the asker."""
        taken = {need.name for need in needs}
        more = [replace(need, name=name) for need in needs for name in aliases(need.element) if name not in taken]
        found = (*needs, *more)
        free = []
        for variable in free_names(logic, [need.name for need in found]):
            given = dmn.InputData(f"?{variable.name}", variable)
            part = self.parts.setdefault(given.id, self._input(given))
            free.append(Need(None, variable.name, self, part.element))
        return (*found, *free)

    def _input(self, element: dmn.InputData) -> Part:
        variable = element.variable
        shape = self.shapes.get(variable.type, variable.span)
        return Part(element, (), None, None if variable.type is None else converter(shape, variable.span), False)

    def _need(self, target: Target, units: Mapping[str, Unit]) -> Need:
        unit = units[target.model.namespace]
        return Need(target.prefix, target.element.variable.name, unit, target.element)

    def shape_of(self, element: dmn.Element) -> Shape:
        """Return the declared type of the value of *element*."""
        return self.shapes.get(element.variable.type)

    def typed(self, element: dmn.Element) -> Typed:
        """Return what the checker may know of *element* seen from a rule."""
        shape = self.shape_of(element)
        if isinstance(element, dmn.InputData | dmn.Decision):
            return Typed(shape.type)
        result = shape.result or (ANYTHING if shape.function else shape)
        if isinstance(element, dmn.Service) or element.function is None:
            return Typed(ANYTHING.type)
        if any("." in p.name for p in element.function.parameters):
            return Typed(ANYTHING.type)  # or `Person.Name` in the caller would be read as that parameter
        parameters = tuple((p.name, Typed(self.shapes.get(p.type).type)) for p in element.function.parameters)
        return Typed(FunctionType(parameters, Typed(result.type)))

    def value(self, state: State, path: tuple[str, ...], element: dmn.Element) -> object:
        """Return the value of *element* in *state*; what it requires is computed first, without recursion."""
        left: list[tuple[Unit, tuple[str, ...], dmn.Element, bool]] = [(self, path, element, False)]
        while left:
            unit, way, part, ready = left.pop()
            key = (way, part.id)
            if key in state.known:
                continue
            needed = [n for n in unit.parts[part.id].needs if isinstance(n.element, dmn.InputData | dmn.Decision)]
            if not ready and isinstance(part, dmn.Decision) and needed:
                left.append((unit, way, part, True))
                left += [(need.unit, need.path(way), need.element, False) for need in needed]
            else:
                state.known[key] = unit._compute(state, way, part)
        return state.known[path, element.id]

    def _compute(self, state: State, path: tuple[str, ...], element: dmn.Element) -> object:
        part = self.parts[element.id]
        if isinstance(element, dmn.InputData):
            value = state.given(path, element.variable.name)
        elif isinstance(element, dmn.Decision):
            value = self._decided(state, path, part)
        else:
            return self.function(element)
        return value if part.convert is None else part.convert(value)

    def _decided(self, state: State, path: tuple[str, ...], part: Part) -> object:
        if part.step is None:
            name = part.element.variable.name
            note({"en": f"`{name}` has no logic", "de": f"`{name}` hat keine Logik"}, part.element.variable.span)
            return None
        return part.step(_frame(part.needs, lambda need: need.unit.seen(state, need.path(path), need.element)))

    def seen(self, state: State, path: tuple[str, ...], element: dmn.Element) -> object:
        """Return what a rule sees of *element*: its value, or knowledge and services as functions."""
        key = (path, element.id)
        if key in state.known:
            return state.known[key]
        if isinstance(element, dmn.Knowledge | dmn.Service):
            return self.function(element)
        return self.value(state, path, element)

    def function(self, element: dmn.Element) -> Function:
        """Return a knowledge model or decision service as a function; the same one every time."""
        if element.id not in self._functions:
            make = self._service if isinstance(element, dmn.Service) else self._knowledge
            self._functions[element.id] = make(self.parts[element.id])
        return self._functions[element.id]

    def _knowledge(self, part: Part) -> Function:
        element = part.element
        made: list[Function] = []

        def call(*values: object) -> object:
            if not made:  # only now, as knowledge may require itself
                frame = _frame(part.needs, lambda need: need.unit.function(need.element))
                found = part.step(frame) if part.step else None
                made.append(found if isinstance(found, Function) else Function(lambda *_: None, ()))
            result = made[0].call(*values)
            return result if part.convert is None else part.convert(result)

        function = element.function if isinstance(element, dmn.Knowledge) else None
        parameters = function.parameters if function else ()
        types = tuple(self.shapes.get(p.type).type for p in parameters)
        return Function(call, tuple(p.name for p in parameters), types, name=element.variable.name)

    def _service(self, part: Part) -> Function:
        assert isinstance(part.element, dmn.Service)
        count = len(part.needs) - len(part.element.parameters)
        parameters = part.needs[max(count, 0) :]
        shapes = [need.unit.shape_of(need.element) for need in parameters]
        names = tuple(need.name for need in parameters)

        def call(*values: object) -> object:
            frame = arguments(names, shapes, values)
            result = self.serve(part, frame)
            value = next(iter(result.values())) if len(result) == 1 else result
            return value if part.convert is None else part.convert(value)

        return Function(call, names, tuple(shape.type for shape in shapes), name=part.element.variable.name)

    def serve(self, part: Part, values: Frame) -> dict[str, object]:
        """Return the output decisions of a service by name, its parameters being *values*."""
        assert isinstance(part.element, dmn.Service)
        count = len(part.needs) - len(part.element.parameters)
        state = State({})
        for need in part.needs[max(count, 0) :]:
            state.known[need.path(()), need.element.id] = values.get(need.name)
        return {n.name: n.unit.value(state, n.path(()), n.element) for n in part.needs[: max(count, 0)]}


def _names(needs: Sequence[Need]) -> Names:
    """Return the names that a rule sees, imported ones below the name of the import."""
    names: dict[str, Typed] = {}
    nested: dict[str, list[tuple[str, Typed]]] = {}
    for need in needs:
        if need.prefix:
            nested.setdefault(need.prefix, []).append((need.name, need.unit.typed(need.element)))
        else:
            names[need.name] = need.unit.typed(need.element)
    return names | {prefix: Typed(ContextType(tuple(entries))) for prefix, entries in nested.items()}


def _frame(needs: Sequence[Need], value: Callable[[Need], object]) -> Frame:
    frame: Frame = {}
    for need in needs:
        if need.prefix:
            inner = frame.setdefault(need.prefix, {})
            assert isinstance(inner, dict)
            inner[need.name] = value(need)
        else:
            frame[need.name] = value(need)
    return frame
