"""The rule language in one place: read a rule, check it, tell it in words, make a Python function of it.

>>> from decimal import Decimal
>>> from fachwerk.rules.language import NUMBER, Environment, Scope, Typed, compile_rule, read, tell
>>> checked, problems = read("area > 100 and area < 400", Scope({"area": Typed(NUMBER)}))
>>> str(checked.typed), len(problems)
('boolean', 0)
>>> tell(checked)
'Area is more than 100 and Area is less than 400'
>>> rule = compile_rule(checked, ["area"], environment=Environment())
>>> rule(Decimal(250)), rule(Decimal(20)), rule(None)
(True, False, None)

For SQL see :mod:`fachwerk.rules.to_sql`, for decision tables :mod:`fachwerk.rules.tables`, for DMN files
:mod:`fachwerk.rules.dmn`.
"""

from __future__ import annotations

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.check import Checked, check
from fachwerk.rules.codes import CODES
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.to_python import Environment, Evaluation, compile_record_rule, compile_rule
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
from fachwerk.rules.words import tell
from fachwerk.rules.words_labels import Labels

__all__ = [
    "ANY",
    "BOOLEAN",
    "CODES",
    "DATE",
    "DATE_TIME",
    "DAYS_TIME",
    "NUMBER",
    "SIGNATURES",
    "STRING",
    "TIME",
    "YEARS_MONTHS",
    "Checked",
    "ContextType",
    "Environment",
    "Evaluation",
    "Fragment",
    "FunctionType",
    "Labels",
    "ListType",
    "OptionType",
    "Problems",
    "RangeType",
    "RecordType",
    "Scope",
    "Typed",
    "compile_record_rule",
    "compile_rule",
    "read",
    "tell",
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
