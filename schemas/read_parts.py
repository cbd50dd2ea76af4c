"""Reads who has a say in a part of a state: records with one opinion each, how many, and sub-cases waited for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from fachwerk.problems import Fragment, Problem, Problems
from fachwerk.rules.check import check
from fachwerk.rules.check_types import named
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.types import ANY, ListType, RecordType, Typed
from fachwerk.schemas import codes_parts as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, Node, Scalar, rule_text
from fachwerk.schemas.model import Rule, Waiting
from fachwerk.schemas.read_world import Draft, World
from fachwerk.schemas.wording import both

Needs = int | Literal["all", "majority"]


def read_each(world: World, draft: Draft, node: Node | None) -> tuple[Rule | None, tuple[str, ...], Scope]:
    """Return the rule of ``each``, the entities it leads to, and the scope in which ``by`` knows ``each``."""
    scope = world.scope_of(draft)
    if node is None:
        return None, (), scope
    unsaid = world.scope({**draft.members, "each": Typed(ANY)})  # what is wrong is said once, not at `by`, too
    if isinstance(node, Scalar) and node.text in world.entities and node.text not in scope.names:
        world.problems.add(_entity_named(draft, node))
        return None, (), unsaid
    rule = world.rule(node, scope, bare=False)
    if rule is None:
        return None, (), unsaid
    record = record_of(rule)
    of = tuple(record.name.split("|")) if record is not None else ()
    if not all(one == "user" or one in world.entities for one in of) or record is None:
        if rule.checked.ok and rule.checked.typed.type != ANY:
            type_ = named(rule.checked.typed.type)
            world.problems.add(codes.EACH_NO_RECORDS.at(rule.text.span(), path=rule.text.text.strip(), type=type_))
        return None, (), unsaid
    return rule, of, world.scope({**draft.members, "each": Typed(record, nullable=False)})


def _entity_named(draft: Draft, node: Scalar) -> Problem:
    """Say that ``each`` names an entity where what leads from this record to its records is to be named."""
    to = {name: record.name.split("|") for name, typed in draft.members.items() if (record := _record(typed))}
    lead = next((name for name, entities in to.items() if node.text in entities), "")
    remedy, whole = _LEADS if lead else _LEADS_NOT, both("the whole entity", "die ganze Entität")
    return codes.EACH_NO_RECORDS.at(node.span, remedy=remedy, path=node.text, type=whole, of=draft.name, lead=lead)


_LEADS = both("name what leads from `{of}` to it: each: {lead}", "nennen, was von `{of}` dorthin führt: each: {lead}")
_LEADS_NOT = both(
    "give `{of}` a field that leads there, such as the_{path}s: {{type: links, to: {path}}}, and name that field",
    "`{of}` ein Feld geben, das dorthin führt, etwa the_{path}s: {{type: links, to: {path}}}, und dieses Feld nennen",
)


def record_of(rule: Rule) -> RecordType | None:
    """Return the records that a rule leads to: one, or a list of them."""
    return _record(rule.checked.typed)


def _record(typed: Typed) -> RecordType | None:
    type_ = typed.type.element.type if isinstance(typed.type, ListType) else typed.type
    return type_ if isinstance(type_, RecordType) else None


def read_needs(node: Node | None, each: Rule | None) -> Needs:
    """Return how many outcomes a part needs; where nothing is said, all of ``each``, or one."""
    number = nodes.whole(node)
    if number is not None:
        return number
    word = nodes.text(node)
    if word == "all":
        return "all"
    if word == "majority":
        return "majority"
    return 1 if each is None else "all"


def each_types(world: World, draft: Draft, documents: Iterable[Document]) -> Typed | None:
    """Return the type of ``each`` in opinions, if a part of *documents* has one; said before rules are read."""
    found: dict[str, RecordType] = {}
    scope = world.scope(draft.members)
    for text in _each_texts(documents):
        quiet = Problems()
        record = _record(check(parse(text, scope, quiet), text, scope, quiet).typed)
        if record is not None:
            found[record.name] = record
    if not found:
        return None
    if len(found) == 1:
        return Typed(next(iter(found.values())))
    names = dict.fromkeys(one for name in found for one in name.split("|"))
    shared = set.intersection(*(set(record.fields) for record in found.values()))
    first = next(iter(found.values()))
    return Typed(RecordType("|".join(names), {name: first.fields[name] for name in first.fields if name in shared}))


def _each_texts(documents: Iterable[Document]) -> Iterator[Fragment]:
    for document in documents:
        for _, state in nodes.pairs(document.root.get("states")):
            for _, part in nodes.pairs(nodes.get(state, "parallel")):
                node = nodes.get(part, "each")
                text = rule_text(node) if node is not None else None
                if text is not None:
                    yield text


def read_waiting(world: World, draft: Draft, node: Node | None) -> Waiting | None:
    """Return what a state waits for: records of one entity that has a workflow."""
    scope = world.scope_of(draft)
    rule = world.rule(node, scope)
    if rule is None:
        return None
    record, at = record_of(rule), rule.text.span()
    other = world.entities.get(record.name) if record is not None else None
    if other is None or not other.workflows:
        if rule.checked.ok and rule.checked.typed.type != ANY:
            world.problems.add(codes.WAITS_FOR_NO_CASES.at(at, path=rule.text.text.strip()))
        return None
    ends = list(_ends(world, other))
    if any(not finals for _, finals in ends):
        field = next(name for name, finals in ends if not finals)
        world.problems.add(codes.WAITS_FOR_ENDLESS.at(at, entity=other.name, field=field))
        return None
    path, many = rule.text.text.strip(), isinstance(rule.checked.typed.type, ListType)
    tests = " and ".join(f"one.{name} in ({', '.join(map(_quoted, finals))})" for name, finals in ends)
    whole = f"every one in ({path}) satisfies {tests}"
    if not many:
        whole = f"({path}) = null or (every one in [{path}] satisfies {tests})"
    return Waiting(rule, other.name, world.fragment_rule(_instead(rule.text, whole), scope))


def _ends(world: World, draft: Draft) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the state fields of an entity and the final states of each."""
    for name in draft.workflows:
        root = world.declared["workflow"][name].root
        states = nodes.pairs(root.get("states"))
        finals = tuple(key.text for key, state in states if nodes.truth(nodes.get(state, "final")))
        yield nodes.text(root.get("field")) or "state", finals


def _quoted(name: str) -> str:
    return f'"{name}"'


def _instead(path: Fragment, text: str) -> Fragment:
    """Return *text* as if it stood where *path* does."""
    start = path.span().start
    return Fragment(text, path.source, path.base, (start,) * (len(text) + 1))
