"""Rights: nobody sees, finds, infers or changes what they may not.

Non-interference: two data sets that differ only in what a person may not see give that person identical answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fachwerk.engine.query import read_query
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from office import Office, office
from postgres import execute

D = Decimal


async def outcome(work: Awaitable[Any]) -> Any:
    """Return an answer, or the code, status and fields of a refusal."""
    try:
        return await work
    except Refused as error:
        return error.code, error.status, dict(error.fields)


async def populate(made: Office, hidden: dict[str, Any]) -> dict[str, str]:
    """Make the same records in both worlds but for what *hidden* says; return ids by name."""
    service = made.service
    unit = await made.make("unit", name="u")
    secret_unit = await made.make("unit", name=hidden["unit_name"], cost=hidden.get("cost", hidden["amount"]))
    person = await made.make("person", name="Olga", user=made.people["owner"].id)
    other = await made.make("person", name=hidden["person"])
    open_case = await made.make("case", subject="open", unit=unit.id, amount=hidden["amount"], note=hidden["note"])
    await service.act(made.people["clerk"], "case", open_case.id, "start")
    draft = await made.make("case", subject=hidden["subject"], unit=unit.id, amount=hidden["amount"], person=other.id)
    linked = await made.make("case", subject="linked", unit=unit.id, person=other.id, amount=D(1))
    await service.act(made.people["clerk"], "case", linked.id, "start")
    await service.change(
        made.people["clerk"], "case", open_case.id, {"note": hidden["second_note"]}, version=None
    )  # fmt: skip
    own = await made.make("case", subject="own", person=person.id, note=hidden["note"], amount=D(7))
    return {
        "unit": unit.id, "secret_unit": secret_unit.id, "person": person.id, "other": other.id, "open": open_case.id,
        "draft": draft.id, "linked": linked.id, "own": own.id,
    }  # fmt: skip


QUESTIONS = (
    [], [("sort", "-subject")], [("q", "a")], [("q", "hidden")], [("note.contains", "a")], [("amount.gt", "50")], [("sort", "amount")],
    [("person.name", "Hidden")], [("person.name.contains", "i")], [("sort", "person.name")], [("sort", "person")],
    [("state", "draft")], [("unit.cost.gt", "10")], [("subject.contains", "a")], [("total", "0")], [("sort", "-total")],
    [("note", "")], [("double.gt", "1")],
)  # fmt: skip


async def answers(made: Office, who: Person, ids: dict[str, str]) -> list[Any]:
    """Ask everything that *who* could ask."""
    service, app = made.service, made.running.app
    found: list[Any] = []
    for entity in app.entities:
        for pairs in QUESTIONS if entity == "case" else ([], [("q", "i")]):

            async def ask(entity: str = entity, pairs: Any = pairs) -> bytes:
                return await service.find_encoded(who, entity, pairs)

            found.append((entity, pairs, await outcome(ask())))
        for key in ids.values():
            found.append((entity, await outcome(service.read_encoded(who, entity, key))))
            found.append((entity, await outcome(service.history(who, entity, key))))
            found.append((entity, await outcome(service.actions(who, entity, key))))
            found.append((entity, await outcome(service.possible(who, entity, key))))
            found.append((entity, await outcome(service.change(who, entity, key, {"subject": "new"}, version=99))))
            found.append((entity, await outcome(service.remove(who, entity, key))))
            found.append((entity, await outcome(service.form(who, entity, key, {}))))
    for field in ("unit", "person", "holder", "related"):
        for text in ("", "i", "hidden"):
            found.append(await outcome(service.candidates(who, "case", field, text, {"unit": ids["unit"]})))
    for name in ("draft", "other", "secret_unit"):
        for field in ("related", "person", "unit"):
            found.append(await outcome(service.form(who, "case", None, {field: ids[name]})))
            found.append(
                await outcome(service.create(who, "case", {"subject": "s", field: ids[name]}))
            ) if who.name == "reader" else None
    return found


def plain(value: Any, names: dict[str, str]) -> str:
    """Return answers as text in which ids and moments of a world have neutral names."""
    import re

    text = repr(value)
    for name, key in names.items():
        text = text.replace(key, f"<{name}>")
    text = re.sub(r"datetime\.datetime\([^)]*\)", "<moment>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "<moment>", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>", text)
    return re.sub(r"'(next|previous)': '[^']*'|\"(next|previous)\":\"[^\"]*\"", "<cursor>", text)


WORLDS = (
    {"unit_name": "hidden unit", "person": "Hidden", "amount": D(500), "note": "a note", "second_note": "again", "subject": "a hidden one"},
    {"unit_name": "zzz", "person": "Zora", "amount": D(3), "note": None, "second_note": "z", "subject": "zzz"},
)  # fmt: skip
SEEN_UNITS = {
    "unit_name": "same",
    "person": "Hidden",
    "amount": D(500),
    "note": "a note",
    "second_note": "again",
    "subject": "a hidden one",
}


@pytest.mark.parametrize("role", ["reader", "owner"])
def test_what_may_not_be_seen_changes_no_answer(
    database_url: str, module_postgres_url: str, tmp_path: Any, role: str
) -> None:

    async def world(url: str, hidden: dict[str, Any]) -> list[str]:
        async with office(url) as made:
            # Units are the reader's to see, with what they cost.
            ids = await populate(made, hidden | ({"unit_name": "same", "cost": D(1)} if role == "reader" else {}))
            who = made.people[role]
            names = {**ids, **{f"user {name}": person.id for name, person in made.people.items()}}
            return [plain(one, names) for one in await answers(made, who, ids)]

    async def compare(first: str, second: str) -> None:
        one, two = await world(first, WORLDS[0]), await world(second, WORLDS[1])
        assert len(one) == len(two)
        for a, b in zip(one, two, strict=True):
            assert a == b

    second = f"sqlite:///{tmp_path / 'second.db'}"
    if database_url.startswith("postgres"):
        second = module_postgres_url
        execute(second, "drop schema public cascade", "create schema public")
    asyncio.run(compare(database_url, second))


def test_the_unseen_is_not_there(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            ids = await populate(made, SEEN_UNITS)
            reader, owner, service = made.people["reader"], made.people["owner"], made.service
            for work in (
                service.read(reader, "case", ids["draft"]), service.history(reader, "case", ids["draft"]),
                service.actions(reader, "case", ids["draft"]), service.change(reader, "case", ids["draft"], {}, version=1),
                service.read(reader, "person", ids["other"]), service.read(owner, "unit", ids["unit"]),
                service.act(owner, "case", ids["open"], "check"), service.read(reader, "case", "no id"),
                service.read(reader, "nothing", ids["draft"]), service.remove(owner, "case", ids["open"]),
            ):  # fmt: skip
                with pytest.raises(Refused) as caught:
                    await work
                assert (caught.value.code, caught.value.status) == ("not_found", 404)
            seen = await service.read(reader, "case", ids["open"])
            assert not {"note", "amount", "double", "total"} & seen.values.keys()
            assert seen.values["person"] is None
            linked = await service.read(reader, "case", ids["linked"])
            assert linked.values["person"].title == ""  # type: ignore[attr-defined]
            events = await service.history(reader, "case", ids["open"])
            assert all(not {"note", "amount", "total"} & event.changes.keys() for event in events)

    asyncio.run(work())


def test_several_roles_add_up_record_by_record(database_url: str) -> None:
    """Owner and reader in one: a field shows where one of the roles that see the record shows it."""

    async def work() -> None:
        async with office(database_url) as made:
            ids = await populate(made, SEEN_UNITS)
            both = await made.person("both", "owner", "reader")
            await made.service.change(made.system, "person", ids["person"], {"user": both.id}, version=None)
            page = await made.service.find(both, "case", read_query(made.running.app, "case", []))
            seen = {record.id: record.values for record in page.records}
            assert set(seen) == {ids["open"], ids["linked"], ids["own"]}
            assert "amount" in seen[ids["own"]]
            assert "amount" not in seen[ids["open"]]
            assert all("note" not in values for values in seen.values())
            found = await made.service.find(both, "case", read_query(made.running.app, "case", [("amount.gt", "0")]))
            assert [record.id for record in found.records] == [ids["own"]]

    asyncio.run(work())


def test_who_may_write_what(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url) as made:
            ids = await populate(made, SEEN_UNITS)
            owner, reader, service = made.people["owner"], made.people["reader"], made.service
            codes = []
            for work in (
                service.create(reader, "case", {"subject": "x"}),
                service.change(reader, "case", ids["open"], {"subject": "x"}, version=None),
                service.remove(owner, "case", ids["own"]),
                service.change(owner, "case", ids["own"], {"kind": "simple"}, version=None),
                service.change(owner, "case", ids["own"], {"note": "x"}, version=None),
                service.change(owner, "case", ids["own"], {"person": ids["other"]}, version=None),
            ):  # fmt: skip
                result = await outcome(work)
                codes.append((result[0], result[1], *result[2]))
            assert codes == [
                ("not_allowed", 403), ("not_allowed", 403), ("not_allowed", 403), ("invalid", 422, "kind"),
                ("invalid", 422, "note"), ("invalid", 422, "person"),
            ]  # fmt: skip
            own = await service.change(owner, "case", ids["own"], {"amount": D(8)}, version=None)
            assert own.values["amount"] == D(8)
            made_own = await service.create(owner, "case", {"subject": "mine"})
            assert made_own.values["person"].title == "Olga"  # type: ignore[attr-defined]
            assert await service.possible(owner, "case", made_own.id) == {"update"}
            unknown = replace(owner, roles=frozenset(("nobody",)))
            assert await outcome(service.read(unknown, "case", ids["own"])) == ("not_found", 404, {})

    asyncio.run(work())
