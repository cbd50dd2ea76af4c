"""Opinions in a scenario: which part somebody means who says an outcome, and everybody's at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.engine.trial.cast import Cast
from fachwerk.engine.trial.stage import Stage
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Part, Workflow
from fachwerk.workflows.case import Action

MOST = 200
_ABOUT_THE_CASE = ("open", "order")
"""Conditions that do not depend on who acts."""


class Opinions:
    """Gives opinions on a record."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast, self._service = stage, cast, stage.service

    async def resolve(self, who: Person, entity: str, key: str, action: str, about: str | None = None) -> str:
        """Return the name of the action that is meant by a transition, ``part.outcome`` or an outcome.

        *about* is the id of the record that an opinion is about.
        """
        if self._is_transition(entity, action):
            return action
        known = [(f"{part.name}.{one.name}", part) for part in self._parts(entity) for one in part.outcomes]
        meant = [(name, part) for name, part in known if resolved(name, action)]
        names = list(dict.fromkeys(name for name, _ in meant))
        if len(names) == 1 and about is None and not any(part.each_of for _, part in meant):
            return names[0]
        try:
            actions = await self._service.actions(who, entity, key)
        except Refused:
            actions = ()
        fitting = [one for one in actions if one.part is not None and resolved(one.name, action)]
        fitting = [one for one in fitting if about is None or one.name.partition(":")[2] == about]
        fitting.sort(key=lambda one: (not one.possible, not one.concerns))
        if fitting:
            return fitting[0].name
        named = names[0] if names else action
        return named if about is None else f"{named}:{about}"

    async def give(self, entity: str, key: str, outcome: str, comment: str | None) -> int:
        """Give all opinions that are missing; return how many. Where nobody of the scenario may, somebody comes in."""
        given = 0
        while given < MOST:
            found = await self._next(entity, key, outcome)
            if found is None:
                break
            who, action = found
            await self._service.act(who, entity, key, action, comment=comment, origin="scenario", answer=False)
            given += 1
        return given

    async def _next(self, entity: str, key: str, outcome: str) -> tuple[Person, str] | None:
        missing = await self._missing(entity, key, outcome)
        if not missing:
            return None
        for action in missing:
            for who in self._candidates(entity, action):
                if any(one.name == action.name and one.possible for one in await self._actions(who, entity, key)):
                    return who, action.name
        stranger = await self._stranger(entity, missing[0])
        return None if stranger is None else (stranger, missing[0].name)

    async def _missing(self, entity: str, key: str, outcome: str) -> list[Action]:
        """Return the opinions that can be given now, by whomever."""
        found = []
        for action in await self._actions(self._service.system, entity, key):
            free = all(one.holds for one in action.conditions if one.kind in _ABOUT_THE_CASE)
            if action.part is not None and free and resolved(action.name, outcome):
                found.append(action)
        return found

    async def _actions(self, who: Person, entity: str, key: str) -> Iterable[Action]:
        try:
            return await self._service.actions(who, entity, key)
        except Refused:
            return ()

    def _candidates(self, entity: str, action: Action) -> list[Person]:
        """Return the people of the scenario, first those who hold a role of the part themselves."""
        roles = set(self._roles(entity, action))
        held = {person.name: set(person.roles) for person in self._scenario_people()}
        people = self._scenario_people()
        return sorted(people, key=lambda one: (not roles & held[one.name], len(held[one.name])))

    def _scenario_people(self) -> list[Person]:
        return list(self._cast.people.values())

    async def _stranger(self, entity: str, action: Action) -> Person | None:
        """Return somebody new who holds the role of a part."""
        role = next(iter(self._roles(entity, action)), None)
        if role is None:
            return None
        name = next(n for n in (f"{role}_{i}" if i else role for i in range(MOST + 1)) if n not in self._cast.people)
        person = self._cast.people[name] = await self._stage.person(name, [role])
        return person

    def _roles(self, entity: str, action: Action) -> Iterator[str]:
        for part in self._parts(entity):
            if action.name.startswith(f"{part.name}."):
                yield from (one.role for one in part.by if one.role is not None)

    def _parts(self, entity: str) -> Iterator[Part]:
        for name in self._stage.app.project.entities[entity].workflows:
            for state in self._stage.app.project.workflows[name].states.values():
                yield from state.parallel

    def _is_transition(self, entity: str, action: str) -> bool:
        project = self._stage.app.project
        return any(action in project.workflows[name].transitions for name in project.entities[entity].workflows)


def resolved(name: str, said: str) -> bool:
    """Return whether the action *name* is meant by *said*: itself, or an outcome without its part."""
    plain = name.partition(":")[0]  # behind a colon stands the record that it is about
    return plain == said or plain.rpartition(".")[2] == said


def sources_of(workflow: Workflow, action: str) -> tuple[str, ...]:
    """Return the states in which an action is possible: a transition, or an opinion by its outcome."""
    if action in workflow.transitions:
        return workflow.transitions[action].source
    return tuple(
        state.name
        for state in workflow.states.values()
        if any(resolved(f"{part.name}.{one.name}", action) for part in state.parallel for one in part.outcomes)
    )
