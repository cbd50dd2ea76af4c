"""The event log as a table (CSV), for spreadsheets and tools that know no better format."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

from fachwerk.engine.evidence.attributes import stamp
from fachwerk.engine.evidence.events import EventLog

COLUMNS = ("case", "activity", "timestamp", "resource", "for_whom", "origin", "kind", "state", "comment")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


async def table(log: EventLog, entity: str) -> AsyncIterator[bytes]:
    """Give the log of *entity* as CSV, piece by piece; *state* is the state after the event (of the first workflow)."""
    described = log.describe(entity)
    workflows = described.entity.workflows
    state = workflows[0].model.field if workflows else ""
    yield (",".join(COLUMNS) + "\r\n").encode()
    async for trails in log.trails(described):
        text = io.StringIO()
        lines = csv.writer(text)
        for trail in trails:
            now: object = ""
            for one in trail.happenings:
                now = one.values.get(state, now)
                row = (
                    trail.id, one.activity, stamp(one.at), one.who, one.for_whom, one.origin, one.kind, now,
                    one.comment,
                )  # fmt: skip
                lines.writerow([_safe(str(cell or "")) for cell in row])
        yield text.getvalue().encode()


def _safe(text: str) -> str:
    """Return *text* so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text
