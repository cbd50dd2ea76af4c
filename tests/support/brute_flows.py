"""A brute force over the real machine: says what can become of the cases of a random workflow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product

from fachwerk.problems import Refused
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.rules.to_python.environment import Evaluation
from fachwerk.schemas.model import Part, Project, Transition, Workflow
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.case import Action, Case, Done, Opinion, Outcome
from fachwerk.workflows.machine import Machine, compile_machine, opinion_record
from flows import Flow, Found

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
CONTEXT = Evaluation(NOW, NOW.date())


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whoever can read the case in one of their roles: a new person for every step."""

    roles: frozenset[str]
    id: str = "somebody"
    name: str = ""
    deputy: None = None


Key = tuple[
    str, tuple[tuple[str, str], ...], tuple[object, ...], frozenset[str], tuple[tuple[str, int], ...],
    tuple[tuple[str, tuple[str, ...], bool], ...], bool,
]  # fmt: skip
"""State, opinions, values, steps done, on how many records each part asks, the people asked, whether sub-cases are over."""
OFFICES: tuple[list[dict[str, object]], ...] = ([], [{"id": "a"}], [{"id": "a"}, {"id": "b"}])
TASKS: tuple[list[dict[str, object]], ...] = ([{"id": "t", "state": "open"}], [{"id": "t", "state": "over"}])
MOST_PEOPLE = 2
EDITED = ("edited",)
"""In the place of values: the place between that all cases lead to which an edit could make alike."""
Way = tuple["Key", int]
"""Where a step leads, and how many actions it is."""


@dataclass
class Brute:
    """Every case over every value, moved by the machine itself.

    *eyes* are the steps that bar from a transition, or from a part of a state.
    """

    project: Project
    flow: Flow
    eyes: Mapping[tuple[str, str], set[str]]
    cases: dict[Key, Case] = field(default_factory=dict)
    begun: set[Way] = field(default_factory=set)
    edges: dict[Key, set[Way]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    overlaps: set[tuple[str, str]] = field(default_factory=set)
    avoided: dict[str, set[tuple[Key | None, int]]] = field(default_factory=dict)
    acted: set[tuple[str, str, str]] = field(default_factory=set)
    left: set[tuple[str, str, str]] = field(default_factory=set)
    """What people did although not everybody had been heard whom a part asks that bars them."""
    given: set[str] = field(default_factory=set)
    circles: bool = False

    def __post_init__(self) -> None:
        self.workflow = self.project.workflows["flow"]
        calendar = Calendar()
        compile_rule = lambda rule: compile_record_rule(rule.checked, Environment())  # noqa: E731
        self.machine: Machine = compile_machine(self.workflow, calendar, compile_rule, {})
        grants = self.project.entities["case"].access
        self.reads = {name: compile_rule(grant.read) for name, grant in grants.items() if grant.read}
        update = grants["one"].update
        self.updates = compile_rule(update) if update else None
        self.guards = {t.name: compile_rule(t.when) for t in self.workflow.transitions.values() if t.when}
        self.names = list(self.flow.values)
        parts = [part for state in self.workflow.states.values() for part in state.parallel]
        self.roles = sorted({_asked(part) for part in parts if _of_people(part)})
        self.everybody = {one.name: one for one in parts if one.needs == "all" and not (one.each or one.not_by)}
        names = [one.name for one in parts]
        self.everybody = {name: one for name, one in self.everybody.items() if names.count(name) == 1}
        self.emptying = set(self._emptying())
        self.telling = set().union(*self.eyes.values()) | {f"all of {part}" for _, _, part in self.emptying}
        self.enough = _enough(self.workflow)

    def _emptying(self) -> Iterator[tuple[str, str, str]]:
        """Give the steps (after their state, where they are parts) for people all of whom a part asks that bars them."""
        acts = [("", one) for one in self.workflow.transitions.values() if one.by]
        acts += [(state.name, one) for state in self.workflow.states.values() for one in state.parallel]
        for state, one in acts:
            for name in self.everybody.keys() & set(one.not_by):
                roles = {"boss": {"boss", "one"}}.get(str(one.by[0].role), {str(one.by[0].role)})
                if _asked(self.everybody[name]) in roles:
                    yield state, one.name, name

    def _heard(self, *cases: Case) -> tuple[Done, ...]:
        """Give which parts have heard everybody, as steps."""
        return tuple(
            Done(f"all of {name}", None)
            for name in sorted({part for _, _, part in self.emptying}) for case in cases
            if self.everybody[name] in self.workflow.states[case.state].parallel
            and self.machine.parts.done(self.everybody[name], self.machine.parts.filled(case, CONTEXT), CONTEXT)
        )  # fmt: skip

    def run(self) -> Brute:
        """Visit everything."""
        initial = self.workflow.initial.name
        for values in product(*self.flow.values.values()):
            record = {**dict(zip(self.names, values, strict=True)), "opinions": [], "state": initial}
            for tasks in TASKS if self.flow.elsewhere.tasks else TASKS[:1]:
                case = Case(initial, {**record, "tasks": tasks, "offices": []})
                start = partial(self.machine.start, now=NOW, context=CONTEXT)
                self.begun |= set(self._ways(case, lambda one: one, start, None))
        waiting = [key for key, _ in self.begun]
        while waiting:
            key = waiting.pop()
            if key not in self.edges:
                self.edges[key] = set(self._moves(key))
                waiting += [target for target, _ in self.edges[key] if target not in self.edges]
        return self

    def _ways(
        self, case: Case, before_chain: Callable[[Case], Case], go: Callable[[Case], Outcome | None], source: Key | None,
        more: int = 0,
    ) -> Iterator[Way]:  # fmt: skip
        """Give where *go* leads: one way, or several where states are entered that ask who is there.

        *before_chain* gives the case before anything follows by itself.
        """
        for one in self._anywhere(case):
            before = before_chain(one)
            self._chain(before)
            if self.emptying:
                one = replace(one, done=(*one.done, *self._heard(one, before)))
            try:
                outcome = go(one) or Outcome(one.state, one.entry, ())
            except Refused as refused:
                if refused.code != "circle":
                    raise
                self.circles = True
                return
            yield self._keep(one, outcome, source, more)
            entered = [moved.target for moved in outcome.moved if moved.action in self.workflow.transitions]
            states = [self.workflow.states[name] for name in (entered if source else (case.state, *entered))]
            if not any(part.kept for state in states for part in state.parallel):
                return

    def _anywhere(self, case: Case) -> Iterator[Case]:
        """Give the case with whatever may just be so of offices, and of people who are not asked by it."""
        crowds = [[(role, here) for here in self._crowds(case, role)] for role in self.roles]
        for offices in OFFICES if self.flow.elsewhere.offices else OFFICES[:1]:
            for holders in product(*crowds):
                yield replace(case, record={**case.record, "offices": offices}, holders=dict(holders))

    def _crowds(self, case: Case, role: str) -> Iterator[frozenset[str]]:
        """Give who may hold a role: of those asked who have not said all yet the same as before, and others.

        How many are asked by the next state is whatever: who is asked by this one may have left by then.
        """
        here = case.holders.get(role, frozenset()) & self._owing(case, role)
        for count in range(*self.enough.get(role, (1, MOST_PEOPLE + 1))):
            yield here | {f"{role} new {number}" for number in range(count)}

    def _owing(self, case: Case, role: str) -> set[str]:
        """Return who of those asked has not said all yet, and may."""
        spoken = {(one.part, one.by) for one in case.opinions}
        parts = {part.name: part for part in self.workflow.states[case.state].parallel}
        members = [(one.part, member.id) for one in case.expected for member in one.members if member.entity == "user"]
        return {
            who for part, who in members
            if (part, who) not in spoken and who.startswith(f"{role} ") and not _did(case, who) & set(parts[part].not_by)
        }  # fmt: skip

    def _moves(self, key: Key) -> Iterator[Way]:
        case = self.cases[key]
        roles = self._able(case)
        parts = {part.name: part for part in self.workflow.states[case.state].parallel}
        yield from self._steps(case, roles, f"somebody {len(case.opinions)}", key, lambda action: True)
        for role, who in self._people(case):
            if who in case.holders[role]:
                mine = [part for part in parts.values() if _of_people(part) and _asked(part) == role]
                names = {name for part in mine for name in (part.name, *part.not_by)}
                yield from self._steps(case, roles, who, key, lambda action, names=names: action.part in names)
        yield from self._edits(case, key)
        yield from self._late(case, key)
        if self.flow.elsewhere.tasks:
            other = TASKS[1] if case.record["tasks"] == TASKS[0] else TASKS[0]
            settled = replace(case, record={**case.record, "tasks": other})
            yield from self._ways(settled, lambda one: one, self._settle, key, 1)
        for role, who in self._people(case):
            holders = {**case.holders, role: case.holders[role] ^ {who}}
            yield self._keep(replace(case, holders=holders), Outcome(case.state, case.entry, ()), key, more=1)
        if any(_of_people(part) for part in parts.values()):
            yield from self._ways(case, lambda one: one, self._settle, key)

    def _settle(self, case: Case) -> Outcome | None:
        return self.machine.settle(case, now=NOW, context=CONTEXT)

    def _late(self, case: Case, key: Key) -> Iterator[Way]:
        """Give what follows a deadline that is missed."""
        for deadline in self.workflow.deadlines.values():
            then = self.workflow.transitions[str(deadline.then)]
            guard = self.guards.get(then.name)
            holds = guard is None or guard({**case.record, "complete": self._complete(case)}, CONTEXT) is True
            if case.state in deadline.runs_in and holds:
                expire = partial(self.machine.expire, name=deadline.name, now=NOW, context=CONTEXT)
                yield from self._ways(case, partial(self._moved, transition=then), expire, key, 1)

    def _people(self, case: Case) -> Iterator[tuple[str, str]]:
        """Give those asked who have not said all yet, with their role; of those alike one."""
        seen = set()
        for role in self.roles:
            for who in sorted(self._owing(case, role)):
                alike = (role, self._said(case, who), who in case.holders[role])
                if alike not in seen:
                    seen.add(alike)
                    yield role, who

    def _steps(self, case: Case, roles: frozenset[str], who: str, key: Key, may: Callable[[Action], bool]) -> Iterator[Way]:
        """Give where the steps of somebody lead."""
        asked: dict[str, str] = {}
        person = Somebody(roles, who)
        for action in self.machine.actions(case, person, CONTEXT):
            if not action.possible or not may(action):
                continue
            if action.about is not None and asked.setdefault(action.part or "", action.about.id) != action.about.id:
                continue  # one record is like the other
            step = partial(self.machine.step, who=person, name=action.name, now=NOW, context=CONTEXT)
            yield from self._ways(case, partial(self._before_chain, action=action.name, who=person), step, key)

    def _able(self, case: Case) -> frozenset[str]:
        """The roles that can read the case: of one alone, of two alone, of boss (who is also one)."""
        able = set()
        one, two = (self.reads[name](case.record, CONTEXT) is True for name in ("one", "two"))
        if one:
            able |= {"one", "boss"}
        if two:
            able |= {"two"}
        return frozenset(able)

    def _edits(self, case: Case, key: Key) -> Iterator[Way]:
        state = self.workflow.states[case.state]
        if self.updates is None or self.updates(case.record, CONTEXT) is not True or state.editable is not None:
            return
        # an edit may give every field any value, so that what follows does not depend on the values before
        group: Key = (key[0], key[1], EDITED, *key[3:])
        if group not in self.edges:
            self.edges[group] = set()
            for values in product(*self.flow.values.values()):
                record = {**case.record, **dict(zip(self.names, values, strict=True))}
                self.edges[group] |= set(self._ways(replace(case, record=record), lambda one: one, self._settle, group))
            yield from self.edges[group]
        yield group, 0

    def _keep(self, case: Case, outcome: Outcome, source: Key | None, more: int = 0) -> Way:
        """Keep the case after *outcome* and return where that is, *more* and its actions away from *source*."""
        self.taken |= {moved.action for moved in outcome.moved}
        self.entered |= {case.state, *(moved.target for moved in outcome.moved)}
        opinions = (*case.opinions, outcome.opinion) if outcome.opinion else case.opinions
        names = [m.action for m in outcome.moved if m.action in self.workflow.transitions]
        if any(self.workflow.states[self.workflow.transitions[name].target].parallel for name in names):
            opinions = ()
        done = [*case.done, *(Done(moved.action.partition(".")[0], moved.by) for moved in outcome.moved)]
        for at, moved in enumerate(outcome.moved):
            opinion = moved.action not in self.workflow.transitions
            name = moved.action.partition(".")[0]
            act = (moved.source if opinion else "", name)
            self.given |= {f"{moved.source}.{name}"} if opinion else set()
            for one in (one for one in self.emptying if one[:2] == act):
                self.acted.add(one)
                if f"all of {one[2]}" not in {before.action for before in case.done}:
                    self.left.add(one)
            barred = self.eyes.get(act, set())
            if barred and not barred & {one.action for one in done[: len(case.done) + at]}:
                self.avoided.setdefault(name, set()).add((source, more + at + 1))
        record = {**case.record, **outcome.set, "state": outcome.state}
        expected = outcome.expected if outcome.entry != case.entry or outcome.opinion or not case.entry else case.expected
        expected = expected if names or outcome.opinion else self.machine.parts.filled(case, CONTEXT).expected
        after = Case(outcome.state, record, 0, opinions, tuple(done), expected=expected, holders=case.holders)
        after = self._asked_now(after, {who for role in case.holders for who in self._owing(case, role)} if names else set())
        key = self._key(after)
        self.cases.setdefault(key, after)
        return key, more + len(outcome.moved)

    def _asked_now(self, case: Case, gone: set[str]) -> Case:
        """The case with those who are asked in its state called by number, without those of the state before."""
        members = sorted({m.id for one in case.expected for m in one.members if m.entity == "user"} - gone)
        called = {who: f"{who.split()[0]} {number}" for number, who in enumerate(members)}
        expected = tuple(
            replace(one, members=tuple(replace(m, id=called.get(m.id, m.id)) for m in one.members if m.id not in gone))
            for one in case.expected
        )
        opinions = tuple(
            Opinion(one.part, one.outcome, called.get(one.by, one.by), NOW, about=one.about) for one in case.opinions
        )  # fmt: skip
        record = {**case.record, "opinions": [opinion_record(one) for one in opinions]}
        holders = {role: frozenset(called[who] for who in case.holders[role] if who in called) for role in self.roles}
        known = {(one.action, called.get(one.by or "")) for one in case.done}
        told = sorted((name, who or "") for name, who in known if who or name in self.telling)
        done = tuple(Done(name, who or None) for name, who in told)
        return replace(case, record=record, opinions=opinions, expected=expected, holders=holders, done=done)

    def _key(self, case: Case) -> Key:
        """What tells cases apart: of people who have said the same things and are there or not, it does not matter who."""
        pairs = tuple(sorted((o.part, o.outcome) for o in case.opinions))
        values = tuple(case.record[name] for name in self.names)
        people = []
        for role in self.roles:
            owing = self._owing(case, role)
            for who in {m.id for one in case.expected for m in one.members if m.id.startswith(f"{role} ")}:
                people.append((role, self._said(case, who), who in owing and who in case.holders[role]))
        over = case.record["tasks"] == TASKS[1]
        done = frozenset(one.action for one in case.done if one.action in self.telling)
        return (case.state, pairs, values, done, sizes_of(case), tuple(sorted(people)), over)

    def _said(self, case: Case, who: str) -> tuple[str, ...]:
        return tuple(sorted(one.part for one in case.opinions if one.by == who))

    def _before_chain(self, case: Case, action: str, who: Somebody) -> Case:
        """The case right after an action, before anything follows by itself."""
        transition = self.workflow.transitions.get(action)
        if transition is None:
            step, _, about = action.partition(":")
            part, _, outcome = step.partition(".")
            opinions = (*case.opinions, Opinion(part, outcome, who.id, NOW, about=about or None))
            listed = [opinion_record(one) for one in opinions]
            done = (*case.done, Done(part, who.id))
            return replace(case, record={**case.record, "opinions": listed}, opinions=opinions, done=done)
        return self._moved(case, transition, who.id)

    def _moved(self, case: Case, transition: Transition, by: str | None = None) -> Case:
        values = {name: rule.constant for name, rule in transition.set.items()}
        record = {**case.record, **values, "state": transition.target}
        opinions = case.opinions
        if self.workflow.states[transition.target].parallel:
            opinions, record = (), {**record, "opinions": []}
        done = (*case.done, Done(transition.name, by))
        after = replace(case, state=transition.target, record=record, opinions=opinions, expected=(), done=done)
        return self.machine.parts.filled(after, CONTEXT)

    def _chain(self, case: Case) -> None:
        """Note automatic transitions that are possible at once."""
        for _ in range(60):
            record = {**case.record, "complete": self._complete(case)}
            possible = [
                t for t in self.workflow.transitions.values()
                if not t.by and case.state in t.source and t.when is not None and self.guards[t.name](record, CONTEXT) is True
            ]  # fmt: skip
            self.overlaps |= {(possible[0].name, t.name) for t in possible[1:] if t.target != possible[0].target}
            if not possible:
                return
            case = self._moved(case, possible[0])

    def _complete(self, case: Case) -> bool:
        """Whether enough was said, counted anew."""
        state, there = self.workflow.states[case.state], 0
        members = {one.part: {member.id for member in one.members} for one in case.expected}
        for part in state.parallel:
            spoken = {one.by for one in case.opinions if one.part == part.name}
            count, waited = sum(one.part == part.name for one in case.opinions), members.get(part.name, set())
            if _of_people(part):
                free = {who for who in case.holders[_asked(part)] if not _did(case, who) & set(part.not_by)}
                waited = waited & (spoken | free)
            size = max(len(waited), not part.each)
            words = {"all": size, "majority": size // 2 + 1 if size else 0}
            least = words[part.needs] if isinstance(part.needs, str) else min(part.needs, size) if part.each else part.needs
            there += count >= least
        tasks: list[dict[str, object]] = case.record["tasks"]  # type: ignore[assignment]
        waits = state.waits_for is not None and any(one["state"] != "over" for one in tasks)
        return there >= (state.needs or len(state.parallel)) and not waits

    def found(self) -> Found:
        """Return what becomes of the cases."""
        final = {name for name, state in self.workflow.states.items() if state.final}
        leaving = self._back({k for k, to in self.edges.items() if any(t[0] != k[0] for t, _ in to)}, same=True)
        cases = [k for k in self.edges if k[2] != EDITED]
        stuck = {k for k in cases if k[0] not in final and k not in leaving}
        ended = self._back({k for k in self.edges if k[0] in final}, same=False)
        endless = {k for k in cases if k not in ended and k not in stuck}
        reached = {k[0] for k in cases}
        never = {
            t.name for t in self.workflow.transitions.values() if t.name not in self.taken and reached & set(t.source)
        }
        states = frozenset(self.workflow.states)
        return Found(
            frozenset(k[0] for k in stuck),
            frozenset(k[0] for k in endless),
            states - frozenset(self.entered),
            frozenset(never),
            frozenset(self.overlaps),
            self.circles,
            frozenset(self.avoided),
            frozenset(one[1] for one in self.acted - self.left if self._later(*one)),
            frozenset(f"{at}.{part.name}" for at in reached for part in self.workflow.states[at].parallel) - self.given,
            frozenset(self.entered - reached),
            self._nearest(stuck, endless),
        )

    def _later(self, state: str, name: str, other: str) -> bool:
        """Whether a step comes after the part that bars from it: in another state, or there by its order."""
        beside = self.workflow.states[state].parallel if state else ()
        own = next((one for one in beside if one.name == name), None)
        return own is None or other in own.after or all(one.name != other for one in beside)

    def _nearest(self, stuck: set[Key], endless: set[Key]) -> dict[tuple[str, str], int]:
        """Return how many actions lead to the nearest of what goes wrong."""
        far: dict[Key | None, int] = self._far()
        nearest: dict[tuple[str, str], int] = {}
        wrong = [("stuck", key[0], far[key]) for key in stuck] + [("no-end", "", far[key]) for key in endless]
        wrong += [("four-eyes-avoided", name, far[at] + more) for name, ways in self.avoided.items() for at, more in ways]
        for code, where, length in wrong:
            nearest[code, where] = min(length, nearest.get((code, where), length))
        return nearest

    def _far(self) -> dict[Key | None, int]:
        """Return how many actions lead to each case; ``None`` is the beginning."""
        far: dict[Key | None, int] = {None: 0}
        waiting: dict[int, list[Key]] = {}
        for key, length in self.begun:
            waiting.setdefault(length, []).append(key)
        while waiting:
            length = min(waiting)
            for key in dict.fromkeys(waiting.pop(length)):
                if key not in far:
                    far[key] = length
                    for target, more in self.edges[key]:
                        if target not in far:
                            waiting.setdefault(length + more, []).append(target)
        return far

    def _back(self, goals: set[Key], *, same: bool) -> set[Key]:
        before: dict[Key, list[Key]] = {}
        for key, targets in self.edges.items():
            for target, _ in targets:
                if not same or target[0] == key[0]:
                    before.setdefault(target, []).append(key)
        found, waiting = set(goals), list(goals)
        while waiting:
            for key in before.get(waiting.pop(), ()):
                if key not in found:
                    found.add(key)
                    waiting.append(key)
        return found


def _of_people(part: Part) -> bool:
    return part.each is None and isinstance(part.needs, str)


def _asked(part: Part) -> str:
    return str(part.by[0].role)


def _did(case: Case, who: str) -> set[str]:
    return {one.action for one in case.done if one.by == who}


def _enough(workflow: Workflow) -> dict[str, tuple[int, int]]:
    """Return how many people have a role where parts of one state are for different ones of them: always enough."""
    found: dict[str, int] = {}
    for state in workflow.states.values():
        for one in filter(_of_people, state.parallel):
            alike = [other for other in state.parallel if _of_people(other) and _asked(other) == _asked(one)]
            barring = [other for other in state.parallel if any(other.name in part.not_by for part in alike)]
            takes = [2 if other.each else int(other.needs) for other in barring if not _of_people(other)]
            count = sum(takes) + 1 + ((sum(takes) + 2) if len(takes) < len(barring) else 0)
            if barring:
                found[_asked(one)] = max(count, found.get(_asked(one), 0))
    return {role: (count, count + 1) for role, count in found.items()}


def sizes_of(case: Case) -> tuple[tuple[str, int], ...]:
    """Return on how many records the parts of the present state ask for an opinion."""
    return tuple(sorted((one.part, sum(m.entity != "user" for m in one.members)) for one in case.expected))


def brute_force(flow: Flow, project: Project) -> Found:
    """Say by brute force what becomes of the cases of a random workflow."""
    workflow = project.workflows["flow"]
    people = {name for name, one in workflow.transitions.items() if one.by}
    eyes = {("", one.name): people_of(one.not_by, people, ()) for one in workflow.transitions.values() if one.by}
    for state in workflow.states.values():
        beside = [part.name for part in state.parallel]
        eyes |= {(state.name, part.name): people_of(part.not_by, people, beside) for part in state.parallel}
    return Brute(project, flow, {step: barred for step, barred in eyes.items() if barred}).run().found()


def people_of(not_by: tuple[str, ...], transitions: set[str], beside: Iterable[str]) -> set[str]:
    """Return the steps of people that bar from another: *transitions* by people, and parts that are not *beside* it."""
    return {name for name in not_by if name in transitions or name in "pq"} - set(beside)
