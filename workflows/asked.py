"""Who is asked by name, over the finite abstraction of the model check: parts for all or most of their people.

Whoever is asked when a state is entered may leave, and be back, at any time; others are not asked any more. Four eyes
bar people from a part once they have spoken in another of the same state; whoever did an earlier step is not asked.
Parts that are not for all or most of them are decided by one of them, or by somebody else. Of two people who have said
the same it does not matter which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fachwerk.schemas.model import Part, State, Workflow

MOST_PEOPLE = 2
"""Of whom all or most are asked: more of them could tell nothing more apart."""
MOST_RECORDS = 2
"""That have an opinion each; more of them could tell nothing more apart, either."""


class Person(NamedTuple):
    """Somebody who was asked when the state was entered; whether they are *here* matters until they have said all."""

    here: bool
    spoken: tuple[str, ...] = ()
    """The parts in which they have given their opinion, as far as it matters who did."""

    def owes(self, part: Part) -> bool:
        """Whether they have not spoken in a part and are not barred from it."""
        return part.name not in self.spoken and not any(name in part.not_by for name in self.spoken)


People = tuple[tuple[str, tuple[Person, ...]], ...]
"""Who is asked, by what their number follows from."""


def entering(state: State, sizes: Mapping[str, int]) -> People:
    """Return the people when *state* asks so many."""
    asked = dict.fromkeys(asked_of(part) for part in state.parallel if of_people(part))
    return tuple((name, (Person(here=True),) * sizes[name]) for name in sorted(asked))


def speaking(part: Part, state: State, people: People) -> Iterator[People]:
    """Give the people after somebody has given an opinion in *part*."""
    mine = asked_of(part) if of_people(part) else None
    if mine is None:
        yield people  # somebody else did
    for asked, ones in people:
        beside = _parts(state, asked)
        if asked == mine or (mine is None and any(part.name in one.not_by for one in beside)):
            for one in dict.fromkeys(ones):
                if one.here and one.owes(part):
                    after = Person(here=True, spoken=tuple(sorted((*one.spoken, part.name))))
                    here = any(map(after.owes, beside))
                    yield _with(people, asked, one, after._replace(here=here))


def moving(state: State, people: People) -> Iterator[tuple[str, People]]:
    """Give, for everybody who is still to be heard, that they have left, or are back, and the parts concerned."""
    for asked, ones in people:
        for one in dict.fromkeys(ones):
            owed = ", ".join(part.name for part in _parts(state, asked) if one.owes(part))
            if owed:
                words = f"{owed} ({'left' if one.here else 'back'})"
                yield words, _with(people, asked, one, one._replace(here=not one.here))


def numbers(state: State, sizes: Mapping[str, int], people: People) -> Mapping[str, int]:
    """Return by part of how many an opinion is waited for: of people, of those who have spoken or still can."""
    if not people:
        return sizes
    known = dict(people)
    return {**sizes, **{
        part.name: sum(part.name in one.spoken or (one.here and one.owes(part)) for one in known[asked_of(part)])
        for part in state.parallel if of_people(part)
    }}  # fmt: skip


def crowded(workflow: Workflow) -> Mapping[str, int]:
    """Return how many are taken to be asked where parts beside each other are for different ones of the same people."""
    found: dict[str, int] = {}
    for state in workflow.states.values():
        for asked in {asked_of(part) for part in state.parallel if of_people(part)}:
            names = {name for part in _parts(state, asked) for name in part.not_by}
            others = [part for part in state.parallel if part.name in names]
            single = sum(_takes(part) for part in others if not of_people(part))
            if others:
                # more than half of them, and those of other parts, leave somebody
                enough = 2 * single + 3 if any(of_people(part) for part in others) else single + 1
                found[asked] = max(enough, found.get(asked, 0))
    return found


def _takes(part: Part) -> int:
    """Return how many people a part takes that is not for all or most of its people."""
    return part.needs if isinstance(part.needs, int) and part.each is None else MOST_RECORDS


def of_people(part: Part) -> bool:
    """Whether a part asks all or most of its people."""
    return part.kept and part.each is None


def asked_of(part: Part) -> str:
    """Return what the number of a part's people follows from."""
    people = (one.role or (one.person.text.text.strip() if one.person else "") for one in part.by)
    return f"by {', '.join(sorted(people))}"


def _parts(state: State, asked: str) -> list[Part]:
    return [part for part in state.parallel if of_people(part) and asked_of(part) == asked]


def _with(people: People, asked: str, before: Person, after: Person) -> People:
    ones = list(dict(people)[asked])
    ones[ones.index(before)] = after
    return tuple((name, tuple(sorted(ones)) if name == asked else others) for name, others in people)
