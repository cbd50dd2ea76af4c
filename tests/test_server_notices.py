"""The page of notices, and how many are unread wherever one is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fachwerk.engine.worker import Worker
from town import Town, open_town


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


def test_what_i_was_told_is_counted_shown_and_read(town: Town) -> None:
    carl, anna = town.browser("carl"), town.browser("anna")
    assert "No notices" in anna.get("/notices").text
    path = f"/e/permit/{town.submitted}/do/request_documents"
    sent = carl.post(path, data={"_csrf": carl.token(path), "_comment": "The <plan> is missing"})
    assert sent.status_code == 303, sent.text
    town.run(Worker(town.running).run_due())
    home = anna.get("/").text
    assert re.search(r'href="/notices".*?<b class="num">1<span class="sr"> unread', home, re.DOTALL)
    shown = anna.get("/notices").text
    assert "Your application" in shown
    assert "documents are missing: The &lt;plan&gt; is missing" in shown
    (link,) = set(re.findall(r'href="(/notices/[0-9a-f-]+)"', shown))
    assert town.browser("carl").get(link).status_code == 404
    followed = anna.get(link)
    assert (followed.status_code, followed.headers["location"]) == (303, f"/e/permit/{town.submitted}")
    assert '<b class="num">1' not in anna.get("/").text
    assert "Ihr Antrag" in anna.get("/notices", headers={"cookie": "fw_language=de; " + cookies(anna)}).text


def cookies(browser: object) -> str:
    """The cookies of a browser as a header."""
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())  # type: ignore[attr-defined]


def test_all_is_read_at_once_with_the_token_of_the_form(town: Town) -> None:
    hanna = town.browser("hanna")
    assert hanna.post("/notices/read", data={"a": "b"}).status_code == 403
    done = hanna.post("/notices/read", data={"_csrf": hanna.token("/notices")})
    assert (done.status_code, done.headers["location"]) == (303, "/notices")
    assert hanna.get("/notices?before=nonsense").status_code == 404
    assert town.stranger().get("/notices").headers["location"].startswith("/sign-in")
