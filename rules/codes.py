"""Every kind of mistake in a rule."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.rules.codes_syntax import SYNTAX

CODES: tuple[Code, ...] = SYNTAX
"""All problem codes of the rule language."""
