"""Rendering: a plan as text for people, as JSON for programs; the semantic difference of two configurations as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import orjson
from fachwerk.engine.plan.counting import number
from fachwerk.engine.plan.model import Impact, Plan
from fachwerk.problems import Text, say
from fachwerk.schemas.changes import Change

_SIGNS = {"add": "+", "remove": "-", "rename": ">", "change": "~"}
_WORDS = {
    "de": {"renamed from": "umbenannt, vorher", "new": "neu", "gone": "entfällt", "->": "->"},
    "en": {},
}
_WIDTH = 26


def plan_text(plan: Plan, language: str = "en", *, examples: str | None = None) -> str:
    """Return a plan as lines of text; *examples* names what to show rows of (``--show``)."""
    first = [] if plan.version else [say(_FIRST, language)]
    lines = [_head(plan, language), *first, ""]
    left = list(plan.impacts)
    for change in plan.changes:
        mine = [i for i in left if i.change.of == change.of and i.change.name == change.name]
        left = [i for i in left if i not in mine]
        lines += _change(change, mine, language, examples)
    for impact in left:
        lines += _change(impact.change, [impact], language, examples)
    if not plan.changes and not left:
        lines.append(_nothing(plan, language))
    lines += ["", *_ahead(plan, language), _foot(plan, language)]
    return "\n".join(lines) + "\n"


_FIRST: Text = {
    "en": "  Nothing was deployed to this database yet: everything is made anew.",
    "de": "  In diese Datenbank wurde noch nichts eingespielt: alles wird neu angelegt.",
}


def _ahead(plan: Plan, language: str) -> Iterator[str]:
    """Give the lines about what is made before the deploy."""
    for one in plan.ahead:
        fields, count = ", ".join(one.fields), number(one.count, language)
        text = {
            "en": f"Made in batches before, nobody waits: {fields} of {count} {say(one.plural, 'en')}",
            "de": f"Vorher in Portionen, niemand wartet: {fields} von {count} {say(one.plural, 'de')}",
        }
        yield text[language]


def _head(plan: Plan, language: str) -> str:
    rows = ", ".join(f"{number(count, language)} {say(label, language)}" for _, label, count in plan.rows[:4] if count)
    word = {"en": "version", "de": "Version"}[language]
    version = f"{word} {plan.version} -> {plan.version + 1}" if not plan.empty else f"{word} {plan.version}"
    return f"{say(plan.name, language)}: {version}" + (f"            {rows}" if rows else "")


def _nothing(plan: Plan, language: str) -> str:
    if plan.old_hash == plan.new_hash:
        return {"en": "  Nothing to deploy.", "de": "  Nichts einzuspielen."}[language]
    same = {"en": "  Only the text of the files differs.", "de": "  Nur der Text der Dateien ist anders."}
    return same[language]


def verdict(plan: Plan, language: str) -> str:
    """Say whether a plan can be deployed; nothing where there is nothing to deploy."""
    return _foot(plan, language) or _nothing(plan, language).strip()


def _foot(plan: Plan, language: str) -> str:
    blocked = len(plan.blocked)
    if blocked:
        one = blocked == 1
        return {
            "en": f"Cannot deploy: {blocked} {'effect needs' if one else 'effects need'} a decision.",
            "de": f"Nicht einspielbar: {blocked} {'Wirkung braucht' if one else 'Wirkungen brauchen'} "
            "eine Entscheidung.",
        }[language]
    if plan.empty:
        return ""
    return {"en": "Can be deployed.", "de": "Kann eingespielt werden."}[language]


def _change(change: Change, impacts: Sequence[Impact], language: str, examples: str | None) -> Iterator[str]:
    """Give the lines of one change: what, how it differs, what it does; more effects below each other."""
    sign = "!" if any(i.blocking or i.kind.startswith("breaks") for i in impacts) else _SIGNS[change.kind]
    name = change.name if change.of == "field" else f"{change.of} {change.name}"
    how = how_text(change, language)
    first = f"  {sign} {name:<{_WIDTH}} {how}".rstrip()
    if not impacts:
        yield first
    for place, impact in enumerate(impacts):
        head = f"{first:<{_WIDTH + 30}}" if place == 0 else " " * (_WIDTH + 30)
        text = say(impact.text, language)
        remedy = f"; {say(impact.remedy, language)}" if impact.remedy and (impact.blocking or not impact.allow) else ""
        yield f"{head}  {text}{remedy}"
        if examples is not None and examples in (change.name, change.name.rpartition(".")[2], "all"):
            for row in impact.examples:
                yield f"        {row.title}: {say(row.reason, language)}"


def how_text(change: Change, language: str) -> str:
    """Return in what a thing differs."""
    words: Mapping[str, str] = _WORDS[language]
    told = []
    if change.was is not None:
        told.append(f"{words.get('renamed from', 'renamed from')} {change.was}")
    for name, (before, after) in change.aspects.items():
        if not before:
            told.append(f"{name} {_short(after)}" if change.kind != "add" else _short(after))
        elif not after:
            told.append(f"{name} {words.get('gone', 'gone')}")
        else:
            told.append(f"{name} {_short(before)} -> {_short(after)}")
    return ", ".join(told)


def _short(text: str) -> str:
    text = " ".join(text.split())  # lines of a letter would break those of the plan
    return text if len(text) <= 40 else text[:37] + "..."


def diff_text(changes: Sequence[Change], language: str = "en") -> str:
    """Return changes as lines of text."""
    lines = [line for change in changes for line in _change(change, [], language, None)]
    return "\n".join(lines) + "\n" if lines else ""


def plan_json(plan: Plan) -> str:
    """Return a plan as JSON: changes, operations with their statements, effects with examples."""
    return orjson.dumps({
        "name": plan.name, "version": plan.version, "old_hash": plan.old_hash, "new_hash": plan.new_hash,
        "changes": [change_json(change) for change in plan.changes],
        "operations": [asdict(operation) for operation in plan.operations],
        "impacts": [
            {
                "change": change_json(i.change), "kind": i.kind, "count": i.count, "of": i.of, "text": i.text,
                "blocking": i.blocking, "allowed": bool(i.allow and i.allow in plan.allowed), "allow": i.allow,
                "remedy": i.remedy, "where": i.where, "examples": [asdict(example) for example in i.examples],
            }
            for i in plan.impacts
        ],
        "rows": [{"entity": name, "label": label, "count": count} for name, label, count in plan.rows],
        "ahead": [{"entity": p.entity, "fields": list(p.fields), "count": p.count} for p in plan.ahead],
        "can_deploy": not plan.blocked,
    }, option=orjson.OPT_INDENT_2).decode() + "\n"  # fmt: skip


def change_json(change: Change) -> dict[str, object]:
    """Return a change as JSON holds it, with places in the files."""
    return {
        "kind": change.kind, "of": change.of, "name": change.name, "was": change.was,
        "aspects": {name: list(pair) for name, pair in change.aspects.items()},
        "before": str(change.before) if change.before else None,
        "after": str(change.after) if change.after else None,
    }  # fmt: skip


def plan_sql(plan: Plan) -> str:
    """Return the statements of a plan; what is calculated row by row is a comment."""
    before = "-- before, in batches of their own"
    lines = [f"{before}: {', '.join(p.fields)} of {p.entity} ({p.count} records)" for p in plan.ahead]
    for operation in plan.operations:
        if not operation.texts:
            lines.append(f"-- {operation.kind} {operation.place}" + (f" ({operation.name})" if operation.name else ""))
        lines += [f"{text};" for text in operation.texts]
    return "\n".join(lines) + "\n" if lines else ""
