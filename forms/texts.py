"""The words of the pages themselves, in English and German; what a configuration says is not here.

A template says ``t.save``; :func:`texts` gives the catalogue of a language, English for languages without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fachwerk.forms import texts_de, texts_en, texts_times

CATALOGUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"en": {**texts_en.TEXTS, **texts_times.EN}, "de": {**texts_de.TEXTS, **texts_times.DE}}
)
LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "de": "Deutsch", "fr": "Français", "it": "Italiano", "es": "Español", "nl": "Nederlands"}
)


class Words:
    """One catalogue, its texts as attributes; a word that does not exist is a bug and says so."""

    __slots__ = ("_texts", "language")

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = CATALOGUES.get(language, CATALOGUES["en"])

    def __getattr__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise AttributeError(f"no text called {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._texts

    def say(self, key: str, /, **values: object) -> str:
        """Return the text called *key* with its ``{places}`` filled."""
        return self._texts[key].format_map(values)

    def count(self, number: int, capped: bool = False) -> str:
        """Return *number* with separators of thousands, with a plus if the counting stopped there."""
        text = f"{number:,}"
        return (text.replace(",", ".") if self.language == "de" else text) + ("+" if capped else "")


def texts(language: str) -> Words:
    """Return the words of *language*."""
    return Words(language)


def size_text(size: int, language: str) -> str:
    """Return a number of bytes as people read it: ``812 KB``, ``1,4 MB`` in German."""
    if size < 1000:
        return f"{size} B"
    amount, unit = (size / 1e6, "MB") if size >= 1_000_000 else (size / 1e3, "KB")
    text = f"{amount:.1f}" if unit == "MB" and amount < 10 else f"{amount:.0f}"
    return (text.replace(".", ",") if language == "de" else text) + "\u00a0" + unit
