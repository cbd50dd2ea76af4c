"""Every record carries the version of the configuration that it was last written under."""

from __future__ import annotations

from changing_flows import CLERK, people, planned, put, town, within
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.plan.drift import drift_of
from fachwerk.engine.query import read_query

TEXT = """
app: town
---
roles: {clerk: }
---
entity: street
fields: {name: text!}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: permit
title: subject
fields:
  subject: text!
  street: {type: link, to: street}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
relation: owner
from: permit
to: street
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
workflow: review
of: permit
states: {draft: {initial: true}, done: {final: true}}
transitions: {finish: {from: draft, to: done, by: clerk}}
"""
MORE = TEXT.replace("  subject: text!", "  subject: text!\n  note: text")


async def config(database: Database, entity: str = "permit") -> dict[str, object]:
    """Return what the records of an entity carry, by their first text."""
    name = "subject" if entity == "permit" else "name"
    return {str(row[0]): row[1] for row in await database.fetch(f'SELECT {name}, "_config" FROM {entity}')}


def test_every_write_says_which_version_it_was_under(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, TEXT)
        await people(database)
        street = (await first.service.create(CLERK, "street", {"name": "Main"})).id
        keys = [(await first.service.create(CLERK, "permit", {"subject": s, "street": street})).id for s in "abc"]
        owner = await first.service.create(CLERK, "owner", {"permit": keys[0], "street": street})
        assert owner.config == 1
        second = await put(database, MORE)
        assert await config(database) == {"a": 1, "b": 1, "c": 1}
        changed = await second.service.change(CLERK, "permit", keys[1], {"note": "x"}, version=None)
        assert changed.config == 2
        assert (await second.service.act(CLERK, "permit", keys[2], "finish")).config == 2
        assert await config(database) == {"a": 1, "b": 2, "c": 2}
        found = await second.service.find(CLERK, "permit", read_query(second.service.app, "permit", [("_config.lt", "2")]))
        assert [(one.title, one.config) for one in found.records] == [("a", 1)]
        await rollback(database, 1)
        third = await town(database)
        await third.service.change(CLERK, "street", street, {"name": "High"}, version=None)
        assert await config(database, "street") == {"High": 3}
        assert await config(database) == {"a": 1, "b": 2, "c": 2}

    within(database_url, work)


def test_a_database_of_an_older_version_of_the_software_gets_it_from_the_history(database_url: str) -> None:
    async def work(database: Database) -> None:
        first = await put(database, TEXT)
        await people(database)
        keys = [(await first.service.create(CLERK, "permit", {"subject": s})).id for s in "abc"]
        second = await put(database, MORE)
        await second.service.change(CLERK, "permit", keys[1], {"note": "x"}, version=None)
        await database.script([f"DELETE FROM fw_history WHERE record = '{keys[2]}'"])
        for table in ("permit", "street", "owner"):
            await database.script([f'ALTER TABLE {table} DROP COLUMN "_config"'])
        assert [one.place for one in await drift_of(database, second.service.app)] == [
            "street._config", "permit._config", "owner._config",
        ]  # fmt: skip

        await planned(database, TEXT)  # what the next deploy would do can be asked before
        await put(database, MORE)
        assert await config(database) == {"a": 1, "b": 2, "c": None}
        assert await drift_of(database, second.service.app) == ()

        await database.script(['ALTER TABLE permit DROP COLUMN "_config"'])
        last = await put(database, TEXT + "---\nentity: other\nfields: {name: text}\naccess: {clerk: {read: true, create: true}}\n",
                         ("permit.note",))  # fmt: skip
        assert await config(database) == {"a": 1, "b": 2, "c": None}
        assert await drift_of(database, last.service.app) == ()

    within(database_url, work)
