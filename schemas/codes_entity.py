"""Problem codes."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

BACK_LINK_NOT_LINK = Code("back-link-not-link", both("back-link-not-link", "back-link-not-link"))
BACK_LINK_TAKEN = Code("back-link-taken", both("back-link-taken", "back-link-taken"))
EMPTY_PLACE = Code("empty-place", both("empty-place", "empty-place"))
LISTED_TWICE = Code("listed-twice", both("listed-twice", "listed-twice"))
NEEDS: dict[str, Code] = {}
NOT_SORTABLE = Code("not-sortable", both("not-sortable", "not-sortable"))
OPEN_BRACE = Code("open-brace", both("open-brace", "open-brace"))
RELATION_NEEDS_INVERSE = Code("relation-needs-inverse", both("relation-needs-inverse", "relation-needs-inverse"))
ROWS_IN_ROWS = Code("rows-in-rows", both("rows-in-rows", "rows-in-rows"))
SECOND_TREE = Code("second-tree", both("second-tree", "second-tree"))
SEQUENCE_FORMAT = Code("sequence-format", both("sequence-format", "sequence-format"))
SEQUENCE_NUMBER = Code("sequence-number", both("sequence-number", "sequence-number"))
UNKNOWN_CURRENCY_OF = Code("unknown-currency-of", both("unknown-currency-of", "unknown-currency-of"))
VALID_NOT_DATE = Code("valid-not-date", both("valid-not-date", "valid-not-date"))
