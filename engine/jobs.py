"""The queue of effects as the command line shows it: what waits, what failed; trying again, dropping."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import orjson
from fachwerk.engine.database import Database
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.work.queue import Entry, Queue
from fachwerk.problems import Refused, Text, say
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.kinds.value import Invalid

_WAITS: Text = {"en": "waiting", "de": "wartet"}
_OUTCOMES: Mapping[str, Text] = {
    "done": {"en": "done", "de": "erledigt"}, "sent": {"en": "sent", "de": "gesendet"},
    "gave up": {"en": "gave up", "de": "aufgegeben"}, "dropped": {"en": "dropped", "de": "verworfen"},
    "cancelled": {"en": "cancelled", "de": "zurückgenommen"},
}  # fmt: skip
_NAME_THEM: Text = {
    "en": "Name effects by their ids, or all that failed: --failed.",
    "de": "Wirkungen mit ihrer Kennung nennen, oder alle fehlgeschlagenen: --failed.",
}
_NONE: Text = {"en": "There are none.", "de": "Es gibt keine."}
_RETRIED: Text = {"en": "{count} will be tried again.", "de": "{count} werden neu versucht."}
_DROPPED: Text = {"en": "{count} will not happen.", "de": "{count} werden nicht ausgeführt."}


async def list_jobs(url: str, which: str, most: int, language: str) -> list[str]:
    """Return lines about effects ``waiting``, ``failed`` or ``all``, and how many there are of each kind."""
    async with _queue(url) as (queue, database):
        entries = await queue.shown(database, which, most)
        counts = await queue.counts(database)
    lines = [_line(entry, language) for entry in entries] or [say(_NONE, language)]
    sums = sorted((row[0], _outcome(row[1], language), row[2]) for row in counts)
    return [*lines, "", *(f"{count:>8} {kind:<18} {outcome}" for kind, outcome, count in sums)]


async def show_job(url: str, id: str) -> str:
    """Return everything about one effect as JSON."""
    key = _key(id)
    async with _queue(url) as (queue, database):
        found = await queue.shown(database, "one", 1, key)
    if not found:
        raise _unknown(id)
    return orjson.dumps(found[0], option=orjson.OPT_INDENT_2).decode()


async def retry_jobs(url: str, ids: Iterable[str], failed: bool, language: str) -> str:
    """Let effects be tried again at once; all that *failed*, if that is asked."""
    chosen = [_key(id) for id in ids]
    if not chosen and not failed:
        raise Refused("nothing_named", _NAME_THEM)
    async with _queue(url) as (queue, database):
        if failed:
            chosen += [entry.job.id for entry in await queue.shown(database, "failed", 100_000)]
        async with database.transaction() as connection:
            done = [await queue.again(connection, id, dt.datetime.now(dt.UTC)) for id in chosen]
    return say(_RETRIED, language, count=sum(done))


async def drop_jobs(url: str, ids: Iterable[str], language: str) -> str:
    """Let effects that wait never happen."""
    async with _queue(url) as (queue, database), database.transaction() as connection:
        done = [await queue.drop(connection, _key(id), dt.datetime.now(dt.UTC)) for id in ids]
    return say(_DROPPED, language, count=sum(done))


@asynccontextmanager
async def _queue(url: str) -> AsyncIterator[tuple[Queue, Database]]:
    async with open_deployed(url) as running:
        yield Queue(running.app), running.database


def _line(entry: Entry, language: str) -> str:
    job = entry.job
    when = entry.wake_at or entry.settled_at or job.created
    state = _outcome(entry.outcome, language)
    about = f"{job.entity} {job.record}" if job.entity else ""
    tried = f" x{job.attempt}" if job.attempt > 1 else ""
    error = f"  {entry.error.splitlines()[0][:100]}" if entry.error else ""
    return f"{job.id}  {when:%Y-%m-%d %H:%M:%S}  {job.kind:<18} {state}{tried}  {about}{error}"


def _outcome(outcome: str | None, language: str) -> str:
    if outcome is None:
        return say(_WAITS, language)
    return say(_OUTCOMES[outcome], language) if outcome in _OUTCOMES else outcome


def _key(id: str) -> str:
    try:
        return identifier(id)
    except Invalid:
        raise _unknown(id) from None


def _unknown(id: str) -> Refused:
    return Refused("unknown_job", {"en": f"There is no effect {id}.", "de": f"Es gibt keine Wirkung {id}."}, status=404)
