"""Random workflows whose running cases keep their version, with a plain account of where every case should stand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal

from changing_flows import CLERK, HEAD, Town, people, planned, put, town
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.inbox import Inbox
from fachwerk.engine.values import Person

NAMES = ("draft", "filed", "read", "weighed", "granted", "refused", "closed")
FRAME = """
app: town
---
roles: {clerk: , head: }
---
entity: permit
title: subject
fields:
  subject: text!
  fee: money
  note: text
access:
  clerk: {create: true, read: true, update: true, delete: true}
  head: {create: true, read: true, update: true, delete: true}
---
workflow: review
of: permit
"""


@dataclass(frozen=True)
class Way:
    """A transition: from one state to another, by whom, and from which fee on."""

    source: str
    target: str
    by: str
    least: int | None
    was: str = field(default="", compare=False)


@dataclass(frozen=True)
class Flow:
    """A workflow as data; *final* are the states in which cases are over."""

    states: tuple[str, ...]
    final: frozenset[str]
    ways: dict[str, Way]
    cases: str = "keep"
    was: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """Return it as a configuration."""
        lines = [f"cases: {self.cases}", *(["was: {" + ", ".join(f"{a}: {b}" for a, b in self.was) + "}"] if self.was else [])]
        lines.append("states:")
        for place, name in enumerate(self.states):
            lines.append(f"  {name}: {{{'initial: true' if place == 0 else 'final: true' if name in self.final else ''}}}")
        lines.append("transitions:")
        for name, way in self.ways.items():
            guard = f", when: fee > {way.least}" if way.least is not None else ""
            was = f", was: {way.was}" if way.was else ""
            lines.append(f"  {name}: {{from: {way.source}, to: {way.target}, by: {way.by}{guard}{was}}}")
        return FRAME + "\n".join(lines) + "\n"

    def renamed(self, was: str, now: str) -> Flow:
        """Return it with a transition called otherwise, if it has that one."""
        return replace(self, ways={now if name == was else name: way for name, way in self.ways.items()})

    def actions(self, state: str, fee: int, role: str) -> dict[str, bool]:
        """Return what can be done in *state*, and whether a holder of *role* may."""
        return {
            name: way.by == role and (way.least is None or fee > way.least)
            for name, way in self.ways.items()
            if way.source == state
        }


@dataclass
class Case:
    """Where a case should stand, and under which workflow."""

    key: str
    fee: int
    state: str
    flow: Flow


def random_flow(rng: random.Random) -> Flow:
    """Return a workflow in which every state leads to an end."""
    middle = rng.sample(NAMES[1:4], rng.randint(1, 3))
    ends = rng.sample(NAMES[4:], rng.randint(1, 2))
    states = (rng.choice(NAMES[:1]), *middle, *ends)
    ways = {}
    for place, name in enumerate(states[: -len(ends)]):
        forward = [*states[place + 1 : -len(ends)][:1], *ends] if rng.random() < 0.5 else list(states[place + 1 :])[:2]
        for target in dict.fromkeys(forward):
            least = rng.choice((None, None, 5, 50))
            ways[f"{name}_to_{target}{rng.choice(('', '_now'))}"] = Way(name, target, rng.choice(("clerk", "head")), least)
        # whatever the fee, there is a way on
        ways[f"{name}_on"] = Way(name, states[place + 1], rng.choice(("clerk", "head")), None)
    reached = {way.target for way in ways.values()}
    for end in ends:
        if end not in reached:
            ways[f"to_{end}"] = Way(states[0], end, "head", None)
    return Flow(states, frozenset(ends), ways)


def edited(rng: random.Random, flow: Flow) -> Flow:
    """Return another workflow: changed a little, or altogether."""
    if rng.random() < 0.5:
        return random_flow(rng)
    name = rng.choice(sorted(flow.ways))
    way = flow.ways[name]
    changed = rng.choice((replace(way, by="head" if way.by == "clerk" else "clerk"), replace(way, least=None)))
    return replace(flow, ways={**flow.ways, name: changed}, cases="keep", was=())


@dataclass
class Play:
    """A town whose workflow changes again and again while cases go on."""

    database: Database
    rng: random.Random
    flow: Flow
    here: Town | None = None
    cases: list[Case] = field(default_factory=list)
    versions: list[tuple[int, Flow]] = field(default_factory=list)
    """What can be gone back to: versions since the last one that moved cases."""
    counts: dict[str, int] = field(default_factory=dict)
    names: list[tuple[int, str, str]] = field(default_factory=list)
    """What was renamed: by which version, from what to what."""

    async def run(self, steps: int) -> dict[str, int]:
        """Play *steps* changes; returns how often what happened."""
        self.here = await put(self.database, self.flow.text())
        self.versions = [(1, self.flow)]
        await people(self.database)
        for _ in range(steps):
            await self._live()
            await self._change()
            await self._look()
        return self.counts

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    @property
    def town(self) -> Town:
        """The version in force."""
        assert self.here is not None
        return self.here

    async def _live(self) -> None:
        for _ in range(self.rng.randint(1, 4)):
            fee = self.rng.choice((1, 10, 100))
            made = await self.town.service.create(CLERK, "permit", {"subject": f"s{len(self.cases)}", "fee": Decimal(fee)})
            self.cases.append(Case(made.id, fee, self.flow.states[0], self.flow))
        for case in self.cases:
            if case.state not in case.flow.final and self.rng.random() < 0.4:
                who, role = self.rng.choice(((CLERK, "clerk"), (HEAD, "head")))
                names = [name for name, may in case.flow.actions(case.state, case.fee, role).items() if may]
                if names:
                    name = self.rng.choice(names)
                    case.state = case.flow.ways[name].target
                    assert await self.town.act(case.key, name, who) == case.state

    async def _change(self) -> None:
        chance = self.rng.random()
        if chance < 0.2 and len(self.versions) > 1:
            await self._back()
        elif chance < 0.4:
            await self._move()
        elif chance < 0.55:
            await self._rename()
        else:
            self.flow = edited(self.rng, self.flow)
            plan = await planned(self.database, self.flow.text())
            assert not plan.blocked
            kept = sum(impact.count for impact in plan.impacts if impact.kind == "kept")
            self.here = await put(self.database, self.flow.text())
            number = self.town.service.app.project.number
            if number != self.versions[-1][0]:
                self.versions.append((number, self.flow))
            self._count("kept" if kept else "changed")
            running = sum(case.state not in case.flow.final for case in self.cases)
            there = self.town.service.app.project.workflows["review"]
            assert kept <= running
            assert kept == running or any(_same(case.flow, self.flow) for case in self.cases), (kept, running, sorted(there.kept))

    async def _move(self) -> None:
        """All cases move to a new workflow; those in states that are gone begin again."""
        new = edited(self.rng, self.flow)
        used = {case.state for case in self.cases}
        known = {state for case in self.cases for state in case.flow.states} | used
        self.flow = replace(new, cases="move", was=tuple((name, new.states[0]) for name in sorted(known - set(new.states))))
        self.here = await put(self.database, self.flow.text())
        for case in self.cases:
            case.state = case.state if case.state in new.states else new.states[0]
            case.flow = self.flow
        self.versions = [(self.town.service.app.project.number, self.flow)]
        self._count("moved")

    async def _rename(self) -> None:
        """Another name for a transition: in the new version, and in all that cases keep."""
        was, now = self.rng.choice(sorted(self.flow.ways)), f"way{self.counts.get('renamed', 0)}"
        flow = replace(self.flow, cases="keep", was=()).renamed(was, now)
        flow.ways[now] = replace(flow.ways[now], was=was)
        self.here, self.flow = await put(self.database, flow.text()), flow
        flow.ways[now] = replace(flow.ways[now], was="")
        number = self.town.service.app.project.number
        self.versions.append((number, flow))
        self.names.append((number, was, now))
        for case in self.cases:
            case.flow = case.flow.renamed(was, now)
        self._count("renamed")

    async def _back(self) -> None:
        number, flow = self.rng.choice(self.versions[:-1])
        if flow.cases == "move":
            return
        await rollback(self.database, number)
        for _, was, now in reversed([one for one in self.names if one[0] > number]):
            for case in self.cases:
                case.flow = case.flow.renamed(now, was)
        self.names = [one for one in self.names if one[0] <= number]
        self.here, self.flow = await town(self.database), flow
        self.versions = [one for one in self.versions if one[0] <= number]
        self.versions[-1] = (self.town.service.app.project.number, flow)
        self._count("back")

    async def _look(self) -> None:
        app = self.town.service.app
        options = {option.name for option in app.entities["permit"].model.fields["state"].options}
        waiting = {}
        for who in (CLERK, HEAD):
            waiting[who.id] = {one.id for one in (await Inbox(self.town.service).of(who))[0]}
        for case in self.cases:
            record = await self.town.service.read(CLERK, "permit", case.key)
            assert record.values["state"] == case.state
            assert case.state in options
            if case.state not in case.flow.final:
                for who, role in ((CLERK, "clerk"), (HEAD, "head")):
                    await self._same_actions(case, who, role, waiting[who.id])

    async def _same_actions(self, case: Case, who: Person, role: str, waiting: set[str]) -> None:
        expected = case.flow.actions(case.state, case.fee, role)
        assert await self.town.actions(case.key, who) == expected, (case, self.flow)
        may = any(way.by == role and way.source == case.state for way in case.flow.ways.values())
        assert (case.key in waiting) == may, (case, role)
        self._count("looked")


def _same(one: Flow, other: Flow) -> bool:
    return (one.states, one.final, one.ways) == (other.states, other.final, other.ways)
