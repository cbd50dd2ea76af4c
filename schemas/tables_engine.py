"""The engine's own tables, all named ``fw_...``: configurations, people, history, effects, files and counters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from fachwerk.rules.storage import Column, Reference, StoredRecord
from fachwerk.schemas.tables_columns import Dialect, Form, Shape, column_type

USER = StoredRecord("user", "fw_user", {name: Column(name) for name in ("id", "name", "email", "language")})
"""Where rules find the fields of people."""

OPINION = {
    "id": Form("id"), "part": Form("text"), "outcome": Form("text"), "by": Form("id"), "at": Form("datetime"),
    "comment": Form("text"), "entry": Form("number"), "record": Form("id"), "deputy": Form("id"),
    "about": Form("id"), "workflow": Form("text"),
}  # fmt: skip
"""The columns of ``fw_opinion``: what was said in the parallel states of a workflow."""


def opinions_of(entity: str, each: Iterable[str] = ()) -> StoredRecord:
    """Return where rules find the ``opinions`` of an entity; those of parts with *each* are about a record of these."""
    names = ("id", "part", "outcome", "at", "comment")
    fields = {name: Column(name) for name in names}
    people = {"by": Reference({"user": "by"}), "deputy": Reference({"user": "deputy"})}
    about = {"each": Reference(dict.fromkeys(each, "about"))} if each else {}
    return StoredRecord(f"{entity}.opinions", "fw_opinion", {**fields, **people, **about})


class _Maker:
    """Makes columns of the engine's tables; a name that ends in ``?`` may be empty."""

    def __init__(self, metadata: sa.MetaData, dialect: Dialect) -> None:
        self.metadata = metadata
        self.dialect = dialect

    def column(self, shape: Shape | str, name: str, *, key: bool = False) -> sa.Column[object]:
        kind: Any = sa.LargeBinary() if shape == "bytes" else column_type(Form(shape), self.dialect)  # type: ignore[arg-type]
        return sa.Column(name.rstrip("?"), kind, primary_key=key, nullable=name.endswith("?"))

    def table(self, name: str, keys: str, /, *, also: tuple[sa.schema.SchemaItem, ...] = (), **columns: str) -> None:
        """Make a table; *columns* are names by shape, separated by blanks."""
        primary = keys.split()
        made = [
            self.column(shape, column, key=column in primary)
            for shape, names in columns.items()
            for column in names.split()
        ]
        made.sort(key=lambda column: (column.name not in primary,))
        sa.Table(name, self.metadata, *made, *also, sqlite_strict=self.dialect == "sqlite")

    def index(self, name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool] | sa.TextClause) -> None:
        """Index the rows for which *where* holds; what SQLAlchemy knows of the other dialect need not be loaded."""
        options: dict[str, Any] = {f"{self.dialect}_where": where}
        sa.Index(name, *columns, **options)


def engine_tables(metadata: sa.MetaData, dialect: Dialect) -> None:
    """Add the engine's tables to *metadata*."""
    make = _Maker(metadata, dialect)
    _configuration(make)
    _people(make)
    _records(make)
    _effects(make)


def _configuration(make: _Maker) -> None:
    make.table("fw_config", "version", number="version", text="hash tool who? why?", json="files past?", datetime="at")
    make.table("fw_fill", "name", text="name old new owner tool position?", number="done total at")
    make.table("fw_gone", "version place", number="version", text="place table? name?", datetime="until")
    make.table("fw_counter", "name period", text="name period", number="value")
    make.table("fw_noted", "name", text="name value")


def _people(make: _Maker) -> None:
    make.table(
        "fw_user", "id", id="id", text="name sign_in email? language password?", boolean="active", datetime="created",
        also=(
            sa.Index("uq_fw_user__sign_in", "sign_in", unique=True),
            sa.Index("uq_fw_user__email", "email", unique=True),
        ),
    )  # fmt: skip
    make.table("fw_role", "user role", id="user", text="role", also=(sa.Index("ix_fw_role__role", "role"),))
    make.table(
        "fw_session", "hash", text="hash", id="user", datetime="created expires",
        also=(sa.Index("ix_fw_session__user", "user"), sa.Index("ix_fw_session__expires", "expires")),
    )  # fmt: skip
    make.table(
        "fw_token", "hash", text="hash label", id="user", datetime="created expires?",
        also=(sa.Index("ix_fw_token__user", "user"),),
    )  # fmt: skip
    make.table(
        "fw_deputy", "id", id="id user deputy by?", text="reason?", date="since until", datetime="created ended?",
        also=(sa.Index("ix_fw_deputy__user", "user"), sa.Index("ix_fw_deputy__deputy", "deputy")),
    )  # fmt: skip


def _records(make: _Maker) -> None:
    make.table(
        "fw_history", "id", id="id record who? for_whom?", text="entity origin kind action? comment? config",
        number="version", datetime="at", json="what",
        also=(sa.Index("ix_fw_history__record", "entity", "record", "version"),),
    )  # fmt: skip
    history = make.metadata.tables["fw_history"]
    steps = sa.text("kind = 'create' OR action IS NOT NULL")  # what can have changed a state
    make.index("ix_fw_history__step", history.c.entity, history.c.at, where=steps)
    make.table("fw_file", "hash", text="hash type", number="size", bytes="content", datetime="created")
    make.table(
        "fw_opinion", "id", id="id record by deputy? about?", text="part outcome comment? workflow?", datetime="at",
        number="entry",
        also=(sa.Index("ix_fw_opinion__record", "record"),),
    )  # fmt: skip
    make.table(
        "fw_expected", "id", id="id record about?", text="workflow part entity?", number="entry",
        also=(sa.Index("ix_fw_expected__record", "record"), sa.Index("ix_fw_expected__about", "about")),
    )  # fmt: skip
    make.table(
        "fw_deadline", "id", id="id record", text="entity workflow name", datetime="since at?", date="due warn?",
        boolean="missed paused?", json="course?",
        also=(sa.Index("ix_fw_deadline__record", "record"), sa.Index("ix_fw_deadline__due", "due")),
    )  # fmt: skip


def _effects(make: _Maker) -> None:
    make.table(
        "fw_effect", "id", id="id record? created_by?", text="kind key? entity? outcome? error?", json="payload",
        number="attempts", datetime="created wake_at? settled_at?",
    )  # fmt: skip
    table = make.metadata.tables["fw_effect"]
    waiting = table.c.wake_at.is_not(None)
    make.index("ix_fw_effect__wake_at", table.c.wake_at, where=waiting)
    sa.Index("ix_fw_effect__record", table.c.entity, table.c.record)
    sa.Index("uq_fw_effect__key", table.c.key, unique=True)
    make.table("fw_schedule", "name", text="name", datetime="next last?")
    make.table(
        "fw_notice", "id", id="id user effect record?", text="entity? message?", json="texts", datetime="created read?",
    )  # fmt: skip
    notice = make.metadata.tables["fw_notice"]
    unread = notice.c.read.is_(None)
    sa.Index("uq_fw_notice__effect", notice.c.effect, notice.c.user, unique=True)
    sa.Index("ix_fw_notice__user", notice.c.user, notice.c.id)
    make.index("ix_fw_notice__unread", notice.c.user, where=unread)
