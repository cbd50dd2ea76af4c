"""The words of the pages: complete in both languages, all used, none missing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from fachwerk.forms import texts
from fachwerk.forms.texts import CATALOGUES, Words, size_text

FORMS = Path(texts.__file__).parent
SOURCES = [*FORMS.glob("templates/*.html"), *FORMS.glob("*.py")]


def places(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    english, german = CATALOGUES["en"], CATALOGUES["de"]
    assert list(english) == list(german)
    for name in english:
        assert english[name].strip(), name
        assert german[name].strip(), name
        assert places(english[name]) == places(german[name]), name


def test_every_word_that_a_page_says_exists() -> None:
    said = set()
    for path in SOURCES:
        text = path.read_text()
        said |= set(re.findall(r"\b(?:t|words)\.([a-z_0-9]+)\b(?!\()", text))
        said |= set(re.findall(r"\b(?:t|words)\.say\(\s*\"([a-z_0-9]+)\"", text))
    assert said - {"language", "say", "count"} <= set(CATALOGUES["en"])


def test_no_word_is_left_over() -> None:
    whole = "\n".join(path.read_text() for path in SOURCES if not path.name.startswith("texts_"))
    parts = {"street", "postal_code", "city", "country"}  # parts of an address, named by the field
    for name in CATALOGUES["en"]:
        if name.startswith("error_") or name in parts:
            continue
        assert re.search(rf"(t|words|form\.words|self\._texts\(\w+\.shell\))\.{name}\b|say\(\s*\"{name}\"", whole), name


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_status_of_an_error_has_title_and_text(language: str) -> None:
    catalogue = CATALOGUES[language]
    codes = {name.removeprefix("error_") for name in catalogue if re.fullmatch(r"error_\d+", name)}
    assert codes == {name.removeprefix("error_text_") for name in catalogue if name.startswith("error_text_")}
    assert {"400", "401", "403", "404", "409", "422", "500"} <= codes


def test_unknown_languages_speak_english_and_unknown_words_are_bugs() -> None:
    assert Words("xx").save == "Save"
    with pytest.raises(AttributeError, match="no text called 'nonsense'"):
        _ = Words("en").nonsense


def test_counts_and_sizes_are_written_as_the_language_does() -> None:
    assert Words("de").count(1000, True) == "1.000+"
    assert Words("en").count(1234567) == "1,234,567"
    assert size_text(1_430_211, "de") == "1,4\u00a0MB"
    assert size_text(812_000, "en") == "812\u00a0KB"
    assert size_text(12, "en") == "12 B"
