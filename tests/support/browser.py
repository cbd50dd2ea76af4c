"""A headless Chromium for tests, and a stage that shows rendered pages to it under the strict content policy.

Nothing leaves the machine: every request of the browser is answered from memory, anything unknown with 404.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fachwerk.forms.assets import Assets, load_assets
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect, sync_playwright

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOST = "http://pages.test"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LEFT_OUT = "no Chromium was found"
PATIENCE = 60_000
"""Milliseconds until what is expected of a page counts as missing: how busy the machine is decides no test."""
expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    for name in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"):
        if Path(name).exists():
            return name
    return shutil.which("chromium")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Give a browser for the time of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS), timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


def fresh(browser: Browser, **options: Any) -> BrowserContext:
    """Return a context of its own that is as patient as :data:`PATIENCE`."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


@dataclass
class Stage:
    """Answers a page's requests: assets, pages by path, and posts by a function of path and body."""

    pages: Mapping[str, str]
    assets: Assets = field(default_factory=lambda: load_assets(icons=("building-community", "gavel")))
    answer: Callable[[str, str], str | int] | None = None
    """What a post is answered with: a page, or only a status."""
    posts: list[tuple[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def page(self, browser: Browser, *, script: bool = True, **context: Any) -> Page:
        """Return a page of a fresh context whose requests this stage answers."""
        context = {"reduced_motion": "reduce", **context}
        made = fresh(browser, java_script_enabled=script, **context).new_page()
        made.route("**/*", self._handle)
        made.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        made.on("pageerror", lambda error: self.complaints.append(str(error)))
        return made

    def show(self, page: Page, name: str) -> None:
        """Open the page called *name*."""
        page.goto(f"{HOST}/{name}")
        page.wait_for_load_state("load")

    def _handle(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(HOST).partition("?")[0]
        if path.startswith(self.assets.path):
            asset = self.assets.files.get(path.rsplit("/", 1)[-1])
            if asset is not None:
                route.fulfill(body=asset.content, content_type=asset.type)
                return
        if request.method == "POST":
            self.posts.append((path, request.post_data or ""))
            if self.answer is not None:
                said = self.answer(path, request.post_data or "")
                status, body = (said, "") if isinstance(said, int) else (200, said)
                route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")
                return
        page = self.pages.get(path.strip("/"))
        if page is None:
            route.fulfill(status=404, body="<!doctype html><title>nothing</title>", content_type="text/html")
            return
        headers = {"content-security-policy": POLICY, "content-type": "text/html; charset=utf-8"}
        route.fulfill(body=page, headers=headers)
