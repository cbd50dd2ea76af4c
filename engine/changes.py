"""What the commands about versions ask for, as functions: each opens the database, does one thing and closes it."""

from __future__ import annotations

import datetime as dt
import getpass
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection, Database
from fachwerk.engine.database_open import file_of, missing_file, opened
from fachwerk.engine.deploy import Agrees, Deployed, deploy, no_way_back, rollback, undo_of
from fachwerk.engine.inspect import inspect
from fachwerk.engine.main import compile_project
from fachwerk.engine.plan import guards, kept
from fachwerk.engine.plan.asking import check_pending
from fachwerk.engine.plan.compare import compare
from fachwerk.engine.plan.delta import delta_of
from fachwerk.engine.plan.drift import Drifted, drift_of
from fachwerk.engine.plan.guards import Lost
from fachwerk.engine.plan.impact import count_within
from fachwerk.engine.plan.keeping import carried
from fachwerk.engine.plan.model import Impact, Plan
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.planning import Present, make_plan, present_of
from fachwerk.engine.plan.progress import Known, known
from fachwerk.engine.preparing import Tell, silent
from fachwerk.engine.versions import Version, Versions
from fachwerk.problems import Problems, Refused, Text
from fachwerk.schemas.changes import Change
from fachwerk.schemas.model import Project


@dataclass(frozen=True, slots=True)
class Done:
    """A deploy: what there is now, and the copy of the SQLite file made before."""

    deployed: Deployed
    backup: Path | None


async def plan_project(project: Project, url: str, allowed: frozenset[str]) -> Plan:
    """Return what deploying *project* would do; a file that is not there is as good as an empty one."""
    async with opened("sqlite:///:memory:" if missing_file(url) else url) as database:
        return await make_plan(database, project, allowed)


async def problems_against(project: Project, url: str) -> Problems:
    """Return what is wrong with the rules of *project* over the records that a database has."""
    async with opened(url) as database, database.snapshot() as connection:
        present = await present_of(connection, database)
        return Problems() if present is None else check_pending(Pairing(present.app.project, project))


async def deploy_planned(
    project: Project, url: str, *, why: str | None, allowed: frozenset[str], plan: bytes | None, tell: Tell = silent
) -> Done:  # fmt: skip
    """Plan and deploy; or deploy a *plan* (JSON) as long as version, files and counted rows are still those of it."""
    if plan is None:
        made = await plan_project(project, url, allowed)
        _refuse_blocked(made)
        planned = (made.version, made.old_hash)
        return await deploy_project(project, url, why=why, allowed=allowed, planned=planned, tell=tell)
    known = _read_plan(plan)
    if known["new_hash"] != project.hash:
        raise Refused("other_files", _OTHER_FILES, status=409)

    async def agrees(connection: Connection, old: App) -> None:
        changes = compare(old.project, project)
        new = await carried(connection, Versions(old.dialect), old, project, old.project.number + 1)
        counted = await count_within(old, new, connection, changes, now=dt.datetime.now(dt.UTC))
        if _figures(counted.impacts) != known["figures"]:
            raise Refused("other_rows", _OTHER_ROWS, status=409)

    planned = (known["version"], known["old_hash"])
    return await deploy_project(project, url, why=why, allowed=allowed, planned=planned, agrees=agrees, tell=tell)


def _refuse_blocked(plan: Plan) -> None:
    if plan.blocked:
        fields = {impact.allow or impact.change.name: impact.text for impact in plan.blocked}
        raise Refused("blocked", _BLOCKED, status=409, fields=fields)


def _figures(impacts: Iterable[Impact]) -> list[list[object]]:
    return sorted([i.kind, i.change.of, i.change.name, i.count, i.of] for i in impacts)


def _read_plan(text: bytes) -> dict[str, Any]:
    try:
        known = orjson.loads(text)
        figures = [[i["kind"], i["change"]["of"], i["change"]["name"], i["count"], i["of"]] for i in known["impacts"]]
        return {"figures": sorted(figures), **{name: known[name] for name in ("version", "old_hash", "new_hash")}}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused("no_plan", _NO_PLAN) from error


async def deploy_project(
    project: Project, url: str, *, why: str | None = None, allowed: frozenset[str] = frozenset(),
    planned: tuple[int, str | None] | None = None, agrees: Agrees | None = None, tell: Tell = silent,
) -> Done:  # fmt: skip
    """Deploy *project*; an SQLite file is copied before. Raises :class:`Refused` with what stands against it."""
    async with opened(url, make=True) as database:
        app = compile_project(project, database.dialect)
        async with database.snapshot() as connection:
            before = await present_of(connection, database)
        changes = before is not None and before.app.project.hash != project.hash
        backup = _backup(url, before.number) if changes and before is not None else None
        done = await deploy(
            app, database, who=person(), why=why, allowed=allowed, planned=planned, agrees=agrees, tell=tell
        )
        return Done(done, backup)


def person() -> str:
    """Return who runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def _backup(url: str, number: int) -> Path | None:
    """Copy an SQLite file as it is at one moment; other processes may go on."""
    path = file_of(url)
    if path is None:
        return None
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S-%f")
    target = path.with_name(f"{path.name}.{number}.{moment}.bak")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


async def versions_of(url: str) -> tuple[Version, ...]:
    """Return all versions in a database."""
    async with opened(url) as database, database.snapshot() as connection:
        await _present(connection, database)
        return await Versions(database.dialect).all(connection)


async def unfinished(url: str) -> Known | None:
    """Return the deploy whose values are being made, or were when it stopped."""
    async with opened(url) as database, database.snapshot() as connection:
        return await known(connection, database.dialect)


async def _present(connection: object, database: Database) -> Present:
    found = await present_of(connection, database)  # type: ignore[arg-type]
    if found is None:
        raise Refused("nothing_deployed", _NOTHING, status=409)
    return found


async def files_of(url: str, number: int | None) -> tuple[int, Mapping[str, bytes]]:
    """Return the files of a version, of the one in force where none is named, and its number."""
    async with opened(url) as database, database.snapshot() as connection:
        present = await _present(connection, database)
        chosen = number or present.number
        return chosen, await Versions(database.dialect).files(connection, chosen)


async def project_in_force(url: str) -> Project:
    """Return the configuration in force, with the versions of workflows that cases keep."""
    async with opened(url) as database, database.snapshot() as connection:
        return (await _present(connection, database)).app.project


async def difference(url: str, old: int | None, new: int | Project) -> tuple[Change, ...]:
    """Return in what two versions differ, or a version (that in force if not said) and a project."""
    async with opened(url) as database, database.snapshot() as connection:
        present = await _present(connection, database)
        versions = Versions(database.dialect)
        before = await versions.project(connection, old or present.number)
        after = new if isinstance(new, Project) else await versions.project(connection, new)
        return compare(before, after)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a version into a new or empty folder."""
    if folder.exists() and any(folder.iterdir()):
        raise Refused("not_empty", _not_empty(folder), status=409)
    root = folder.resolve()
    for name, content in files.items():
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise Refused("outside", _not_empty(folder), status=409)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


async def drift(url: str) -> tuple[Drifted, ...]:
    """Compare a database with the configuration in force."""
    async with opened(url) as database, database.snapshot() as connection:
        present = await _present(connection, database)
        return await drift_of(connection, present.app)


async def losses_of_rollback(url: str, target: int) -> tuple[int, tuple[Lost, ...]]:
    """Return the version in force and what going back to *target* would set aside; nothing is changed."""
    async with opened(url) as database, database.snapshot() as connection:
        present = await _present(connection, database)
        if not 0 < target < present.number:
            raise Refused("no_version", no_way_back(target, present.number), status=404)
        versions = Versions(database.dialect)
        for undone in range(present.number, target, -1):
            await kept.of_version(connection, undone, database.dialect)
        former = await undo_of(versions, connection, present.number, present.app.project)
        former = await carried(connection, versions, present.app, former, present.number + 1)
        app = compile_project(former, database.dialect)
        pairing = Pairing(present.app.project, former)
        back = await kept.of_version(connection, present.number, database.dialect)
        there = await inspect(connection, database.dialect)
        delta = delta_of(present.app, app, pairing, version=present.number + 1, there=there, back=back)
        states = [one for one in await guards.options_gone(connection, present.app, pairing) if one.state]
        return present.number, (*await guards.left_behind(connection, delta, back), *states)


async def roll_back(url: str, target: int, why: str | None, tell: Tell = silent) -> Done:
    """Go back to version *target*; an SQLite file is copied before, *tell* hears who is in the way."""
    async with opened(url) as database:
        async with database.snapshot() as connection:
            present = await _present(connection, database)
        backup = _backup(url, present.number)
        return Done(await rollback(database, target, who=person(), why=why, tell=tell), backup)


_BLOCKED: Text = {
    "en": "This needs a decision first; see `fachwerk plan`. Nothing was changed.",
    "de": "Das braucht erst eine Entscheidung; siehe `fachwerk plan`. Nichts wurde geändert.",
}
_OTHER_FILES: Text = {
    "en": "The plan was made for other files. Plan again.",
    "de": "Der Plan gehört zu anderen Dateien. Neu planen.",
}
_OTHER_ROWS: Text = {
    "en": "The rows are no longer those that were counted. Plan again. Nothing was changed.",
    "de": "Die Daten sind nicht mehr die, die gezählt wurden. Neu planen. Nichts wurde geändert.",
}
_NO_PLAN: Text = {"en": "This is no plan of `fachwerk plan --format json`.",
                  "de": "Das ist kein Plan von `fachwerk plan --format json`."}  # fmt: skip
_NOTHING: Text = {
    "en": "Nothing has been deployed to this database yet.",
    "de": "In diese Datenbank wurde noch nichts eingespielt.",
}


def _not_empty(folder: Path) -> Text:
    return {"en": f"{folder} is not empty.", "de": f"{folder} ist nicht leer."}
