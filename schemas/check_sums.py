"""Sums over what may be empty: one empty value makes the whole result empty, and a check over it is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fachwerk.problems import Problems
from fachwerk.rules.check import Checked
from fachwerk.rules.summed import summed
from fachwerk.rules.tree import Filter, Name, Node, Or, Path
from fachwerk.rules.types import ListType, RecordType
from fachwerk.rules.walk import walk
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.model import Entity, Field, Project, Rule


def check_sums(project: Project, entities: Iterable[Entity], problems: Problems) -> None:
    """Note the sums, means, least and greatest of fields that may be empty, in what is computed and checked.

    Not where a filter asks for the field, or for a state, in which it may have to be filled.
    """
    known = {entity.name: entity for entity in entities}
    for entity in known.values():
        computed = [field.computed for field in entity.fields.values() if field.computed is not None]
        for rule in (*computed, *(check.that for check in entity.checks)):
            for part in summed(rule.checked):
                if isinstance(part.node, Path) and (field := _with_gaps(part, part.node, known, project)):
                    _tell(rule, part.node, field, problems)


def _with_gaps(part: Checked, node: Path, known: Mapping[str, Entity], project: Project) -> Field | None:
    """Return the field that is summed up, if it may be empty there."""
    assert isinstance(part.typed.type, ListType)
    source = part.types.get(node.of)
    record = source.type.element.type if source is not None and isinstance(source.type, ListType) else None
    entity = known.get(record.name) if isinstance(record, RecordType) else None
    field = entity.fields.get(node.name) if entity is not None else None
    if entity is None or field is None or not part.typed.type.element.nullable or not _may_be_empty(field):
        return None
    states = {project.workflows[name].field for name in entity.workflows if name in project.workflows}
    return field if not _asked(node.of) & {node.name, *states} else None


def _may_be_empty(field: Field) -> bool:
    return field.default is None and (field.computed is None or field.computed.checked.typed.nullable)


def _asked(node: Node) -> set[str]:
    """Return the names that the filters of a list ask for."""
    found: set[str] = set()
    while isinstance(node, Filter):
        found |= {part.name for part in walk(node.condition) if isinstance(part, Name)}
        node = node.of
    return found


def _tell(rule: Rule, node: Path, field: Field, problems: Problems) -> None:
    text, of = rule.text.text, node.of
    there, source = f"{node.name} != null", text[of.start : of.end]
    if isinstance(of, Filter):
        condition = text[of.condition.start : of.condition.end]
        condition = f"({condition})" if isinstance(of.condition, Or) else condition
        source, there = text[of.of.start : of.of.end], f"{condition} and {there}"
    span = rule.text.span(node.start, node.end)
    better = f"{source}[{there}].{node.name}"
    remedy = codes.WITHOUT_GAPS if field.computed is not None else None
    over = text[node.start : node.end]
    problems.add(codes.SUM_WITH_GAPS.at(span, remedy=remedy, field=node.name, list=over, better=better))
