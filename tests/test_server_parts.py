"""Parts of several, sub-cases and two workflows of one record on pages and over the API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx2
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from office import Office, office
from several import APP
from town import PASSWORD, SETTINGS

MORE = """
---
entity: visit
title: name
fields: {name: text!, permit: {type: link, to: permit}}
access: {clerk: {create: true, read: true, update: true}, reader: {read: 'name != "Secret"'}}
---
workflow: visiting
of: visit
states: {planned: {initial: true, label: Still planned}, held: {final: true, label: Was held}}
transitions: {hold: {from: planned, to: held, by: clerk}}
"""
TEXT = (APP + MORE).replace("  said: {type", "  visits: {type: back_links, of: visit.permit}\n  said: {type").replace(
    "  board: {parallel", "  board: {waits_for: visits, parallel"
)  # fmt: skip
Client = httpx2.AsyncClient
Work = Callable[[Office, dict[str, Client], Client], Awaitable[None]]


def run(url: str, work: Work) -> None:
    async def inner() -> None:
        async with office(url, TEXT) as made:
            server = build_server(made.running, SETTINGS)

            def client(**headers: str) -> Client:
                transport = httpx2.ASGITransport(app=server, client=("192.0.2.1", 1))
                return Client(transport=transport, base_url="http://localhost", headers=headers)

            hashed = await Passwords(SETTINGS).hash(PASSWORD)
            ann = await made.accounts.create("Ann", "ann", roles=("member", "clerk"), password=hashed, language="en")
            apis = {}
            for name, user in {"ann": ann, **{n: p.id for n, p in made.people.items()}}.items():
                apis[name] = client(authorization=f"Bearer {await made.accounts.make_token(user, 'test')}")
            page = client(**{"accept-language": "en"})
            form = await page.get("/sign-in")
            token = re.findall(r'name="_csrf" value="([^"]*)"', form.text)[0]
            done = await page.post("/sign-in", data={"_csrf": token, "name": "ann", "password": PASSWORD})
            assert done.status_code == 303, done.text
            await work(made, apis, page)

    asyncio.run(inner())


async def made_permit(apis: dict[str, Client], *offices: str) -> tuple[str, dict[str, str]]:
    """Make offices and a permit that asks them."""
    ids = {}
    for name in offices:
        ids[name] = (await apis["clerk"].post("/api/v1/office", json={"name": name})).json()["id"]
    permit = await apis["clerk"].post("/api/v1/permit", json={"name": "House", "offices": list(ids.values())})
    path = f"/api/v1/permit/{permit.json()['id']}"
    begun = await apis["clerk"].post(f"{path}/actions/begin", json={})
    assert begun.status_code == 200, begun.text
    return path, ids


def test_the_api_names_the_record_of_every_opinion(database_url: str) -> None:
    async def work(made: Office, apis: dict[str, Client], page: Client) -> None:
        path, ids = await made_permit(apis, "Fire", "Law")
        chair = apis["chair"]
        items = (await chair.get(f"{path}/actions")).json()["items"]
        each = {item["name"]: item["each"] for item in items if item["possible"]}
        fire = {"entity": "office", "id": ids["Fire"], "title": "Fire"}
        assert each[f"offices.approve:{ids['Fire']}"] == fire
        assert set(each) == {f"offices.{outcome}:{key}" for outcome in ("approve", "object") for key in ids.values()}
        unclear = await chair.post(f"{path}/actions/offices.approve", json={})
        assert (unclear.status_code, unclear.json()["error"]["code"]) == (409, "which_one")
        assert "offices.approve:Fire" in unclear.json()["error"]["message"]
        done = await chair.post(f"{path}/actions/offices.approve:{ids['Fire']}", json={"comment": "Fine by us"})
        assert (done.status_code, done.json()["state"]) == (200, "open")
        last = (await chair.get(f"{path}/history")).json()["items"][-1]
        assert (last["kind"], last["action"], last["each"], last["comment"]) == ("opinion", "offices.approve", fire, "Fine by us")
        done = await chair.post(f"{path}/actions/offices.approve", json={})
        assert done.json()["state"] == "board"

    run(database_url, work)


def test_the_page_has_a_row_for_each_and_the_buttons_work(database_url: str) -> None:
    async def work(made: Office, apis: dict[str, Client], page: Client) -> None:
        path, ids = await made_permit(apis, "Fire", "Law")
        place = path.replace("/api/v1", "/e")
        await apis["chair"].post(f"{path}/actions/offices.object:{ids['Law']}", json={"comment": "Too high"})
        shown = (await page.get(place)).text
        assert "Offices – Fire" in shown
        assert "still open" in shown
        assert "Too high" in shown
        assert "Object (Law)" in shown  # the time line
        await apis["chair"].post(f"{path}/actions/offices.approve", json={})
        for name in ("North", "Secret"):
            await apis["clerk"].post("/api/v1/visit", json={"name": name, "permit": path.rpartition("/")[2]})
        shown = (await page.get(place)).text
        assert "2 more needed" in shown
        assert ("Still planned" in shown, ">North</a>" in shown) == (True, True)
        cards = re.findall(r'<h2 id="(?:parts|cases)">([^<]+)</h2>', shown)
        assert cards == ["Opinions", "Waits for these"]
        told = shown.partition('class="timeline"')[2]
        assert told.index("Onwards") < told.index("Approve (Fire)"), "of one moment what came last stands first"
        form = (await page.get(f"{place}/do/votes.approve")).text
        token = re.findall(r'name="_csrf" value="([^"]*)"', form)[0]
        done = await page.post(f"{place}/do/votes.approve", data={"_csrf": token, "_comment": "Yes"})
        assert done.status_code == 303, done.text
        shown = (await page.get(place)).text
        assert "1 more needed" in shown
        again = await page.post(f"{place}/do/votes.approve", data={"_csrf": token})
        assert again.status_code == 403
        assert "different people" in again.text
        flows = await page.get(f"{place}/workflow")
        assert (flows.status_code, flows.text.count("<svg")) == (200, flows.text.count("<svg"))
        assert "Paying" in flows.text
        assert "Review" in flows.text
        inbox = (await page.get("/inbox")).text
        assert "Ask" in inbox  # a step of the other workflow of the same record

    run(database_url, work)


def test_what_one_may_not_read_is_not_shown(database_url: str) -> None:
    async def work(made: Office, apis: dict[str, Client], page: Client) -> None:
        path, _ = await made_permit(apis, "Fire")
        items = (await apis["reader"].get(f"{path}/actions")).json()["items"]
        titles = {item["each"]["title"] for item in items if item["each"]}
        assert titles == {""}  # the reader may not read offices
        assert all("Fire" not in item["label"] for item in items)

    run(database_url, work)
