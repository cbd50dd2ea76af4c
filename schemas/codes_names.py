"""Problems with names: unknown, declared twice, not possible."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from fachwerk.problems import Code, Problem, Problems, Span, Text, nearest
from fachwerk.schemas.wording import both

_WORDS = MappingProxyType(
    {
        "app": both("application", "Anwendung"),
        "role": both("role", "Rolle"),
        "entity": both("entity", "Entität"),
        "relation": both("relation", "Beziehung"),
        "field": both("field", "Feld"),
        "workflow": both("workflow", "Workflow"),
        "state": both("state", "Zustand"),
        "transition": both("transition", "Übergang"),
        "part": both("part", "Teil"),
        "deadline": both("deadline", "Frist"),
        "decision": both("decision", "Entscheidung"),
        "message": both("message", "Nachricht"),
        "effect": both("effect", "Wirkung"),
        "option": both("option", "Option"),
        "type": both("type", "Typ"),
        "word": both("declaration", "Deklaration"),
        "file": both("file", "Datei"),
        "key": both("key", "Schlüssel"),
    }
)


def word(what: str) -> Text:
    """Return the word for a kind of name in both languages."""
    return _WORDS[what]


def like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* most likely is a misspelling of; stricter than ``nearest``."""
    found = nearest(name, known)
    if found is None or abs(len(found) - len(name)) > 2:
        return None
    return found if _distance(name.lower(), found.lower()) <= max(1, len(name) // 4) else None


def _distance(left: str, right: str) -> int:
    """How many letters must be changed, put in, taken away or swapped with their neighbour."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def listing(known: Iterable[str], limit: int = 12) -> str:
    """Return names in a row, cut where there are too many to read."""
    names = list(dict.fromkeys(known))
    return ", ".join(names[:limit]) + (f", … ({len(names)})" if len(names) > limit else "")


def _unknown(what: str) -> Code:
    name = word(what)
    return Code(
        f"unknown-{what}",
        both(f"there is no {name['en']} `{{name}}`", f"{name['de']} `{{name}}` gibt es nicht"),
    )


def guess(name: str, known: Iterable[str]) -> Text | None:
    """Return the remedy that names the nearest name, if one is near."""
    found = nearest(name, known)
    return both(f'did you mean "{found}"?', f'war "{found}" gemeint?') if found else None


UNKNOWN = MappingProxyType(
    {
        one: _unknown(one)
        for one in (
            "role", "entity", "field", "state", "transition", "message", "decision", "effect", "type", "word", "file",
            "key", "kind",
        )
        if one in _WORDS
    }
)  # fmt: skip
UNKNOWN_KIND = Code("unknown-kind", both("there is no field kind `{name}`", "die Feldart `{name}` gibt es nicht"),
                    label=both("kinds: {known}", "Arten: {known}"))  # fmt: skip


def say_unknown(
    problems: Problems, at: Span, what: str, name: str, known: Iterable[str], of: str | None = None
) -> None:
    """Note that a name is not known: with all that are, and the nearest."""
    problems.add(unknown(at, what, name, list(known), of))


def unknown(at: Span, what: str, name: str, known: list[str], of: str | None = None) -> Problem:
    """Return the problem that *name* is no *what* (of *of*)."""
    return UNKNOWN[what].at(at, remedy=guess(name, known), name=name, known=listing(known), of=of or "")


def say_unknown_kind(problems: Problems, at: Span, name: str, known: Iterable[str]) -> None:
    """Note that there is no such kind of field."""
    problems.add(UNKNOWN_KIND.at(at, remedy=guess(name, known), name=name, known=listing(sorted(known), 40)))


DUPLICATE = Code("declared-twice", both("{what} `{name}` is declared twice", "{what} `{name}` ist zweimal angegeben"))


def say_duplicate(problems: Problems, at: Span, first: Span, what: str, name: str) -> None:
    """Note that a name is declared twice, showing both places."""
    note = both("first declared here", "zuerst hier angegeben")
    problems.add(DUPLICATE.at(at, what=word(what), name=name, related=[(first, note)]))


NAME_SYNTAX = Code("name-syntax", both("`{name}` cannot be a name", "`{name}` kann kein Name sein"))
NAME_TOO_LONG = Code("name-too-long", both("`{name}` is too long", "`{name}` ist zu lang"))
RESERVED_NAME = Code("reserved-name", both("`{name}` is taken", "`{name}` ist vergeben"))
