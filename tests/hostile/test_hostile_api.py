"""Hostile requests to the API: each gets a clear refusal of the one shape, and changes nothing."""

from __future__ import annotations

import base64
import json

import orjson
import pytest
from town import Town, clear_refusal

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "key",
    [UNKNOWN, "1", "-1", "0x1", "null", "true", "' or '1'='1", "1; drop table permit", "a" * 1_000, "%25", "{id}",
     "..", "*", "00000000-0000-7000-8000-00000000000g", "００００００００-0000-7000-8000-000000000000", "$ne", "[object Object]"],
)  # fmt: skip
def test_ids_that_are_none(town: Town, key: str) -> None:
    carl = town.api("carl")
    for method in ("GET", "PATCH", "DELETE"):
        answer = carl.request(
            method, f"/api/v1/permit/{carl.quote(key)}", json={"version": 1}, headers={"If-Match": "*"}
        )
        clear_refusal(answer, {400, 404})


@pytest.mark.parametrize(
    "entity", ["fw_user", "fw_session", "permit.neighbours", "permit__neighbours", "PERMIT", "permits", "__proto__", "user",
               "permit;drop", "sqlite_master", "pg_catalog.pg_user"],
)  # fmt: skip
def test_entities_that_are_none(town: Town, entity: str) -> None:
    carl = town.api("carl")
    clear_refusal(carl.get(f"/api/v1/{entity}"), {404})
    clear_refusal(carl.post(f"/api/v1/{entity}", json={}), {404})


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "password=x", "applicant.user.password=x", "applicant.user.name=x", "kind.regex=.*", "kind.gt=new",
     "storeys.gt=abc", "storeys=1e400", "fee=NaN", "fee=Infinity", "storeys=99999999999999999999999999",
     "limit=0", "limit=-1", "limit=1000000", "limit=abc", "limit=1e3", "sort=nonsense", "sort=documents", "sort=internal_note.x",
     "sort=;drop", "after=xxx", "after=W10", "after=" + base64.urlsafe_b64encode(b'["a","b","c"]').decode(),
     "after=" + base64.urlsafe_b64encode(b'{"a":1}').decode(), "after=" + "A" * 3_000, "before=%22", "created=yesterday",
     "submitted.gt=2026-13-45", "applicant=not-an-id", "plot.district.x.y.z=1", "neighbours.name=x", "documents=x",
     "&".join(f"storeys.gt={n}" for n in range(40)), "id.gt=" + UNKNOWN, "position=1", "id=x", "id.in=x,y", "plot.id=x", "__class__=x", "kind..in=a"],
)  # fmt: skip
def test_queries_that_are_none(town: Town, query: str) -> None:
    clear_refusal(town.api("carl").get(f"/api/v1/permit?{query}"), {400})


@pytest.mark.parametrize(
    "query",
    ["q=%27%22%3B--%25_%5C", "q=%F0%9F%98%80", "kind=new%27", "number=%25", "kind.in=" + ",".join(["new"] * 300)],
)
def test_odd_texts_in_queries_find_nothing_and_break_nothing(town: Town, query: str) -> None:
    answer = town.api("carl").get(f"/api/v1/permit?{query}")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert isinstance(answer.json()["items"], list)


def test_a_cursor_of_one_list_does_not_open_another(town: Town) -> None:
    carl = town.api("carl")
    following = carl.get("/api/v1/person?limit=1&sort=family_name").json()["next"]
    assert following
    clear_refusal(carl.get(f"/api/v1/permit?after={following}&sort=-fee"), {400})


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "created",
        "created_by",
        "changed",
        "changed_by",
        "state",
        "due",
        "opinions",
        "fee",
        "number",
        "submitted_by",
    ],
)
def test_fields_of_the_system_cannot_be_set(town: Town, field: str) -> None:
    """Mass assignment: what the engine writes is refused by name, in creating and in changing."""
    carl = town.api("carl")
    answer = carl.post("/api/v1/permit", json={**town.good_permit(), field: "x"})
    clear_refusal(answer, {422})
    assert field in answer.json()["error"]["fields"]
    clear_refusal(carl.patch(f"/api/v1/permit/{town.submitted}", json={field: "x", "version": 1}), {422, 409})


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "palace"), ("kind", 1), ("kind", ["new"]), ("kind", {"$gt": ""}), ("floor_area", "many"), ("floor_area", -1),
     ("floor_area", True), ("floor_area", 1e300), ("floor_area", []), ("storeys", 1.5), ("storeys", "2; drop table permit"),
     ("storeys", 2**70), ("plot", UNKNOWN), ("plot", "x"), ("plot", 7), ("plot", {"id": UNKNOWN}), ("plot", ["a"]),
     ("neighbours", "x"), ("neighbours", [1]), ("neighbours", [{"nonsense": 1}]), ("neighbours", [{"name": None}]),
     ("neighbours", {"name": "x"}), ("documents", "../../etc/passwd"),
     ("documents", [{"name": "a.pdf", "content": "%%%"}]), ("documents", [{"name": "a.pdf"}]), ("documents", [UNKNOWN]),
     ("documents", [{"name": "a.pdf", "content": base64.b64encode(b"<html><script>alert(1)</script>").decode()}]),
     ("internal_note", 5), ("internal_note", {"a": 1})],
)  # fmt: skip
def test_values_that_a_field_cannot_hold(town: Town, field: str, value: object) -> None:
    answer = town.api("carl").post("/api/v1/permit", json={**town.good_permit(), field: value})
    clear_refusal(answer, {400, 413, 422})
    if answer.status_code == 422:
        assert any(name.split(".")[0] == field for name in answer.json()["error"]["fields"])


def test_rows_of_another_record_cannot_be_taken(town: Town) -> None:
    """A row with an id that is not one of the record's own is a new row, whosever the id is."""
    carl = town.api("carl")
    theirs = carl.post("/api/v1/permit", json={**town.good_permit(), "neighbours": [{"name": "Nora"}]}).json()
    stolen = {"id": theirs["neighbours"][0]["id"], "name": "Mine"}
    made = carl.post(
        "/api/v1/permit", json={**town.good_permit(), "neighbours": [stolen, {"id": UNKNOWN, "name": "x"}]}
    ).json()
    assert {row["id"] for row in made["neighbours"]}.isdisjoint({stolen["id"], UNKNOWN})
    again = carl.get(f"/api/v1/permit/{theirs['id']}").json()
    assert [row["name"] for row in again["neighbours"]] == ["Nora"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff tail"])
def test_texts_that_no_database_keeps(town: Town, text: str) -> None:
    body = json.dumps({"given_name": text, "family_name": "x"}).encode()
    clear_refusal(
        town.api("carl").post("/api/v1/person", content=body, headers={"content-type": "application/json"}), {400, 422}
    )


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; drop table person; --", "\u202eevil", "😀" * 50, "a\tb", "{{7*7}}", "${7*7}",
             "%s%n", "\\", '"', "=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_odd_texts_come_back_as_they_were_sent(town: Town, text: str) -> None:
    carl = town.api("carl")
    made = carl.post("/api/v1/person", json={"given_name": "Odd", "family_name": text})
    assert made.status_code == 201, made.text
    assert carl.get(made.headers["location"]).json()["family_name"] == text.strip()


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true", b"", b"[[[[]]]]"])
def test_bodies_that_are_no_object(town: Town, body: bytes) -> None:
    clear_refusal(
        town.api("carl").post("/api/v1/person", content=body, headers={"content-type": "application/json"}), {400, 422}
    )


def test_a_json_bomb_is_refused(town: Town) -> None:
    carl = town.api("carl")
    head = {"content-type": "application/json"}
    clear_refusal(carl.post("/api/v1/person", content=b'{"a":' * 100_000, headers=head), {400})
    clear_refusal(carl.post("/api/v1/person", content=b"[" * 1_200_000, headers=head), {413})
    rows = [{"name": "x"}] * 5_000
    clear_refusal(carl.post("/api/v1/permit", json={**town.good_permit(), "neighbours": rows}), {413, 422})


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic Y2FybDp4", "bearer  ", "Bearer " + "A" * 5_000, "Token x", "Bearer \x01"]
)
def test_tokens_that_are_none(town: Town, header: str) -> None:
    answer = town.stranger().get("/api/v1/permit", headers={"authorization": header})
    clear_refusal(answer, {401})
    assert answer.headers["www-authenticate"] == "Bearer"


def test_every_endpoint_asks_who_you_are(town: Town) -> None:
    stranger = town.stranger()
    one = f"/api/v1/permit/{town.draft}"
    for method, path in [
        ("GET", "/api/v1/permit"), ("POST", "/api/v1/permit"), ("GET", one), ("PATCH", one), ("DELETE", one),
        ("GET", f"{one}/actions"), ("POST", f"{one}/actions/submit"), ("GET", f"{one}/history"), ("GET", "/api/v1/openapi.json"),
    ]:  # fmt: skip
        clear_refusal(stranger.request(method, path, json={} if method in ("POST", "PATCH") else None), {401})


def test_a_session_alone_does_not_write_by_api(town: Town) -> None:
    """A page elsewhere can make a browser send the cookie; without a word of its origin nothing is written."""
    carl = town.browser("carl")
    body = {"given_name": "Cross", "family_name": "Site"}
    clear_refusal(carl.post("/api/v1/person", json=body), {403})
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
    ):
        clear_refusal(carl.post("/api/v1/person", json=body, headers=headers), {403})
    assert carl.post("/api/v1/person", json=body, headers={"sec-fetch-site": "same-origin"}).status_code == 201
    clear_refusal(
        carl.post(
            "/api/v1/person",
            content=orjson.dumps(body),
            headers={"content-type": "text/plain", "sec-fetch-site": "same-origin"},
        ),
        {415},
    )


def test_nobody_reads_or_writes_what_is_not_theirs(town: Town) -> None:
    """IDOR: Bert knows the id of Anna's application."""
    bert, one = town.api("bert"), f"/api/v1/permit/{town.draft}"
    clear_refusal(bert.get(one), {404})
    clear_refusal(bert.get(f"{one}/history"), {404})
    clear_refusal(bert.get(f"{one}/actions"), {404})
    clear_refusal(bert.patch(one, json={"storeys": 1, "version": 1}), {404})
    clear_refusal(bert.delete(one, headers={"If-Match": "*"}), {403, 404})
    clear_refusal(bert.post(f"{one}/actions/submit", json={}), {404})
    clear_refusal(bert.get(f"/files/permit/{town.draft}/documents/{town.document}"), {404})
    assert town.draft not in bert.get("/api/v1/permit").text
    assert bert.get(f"/api/v1/permit?id={town.draft}").json()["items"] == []


def test_hidden_fields_are_neither_shown_nor_found_nor_sorted_by(town: Town) -> None:
    anna = town.api("anna")
    record = anna.get(f"/api/v1/permit/{town.submitted}").json()
    assert "internal_note" not in record
    assert "SECRET-NOTE" not in anna.get(f"/api/v1/permit/{town.submitted}/history").text
    clear_refusal(anna.get("/api/v1/permit?internal_note.contains=SECRET"), {400, 403})
    clear_refusal(anna.get("/api/v1/permit?sort=internal_note"), {400, 403})
    clear_refusal(anna.get("/api/v1/permit?fields=internal_note"), {400, 403})
    answer = anna.patch(f"/api/v1/permit/{town.draft}", json={"internal_note": "mine", "version": 1})
    clear_refusal(answer, {403, 422})


@pytest.mark.parametrize(
    "action",
    ["grant", "submit", "nonsense", "structure.approve", "fire.approve", "%2e%2e", "review_done", "start_review"],
)
def test_actions_that_are_not_yours_or_not_now(town: Town, action: str) -> None:
    answer = town.api("anna").post(f"/api/v1/permit/{town.submitted}/actions/{action}", json={})
    clear_refusal(answer, {403, 404, 409, 422})


@pytest.mark.parametrize(
    "wish", [{"comment": 5}, {"version": "1"}, {"values": []}, {"nonsense": 1}, [], "x", {"comment": "a\x00b"}]
)
def test_actions_wished_for_in_a_wrong_way(town: Town, wish: object) -> None:
    clear_refusal(
        town.api("carl").post(f"/api/v1/permit/{town.submitted}/actions/start_review", json=wish), {400, 409, 422}
    )


@pytest.mark.parametrize("version", ["0", "abc", '"x"', "9" * 30, "-1", '"1.5"'])
def test_versions_that_are_none(town: Town, version: str) -> None:
    clear_refusal(
        town.api("carl").patch(f"/api/v1/permit/{town.submitted}", json={}, headers={"If-Match": version}), {400, 409}
    )


def test_a_change_needs_a_version(town: Town) -> None:
    carl = town.api("carl")
    clear_refusal(carl.patch(f"/api/v1/permit/{town.submitted}", json={"storeys": 1}), {428})
    clear_refusal(carl.delete(f"/api/v1/permit/{town.submitted}"), {428})
    clear_refusal(carl.patch(f"/api/v1/permit/{town.submitted}", json={"storeys": 1, "version": 77}), {409})


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "PROPFIND", "LOCK", "BREW"])
def test_methods_that_are_not_answered(town: Town, method: str) -> None:
    answer = town.api("carl").request(method, f"/api/v1/permit/{town.draft}")
    clear_refusal(answer, {405})
    assert "PATCH" in answer.headers["allow"]


def test_no_method_hides_in_another(town: Town) -> None:
    carl = town.api("carl")
    for headers in ({"x-http-method-override": "DELETE"}, {"x-method-override": "DELETE"}, {"x-http-method": "DELETE"}):
        clear_refusal(carl.post(f"/api/v1/permit/{town.draft}", json={}, headers=headers), {405})
    assert carl.get(f"/api/v1/person/{town.person}?_method=DELETE").status_code in (200, 400)
    assert carl.get(f"/api/v1/person/{town.person}").status_code == 200
