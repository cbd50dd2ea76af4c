"""What a simulation counts: out of the history that the real service wrote, and of who waited for whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

Lengths = list[dt.timedelta]


@dataclass
class Tally:
    """Counts of one simulation; lengths are those of the calendar, *busy* is working time."""

    cases: int = 0
    refused: int = 0
    """Cases that nobody could create."""
    steps: int = 0
    stays: dict[str, Lengths] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, Lengths] = field(default_factory=lambda: defaultdict(list))
    """Final state -> how long cases took that ended there."""
    taken: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    run: Counter[str] = field(default_factory=Counter)
    """Time limits that began to run."""
    rests: dict[str, Lengths] = field(default_factory=lambda: defaultdict(list))
    """Time limit -> how long people let it rest."""
    extended: Counter[str] = field(default_factory=Counter)
    waits: dict[str, Lengths] = field(default_factory=lambda: defaultdict(list))
    """Role -> how long work waited for somebody of it."""
    held: dict[str, Lengths] = field(default_factory=lambda: defaultdict(list))
    """Role -> how long work waited that only somebody could do who was away; "": for people whom cases name."""
    eyes: Counter[str] = field(default_factory=Counter)
    """Role -> how often somebody was there, and kept from it by an earlier step of theirs."""
    interrupted: int = 0
    """How often somebody went whose work others had to take up."""
    queued: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    done_by: Counter[str] = field(default_factory=Counter)
    """Role -> steps that its people did."""
    busy: dict[str, dt.timedelta] = field(default_factory=lambda: defaultdict(dt.timedelta))
    """Person -> working time spent on steps."""

    def waiting(self, roles: Sequence[str], change: int) -> None:
        """Note that work for *roles* came in or was taken."""
        for role in roles:
            self.queued[role] += change
            self.most[role] = max(self.most[role], self.queued[role])


def share(lengths: Sequence[dt.timedelta], part: float) -> dt.timedelta | None:
    """Return the length that a *part* of all does not exceed (the nearest rank)."""
    if not lengths:
        return None
    ordered = sorted(lengths)
    return ordered[max(-(-len(ordered) * int(part * 100) // 100) - 1, 0)]
