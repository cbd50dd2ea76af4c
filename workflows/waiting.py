"""What states wait for, over a finite abstraction: of how many an opinion is asked, and whether sub-cases are over.

How many records ``each`` leads to, or how many people hold a role, is known at run time only. None, one and two (and as
many as a quorum asks for) stand for all numbers; where conditions read the opinions themselves, more of them may tell
more apart, so that nothing is proved then. A number is found out when a state is entered; what happens in one go finds
the same one everywhere. Sub-cases may end, and others may begin, at any time. :mod:`fachwerk.workflows.asked` has the
people that are asked by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from fachwerk.rules.tree import Name
from fachwerk.schemas.model import Entity, Part, Project, Rule, State, Workflow
from fachwerk.workflows.asked import MOST_PEOPLE, MOST_RECORDS, People, asked_of, crowded, entering, of_people

Sizes = tuple[tuple[str, int], ...]
"""By part of the present state with ``each``: of how many an opinion is asked; behind ``@``: what is so just now."""
Opinions = tuple[tuple[str, str], ...]
_WAITS, _NOW = "@waits:", "@now:"


class Entered(NamedTuple):
    """How a state is entered: numbers and people, and whether it is sure that they come about."""

    sizes: Sizes
    people: People
    sure: bool


@dataclass(frozen=True)
class Waits:
    """The numbers of one workflow; *counted*: its conditions read opinions, so that numbers matter to them."""

    workflow: Workflow
    entity: Entity
    counted: bool
    parts: tuple[Part, ...] = field(init=False)

    def __post_init__(self) -> None:
        kept = (part for state in self.workflow.states.values() for part in state.parallel if part.kept)
        object.__setattr__(self, "parts", tuple(kept))

    @cached_property
    def crowded(self) -> Mapping[str, int]:
        """Of whom there are taken to be enough for parts beside each other that are for different ones of them."""
        return crowded(self.workflow)

    @cached_property
    def begun(self) -> tuple[Sizes, ...]:
        """What can be so of sub-cases when a case begins: for each path over or not."""
        paths = dict.fromkeys(_path(state) for state in self.workflow.states.values() if state.waits_for)
        found: list[Sizes] = [()]
        for path in paths:
            found = [tuple(sorted((*sizes, (path, over)))) for sizes in found for over in (0, 1)]
        return tuple(found)

    def entering(self, state: State, sizes: Sizes) -> Iterator[Entered]:
        """Give the ways in which *state* is entered by a case that has so far waited for *sizes*."""
        world = {name: size for name, size in sizes if name.startswith("@")}
        found: list[tuple[dict[str, int], bool]] = [(world, True)]
        for part in state.parallel:
            if part.kept:
                found = [more for one, sure in found for more in self._chosen(state, part, one, sure=sure)]
        for chosen, sure in found:
            people = {asked_of(part): chosen[_asked(part)] for part in state.parallel if of_people(part)}
            yield Entered(tuple(sorted(chosen.items())), entering(state, people), sure)

    def _chosen(
        self, state: State, part: Part, chosen: dict[str, int], *, sure: bool
    ) -> Iterator[tuple[dict[str, int], bool]]:  # fmt: skip
        asked = _asked(part)
        looked = part.each is not None and looked_at(part.each, state, self.workflow)
        for size in (chosen[asked],) if asked in chosen else self._sizes(asked, state, part):
            named = {} if part.each is None else {part.name: size}
            yield {**chosen, asked: size, **named}, sure and (size > 0 or not looked)

    def _sizes(self, asked: str, state: State, part: Part) -> range:
        if part.each is None:
            enough = self.crowded.get(asked_of(part))
            return range(1, MOST_PEOPLE + 1) if enough is None else range(enough, enough + 1)
        alike = [one for one in self.parts if _asked(one) == asked]
        most = max((one.needs for one in alike if isinstance(one.needs, int)), default=2)
        empty = not filled(part.each, state, self.workflow, self.entity)
        return range(0 if empty else 1, (max(MOST_RECORDS, most) if self.counted else 1) + 1)

    def changes(self, sizes: Sizes) -> Iterator[tuple[str, Sizes]]:
        """Give, for each kind of sub-cases, that all are over where they were not, or that one is open again."""
        for path, over in sizes:
            if path.startswith(_WAITS):
                yield path, tuple((name, 1 - over if name == path else size) for name, size in sizes)


def filled(rule: Rule, state: State, workflow: Workflow, entity: Entity) -> bool:
    """Whether a list surely has an entry in *state*: its field is required always, there, or on every way there."""
    node = rule.checked.node
    field_ = entity.fields.get(node.name) if isinstance(node, Name) else None
    if field_ is None:
        return False
    least = field_.min.constant if field_.min is not None else None
    always = field_.required is not None and field_.required.constant is True
    if always or (isinstance(least, int) and least > 0) or field_.name in state.required:
        return True
    ways = [one for one in workflow.transitions.values() if one.target == state.name]
    followed = {one.then for one in workflow.deadlines.values()}
    asked = [field_.name in one.require and bool(one.by) and one.name not in followed for one in ways]
    return bool(ways) and not state.initial and all(asked)


def looked_at(rule: Rule, state: State, workflow: Workflow) -> bool:
    """Whether every way to *state* has a condition that looks at the list."""
    heads = {path[0] for path in rule.checked.reads}
    ways = [one for one in workflow.transitions.values() if one.target == state.name]
    looked = [one.when is not None and bool(heads & {path[0] for path in one.when.checked.reads}) for one in ways]
    return bool(ways) and not state.initial and all(looked)


def settled(sizes: Sizes) -> Sizes:
    """Return *sizes* without what was so just now and may be otherwise the next time."""
    return tuple(one for one in sizes if not one[0].startswith(_NOW)) if sizes else sizes


def waited_for(workflow: Workflow, path: str) -> str:
    """Return the entity of the sub-cases that *path* of :meth:`Waits.changes` leads to."""
    states = [state.waits_for for state in workflow.states.values() if state.waits_for and _path(state) == path]
    return states[0].of


def _path(state: State) -> str:
    assert state.waits_for is not None
    return _WAITS + state.waits_for.path.text.text.strip()


def _asked(part: Part) -> str:
    """Return what the number of a part follows from."""
    return _NOW + (asked_of(part) if part.each is None else part.each.text.text.strip())


def needed(part: Part, sizes: Mapping[str, int]) -> int:
    """Return how many opinions a part needs."""
    if not part.kept:
        assert isinstance(part.needs, int)
        return part.needs
    size = sizes.get(part.name, 0)
    words = {"all": size, "majority": size // 2 + 1 if size else 0}
    enough = min(part.needs, size) if isinstance(part.needs, int) else words[part.needs]
    return enough if part.each is not None else max(1, enough)


def is_done(part: Part, opinions: Opinions, sizes: Mapping[str, int]) -> bool:
    """Whether a part has as many opinions as it needs."""
    return sum(name == part.name for name, _ in opinions) >= needed(part, sizes)


def is_complete(state: State, opinions: Opinions, sizes: Mapping[str, int]) -> bool:
    """Whether so many parts are done as the state needs, and its sub-cases are over."""
    there = sum(is_done(part, opinions, sizes) for part in state.parallel)
    enough = there >= (len(state.parallel) if state.needs is None else state.needs)
    return enough and (state.waits_for is None or sizes.get(_path(state)) == 1)


def numbers_matter(workflow: Workflow, *, counted: bool) -> bool:
    """Whether more of something than is played through could tell more apart; *counted*: conditions read opinions."""
    vary = any(part.kept for state in workflow.states.values() for part in state.parallel)
    return bool(crowded(workflow)) or (counted and vary)


def stepped(workflow: Workflow, project: Project) -> frozenset[str]:
    """Return the transitions of *workflow* that effects take."""
    flows = project.workflows.values()
    effects = [effect for flow in flows for one in flow.transitions.values() for effect in one.do]
    effects += [effect for flow in flows for one in flow.deadlines.values() for effect in one.effects]
    effects += [effect for one in project.automations.values() for effect in one.do]
    return frozenset(one.step for one in effects if one.step is not None and one.target == workflow.of)
