"""The simulation itself: events in the order of their time, on a stage with the real service and the real worker.

A case comes in; whoever holds a role that can go on with it takes the oldest work when they are free, in office hours,
and after the time that it takes the step is taken through the service, with all its rights and conditions. People whom
the record names answer when they like. Time limits, automations and sub-cases happen by themselves. The history that
the service writes tells what became of it.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fachwerk.engine.demo.doors import Case
from fachwerk.engine.demo.making import DISCOURAGING
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.going import MAIN, Going, Item, Stuck
from fachwerk.engine.simulation.growing import Growing
from fachwerk.engine.simulation.hours import Hours
from fachwerk.engine.simulation.resting import Resting
from fachwerk.engine.simulation.setting import Setting
from fachwerk.engine.simulation.tally import Tally
from fachwerk.engine.values import Person
from fachwerk.problems import Refused, Text, say
from fachwerk.schemas.model import Workflow
from fachwerk.workflows.case import Action

MOST_STEPS = 60
"""A case that took more of them is left alone."""
LOOK_AGAIN = dt.timedelta(days=28)
"""When a case is looked at again that only time brings on."""
MOST_LOOKS = 26
LONGEST = dt.timedelta(days=730)
"""So long after the last case came in it is over at the latest."""
_FEED = "SELECT rowid, record, entity, kind, action, who, at, what FROM fw_history WHERE rowid > ? ORDER BY rowid"
_WAKE = "SELECT min(wake_at) FROM fw_effect WHERE wake_at IS NOT NULL"
_PENDING = "SELECT count(*) FROM fw_effect WHERE wake_at IS NOT NULL AND record = ?"
_NO_WAY: Text = {"en": "No step leads on that anybody sees.", "de": "Es führt kein Schritt weiter, den jemand sieht."}
_OF_PEOPLE = ("performer", "four_eyes")
Happening = Callable[[], Awaitable[None]]


@dataclass
class Simulation:
    """One run; :meth:`run` does it all."""

    setting: Setting
    assumed: Assumptions
    progress: Callable[[int, int], None] = lambda done, of: None
    tally: Tally = field(default_factory=Tally)
    cases: list[Going] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage = self.setting.stage
        self.chance = random.Random(f"{self.assumed.seed} simulation")
        self.hours = Hours(self.stage.app.calendar)
        self._heap: list[tuple[dt.datetime, int, Happening]] = []
        self._number = self._fed = self._arrived = 0
        self._by_record: dict[tuple[str, str], Going] = {}
        self._queues: dict[str, dict[Item, None]] = defaultdict(dict)
        self._free = dict.fromkeys(self.setting.people)
        self._names = {person.id: name for name, person in self.setting.people.items()}
        self._woken: dt.datetime | None = None
        self.begun = self.ended = self.stage.clock()
        flows = self.setting.project.workflows.values()
        self._flows = {name: [w for w in flows if w.of == name] for name in self.setting.project.entities}
        parts = [part for flow in flows for state in flow.states.values() for part in state.parallel]
        self._firsts = {f"{part.name}.{part.outcomes[0].name}" for part in parts if part.outcomes}
        self._resting = Resting(self.setting, self.assumed, self.chance, self._at)
        self._growing = Growing(self.setting, self.chance)
        self._rhythm = any(one.every or one.inactive for one in self.setting.project.automations.values())

    @property
    def now(self) -> dt.datetime:
        """The moment of the simulation."""
        return self.stage.clock()

    async def run(self) -> None:
        """Let all cases come in and go their ways."""
        rows = await self.stage.database.fetch("SELECT max(rowid) FROM fw_history")
        self._fed = rows[0][0] or 0
        self.begun = self.hours.next_open(self.now)
        self._at(self.begun, self._arrive)
        horizon = self.begun + LONGEST
        while True:
            due = await self._due()
            if due is None or due > horizon:
                return
            if self._arrived < self.assumed.cases:
                horizon = due + LONGEST
            if not self._heap or due < self._heap[0][0]:
                self.stage.clock.set(due)
                await self.stage.settle()
            else:
                moment, _, happen = heapq.heappop(self._heap)
                self.stage.clock.set(moment)
                await happen()
            await self._feed()
            await self._dispatch()

    async def _due(self) -> dt.datetime | None:
        """Return when something happens next; ``None`` where nothing more will."""
        moments = [self._heap[0][0]] if self._heap else []
        ((wake,),) = await self.stage.database.fetch(_WAKE)
        if wake is not None:
            moments.append(max(dt.datetime.fromisoformat(wake), self.now))
        if self._rhythm and (moments or any(not one.ended and not one.tired for one in self.cases)):
            periodic = await self.stage.worker.upcoming()
            moments += [max(periodic, self.now)] if periodic is not None else []
        return min(moments, default=None)

    def _at(self, moment: dt.datetime, happen: Happening) -> None:
        self._number += 1
        heapq.heappush(self._heap, (moment, self._number, happen))

    # cases come in ----------------------------------------------------------------------------------------------------

    async def _arrive(self) -> None:
        workflow, drawer = self.setting.workflow, self.setting.drawer
        drawer.now = self.now
        made = await drawer.begin(self.setting.project.entities[workflow.of], self._arrived)
        self._arrived += 1
        self.progress(self._arrived, self.assumed.cases)
        if made is None:
            self.tally.refused += 1
        else:
            await self._feed({made.record: made})
        if self._arrived < self.assumed.cases:
            gap = dt.timedelta(seconds=self.chance.expovariate(1 / self.assumed.gap.total_seconds()))
            self._at(self.hours.after(self.now, gap), self._arrive)

    async def _feed(self, made: Mapping[str, Case] | None = None) -> None:
        """Take in what the history has noted since."""
        while rows := await self.stage.database.fetch(_FEED, [self._fed]):
            touched: dict[Going, None] = {}
            for row in rows:
                self._fed = row[0]
                for workflow in self._flows.get(row[2], ()):
                    touched |= dict.fromkeys(self._noted(workflow, row[1:], made or {}))
            for case in touched:
                await self._offer(case)

    def _noted(self, workflow: Workflow, row: Sequence[Any], made: Mapping[str, Case]) -> Iterable[Going]:
        record, _, kind, action, who, at, what = row
        change = orjson.loads(what).get(workflow.field)
        key, moment = (record, workflow.name), dt.datetime.fromisoformat(at)
        if kind == "create":
            case = made.get(record) or Case(record, workflow.initial.name, moment, {}, {})
            going = Going(workflow, case, "", moment, moment, self._names.get(who or ""))
            self._by_record[key] = going
            if workflow.name == self.setting.workflow.name:
                self.cases.append(going)
                self.tally.cases += 1
        found = self._by_record.get(key)
        if found is None or (action is not None and not self._is_of(workflow, action) and not change):
            return
        if action is not None:
            self._count(found, kind, action, moment)
        if change and change[0] != change[1]:
            self._enter(found, str(change[1]), moment)
        yield found

    def _is_of(self, workflow: Workflow, action: str) -> bool:
        parts = {part.name for state in workflow.states.values() for part in state.parallel}
        head = action.partition(".")[0]
        return head in workflow.transitions or head in parts or head in workflow.deadlines

    def _count(self, case: Going, kind: str, action: str, moment: dt.datetime) -> None:
        missed = kind == "deadline" and "." not in action
        case.went(f"{action} (missed)" if missed else action)
        ours = case.workflow.name == self.setting.workflow.name
        if kind == "deadline" and not missed:
            self._rested(case, action, moment, ours=ours)
        elif ours:
            self.tally.steps += 1
            (self.tally.missed if missed else self.tally.taken)[action] += 1

    def _rested(self, case: Going, action: str, moment: dt.datetime, *, ours: bool) -> None:
        name, _, what = action.partition(".")
        if what == "pause":
            case.rests[name] = moment
        elif what == "resume" and (since := case.rests.pop(name, None)) is not None and ours:
            self.tally.rests[name].append(moment - since)
        elif what == "extend" and ours:
            self.tally.extended[name] += 1

    def _enter(self, case: Going, state: str, moment: dt.datetime) -> None:
        ours, before = case.workflow.name == self.setting.workflow.name, case.state
        if ours and before:
            self.tally.stays[before].append(moment - case.since)
        for name, deadline in case.workflow.deadlines.items():
            running = {*deadline.runs_in, *deadline.paused_in}
            begins = state in running and before not in running
            self.tally.run[name] += ours and begins
            if begins:
                self._resting.begins(case, deadline)
            if state not in running:
                case.rests.pop(name, None)
        case.state, case.since, case.edits, case.looked, case.waited = state, moment, None, 0, False
        case.reluctant = case.forced = False
        case.mood = self.chance.random()
        case.ended = case.workflow.states[state].final
        self.ended = max(self.ended, moment)
        if ours and case.ended:
            self.tally.lengths[state].append(moment - case.begun)

    # work waits -------------------------------------------------------------------------------------------------------

    async def _offer(self, case: Going) -> None:
        """Let the work that a case now has wait for those who can do it."""
        case.turn += 1
        case.stuck, case.asked = None, False
        case.failed.clear()
        before, case.items = case.items, {}
        wanted = {} if case.ended or case.rests else dict(case.wants())
        case.tired = case.turn - case.idle > MOST_STEPS
        for key, item in before.items():
            if item.taken and key in wanted:
                case.items[key] = item
            else:
                self._withdraw(item)
        if case.tired or case.ended or case.rests:
            return
        if not case.waited:
            case.waited = True
            await self._growing.sub_case(case)
        for key, roles in wanted.items():
            if key not in case.items and self._holders(roles):
                self._queue(Item(case, key, roles, self.now))
        if case.asks_people():
            case.asked, turn = True, case.turn
            pause = dt.timedelta(seconds=self.chance.expovariate(1 / self.assumed.answer.total_seconds()))
            self._at(self.now + pause, lambda: self._answer(case, turn))
        await self._if_stuck(case)

    def _queue(self, item: Item) -> None:
        item.case.items[item.key] = item
        for role in item.roles:
            self._queues[role][item] = None
        self.tally.waiting(item.roles, 1)

    def _withdraw(self, item: Item) -> None:
        item.gone = True
        if not item.taken and item in self._queues[item.roles[0]]:
            self._unqueue(item)

    def _unqueue(self, item: Item) -> None:
        for role in item.roles:
            self._queues[role].pop(item, None)
        self.tally.waiting(item.roles, -1)

    async def _dispatch(self) -> None:
        """Let everybody who is free begin with the oldest work that they can do."""
        waiting = [name for name in self._free if any(self._queues.get(r) for r in self.setting.people[name].roles)]
        if not waiting:
            return
        if not self.hours.open_at(self.now):
            opens = self.hours.next_open(self.now)
            if self._woken != opens:
                self._woken = opens
                self._at(opens, self._nothing)
            return
        self.chance.shuffle(waiting)
        for name in waiting:
            await self._take_up(name)

    async def _nothing(self) -> None:
        """Somebody comes to work; whoever is free is asked after every event."""

    async def _take_up(self, name: str) -> None:
        person = self.setting.people[name]
        while (item := self._oldest(name, person)) is not None:
            action = self._chosen(item.case, await self._possible(person, item.case, _fitting(item)))
            if action is not None:
                self._begin(name, person, item, action)
                return
            item.tried.add(name)
            if self._holders(item.roles) <= item.tried:
                self._unqueue(item)
                item.case.items.pop(item.key, None)
                await self._if_stuck(item.case)

    def _oldest(self, name: str, person: Person) -> Item | None:
        firsts = []
        for role in sorted(person.roles):
            first = next((item for item in self._queues.get(role, ()) if name not in item.tried), None)
            firsts += [first] if first is not None else []
        return min(firsts, key=lambda item: item.since, default=None)

    def _holders(self, roles: Sequence[str]) -> set[str]:
        return {name for name, person in self.setting.people.items() if person.roles & set(roles)}

    def _begin(self, name: str, person: Person, item: Item, action: Action) -> None:
        item.taken = True
        self._unqueue(item)
        role = next(role for role in item.roles if role in person.roles)
        self.tally.waits[role].append(self.now - item.since)
        mean = self.assumed.steps.get(action.name, self.assumed.service).total_seconds()
        work = dt.timedelta(seconds=self.chance.gammavariate(2, mean / 2))
        self.tally.busy[name] += work
        del self._free[name]
        self._at(self.hours.after(self.now, work), lambda: self._finish(name, role, item, action))

    async def _finish(self, name: str, role: str, item: Item, action: Action) -> None:
        self._free[name] = None
        item.taken, case = False, item.case
        if item.gone:
            return
        item.case.items.pop(item.key, None)
        if await self._act(self.setting.people[name], case, action):
            self.tally.done_by[role] += 1
        else:
            self._queue(item)

    async def _answer(self, case: Going, turn: int) -> None:
        """Let somebody whom the record names do something, if there is something they can do."""
        if case.turn != turn or not case.asked or case.rests:
            return
        case.asked = False
        others = [name for name in self.setting.people if name != case.creator]
        self.chance.shuffle(others)
        for name in ([case.creator] if case.creator else []) + others:
            person = self.setting.people[name]
            action = self._chosen(case, await self._possible(person, case, case.for_people))
            while action is not None:
                if await self._act(person, case, action):
                    return
                action = self._chosen(case, await self._possible(person, case, case.for_people))
        await self._if_stuck(case)

    # steps ------------------------------------------------------------------------------------------------------------

    async def _possible(self, person: Person, case: Going, fits: Callable[[Action], bool]) -> list[Action]:
        try:
            actions = await self.stage.service.actions(person, case.workflow.of, case.record)
        except Refused:
            return []
        free = [one for one in actions if one.possible and one.deadline is None and one.name not in case.failed]
        return [one for one in free if fits(one)]

    def _likely(self, action: Action) -> float:
        told = self.assumed.likely.get(action.name)
        if told is not None:
            return told
        if action.part is not None:
            return 1.0 if action.name.partition(":")[0] in self._firsts else 0.4
        return 0.1 if action.comment == "required" or action.name.startswith(DISCOURAGING) else 1.0

    def _chosen(self, case: Going, actions: list[Action]) -> Action | None:
        """Return one of *actions*; none where all of them are unlikely and left to the others."""
        weights = [self._likely(action) for action in actions]
        if not actions or sum(weights) <= 0:
            return None
        if not case.forced and case.mood > max(weights):
            case.reluctant = True
            return None
        return self.chance.choices(actions, weights)[0]

    async def _act(self, person: Person, case: Going, action: Action) -> bool:
        entity = self.setting.project.entities[case.workflow.of]
        way, drawer = case.workflow.transitions.get(action.name), self.setting.drawer
        for _ in range(6):
            values = drawer.needed(entity, way, case.made) if way is not None else {}
            comment = drawer.comment(way) if way is not None else None
            try:
                done = await self.stage.service.act(
                    person, entity.name, case.record, action.name, values=values, comment=comment, origin="simulation"
                )
            except Refused as refused:
                if refused.fields:
                    continue
                break
            case.made.values.update(done.values)
            return True
        case.failed.add(action.name)
        return False

    # dead ends --------------------------------------------------------------------------------------------------------

    async def _if_stuck(self, case: Going) -> None:
        """Where nobody can do anything: fill in fields anew, wait for what happens by itself, or call it a dead end."""
        if case.items or case.asked or case.ended or case.tired:
            return
        waits = case.workflow.states[case.state].waits_for is not None
        if self._growing.changes_with_time(case) and case.looked < MOST_LOOKS and not case.forced:
            case.looked += 1
            turn = case.turn
            self._at(self.now + LOOK_AGAIN, lambda: self._look_again(case, turn))
            return
        if case.reluctant and not case.forced and not waits:
            case.forced = True
            await self._offer(case)
        elif await self._growing.edit(case):
            return
        elif await self._growing.more(case):
            await self._offer(case)
        elif not waits:
            ((pending,),) = await self.stage.database.fetch(_PENDING, [case.record])
            case.stuck = None if pending else await self._reason(case)

    async def _look_again(self, case: Going, turn: int) -> None:
        if case.turn == turn and not case.ended:
            case.idle += 1
            await self._offer(case)

    async def _reason(self, case: Going) -> Stuck:
        """Return what stands against going on: for everybody a condition, or only that none of them may."""
        against: list[Text] = [_NO_WAY]
        missing: list[Text] = []
        for person in self.setting.people.values():
            try:
                actions = await self.stage.service.actions(person, case.workflow.of, case.record)
            except Refused:
                continue
            for action in actions:
                if not (case.fits(action, MAIN) or action.part):
                    continue
                failing = {one.kind in _OF_PEOPLE: one.text for one in action.conditions if not one.holds}
                (against if False in failing else missing).append(failing.get(False, failing.get(True, _NO_WAY)))
        found = missing[0] if missing else against[-1]
        return Stuck(bool(missing), say(found), say(found, "de"), case.sure)


def _fitting(item: Item) -> Callable[[Action], bool]:
    """Return whether an action is (part of) some work."""
    return lambda action: item.case.fits(action, item.key)
