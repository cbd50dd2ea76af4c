"""An example behind a real HTTP server, and people at browsers who walk a case through it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import uvicorn
from browser import fresh
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.wire import Protocol
from fachwerk.schemas.read import read_project
from playwright.sync_api import Browser, Page, expect
from town import PASSWORD, SETTINGS

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NOISE = "status of 422"
"""A refused form is an answer of 422, which the browser notes as a failed load: that is meant."""

Prepare = Callable[["Desk"], Awaitable[None]]


class Desk:
    """Makes the records that must be there before a case begins."""

    def __init__(self, running: Running, users: Mapping[str, str]) -> None:
        self.running = running
        self.users = users

    async def make(self, entity: str, **values: object) -> str:
        """Make a record as the system does and return its id."""
        service = self.running.service
        return (await service.create(service.system, entity, values)).id


class Example:
    """An example on a free port, with its demo users and the records that *prepare* makes."""

    def __init__(self, name: str, url: str, prepare: Prepare) -> None:
        self.address = ""
        self._folder, self._url, self._prepare = EXAMPLES / name, url, prepare
        self._ready = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        try:
            running = await self._open()
            app = build_server(running, SETTINGS)
            self._server = uvicorn.Server(uvicorn.Config(app, port=0, http=Protocol, log_level="error", lifespan="off"))
            serving = asyncio.create_task(self._server.serve())
            while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
                await asyncio.sleep(0.02)
            self.address = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            self._ready.set()
        await serving
        await running.database.close()

    async def _open(self) -> Running:
        project, problems = read_project(self._folder)
        assert project is not None, [problem.message() for problem in problems]
        assert project.demo is not None
        running = await build(project, self._url)
        await deploy(running.app, running.database)
        accounts = Accounts(running.database, running.app.tables.metadata, project.roles)
        hashed = await Passwords(SETTINGS).hash(PASSWORD)
        users = {}
        for name, roles in project.demo.users.items():
            full = project.demo.names[name]
            users[name] = await accounts.create(full, name, roles=roles, password=hashed, language="en")
        await self._prepare(Desk(running, users))
        return running

    def __enter__(self) -> Example:
        self._thread.start()
        assert self._ready.wait(60)
        assert self.address, "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server does not stop"


class Person:
    """Somebody at a browser; what the browser complains about is collected."""

    def __init__(self, browser: Browser, address: str, name: str, script: bool) -> None:
        self.script = script
        self.context = fresh(
            browser, java_script_enabled=script, locale="en-GB", base_url=address, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto("/sign-in")
        self.page.get_by_label("Email or user name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Good to see you")

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and NOISE not in text:
            self.complaints.append(text)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(path)

    def fill(self, field: str, value: str) -> None:
        """Type into a field of the form."""
        self.page.locator(f'form.form [name="{field}"]:not([type=hidden])').fill(value)

    def choose(self, label: str) -> None:
        """Choose an option: of a group of buttons, else of a list."""
        button = self.page.get_by_label(label, exact=True)
        if button.count():
            button.check()
            return
        box = self.page.locator("form.form select").filter(has=self.page.locator("option", has_text=label))
        box.select_option(label=label)

    def link(self, field: str, typed: str, title: str) -> None:
        """Link to the record that typing leads to: from the list with script, by the text alone without."""
        box = self.page.locator(f"#f-{field}")
        if not self.script:
            box.fill(typed)
            return
        box.click()
        box.fill("")
        box.press_sequentially(typed)
        self.page.locator(f"#f-{field}-list [data-id]").get_by_text(title).first.click()
        expect(box).to_have_value(title)

    def add_row(self, field: str) -> None:
        """Add a row and wait for it."""
        count = self.page.locator(f'form.form [name^="{field}."]:not([type=hidden])').count()
        self.page.locator(f'form.form button[name=_add][value="{field}"]').click()
        fresh = self.page.locator(f'form.form [name^="{field}."]:not([type=hidden])')
        expect(fresh.nth(count)).to_be_visible()

    def attach(self, field: str, file: Path) -> None:
        """Choose a file."""
        self.page.locator(f"#f-{field}").set_input_files(file)

    def send(self) -> None:
        """Send the form."""
        self.page.locator("form.form .bar button[name=_save], form.form .bar button").first.click()

    def case(self) -> str:
        """Return the path of the record that is shown."""
        expect(self.page.locator("[aria-current=step]").first).to_be_visible()
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def press(self, name: str) -> None:
        """Press a button of the record; where it has a form of its own, that is shown now.

        An opinion is called ``Structure: Approve``.
        """
        if ": " in name:
            self.page.locator(".next").get_by_role("button", name=name, exact=True).click()
        else:
            self.page.locator(".head .actions").get_by_text(name, exact=True).first.click()

    def done(self) -> None:
        """Expect that it worked."""
        assert self.page.locator(".summary").count() == 0, self.page.locator(".summary").inner_text()
        expect(self.page.locator(".flash")).to_contain_text(re.compile("done", re.IGNORECASE))

    def refused(self, *texts: str) -> None:
        """Expect that the form came back with what is wrong."""
        summary = self.page.locator(".summary")
        expect(summary).to_be_visible()
        for text in texts:
            expect(summary).to_contain_text(text)

    def state(self, expected: str) -> None:
        """Expect the present step."""
        expect(self.page.locator("[aria-current=step] .name").first).to_contain_text(expected)
