"""Which cases wait for an opinion of whoever asks, as a condition of the inbox's statement.

Its parameters beside those of rules: ``me``, and ``real``, who is the deputy where one acts, else the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import App, CompiledWorkflow
from fachwerk.engine.renamed import Names
from fachwerk.engine.statements import given
from fachwerk.engine.translation import Translation
from fachwerk.problems import Fragment, Problems
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.to_sql import NotTranslatable
from fachwerk.rules.types import ListType, RecordType
from fachwerk.schemas.model import Part, Performer, Rule, Transition
from fachwerk.schemas.past import StepKind
from fachwerk.schemas.tables import entry_column
from fachwerk.workflows.expected import WaysOut

Condition = sa.ColumnElement[bool]


class PartWays:
    """Makes the conditions of parts for one app."""

    def __init__(self, app: App, translation: Translation) -> None:
        self._app, self._translation = app, translation

    def performers(self, by: Iterable[Performer], roles: frozenset[str], entity: str, table: Any) -> list[Condition]:
        """Return, for each of *by* that holders of *roles* may be, on which records they are."""
        found: list[Condition] = []
        for one in by:
            if one.role is not None and one.role in roles:
                return [sa.true()]
            if one.person is not None:
                found.append(self._person(is_me(one.person), entity, table))
        return found

    def _person(self, asked: Checked | None, entity: str, table: Any) -> Condition:
        known = asked is not None and asked.ok
        return self._translation.condition(asked, entity, table) if asked and known else sa.true()

    def carried_on(self, out: WaysOut, entity: str, table: Any) -> Condition:
        """Return that something carries a case on; what cannot be asked of the database does not."""
        found = []
        for one in out.onward:
            guard = one.when if isinstance(one, Transition) else None
            there = [sa.true() if by.role else self._holds(_is_there(by), entity, table) for by in one.by]
            holds = [self._holds(guard.checked, entity, table)] if guard is not None else []
            found.append(sa.and_(sa.or_(*there), *holds))
        return sa.func.coalesce(sa.or_(*found), sa.false())

    def _holds(self, asked: Checked | None, entity: str, table: Any) -> Condition:
        try:
            return self._translation.condition(asked, entity, table) if asked is not None and asked.ok else sa.false()
        except NotTranslatable:
            return sa.false()

    def waits(
        self, part: Part, roles: frozenset[str], workflow: CompiledWorkflow, table: Any
    ) -> list[Condition]:  # fmt: skip
        """Return when a part of a case in its state waits for one of *roles* or for whoever asks."""
        eyes = self.unbarred(part.not_by, workflow, table)
        turn = self._in_turn(part, workflow, table)
        if part.each is not None:
            return [sa.and_(one, *eyes, *turn) for one in self._each(part, roles, workflow, table)]
        conditions = self.performers(part.by, roles, workflow.model.of, table)
        return [sa.and_(one, *self._open(part, workflow, table), *eyes, *turn) for one in conditions]

    def waits_about(
        self, part: Part, roles: frozenset[str], workflow: CompiledWorkflow, table: Any, expected: Any
    ) -> Condition | None:  # fmt: skip
        """Return when a part with ``each`` waits for whoever asks about the record of a row of *expected*."""
        plain = [one for one in part.by if one.person is None or not _of_each(one.person)]
        ways = self.performers(plain, roles, workflow.model.of, table)
        ways += [self._asked(part, rule, expected) for rule in _rules_of_each(part)]
        if not ways:
            return None
        eyes, turn = self.unbarred(part.not_by, workflow, table), self._in_turn(part, workflow, table)
        return sa.and_(*self._unanswered(part, workflow, table, expected), sa.or_(*ways), *eyes, *turn)

    def unbarred(self, not_by: Iterable[str], workflow: CompiledWorkflow, table: Any) -> list[Condition]:
        """Return that four eyes do not bar whoever asks."""
        names, model = tuple(not_by), workflow.model
        steps = [name for name in names if name in model.transitions]
        steps += [f"{part.name}.{one.name}" for part in model.parts if part.name in names for one in part.outcomes]
        found = [~_is_mine(table.c.created_by)] if "creator" in names else []
        if steps:
            done = self._app.tables.metadata.tables["fw_history"].alias()
            of_case = done.c.entity == sa.literal(model.of), done.c.record == table.c.id
            mine = sa.or_(_is_mine(done.c.who), _is_mine(done.c.for_whom))
            said = done.c.action.in_([sa.literal(step) for step in steps])
            found.append(~exists_in(done, *of_case, sa.or_(said, *self._formerly(done, names, workflow)), mine))
        return found

    def _formerly(self, done: Any, names: Iterable[str], workflow: CompiledWorkflow) -> list[Condition]:
        """Return that an entry of the history says a step or part under a name that it had before."""
        model, known = workflow.model, Names(self._app.project, self._app.dialect)
        steps: list[tuple[StepKind, str, str]] = [("transition", name, "") for name in names]
        outcomes = [(part.name, f".{one.name}") for part in model.parts for one in part.outcomes]
        steps += [("part", name, rest) for name, rest in outcomes if name in names]
        return [one for step in steps for one in known.done_formerly(done, model.of, *step)]

    def _open(self, part: Part, workflow: CompiledWorkflow, table: Any) -> list[Condition]:
        opinion = self._opinions().alias()
        same = self._same(opinion, part, workflow, table)
        if part.needs == 1:
            return [~exists_in(opinion, *same)]
        mine = exists_in(opinion, *same, sa.or_(_is_mine(opinion.c.by), _is_mine(opinion.c.deputy)))
        if isinstance(part.needs, int):
            other = self._opinions().alias()
            return [~mine, _count(other, *self._same(other, part, workflow, table)) < part.needs]
        return [~mine, sa.or_(self._expected(part, workflow, table, None), ~self._known(part, workflow, table))]

    def _each(self, part: Part, roles: frozenset[str], workflow: CompiledWorkflow, table: Any) -> list[Condition]:
        """Return that a record is open for which whoever asks may give the opinion."""
        plain = [one for one in part.by if one.person is None or not _of_each(one.person)]
        conditions = self.performers(plain, roles, workflow.model.of, table)
        unknown = ~self._known(part, workflow, table)
        ways = [sa.and_(one, sa.or_(self._expected(part, workflow, table, sa.true()), unknown)) for one in conditions]
        ways += [sa.or_(self._expected(part, workflow, table, rule), unknown) for rule in _rules_of_each(part)]
        enough = self._done(part, workflow, table) if part.needs != "all" else None
        return ways if enough is None else [sa.and_(one, ~enough) for one in ways]

    def _in_turn(self, part: Part, workflow: CompiledWorkflow, table: Any) -> list[Condition]:
        """Return that the parts before it are done, as far as the database knows."""
        before = (one for state in workflow.model.states.values() if part in state.parallel for one in state.parallel)
        found = (self._done(one, workflow, table) for one in before if one.name in part.after)
        return [one for one in found if one is not None]

    def _done(self, part: Part, workflow: CompiledWorkflow, table: Any) -> Condition | None:
        """Return that a part has the opinions it needs; ``None`` where that depends on who still can give one."""
        opinion, expected = self._opinions().alias(), self._app.tables.metadata.tables["fw_expected"].alias()
        given_already = _count(opinion, *self._same(opinion, part, workflow, table))
        if part.each is None:
            return sa.and_(given_already >= part.needs) if isinstance(part.needs, int) else None
        wanted = _count(expected, *self._same(expected, part, workflow, table), expected.c.about.is_not(None))
        if part.needs == "majority":
            return sa.or_(given_already * 2 > wanted, wanted == 0)
        quorum = [given_already >= part.needs] if isinstance(part.needs, int) else []
        return sa.or_(given_already >= wanted, *quorum)

    def _expected(self, part: Part, workflow: CompiledWorkflow, table: Any, who: Rule | Condition | None) -> Condition:
        """Return that a record (for which *who* is asked) or person is expected and has no opinion yet."""
        expected = self._app.tables.metadata.tables["fw_expected"].alias()
        if who is None:
            here = self._same(expected, part, workflow, table)
            return exists_in(expected, *here, expected.c.about == _me(expected.c.about))
        asked = self._asked(part, who, expected) if isinstance(who, Rule) else who
        return exists_in(expected, *self._unanswered(part, workflow, table, expected), asked)

    def _unanswered(self, part: Part, workflow: CompiledWorkflow, table: Any, expected: Any) -> tuple[Condition, ...]:
        """Return that a row of *expected* is about a record for which there is no opinion yet."""
        opinion = self._opinions().alias()
        said = self._same(opinion, part, workflow, table)
        answered = exists_in(opinion, *said, opinion.c.about == expected.c.about)
        return *self._same(expected, part, workflow, table), expected.c.about.is_not(None), ~answered

    def _asked(self, part: Part, person: Rule, expected: Any) -> Condition:
        """Return that the person behind ``each`` is whoever asks."""
        text = person.text.text.strip()
        if text == "each":
            return sa.and_(expected.c.about == _me(expected.c.about), sa.true())
        found: list[Condition] = []
        for entity in part.each_of:
            if entity == "user":
                continue
            target = self._app.tables.of(entity).alias()
            asked = _behind_each(person)
            found.append(exists_in(target, target.c.id == expected.c.about, self._person(asked, entity, target)))
        return sa.or_(*found) if found else sa.true()

    def _known(self, part: Part, workflow: CompiledWorkflow, table: Any) -> Condition:
        """Whether it was found out at all for whom the part waits; else the machine is asked."""
        expected = self._app.tables.metadata.tables["fw_expected"].alias()
        here = self._same(expected, part, workflow, table)
        return exists_in(expected, *here)

    def _opinions(self) -> Any:
        return self._app.tables.metadata.tables["fw_opinion"]

    def _same(self, of: Any, part: Part, workflow: CompiledWorkflow, table: Any) -> tuple[Condition, ...]:
        """Return that rows of *of* are about the present stay of a case in the part's state."""
        entry = of.c.entry == table.c[entry_column(workflow.model)]
        own = sa.or_(of.c.workflow == sa.literal(workflow.model.name), of.c.workflow.is_(None))
        return of.c.record == table.c.id, of.c.part == sa.literal(part.name), entry, own


def _is_there(performer: Performer) -> Checked | None:
    """Return the rule that the path of a performer leads to somebody."""
    rule = performer.person
    if rule is None:
        return None
    listed = isinstance(rule.checked.typed.type, ListType)
    text = f"count({rule.text.text}) > 0" if listed else f"({rule.text.text}) != null"
    return _checked(rule.text, text, rule.checked.scope)


def exists_in(table: Any, *conditions: Condition) -> Condition:
    """Return that *table* has a row with all of *conditions*, whatever stands around."""
    return sa.exists(sa.select(sa.literal(1)).select_from(table).where(*conditions).correlate_except(table))


def _count(table: Any, *conditions: Condition) -> Any:
    """Return how many rows of *table* there are with all of *conditions*."""
    return sa.select(sa.func.count()).select_from(table).where(*conditions).correlate_except(table).scalar_subquery()


def _me(column: Any) -> Any:
    return given("me", column)


def _is_mine(column: Any) -> Condition:
    """Return that *column* holds whoever acts, or the absent person in whose place that is; never unknown."""
    return sa.and_(column.is_not(None), sa.or_(column == _me(column), column == given("real", column)))


def _rules_of_each(part: Part) -> list[Rule]:
    """Return the paths to people that begin at each record of a part."""
    return [one.person for one in part.by if one.person is not None and _of_each(one.person)]


def _of_each(rule: Rule) -> bool:
    return any(path[0] == "each" for path in rule.checked.reads)


def _behind_each(rule: Rule) -> Checked | None:
    """Return the rule that whoever asks is the person that ``each.…`` leads to, over the record itself."""
    text, record = rule.text.text.strip(), rule.checked.scope.names["each"].type
    if not text.startswith("each.") or not isinstance(record, RecordType):
        return None
    listed = isinstance(rule.checked.typed.type, ListType)
    return _compared(rule.text, text.removeprefix("each."), replace(rule.checked.scope, names=record.fields), listed)


def is_me(rule: Rule) -> Checked | None:
    """Return the rule that the person (or one of those) that *rule* leads to is whoever asks."""
    return _compared(
        rule.text, rule.text.text, rule.checked.scope, isinstance(rule.checked.typed.type, ListType)
    )  # fmt: skip


def _compared(written: Fragment, path: str, scope: Scope, listed: bool) -> Checked | None:
    return _checked(written, f"list contains({path}, me)" if listed else f"({path}) = me", scope)


def _checked(written: Fragment, text: str, scope: Scope) -> Checked | None:
    start = written.span().start
    fragment = Fragment(text, written.source, written.base, (start,) * (len(text) + 1))
    problems = Problems()
    node = parse(fragment, scope, problems)
    checked = check(node, fragment, scope, problems)
    return checked if not problems.errors else None
