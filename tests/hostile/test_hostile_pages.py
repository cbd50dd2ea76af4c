"""Hostile forms, uploads, addresses and cookies on the pages: a clear refusal each, and no script of a stranger ever."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from town import Browser, Town, clear_refusal

SCRIPT = "<script>alert(document.cookie)</script>"
ATTRIBUTE = '"><img src=x onerror=alert(1)>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000200015e221bbc0000000049454e44ae426082"
)


def changed_nothing(town: Town, browser: Browser) -> None:
    assert browser.get(f"/e/permit/{town.submitted}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/e/permit/new", "/e/permit/new/live", "/e/permit/new/find", "/e/person/{person}/edit", "/e/permit/{submitted}/delete",
     "/e/permit/{submitted}/do/start_review", "/sign-out", "/preferences", "/profile/password", "/profile/tokens"],
)  # fmt: skip
@pytest.mark.parametrize("token", [None, "", "wrong", "0" * 48, "of another"])
def test_a_form_without_its_token_is_refused(town: Town, path: str, token: str | None) -> None:
    """CSRF: what a page elsewhere sends has the cookie, but not the token that belongs to it."""
    carl = town.browser("carl")
    given = town.browser("hanna").token() if token == "of another" else token
    data = {"nothing": "1"} if given is None else {"_csrf": given}
    clear_refusal(carl.post(path.format(person=town.person, submitted=town.submitted), data=data), {403})
    changed_nothing(town, carl)


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {"origin": "null"},
     {"origin": "http://localhost.evil.example"}],
)  # fmt: skip
def test_a_form_from_another_site_is_refused(town: Town, headers: dict[str, str]) -> None:
    carl = town.browser("carl")
    data = {"_csrf": carl.token(), "given_name": "Cross", "family_name": "Site"}
    clear_refusal(carl.post("/e/person/new", data=data, headers=headers), {403})
    assert "Cross" not in carl.get("/e/person").text


def test_signing_in_for_somebody_else_is_refused(town: Town) -> None:
    """Login CSRF: the sign-in form has a token, too."""
    stranger = town.stranger()
    clear_refusal(stranger.post("/sign-in", data={"name": "carl", "password": town.password}), {403})
    token = stranger.token("/sign-in")
    stranger.cookies.clear()
    clear_refusal(stranger.post("/sign-in", data={"name": "carl", "password": town.password, "_csrf": token}), {403})


def test_a_session_begins_anew_at_sign_in(town: Town) -> None:
    """Session fixation: a cookie that somebody planted is never the one that becomes valid."""
    stranger, planted = town.stranger(), "planted" * 6
    token = stranger.token("/sign-in")
    cookie = {"cookie": f"fw_session={planted}; fw_visit={stranger.cookies['fw_visit']}"}
    data = {"name": "carl", "password": town.password, "_csrf": token}
    answer = stranger.post("/sign-in", data=data, headers=cookie)
    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    assert town.stranger().get("/", headers=cookie).headers["location"].startswith("/sign-in")


def test_signing_out_ends_the_session_for_good(town: Town) -> None:
    carl = town.browser("carl")
    kept = carl.cookies["fw_session"]
    assert carl.post("/sign-out", data={"_csrf": carl.token()}).status_code == 303
    assert town.stranger().get("/", headers={"cookie": f"fw_session={kept}"}).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "a" * 40, "a" * 9_000, "' or 1=1 --" + "a" * 20, "%00" * 20, "../" * 15])
def test_session_cookies_that_are_none(town: Town, cookie: str) -> None:
    stranger = town.stranger()
    answer = stranger.get("/e/permit", headers={"cookie": f"fw_session={cookie}"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_wrong_names_and_wrong_passwords_look_the_same_and_run_out(town: Town) -> None:
    stranger = town.stranger()
    first, second = stranger.try_sign_in("carl", "wrong one"), stranger.try_sign_in("nobody at all", "wrong one")
    assert first.status_code == second.status_code == 401
    assert first.text.replace("carl", "") == second.text.replace("nobody at all", "")
    answers = [stranger.try_sign_in("victim", f"guess {n}").status_code for n in range(12)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert stranger.try_sign_in("anna", "x" * 5_000).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:a=b",
               "\\\\evil", "/\t/evil.example", " //evil", "evil", "/ok\r\nx: y", "http:/evil", "data:text/html,x"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(town: Town, target: str) -> None:
    """Open redirect, and headers in a redirect."""
    stranger = town.stranger()
    data = {"name": "carl", "password": town.password, "_csrf": stranger.token("/sign-in"), "_next": target}
    answer = stranger.post("/sign-in", data=data)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location or location.startswith("/%")
    assert "x" not in answer.headers
    carl = town.browser("carl")
    there = carl.post("/preferences", data={"_csrf": carl.token(), "_next": target, "theme": "dark"}).headers[
        "location"
    ]
    assert there.startswith("/")
    assert not there.startswith("//")


@pytest.mark.parametrize(
    "path",
    ["/static/../../pyproject.toml", "/static/%2e%2e/%2e%2e/app.py", "/static/x/..%2f..%2fapp.css", "/static/x/app.css%00.js",
     "/static//etc/passwd", "/static/x/%5c..%5capp.css", "/files/permit/../../etc/passwd/x", "/e/../api", "/e/permit/%2e%2e",
     "/e/permit/..%2f..%2f", "/.git/config", "/.env", "/e/fw_user", "/e/permit.neighbours", "/files/fw_file/x/content/x",
     "/e/permit/x/do/../delete", "/wp-login.php", "/e/permit/{submitted}/do/%2e%2e%2f"],
)  # fmt: skip
def test_paths_that_lead_out(town: Town, path: str) -> None:
    answer = town.browser("carl").get(path.replace("{submitted}", town.submitted))
    clear_refusal(answer, {400, 404})
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


def test_script_in_any_text_is_shown_as_text(town: Town) -> None:
    """XSS through every kind of text there is: fields, rows, file names, comments, names of people, queries."""
    carl = town.api("carl")
    person = carl.post("/api/v1/person", json={"given_name": SCRIPT, "family_name": ATTRIBUTE}).json()
    plot = carl.post("/api/v1/plot", json={"district": SCRIPT, "parcel": "117/4"}).json()
    made = carl.post(
        "/api/v1/permit",
        json={
            **town.good_permit(), "applicant": person["id"], "plot": plot["id"], "internal_note": SCRIPT + ATTRIBUTE,
            "neighbours": [{"name": ATTRIBUTE}],
            "documents": [{"name": f"{ATTRIBUTE}.png", "content": town.base64(PNG)}],
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    browser, key = town.browser("carl"), made.json()["id"]
    pages = [f"/e/permit/{key}", f"/e/permit/{key}/edit", "/e/permit", "/e/person", f"/e/person/{person['id']}", "/e/plot",
             f"/e/person/{person['id']}/edit", f"/e/plot/{plot['id']}", f"/e/permit?applicant={person['id']}", "/",
             f"/e/permit?q={SCRIPT}", f"/e/permit?kind={SCRIPT}", f"/e/{SCRIPT}", f"/{ATTRIBUTE}", f"/sign-in?next={ATTRIBUTE}",
             f"/e/permit/new?internal_note={SCRIPT}", f"/e/permit/{key}/delete"]  # fmt: skip
    for path in pages:
        harmless(browser.get(path).text)


def harmless(html: str) -> None:
    """No script but ours, no handler, nothing that runs."""
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    Judge().feed(html)


class Judge(HTMLParser):
    """Reads a page as a browser does, and objects to everything that could run."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        assert tag not in ("style", "object", "embed", "iframe", "base")
        assert tag != "script" or values["src"].startswith("/static/")
        for name, value in values.items():
            assert not name.startswith("on"), (tag, attrs)
            assert name not in ("style", "srcdoc", "hx-on", "hx-vals"), (tag, attrs)
            if name in ("href", "src", "action", "formaction", "hx-post", "hx-get"):
                assert value.startswith(("/", "#", "?", "data:image/", "mailto:", "tel:", "https://", "http://")), value


def test_script_in_a_refused_form_comes_back_as_text(town: Town) -> None:
    carl = town.browser("carl")
    data = {"_csrf": carl.token(), "given_name": SCRIPT, "family_name": "", "email": ATTRIBUTE, "born": SCRIPT}
    answer = carl.post("/e/person/new", data=data)
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    harmless(answer.text)
    wrong = town.stranger().try_sign_in(SCRIPT, ATTRIBUTE)
    harmless(wrong.text)


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [("page.html", "text/html", b"<html><script>alert(1)</script>"), ("image.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
     ("plan.pdf", "application/pdf", b"<html><script>alert(1)</script>"), ("plan.png", "image/png", b"<svg xmlns='x'><script/></svg>"),
     ("plan.pdf", "application/pdf", b"MZ\x90\x00" + b"\x00" * 100), ("plan.exe", "application/pdf", b"MZ\x90\x00" + b"\x00" * 100),
     ("plan.pdf", "application/pdf", b""), ("plan.jpg", "image/jpeg", b"GIF89a" + b"\x00" * 20), ("x.js", "text/javascript", b"alert(1)"),
     ("plan.pdf.html", "application/pdf", b"<!doctype html>"), ("plan", "application/pdf", b"\x7fELF" + b"\x00" * 60)],
)  # fmt: skip
def test_files_that_are_not_what_they_say(town: Town, name: str, kind: str, content: bytes) -> None:
    answer = town.upload(name, kind, content)
    assert answer.status_code == 422
    assert "f-documents" in answer.text
    harmless(answer.text)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.png",
        "a\x00.png",
        'a";x="b.png',
        "a\r\nX: y.png",
        "\u202egnp.exe.png",
        "ü" * 300 + ".png",
        "a/b\\c.png",
    ],
)
def test_names_of_files_are_made_harmless(town: Town, name: str) -> None:
    answer = town.upload(name, "image/png", PNG)
    if answer.status_code == 400:
        return
    assert answer.status_code == 303, answer.text
    page = town.browser("carl").get(answer.headers["location"]).text
    harmless(page)
    href = re.search(r'href="(/files/permit/[^"]+)"', page)
    assert href is not None
    sent = town.browser("carl").get(href[1])
    assert sent.status_code == 200
    assert sent.content == PNG
    assert "x" not in sent.headers
    assert ".." not in sent.headers["content-disposition"].replace("..png", "")
    assert "/" not in re.search(r'filename="([^"]*)"', sent.headers["content-disposition"])[1]  # type: ignore[index]
    assert "sandbox" in sent.headers["content-security-policy"]
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-type"] == "image/png"


@pytest.mark.parametrize("file", ["00000000-0000-7000-8000-000000000000", "x", "..", "%00", "*"])
@pytest.mark.parametrize("field", ["documents", "internal_note", "nonsense", "id"])
def test_files_that_are_not_there(town: Town, field: str, file: str) -> None:
    clear_refusal(town.browser("carl").get(f"/files/permit/{town.submitted}/{field}/{file}"), {400, 404})


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"--x", "multipart/form-data; boundary=x"), (b"", "multipart/form-data"), (b"x" * 100, "multipart/form-data; boundary=" + "b" * 500),
     (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1", "multipart/form-data; boundary=x"),
     (b"--x\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", "multipart/form-data; boundary=x"), (b"{}", "application/json"), (b"<x/>", "text/xml"),
     (b"_csrf=%ff%fe", "application/x-www-form-urlencoded"), (b"\x00\x01\x02", "application/x-www-form-urlencoded"),
     (b"a=1&" * 6_000, "application/x-www-form-urlencoded"), (b"a" * 3_000_000, "application/x-www-form-urlencoded")],
)  # fmt: skip
def test_forms_that_are_malformed(town: Town, content: bytes, kind: str) -> None:
    answer = town.browser("carl").post("/e/person/new", content=content, headers={"content-type": kind})
    clear_refusal(answer, {400, 403, 413, 415})


@pytest.mark.parametrize(
    "data",
    [{"kind": "palace"}, {"storeys": "many"}, {"floor_area": "1e99"}, {"plot": "x"}, {"plot": "' or 1=1"}, {"kind": ["new", "palace"]},
     {"neighbours.shown": "1", "neighbours.row": "0", "neighbours.0.name": ""}, {"neighbours.shown": "1", "neighbours.row": "99999999999"},
     {"neighbours.shown": "1", "neighbours.row": "-1"}, {"neighbours.shown": "1", "neighbours.row": "x"}, {"_version": "x"}, {"_add": "nonsense"},
     {"_remove": "neighbours.x"}, {"_remove": "../../x"}, {"_find": "nonsense"}, {"_find": "applicant.user"}, {"documents.keep": "new:stolen"},
     {"documents.keep": "00000000-0000-7000-8000-000000000000", "documents.shown": "1"}, {"internal_note": "x" * 500_000}],
)  # fmt: skip
def test_odd_entries_come_back_as_a_form_or_a_refusal(town: Town, data: dict[str, object]) -> None:
    carl = town.browser("carl")
    answer = carl.post("/e/permit/new", data={"_csrf": carl.token(), "applicant": "", **data})
    assert answer.status_code in (200, 400, 404, 422), answer.text[:500]
    harmless(answer.text)


def test_what_a_form_may_not_set_is_not_set(town: Town) -> None:
    """Mass assignment by names that no input of the page has."""
    anna = town.browser("anna")
    data = town.permit_form(anna) | {
        "state": "granted", "fee": "0", "id": town.submitted, "created_by": "x", "number": "BA-1", "version": "9",
        "internal_note": "let me in", "due": "2099-01-01",
    }  # fmt: skip
    answer = anna.post("/e/permit/new", data=data)
    assert answer.status_code in (303, 403, 422)
    if answer.status_code == 303:
        key = answer.headers["location"].rpartition("/")[2]
        record = town.api("carl").get(f"/api/v1/permit/{key}").json()
        assert record["state"] == "draft"
        assert record["id"] != town.submitted
        assert record["internal_note"] is None
        assert record["fee"] != 0
        assert not record["number"].endswith("-1")


@pytest.mark.parametrize("path", ["/e/permit/{draft}", "/e/permit/{draft}/edit", "/e/permit/{draft}/delete", "/e/permit/{draft}/do/submit",
                                  "/files/permit/{draft}/documents/{document}"])  # fmt: skip
def test_pages_of_records_that_are_not_yours(town: Town, path: str) -> None:
    """IDOR: Bert knows the addresses of Anna's application."""
    path = path.format(draft=town.draft, document=town.document)
    clear_refusal(town.browser("bert").get(path), {403, 404})
    assert town.browser("anna").get(path).status_code in (200, 403, 404)


def test_a_token_does_not_make_tokens(town: Town) -> None:
    clear_refusal(town.api("carl").get("/profile"), {403})


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaa", "passwort123", "x" * 10_000])
def test_weak_passwords_at_sign_up(town: Town, password: str) -> None:
    stranger = town.stranger()
    data = {
        "_csrf": stranger.token("/sign-up"),
        "name": "New One",
        "email": "new.one@town.example",
        "password": password,
    }
    answer = stranger.post("/sign-up", data=data)
    assert answer.status_code == 422
    assert "fw_session" not in stranger.cookies


@pytest.mark.parametrize(
    "data",
    [
        {"email": "carl@"},
        {"email": "a\r\nBcc: x@y.z"},
        {"name": ""},
        {"name": "x" * 300},
        {"email": "<script>@x.example"},
    ],
)
def test_odd_entries_at_sign_up(town: Town, data: dict[str, str]) -> None:
    stranger = town.stranger()
    good = {
        "name": "New One",
        "email": "new.two@town.example",
        "password": "a fine password",
        "roles": "head",
        "role": "head",
    }
    answer = stranger.post("/sign-up", data={"_csrf": stranger.token("/sign-up"), **good, **data})
    assert answer.status_code == 422
    harmless(answer.text)


def test_signing_up_gives_no_more_than_the_role_for_it(town: Town) -> None:
    stranger = town.stranger()
    data = {
        "name": "New Three",
        "email": "three@town.example",
        "password": "a fine password",
        "roles": "head",
        "_roles": "head",
    }
    answer = stranger.post("/sign-up", data={"_csrf": stranger.token("/sign-up"), **data})
    assert answer.status_code == 303
    clear_refusal(stranger.get("/e/permit/" + town.submitted), {404})
    assert stranger.get("/e/plot/new").status_code == 403


def test_guesses_are_counted_however_the_name_is_written(town: Town) -> None:
    stranger = town.stranger()
    names = ["audi", "AUDI", " Audi ", "ＡＵＤＩ", "aUdI"] * 3
    answers = [stranger.try_sign_in(name, f"guess {number}").status_code for number, name in enumerate(names)]
    assert answers[0] == 401
    assert answers[-1] == 429
