"""Lists: all pages together are the whole list, in the order that brute force gives, whatever is asked."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fachwerk.engine.query import Query, read_query
from fachwerk.engine.values import Person, Record, Reference
from fachwerk.problems import Refused
from office import Office, office

SORTS = (
    "day", "-day", "day,amount", "-day,amount", "amount,-day,subject", "-amount,subject", "unit", "-unit,day",
    "unit.name,-amount", "state,day", "-subject", "kind,-kind", "-created", "id", "-id",
)  # fmt: skip


async def fill(made: Office, count: int, seed: int) -> list[Record]:
    """Make cases with few different values, many of them empty."""
    chance = random.Random(seed)
    units = [(await made.make("unit", name=name)).id for name in ("b", "a", "c", "a")]
    days = [None, *(dt.date(2020, 1, day) for day in range(1, 5))]
    found = []
    for _ in range(count):
        values: dict[str, object] = {
            "subject": chance.choice(("x", "y", "Ä", "z")),
            "day": chance.choice(days),
            "amount": chance.choice((None, Decimal(1), Decimal("1.5"), Decimal(200))),
            "unit": chance.choice((None, *units)),
            "kind": None,
        }
        found.append(await made.make("case", **values))
    return found


def order_key(record: Record, sort: Query, titles: dict[str, str]) -> Any:
    """Return the key by which brute force sorts: empty values last in both directions."""
    keys: list[Any] = []
    for path, descending in sort.sort:
        value = _value(record, path, titles)
        keys.append((value is None, _Down(value) if descending else value if value is not None else 0))
    down = sort.sort[-1][1] if sort.sort else True
    keys.append(_Down(record.id) if down else record.id)
    return tuple(keys)


def _value(record: Record, path: tuple[str, ...], titles: dict[str, str]) -> Any:
    if path == ("id",):
        return record.id
    value = record.values[path[0]]
    return titles[value.id] if isinstance(value, Reference) else value


class _Down:
    """A value that sorts the other way."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Down) -> bool:
        return self.value is not None and other.value is not None and other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and self.value == other.value


async def all_pages(made: Office, who: Person, query: Query) -> list[str]:
    """Walk forward through all pages and back again; both ways must agree."""
    service, found = made.service, []
    page = await service.find(who, "case", query)
    assert page.previous is None
    found += [one.id for one in page.records]
    while page.next is not None:
        page = await service.find(who, "case", replace(query, after=page.next))
        assert page.records
        found += [one.id for one in page.records]
    back = [one.id for one in page.records]
    while page.previous is not None:
        page = await service.find(who, "case", replace(query, before=page.previous))
        assert page.records
        assert page.next is not None
        back = [one.id for one in page.records] + back
    assert back == found
    return found


def test_pages_are_the_whole_list_in_order(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            clerk = made.people["clerk"]
            records = await fill(made, 60, 7)
            units = {u.id: u for u in (await made.service.find(clerk, "unit", Query())).records}
            titles = {key: unit.title for key, unit in units.items()}
            for sort in SORTS:
                for limit in (1, 7, 200):
                    query = replace(read_query(made.running.app, "case", [("sort", sort)]), limit=limit)
                    if limit == 1 and sort not in ("-day,amount", "amount,-day,subject"):
                        continue
                    found = await all_pages(made, clerk, query)
                    assert sorted(found) == sorted(one.id for one in records), (sort, limit)
                    if "subject" not in sort and not sort.startswith(
                        ("unit", "-unit")
                    ):  # texts sort as the database likes
                        by_id = {one.id: one for one in records}
                        expected = sorted(records, key=lambda r, q=query: order_key(r, q, titles))  # type: ignore[misc]
                        assert [by_id[key].id for key in found] == [one.id for one in expected], (sort, limit)

    asyncio.run(work())


def test_pages_stay_right_while_records_come(database_url: str) -> None:
    """Records that come or go while somebody pages make no other one appear twice or be left out."""

    async def work() -> None:
        async with office(database_url) as made:
            clerk = made.people["clerk"]
            before = {one.id for one in await fill(made, 20, 1)}
            query = read_query(made.running.app, "case", [("sort", "-day,amount"), ("limit", "6")])
            page = await made.service.find(clerk, "case", query)
            found = [one.id for one in page.records]
            while page.next is not None:
                await made.make("case", subject="new", day=dt.date(2020, 1, 2))
                page = await made.service.find(clerk, "case", replace(query, after=page.next))
                found += [one.id for one in page.records]
            assert len(found) == len(set(found))
            assert before <= set(found)

    asyncio.run(work())


FILTERS: tuple[tuple[str, str, Any], ...] = (
    ("amount", "1.50", lambda r: r.values["amount"] == Decimal("1.5")),
    ("amount.gt", "1", lambda r: r.values["amount"] is not None and r.values["amount"] > 1),
    ("amount.le", "1.5", lambda r: r.values["amount"] is not None and r.values["amount"] <= Decimal("1.5")),
    ("day.ge", "2020-01-03", lambda r: r.values["day"] is not None and r.values["day"] >= dt.date(2020, 1, 3)),
    ("day.in", "2020-01-01,2020-01-04", lambda r: r.values["day"] in (dt.date(2020, 1, 1), dt.date(2020, 1, 4))),
    ("subject.ne", "x", lambda r: r.values["subject"] != "x"),
    ("subject.contains", "Ä", lambda r: "Ä" in r.values["subject"]),
    ("state", "draft", lambda r: True),
    ("state.in", "open,done", lambda r: False),
    ("unit.name", "a", lambda r: r.values["unit"] is not None and r.values["unit"].title == "a"),
    ("unit.name.in", "a,c", lambda r: r.values["unit"] is not None and r.values["unit"].title in "ac"),
    ("q", "ä", lambda r: "Ä" in r.values["subject"]),
    ("q", "c-2", lambda r: True),
    ("q", "%", lambda r: False),
)


def test_filters_agree_with_brute_force(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            clerk = made.people["clerk"]
            records = await fill(made, 40, 3)
            for name, value, expected in FILTERS:
                query = read_query(made.running.app, "case", [(name, value), ("limit", "200")])
                page = await made.service.find(clerk, "case", query)
                wanted = {one.id for one in records if expected(one)}
                assert {one.id for one in page.records} == wanted, (name, value)
                assert page.count == len(wanted)

    asyncio.run(work())


def test_links_and_lists_in_filters(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            clerk, app = made.people["clerk"], made.running.app
            tags = [(await made.make("tag", name=f"t{i}")).id for i in range(2)]
            unit, person = await made.make("unit", name="u"), await made.make("person", name="p")
            one = await made.make("case", subject="1", tags=(tags[0],), holder=("unit", unit.id))
            two = await made.make("case", subject="2", tags=tuple(tags), holder=("person", person.id), unit=unit.id)
            three = await made.make("case", subject="3")

            async def ids(*pairs: tuple[str, str]) -> set[str]:
                found = await made.service.find(clerk, "case", read_query(app, "case", pairs))
                return {record.id for record in found.records}

            assert await ids(("tags", tags[0])) == {one.id, two.id}
            assert await ids(("tags.in", tags[1])) == {two.id}
            assert await ids(("tags.ne", tags[1])) == {one.id, three.id}
            assert await ids(("holder", f"unit/{unit.id}")) == {one.id}
            assert await ids(("unit", unit.id)) == {two.id}
            assert await ids(("id.in", f"{one.id},{three.id}")) == {one.id, three.id}
            assert await ids(("q", "u")) == {two.id} or await ids(("q", "u")) == set()

    asyncio.run(work())


def test_counts_stop_at_the_cap(sqlite_url: str) -> None:
    async def work() -> None:
        async with office(sqlite_url) as made:
            values = [(str(i), f"{i:036d}") for i in range(1005)]
            async with made.running.database.transaction() as connection:
                now = "2026-01-01T00:00:00.000000+00:00"
                for name, key in values:
                    await connection.fetch(
                        "insert into tag (id, version, created, changed, name) values (?, 1, ?, ?, ?)",
                        (key, now, now, name),
                    )
            page = await made.service.find(made.people["clerk"], "tag", Query())
            assert (page.count, page.count_is_capped, len(page.records)) == (1000, True, 50)
            last = await made.service.find(made.people["clerk"], "tag", Query(count=False))
            assert last.count is None

    asyncio.run(work())


@pytest.mark.parametrize(
    "pairs",
    [
        [("nix", "1")], [("amount.like", "1")], [("amount", "many")], [("lines", "1")], [("secret_code", "x")],
        [("sort", "secret_code")], [("sort", "nix")], [("limit", "0")], [("limit", "201")], [("limit", "x")],
        [("after", "!!!")], [("after", "W10")], [("before", "bnVsbA")], [("subject.under", "x")],
        [("unit.cost.nix", "1")], [("subject", "a\x00b")],
    ],
)  # fmt: skip
def test_bad_questions_are_refused(sqlite_url: str, pairs: list[tuple[str, str]]) -> None:
    async def work() -> None:
        async with office(sqlite_url) as made:
            with pytest.raises(Refused) as caught:
                await made.service.find_encoded(made.people["clerk"], "case", pairs)
            assert caught.value.status == 400

    asyncio.run(work())
