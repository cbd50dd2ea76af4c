"""Returning: when a version is undone, what people have entered since comes along as far as it fits what was before."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.converting import is_same
from fachwerk.schemas.model import Field
from fachwerk.schemas.tables_columns import Dialect, form_of

_WHOLE = ("integer", "rating")
_TEXTS = ("text", "long_text")


def value_text(
    was: Field, back: Field, column: str, *, mapping: Mapping[str, str], dialect: Dialect
) -> str | None:  # fmt: skip
    """Return the expression that makes a value of *back*, as it was, of *column*; ``None`` where only people could.

    *was* is the field as it is in the version that is undone, *mapping* the way back of its options.
    """
    source = n.quote(column)
    if was.computed is not None or back.computed is not None or len(was.to) > 1 or len(back.to) > 1:
        return None
    if mapping:
        if was.kind != "choice" or back.kind != "choice":
            return None
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in mapping.items())
        return f"CASE {source} {cases} ELSE {source} END"
    if is_same(was, back) and form_of(was) == form_of(back):
        return source
    if was.kind in _WHOLE and back.kind in _TEXTS:
        return f"CAST({source} AS TEXT)"
    if dialect == "postgresql" and was.kind == back.kind and form_of(was).shape == "number":
        return source
    return None
