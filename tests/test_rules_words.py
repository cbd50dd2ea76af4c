"""Rules and how they are told; ``tests/cases/rules/words.txt`` is written anew with ``FACHWERK_UPDATE=1``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fachwerk.rules.language import Scope, read
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.words import tell
from fachwerk.rules.words_functions import NEGATED, PHRASES
from hypothesis import given, settings
from hypothesis import strategies as st
from permits import PERMIT_SCOPE

TOLD = Path(__file__).parent / "cases" / "rules" / "words.txt"

_FIELDS = {
    "kind": ("Kind", "Art"),
    "plot": ("Plot", "Flurstück"),
    "heritage": ("Listed building", "Denkmalschutz"),
    "storeys": ("Storeys", "Geschosse"),
    "max_storeys": ("Storeys allowed", "Zulässige Geschosse"),
    "floor_area": ("Floor area", "Grundfläche"),
    "applicant": ("Applicant", "Antragsteller/in"),
    "family_name": ("Family name", "Nachname"),
    "user": ("User", "Benutzerkonto"),
    "state": ("State", "Zustand"),
    "submitted": ("Submitted", "Eingereicht"),
    "changed": ("Last change", "Letzte Änderung"),
    "opinions": ("Opinions", "Stellungnahmen"),
    "outcome": ("Outcome", "Ergebnis"),
    "ownership": ("Owners", "Eigentümer"),
    "share": ("Share", "Anteil"),
    "permits": ("Applications", "Anträge"),
    "fee": ("Fee", "Gebühr"),
    "documents": ("Documents", "Unterlagen"),
    "note": ("Note", "Notiz"),
    "number": ("Number", "Aktenzeichen"),
    "unit": ("Unit", "Einheit"),
}
_OPTIONS = {
    "new": ("New building", "Neubau"),
    "conversion": ("Conversion", "Umbau"),
    "demolition": ("Demolition", "Abbruch"),
    "draft": ("Draft", "Entwurf"),
    "approve": ("Approve", "Zustimmung"),
}


def label(labels: dict[str, tuple[str, str]], name: str, language: str) -> str | None:
    return labels[name][language == "de"] if name in labels else None


class PermitLabels:
    """The labels of a permit."""

    def field(self, owner: str | None, name: str, language: str) -> str | None:
        return label(_FIELDS, name, language)

    def option(self, of: str, option: str, language: str) -> str | None:
        return label(_OPTIONS, option, language)

    def entity(self, name: str, language: str) -> str | None:
        return label({"person": ("Person", "Person"), "unit": ("Unit", "Einheit")}, name, language)

    def decision(self, name: str, language: str) -> str | None:
        return label({"fee": ("Fee", "Gebühr")}, name, language)


def blocks() -> list[tuple[str, str]]:
    """Return every rule of the golden file with how it is told."""
    parts = TOLD.read_text(encoding="utf-8").split("\n=== ")[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2].strip("\n")) for part in parts]


def told(head: str) -> str:
    as_tests = head.startswith("tests: ")
    scope = Scope({**PERMIT_SCOPE.names, "?": PERMIT_SCOPE.names["storeys"]}) if as_tests else PERMIT_SCOPE
    checked, _ = read(head.removeprefix("tests: "), scope, as_tests=as_tests)
    return "\n".join(f"{language}: {tell(checked, language, labels=PermitLabels())}" for language in ("en", "de"))


def test_rules_are_told_as_written() -> None:
    found = [(head, told(head)) for head, _ in blocks()]
    if os.environ.get("FACHWERK_UPDATE"):
        intro = TOLD.read_text(encoding="utf-8").partition("\n=== ")[0]
        TOLD.write_text(intro + "".join(f"\n=== {head}\n{text}\n" for head, text in found), encoding="utf-8")
    assert found == blocks()


def test_without_labels_names_are_told_readably() -> None:
    checked, _ = read('kind = "demolition" and plot.max_storeys > 3', PERMIT_SCOPE)
    assert tell(checked) == "Kind is Demolition and Plot: Max storeys is more than 3"


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_has_a_phrase_with_all_it_needs(name: str) -> None:
    for phrases in (PHRASES[name], NEGATED.get(name, PHRASES[name])):
        assert all(phrases)
        assert [("{0}" in phrase, "{1}" in phrase) for phrase in phrases].count(
            ("{0}" in phrases[0], "{1}" in phrases[0])
        ) == 2


_PIECES = ["kind", "plot.permits", "storeys", "note", "me", "my", "person", "opinions", "documents", "[", "]", "(", ")", "{", "}", ",", ":", ".", "+", "-", "*", "/", "**", "=", "!=", "<", ">", "and", "or", "not(", "in", "between", "if", "then", "else", "for", "x", "in", "return", "some", "every", "satisfies", "null", "true", "1", "2.5", '"new"', '"x{0}"', "item", "current", "valid_on(", "sum(", "count(", "fee(", "sort(", "function(x)", "x.fee", "under", "unit", "instance", "of", "number", "list<string>", '@"P1D"', "today()", "duration(", "..", "a", "b", "{a:", "external", '@"2026-01-01"', '@"10:00:00"', '@"-P1Y"', "]1..", "contains(", "substring(", "replace(", "is("]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_PIECES), max_size=20), st.booleans())
def test_anything_is_told_without_an_exception(pieces: list[str], as_tests: bool) -> None:
    for scope in (PERMIT_SCOPE, Scope({}, strict=False)):
        checked, _ = read(" ".join(pieces), scope, as_tests=as_tests)
        for language in ("en", "de", "fr"):
            assert tell(checked, language)
