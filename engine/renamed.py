"""Names of earlier versions: an entry of the history keeps the names of its time and is read under those of today.

Of fields, options, states, transitions, parts and deadlines that were renamed (``was``), and of entities that links
name. What took in others is no new name of theirs: those stay as they were written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from fachwerk.schemas.model import Project, Renamed
from fachwerk.schemas.past import StepKind
from fachwerk.schemas.tables_columns import Dialect, Form, to_driver

_DROPPED, _EACH, _PERIOD = "_dropped", "_each", "_period"
_LIMIT_OF_PART = "part:"


@dataclass(slots=True)
class _Step:
    """What one deploy renamed in an entity."""

    until: dt.datetime
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """By field of rows (empty: the entity itself): former name -> name."""
    options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """By field of rows and field: former option -> option."""
    steps: dict[str, dict[str, str]] = field(default_factory=dict)
    """By kind (transition, part, deadline): former name -> name."""


class Names:
    """What things of a project were called before; made once for a version."""

    def __init__(self, project: Project, dialect: Dialect) -> None:
        self._project, self._dialect = project, dialect
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

    def action(self, entity: str, at: dt.datetime, kind: str, action: str | None) -> str | None:
        """Return what an entry of the history (of *kind*, written *at*) says was done, in the names of today."""
        steps = self._steps.get(entity, ())
        if action is None or not steps:
            return action
        of, start, name, rest = _taken_apart(kind, action)
        for step in steps:
            if at < step.until:
                name = step.steps.get(of, {}).get(name, name)
        return f"{start}{name}{rest}"

    def formerly(self, entity: str, kind: StepKind, name: str) -> tuple[tuple[str, dt.datetime], ...]:
        """Return what a step was called before, each with the moment until which it was."""
        found, now = [], name
        for step in reversed(self._steps.get(entity, ())):
            was = next((was for was, then in step.steps.get(kind, {}).items() if then == now), None)
            if was is not None:
                found.append((was, step.until))
                now = was
        return tuple(found)

    def done(self, h: Any, entity: str, kind: StepKind, name: str, rest: str = "") -> sa.ColumnElement[bool]:
        """Return that an entry of *h* (a table of the history) says that a step (with *rest* behind it) was done."""
        return sa.or_(h.c.action == sa.literal(name + rest), *self.done_formerly(h, entity, kind, name, rest))

    def done_formerly(
        self, h: Any, entity: str, kind: StepKind, name: str, rest: str = ""
    ) -> list[sa.ColumnElement[bool]]:  # fmt: skip
        """Return the conditions that it says so under a name that the step had before."""
        found = []
        convert = to_driver(Form("datetime"), self._dialect)
        for was, until in self.formerly(entity, kind, name):
            text = f"'{convert(until) if convert else until.isoformat()}'"
            moment: Any = sa.literal_column(text if self._dialect == "sqlite" else f"{text}::timestamptz")
            found.append(sa.and_(h.c.at < moment, h.c.action == sa.literal(was + rest)))
        return found

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
        elif one.what in ("transition", "part", "deadline"):
            step.steps.setdefault(one.what, {})[one.was] = one.now
        else:
            step.options.setdefault((one.rows, one.field), {})[one.was] = one.now
    return step


def _taken_apart(kind: str, action: str) -> tuple[str, str, str, str]:
    """Return of which kind of step an entry speaks; what stands before its name, the name, and what stands behind."""
    if action.startswith(_LIMIT_OF_PART):
        name, colon, record = action.removeprefix(_LIMIT_OF_PART).partition(":")
        name, dot, what = name.partition(".") if not colon else (name, colon, record)
        return "part", _LIMIT_OF_PART, name, dot + what
    name, dot, rest = action.partition(".")
    of = "deadline" if kind == "deadline" else "part" if dot else "transition"
    return of, "", name, dot + rest


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
