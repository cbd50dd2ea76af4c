"""What people do with cases, with and without script, by keyboard: an opinion, several at once, a pause, a deputy."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, chromium, fresh, open_browser
from live import Serving
from playwright.sync_api import Browser, Page, expect
from town import PASSWORD, Town

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]
AXE = Axe()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as made:
        yield made


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def in_review(town: Town) -> None:
    """Three applications whose review has begun."""
    for _ in range(3):
        document = {"name": "plan.pdf", "content": town.base64(b"%PDF-1.4 plan")}
        made = town.api("anna").post("/api/v1/permit", json=town.good_permit() | {"documents": [document]})
        path = f"/api/v1/permit/{made.json()['id']}/actions"
        assert town.api("anna").post(f"{path}/submit", json={}).status_code == 200
        assert town.api("carl").post(f"{path}/start_review", json={}).status_code == 200


def visit(browser: Browser, address: str, name: str, *, script: bool) -> Page:
    """Return a page on which somebody has signed in, at the size of a phone."""
    context = fresh(
        browser, java_script_enabled=script, base_url=address, locale="en", reduced_motion="reduce",
        viewport={"width": 390, "height": 844},
    )  # fmt: skip
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button.primary").click()
    page.wait_for_url(re.compile(r"/$"))
    return page


def barriers(page: Page) -> list[str]:
    """Return what axe finds on a page, and whether something stands out sideways."""
    found = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in AXE.run(page)["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


def sideways(page: Page, path: str) -> list[str]:
    """Return where a page stands out sideways: at 320 px, and with letters of twice the size."""
    found = []
    for width, size in ((320, "100%"), (1280, "200%")):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path} at {width} px, {size}: {wide} px too wide"] if wide > 0 else []
    return found


def test_small_screens_and_large_letters(database_url: str, browser: Browser) -> None:
    with Serving(database_url, in_review) as address:
        carl = visit(browser, address, "carl", script=True)
        case = carl.locator(".tasks a").first.get_attribute("href")
        group = "/inbox?group=permit.planning"
        for path in ("/", "/inbox", group, str(case), f"{case}/workflow", f"{case}/do/planning.object", "/e/permit/times", "/profile"):
            assert sideways(carl, path) == []


def press(page: Page, name: str) -> None:
    """Go to a button by keyboard alone, which must show where one is, and press it."""
    button = page.get_by_role("button", name=name, exact=True)
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement") if button.count() else False:
            break
    expect(button).to_be_focused()
    assert button.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")


def test_an_opinion_with_a_comment_by_keyboard(database_url: str, browser: Browser, script: bool) -> None:
    with Serving(database_url, in_review) as address:
        fritz = visit(browser, address, "fritz", script=script)
        fritz.locator(".tasks a").first.click()
        expect(fritz.get_by_role("heading", name="Your opinion is asked for")).to_be_visible()
        if script:
            assert barriers(fritz) == []
        fritz.get_by_label("Comment").fill("The exits are there.")
        press(fritz, "Fire: Approve")
        expect(fritz.locator(".flash")).to_contain_text("is done")
        expect(fritz.locator(".next")).to_contain_text("There is nothing for you to do here at the moment. It waits for:")
        expect(fritz.locator(".timeline blockquote").first).to_have_text("The exits are there.")
        if script:
            assert barriers(fritz) == []


def test_several_at_once(database_url: str, browser: Browser, script: bool) -> None:
    with Serving(database_url, in_review) as address:
        ed = visit(browser, address, "ed", script=script)
        ed.goto("/inbox")
        ed.get_by_role("link", name=re.compile("Structure")).first.click()
        boxes = ed.locator("tbody [type=checkbox]")
        expect(boxes).to_have_count(3)
        boxes.nth(0).check()
        boxes.nth(2).check()
        ed.get_by_label("Comment for all of them").fill("Beams hold.")
        if script:
            assert barriers(ed) == []
        ed.get_by_role("button", name="Approve", exact=True).click()
        results = ed.locator("#results")
        expect(results).to_contain_text("2 done")
        expect(results.get_by_role("link")).to_have_count(2)
        expect(ed.get_by_role("heading", level=1)).to_contain_text("1")
        if script:
            expect(results).to_be_focused()
            assert barriers(ed) == []
        results.get_by_role("link").first.click()
        expect(ed.locator(".timeline blockquote").first).to_have_text("Beams hold.")


def test_a_deputy_is_named(database_url: str, browser: Browser, script: bool) -> None:
    with Serving(database_url, in_review) as address:
        carl = visit(browser, address, "carl", script=script)
        today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
        carl.goto("/profile")
        carl.get_by_label("First day").fill(today.isoformat())
        carl.get_by_label("Last day").fill((today + dt.timedelta(days=1)).isoformat())
        carl.get_by_label("Deputy").fill("nobody at all")
        carl.get_by_role("button", name="Enter the absence").click()
        expect(carl.locator("[aria-invalid=true]")).to_have_count(1)
        carl.get_by_label("Deputy").fill("Bert")
        if script:
            assert barriers(carl) == []
        carl.get_by_role("button", name="Enter the absence").click()
        expect(carl.get_by_text("Your absence was entered.")).to_be_visible()
        bert = visit(browser, address, "bert", script=script)
        expect(bert.get_by_text("for Carl").first).to_be_visible()
        bert.goto("/inbox")
        bert.get_by_role("link", name=re.compile("Planning")).first.click()
        bert.locator("tbody [type=checkbox]").first.check()
        bert.get_by_role("button", name="Approve", exact=True).click()
        expect(bert.locator("#results")).to_contain_text("1 done")
        expect(bert.locator("#results li")).to_contain_text(re.compile(r"BA-\d{4}-\d{4} Berg Planning: Approve"))
        carl.goto("/e/permit?sort=-changed")
        carl.locator("tbody a").first.click()
        expect(carl.locator(".timeline")).to_contain_text("Bert for Carl")
