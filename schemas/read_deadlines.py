"""Reads time limits: the fields they give their entity, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, MapNode, Node, Scalar
from fachwerk.schemas.measures import BY_THE_CLOCK, period_of
from fachwerk.schemas.model import Deadline, Extend, Kind, Period, Warn
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_effects import performers, read_effects
from fachwerk.schemas.read_world import Draft, FieldDraft, World
from fachwerk.schemas.wording import both

# the fields they make, before any rule is read


def outline_due(world: World, draft: Draft, document: Document) -> None:
    """Give an entity ``due``, and ``paused`` where a deadline of the workflow can rest.

    ``due`` is a date; a date and time as soon as one limit of the entity ends by the clock.
    """
    limits = [node for _, node in nodes.pairs(document.root.get("deadlines"))]
    written = [*_within(document), *_most(limits)]
    if not limits and not any(written):
        return
    key = document.root.key("deadlines") or document.word
    kind: Kind = "datetime" if any(one.unit in BY_THE_CLOCK for one in map(period_at, written) if one) else "date"
    reserve(world, draft, ("due",))
    fixed = {"label": both("Due", "Frist"), "system": True}
    due = draft.fields.setdefault("due", FieldDraft("due", kind, key.span, fixed=fixed))
    if kind == "datetime" and due.fixed.get("system"):
        due.kind = kind
    if any(nodes.get(node, name) is not None for node in limits for name in ("pause", "paused_in")):
        reserve(world, draft, ("paused",))
        label = both("Deadline paused", "Frist angehalten")
        paused = FieldDraft("paused", "boolean", key.span, fixed={"label": label, "system": True})
        draft.fields.setdefault("paused", paused)


def _within(document: Document) -> Iterator[Node | None]:
    for _, node in nodes.pairs(document.root.get("deadlines")):
        yield nodes.get(node, "within")
    for _, state in nodes.pairs(document.root.get("states")):
        for _, part in nodes.pairs(nodes.get(state, "parallel")):
            yield nodes.get(part, "within")


def _most(limits: list[Node]) -> Iterator[Node | None]:
    for node in limits:
        yield nodes.get(nodes.get(node, "extend"), "most")


def reserve(world: World, draft: Draft, taken: tuple[str, ...]) -> None:
    """Say that fields have names which a workflow gives a meaning."""
    for name in taken:
        there = draft.fields.get(name)
        if there is not None and not there.fixed.get("system"):
            world.problems.add(names.RESERVED_NAME.at(there.span, name=name, what=names.word("field")))


# the limits themselves


def read_deadline(
    world: World, draft: Draft, workflow: str, key: Scalar, node: Node, *, root: MapNode
) -> Deadline:  # fmt: skip
    """Return a time limit of *workflow*, which is declared in *root*."""
    check_name(key, "deadline", world.problems)
    known = [name.text for name, _ in nodes.pairs(root.get("transitions"))]
    states = [name.text for name, _ in nodes.pairs(root.get("states"))]
    owner, scope = f"{workflow}.{key.text}", world.scope_of(draft)
    return Deadline(
        name=key.text,
        label=world.label(nodes.get(node, "label"), key.text, owner),
        span=key.span,
        runs_in=known_words(world, node, "runs_in", "state", states, workflow),
        within=period_at(nodes.get(node, "within")) or Period(0, "days"),
        warn=tuple(_warns(world, draft, nodes.get(node, "warn"), owner)),
        missed=read_effects(world, nodes.get(node, "missed"), draft, owner),
        then=next(iter(known_words(world, node, "then", "transition", known, workflow)), None),
        paused_in=known_words(world, node, "paused_in", "state", states, workflow),
        pause=performers(world, nodes.get(nodes.get(node, "pause"), "by"), scope),
        extend=_extend(world, draft, nodes.get(node, "extend")),
    )


def _warns(world: World, draft: Draft, node: Node | None, owner: str) -> Iterator[Warn]:
    for number, item in enumerate(nodes.each(node)):
        before = period_at(nodes.get(item, "before") if isinstance(item, MapNode) else item)
        do = read_effects(world, nodes.get(item, "do"), draft, f"{owner}.warn{number or ''}")
        if before is not None:
            yield Warn(before, do)


def _extend(world: World, draft: Draft, node: Node | None) -> Extend | None:
    most = period_at(nodes.get(node, "most"))
    by = performers(world, nodes.get(node, "by"), world.scope_of(draft))
    return Extend(by, most, nodes.whole(nodes.get(node, "times"))) if most is not None else None


def known_words(
    world: World, node: Node, key: str, what: str, known: list[str], of: str
) -> tuple[str, ...]:  # fmt: skip
    """Return the names under *key* that are known; note the others."""
    found = []
    for word in nodes.words(nodes.get(node, key)):
        if word.text in known:
            found.append(word.text)
        else:
            names.say_unknown(world.problems, word.span, what, word.text, known, of=of)
    return tuple(found)


def period_at(node: Node | None) -> Period | None:
    """Return the span of time that is written at *node*."""
    at = nodes.scalar(node)
    if at is None:
        return None
    return period_of(at.text)
