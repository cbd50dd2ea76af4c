"""From the text of a rule to tokens (DMN 1.5, clause 10.3.1.2), in one pass and without a complaint.

What cannot be a token becomes one of kind ``bad``: the parser says what is wrong, because it knows what was expected.
White space and comments are left out; every token knows its offsets in the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
"""The white space of FEEL (DMN 1.5, grammar rule 61) as the inside of a character class."""

NAME_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
"""What a name may start with (grammar rule 29), as the inside of a character class."""

NAME_PART = NAME_START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
"""What may follow (grammar rule 30)."""


class Token(NamedTuple):
    """A token: its kind, its offsets, and what stands in the rule.

    Kinds are ``word``, ``number``, ``string``, ``open string``, ``open comment``, ``quote``, ``bad``, ``end``, and
    every keyword and operator as a kind of its own.
    """

    kind: str
    start: int
    end: int
    text: str


KEYWORDS = frozenset(
    [
        "for",
        "return",
        "if",
        "then",
        "else",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "in",
        "null",
        "true",
        "false",
    ]
)
"""Words that cannot be a name of one word; others (``instance``, ``not``, ``under``) depend on their place."""

QUOTES = {
    "“": "”“", "„": "“”", "”": "”", "»": "«", "«": "»", "‘": "’‘", "’": "’", "‚": "‘’", "'": "'", "`": "`´", "´": "´`",
}  # fmt: skip
"""Quotation marks that are none in this language, each with those that may close it."""

_TOKEN = re.compile(
    rf"""
      (?P<space>   (?: [{SPACES}]+ | //[^\n]* | /\*(?:[^*]|\*(?!/))*\*/ )+ )
    | (?P<word>    [{NAME_START}] [{NAME_PART}]* )
    | (?P<number>  (?: [0-9]+ (?:\.[0-9]+)? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<string>  " (?: [^"\\\n\r] | \\[^\n\r] )* ("?) )
    | (?P<comment> /\* .* )
    | (?P<op>      \*\* | -> | \.\. | <= | >= | != | <> | === | == | => | && | \|\| | [+*/-]=
                   | [-+*/=<>()\[\]{{}},:.@!%;&|^~] )
    | (?P<quote>   [“„”»«‘’‚'`´] )
    | (?P<bad>     . )
    """,
    re.VERBOSE | re.DOTALL,
)


def lex(text: str) -> list[Token]:
    """Return the tokens of *text*, the last one of kind ``end``."""
    tokens: list[Token] = []
    append, match, at, size = tokens.append, _TOKEN.match, 0, len(text)
    while at < size:
        found = match(text, at)
        assert found is not None  # ``bad`` takes any character
        kind, start, at = found.lastgroup or "string", at, found.end()
        if kind != "space":
            append(_token(kind, start, at, found[0]))
    append(Token("end", size, size, ""))
    return tokens


def _token(kind: str, start: int, end: int, text: str) -> Token:
    if kind == "op" or (kind == "word" and text in KEYWORDS):
        kind = text
    elif kind == "string" and (len(text) == 1 or not text.endswith('"') or _escaped_end(text)):
        kind = "open string"
    elif kind == "comment":
        kind = "open comment"
    return Token(kind, start, end, text)


def _escaped_end(text: str) -> bool:
    """Return whether the quotation mark at the end of *text* is itself escaped, so that the string goes on."""
    slashes = len(text) - 1 - len(text[:-1].rstrip("\\"))
    return slashes % 2 == 1


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def unquote(text: str) -> str | None:
    """Return the value of a string literal, quotation marks included; ``None`` if an escape is no character.

    Two ``\\u`` escapes that form a surrogate pair are one character. An unknown escape such as ``\\d`` stays as it is
    written, which is what patterns need.
    """
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    try:
        decoded = _ESCAPE.sub(_unescape, inner)
        return decoded.encode("utf-16", "surrogatepass").decode("utf-16")
    except (UnicodeError, ValueError, OverflowError):
        return None


def _unescape(match: re.Match[str]) -> str:
    short, long, plain = match.groups()
    if plain is not None:
        return _PLAIN.get(plain, match[0])
    return chr(int(short or long, 16))
