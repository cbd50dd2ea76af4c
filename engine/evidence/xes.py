"""XES (IEEE 1849-2023): one trace for every record, one event for every entry of its history.

Attributes, order of elements and types are those of the standard's schema (clause 5); its extensions concept,
lifecycle, organizational, time and identity say what the attributes mean. Written as it is read, never held.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from decimal import Decimal
from xml.sax.saxutils import quoteattr

from fachwerk.engine.evidence.attributes import Value, stamp
from fachwerk.engine.evidence.events import EventLog, Happening, Trail

VERSION = "1849.2023"
_EXTENSIONS = (
    ("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"),
    ("Identity", "identity"),
)  # fmt: skip
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN = frozenset(("origin", "for_whom", "comment"))


async def xes(log: EventLog, entity: str) -> AsyncIterator[bytes]:
    """Give the log of *entity* as XML, piece by piece."""
    yield "".join(_head(entity)).encode()
    described = log.describe(entity)
    async for trails in log.trails(described):
        yield "".join(piece for trail in trails for piece in _trace(trail)).encode()
    yield b"</log>\n"


def _head(entity: str) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="{VERSION}" xes.features="nested-attributes">\n'
    for name, prefix in _EXTENSIONS:
        name_of_file = "identity" if prefix == "identity" else prefix
        yield f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{name_of_file}.xesext"/>\n'
    yield f'<global scope="trace">{_attribute("concept:name", "")}</global>\n'
    yield '<global scope="event">'
    yield _attribute("concept:name", "") + _attribute("lifecycle:transition", "complete")
    yield _attribute("time:timestamp", dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) + "</global>\n"
    yield '<classifier name="Activity" scope="event" keys="concept:name"/>\n'
    yield _attribute("concept:name", entity) + _attribute("lifecycle:model", "standard") + "\n"


def _trace(trail: Trail) -> Iterator[str]:
    yield "<trace>" + _attribute("concept:name", trail.id)
    yield from (_attribute(_key(name), value) for name, value in trail.values.items())
    yield from _linked(trail.links)
    yield "\n"
    for one in trail.happenings:
        yield "<event>" + "".join(_event(one)) + "</event>\n"
    yield "</trace>\n"


def _event(one: Happening) -> Iterator[str]:
    yield _attribute("concept:name", one.activity) + _attribute("lifecycle:transition", "complete")
    yield _attribute("time:timestamp", one.at) + f'<id key="identity:id" value="{one.id}"/>'
    if one.who is not None:
        yield _attribute("org:resource", one.who)
    if one.for_whom is not None:
        yield _attribute("for_whom", one.for_whom)
    yield _attribute("origin", one.origin)
    if one.comment:
        yield _attribute("comment", one.comment)
    # what was emptied has no form of its own in XES: an attribute is there or it is not
    yield from (_attribute(_key(name), value) for name, value in one.values.items() if value is not None)


def _linked(links: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    by_name: dict[str, list[str]] = {}
    for name, _, key in links:
        by_name.setdefault(name, []).append(key)
    for name, keys in by_name.items():
        yield f'<string key="{_key(name)}" value={quoteattr(", ".join(keys))}/>'


def _key(name: str) -> str:
    """Return the attribute of a field, kept apart from those that every event has."""
    return f"field_{name}" if name in _OWN else name


def _attribute(key: str, value: Value) -> str:
    match value:
        case bool():
            return f'<boolean key="{key}" value="{str(value).lower()}"/>'
        case int():
            return f'<int key="{key}" value="{value}"/>'
        case Decimal():
            return f'<float key="{key}" value="{value:f}"/>'
        case dt.datetime():
            return f'<date key="{key}" value="{stamp(value)}"/>'
        case _:
            return f'<string key="{key}" value={quoteattr(_FORBIDDEN.sub(" ", value))}/>'
