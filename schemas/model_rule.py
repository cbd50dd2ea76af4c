"""The model of rules and options; see :mod:`fachwerk.schemas.model`."""

from __future__ import annotations

from dataclasses import dataclass

from fachwerk.problems import Fragment, Text
from fachwerk.rules.check import Checked


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written, read and checked against the entity it belongs to."""

    text: Fragment
    checked: Checked

    @property
    def constant(self) -> object:
        """The value, where the rule is a mere constant (``true``, ``5``); ``NotImplemented`` otherwise."""
        from fachwerk.rules.tree import Literal as Constant

        node = self.checked.node
        return node.value if isinstance(node, Constant) else NotImplemented


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice; offered only while *when* holds (always, if there is none)."""

    name: str
    label: Text
    color: str | None = None
    when: Rule | None = None
