"""Reads what the files say about the configuration before: ``was``, ``drop``, ``convert``, ``fill``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fachwerk.problems import Fragment, Span, Text
from fachwerk.rules.parser import parse
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_past as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, Node, Scalar, rule_text
from fachwerk.schemas.past import Past, StepKind
from fachwerk.schemas.read_declared import Declared
from fachwerk.schemas.read_types import all_drafts
from fachwerk.schemas.read_world import Draft, FieldDraft, World
from fachwerk.schemas.wording import both

NOT_BY_RULE = frozenset(("rows", "back_links", "sequence", "secret", "file", "files", "image", "images", "json",
                         "links", "tree"))  # fmt: skip
"""Kinds whose values no rule makes."""


def read_past(world: World, declared: Declared) -> Past:
    """Return what becomes of the names and values of the configuration before."""
    drafts = all_drafts(world)
    drops = {}
    for document in declared.dropped:
        at = nodes.scalar(document.root.get(document.word.text))
        if at:
            drops[at.text] = at.span
    for draft in drafts:
        drops |= {f"{draft.name}.{key.text}": key.span for key in _dropped(draft)}
    return Past(
        entities=_entities(world),
        fields=_fields(world, drafts),
        options=_options(world, drafts),
        roles=_roles(world, declared),
        states=_states(world),
        steps=_steps(world),
        drops=drops,
        convert=_by_rule(world, drafts, "convert"),
        fill=_by_rule(world, drafts, "fill"),
    )


def _dropped(draft: Draft) -> Iterable[Scalar]:
    return [key for key, value in nodes.pairs(draft.node.get("fields")) if nodes.truth(nodes.get(value, "drop"))]


class _Names:
    """The former names of one kind of thing: none that is still there, none twice."""

    def __init__(self, world: World, twice: Text | None = None) -> None:
        self.world, self.twice = world, twice
        self.first: dict[str, str] = {}

    def take(self, name: str, at: Scalar, there: Iterable[str]) -> bool:
        """Return whether *name* may have been what stands at *at*; what is wrong is said."""
        if at.text in there:
            self.world.problems.add(codes.WAS_STILL_THERE.at(at.span, name=name, was=at.text))
            return False
        if self.first.setdefault(at.text, name) != name:
            first = self.first[at.text]
            self.world.problems.add(codes.WAS_TWICE.at(at.span, remedy=self.twice, name=name, was=at.text, first=first))
            return False
        return True


def _entities(world: World) -> dict[str, str]:
    known = _Names(world)
    found = {}
    for name, draft in world.entities.items():
        at = nodes.scalar(draft.node.get("was"))
        if at and known.take(name, at, world.entities):
            found[name] = at.text
    return found


def _fields(world: World, drafts: Iterable[Draft]) -> dict[tuple[str, str], str]:
    found = {}
    for draft in drafts:
        known = _Names(world)
        for made in draft.fields.values():
            at = nodes.scalar(made.key("was"))
            if at and known.take(made.name, at, draft.fields):
                found[draft.name, made.name] = at.text
    return found


def _options(world: World, drafts: Iterable[Draft]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    found = {}
    for draft in drafts:
        for made in draft.fields.values():
            known = _Names(world)
            there = [key.text for key, _ in nodes.pairs(made.key("options"))]
            for key, value in nodes.pairs(made.key("options")):
                was = [at.text for at in nodes.words(nodes.get(value, "was")) if known.take(key.text, at, there)]
                if was:
                    found[draft.name, made.name, key.text] = tuple(was)
    return found


def _roles(world: World, declared: Declared) -> dict[str, str]:
    known = _Names(world)
    found = {}
    for document in declared.roles:
        for key, value in nodes.pairs(document.root.get("roles")):
            at = nodes.scalar(nodes.get(value, "was"))
            if at and known.take(key.text, at, world.roles):
                found[key.text] = at.text
    return found


def _states(world: World) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for name, document in world.declared["workflow"].items():
        states = [key.text for key, _ in nodes.pairs(document.root.get("states"))]
        mapped = {}
        for key, value in nodes.pairs(document.root.get("was")):
            to = nodes.scalar(value)
            if to is None:
                continue
            if to.text not in states:
                names.say_unknown(world.problems, to.span, "state", to.text, states, of=name)
            elif key.text in states:
                world.problems.add(codes.WAS_STILL_THERE.at(key.span, name=to.text, was=key.text))
            else:
                mapped[key.text] = to.text
        if mapped:
            found[name] = mapped
    return found


_ONE = both("keep one `was: {was}`", "nur ein `was: {was}` behalten")


def _steps(world: World) -> dict[tuple[str, StepKind, str], str]:
    found = {}
    for name, document in world.declared["workflow"].items():
        for kind, declared in steps_of(document).items():
            known, there = _Names(world, _ONE), [key.text for key, _ in declared]
            for key, value in declared:
                at = nodes.scalar(nodes.get(value, "was"))
                if at and known.take(key.text, at, there):
                    found[name, kind, key.text] = at.text
    return found


def steps_of(document: Document) -> dict[StepKind, list[tuple[Scalar, Node]]]:
    """Return what a workflow declares of each kind of step; parts are those of all its states."""
    states = (state for _, state in nodes.pairs(document.root.get("states")))
    return {
        "transition": list(nodes.pairs(document.root.get("transitions"))),
        "part": [pair for state in states for pair in nodes.pairs(nodes.get(state, "parallel"))],
        "deadline": list(nodes.pairs(document.root.get("deadlines"))),
    }


def _by_rule(world: World, drafts: Iterable[Draft], key: str) -> dict[tuple[str, str], Fragment]:
    found = {}
    for draft in drafts:
        for made in draft.fields.values():
            text = _rule_of(world, made, key)
            if text is not None:
                found[draft.name, made.name] = text
    return found


def _rule_of(world: World, made: FieldDraft, key: str) -> Fragment | None:
    """Return a rule over the old record; what it names is judged when there is an old configuration."""
    node: Node | None = made.key(key)
    if node is None or (isinstance(node, Scalar) and node.empty):
        return None
    if made.kind in NOT_BY_RULE or len(nodes.words(made.key("to"))) > 1:
        at: Span = node.span
        world.problems.add(codes.NOT_BY_RULE.at(at, field=made.name, kind=made.kind, key=key))
        return None
    text = rule_text(node)
    if text is not None:
        parse(text, world.scope({}), world.problems)
    return text
