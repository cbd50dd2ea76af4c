"""Rules as SQL: conditions for WHERE and expressions for columns, on SQLite and PostgreSQL.

``to_filter`` gives the filter form: true exactly where the rule is true, with plain comparisons that indexes serve.
``to_value`` gives the value form: the rule's value, null included. What SQL cannot say faithfully is
:class:`NotTranslatable`, which :func:`problem_of` turns into a problem for the author.

Both are expressions over the table of the rule's record, which must be in the FROM of the statement they are put into.
Parameters: ``:me`` and ``:my_<entity>`` (ids, or null), ``:today`` (date) and ``:now`` (date and time, with a zone).
Connections to SQLite need :func:`register_functions`.
"""

from fachwerk.rules.to_sql.render import Statement, render
from fachwerk.rules.to_sql.rules import decoder, parameters, problem_of, to_filter, to_scaled, to_value, translatable
from fachwerk.rules.to_sql.sqlite import register_functions
from fachwerk.rules.to_sql.terms import NotTranslatable

__all__ = [
    "NotTranslatable",
    "Statement",
    "decoder",
    "parameters",
    "problem_of",
    "register_functions",
    "render",
    "to_filter",
    "to_scaled",
    "to_value",
    "translatable",
]
