"""Reads automations: what happens by itself, on events, on a schedule or when nothing happens; and whether it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fachwerk.schemas import codes_automation as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, Node
from fachwerk.schemas.measures import period_of
from fachwerk.schemas.model import Automation, Effect, Schedule
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_effects import read_effects
from fachwerk.schemas.read_workflow import entity_of
from fachwerk.schemas.read_world import Draft, World

EVENTS = ("created", "changed")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def read_automations(world: World) -> dict[str, Automation]:
    """Return the automations; says which of them would set each other off for ever."""
    made = {name: read_automation(world, name, one) for name, one in world.declared["automation"].items()}
    found = {name: one for name, one in made.items() if one is not None}
    _check_circles(world, found)
    return found


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


# circles


def _check_circles(world: World, found: Mapping[str, Automation]) -> None:
    """Say which automations set each other off without any condition that could end it."""
    follows = {name: list(dict.fromkeys(_follow(one, found))) for name, one in found.items() if one.where is None}
    said: set[str] = set()
    for name in follows:
        path = _way_back(name, follows)
        if path and not said & set(path):
            said |= set(path)
            way = " → ".join(f"`{one}`" for one in (*path, name))
            world.problems.add(codes.AUTOMATION_CIRCLE.at(found[name].span, path=way))


def _follow(one: Automation, found: Mapping[str, Automation]) -> Iterator[str]:
    for effect in one.do:
        entity, event = touched(effect, one.of)
        for other in found.values():
            if other.of == entity and event in other.on and other.where is None:
                yield other.name


def touched(effect: Effect, of: str) -> tuple[str | None, str]:
    """Return which entity an effect writes, and what that is to automations: ``created`` or ``changed``."""
    if effect.kind in ("set", "mark"):
        return of, "changed"
    if effect.kind == "webhook":
        return None, ""
    return effect.target, "created" if effect.kind == "create" else "changed"


def _way_back(name: str, follows: Mapping[str, list[str]]) -> list[str]:
    todo: list[list[str]] = [[name]]
    seen = {name}
    while todo:
        path = todo.pop(0)
        for following in follows.get(path[-1], ()):
            if following == name:
                return path
            if following not in seen:
                seen.add(following)
                todo.append([*path, following])
    return []
