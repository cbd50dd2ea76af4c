"""Names of more than one word (DMN 1.5, grammar rule 27), and how to find them in a text.

FEEL allows blanks and the signs ``. / - ' + *`` inside names. Which words belong together is known only from the
names around: the longest one that fits wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fachwerk.rules.lexer import SPACES, Token, lex

_RUN = re.compile(f"[{SPACES}]+")

Part = tuple[str, bool]
"""A token of a name, and whether there is a blank before it."""


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

    by_word: Mapping[str, tuple[tuple[str, tuple[Part, ...]], ...]]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Index those of *names* that are not a single word."""
        found: dict[str, list[tuple[str, tuple[Part, ...]]]] = {}
        for name in {normal(name) for name in names}:
            tokens = lex(name)[:-1]
            if len(tokens) > 1:
                found.setdefault(tokens[0].text, []).append((name, parts(tokens)))
        return cls({word: tuple(sorted(some, key=_longest)) for word, some in found.items()})

    def match(self, tokens: list[Token], at: int) -> tuple[str, int] | None:
        """Return the longest name that stands in *tokens* from index *at* on, and the index behind it."""
        for name, wanted in self.by_word.get(tokens[at].text, ()):
            if at + len(wanted) < len(tokens) and _same(wanted, tokens, at):
                return name, at + len(wanted)
        return None


def _longest(entry: tuple[str, tuple[Part, ...]]) -> tuple[int, str]:
    return -len(entry[1]), entry[0]


def _same(wanted: tuple[Part, ...], tokens: list[Token], at: int) -> bool:
    for index, (text, blank) in enumerate(wanted[1:], at + 1):
        token = tokens[index]
        if token.text != text or (token.start > tokens[index - 1].end) != blank:
            return False
    return True
