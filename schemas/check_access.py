"""Checks of the rights to one entity."""

from __future__ import annotations

from fachwerk.problems import Problems, Span
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.check_fields import always, filled_by_people
from fachwerk.schemas.model import Entity, Grant, Project
from fachwerk.schemas.wording import both


def check_access(entity: Entity, project: Project, problems: Problems, *, spoken: bool = False) -> None:
    """Note rights that nobody can use, and an entity that nobody can see (*spoken*: of rights there is talk)."""
    inherits = entity.relation is not None and not entity.access
    everything = any(role.reads_everything for role in project.roles.values())
    if not inherits and not everything and not any(grant.read for grant in entity.access.values()):
        role = next(iter(project.roles), "clerk")
        if entity.access or not spoken:
            problems.add(codes.NOBODY_READS.at(entity.span, entity=entity.name, role=role))
        return
    for grant in entity.access.values():
        _unseen(entity, grant, project, problems)
        _out_of_reach(entity, grant, problems)


def reads(role: str, entity: Entity, project: Project) -> bool:
    """Whether holders of *role* may read some records of *entity*."""
    held = project.roles.get(role)
    names = {role} | (held.includes if held else frozenset())
    if any(project.roles[name].reads_everything for name in names if name in project.roles):
        return True
    if entity.relation is not None and not entity.access:
        return True
    return any(name in entity.access and entity.access[name].read for name in names)


def _unseen(entity: Entity, grant: Grant, project: Project, problems: Problems) -> None:
    if reads(grant.role, entity, project):
        return
    what = both("change", "ändern") if grant.update else both("delete", "löschen") if grant.delete else None
    if what is not None:
        problems.add(codes.CHANGES_UNSEEN.at(_place(entity, grant), role=grant.role, what=what, entity=entity.name))


def _out_of_reach(entity: Entity, grant: Grant, problems: Problems) -> None:
    """A required field that a role which creates records neither sees nor may fill in."""
    if grant.create is None:
        return
    for field in entity.fields.values():
        if filled_by_people(field) and field.name in grant.hide | grant.read_only and always(field.required):
            word = (
                both("hidden from", "verborgen für")
                if field.name in grant.hide
                else both("read-only for", "schreibgeschützt für")
            )
            reason = both(f"it is {word['en']} `{grant.role}`, who may create records",
                          f"es ist {word['de']} `{grant.role}`, die Datensätze anlegen darf")  # fmt: skip
            problems.add(codes.REQUIRED_HIDDEN.at(_place(entity, grant), field=field.name, reason=reason))


def _place(entity: Entity, grant: Grant) -> Span:
    return grant.span or entity.span
