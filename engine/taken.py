"""Which fields a unique index speaks of, when the database refuses a value that is taken."""

from __future__ import annotations

from fachwerk.engine.compile import App, CompiledEntity
from fachwerk.engine.database import Unique
from fachwerk.problems import Refused, Text

_TAKEN: Text = {"en": "This value is taken already.", "de": "Diesen Wert gibt es schon."}
_TAKEN_TOGETHER: Text = {
    "en": "There is a record with the same values already.",
    "de": "Einen Eintrag mit denselben Werten gibt es schon.",
}


def taken(app: App, entity: CompiledEntity, error: Unique) -> Refused:
    """Return the refusal of a value that another record has, at the fields concerned."""
    columns = error.columns or _columns_of(app, error.index)
    names = [name for name in entity.model.fields if any(c == name or c.startswith(f"{name}__") for c in columns)]
    message = _TAKEN if len(names) == 1 else _TAKEN_TOGETHER
    return Refused("taken", message, status=409, fields=dict.fromkeys(names, message))


def _columns_of(app: App, index: str) -> tuple[str, ...]:
    for table in app.tables.metadata.tables.values():
        for found in table.indexes:
            if found.name == index:
                return tuple(str(column.name) for column in found.columns)
    return ()
