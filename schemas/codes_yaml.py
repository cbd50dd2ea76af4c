"""Problem codes."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

ALIAS_IN_ITSELF = Code("alias-in-itself", both("alias-in-itself", "alias-in-itself"))
CONTROL_CHARACTER = Code("control-character", both("control-character", "control-character"))
DUPLICATE_KEY = Code("duplicate-key", both("duplicate-key", "duplicate-key"))
FILE_TOO_BIG = Code("file-too-big", both("file-too-big", "file-too-big"))
KEY_NOT_NAME = Code("key-not-name", both("key-not-name", "key-not-name"))
NOT_A_DECLARATION = Code("not-a-declaration", both("not-a-declaration", "not-a-declaration"))
NOT_READABLE = Code("not-readable", both("not-readable", "not-readable"))
NOT_UTF8 = Code("not-utf8", both("not-utf8", "not-utf8"))
OUTSIDE = Code("outside", both("outside", "outside"))
SYNTAX = Code("syntax", both("syntax", "syntax"))
TAG = Code("tag", both("tag", "tag"))
TOO_DEEP = Code("too-deep", both("too-deep", "too-deep"))
TOO_MANY_FILES = Code("too-many-files", both("too-many-files", "too-many-files"))
TOO_MANY_NODES = Code("too-many-nodes", both("too-many-nodes", "too-many-nodes"))
TOO_MUCH = Code("too-much", both("too-much", "too-much"))
UNKNOWN_ALIAS = Code("unknown-alias", both("unknown-alias", "unknown-alias"))
