"""Circles: records that stand below themselves by a link that becomes the tree; a tree can have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.counting import Counting, number, rows_of
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.problems import Refused, Text
from fachwerk.schemas.model import Entity, Field
from fachwerk.schemas.tables import link_columns

_FORM: Text = {"en": "Stands below itself.", "de": "Steht unter sich selbst."}


def becoming_trees(pairing: Pairing) -> Iterator[tuple[Entity, Entity, Field, Field]]:
    """Give (old entity, new one, link, tree) of links to records of the same entity that become its tree."""
    for old, new in pairing.entities():
        for name, was in pairing.fields(new.name).items():
            field = new.fields[name]
            if field.kind == "tree" and was.kind == "link" and old.name in was.to:
                yield old, new, was, field


async def in_circles(connection: Connection, entity: Entity, link: Field) -> list[str]:
    """Return the ids of records that come back to themselves by a link."""
    table, parent = n.quote(own_table(entity)), n.quote(link_columns(link)[entity.name])
    rows = await connection.fetch(
        f"WITH RECURSIVE w(id) AS (SELECT t.id FROM {table} t WHERE t.{parent} IS NULL UNION ALL "
        f"SELECT t.id FROM {table} t JOIN w ON t.{parent} = w.id) "
        f"SELECT t.id, t.{parent} FROM {table} t LEFT JOIN w ON w.id = t.id WHERE w.id IS NULL ORDER BY t.id"
    )
    return _circles({str(row[0]): str(row[1]) for row in rows})


def _circles(above: Mapping[str, str]) -> list[str]:
    """Return those that come back to themselves; whoever only leads to a circle does not."""
    found: dict[str, bool] = {}
    for start in above:
        way: list[str] = []
        one = start
        while one not in found and one in above:
            found[one] = False
            way.append(one)
            one = above[one]
        for inside in way[way.index(one) :] if one in way else ():
            found[inside] = True
    return [one for one in above if found[one]]


async def count_circles(counting: Counting) -> None:
    """Note records that stand below themselves."""
    for old, new, was, field in becoming_trees(counting.pairing):
        found = await in_circles(counting.connection, old, was)
        if found:
            english, german = rows_of(new, len(found))
            many = len(found) != 1
            counting.add(
                counting.change("field", f"{new.name}.{field.name}"), "circles", len(found), counting.rows[old.name],
                en=f"{english} stand{'' if many else 's'} below {'themselves' if many else 'itself'}",
                de=f"{german} {'stehen' if many else 'steht'} unter sich selbst",
                examples=await counting.examples(old.name, [(key, _FORM) for key in found[:20]]),
                remedy=_REMEDY, blocking=True,
            )  # fmt: skip


async def refuse_circles(connection: Connection, old: App, pairing: Pairing) -> None:
    """Raise where a link that becomes a tree leads in a circle; nobody but people can say where to cut it."""
    fields: dict[str, Text] = {}
    for before, new, was, field in becoming_trees(pairing):
        if count := len(await in_circles(connection, before, was)):
            fields[f"{new.name}.{field.name}"] = {
                "en": f"{number(count, 'en')} stand below themselves; {_REMEDY['en']}",
                "de": f"{number(count, 'de')} stehen unter sich selbst; {_REMEDY['de']}",
            }
    if fields:
        raise Refused("circles", _CIRCLES, status=409, fields=fields)


_REMEDY: Text = {
    "en": "change or empty one link of each circle before; --show all names them",
    "de": "vorher in jedem Kreis einen Verweis ändern oder leeren; --show all nennt sie",
}
_CIRCLES: Text = {
    "en": "A tree cannot lead in a circle. Nothing was changed.",
    "de": "Eine Hierarchie kann nicht im Kreis führen. Nichts wurde geändert.",
}
