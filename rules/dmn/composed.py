"""Boxes that mean a FEEL expression (invocation, filter, ``for``, ``some``, ``every``): the tree of that expression.

What a box is made of comes into the tree under names of its own: ``part 0`` is a value, or a function of the element
that the expression looks at. Literal texts stand in the tree themselves, so that they see what FEEL lets them see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from fachwerk.problems import Fragment
from fachwerk.rules import tree
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.tables.hits import note
from fachwerk.rules.types import ANY, Typed
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.ranges import Function

Frame = dict[str, object]
Step = Callable[[Frame], object]
Names = Mapping[str, Typed]
Composed = dmn.Invocation | dmn.Filter | dmn.Iterate

ANYTHING = Typed(ANY)


class NotBooleanError(Exception):
    """A box that asks yes or no got something else; the whole box is null (unlike in FEEL's own filters)."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def _truth(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    raise NotBooleanError(kind_of(value))


_TRUTH = Function(_truth, ("value",))


class Composition:
    """Takes one box apart. *compiled* compiles an inner box, *read* reads a literal text; *text* is for messages."""

    def __init__(
        self,
        boxed: Composed,
        names: Names,
        compiled: Callable[[dmn.Boxed, Names], Step],
        read: Callable[[Fragment, Names], tree.Node],
    ) -> None:
        self.boxed = boxed
        self.names = names
        self.parts: dict[str, Step] = {}
        self.text = Fragment("", boxed.span.source, boxed.span.start)
        self._compiled = compiled
        self._read = read

    def expression(self) -> tree.Node:
        """Return the expression that the box means."""
        boxed = self.boxed
        if isinstance(boxed, dmn.Invocation):
            bound = [(variable.name, self._part(value)) for variable, value in boxed.bindings]
            names = tuple(name for name, _ in bound) if bound else None
            return tree.Call(self._part(boxed.function), tuple(node for _, node in bound), names)
        if isinstance(boxed, dmn.Filter):
            return tree.Filter(self._part(boxed.source), self._asked(boxed.match, "item"))
        each = (tree.Each(boxed.name, self._part(boxed.source)),)
        if boxed.kind == "for":
            return tree.For(each, self._body(boxed.body, boxed.name, "partial"))
        kind: Literal["some", "every"] = "some" if boxed.kind == "some" else "every"
        return tree.Quantified(kind, each, self._asked(boxed.body, boxed.name))

    def _part(self, inner: dmn.Boxed | None) -> tree.Node:
        """Return the name of the value of *inner*; nothing is null."""
        if inner is None:
            return tree.Literal(None)
        return self._named(self._compiled(inner, self.names))

    def _named(self, step: Step) -> tree.Name:
        name = f"part {len(self.parts)}"
        self.parts[name] = step
        return tree.Name(name)

    def _body(self, inner: dmn.Boxed, *variables: str) -> tree.Node:
        """Return what is evaluated for each element, which is known as the first of *variables*."""
        names = {**self.names, **dict.fromkeys(variables, ANYTHING)}
        if isinstance(inner, dmn.Literal) and inner.type is None:
            self.text = inner.text
            return self._read(inner.text, names)
        step = self._compiled(inner, names)

        def function(frame: Frame) -> object:
            return Function(lambda *values: step({**frame, **dict(zip(variables, values, strict=True))}), variables)

        return tree.Call(self._named(function), tuple(tree.Name(variable) for variable in variables))

    def _asked(self, inner: dmn.Boxed, variable: str) -> tree.Node:
        """Return the body as a question, whose answer has to be yes, no or null."""
        body = self._body(inner, variable)
        return tree.Call(self._named(lambda frame: _TRUTH), (body,))

    def step(self, rule: Step) -> Step:
        """Return *rule*, compiled from the tree, as a function of the frame around the box."""

        def composed(frame: Frame) -> object:
            try:
                return rule({**frame, **{name: made(frame) for name, made in self.parts.items()}})
            except NotBooleanError as error:
                kind = error.kind
                note(
                    {"en": f"{kind} is neither true nor false", "de": f"{kind} ist weder wahr noch falsch"},
                    self.boxed.span,
                )
                return None

        return composed
