"""Every page in a real browser: accessible in both schemes on phone and desk, nothing sideways, comfort by script.

The pages come from memory under the strict content policy; a policy violation or an error of a script fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_core_python.sync_playwright import Axe
from browser import HOST, LEFT_OUT, Stage, chromium, open_browser
from fachwerk.forms import model as views
from forms_samples import everything, form_view, key, pages, shell
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]

GALLERY = everything("de")
PAGES = pages()
AXE = Axe()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this module."""
    with open_browser() as made:
        yield made


@pytest.fixture
def stage() -> Stage:
    """The gallery; posts are answered as the server would."""
    return Stage(GALLERY, answer=answer)


def answer(path: str, body: str) -> str:
    """Answer a live form, a search and whatever else is posted."""
    if path.endswith("/live"):
        texts = {name: tuple(values) for name, values in parse_qs(body, keep_blank_values=True).items()}
        states = {"begin": views.FieldState(visible=texts.get("kind") != ("demolition",))}
        return PAGES.render_live(form_view(texts=texts, states=states))
    if path.endswith("/find"):
        found = [views.Candidate(key(7), "Bergmann, Tom"), views.Candidate(key(8), "Bergfeld, Ina", "Hofheim")]
        return PAGES.render_candidates(shell(), parse_qs(body)["_find"][0], found)
    return "<!doctype html><title>ok</title>"


def problems(page: Page, theme: str = "light") -> list[str]:
    """Return what axe finds wrong on a page as it stands; in the dark only colours can be different."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if theme == "dark":
        options["runOnly"] = ["color-contrast", "link-in-text-block"]
    result: dict[str, Any] = AXE.run(page, options=options)
    return [f"{found['id']}: {node['html'][:200]}" for found in result["violations"] for node in found["nodes"]]


@pytest.mark.parametrize("name", GALLERY)
def test_no_page_has_a_barrier_or_scrolls_sideways(name: str, browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, name)
    for width in (1360, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            assert problems(page, theme) == [], f"{theme}, {width} px"
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(SMALL_TARGETS)
    page.context.close()
    assert small == []
    assert stage.complaints == []


SMALL_TARGETS = """
() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')].filter(e => {
  const box = e.getBoundingClientRect();
  const clear = e.matches('[type=checkbox], [type=radio]') ? (e.closest('label, .tick, td') ?? e).getBoundingClientRect() : box;
  const inText = e.matches('dd a, p a, li a, .sr, .skip');
  return box.width > 0 && e.checkVisibility() && !inText && (clear.height < 24 || clear.width < 24);
}).map(e => e.outerHTML.slice(0, 120) + ' ' + JSON.stringify(e.getBoundingClientRect()))
"""


@pytest.mark.parametrize("name", ["list", "record", "home"])
def test_open_menus_have_no_barrier(name: str, browser: Browser, stage: Stage) -> None:
    page = stage.page(browser, viewport={"width": 1360, "height": 900})
    stage.show(page, name)
    page.evaluate("document.querySelectorAll('details').forEach(menu => { menu.open = true })")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        assert problems(page, theme) == []
    page.context.close()


def test_with_forced_colours_and_large_text_pages_stay_whole(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser, forced_colors="active", viewport={"width": 640, "height": 800})
    for name in ("list", "form_wrong", "record"):
        stage.show(page, name)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
    page.context.close()


def test_without_script_everything_is_reachable(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser, script=False, viewport={"width": 1360, "height": 900})
    stage.show(page, "form")
    assert page.locator("button[name=_find][value=plot]").is_visible()
    page.get_by_role("button", name="Zeile hinzufügen").click()
    path, body = stage.posts[-1]
    assert path == "/e/permit/1/edit"
    assert 'name="_add"' in body
    stage.show(page, "list")
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Stand").select_option("granted")
    page.get_by_role("button", name="Anwenden").click()
    assert "state=granted" in page.url
    page.context.close()


def test_on_a_phone_the_menu_opens_over_the_page_without_script(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser, script=False, viewport={"width": 390, "height": 800})
    stage.show(page, "list")
    entry = page.get_by_role("link", name="Personen")
    assert not entry.is_visible()
    page.get_by_role("button", name="Menü").click()
    assert entry.is_visible()
    page.context.close()


def test_the_skip_link_comes_first(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "list")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


def test_a_search_field_is_a_combobox_for_the_keyboard(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    field = page.get_by_label("Antragsteller/in")
    field.fill("Berg")
    page.get_by_role("option", name="Bergmann, Tom").wait_for()
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "true"
    assert problems(page) == []
    field.press("ArrowDown")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "f-applicant-list-2"
    field.press("ArrowUp")
    field.press("Enter")
    assert field.input_value() == "Bergmann, Tom"
    assert page.locator('input[type=hidden][name="applicant"]').input_value() == key(7)
    assert field.get_attribute("aria-expanded") == "false"
    path, body = stage.posts[0]
    assert path == "/e/permit/find"
    assert parse_qs(body)["_find"] == ["applicant"]
    field.fill("Berg")
    page.get_by_role("option", name="Bergfeld").wait_for()
    field.press("Escape")
    assert not page.get_by_role("option", name="Bergfeld").is_visible()
    page.context.close()
    assert stage.complaints == []


def test_a_search_field_for_many_collects_what_is_picked(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    field = page.get_by_label("Sachverständige", exact=True)
    field.fill("Berg")
    page.get_by_role("option", name="Bergfeld").click()
    assert page.locator('input[type=checkbox][name="experts"]').count() == 3
    assert field.input_value() == ""
    page.context.close()


def test_a_live_form_follows_and_keeps_focus_and_caret(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form_new")
    assert page.get_by_label("Baubeginn").count() == 1
    page.get_by_text("Abbruch").click()
    page.get_by_label("Baubeginn").wait_for(state="detached")
    text = page.get_by_label("Beschreibung")
    text.fill("Haus")
    text.press("Home")
    with page.expect_response(lambda found: found.url.endswith("/live")):
        text.press_sequentially("Das ")
    page.wait_for_timeout(100)
    assert text.input_value() == "Das Haus"
    assert page.evaluate("document.activeElement.id + ':' + document.activeElement.selectionStart") == "f-description:4"
    page.get_by_text("Neubau").click()
    page.get_by_label("Baubeginn").wait_for()
    page.context.close()
    assert stage.complaints == []


def test_a_live_form_sends_no_files_and_keeps_those_chosen(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    chosen = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 sample"}
    with page.expect_response(lambda found: found.url.endswith("/live")):
        page.locator("#f-documents").set_input_files(chosen)  # type: ignore[arg-type]
    assert all("plan.pdf" not in body for _, body in stage.posts)
    assert page.evaluate("document.querySelector('[type=file]').files.length") == 1
    page.context.close()


@pytest.mark.parametrize("status", [401, 500])
def test_a_server_that_does_not_answer_costs_no_typed_text(status: int, browser: Browser) -> None:
    page = Stage(GALLERY, answer=lambda _path, _body: status).page(browser)
    Stage.show(Stage(GALLERY), page, "form")
    page.get_by_label("Beschreibung").fill("wichtig")
    page.get_by_text("Keine Verbindung. Ihre Eingaben sind noch da.").wait_for()
    assert page.get_by_label("Beschreibung").input_value() == "wichtig"
    page.context.close()


def test_formatted_text_is_edited_as_it_looks(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    edit = page.get_by_role("textbox", name="Zweck")
    assert edit.evaluate("element => element.innerHTML").startswith("<p>Mehr <b>Wohnraum</b> für</p>")
    edit.press("Control+a")
    page.get_by_role("button", name="Kursiv").click()
    edit.press("Control+End")
    edit.press_sequentially("!")
    sent = page.locator("textarea[name=purpose]").input_value()
    assert sent.endswith("<li><i>Ältere!</i></li></ul>")
    page.context.close()
    assert stage.complaints == []


def test_rows_come_and_go_without_leaving_the_page(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    with page.expect_response(lambda found: found.url.endswith("/live")):
        page.get_by_role("button", name="Zeile hinzufügen").click()
    assert "_add" in parse_qs(stage.posts[-1][1])
    with page.expect_response(lambda found: found.url.endswith("/live")):
        page.get_by_role("button", name="Zeile 1 entfernen").click()
    assert parse_qs(stage.posts[-1][1])["_remove"] == ["neighbours.0"]
    assert page.url == f"{HOST}/form"
    page.context.close()


def test_typed_text_is_not_lost_without_a_question(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "form")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Beschreibung").press_sequentially("neu")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Personen").click()
    assert asked == ["beforeunload"]
    page.context.close()


def test_the_theme_changes_at_once_and_is_remembered(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "home")
    page.locator(".account summary").click()
    with page.expect_request(re.compile("/preferences")):
        page.get_by_role("button", name="Dunkel").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_by_role("button", name="Dunkel").get_attribute("aria-pressed") == "true"
    assert parse_qs(stage.posts[-1][1])["theme"] == ["dark"]
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Dunkel").is_visible()
    page.context.close()


def test_selected_rows_are_counted_and_sent(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser, viewport={"width": 1360, "height": 900})
    stage.show(page, "list_bulk")
    bar = page.get_by_role("button", name="Abschließen")
    assert not bar.is_visible()
    page.get_by_label("Alle auf dieser Seite auswählen").check()
    assert page.get_by_text("8 ausgewählt").is_visible()
    bar.click()
    path, body = stage.posts[-1]
    assert path == "/bulk/close"
    assert len(parse_qs(body)["id"]) == 8
    page.context.close()


def test_empty_filters_do_not_stand_in_the_address(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "list")
    page.get_by_label("Bauanträge durchsuchen").fill("Berg")
    page.get_by_label("Bauanträge durchsuchen").press("Enter")
    page.wait_for_url("**/e/permit?**")
    assert "q=Berg" in page.url
    assert "state=" not in page.url
    page.context.close()


def test_a_demo_account_signs_in_with_one_click(browser: Browser, stage: Stage) -> None:
    page = stage.page(browser)
    stage.show(page, "sign_in")
    with page.expect_navigation():
        page.get_by_role("button", name="hanna").click()
    assert parse_qs(stage.posts[-1][1])["name"] == ["hanna"]
    page.context.close()
