"""Two people edit one record in real browsers, with script and without: the second is told, and loses nothing typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import LEFT_OUT, chromium, fresh, open_browser
from live import Serving
from playwright.sync_api import Browser, Page
from town import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]


@pytest.fixture(scope="module")
def address(module_sqlite_url: str) -> Iterator[str]:
    with Serving(module_sqlite_url) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as made:
        yield made


def editing(browser: Browser, address: str, name: str, script: bool) -> Page:
    """Return the form of the first plot as somebody has it open."""
    page = fresh(browser, java_script_enabled=script, locale="en-GB", base_url=address).new_page()
    page.goto("/sign-in")
    page.fill('[name="name"]', name)
    page.fill('[name="password"]', PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(address + "/")
    page.goto("/e/plot")
    page.goto((page.locator("td.first a").first.get_attribute("href") or "") + "/edit")
    return page


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_the_second_is_told_and_loses_nothing(address: str, browser: Browser, script: bool) -> None:
    first, second = (editing(browser, address, name, script) for name in ("carl", "hanna"))
    storeys, district = ("11", "Westheim") if script else ("13", "Ostheim")
    first.fill('[name="max_storeys"]', storeys)
    first.get_by_role("button", name="Save").last.click()
    first.wait_for_url(lambda url: not url.endswith("/edit"))
    second.fill('[name="max_storeys"]', "7")
    second.fill('[name="district"]', district)
    second.get_by_role("button", name="Save").last.click()
    second.wait_for_selector(f"text={storeys}")
    assert second.input_value('[name="district"]') == district
    told = second.inner_text("main")
    assert storeys in told, "what the other one wrote"
    assert "7" in told or second.input_value('[name="max_storeys"]') == "7"
    first.goto(first.url)
    assert district not in first.inner_text("main"), "nothing was overwritten"
    for page in (first, second):
        page.context.close()
