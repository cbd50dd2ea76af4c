"""Rules as Python functions.

:func:`compile_rule` makes a function of named parameters (decisions, cells of tables),
:func:`compile_record_rule` one of a record and what it is evaluated with. Operators stand inline where the
checker knows the types; compiled rules are as fast as functions written by hand. See ``compiling`` for how
errors become null.
"""

from __future__ import annotations

from fachwerk.rules.to_python.compiling import compile_record_rule, compile_rule
from fachwerk.rules.to_python.environment import Context, Environment, Evaluation

__all__ = ["Context", "Environment", "Evaluation", "compile_record_rule", "compile_rule"]
