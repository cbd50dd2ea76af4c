"""Reads automations: what happens by itself, on events, on a schedule or when nothing happens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fachwerk.schemas import codes_automation as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, Node
from fachwerk.schemas.measures import period_of
from fachwerk.schemas.model import Automation, Schedule
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_effects import read_effects
from fachwerk.schemas.read_workflow import entity_of
from fachwerk.schemas.read_world import Draft, World

EVENTS = ("created", "changed")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def read_automations(world: World) -> dict[str, Automation]:
    """Return the automations."""
    made = {name: read_automation(world, name, one) for name, one in world.declared["automation"].items()}
    return {name: one for name, one in made.items() if one is not None}


def read_automation(world: World, name: str, document: Document) -> Automation | None:
    """Return one automation, if it is of an entity that is there."""
    root = document.root
    at, draft = nodes.scalar(root.get("automation")), entity_of(world, document)
    if at is None or draft is None:
        return None
    check_name(at, "automation", world.problems)
    period = nodes.scalar(root.get("inactive"))
    on, every = _events(world, root.get("on"), draft), _schedule(world, root.get("every"))
    if not any(key in root.pairs for key in ("on", "every", "inactive")):
        world.problems.add(codes.NO_OCCASION.at(at.span, automation=name))
    return Automation(
        name=name,
        of=draft.name,
        span=at.span,
        on=on,
        every=every,
        inactive=period_of(period.text) if period else None,
        where=world.condition(root.get("where"), world.scope_of(draft)),
        do=read_effects(world, root.get("do"), draft, name),
    )


def _events(world: World, node: Node | None, draft: Draft) -> tuple[str, ...]:
    known = [*EVENTS, *_transitions(world, draft)]
    found = []
    for word in nodes.words(node):
        if word.text in known:
            found.append(word.text)
        else:
            names.say_unknown(world.problems, word.span, "transition", word.text, known, of=draft.name)
    return tuple(dict.fromkeys(found))


def _transitions(world: World, draft: Draft) -> Iterator[str]:
    for name in draft.workflows:
        document = world.declared["workflow"][name]
        yield from (key.text for key, _ in nodes.pairs(document.root.get("transitions")))


def _schedule(world: World, node: Node | None) -> Schedule | None:
    keys = {key.text: value for key, value in nodes.pairs(node)}
    if not keys:
        return None
    for word in ("working_day_at", "day_at"):
        at = nodes.scalar(keys.get(word))
        if at is not None:
            if not _TIME.fullmatch(at.text):
                world.problems.add(codes.NO_TIME.at(at.span, time=at.text))
            return Schedule(at.text, word == "working_day_at")
    return Schedule(None, hours=nodes.whole(keys.get("hours")) or 24)
