"""Every kind of field through the API and the pages, on both databases; deleting with its consequences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from town import Town, clear_refusal
from zoo import open_zoo

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000200015e221bbc0000000049454e44ae426082"
)
VALUES: dict[str, Any] = {
    "story": "Two\nlines", "page": "<p>Likes <strong>fish</strong></p>", "legs": 4, "weight": 4.125, "share": 12.5,
    "price": 1234.5, "tame": True, "born": "2020-02-29", "fed_at": "08:30:00", "seen": "2026-03-01T13:30:00Z", "nap": "PT1H30M",
    "kind": "cat", "traits": ["shy"], "email": "cat@zoo.example", "phone": "+49 89 1234567", "site": "https://zoo.example/cat",
    "account": "DE02120300000000202051", "coat": "#ffaa00", "stars": 4, "place": {"latitude": 48.1, "longitude": 11.5},
    "home": {"street": "Am Zoo 1", "postal_code": "80331", "city": "München", "country": "DE"}, "notes": {"a": [1, "b"]},
    "chip": "s3cr3t", "meals": [{"dish": "Fish", "grams": 200}],
}  # fmt: skip


@pytest.fixture(scope="module")
def zoo(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_zoo(module_database_url, tmp_path_factory.mktemp("zoo")) as opened:
        yield opened


def made(zoo: Town, entity: str, **values: object) -> dict[str, Any]:
    answer = zoo.api("kim").post(f"/api/v1/{entity}", json=values)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_kind_comes_back_as_it_was_written(zoo: Town) -> None:
    cage, mother = made(zoo, "cage", label="North"), made(zoo, "animal", name="Mother")
    files = {
        "photo": [{"name": "cat.png", "content": zoo.base64(PNG)}],
        "papers": [{"name": "a.txt", "content": zoo.base64(b"hello")}],
    }
    links = {"cage": cage["id"], "friends": [mother["id"]], "mother": mother["id"], "keeper": zoo.users["kim"]}
    record = made(zoo, "animal", name="Mim", **VALUES, **files, **links)
    kim, place = zoo.api("kim"), f"/api/v1/animal/{record['id']}"
    read = kim.get(place).json()
    for name, value in VALUES.items():
        if name not in ("phone", "account", "meals", "page"):
            assert read[name] == value, name
    assert [(row["dish"], row["grams"]) for row in read["meals"]] == [("Fish", 200)]
    assert read["cage"] == {"entity": "cage", "id": cage["id"], "title": "North"}
    assert [friend["title"] for friend in read["friends"]] == ["Mother"]
    assert read["mother"]["title"] == "Mother"
    assert read["keeper"]["title"] == "Kim"
    assert read["heavy"] is False
    assert re.fullmatch(r"Z-\d{4}", read["number"])
    assert '"weight":4.125' in kim.get(place).text
    assert '"price":1234.50' in kim.get(place).text
    emptied = kim.patch(place, json=dict.fromkeys(VALUES) | {"photo": [], "meals": [], "version": read["version"]})
    assert emptied.status_code == 200, emptied.text
    assert all(not emptied.json()[name] for name in VALUES)
    page = zoo.browser("kim").get(f"/e/animal/{record['id']}")
    assert page.status_code == 200


def test_every_kind_goes_through_a_form_and_back(zoo: Town) -> None:
    record = made(zoo, "animal", name="Formy", **VALUES)
    kim, path = zoo.browser("kim"), f"/e/animal/{record['id']}"
    page = kim.get(f"{path}/edit").text
    form = fields_of(page)
    saved = kim.post(f"{path}/edit", data=form)
    assert saved.status_code == 303, re.findall(r'class="error"[^>]*>.*?</p>', saved.text, re.S)
    before, after = record, zoo.api("kim").get(f"/api/v1/animal/{record['id']}").json()
    same = [name for name in VALUES if name not in ("meals",)]
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    for page_path in (path, "/e/animal", "/e/animal/new", f"{path}/delete"):
        assert kim.get(page_path).status_code == 200
    assert zoo.browser("gus").get(path).status_code == 200


def fields_of(page: str) -> dict[str, Any]:
    """Return what a browser would send of the form on *page* if somebody just pressed the button."""
    import html as entities

    form: dict[str, Any] = {}
    body = page[page.index('<form class="form"') : page.index('name="_save" value="1">', page.index('id="fields"'))]
    for tag in re.findall(r"<input\b[^>]*>", body):
        attributes = {k: entities.unescape(v) for k, v in re.findall(r'([\w.-]+)="([^"]*)"', tag)}
        name, kind = attributes.get("name"), attributes.get("type", "text")
        if not name or kind == "file" or (kind in ("checkbox", "radio") and not re.search(r"\schecked\b", tag)):
            continue
        form.setdefault(name, []).append(attributes.get("value", ""))
    for name, content in re.findall(r'<textarea\b[^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', body, re.S):
        form[name] = [entities.unescape(content)]
    for name, options in re.findall(r'<select\b[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        form[name] = [chosen[1] if chosen else ""]
    return form


def test_what_stands_against_deleting_is_named_and_what_goes_with_it_too(zoo: Town) -> None:
    kim, api = zoo.browser("kim"), zoo.api("kim")
    cage = made(zoo, "cage", label="South")
    animal = made(zoo, "animal", name="Blocker", cage=cage["id"])
    key = made(zoo, "key", label="Brass", cage=cage["id"])
    asked = kim.get(f"/e/cage/{cage['id']}/delete").text
    assert "Blocker" in asked
    refused = kim.post(f"/e/cage/{cage['id']}/delete", data={"_csrf": kim.token(), "_version": "1"})
    assert refused.status_code == 409
    assert "Blocker" in refused.text
    clear_refusal(api.delete(f"/api/v1/cage/{cage['id']}", headers={"If-Match": "*"}), {409})
    assert api.delete(f"/api/v1/animal/{animal['id']}", headers={"If-Match": '"1"'}).status_code == 204
    assert re.search("1 .* will be deleted, too", kim.get(f"/e/cage/{cage['id']}/delete").text)
    late = api.delete(f"/api/v1/cage/{cage['id']}", headers={"If-Match": '"7"'})
    clear_refusal(late, {409})
    gone = kim.post(f"/e/cage/{cage['id']}/delete", data={"_csrf": kim.token(), "_version": "1"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/e/cage")
    clear_refusal(api.get(f"/api/v1/key/{key['id']}"), {404})
    clear_refusal(kim.get(f"/e/cage/{cage['id']}"), {404})
    clear_refusal(zoo.api("gus").delete(f"/api/v1/animal/{animal['id']}", headers={"If-Match": "*"}), {403, 404})


def test_many_links_are_found_and_picked_without_script(zoo: Town) -> None:
    friend = made(zoo, "animal", name="Friendly Fred")
    kim = zoo.browser("kim")
    sent = {"_csrf": kim.token(), "name": "Picky", "friends.shown": "1", "friends.text": "friendly"}
    found = kim.post("/e/animal/new", data={**sent, "_find": "friends"})
    assert friend["id"] in found.text
    saved = kim.post("/e/animal/new", data=sent)
    assert saved.status_code == 303
    assert "Friendly Fred" in kim.get(saved.headers["location"]).text


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", SCRIPT), ("story", f"{SCRIPT}\n\"'><svg onload=alert(1)>"), ("page", f"<p onclick='x'>a</p>{SCRIPT}<img src=x onerror=y>"),
     ("page", "<a href='javascript:alert(1)'>x</a><style>*{}</style><iframe src='//evil'></iframe>"),
     ("site", "https://a.example/\"><script>alert(1)</script>"), ("site", "javascript:alert(1)"), ("site", "data:text/html,<script>"),
     ("coat", "#fff\" onload=\"alert(1)"), ("email", "\"<script>\"@a.example"), ("phone", SCRIPT), ("account", SCRIPT),
     ("notes", {SCRIPT: [SCRIPT]}), ("chip", SCRIPT), ("home", {"street": SCRIPT, "city": "<img onerror=x>"}),
     ("place", {"latitude": SCRIPT, "longitude": 1}), ("meals", [{"dish": SCRIPT}]), ("kind", SCRIPT), ("traits", [SCRIPT]),
     ("stars", SCRIPT), ("born", SCRIPT), ("nap", SCRIPT), ("keeper", SCRIPT), ("cage", SCRIPT), ("friends", [SCRIPT]),
     ("papers", [{"name": f"{SCRIPT}.txt", "content": "aGVsbG8="}]), ("photo", [{"name": "x.svg", "content": "PHN2Zy8+"}])],
)  # fmt: skip
def test_script_through_any_kind_is_refused_or_shown_as_text(zoo: Town, name: str, value: object) -> None:
    answer = zoo.api("kim").post("/api/v1/animal", json={"name": "Hostile", name: value})
    if answer.status_code != 201:
        clear_refusal(answer, {400, 422})
        return
    kim, key = zoo.browser("kim"), answer.json()["id"]
    for path in (f"/e/animal/{key}", f"/e/animal/{key}/edit", "/e/animal?limit=200", f"/e/animal/{key}/delete"):
        harmless(kim.get(path).text)


def harmless(page: str) -> None:
    from html.parser import HTMLParser

    class Judge(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            values = {name: value or "" for name, value in attrs}
            assert tag not in ("style", "object", "embed", "iframe", "base"), tag
            assert tag != "script" or values["src"].startswith("/static/")
            for name, value in values.items():
                assert not name.startswith("on"), (tag, attrs)
                assert name not in ("style", "srcdoc"), (tag, attrs)
                if name in ("href", "src", "action", "formaction"):
                    assert not value.strip().lower().startswith(("javascript:", "data:text", "vbscript:")), value

    Judge().feed(page)


def test_a_stream_of_pages_and_the_life_of_the_server(zoo: Town, tmp_path: Path) -> None:
    """The server starts and stops what it was given, refuses web sockets, and says 503 for work that takes too long."""
    import asyncio
    from dataclasses import replace

    from fachwerk.engine.server.asgi import Server
    from fachwerk.engine.server.request import Request
    from fachwerk.engine.server.routes import Route
    from starlette.responses import Response
    from town import SETTINGS

    happened: list[str] = []

    async def note(word: str) -> None:
        happened.append(word)

    async def forever(_request: Request) -> Response:
        await asyncio.sleep(60)
        raise AssertionError

    class Slow:
        routes = (Route("/api/v1/slow", {"GET": forever}),)
        identify = staticmethod(lambda request: note("asked"))

    async def live() -> None:
        server = Server(Slow(), replace(SETTINGS, request_seconds=0.05), lambda: note("start"), lambda: note("stop"))  # type: ignore[arg-type]
        told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        said: list[Any] = []

        async def receive() -> Any:
            return next(told)

        async def send(message: Any) -> None:
            said.append(message)

        await server({"type": "lifespan"}, receive, send)
        assert [message["type"] for message in said] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        await server({"type": "websocket"}, receive, send)
        assert (said[-1]["type"], said[-1]["code"]) == ("websocket.close", 1003)
        scope = {"type": "http", "method": "GET", "path": "/api/v1/slow", "headers": [(b"host", b"localhost")]}
        await server(scope, receive, send)
        assert said[-2]["status"] == 503

    zoo.run(live())
    assert happened == ["start", "stop", "asked"]
