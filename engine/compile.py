"""The compiled app: for every entity the functions, shapes and handlers that a request needs, made once at load.

``compile_app`` turns the model into an :class:`App`. A request looks things up here; it reads no YAML, parses no rule
and decides nothing about kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from typing import Any
from zoneinfo import ZoneInfo

from fachwerk.engine.convert import Convert, value_reader, value_writer
from fachwerk.engine.loading import Loader
from fachwerk.engine.shapes import Needs, Shape, all_needs, merged, needs_of
from fachwerk.problems import Text
from fachwerk.rules.check import Checked
from fachwerk.rules.storage import Children, Derived, Members, Reference
from fachwerk.rules.summed import summed
from fachwerk.schemas.kinds import Handler, Place, handler
from fachwerk.schemas.model import Check, Entity, Field, Grant, Project, Rule, Template, Workflow
from fachwerk.schemas.tables import Tables, all_entities, build_tables, entry_column, flow_column, links_to_all
from fachwerk.schemas.tables_columns import Dialect, Form, form_of
from fachwerk.schemas.telling import ProjectLabels
from fachwerk.workflows.calendar import Calendar
from fachwerk.workflows.machine import Machine, compile_machine
from fachwerk.workflows.parts import counted_roles, names_of_each, rules_of_each, users_of

RuleFunction = Callable[[Mapping[str, Any], Any], Any]
CompileRule = Callable[[Checked], RuleFunction]

__all__ = ["App", "Asked", "CompiledEntity", "compile_app", "users_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule ready to be asked: the function and what it needs to be loaded."""

    rule: Rule
    function: RuleFunction
    needs: Needs

    def __call__(self, record: Mapping[str, Any], context: object) -> Any:
        return self.function(record, context)


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed field: how, and in which form its value stands in the database where it is stored."""

    field: Field
    asked: Asked
    form: Form


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """A check and the pieces of its message by language; *across* if other records' lists decide.

    *sums* are the lists that it adds up or takes the least of: of an empty one nothing can be said.
    """

    check: Check
    asked: Asked
    message: Mapping[str, tuple[str | Asked, ...]]
    across: bool
    locks: tuple[str, ...]
    """Links of the record whose targets are locked, so that two writers cannot break the check together."""
    sums: tuple[RuleFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """What one role may do, with its rules ready to be asked; ``None`` is never."""

    grant: Grant
    create: Asked | None
    read: Asked | None
    update: Asked | None
    delete: Asked | None


@dataclass(frozen=True, slots=True)
class CompiledWorkflow:
    """A workflow of an entity and what its rules need."""

    model: Workflow
    machine: Machine
    needs: Needs
    needs_past: bool
    """Whether who did earlier steps matters (four eyes)."""
    each: Mapping[str, Shape] = member(default_factory=dict)
    """By part with ``each``: what rules read of its records."""
    counted: frozenset[str] = frozenset()
    """Roles that parts ask all or most of."""

    @property
    def keeps(self) -> bool:
        """Whether some part keeps what it waits for."""
        return any(part.kept for state in self.model.states.values() for part in state.parallel)
    kept: Mapping[int, CompiledWorkflow] = member(default_factory=dict)
    """Earlier versions that running cases go on under, by number."""

    @property
    def versions(self) -> tuple[CompiledWorkflow, ...]:
        """The workflow in force and those kept."""
        return (self, *self.kept.values())

    def under(self, values: Mapping[str, Any]) -> CompiledWorkflow:
        """Return the version of the workflow that the case with *values* is under."""
        return self.kept.get(int(values.get(flow_column(self.model)) or 0), self) if self.kept else self


@dataclass(slots=True)
class CompiledEntity:
    """Everything about one entity, relation or rows."""

    model: Entity
    name: str
    handlers: Mapping[str, Handler]
    forms: Mapping[str, Form]
    readers: Mapping[str, Convert]
    writers: Mapping[str, Convert]
    writable: tuple[str, ...]
    """Fields that people may write, rights apart."""
    lists: tuple[str, ...]
    """Fields kept in tables of their own: rows and many links."""
    title: Asked | None
    visible: Mapping[str, tuple[Asked, ...]]
    required: Mapping[str, Asked | None]
    """Fields that can be required; ``None`` is always."""
    read_only: Mapping[str, Asked | None]
    defaults: Mapping[str, Asked]
    limits: tuple[tuple[str, str, Asked], ...]
    options: Mapping[str, Mapping[str, Asked]]
    """By field: the options that are offered only while a rule holds."""
    where: Mapping[str, Asked]
    computed: tuple[Computed, ...]
    checks: tuple[CompiledCheck, ...]
    permissions: Mapping[str, Permission]
    workflows: tuple[CompiledWorkflow, ...]
    tree: str | None
    secrets: frozenset[str]
    rows: Mapping[str, CompiledEntity] = member(default_factory=dict)
    needs: Needs = member(default_factory=lambda: needs_of(()))
    """What the rules of a write need of the record."""
    needs_form: Needs = member(default_factory=lambda: needs_of(()))
    """What a form needs beside: all computed fields."""
    written: tuple[Computed, ...] = ()
    """The computed fields that a write calculates: those stored and those that its rules read."""

    def field(self, name: str) -> Field:
        """Return the model of a field."""
        return self.model.fields[name]

    def flows(self, values: Mapping[str, Any]) -> tuple[CompiledWorkflow, ...]:
        """Return the workflows of a record with *values*, each in the version that the record is under."""
        return tuple(workflow.under(values) for workflow in self.workflows)

    def begun(self) -> dict[str, Any]:
        """Return what a new record has of its workflows."""
        values: dict[str, Any] = {}
        for workflow in self.workflows:
            model = workflow.model
            values |= {model.field: model.initial.name, entry_column(model): 0}
            if model.cases == "keep":
                values[flow_column(model)] = model.number or None
        return values


@dataclass(frozen=True, slots=True)
class App:
    """A project compiled for one kind of database."""

    project: Project
    tables: Tables
    entities: Mapping[str, CompiledEntity]
    """Entities and relations; rows are in the ``rows`` of their parent."""
    loader: Loader
    place: Place
    calendar: Calendar
    user_fields: Mapping[str, str]
    """For ``my entity``: the field of each entity that leads to its user."""
    inbound: Mapping[str, tuple[tuple[str, str], ...]]
    """By entity: (entity, field) of all links that can lead to it."""
    ask: Callable[[Rule], Asked]
    """Makes a rule ready to be asked (messages, automations)."""

    @property
    def dialect(self) -> Dialect:
        """The kind of database."""
        return self.tables.dialect

    @property
    def number(self) -> int | None:
        """The version that this is in its database, as records keep it; ``None`` where it was read from files."""
        return self.project.number or None

    def compiled(self, name: str) -> CompiledEntity:
        """Return an entity or, for ``entity.field``, its rows."""
        owner, _, rows = name.partition(".")
        return self.entities[owner].rows[rows] if rows else self.entities[owner]


def compile_app(project: Project, dialect: Dialect, compile_rule: CompileRule, tables: Tables | None = None) -> App:
    """Compile *project* for *dialect*; *compile_rule* makes a function of (record, context) out of a rule."""
    tables = tables or build_tables(project, dialect)
    maker = _Maker(project, tables, compile_rule)
    entities = {name: maker.entity(entity) for name, entity in project.entities.items()}
    country, part = project.calendar or (None, None)
    return App(
        project,
        tables,
        entities,
        Loader(tables, {entity.name: entity.fields for entity in all_entities(project)}, compile_rule),
        maker.place,
        Calendar(ZoneInfo(project.timezone), country, part, project.hours, project.closed),
        {
            name: field.name
            for name, entity in project.entities.items()
            for field in entity.fields.values()
            if field.kind == "user" and not field.system
        },
        links_to_all(project),
        maker.sure,
    )


class _Maker:
    def __init__(self, project: Project, tables: Tables, compile_rule: Callable[[Checked], RuleFunction]) -> None:
        self.project = project
        self.tables = tables
        self.compile = compile_rule
        self.asked: dict[int, Asked] = {}
        country, _ = project.calendar or ("DE", None)
        self.place = Place(ZoneInfo(project.timezone), project.currency, country)
        self.roles: dict[str, Text] = {name: role.label for name, role in project.roles.items()}

    def ask(self, rule: Rule | None) -> Asked | None:
        return None if rule is None else self.sure(rule)

    def sure(self, rule: Rule) -> Asked:
        if id(rule) not in self.asked:  # what is kept holds the rule, whose id thus stays its own
            self.asked[id(rule)] = Asked(rule, self.compile(rule.checked), needs_of(rule.checked.reads))
        return self.asked[id(rule)]

    def asks(self, pairs: Iterable[tuple[str, Rule | None]]) -> dict[str, Asked]:
        return {name: self.sure(rule) for name, rule in pairs if rule is not None}

    def entity(self, model: Entity) -> CompiledEntity:
        forms = self.tables.forms[model.name]
        dialect = self.tables.dialect
        fields = model.fields
        made = CompiledEntity(
            model=model,
            name=model.name,
            handlers={f.name: handler(f, self.place) for f in fields.values()},
            forms=forms,
            readers={name: value_reader(fields.get(name), form, dialect) for name, form in forms.items()},
            writers={name: value_writer(fields.get(name), form, dialect) for name, form in forms.items()},
            writable=tuple(f.name for f in fields.values() if _is_written(f)),
            lists=tuple(f.name for f in fields.values() if f.kind in ("rows", "links")),
            title=self.ask(model.title),
            visible=self._visible(model),
            required={f.name: _ask_unless(self, f.required) for f in fields.values() if _may_hold(f.required)},
            read_only={f.name: _ask_unless(self, f.read_only) for f in fields.values() if _may_hold(f.read_only)},
            defaults=self.asks((f.name, f.default) for f in fields.values()),
            limits=tuple(self._limits(fields.values())),
            options={f.name: self.asks((o.name, o.when) for o in f.options) for f in fields.values()},
            where=self.asks((f.name, f.where) for f in fields.values()),
            computed=tuple(self._computed(model)),
            checks=tuple(self._check(model, check) for check in model.checks),
            permissions=self._permissions(model),
            workflows=tuple(self._workflow(self.project.workflows[name]) for name in model.workflows),
            tree=next((f.name for f in fields.values() if f.kind == "tree"), None),
            secrets=frozenset(f.name for f in fields.values() if f.kind == "secret"),
            rows={f.name: self.entity(f.rows) for f in fields.values() if f.rows is not None},
        )
        _find_needs(made)
        return made

    def _visible(self, model: Entity) -> dict[str, tuple[Asked, ...]]:
        found: dict[str, list[Rule]] = {f.name: [f.visible] for f in model.fields.values() if f.visible is not None}
        for section in model.form:
            if section.visible is not None:
                for name in (name for row in section.rows for name in row):
                    found.setdefault(name, []).append(section.visible)
        return {name: tuple(self.sure(rule) for rule in rules) for name, rules in found.items()}

    def _limits(self, fields: Iterable[Field]) -> Iterator[tuple[str, str, Asked]]:
        for field in fields:
            for word, rule in (("min", field.min), ("max", field.max)):
                if rule is not None:
                    yield field.name, word, self.sure(rule)

    def _computed(self, model: Entity) -> Iterator[Computed]:
        """Give the computed fields, each behind those that it reads."""
        left = {f.name: f for f in model.fields.values() if f.computed is not None}
        ordered: list[Field] = []

        def put(name: str) -> None:
            field = left.pop(name, None)
            if field is not None and field.computed is not None:
                for path in field.computed.checked.reads:
                    put(path[0])
                ordered.append(field)

        for name in list(left):
            put(name)
        for field in ordered:
            assert field.computed is not None
            yield Computed(field, self.sure(field.computed), form_of(field))

    def _check(self, model: Entity, check: Check) -> CompiledCheck:
        asked = self.sure(check.that)
        paths = check.that.checked.reads
        across = {path for path in paths if self._is_across(model.name, path)}
        stored = self.tables.storage[model.name].fields
        locks = {path[0] for path in across if isinstance(stored.get(path[0]), Reference)}
        sums = tuple(self.compile(part) for part in summed(check.that.checked))
        return CompiledCheck(check, asked, self.template(check.message), bool(across), tuple(sorted(locks)), sums)

    def _is_across(self, entity: str, path: tuple[str, ...]) -> bool:
        """Whether a path of names goes over a list that is not the record's own."""
        for depth, name in enumerate(path):
            stored = self.tables.storage.get(entity)
            where = stored.fields.get(name) if stored else None
            if isinstance(where, Derived):
                return any(self._is_across(entity, read) for read in where.rule.reads)
            if isinstance(where, Children | Members):
                own = depth == 0 and (where.record.startswith(f"{entity}.") or _is_ours(where))
                if not own:
                    return True
                entity = where.record
            elif isinstance(where, Reference):
                entity = next(iter(where.columns))
        return False

    def template(self, template: Template) -> dict[str, tuple[str | Asked, ...]]:
        """Return the pieces of a text with places."""
        return {
            language: tuple(part if isinstance(part, str) else self.sure(part) for part in parts)
            for language, parts in template.parts.items()
        }

    def _permissions(self, model: Entity) -> dict[str, Permission]:
        return {
            role: Permission(grant, *(self.ask(r) for r in (grant.create, grant.read, grant.update, grant.delete)))
            for role, grant in model.access.items()
        }

    def _workflow(self, model: Workflow) -> CompiledWorkflow:
        """Compile a workflow; what it needs is what it and the versions kept of it need, since nobody knows before."""
        kept = {number: self._flow(one) for number, one in model.kept.items()}
        made = self._flow(model)
        return replace(made, kept=kept, needs=all_needs([made.needs, *(one.needs for one in kept.values())]))

    def _flow(self, model: Workflow) -> CompiledWorkflow:
        needs: list[Needs] = []
        of_each = {id(rule): part.name for rule, part in rules_of_each(model)}
        each: dict[str, Shape] = {name: {} for name in names_of_each(model)}

        def compile_and_note(rule: Rule) -> RuleFunction:
            asked = self.sure(rule)
            record = dict(asked.needs.record)
            if id(rule) in of_each:
                each[of_each[id(rule)]] = merged(each[of_each[id(rule)]], record.pop("each", {}))
            needs.append(Needs(record, asked.needs.mine, asked.needs.this))
            return asked.function

        country, part = self.project.calendar or (None, None)
        calendar = Calendar(
            ZoneInfo(self.project.timezone), country, part, self.project.hours, self.project.closed
        )  # fmt: skip
        machine = compile_machine(
            model, calendar, compile_and_note, self.roles, labels=ProjectLabels(self.project, model.of)
        )
        named: dict[str, Shape] = {name: {} for t in model.transitions.values() for name in t.require}
        needs.append(Needs({model.field: {}, **named}, {}, {}))
        barred = (name for one in model.transitions.values() for name in one.not_by)
        past = any(name != "creator" for name in (*barred, *(name for part in model.parts for name in part.not_by)))
        if any("opinions" in one.record for one in needs):
            needs.append(Needs({"opinions": {"part": {}}}, {}, {}))
        every = all_needs(needs)
        read = every.record.get("opinions", {}).get("each", {})
        each = {name: merged(shape, read) for name, shape in each.items()}
        return CompiledWorkflow(model, machine, every, past, each, counted_roles(model))


def _is_ours(where: Children | Members) -> bool:
    return isinstance(where, Members) and where.ours == "source"


def _is_written(field: Field) -> bool:
    return not field.system and field.computed is None and field.kind not in ("sequence", "back_links")


def _may_hold(rule: Rule | None) -> bool:
    return rule is not None and rule.constant is not False


def _ask_unless(maker: _Maker, rule: Rule | None) -> Asked | None:
    return None if rule is None or rule.constant is True else maker.sure(rule)


def _find_needs(made: CompiledEntity) -> None:
    """Find what the rules of a write need; of checks across records nothing: those are asked on fresh data."""
    needs = all_needs([*(a.needs for a in _asked(made)), *(workflow.needs for workflow in made.workflows)])
    this = merged(*(a.needs.this for a in made.where.values()))
    inner = list(made.rows.items())
    rows = {name: {k: v for k, v in row.needs.record.items() if k != "parent"} for name, row in inner}
    parents = [row.needs.record.get("parent", {}) for _, row in inner]
    record = merged(needs.record, this, rows, *parents)
    mine = all_needs([needs, *(a.needs for a in made.where.values()), *(row.needs for _, row in inner)]).mine
    wanted = {c.field.name for c in made.computed if c.field.stored} | set(record)
    while True:
        chosen = [c for c in made.computed if c.field.name in wanted]
        more = {name for c in chosen for name in c.asked.needs.record} - wanted
        if not more:
            break
        wanted |= more
    made.written = tuple(chosen)
    made.needs = Needs(merged(record, *(c.asked.needs.record for c in chosen)), mine, {})
    made.needs_form = Needs(merged(record, *(c.asked.needs.record for c in made.computed)), mine, {})


def _asked(made: CompiledEntity) -> Iterator[Asked]:
    yield from made.defaults.values()
    for many in made.visible.values():
        yield from many
    yield from (a for a in (*made.required.values(), *made.read_only.values()) if a is not None)
    yield from (a for _, _, a in made.limits)
    for options in made.options.values():
        yield from options.values()
    for check in made.checks:
        if not check.across:
            yield check.asked
            yield from (part for parts in check.message.values() for part in parts if isinstance(part, Asked))
    for permission in made.permissions.values():
        yield from (a for a in (permission.create, permission.update, permission.delete) if a is not None)
