"""A running application of the north star for tests of the server: people, a few records, browsers without a network.

All requests run on one event loop, as they do on a server; :class:`Browser` is a blocking face over it.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.asgi import Server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.settings import Settings
from fachwerk.schemas.read import read_project

NORTH_STAR = Path(__file__).parent.parent.parent / "examples" / "building_permits"
PASSWORD = "a good long password"
SETTINGS = Settings(
    password_memory_kib=64, password_rounds=1, sign_in_failures_address=100_000, sign_up_per_address=100_000,
    identity_cache_seconds=0.0,
)  # fmt: skip
PEOPLE = {
    "anna": ("applicant",), "bert": ("applicant",), "carl": ("clerk",), "hanna": ("head",), "ed": ("engineer",),
    "fritz": ("fire_officer",), "audi": ("auditor",), "victim": ("applicant",),
}  # fmt: skip


class Browser:
    """A browser with cookies (or an API client with a token) that does not follow redirects."""

    def __init__(self, run: Callable[[Any], Any], server: Server, headers: Mapping[str, str] | None = None) -> None:
        transport = httpx2.ASGITransport(app=server, client=("192.0.2.1", 1))
        self._run = run
        self._client = httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=dict(headers or {}))

    @property
    def cookies(self) -> httpx2.Cookies:
        """The cookies it keeps."""
        return self._client.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request."""
        headers = {name: _bytes(value) for name, value in more.pop("headers", {}).items()}
        answer: httpx2.Response = self._run(self._client.request(method, path, headers=headers, **more))
        return answer

    async def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request from within the loop, beside others."""
        return await self._client.request(method, path, **more)

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx2.Response:
        return self.request("POST", path, **more)

    def patch(self, path: str, **more: Any) -> httpx2.Response:
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> httpx2.Response:
        return self.request("DELETE", path, **more)

    @staticmethod
    def quote(text: str) -> str:
        """Return *text* as one segment of a path."""
        return quote(text, safe="")

    def token(self, path: str = "/") -> str:
        """Return the token of the forms on a page."""
        found = re.search(r'name="_csrf" value="([^"]*)"', self.get(path).text)
        assert found is not None
        return found[1]

    def try_sign_in(self, name: str, password: str) -> httpx2.Response:
        """Send the sign-in form."""
        return self.post("/sign-in", data={"_csrf": self.token("/sign-in"), "name": name, "password": password})

    def sign_in(self, name: str, password: str) -> Browser:
        """Sign in, and fail the test if that does not work."""
        answer = self.try_sign_in(name, password)
        assert answer.status_code == 303, answer.text
        return self


@dataclass
class Town:
    """The application; *draft* and *submitted* are permits of Anna, *document* a file of the latter."""

    run: Callable[[Any], Any]
    server: Server
    accounts: Accounts
    opened: Running | None = None
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    password: str = PASSWORD
    person: str = ""
    plot: str = ""
    draft: str = ""
    submitted: str = ""
    document: str = ""

    @property
    def running(self) -> Running:
        """The compiled app on its database."""
        assert self.opened is not None
        return self.opened

    def stranger(self) -> Browser:
        """Return a browser that nobody has signed in with."""
        return Browser(self.run, self.server, {"accept-language": "en"})

    def browser(self, name: str) -> Browser:
        """Return a browser in which *name* has just signed in."""
        return self.stranger().sign_in(name, PASSWORD)

    def api(self, name: str) -> Browser:
        """Return an API client with a token of *name*."""
        return Browser(self.run, self.server, {"authorization": f"Bearer {self.tokens[name]}"})

    def good_permit(self) -> dict[str, Any]:
        """Return the values of a permit that can be saved."""
        return {"applicant": self.person, "plot": self.plot, "kind": "new", "floor_area": 140.5, "storeys": 2}

    def permit_form(self, browser: Browser) -> dict[str, Any]:
        """Return the entries of a form of a permit that can be saved."""
        return {
            "_csrf": browser.token(), "applicant": self.person, "plot": self.plot, "kind": "new", "floor_area": "140.5",
            "storeys": "2",
        }  # fmt: skip

    def upload(self, name: str, kind: str, content: bytes) -> httpx2.Response:
        """Send a form of a permit with a file."""
        carl = self.browser("carl")
        data = self.permit_form(carl) | {"documents.shown": "1"}
        return carl.post("/e/permit/new", data=data, files={"documents": (name, content, kind)})

    @staticmethod
    def base64(content: bytes) -> str:
        """Return *content* as the API takes it."""
        return base64.b64encode(content).decode()


def clear_refusal(answer: httpx2.Response, statuses: set[int]) -> None:
    """Assert that an answer is a refusal with one of *statuses* which tells what is wrong and nothing of the inside."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:600])
    for inside in ("Traceback", 'File "', "sqlite3", "asyncpg", "SELECT ", "site-packages", "engine/"):
        assert inside not in answer.text, inside
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.headers["content-type"] == "application/json":
        error = answer.json()["error"]
        assert {"code", "message", "fields", "id"} <= set(error) <= {"code", "message", "fields", "id", "conflicts"}
        assert error["message"]
        assert re.fullmatch(r"[a-z_]+", error["code"])
    else:
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.headers
        assert "<h1" in answer.text


def _bytes(value: str) -> bytes:
    return value.encode("utf-8")


@contextmanager
def open_town(url: str, settings: Settings = SETTINGS) -> Iterator[Town]:
    """Deploy the north star at the empty database of *url* and people it."""
    with asyncio.Runner() as runner:
        opened = runner.run(open_app(url))
        server = build_server(opened, settings)
        accounts = Accounts(opened.database, opened.app.tables.metadata, opened.app.project.roles)
        town = Town(runner.run, server, accounts, opened)
        runner.run(_people(town, settings))
        _records(town)
        try:
            yield town
        finally:
            runner.run(opened.database.close())


async def open_app(url: str, *, new: bool = True, folder: Path = NORTH_STAR) -> Running:
    """Open the application of *folder* at *url*, making its tables if it is *new*."""
    project, problems = read_project(folder)
    assert project is not None, [problem.message() for problem in problems]
    running = await build(project, url)
    if new:
        await deploy(running.app, running.database)
    return running


async def _people(town: Town, settings: Settings) -> None:
    hashed = await Passwords(settings).hash(PASSWORD)
    for name, roles in PEOPLE.items():
        user = await town.accounts.create(name.title(), name, roles=roles, password=hashed, language="en")
        town.users[name] = user
        town.tokens[name] = await town.accounts.make_token(user, "test")


def _records(town: Town) -> None:
    carl, anna = town.api("carl"), town.api("anna")

    def make(path: str, values: dict[str, Any], who: Browser = carl) -> str:
        answer = who.post(f"/api/v1/{path}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    names = {"given_name": "Anna", "family_name": "Berg", "email": "anna@town.example"}
    town.person = make("person", {**names, "user": town.users["anna"]})
    make("person", {"given_name": "Bert", "family_name": "Tal", "user": town.users["bert"]})
    town.plot = make("plot", {"district": "Hofheim", "parcel": "117/4", "max_storeys": 3})
    town.draft = make("permit", town.good_permit(), anna)
    document = {"name": "plan.pdf", "content": town.base64(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")}
    town.submitted = make("permit", {**town.good_permit(), "documents": [document]}, anna)
    answer = anna.post(f"/api/v1/permit/{town.submitted}/actions/submit", json={})
    assert answer.status_code == 200, answer.text
    record = anna.get(f"/api/v1/permit/{town.submitted}").json()
    town.document = record["documents"][0]["id"]
    change = {"internal_note": "SECRET-NOTE", "version": record["version"]}
    answer = carl.patch(f"/api/v1/permit/{town.submitted}", json=change)
    assert answer.status_code == 200, answer.text
