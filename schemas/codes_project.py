"""Problem codes."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

LATER_WORD = Code("later-word", both("later-word", "later-word"))
LISTED_TWICE = Code("listed-twice", both("listed-twice", "listed-twice"))
NO_APP = Code("no-app", both("no-app", "no-app"))
ONCE_ONLY = Code("once-only", both("once-only", "once-only"))
UNKNOWN_COUNTRY = Code("unknown-country", both("unknown-country", "unknown-country"))
UNKNOWN_CURRENCY = Code("unknown-currency", both("unknown-currency", "unknown-currency"))
UNKNOWN_LANGUAGE = Code("unknown-language", both("unknown-language", "unknown-language"))
UNKNOWN_TIMEZONE = Code("unknown-timezone", both("unknown-timezone", "unknown-timezone"))
WORD_NOT_FIRST = Code("word-not-first", both("word-not-first", "word-not-first"))
