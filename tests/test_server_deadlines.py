"""Deadlines on pages and over the API: paused, extended with a reason and by how much, shown as they stand."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator

import httpx2
import pytest
import uvicorn
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, chromium, fresh, open_browser
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.wire import Protocol
from office import Office, office, utc_now
from playwright.sync_api import expect
from resting import APP, HOURS
from town import PASSWORD, SETTINGS, Browser


class Site:
    """A running office of permits with browsers for its people."""

    def __init__(self, runner: asyncio.Runner, made: Office) -> None:
        self.run, self.made = runner.run, made
        self.server = build_server(made.running, SETTINGS)

    def browser(self, name: str) -> Browser:
        """Return a browser in which *name* is signed in."""
        return Browser(self.run, self.server, {"accept-language": "en"}).sign_in(name, PASSWORD)

    def permit(self) -> str:
        """Make a permit."""
        return self.run(self.made.make("permit", name="Hall")).id  # type: ignore[no-any-return]


def site_of(url: str, text: str, clock: Callable[[], dt.datetime] = utc_now) -> Iterator[Site]:
    """Open an office of permits with a clerk and a head."""
    with asyncio.Runner() as runner:
        context = office(url, text, clock)
        made = runner.run(context.__aenter__())
        hashed = runner.run(Passwords(SETTINGS).hash(PASSWORD))
        for role in ("clerk", "head"):
            runner.run(made.accounts.set_password(made.people[role].id, hashed))
        yield Site(runner, made)
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    yield from site_of(database_url, APP)


@pytest.fixture
def by_hours(database_url: str) -> Iterator[Site]:
    yield from site_of(database_url, HOURS)


@pytest.fixture
def hidden(database_url: str) -> Iterator[Site]:
    yield from site_of(database_url, APP.replace("head: {read: true}}", "head: {read: true, hide: [due, paused]}}"))


def card(page: str) -> str:
    """Return the words of the card with the time limits."""
    found = re.search(r'aria-labelledby="limits">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def shown_date(page: str) -> str:
    """Return the day on which a record was made, as its page shows it."""
    created = re.search(r"<dt>Created</dt><dd>([^<]+)</dd>", page)
    assert created is not None
    return created[1]


class Beside:
    """A site with one permit behind a real HTTP server, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url, self._ready = url, threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._work)
        self._said = ("", "")

    def _work(self) -> None:
        for site in site_of(self._url, APP):
            key = site.permit()
            site.run(self._serve(site, key))

    async def _serve(self, site: Site, key: str) -> None:
        config = uvicorn.Config(site.server, port=0, http=Protocol, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
            await asyncio.sleep(0.02)
        self._said = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}", key
        self._ready.set()
        await serving

    def __enter__(self) -> tuple[str, str]:
        self._thread.start()
        assert self._ready.wait(60)
        return self._said

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server does not stop"


def test_people_pause_and_extend_on_the_page(site: Site) -> None:
    clerk, head, key = site.browser("clerk"), site.browser("head"), site.permit()
    page = f"/e/permit/{key}"
    assert f"{page}/do/decide.pause" in clerk.get(page).text
    small = clerk.get(f"{page}/do/decide.pause").text
    assert "Decision: pause" in small
    refused = clerk.post(f"{page}/do/decide.pause", data={"_csrf": clerk.token(page), "_comment": ""})
    assert (refused.status_code, "Please say why" in refused.text) == (422, True)
    done = clerk.post(f"{page}/do/decide.pause", data={"_csrf": clerk.token(page), "_comment": "Court"})
    assert done.status_code == 303
    shown = clerk.get(page).text
    since = shown_date(shown)
    assert f"Decision paused 10 days from {since} Paused since {since}, until somebody lets it go on Go on" in card(shown)
    assert "Decision: paused" in shown
    assert '<span class="badge">paused</span>' in clerk.get("/e/permit").text
    clerk.post(f"{page}/do/decide.resume", data={"_csrf": clerk.token(page), "_comment": "On"})
    asked = head.get(f"{page}/do/decide.extend").text
    assert "Altogether at most 2 weeks." in asked
    assert '<option value="weeks" selected>weeks</option>' in asked
    for count, unit, why in (("", "weeks", "Say by how much"), ("3", "weeks", "at most"), ("x", "years", "Say by how much")):
        form = {"_csrf": head.token(page), "_comment": "hard", "_period.count": count, "_period.unit": unit}
        refused = head.post(f"{page}/do/decide.extend", data=form)
        assert (refused.status_code, why in refused.text) == (422, True)
        assert 'id="f-_period-error"' in refused.text
    form = {"_csrf": head.token(page), "_comment": "hard", "_period.count": "2", "_period.unit": "weeks"}
    assert head.post(f"{page}/do/decide.extend", data=form).status_code == 303
    assert "Decision: extended (+ 2 weeks)" in head.get(page).text
    assert "Extended by 2 weeks Was paused for 1 day" in card(head.get(page).text)
    head.cookies.set("fw_language", "de")
    german = card(head.get(page).text)
    assert re.search(r"Fristen Entscheidung \d\d\.\d\d\.\d{4} 10 Tage ab \d\d\.\d\d\.\d{4}", german)
    assert "Verlängert um 2 Wochen Ruhte 1 Tag Verlängern" in german
    assert clerk.post(f"{page}/do/decide.extend", data=form | {"_csrf": clerk.token(page)}).status_code == 403


def test_a_record_is_made_on_the_day_that_it_is_in_the_zone_of_the_app(database_url: str) -> None:
    """In Berlin the year begins an hour before that of UTC."""
    for site in site_of(database_url, APP, lambda: dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)):
        page = site.browser("clerk").get(f"/e/permit/{site.permit()}").text
        assert shown_date(page) == "1 Jan 2027"
        assert "from 1 Jan 2027" in card(page)


def test_the_api_extends_by_a_span(site: Site) -> None:
    key, head = site.permit(), site.browser("head")
    path, origin = f"/api/v1/permit/{key}", {"origin": "http://localhost", "host": "localhost"}
    actions = {one["name"]: one for one in head.get(f"{path}/actions").json()["items"]}
    assert (actions["decide.extend"]["most"], actions["decide.pause"]["possible"]) == ("2 weeks", False)

    def extend(body: object) -> httpx2.Response:
        return head.post(f"{path}/actions/decide.extend", json=body, headers=origin)

    assert extend({"comment": "c"}).json()["error"]["code"] == "bad_period"
    assert extend({"comment": "c", "by": "long"}).status_code == 422
    assert extend({"comment": "c", "by": 3}).status_code == 422
    done = extend({"comment": "c", "by": "3 days"})
    assert done.status_code == 200, done.text
    event = head.get(f"{path}/history").json()["items"][-1]
    assert (event["kind"], event["action"], event["by"], event["comment"]) == ("deadline", "decide.extend", "3 days", "c")
    assert set(event["changes"]) == {"due"}


def test_an_end_at_a_moment_is_shown_with_its_time(by_hours: Site) -> None:
    key, clerk = by_hours.permit(), by_hours.browser("clerk")
    due = clerk.get(f"/api/v1/permit/{key}").json()["due"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", due)
    for path in (f"/e/permit/{key}", "/e/permit", "/inbox", "/"):
        assert re.search(r"\d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d", clerk.get(path).text), path


def test_a_state_in_which_it_rests_and_what_is_missed_is_said(site: Site) -> None:
    clerk, key = site.browser("clerk"), site.permit()
    page = f"/e/permit/{key}"
    clerk.post(f"{page}/do/ask", data={"_csrf": clerk.token(page)})
    resting = card(clerk.get(page).text)
    assert re.search(r"Paused since .*, as long as it is in “Waiting”", resting)
    assert "Go on" not in resting  # that is not for people to say
    assert "paused" in clerk.get("/inbox").text


def test_who_may_not_see_the_end_is_told_nothing_of_it(hidden: Site) -> None:
    clerk, head, key = hidden.browser("clerk"), hidden.browser("head"), hidden.permit()
    assert "Decision" in card(clerk.get(f"/e/permit/{key}").text)
    assert card(head.get(f"/e/permit/{key}").text) == ""


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_pause_and_an_extension_in_a_browser(database_url: str, script: bool) -> None:
    with Beside(database_url) as (address, key), open_browser() as browser:
        pages = {}
        for name in ("clerk", "head"):
            context = fresh(browser, java_script_enabled=script, base_url=address, locale="en", reduced_motion="reduce")
            pages[name] = context.new_page()
            pages[name].goto("/sign-in")
            pages[name].locator("input[name=name]").fill(name)
            pages[name].locator("input[name=password]").fill(PASSWORD)
            pages[name].locator("button.primary").click()
            pages[name].wait_for_url(re.compile(r"/$"))
            pages[name].goto(f"/e/permit/{key}")
        clerk, head = pages["clerk"], pages["head"]
        clerk.get_by_role("link", name="Decision: Pause").click()
        clerk.get_by_label("Comment").fill("The court decides first")
        clerk.get_by_role("button", name="Decision: pause").click()
        expect(clerk.locator(".limits")).to_contain_text("until somebody lets it go on")
        clerk.get_by_role("link", name="Decision: Go on").click()
        clerk.get_by_label("Comment").fill("It has decided")
        clerk.get_by_role("button", name="Decision: go on").click()
        expect(clerk.locator(".limits")).not_to_contain_text("until somebody")
        head.get_by_role("link", name="Decision: Extend").click()
        head.get_by_label("By how much").fill("9")
        head.get_by_label("Comment").fill("Difficult")
        head.get_by_role("button", name="Decision: extend").click()
        expect(head.locator(".summary")).to_be_focused()
        expect(head.get_by_label("By how much")).to_have_value("9")
        expect(head.get_by_label("By how much")).to_have_attribute("aria-invalid", "true")
        if script:
            assert Axe().run(head)["violations"] == []
        head.get_by_label("By how much").fill("2")
        head.get_by_role("button", name="Decision: extend").click()
        expect(head.locator(".limits")).to_contain_text("Extended by 2 weeks")
        if script:
            assert Axe().run(head)["violations"] == []
