"""The parts of a state: whose opinions it waits for, what has been said, and whether that is enough.

A part asks one person, several different people (``needs``), all or most of those who may (``all``, ``majority``), or
for one opinion on each of some records (``each``). Who or what that is, is found out when the state is entered and
kept. Pure functions, like the machine: people and records come in as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fachwerk.problems import Refused, Text, say
from fachwerk.schemas.model import Part, Performer, Period, Rule, State, Workflow
from fachwerk.schemas.telling import told_step
from fachwerk.workflows.case import Acting, Action, Case, Condition, Expected, Member, Opinion, eyes_of
from fachwerk.workflows.eyes import barred, four_eyes

RuleFunction = Callable[[Mapping[str, object], object], object]
PART_TIMER = "part:"
"""What the names of the time limits of parts begin with."""
_GIVEN: Text = {"en": "This part has its outcome already.", "de": "Dieser Teil ist schon entschieden."}
_TWICE: Text = {
    "en": "You have given your opinion already; this takes different people.",
    "de": "Sie haben sich schon geäußert; hier braucht es verschiedene Personen.",
}
_NOT_ASKED: Text = {
    "en": "Only for those who could when this state was entered.",
    "de": "Nur für die, die es konnten, als dieser Zustand betreten wurde.",
}


@dataclass(frozen=True)
class Parts:
    """The parts of the states of one workflow, with its rules as functions."""

    workflow: Workflow
    functions: Mapping[int, RuleFunction]
    role_labels: Mapping[str, Text]
    people: Mapping[int, Text]
    """What the rules that lead to people are called, by their id."""

    # entering ---------------------------------------------------------------------------------------------------------

    def expected(self, case: Case, context: object) -> tuple[Expected, ...]:
        """Return whose opinions the state of *case* will wait for, as things are now."""
        return tuple(
            Expected(part.name, tuple(self._members(part, case, context)), kept=False)
            for part in self.workflow.states[case.state].parallel
            if part.kept
        )

    def filled(self, case: Case, context: object) -> Case:
        """Return *case* with what it waits for, where that was never found out (the part came with a deploy)."""
        if case.state not in self.workflow.states:
            return case
        known = {one.part for one in case.expected}
        if all(part.name in known for part in self.workflow.states[case.state].parallel if part.kept):
            return case
        added = [one for one in self.expected(case, context) if one.part not in known]
        return replace(case, expected=(*case.expected, *added))

    def _members(self, part: Part, case: Case, context: object) -> Iterator[Member]:
        if part.each is None:
            yield from (Member(user, "user") for user in sorted(self._able(part, case, context)))
            return
        value = self._value(part.each, case.record, context)
        seen: set[str] = set()
        for item in value if isinstance(value, list | tuple) else [value]:
            if isinstance(item, Mapping) and item.get("id") and str(item["id"]) not in seen | case.closed:
                seen.add(str(item["id"]))
                yield Member(str(item["id"]), str(item.get("_entity") or part.each_of[0]), "", item)

    def _able(self, part: Part, case: Case, context: object) -> set[str]:
        """Return everybody who may give an opinion in a part, without those whom four eyes bar."""
        found: set[str] = set()
        for one in part.by:
            if one.role is not None:
                found |= case.holders.get(one.role, frozenset())
            elif one.person is not None:
                found |= set(users_of(self._value(one.person, case.record, context)))
        return found - barred(part.not_by, case.done, case.created_by) if part.not_by else found

    # what was said ----------------------------------------------------------------------------------------------------

    def done(self, part: Part, case: Case, context: object) -> bool:
        """Whether a part has as many opinions as it needs.

        A quorum of records is never larger than their number; of all or most people only those are waited for who have
        said something or still can.
        """
        return self.missing(part, case, context) <= 0

    def missing(self, part: Part, case: Case, context: object) -> int:
        """Return how many opinions a part still needs."""
        given = said(part.name, case)
        if part.each is None and isinstance(part.needs, int):
            return part.needs - len(given)
        members = {one.id for one in members_of(part.name, case)}
        if part.each is not None:
            return _enough(part, len(members)) - len({one.about for one in given} & members)
        spoken = {one.by for one in given}
        waited = members & (spoken | self._able(part, case, context))
        return max(1, _enough(part, len(waited))) - len(spoken & members)

    def complete(self, case: Case, context: object) -> bool:
        """Whether so many parts are done as the state needs, and every sub-case has come to its end."""
        state = self.workflow.states[case.state]
        count = sum(self.done(part, case, context) for part in state.parallel)
        if count < (len(state.parallel) if state.needs is None else state.needs):
            return False
        return state.waits_for is None or self._value(state.waits_for.over, case.record, context) is True

    def open_members(self, part: Part, case: Case, context: object) -> tuple[Member, ...]:
        """Return the records on which an opinion is still waited for."""
        if part.each is None or self.done(part, case, context):
            return ()
        spoken = {one.about for one in said(part.name, case)}
        return tuple(one for one in members_of(part.name, case) if one.id not in spoken)

    # actions ----------------------------------------------------------------------------------------------------------

    def actions(self, case: Case, who: Acting, context: object) -> Iterator[Action]:
        """Give the opinions that the state of *case* asks for; with ``each`` one of every record."""
        for part in self.workflow.states[case.state].parallel:
            members = members_of(part.name, case) if part.each is not None else (None,)
            done = self.done(part, case, context)
            for member in members:
                conditions = tuple(self._conditions(part, member, case, who, context, done=done))
                for outcome in part.outcomes:
                    yield _action(part, outcome.name, member, case.state, conditions)

    def _conditions(
        self, part: Part, member: Member | None, case: Case, who: Acting, context: object, *, done: bool
    ) -> Iterator[Condition]:  # fmt: skip
        source, given = str(part.span), said(part.name, case)
        record = case.record if member is None else {**case.record, "each": member.record}
        yield self.performer(part.by, record, who, context, source)
        if part.not_by:
            label = partial(told_step, self.workflow)
            yield four_eyes(part.not_by, case.done, case.created_by, who, label=label, source=source)
        if part.each is None and not isinstance(part.needs, int):
            asked = any(one.id == who.id for one in members_of(part.name, case))
            yield Condition("performer", asked, _NOT_ASKED, source)
        spoken = done or (member is not None and any(one.about == member.id for one in given))
        yield Condition("open", not spoken, _GIVEN, source)
        if part.each is None and not spoken and part.needs != 1:
            before = frozenset[str]().union(*(one.eyes for one in given))
            yield Condition("twice", not before & eyes_of(who), _TWICE, source)
        yield from self._in_order(case, part, context)

    def _before(self, part: Part, case: Case, context: object) -> list[Part]:
        """Return the parts that must still be done before the turn of *part* comes."""
        before = (one for one in self.workflow.states[case.state].parallel if one.name in part.after)
        return [one for one in before if not self.done(one, case, context)]

    def timed(self, case: Case, context: object) -> dict[str, Period]:
        """Return the time limits that run as the case stands: of what is open, from when its turn has come."""
        found: dict[str, Period] = {}
        for part in self.workflow.states[case.state].parallel:
            if part.within is not None and not self.done(part, case, context) and not self._before(part, case, context):
                found |= dict.fromkeys(timer_names(part, self.open_members(part, case, context)), part.within)
        return found

    def _in_order(self, case: Case, part: Part, context: object) -> Iterator[Condition]:
        """Give that the parts before it are done, where there are such."""
        if not part.after:
            return
        waiting = self._before(part, case, context)
        names = {k: ", ".join(say(one.label, k) for one in waiting) for k in ("en", "de")}
        text = {"en": f"First: {names['en']}.", "de": f"Zuerst: {names['de']}."}
        yield Condition("order", not waiting, text, str(part.span))

    def performer(
        self, by: Iterable[Performer], record: Mapping[str, object], who: Acting, context: object, source: str
    ) -> Condition:
        """Return that *who* is one of *by*."""
        people = list(by)
        holds = any(self._is(one, record, who, context) for one in people)
        names = [performer_name(one, self.role_labels, self.people) for one in people]
        text = {
            k: {"en": "Only for: ", "de": "Nur für: "}[k] + ", ".join(say(n, k) for n in names) + "."
            for k in ("en", "de")
        }
        return Condition("performer", holds, text, source)

    def _is(self, performer: Performer, record: Mapping[str, object], who: Acting, context: object) -> bool:
        if performer.role is not None:
            return performer.role in who.roles
        assert performer.person is not None
        return who.id in users_of(self._value(performer.person, record, context))

    def _value(self, rule: Rule, record: Mapping[str, object], context: object) -> object:
        return self.functions[id(rule)](record, context)


def rules_of_state(state: State) -> Iterator[Rule]:
    """Give the rules of a state and its parts."""
    for part in state.parallel:
        if part.each is not None:
            yield part.each
        yield from (one.person for one in part.by if one.person is not None)
    if state.waits_for is not None:
        yield state.waits_for.over


def names_of_each(workflow: Workflow) -> list[str]:
    """Return the names of the parts with ``each``."""
    return [part.name for state in workflow.states.values() for part in state.parallel if part.each is not None]


def rules_of_each(workflow: Workflow) -> Iterator[tuple[Rule, Part]]:
    """Give the rules that lead to people, of parts with ``each``."""
    for part in (part for state in workflow.states.values() for part in state.parallel if part.each is not None):
        yield from ((one.person, part) for one in part.by if one.person is not None)


def counted_roles(workflow: Workflow) -> frozenset[str]:
    """Return the roles of parts that ask all or most of their people."""
    parts = [part for state in workflow.states.values() for part in state.parallel if part.each is None and part.kept]
    return frozenset(one.role for part in parts for one in part.by if one.role is not None)


def said(part: str, case: Case) -> tuple[Opinion, ...]:
    """Return the opinions given in a part during the present stay in the state."""
    return tuple(one for one in case.opinions if one.part == part and one.entry == case.entry)


def members_of(part: str, case: Case) -> tuple[Member, ...]:
    """Return what a part waits for, as it is kept."""
    return next((one.members for one in case.expected if one.part == part), ())


def timer_names(part: Part, members: Iterable[Member]) -> tuple[str, ...]:
    """Return the names of the time limits of a part: one, or one for each of its records."""
    name = f"{PART_TIMER}{part.name}"
    return (name,) if part.each is None else tuple(f"{name}:{one.id}" for one in members)


def _enough(part: Part, count: int) -> int:
    """Return how many of *count* are enough for a part."""
    if part.needs == "majority":
        return count // 2 + 1 if count else 0
    return count if part.needs == "all" else min(int(part.needs), count)


def _action(
    part: Part, outcome: str, member: Member | None, state: str, conditions: tuple[Condition, ...]
) -> Action:  # fmt: skip
    option = next(one for one in part.outcomes if one.name == outcome)
    title = f" – {member.title}" if member is not None and member.title else ""
    label = {k: f"{say(part.label, k)}{title}: {say(option.label, k)}" for k in ("en", "de")}
    name = f"{part.name}.{outcome}" + (f":{member.id}" if member is not None else "")
    return Action(name, label, state, conditions, color=option.color, part=part.name, about=member)


def named_action(actions: Iterable[Action], name: str) -> Action | None:
    """Return the action that *name* means: exactly, by a record's title behind the colon, or the only one possible.

    Raises :class:`Refused` (``which_one``) where it may be about several records.
    """
    known = list(actions)
    exact = next((one for one in known if one.name == name), None)
    if exact is not None:
        return exact
    step, _, which = name.partition(":")
    about = [one for one in known if one.about is not None and one.name.partition(":")[0] == step]
    if which:
        wanted = which.strip().casefold()
        return next((one for one in about if one.about is not None and one.about.title.casefold() == wanted), None)
    possible = [one for one in about if one.possible]
    if len(possible) > 1:
        titles = ", ".join(f"{step}:{one.about.title or one.about.id}" for one in possible[:10] if one.about)
        message = {"en": f"Say which one is meant: {titles}.", "de": f"Bitte sagen, was gemeint ist: {titles}."}
        raise Refused("which_one", message, status=409)
    mine = [one for one in about if one.concerns]
    return next(iter([*possible, *mine, *about]), None)


def users_of(value: object) -> list[str]:
    """Return the ids in the value of a performer's rule: a user record, a list of them, or nothing."""
    items = value if isinstance(value, list | tuple) else [value]
    return [str(item["id"]) for item in items if isinstance(item, Mapping) and item.get("id")]


def performer_name(performer: Performer, role_labels: Mapping[str, Text], people: Mapping[int, Text]) -> Text:
    """Return how people call a performer: the role's label, or the path with the labels of its fields."""
    if performer.role is not None:
        return role_labels.get(performer.role) or {"en": performer.role, "de": performer.role}
    assert performer.person is not None
    written = performer.person.text.text
    return people.get(id(performer.person)) or {"en": written, "de": written}


def quorum_words(part: Part, language: str) -> str:
    """Return in words how many a part needs; empty where one is enough."""
    if part.needs == 1 and part.each is None:
        return ""
    words: dict[str, Text] = {"all": {"en": "all", "de": "alle"}, "majority": {"en": "majority", "de": "Mehrheit"}}
    return str(part.needs) if isinstance(part.needs, int) else say(words[part.needs], language)
