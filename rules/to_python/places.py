"""Generating names, paths and filters."""

from __future__ import annotations

import ast
from dataclasses import replace

from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.to_python import runtime
from fachwerk.rules.to_python.base import Frame, Local
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.to_python.operators import Operators
from fachwerk.rules.tree import Filter, My, Name, Negate, Node, Path
from fachwerk.rules.tree import Literal as Constant
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    STRING,
    AnyType,
    ContextType,
    ListType,
    RecordType,
    Typed,
)
from fachwerk.rules.values.properties import PROPERTIES
from fachwerk.rules.values.ranges import Function

MAYBE_ANY = Typed(ANY)


class Places(Operators):
    """Generates names, paths and filters."""

    # names

    def name_of(self, node: Name) -> Code:
        """Return what a name stands for: on the nearest level that has it, in the scope, among the
        functions.
        """
        return self._searched(node, list(reversed(self.frames)))

    def _searched(self, node: Name, frames: list[Frame]) -> Code:
        for index, frame in enumerate(frames):
            local = frame.names.get(node.name)
            if frame.item is not None and self._may_have(frame.item.type, node.name):
                member = self._member(frame.item, node.name)
                if member is not None:
                    return member
                outer = self.local(local) if local else self._searched(node, frames[index + 1 :])
                return Code(
                    self.call(
                        runtime.scoped, self.name(frame.item.variable), self.constant(node.name), outer.expr
                    )
                )
            if local is not None:
                return self.local(local)
        return self._scope_name(node)

    def local(self, local: Local) -> Code:
        """Return the value of a Python variable."""
        return Code(self.name(local.variable), local.type, local.nullable)

    def _may_have(self, element: AnyType, name: str) -> bool:
        """Whether a filtered element may have an entry of that name."""
        if isinstance(element, RecordType):
            return name in element.fields or name == "id"
        if isinstance(element, ContextType):
            return element.open or any(name == entry for entry, _ in element.entries)
        return element is ANY

    def _member(self, item: Local, name: str) -> Code | None:
        """Return an entry of a filtered element whose type is known; ``None`` where that shows only later."""
        typed = field_of(item.type, name)
        if not self.quick or typed is None:
            return None
        return self.entry(Code(self.name(item.variable), item.type, item.nullable), name, typed)

    def entry(self, of: Code, name: str, typed: Typed) -> Code:
        """Return an entry of a record or context; null where there is none."""
        if not of.nullable:
            return Code(self.item(of.expr, name), typed.type, typed.nullable)
        found = self.guarded([of], lambda uses: self.item(uses[0], name), typed.type)
        # The entry may be null where the record is there: then the guard does not tell the whole story.
        return replace(found, guard=None) if typed.nullable else found

    def _scope_name(self, node: Name) -> Code:
        typed = self.scope.names.get(node.name)
        decision = self.environment.decisions.get(node.name)
        if typed is not None and decision is not None and node.name not in self.scope.decisions:
            return Code(self.call(decision), typed.type, nullable=True)
        if typed is not None and self.record:
            return self._field(node, typed)
        if node.name == "me" and self.record and self.scope.me is not None:
            return Code(self.attribute(self.name("ctx"), "me"), self.scope.me)
        if decision is not None:
            declared = self.scope.decisions.get(node.name)
            names = tuple(name for name, _ in declared.parameters) if declared else ()
            return Code(self.constant(Function(decision, names, name=node.name)), nullable=False)
        if node.name in BUILTINS:
            return Code(self.constant(runtime.builtin_value(BUILTINS[node.name])), nullable=False)
        return Code(self.call(runtime.unknown, self.constant(node.name), self.site(node)))

    def _field(self, node: Name, typed: Typed) -> Code:
        if self.quick:
            return Code(self.item(self.name("record"), node.name), typed.type, typed.nullable)
        return Code(
            self.call(runtime.missing, self.name("record"), self.constant(node.name), self.site(node))
        )

    def my(self, node: My) -> Code:
        """Return ``my entity``."""
        record = self.scope.mine.get(node.entity)
        if not self.record or record is None:
            return Code(self.call(runtime.unknown, self.constant(f"my {node.entity}"), self.site(node)))
        mine = self.attribute(self.name("ctx"), "mine")
        return Code(self.method(mine, "get", self.constant(node.entity)), record if self.quick else ANY)

    # paths

    def path(self, node: Path) -> Code:
        """Return ``of.name``."""
        return self.path_of(self.value(node.of), node.name, node)

    def path_of(self, of: Code, name: str, node: Node) -> Code:
        """Return the entry or property *name* of a value, or of all elements of a list."""
        if self.quick:
            typed = field_of(of.type, name)
            if typed is not None:
                return self.entry(of, name, typed)
            if isinstance(of.type, ListType) and (inner := field_of(of.type.element.type, name)) is not None:
                return self._all_of(of, name, of.type.element, inner)
            read = PROPERTIES.get(str(of.type), {}).get(name)
            if read is not None:
                found = self.guarded([of], lambda uses: self.call(read, uses[0]), self.type_of(node))
                return Code(
                    found.expr,
                    found.type,
                    found.nullable or name in ("time offset", "timezone", "start", "end"),
                )
        return Code(
            self.call(runtime.path, of.expr, self.constant(name), self.site(node)), self.type_of(node)
        )

    def _all_of(self, of: Code, name: str, element: Typed, inner: Typed) -> Code:
        """Return the entries of all elements; a filter that was just made takes them as it goes."""
        type_ = ListType(Typed(inner.type, inner.nullable or element.nullable))
        made = of.expr
        if isinstance(made, ast.ListComp) and isinstance(made.elt, ast.Name) and not element.nullable:
            made.elt = self.item(made.elt, name)
            return Code(made, type_, of.nullable)
        variable = self.fresh("v")
        entry = self.entry(Code(self.name(variable), element.type, element.nullable), name, inner)

        def gathered(uses: list[ast.expr]) -> ast.expr:
            return self.comprehension(entry.expr, variable, self.counted_source(uses[0]), [])

        return self.guarded([Code(self.iterable(of.expr), of.type, of.nullable)], gathered, type_)

    def comprehension(
        self, element: ast.expr, variable: str, source: ast.expr, tests: list[ast.expr]
    ) -> ast.expr:
        """Return ``[element for variable in source if tests]``."""
        target = ast.Name(variable, ast.Store(), **self.here)
        return ast.ListComp(element, [ast.comprehension(target, source, tests, 0)], **self.here)

    def counted_source(self, source: ast.expr) -> ast.expr:
        """Return what a loop goes over; a loop within a loop counts its elements as steps."""
        if not self.loops:
            return source
        self.counting()
        return self.call(runtime.spent, source)

    def iterable(self, source: ast.expr) -> ast.expr:
        """Return *source* in a form that may stand behind ``in`` of a comprehension."""
        if any(isinstance(part, ast.NamedExpr) for part in ast.walk(source)):
            return self.settled(source)
        return source

    # filters

    def filter(self, node: Filter) -> Code:
        """Return ``of[condition]``."""
        of = self.value(node.of)
        if _is_position(node.condition):
            position = self.value(node.condition)
            element = of.type.element.type if isinstance(of.type, ListType) else of.type
            return Code(self.call(runtime.element, of.expr, position.expr, self.site(node)), element)
        if self.quick and isinstance(of.type, ListType) and self.type_of(node.condition) is BOOLEAN:
            return self._selection(node, of, of.type)
        return self._dynamic(node, of)

    def _selection(self, node: Filter, of: Code, type_: ListType) -> Code:
        """Return the elements for which the condition holds."""
        variable = self.fresh("v")
        local = Local(variable, type_.element.type, type_.element.nullable)
        source = Code(self.iterable(of.expr), type_, of.nullable)
        if source.nullable:
            source = Code(self.settled(source.expr), type_)
        counted = self.counted_source(source.expr)
        with self.frame({"item": local}, local), self.looping(), self.inside() as block:
            test = self.is_true(node.condition)
        if not block:
            made = self.comprehension(self.name(variable), variable, counted, [test])
            if not source.nullable:
                return Code(made, type_, nullable=False)
            return Code(self.choice(self.is_none(source.expr), self.constant(None), made), type_)
        return self._selection_loop(variable, source, counted, (block, test))

    def _selection_loop(
        self, variable: str, source: Code, counted: ast.expr, body: tuple[list[ast.stmt], ast.expr]
    ) -> Code:
        """The same with statements, for a condition that needs them."""
        found = self.fresh()
        block, test = body
        with self.inside() as taken:
            self.statement(self.method(self.name(found), "append", self.name(variable)))
        with self.inside() as turn:
            self.block.extend(block)
            self.when(test, taken)
        with self.inside() as loop:
            self.assign(found, self.list_of([]))
            self.loop(variable, counted, turn)
        if not source.nullable:
            self.block.extend(loop)
            return Code(self.name(found), source.type, nullable=False)
        self.assign(found, self.constant(None))
        self.when(self.is_not_none(source.expr), loop)
        return Code(self.name(found), source.type)

    def _dynamic(self, node: Filter, of: Code) -> Code:
        """Leave to the helper what the condition is: it is handed over as a function of the element."""
        variable, function = self.fresh("v"), self.fresh("f")
        element = of.type.element if isinstance(of.type, ListType) else Typed(of.type, of.nullable)
        local = Local(variable, element.type if self.quick else ANY, nullable=True)
        with self.frame({"item": local}, local), self.looping(), self.inside() as body:
            self.give(self.value(node.condition).expr)
        self.counting()
        self.block.append(self.function(function, [variable], body))
        made = self.call(runtime.filtered, of.expr, self.name(function), self.site(node))
        return Code(made, self.type_of(node))


def field_of(type_: AnyType, name: str) -> Typed | None:
    """Return the type of a field of a record or of an entry of a context; ``None`` if it is not known."""
    if isinstance(type_, RecordType):
        return type_.fields.get(name) or (Typed(STRING, False) if name == "id" else None)
    if isinstance(type_, ContextType):
        return next((typed for entry, typed in type_.entries if entry == name), None)
    return None


def _is_position(node: Node) -> bool:
    """Whether a filter's condition is a number as written."""
    inner = node.of if isinstance(node, Negate) else node
    return (
        isinstance(inner, Constant)
        and not isinstance(inner.value, bool | str)
        and hasattr(inner.value, "adjusted")
    )
