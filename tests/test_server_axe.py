"""The pages of every example, with data in them, in a real browser: no barrier in light and dark, nothing sideways."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, Stage, chromium, open_browser
from demos import EXAMPLES, PASSWORD, Demo, open_demo
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.settings import Settings
from fachwerk.forms.assets import load_assets
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from town import Browser

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]
AXE = Axe()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """One browser for all tests of this module."""
    with open_browser() as made:
        yield made


def seen_by(demo: Demo, browser: Browser) -> Iterator[tuple[str, str]]:
    """Give name and text of the pages that one person sees: one of each sort for the entity with the most to do."""
    yield "home", browser.get("/").text
    inbox = browser.get("/inbox").text
    group = re.search(r'href="(/inbox\?group=[^"]+)"', inbox)
    if group:
        yield "inbox", browser.get(group[1]).text
    found: dict[str, str] = {}
    extra: dict[str, str] = {}
    for name, entity in demo.project.entities.items():
        listed = browser.get(f"/e/{name}")
        if entity.parent is not None or listed.status_code != 200:
            continue
        records = re.findall(rf'href="(/e/{name}/[0-9a-f-]{{36}})"', listed.text)
        if not records:
            continue
        better = {"list": listed.text}
        for path in records[:12]:
            record = browser.get(path).text
            better.setdefault("record", record)
            step = re.search(rf'href="({path}/do/[\w.]+)"', record)
            if step:
                better |= {"record": record, "action": browser.get(step[1]).text}
        for sort, path in (("new", f"/e/{name}/new"), ("edit", f"{records[0]}/edit")):
            answer = browser.get(path)
            better |= {sort: answer.text} if answer.status_code == 200 else {}
        if len(better) > len(found):
            found = better
            times = browser.get(f"/e/{name}/times?period=year")
            extra = {"times": times.text} if times.status_code == 200 else {}
    yield from {**found, **extra}.items()


def visited(folder: Path, url: str) -> tuple[Demo, dict[str, str]]:
    """Return an example with demo data and its pages as the person sees them who sees most."""
    with asyncio.Runner() as runner:
        demo = runner.run(open_demo(folder, url, 60))
        server = build_server(demo.running, Settings(sign_in_failures_address=100_000))
        pages = {"sign-in": Browser(runner.run, server).get("/sign-in").text}
        for user in demo.users:
            visitor = Browser(runner.run, server, {"accept-language": "de"}).sign_in(user.name, PASSWORD)
            seen = dict(seen_by(demo, visitor))
            more = len(seen.keys() - {"times"}) + 1 > len(pages.keys() - {"times"})
            pages = {**seen, **pages} if more else pages
        runner.run(demo.running.database.close())
        return demo, pages


def look(page: Page, theme: str) -> list[str]:
    """Return what axe finds; in the dark only colours can be different."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if theme == "dark":
        options["runOnly"] = ["color-contrast", "link-in-text-block"]
    found: dict[str, Any] = AXE.run(page, options=options)
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_no_page_has_a_barrier(folder: Path, sqlite_url: str, browser: Chromium) -> None:
    # The browser has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        demo, pages = elsewhere.submit(visited, folder, sqlite_url).result()
    assert {"home", "list", "record", "new", "edit", "sign-in"} <= set(pages)
    icons = {entity.icon for entity in demo.project.entities.values() if entity.icon}
    stage = Stage(pages, assets=load_assets(demo.project.hue, icons))
    assert stage.assets.path in pages["list"], "other assets than those of the pages"
    page, found = stage.page(browser), []
    for name in pages:
        stage.show(page, name)
        for width in (1360, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{name}, {width}, {theme}: {one}" for theme in ("light", "dark") for one in look(page, theme)]
        page.set_viewport_size({"width": 320, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found.append(f"{name} scrolls sideways")
    page.context.close()
    assert found == []
    assert stage.complaints == []
