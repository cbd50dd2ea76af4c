"""Names of earlier versions: an entry of the history keeps the names of its time and is read under those of today.

Of fields, options and states that were renamed (``was``), and of entities that links name. What took in others is no
new name of theirs, and steps have no former names: those stay as they were written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from fachwerk.schemas.model import Project, Renamed

_DROPPED, _EACH, _PERIOD = "_dropped", "_each", "_period"


@dataclass(slots=True)
class _Step:
    """What one deploy renamed in an entity."""

    until: dt.datetime
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """By field of rows (empty: the entity itself): former name -> name."""
    options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """By field of rows and field: former option -> option."""


class Names:
    """What things of a project were called before; made once for a version."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._steps: dict[str, tuple[_Step, ...]] = {
            entity: tuple(_step(until, renamed) for until, renamed in groupby(of, lambda one: one.until))
            for entity, of in _by_entity(project.renamed).items()
        }
        self._entities = [(one.was, one.now, one.until) for one in project.renamed if one.what == "entity"]

    def today(self, entity: str, at: dt.datetime, what: dict[str, Any]) -> dict[str, Any]:
        """Return *what* of an entry of the history (written *at*) in the names of today."""
        for step in self._steps.get(entity, ()):
            if at < step.until:
                what = _entry(step, what)
        return self._linked(entity, at, what) if self._entities else what

    def fields(self, entity: str, name: str) -> tuple[str, ...]:
        """Return what a field was called before, as far as no other field is called so now."""
        found, now = [], name
        for step in reversed(self._steps.get(entity, ())):
            now = next((was for was, then in step.fields.get("", {}).items() if then == now), now)
            found.append(now)
        there = self._project.entities[entity].fields
        return tuple(one for one in dict.fromkeys(found) if one not in there)

    def options(self, entity: str, name: str) -> dict[str, str]:
        """Return what became of former options of a field, as far as none is called so now."""
        found: dict[str, str] = {}
        steps = self._steps.get(entity, ())
        called = {id(step): self._called(steps, place, name) for place, step in enumerate(steps)}
        for step in steps:
            mapping = step.options.get(("", called[id(step)]), {})
            found = {was: mapping.get(now, now) for was, now in found.items()} | dict(mapping)
        there = {option.name for option in self._project.entities[entity].fields[name].options}
        return {was: now for was, now in found.items() if was not in there and now in there}

    @staticmethod
    def _called(steps: tuple[_Step, ...], place: int, name: str) -> str:
        """Return what the field *name* of today was called right after a step."""
        for step in reversed(steps[place + 1 :]):
            name = next((was for was, now in step.fields.get("", {}).items() if now == name), name)
        return name

    def _linked(self, entity: str, at: dt.datetime, what: dict[str, Any]) -> dict[str, Any]:
        """Give entities that links to one of several name the names of today."""
        model = self._project.entities.get(entity)
        several = {name for name, one in model.fields.items() if len(one.to) > 1} if model is not None else set()
        found = dict(what)
        for name in several & what.keys():
            found[name] = [self._pair(value, at) for value in what[name]]
        if _EACH in what:
            found[_EACH] = self._pair(what[_EACH], at)
        return found

    def _pair(self, value: Any, at: dt.datetime) -> Any:
        if not isinstance(value, list) or len(value) != 2:
            return value
        name = value[0]
        for was, now, until in self._entities:
            if at < until and name == was:
                name = now
        return [name, value[1]]


def _by_entity(renamed: Iterable[Renamed]) -> Mapping[str, list[Renamed]]:
    found: dict[str, list[Renamed]] = {}
    for one in sorted(renamed, key=lambda one: one.until):
        if one.what != "entity":
            found.setdefault(one.entity, []).append(one)
    return found


def _step(until: dt.datetime, renamed: Iterable[Renamed]) -> _Step:
    step = _Step(until)
    for one in renamed:
        if one.what == "field":
            step.fields.setdefault(one.rows, {})[one.was] = one.now
        else:
            step.options.setdefault((one.rows, one.field), {})[one.was] = one.now
    return step


def _entry(step: _Step, what: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry in the names that a step brought."""
    names = step.fields.get("", {})
    found = {name if name in (_EACH, _PERIOD) else names.get(name, name): value for name, value in what.items()}
    if _DROPPED in found:
        found[_DROPPED] = {names.get(name, name): value for name, value in found[_DROPPED].items()}
    for name, value in found.items():
        if name not in (_DROPPED, _EACH, _PERIOD) and isinstance(value, list):
            found[name] = [_side(step, name, side) for side in value]
    return found


def _side(step: _Step, name: str, value: Any) -> Any:
    """Return what stood in a field before or after, in the names that a step brought."""
    if isinstance(value, list) and value and isinstance(value[0], dict):  # rows
        inner = step.fields.get(name, {})
        rows: list[dict[str, Any]] = [{inner.get(key, key): one for key, one in row.items()} for row in value]
        return [{key: _option(step.options.get((name, key), {}), one) for key, one in row.items()} for row in rows]
    return _option(step.options.get(("", name), {}), value)


def _option(mapping: Mapping[str, str], value: Any) -> Any:
    if not mapping:
        return value
    if isinstance(value, list):
        return [mapping.get(one, one) if isinstance(one, str) else one for one in value]
    return mapping.get(value, value) if isinstance(value, str) else value
