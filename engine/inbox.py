"""What waits for a person: found by statements of each workflow, whatever the number of open cases.

The statements (:mod:`fachwerk.engine.inbox_statements`) know the roles held, the people that paths of the record lead
to, opinions given already, the right to read and mere ways out (:mod:`fachwerk.workflows.expected`); who may really act
is then asked of the machine for the few records that are shown, whose reads are gathered (``Service.at_once``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, islice
from typing import NamedTuple

from fachwerk.engine.compile import CompiledEntity, CompiledWorkflow
from fachwerk.engine.inbox_statements import MOST_COUNTED, Kind, Place, Statements, Stream, behind, kinds_of
from fachwerk.engine.service import Service
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.workflows.case import Action
from fachwerk.workflows.expected import WaysOut

MOST = 50
_EARLY = ("performer", "four_eyes", "open", "order", "twice")
"""Conditions about the person, and that it is their turn; what else an action needs can still come."""
_ROUNDS = 20
"""How often more cases are asked for where the machine leaves out those of a statement."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for a person, and what that person can do with it now or once something is there."""

    entity: str
    id: str
    version: int
    title: str
    workflow: str
    state: str
    due: dt.date | None
    actions: tuple[Action, ...]
    for_whom: Person | None = None
    """The absent person for whom it waits, where *actions* are those of a deputy."""
    rests: bool = False
    """Whether a time limit of it is paused."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits, in order; *next* is where the rest begins, if there is any."""

    items: tuple[Waiting, ...]
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases wait, and how many of each kind (by key); ``True`` beside a number: there may be more."""

    total: tuple[int, bool]
    kinds: dict[str, tuple[int, bool]] = field(default_factory=dict)


class _Row(NamedTuple):
    """A case of a statement, and for whom of the people (by number) it was found."""

    place: Place
    entity: str
    workflow: str
    person: int


Known = dict[tuple[Person, _Row], Waiting | None]
"""What was found out of cases of statements, for each person asked about."""


class Inbox:
    """Finds what waits; statements are kept by set of roles and workflow."""

    def __init__(self, service: Service) -> None:
        self._service, self._kit, self._app = service, service.kit, service.app
        self._statements = Statements(service.app, service.kit.access, service.kit.translation)
        versions = (v.model for e in self._app.entities.values() for flow in e.workflows for v in flow.versions)
        self._kinds = kinds_of(versions)

    async def of(self, who: Person, most: int = MOST) -> tuple[list[Waiting], bool]:
        """Return what waits for *who*, the most urgent first, and whether there is more than *most*."""
        found = await self.page(who, most)
        return list(found.items), found.next is not None

    def kind(self, key: str) -> Kind | None:
        """Return the kind that an address names."""
        name, _, about = key.partition(":")
        found = self._kinds.get(name)
        return None if found is None or (about and not found.part) else replace(found, about=about)

    async def page(
        self, who: Person, most: int = MOST, *, after: Place | None = None, kind: Kind | None = None,
        known: Known | None = None,
    ) -> Page:  # fmt: skip
        """Return at most *most* cases that wait for *who* behind *after*, the most urgent first.

        Another page of the same moment is asked for with the same *known*: no case is then judged twice.
        """
        known = {} if known is None else known
        people = (who, *await self._kit.deputies.stood_for(self._service.database, who, self._kit.clock()))
        found: dict[Place, list[Waiting]] = {}
        for _ in range(_ROUNDS):
            rows, ended = await self._rows(people, kind, after, most + 1 - len(found))
            judged = zip(rows, await self._judged(people, rows, known), strict=True)
            for place, some in groupby(judged, key=lambda pair: pair[0].place):
                if tasks := _of_case(list(some), kind):
                    found[place] = tasks
            if len(found) > most or ended:
                break
            after = rows[-1].place
        shown = list(found)[:most]
        more = (shown[-1] if shown else after) if len(found) > most or not ended else None
        return Page(_shown([(place, one) for place in shown for one in found[place]]), more)

    async def counts(self, who: Person) -> Counts:
        """Return how many cases wait for *who*, as the database knows it, for each kind at most so many."""
        people = (who, *await self._kit.deputies.stood_for(self._service.database, who, self._kit.clock()))
        kinds: dict[str, set[object]] = {}
        for person in people:
            values = self._values(person)
            for entity, workflow in self._flows():
                counting = self._statements.counting(person.roles, entity, workflow)
                for name, about, key in await counting.fetch(self._service.database, values) if counting else ():
                    kinds.setdefault(f"{name}:{about}" if about else str(name), set()).add((entity.name, str(key)))
        every = {case for cases in kinds.values() for case in cases}
        capped = {name: len(cases) > MOST_COUNTED for name, cases in kinds.items()}
        counted = {name: (min(len(cases), MOST_COUNTED), capped[name]) for name, cases in kinds.items()}
        more = any(capped.values())
        return Counts((len(every) - sum(capped.values()) if more else len(every), more), counted)

    # cases ------------------------------------------------------------------------------------------------------------

    def _flows(self) -> Iterable[tuple[CompiledEntity, CompiledWorkflow]]:
        return ((entity, workflow) for entity in self._app.entities.values() for workflow in entity.workflows)

    def _values(self, person: Person) -> dict[str, object]:
        real = person.deputy.id if person.deputy is not None else person.id
        return self._kit.translation.parameters(self._kit.context(person)) | {"real": real}

    async def _rows(
        self, people: Sequence[Person], kind: Kind | None, after: Place | None, most: int
    ) -> tuple[list[_Row], bool]:
        """Return cases in order, and whether these are all; behind the last one of them there may be others."""
        rows: list[_Row] = []
        ends: list[Place] = []
        for number, person in enumerate(people):
            values = self._values(person) | {"most": most, "about": kind.about if kind is not None else None}
            for entity, workflow in self._flows():
                if kind is not None and kind.workflow != workflow.model.name:
                    continue
                left = most
                for stream in self._statements.streams(person.roles, entity, workflow, kind):
                    start = behind(stream, after, self._app.calendar)
                    if start is None or not left:
                        continue
                    found = await stream.statement.fetch(self._service.database, values | start | {"most": left})
                    places = [self._place(stream, moment, str(key)) for moment, key in found]
                    rows += [_Row(place, entity.name, workflow.model.name, number) for place in places]
                    left -= len(places)
                    if not left:
                        ends.append(places[-1])
        end = min(ends, default=None)
        sure = sorted(row for row in rows if end is None or row.place <= end)
        return [row for _, case in islice(groupby(sure, key=lambda row: row.place), most) for row in case], end is None

    def _place(self, stream: Stream, value: object, key: str) -> Place:
        known = stream.read(value) if stream.read is not None else value
        if not isinstance(known, dt.datetime):
            assert isinstance(known, dt.date)
            known = self._app.calendar.over(known)
        return Place(stream.undated, known, key)

    async def _judged(self, people: Sequence[Person], rows: Sequence[_Row], known: Known) -> list[Waiting | None]:
        """Return what each of *rows* waits for, if it does; the database is asked for all of them together."""
        asked = [(people[row.person], row) for row in rows]
        new = [one for one in asked if one not in known]
        works = [partial(self._waiting, who=who, row=row) for who, row in new]
        known.update(zip(new, await self._service.at_once(works), strict=True))
        return [known[one] for one in asked]

    async def _waiting(self, service: Service, *, who: Person, row: _Row) -> Waiting | None:
        entity = self._app.entities[row.entity]
        workflow = next(one for one in entity.workflows if one.model.name == row.workflow)
        key = row.place.id
        names = {name for one in workflow.versions for name in (*one.model.transitions, *_opinions(one))}
        try:
            possible = await service.actions(who, entity.name, key)
        except Refused:
            return None
        actions = tuple(
            action
            for action in possible
            if action.name.partition(":")[0] in names and all(c.holds for c in action.conditions if c.kind in _EARLY)
        )
        if not actions:
            return None
        record = await service.read(who, entity.name, key)
        state = str(record.values.get(workflow.model.field) or "")
        out = self._statements.ways_out(workflow.model.under(record.under.get(workflow.model.name)), state)
        actions = _without_ways_out(actions, out) if out is not None else actions
        if not actions:
            return None
        due = record.values.get("due")
        date = due if isinstance(due, dt.date) else None
        return Waiting(
            entity.name, record.id, record.version, record.title, workflow.model.name, state, date, actions,
            who if who.deputy is not None else None, record.values.get("paused") is True,
        )  # fmt: skip


def _of_case(judged: Sequence[tuple[_Row, Waiting | None]], kind: Kind | None) -> list[Waiting]:
    """Return what one case waits for: for whoever asks, and for those in whose place they may act."""
    found: list[Waiting] = []
    mine: Waiting | None = None
    for number in sorted({row.person for row, _ in judged}):
        whole: Waiting | None = None
        for row, waiting in judged:
            one = waiting if row.person == number else None
            one = one if one is None or kind is None else _of_kind(one, kind)
            if one is not None:
                whole = one if whole is None else replace(whole, actions=(*whole.actions, *one.actions))
        mine = whole if number == 0 else mine
        left = whole if number == 0 or whole is None else _without_mine(whole, mine)
        found += [left] if left is not None else []
    return found


def kind_of(one: Waiting, action: Action) -> Kind:
    """Return of which kind a task is by *action*."""
    about = action.about.id if action.about is not None else ""
    return Kind(one.entity, one.workflow, one.state, action.part or "", about)


def _of_kind(one: Waiting, kind: Kind) -> Waiting | None:
    """Return a task with what it asks for of *kind* alone."""
    whole = bool(kind.part) and not kind.about
    keys = [(action, kind_of(one, action)) for action in one.actions]
    actions = tuple(a for a, of in keys if (replace(of, about="") if whole else of).key == kind.key)
    return replace(one, actions=actions) if actions else None


def _shown(found: Sequence[tuple[Place, Waiting]]) -> tuple[Waiting, ...]:
    """Return tasks in order; those with the same date by their title."""
    return tuple(one for _, one in sorted(found, key=lambda each: (each[0][:2], each[1].title)))


def _without_mine(one: Waiting, mine: Waiting | None) -> Waiting | None:
    """Return what waits for an absent person without what the deputy may do in person; ``None`` if that is all."""
    own = {action.name for action in mine.actions} if mine is not None else set()
    actions = tuple(action for action in one.actions if action.name not in own)
    return replace(one, actions=actions) if actions else None


def _without_ways_out(actions: tuple[Action, ...], out: WaysOut) -> tuple[Action, ...]:
    """Return what there is to do without what merely leads out, where the case is carried on by others or by this."""
    onward = {one.name for one in out.onward}
    here = any(action.possible and (action.part or action.name) in onward for action in actions)
    return tuple(action for action in actions if action.name not in out.steps) if out.surely or here else actions


def _opinions(workflow: CompiledWorkflow) -> set[str]:
    parts = [part for state in workflow.model.states.values() for part in state.parallel]
    return {f"{part.name}.{outcome.name}" for part in parts for outcome in part.outcomes}
