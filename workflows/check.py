"""The model check: plays every workflow of a project through; says what can go wrong, and the shortest way there."""

from __future__ import annotations

from dataclasses import dataclass

from fachwerk.problems import Problems
from fachwerk.schemas.model import Project, Workflow
from fachwerk.workflows import check_all, check_idle, check_parts, check_people, check_reading, check_told, codes
from fachwerk.workflows.explore import Explored, Situation, Step, backwards, explore
from fachwerk.workflows.words import Words, problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What playing a workflow through showed. Where *proved*, what is not listed does not exist."""

    workflow: str
    proved: bool
    situations: int
    stuck: frozenset[str]
    endless: frozenset[str]
    unreached: frozenset[str]
    never: frozenset[str]
    overlaps: frozenset[tuple[str, str]]
    circles: bool
    avoided: frozenset[str]
    """Transitions and parts with ``not_by`` that can be reached around it."""
    undecided: frozenset[str] = frozenset()
    """Parts, behind their state, in which nobody ever gives an opinion."""
    passed: frozenset[str] = frozenset()
    """States in which no case ever stays."""
    emptied: frozenset[str] = frozenset()
    """Transitions and parts for people all of whom a part has asked before that bars them."""
    doubts: tuple[str, ...] = ()
    """Conditions that could not be played through, as written."""


def check_workflows(project: Project, problems: Problems) -> tuple[Verdict, ...]:
    """Note in *problems* what can go wrong with cases of the project's workflows; return what was found out."""
    explored = [explore(workflow, project) for workflow in project.workflows.values()]
    verdicts = tuple(_check(one, problems) for one in explored)
    never = {one.workflow: _untaken(one, project) for one in verdicts}
    check_parts.check_between(explored, never, problems)
    check_told.check_automations(project, problems)
    return verdicts


def check_workflow(workflow: Workflow, project: Project, problems: Problems) -> Verdict:
    """Note in *problems* what can go wrong with cases of one workflow; return what was found out."""
    return _check(explore(workflow, project), problems)


def _untaken(verdict: Verdict, project: Project) -> frozenset[str]:
    """Return the transitions that no case ever takes, those out of states that none comes to among them."""
    transitions = project.workflows[verdict.workflow].transitions.values()
    lost = {one.name for one in transitions if one.source and set(one.source) <= verdict.unreached}
    return verdict.never | lost


def _check(explored: Explored, problems: Problems) -> Verdict:
    words = Words(explored)
    stuck, endless = _stuck(explored), set[Situation]()
    if explored.whole:
        endless = _endless(explored, stuck)
    if not explored.circles:
        # what runs in circles is refused: everything before it would look stuck as well
        _say_stuck(explored, stuck, words, problems)
    if not stuck and not explored.circles:
        _say_endless(explored, endless, words, problems)
    never = _never(explored) if explored.whole else set()
    unreached = _unreached(explored) if explored.whole else set()
    _say_never(explored, never, unreached, words, problems)
    _say_overlaps(explored, words, problems)
    _say_gaps(explored, {one.state for one in stuck}, words, problems)
    _say_circles(explored, words, problems)
    avoided = check_people.avoided(explored, words, problems)
    check_people.check_people(explored, words, problems)
    emptied = check_all.check_all(explored, words, problems)
    check_parts.check_parts(explored, problems)
    check_reading.check_reading(explored, problems)
    check_told.check_told(explored, problems)
    _deadlines(explored, problems)
    return Verdict(
        explored.workflow.name,
        explored.proved,
        len(explored.reached),
        frozenset(one.state for one in stuck),
        frozenset(one.state for one in endless),
        frozenset(unreached),
        frozenset(never),
        frozenset(explored.overlaps),
        bool(explored.circles),
        frozenset(avoided),
        frozenset(check_idle.undecided(explored, words, problems)),
        frozenset(check_idle.passed(explored, problems)),
        frozenset(emptied),
        tuple(rule.text.text.strip() for rule in explored.unknown.values()),
    )


# what can become of a case


def _stuck(explored: Explored) -> set[Situation]:
    if not explored.whole:
        return set()
    leaving = {at for at, steps in explored.steps.items() if any(step.target.state != at.state for step in steps)}

    def same_state(step: Step, situation: Situation) -> bool:
        return step.target.state == situation.state

    helped = backwards(explored, leaving.__contains__, within=same_state)
    states = explored.workflow.states
    return {one for one in explored.reached if not states[one.state].final and one not in helped}


def _endless(explored: Explored, stuck: set[Situation]) -> set[Situation]:
    states = explored.workflow.states
    if not any(state.final for state in states.values()):
        return set()
    ended = backwards(explored, lambda one: states[one.state].final, within=lambda _step, _at: True)
    return {one for one in explored.reached if one not in ended and one not in stuck}


def _say_stuck(explored: Explored, stuck: set[Situation], words: Words, problems: Problems) -> None:
    said: set[str] = set()
    for one in explored.reached:
        if one not in stuck or one.state in said:
            continue
        said.add(one.state)
        code = codes.STUCK if one in explored.certain and explored.domain.complete else codes.MAY_BE_STUCK
        state = explored.workflow.states[one.state]
        more = (words.when(one), words.ways(one.state, one), words.trace(one))
        problems.add(problem(code, state.span, *more, state=one.state))


def _say_endless(explored: Explored, endless: set[Situation], words: Words, problems: Problems) -> None:
    first = next((one for one in explored.reached if one in endless), None)
    if first is not None:
        state = explored.workflow.states[first.state]
        problems.add(problem(codes.NO_END, state.span, words.when(first), words.trace(first), state=first.state))


def _taken(explored: Explored) -> set[str]:
    steps = [step for found in explored.steps.values() for step in found]
    first = [step.actions for step in explored.begun]
    circles = [circle.actions for circle in explored.circles]
    return {action for actions in (*(s.actions for s in steps), *first, *circles) for action in actions}


def _never(explored: Explored) -> set[str]:
    reached = {one.state for one in explored.reached}
    taken = _taken(explored)
    return {
        transition.name
        for transition in explored.workflow.transitions.values()
        if transition.name not in taken and reached & set(transition.source)
    }


def _unreached(explored: Explored) -> set[str]:
    passed = {explored.workflow.transitions[a].target for a in _taken(explored) if a in explored.workflow.transitions}
    met = {one.state for one in explored.reached} | {explored.workflow.initial.name}
    return set(explored.workflow.states) - met - passed


def _say_never(
    explored: Explored, never: set[str], unreached: set[str], words: Words, problems: Problems
) -> None:  # fmt: skip
    if explored.circles:
        return
    for name in sorted(never):
        transition = explored.workflow.transitions[name]
        states = ", ".join(f"`{source}`" for source in transition.source)
        if transition.by and check_people.could_without_rights(explored, transition):
            people = words.people(transition.by)
            problems.add(problem(codes.NOBODY_CAN, transition.span, people, transition=name, states=states))
        elif transition.when is not None:
            problems.add(codes.NEVER_TAKEN.at(transition.when.text.span(), transition=name, states=states))
    graph = check_people.reachable_by_arrows(explored.workflow)
    for name in sorted(unreached & graph):
        problems.add(codes.NEVER_REACHED.at(explored.workflow.states[name].span, state=name))


def _say_overlaps(explored: Explored, words: Words, problems: Problems) -> None:
    for (first, second), at in explored.overlaps.items():
        transition = explored.workflow.transitions[second]
        rules = [explored.workflow.transitions[name].when for name in (first, second)]
        when = words.when(at, rules)
        problems.add(problem(codes.OVERLAP, transition.span, when, first=first, second=second))


def _say_gaps(explored: Explored, stuck: set[str], words: Words, problems: Problems) -> None:
    for name, state in explored.workflow.states.items():
        out = [t for t in explored.workflow.transitions.values() if name in t.source]
        rules = [t.when for t in out if t.when is not None]
        known = all(explored.domain.known.get(id(rule), False) for rule in rules)
        waits = state.parallel or state.waits_for
        if len(out) < 2 or len(rules) < len(out) or not known or state.final or waits or name in stuck:
            continue
        shared = frozenset.intersection(*(explored.domain.names(rule) for rule in rules))
        if not shared:
            continue
        for at in explored.reached:
            if at.state == name and not words.empty(at, rules) and not any(words.holds(rule, at) for rule in rules):
                problems.add(problem(codes.GAP, state.span, words.ways(name), words.when(at, rules), state=name))
                break


def _say_circles(explored: Explored, words: Words, problems: Problems) -> None:
    said: set[frozenset[str]] = set()
    for circle in explored.circles:
        loop = words.loop(circle.actions)
        if frozenset(loop) not in said:
            said.add(frozenset(loop))
            rules = [explored.workflow.transitions[name].when for name in loop]
            span = explored.workflow.transitions[loop[0]].span
            problems.add(problem(codes.CIRCLES, span, words.names(loop), words.when(circle.begin, rules)))


def _deadlines(explored: Explored, problems: Problems) -> None:
    if not explored.whole:
        return
    for deadline in explored.workflow.deadlines.values():
        inside = [one for one in explored.reached if one.state in deadline.runs_in]
        out = any(step.target.state not in deadline.runs_in for one in inside for step in explored.steps.get(one, ()))
        if inside and not out:
            states = ", ".join(f"`{name}`" for name in deadline.runs_in)
            problems.add(codes.DEADLINE_NO_EXIT.at(deadline.span, deadline=deadline.name, states=states))
