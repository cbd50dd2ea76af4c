"""A plan read back from the JSON that ``fachwerk plan --json`` wrote; it may come from anywhere: all is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import orjson
from fachwerk.engine.plan.model import Example, Impact, Operation, Plan
from fachwerk.problems import Refused, Text
from fachwerk.schemas.changes import Change, What

LARGEST = 20_000_000
_MOST = 20_000
_LONGEST = 20_000
_KINDS = ("add", "remove", "rename", "change")


def read_plan(content: bytes) -> Plan:
    """Return the plan; raises :class:`Refused` for what is none."""
    try:
        if len(content) > LARGEST:
            raise ValueError("too large")
        return _plan(orjson.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("no_plan", NO_PLAN) from error


def _plan(known: Any) -> Plan:
    impacts = tuple(_impact(one) for one in _list(known["impacts"]))
    return Plan(
        name=_say(known["name"]),
        version=_count(known["version"]),
        old_hash=None if known["old_hash"] is None else _text(known["old_hash"]),
        new_hash=_text(known["new_hash"]),
        changes=tuple(_change(one) for one in _list(known["changes"])),
        operations=tuple(_operation(one) for one in _list(known["operations"])),
        impacts=impacts,
        rows=tuple(
            (_text(one["entity"]), _say(one.get("label") or {"en": one["entity"]}), _count(one["count"]))
            for one in _list(known["rows"])
        ),
        allowed=frozenset(
            impact.allow
            for impact, one in zip(impacts, known["impacts"], strict=True)
            if one["allowed"] is True and impact.allow
        ),
    )


def _change(one: Any) -> Change:
    kind, of = one["kind"], one["of"]
    if kind not in _KINDS or of not in get_args(What):
        raise ValueError(kind)
    aspects = {_text(name): (_text(pair[0]), _text(pair[1])) for name, pair in dict(one["aspects"]).items()}
    return Change(kind, of, _text(one["name"]), None if one["was"] is None else _text(one["was"]), aspects)


def _impact(one: Any) -> Impact:
    where = one.get("where")
    return Impact(
        change=_change(one["change"]), kind=_text(one["kind"]), count=_count(one["count"]), of=_count(one["of"]),
        text=_say(one["text"]), examples=tuple(_example(inner) for inner in _list(one["examples"])),
        blocking=one["blocking"] is True, remedy=None if one["remedy"] is None else _say(one["remedy"]),
        allow=None if one["allow"] is None else _text(one["allow"]),
        where=None if where is None else cast("tuple[str, str, str]", tuple(_text(where[n]) for n in range(3))),
    )  # fmt: skip


def _example(one: Any) -> Example:
    return Example(_text(one["entity"]), _text(one["id"]), _text(one["title"]), _say(one["reason"]))


def _operation(one: Any) -> Operation:
    optional = {name: None if one[name] is None else _text(one[name]) for name in ("column", "name")}
    texts = tuple(_text(text) for text in _list(one["texts"]))
    return Operation(cast(Any, _text(one["kind"])), _text(one["table"]), optional["column"], optional["name"], texts)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise TypeError("no list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value[:_LONGEST]


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**15:
        raise TypeError("no number")
    return value


def _say(value: Any) -> Text:
    if not isinstance(value, Mapping) or not value:
        raise TypeError("no text by language")
    return {_text(language)[:20]: _text(text) for language, text in value.items()}


NO_PLAN: Text = {"en": "This is no plan of `fachwerk plan --json`.",
                 "de": "Das ist kein Plan von `fachwerk plan --json`."}  # fmt: skip
