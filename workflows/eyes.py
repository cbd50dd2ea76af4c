"""Four eyes: who may not take a step because of an earlier one, and the sentence that says so.

A deputy and the absent person count as one: a step that either of them did bars both, whoever of them acts now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fachwerk.problems import Text
from fachwerk.workflows.case import Acting, Condition, Done, eyes_of

LANGUAGES = ("en", "de")


def four_eyes(
    not_by: Iterable[str], done: Iterable[Done], created_by: str | None, who: Acting, *, label: Callable[[str], Text],
    source: str = "",
) -> Condition:  # fmt: skip
    """Return whether *who* may act after the steps *done*; *label* says what a step is called."""
    names, eyes = tuple(not_by), eyes_of(who)
    against = next((step for step in done if step.action.split(".")[0] in names and eyes & _behind(step)), None)
    if against is not None:
        return Condition("four_eyes", False, _did(against, who, label(against.action)), source)
    if "creator" in names and created_by is not None and created_by in eyes:
        return Condition("four_eyes", False, _created(created_by, who), source)
    earlier = {k: ", ".join(_plain(label(name), k, name) for name in names) for k in LANGUAGES}
    text = {
        "en": f"Four eyes: not by whoever did an earlier step ({earlier['en']}).",
        "de": f"Vier Augen: nicht durch die Person eines früheren Schritts ({earlier['de']}).",
    }
    return Condition("four_eyes", True, text, source)


def barred(not_by: Iterable[str], done: Iterable[Done], created_by: str | None) -> set[str]:
    """Return everybody who may not act after the steps *done*."""
    names = tuple(not_by)
    found = {one for step in done if step.action.split(".")[0] in names for one in _behind(step)}
    return found | {created_by} if "creator" in names and created_by is not None else found


def _behind(step: Done) -> set[str]:
    return {one for one in (step.by, step.for_whom) if one is not None}


def _did(step: Done, who: Acting, label: Text) -> Text:
    found: Text = {}
    for language in LANGUAGES:
        subject = _subject(step.by, step.name, who, language)
        verb = {"en": "did", "de": "haben" if subject == "Sie" else "hat"}[language]
        absent = "" if step.for_whom is None else _for(step.for_whom, step.for_name, who, language)
        step_name = _plain(label, language, step.action)
        sentence = {
            "en": f"Four eyes: {subject} {verb} “{step_name}”{absent}.",
            "de": f"Vier Augen: {subject} {verb} „{step_name}“{absent} ausgeführt.",
        }
        found = {**found, language: sentence[language]}
    return found


def _created(creator: str, who: Acting) -> Text:
    english, german = _subject(creator, None, who, "en"), _subject(creator, None, who, "de")
    return {
        "en": f"Four eyes: {english} created this record.",
        "de": f"Vier Augen: {german} {'haben' if german == 'Sie' else 'hat'} diesen Datensatz angelegt.",
    }


def _subject(user: str | None, name: str | None, who: Acting, language: str) -> str:
    """Return who did something, as the one who really acts now is told."""
    real = who.deputy or who
    if user == real.id:
        return {"en": "you", "de": "Sie"}[language]
    if user == who.id:
        return who.name
    return name or {"en": "somebody", "de": "jemand"}[language]


def _for(user: str, name: str | None, who: Acting, language: str) -> str:
    real = who.deputy or who
    if user == real.id:
        return {"en": " for you", "de": " für Sie"}[language]
    called = name or (who.name if user == who.id else None)
    return f" {'for' if language == 'en' else 'für'} {called}" if called else ""


def _plain(label: Text, language: str, name: str) -> str:
    return label.get(language) or name
