"""Rules so plain that they have SQL without asking: comparisons of stored fields. Most rights are of this kind."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.rules.tree import And, Compare, In, Interval, ListOf, Literal, My, Name, Or, Path, UnaryTests
from fachwerk.rules.types import AnyType, ListType, OptionType, RecordType, Type
from fachwerk.rules.walk import walk
from fachwerk.schemas.check_circles import along
from fachwerk.schemas.model import Entity, Project, Rule

_NODES = frozenset({And, Compare, In, Interval, ListOf, Literal, My, Name, Or, Path, UnaryTests})
_TYPES = frozenset({"number", "string", "boolean", "date", "time", "date and time", "Null"})


def rights(project: Project) -> Iterator[tuple[Rule, Entity]]:
    """Yield the rights to read that are rules; other rights are asked of one record at a time."""
    for entity in project.entities.values():
        for grant in entity.access.values():
            if grant.read is not None and grant.read.constant is NotImplemented and grant.read.checked.ok:
                yield grant.read, entity


def is_plain(rule: Rule, entity: Entity, project: Project) -> bool:
    """Whether *rule* over *entity* compares nothing but stored single values and links to one entity."""
    checked = rule.checked
    nodes = list(walk(checked.node))
    if any(type(node) not in _NODES for node in nodes):
        return False
    if not all(
        _single(checked.types[node].type) for node in nodes if node in checked.types and type(node) is not ListOf
    ):
        return False
    return all(_stored(place, project) for path in checked.reads for place in along(path, entity.record))


def _single(type_: AnyType) -> bool:
    if isinstance(type_, Type):
        return type_.name in _TYPES
    if isinstance(type_, RecordType):
        return "|" not in type_.name
    return isinstance(type_, OptionType) or (
        isinstance(type_, ListType) and isinstance(type_.element.type, Type | OptionType)
    )


def _stored(place: tuple[str, str], project: Project) -> bool:
    home = project.entities.get(place[0])
    field = home.fields.get(place[1]) if home else None
    return field is None or ((field.computed is None or field.stored) and not isinstance(field.typed.type, ListType))
