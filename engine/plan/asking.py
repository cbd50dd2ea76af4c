"""Asking: ``convert`` and ``fill`` rules over records as they were, checked against the configuration they were of.

Reading the files shows only whether such a rule can be read. What it names and gives is judged as soon as the old
configuration is at hand: when planning, when deploying, and by ``fachwerk validate --against``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from fachwerk.engine.compile import App, Asked
from fachwerk.engine.decisions import callables
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.shapes import needs_of
from fachwerk.problems import Fragment, Problems, Refused, Text
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.rules.types import FunctionType, OptionType, RecordType, Typed
from fachwerk.schemas import codes_past as codes
from fachwerk.schemas.model import Entity, Field, Project, Rule


class WrongRules(Refused):
    """Rules over old records cannot be asked; *problems* says what is wrong, where, and what to do about it."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("wrong_rules", _WRONG, status=409)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Pending:
    """A rule that a deploy asks: of which field of which new entity, over records of *before*."""

    field: Field
    before: Entity
    text: Fragment
    was: Field | None = None
    """The field whose values a ``convert`` rule makes others of."""


def pending(pairing: Pairing) -> Iterator[Pending]:
    """Give the rules that were not applied yet."""
    for before, after in pairing.entities():
        for field in after.fields.values():
            convert, fill = pairing.convert(after.name, field.name), pairing.fill(after.name, field.name)
            if convert is not None:
                yield Pending(field, before, convert, pairing.fields(after.name)[field.name])
            if fill is not None:
                yield Pending(field, before, fill)


def check_pending(pairing: Pairing) -> Problems:
    """Return what is wrong with the rules that a deploy would ask."""
    problems = Problems()
    for one in pending(pairing):
        if one.was is not None and len(one.was.to) > 1:
            at = one.text.span()
            problems.add(codes.NOT_BY_RULE.at(at, field=one.field.name, kind=one.was.kind, key="convert"))
        _checked(one.text, one.before, pairing.new, problems, one.field.typed)
    return problems


def refuse_wrong(pairing: Pairing) -> None:
    """Raise :class:`WrongRules` where a rule cannot be asked."""
    problems = check_pending(pairing)
    if problems.errors:
        raise WrongRules(problems)


def asked_over(text: Fragment | None, entity: Entity, old: App, new: Project) -> Asked | None:
    """Return a ``convert`` or ``fill`` rule ready to be asked about records of the old *entity*.

    Raises :class:`WrongRules` where it cannot be asked.
    """
    if text is None:
        return None
    problems = Problems()
    checked = _checked(text, entity, new, problems, None)
    if problems.errors:
        raise WrongRules(problems)
    function = compile_record_rule(checked, Environment(callables(new)))
    return Asked(Rule(text, checked), cast(Any, function), needs_of(checked.reads))


def _checked(text: Fragment, entity: Entity, new: Project, problems: Problems, wanted: Typed | None) -> Checked:
    decisions = {n: FunctionType(d.parameters, d.output) for n, d in new.decisions.items() if d.parameters}
    scope = Scope(entity.record.fields, decisions=decisions)
    tree = parse(text, scope, problems)
    first = check(tree, text, scope, Problems())
    expect = wanted if wanted is not None and not _by_name(first.typed, wanted) else None
    return check(tree, text, scope, problems, expect=expect)


def _by_name(found: Typed, wanted: Typed) -> bool:
    """Whether old and new are options or records: those of two configurations are told apart by their values only."""
    named = (OptionType, RecordType)
    return isinstance(found.type, named) and isinstance(wanted.type, named)


_WRONG: Text = {
    "en": "Rules for values that are there do not fit the configuration in force. Nothing was changed.",
    "de": "Regeln für vorhandene Werte passen nicht zur Konfiguration, die gilt. Nichts wurde geändert.",
}
