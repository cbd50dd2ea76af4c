"""Everything that can be seen of a configuration: problems, tables, pages, API, and what a few requests do.

Used to prove that a key of the language has an effect: observe with one value, observe with another, compare.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from fachwerk.engine.database_open import open_database
from fachwerk.engine.demo.running import Clock, make_demo
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.trial.trying import try_scenarios
from fachwerk.engine.worker import Worker
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

Step = tuple[str, str, str, Mapping[str, Any]]
"""Who, method, path, JSON body. ``$1`` in path or body stands for the id that the first step answered, and so on.

The method ``CLOCK`` sets the time to that of the path.
"""

START = dt.datetime(2026, 12, 26, 23, 30, tzinfo=dt.UTC)
"""When everything happens: a day on in Berlin, and ten days before a holiday of Bavaria."""

SETTINGS = Settings(password_memory_kib=64, password_rounds=1, identity_cache_seconds=0.0)


def observe(files: Mapping[str, bytes], steps: Sequence[Step], *, demo: bool = False) -> dict[str, str]:
    """Return what can be seen of *files*, by where it was seen; ids and moments are made alike."""
    project, problems = read_project(dict(files))
    seen = {"problems": "\n".join(f"{problem.code}: {problem.message()}" for problem in problems)}
    if project is None or problems.errors:
        return seen
    with TemporaryDirectory() as folder:
        seen["scenarios"] = _scenarios(project)
        seen |= asyncio.run(_running(project, f"sqlite:///{Path(folder) / 'seen.db'}", steps))
        if demo:
            count, users = asyncio.run(make_demo(project, f"sqlite:///{Path(folder) / 'demo.db'}", 30, now=START))
            seen["demo"] = f"{count.made} {users}"
            seen["demo deployed"] = asyncio.run(_why(f"sqlite:///{Path(folder) / 'demo.db'}"))
            seen["demo values"] = asyncio.run(_values(project, f"sqlite:///{Path(folder) / 'demo.db'}"))
    return seen


def _scenarios(project: Project) -> str:
    """Return how the scenarios went."""
    said = []
    for result in try_scenarios(project, tuple(project.scenarios.values())).results:
        problems = [f"{problem.code}: {problem.message()}" for problem in result.problems]
        said.append(f"{result.scenario.name}: {problems or 'passed'} {len(result.scenario.steps)}")
    return "\n".join(said)


async def _why(url: str) -> str:
    database = await open_database(url)
    try:
        return repr([tuple(row) for row in await database.fetch("select version, why from fw_config")])
    finally:
        await database.close()


async def _values(project: Project, url: str) -> str:
    running = await build(project, url)
    try:
        rows = [await running.database.fetch(f'select * from "{name}"') for name in project.entities]
        said = await running.database.fetch("select comment from fw_history where comment is not null")
        return _alike(repr([list(row) for many in (*rows, said) for row in many]))
    finally:
        await running.database.close()


async def _running(project: Project, url: str, steps: Sequence[Step]) -> dict[str, str]:
    clock = Clock(START)
    running = await build(project, url, clock=clock)
    try:
        await deploy(running.app, running.database)
        return await _Observer(running, clock).all(steps)
    finally:
        await running.database.close()


class _Observer:
    def __init__(self, running: Running, clock: Clock) -> None:
        self.running = running
        self.clock = clock
        self.paths: list[str] = []
        self.project = running.app.project
        self.server = build_server(running, SETTINGS)
        self.accounts = Accounts(running.database, running.app.tables.metadata, self.project.roles)
        self.seen: dict[str, str] = {}
        self.clients: dict[str, httpx2.AsyncClient] = {}
        self.made: list[str] = []
        self.users: dict[str, str] = {}

    async def all(self, steps: Sequence[Step]) -> dict[str, str]:
        """Observe tables, steps and pages."""
        rows = await self.running.database.fetch("select sql from sqlite_master where sql is not null order by name")
        self.seen["tables"] = "\n".join(row[0] for row in rows)
        for role in self.project.roles:
            await self._person(role)
        for number, (who, method, path, body) in enumerate(steps, 1):
            await self._step(number, who, method, path, body)
        first, *others = self.project.roles
        for path in ("/", *self._pages(), *self._pages("/new")):
            await self._look(first, path)
        for role in others:
            for path in ("/", *self._pages()):
                await self._look(role, path)
        await self._look(next(iter(self.project.roles)), "/api/v1/openapi.json")
        for number, path in enumerate(self.paths, 1):
            for role in [first, *others][:2]:
                await self._look(role, path, f"in the end {number}")
                await self._buttons(role, path, number)
        await self._look("", "/sign-in")
        style = re.search(r"/static/[^\"]*app\.css", (await self.clients[""].get("/sign-in")).text)
        self.seen["style"] = (await self.clients[""].get(style[0])).text if style else ""
        await self._look("", "/sign-up")
        rows = await self.running.database.fetch("select kind, payload, wake_at is null from fw_effect order by created, id")
        self.seen["effects"] = _alike("\n".join(repr(tuple(row)) for row in rows))
        rows = await self.running.database.fetch("select name, due, warn from fw_deadline order by name")
        self.seen["deadlines"] = "\n".join(repr(tuple(row)) for row in rows)
        await self._work()
        return self.seen

    async def _work(self) -> None:
        """Have done what is due, now and half a year later, and look at what people were told."""
        worker = Worker(self.running)
        for days in (0, 9, 180):
            self.clock.set(self.clock() + dt.timedelta(days=days))
            await worker.run_due()
        for name, text in (
            ("told", "select u.name, n.message, n.texts from fw_notice n join fw_user u on u.id = n.user"),
            ("mails", "select payload from fw_effect where kind = 'mail' order by payload"),
            ("done", "select kind, outcome, error from fw_effect order by kind, outcome, error"),
            ("sent", "select payload from fw_effect where kind = 'delivery' order by payload"),
            ("past", "select entity, kind, action, what from fw_history order by entity, kind, action, what"),
        ):
            rows = await self.running.database.fetch(text)
            self.seen[name] = _alike("\n".join(sorted(repr(tuple(row)) for row in rows)))
        rows = await self.running.database.fetch("select name, next from fw_schedule order by name")
        self.seen["schedules"] = "\n".join(repr(tuple(row)) for row in rows)

    def _pages(self, way: str = "") -> list[str]:
        return [f"/e/{name}{way}" for name in self.project.entities]

    async def _person(self, role: str) -> None:
        user = await self.accounts.create(role.title(), role, roles=(role,), language="")
        self.users[role] = user
        token = await self.accounts.make_token(user, "observer")
        session = await self.accounts.open_session(user, 3600)
        transport = httpx2.ASGITransport(app=self.server, client=("192.0.2.1", 1))
        self.clients[role] = httpx2.AsyncClient(
            transport=transport, base_url="http://localhost", cookies={"fw_session": session}
        )
        self.clients[f"{role} by token"] = httpx2.AsyncClient(
            transport=transport, base_url="http://localhost", headers={"authorization": f"Bearer {token}"}
        )
        self.clients.setdefault("", httpx2.AsyncClient(transport=transport, base_url="http://localhost"))

    async def _step(self, number: int, who: str, method: str, path: str, body: Mapping[str, Any]) -> None:
        if method == "CLOCK":
            self.clock.set(dt.datetime.fromisoformat(path))
            self.made.append("")
            return
        client = self.clients.get(f"{who} by token")
        if client is None:
            self.made.append("0" * 32)
            return
        headers = {"if-match": "*"} if method in ("PATCH", "DELETE") else {}
        answer = await client.request(method, self._filled(path), json=self._filled(dict(body)), headers=headers)
        self.seen[f"step {number}"] = f"{answer.status_code} {_alike(answer.text)}"
        known = answer.json() if answer.status_code in (200, 201) else {}
        self.made.append(str(known.get("id", "0" * 32)))
        if method == "POST" and "id" in known and "/actions/" not in path:
            entity = path.split("/")[3]
            for way in ("", "/edit", "/delete"):
                await self._look(who, f"/e/{entity}/{known['id']}{way}", f"{number}{way}")
            await self._look("citizen", f"/e/{entity}/{known['id']}", f"{number}")
            self.paths.append(f"/e/{entity}/{known['id']}")

    async def _buttons(self, role: str, path: str, number: int) -> None:
        found = re.findall(rf'"({re.escape(path)}/do/[^"?]+)', (await self.clients[role].get(path)).text)
        for button in dict.fromkeys(found):
            await self._look(role, button, f"button {number} {button.rsplit('/', 1)[-1]}")

    async def _look(self, role: str, path: str, name: str = "") -> None:
        answer = await self.clients[role].get(path, headers={"accept-language": "en"})
        self.seen[f"{role} {name or path}"] = f"{answer.status_code} {_alike(answer.text)}"

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, str):
            value = re.sub(r"\$(\d+)", lambda match: self.made[int(match[1]) - 1], value)
            return re.sub(r"\$user:(\w+)", lambda match: self.users.get(match[1], "0" * 32), value)
        return value


def _alike(text: str) -> str:
    """Return *text* without what differs from run to run: ids, moments, tokens, hashes."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r'name="_csrf" value="[^"]*"', "CSRF", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "MOMENT", text)
    text = re.sub(r"\d\d:\d\d(:\d\d)?", "CLOCK", text)
    text = re.sub(r'"id":\s*"[0-9a-f]{12}"', "INCIDENT", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "INCIDENT", text)
    text = re.sub(r"v1:[\w=-]{20,}", "SEALED", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
