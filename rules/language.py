"""The rule language in one place: read a rule, check it, tell it in words.

>>> from fachwerk.rules.language import Scope, Typed, NUMBER, read
>>> checked, problems = read("area > 100 and area < 400", Scope({"area": Typed(NUMBER)}))
>>> str(checked.typed), len(problems)
('boolean', 0)
"""

from __future__ import annotations

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Typed,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "DATE_TIME",
    "DAYS_TIME",
    "NUMBER",
    "STRING",
    "TIME",
    "YEARS_MONTHS",
    "Checked",
    "ContextType",
    "Fragment",
    "FunctionType",
    "ListType",
    "OptionType",
    "Problems",
    "RangeType",
    "RecordType",
    "Scope",
    "Typed",
    "read",
]


def read(
    rule: str | Fragment, scope: Scope, *, expect: Typed | None = None, as_tests: bool = False
) -> tuple[Checked, Problems]:
    """Parse and check a rule; return it with everything that is wrong with it.

    *expect* is the type that the place of the rule needs; *as_tests* reads the cell of a decision table (``< 100``,
    ``"a", "b"``, ``-``), whose tested value is the name ``?`` of the scope. Never raises because of the rule.
    """
    fragment = Fragment.of(rule) if isinstance(rule, str) else rule
    problems = Problems()
    node = parse(fragment, scope, problems, as_tests=as_tests)
    return check(node, fragment, scope, problems, expect=expect), problems
