"""The model check of four eyes over parts that ask everybody: whether anybody is left for the step after them."""

from __future__ import annotations

from fachwerk.problems import Problems
from fachwerk.schemas.model import Part, Performer, State
from fachwerk.workflows import codes
from fachwerk.workflows.asked import numbers
from fachwerk.workflows.check_people import Act, acts_of
from fachwerk.workflows.explore import Explored, Situation, Step
from fachwerk.workflows.waiting import is_done
from fachwerk.workflows.words import Words, problem


def check_all(explored: Explored, words: Words, problems: Problems) -> set[str]:
    """Note and return the steps for people all of whom a part that bars them has asked before."""
    found = set[str]()
    states = explored.workflow.states.values()
    asking = [(part, state) for state in states for part in state.parallel if part.each is None and part.needs == "all"]
    names = [part.name for part in explored.workflow.parts]
    for act in acts_of(explored.workflow):
        for part, state in asking:
            # a part that bars people itself does not ask all of them
            barring = part.name in act.not_by and names.count(part.name) == 1 and not part.not_by
            if barring and act.by and _among(act.by, part.by, explored) and _always_after(explored, act, part, state):
                found.add(act.name)
                values = {"transition": act.name, "earlier": part.name}
                problems.add(problem(codes.FOUR_EYES_ALL, act.span, words.people(part.by), **values))
    return found


def _among(some: tuple[Performer, ...], everybody: tuple[Performer, ...], explored: Explored) -> bool:
    """Whether *some* are among *everybody*: their role includes that one, or they stand at the end of the same path."""
    asked = {one.role for one in everybody if one.role is not None}
    paths = {one.person.text.text.strip() for one in everybody if one.person is not None}
    roles = explored.project.roles

    def there(one: Performer) -> bool:
        if one.role is not None:
            return bool(asked & {one.role, *(roles[one.role].includes if one.role in roles else ())})
        return one.person is not None and one.person.text.text.strip() in paths

    return all(map(there, some))


def _always_after(explored: Explored, act: Act, part: Part, state: State) -> bool:
    """Whether *act* is possible at all, and everybody has been heard in *part* whenever it is."""
    taken = [at for at, steps in explored.steps.items() if any(_is(act, step, at) for step in steps)]
    if not explored.whole or not taken:
        return False
    if act.beside(part.name) is not None:
        return part.name in act.after
    first_of = {member: members[0] for members in explored.groups.values() for member in members}
    seen = set[Situation]()
    waiting = [one.target for one in explored.begun]
    while waiting:
        at = waiting.pop()
        if at in seen or at not in explored.reached:
            continue
        seen.add(at)
        waiting += [first_of[at]] if at in first_of else []
        for step in explored.steps.get(at, ()):
            if not _ends(step, at, part, state):
                if _is(act, step, at):
                    return False
                waiting.append(step.target)
    return True


def _is(act: Act, step: Step, at: Situation) -> bool:
    """Whether *act* is what people do in a step."""
    here = act.state is None or at.state == act.state.name
    return here and bool(step.actions) and step.actions[0].partition(".")[0] == act.name


def _ends(step: Step, at: Situation, part: Part, state: State) -> bool:
    """Whether *part* has all its opinions with a step."""
    if at.state != state.name or not step.actions:
        return False
    first, _, outcome = step.actions[0].partition(".")
    opinions = (*at.opinions, (part.name, outcome)) if first == part.name and outcome else at.opinions
    if step.target.state == state.name:
        return is_done(part, step.target.opinions, numbers(state, dict(step.target.sizes), step.target.people))
    gone = step.actions[0].endswith("(left)")
    return gone or is_done(part, opinions, numbers(state, dict(at.sizes), at.people))
