"""Which version of a workflow a case is under, where running cases keep theirs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fachwerk.schemas.model import Workflow
from fachwerk.schemas.tables import flow_column


def is_under(workflow: Workflow, version: Workflow, table: Any) -> sa.ColumnElement[bool] | None:
    """Return the condition that a case in *table* is under *version* of *workflow*; ``None`` where all are."""
    if not workflow.kept:
        return None
    column = table.c[flow_column(workflow)]
    if version is not workflow:
        return column == sa.literal(version.number)  # type: ignore[no-any-return]
    return sa.or_(column.is_(None), column.not_in([sa.literal(number) for number in sorted(workflow.kept)]))
