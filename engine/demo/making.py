"""Makes demo data through the service: people, records in the order of their links, and steps of their workflows.

What the configuration refuses is drawn again; what it refuses every time is left out and counted. So demo data never
breaks a rule, and a configuration that lets nothing in shows at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fachwerk.engine.demo import pools
from fachwerk.engine.demo.doors import Acting, Case, Doors, Made
from fachwerk.engine.demo.drawing import NOTHING, Candidates, Hat
from fachwerk.engine.demo.limits import Limits, Standing
from fachwerk.problems import Refused
from fachwerk.schemas.model import Entity, Grant, Part, Performer, Project, Rule, Transition, Workflow

ATTEMPTS = 30
"""How often a refused record is drawn again."""
LATELY = 75
"""So many days back something is of late."""
YEAR = 240
"""Over how many days cases are spread; what they need is there before."""
DISCOURAGING = ("withdraw", "refuse", "reject", "cancel", "decline", "drop", "revoke", "ask", "send_back", "reopen")


@dataclass
class Count:
    """What came of it."""

    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    steps: int = 0


@dataclass
class Maker:
    """Makes about *total* records of a project for the given people."""

    project: Project
    doors: Doors
    people: Mapping[str, Acting]
    """By sign-in name."""
    hat: Hat
    now: dt.datetime
    count: Count = field(default_factory=Count)
    began: dt.datetime = dt.datetime.min
    """When the record at hand is made."""
    moments: dict[str, dt.datetime] = field(default_factory=dict)
    """When records were made, of those that others link to and that are cases."""
    users: dict[str, str] = field(default_factory=dict)
    """Record of a person -> sign-in name."""
    stuck: list[tuple[Entity, Workflow, Case]] = field(default_factory=list)
    """Cases that could not go on when they were made: perhaps they can once everything else is there."""
    sample: Candidates = field(default_factory=dict)
    """What belongs together in the record at hand."""
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)
    """Where cases stand, by workflow and record."""

    def __post_init__(self) -> None:
        self.limits = Limits(self.doors, self.hat, self._able)
        self._parents = waited_for(self.project)
        self._lingering: set[tuple[str, str]] = set()

    async def make(self, total: int, progress: Callable[[int, int], None] = lambda done, of: None) -> Count:
        """Make the records of all entities, then return what came of it."""
        shares = self._shares(total)
        done, whole = 0, sum(shares.values())
        for name in ordered(self.project):
            entity = self.project.entities[name]
            for index in range(shares[name]):
                self._set_time(self._moment(entity, index / shares[name]))
                await self._one(entity, index)
                done += 1
                progress(done, whole)
        stuck, self.stuck = self.stuck, []
        for entity, workflow, case in stuck:
            await self._walk(entity, workflow, case)
        await self.limits.show(self.standing.values(), self.now)
        self.doors.set_time(self.now)
        return self.count

    def _moment(self, entity: Entity, share: float) -> dt.datetime:
        """Return when the record after *share* of its kind is made: what cases need, before them."""
        days = YEAR * (1 - share) ** 1.4 if entity.workflows else YEAR + 30 * (1 - share)
        day = (self.now - dt.timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)
        return day + dt.timedelta(seconds=self.hat.random.randrange(9 * 3600))

    def _set_time(self, moment: dt.datetime) -> None:
        self.began = min(moment, self.now)
        self.hat.today = self.began.date()
        self.doors.set_time(self.began)

    def _shares(self, total: int) -> dict[str, int]:
        told = self.project.demo.counts if self.project.demo else {}
        weights = {name: told.get(name, 0 if told else 10) for name in self.project.entities}
        whole = sum(weights.values()) or 1
        return {name: max(round(total * weight / whole), 1 if weight else 0) for name, weight in weights.items()}

    async def _one(self, entity: Entity, index: int) -> None:
        record, owned, problems = None, "", set[str]()
        for attempt in range(ATTEMPTS):
            values = self._values(entity, attempt, problems)
            owned = self._give_user(entity, index, values)
            who = self._creator(entity, attempt, values)
            if who is None:
                break
            try:
                record = await self.doors.create(who, entity.name, values)
                break
            except Refused as refused:
                problems.update(refused.fields or {refused.code})
        if record is None:
            self.count.refused[f"{entity.name}: {', '.join(sorted(problems)) or 'nobody may create it'}"] += 1
            return
        self._keep(entity, record, owned)
        for name in entity.workflows:
            workflow = self.project.workflows[name]
            sample = self.sample
            await self._walk(
                entity, workflow, Case(record.id, workflow.initial.name, self.began, dict(record.values), sample)
            )

    def _values(self, entity: Entity, attempt: int, problems: set[str]) -> dict[str, object]:
        """Draw values; where they link to a case that is younger, the record is made after it."""
        without = _optional(entity, problems)
        self.sample = self.hat.sample(entity, attempt)
        values = self.hat.record(entity, 0.85 if attempt < 3 else 0.4, without, self.sample)
        self._join(entity, values)
        moments = [self.moments[value] for value in values.values() if isinstance(value, str) and value in self.moments]
        if moments and max(moments) >= self.began:
            self._set_time(max(moments) + dt.timedelta(days=self.hat.random.randint(1, 9), minutes=attempt))
            again = [one for one in entity.fields.values() if one.name in values and one.kind in ("date", "datetime")]
            drawn = {one.name: self.hat.draw(entity, one, values, self.sample) for one in again}
            values.update({name: value for name, value in drawn.items() if value is not NOTHING})
        return values

    def _join(self, entity: Entity, values: dict[str, object]) -> None:
        """Let a sub-case mostly belong to a case that waits for such."""
        for link, workflow, state in self._parents.get(entity.name, ()):
            waiting = [case for key, (_, _, case) in self.standing.items() if (key[0], case.state) == (workflow, state)]
            if waiting and self.hat.random.random() < 0.7:
                case = self.hat.random.choice(waiting)
                values[link] = case.record
                self.moments[case.record] = max(case.moment, self.moments[case.record])

    def _keep(self, entity: Entity, record: Made, owned: str) -> None:
        self.hat.made.setdefault(entity.name, []).append(record.id)
        if owned:
            self.hat.owned.setdefault(entity.name, []).append(record.id)
            self.users[record.id] = owned
        if entity.workflows:
            self.moments[record.id] = self.began
        self.count.made[entity.name] += 1

    def _give_user(self, entity: Entity, index: int, values: dict[str, object]) -> str:
        """Let the first records belong to those who can sign in, with their names; return the sign-in name."""
        for one in entity.fields.values():
            names = self.hat.candidates.get(entity.name, {}).get(one.name, ())
            if one.kind == "user" and not one.system and index < len(names):
                name = str(names[index])
                values[one.name] = self.people[name].id
                self._give_name(entity, self.people[name].name, values)
                return name
        return ""

    def _give_name(self, entity: Entity, full: str, values: dict[str, object]) -> None:
        given, _, family = full.rpartition(" ")
        for field_name, value in (("given_name", given.removeprefix("Dr. ")), ("family_name", family)):
            if value and field_name in values:
                values[field_name] = value
        if given and {"name", "given_name"} <= values.keys():
            values["name"] = family

    def _creator(self, entity: Entity, attempt: int, values: Mapping[str, object]) -> Acting | None:
        grants = {role: grant for role, grant in entity.access.items() if grant.create is not None}
        able = [p for p in self.people.values() if p.roles & set(grants)] or list(self.people.values())
        if attempt < 3:
            linked = {self.users[value] for value in values.values() if isinstance(value, str) and value in self.users}
            own = [self.people[name] for name in linked if self.people[name] in able]
            if own:
                return own[0]
            best = max((_certainty(p, grants) for p in able), default=0)
            able = [p for p in able if _certainty(p, grants) == best]
        return self.hat.random.choice(able) if able else None

    async def _walk(self, entity: Entity, workflow: Workflow, case: Case) -> None:
        """Let a case take its way until it ends, waits for somebody, or is there where cases are today."""
        patience = 0.97 if self.now - case.moment > dt.timedelta(days=100) else 0.86
        while True:
            self.standing[workflow.name, case.record] = (entity, workflow, case)
            if workflow.states[case.state].final or await self._lingers(entity, workflow, case):
                return
            if self.hat.random.random() >= patience:
                return
            minutes = self.hat.random.randint(16 * 60, 15 * 24 * 60)
            moment = _at_work(case.moment + dt.timedelta(minutes=minutes))
            if moment > self.now:
                return
            self.doors.set_time(moment)
            self.hat.today = moment.date()
            await self.limits.touch(entity, workflow, case)
            step = await self._step(entity, workflow, case, moment)
            if step is None:
                self.stuck.append((entity, workflow, case))
                return
            case = replace(case, state=step, moment=moment)

    async def _lingers(self, entity: Entity, workflow: Workflow, case: Case) -> bool:
        """Whether a case of late stays where several are asked or a limit rests, so that such can be seen."""
        state = workflow.states[case.state]
        several = any(_is_of_several(part) for part in state.parallel)
        rests = any(case.state in one.paused_in for one in workflow.deadlines.values())
        if not (several or rests) or self.now - case.moment > dt.timedelta(days=LATELY):
            return False
        if (workflow.name, case.state) in self._lingering and self.hat.random.random() < 0.7:
            return False
        self._lingering.add((workflow.name, case.state))
        if several:
            moment = case.moment + dt.timedelta(hours=self.hat.random.randint(2, 60))
            await self._speak(entity, case, state.parallel[:1], moment, once=True)
        return True

    async def _step(self, entity: Entity, workflow: Workflow, case: Case, moment: dt.datetime) -> str | None:
        """Take a step, or give opinions; return the state then, ``None`` where nobody could do anything."""
        if await self._speak(entity, case, workflow.states[case.state].parallel, moment):
            case.values.update((await self.doors.look(entity.name, case.record)).values)
            return str(case.values[workflow.field])
        ways = [t for t in workflow.transitions.values() if t.by and case.state in t.source]
        self.hat.random.shuffle(ways)
        ways.sort(key=_discouraging)
        resting = {state for one in workflow.deadlines.values() for state in one.paused_in}
        asked = [way for way in ways if way.target in resting and self.hat.random.random() < 0.2]
        for way in [*asked, *ways][:4]:
            if way not in asked and _discouraging(way) and self.hat.random.random() < 0.75:
                continue
            if await self._take(entity, case, way):
                return way.target
        return None

    async def _speak(
        self, entity: Entity, case: Case, parts: Sequence[Part], moment: dt.datetime, *, once: bool = False
    ) -> bool:
        """Give some of the opinions that are missing; return whether any was given."""
        given = False
        for part in parts:
            favoured = [part.outcomes[0]] * 9 + list(part.outcomes)
            several = _is_of_several(part)
            for _ in range(3 if several and not once else 1):
                if self.hat.random.random() < (0.6 if several else 0.85):
                    outcome = self.hat.random.choice(favoured).name
                    moment += dt.timedelta(minutes=self.hat.random.randint(5, 90))
                    self.doors.set_time(min(moment, self.now))
                    done = await self._try(entity, case, f"{part.name}.{outcome}", {}, None, self._able(part.by))
                    given = given or bool(done)
        return given

    async def _take(self, entity: Entity, case: Case, way: Transition) -> bool:
        """Take a way; what it asks for is drawn again where it does not fit."""
        able = self._able(way.by)
        for _ in range(6 if way.require else 1):
            needed = self._needed(entity, way, case)
            done = await self._try(entity, case, way.name, needed, self._comment(way), able)
            if done is not None:
                return done
        return False

    def _needed(self, entity: Entity, way: Transition, case: Case) -> dict[str, object]:
        known = case.values
        drawn: dict[str, object] = {}
        for name in (*way.require, *way.fill):
            if known.get(name) in (None, "", ()):
                drawn[name] = self.hat.draw(entity, entity.fields[name], {**known, **drawn}, case.sample)
        return {name: value for name, value in drawn.items() if value is not NOTHING}

    def _able(self, by: Sequence[Performer]) -> list[Acting]:
        """Return who may be able to: whoever has it as their work before the head of all."""
        roles = {one.role for one in by if one.person is None}
        people = [p for p in self.people.values() if p.roles & roles or any(one.person is not None for one in by)]
        self.hat.random.shuffle(people)
        return sorted(people, key=lambda person: len(person.roles))

    async def _try(
        self,
        entity: Entity,
        case: Case,
        action: str,
        values: Mapping[str, object],
        comment: str | None,
        able: Sequence[Acting],
    ) -> bool | None:
        """Have somebody do it; ``None`` where the values did not fit, so that others might."""
        unfit: bool | None = False
        for person in able:
            try:
                done = await self.doors.act(person, entity.name, case.record, action, values, comment)
            except Refused as refused:
                if refused.code in ("guard", "wrong_state"):
                    return False
                unfit = None if refused.fields else unfit
                continue
            case.values.update(done.values)
            self.count.steps += 1
            return True
        return unfit

    def _comment(self, way: Transition) -> str | None:
        told = self.project.demo.comments if self.project.demo else {}
        if way.name in told:
            return self.hat.random.choice(told[way.name])
        return self.hat.random.choice(pools.COMMENTS) if way.comment == "required" else None


def _is_of_several(part: Part) -> bool:
    return part.each is not None or part.needs != 1


def _discouraging(way: Transition) -> bool:
    """Whether a way leads back or off: it says so, or it must be explained."""
    return way.comment == "required" or way.name.startswith(DISCOURAGING)


def _certainty(person: Acting, grants: Mapping[str, Grant]) -> int:
    return sum(_certain(grants[role].read) for role in person.roles & set(grants)) and 1


def _at_work(moment: dt.datetime) -> dt.datetime:
    """Return the same moment, or the next working day's where it is on a weekend; between 7 and 17 o'clock."""
    moment += dt.timedelta(days=(0, 0, 0, 0, 0, 2, 1)[moment.weekday()])
    return moment.replace(hour=7 + moment.hour % 10)


def _certain(rule: Rule | None) -> bool:
    return rule is not None and rule.constant is True


def ordered(project: Project) -> list[str]:
    """Return the entities so that what a record links to comes before it, and relations before what may need them."""
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in done or name in path:
            return
        for one in project.entities[name].fields.values():
            if one.kind in ("link", "links"):
                for target in one.to:
                    if target in project.entities:
                        visit(target, (*path, name))
        done.append(name)

    for name in sorted(project.entities, key=lambda name: project.entities[name].relation is None):
        visit(name, ())
    return done


def waited_for(project: Project) -> dict[str, list[tuple[str, str, str]]]:
    """Return by entity of sub-cases the link to their case, and the workflow and state in which that waits for them."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for workflow in project.workflows.values():
        fields = project.entities[workflow.of].fields
        for state in workflow.states.values():
            for path in state.waits_for.path.checked.reads if state.waits_for is not None else ():
                inverse = fields[path[0]].inverse if path and path[0] in fields else None
                if inverse is not None:
                    found.setdefault(inverse[0], []).append((inverse[1], workflow.name, state.name))
    return found


def _optional(entity: Entity, names: set[str]) -> frozenset[str]:
    """Return those of *names* that are fields which a record can do without."""
    fields = (entity.fields[name] for name in names if name in entity.fields)
    return frozenset(one.name for one in fields if one.required is None)
