"""A link to records of the same entity that becomes a tree: who stands below themselves is counted, named and refused."""

from __future__ import annotations

import pytest
from changing_flows import CLERK, Town, people, planned, put, town, within
from fachwerk.engine.database import Database
from fachwerk.engine.deploy import rollback
from fachwerk.engine.plan.render import plan_text
from fachwerk.problems import Refused

LINKED = """
app: town
---
roles: {clerk: }
---
entity: office
title: name
fields:
  name: text!
  above: {type: link, to: office}
access:
  clerk: {create: true, read: true, update: true}
"""
TREE = LINKED.replace("{type: link, to: office}", "tree")


async def offices(made: Town, *names: str) -> dict[str, str]:
    return {name: (await made.service.create(CLERK, "office", {"name": name})).id for name in names}


async def below(made: Town, keys: dict[str, str], **above: str | None) -> None:
    """Put offices below others."""
    for name, other in above.items():
        version = (await made.service.read(CLERK, "office", keys[name])).version
        to = None if other is None else keys[other]
        await made.service.change(CLERK, "office", keys[name], {"above": to}, version=version)


async def paths(database: Database, keys: dict[str, str]) -> dict[str, str]:
    """Return the path of every office, by names."""
    names = {key: name for name, key in keys.items()}
    rows = await database.fetch('SELECT id, "_path" FROM office ORDER BY name')
    return {names[str(key)]: "/".join(names[one] for one in path.strip("/").split("/")) for key, path in rows}


def test_circles_are_counted_named_and_refused_until_they_are_cut(database_url: str) -> None:
    async def work(database: Database) -> None:
        made = await put(database, LINKED)
        await people(database)
        keys = await offices(made, "a", "b", "c", "alone", "d", "e", "top")
        await below(made, keys, a="b", b="c", c="a", d="a", alone="alone", e="top")
        text = plan_text(await planned(database, TREE), examples="all")
        assert "4 offices stand below themselves" in text
        assert all(f"  {name}" in text for name in ("a", "b", "c", "alone"))
        assert "change or empty one link of each circle before" in text
        german = plan_text(await planned(database, TREE), "de")
        assert "unter sich selbst" in german
        assert (await planned(database, TREE)).blocked
        with pytest.raises(Refused, match="cannot lead in a circle") as refused:
            await put(database, TREE)
        assert "4 stand below themselves" in refused.value.fields["office.above"]["en"]

        await below(made, keys, c=None, alone=None)
        assert "below" not in plan_text(await planned(database, TREE))
        await put(database, TREE)
        assert await paths(database, keys) == {
            "a": "c/b/a", "alone": "alone", "b": "c/b", "c": "c", "d": "c/b/a/d", "e": "top/e", "top": "top",
        }  # fmt: skip

    within(database_url, work)


def test_one_in_a_circle_is_one(database_url: str) -> None:
    async def work(database: Database) -> None:
        made = await put(database, LINKED)
        await people(database)
        keys = await offices(made, "alone")
        await below(made, keys, alone="alone")
        assert "1 office stands below itself" in plan_text(await planned(database, TREE))

    within(database_url, work)


def test_a_tree_that_comes_back_follows_what_was_moved_since(database_url: str) -> None:
    async def work(database: Database) -> None:
        made = await put(database, TREE)
        await people(database)
        keys = await offices(made, "a", "b", "c")
        await below(made, keys, b="a")
        linked = await put(database, LINKED)
        await below(linked, keys, b="c", c="a", a="b")
        with pytest.raises(Refused, match="cannot lead in a circle"):
            await rollback(database, 1)
        await below(linked, keys, a=None)
        keys |= await offices(linked, "new")
        await below(linked, keys, new="b")
        await rollback(database, 1)
        assert await paths(database, keys) == {"a": "a", "b": "a/c/b", "c": "a/c", "new": "a/c/b/new"}
        assert (await (await town(database)).service.read(CLERK, "office", keys["new"])).title == "new"

    within(database_url, work)
