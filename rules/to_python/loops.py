"""Generating loops: ``for``, ``some``, ``every``."""

from __future__ import annotations

import ast
from collections.abc import Callable

from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.to_python import runtime
from fachwerk.rules.to_python.base import MOST_STACKED, Local
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.to_python.unary import Unary
from fachwerk.rules.tree import Call, Each, Filter, For, Name, Node, Quantified
from fachwerk.rules.types import ANY, BOOLEAN, DATE, NUMBER, ListType, Typed
from fachwerk.rules.walk import children, walk


class Loops(Unary):
    """Generates loops."""

    # what is gone through

    def source(self, each: Each) -> Code:
        """Return the list that an iterator goes through; null where there is none."""
        with self.at(each):
            source = self.value(each.source)
            if each.until is not None:
                until = self.value(each.until)
                self.counting()
                made = self.call(runtime.counted, source.expr, until.expr, self.site(each))
                element = source.type if source.type in (NUMBER, DATE) and source.type is until.type else ANY
                return Code(made, ListType(Typed(element, False)))
            if self.quick and isinstance(source.type, ListType):
                return Code(self.counted_source(source.expr), source.type, source.nullable)
            self.counting()
            return Code(self.call(runtime.iterated, source.expr, self.site(each)), ListType())

    def variable(self, each: Each, source: Code) -> Local:
        """Return the variable of an iterator."""
        element = source.type.element if isinstance(source.type, ListType) else Typed(ANY)
        return Local(self.fresh("v"), element.type if self.quick else ANY, element.nullable)

    # for

    def repetition(self, node: For) -> Code:
        """Return ``for each, ... return body``."""
        return self.apart(lambda: self._repetition(node))

    def _repetition(self, node: For) -> Code:
        if len(node.each) == 1 and not _names(node.body, "partial"):
            return self._simple(node)
        results = self.fresh()
        gone = self.fresh()
        self.assign(results, self.list_of([]))
        self.assign(gone, self.constant(True))
        partial = Local(results, ListType(Typed(ANY)))
        needs_copy = _escapes(node.body, "partial")

        def body() -> None:
            names = {"partial": partial}
            if needs_copy:
                copy = Local(self.fresh(), ListType(Typed(ANY)))
                self.needs.run = True
                self.assign(copy.variable, self.call(_copied, self.name(results)))
                names = {"partial": copy}
            with self.frame(names):
                value = self.value(node.body).expr
            self.statement(self.method(self.name(results), "append", value))

        self.nested(node.each, gone, body, None, (gone,))
        made = self.choice(self.name(gone), self.name(results), self.constant(None))
        return Code(made, self.type_of(node))

    def _simple(self, node: For) -> Code:
        """One iterator: a comprehension, unless the body needs statements."""
        each = node.each[0]
        source = self.source(each)
        local = self.variable(each, source)
        expr = self.settled(source.expr) if source.nullable else self.iterable(source.expr)
        with self.frame({each.name: local}), self.looping(), self.inside() as block:
            body = self.value(node.body)
        type_ = ListType(Typed(body.type, body.nullable))
        if not block:
            made = self.comprehension(body.expr, local.variable, expr, [])
            if source.nullable:
                made = self.choice(self.is_none(expr), self.constant(None), made)
            return Code(made, type_, source.nullable)
        results = self.fresh()
        with self.inside() as turn:
            self.block.extend(block)
            self.statement(self.method(self.name(results), "append", body.expr))
        with self.inside() as loop:
            self.assign(results, self.list_of([]))
            self.loop(local.variable, expr, turn)
        if not source.nullable:
            self.block.extend(loop)
        else:
            self.assign(results, self.constant(None))
            self.when(self.is_not_none(expr), loop)
        return Code(self.name(results), type_, source.nullable)

    def nested(
        self,
        each: tuple[Each, ...],
        gone: str,
        body: Callable[[], None],
        done: ast.expr | None,
        shared: tuple[str, ...],
    ) -> None:
        """Put loops within loops into the open block; *gone* turns false where there is nothing to go through.

        *done* is tested behind every inner loop to leave the outer ones. *shared* are the variables the loops set.
        """
        if self.stacked >= MOST_STACKED:
            self._nested_apart(each, gone, body, done, shared)
            return
        source = self.source(each[0])
        local = self.variable(each[0], source)
        expr = self.settled(source.expr) if source.nullable else source.expr
        with self.frame({each[0].name: local}), self.looping(), self.inside() as turn:
            if len(each) == 1:
                body()
            else:
                self.nested(each[1:], gone, body, done, shared)
                if done is not None:
                    with self.inside() as leaving:
                        self.leave()
                    self.when(done, leaving)
        with self.inside() as loop:
            self.loop(local.variable, expr, turn)
        if not source.nullable:
            self.block.extend(loop)
            return
        with self.inside() as nothing:
            self.assign(gone, self.constant(False))
        self.when(self.is_none(expr), nothing, loop)

    def _nested_apart(
        self,
        each: tuple[Each, ...],
        gone: str,
        body: Callable[[], None],
        done: ast.expr | None,
        shared: tuple[str, ...],
    ) -> None:
        """The same as a function of its own, which sets the shared variables of the one around it."""
        name = self.fresh("f")
        before, self.stacked = self.stacked, 0
        with self.inside() as loops:
            self.block.append(ast.Nonlocal(list(shared), **self.here))
            self.nested(each, gone, body, done, shared)
        self.stacked = before
        self.block.append(self.function(name, [], loops))
        self.statement(self.call_of(self.name(name), []))

    # some, every

    def quantified(self, node: Quantified, wanted: str) -> Code:
        """Return ``some`` or ``every``; *wanted* is ``value``, or only whether it is ``true`` or ``false``."""
        return self.apart(lambda: self._quantified(node, wanted))

    def _quantified(self, node: Quantified, wanted: str) -> Code:
        stop = node.kind == "some"
        if wanted == "value":
            return self._whole(node, stop=stop)
        # "true" asks for a hit of `some` or for no miss of `every`; "false" the other way round
        positive = wanted == "true"
        searching = stop is positive
        check = self.is_true if positive else self.is_false
        found, gone = self.fresh(), self.fresh()
        self.assign(found, self.constant(not searching))
        self.assign(gone, self.constant(True))

        def body() -> None:
            test = check(node.condition)
            with self.inside() as hit:
                self.assign(found, self.constant(searching))
                self.leave()
            self.when(test if searching else self.inverse(test), hit)

        with self.inside() as block:
            done = self.name(found) if searching else self.inverse(self.name(found))
            self.nested(node.each, gone, body, done, (found, gone))
        if not _assigns(block, gone):
            self.block.pop()
            self.block.extend(block)
            return Code(self.name(found), BOOLEAN, nullable=False)
        self.block.extend(block)
        return Code(self.all_of(self.name(gone), self.name(found)), BOOLEAN, nullable=False)

    def _whole(self, node: Quantified, *, stop: bool) -> Code:
        """The value, which is null where the condition is null for an element and decides nothing for the
        others.
        """
        found, gone = self.fresh(), self.fresh()
        self.assign(found, self.constant(not stop))
        self.assign(gone, self.constant(True))
        unknown = []

        def body() -> None:
            condition = self.condition(node.condition)
            test = self.settled(condition.expr) if condition.nullable else condition.expr
            with self.inside() as hit:
                self.assign(found, self.constant(stop))
                self.leave()
            with self.inside() as open_:
                self.assign(found, self.constant(None))
            if not condition.nullable:
                self.when(test if stop else self.inverse(test), hit)
                return
            unknown.append(True)
            with self.inside() as otherwise:
                self.when(self.is_none(test), open_)
            self.when(self.compare(test, ast.Is(), self.constant(stop)), hit, otherwise)

        with self.inside() as block:
            done = self.compare(self.name(found), ast.Is(), self.constant(stop))
            self.nested(node.each, gone, body, done, (found, gone))
        if not _assigns(block, gone):
            self.block.pop()
            self.block.extend(block)
            return Code(self.name(found), BOOLEAN, nullable=bool(unknown))
        self.block.extend(block)
        return Code(self.choice(self.name(gone), self.name(found), self.constant(None)), BOOLEAN)


def _assigns(block: list[ast.stmt], name: str) -> bool:
    nodes = [part for statement in block for part in ast.walk(statement)]
    if any(isinstance(part, ast.Nonlocal) and name in part.names for part in nodes):
        return True
    return any(isinstance(part, ast.Name) and part.id == name for part in nodes)


def _names(node: Node, name: str) -> bool:
    return any(isinstance(part, Name) and part.name == name for part in walk(node))


def _escapes(node: Node, name: str) -> bool:
    """Whether the list *name* may live on: it is named other than to be filtered or given to a built-in
    function.
    """
    if isinstance(node, Name):
        return node.name == name
    if isinstance(node, Filter) and isinstance(node.of, Name):
        return _escapes(node.condition, name)
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in BUILTINS:
        return any(_escapes(part, name) for part in node.arguments if not isinstance(part, Name))
    return any(_escapes(part, name) for part in children(node))


def _copied(values: list[object]) -> list[object]:
    return list(runtime.spent(values))
