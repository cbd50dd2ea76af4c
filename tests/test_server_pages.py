"""The pages without script, on both databases: signing in and up, lists, records, forms, buttons, files, profile."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from town import Town, clear_refusal, open_town


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(town: Town) -> None:
    stranger = town.stranger()
    asked = stranger.get("/e/permit?kind=new")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fe%2Fpermit%3Fkind%3Dnew")
    page = stranger.get(asked.headers["location"])
    assert 'name="_next" value="/e/permit?kind=new"' in html.unescape(page.text)
    sent = {
        "_csrf": stranger.token("/sign-in"),
        "name": "carl",
        "password": town.password,
        "_next": "/e/permit?kind=new",
    }
    entered = stranger.post("/sign-in", data=sent)
    assert (entered.status_code, entered.headers["location"]) == (303, "/e/permit?kind=new")
    cookie = next(value for name, value in entered.headers.multi_items() if value.startswith("fw_session="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert stranger.get("/e/permit?kind=new").status_code == 200
    partial = town.stranger().get("/e/permit", headers={"hx-request": "true"})
    assert partial.headers["hx-redirect"].startswith("/sign-in")


def test_home_shows_what_waits_for_me(town: Town) -> None:
    anna, carl, ed = (text_of(town.browser(name).get("/").text) for name in ("anna", "carl", "ed"))
    assert "Berg" in anna
    assert "Submit" in anna
    assert "Start review" in carl
    assert "Berg" not in ed


def test_a_list_that_one_may_not_see_says_so(town: Town) -> None:
    refused = town.browser("ed").get("/e/company")
    clear_refusal(refused, {403})
    assert "Your roles do not let you see Companies." in refused.text
    clear_refusal(town.api("ed").get("/api/v1/company"), {403})


def test_a_list_has_chips_sorting_and_paging(town: Town) -> None:
    carl = town.browser("carl")
    api = town.api("carl")
    for number in range(60):
        assert api.post("/api/v1/company", json={"name": f"Firm {number:02}"}).status_code == 201
    first = carl.get("/e/company?sort=name").text
    assert "Firm 00" in first
    assert "Firm 55" not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = carl.get(html.unescape(following[1])).text
    assert "Firm 55" in second
    assert 'rel="prev"' in second
    filtered = carl.get("/e/permit?kind=new&storeys.ge=2").text
    assert 'class="chip"' in filtered
    assert "New building" in text_of(filtered)
    assert 'href="/e/permit?' in filtered
    empty = carl.get("/e/permit?kind=demolition").text
    assert "No entry matches" in empty
    clear_refusal(carl.get("/e/permit?nonsense=1"), {400})
    assert carl.get("/e/permit?kind=&storeys.ge=").status_code == 200


def test_a_record_has_its_steps_buttons_and_history(town: Town) -> None:
    page = town.browser("carl").get(f"/e/permit/{town.submitted}").text
    shown = text_of(page)
    assert 'aria-current="step"' in page
    assert "Start review" in shown
    assert "SECRET-NOTE" in shown
    assert "plan.pdf" in shown
    assert f'href="/files/permit/{town.submitted}/documents/{town.document}"' in page
    assert "Hofheim 117/4" in shown
    anna = text_of(town.browser("anna").get(f"/e/permit/{town.submitted}").text)
    assert "SECRET-NOTE" not in anna
    plot = text_of(town.browser("carl").get(f"/e/plot/{town.plot}").text)
    assert "Berg" in plot


def test_a_file_is_sent_as_a_file(town: Town) -> None:
    path = f"/files/permit/{town.submitted}/documents/{town.document}"
    answer = town.browser("anna").get(path)
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('inline; filename="plan.pdf"')
    assert "sandbox" in answer.headers["content-security-policy"]
    assert town.browser("anna").get(path + "?download=1").headers["content-disposition"].startswith("attachment")
    again = town.browser("anna").get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_form_is_filled_refused_with_everything_and_saved(town: Town) -> None:
    anna = town.browser("anna")
    page = anna.get("/e/permit/new")
    assert page.status_code == 200
    assert "Internal note" not in page.text
    sent = {"_csrf": anna.token(), "kind": "demolition", "floor_area": "viel", "storeys": "2", "plot.text": "nowhere"}
    refused = anna.post("/e/permit/new", data=sent)
    assert refused.status_code == 422
    assert 'class="summary"' in refused.text
    assert 'value="viel"' in refused.text
    assert 'value="nowhere"' in refused.text
    assert "<title>Error:" in refused.text
    sent |= {"floor_area": "99.5", "plot.text": "hofheim 117/4"}
    saved = anna.post("/e/permit/new", data={**sent, "applicant": town.person, "kind": "new"})
    assert saved.status_code == 303, text_of(saved.text)
    record = anna.get(saved.headers["location"])
    assert "Created." in record.text
    assert "Created." not in anna.get(saved.headers["location"]).text


def test_conditions_are_live(town: Town) -> None:
    anna = town.browser("anna")
    new = anna.post("/e/permit/new/live", data={"_csrf": anna.token(), "kind": "new"}, headers={"hx-request": "true"})
    assert new.status_code == 200
    assert "<html" not in new.text
    assert "asbestos" not in new.text.lower()
    demolition = anna.post("/e/permit/new/live", data={"_csrf": anna.token(), "kind": "demolition", "floor_area": "7"})
    assert "asbestos" in demolition.text.lower()
    assert 'value="7"' in demolition.text
    assert "120" in text_of(demolition.text)


def test_records_are_found_for_a_link(town: Town) -> None:
    carl = town.browser("carl")
    sent = {"_csrf": carl.token(), "_find": "plot", "plot.text": "hofh"}
    found = carl.post("/e/permit/new/find", data=sent, headers={"hx-request": "true"}).text
    assert f'data-id="{town.plot}"' in found
    plain = carl.post("/e/permit/new", data=sent)
    assert plain.status_code == 200
    assert f'value="{town.plot}"' in plain.text


def test_rows_are_added_and_removed_without_script(town: Town) -> None:
    anna = town.browser("anna")
    sent = {"_csrf": anna.token(), "neighbours.shown": "1", "_add": "neighbours"}
    added = anna.post("/e/permit/new", data=sent)
    assert added.status_code == 200
    assert 'name="neighbours.0.name"' in added.text
    gone = {
        "_csrf": anna.token(),
        "neighbours.shown": "1",
        "neighbours.row": "0",
        "neighbours.0.name": "x",
        "_remove": "neighbours.0",
    }
    assert 'name="neighbours.0.name"' not in anna.post("/e/permit/new", data=gone).text


def test_files_of_a_refused_form_are_kept(town: Town) -> None:
    carl = town.browser("carl")
    data = town.permit_form(carl) | {"documents.shown": "1", "storeys": "9"}
    refused = carl.post(
        "/e/permit/new", data=data, files={"documents": ("plan.pdf", b"%PDF-1.7\nx", "application/pdf")}
    )
    assert refused.status_code == 422
    kept = re.search(r'name="documents.keep" value="(new:[^"]+)"', refused.text)
    assert kept is not None
    data |= {"storeys": "2", "documents.keep": kept[1]}
    saved = carl.post("/e/permit/new", data=data)
    assert saved.status_code == 303, text_of(saved.text)
    assert "plan.pdf" in carl.get(saved.headers["location"]).text
    stolen = town.browser("hanna")
    theirs = stolen.post(
        "/e/permit/new", data=town.permit_form(stolen) | {"documents.shown": "1", "documents.keep": kept[1]}
    )
    assert theirs.status_code == 303
    assert "plan.pdf" not in stolen.get(theirs.headers["location"]).text


def test_the_second_of_two_is_told_field_by_field(town: Town) -> None:
    carl, hanna = town.browser("carl"), town.browser("hanna")
    path = f"/e/plot/{town.plot}/edit"
    version = re.search(r'name="_version" value="(\d+)"', carl.get(path).text)
    assert version is not None
    form = {"district": "Hofheim", "parcel": "117/4", "_version": version[1]}
    assert carl.post(path, data={**form, "max_storeys": "4", "_csrf": carl.token()}).status_code == 303
    late = hanna.post(path, data={**form, "district": "Hofheim Nord", "max_storeys": "7", "_csrf": hanna.token()})
    assert late.status_code == 409
    assert 'name="_theirs" value="max_storeys"' in late.text
    assert 'value="Hofheim Nord"' in late.text
    now = re.search(r'name="_version" value="(\d+)"', late.text)
    assert now is not None
    again = {
        **form,
        "district": "Hofheim",
        "max_storeys": "7",
        "_theirs": "max_storeys",
        "_version": now[1],
        "_csrf": hanna.token(),
    }
    assert hanna.post(path, data=again).status_code == 303
    assert town.api("carl").get(f"/api/v1/plot/{town.plot}").json()["max_storeys"] == 4
    back = town.api("carl").patch(f"/api/v1/plot/{town.plot}", json={"max_storeys": 3}, headers={"If-Match": "*"})
    assert back.status_code == 200


def test_a_button_has_its_own_small_form(town: Town) -> None:
    anna = town.browser("anna")
    path = f"/e/permit/{town.draft}/do/submit"
    page = anna.get(path)
    assert page.status_code == 200
    assert 'name="documents"' in page.text
    refused = anna.post(path, data={"_csrf": anna.token(), "documents.shown": "1"})
    assert refused.status_code == 422
    assert "documents" in refused.text
    carl = town.browser("carl")
    asked = f"/e/permit/{town.submitted}/do/request_documents"
    assert 'name="_comment"' in carl.get(asked).text
    without = carl.post(asked, data={"_csrf": carl.token(), "_comment": " "})
    assert without.status_code == 422
    blocked = carl.get(f"/e/permit/{town.submitted}").text
    assert "grant" not in re.sub(r"<div class=\"blocked\".*?</div></div>", "", blocked).lower() or "Grant" in blocked


def test_deleting_is_asked_for(town: Town) -> None:
    carl = town.browser("carl")
    clear_refusal(carl.get(f"/e/plot/{town.plot}/delete"), {403})
    clear_refusal(carl.post(f"/e/plot/{town.plot}/delete", data={"_csrf": carl.token()}), {403, 409})


def test_language_and_theme_are_switched(town: Town) -> None:
    carl = town.browser("carl")
    assert (
        carl.post("/preferences", data={"_csrf": carl.token(), "language": "de", "_next": "/e/permit"}).headers[
            "location"
        ]
        == "/e/permit"
    )
    page = carl.get("/e/permit").text
    assert '<html lang="de"' in page
    assert "Bauanträge" in page
    carl.post("/preferences", data={"_csrf": carl.token(), "theme": "dark"})
    assert 'data-theme="dark"' in carl.get("/").text
    again = town.browser("carl")
    assert '<html lang="de"' in again.get("/").text
    again.post("/preferences", data={"_csrf": again.token(), "language": "en"})
    assert '<html lang="de"' in town.stranger().get("/sign-in", headers={"accept-language": "de"}).text


def test_signing_up_makes_an_account_and_ones_own_record(town: Town) -> None:
    stranger = town.stranger()
    assert 'href="/sign-up"' in stranger.get("/sign-in").text
    sent = {
        "name": "Paula van Dyk",
        "email": "Paula@town.example",
        "password": "three fine words",
        "_csrf": stranger.token("/sign-up"),
    }
    entered = stranger.post("/sign-up", data=sent)
    assert entered.status_code == 303, text_of(entered.text)
    assert "Welcome" in stranger.get("/").text
    permit = {"_csrf": stranger.token(), "plot.text": "117/4 hofh", "kind": "new", "floor_area": "90"}
    made = stranger.post("/e/permit/new", data=permit)
    assert made.status_code == 303, text_of(made.text)
    assert "Dyk, Paula van" in stranger.get(made.headers["location"]).text
    other = town.stranger()
    taken = other.post("/sign-up", data={**sent, "_csrf": other.token("/sign-up")})
    assert taken.status_code == 409
    assert town.stranger().try_sign_in("paula@TOWN.example", "three fine words").status_code == 303


def test_a_password_is_changed_and_a_token_made(town: Town) -> None:
    here, there = town.browser("fritz"), town.browser("fritz")
    sent = {"_csrf": here.token(), "present": "wrong", "new": "another good one", "again": "another good one"}
    assert here.post("/profile/password", data=sent).status_code == 422
    assert here.post("/profile/password", data={**sent, "present": town.password, "again": "x"}).status_code == 422
    assert here.post("/profile/password", data={**sent, "present": town.password}).status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 303
    assert town.stranger().try_sign_in("fritz", "another good one").status_code == 303
    made = here.post("/profile/tokens", data={"_csrf": here.token(), "label": "Import", "days": "30"})
    secret = re.search(r'id="token-secret">([^<]+)<', made.text)
    assert secret is not None
    headers = {"authorization": f"Bearer {secret[1]}"}
    assert town.stranger().get("/api/v1/permit", headers=headers).status_code == 200
    shown = here.get("/profile").text
    assert secret[1] not in shown
    path = re.search(r'action="(/profile/tokens/[^"]+/revoke)"', shown[shown.index("Import") :])
    assert path is not None
    here.post(path[1], data={"_csrf": here.token()})
    assert town.stranger().get("/api/v1/permit", headers=headers).status_code == 401


def test_pages_that_are_not_there_are_pages(town: Town) -> None:
    carl = town.browser("carl")
    for path in ("/nowhere", "/e/nothing", "/e/permit/00000000-0000-7000-8000-000000000000", "/e/permit/x/edit"):
        clear_refusal(carl.get(path), {404})
    assert "This page does not exist" in carl.get("/nowhere").text


def test_assets_are_named_by_their_content_and_kept(town: Town) -> None:
    stranger = town.stranger()
    page = stranger.get("/sign-in").text
    style = re.search(r'href="(/static/[0-9a-f]+/app\.css)"', page)
    assert style is not None
    answer = stranger.get(style[1], headers={"accept-encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "set-cookie" not in answer.headers
    assert stranger.get("/favicon.ico").status_code == 200
