"""Reads what a configuration lists for its demo data, as people type it, into values to draw from."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fachwerk.engine.demo.drawing import Candidates, Days, Hat, Same
from fachwerk.problems import Refused
from fachwerk.schemas.kinds import Invalid, handler
from fachwerk.schemas.model import Entity, Field, Project

_SPAN = re.compile(r"(?P<low>\d{1,4})(?: to (?P<high>\d{1,4}))? days?")


def hat_for(project: Project, today: dt.date, seed: int = 1) -> Hat:
    """Return what a project's demo data is drawn from; :class:`Refused` where a listed value cannot be read."""
    demo, language = project.demo, project.languages[0]
    values = {
        name: _listed(_kinds(project, name), said, language) for name, said in (demo.values if demo else {}).items()
    }
    samples = {
        name: tuple(_listed(_kinds(project, name), one, language) for one in listed)
        for name, listed in (demo.samples if demo else {}).items()
    }
    later = {name: _asked_later(project, entity) for name, entity in project.entities.items()}
    doers = {name: _doers(project, entity) for name, entity in project.entities.items()}
    return Hat(random.Random(seed), today, values, samples, later=later, doers=doers)


def _kinds(project: Project, name: str) -> Entity:
    first, _, rows = name.partition(".")
    entity = project.entities[first]
    return (entity.fields[rows].rows or entity) if rows else entity


def _listed(entity: Entity, said: Mapping[str, Sequence[str]], language: str) -> Candidates:
    return {
        name: tuple(_value(entity, entity.fields[name], text, language) for text in texts)
        for name, texts in said.items()
    }


def _value(entity: Entity, one: Field, text: str, language: str) -> object:
    if one.kind == "user":
        return text
    if text.startswith("= "):
        return Same(text[2:].strip())
    if one.kind == "date" and (days := days_of(text)):
        return days
    try:
        value: Any = handler(one).parse_text(text, language)
    except Invalid as invalid:
        raise _wrong(entity, one, text) from invalid
    return value


def _wrong(entity: Entity, one: Field, text: str) -> Refused:
    place = f"{entity.name}.{one.name}"
    return Refused(
        "demo_value",
        {
            "en": f"The demo data has a value that {place} cannot take: {text}",
            "de": f"Die Demodaten haben einen Wert, den {place} nicht annimmt: {text}",
        },
        status=422,
    )


def days_of(text: str) -> Days | None:
    """Return the span of days that ``in 10 to 30 days`` or ``5 to 90 days ago`` means."""
    ahead = re.fullmatch(rf"in {_SPAN.pattern}", text)
    ago = re.fullmatch(rf"{_SPAN.pattern} ago", text)
    found = ahead or ago
    if found is None:
        return None
    low = int(found["low"])
    high = int(found["high"] or low)
    low, high = min(low, high), max(low, high)
    return Days(low, high) if ahead else Days(-high, -low)


def _asked_later(project: Project, entity: Entity) -> frozenset[str]:
    """Return the fields that some transition asks for."""
    ways = [way for name in entity.workflows for way in project.workflows[name].transitions.values()]
    return frozenset(name for way in ways for name in (*way.require, *way.fill))


def _doers(project: Project, entity: Entity) -> frozenset[str]:
    """Return the fields that lead to those who act in the workflows."""
    ways = [way for name in entity.workflows for way in project.workflows[name].transitions.values()]
    rules = [one.person for way in ways for one in way.by if all(other.person is not None for other in way.by)]
    return frozenset(path[0] for rule in rules if rule for path in rule.checked.reads if path)
