"""The built-in functions on contexts (DMN 1.5, clause 10.3.4.8)."""

from __future__ import annotations

from typing import cast

from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import charge

Context = dict[str, object]


def get_value(context: Context, key: str) -> object:
    """``get value(m, key)``."""
    if key not in context:
        raise Mistake(f'there is no entry "{key[:60]}"', f'es gibt keinen Eintrag "{key[:60]}"')
    return context[key]


def get_entries(context: Context) -> object:
    """``get entries(m)``."""
    charge(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


def context_of(entries: list[Context]) -> object:
    """``context(entries)``: each entry is a context with ``key`` and ``value``."""
    charge(len(entries))
    found: Context = {}
    for entry in entries:
        if entry is None or "value" not in entry or not isinstance(entry.get("key"), str):
            raise Mistake("an entry needs a key and a value", "ein Eintrag braucht key und value")
        key = cast(str, entry["key"])
        if key in found:
            raise Mistake(
                f'the key "{key[:60]}" stands twice', f'der Schlüssel "{key[:60]}" steht zweimal da'
            )
        found[key] = entry["value"]
    return found


def put(context: Context, key: str, value: object) -> object:
    """``context put(context, key, value)``."""
    charge(len(context))
    return {**context, key: value}


def put_below(context: Context, keys: list[str], value: object) -> object:
    """``context put(context, keys, value)``: *keys* lead down into contexts within the context."""
    if not keys or any(key is None for key in keys):
        raise Mistake(
            "a path has at least one key, and no null",
            "ein Pfad hat mindestens einen Schlüssel und kein null",
        )
    charge(len(keys))
    levels = [context]
    for key in keys[:-1]:
        inner = levels[-1].get(key)
        if kind_of(inner) != "context":
            raise Mistake(f'"{key[:60]}" is not a context', f'"{key[:60]}" ist kein Kontext')
        levels.append(cast(Context, inner))
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        charge(len(level))
        value = {**level, key: value}
    return value


def merge(contexts: list[Context]) -> object:
    """``context merge(contexts)``: of entries with the same key the last one stays."""
    found: Context = {}
    for context in contexts:
        if context is None:
            raise Mistake("a context is null", "ein Kontext ist null")
        charge(len(context))
        found.update(context)
    return found
