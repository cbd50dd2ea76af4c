"""What there is to be tried in a configuration, and how much of it scenarios reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fachwerk.engine.trial.tracing import Key
from fachwerk.problems import Span, Text
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.schemas.model import Check, Entity, Grant, Project, Role, Rule, Workflow
from fachwerk.schemas.wording import both


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be tried; reached once of each of *needs* one key was reached."""

    group: str
    name: str
    span: Span
    needs: tuple[tuple[Key, ...], ...]

    def reached(self, keys: frozenset[Key]) -> bool:
        """Return whether *keys* are enough."""
        return all(any(key in keys for key in one) for one in self.needs)


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of one group was reached, and what of it was not."""

    group: str
    total: int
    missing: tuple[Item, ...]

    @property
    def count(self) -> int:
        """How many were reached."""
        return self.total - len(self.missing)


GROUPS: dict[str, Text] = {
    "taken": both("transitions", "Übergängen"),
    "refused": both("refusals of transitions", "Ablehnungen von Übergängen"),
    "given": both("opinions", "Stellungnahmen"),
    "missed": both("missed deadlines", "versäumten Fristen"),
    "check": both("checks in both outcomes", "Prüfungen mit beiden Ergebnissen"),
    "right": both("rights", "Rechten"),
    "hidden": both("hidden fields", "verborgenen Feldern"),
    "row": both("rows of decisions", "Zeilen von Entscheidungen"),
    "automation": both("automations", "Automatiken"),
    "message": both("messages", "Nachrichten"),
}
"""The groups in their order, as they are called behind a number."""


def coverage(project: Project, keys: frozenset[Key]) -> tuple[Reached, ...]:
    """Return for each group of things to be tried how many *keys* reach."""
    order = list(GROUPS)
    found = sorted(items(project), key=lambda item: order.index(item.group))
    made = []
    for group, members in groupby(found, key=lambda item: item.group):
        there = list(members)
        made.append(Reached(group, len(there), tuple(one for one in there if not one.reached(keys))))
    return tuple(made)


def items(project: Project) -> Iterator[Item]:
    """Give everything in *project* that can be tried."""
    for workflow in project.workflows.values():
        yield from _workflow(workflow)
    for entity in project.entities.values():
        yield from _checks(entity)
        yield from _rights(entity, project.roles.values())
    for decision in project.decisions.values():
        if isinstance(decision.body, CheckedTable):
            for number, row in enumerate(decision.body.rows):
                name = f"{decision.name}, {number + 1}"
                yield Item("row", name, row.row.span, ((("row", id(decision.body), number),),))
    for automation in project.automations.values():
        yield Item("automation", automation.name, automation.span, ((("automation", automation.name),),))
    for message in project.messages.values():
        yield Item("message", message.name, message.span, ((("message", message.name),),))


def _workflow(workflow: Workflow) -> Iterator[Item]:
    for one in workflow.transitions.values():
        yield Item("taken", one.name, one.span, ((("taken", workflow.name, one.name),),))
        if one.by:
            yield Item("refused", one.name, one.span, ((("refused", workflow.name, one.name),),))
        elif one.when is not None:
            yield Item("refused", one.name, one.span, (_rule(one.when, (False, None)),))
    for state in workflow.states.values():
        for part in state.parallel:
            for outcome in part.outcomes:
                name = f"{part.name}.{outcome.name}"
                yield Item("given", name, part.span, ((("given", workflow.name, name),),))
            if part.within is not None:
                yield Item("missed", part.name, part.span, ((("missed", workflow.name, f"part:{part.name}"),),))
    for deadline in workflow.deadlines.values():
        yield Item("missed", deadline.name, deadline.span, ((("missed", workflow.name, deadline.name),),))


def _rule(rule: Rule, values: Iterable[object]) -> tuple[Key, ...]:
    return tuple(("rule", id(rule.checked), value) for value in values)


def _checks(entity: Entity) -> Iterator[Item]:
    for check in entity.checks:
        yield Item("check", _name(entity, check), check.span, (_rule(check.that, (True,)), _rule(check.that, (False,))))
    for one in entity.fields.values():
        if one.rows is not None:
            yield from _checks(one.rows)


def _name(entity: Entity, check: Check) -> str:
    text = " ".join(check.that.text.text.split())
    return f"{entity.name}: {text if len(text) <= 50 else text[:49] + '…'}"


# rights


def _rights(entity: Entity, roles: Iterable[Role]) -> Iterator[Item]:
    if entity.relation is not None and not entity.access:
        return
    for role in roles:
        grant = entity.access.get(role.name)
        if grant is not None:
            yield from _grant(entity, grant, [entity.access[name] for name in role.includes if name in entity.access])
        elif not role.reads_everything and not role.includes & set(entity.access):
            keys: tuple[Key, ...] = (("denied", entity.name, role.name, "read"),)
            yield Item("right", f"{role.name} cannot read {entity.name}", entity.span, (keys,))


def _grant(entity: Entity, grant: Grant, included: Sequence[Grant]) -> Iterator[Item]:
    """Give what can be tried of the rights of a role; *included* are those that it has by other roles."""
    span = grant.span or entity.span
    for right in ("create", "read", "update", "delete"):
        rule: Rule | None = getattr(grant, right)
        name = f"{grant.role} {{}} {right} {entity.name}"
        if rule is not None:
            yield Item("right", name.format("can"), span, (_granted(entity, grant.role, right, rule, True),))
        if (rule is None or rule.constant is not True) and not _as_read(grant, right, included):
            yield Item("right", name.format("cannot"), span, (_granted(entity, grant.role, right, rule, False),))
    for field in sorted(grant.hide):
        yield Item(
            "hidden", f"{entity.name}.{field} from {grant.role}", span, ((("hidden", entity.name, grant.role, field),),)
        )


def _as_read(grant: Grant, right: str, included: Sequence[Grant]) -> bool:
    """Whether nobody can meet a record that they may read but not do this with.

    So it is where the right holds for just what may be read, where nothing may be read at all, and where the role has
    the right by another one.
    """
    if any(getattr(other, right) is not None for other in included):
        return True
    if right not in ("update", "delete") or any(other.read is not None for other in included):
        return False
    rule: Rule | None = getattr(grant, right)
    return grant.read is None or (rule is not None and rule.text.text.split() == grant.read.text.text.split())


def _granted(entity: Entity, role: str, right: str, rule: Rule | None, granted: bool) -> tuple[Key, ...]:
    noted: Key = ("granted" if granted else "denied", entity.name, role, right)
    if rule is None or rule.constant is True or right == "read":
        return (noted,)
    return _rule(rule, (True,)) if granted else (noted, *_rule(rule, (False, None)))
