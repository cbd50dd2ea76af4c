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
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fachwerk.engine.demo.doors import Case
from fachwerk.engine.simulation.assumptions import Assumptions
from fachwerk.engine.simulation.away import Away
from fachwerk.engine.simulation.choosing import Choosing
from fachwerk.engine.simulation.going import Going, Item
from fachwerk.engine.simulation.growing import Growing
from fachwerk.engine.simulation.hours import Hours
from fachwerk.engine.simulation.queues import Queues
from fachwerk.engine.simulation.resting import Resting
from fachwerk.engine.simulation.setting import Setting
from fachwerk.engine.simulation.standing import actions_of, barred, reason
from fachwerk.engine.simulation.tally import Tally
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
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
Happening = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Job:
    """Work that somebody is at, as whom, and until when."""

    item: Item
    hat: Person
    role: str
    action: Action
    end: dt.datetime


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
        self.away = Away(self.setting, self.assumed, self.hours)
        self.queues = Queues(self.setting, self.away, self.tally)
        self._work: dict[str, _Job] = {}
        self._arrivals = random.Random(f"{self.assumed.seed} arrivals")
        self._free = dict.fromkeys(self.setting.people)
        self._names = {person.id: name for name, person in self.setting.people.items()}
        self._woken: dt.datetime | None = None
        self.begun = self.ended = self.stage.clock()
        flows = self.setting.project.workflows.values()
        self._flows = {name: [w for w in flows if w.of == name] for name in self.setting.project.entities}
        self._chosen = Choosing(self.setting.project, self.assumed, self.chance).chosen
        self._resting = Resting(self.setting, self.assumed, self.chance, self._at, self.away.there)
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
                await self._people_come_and_go()
                await self.stage.settle()
            else:
                moment, _, happen = heapq.heappop(self._heap)
                self.stage.clock.set(moment)
                await self._people_come_and_go()
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
            gap = dt.timedelta(seconds=self._arrivals.expovariate(1 / self.assumed.gap.total_seconds()))
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
                self.queues.withdraw(item, self.now)
        if case.tired or case.ended or case.rests:
            return
        if not case.waited:
            case.waited = True
            await self._growing.sub_case(case)
        for key, roles in wanted.items():
            if key not in case.items and self.queues.holders(roles):
                self.queues.put(Item(case, key, roles, self.now), self.now)
        if case.asks_people():
            case.asked, turn = True, case.turn
            pause = dt.timedelta(seconds=self.chance.expovariate(1 / self.assumed.answer.total_seconds()))
            self._at(self.now + pause, lambda: self._answer(case, turn))
        await self._if_stuck(case)

    async def _dispatch(self) -> None:
        """Let everybody who is free begin with the oldest work that they can do."""
        self._wake_up()
        waiting = [name for name in self._free if self.away.there(name) and self.queues.has_work(name)]
        if not waiting:
            return
        if not self.hours.open_at(self.now):
            self._wake(self.hours.next_open(self.now))
            return
        self.chance.shuffle(waiting)
        for name in waiting:
            await self._take_up(name)

    async def _nothing(self) -> None:
        """Somebody comes to work; whoever is free is asked after every event."""

    def _wake(self, opens: dt.datetime) -> None:
        if self._woken != opens:
            self._woken = opens
            self._at(opens, self._nothing)

    async def _take_up(self, name: str) -> None:
        while (found := self.queues.oldest(name)) is not None:
            item, key, hat = found
            action = self._chosen(item.case, await self._possible(hat, item.case, _fitting(item)))
            if action is not None:
                self._begin(name, hat, item, action)
                return
            item.tried.add(key)
            await self._left_over(item)

    async def _left_over(self, item: Item) -> None:
        """Where nobody who is there can do some work, let it wait for who is away and could; else it waits no more."""
        if self.queues.open(item):
            return
        holders, fits = self.queues.holders(item.roles), _fitting(item)
        for name in sorted(holders - item.tried):
            person = self.setting.people[name]
            if self._chosen(item.case, await self._possible(person, item.case, fits)) is not None:
                there = [self.setting.people[one] for one in sorted(holders & item.tried) if self.away.there(one)]
                item.eyes = item.eyes or any([await barred(self.setting, one, item.case, fits) for one in there])
                self.queues.mark(item, self.now)
                return
            item.tried.add(name)
        self.queues.take(item, self.now)
        item.case.items.pop(item.key, None)
        await self._if_stuck(item.case)

    def _begin(self, name: str, hat: Person, item: Item, action: Action) -> None:
        item.taken = True
        self.queues.take(item, self.now)
        role = next(role for role in item.roles if role in hat.roles)
        self.tally.waits[role].append(self.now - (item.queued or item.since))
        mean = self.assumed.steps.get(action.name, self.assumed.service).total_seconds()
        work = item.left or dt.timedelta(seconds=self.chance.gammavariate(2, mean / 2))
        self.tally.busy[name] += work
        del self._free[name]
        job = self._work[name] = _Job(item, hat, role, action, self.hours.after(self.now, work))
        self._at(job.end, lambda: self._finish(name, job))

    async def _finish(self, name: str, job: _Job) -> None:
        if self._work.get(name) is not job:
            return
        del self._work[name]
        self._free[name] = None
        item, case = job.item, job.item.case
        item.taken, item.left = False, None
        if item.gone:
            return
        item.case.items.pop(item.key, None)
        if await self._act(job.hat, case, job.action):
            self.tally.done_by[job.role] += 1
        else:
            self.queues.put(item, self.now)

    # people are away --------------------------------------------------------------------------------------------------

    async def _people_come_and_go(self) -> None:
        """Let people be there or away as of today; others take up what whoever is away has begun."""
        if not self.away.shares or not await self.away.until(self.stage.app.calendar.today(self.now)):
            return
        for name, job in list(self._work.items()):
            gone = not self.away.there(name) or (job.hat.deputy is not None and job.hat not in self.away.hats(name))
            if gone:
                self._interrupt(name, job)
        for item in self.queues.waiting():
            before = item.held
            self.queues.mark(item, self.now)
            if item.tried and item.held is not None and before is None:
                await self._left_over(item)

    def _interrupt(self, name: str, job: _Job) -> None:
        del self._work[name]
        self._free[name] = None
        job.item.taken, job.item.left = False, self.hours.between(self.now, job.end)
        self.tally.busy[name] -= job.item.left
        self.tally.interrupted += 1
        if not job.item.gone:
            self.queues.put(job.item, self.now)

    def _wake_up(self) -> None:
        """Look again on the next working day where work waits for somebody who is away."""
        if self.away.shares and not self.queues.empty:
            zone = self.stage.app.calendar.timezone
            tomorrow = dt.datetime.combine(self.now.astimezone(zone).date() + dt.timedelta(days=1), dt.time(), zone)
            self._wake(self.hours.next_open(tomorrow.astimezone(dt.UTC)))

    async def _answer(self, case: Going, turn: int, since: dt.datetime | None = None) -> None:
        """Let somebody whom the record names do something, if there is something they can do; wait for who is away."""
        if case.turn != turn or not case.asked or case.rests:
            return
        case.asked = False
        others = [name for name in self.setting.people if name != case.creator]
        self.chance.shuffle(others)
        names = ([case.creator] if case.creator else []) + others
        for _, hat in (hat for name in names if self.away.there(name) for hat in self.queues.hats(name)):
            action = self._chosen(case, await self._possible(hat, case, case.for_people))
            while action is not None:
                if await self._act(hat, case, action):
                    if since is not None:
                        self.tally.held[""].append(self.now - since)
                    return
                action = self._chosen(case, await self._possible(hat, case, case.for_people))
        begun = since or self.now
        for name in (name for name in names if not self.away.there(name)):
            possible = await self._possible(self.setting.people[name], case, case.for_people)
            if self._chosen(case, possible) is not None:
                case.asked = True
                self._at(self.away.back(name), lambda: self._answer(case, turn, begun))
                return
        await self._if_stuck(case)

    # steps ------------------------------------------------------------------------------------------------------------

    async def _possible(self, person: Person, case: Going, fits: Callable[[Action], bool]) -> list[Action]:
        actions = await actions_of(self.setting, person, case)
        free = [one for one in actions if one.possible and one.deadline is None and one.name not in case.failed]
        return [one for one in free if fits(one)]

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
            case.stuck = None if pending else await reason(self.setting, case)

    async def _look_again(self, case: Going, turn: int) -> None:
        if case.turn == turn and not case.ended:
            case.idle += 1
            await self._offer(case)


def _fitting(item: Item) -> Callable[[Action], bool]:
    """Return whether an action is (part of) some work."""
    return lambda action: item.case.fits(action, item.key)
