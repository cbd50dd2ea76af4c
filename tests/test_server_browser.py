"""A case from its first form to its end, by several people in a real browser: with script, and again without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import LEFT_OUT, chromium, fresh, open_browser
from live import Serving
from playwright.sync_api import Browser, Page, expect
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


class Person:
    """Somebody at a browser; what the browser complains about is collected."""

    def __init__(self, browser: Browser, address: str, name: str, script: bool) -> None:
        self.context = fresh(browser, java_script_enabled=script, locale="en-GB", base_url=address)
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
        # A refused form is an answer of 422, which the browser notes as a failed load: that is meant.
        if kind in ("error", "warning") and "status of 422" not in text:
            self.complaints.append(text)

    def press(self, name: str) -> None:
        """Press a button of the record, and send its form if it has one."""
        if ": " in name:  # an opinion
            self.page.locator(".next").get_by_role("button", name=name, exact=True).click()
        else:
            self.page.locator(".head .actions").get_by_text(name, exact=True).first.click()
        if "/do/" in self.page.url:
            self.page.locator("form.form .bar button").click()

    def state(self) -> str:
        """Return the present step."""
        return self.page.locator("[aria-current=step] .name").first.inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_case_from_the_first_form_to_its_end(
    browser: Browser, address: str, tmp_path: Path, script: bool
) -> None:  # fmt: skip
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
    people = {name: Person(browser, address, name, script) for name in ("anna", "carl", "ed", "fritz", "hanna")}
    anna = people["anna"].page

    anna.goto("/e/permit/new")
    anna.get_by_label("Demolition").check()
    if script:
        expect(anna.get_by_text("Asbestos report").first).to_be_visible()
        anna.get_by_label("New building").check()
        expect(anna.get_by_text("Asbestos report")).to_have_count(0)
    else:
        anna.get_by_label("New building").check()
    anna.locator("form.form .bar button").click()
    summary = anna.locator(".summary")
    expect(summary).to_be_visible()
    expect(summary).to_contain_text("Plot")
    expect(anna.get_by_label("New building")).to_be_checked()

    if script:
        anna.locator("#f-plot").click()
        anna.locator("#f-plot").press_sequentially("hofh", delay=20)
        anna.locator("#f-plot-list [data-id]").first.click()
        expect(anna.locator("#f-plot")).to_have_value("Hofheim 117/4")
    else:
        anna.locator("#f-plot").fill("hofh")
    anna.locator("#f-floor_area").fill("140.5")
    anna.locator("#f-storeys").fill("2")
    if script:
        expect(anna.locator("#f-fee")).to_contain_text("351.25")
    anna.locator("form.form .bar button").click()
    expect(anna.locator("h1")).to_contain_text("BA-")
    case = re.sub(r"^https?://[^/]+", "", anna.url)

    anna.locator(".head .actions").get_by_text("Submit", exact=True).click()
    anna.locator("#f-documents").set_input_files(plan)
    anna.locator("form.form .bar button").click()
    expect(anna.locator(".flash")).to_contain_text("is done")
    assert "Submitted" in people["anna"].state()

    def act(name: str, action: str) -> None:
        person = people[name]
        person.page.goto("/")
        person.page.locator(f'.inbox a[href="{case}"]').click()
        person.press(action)
        expect(person.page.locator(".flash")).to_contain_text("is done")

    act("carl", "Start review")
    assert "In review" in people["carl"].state()
    act("ed", "Structure: Approve")
    act("fritz", "Fire: Approve")
    act("carl", "Planning: Approve")
    assert "Decided" in people["carl"].state()
    act("hanna", "Grant")
    assert "Granted" in people["hanna"].state()
    for name, person in people.items():
        assert person.complaints == [], name
        person.context.close()
