"""What rules see of records that they reach over links."""

from __future__ import annotations

import asyncio

import pytest
from fachwerk.problems import Refused
from office import office

APP = """
app: parcels
languages: [en]
---
roles: {clerk: {}}
---
entity: parcel
fields:
  name: text!
  protection: {type: choices, options: [nature, water]}
  plans: files
access: {clerk: {create: true, read: true, update: true}}
---
entity: permit
fields:
  parcel: {type: link, to: parcel, required: true}
  other: {type: link, to: parcel}
  guarded: {computed: 'list contains(parcel.protection, "nature")', type: boolean, stored: true}
  free: {computed: 'not(list contains(parcel.protection, "nature"))', type: boolean}
  kinds: {computed: 'count(parcel.protection) + count(parcel.plans)', type: integer}
access: {clerk: {create: true, read: true, update: true}}
"""


def test_an_empty_list_of_a_linked_record_is_empty_and_not_unknown(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, APP) as made:
            clerk, service = made.people["clerk"], made.service
            bare = await service.create(clerk, "parcel", {"name": "bare"})
            park = await service.create(clerk, "parcel", {"name": "park", "protection": ("nature", "water")})
            found = {}
            for parcel in (bare, park):
                permit = await service.create(clerk, "permit", {"parcel": parcel.id})
                read = await service.read(clerk, "permit", permit.id)
                found[parcel.values["name"]] = [read.values[name] for name in ("guarded", "free", "kinds")]
            assert found == {"bare": [False, True, 0], "park": [True, False, 2]}

    asyncio.run(work())


SHARES = """
app: shares
languages: [en]
---
roles: {clerk: {}}
---
entity: plot
fields:
  name: text!
  budget: {type: integer}
  parts: {type: back_links, of: part.plot}
access: {clerk: {create: true, read: true, update: true}}
---
entity: part
fields:
  plot: {type: link, to: plot, required: true}
  kind: {type: choice, options: [old, new], required: true}
  share: {type: integer, required: true}
checks:
  - that: sum(plot.parts[kind = "new"].share) <= 100
    on: share
    else: too much
  - that: sum(plot.parts[kind = "new"].share) <= plot.budget
    on: plot
    else: over budget
access: {clerk: {create: true, read: true, update: true}}
"""


def test_a_check_over_the_sum_of_nothing_stands_against_nothing(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, SHARES) as made:
            clerk, service = made.people["clerk"], made.service
            plot = await service.create(clerk, "plot", {"name": "hill"})
            await service.create(clerk, "part", {"plot": plot.id, "kind": "old", "share": 500})
            await service.change(clerk, "plot", plot.id, {"budget": 99}, version=1)
            await service.create(clerk, "part", {"plot": plot.id, "kind": "new", "share": 99})
            with pytest.raises(Refused) as refused:
                await service.create(clerk, "part", {"plot": plot.id, "kind": "new", "share": 2})
            assert set(refused.value.fields) == {"share", "plot"}

    asyncio.run(work())
