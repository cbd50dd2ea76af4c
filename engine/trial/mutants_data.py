"""Mutants of entities: their checks, fields and rights; and of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fachwerk.engine.trial.mutants import (
    INSTEAD,
    Mutant,
    asked,
    flips,
    instead,
    left_out,
    put,
    said,
    short,
    with_entity,
    with_field,
    without,
)
from fachwerk.engine.trial.tracing import Key
from fachwerk.engine.trial.variants import text_variants
from fachwerk.problems import Fragment, Problems, Text
from fachwerk.rules.check import Checked
from fachwerk.rules.tables.check import CheckedTable, check_table
from fachwerk.rules.tables.model import Row
from fachwerk.schemas.model import Decision, Entity, Field, Grant, Project, Rule
from fachwerk.schemas.read_world import constant
from fachwerk.schemas.wording import both

WIDER = both("{role} may {right} any {entity}, not only where `{rule}`",
             "{role} darf jeden Datensatz von {entity}: {right}, nicht nur wo `{rule}`")  # fmt: skip
MORE = both("{role} may {right} {entity}", "{role} darf bei {entity}: {right}")
CANNOT_READ = both("{role} cannot even read it", "{role} kann es nicht einmal lesen")
AS_READ = both("{role} may do so with all that they may read", "{role} darf es bei allem, was zu lesen ist")
HAS_IT = both("a role that it includes may do so anyway", "eine enthaltene Rolle darf es ohnehin")
SWAPPED = both("the results of rows {one} and {other} swapped",
               "die Ergebnisse der Zeilen {one} und {other} vertauscht")  # fmt: skip


def data_mutants(project: Project) -> Iterator[Mutant]:
    """Give the mutants of all entities and decisions."""
    for entity in project.entities.values():
        yield from _entity(project, entity)
        yield from _rights(project, entity)
    for decision in project.decisions.values():
        yield from _decision(project, decision)


def _entity(project: Project, entity: Entity) -> Iterator[Mutant]:
    owner = entity.name.partition(".")[0]
    there: frozenset[Key] = frozenset((("entity", owner),))
    for index, check in enumerate(entity.checks):
        keys = asked(check.that) | there
        rest = with_entity(project, entity, checks=without(entity.checks, index))
        yield Mutant(check.span, entity.name, left_out(f"check: {short(check.that)}"), rest, keys)
        for variant, span, what in flips(check.that):
            checks = (*entity.checks[:index], replace(check, that=variant), *entity.checks[index + 1 :])
            yield Mutant(span, entity.name, what, with_entity(project, entity, checks=checks), keys)
    for index, names in enumerate(entity.unique):
        rest = with_entity(project, entity, unique=without(entity.unique, index))
        what = left_out(f"unique: {', '.join(names)}")
        yield Mutant(entity.span, entity.name, what, rest, there, anew=True)
    for field in entity.fields.values():
        if not field.system:
            yield from _field(project, entity, field, there)
            if field.rows is not None:
                yield from _entity(project, field.rows)


_DROPPED = ("required", "visible", "read_only", "min", "max", "where")
_FLIPPED = ("required", "visible", "read_only", "min", "max", "where", "computed")


def _field(project: Project, entity: Entity, field: Field, there: frozenset[Key]) -> Iterator[Mutant]:
    name = f"{entity.name}.{field.name}"

    def made(what: Text, **changes: Any) -> Mutant:
        return Mutant(field.span, name, what, with_field(project, entity, field.name, **changes), there)

    for key in _DROPPED:
        rule: Rule | None = getattr(field, key)
        if rule is not None and rule.constant is not False:
            yield made(left_out(f"{key}: {short(rule)}"), **{key: None})
    for key in _FLIPPED:
        rule = getattr(field, key)
        if rule is not None and rule.constant not in (True, False):
            for variant, span, what in flips(rule):
                yield replace(made(what, **{key: variant}), span=span, anew=key == "computed")
    if field.unique:
        yield replace(made(left_out("unique: true"), unique=False), anew=True)
    for index, option in enumerate(field.options):
        if option.when is not None:
            options = (*field.options[:index], replace(option, when=None), *field.options[index + 1 :])
            yield made(left_out(f"{option.name}: when: {short(option.when)}"), options=options)


# rights


def _rights(project: Project, entity: Entity) -> Iterator[Mutant]:
    if entity.relation is not None and not entity.access:
        return
    for role in project.roles.values():
        grant = entity.access.get(role.name)
        if grant is not None:
            yield from _grant(project, entity, grant)
        elif not role.reads_everything:
            wider = Grant(role.name, read=constant(True, entity.span), span=role.span)
            what = said(MORE, role=role.name, right="read", entity=entity.name)
            equal = HAS_IT if _has(project, entity, role.name, "read") else None
            yield _granted(project, entity, wider, what, equal)


def _granted(project: Project, entity: Entity, grant: Grant, what: Text, equal: Text | None = None) -> Mutant:
    changed = with_entity(project, entity, access=put(entity.access, grant.role, grant))
    there: Key = ("person", grant.role)
    return Mutant(grant.span or entity.span, entity.name, what, changed, frozenset((there,)), equal)


def _grant(project: Project, entity: Entity, grant: Grant) -> Iterator[Mutant]:
    for right in ("create", "read", "update", "delete"):
        rule: Rule | None = getattr(grant, right)
        if rule is not None and rule.constant is True:
            continue
        wider = _with(grant, right, constant(True, grant.span or entity.span))
        text = MORE if rule is None else WIDER
        what = said(text, role=grant.role, right=right, entity=entity.name, rule=short(rule) if rule else "")
        yield _granted(project, entity, wider, what, _same(project, entity, grant, right))
        if rule is not None:
            for variant, span, how in flips(rule):
                yield replace(_granted(project, entity, _with(grant, right, variant), how), span=span)
    for field in sorted(grant.hide):
        equal = None if grant.read is not None else said(CANNOT_READ, role=grant.role)
        yield _granted(project, entity, replace(grant, hide=grant.hide - {field}), left_out(f"hide: {field}"), equal)
    for field in sorted(grant.read_only):
        yield _granted(
            project, entity, replace(grant, read_only=grant.read_only - {field}), left_out(f"read_only: {field}")
        )


def _with(grant: Grant, right: str, rule: Rule) -> Grant:
    changes: dict[str, Any] = {right: rule}
    return replace(grant, **changes)


def _same(project: Project, entity: Entity, grant: Grant, right: str) -> Text | None:
    """Return why it changes nothing that a role gets a right."""
    if _has(project, entity, grant.role, right):
        return HAS_IT
    if right in ("update", "delete") and _as_read(project, entity, grant, right):
        return said(AS_READ, role=grant.role)
    reads = grant.read is not None or project.roles[grant.role].reads_everything
    reads = reads or any(one in entity.access for one in project.roles[grant.role].includes)
    return said(CANNOT_READ, role=grant.role) if right in ("update", "delete") and not reads else None


def _as_read(project: Project, entity: Entity, grant: Grant, right: str) -> bool:
    """Whether a role has a right on just what it may read, and nobody who has it may read more without the right."""
    rule: Rule | None = getattr(grant, right)
    if rule is None or grant.read is None or rule.text.text.split() != grant.read.text.text.split():
        return False
    others = [one for name, one in entity.access.items() if name != grant.role and one.read is not None]
    theirs: list[Rule | None] = [getattr(one, right) for one in others]
    reading = any(role.reads_everything and name not in entity.access for name, role in project.roles.items())
    return not reading and all(one is not None and one.constant is True for one in theirs)


def _has(project: Project, entity: Entity, role: str, right: str) -> bool:
    """Whether a role that this one includes has the right always."""
    grants = [entity.access[one] for one in project.roles[role].includes if one in entity.access]
    rules: list[Rule | None] = [getattr(one, right) for one in grants]
    return any(rule is not None and rule.constant is True for rule in rules)


# decisions


def _decision(project: Project, decision: Decision) -> Iterator[Mutant]:
    body = decision.body
    if isinstance(body, Checked):
        for variant, span, what in flips(Rule(body.fragment, body)):
            yield _decided(project, decision, variant.checked, what, span)
        return
    if not isinstance(body, CheckedTable):
        return
    for number, row in enumerate(body.table.rows):
        for changed, what, at in _row(body, row):
            table = _table(body, number, changed)
            if table is not None:
                yield _decided(project, decision, table, what, at)
    yield from _swapped(project, decision, body)


def _row(body: CheckedTable, row: Row) -> Iterator[tuple[Row, Text, Any]]:
    for index, cell in enumerate(row.tests):
        if cell.text.strip() not in ("", "-"):
            for variant in text_variants(cell, body.scope, tests=True):
                tests = (*row.tests[:index], variant.fragment, *row.tests[index + 1 :])
                yield replace(row, tests=tests), instead(variant), cell.span()
            tests = (*row.tests[:index], _dash(cell), *row.tests[index + 1 :])
            yield replace(row, tests=tests), said(INSTEAD, was=cell.text.strip(), now="-"), cell.span()
    for index, result in enumerate(row.results):
        for variant in text_variants(result, body.scope):
            results = (*row.results[:index], variant.fragment, *row.results[index + 1 :])
            yield replace(row, results=results), instead(variant), result.span()


def _dash(cell: Fragment) -> Fragment:
    return Fragment("-", cell.source, cell.base, (cell.offset(0), cell.offset(len(cell.text))))


def _swapped(project: Project, decision: Decision, body: CheckedTable) -> Iterator[Mutant]:
    rows = body.table.rows
    for number in range(len(rows) - 1):
        one, other = rows[number], rows[number + 1]
        if [text.text.strip() for text in one.results] == [text.text.strip() for text in other.results]:
            continue
        swapped = list(rows)
        swapped[number] = replace(one, results=other.results)
        swapped[number + 1] = replace(other, results=one.results)
        table = _checked(body, swapped)
        if table is not None:
            what = said(SWAPPED, one=str(number + 1), other=str(number + 2))
            yield _decided(project, decision, table, what, one.span)


def _table(body: CheckedTable, number: int, row: Row) -> CheckedTable | None:
    return _checked(body, [*body.table.rows[:number], row, *body.table.rows[number + 1 :]])


def _checked(body: CheckedTable, rows: Iterable[Row]) -> CheckedTable | None:
    """Return the table with other rows, if it can still be one."""
    problems = Problems()
    table = check_table(replace(body.table, rows=tuple(rows)), body.scope, problems, cover=False)
    return table if table.ok and not problems.errors else None


def _decided(project: Project, decision: Decision, body: object, what: Text, span: Any) -> Mutant:
    changed = replace(project, decisions=put(project.decisions, decision.name, replace(decision, body=body)))
    table = isinstance(decision.body, CheckedTable)
    keys: frozenset[Key] = frozenset((("decided", id(decision.body)),)) if table else frozenset()
    return Mutant(span, decision.name, what, changed, keys)
