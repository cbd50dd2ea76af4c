"""What a state waits for, over a finite abstraction: how many there are of whom an opinion is asked, and sub-cases.

How many records ``each`` leads to, or how many people hold a role, is known at run time only. None, one and two (and as
many as a quorum asks for) stand for all numbers; where conditions read the opinions themselves, more of them may tell
more apart, so that nothing is proved then. Sub-cases are over or not, and may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from fachwerk.schemas.model import Part, Project, State, Workflow

SUB_CASES = ""
"""The name under which a situation keeps whether the sub-cases are over (1) or not (0)."""
Sizes = tuple[tuple[str, int], ...]
Opinions = tuple[tuple[str, str], ...]


def entering(state: State, *, counted: bool) -> Iterator[tuple[Sizes, bool]]:
    """Give the numbers with which a state can be entered, and whether it is sure that they come about.

    *counted*: conditions read opinions, so that their number matters.
    """
    choices: list[list[tuple[str, int, bool]]] = []
    for part in state.parallel:
        if part.kept:
            choices.append([(part.name, size, size > 0) for size in _sizes(part, counted=counted)])
    if state.waits_for is not None:
        choices.append([(SUB_CASES, 0, True), (SUB_CASES, 1, True)])
    for chosen in product(*choices):
        yield tuple((name, size) for name, size, _ in chosen), all(sure for _, _, sure in chosen)


def _sizes(part: Part, *, counted: bool) -> range:
    most = 1 if not counted else max(2, part.needs) if isinstance(part.needs, int) else 2
    return range(0 if part.each is not None else 1, most + 1)


def needed(part: Part, sizes: Mapping[str, int]) -> int:
    """Return how many opinions a part needs."""
    if not part.kept:
        assert isinstance(part.needs, int)
        return part.needs
    size = sizes.get(part.name, 0)
    if part.needs == "majority":
        return size // 2 + 1 if size else 0
    return size if part.needs == "all" else min(int(part.needs), size)


def is_done(part: Part, opinions: Opinions, sizes: Mapping[str, int]) -> bool:
    """Whether a part has as many opinions as it needs."""
    return sum(name == part.name for name, _ in opinions) >= needed(part, sizes)


def is_complete(state: State, opinions: Opinions, sizes: Mapping[str, int]) -> bool:
    """Whether so many parts are done as the state needs, and its sub-cases are over."""
    there = sum(is_done(part, opinions, sizes) for part in state.parallel)
    enough = there >= (len(state.parallel) if state.needs is None else state.needs)
    return enough and (state.waits_for is None or sizes.get(SUB_CASES) == 1)


def sizes_vary(workflow: Workflow) -> bool:
    """Whether it is known at run time only how many opinions some part needs."""
    return any(part.kept for state in workflow.states.values() for part in state.parallel)


def stepped(workflow: Workflow, project: Project) -> frozenset[str]:
    """Return the transitions of *workflow* that effects take."""
    flows = project.workflows.values()
    effects = [effect for flow in flows for one in flow.transitions.values() for effect in one.do]
    effects += [effect for flow in flows for one in flow.deadlines.values() for effect in one.effects]
    effects += [effect for one in project.automations.values() for effect in one.do]
    return frozenset(one.step for one in effects if one.step is not None and one.target == workflow.of)
