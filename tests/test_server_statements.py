"""How many statements a page needs: never more because there are more records, rows, links or events on it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from fachwerk.engine.database import Connection, Database, Row
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.service import Service
from fachwerk.schemas.read import read_project
from town import PASSWORD, SETTINGS

APP = """
app: desk
label: Desk
languages: [en]
timezone: Europe/Berlin
---
roles:
  clerk: {label: Clerk, reads: everything}
  head: {label: Head}
---
entity: town
title: name
fields:
  name: text!
  cases: {type: back_links, of: case.town}
access: {clerk: {create: true, update: true}, head: {read: true}}
---
entity: item
title: name
fields: {name: text!, price: money}
access: {clerk: {create: true, update: true}, head: {read: true}}
---
entity: case
title: name + " " + town.name
fields:
  name: text!
  town: {type: link, to: town, required: true}
  holder: {type: link, to: [town, item]}
  helper: user
  items: {type: links, to: item}
  lines:
    type: rows
    fields:
      item: {type: link, to: item, required: true}
      other: {type: link, to: [town, item]}
      count: integer!
      cost: {type: money, computed: item.price * count}
  total: {type: money, computed: sum(lines.cost)}
  notes: {type: back_links, of: note.case}
  written: {type: integer, computed: count(notes)}
checks:
  - {that: every line in lines satisfies line.item.price < 1000 and line.other.name != "", else: 'Too dear.'}
list: {columns: [name, town, holder, helper, total, written, state], search: [name], filters: [town, state]}
access:
  clerk: {create: true, update: true, delete: true}
  head: {read: true, update: true}
---
entity: note
title: text
fields:
  case: {type: link, to: case, required: true, on_delete: delete}
  text: text!
  items: {type: links, to: item}
access: {clerk: {create: true, update: true}, head: {read: true}}
---
workflow: handling
of: case
states:
  open: {initial: true}
  checked:
    parallel:
      look: {by: head, outcomes: [approve, object], within: 5 days}
      count: {by: head, outcomes: [approve, object], not_by: look}
  closed: {final: true}
transitions:
  check: {from: open, to: checked, by: clerk}
  close: {from: checked, to: closed, when: complete}
"""


class Counting:
    """A database that counts the statements of requests, and leaves all else to the one behind it."""

    def __init__(self, database: Database) -> None:
        self.database, self.count, self.dialect = database, 0, database.dialect

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        self.count += 1
        return await self.database.fetch(text, parameters)

    async def apart(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        self.count += 1
        return await self.database.apart(text, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.database.transaction() as connection:
            yield Within(self, connection)


class Within:
    """A transaction of a :class:`Counting`."""

    def __init__(self, counting: Counting, connection: Connection) -> None:
        self.counting, self.connection = counting, connection

    async def fetch(self, text: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        self.counting.count += 1
        return await self.connection.fetch(text, parameters)


class Desk:
    """The application, with a clerk who makes records and a head who looks at them."""

    def __init__(self, running: Running) -> None:
        self.database = Counting(running.database)
        service = Service(running.app, self.database, running.service.kit.keys)
        self.server = build_server(Running(running.app, self.database, service), SETTINGS)
        self.accounts = Accounts(running.database, running.app.tables.metadata, running.app.project.roles)
        self.users: dict[str, str] = {}
        self.tokens: dict[str, str] = {}

    async def people(self) -> None:
        hashed = await Passwords(SETTINGS).hash(PASSWORD)
        for name in ("clerk", "head"):
            user = await self.accounts.create(name.title(), name, roles=[name], password=hashed, language="en")
            self.users[name], self.tokens[name] = user, await self.accounts.make_token(user, "test")

    def client(self, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.server)
        return httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)

    async def browser(self, name: str) -> httpx2.AsyncClient:
        browser = self.client()
        found = re.search(r'name="_csrf" value="([^"]*)"', (await browser.get("/sign-in")).text)
        assert found is not None
        entries = {"_csrf": found[1], "name": name, "password": PASSWORD}
        assert (await browser.post("/sign-in", data=entries)).status_code == 303
        return browser

    async def send(self, method: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        client = self.client(authorization=f"Bearer {self.tokens['clerk']}")
        answer = await client.request(method, f"/api/v1/{path}", json=values, headers={"if-match": "*"})
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def fill(self, many: int) -> tuple[str, str]:
        """Make *many* of everything; return a case with as many lines, items, notes and changes, and its town."""
        towns = [(await self.send("POST", "town", {"name": f"Town {n}"}))["id"] for n in range(many)]
        items = [(await self.send("POST", "item", {"name": f"Item {n}", "price": n}))["id"] for n in range(many)]
        cases = []
        for n in range(many):
            lines = [
                {"item": item, "other": {"entity": "town", "id": town}, "count": 2}
                for item, town in zip(items, towns, strict=True)
            ]  # fmt: skip
            values = {
                "name": f"Case {n}", "town": towns[n], "helper": self.users["head"], "items": items if n == 0 else [],
                "holder": {"entity": "item", "id": items[n]}, "lines": lines if n == 0 else lines[:1],
            }  # fmt: skip
            cases.append((await self.send("POST", "case", values))["id"])
            await self.send("POST", "note", {"case": cases[0], "text": f"Note {n}", "items": items})
        for n in range(many):  # what the history tells of: links changed
            await self.send("PATCH", f"case/{cases[0]}", {"holder": {"entity": "town", "id": towns[n]}, "town": towns[n]})
        for case in cases[: many // 2 + 1]:
            await self.send("POST", f"case/{case}/actions/check", {})
        return str(cases[0]), str(towns[-1])


PAGES = (
    "/", "/inbox", "/inbox?group={group}", "/notices", "/e/case?count=false", "/e/case?sort=name&q=case&count=false", "/e/case?state=checked&count=false",
    "/e/note?count=false", "/e/case/new",
    "/e/case/workflow", "/e/case/times", "{case}", "{case}/edit", "{case}/delete", "{case}/workflow", "{town}",
    "{case}/do/look.approve", "/api/v1/case?count=false", "/api/v1/note?sort=-text&count=false", "/api/v1{case}", "/api/v1{case}/history",
    "/api/v1{case}/actions",
)  # fmt: skip


async def _counted(desk: Desk, many: int) -> dict[str, int]:
    """Make *many* of everything, and return how many statements each page needs then."""
    case, town = await desk.fill(many)
    clerk, head = await desk.browser("clerk"), await desk.browser("head")
    tabs = re.findall(r'href="/inbox\?group=([^"&]+)"', (await head.get("/inbox")).text)
    api = desk.client(authorization=f"Bearer {desk.tokens['clerk']}")
    found = {}
    for page in PAGES:
        path = page.format(case=f"/case/{case}", town=f"/town/{town}", group=tabs[0])
        who = api if path.startswith("/api") else clerk if path.endswith(("/new", "/delete")) or path == "/" else head
        path = f"/e{path}" if page[0] == "{" else path
        for _ in range(2):  # what is read once for all has been read by the second time
            desk.database.count = 0
            answer = await who.get(path)
            assert answer.status_code == 200, (path, answer.text[:1000])
        found[page] = desk.database.count
    return found


async def _compared(url: str) -> dict[str, tuple[int, int]]:
    project, problems = read_project({"desk.yaml": APP.encode()})
    assert project is not None, [problem.message() for problem in problems]
    running = await build(project, url)
    await deploy(running.app, running.database)
    desk = Desk(running)
    await desk.people()
    few, many = await _counted(desk, 6), await _counted(desk, 50)
    await running.database.close()
    return {page: (few[page], many[page]) for page in PAGES}


def test_more_rows_are_no_more_statements(database_url: str) -> None:
    found = asyncio.run(_compared(database_url))
    assert {page: counts for page, counts in found.items() if counts[1] > counts[0]} == {}
