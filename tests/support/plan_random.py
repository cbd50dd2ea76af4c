"""Random configurations, random edits of them, and random rows: the matter for proofs about plans."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context
from fachwerk.engine.convert import FILES, from_rule
from fachwerk.engine.database import Connection
from fachwerk.engine.keys import new_id
from fachwerk.engine.statements import given, render
from fachwerk.engine.store import Store
from fachwerk.engine.values import FileInfo
from fachwerk.schemas.model import Field, Project
from fachwerk.schemas.read import read_project

FRAME = """
app: made
label: Made
languages: [en]
timezone: Europe/Berlin
currency: EUR
---
roles:
  clerk: {label: Clerk}
  owner: {label: Owner}
  chief: {label: Chief, includes: [clerk]}
---
entity: person
title: name
fields:
  name: text!
  user: {type: user, unique: true}
access: {clerk: {create: true, read: true, update: true, delete: true}, owner: {read: user = me}}
---
entity: unit
title: name
fields:
  name: text!
  cost: {type: money, min: 0}
  cases: {type: back_links, of: «case».unit}
  spent: {type: money, computed: '«spent»', stored: true}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: place
title: name
fields:
  name: text!
  within: {«within»}
access: {clerk: {create: true, read: true, update: true, delete: true}}
«room»«holding»---
decision: price
inputs: {x: number}
output: number
hit: first
table: |
  | x    | => price |
  | < 20 | «price»  |
  | -    | 30       |
---
entity: «case»«case_was»
title: subject
fields:
  subject: text!
  unit: {type: link, to: unit}
  person: {type: «person»}
  place: {type: link, to: place}
«room_link»  papers: {«papers»}
  «number»: {«number_kind»}
  note: {«note»}
  kind: {«kind»}
  day: {«day»}
  flag: {«flag»}
  rate: {«rate»}
  extra: {«extra»}
  double: {type: decimal, places: 2, computed: '«double»'}
  fee: {type: money, computed: '«fee»', stored: true}
  lines:
    type: rows
    fields:
      text: text!
      n: {type: integer«n»}
      sum: {type: decimal, places: 2, computed: '«sum»', stored: true}
  total: {type: decimal, places: 2, computed: 'sum(lines.sum)', stored: true}
checks:
«checks»unique: «unique»
access:
  clerk: {create: true, update: true, delete: true, read: «clerk»}
  owner: {update: 'person.user = me', read: «owner»}
---
workflow: flow
of: «case»
«states»
"""

SLOTS: Mapping[str, tuple[str, ...]] = {
    "case": ("case", "case", "case", "matter"),
    "spent": ("sum(cases.total)", "sum(cases.total) * 2", "count(cases)", "sum(cases.fee)"),
    "price": ("10", "10", "12", "x / 3"),
    "person": ("link, to: person", "link, to: person, required: true", "link, to: person, where: name != \"p1\"",
               "links, to: person"),
    "number": ("number", "number", "number", "figure"),
    "number_kind": ("type: integer", "type: integer, min: 10", "type: integer, max: 30", "type: decimal, places: 1",
                    "type: integer, required: true", "type: integer, unique: true"),
    "note": ("type: text", "type: text, max_length: 2", "type: text, pattern: '[0-9]*'", "type: text, required: true",
             "type: integer", "type: integer, convert: '0'", "type: long_text", "type: text, visible: flag",
             "type: text, convert: '\"x\" + note'", "type: text, convert: 'if flag = true then \"7\" else null'",
             "type: text, required: flag", "type: text, visible: flag, required: '«number» > 20'", "drop: true",
             "type: choice, options: [a, b, ab]", "type: date", "type: email"),
    "kind": ("type: choice, options: [a, b, c]", "type: choice, options: [a, b]", "type: text",
             "type: choice, options: {a: A, b: B, d: {label: D, was: c}}",
             "type: choice, options: {a: A, b: {label: B, when: '«number» > 15'}, c: C}",
             "type: choice, options: [a, b, c], required: true", "type: choices, options: [a, b, c]"),
    "day": ("type: date", "type: date, min: 'date(\"2024-06-01\")'", "type: text", "type: datetime", "type: date, required: true"),
    "flag": ("type: boolean", "type: text", "type: boolean, required: true"),
    "rate": ("type: decimal, places: 2", "type: decimal, places: 2, convert: 'rate * 60'",
             "type: integer, convert: 'floor(rate)'", "type: decimal, places: 1, convert: 'if flag = true then rate + 1 else null'",
             "type: decimal, places: 3", "type: integer", "type: decimal, places: 1",
             "type: text", "type: money, max: 50", "type: percent"),
    "extra": ("drop: true", "drop: true", "type: text", "type: integer, required: true",
              "type: integer, fill: '«number» * 2'", "type: text, required: true, fill: 'subject'", "type: decimal, fill: rate, places: 1"),
    "double": ("«number» * 2", "«number» * 3", "if flag = true then total else «number»", "price(«number»)"),
    "fee": ("price(«number»)", "price(«number»)", "total / 7", "unit.cost * 2"),
    "n": ("", ", min: 2", ", required: true", ", max: 4"),
    "sum": ("n * 2", "n * 3", "n / 3"),
    "checks": ("", "  - {that: '«number» < 25', on: «number», else: 'x {subject}'}\n",
               "  - {that: 'total <= 20', else: x}\n", "  - {that: 'unit.spent < 60', else: x}\n",
               "  - {that: 'double < 40', else: x}\n", "  - {that: 'fee > 11', else: x}\n  - {that: 'day > date(\"2024-03-01\")', on: day, else: y}\n",
               "  - {that: 'every l in lines satisfies l.n < 4', else: x}\n"),
    "unique": ("[]", "[]", "[[kind, day]]", "[[subject]]"),
    "clerk": ("true", "'«number» > 15'", "'total > 10'", "'state = \"open\"'", "'unit.cost > 50'", "true, hide: [day]", "true, hide: [rate]"),
    "owner": ("'person.user = me'", "'person.user = me or flag = true'", "'flag = true'", "false"),
    "states": ("three", "three", "mapped", "gone", "hearing", "hearing", "other_hearing", "running", "deadline"),
    "within": ("type: tree", "type: tree", "type: link, to: place"),
    "room": ("there", "there", "dropped"),
    "size": ("type: integer", "type: decimal, places: 1", "type: integer, min: 10", "type: text"),
    "holding": ("there", "there", "dropped"),
    "share": ("type: percent", "type: integer", "type: percent, max: 30", "type: text", "type: integer, convert: 'floor(share * 2)'"),
    "papers": ("type: files", "type: files", "type: files, max_count: 1", "type: images", "type: file", "drop: true"),
}  # fmt: skip
"""What may stand in each place of the frame; the first is the plainest."""

_STATES = {
    "three": "states: {draft: {initial: true}, open: {}, done: {final: true}}",
    "mapped": "was: {open: draft}\nstates: {draft: {initial: true}, done: {final: true}}",
    "gone": "states: {draft: {initial: true}, done: {final: true}}",
    "running": "was: {open: running}\nstates: {draft: {initial: true}, running: {}, done: {final: true}}",
    "deadline": "states: {draft: {initial: true}, open: {}, done: {final: true}}",
    "hearing": "was: {running: open}\nstates: {draft: {initial: true}, open: {parallel: {fire: {by: clerk, outcomes: [approve, object]}, "
    "head: {by: owner, outcomes: [approve, object]}}}, done: {final: true}}",
    "other_hearing": "states: {draft: {initial: true}, open: {parallel: {fire: {by: clerk, outcomes: [approve, refuse]}}}, "
    "done: {final: true}}",
}
_TOGETHER = "\ntransitions:\n  go: {from: draft, to: open, by: clerk}\n  end: {from: open, to: done, when: complete}\n"
_BY = {
    "running": "\ntransitions:\n  go: {from: draft, to: running, by: clerk}\n  end: {from: running, to: done, by: owner}\n",
    "hearing": _TOGETHER, "other_hearing": _TOGETHER,
    "deadline": "\ntransitions:\n  go: {from: draft, to: open, by: clerk}\n  end: {from: open, to: done, by: owner}\n"
    "deadlines:\n  slow: {runs_in: [open], within: 3 days}\n",
}  # fmt: skip
_ALL = "access: {clerk: {create: true, read: true, update: true, delete: true}}\n"
_BLOCKS = {
    "room": ("---\nentity: room\ntitle: name\nfields:\n  name: text!\n  size: {«size»}\n" + _ALL, "---\nentity: room\ndrop: true\n"),
    "holding": ("---\nrelation: holding\nfrom: person\nto: unit\nfields:\n  share: {«share»}\n" + _ALL,
                "---\nrelation: holding\ndrop: true\n"),
}  # fmt: skip
_TRANSITIONS = "\ntransitions:\n  go: {from: draft, to: open, by: clerk}\n  end: {from: open, to: done, by: owner}\n"
_SHORT = "\ntransitions:\n  end: {from: draft, to: done, by: owner}\n"

Choice = Mapping[str, str]


def choose(rng: random.Random) -> dict[str, str]:
    """Return a random configuration to begin with: one without traces of a past."""
    chosen = {name: variants[0] if rng.random() < 0.6 else rng.choice(variants) for name, variants in SLOTS.items()}
    plain = {"case": "case", "number": "number", "states": "three", "unique": "[]"}  # random rows are not unique
    if "unique" in chosen["number_kind"]:
        plain["number_kind"] = SLOTS["number_kind"][0]
    return chosen | plain


def edit(rng: random.Random, chosen: Choice, most: int = 4) -> dict[str, str]:
    """Return a configuration with up to *most* other choices."""
    names = rng.sample(sorted(SLOTS), rng.randint(1, most))
    return {**chosen, **{name: rng.choice(SLOTS[name]) for name in names}}


def text_of(chosen: Choice, before: Choice | None = None) -> str:
    """Return the text of a configuration; with *before* it says what was renamed since."""
    values = dict(chosen)
    renamed = before is not None and before["number"] != chosen["number"]
    if renamed and before is not None:
        values["number_kind"] += f", was: {before['number']}"
    moved = before is not None and before["case"] != chosen["case"]
    values["case_was"] = f"\nwas: {before['case']}" if moved and before is not None else ""
    short = chosen["states"] in ("mapped", "gone")
    values["states"] = _STATES[chosen["states"]] + _BY.get(chosen["states"], _SHORT if short else _TRANSITIONS)
    for block, (there, gone) in _BLOCKS.items():
        was = before is not None and before[block] == "there"
        values[block] = there if chosen[block] == "there" else gone if was else ""
    linked = "  room: {type: link, to: room}\n" if chosen["room"] == "there" else "  room: {drop: true}\n"
    values["room_link"] = linked if "room" in values["room"] else ""
    text = FRAME
    for _ in range(3):
        for name, value in values.items():
            text = text.replace(f"«{name}»", value)
    text = text.replace("checks:\nunique", "unique").replace("unique: []\n", "")
    without_extra = before is None or "drop" in before["extra"]
    if "drop" in chosen["extra"] and without_extra:
        text = text.replace("  extra: {drop: true}\n", "")
    if "drop" in chosen["papers"] and (before is None or "drop" in before["papers"]):
        text = text.replace("  papers: {drop: true}\n", "")
    if "drop" in chosen["note"] and (before is None or "drop" in before["note"]):
        text = text.replace("  note: {drop: true}\n", "")
    return text


def read(text: str) -> Project | None:
    """Read a configuration; ``None`` where an edit made no sense."""
    return read_project({"app.yaml": text.encode()})[0]


# ------------------------------------------------------------------ rows


class Rows:
    """Makes random rows of an app, without asking its rules: live data of long ago break rules, too."""

    def __init__(self, app: App, rng: random.Random, connection: Connection) -> None:
        self.app, self.rng, self.connection = app, rng, connection
        self.made: dict[str, list[str]] = {}
        self.paths: dict[str, str] = {}
        self.now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)

    async def fill(self, count: int, users: list[str]) -> None:
        """Make people, units and *count* cases."""
        for number in range(4):
            await self.row("person", name=f"p{number}", user=users[number] if number < len(users) else None)
        for number in range(3):
            await self.row("unit", name=f"u{number}", cost=self.rng.choice([None, Decimal(5), Decimal(100)]))
        for number in range(5):
            await self.row("place", name=f"l{number}")
        for number in range(3 if "room" in self.app.entities else 0):
            await self.row("room", name=f"r{number}")
        for _ in range(4 if "holding" in self.app.entities else 0):
            await self.row("holding")
        name = "case" if "case" in self.app.entities else "matter"
        for number in range(count):
            state = self.rng.choice(self.states())
            key = await self.row(name, subject=f"s{number % 5}", state=state, state__entry=1)
            await self.opinions(key, state)

    def states(self) -> list[str]:
        """Return the states of the workflow."""
        return sorted(self.app.project.workflows["flow"].states)

    async def opinions(self, key: str, state: str) -> None:
        """Give some of the opinions that a case in *state* waits for."""
        table = self.app.tables.metadata.tables["fw_opinion"]
        for part in self.app.project.workflows["flow"].states[state].parallel:
            if self.rng.random() < 0.5:
                values = {"id": new_id(), "entity": "case", "record": key, "workflow": "flow", "state": state, "entry": 1,
                          "part": part.name, "outcome": part.outcomes[0].name, "at": self.now}  # fmt: skip
                known = {name: values[name] for name in values if name in table.c}
                if self.app.dialect == "sqlite":
                    known["at"] = self.now.isoformat()
                await render(sa.insert(table).values({n: given(n, table.c[n]) for n in known}), self.app.dialect).fetch(
                    self.connection, known
                )

    async def row(self, entity: str, **given: Any) -> str:
        """Make one record; what is not *given* is random."""
        compiled = self.app.entities[entity]
        values: dict[str, Any] = {"id": new_id(), "version": 1, "created": self.now, "changed": self.now, **given}
        for name in compiled.writable:
            if name not in values:
                values[name] = self.value(compiled.model.fields[name])
        lines = values.pop("lines", None)
        store = Store(self.app, compiled)
        if "_path" in store.table.c:
            values["_path"] = path_below(self.paths.get(str(values["within"])), values["id"])
            self.paths[str(values["id"])] = values["_path"]
        await store.insert(self.connection, values)
        if lines is not None:
            await store.write_rows(self.connection, "lines", values["id"], (), lines)
        self.made.setdefault(entity, []).append(values["id"])
        return str(values["id"])

    def value(self, field: Field) -> Any:
        """Return a random value of a field, often none."""
        if field.kind == "rows":
            numbers = [self.rng.choice([None, 1, 2, 3, 5]) for _ in range(self.rng.randint(0, 3))]
            return [{"id": new_id(), "text": "t", "n": n} for n in numbers]
        if field.kind == "links":
            return tuple(self.rng.sample(self.made["person"], self.rng.randint(0, 2)))
        if self.rng.random() < 0.2:
            return None
        if field.kind in ("link", "tree"):
            return self.rng.choice(self.made.get(field.to[0]) or [None])
        if field.kind in FILES:
            names = self.rng.sample(["a.png", "b.png", "c.png"], 1 if field.kind in ("file", "image") else 2)
            return tuple(FileInfo(new_id(), name, 3, "image/png", "0" * 64) for name in names)
        if field.kind == "choices":
            return tuple(self.rng.sample([option.name for option in field.options], self.rng.randint(0, 2)))
        return self.plain(field)

    def plain(self, field: Field) -> Any:
        """Return a random value of a field of a plain kind."""
        rng = self.rng
        if field.kind == "choice":
            return rng.choice([option.name for option in field.options])
        if field.kind == "integer":
            return rng.randint(0, 40)
        if field.kind in ("decimal", "money", "percent"):
            places = 2 if field.places is None else field.places
            return (Decimal(rng.randint(0, 400)) / 4).quantize(Decimal(1).scaleb(-places))
        day = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randint(0, 300))
        kinds: dict[str, Any] = {
            "boolean": rng.random() < 0.5, "date": day, "datetime": dt.datetime.combine(day, dt.time(9), dt.UTC),
            "email": f"{rng.choice('abc')}@example.org",
        }  # fmt: skip
        return kinds.get(field.kind, rng.choice(["1", "22", "a", "b", "ab", "abc", "2024-05-06", "3.5", "true", "12x"]))


def path_below(parent: str | None, key: str) -> str:
    """Return the path of a record in a tree."""
    return f"{parent or '/'}{key}/"


async def recalculate(app: App, connection: Connection, context: Context) -> None:
    """Bring all stored computed fields up to date, plainly: over and over until nothing differs."""
    everything = [row for entity in app.entities.values() for row in entity.rows.values()]
    everything += list(app.entities.values())
    for _ in range(8):
        changed = False
        for compiled in everything:
            store = Store(app, compiled)
            table = app.tables.of(compiled.name).name
            ids = [str(row[0]) for row in await connection.fetch(f'SELECT id FROM "{table}"')]
            for computed in compiled.computed:
                if computed.field.stored:
                    shape = {**computed.asked.needs.record, computed.field.name: {}}
                    records = await app.loader.by_ids(connection, compiled.name, shape, ids, context)
                    for key, record in records.items():
                        value = from_rule(computed.asked(record, context), computed.form)
                        if value != record.get(computed.field.name):
                            await store.update(connection, key, {computed.field.name: value})
                            changed = True
        if not changed:
            return
    raise AssertionError("stored computed fields do not settle")
