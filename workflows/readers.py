"""Who may read a case, over the finite abstraction of the model check: holders of roles, and whom a path names.

Whoever a path names may hold any role. So somebody named may read wherever any role may, unless rights go by other
people: ``applicant.user = me`` lets the applicant read, and of ``plot.owner`` it can be told that nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal as OneOf

from fachwerk.rules.tree import And, Call, Compare, In, ListOf, Literal, My, Name, Node, Or, Path, Quantified
from fachwerk.schemas.model import Entity, Field, Grant, Performer, Project, Rule, Workflow
from fachwerk.workflows.domain import Domain

Who = OneOf["named", "anybody", "nobody", "others"]
"""Whom ``me`` stands for: whom a path names and nobody else, whoever it may be, somebody whom nothing names, somebody
for whom no condition holds that asks who they are."""
Way = tuple[str, ...]
"""A path from a record to a person, name by name."""


@dataclass(frozen=True)
class Judge:
    """What rights say in a state, as far as that follows from the state and from who asks."""

    project: Project
    entity: Entity
    field: str
    """The field of the state."""

    def judged(self, node: Node, state: str | None, who: Who, way: Way | None = None) -> bool | None:
        """Return whether a rule holds in *state* for *who*; ``None`` where it is not known."""
        match node:
            case And(terms=terms) | Or(terms=terms):
                decisive = isinstance(node, Or)
                held = [self.judged(term, state, who, way) for term in terms]
                return decisive if decisive in held else None if None in held else not decisive
            case Call(function=Name(name="not"), arguments=(of,)):
                denied = self.judged(of, state, who, way)
                return None if denied is None else not denied
            case Literal(value=bool() as value):
                return value
        identity = self.identity(node)
        if who == "others" and asks_who(node):
            return False
        if identity is None:
            return self._in_state(node, state)
        if who == "nobody":
            return False
        return True if way is not None and self.same(identity, way) else False if who == "named" else None

    def _in_state(self, node: Node, state: str | None) -> bool | None:
        """Return what a condition on the state says; ``None`` for any other."""
        if state is None:
            return None
        match node:
            case Compare(op="=" | "!=" as op, left=Name(name=name), right=Literal(value=str() as value)):
                return (state == value) == (op == "=") if name == self.field else None
            case In(of=Name(name=name), tests=tests) if name == self.field:
                listed = [item for one in tests.tests for item in (one.items if isinstance(one, ListOf) else (one,))]
                values = [one.value if isinstance(one, Literal) else None for one in listed]
                return None if None in values else (state in values) != tests.negated
        return None

    def identities(self, node: Node) -> Iterator[Way]:
        """Give the paths to those by whom a right goes."""
        found = self.identity(node)
        if found is not None:
            yield found
        if isinstance(node, And | Or):
            for term in node.terms:
                yield from self.identities(term)

    def identity(self, node: Node) -> Way | None:
        """Return the path whose end must be who asks: of ``path = me``, and ``some x in path satisfies x = me``."""
        match node:
            case Compare(op="=", left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    end, way = self._me(other), way_of(one)
                    if end is not None and way is not None:
                        return (*way, *end)
            case Quantified(kind="some", each=(each,), condition=condition) if each.until is None:
                inner, outer = self.identity(condition), way_of(each.source)
                if inner is not None and outer is not None and inner[0] == each.name:
                    return (*outer, *inner[1:])
        return None

    def _me(self, node: Node) -> Way | None:
        """Return what stands between a record and the user where *node* is who asks, or their own record."""
        if isinstance(node, Name) and node.name == "me":
            return ()
        if isinstance(node, My) and node.entity in self.project.entities:
            fields = self.project.entities[node.entity].fields.values()
            return next(((one.name,) for one in fields if one.kind == "user" and not one.system), None)
        return None

    def same(self, one: Way, other: Way) -> bool:
        """Whether two paths lead to the same person: also who made a record, and the field that is filled with them."""
        return one == other or any(
            first == ("created_by",) and len(second) <= 2 and _is_me(self.entity.fields.get(second[0]))
            for first, second in ((one, other), (other, one))
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody whom a path names reads a case in one state."""

    surely: bool
    """Whether nothing can be told against it."""
    anybody: bool
    """Whether anybody at all may read it."""
    others: tuple[Grant, ...] = ()
    """The rights by which others read it."""


@dataclass(frozen=True)
class Readers:
    """The rights to read the cases of one workflow."""

    project: Project
    workflow: Workflow
    domain: Domain

    @cached_property
    def judge(self) -> Judge:
        """What rights say in a state."""
        return Judge(self.project, self.entity, self.workflow.field)

    @cached_property
    def entity(self) -> Entity:
        """What the workflow is of."""
        return self.project.entities[self.workflow.of]

    @cached_property
    def everybody(self) -> bool:
        """Whether there is a role that reads everything, or rights are those over another record."""
        through = self.entity.relation is not None and not self.entity.access
        return through or any(one.reads_everything for one in self.project.roles.values())

    def reads(self, by: tuple[Performer, ...], record: Mapping[str, object]) -> bool:
        """Whether any of *by* may see the record in a situation."""
        return any(self.one_reads(one, record) for one in by)

    def one_reads(self, performer: Performer, record: Mapping[str, object]) -> bool:
        """Whether somebody of a performer may see the record; whom a path names may hold any role."""
        if performer.role is not None:
            return self._role_reads(performer.role, record)
        return self.everybody or any(self._grant_reads(grant, record) for grant in self.entity.access.values())

    def _role_reads(self, role: str, record: Mapping[str, object]) -> bool:
        if self.entity.relation is not None and not self.entity.access:
            return True
        roles = self.project.roles
        holders = [one for one in roles.values() if one.name == role or role in one.includes]
        if any(one.reads_everything for one in holders):
            return True
        names = {name for one in holders for name in (one.name, *one.includes)}
        return any(self._grant_reads(grant, record) for name, grant in self.entity.access.items() if name in names)

    def _grant_reads(self, grant: Grant, record: Mapping[str, object]) -> bool:
        return grant.read is not None and self.right(grant.read, record)

    def right(self, rule: Rule, record: Mapping[str, object]) -> bool:
        """Whether a right may hold in a situation."""
        constant = rule.constant
        if constant is not NotImplemented:
            return constant is True
        if not self.domain.known.get(id(rule), False):
            return self.judge.judged(rule.checked.node, str(record[self.workflow.field]), "anybody") is not False
        return self.domain.holds(rule, record) is not False

    # whom a path names

    def standing(self, performer: Performer, state: str, each: Rule | None = None) -> Standing:
        """Return how whoever *performer* names reads a case in *state*; *each* is what ``each`` stands for."""
        assert performer.person is not None
        grants = [grant for grant in self.entity.access.values() if grant.read is not None]
        way = way_of(performer.person.checked.node)
        if way is not None and each is not None and way[0] == "each":
            before = way_of(each.checked.node)
            way = None if before is None else (*before, *way[1:])
        found: dict[Who, list[Grant]] = {
            who: [one for one in grants if self._may(one, state, way, who)] for who in ("named", "anybody", "nobody")
        }
        free = self.everybody or bool(found["nobody"])
        mine = [one for one in found["named"] if one not in found["nobody"]]
        # a right that goes by this path says that those whom it names need it
        needed = way is not None and any(self._names(one, way) for one in grants)
        surely = way is None or bool(mine) or (free and not needed)
        return Standing(surely, self.everybody or bool(found["anybody"]), tuple(found["anybody"]))

    def _may(self, grant: Grant, state: str, way: Way | None, who: Who) -> bool:
        rule = grant.read
        assert rule is not None
        if rule.constant is not NotImplemented:
            return rule.constant is True
        return self.judge.judged(rule.checked.node, state, who, way) is not False

    def _names(self, grant: Grant, way: Way) -> bool:
        """Whether a right goes by who stands at the end of *way*."""
        assert grant.read is not None
        return any(self.judge.same(found, way) for found in self.judge.identities(grant.read.checked.node))


def _is_me(field: Field | None) -> bool:
    """Whether a field is filled with who makes the record where nothing else is said."""
    if field is None or field.default is None:
        return False
    node = field.default.checked.node
    return isinstance(node, My) or (isinstance(node, Name) and node.name == "me")


def way_of(node: Node) -> Way | None:
    """Return the names of a plain path; ``None`` for anything else."""
    match node:
        case Name(name=name):
            return (name,)
        case Path(of=of, name=name):
            before = way_of(of)
            return None if before is None else (*before, name)
    return None


def asks_who(node: Node) -> bool:
    """Whether a condition asks who is asking."""
    if isinstance(node, My) or (isinstance(node, Name) and node.name == "me"):
        return True
    values = (getattr(node, one.name) for one in fields(node))
    return any(
        asks_who(part)
        for value in values for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Node)
    )  # fmt: skip
