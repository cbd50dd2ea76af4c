"""The machine of a workflow: pure functions from a case and an action to what changes.

A :class:`Machine` is compiled once from a :class:`fachwerk.schemas.model.Workflow`; rules come in as functions of the
record and the context of evaluation. Nothing here reads a clock, a database or a request: the moment is an argument,
and the answer is an :class:`~fachwerk.workflows.case.Outcome` or a refusal. A condition that cannot be evaluated does
not hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from fachwerk.problems import Refused, Text, nearest, say
from fachwerk.rules.language import Labels
from fachwerk.schemas.model import Effect, Performer, Period, Rule, State, Transition, Workflow
from fachwerk.schemas.telling import told, told_person, told_step
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.case import (
    Acting,
    Action,
    Case,
    Condition,
    Member,
    Moved,
    Opinion,
    Outcome,
    Planned,
    done_by,
    merge,
)
from fachwerk.workflows.eyes import four_eyes
from fachwerk.workflows.parts import PART_TIMER, Parts, named_action, rules_of_state, users_of
from fachwerk.workflows.reckoning import Course
from fachwerk.workflows.timers import acted, deadline_actions, entered, timer_actions, timer_of, timers_after

RuleFunction = Callable[[Mapping[str, object], object], object]
MOST_AUTOMATIC = 50
"""Automatic transitions in a row before a workflow is taken to run in circles."""


@dataclass(frozen=True)
class Machine:
    """A compiled workflow: :meth:`actions` says what may be done, :meth:`step` does it, :meth:`start` begins."""

    workflow: Workflow
    calendar: Calendar
    functions: Mapping[int, RuleFunction]
    role_labels: Mapping[str, Text]
    guards: Mapping[str, Text] = field(default_factory=dict)
    """What the condition of a transition says, as a sentence."""
    people: Mapping[int, Text] = field(default_factory=dict)
    """What the rules that lead to people are called, by their id."""

    @cached_property
    def parts(self) -> Parts:
        """Whose opinions the states wait for."""
        return Parts(self.workflow, self.functions, self.role_labels, self.people)

    @cached_property
    def part_names(self) -> frozenset[str]:
        """The names of all parts; opinions in others belong to another workflow of the record."""
        return frozenset(part.name for state in self.workflow.states.values() for part in state.parallel)

    def actions(self, case: Case, who: Acting, context: object) -> tuple[Action, ...]:
        """Return everything that leads on from the case's state, possible for *who* or not, with the reasons."""
        case = self.parts.filled(case, context)
        found = list(self.parts.actions(case, who, context))
        for transition in self.workflow.transitions.values():
            if transition.by and case.state in transition.source:
                found.append(self._action(case, transition, who, context))

        def performs(by: tuple[Performer, ...]) -> Condition:
            return self.parts.performer(by, case.record, who, context, "")

        return (*found, *deadline_actions(self.workflow, case, performs))

    def step(
        self,
        case: Case,
        who: Acting,
        name: str,
        *,
        now: dt.datetime,
        context: object,
        comment: str | None = None,
        period: Period | None = None,
    ) -> Outcome:
        """Do the action *name*: a transition, ``part.outcome``, ``part.outcome:record`` or ``deadline.extend``.

        *case.record* holds the values given with it already; *period* says by how much a deadline is extended.

        Raises :class:`fachwerk.problems.Refused`: ``unknown_action``, ``wrong_state``, ``not_allowed``, ``four_eyes``,
        ``guard``, ``required`` (with the fields), ``comment_required``, ``which_one`` or ``bad_period``.
        """
        action = named_action(self.actions(case, who, context), name)
        if action is None:
            raise self._not_here(case, name)
        self._refuse(action, case.record, comment)
        if action.deadline is not None:
            timer = acted(self.workflow, self.calendar, case, action, now, period)
            moved = (Moved(action.name, case.state, case.state, who.id),)
            return Outcome(case.state, case.entry, moved, expected=case.expected, change=(timer,))
        if action.part is not None:
            return self._give_opinion(self.parts.filled(case, context), who, action, now, context, comment)
        transition = self.workflow.transitions[name]
        case = replace(case, done=(*case.done, done_by(who, name)))
        outcome, after = self._move(case, who.id, transition, now, context, comment)
        return self._automatic(after, outcome, now, context)

    def take(self, case: Case, name: str, *, now: dt.datetime, context: object, comment: str | None = None) -> Outcome:
        """Take a transition as an effect does: whoever may otherwise, but only where it is possible and complete.

        Raises :class:`fachwerk.problems.Refused` like :meth:`step`, without ``not_allowed`` and ``four_eyes``.
        """
        transition = self.workflow.transitions.get(name)
        if transition is None or case.state not in transition.source:
            raise self._not_here(case, name)
        guard = (self._guard(transition, case, context),) if transition.when is not None else ()
        action = Action(name, transition.label, transition.target, guard, require=transition.require)
        self._refuse(action, case.record, comment)
        outcome, after = self._move(case, None, transition, now, context, comment)
        return self._automatic(after, outcome, now, context)

    def start(self, case: Case, *, now: dt.datetime, context: object) -> Outcome:
        """Return what a new record in the initial state begins with: its timers, and automatic steps at once."""
        case = self.parts.filled(case, context)
        timed = self._entered(case, case, None, now, context)
        first = Outcome(case.state, case.entry, (), start=timed.start, expected=case.expected)
        return self._automatic(replace(case, timers=timed.start), first, now, context)

    def settle(self, case: Case, *, now: dt.datetime, context: object) -> Outcome | None:
        """Return the automatic steps that the record's present values allow, or ``None``.

        Time limits of parts begin whose turn has come, and end of what is not open any more, for other reasons than a
        step of the case: somebody has left, or a record was removed.
        """
        case = self.parts.filled(case, context)
        timed = self._timed(case, now, context)
        first = Outcome(case.state, case.entry, (), expected=case.expected, start=timed.start, stop=timed.stop)
        outcome = self._automatic(replace(case, timers=timers_after(case.timers, first)), first, now, context)
        return outcome if outcome.moved or outcome.start or outcome.stop else None

    def expire(self, case: Case, name: str, *, now: dt.datetime, context: object) -> Outcome | None:
        """Return the transition that follows when the deadline *name* is missed, if there is one and it is possible."""
        deadline = self.workflow.deadlines.get(name)
        transition = self.workflow.transitions.get(deadline.then or "") if deadline else None
        if transition is None or case.state not in transition.source:
            return None
        if transition.when is not None and not self._holds(transition.when, case, context):
            return None
        outcome, after = self._move(case, None, transition, now, context, None)
        return self._automatic(after, outcome, now, context)

    def against(self, case: Case, name: str, context: object) -> Refused | None:
        """Return why the transition that should follow the deadline *name* does not, where it leads on from here."""
        deadline = self.workflow.deadlines.get(name)
        transition = self.workflow.transitions.get(deadline.then or "") if deadline else None
        if transition is None or transition.when is None or case.state not in transition.source:
            return None
        guard = self._guard(transition, case, context)
        return None if guard.holds else Refused("guard", guard.text, status=409)

    def complete(self, case: Case, context: object) -> bool:
        """Whether the parts of the present state have their outcomes, and its sub-cases have come to an end."""
        return self.parts.complete(self.parts.filled(case, context), context)

    # conditions -------------------------------------------------------------------------------------------------------

    def _action(self, case: Case, transition: Transition, who: Acting, context: object) -> Action:
        conditions = [self.parts.performer(transition.by, case.record, who, context, str(transition.span))]
        if transition.not_by:
            conditions.append(self._four_eyes(transition, case, who))
        if transition.when is not None:
            conditions.append(self._guard(transition, case, context))
        return Action(
            transition.name,
            transition.label,
            transition.target,
            tuple(conditions),
            require=transition.require,
            fill=transition.fill,
            comment=transition.comment,
            confirm=transition.confirm,
            color=transition.color,
        )

    def _four_eyes(self, transition: Transition, case: Case, who: Acting) -> Condition:
        label = partial(told_step, self.workflow)
        return four_eyes(
            transition.not_by, case.done, case.created_by, who, label=label, source=str(transition.span)
        )  # fmt: skip

    def _guard(self, transition: Transition, case: Case, context: object) -> Condition:
        assert transition.when is not None
        holds = self._holds(transition.when, case, context)
        told = self.guards[transition.name]
        text = {"en": f"This must hold: {say(told)}.", "de": f"Dies muss gelten: {say(told, 'de')}."}
        return Condition("guard", holds, text, str(transition.when.text.span()))

    def _holds(self, rule: Rule, case: Case, context: object) -> bool:
        record = {**case.record, "complete": self.complete(case, context)}
        if "opinions" in record:
            record["opinions"] = [one for one in _listed(record["opinions"]) if _part(one) in self.part_names]
        return self._value(rule, record, context) is True

    def _refuse(self, action: Action, record: Mapping[str, object], comment: str | None) -> None:
        against = next((c for c in action.conditions if not c.holds), None)
        if against is not None:
            codes = {"performer": "not_allowed", "open": "wrong_state", "order": "wrong_state", "twice": "four_eyes"}
            code = codes.get(against.kind, against.kind)
            raise Refused(code, against.text, status=403 if code in ("not_allowed", "four_eyes") else 409)
        missing = [name for name in action.require if empty(record.get(name))]
        fields: dict[str, Text] = {
            name: {"en": "Needed for this step.", "de": "Für diesen Schritt nötig."} for name in missing
        }
        if action.comment == "required" and not (comment or "").strip():
            fields["_comment"] = {"en": "Please say why.", "de": "Bitte begründen."}
        if fields:
            message = {"en": "Something is missing for this step.", "de": "Für diesen Schritt fehlt etwas."}
            raise Refused("required" if missing else "comment_required", message, fields=fields)

    def _not_here(self, case: Case, name: str) -> Refused:
        known = [
            *self.workflow.transitions,
            *timer_actions(self.workflow),
            *(f"{p.name}.{o.name}" for s in self.workflow.states.values() for p in s.parallel for o in p.outcomes),
        ]
        step, _, which = name.partition(":")
        if name in known or (which and step in known):
            label = self.workflow.states[case.state].label
            message = {
                "en": f"This is not possible in state “{label.get('en') or case.state}”.",
                "de": f"Das ist im Zustand „{label.get('de') or case.state}“ nicht möglich.",
            }
            return Refused("wrong_state", message, status=409)
        guess = nearest(name, known)
        hint = {"en": f" Did you mean “{guess}”?" if guess else "", "de": f" Meinten Sie „{guess}“?" if guess else ""}
        message = {"en": "There is no such step." + hint["en"], "de": "Diesen Schritt gibt es nicht." + hint["de"]}
        return Refused("unknown_action", message, status=404)

    # steps ------------------------------------------------------------------------------------------------------------

    def _give_opinion(
        self, case: Case, who: Acting, action: Action, now: dt.datetime, context: object, comment: str | None
    ) -> Outcome:
        assert action.part is not None
        outcome = action.name.partition(":")[0].split(".", 1)[1]
        about = action.about.id if action.about is not None else None
        deputy = who.deputy.id if who.deputy is not None else None
        opinion = Opinion(action.part, outcome, who.id, now, comment, case.entry, deputy, about)
        moved = Moved(action.name.partition(":")[0], case.state, case.state, who.id)
        listed = [*_listed(case.record.get("opinions")), opinion_record(opinion, action.about)]
        done = (*case.done, done_by(who, moved.action))
        after = replace(
            case, record={**case.record, "opinions": listed}, opinions=(*case.opinions, opinion), done=done
        )  # fmt: skip
        timed = self._timed(after, now, context)
        first = Outcome(
            case.state, case.entry, (moved,), opinion=opinion, expected=case.expected, start=timed.start,
            stop=timed.stop,
        )  # fmt: skip
        return self._automatic(replace(after, timers=timers_after(case.timers, first)), first, now, context)

    def _move(
        self,
        case: Case,
        by: str | None,
        transition: Transition,
        now: dt.datetime,
        context: object,
        comment: str | None,
    ) -> tuple[Outcome, Case]:
        """Return what one transition does, and the case after it."""
        target = transition.target
        values = {name: self._value(rule, case.record, context) for name, rule in transition.set.items()}
        record = {**case.record, **values, self.workflow.field: target}
        opinions = case.opinions
        if self.workflow.states[target].parallel:
            opinions, record = (), {**record, "opinions": self._of_others(record)}
        after = replace(case, state=target, record=record, entry=case.entry + 1, opinions=opinions, expected=())
        after = self.parts.filled(after, context)
        timed = self._entered(case, after, case.state, now, context)
        outcome = Outcome(
            target,
            case.entry + 1,
            (Moved(transition.name, case.state, target, by),),
            set=values,
            effects=self.plan(transition.do, record, context, comment),
            expected=after.expected,
            start=timed.start,
            change=timed.change,
            stop=timed.stop,
        )
        return outcome, replace(after, timers=timers_after(case.timers, outcome))

    def _of_others(self, record: Mapping[str, object]) -> list[object]:
        """Return the opinions of the record's other workflows."""
        return [one for one in _listed(record.get("opinions")) if _part(one) not in self.part_names]

    def _automatic(self, case: Case, so_far: Outcome, now: dt.datetime, context: object) -> Outcome:
        """Go on with what follows by itself; a chain that does not end is refused."""
        while (transition := self._following(case, context)) is not None:
            if len(so_far.moved) > MOST_AUTOMATIC:
                message = {"en": "The workflow runs in circles.", "de": "Der Ablauf dreht sich im Kreis."}
                raise Refused("circle", message, status=409)
            outcome, case = self._move(case, None, transition, now, context, None)
            so_far = merge(so_far, outcome)
        return so_far

    def _following(self, case: Case, context: object) -> Transition | None:
        for transition in self.workflow.transitions.values():
            by_itself = not transition.by and case.state in transition.source
            # without a condition it only happens as the `then` of a deadline
            if by_itself and transition.when is not None and self._holds(transition.when, case, context):
                return transition
        return None

    def plan(
        self, effects: Iterable[Effect], record: Mapping[str, object], context: object, comment: str | None = None
    ) -> tuple[Planned, ...]:
        """Return *effects* with the roles and users that they go to for *record*."""
        planned = []
        for effect in effects:
            roles = tuple(p.role for p in effect.to if p.role is not None)
            people = [p.person for p in effect.to if p.person is not None]
            users = [user for rule in people for user in users_of(self._value(rule, record, context))]
            addresses = tuple(pair for p in effect.to for pair in self._addresses(p, record, context))
            planned.append(Planned(effect, roles, tuple(dict.fromkeys(users)), comment, addresses))
        return tuple(planned)

    def _addresses(
        self, performer: Performer, record: Mapping[str, object], context: object
    ) -> Iterable[tuple[str, str]]:  # fmt: skip
        """Give (user, address) for the people that keep an address of their own; no user where they have no account."""
        if performer.address is None:
            return
        addresses = _listed_or_one(self._value(performer.address, record, context))
        people = _listed_or_one(self._value(performer.person, record, context)) if performer.person else []
        paired = people if len(people) == len(addresses) else [None] * len(addresses)
        for person, address in zip(paired, addresses, strict=True):
            if isinstance(address, str) and address:
                yield next(iter(users_of(person)), ""), address

    def _value(self, rule: Rule, record: Mapping[str, object], context: object) -> object:
        return self.functions[id(rule)](record, context)

    # timers -----------------------------------------------------------------------------------------------------------

    def _entered(self, case: Case, after: Case, source: str | None, now: dt.datetime, context: object) -> Outcome:
        """Return what becomes of the time limits of *case* from the state *source* to that of *after*."""
        start, change, stop = entered(self.workflow, self.calendar, case, source, after.state, now)
        gone = tuple(timer.name for timer in case.timers if timer.name.startswith(PART_TIMER))
        parts = self._timed(replace(after, timers=()), now, context)
        return Outcome(after.state, 0, (), start=(*start, *parts.start), change=change, stop=(*stop, *gone))

    def _timed(self, case: Case, now: dt.datetime, context: object) -> Outcome:
        """Return which time limits of parts begin now, and which end, as the case stands."""
        running = {timer.name for timer in case.timers if timer.name.startswith(PART_TIMER)}
        wanted = self.parts.timed(case, context)
        start = tuple(timer_of(self.calendar, name, within, Course(now), (), now)
                      for name, within in wanted.items() if name not in running)  # fmt: skip
        stop = tuple(timer.name for timer in case.timers if timer.name in running - wanted.keys())
        return Outcome(case.state, case.entry, (), start=start, stop=stop)


def compile_machine(
    workflow: Workflow,
    calendar: Calendar,
    compile_rule: Callable[[Rule], RuleFunction],
    role_labels: Mapping[str, Text],
    *,
    labels: Labels | None = None,
) -> Machine:
    """Return the machine of *workflow*; *compile_rule* makes a function of (record, context) out of a rule.

    Conditions are told with the *labels* of the project.
    """
    functions = {id(rule): compile_rule(rule) for rule in _rules(workflow)}
    guards = {t.name: told(t.when, labels) for t in workflow.transitions.values() if t.when is not None}
    people = {id(rule): told_person(rule, labels) for rule in _rules(workflow)}
    return Machine(workflow, calendar, functions, role_labels, guards, people)


def _rules(workflow: Workflow) -> Iterable[Rule]:
    performers: list[Performer] = []
    for state in workflow.states.values():
        yield from rules_of_state(state)
    effects = [effect for deadline in workflow.deadlines.values() for effect in deadline.effects]
    for deadline in workflow.deadlines.values():
        performers.extend((*deadline.pause, *(deadline.extend.by if deadline.extend is not None else ())))
    for transition in workflow.transitions.values():
        performers.extend(transition.by)
        effects.extend(transition.do)
        yield from transition.set.values()
        if transition.when is not None:
            yield transition.when
    performers.extend(p for effect in effects for p in effect.to)
    yield from (rule for effect in effects for rule in effect.values.values())
    yield from (p.person for p in performers if p.person is not None)
    yield from (p.address for p in performers if p.address is not None)


def opinion_record(opinion: Opinion, about: Member | None = None) -> dict[str, object]:
    """Return *opinion* in the shape that rules read."""
    return {
        "part": opinion.part,
        "outcome": opinion.outcome,
        "by": {"id": opinion.by},
        "deputy": None if opinion.deputy is None else {"id": opinion.deputy},
        "at": opinion.at,
        "comment": opinion.comment,
        "each": None if about is None else about.record,
    }


def field_limits(state: State) -> tuple[frozenset[str] | None, frozenset[str], frozenset[str]]:
    """Return which fields the state makes editable (``None``: all), read-only and required."""
    editable = None if state.editable is None else frozenset(state.editable)
    return editable, frozenset(state.read_only), frozenset(state.required)


def empty(value: object) -> bool:
    """Whether a field counts as not filled in: null, an empty text or an empty list."""
    return value is None or value == "" or (isinstance(value, list | tuple) and not value)


def _listed_or_one(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _part(opinion: object) -> object:
    """Return the part of an opinion in the shape that rules read."""
    return opinion.get("part") if isinstance(opinion, Mapping) else None
