"""Every kind of mistake in a rule; the codes themselves stand in ``codes_syntax`` and ``codes_meaning``."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.rules.codes_meaning import MEANING
from fachwerk.rules.codes_syntax import SYNTAX

CODES: tuple[Code, ...] = SYNTAX + MEANING
"""All problem codes of the rule language."""
