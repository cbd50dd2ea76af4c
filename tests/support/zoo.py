"""A running application with every kind of field there is, for tests of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from town import PASSWORD, SETTINGS, Town, open_app

PROJECT = """
app: zoo
label: {en: Zoo, de: Zoo}
languages: [en, de]
timezone: Europe/Berlin
currency: EUR
---
roles:
  keeper: {label: {en: Keeper, de: Pflege}}
  guest: {label: {en: Guest, de: Gast}}
---
entity: animal
label: {en: Animal, de: Tier}
plural: {en: Animals, de: Tiere}
title: name
fields:
  name: text!
  story: long_text
  page: rich_text
  legs: integer
  weight: {type: decimal, places: 3}
  share: percent
  price: money
  tame: boolean
  born: date
  fed_at: time
  seen: datetime
  nap: duration
  kind: {type: choice, options: {cat: {en: Cat, de: Katze}, dog: {en: Dog, de: Hund}}}
  traits: {type: choices, options: {shy: {en: Shy, de: Scheu}, loud: {en: Loud, de: Laut}}}
  email: email
  phone: phone
  site: url
  account: {type: iban}
  coat: color
  stars: rating
  home: address
  place: geo_point
  number: {type: sequence, format: "Z-{0000}"}
  photo: image
  papers: files
  notes: {type: json}
  chip: secret
  keeper: user
  cage: {type: link, to: cage}
  friends: {type: links, to: animal}
  mother: {type: tree}
  meals:
    type: rows
    fields:
      dish: text!
      grams: integer
  heavy: {computed: weight > 100}
list: {columns: [name, kind, story, site, email, coat, cage, friends, number], search: [name, story]}
access:
  keeper: {create: true, read: true, update: true, delete: true}
  guest: {read: true}
---
entity: cage
label: {en: Cage, de: Käfig}
plural: {en: Cages, de: Käfige}
title: label
fields:
  label: text!
  animals: {type: back_links, of: animal.cage}
  keys: {type: back_links, of: key.cage}
access:
  keeper: {create: true, read: true, update: true, delete: true}
---
entity: key
label: {en: Key, de: Schlüssel}
plural: {en: Keys, de: Schlüssel}
title: label
fields:
  label: text!
  cage: {type: link, to: cage, on_delete: delete}
access:
  keeper: {create: true, read: true, update: true, delete: true}
"""


@contextmanager
def open_zoo(url: str, folder: Path) -> Iterator[Town]:
    """Deploy the zoo at the empty database of *url*; ``kim`` is a keeper, ``gus`` a guest."""
    (folder / "zoo.yaml").write_text(PROJECT, encoding="utf-8")
    with asyncio.Runner() as runner:
        opened = runner.run(open_app(url, folder=folder))
        server = build_server(opened, SETTINGS)
        accounts = Accounts(opened.database, opened.app.tables.metadata, opened.app.project.roles)
        zoo = Town(runner.run, server, accounts)
        runner.run(_people(zoo))
        try:
            yield zoo
        finally:
            runner.run(opened.database.close())


async def _people(zoo: Town) -> None:
    hashed = await Passwords(SETTINGS).hash(PASSWORD)
    for name, role in (("kim", "keeper"), ("gus", "guest")):
        user = await zoo.accounts.create(name.title(), name, roles=[role], password=hashed, language="en")
        zoo.users[name], zoo.tokens[name] = user, await zoo.accounts.make_token(user, "test")
