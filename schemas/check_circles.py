"""Circles: computed fields that need each other, and required links that no first record can satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fachwerk.problems import Problems
from fachwerk.rules.types import ListType, RecordType, Typed
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.check_fields import always
from fachwerk.schemas.model import Entity, Field, Project

Place = tuple[str, str]
"""Entity and field."""


def check_circles(project: Project, problems: Problems) -> None:
    """Note circles of computed fields and of required links."""
    entities = dict(_all(project.entities.values()))
    for circle in circles({place: _needs(place, entities) for place in _computed(entities)}):
        entity, name = circle[0]
        path = " → ".join(_shown(place, entity) for place in (*circle, circle[0]))
        problems.add(codes.COMPUTED_CIRCLE.at(entities[entity].fields[name].span, path=path))
    for circle in circles({place: _wants(place, entities) for place in _required(entities)}):
        entity, name = circle[0]
        path = ", ".join(f"`{one}.{field}`" for one, field in circle)
        problems.add(codes.LINK_CIRCLE.at(entities[entity].fields[name].span, path=path))


def _all(entities: Iterable[Entity]) -> Iterator[tuple[str, Entity]]:
    for entity in entities:
        yield entity.name, entity
        for field in entity.fields.values():
            if field.rows:
                yield field.rows.name, field.rows


def _shown(place: Place, home: str) -> str:
    return place[1] if place[0] == home else f"{place[0]}.{place[1]}"


def circles(edges: Mapping[Place, Iterable[Place]]) -> Iterator[list[Place]]:
    """Yield circles of a graph so that each of its places is in at most one of them."""
    done: set[Place] = set()
    for start in edges:
        path: list[Place] = []
        stack: list[Iterator[Place]] = [iter((start,))]
        while stack:
            place = next(stack[-1], None)
            if place is None:
                stack.pop()
                if path:
                    done.add(path.pop())
            elif place in path:
                circle = path[path.index(place) :]
                yield circle
                done.update(circle)
            elif place in edges and place not in done:
                path.append(place)
                stack.append(iter(edges[place]))


# computed fields


def _computed(entities: Mapping[str, Entity]) -> list[Place]:
    return [
        (name, field.name) for name, entity in entities.items() for field in entity.fields.values() if field.computed
    ]


def _needs(place: Place, entities: Mapping[str, Entity]) -> list[Place]:
    """Return the computed fields that the rule of a computed field reads."""
    entity = entities[place[0]]
    rule = entity.fields[place[1]].computed
    assert rule is not None
    found = [one for path in sorted(rule.checked.reads) for one in along(path, entity.record)]
    return [one for one in found if one[0] in entities and _is_computed(entities[one[0]].fields.get(one[1]))]


def _is_computed(field: Field | None) -> bool:
    return field is not None and field.computed is not None


def along(path: tuple[str, ...], record: RecordType) -> Iterator[Place]:
    """Yield the fields that a path goes through."""
    for name in path:
        typed = record.fields.get(name)
        if typed is None:
            return
        yield record.name, name
        inner = _record(typed)
        if inner is None:
            return
        record = inner


def _record(typed: Typed) -> RecordType | None:
    type_ = typed.type.element.type if isinstance(typed.type, ListType) else typed.type
    return type_ if isinstance(type_, RecordType) else None


# required links


def _required(entities: Mapping[str, Entity]) -> list[Place]:
    return [
        (name, field.name)
        for name, entity in entities.items()
        for field in entity.fields.values()
        if field.kind in ("link", "tree") and len(field.to) == 1 and always(field.required) and field.default is None
    ]


def _wants(place: Place, entities: Mapping[str, Entity]) -> list[Place]:
    """Return the required links of the entity that a required link leads to."""
    target = entities[place[0]].fields[place[1]].to[0]
    return [one for one in _required({target: entities[target]}) if target in entities]
