"""What somebody may not see changes nothing in what they get: not a byte, on any page or endpoint.

Anna's answers are kept, then much happens in records that are not hers, then she asks again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from town import Browser, Town, open_town


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


QUESTIONS = [
    "/api/v1/permit", "/api/v1/permit?sort=-created", "/api/v1/permit?sort=number&limit=1", "/api/v1/permit?q=berg",
    "/api/v1/permit?q=tal", "/api/v1/permit?kind=demolition", "/api/v1/permit?storeys.ge=3", "/api/v1/permit?applicant.family_name=Tal",
    "/api/v1/permit?plot.district=Hofheim", "/api/v1/permit/{draft}", "/api/v1/permit/{submitted}", "/api/v1/permit/{submitted}/history",
    "/api/v1/permit/{draft}/actions", "/api/v1/person", "/api/v1/person?q=tal", "/api/v1/person?family_name=Tal",
    "/api/v1/ownership", "/e/permit", "/e/permit?q=tal", "/e/permit?sort=-fee", "/e/permit/{submitted}", "/e/permit/{draft}/edit",
    "/e/permit/new", "/e/person", "/e/ownership", "/",
]  # fmt: skip


def answers(browser: Browser, town: Town) -> dict[str, str]:
    found = {}
    for question in QUESTIONS:
        answer = browser.get(question.format(draft=town.draft, submitted=town.submitted))
        found[question] = answer.text
        assert answer.status_code == 200, (question, answer.text[:300])
    searched = {"_find": "applicant", "applicant.text": "tal", "_csrf": browser.token()}
    found["find"] = browser.post("/e/permit/new/find", data=searched).text
    return found


def test_what_others_do_in_secret_changes_nothing_for_anna(town: Town) -> None:
    api, page = town.api("anna"), town.browser("anna")
    before = {
        "api": [
            api.get(q.format(draft=town.draft, submitted=town.submitted)).text
            for q in QUESTIONS
            if q.startswith("/api")
        ]
    }
    pages = answers(page, town)
    carl, bert = town.api("carl"), town.api("bert")
    bert_person = carl.get("/api/v1/person?family_name=Tal").json()["items"][0]
    for number in range(3):
        values = {**town.good_permit(), "applicant": bert_person["id"], "kind": "demolition", "storeys": 3}
        made = bert.post("/api/v1/permit", json={**values, "neighbours": [{"name": f"Secret {number}"}]})
        assert made.status_code == 201, made.text
    changed = carl.patch(
        f"/api/v1/person/{bert_person['id']}", json={"phone": "+49 89 123456", "version": bert_person["version"]}
    )
    assert changed.status_code == 200, changed.text
    assert "Tal" not in "".join(pages.values())
    after = {
        "api": [
            api.get(q.format(draft=town.draft, submitted=town.submitted)).text
            for q in QUESTIONS
            if q.startswith("/api")
        ]
    }
    assert before == after
    assert answers(page, town) == pages
