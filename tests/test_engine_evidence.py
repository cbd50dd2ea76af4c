"""The history as event logs: valid by the standards' structure, as the person may see it, pseudonymous; and times."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from council import COUNCIL, START, Council, council, fill
from fachwerk.cli import main
from fachwerk.engine.deploy import deploy
from fachwerk.engine.evidence.attributes import Wanted
from fachwerk.engine.evidence.exporting import Export, exported
from fachwerk.engine.evidence.times import Times, Timing
from fachwerk.engine.main import compile_project
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.read import read_project
from lxml import etree
from post_office import POST, post_office

CASES = Path(__file__).parent / "cases" / "evidence"
XSD = etree.XMLSchema(etree.parse(str(CASES / "xes.xsd")))
OCEL = json.loads((CASES / "ocel.json").read_text())


def run(url: str, work: Callable[[Council, dict[str, str]], Awaitable[None]]) -> None:
    """Run *work* in a council whose cases have gone their ways."""

    async def inner() -> None:
        async with council(url) as made:
            await work(made, await fill(made))

    asyncio.run(inner())


async def written(
    made: Council, who: Person, shape: Any, entity: str | None = "request", wanted: Wanted | None = None
) -> bytes:
    """Return a whole log."""
    export = Export(entity, shape, wanted or Wanted())
    return b"".join([piece async for piece in exported(made.office.service, who, export)])


def values_of(element: Any) -> dict[str, str]:
    """Return the attributes of a trace or event by key; of each key there is one."""
    found = [child for child in element if child.tag not in ("event", "trace", "extension", "global", "classifier")]
    keys = [child.get("key") for child in found]
    assert len(keys) == len(set(keys)), keys
    return {child.get("key"): child.get("value") for child in found}


def traces(log: bytes) -> dict[str, tuple[dict[str, str], list[dict[str, str]]]]:
    """Return a valid log by case: its attributes and its events."""
    tree = etree.fromstring(log)
    XSD.assertValid(tree)
    prefixes = {one.get("prefix") for one in tree.findall("extension")}
    found = {}
    for trace in tree.findall("trace"):
        events = [values_of(event) for event in trace.findall("event")]
        head = values_of(trace)
        for keys in (head, *events):
            assert {key.split(":")[0] for key in keys if ":" in key} <= prefixes
        found[head["concept:name"]] = (head, events)
    for event in (event for _, events in found.values() for event in events):
        assert {"concept:name", "time:timestamp", "lifecycle:transition"} <= event.keys()  # what `global` promises
    return found


def names(events: list[dict[str, str]]) -> list[str]:
    return [event["concept:name"] for event in events]


def test_a_case_is_a_trace_with_its_steps_in_order(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        found = traces(await written(made, made.clerk, "xes"))
        assert set(found) == {ids[name] for name in ("loop", "late", "quick", "open")}
        head, events = found[ids["loop"]]
        assert names(events) == [
            "create", "submit", "back", "submit", "back", "submit", "to_board", "law.yes", "money.no", "decided",
        ]  # fmt: skip
        assert (head["state"], head["amount"], head["parts"], head["urgent"]) == ("done", "12.50", "3", "true")
        assert (head["begins"], head["length"]) == ("2026-04-01T00:00:00.000+02:00", "PT30H0M0S")
        assert head["applicant"] == ids["Anna"]
        assert head["tags"] == f"{ids['red']}, {ids['blue']}"
        moments = [dt.datetime.fromisoformat(event["time:timestamp"]) for event in events]
        assert moments == sorted(moments)
        assert moments[0] == START
        assert [event.get("state") for event in events[:3]] == ["draft", "check", "draft"]
        assert "org:resource" not in events[-1], "nobody did what followed by itself"
        assert names(found[ids["late"]][1]) == ["create", "submit", "answer.missed", "refuse"]
        assert "parts" not in found[ids["quick"]][0]

    run(database_url, work)


def test_people_are_pseudonyms_unless_asked(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        async def doers(wanted: Wanted) -> list[str | None]:
            found = traces(await written(made, made.clerk, "xes", wanted=wanted))
            return [event.get("org:resource") for event in found[ids["loop"]][1]]

        ours = await doers(Wanted())
        assert ours == await doers(Wanted()), "the same person has the same pseudonym"
        clerk, head = ours[0], ours[8]
        assert clerk is not None
        assert head is not None
        assert clerk != head
        assert all(one is None or (one.startswith("p-") and made.clerk.id not in one) for one in ours)
        assert (await doers(Wanted("names")))[:9] == ["clerk"] * 8 + ["head"]
        assert set(await doers(Wanted("none"))) == {None}
        for shape in ("xes", "ocel", "csv"):
            plain = (await written(made, made.clerk, shape)).decode()
            assert "because" not in plain, "comments are texts"
            assert "loop" not in plain
            assert "1234" not in plain
            for person in (made.clerk, made.head):
                assert person.id not in plain
            assert "because" in (await written(made, made.clerk, shape, wanted=Wanted(texts=True))).decode()

    run(database_url, work)


def test_what_one_may_not_read_is_not_there(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        found = traces(await written(made, made.outsider, "xes"))
        assert set(found) == {ids[name] for name in ("loop", "late", "open")}
        everything = [*(head for head, _ in found.values()), *(e for _, events in found.values() for e in events)]
        assert not {"amount", "internal", "applicant"} & {key for one in everything for key in one}
        clerks = traces(await written(made, made.clerk, "xes"))
        assert "applicant" not in clerks[ids["late"]][0], "a link to a person that the clerk may not read"
        whole = traces(await written(made, made.office.service.system, "xes"))
        assert whole[ids["late"]][0]["applicant"] == ids["Hidden"]
        await made.office.service.remove(made.clerk, "request", ids["quick"])
        assert ids["quick"] not in traces(await written(made, made.office.service.system, "xes"))

    run(database_url, work)


def test_ocel_has_several_objects_to_an_event(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        log = json.loads(await written(made, made.clerk, "ocel"))
        check_ocel(log)
        kinds = {one["id"]: one["type"] for one in log["objects"]}
        assert kinds[ids["loop"]] == "request"
        assert kinds[ids["visit"]] == "visit", "a sub-case is described, too"
        assert kinds[ids["Anna"]] == "person"
        assert ids["Hidden"] not in kinds
        submit = next(e for e in log["events"] if e["type"] == "request.submit")
        related = {(one["qualifier"], kinds[one["objectId"]]) for one in submit["relationships"]}
        assert related == {("record", "request"), ("applicant", "person"), ("tags", "tag")}
        go = next(e for e in log["events"] if e["type"] == "visit.go")
        assert {one["objectId"] for one in go["relationships"]} == {ids["visit"], ids["loop"]}
        loop = next(one for one in log["objects"] if one["id"] == ids["loop"])
        states = [one["value"] for one in loop["attributes"] if one["name"] == "state"]
        assert [states[0], states[-1], states.count("draft")] == ["draft", "done", 3]
        assert next(one["value"] for one in loop["attributes"] if one["name"] == "amount") == 12.5
        assert {one["objectId"] for one in loop["relationships"]} == {ids["Anna"], ids["red"], ids["blue"]}
        quick = next(one for one in log["objects"] if one["id"] == ids["quick"])
        assert ids["Hidden"] not in str(quick)
        whole = json.loads(await written(made, made.office.service.system, "ocel", None, Wanted("names", texts=True)))
        check_ocel(whole)
        changed = next(e for e in whole["events"] if e["type"] == "request.change")
        assert ids["Hidden"] in {one["objectId"] for one in changed["relationships"]}, "as it was linked then"

    run(database_url, work)


def check_ocel(log: Any) -> None:
    """Check the structure of a log, and what a schema cannot say: names are declared, values are of their types."""
    jsonschema.validate(log, OCEL)
    objects = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log["objectTypes"]}
    events = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log["eventTypes"]}
    ids = [one["id"] for one in log["objects"]]
    assert len(ids) == len(set(ids))
    assert len({one["id"] for one in log["events"]}) == len(log["events"])
    sorts = {"string": str, "time": str, "integer": int, "float": int | float, "boolean": bool}
    for one, types in [*((o, objects) for o in log["objects"]), *((e, events) for e in log["events"])]:
        for attribute in one.get("attributes", ()):
            assert isinstance(attribute["value"], sorts[types[one["type"]][attribute["name"]]]), attribute
        assert {relation["objectId"] for relation in one.get("relationships", ())} <= set(ids)


def test_ocel_as_tables_says_what_the_json_says(database_url: str, tmp_path: Path) -> None:
    """The tables of the standard hold together, and every object, event, relation and value is that of the JSON."""

    async def work(made: Council, ids: dict[str, str]) -> None:
        await made.office.service.remove(made.office.service.system, "request", ids["quick"])
        for removed, wanted in ((False, Wanted()), (True, Wanted("names", texts=True))):
            export = [Export(None, shape, wanted, removed=removed) for shape in ("ocel", "ocel-sqlite")]  # type: ignore[arg-type]
            system = made.office.service.system
            json_text, file = [b"".join([one async for one in exported(made.office.service, system, e)]) for e in export]
            path = tmp_path / f"{removed}.sqlite"
            path.write_bytes(file)
            with closing(sqlite3.connect(path)) as opened:
                compare(json.loads(json_text), opened)

    run(database_url, work)


def compare(log: Any, opened: sqlite3.Connection) -> None:
    """Compare a log in tables with the one in JSON."""
    ask = opened.execute
    assert ask("pragma integrity_check").fetchall() == [("ok",)]
    assert ask("pragma foreign_key_check").fetchall() == []
    maps = {kind: dict(ask(f"select * from {kind}_map_type")) for kind in ("event", "object")}
    assert set(maps["object"]) == {one["name"] for one in log["objectTypes"]}
    assert set(maps["event"]) == {one["name"] for one in log["eventTypes"]}
    relations = {(e["id"], r["objectId"], r["qualifier"]) for e in log["events"] for r in e["relationships"]}
    assert set(ask("select * from event_object")) == relations
    links = {(o["id"], r["objectId"], r["qualifier"]) for o in log["objects"] for r in o.get("relationships", ())}
    assert set(ask("select * from object_object")) == links
    opened.row_factory = sqlite3.Row
    for one in log["events"]:
        row = dict(ask(f'select * from "event_{maps["event"][one["type"]]}" where ocel_id = ?', [one["id"]]).fetchone())
        assert (row.pop("ocel_id"), row.pop("ocel_time")) == (one["id"], one["time"])
        assert {k: v for k, v in row.items() if v is not None} == {a["name"]: a["value"] for a in one["attributes"]}
    for one in log["objects"]:
        rows = [dict(row) for row in ask(f'select * from "object_{maps["object"][one["type"]]}" where ocel_id = ?', [one["id"]])]
        always = [row for row in rows if row["ocel_changed_field"] is None]
        assert len(always) == 1
        begun = always[0]["ocel_time"]
        values = [(name, begun, value) for name, value in always[0].items() if not name.startswith("ocel_")]
        changes = [(row["ocel_changed_field"], row["ocel_time"], row[row["ocel_changed_field"]]) for row in rows if row not in always]
        found = [(name, time, value) for name, time, value in (*values, *changes) if value is not None]
        told = [
            (a["name"], begun if a["time"].startswith("1970") else a["time"], a["value"])
            for a in one.get("attributes", ()) if a["value"] != ""
        ]  # fmt: skip
        creation = [e["time"] for e in log["events"] if e["type"] == f"{one['type']}.create" and e["relationships"][0]["objectId"] == one["id"]]
        assert begun == (creation or ["1970-01-01T00:00:00.000Z"])[0]
        assert sorted(found, key=str) == sorted(told, key=str)
    counts = [ask(f"select count(*) from {kind}").fetchone()[0] for kind in ("event", "object")]
    assert counts == [len(log["events"]), len(log["objects"])]


def test_a_table_is_safe_in_spreadsheets(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        await made.office.service.act(made.clerk, "request", ids["open"], "back", comment="=cmd|' /C calc'!A0")
        text = (await written(made, made.clerk, "csv", wanted=Wanted("names", texts=True))).decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len([row for row in rows if row["case"] == ids["loop"]]) == 10
        assert [row["state"] for row in rows if row["case"] == ids["late"]] == ["draft", "check", "check", "refused"]
        assert "'=cmd|' /C calc'!A0" in [row["comment"] for row in rows]

    run(database_url, work)


def test_one_format_takes_one_entity(sqlite_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        with pytest.raises(Refused, match="say which: request, visit"):
            await written(made, made.clerk, "xes", None)
        with pytest.raises(Refused, match="Did you mean request"):
            await written(made, made.clerk, "xes", "requst")

    run(sqlite_url, work)


# times ----------------------------------------------------------------------------------------------------------------


async def times(made: Council, who: Person, days: float = 365) -> Times | None:
    """Return the times of the last days."""
    workflow = made.office.running.app.project.workflows["review"]
    now = made.clock() + dt.timedelta(seconds=1)
    return await Timing(made.office.service).of(who, workflow, now - dt.timedelta(days=days), now)


def test_times_say_how_long_cases_stay_and_where_they_come_back(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        found = await times(made, made.clerk)
        assert found is not None
        stays = {stay.state: stay for stay in found.stays}
        day = dt.timedelta(days=1)
        assert (stays["check"].ended, stays["board"].ended) == (5, 1)
        assert stays["check"].quartiles == (day, day, 2 * day)
        assert stays["check"].longest == 12 * day
        assert stays["board"].quartiles == (2 * day, 2 * day, 2 * day), "opinions are no new stay"
        assert (stays["check"].entered, stays["check"].again) == (6, 2)
        assert (stays["draft"].entered, stays["draft"].again) == (6, 2)
        assert (stays["check"].waiting, stays["done"].waiting, stays["refused"].waiting) == (1, 1, 2)
        assert stays["check"].waiting_longest == day
        ways = {(way.step, way.source, way.target): way.count for way in found.ways}
        assert ways["submit", "draft", "check"] == 6
        assert ways["decided", "board", "done"] == 1
        assert sum(one.begun for one in found.days) == 4
        assert sum(one.ended for one in found.days) == 3
        (limit,) = found.limits
        assert (limit.kept, limit.missed, limit.running, limit.overdue) == (4, 1, 1, 0)

    run(database_url, work)


@pytest.mark.parametrize("ends", [1, -300])
def test_what_waits_has_waited_until_now_whatever_the_period(database_url: str, ends: int) -> None:
    """Also where the period goes on until the end of this day, or was over long ago."""

    async def work(made: Council, ids: dict[str, str]) -> None:
        end = made.clock() + dt.timedelta(days=ends)
        workflow = made.office.running.app.project.workflows["review"]
        found = await Timing(made.office.service).of(made.clerk, workflow, end - dt.timedelta(days=30), end)
        assert found is not None
        waiting = {stay.state: stay.waiting_longest for stay in found.stays if stay.waiting}
        assert waiting["check"] == dt.timedelta(days=1)

    run(database_url, work)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", "2026-03-02 22:59", 2),
        ("Europe/Berlin", "2026-03-02 23:00", 3),
        ("America/New_York", "2026-03-03 04:59", 2),
        ("Asia/Kolkata", "2026-03-02 18:29", 2),
        ("Asia/Kolkata", "2026-03-02 18:30", 3),
    ],
)
def test_days_are_those_of_the_zone(database_url: str, zone: str, moment: str, day: int) -> None:
    async def work() -> None:
        async with post_office(database_url, None, POST.replace("Europe/Berlin", zone)) as made:
            made.clock.now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
            service, clerk = made.office.service, made.office.people["clerk"]
            letters = [await made.office.make("letter", subject=str(number)) for number in range(3)]
            await service.act(clerk, "letter", letters[0].id, "recall")
            begin = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
            sending = made.office.running.app.project.workflows["sending"]
            found = await Timing(service).of(clerk, sending, begin, begin + dt.timedelta(days=9))
            assert found is not None
            assert [(one.day.day, one.begun, one.steps, one.ended) for one in found.days] == [(day, 3, 1, 1)]

    asyncio.run(work())


def test_times_are_of_a_period_and_of_what_one_may_read(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        short = await times(made, made.clerk, 2.5)
        assert short is not None
        assert {stay.state: stay.ended for stay in short.stays} == {"draft": 1, "check": 1, "board": 0, "done": 0, "refused": 0}
        assert next(stay for stay in short.stays if stay.state == "check").longest == dt.timedelta(days=12)
        outside = await times(made, made.outsider)
        assert outside is not None
        assert sum(one.begun for one in outside.days) == 3
        assert {stay.state: stay.waiting for stay in outside.stays}["refused"] == 1
        nobody = Person("", "x", "", frozenset(), "en")
        assert await times(made, nobody) is None

    run(database_url, work)


def test_whoever_acts_for_somebody_is_named_with_them(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        mark = ("$1", "$2") if made.office.running.database.dialect == "postgresql" else ("?", "?")
        text = f"UPDATE fw_history SET for_whom = {mark[0]} WHERE record = {mark[1]} AND action = 'submit'"
        async with made.office.running.database.transaction() as connection:
            await connection.fetch(text, [made.head.id, ids["open"]])
        found = traces(await written(made, made.clerk, "xes", wanted=Wanted("names")))
        submit = found[ids["open"]][1][1]
        assert (submit["org:resource"], submit["for_whom"]) == ("clerk", "head")
        plain = traces(await written(made, made.clerk, "xes"))[ids["open"]][1][1]
        assert plain["for_whom"].startswith("p-")
        assert plain["for_whom"] != plain["org:resource"]

    run(database_url, work)


def test_the_index_over_steps_arrives_in_databases_from_before(database_url: str) -> None:
    async def work(made: Council, ids: dict[str, str]) -> None:
        running = made.office.running
        await running.database.script(["DROP INDEX ix_fw_history__step"])
        changed, problems = read_project({"app.yaml": COUNCIL.replace("label: Council", "label: City council").encode()})
        assert changed is not None, problems
        done = await deploy(compile_project(changed, running.database.dialect), running.database)
        assert "ix_fw_history__step" in done.made

    run(database_url, work)


def test_the_command_writes_a_file(database_url: str, tmp_path: Path) -> None:
    ids: dict[str, str] = {}

    async def work(made: Council, found: dict[str, str]) -> None:
        ids.update(found)

    run(database_url, work)

    def told(*words: str) -> Result:
        return CliRunner().invoke(main, ["--language", "en", "events", *words, "--to", database_url])

    out = tmp_path / "log.xes"
    done = told("request", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert set(traces(out.read_bytes())) == {ids[name] for name in ("loop", "late", "quick", "open")}
    ocel = told("--format", "ocel", "--people", "none")
    assert ocel.exit_code == 0, ocel.output
    check_ocel(json.loads(ocel.stdout))
    limited = told("request", "--format", "csv", "--as", "outsider")
    assert ids["quick"] not in limited.stdout
    assert ids["open"] in limited.stdout
    for wrong, text in ((("requst",), "Did you mean request?"), (("request", "--as", "nobody"), "Nobody signs in as nobody")):
        refused = told(*wrong)
        assert refused.exit_code == 1
        assert text in refused.output


def test_removed_records_are_in_a_log_with_steps_and_states_only(database_url: str) -> None:
    """Who deletes a record wants its data gone; that somebody worked on it, and when, is no data of it."""
    ids: dict[str, str] = {}

    async def work(made: Council, found: dict[str, str]) -> None:
        ids.update(found)
        service = made.office.service
        for name in ("quick", "visit", "loop"):
            await service.remove(service.system, "visit" if name == "visit" else "request", found[name])

    run(database_url, work)

    def told(*words: str) -> Result:
        done = CliRunner().invoke(main, ["--language", "en", "events", *words, "--to", database_url])
        assert done.exit_code == 0, done.output
        return done

    said = "Records that were removed are in it with their steps and states only: {}\n"
    everything = told("request", "--texts", "--people", "names")
    found = traces(everything.stdout.encode())
    assert set(found) == {ids[name] for name in ("loop", "late", "quick", "open")}
    assert everything.stderr == said.format(2)
    head, events = found[ids["loop"]]
    assert set(head) == {"concept:name"}
    allowed = {"concept:name", "lifecycle:transition", "time:timestamp", "identity:id", "org:resource", "origin", "state"}
    assert set().union(*events) <= allowed
    assert names(events)[:3] == ["create", "submit", "back"]
    assert names(events)[-1] == "remove"
    assert [event.get("state") for event in events[:3]] == ["draft", "check", "draft"]
    assert events[0]["org:resource"] == "clerk"
    assert "because" not in str(events)
    pseudonyms = traces(told("request").stdout.encode())[ids["loop"]][1]
    assert pseudonyms[0]["org:resource"].startswith("p-")
    ocel = told("request", "--format", "ocel", "--texts")
    assert ocel.stderr == said.format(3), "a sub-case, too"
    log = json.loads(ocel.stdout)
    check_ocel(log)
    gone = next(one for one in log["objects"] if one["id"] == ids["loop"])
    assert {one["name"] for one in gone["attributes"]} == {"state"}
    assert gone["relationships"] == []
    assert [one["type"] for one in log["events"] if one["relationships"] == [{"objectId": ids["visit"], "qualifier": "record"}]][-1] == "visit.remove"
    rows = list(csv.DictReader(io.StringIO(told("request", "--format", "csv", "--texts").stdout, newline="")))
    assert {row["comment"] for row in rows if row["case"] == ids["loop"]} == {""}
    limited = told("request", "--as", "outsider")
    assert ids["loop"] not in limited.stdout
    assert limited.stderr == ""


def test_more_removed_records_than_are_read_at_once(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fachwerk.engine.evidence.events.BATCH", 2)

    async def work(made: Council, found: dict[str, str]) -> None:
        service, names = made.office.service, ("loop", "late", "quick", "open")
        await service.remove(service.system, "visit", found["visit"])
        for name in names:
            await service.remove(service.system, "request", found[name])
        export = Export("request", "xes", Wanted(), removed=True)
        pieces = [piece async for piece in exported(service, service.system, export)]
        assert set(traces(b"".join(pieces))) == {found[name] for name in names}
        assert not traces(await written(made, service.system, "xes")), "not unless they were asked for"

    run(database_url, work)
