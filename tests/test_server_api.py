"""The JSON API on both databases: lists, records, changes, actions, versions, and the one shape of its errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from town import Town, clear_refusal, open_town


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


def test_a_record_is_created_read_changed_and_deleted(town: Town) -> None:
    carl, hanna = town.api("carl"), town.api("hanna")
    made = carl.post("/api/v1/plot", json={"district": "Auen", "parcel": "12/3", "heritage": True, "max_storeys": 4})
    assert made.status_code == 201
    place, record = made.headers["location"], made.json()
    assert place == f"/api/v1/plot/{record['id']}"
    assert (record["version"], record["district"], record["title"]) == (1, "Auen", "Auen 12/3")
    tag = made.headers["etag"]
    assert carl.get(place).headers["etag"] == tag
    changed = carl.patch(place, json={"max_storeys": 5}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["max_storeys"]) == (2, 5)
    clear_refusal(carl.patch(place, json={"max_storeys": 6}, headers={"If-Match": tag}), {409})
    clear_refusal(hanna.delete(place, headers={"If-Match": "*"}), {403})


def test_a_record_that_has_not_changed_is_not_sent_again(town: Town) -> None:
    anna, place = town.api("anna"), f"/api/v1/permit/{town.draft}"
    tag = anna.get(place).headers["etag"]
    again = anna.get(place, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert anna.get(place, headers={"If-None-Match": '"other"'}).status_code == 200


def test_decimals_are_numbers_with_all_their_places(town: Town) -> None:
    text = town.api("anna").get(f"/api/v1/permit/{town.draft}").text
    assert '"floor_area":140.5' in text.replace(" ", "")
    assert '"fee":351.25' in text.replace(" ", "")


def test_links_come_with_the_title_of_what_they_lead_to(town: Town) -> None:
    record = town.api("anna").get(f"/api/v1/permit/{town.draft}").json()
    assert record["plot"] == {"entity": "plot", "id": town.plot, "title": "Hofheim 117/4"}
    assert record["applicant"]["title"] == "Berg, Anna"


def test_rows_are_sent_and_kept_with_their_record(town: Town) -> None:
    anna, place = town.api("anna"), f"/api/v1/permit/{town.draft}"
    record = anna.get(place).json()
    rows = [{"name": "Nora"}, {"name": "Olaf", "consents": True}]
    changed = anna.patch(place, json={"neighbours": rows, "version": record["version"]}).json()
    assert [row["name"] for row in changed["neighbours"]] == ["Nora", "Olaf"]
    kept = [{"id": changed["neighbours"][1]["id"], "name": "Olav"}]
    again = anna.patch(place, json={"neighbours": kept, "version": changed["version"]}).json()
    assert [(row["id"], row["name"]) for row in again["neighbours"]] == [(kept[0]["id"], "Olav")]
    assert again["neighbours"][0]["consents"] is True


def test_lists_are_filtered_sorted_and_paged(town: Town) -> None:
    carl = town.api("carl")
    for number in range(7):
        made = carl.post(
            "/api/v1/plot", json={"district": "Reihe", "parcel": f"{number}", "max_storeys": 1 + number % 3}
        )
        assert made.status_code == 201, made.text
    found = carl.get("/api/v1/plot?district=Reihe&sort=-parcel&limit=3").json()
    assert [item["parcel"] for item in found["items"]] == ["6", "5", "4"]
    assert (found["count"], found["count_is_capped"], found["previous"]) == (7, False, None)
    second = carl.get(f"/api/v1/plot?district=Reihe&sort=-parcel&limit=3&after={found['next']}").json()
    assert [item["parcel"] for item in second["items"]] == ["3", "2", "1"]
    third = carl.get(f"/api/v1/plot?district=Reihe&sort=-parcel&limit=3&after={second['next']}").json()
    assert [item["parcel"] for item in third["items"]] == ["0"]
    assert third["next"] is None
    back = carl.get(f"/api/v1/plot?district=Reihe&sort=-parcel&limit=3&before={third['previous']}").json()
    assert [item["parcel"] for item in back["items"]] == ["3", "2", "1"]
    high = carl.get("/api/v1/plot?district=Reihe&max_storeys.ge=3").json()
    assert high["count"] == 2
    some = carl.get("/api/v1/plot?district=Reihe&parcel.in=1,2").json()
    assert some["count"] == 2
    over = carl.get("/api/v1/permit?plot.district=Hofheim").json()
    assert {item["id"] for item in over["items"]} >= {town.submitted}


def test_lists_give_only_the_fields_asked_for(town: Town) -> None:
    item = town.api("carl").get("/api/v1/permit?fields=number,kind").json()["items"][0]
    assert set(item) == {"id", "version", "title", "number", "kind"}


def test_a_case_goes_its_way_by_api(town: Town) -> None:
    names = ("anna", "carl", "hanna", "ed", "fritz")
    anna, carl, hanna, ed, fritz = (town.api(name) for name in names)
    made = anna.post("/api/v1/permit", json={**town.good_permit(), "documents": [town_pdf(town)]}).json()
    place = f"/api/v1/permit/{made['id']}"
    found = {action["name"]: action for action in anna.get(f"{place}/actions").json()["items"]}
    assert found["submit"]["possible"]
    assert not any(action["possible"] for action in carl.get(f"{place}/actions").json()["items"])
    assert anna.post(f"{place}/actions/submit", json={}).json()["state"] == "submitted"
    assert carl.post(f"{place}/actions/start_review", json={"comment": "looks complete"}).json()["state"] == "in_review"
    for person, part in ((ed, "structure"), (fritz, "fire"), (carl, "planning")):
        done = person.post(f"{place}/actions/{part}.approve", json={})
        assert done.status_code == 200, done.text
    granted = hanna.post(f"{place}/actions/grant")
    assert granted.status_code == 200, granted.text
    assert granted.json()["state"] == "granted"
    events = hanna.get(f"{place}/history").json()["items"]
    steps = [event["action"] for event in events if event["action"]]
    assert {"submit", "start_review", "structure.approve", "grant"} <= set(steps)
    assert "looks complete" in {event["comment"] for event in events}


def test_what_stands_against_an_action_is_said(town: Town) -> None:
    actions = town.api("anna").get(f"/api/v1/permit/{town.draft}/actions").json()["items"]
    assert all(action["possible"] or action["reasons"] for action in actions)
    refused = town.api("hanna").post(f"/api/v1/permit/{town.submitted}/actions/grant")
    clear_refusal(refused, {403, 409, 422})


def test_two_changes_of_one_version_end_in_a_conflict_with_both_values(town: Town) -> None:
    carl, place = town.api("carl"), f"/api/v1/plot/{town.plot}"
    version = carl.get(place).json()["version"]
    assert carl.patch(place, json={"max_storeys": 4, "version": version}).status_code == 200
    refused = carl.patch(place, json={"max_storeys": 5, "version": version})
    clear_refusal(refused, {409})
    conflict = refused.json()["error"]["conflicts"]["max_storeys"]
    assert (conflict["yours"], conflict["theirs"], conflict["before"]) == (5, 4, 3)
    current = carl.get(place).json()
    assert carl.patch(place, json={"max_storeys": 3, "version": current["version"]}).status_code == 200


def test_all_mistakes_come_at_once(town: Town) -> None:
    refused = town.api("carl").post("/api/v1/permit", json={"kind": "palace", "storeys": "x", "floor_area": -1})
    clear_refusal(refused, {422})
    assert {"kind", "storeys", "floor_area", "plot", "applicant"} <= set(refused.json()["error"]["fields"])


def test_checks_speak_the_language_of_the_account(town: Town) -> None:
    carl = town.api("carl")
    refused = carl.post("/api/v1/permit", json={**town.good_permit(), "storeys": 9})
    assert refused.json()["error"]["fields"]["storeys"] == "The plot allows 3 storeys at most."


def test_a_hundred_creates_at_once_get_a_hundred_numbers(town: Town) -> None:
    anna = town.api("anna")

    async def all_at_once() -> list[str]:
        answers = await asyncio.gather(
            *(anna.send("POST", "/api/v1/permit", json=town.good_permit()) for _ in range(100))
        )
        assert {answer.status_code for answer in answers} == {201}
        return [answer.json()["number"] for answer in answers]

    numbers = sorted(int(number.rpartition("-")[2]) for number in town.run(all_at_once()))
    assert numbers == list(range(numbers[0], numbers[0] + 100))


def test_a_race_for_a_unique_value_ends_in_a_refusal(town: Town) -> None:
    carl = town.api("carl")

    async def both() -> list[tuple[int, dict[str, str]]]:
        body = {"given_name": "Eve", "family_name": "Eins", "email": "eve@town.example"}
        answers = await asyncio.gather(*(carl.send("POST", "/api/v1/person", json=body) for _ in range(4)))
        return [(answer.status_code, answer.json().get("error", {}).get("fields", {})) for answer in answers]

    results = sorted(town.run(both()), key=lambda result: result[0])
    assert results[0][0] == 201
    assert all(status in (409, 422) and "email" in fields for status, fields in results[1:])


def test_an_auditor_reads_everything_and_writes_nothing(town: Town) -> None:
    audi = town.api("audi")
    assert audi.get(f"/api/v1/permit/{town.draft}").status_code == 200
    clear_refusal(audi.patch(f"/api/v1/permit/{town.draft}", json={"storeys": 1, "version": 1}), {403})
    clear_refusal(audi.post("/api/v1/person", json={"given_name": "A", "family_name": "B"}), {403})


def test_the_description_is_there(town: Town) -> None:
    answer = town.api("carl").get("/api/v1/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"
    assert "/api/v1/permit/{id}" in answer.json()["paths"]


def town_pdf(town: Town) -> dict[str, str]:
    return {"name": "plan.pdf", "content": town.base64(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")}
