"""Work that waits for people: by role, the oldest first, and what of it only somebody could do who is away."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fachwerk.engine.simulation.away import Away
from fachwerk.engine.simulation.going import Item
from fachwerk.engine.simulation.setting import Setting
from fachwerk.engine.simulation.tally import Tally
from fachwerk.engine.values import Person


@dataclass
class Queues:
    """The queues of all roles."""

    setting: Setting
    away: Away
    tally: Tally
    _by_role: dict[str, dict[Item, None]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, item: Item, now: dt.datetime) -> None:
        """Let work wait for holders of its roles."""
        item.case.items[item.key] = item
        item.queued = now
        for role in item.roles:
            self._by_role[role][item] = None
        self.tally.waiting(item.roles, 1)
        self.mark(item, now)

    def take(self, item: Item, now: dt.datetime) -> None:
        """Let it wait no longer: somebody begins with it, or nobody can or need do it."""
        for role in item.roles:
            self._by_role[role].pop(item, None)
        self.tally.waiting(item.roles, -1)
        self._held(item, now, held=False)
        if item.missed:
            self.tally.held[item.short].append(item.missed)
            self.tally.eyes[item.short] += item.eyes
            item.missed, item.eyes = dt.timedelta(), False

    def withdraw(self, item: Item, now: dt.datetime) -> None:
        """Let work be gone, whether it waits or somebody is at it."""
        item.gone = True
        if not item.taken and item in self._by_role[item.roles[0]]:
            self.take(item, now)

    def oldest(self, name: str) -> tuple[Item, str, Person] | None:
        """Return the oldest work for somebody, as whom they can do it, and what an attempt at that is called."""
        firsts = []
        for key, hat in self.hats(name):
            for role in sorted(hat.roles):
                first = next((item for item in self._by_role.get(role, ()) if key not in item.tried), None)
                firsts += [(first, key, hat)] if first is not None else []
        return min(firsts, key=lambda one: one[0].since, default=None)

    def hats(self, name: str) -> Iterator[tuple[str, Person]]:
        """Give as whom somebody can act: themselves, then those who are away."""
        yield name, self.setting.people[name]
        for hat in self.away.hats(name):
            yield _stand_in(name, hat.id), hat

    def has_work(self, name: str) -> bool:
        """Whether anything waits that somebody has the roles for."""
        return any(self._by_role.get(role) for _, hat in self.hats(name) for role in hat.roles)

    @property
    def empty(self) -> bool:
        """Whether nothing waits at all."""
        return not any(self._by_role.values())

    def waiting(self) -> list[Item]:
        """Return everything that waits."""
        return list(dict.fromkeys(item for queue in self._by_role.values() for item in queue))

    def holders(self, roles: Sequence[str]) -> set[str]:
        """Return who holds one of *roles*, there or away."""
        return {name for name, person in self.setting.people.items() if person.roles & set(roles)}

    def open(self, item: Item) -> bool:
        """Whether somebody who is there has not tried it yet, for themselves or for somebody who is away."""
        for name in self.holders(item.roles):
            deputy = None if self.away.there(name) else self.away.deputy(name)
            key = name if self.away.there(name) else _stand_in(deputy or "", self.setting.people[name].id)
            if key not in item.tried and (deputy is not None or self.away.there(name)):
                return True
        return False

    def mark(self, item: Item, now: dt.datetime) -> None:
        """Note since when work waits for somebody who is away."""
        if self.away.shares:
            self._held(item, now, held=not self.open(item))

    def _held(self, item: Item, now: dt.datetime, *, held: bool) -> None:
        if held and item.held is None:
            item.held = now
            away = {name for name in self.holders(item.roles) - item.tried if not self.away.there(name)}
            short = (role for role in item.roles if away & self.holders((role,)))
            item.short = next(short, item.roles[0])
        elif not held and item.held is not None:
            item.missed += now - item.held
            item.held = None


def _stand_in(name: str, absent: str) -> str:
    return f"{name} for {absent}"
