"""What was called otherwise before: secrets, which are encrypted for their place, and everything the history names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from fachwerk.engine.plan.pairing import Pairing
from fachwerk.schemas.model import Entity, Renamed

Place = tuple[str, str]
"""Entity (or rows) and field."""


def former_places(pairing: Pairing) -> Mapping[Place, tuple[Place, ...]]:
    """Return the earlier names of secret fields, the latest first; those that never had another are absent."""
    before = pairing.old.former
    found: dict[Place, tuple[Place, ...]] = {}
    for old, new in pairing.entities():
        for name, was in pairing.fields(new.name).items():
            if new.fields[name].kind == "secret":
                here, there = (new.name, name), (old.name, was.name)
                places = tuple(one for one in dict.fromkeys((there, *before.get(there, ()))) if one != here)
                if places:
                    found[here] = places
    return found


def renamed_since(pairing: Pairing, now: dt.datetime) -> tuple[Renamed, ...]:
    """Return all renamings up to the new configuration of *pairing*, which is deployed *now*."""
    names = {old.name: new.name for old, new in pairing.entities() if old.parent is None}
    before = [replace(one, entity=names[one.entity]) for one in pairing.old.renamed if one.entity in names]
    found = [one for old, new in pairing.entities() for one in _renamed(pairing, old, new, now)]
    return (*before, *found, *_steps(pairing, now))


def _steps(pairing: Pairing, now: dt.datetime) -> Iterator[Renamed]:
    for flow in pairing.new.workflows.values():
        for kind, names in pairing.called(flow.name):
            for was, name in names.items():
                yield Renamed(kind, flow.of, "", "", was, name, now)


def _renamed(pairing: Pairing, old: Entity, new: Entity, now: dt.datetime) -> Iterator[Renamed]:
    entity, _, rows = new.name.partition(".")
    if new.parent is None and old.name != new.name:
        yield Renamed("entity", entity, "", "", old.name, new.name, now)
    for name, was in pairing.fields(new.name).items():
        if was.name != name:
            yield Renamed("field", entity, rows, "", was.name, name, now)
        own, there = ({option.name for option in one.options} for one in (was, new.fields[name]))
        mapping = pairing.options(new.name, name, late=False)
        for former, option in mapping.items():
            # what took in others is no new name of theirs
            alone = list(mapping.values()).count(option) == 1 and (option not in own or option in mapping)
            if alone and (former not in there or former in mapping.values()):
                yield Renamed("option", entity, rows, name, former, option, now)
