"""Names of more than one word (DMN 1.5, grammar rule 27), and how to find them in a text.

FEEL allows blanks and the signs ``. / - ' + *`` inside names. Which words belong together is known only from the
names around: the longest one that fits wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fachwerk.rules.lexer import SPACES, Token, lex

_RUN = re.compile(f"[{SPACES}]+")

Part = tuple[str, bool]
"""A token of a name, and whether there is a blank before it."""


Entry = tuple[str, tuple[Part, ...]]
"""A name as it was declared, and its tokens."""


def normal(name: str) -> str:
    """Return *name* with one blank for each run of white space and none at its ends, as names are compared."""
    return _RUN.sub(" ", name).strip(" ")


def parts(tokens: list[Token]) -> tuple[Part, ...]:
    """Return what makes two spellings of a name the same: their tokens and where blanks stand."""
    ends = [0, *(token.end for token in tokens)]
    return tuple((token.text, token.start > ends[at]) for at, token in enumerate(tokens))


@dataclass(frozen=True, eq=False)
class Names:
    """Names that are more than one word, by their first word, longest first."""

    by_word: dict[str, tuple[Entry, ...]]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Index those of *names* that are not a single word."""
        index = cls({})
        for name in names:
            index.add(name)
        return index

    def add(self, name: str) -> None:
        """Take in one more name, while a rule is read that brings it in."""
        if name.isidentifier():
            return
        tokens = lex(normal(name))[:-1]
        if len(tokens) > 1:
            others = self.by_word.get(tokens[0].text, ())
            if all(name != other for other, _ in others):
                self.by_word[tokens[0].text] = tuple(sorted((*others, (name, parts(tokens))), key=_longest))

    def match(self, tokens: list[Token], at: int) -> tuple[str, int] | None:
        """Return the longest name that stands in *tokens* from index *at* on, and the index behind it."""
        for name, wanted in self.by_word.get(tokens[at].text, ()):
            if at + len(wanted) < len(tokens) and _same(wanted, tokens, at):
                return name, at + len(wanted)
        return None


def _longest(entry: Entry) -> tuple[int, str]:
    return -len(entry[1]), entry[0]


def _same(wanted: tuple[Part, ...], tokens: list[Token], at: int) -> bool:
    for index, (text, blank) in enumerate(wanted[1:], at + 1):
        token = tokens[index]
        if token.text != text or (token.start > tokens[index - 1].end) != blank:
            return False
    return True
