"""A plan in words for people: the view data of its page, in one language, with links to what it is about.

Links lead to the records as they are: names and filters are those of the configuration in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote

from fachwerk.engine.plan.counting import number
from fachwerk.engine.plan.model import Example, Impact, Operation, Plan
from fachwerk.engine.plan.render import verdict
from fachwerk.forms.model_frame import Link
from fachwerk.forms.model_plan import AspectView, ChangeView, EffectView, PlanView, Sign
from fachwerk.problems import Text, say
from fachwerk.schemas.changes import Change
from fachwerk.schemas.kinds.times import show_date

_SIGNS: Mapping[Sign, Text] = {
    "add": {"en": "new", "de": "neu"},
    "remove": {"en": "gone", "de": "entfällt"},
    "rename": {"en": "renamed, was", "de": "umbenannt, vorher"},
    "change": {"en": "changed", "de": "geändert"},
}
_THINGS: Mapping[str, Text] = {
    "project": {"en": "Application", "de": "Anwendung"},
    "entity": {"en": "Entity", "de": "Entität"},
    "field": {"en": "Field", "de": "Feld"},
    "option": {"en": "Option", "de": "Option"},
    "check": {"en": "Check", "de": "Prüfung"},
    "unique": {"en": "Unique", "de": "Eindeutig"},
    "access": {"en": "Rights", "de": "Rechte"},
    "form": {"en": "Form", "de": "Formular"},
    "list": {"en": "List", "de": "Liste"},
    "role": {"en": "Role", "de": "Rolle"},
    "workflow": {"en": "Workflow", "de": "Ablauf"},
    "state": {"en": "State", "de": "Zustand"},
    "transition": {"en": "Transition", "de": "Übergang"},
    "part": {"en": "Part", "de": "Teil"},
    "deadline": {"en": "Time limit", "de": "Frist"},
    "decision": {"en": "Decision", "de": "Entscheidung"},
    "message": {"en": "Message", "de": "Nachricht"},
}
_OPERATIONS: Mapping[str, Text] = {
    "create_table": {"en": "create table {place}", "de": "Tabelle {place} anlegen"},
    "add_column": {"en": "add column {place}", "de": "Spalte {place} hinzufügen"},
    "fill": {"en": "fill {place} by its rule", "de": "{place} nach der Regel füllen"},
    "rename_table": {"en": "rename table {place} to {name}", "de": "Tabelle {place} in {name} umbenennen"},
    "rename_column": {"en": "rename column {place} to {name}", "de": "Spalte {place} in {name} umbenennen"},
    "set_aside": {"en": "set {place} aside (as {name}, for 90 days)",
                  "de": "{place} beiseitelegen (als {name}, 90 Tage lang)"},
    "bring_back": {"en": "bring back {place}", "de": "{place} zurückholen"},
    "create_index": {"en": "create index {name}", "de": "Index {name} anlegen"},
    "drop_index": {"en": "drop index {name}", "de": "Index {name} löschen"},
    "move_links": {"en": "move the links of {place}", "de": "die Verknüpfungen von {place} umziehen"},
    "recompute": {"en": "calculate stored values of {place} anew",
                  "de": "gespeicherte Werte von {place} neu berechnen"},
    "discard": {"en": "discard what was kept of {place}", "de": "Aufgehobenes von {place} verwerfen"},
    "rebuild": {"en": "build table {place} anew", "de": "Tabelle {place} neu aufbauen"},
    "add_key": {"en": "add the key of {place}", "de": "den Schlüssel von {place} hinzufügen"},
    "drop_key": {"en": "drop the key of {place}", "de": "den Schlüssel von {place} löschen"},
}  # fmt: skip
_ROWS: Text = {"en": "Show these records", "de": "Diese Datensätze zeigen"}
_ALL: Text = {"en": "Show the list", "de": "Die Liste zeigen"}
_ZONES: Mapping[str, str] = {"CET": "MEZ", "CEST": "MESZ", "WET": "WEZ", "WEST": "WESZ", "EET": "OEZ", "EEST": "OESZ"}
_QUIET = ("kept", "filled", "by_rule", "no_value")
Address = Callable[[str], str]
"""Makes an address of a path of the site; empty: there is no link."""


def plan_view(
    plan: Plan, language: str, address: Address, made: dt.datetime, note: str = ""
) -> PlanView:  # fmt: skip
    """Return a plan as its page shows it; *note* is said on top."""
    versions = f"{plan.version} → {plan.version + 1}" if not plan.empty else str(plan.version)
    return PlanView(
        title=say(plan.name, language),
        language=language,
        versions=versions,
        made=_moment(made, language),
        verdict=verdict(plan, language),
        good=not plan.blocked,
        rows=tuple((say(label, language), number(count, language)) for _, label, count in plan.rows if count),
        note=note,
        changes=change_views(plan.changes, language, plan.impacts, plan.allowed, address),
        operations=tuple((_operation(one, language), one.texts) for one in plan.operations),
    )


def change_views(
    changes: Iterable[Change], language: str, impacts: Sequence[Impact] = (), allowed: frozenset[str] = frozenset(),
    address: Address = lambda path: "",
) -> tuple[ChangeView, ...]:  # fmt: skip
    """Return changes in words with their effects; effects of what is no change itself come behind."""
    left = list(impacts)
    found = []
    for change in changes:
        mine = [i for i in left if (i.change.of, i.change.name) == (change.of, change.name)]
        left = [i for i in left if i not in mine]
        found.append(_change(change, mine, language, allowed, address))
    while left:
        mine = [i for i in left if (i.change.of, i.change.name) == (left[0].change.of, left[0].change.name)]
        found.append(_change(left[0].change, mine, language, allowed, address))
        left = [i for i in left if i not in mine]
    return tuple(found)


def _change(
    change: Change, impacts: Sequence[Impact], language: str, allowed: frozenset[str], address: Address
) -> ChangeView:
    return ChangeView(
        sign=change.kind,
        sign_text=say(_SIGNS[change.kind], language),
        what=say(_THINGS.get(change.of, {"en": change.of, "de": change.of}), language),
        name=change.name,
        was=change.was or "",
        aspects=tuple(AspectView(name, *pair) for name, pair in change.aspects.items()),
        effects=tuple(_effect(one, language, allowed, address) for one in impacts),
    )


def _effect(impact: Impact, language: str, allowed: frozenset[str], address: Address) -> EffectView:
    is_allowed = bool(impact.allow and impact.allow in allowed)
    tone: str = "neutral" if impact.kind in _QUIET or is_allowed else "bad" if impact.blocking else "warning"
    share = round(100 * impact.count / impact.of) if impact.of and impact.count else 0
    return EffectView(
        text=say(impact.text, language),
        tone="bad" if tone == "bad" else "warning" if tone == "warning" else "neutral",
        remedy=say(impact.remedy, language) if impact.remedy and not is_allowed else "",
        allowed=is_allowed,
        share=share if 0 < share < 100 else 0,
        rows=_rows(impact, language, address),
        examples=tuple((_link(one, address), say(one.reason, language)) for one in impact.examples),
    )


def _link(one: Example, address: Address) -> Link:
    inner = "." in one.entity  # rows have no page of their own
    return Link(one.title, "" if inner else address(f"/e/{quote(one.entity, safe='')}/{quote(one.id, safe='')}"))


def _rows(impact: Impact, language: str, address: Address) -> Link | None:
    """Return the way to the list of the records concerned: filtered where a list can filter so."""
    query, entity = "", impact.examples[0].entity if impact.examples else ""
    if impact.where is not None:
        entity, field, value = impact.where
        query = f"?{quote(field)}={quote(value)}"
    href = address(f"/e/{quote(entity)}{query}") if entity and "." not in entity else ""
    return Link(say(_ROWS if query else _ALL, language), href) if href else None


def _operation(one: Operation, language: str) -> str:
    text = say(_OPERATIONS.get(one.kind, {"en": one.kind + " {place}", "de": one.kind + " {place}"}), language)
    return text.format(place=one.place, name=one.name or one.place)


def _moment(made: dt.datetime, language: str) -> str:
    """Return a moment in its own zone: “22.11.2026, 02:30 MEZ”."""
    zone = made.tzname() or ""
    named = _ZONES.get(zone, zone) if language == "de" else zone
    return f"{show_date(made.date(), language)}, {made:%H:%M} {named}".rstrip()
