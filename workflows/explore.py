"""Every situation that a case can come to, over the finite abstraction of :mod:`fachwerk.workflows.domain`.

A situation is a state, the outcomes given in it and a value of every variable. From it lead the steps of people, the
opinions, the changes of fields that somebody may change, and what follows by itself. What is certain is explored
first: a trace to a situation that was found then really happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, product
from math import prod
from typing import NamedTuple

from fachwerk.schemas.model import Entity, Part, Project, Rule, Transition, Workflow
from fachwerk.workflows.asked import People, moving, numbers, speaking
from fachwerk.workflows.domain import Domain, Variable, domain_of, reads_time
from fachwerk.workflows.readers import Readers
from fachwerk.workflows.waiting import Sizes, Waits, is_complete, is_done, settled, stepped, waited_for

MOST_SITUATIONS = 20_000
"""More than these are not explored; the answer is then that it cannot be told."""
_LONGEST_CHAIN = 60


class Situation(NamedTuple):
    """A state, the outcomes given in it as (part, outcome), and the values in the order of the variables.

    *sizes* is what it waits for: of how many an opinion is asked by part, and whether the sub-cases are over; *people*
    are those who are asked by name.
    """

    state: str
    opinions: tuple[tuple[str, str], ...]
    values: tuple[object, ...]
    sizes: Sizes = ()
    people: People = ()


class Step(NamedTuple):
    """A way from one situation to the next: the actions taken, and whether it is sure that it can be gone."""

    actions: tuple[str, ...]
    target: Situation
    certain: bool


class Circle(NamedTuple):
    """Automatic transitions that never end."""

    begin: Situation
    actions: tuple[str, ...]


@dataclass
class Explored:
    """What was found: for each situation where it was come from, and where it leads."""

    project: Project
    workflow: Workflow
    domain: Domain
    reached: dict[Situation, tuple[Situation | None, tuple[str, ...]]] = field(default_factory=dict)
    certain: set[Situation] = field(default_factory=set)
    steps: dict[Situation, list[Step]] = field(default_factory=dict)
    begun: list[Step] = field(default_factory=list)
    """What new records begin with."""
    circles: list[Circle] = field(default_factory=list)
    overlaps: dict[tuple[str, str], Situation] = field(default_factory=dict)
    whole: bool = True
    unknown: dict[int, Rule] = field(default_factory=dict)
    groups: dict[object, list[Situation]] = field(default_factory=dict)

    @property
    def proved(self) -> bool:
        """Whether what was not found does not exist."""
        return self.whole and not self.unknown and self.domain.complete

    def trace(self, situation: Situation) -> tuple[str, ...]:
        """Return the actions of the shortest way to *situation*."""
        found: list[str] = []
        at: Situation | None = situation
        while at is not None:
            before, actions = self.reached[at]
            found[:0] = actions
            at = before
        return tuple(found)


def explore(workflow: Workflow, project: Project, around: frozenset[str] = frozenset()) -> Explored:
    """Return everything that can become of a case of *workflow*; *around* are workflows that wait for it."""
    entity = project.entities[workflow.of]
    explored = Explored(project, workflow, domain_of(workflow, entity))
    _Explorer(explored, entity, around | {workflow.name}).run()
    return explored


def ends(explored: Explored) -> bool:
    """Whether a case can come to its end; where not all was explored, it is taken to."""
    states = explored.workflow.states
    return not explored.whole or any(states[one.state].final for one in explored.reached)


class _Queue:
    """Steps to be gone, those with the fewest actions so far first; of several to one place the shortest."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Situation | None, Step]] = []
        self._best: dict[Situation, int] = {}
        self._count = count()

    def put(self, length: int, before: Situation | None, step: Step) -> None:
        """Add a step from *before*, where *length* actions lead."""
        length += len(step.actions)
        best = self._best.get(step.target)
        if best is None or length < best:
            self._best[step.target] = length
            heappush(self._waiting, (length, next(self._count), before, step))

    def take(self) -> tuple[int, Situation | None, Step] | None:
        """Return the nearest step with the number of actions that lead to where it ends."""
        if not self._waiting:
            return None
        length, _, before, step = heappop(self._waiting)
        return length, before, step


class _Explorer:
    def __init__(self, explored: Explored, entity: Entity, around: frozenset[str]) -> None:
        self.explored, self.entity = explored, entity
        self.around = around
        self.waits = Waits(explored.workflow, entity, explored.domain.counts_opinions)
        self.stepped = stepped(explored.workflow, explored.project)
        self._ends: dict[str, bool] = {}
        self.workflow, self.domain = explored.workflow, explored.domain
        self.readers = Readers(explored.project, self.workflow, self.domain)
        self.variables = self.domain.variables
        self.by_itself = [t for t in self.workflow.transitions.values() if not t.by and t.when is not None]
        self.by_people = [t for t in self.workflow.transitions.values() if t.by]
        self._held: dict[tuple[object, ...], bool | None] = {}

    def run(self) -> None:
        """Explore: first over what is certain, then over what may be; what is nearest first."""
        if prod(len(variable.values) for variable in self.variables) > MOST_SITUATIONS // 4:
            self.explored.whole = False
            return
        certain, later = _Queue(), _Queue()
        initial = self.workflow.initial
        for values in product(*(variable.initial for variable in self.variables)):
            begun = [one for start in self.waits.begun for one in self.waits.entering(initial, start)]
            for sizes, people, sure in begun:
                for step in self._settled(Situation(initial.name, (), values, sizes, people), (), certain=sure):
                    self.explored.begun.append(step)
                    (certain if step.certain else later).put(0, None, step)
        self._drain(certain, later)
        self.explored.certain |= self.explored.reached.keys()
        self._drain(later, later)

    def _drain(self, queue: _Queue, uncertain: _Queue) -> None:
        """Go on from what is in *queue*; steps that may be go into *uncertain*."""
        reached = self.explored.reached
        while self.explored.whole and (found := queue.take()) is not None:
            length, before, step = found
            situation = step.target
            if situation in reached:
                continue
            reached[situation] = (before, step.actions)
            steps = self.explored.steps[situation] = list(self._steps(situation))
            for step in steps:
                if step.target not in reached:
                    (queue if step.certain else uncertain).put(length, situation, step)
            if len(reached) > MOST_SITUATIONS:
                self.explored.whole = False

    def can_end(self, entity: str) -> bool:
        """Whether cases of an entity can come to their end; those that wait for this one are taken to."""
        if entity not in self._ends:
            project = self.explored.project
            flows = [project.workflows[name] for name in project.entities[entity].workflows]
            others = [flow for flow in flows if flow.name not in self.around]
            self._ends[entity] = all(ends(explore(flow, project, self.around)) for flow in others)
        return self._ends[entity]

    # steps

    def _steps(self, at: Situation) -> Iterator[Step]:
        if not self.workflow.states[at.state].final:
            yield from self._opinions(at)
        for transition in self.by_people:
            if at.state in transition.source:
                yield from self._taken(at, transition)
        yield from self._from_elsewhere(at)
        yield from self._missed(at)
        yield from self._edits(at)

    def _from_elsewhere(self, at: Situation) -> Iterator[Step]:
        """Give what other records bring about: steps that effects take, and sub-cases that end or begin."""
        for name in sorted(self.stepped):
            transition = self.workflow.transitions.get(name)
            if transition is not None and at.state in transition.source:
                holds = self._holds(transition.when, at)
                if holds is not False:
                    yield from self._moved(at, transition, certain=holds is True)
        for words, people in moving(self.workflow.states[at.state], at.people):
            yield Step((words,), at._replace(people=people), True)
        if at.people or self._later(at):
            # people who have left, other records, and days that pass, leave something behind
            yield from self._settled(at, (), certain=True)
        for path, sizes in self.waits.changes(at.sizes):
            entity, over = waited_for(self.workflow, path), dict(sizes)[path] == 1
            if not over or self.can_end(entity):
                words = f"{entity} (over)" if over else f"{entity} (begun)"
                yield from self._settled(at._replace(sizes=sizes), (words,), certain=True)

    def _later(self, at: Situation) -> bool:
        """Whether a condition that is not known may come to hold of a case that stands where it is."""
        unknown = (t.when for t in self.by_itself if at.state in t.source and self._holds(t.when, at) is None)
        return any(rule is not None and self._may_change(rule, at) for rule in unknown)

    def _may_change(self, rule: Rule, at: Situation) -> bool:
        """Whether a condition reads more than fields of the record that nobody can change now."""
        if "decision" in rule.checked.calls.values() or reads_time(rule):
            return True
        for path in rule.checked.reads:
            field_ = self.entity.fields.get(path[0])
            if field_ is not None and path[0] != self.workflow.field:
                system = field_.system or field_.computed is not None
                if len(path) > 1 or system or self._can_change(field_.name, at):
                    return True
        return False

    def _missed(self, at: Situation) -> Iterator[Step]:
        """Give what a missed deadline leads to: it marks, and transitions may follow by themselves."""
        for deadline in self.workflow.deadlines.values():
            then = self.workflow.transitions.get(deadline.then or "")
            if then is not None and at.state in deadline.runs_in and at.state in then.source:
                holds = self._holds(then.when, at)
                if holds is not False:
                    yield from self._moved(at, then, (f"{deadline.name} (missed)",), certain=holds is True)
            marks = {name for effect in deadline.effects if effect.kind == "mark" for name in effect.values}
            if at.state in deadline.runs_in and marks & {variable.name for variable in self.variables}:
                values = tuple(
                    True if variable.name in marks else value
                    for variable, value in zip(self.variables, at.values, strict=True)
                )
                yield from self._settled(at._replace(values=values), (f"{deadline.name} (missed)",), certain=True)

    def _opinions(self, at: Situation) -> Iterator[Step]:
        state = self.workflow.states[at.state]
        sizes = numbers(state, dict(at.sizes), at.people)
        done = {part.name for part in state.parallel if is_done(part, at.opinions, sizes)}
        for part in state.parallel:
            if part.name in done or set(part.after) - done or not self.readers.reads(part.by, self._record(at)):
                continue
            for name in self._outcomes(part):
                opinions = tuple(sorted((*at.opinions, (part.name, name))))
                for people in speaking(part, state, at.people):
                    after = at._replace(opinions=opinions, people=people)
                    yield from self._settled(after, (f"{part.name}.{name}",), certain=True)

    def _outcomes(self, part: Part) -> list[str]:
        names = [option.name for option in part.outcomes]
        return names if self.domain.reads_opinions else names[:1]

    def _taken(self, at: Situation, transition: Transition) -> Iterator[Step]:
        if not self.readers.reads(transition.by, self._record(at)):
            return
        for filled in self._filled(at, transition):
            holds = self._holds(transition.when, filled)
            if holds is not False:
                yield from self._moved(filled, transition, certain=holds is True)

    def _filled(self, at: Situation, transition: Transition) -> Iterator[Situation]:
        """Give the situation with each value that the form of the button lets people fill in."""
        choices: list[tuple[object, ...]] = []
        for variable, value in zip(self.variables, at.values, strict=True):
            offered = variable.name in (*transition.require, *transition.fill) and not variable.system
            values = (value, *variable.values) if offered else (value,)
            if variable.name in transition.require:
                values = tuple(one for one in values if one is not None)
            choices.append(tuple(dict.fromkeys(values)))
        for values in product(*choices):
            yield at._replace(values=values)

    def _moved(
        self, at: Situation, transition: Transition, before: tuple[str, ...] = (), *, certain: bool
    ) -> Iterator[Step]:
        for target, sure in self._entered(at, transition):
            yield from self._settled(target, (*before, transition.name), certain=certain and sure)

    def _entered(self, at: Situation, transition: Transition) -> Iterator[tuple[Situation, bool]]:
        """Give the situations right after a transition, and whether it is sure that they come about."""
        state = self.workflow.states[transition.target]
        opinions = () if state.parallel else at.opinions
        for values, sure in self._set(at, transition):
            for sizes, people, possible in self.waits.entering(state, at.sizes):
                yield Situation(transition.target, opinions, values, sizes, people), sure and possible

    def _set(self, at: Situation, transition: Transition) -> Iterator[tuple[tuple[object, ...], bool]]:
        sure, choices = True, []
        marks = {name for effect in transition.do if effect.kind == "mark" for name in effect.values}
        for variable, value in zip(self.variables, at.values, strict=True):
            rule = transition.set.get(variable.name)
            possible: tuple[object, ...] = (value,)
            if rule is not None:
                exact = self.domain.known.get(id(rule), False)
                made = self.domain.value(rule, self._record(at)) if exact else None
                exact = exact and made in variable.values
                possible, sure = ((made,), sure) if exact else (variable.values, False)
                if not exact:
                    self.explored.unknown[id(rule)] = rule
            elif variable.name in marks:
                possible = (True,)
            choices.append(possible)
        for values in product(*choices):
            yield values, sure

    def _edits(self, at: Situation) -> Iterator[Step]:
        free = [not variable.system and self._can_change(variable.name, at) for variable in self.variables]
        if not any(free):
            return
        fixed = tuple(None if one else value for one, value in zip(free, at.values, strict=True))
        group = (at._replace(values=fixed), tuple(free))
        if group in self.explored.groups:
            self.explored.groups[group].append(at)
            return
        self.explored.groups[group] = [at]
        choices = [v.values if one else (x,) for v, one, x in zip(self.variables, free, at.values, strict=True)]
        for values in product(*choices):
            yield from self._settled(at._replace(values=values), (), certain=True)

    def _can_change(self, name: str, at: Situation) -> bool:
        """Whether somebody may change a field where a case stands."""
        state = self.workflow.states[at.state]
        field_ = self.entity.fields[name]
        fixed = field_.read_only is not None and field_.read_only.constant is True
        if fixed or name in state.read_only:
            return False
        if state.editable is not None and name not in state.editable:
            return False
        return any(
            grant.update is not None and name not in (grant.read_only | grant.hide)
            and self.readers.right(grant.update, self._record(at))
            for grant in self.entity.access.values()
        )  # fmt: skip

    # what follows by itself

    def _settled(self, at: Situation, actions: tuple[str, ...], *, certain: bool) -> Iterator[Step]:
        seen = {at}
        waiting = [(at, actions, certain, 0)]
        while waiting:
            now, taken, sure, length = waiting.pop()
            if length > _LONGEST_CHAIN:
                self.explored.circles.append(Circle(at, taken[len(actions) :]))
                continue
            automatic = [(t, self._holds(t.when, now)) for t in self.by_itself if now.state in t.source]
            open_ones = [(t, holds) for t, holds in automatic if holds is not False]
            self._note_overlap(now, [t for t, holds in open_ones if holds is True])
            for transition, holds in open_ones:
                for step in self._once(now, transition, taken, sure=sure and holds is True):
                    if step.target in seen and length > 0:
                        if step.certain:
                            self.explored.circles.append(Circle(at, step.actions[len(actions) :]))
                    else:
                        seen.add(step.target)
                        waiting.append((step.target, step.actions, step.certain, length + 1))
                if holds is True:
                    break
                sure = False
            else:
                yield Step(taken, now._replace(sizes=settled(now.sizes)), sure)

    def _once(
        self, at: Situation, transition: Transition, before: tuple[str, ...], *, sure: bool
    ) -> Iterator[Step]:  # fmt: skip
        for target, exact in self._entered(at, transition):
            yield Step((*before, transition.name), target, sure and exact)

    def _note_overlap(self, at: Situation, open_ones: list[Transition]) -> None:
        for second in open_ones[1:]:
            if second.target != open_ones[0].target:
                self.explored.overlaps.setdefault((open_ones[0].name, second.name), at)

    # conditions

    def _holds(self, rule: Rule | None, at: Situation) -> bool | None:
        if rule is None:
            return True
        key = (id(rule), at)
        if key not in self._held:
            self._held[key] = self.domain.holds(rule, self._record(at))
            if self._held[key] is None:
                self.explored.unknown[id(rule)] = rule
        return self._held[key]

    def _record(self, at: Situation) -> Mapping[str, object]:
        return record_of(self.workflow, self.variables, at)


def record_of(workflow: Workflow, variables: tuple[Variable, ...], at: Situation) -> dict[str, object]:
    """Return a situation in the shape that rules read."""
    record: dict[str, object] = {v.name: value for v, value in zip(variables, at.values, strict=True)}
    record["opinions"] = [
        {"id": f"{part}{number}", "part": part, "outcome": outcome}
        for number, (part, outcome) in enumerate(at.opinions)
    ]
    state = workflow.states[at.state]
    record["complete"] = is_complete(state, at.opinions, numbers(state, dict(at.sizes), at.people))
    record[workflow.field] = at.state
    return record


Reachable = Callable[[Situation], bool]


def backwards(explored: Explored, goals: Reachable, *, within: Callable[[Step, Situation], bool]) -> set[Situation]:
    """Return the situations from which one of *goals* can be reached over steps that *within* lets pass."""
    before: dict[Situation, list[Situation]] = {}
    for group in explored.groups.values():
        first = group[0]
        for other in group[1:]:
            before.setdefault(first, []).append(other)
    for situation, steps in explored.steps.items():
        for step in steps:
            if within(step, situation):
                before.setdefault(step.target, []).append(situation)
    found = {one for one in explored.reached if goals(one)}
    waiting = list(found)
    while waiting:
        for one in before.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
