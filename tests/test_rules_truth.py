"""What the checker says of a rule is true: no value is of another type, and nothing is read that ``reads`` leaves out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fachwerk.problems import Fragment, Problems
from fachwerk.rules import tree
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.types import (
    ANY,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Type,
    Typed,
)
from fachwerk.rules.values import identical, kind_of
from feel_oracle import Oracle, kleene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_texts import LOOSE, PERSONS, RECORDS, SCOPE, SEEN, USERS, rules

Record = dict[str, object]
EXAMPLES = int(os.environ.get("FACHWERK_EXAMPLES", "60"))


def is_of(value: object, typed: Typed) -> bool:
    """Return whether a value is one of the type."""
    if value is None:
        return typed.nullable
    return is_of_type(value, typed.type)


def is_of_type(value: object, type_: AnyType) -> bool:
    if type_ is ANY:
        return True
    if isinstance(type_, Type):
        return kind_of(value) == type_.name
    if isinstance(type_, OptionType):
        return isinstance(value, str)
    if isinstance(type_, ListType):
        return isinstance(value, list) and all(item is None or is_of(item, type_.element) for item in value)
    if isinstance(type_, ContextType):
        entries = value if isinstance(value, dict) else {}
        return isinstance(value, dict) and all(is_of(entries.get(name), typed) for name, typed in type_.entries)
    wanted = {RecordType: "context", RangeType: "range", FunctionType: "function"}
    return kind_of(value) == wanted[type(type_)]


@dataclass
class Witness(Oracle):
    """Evaluates a rule and compares every value on the way with the type of its node.

    Terms of ``and`` and ``or`` are taken in their order, as the types of later ones rely on it.
    """

    checked: Checked | None = None
    lies: list[str] = field(default_factory=list)

    def value(self, node: tree.Node, env: object) -> object:
        value = super().value(node, env)
        typed = self.checked.types.get(node) if self.checked else None
        if typed is None or not is_of(value, typed):
            text = self.checked.fragment.text if self.checked else ""
            nullable = typed and typed.nullable
            self.lies.append(f"{text!r}: {text[node.start : node.end]!r} is {value!r}, said to be {typed} ({nullable})")
        return value

    def on_filter(self, node: tree.Filter, env: object) -> object:
        lies = list(self.lies)
        value = super().on_filter(node, env)
        if super().value(node.of, env) == []:
            self.lies = lies  # the condition was tried with no element at hand
        return value

    def on_and(self, node: tree.And, env: object) -> object:
        return kleene(list(self.in_order(node.terms, env, stop=False)), stop=False)

    def on_or(self, node: tree.Or, env: object) -> object:
        return kleene(list(self.in_order(node.terms, env, stop=True)), stop=True)

    def in_order(self, terms: Iterable[tree.Node], env: object, *, stop: bool) -> Iterable[object]:
        for term in terms:
            value = self.value(term, env)
            yield value
            if value is stop:
                return


def read(text: str, scope: Scope) -> Checked:
    fragment, problems = Fragment.of(text), Problems()
    return check(parse(fragment, scope, problems), fragment, scope, problems)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(text=rules(), record=RECORDS, person=st.one_of(st.none(), PERSONS), me=USERS)
def test_values_are_of_the_types_that_were_found(text: str, record: Record, person: Record | None, me: Record) -> None:
    checked = read(text, SCOPE)
    witness = Witness(exact=True, mine={"person": person}, checked=checked)
    witness.evaluate(checked.node, {**record, "me": me}, now=SEEN)
    assert witness.lies == []


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(text=rules(wild=True), record=RECORDS)
def test_values_are_of_the_types_that_were_found_in_doubtful_rules(text: str, record: Record) -> None:
    for scope in (SCOPE, LOOSE):
        checked = read(text, scope)
        witness = Witness(exact=scope is SCOPE, checked=checked)
        witness.evaluate(checked.node, {**record, "me": {"id": "u1", "name": "Ada"}}, now=SEEN)
        assert witness.lies == []


def only(value: object, paths: set[tuple[str, ...]]) -> object:
    """Return what is left of a value if only *paths* are read from it."""
    if isinstance(value, list):
        return [only(item, paths) for item in value]
    if not isinstance(value, Mapping) or () in paths:
        return value
    names = {path[0] for path in paths}
    kept = {name: only(value[name], {path[1:] for path in paths if path[0] == name}) for name in names if name in value}
    return kept | ({"_path": value["_path"]} if "_path" in value else {})


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(text=rules(), record=RECORDS, person=st.one_of(st.none(), PERSONS), me=USERS)
def test_a_rule_needs_nothing_but_what_it_reads(text: str, record: Record, person: Record | None, me: Record) -> None:
    checked = read(text, SCOPE)
    everything = {**record, "me": me, "my person": person}
    needed = only(everything, set(checked.reads))
    assert isinstance(needed, dict)
    values = []
    for known in (everything, needed):
        oracle = Oracle(exact=True, mine={"person": known.get("my person")})
        values.append(oracle.evaluate(checked.node, known, now=SEEN))
    whole, part = values
    assert without_fields(part) == without_fields(whole) or identical(whole, part) or kind_of(whole) == "function"


def without_fields(value: object) -> object:
    """Return a value with records as their ids: a record handed out as a whole brings its id only."""
    if isinstance(value, list):
        return [without_fields(item) for item in value]
    if isinstance(value, Mapping):
        return value["id"] if "id" in value else {name: without_fields(entry) for name, entry in value.items()}
    return value
