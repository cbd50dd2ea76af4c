"""The inbox as a page: kinds of tasks, all of a kind selected, one step for several with what came of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import httpx2
import pytest
from browser import LEFT_OUT, chromium, fresh, open_browser
from fachwerk.engine.inbox import Waiting
from fachwerk.engine.server.inbox_groups import groups_of
from fachwerk.workflows.case import Action
from live import Serving
from playwright.sync_api import Page, expect
from town import PASSWORD, Browser, Town, open_town

GROUP = "/inbox?group=permit.review.draft"


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


def permits(town: Town, count: int, who: str = "anna") -> list[str]:
    return [town.api(who).post("/api/v1/permit", json=town.good_permit()).json()["id"] for _ in range(count)]


def items(page: str) -> dict[str, str]:
    """The boxes of a page by the id of their record."""
    return {item.split("/")[1]: item for item in re.findall(r'name="item" value="([^"]+)"', page)}


def send(browser: Browser, action: str, chosen: list[str], **more: str) -> httpx2.Response:
    data = {"_csrf": browser.token("/inbox"), "action": action, "item": chosen, "group": "permit.review.draft"}
    return browser.post("/inbox", data=data | more)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition('id="main"')[2])).split())


def test_kinds_are_called_by_their_entity_where_there_are_several(town: Town) -> None:
    submit = Action("submit", {"en": "Submit"}, "submitted", ())
    permits = [Waiting("permit", key, 1, key, "review", "draft", None, (submit,)) for key in "ab"]
    plot = replace(permits[0], entity="plot", id="c")
    project = town.running.app.project
    assert [one.label for one in groups_of(permits, project, "en")] == ["Draft"]
    assert [one.label for one in groups_of([*permits, plot], project, "en")] == ["Permit application: Draft"]


def test_what_takes_the_same_steps_is_a_group(town: Town) -> None:
    ids = permits(town, 3)
    anna = town.browser("anna")
    everything, group = anna.get("/inbox").text, anna.get(GROUP).text
    assert items(everything) == {}  # there they are only links
    assert f'href="{GROUP}"' in everything
    assert set(items(group)) >= set(ids)
    assert " checked" not in group
    assert 'name="action" value="permit/submit"' in group
    assert group.count(' checked aria-label="Select ') == 0
    assert "permit/withdraw" not in group
    assert 'href="/inbox"' in anna.get("/").text
    assert 'href="/inbox"' not in town.browser("bert").get("/").text
    every = anna.get(f"{GROUP}&all=1").text  # for those without script
    assert every.count(' checked aria-label="Select ') == len(items(every))
    assert items(anna.get("/inbox?group=nonsense").text) == {}
    assert "Nothing waits" in town.browser("bert").get(GROUP).text


def test_what_came_of_a_step_is_said_for_each(town: Town) -> None:
    good, gone, bare = permits(town, 3)
    town.run(_complete(town, good, gone))
    anna = town.browser("anna")
    known = items(anna.get(GROUP).text)
    assert town.api("anna").post(f"/api/v1/permit/{gone}/actions/submit", json={}).status_code == 200
    answer = send(anna, "permit/submit", [known[good], known[gone], known[bare]])
    said = text_of(answer.text)
    assert answer.status_code == 422
    assert "2 not possible" in said
    assert re.search(r"Something is missing for this step\. Documents: Needed for this step\.", said)
    assert "Somebody else changed this record meanwhile." in said
    assert re.search(r"1 done .*Submit → Submitted", said)
    assert f'href="/e/permit/{good}"' in answer.text
    left = items(answer.text)
    assert good not in left
    assert re.search(f'value="{re.escape(known[bare])}" checked', answer.text)


async def _complete(town: Town, *keys: str) -> None:
    from fachwerk.engine.values import FileUpload, Person

    anna = Person(town.users["anna"], "Anna", "", frozenset({"applicant"}), "en")
    for key in keys:
        plan = FileUpload("plan.pdf", "application/pdf", b"%PDF-1.4 plan")
        await town.running.service.change(anna, "permit", key, {"documents": [plan]}, version=None)


def test_nothing_selected_other_steps_and_strangers(town: Town) -> None:
    (one,) = permits(town, 1)
    anna, bert = town.browser("anna"), town.browser("bert")
    mine = items(anna.get(GROUP).text)[one]
    nothing = send(anna, "permit/submit", [])
    assert (nothing.status_code, "Nothing was selected" in nothing.text) == (422, True)
    other = send(anna, "plot/submit", [mine])
    assert (other.status_code, "There is no such step here." in other.text) == (422, True)
    unknown = send(anna, "permit/nonsense", [mine, "nonsense/1/2", "/", "permit"])
    assert (unknown.status_code, "4 not possible" in text_of(unknown.text)) == (422, True)
    foreign = send(bert, "permit/submit", [mine])
    assert foreign.status_code == 422
    assert "No. " not in text_of(foreign.text)
    assert one in foreign.text  # without its title
    assert f'href="/e/permit/{one}"' not in foreign.text
    assert send(anna, "permit/submit", [mine], _csrf="x").status_code == 403


def test_a_comment_goes_with_all_of_them(town: Town) -> None:
    ids = permits(town, 2)
    town.run(_complete(town, *ids))
    for key in ids:
        assert town.api("anna").post(f"/api/v1/permit/{key}/actions/submit", json={}).status_code == 200
    carl = town.browser("carl")
    group = "permit.review.submitted"
    page = carl.get(f"/inbox?group={group}").text
    chosen = [item for key, item in items(page).items() if key in ids]
    assert 'name="_comment"' in page
    assert "Comment for all of them (needed for: Request documents)" in text_of(page)
    without = send(carl, "permit/request_documents", chosen, group=group)
    assert "2 not possible" in text_of(without.text)
    assert "Comment: Please say why." in text_of(without.text)
    done = send(carl, "permit/request_documents", chosen, group=group, _comment="Plans are missing")
    assert (done.status_code, "2 done" in text_of(done.text)) == (200, True)
    for key in ids:
        events = town.api("carl").get(f"/api/v1/permit/{key}/history").json()["items"]
        assert events[-1]["comment"] == "Plans are missing"


def test_it_is_said_in_german(town: Town) -> None:
    permits(town, 2)
    anna = town.browser("anna")
    anna.cookies.set("fw_language", "de")
    shown = text_of(anna.get(GROUP).text)
    assert re.search(r"Alle \d+ auswählen", shown)
    assert "Alle" in shown
    assert "Es ist nichts ausgewählt." in send(anna, "permit/submit", []).text


def test_more_than_a_page_holds(database_url: str) -> None:
    """Every case is reached, counts are those of all, and a step on a later page leaves one there."""
    with open_town(database_url) as town:
        ids = set(permits(town, 130))
        anna = town.browser("anna")
        home, first, group = anna.get("/").text, anna.get("/inbox").text, anna.get(GROUP).text
        known = len(ids) + len({*items(anna.get(_next(group)).text), *items(group)} - ids)
        assert f'<span class="num">{known}</span>' in home
        assert f"All {known}" in text_of(home)
        assert f"Draft {known}" in text_of(first)
        assert f"1–100 of {known}" in text_of(first)
        assert "Select the 100 on this page" in text_of(group)
        second = anna.get(_next(group)).text
        assert not items(group).keys() & items(second).keys()
        assert ids <= items(group).keys() | items(second).keys()
        assert f"101–{known} of {known}" in text_of(second)
        assert f"Select the {known - 100} on this page" in text_of(second)
        assert _next(second) == ""
        every = anna.get(re.search(r'js-off" href="([^"]+)"', second)[1].replace("&amp;", "&")).text  # type: ignore[index]
        assert every.count(" checked") == known - 100
        town.run(_complete(town, *ids & items(second).keys()))
        chosen = [item for key, item in items(anna.get(_next(group)).text).items() if key in ids][:3]
        place = dict(re.findall(r'name="(after|from)" value="([^"]+)"', second))
        done = send(anna, "permit/submit", chosen, **place)
        assert "3 done" in text_of(done.text)
        assert f"101–{known - 3} of {known - 3}" in text_of(done.text)
        past = anna.get(f"{GROUP}&after=1~2100-01-01T00:00:00Z~ffffffff-ffff-ffff-ffff-ffffffffffff&from=999").text
        assert f"1–100 of {known - 3}" in text_of(past)  # of what is not there any more the beginning
        assert "1–100" in text_of(anna.get(f"{GROUP}&after=nonsense").text)


def _next(page: str) -> str:
    """The address of the following page, if there is one."""
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def test_what_is_done_on_its_own_page_alone_says_so(town: Town) -> None:
    """A kind has all that wait; those that ask to be confirmed or lack something have no box."""
    ids = permits(town, 2)
    town.run(_complete(town, *ids))
    for key in ids:
        assert town.api("anna").post(f"/api/v1/permit/{key}/actions/submit", json={}).status_code == 200
    carl = town.browser("carl")
    tabs = re.findall(r'href="(/inbox\?group=[^"]+)"', carl.get("/inbox").text)
    assert tabs
    for tab in tabs:
        shown = carl.get(tab).text
        rows = shown.count('<td class="what">')
        assert len(items(shown)) + shown.count("on its own page only") >= rows


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_all_of_a_kind_in_a_browser(database_url: str, script: bool) -> None:
    with Serving(database_url, lambda town: permits(town, 3)) as address, open_browser() as browser:
        context = fresh(browser, java_script_enabled=script, base_url=address, locale="en", reduced_motion="reduce")
        page = context.new_page()
        _sign_in(page, "anna")
        page.goto("/inbox")
        page.get_by_role("link", name=re.compile(r"^Draft \d")).click()
        if script:
            box = page.get_by_label("Select all")
            box.focus()
            page.keyboard.press("Space")
            expect(page.locator("[data-selected]")).to_have_text(re.compile("selected"))
        else:
            page.get_by_role("link", name="Select all").click()
        boxes = page.locator("tbody [type=checkbox]")
        assert boxes.count() >= 2
        assert all(one.is_checked() for one in boxes.all())
        page.get_by_role("button", name="Submit").click()
        expect(page.get_by_text(re.compile("not possible|done")).first).to_be_visible()
        if script:
            assert page.evaluate("document.activeElement.id") == "results"


def _sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button.primary").click()
    page.wait_for_url(re.compile(r"/$"))
