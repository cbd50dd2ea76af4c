"""Sorts the documents of a project by what they declare, and says what is declared twice or is no declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fachwerk.problems import Problems
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_project as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, Scalar, Unreadable

NAMED = ("entity", "relation", "workflow", "decision", "message", "document", "automation", "scenario")
ONCE = ("app", "demo")
WORDS = ("app", "roles", *NAMED, "demo")
LATER = ("report",)
"""Words of the language that this version does not read."""

_SHARED = {"entity": "record", "relation": "record"}
"""Entities and relations must not share a name: both are tables."""


@dataclass(frozen=True, slots=True)
class Declared:
    """All documents by what they declare."""

    by_word: dict[str, dict[str, Document]]
    dropped: tuple[Document, ...]
    """Entities and relations that are given up."""
    roles: tuple[Document, ...]
    once: dict[str, Document]
    damaged: frozenset[str]
    lost: bool

    def single(self, word: str) -> Document | None:
        """Return the one document of a word such as ``app``."""
        return self.once.get(word)


def declare(documents: Sequence[Document | Unreadable], problems: Problems) -> Declared:
    """Return the documents by word and name; of two with one name the first counts."""
    by_word: dict[str, dict[str, Document]] = {word: {} for word in NAMED}
    once: dict[str, Document] = {}
    roles: list[Document] = []
    seen: dict[tuple[str, str], Scalar] = {}
    damaged: set[str] = set()
    lost, no_app = False, True
    for document in documents:
        if isinstance(document, Unreadable):
            lost = lost or not document.declares or any(word == "roles" for word, _ in document.declares)
            damaged |= {name for _, name in document.declares}
            no_app = no_app and all(word != "app" for word, _ in document.declares)
            continue
        word = _word(document, problems)
        if word is None:
            lost = True
        elif word == "roles":
            roles.append(document)
        elif word in ONCE:
            _once(word, document, once, problems)
        else:
            _named(word, document, by_word, seen, problems)
    if "app" not in once and no_app and not lost and documents:
        first = next((one for one in documents if isinstance(one, Document)), None)
        if first:
            problems.add(codes.NO_APP.at(first.word.span))
    dropped = [by_word[word].pop(name) for word in _SHARED for name in _given_up(by_word[word])]
    return Declared(by_word, tuple(dropped), tuple(roles), once, frozenset(damaged), lost)


def _given_up(documents: dict[str, Document]) -> list[str]:
    return [name for name, document in documents.items() if nodes.truth(document.root.get("drop"))]


def word_of(document: Document) -> str | None:
    """Return the word of the language that a document is about, wherever it stands in it."""
    if document.word.text in WORDS:
        return document.word.text
    return next((key for key in document.root.pairs if key in WORDS), None)


def _word(document: Document, problems: Problems) -> str | None:
    first = document.word
    if first.text in WORDS:
        return first.text
    if first.text in LATER:
        problems.add(codes.LATER_WORD.at(first.span, word=first.text))
        return None
    word = word_of(document)
    if word:
        at = document.root.pairs[word][0]
        problems.add(codes.WORD_NOT_FIRST.at(at.span, word=word, first=first.text))
        return word
    names.say_unknown(problems, first.span, "word", first.text, list(WORDS))
    return None


def _once(word: str, document: Document, once: dict[str, Document], problems: Problems) -> None:
    there = once.setdefault(word, document)
    if there is not document:
        note = {"en": "the first one stands here", "de": "der erste steht hier"}
        problems.add(codes.ONCE_ONLY.at(document.word.span, word=word, related=[(there.word.span, note)]))


def _named(
    word: str,
    document: Document,
    by_word: dict[str, dict[str, Document]],
    seen: dict[tuple[str, str], Scalar],
    problems: Problems,
) -> None:
    at = nodes.scalar(document.root.get(word))
    if at is None:
        return
    there = seen.setdefault((_SHARED.get(word, word), at.text), at)
    if there is not at:
        names.say_duplicate(problems, at.span, there.span, word, at.text)
    else:
        by_word[word][at.text] = document
