"""Changing tables that others use: again and again for a while, letting everybody pass in between, then given up.

On PostgreSQL whoever waits for a table makes all who come after wait, too. So a change of tables waits two seconds
(``database_postgres.LONGEST_LOCK_WAIT``), then lets go of everything, and begins anew a little later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from fachwerk.engine.database import Blocked, Busy, Connection, Database, Holder, in_altering
from fachwerk.problems import Refused, Text

T = TypeVar("T")
LONGEST = 120.0
"""Seconds until a change of tables is given up because others use them."""
PAUSES = (1.0, 2.0, 4.0, 5.0)
"""Seconds between attempts; the last one again and again."""
KNOWN_AFTER = 5
"""So many attempts are made to learn who is in the way: a busy machine looks too late for that."""


async def alter_patiently(
    database: Database, work: Callable[[Connection], Awaitable[T]], *, longest: float = LONGEST,
    tell: Callable[[Text], None] = lambda _text: None,
) -> T:  # fmt: skip
    """Run *work* in a transaction that changes tables; :class:`Refused`, with who is in the way, after *longest*."""
    end = time.monotonic() + longest
    for attempt in range(1_000_000):
        try:
            return await in_altering(database, work)
        except Blocked as blocked:
            if time.monotonic() >= end and (blocked.holders or attempt + 1 >= KNOWN_AFTER):
                raise Refused("in_use", _in_use(blocked.holders), status=409) from blocked
            tell(_waiting(blocked.holders))
            await asyncio.sleep(max(0.0, min(PAUSES[min(attempt, len(PAUSES) - 1)], end - time.monotonic())))
        except Busy as busy:
            raise Refused("in_use", _BUSY, status=409) from busy
    raise AssertionError


def _waiting(holders: Iterable[Holder]) -> Text:
    who = _who(holders)
    return {
        "en": f"Others use the tables; they go first, and it is tried again. In the way: {who['en']}",
        "de": f"Andere benutzen die Tabellen; sie gehen vor, dann wird es erneut versucht. Im Weg: {who['de']}",
    }


def _in_use(holders: Iterable[Holder]) -> Text:
    found = tuple(holders)
    who, ended = _who(found), f"select pg_terminate_backend({found[0].process if found else 'PID'})"
    return {
        "en": f"Others keep the tables in use. Nothing was changed. In the way: {who['en']}. Wait for its end and try "
        f"again; where it was forgotten, an administrator of the database ends it: {ended}",
        "de": f"Andere halten die Tabellen in Gebrauch. Nichts wurde geändert. Im Weg: {who['de']}. Das Ende abwarten "
        f"und noch einmal versuchen; ist es vergessen worden, beendet es die Datenbankverwaltung: {ended}",
    }


def _who(holders: Iterable[Holder]) -> Text:
    en = [f"process {one.process} ({one.program or '?'}, {one.user}), for {_span(one.seconds)}, {one.state}: "
          f"{one.statement}" for one in holders]  # fmt: skip
    de = [f"Prozess {one.process} ({one.program or '?'}, {one.user}), seit {_span(one.seconds)}, {one.state}: "
          f"{one.statement}" for one in holders]  # fmt: skip
    return {"en": "; ".join(en) or "somebody unknown", "de": "; ".join(de) or "unbekannt"}


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


_BUSY: Text = {
    "en": "Another process has been writing to the database for too long, or never let go of it. Nothing was changed. "
    "Try again; the worker and the servers can stay.",
    "de": "Ein anderer Prozess schreibt zu lange in die Datenbank oder gibt sie nicht frei. Nichts wurde geändert. "
    "Noch einmal versuchen; Arbeiter und Server können weiterlaufen.",
}
