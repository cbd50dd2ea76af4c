"""Versions: every configuration that was deployed, as it stands in the database itself."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa
from fachwerk import __version__
from fachwerk.engine.database import Connection
from fachwerk.engine.statements import given, render
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Project, Workflow
from fachwerk.schemas.past import Past, Renamed
from fachwerk.schemas.read import read_project
from fachwerk.schemas.read_kept import KeptText
from fachwerk.schemas.tables_columns import Dialect, Form, from_driver, to_driver
from fachwerk.schemas.tables_engine import engine_tables


@dataclass(frozen=True, slots=True)
class Version:
    """One deployed configuration."""

    number: int
    hash: str
    tool: str
    who: str | None
    why: str | None
    at: dt.datetime


class Versions:
    """The table of versions."""

    def __init__(self, dialect: Dialect) -> None:
        metadata = sa.MetaData()
        engine_tables(metadata, dialect)
        table = self._table = metadata.tables["fw_config"]
        self._dialect = dialect
        self._read_moment = from_driver(Form("datetime"), dialect)
        self._write_moment = to_driver(Form("datetime"), dialect)
        c = table.c
        self._all = render(sa.select(c.version, c.hash, c.tool, c.who, c.why, c.at).order_by(c.version), dialect)
        self._files = render(sa.select(c.files, c.past).where(c.version == given("version", c.version)), dialect)
        self._latest = render(sa.select(c.version, c.hash).order_by(c.version.desc()).limit(1), dialect)
        self._insert = render(sa.insert(table).values({x.name: given(str(x.name), x) for x in c}), dialect)

    async def all(self, connection: Connection) -> tuple[Version, ...]:
        """Return all versions, the oldest first."""
        rows = await self._all.fetch(connection, {})
        return tuple(Version(int(r[0]), r[1], r[2], r[3], r[4], self._moment(r[5])) for r in rows)

    def _moment(self, value: Any) -> dt.datetime:
        return self._read_moment(value) if self._read_moment else value  # type: ignore[no-any-return]

    async def latest(self, connection: Connection) -> tuple[int, str] | None:
        """Return number and hash of the version in force."""
        rows = await self._latest.fetch(connection, {})
        return (int(rows[0][0]), str(rows[0][1])) if rows else None

    async def files(self, connection: Connection, number: int) -> Mapping[str, bytes]:
        """Return the files of a version; raises :class:`Refused` where there is none of that number."""
        return (await self._stored(connection, number))[0]

    async def project(self, connection: Connection, number: int) -> Project:
        """Return a version as it was deployed, with what it said of the one before and what cases keep of workflows."""
        files, past, stored = await self._stored(connection, number)
        flows = stored.get("flows", {})
        texts = [text for name, flow in flows.items() for text in await self._kept_texts(connection, name, flow)]
        project, problems = read_project(files, texts)
        if project is None or problems.errors:
            raise Refused("unreadable", _UNREADABLE, status=409)
        numbers = {name: int(flows.get(name, {}).get("now", number)) for name in project.workflows}
        project = replace(
            project,
            workflows={name: replace(flow, number=numbers[name]) for name, flow in project.workflows.items()},
            former={(one, of): tuple((e, f) for e, f in was) for one, of, was in stored.get("former", ())},
            renamed=tuple(_renamed(*one) for one in stored.get("renamed", ())),
        )
        if past is None:
            return replace(project, number=number)
        # what its files say to do with values was done when they were first deployed
        return replace(project, number=number, past=replace(past, convert=project.past.convert, fill=project.past.fill))

    async def _kept_texts(self, connection: Connection, name: str, flow: Mapping[str, Any]) -> list[KeptText]:
        found = []
        for number, (version, file, edited) in flow["kept"].items():
            content = edited.encode() if edited else (await self.files(connection, version))[file]
            found.append(KeptText(name, int(number), version, file, content, edited=bool(edited)))
        return found

    async def _stored(
        self, connection: Connection, number: int
    ) -> tuple[Mapping[str, bytes], Past | None, Mapping[str, Any]]:  # fmt: skip
        rows = await self._files.fetch(connection, {"version": number})
        if not rows:
            raise Refused("no_version", _no_version(number), status=404)
        files = {name: b64decode(text) for name, text in orjson.loads(rows[0][0]).items()}
        past = orjson.loads(rows[0][1]) if rows[0][1] else {}
        return files, past_of(past) if "entities" in past else None, past

    async def keep(
        self, connection: Connection, project: Project, number: int, *, who: str | None, why: str | None,
        now: dt.datetime, past: Past | None = None,
    ) -> None:  # fmt: skip
        """Keep *project* as version *number*; *past* where it is not what its files say."""
        files = {name: b64encode(content).decode() for name, content in sorted(project.files.items())}
        await self._insert.fetch(connection, {
            "version": number, "hash": project.hash, "tool": __version__, "who": who, "why": why,
            "files": orjson.dumps(files).decode(), "past": text_of(past, project, number),
            "at": self._write_moment(now) if self._write_moment else now,
        })  # fmt: skip


def text_of(past: Past | None, project: Project, number: int) -> str:
    """Return what version *number* keeps of those before it as JSON: names of *past*, what was renamed, workflows.

    Of each workflow: since which version it is as it is, and which earlier ones cases keep, with the version and the
    file to read them from.
    """
    flows = {
        name: {"now": flow.number or number, "kept": {str(kept): _told(one) for kept, one in flow.kept.items()}}
        for name, flow in project.workflows.items()
    }
    former = [[*place, list(was)] for place, was in project.former.items()]
    renamed = [(*astuple(one)[:-1], one.until.isoformat()) for one in project.renamed]
    names = _names_of(past) if past is not None else {}
    return orjson.dumps({"flows": flows, "former": former, "renamed": renamed, **names}).decode()


def _renamed(what: Any, entity: str, rows: str, field: str, was: str, now: str, until: str) -> Renamed:
    return Renamed(what, entity, rows, field, was, now, dt.datetime.fromisoformat(until))


def _told(kept: Workflow) -> list[object]:
    assert kept.origin is not None
    return [kept.origin.version, kept.origin.file, kept.origin.edited]


def _names_of(past: Past) -> dict[str, object]:
    """Return the names of *past* as JSON holds them; rules and drops are none of it."""
    return {
        "entities": dict(past.entities),
        "fields": [[*key, was] for key, was in past.fields.items()],
        "options": [[*key, list(was)] for key, was in past.options.items()],
        "roles": dict(past.roles),
        "states": {flow: dict(states) for flow, states in past.states.items()},
        "steps": [[*key, was] for key, was in past.steps.items()],
    }


def past_of(known: Mapping[str, Any]) -> Past:
    """Return what :func:`text_of` wrote of names."""
    return Past(
        entities=known["entities"],
        fields={(entity, field): was for entity, field, was in known["fields"]},
        options={(entity, field, option): tuple(was) for entity, field, option, was in known["options"]},
        roles=known["roles"],
        states=known["states"],
        steps={(flow, kind, name): was for flow, kind, name, was in known.get("steps", ())},
    )


_UNREADABLE: Text = {
    "en": "A configuration in this database was written for another version of Fachwerk and cannot be read.",
    "de": "Eine Konfiguration in dieser Datenbank gehört zu einer anderen Fachwerk-Version und ist nicht lesbar.",
}


def _no_version(number: int) -> Text:
    return {"en": f"There is no version {number}.", "de": f"Es gibt keine Version {number}."}
