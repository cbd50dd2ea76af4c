"""Times and event logs over HTTP, on both databases: what one may see, in both languages, and what is refused."""

from __future__ import annotations

import csv
import html
import io
import json
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


def test_the_list_leads_to_times_that_say_where_cases_stand(town: Town) -> None:
    carl = town.browser("carl")
    assert 'href="/e/permit/times"' in carl.get("/e/permit").text
    page = carl.get("/e/permit/times?period=all")
    assert page.status_code == 200
    text = text_of(page.text)
    assert "Times: " in text
    assert "How long in which state" in text
    assert "Submit Draft Submitted 1" in text
    assert 'href="/e/permit?state=submitted"' in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"\sstyle=", page.text), "colours and sizes come from the sheet"
    carl.post("/preferences", data={"_csrf": carl.token("/e/permit"), "language": "de", "theme": "auto"})
    german = text_of(carl.get("/e/permit/times?from=2020-01-01").text)
    assert "Wie lange in welchem Zustand" in german


def test_a_period_without_anything_says_so(town: Town) -> None:
    page = text_of(town.browser("hanna").get("/e/permit/times?from=2001-01-01&to=2001-02-01").text)
    assert re.search("Now here|Jetzt hier", page), "what stands somewhere now is there all the same"


@pytest.mark.parametrize("query", ["period=decade", "period=all&from=2020-01-01", "from=x", "from=2021-01-02&to=2021-01-01", "colour=red"])
def test_a_period_that_is_none_is_refused(town: Town, query: str) -> None:
    clear_refusal(town.browser("hanna").get(f"/e/permit/times?{query}"), {400})


def test_times_are_for_those_who_may_read(town: Town) -> None:
    assert town.stranger().get("/e/permit/times").status_code == 303
    clear_refusal(town.browser("ed").get("/e/company/times"), {403})
    clear_refusal(town.browser("hanna").get("/e/plot/times"), {404})


def test_an_event_log_is_sent_in_each_format(town: Town) -> None:
    hanna = town.api("hanna")
    xes = hanna.get("/api/v1/permit/events")
    assert (xes.status_code, xes.headers["content-type"]) == (200, "application/xml")
    assert 'filename="permit.xes"' in xes.headers["content-disposition"]
    assert town.draft in xes.text
    assert "p-" in xes.text
    ocel = json.loads(hanna.get("/api/v1/permit/events?format=ocel").text)
    assert {one["name"] for one in ocel["objectTypes"]} >= {"permit", "plot", "person"}
    table = hanna.get("/api/v1/permit/events?format=csv&people=names&texts=true")
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert {row["case"] for row in rows} == {town.draft, town.submitted}


def test_an_event_log_holds_what_one_may_read(town: Town) -> None:
    seen = {name: town.api(name).get("/api/v1/permit/events").text for name in ("anna", "ed")}
    assert town.draft in seen["anna"]
    assert town.draft not in seen["ed"]
    clear_refusal(town.api("ed").get("/api/v1/company/events"), {403})
    clear_refusal(town.stranger().get("/api/v1/permit/events"), {401, 403})
    for query in ("format=bpmn", "people=all", "texts=maybe", "page=2"):
        clear_refusal(town.api("hanna").get(f"/api/v1/permit/events?{query}"), {400})
