"""What a name may look like: letters a-z, digits and ``_``, no word that means something else already."""

from __future__ import annotations

import re
import unicodedata

from fachwerk.problems import Problems
from fachwerk.schemas import codes_names as codes
from fachwerk.schemas.document import Scalar

LONGEST = 40
LONGEST_ROWS = 60
"""The most characters of a name, and of an entity and its rows field together (PostgreSQL cuts names at 63)."""

RESERVED_FIELDS = frozenset({"id", "version", "created", "changed", "created_by", "changed_by"})
RESERVED_ENTITIES = frozenset({"user", "me", "my", "this", "parent"})
RULE_WORDS = frozenset(
    {"and", "between", "else", "every", "false", "for", "function", "if", "in", "instance", "me", "my",
     "not", "null", "of", "or", "return", "satisfies", "some", "then", "true", "under"}
)  # fmt: skip
"""Words of the rule language: a field of that name could not be used in a rule."""

NAME_PATTERN = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
_NAME = re.compile(NAME_PATTERN)
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe", "ł": "l"}
)


def spelled_out(name: str) -> str:
    """Return the name that an author most likely wanted: ``Straßen-Name`` gives ``strassen_name``."""
    apart = re.sub(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])", "_", name.strip()).lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode()
    joined = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return joined if joined[:1].isalpha() else f"n_{joined}" if joined else "name"


def check_name(at: Scalar, what: str, problems: Problems, reserved: frozenset[str] = frozenset()) -> bool:
    """Say what is wrong with the name of a declaration; *what* is the word for its kind (``field``)."""
    name = at.text
    if not _NAME.fullmatch(name):
        problems.add(codes.NAME_SYNTAX.at(at.span, name=name, better=spelled_out(name)))
    elif len(name) > LONGEST:
        problems.add(codes.NAME_TOO_LONG.at(at.span, name=name, limit=LONGEST, length=len(name)))
    elif name in reserved or name in RULE_WORDS or name.startswith("fw_"):
        problems.add(codes.RESERVED_NAME.at(at.span, name=name, what=codes.word(what)))
    else:
        return True
    return False
