"""The queue of effects as the command line shows it: what waits, what failed; trying again, dropping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import orjson
from fachwerk.engine.database import Connection
from fachwerk.engine.main import Running
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.work.queue import Entry, Queue
from fachwerk.problems import Refused, Text, say
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.kinds.value import Invalid

_MOMENT = "%Y-%m-%d %H:%M:%S"
"""In the zone of the app, as everywhere."""
_WAITS: Text = {"en": "waiting", "de": "wartet"}
_OUTCOMES: Mapping[str, Text] = {
    "done": {"en": "done", "de": "erledigt"}, "sent": {"en": "sent", "de": "gesendet"},
    "gave up": {"en": "gave up", "de": "aufgegeben"}, "dropped": {"en": "dropped", "de": "verworfen"},
    "cancelled": {"en": "cancelled", "de": "zurückgenommen"}, "over": {"en": "over", "de": "vorbei"},
    "no mail server": {"en": "no mail server", "de": "kein Mailserver"},
    "nobody to tell": {"en": "nobody to tell", "de": "niemand zu benachrichtigen"},
    "nothing waits": {"en": "nothing waits", "de": "nichts wartet"},
    "nothing to change": {"en": "nothing to change", "de": "nichts zu ändern"},
    "nothing to take the step": {"en": "nothing to take the step", "de": "nichts, was den Schritt tun könnte"},
    "not for this record": {"en": "not for this record", "de": "nicht für diesen Datensatz"},
    "no such message": {"en": "no such message", "de": "diese Nachricht gibt es nicht"},
    "the record is gone": {"en": "the record is gone", "de": "den Datensatz gibt es nicht mehr"},
    "the configuration has changed": {"en": "the configuration has changed", "de": "die Konfiguration ist eine andere"},
}  # fmt: skip
_COUNTED = (
    (re.compile(r"answered (\d+)"), r"Antwort \1"), (re.compile(r"(\d+) of (\d+)"), r"\1 von \2"),
    (re.compile(r"(\d+) taken, (\d+) refused"), r"\1 getan, \2 abgelehnt"),
)  # fmt: skip
"""Outcomes with numbers, and how they read in German."""
_NAME_THEM: Text = {
    "en": "Name effects by their ids, or all that failed: --failed.",
    "de": "Wirkungen mit ihrer Kennung nennen, oder alle fehlgeschlagenen: --failed.",
}
_NONE: Text = {"en": "There are none.", "de": "Es gibt keine."}
_RETRIED: Text = {"en": "{count} will be tried again.", "de": "{count} werden neu versucht."}
_ONE_RETRIED: Text = {"en": "1 will be tried again.", "de": "1 wird neu versucht."}
_DROPPED: Text = {"en": "{count} will not happen.", "de": "{count} werden nicht ausgeführt."}
_ONE_DROPPED: Text = {"en": "1 will not happen.", "de": "1 wird nicht ausgeführt."}
_NOT_YET: Text = {
    "en": "{id} has not failed: it waits until {when}.", "de": "{id} ist nicht fehlgeschlagen: sie wartet bis {when}.",
}  # fmt: skip
_SETTLED: Text = {"en": "{id} is over: {outcome}, {when}.", "de": "{id} ist vorbei: {outcome}, {when}."}
_NOTHING_DONE: Text = {"en": "Nothing was changed.", "de": "Nichts wurde geändert."}


async def list_jobs(url: str, which: str, most: int, language: str) -> list[str]:
    """Return lines about effects ``waiting``, ``failed`` or ``all``, and how many there are of each kind."""
    async with _queue(url) as (queue, running):
        entries = await queue.shown(running.database, which, most)
        counts = await queue.counts(running.database)
        zone = running.app.calendar.timezone
    lines = [_line(entry, language, zone) for entry in entries] or [say(_NONE, language)]
    sums = sorted((row[0], _outcome(row[1], language), row[2]) for row in counts)
    return [*lines, "", *(f"{count:>8} {kind:<18} {outcome}" for kind, outcome, count in sums)]


async def show_job(url: str, id: str) -> str:
    """Return everything about one effect as JSON."""
    key = _key(id)
    async with _queue(url) as (queue, running):
        found = await queue.shown(running.database, "one", 1, key)
    if not found:
        raise _unknown(id)
    return orjson.dumps(found[0], option=orjson.OPT_INDENT_2).decode()


async def retry_jobs(url: str, ids: Iterable[str], failed: bool, language: str) -> str:
    """Let effects that failed be tried again at once; all of them, if that is asked."""
    chosen = list(dict.fromkeys(map(_key, ids)))
    if not chosen and not failed:
        raise Refused("nothing_named", _NAME_THEM)
    now = dt.datetime.now(dt.UTC)
    async with _queue(url) as (queue, running), running.database.transaction() as connection:
        left = [id for id in chosen if not await queue.again(connection, id, now)]
        await _all_done(queue, running, connection, left)
        count = len(chosen) + (await queue.again_all(connection, now) if failed else 0)
    return say(_ONE_RETRIED if count == 1 else _RETRIED, language, count=count)


async def drop_jobs(url: str, ids: Iterable[str], language: str) -> str:
    """Let effects that wait never happen."""
    chosen = list(dict.fromkeys(map(_key, ids)))
    async with _queue(url) as (queue, running), running.database.transaction() as connection:
        left = [id for id in chosen if not await queue.drop(connection, id, dt.datetime.now(dt.UTC))]
        await _all_done(queue, running, connection, left)
    return say(_ONE_DROPPED if len(chosen) == 1 else _DROPPED, language, count=len(chosen))


async def _all_done(queue: Queue, running: Running, connection: Connection, left: Sequence[str]) -> None:
    """Raise :class:`Refused`, so that nothing is changed, where some of the effects named could not be dealt with."""
    if not left:
        return
    zone, reasons = running.app.calendar.timezone, []
    for id in left:
        found = await queue.shown(connection, "one", 1, id)
        reasons.append(_reason(found[0], zone) if found else _unknown(id).message)
    message = {one: " ".join([*(say(text, one) for text in reasons), say(_NOTHING_DONE, one)]) for one in ("en", "de")}
    raise Refused("jobs_left", message, status=409)


def _reason(entry: Entry, zone: ZoneInfo) -> Text:
    """Say why nothing can be done about an effect."""
    moment, waits = entry.wake_at or entry.settled_at or entry.job.created, entry.outcome is None
    text, when = _NOT_YET if waits else _SETTLED, f"{moment.astimezone(zone):{_MOMENT}}"
    return {one: say(text, one, id=entry.job.id, when=when, outcome=_outcome(entry.outcome, one)) for one in text}


@asynccontextmanager
async def _queue(url: str) -> AsyncIterator[tuple[Queue, Running]]:
    async with open_deployed(url) as running:
        yield Queue(running.app), running


def _line(entry: Entry, language: str, zone: ZoneInfo) -> str:
    job = entry.job
    when = entry.wake_at or entry.settled_at or job.created
    state = _outcome(entry.outcome, language)
    about = f"{job.entity} {job.record}" if job.entity else ""
    tried = f" x{job.attempt}" if job.attempt > 1 else ""
    error = f"  {entry.error.splitlines()[0][:100]}" if entry.error else ""
    return f"{job.id}  {when.astimezone(zone):{_MOMENT}}  {job.kind:<18} {state}{tried}  {about}{error}"


def _outcome(outcome: str | None, language: str) -> str:
    if outcome is None:
        return say(_WAITS, language)
    if outcome in _OUTCOMES:
        return say(_OUTCOMES[outcome], language)
    for pattern, german in _COUNTED:
        if language == "de" and pattern.fullmatch(outcome):
            return pattern.sub(german, outcome)
    return outcome


def _key(id: str) -> str:
    try:
        return identifier(id)
    except Invalid:
        raise _unknown(id) from None


def _unknown(id: str) -> Refused:
    return Refused("unknown_job", {"en": f"There is no effect {id}.", "de": f"Es gibt keine Wirkung {id}."}, status=404)
