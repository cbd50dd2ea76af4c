"""How large an expression gets when it is written out: parts that are used twice are written twice."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.sql.selectable import Alias
from sqlalchemy.sql.visitors import ExternallyTraversible

DEEP = 25
"""Beyond this depth SQLite, whose parser nests no more than 100 of its own levels, is asked whether it can read it."""

DEEPEST = 120
"""More parts inside of each other than this, and the rule has no SQL: each takes some of Python's own stack when the
statement is written out."""

MOST = 20_000
"""More parts than this, and the rule has no SQL: databases and their drivers have limits of their own."""


class Sizes:
    """Sizes of the expressions of one statement; every part is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._depths: dict[int, int] = {}
        self._kept: list[ExternallyTraversible] = []

    def of(self, element: ExternallyTraversible) -> int:
        """Return the number of parts of *element*, capped a little above :data:`MOST`."""
        left = [element]
        while left:
            part = left[-1]
            if id(part) in self._known:
                left.pop()
                continue
            parts = _parts(part)
            unknown = [child for child in parts if id(child) not in self._known]
            if unknown:
                left += unknown
                continue
            self._known[id(part)] = min(1 + sum(self._known[id(child)] for child in parts), MOST + 1)
            self._depths[id(part)] = 1 + max((self._depths[id(child)] for child in parts), default=0)
            self._kept.append(part)  # an id is only good as long as its object lives
            left.pop()
        return self._known[id(element)]

    def depth(self, element: ExternallyTraversible) -> int:
        """Return how many parts of *element* stand inside of each other at most."""
        self.of(element)
        return self._depths[id(element)]


def _parts(element: ExternallyTraversible) -> list[ExternallyTraversible]:
    if isinstance(element, sa.Column | sa.Table | sa.BindParameter | Alias):
        return []
    return [child for child in element.get_children() if isinstance(child, ExternallyTraversible)]
