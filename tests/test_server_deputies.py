"""Deputies over HTTP: entered on the account's page and over the API, acting from the inbox and the record, refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.worker import Worker
from town import Town, open_town


def today() -> dt.date:
    """Return the day that the application has."""
    return dt.datetime.now(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


@pytest.fixture
def dora(town: Town) -> Iterator[str]:
    """An account of nobody's: no role at all; Carl's absences end with the test."""
    if "dora" not in town.users:
        account = town.run(town.accounts.read(town.users["carl"]))
        town.users["dora"] = town.run(
            town.accounts.create("Dora", "dora", roles=(), password=account.password, email="d@x.example", language="en")
        )
        town.tokens["dora"] = town.run(town.accounts.make_token(town.users["dora"], "test"))
    yield town.users["dora"]
    for name in ("carl", "hanna"):
        for one in town.api(name).get("/api/v1/me/absences").json()["items"]:
            assert town.api(name).delete(f"/api/v1/me/absences/{one['id']}").status_code == 204


def form(**given: str) -> dict[str, str]:
    """The entries of the form of an absence."""
    values = {"from": today().isoformat(), "until": today().isoformat(), "deputy": "Dora", "reason": "Course", **given}
    return {f"absence.{name}": value for name, value in values.items()}


def permit(town: Town) -> str:
    """Make a permit that waits for the clerk."""
    anna = town.api("anna")
    document = {"name": "plan.pdf", "content": town.base64(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")}
    key = str(anna.post("/api/v1/permit", json={**town.good_permit(), "documents": [document]}).json()["id"])
    assert anna.post(f"/api/v1/permit/{key}/actions/submit", json={}).status_code == 200
    return key


def test_an_absence_is_entered_and_ended_on_the_page(town: Town, dora: str) -> None:
    carl = town.browser("carl")
    assert "You are not absent" in carl.get("/profile").text
    for given, field in (({"deputy": "Nobody"}, "deputy"), ({"deputy": "carl"}, "deputy"), ({"until": "soon"}, "until"),
                         ({"from": ""}, "from"), ({"until": "2020-01-01"}, "until")):  # fmt: skip
        refused = carl.post("/profile/absences", data=form(**given) | {"_csrf": carl.token("/profile")})
        assert refused.status_code == 422
        assert f'id="absence.{field}-error"' in refused.text
        assert 'value="Course"' in refused.text
    assert carl.post("/profile/absences", data=form()).status_code == 403
    done = carl.post("/profile/absences", data=form() | {"_csrf": carl.token("/profile")})
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    shown = carl.get("/profile").text
    assert "Deputy: Dora · Course" in shown
    standing_in = town.browser("dora").get("/profile").text
    assert "Today you act for: Carl." in standing_in
    assert '<a href="/inbox">Waiting for you</a>' in standing_in
    again = carl.post("/profile/absences", data=form() | {"_csrf": carl.token("/profile")})
    assert "Dora is the deputy from" in again.text
    (end,) = re.findall(r'action="(/profile/absences/[0-9a-f-]+/end)"', shown)
    assert town.browser("hanna").post(end, data={"_csrf": town.browser("hanna").token()}).status_code == 403
    other = town.browser("hanna")
    assert other.post(end, data={"_csrf": other.token("/profile")}).status_code == 404
    assert carl.post(end, data={"_csrf": carl.token("/profile")}).status_code == 303
    assert "You are not absent" in carl.get("/profile").text


def test_the_deputy_acts_from_the_inbox_and_the_record(town: Town, dora: str) -> None:
    first, second = permit(town), permit(town)
    deputy = town.browser("dora")
    assert deputy.get(f"/e/permit/{first}").status_code == 404
    assert "Nothing waits" in deputy.get("/inbox").text
    carl = town.browser("carl")
    carl.post("/profile/absences", data=form() | {"_csrf": carl.token("/profile")})
    inbox = deputy.get("/inbox").text
    assert "for Carl" in inbox
    link = f"/e/permit/{first}?for={town.users['carl']}"
    assert f'href="{link}"' in inbox
    seen = deputy.get(f"/e/permit/{first}")
    assert (seen.status_code, seen.headers["location"]) == (303, link)
    record = deputy.get(link).text
    assert "You act for Carl, who is absent." in record
    assert f"/e/permit/{first}/edit" not in record
    assert f"/e/permit/{first}/do/start_review?for={town.users['carl']}" in record
    do = f"/e/permit/{first}/do/start_review"
    assert deputy.get(do).status_code == 404
    assert deputy.post(do, data={"_csrf": deputy.token()}).status_code == 404
    done = deputy.post(f"{do}?for={town.users['carl']}", data={"_csrf": deputy.token()})
    assert (done.status_code, done.headers["location"]) == (303, "/inbox")
    assert "“Start review” is done. It is now: In review." in deputy.get("/inbox").text
    assert "Dora for Carl" in carl.get(f"/e/permit/{first}").text
    permit(town)
    group = deputy.get("/inbox?group=permit.review.submitted").text
    items = [item for item in re.findall(r'name="item" value="([^"]+)"', group) if second in item]
    many = deputy.post("/inbox", data={"_csrf": deputy.token(), "action": "permit/start_review", "item": items})
    assert (many.status_code, "1 done" in many.text) == (200, True)
    german = carl.get(f"/e/permit/{second}", headers={"cookie": "fw_language=de; " + cookies(carl)}).text
    assert "Dora für Carl" in german
    events = town.api("carl").get(f"/api/v1/permit/{second}/history").json()["items"]
    assert [(e["who"]["title"], e["for_whom"]["title"]) for e in events if e["action"] == "start_review"] == [("Dora", "Carl")]


def test_the_deputy_sees_the_picture_of_the_case_as_long_as_it_waits(town: Town, dora: str) -> None:
    case = permit(town)
    deputy, carl = town.browser("dora"), town.browser("carl")
    picture = f"/e/permit/{case}/workflow?for={town.users['carl']}"
    assert deputy.get(picture).status_code == 403
    carl.post("/profile/absences", data=form() | {"_csrf": carl.token("/profile")})
    record = f"/e/permit/{case}?for={town.users['carl']}"
    assert f'href="{picture}"' in deputy.get(record).text
    shown = deputy.get(picture)
    assert (shown.status_code, "<svg" in shown.text) == (200, True)
    assert "You act for Carl, who is absent." in shown.text
    assert f'href="{record}"' in shown.text
    assert deputy.get(f"/e/permit/{case}/workflow").status_code == 404
    assert deputy.get(f"/e/permit/workflow?for={town.users['carl']}").status_code == 403
    foreign = town.api("anna").post("/api/v1/permit", json=town.good_permit()).json()["id"]
    assert deputy.get(f"/e/permit/{foreign}/workflow?for={town.users['carl']}").status_code == 404


def cookies(browser: object) -> str:
    """The cookies of a browser as a header."""
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())  # type: ignore[attr-defined]


def test_nobody_acts_for_somebody_by_saying_so(town: Town, dora: str) -> None:
    waiting = permit(town)
    carl, bert = town.users["carl"], town.browser("bert")
    for who in (bert, town.browser("dora")):
        for key in (carl, "nonsense", town.users["hanna"], "00000000-0000-0000-0000-000000000000", "'; drop"):
            path = f"/e/permit/{waiting}"
            assert who.get(f"{path}?for={who.quote(key)}").status_code == 403
            assert who.get(f"{path}/do/start_review?for={who.quote(key)}").status_code == 403
            sent = who.post(f"{path}/do/start_review?for={who.quote(key)}", data={"_csrf": who.token()})
            assert sent.status_code == 403
            many = {"_csrf": who.token(), "action": "permit/start_review", "item": f"permit/{waiting}/1/{key}"}
            assert who.post("/inbox", data=many).status_code == 422
            api = town.api("bert").post(f"/api/v1/permit/{waiting}/actions/start_review?for={who.quote(key)}", json={})
            assert api.status_code == 403
    state = town.api("carl").get(f"/api/v1/permit/{waiting}").json()["state"]
    assert state == "submitted"


def test_the_api_knows_absences_and_deputies(town: Town, dora: str) -> None:
    waiting = permit(town)
    carl, deputy = town.api("carl"), town.api("dora")
    given = {"from": today().isoformat(), "until": today().isoformat(), "deputy": "d@x.example"}
    made = carl.post("/api/v1/me/absences", json=given)
    assert made.status_code == 201
    assert made.json() | {"id": ""} == {"id": "", "from": given["from"], "until": given["until"], "reason": "",
                                        "deputy": {"id": dora, "name": "Dora"}}  # fmt: skip
    assert carl.post("/api/v1/me/absences", json=given).json()["error"]["fields"].keys() == {"from"}
    assert carl.post("/api/v1/me/absences", json={"from": 3}).status_code == 422
    assert deputy.get("/api/v1/me/deputy_of").json()["items"] == [{"id": town.users["carl"], "name": "Carl"}]
    tasks = deputy.get("/api/v1/me/inbox").json()["items"]
    (task,) = (one for one in tasks if one["id"] == waiting)
    assert task["for"] == {"id": town.users["carl"], "name": "Carl"}
    suffix = f"?for={town.users['carl']}"
    assert deputy.get(f"/api/v1/permit/{waiting}").status_code in (403, 404)
    assert deputy.get(f"/api/v1/permit/{waiting}{suffix}").json()["id"] == waiting
    assert deputy.get(f"/api/v1/permit{suffix}").status_code == 403
    assert deputy.patch(f"/api/v1/permit/{waiting}{suffix}", json={"version": 2, "storeys": 3}).status_code in (403, 404)
    assert deputy.delete(f"/api/v1/permit/{waiting}{suffix}", headers={"if-match": "*"}).status_code in (403, 404)
    done = deputy.post(f"/api/v1/permit/{waiting}/actions/start_review{suffix}", json={})
    assert (done.status_code, done.json()) == (200, {"id": waiting})


def test_a_deputy_gets_a_copy_of_what_the_absent_is_told(town: Town, dora: str) -> None:
    waiting = permit(town)
    town.run(Worker(town.running).run_due())
    carl = town.browser("carl")
    anna = town.browser("anna")
    anna.post("/profile/absences", data=form(deputy="dora") | {"_csrf": anna.token("/profile")})
    path = f"/e/permit/{waiting}/do/request_documents"
    assert carl.post(path, data={"_csrf": carl.token(path), "_comment": "The plan"}).status_code == 303
    town.run(Worker(town.running).run_due())
    assert "For Anna: Your application" in town.browser("dora").get("/notices").text
    assert "For Anna" not in anna.get("/notices").text
    for one in town.api("anna").get("/api/v1/me/absences").json()["items"]:
        town.api("anna").delete(f"/api/v1/me/absences/{one['id']}")


def test_an_operator_enters_and_ends_absences(town: Town, dora: str, module_database_url: str) -> None:
    waiting = permit(town)

    def command(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--language", "en", "user", *words, "--database", module_database_url])
        return done.exit_code, done.output

    assert command("absences") == (0, "Nobody is absent.\n")
    code, said = command("can", "dora", "start_review", "permit", waiting)
    assert (code, said) == (1, "No: The record is not theirs to see.\n")
    until = (today() + dt.timedelta(days=3)).isoformat()
    assert command("absent", "carl", "--deputy", "dora", "--until", until, "--reason", "Ill") == (0, "dora acts for carl.\n")
    code, said = command("absences", "carl")
    assert code == 0
    assert re.search(r"^Carl  .* – .*  → Dora  Ill$", said, re.MULTILINE)
    assert command("can", "dora", "start_review", "permit", waiting) == (0, "Yes, as deputy of Carl\n")
    assert command("can", "carl", "start_review", "permit", waiting) == (0, "Yes\n")
    code, said = command("can", "dora", "grant", "permit", waiting)
    assert code == 1
    assert "Not as deputy of Carl: not in this state" in said
    code, said = command("absent", "carl", "--deputy", "nobody", "--until", until)
    assert (code, "There is no account nobody." in said) == (1, True)
    assert command("absent", "dora", "--deputy", "carl", "--until", until)[0] == 1
    assert command("present", "carl") == (0, "Absences ended: 1\n")
    assert command("absences") == (0, "Nobody is absent.\n")
