"""Where secrets were before renamings: a secret is encrypted for its place, and a deploy may not have the key."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.engine.plan.pairing import Pairing

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
