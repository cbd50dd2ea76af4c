"""An absence in a real browser, with and without script: entered, acted upon from the inbox, shown as such."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, chromium, fresh, open_browser
from live import Serving
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from town import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]
AXE = Axe()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with open_browser() as made:
        yield made


@pytest.fixture
def address(database_url: str) -> Iterator[str]:
    with Serving(database_url) as made:
        yield made


def signed_in(browser: Chromium, address: str, name: str, script: bool) -> Page:
    """Open a browser in which *name* is signed in."""
    context = fresh(browser, java_script_enabled=script, locale="en-GB", base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Email or user name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good to see you")
    return page


def barriers(page: Page) -> list[str]:
    """Return what axe finds on a page."""
    return [found["id"] for found in AXE.run(page)["violations"]]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_deputy_takes_the_step_of_the_absent(browser: Chromium, address: str, script: bool) -> None:
    carl, bert = (signed_in(browser, address, name, script) for name in ("carl", "bert"))
    today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
    carl.goto("/profile")
    carl.get_by_label("First day").fill(today.isoformat())
    carl.get_by_label("Last day").fill((today - dt.timedelta(days=1)).isoformat())
    carl.get_by_label("Deputy").fill("Bert")
    carl.get_by_role("button", name="Enter the absence").click()
    expect(carl.get_by_text("The end lies before the beginning.")).to_be_visible()
    expect(carl.get_by_label("Deputy")).to_have_value("Bert")
    carl.get_by_label("Last day").fill((today + dt.timedelta(days=1)).isoformat())
    carl.get_by_role("button", name="Enter the absence").click()
    expect(carl.get_by_text("Your absence was entered.")).to_be_visible()
    expect(carl.get_by_text("Deputy: Bert")).to_be_visible()

    bert.goto("/inbox")
    expect(bert.get_by_text("for Carl").first).to_be_visible()
    bert.locator("table.grid a").first.click()
    expect(bert.get_by_text("You act for Carl, who is absent.")).to_be_visible()
    case = re.sub(r"^https?://[^/]+|\?.*$", "", bert.url)
    if script:
        assert barriers(carl) == []
        assert barriers(bert) == []
    bert.locator(".head .actions").get_by_text("Start review", exact=True).click()
    expect(bert).to_have_url(re.compile(r"/inbox$"))

    carl.goto(case)
    expect(carl.locator(".timeline").get_by_text("Bert for Carl")).to_be_visible()
    carl.goto("/profile")
    carl.get_by_role("button", name="End it now").click()
    expect(carl.get_by_text("You are not absent.")).to_be_visible()
    assert bert.goto(f"{case}") is not None
    expect(bert.get_by_text("You act for Carl")).to_have_count(0)
