"""Links of a candidate: whether what they lead to is there, may be seen by whoever links, and fulfils ``where``.

A record that may not be seen is not there: the same message, so that nothing can be found out by linking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fachwerk.engine.candidate import Candidate
from fachwerk.engine.keyed import keys_parameter
from fachwerk.problems import Text
from fachwerk.schemas.model import Field

if TYPE_CHECKING:
    from fachwerk.engine.change import Change

NOT_THERE: Text = {"en": "There is no such record.", "de": "Diesen Eintrag gibt es nicht."}
NOT_FITTING: Text = {"en": "This record cannot be chosen here.", "de": "Dieser Eintrag passt hier nicht."}


class Linking:
    """Checks the links of one change."""

    def __init__(self, change: Change) -> None:
        self._change = change

    async def check(self, changed: frozenset[str]) -> None:
        """Note a mistake for every changed link that leads nowhere or where it may not."""
        candidate = self._change.candidate
        await self._check_fields(candidate, changed, "", self._change.before)
        for name, rows in candidate.rows.items():
            known = {row["id"]: row for row in self._change.before.get(name) or ()}
            for number, row in enumerate(rows):
                await self._check_fields(row, frozenset(row.values), f"{name}.{number}.", known.get(row.id, {}))

    async def _check_fields(
        self, candidate: Candidate, changed: frozenset[str], prefix: str, before: dict[str, Any]
    ) -> None:
        for name in sorted(changed):
            field = candidate.entity.model.fields.get(name)
            if field is None or field.kind not in ("link", "links", "tree", "user") or field.system:
                continue
            old = set(_targets(field, before.get(name)))
            for target, key in _targets(field, candidate.values.get(name)):
                if (target, key) not in old and prefix + name not in self._change.errors:
                    message = await self._judge(candidate, field, target, key)
                    if message is not None:
                        self._change.errors[prefix + name] = message

    async def _judge(self, candidate: Candidate, field: Field, target: str, key: str) -> Text | None:
        change = self._change
        if target == "user":
            rows = await change.kit.user_exists().fetch(change.connection, {"keys": _keys(change, key)})
            return None if rows else NOT_THERE
        if not await self._seen(target, key):
            return NOT_THERE
        asked = candidate.entity.where.get(field.name)
        if asked is None:
            return None
        loader = change.kit.app.loader
        found = await loader.by_ids(change.connection, target, asked.needs.record, [key], change.context)
        record = found.get(key)
        if record is None:
            return NOT_THERE
        holds = asked({**record, "this": candidate.record}, change.context)
        return None if holds is True else NOT_FITTING

    async def _seen(self, target: str, key: str) -> bool:
        change = self._change
        if change.who is None:
            return True
        rights = change.kit.access.rights(change.who.roles, target)
        if not rights.may("read"):
            return False
        return key in await change.kit.readable(change.connection, rights, change.who.roles, [key], change.context)


def _keys(change: Change, key: str) -> object:
    return keys_parameter([key], change.kit.app.dialect)


def _targets(field: Field, value: Any) -> Iterator[tuple[str, str]]:
    """Give (entity, id) of everything a link leads to."""
    if value is None:
        return
    if field.kind == "user":
        yield "user", value
    elif field.kind == "links":
        for key in value:
            yield (key[0], key[1]) if isinstance(key, tuple) else (field.to[0], key)
    else:
        yield value if isinstance(value, tuple) else (field.to[0], value)
