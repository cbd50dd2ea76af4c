"""Lists are filtered by a link without script: its text is looked for, and what is found can be chosen."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from demos import EXAMPLES, PASSWORD, Demo, open_demo
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.settings import Settings
from town import Browser

HEALTHCARE = next(path for path in EXAMPLES if path.name == "healthcare")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, list[Browser]]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('filters') / 'demo.db'}"
    with asyncio.Runner() as runner:
        demo = runner.run(open_demo(Path(HEALTHCARE), url, 120))
        server = build_server(demo.running, Settings(sign_in_failures_address=1000))
        yield demo, [Browser(runner.run, server).sign_in(user.name, PASSWORD) for user in demo.users]
        runner.run(demo.running.database.close())


def filters(page: str) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the filter form by field."""
    found = {}
    for name, options in re.findall(r'<select name="(\w+)" aria-label[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = [(key, html.unescape(title)) for key, title in re.findall(r'value="([^"]+)"[^>]*>([^<]*)<', options)]
    return found


def test_a_link_is_looked_for_by_its_text_and_chosen(visitor: tuple[Demo, list[Browser]]) -> None:
    demo, browsers = visitor
    seen = 0
    for name, entity in demo.project.entities.items():
        links = [f for f in (entity.list.filters if entity.list else ()) if entity.fields[f].kind == "link"]
        for browser, link in ((browser, link) for browser in browsers for link in links):
            page = browser.get(f"/api/v1/{name}?limit=3")
            records = [one for one in page.json()["items"] if one.get(link)] if page.status_code == 200 else []
            if not records or not records[0][link]["title"] or f"_find.{link}" not in browser.get(f"/e/{name}").text:
                continue
            wanted = records[0][link]
            word = re.findall(r"\w{3,}", wanted["title"])[0]
            searched = browser.get(f"/e/{name}?_find.{link}={Browser.quote(word)}")
            assert searched.status_code == 200
            if link not in filters(searched.text):
                continue  # the title is made of fields that cannot be searched
            chosen = browser.get(f"/e/{name}?{link}={wanted['id']}")
            assert (wanted["id"], wanted["title"]) in filters(chosen.text)[link]
            assert wanted["title"] in html.unescape(chosen.text)
            seen += 1
    assert seen >= 2


def test_what_cannot_be_found_is_said_and_nothing_else_is_lost(visitor: tuple[Demo, list[Browser]]) -> None:
    demo, browsers = visitor
    entities = [name for name, entity in demo.project.entities.items() if entity.list and "patient" in entity.list.filters]
    pages = [browser.get(f"/e/{name}?_find.patient=qqqqqq") for browser in browsers for name in entities]
    said = [page.text for page in pages if page.status_code == 200]
    assert said
    assert any("Nothing found" in text or "Nichts gefunden" in text for text in said)
    odd = [browser.get(f"/e/{name}?_find.nothing=x&_find.=y") for browser in browsers for name in entities]
    assert {page.status_code for page in odd} <= {200, 403}
