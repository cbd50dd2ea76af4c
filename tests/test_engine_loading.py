"""What rules see of records that they reach over links."""

from __future__ import annotations

import asyncio

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
