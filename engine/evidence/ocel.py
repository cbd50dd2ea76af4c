"""OCEL 2.0 as JSON: records of several entities as objects, what happened to them as events that concern all of them.

An object has its values with the moment from which they stood, and its links to other objects; an event leads to the
record that it happened to and to the records that were linked with it then. Entities that are only linked to are named
but not described. Events are put aside in a temporary file while objects are written, so that the history is read once
and memory stays as it is.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from typing import IO

import orjson
from fachwerk.engine.evidence.attributes import Value, stamp
from fachwerk.engine.evidence.events import Described, EventLog, Happening, Link, Trail

BEGINNING = "1970-01-01T00:00:00.000Z"
"""The time of values of which nobody knows since when they stand."""
_CHUNK = 1 << 18
_EVENT = ("resource", "for_whom", "origin", "comment")


async def ocel(log: EventLog, entities: Sequence[str]) -> AsyncIterator[bytes]:
    """Give the log of *entities* as JSON, piece by piece."""
    described = [log.describe(name) for name in entities]
    ours, activities = frozenset(entities), dict[str, None]()
    with tempfile.TemporaryFile() as aside, closing(sqlite3.connect("")) as others:
        others.execute("create table named (type text, id text, primary key (type, id)) without rowid")
        yield b'{"objects":['
        first = True
        for one in described:
            async for trails in log.trails(one):
                yield _joined((_object(one, trail) for trail in trails), first=first)
                first = False
                _put_aside(aside, trails, activities)
                links = {(link[1], link[2]) for trail in trails for link in _links(trail) if link[1] not in ours}
                others.executemany("insert or ignore into named values (?, ?)", sorted(links))
        rows = others.execute("select type, id from named order by type, id")
        while some := rows.fetchmany(5000):
            yield _joined((orjson.dumps({"id": key, "type": name}) for name, key in some), first=first)
            first = False
        yield b'],"events":['
        aside.seek(0)
        while piece := aside.read(_CHUNK):
            yield piece
        linked = [row[0] for row in others.execute("select distinct type from named order by type")]
    yield b"]," + _types(described, linked, activities) + b"}\n"


def _put_aside(aside: IO[bytes], trails: Iterable[Trail], activities: dict[str, None]) -> None:
    for trail in trails:
        for one in trail.happenings:
            name = f"{trail.entity}.{one.activity}"
            activities[name] = None
            aside.write((b",\n" if aside.tell() else b"") + _event(trail, name, one))


def _joined(parts: Iterator[bytes], *, first: bool) -> bytes:
    text = b",\n".join(parts)
    return text if first or not text else b",\n" + text


def _types(described: Iterable[Described], linked: Iterable[str], activities: Iterable[str]) -> bytes:
    objects: list[dict[str, object]] = [
        {
            "name": one.entity.name,
            "attributes": [{"name": name, "type": sort} for name, sort in one.attributes.items()],
        }
        for one in described
    ]
    objects += [{"name": name, "attributes": []} for name in linked]
    about = [{"name": name, "type": "string"} for name in _EVENT]
    events = [{"name": name, "attributes": about} for name in sorted(activities)]
    return orjson.dumps({"objectTypes": objects, "eventTypes": events})[1:-1]


def _object(described: Described, trail: Trail) -> bytes:
    known = {name for one in trail.happenings for name in one.values}
    values = [
        {"name": name, "time": BEGINNING, "value": _json(value)}
        for name, value in trail.values.items()
        if name not in known
    ]
    for one in trail.happenings:
        at = stamp(one.at)
        # What is emptied ends: the format has no empty value but the empty text.
        values += [
            {"name": name, "time": at, "value": _json(value) if value is not None else ""}
            for name, value in one.values.items()
            if value is not None or described.attributes[name] == "string"
        ]
    return orjson.dumps(
        {"id": trail.id, "type": trail.entity, "attributes": values, "relationships": _relations(trail.links)}
    )


def _event(trail: Trail, name: str, one: Happening) -> bytes:
    about = {"resource": one.who, "for_whom": one.for_whom, "origin": one.origin, "comment": one.comment}
    return orjson.dumps({
        "id": one.id, "type": name, "time": stamp(one.at),
        "attributes": [{"name": key, "value": value} for key, value in about.items() if value],
        "relationships": [{"objectId": trail.id, "qualifier": "record"}, *_relations(one.links)],
    })  # fmt: skip


def _links(trail: Trail) -> Iterator[Link]:
    yield from trail.links
    for one in trail.happenings:
        yield from one.links


def _relations(links: Iterable[Link]) -> list[dict[str, str]]:
    return [{"objectId": key, "qualifier": name} for name, _, key in links]


def _json(value: Value) -> object:
    if isinstance(value, dt.datetime):
        return stamp(value)
    return orjson.Fragment(format(value, "f")) if isinstance(value, Decimal) else value
