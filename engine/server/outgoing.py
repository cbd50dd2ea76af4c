"""What the API says about actions and history, as data for JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

import orjson
from fachwerk.engine.values import Event, Reference
from fachwerk.problems import say
from fachwerk.schemas.kinds import FileInfo
from fachwerk.schemas.measures import written_period
from fachwerk.workflows.case import Action


def plain(value: object) -> object:
    """Return *value* as JSON holds it: decimals exactly, moments in UTC, links with their titles."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, Reference):
        return {"entity": value.entity, "id": value.id, "title": value.title}
    if isinstance(value, FileInfo):
        return {"id": value.id, "name": value.name, "size": value.size, "type": value.type}
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def action_data(action: Action, language: str) -> dict[str, object]:
    """Return what can be done, or why it cannot."""
    return {
        "name": action.name,
        "label": say(action.label, language),
        "each": _about(action),
        "target": action.target,
        "possible": action.possible,
        "reasons": [say(text, language) for text in action.why_not],
        "require": list(action.require),
        "fill": list(action.fill),
        "comment": action.comment,
        "confirm": say(action.confirm, language) if action.confirm else None,
        "most": written_period(action.most) if action.most is not None else None,
    }


def _about(action: Action) -> object:
    """Return the record that an opinion is about; its id stands behind the colon in the name of the action."""
    about = action.about
    return plain(Reference(about.entity, about.id, about.title)) if about is not None else None


def event_data(event: Event) -> dict[str, object]:
    """Return one entry of the history."""
    return {
        "version": event.version,
        "kind": event.kind,
        "at": plain(event.at),
        "who": plain(event.who),
        "for_whom": plain(event.for_whom),
        "origin": event.origin,
        "action": event.action,
        "comment": event.comment,
        "by": event.period or None,
        "each": plain(event.each),
        "changes": {
            name: {"before": plain(before), "after": plain(after)} for name, (before, after) in event.changes.items()
        },
    }
