"""Writing and reading through the service: sequences, locking, unique values, rules, rows, links, trees, workflow."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from fachwerk.engine.query import read_query
from fachwerk.engine.values import Conflict, FileInfo, FileUpload, Record, Reference
from fachwerk.problems import Refused
from office import OFFICE, Office, office

D = Decimal


def made_on(record: Record) -> dt.date:
    """Return the day in the zone of the app on which a record was made."""
    created = record.values["created"]
    assert isinstance(created, dt.datetime)
    return created.astimezone(ZoneInfo("Europe/Berlin")).date()


def run(url: str, work: Callable[[Office], Awaitable[None]], clock: Callable[[], dt.datetime] | None = None) -> None:
    """Run *work* in a fresh office."""

    async def inner() -> None:
        async with office(url, **({"clock": clock} if clock else {})) as made:
            await work(made)

    asyncio.run(inner())


async def refused(work: Awaitable[object]) -> Refused:
    """Return the refusal that *work* ends in."""
    with pytest.raises(Refused) as caught:
        await work
    return caught.value


def test_100_concurrent_creates_get_gap_free_numbers(database_url: str) -> None:
    """A hundred creates at once get the numbers 1 to 100; a refused one takes none."""

    async def work(made: Office) -> None:
        clerk = made.people["clerk"]
        creates = [made.service.create(clerk, "case", {"subject": f"s{i}"}) for i in range(100)]
        bad = [made.service.create(clerk, "case", {"subject": ""}) for _ in range(10)]
        found = await asyncio.gather(*creates, *bad, return_exceptions=True)
        numbers = sorted(str(one.values["number"]) for one in found[:100])  # type: ignore[union-attr]
        year = dt.datetime.now(ZoneInfo("Europe/Berlin")).year
        assert numbers == [f"C-{year}-{number:04d}" for number in range(1, 101)]
        assert all(isinstance(one, Refused) for one in found[100:])

    run(database_url, work)


def test_sequence_starts_anew_in_the_year_of_the_app(sqlite_url: str) -> None:
    """The year is that of the app's time zone: in Berlin it begins an hour before UTC's."""
    now = dt.datetime(2025, 12, 31, 22, 30, tzinfo=dt.UTC)

    async def work(made: Office) -> None:
        nonlocal now
        first = await made.make("case", subject="a")
        now = dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC)
        second = await made.make("case", subject="b")
        assert (first.values["number"], second.values["number"]) == ("C-2025-0001", "C-2026-0001")

    run(sqlite_url, work, lambda: now)


def test_two_editors_the_second_is_told_field_by_field(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        case = await made.make("case", subject="old", amount=D(5))
        await service.change(clerk, "case", case.id, {"subject": "first", "amount": D(7)}, version=1)
        error = await refused(service.change(clerk, "case", case.id, {"subject": "second"}, version=1))
        assert isinstance(error, Conflict)
        assert (error.status, error.version) == (409, 2)
        assert error.conflicts["subject"] == {"yours": "second", "theirs": "first", "before": "old"}
        assert error.conflicts["amount"] == {"yours": D("5.00"), "theirs": D("7.00"), "before": D("5.00")}
        again = await service.change(clerk, "case", case.id, {"subject": "second"}, version=2)
        assert (again.version, again.values["subject"], again.values["amount"]) == (3, "second", D("7.00"))

    run(database_url, work)


def test_two_editors_at_the_same_moment(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        case = await made.make("case", subject="old")
        writes = [service.change(clerk, "case", case.id, {"subject": f"s{i}"}, version=1) for i in range(8)]
        found = await asyncio.gather(*writes, return_exceptions=True)
        assert sum(isinstance(one, Conflict) for one in found) == 7
        assert (await service.read(clerk, "case", case.id)).version == 2

    run(database_url, work)


def test_a_change_that_changes_nothing_writes_nothing(sqlite_url: str) -> None:
    async def work(made: Office) -> None:
        case = await made.make("case", subject="x", amount=D("5.10"))
        again = await made.service.change(made.system, "case", case.id, {"amount": D("5.1")}, version=1)
        assert again.version == 1
        assert len(await made.service.history(made.people["clerk"], "case", case.id)) == 1

    run(sqlite_url, work)


def test_unique_race_names_the_field(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk = made.people["clerk"]
        both = [made.service.create(clerk, "tag", {"name": "same"}) for _ in range(8)]
        found = await asyncio.gather(*both, return_exceptions=True)
        errors = [one for one in found if isinstance(one, Refused)]
        assert len(errors) == 7
        assert all((one.code, one.status, list(one.fields)) == ("taken", 409, ["name"]) for one in errors)

    run(database_url, work)


def test_composite_unique_names_all_fields(database_url: str) -> None:
    async def work(made: Office) -> None:
        await made.make("place", town="Hofheim", street="A")
        await made.make("place", town="Hofheim", street="B")
        error = await refused(made.make("place", town="Hofheim", street="A"))
        assert set(error.fields) == {"town", "street"}

    run(database_url, work)


def test_all_errors_come_at_once(database_url: str) -> None:
    async def work(made: Office) -> None:
        values = {
            "amount": D(-1), "day": dt.date(1999, 1, 1), "kind": "hard", "unit": "0" * 8 + "-0000-7000-8000-" + "0" * 12,
            "lines": [{"text": "a", "count": 0, "price": D(1)}, {"price": D(200000)}],
        }  # fmt: skip
        unreadable = {"note": {"en": "Not readable."}}
        error = await refused(
            made.service.create(made.people["clerk"], "case", values, unreadable=unreadable)
        )  # fmt: skip
        assert set(error.fields) == {
            "subject", "amount", "day", "kind", "unit", "note", "lines.0.count", "lines.1.text", "lines.1.count",
            "lines.1.price",
        }  # fmt: skip
        assert error.fields["day"]["en"] == "The day 1999-01-01 is too early for –."

    run(database_url, work)


def test_hidden_values_are_dropped_and_required_follows(database_url: str) -> None:
    """``reason`` shows above 1000 and is needed above 5000; what is hidden is dropped, and the history says so."""

    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        case = await made.make("case", subject="x", amount=D(2000), reason="because")
        assert case.values["reason"] == "because"
        case = await service.change(clerk, "case", case.id, {"amount": D(10)}, version=1)
        assert case.values["reason"] is None
        error = await refused(service.change(clerk, "case", case.id, {"amount": D(6000)}, version=2))
        assert list(error.fields) == ["reason"]
        hidden = await service.create(clerk, "case", {"subject": "y", "reason": "no"})
        assert hidden.values["reason"] is None
        entries = await service.kit.history.read(service.database, "case", hidden.id)
        assert entries[0]["what"]["_dropped"] == {"reason": "no"}

    run(database_url, work)


def test_fields_that_cannot_be_written(sqlite_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        for name, value in (
            ("number", "1"),
            ("total", D(1)),
            ("state", "done"),
            ("opened", dt.date.today()),
            ("nix", 1),
        ):
            error = await refused(service.create(clerk, "case", {"subject": "x", name: value}))
            assert list(error.fields) == [name]

    run(sqlite_url, work)


def test_exact_numbers_on_both_databases(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk = made.people["clerk"]
        unit = await made.make("unit", name="u", cost=D("99999999999999.99"))
        lines = [{"text": "a", "count": 3, "price": D("0.10")}, {"text": "b", "count": 1, "price": D("0.20")}]
        case = await made.make("case", subject="x", amount=D("0.30"), lines=lines, unit=unit.id)
        assert case.values["total"] == D("0.50")
        assert case.values["double"] == D("0.60")
        assert str((await made.service.read(clerk, "unit", unit.id)).values["cost"]) == "99999999999999.99"
        body, version = await made.service.read_encoded(clerk, "unit", unit.id)
        assert b'"cost":99999999999999.99' in body
        assert version == 1

    run(database_url, work)


def test_rows_are_written_with_their_parent(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        lines = [{"text": t, "count": 1, "price": D(1)} for t in "abc"]
        case = await service.create(clerk, "case", {"subject": "x", "lines": lines})
        a, b, c = case.values["lines"]  # type: ignore[misc]
        changed = [
            {**c, "count": 5},
            {"text": "new", "count": 1, "price": D(2)},
            {"id": a["id"], "text": "a", "count": 1, "price": D(1)},
        ]
        for row in changed:
            row.pop("sum", None)
        case = await service.change(clerk, "case", case.id, {"lines": changed}, version=1)
        assert [row["text"] for row in case.values["lines"]] == ["c", "new", "a"]  # type: ignore[attr-defined]
        assert [row["id"] for row in case.values["lines"]][::2] == [c["id"], a["id"]]  # type: ignore[attr-defined]
        assert case.values["total"] == D("8.00")
        assert b["id"] not in str(case.values)
        event = (await service.history(clerk, "case", case.id))[-1]
        before, after = event.changes["lines"]
        assert (len(before), len(after)) == (3, 3)  # type: ignore[arg-type]
        foreign = await made.make("case", subject="y", lines=[{"text": "z", "count": 1, "price": D(1)}])
        stolen = dict(foreign.values["lines"][0])  # type: ignore[index]
        stolen.pop("sum")
        await service.change(clerk, "case", case.id, {"lines": [stolen]}, version=2)
        assert len((await service.read(clerk, "case", foreign.id)).values["lines"]) == 1  # type: ignore[arg-type]

    run(database_url, work)


def test_links_of_all_kinds(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit, other = await made.make("unit", name="u"), await made.make("unit", name="v")
        person = await made.make("person", name="Anna")
        tags = [(await made.make("tag", name=f"t{i}")).id for i in range(3)]
        values = {"subject": "x", "unit": unit.id, "holder": ("person", person.id), "tags": (tags[2], tags[0])}
        case = await service.create(clerk, "case", values)
        assert case.values["holder"] == Reference("person", person.id, "Anna")
        assert [one.title for one in case.values["tags"]] == ["t2", "t0"]  # type: ignore[attr-defined]
        case = await service.change(
            clerk, "case", case.id, {"holder": ("unit", other.id), "tags": (tags[1],)}, version=1
        )  # fmt: skip
        assert case.values["holder"] == Reference("unit", other.id, "v")
        assert [one.title for one in case.values["tags"]] == ["t1"]  # type: ignore[attr-defined]
        error = await refused(service.change(clerk, "case", case.id, {"unit": person.id}, version=2))
        assert list(error.fields) == ["unit"]
        elsewhere = await made.make("case", subject="y", unit=other.id)
        error = await refused(service.change(clerk, "case", case.id, {"related": elsewhere.id}, version=2))
        assert error.fields["related"]["en"] == "This record cannot be chosen here."
        found = await service.candidates(clerk, "case", "related", "", {"unit": other.id})
        assert [one.id for one in found] == [elsewhere.id]

    run(database_url, work)


def test_removing_refuses_clears_or_follows(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit, holder = await made.make("unit", name="u"), await made.make("unit", name="h")
        person = await made.make("person", name="Anna")
        await made.make("case", subject="a", person=person.id)
        case = await made.make("case", subject="b", unit=unit.id, holder=("unit", holder.id))
        error = await refused(service.remove(clerk, "unit", unit.id))
        assert (error.code, error.status) == ("still_linked", 409)
        found = await service.consequences(clerk, "unit", unit.id)
        assert [one.title for one in found.blockers] == [case.title]
        await service.remove(clerk, "unit", holder.id)
        read = await service.read(clerk, "case", case.id)
        assert (read.values["holder"], read.version) == (None, 2)
        await service.remove(clerk, "person", person.id)
        page = await service.find(clerk, "case", read_query(made.running.app, "case", []))
        assert [one.id for one in page.records] == [case.id]
        assert (await refused(service.read(clerk, "person", person.id))).status == 404
        assert (await refused(service.remove(clerk, "case", case.id, version=1))).code == "conflict"

    run(database_url, work)


def test_trees_move_with_what_stands_below(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        root = await made.make("unit", name="root")
        a = await made.make("unit", name="a", above=root.id)
        b = await made.make("unit", name="b", above=a.id)
        c = await made.make("unit", name="c", above=b.id)
        error = await refused(service.change(clerk, "unit", a.id, {"above": c.id}, version=1))
        assert list(error.fields) == ["above"]
        await service.change(clerk, "unit", b.id, {"above": root.id}, version=1)

        async def below(key: str) -> set[str]:
            query = read_query(made.running.app, "unit", [("above.under", key)])
            return {one.title for one in (await service.find(clerk, "unit", query)).records}

        assert await below(root.id) == {"a", "b", "c"}
        assert await below(a.id) == set()
        assert await below(b.id) == {"c"}
        await service.change(clerk, "unit", b.id, {"above": None}, version=2)
        assert await below(root.id) == {"a"}

    run(database_url, work)


def test_concurrent_tree_moves_make_no_circle(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        a, b = await made.make("unit", name="a"), await made.make("unit", name="b")
        moves = [
            service.change(clerk, "unit", a.id, {"above": b.id}, version=None),
            service.change(clerk, "unit", b.id, {"above": a.id}, version=None),
        ]
        found = await asyncio.gather(*moves, return_exceptions=True)
        assert sum(isinstance(one, Refused) for one in found) == 1

    run(database_url, work)


def test_checks_across_records_hold_under_concurrency(database_url: str) -> None:
    """Ten cases of 30 each for a unit that can pay 100: three are written, whoever is first."""

    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit = await made.make("unit", name="u", cost=D(100))
        lines = [{"text": "a", "count": 1, "price": D(30)}]
        creates = [service.create(clerk, "case", {"subject": "x", "unit": unit.id, "lines": lines}) for _ in range(10)]
        found = await asyncio.gather(*creates, return_exceptions=True)
        assert sum(isinstance(one, Refused) for one in found) == 7
        assert not [one for one in found if isinstance(one, BaseException) and not isinstance(one, Refused)]
        assert (await service.read(clerk, "unit", unit.id)).values["spent"] == D(90)

    run(database_url, work)


def test_a_step_is_taken_without_an_answer(database_url: str) -> None:
    """Where nobody wants to see the record again, it is not read; what is refused is refused all the same."""

    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit = await made.make("unit", name="u")
        case = await service.create(clerk, "case", {"subject": "x", "unit": unit.id})
        error = await refused(service.act(clerk, "case", case.id, "start", answer=False))
        assert list(error.fields) == ["amount"]
        done = await service.act(clerk, "case", case.id, "start", values={"amount": D(5)}, answer=False)
        assert (done.id, done.values) == (case.id, {})
        assert (await service.read(clerk, "case", case.id)).values["state"] == "open"

    run(database_url, work)


def test_workflow_from_first_to_last(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, auditor, service = made.people["clerk"], made.people["auditor"], made.service
        unit = await made.make("unit", name="u")
        case = await service.create(clerk, "case", {"subject": "x", "unit": unit.id})
        error = await refused(service.act(clerk, "case", case.id, "start"))
        assert list(error.fields) == ["amount"]
        case = await service.act(clerk, "case", case.id, "start", values={"amount": D(5)}, version=1)
        assert (case.values["state"], case.values["opened"]) == ("open", made_on(case))
        assert case.values["due"] is not None
        assert (await service.read(clerk, "unit", unit.id)).values["open_cases"] == 1
        error = await refused(service.change(clerk, "case", case.id, {"subject": "y"}, version=2))
        assert list(error.fields) == ["subject"]
        error = await refused(service.act(clerk, "case", case.id, "close"))
        assert (error.code, error.status) == ("four_eyes", 403)
        assert (await refused(service.act(clerk, "case", case.id, "finsh"))).message["en"].endswith(
            "“finish”?"
        ) is False
        case = await service.act(clerk, "case", case.id, "check")
        assert (case.values["checked"], case.values["due"]) == (True, None)
        await service.act(clerk, "case", case.id, "law.approve", comment="fine")
        assert (await refused(service.act(clerk, "case", case.id, "money.approve"))).status == 403
        case = await service.act(clerk, "case", case.id, "back", comment="again")
        assert case.values["state"] == "open"
        await service.act(clerk, "case", case.id, "check")
        await service.act(clerk, "case", case.id, "law.approve")
        await service.act(auditor, "case", case.id, "money.object")
        read = await service.read(clerk, "case", case.id)
        assert read.values["state"] == "done"
        error = await refused(service.change(clerk, "case", case.id, {"note": "late"}, version=read.version))
        assert list(error.fields) == ["note"]
        events = await service.history(clerk, "case", case.id)
        assert [event.action for event in events] == [
            None, "start", "check", "law.approve", "back", "check", "law.approve", "money.object", "finish",
        ]  # fmt: skip
        assert events[-1].changes["state"] == ("review", "done")
        assert events[-1].who is None

    run(database_url, work)


def test_one_step_though_a_button_is_pressed_twice(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit = await made.make("unit", name="u")
        case = await made.make("case", subject="x", unit=unit.id, amount=D(5))
        found = await asyncio.gather(
            *(service.act(clerk, "case", case.id, "start") for _ in range(6)), return_exceptions=True
        )
        assert sum(isinstance(one, Refused) and one.code == "wrong_state" for one in found) == 5
        events = await service.history(clerk, "case", case.id)
        assert [event.action for event in events] == [None, "start"]

    run(database_url, work)


def test_files_are_kept_by_content_and_judged_by_their_bytes(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        upload = FileUpload("paper.pdf", "text/html", b"%PDF-1.7 content")
        case = await service.create(clerk, "case", {"subject": "x", "paper": upload})
        (info,) = case.values["paper"]  # type: ignore[misc]
        assert isinstance(info, FileInfo)
        assert info.type == "application/pdf"
        stored = await service.download(clerk, "case", case.id, "paper", info.id)
        assert stored.content == b"%PDF-1.7 content"
        kept = await service.change(clerk, "case", case.id, {"subject": "y", "paper": info.id}, version=1)
        assert kept.values["paper"] == (info,)
        bad = FileUpload("paper.pdf", "application/pdf", b"<html><script>")
        error = await refused(service.change(clerk, "case", case.id, {"paper": bad}, version=2))
        assert list(error.fields) == ["paper"]
        foreign = await refused(service.create(clerk, "case", {"subject": "z", "paper": info.id}))
        assert list(foreign.fields) == ["paper"]
        assert (await refused(service.download(clerk, "case", case.id, "note", info.id))).status == 404

    run(database_url, work)


def test_secrets_are_encrypted_and_in_no_history(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        case = await service.create(clerk, "case", {"subject": "x", "secret_code": "top secret"})
        assert case.values["secret_code"] == "top secret"
        case = await service.change(clerk, "case", case.id, {"subject": "y"}, version=1)
        assert case.values["secret_code"] == "top secret"
        rows = await service.database.fetch('select secret_code from "case"')
        assert "top secret" not in str(rows[0][0])
        everything = str([tuple(row) for row in await service.database.fetch("select what from fw_history")])
        assert "top secret" not in everything
        page = await service.find(clerk, "case", read_query(made.running.app, "case", []))
        assert "secret_code" not in page.records[0].values

    run(database_url, work)


def test_form_follows_the_rules_as_one_types(database_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        form = await service.form(clerk, "case", None, {"amount": D(50)})
        assert not form.fields["reason"].visible
        assert form.fields["kind"].options == ("simple",)
        assert form.values["double"] == D(100)
        form = await service.form(
            clerk, "case", None, {"amount": D(6000), "lines": [{"text": "a", "count": 2, "price": D(3)}]}
        )
        assert form.fields["reason"].required
        assert form.fields["kind"].options == ("simple", "hard")
        assert form.values["total"] == D(6)
        assert set(form.errors) == {"subject", "reason"}
        owner = made.people["owner"]
        assert "note" not in (await service.form(owner, "case", None, {})).fields
        error = await refused(service.form(made.people["reader"], "case", None, {}))
        assert error.status == 403

    run(database_url, work)


def test_secrets_in_rows_and_rows_sent_in_part(database_url: str) -> None:
    """A field of a row that was not sent stays as it is; secrets in rows are encrypted like others."""
    text = OFFICE.replace(
        "      price: {type: money, required: true}\n",
        "      price: {type: money, required: true}\n      pin: secret\n",
    )

    async def work() -> None:
        async with office(database_url, text) as made:
            service, clerk = made.service, made.people["clerk"]
            line = {"text": "a", "count": 1, "price": D(1), "pin": "hush hush"}
            case = await service.create(clerk, "case", {"subject": "x", "lines": [line]})
            (row,) = case.values["lines"]  # type: ignore[misc]
            assert row["pin"] == "hush hush"
            case = await service.change(clerk, "case", case.id, {"lines": [{"id": row["id"], "count": 3}]}, version=1)
            assert case.values["lines"] == [{**row, "count": 3, "sum": D("3.00")}]
            kept = await service.database.fetch("select pin from case__lines")
            assert "hush" not in str([tuple(one) for one in kept])
            history = await service.database.fetch("select what from fw_history")
            assert "hush" not in str([tuple(one) for one in history])

    asyncio.run(work())


def test_removing_takes_back_what_waits(sqlite_url: str) -> None:
    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        unit = await made.make("unit", name="u")
        case = await made.make("case", subject="x", unit=unit.id, amount=D(5))
        await service.act(clerk, "case", case.id, "start")
        waiting = "select count(*) from fw_effect where wake_at is not null"
        assert tuple((await service.database.fetch(waiting))[0]) == (2,)
        await service.remove(clerk, "case", case.id)
        assert tuple((await service.database.fetch(waiting))[0]) == (0,)
        assert tuple((await service.database.fetch("select count(*) from fw_deadline"))[0]) == (0,)

    run(sqlite_url, work)


def test_a_check_that_cannot_be_evaluated_is_broken(database_url: str) -> None:
    """Null passes where something is empty; with everything there (a division by zero) it does not."""
    check = "  - {that: '100 / amount > 1', on: amount, else: 'Not possible.'}\n"
    text = OFFICE.replace("checks:\n  - {that: 'day", "checks:\n" + check + "  - {that: 'day")

    async def work() -> None:
        async with office(database_url, text) as made:
            assert (await made.make("case", subject="empty")).values["amount"] is None
            error = await refused(made.make("case", subject="zero", amount=D(0)))
            assert list(error.fields) == ["amount"]

    asyncio.run(work())


def test_plain_records_race_without_a_transaction(postgres_url: str) -> None:
    """Where a write is one statement, editors at the same moment lose nothing and every change is in the history."""

    async def work(made: Office) -> None:
        clerk, service = made.people["clerk"], made.service
        assert service._writer.stands_alone(service.kit.app.entities["place"])
        assert not service._writer.stands_alone(service.kit.app.entities["case"])
        place = await made.make("place", town="Hofheim", street="A")
        changes = [service.change(clerk, "place", place.id, {"street": f"s{i}"}, version=None) for i in range(12)]
        await asyncio.gather(*changes)
        read = await service.read(clerk, "place", place.id)
        events = await service.history(clerk, "place", place.id)
        assert [event.version for event in events] == list(range(1, 14))
        for before, after in pairwise(events[1:]):
            assert before.changes["street"][1] == after.changes["street"][0]
        assert events[-1].changes["street"][1] == read.values["street"]
        stale = [service.change(clerk, "place", place.id, {"street": f"t{i}"}, version=13) for i in range(6)]
        found = await asyncio.gather(*stale, return_exceptions=True)
        assert sum(isinstance(one, Conflict) for one in found) == 5

    run(postgres_url, work)
