"""Rights: who may do what with which records and fields, compiled once per set of roles and kept.

Everything that reads or writes asks here. A right holds only when its rule is *true*; several roles add up, record by
record. Reading is decided in SQL (rows that are not to be seen never leave the database), writing on the loaded record
by the same rules as functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from fachwerk.engine.compile import App, Asked, CompiledEntity
from fachwerk.engine.shapes import Needs, all_needs
from fachwerk.engine.translation import Translation
from fachwerk.schemas.tables import link_columns

Right = Literal["create", "read", "update", "delete"]
Condition = sa.ColumnElement[bool]
ENGINE = "*"
"""The role of the engine itself, which no person can hold: it may do everything."""
MOST_KEPT = 500
"""Sets of roles whose rights are kept; the oldest goes."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have a right: always, or while *asked* holds; on the record itself or on the one *via* leads to.

    *target* is the entity that *via* must lead to.
    """

    asked: Asked | None
    hide: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    via: str = ""
    target: str = ""

    @property
    def always(self) -> bool:
        """Whether it holds for every record."""
        return not self.via and (self.asked is None or self.asked.rule.constant is True)

    @property
    def needs(self) -> Needs:
        """What must be loaded to ask."""
        inner = self.asked.needs if self.asked else Needs({}, {}, {})
        return Needs({self.via: inner.record}, inner.mine, {}) if self.via else inner

    def holds(self, record: Mapping[str, Any], context: object) -> bool:
        """Return whether it holds for a loaded record."""
        if self.via:
            linked = record.get(self.via)
            if not isinstance(linked, Mapping) or linked.get("_entity", self.target) != self.target:
                return False
            record = linked
        return self.asked is None or self.asked(record, context) is True


@dataclass(frozen=True, slots=True)
class Rights:
    """What holders of some roles may do with the records of one entity."""

    entity: str
    ways: Mapping[Right, tuple[Way, ...]]
    hidden: frozenset[str]
    """Fields that none of the roles ever sees."""
    sometimes: frozenset[str]
    """Fields seen on some records and not on others that may be read."""

    def may(self, right: Right) -> bool:
        """Return whether there is any way at all."""
        return bool(self.ways[right])

    def always(self, right: Right) -> bool:
        """Return whether it holds for every record."""
        return any(way.always for way in self.ways[right])

    def sees(self, name: str) -> bool:
        """Return whether a field is seen on any record."""
        return name not in self.hidden

    def needs(self, *rights: Right) -> Needs:
        """Return what must be loaded to ask for *rights*."""
        return all_needs(way.needs for right in rights for way in self.ways[right])

    def holding(self, right: Right, record: Mapping[str, Any], context: object) -> tuple[Way, ...]:
        """Return the ways that hold for a loaded record."""
        return tuple(way for way in self.ways[right] if way.holds(record, context))


class Access:
    """The rights of an app by sets of roles."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: dict[tuple[frozenset[str], str], Rights] = {}

    def rights(self, roles: frozenset[str], entity: str) -> Rights:
        """Return what holders of *roles* may do with *entity* (for rows: with their parent)."""
        owner = entity.partition(".")[0]
        key = (roles, owner)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) > MOST_KEPT * len(self._app.entities):
                self._kept.pop(next(iter(self._kept)))
            found = self._kept[key] = self._compile(roles, self._app.entities[owner])
        return found

    def _compile(self, roles: frozenset[str], entity: CompiledEntity) -> Rights:
        names: tuple[Right, ...] = ("create", "read", "update", "delete")
        ways = {right: tuple(self._ways(roles, entity, right)) for right in names}
        reads = ways["read"]
        hidden = frozenset.intersection(*(way.hide for way in reads)) if reads else frozenset(entity.model.fields)
        free = [way.hide for way in reads if way.always]
        seen_by_all = frozenset(entity.model.fields) - (
            frozenset.intersection(*free) if free else frozenset(entity.model.fields)
        )
        any_hides = frozenset().union(*(way.hide for way in reads)) if reads else frozenset()
        return Rights(entity.name, ways, hidden, any_hides - hidden - seen_by_all)

    def _ways(self, roles: frozenset[str], entity: CompiledEntity, right: Right) -> Iterable[Way]:
        known = self._app.project.roles
        if ENGINE in roles or (right == "read" and any(known[r].reads_everything for r in roles if r in known)):
            yield Way(None)
            return
        for role in sorted(roles):
            permission = entity.permissions.get(role)
            if permission is not None:
                asked: Asked | None = getattr(permission, right)
                if asked is not None and asked.rule.constant is not False:
                    grant = permission.grant
                    always = None if asked.rule.constant is True else asked
                    yield Way(always, grant.hide, grant.read_only)
        if not entity.permissions and entity.model.relation is not None:
            yield from self._through(
                roles, entity, entity.model.relation.target, "read" if right == "read" else "update"
            )

    def _through(self, roles: frozenset[str], entity: CompiledEntity, via: str, right: Right) -> Iterable[Way]:
        """Give the rights of a relation without its own: those over the record that it leads to."""
        for target in entity.field(via).to:
            for way in self._ways(roles, self._app.entities[target], right):
                if not way.via:
                    yield Way(way.asked, via=via, target=target)

    # SQL --------------------------------------------------------------------------------------------------------------

    def condition(self, rights: Rights, table: Any, translation: Translation) -> Condition | None:
        """Return what rows of *table* must fulfil to be read; ``None`` if all may be."""
        if rights.always("read"):
            return None
        return sa.or_(
            sa.false(), *(self.way_condition(rights.entity, way, table, translation) for way in rights.ways["read"])
        )

    def way_condition(self, entity: str, way: Way, table: Any, translation: Translation) -> Condition:
        """Return the condition of one way to read."""
        if not way.via:
            return sa.true() if way.asked is None else translation.condition(way.asked.rule.checked, entity, table)
        field = self._app.entities[entity].field(way.via)
        column = table.c[link_columns(field)[way.target]]
        if way.asked is None:
            return column.is_not(None)  # type: ignore[no-any-return]
        other = self._app.tables.of(way.target).alias()
        inner = translation.condition(way.asked.rule.checked, way.target, other)
        return sa.exists(sa.select(sa.literal(1)).select_from(other).where(other.c.id == column, inner))

    def seen_condition(self, rights: Rights, name: str, table: Any, translation: Translation) -> Condition | None:
        """Return when field *name* of a readable row is seen; ``None`` if always."""
        if name in rights.hidden:
            return sa.false()
        if name not in rights.sometimes:
            return None
        ways = [way for way in rights.ways["read"] if name not in way.hide]
        return sa.or_(sa.false(), *(self.way_condition(rights.entity, way, table, translation) for way in ways))
