"""Mutants of workflows, deadlines and automations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fachwerk.engine.trial.mutants import (
    INSTEAD,
    Mutant,
    asked,
    flips,
    left_out,
    longer,
    put,
    said,
    short,
    with_deadline,
    with_state,
    with_transition,
    without,
)
from fachwerk.engine.trial.tracing import Key
from fachwerk.problems import Text
from fachwerk.schemas.model import (
    Automation,
    Deadline,
    Effect,
    Part,
    Performer,
    Project,
    State,
    Transition,
    Workflow,
)
from fachwerk.schemas.read_world import constant
from fachwerk.schemas.wording import both

ANYBODY = both("anybody may, not only {who}", "jeder darf, nicht nur {who}")
ALWAYS = both("at once, not only when `{rule}`", "sofort, nicht erst wenn `{rule}`")
NOBODY_ELSE = both("nobody else may read it", "niemand sonst darf es lesen")
ALWAYS_THERE = both("the field is required anyway", "das Feld ist ohnehin Pflicht")


def flow_mutants(project: Project) -> Iterator[Mutant]:
    """Give the mutants of all workflows and automations."""
    for workflow in project.workflows.values():
        for transition in workflow.transitions.values():
            yield from _Transition(project, workflow, transition).all()
        for state in workflow.states.values():
            yield from _state(project, workflow, state)
        for deadline in workflow.deadlines.values():
            yield from _deadline(project, workflow, deadline)
    for automation in project.automations.values():
        yield from _automation(project, automation)


class _Transition:
    def __init__(self, project: Project, workflow: Workflow, transition: Transition) -> None:
        self.project, self.workflow, self.one = project, workflow, transition
        names = (workflow.name, transition.name)
        self.tried: frozenset[Key] = frozenset((("taken", *names), ("refused", *names)))
        self.of: frozenset[Key] = frozenset((("entity", workflow.of),))

    def all(self) -> Iterator[Mutant]:
        yield from self._guard()
        yield from self._doers()
        yield from self._asked_for()
        yield from self._done()

    def _made(self, what: Text, keys: frozenset[Key], *, equal: Text | None = None, **changes: object) -> Mutant:
        changed = with_transition(self.project, self.workflow, self.one.name, **changes)
        return Mutant(self.one.span, self.one.name, what, changed, keys, equal)

    def _guard(self) -> Iterator[Mutant]:
        rule = self.one.when
        if rule is None:
            return
        if self.one.by:
            yield self._made(left_out(f"when: {short(rule)}"), self.tried | asked(rule), when=None)
        else:
            always = constant(True, rule.text.span())
            yield self._made(said(ALWAYS, rule=short(rule)), self.of, when=always)
        for variant, span, what in flips(rule):
            yield replace(self._made(what, self.tried | asked(rule) | self.of, when=variant), span=span)

    def _doers(self) -> Iterator[Mutant]:
        if self.one.by:
            by, equal = anybody(self.project, self.workflow, self.one.by)
            yield self._made(said(ANYBODY, who=names(self.one.by)), self.of, equal=equal, by=by)
        for index, name in enumerate(self.one.not_by):
            yield self._made(left_out(f"not_by: {name}"), self.tried, not_by=without(self.one.not_by, index))

    def _asked_for(self) -> Iterator[Mutant]:
        fields = self.project.entities[self.workflow.of].fields
        for index, name in enumerate(self.one.require):
            field = fields.get(name)
            always = field is not None and field.required is not None and field.required.constant is True
            equal = ALWAYS_THERE if always and field is not None and field.visible is None else None
            fill = tuple(dict.fromkeys((*self.one.fill, name)))  # it can still be entered
            rest, what = without(self.one.require, index), left_out(f"require: {name}")
            yield self._made(what, self.tried, equal=equal, require=rest, fill=fill)
        if self.one.comment == "required":
            yield self._made(left_out("comment: required"), self.tried, comment="optional")

    def _done(self) -> Iterator[Mutant]:
        for name, rule in self.one.set.items():
            yield self._made(left_out(f"set: {name}"), self.tried, set=put(self.one.set, name, None))
            for variant, _, what in flips(rule):
                yield self._made(what, self.tried, set=put(self.one.set, name, variant))
        for index, effect in enumerate(self.one.do):
            yield replace(
                self._made(left_out(effect_text(effect)), self.tried, do=without(self.one.do, index)), span=effect.span
            )


def effect_text(effect: Effect) -> str:
    """Return an effect as it is written, in short."""
    what = effect.message or effect.target or ", ".join(effect.values)
    return f"{effect.kind}: {what}"


def names(performers: tuple[Performer, ...]) -> str:
    """Return who is named."""
    return ", ".join(one.role or (short(one.person) if one.person else "?") for one in performers)


def anybody(
    project: Project, workflow: Workflow, by: tuple[Performer, ...]
) -> tuple[tuple[Performer, ...], Text | None]:
    """Return performers who are everybody, and why that is the same as before, if it is."""
    known = {one.role for one in by if one.role is not None}
    others = [name for name, role in project.roles.items() if name not in known and not role.includes & known]
    access = project.entities[workflow.of].access
    reading = {name for name, grant in access.items() if grant.read is not None}
    able = [n for n in others if project.roles[n].reads_everything or reading & {n, *project.roles[n].includes}]
    only_roles = len(known) == len(by)
    more = tuple(Performer(role=name) for name in project.roles if name not in known)
    return (*by, *more), NOBODY_ELSE if only_roles and not able else None


def _state(project: Project, workflow: Workflow, state: State) -> Iterator[Mutant]:
    of: frozenset[Key] = frozenset((("entity", workflow.of),))

    def made(what: Text, **changes: object) -> Mutant:
        return Mutant(state.span, state.name, what, with_state(project, workflow, state.name, **changes), of)

    if state.editable is not None:
        yield made(left_out("editable"), editable=None)
    for index, name in enumerate(state.read_only):
        yield made(left_out(f"read_only: {name}"), read_only=without(state.read_only, index))
    for index, name in enumerate(state.required):
        yield made(left_out(f"required: {name}"), required=without(state.required, index))
    if state.needs is not None:
        yield made(left_out("needs"), needs=None)
    for index, part in enumerate(state.parallel):
        for what, changed, equal in _part(project, workflow, part):
            parts = (*state.parallel[:index], changed, *state.parallel[index + 1 :])
            yield replace(made(what, parallel=parts), span=part.span, owner=part.name, equal=equal)


def _part(project: Project, workflow: Workflow, part: Part) -> Iterator[tuple[Text, Part, Text | None]]:
    by, equal = anybody(project, workflow, part.by)
    yield said(ANYBODY, who=names(part.by)), replace(part, by=by), equal
    if part.within is not None:
        period = longer(part.within)
        what = said(INSTEAD, was=f"within: {part.within.written}", now=f"within: {period.written}")
        yield what, replace(part, within=period), None
    for index, name in enumerate(part.after):
        yield left_out(f"after: {name}"), replace(part, after=without(part.after, index)), None
    for index, name in enumerate(part.not_by):
        yield left_out(f"not_by: {name}"), replace(part, not_by=without(part.not_by, index)), None
    if isinstance(part.needs, int) and part.needs > 1:
        now = part.needs - 1
        yield said(INSTEAD, was=f"needs: {part.needs}", now=f"needs: {now}"), replace(part, needs=now), None


def _deadline(project: Project, workflow: Workflow, deadline: Deadline) -> Iterator[Mutant]:
    of: frozenset[Key] = frozenset((("entity", workflow.of),))

    def made(what: Text, **changes: object) -> Mutant:
        changed = with_deadline(project, workflow, deadline.name, **changes)
        return Mutant(deadline.span, deadline.name, what, changed, of)

    period = longer(deadline.within)
    what = said(INSTEAD, was=f"within: {deadline.within.written}", now=f"within: {period.written}")
    yield made(what, within=period)
    for index, warn in enumerate(deadline.warn):
        yield made(left_out(f"warn: {warn.before.written}"), warn=without(deadline.warn, index))
        period = longer(warn.before)
        what = said(INSTEAD, was=f"warn: {warn.before.written}", now=f"warn: {period.written}")
        changed = (*deadline.warn[:index], replace(warn, before=period), *deadline.warn[index + 1 :])
        yield made(what, warn=changed)
    for index, effect in enumerate(deadline.missed):
        yield replace(
            made(left_out(f"missed: {effect_text(effect)}"), missed=without(deadline.missed, index)), span=effect.span
        )
    if deadline.then is not None:
        yield made(left_out(f"then: {deadline.then}"), then=None)
    for index, name in enumerate(deadline.paused_in):
        yield made(left_out(f"paused_in: {name}"), paused_in=without(deadline.paused_in, index))
    if deadline.extend is not None:
        period = longer(deadline.extend.most)
        what = said(INSTEAD, was=f"most: {deadline.extend.most.written}", now=f"most: {period.written}")
        yield made(what, extend=replace(deadline.extend, most=period))
        if deadline.extend.times is not None:
            yield made(left_out(f"times: {deadline.extend.times}"), extend=replace(deadline.extend, times=None))


def _automation(project: Project, one: Automation) -> Iterator[Mutant]:
    of: frozenset[Key] = frozenset((("entity", one.of),))

    def made(what: Text, changed: Automation | None) -> Mutant:
        automations = put(project.automations, one.name, changed)
        return Mutant(one.span, one.name, what, replace(project, automations=automations), of)

    for index, effect in enumerate(one.do):
        rest = without(one.do, index)
        yield replace(
            made(left_out(effect_text(effect)), replace(one, do=rest) if rest else None), span=effect.span
        )
    if one.where is not None and one.where.constant is not True:
        yield made(left_out(f"where: {short(one.where)}"), replace(one, where=None))
        for variant, span, what in flips(one.where):
            yield replace(made(what, replace(one, where=variant)), span=span)
    if one.inactive is not None:
        period = longer(one.inactive)
        what = said(INSTEAD, was=f"inactive: {one.inactive.written}", now=f"inactive: {period.written}")
        yield made(what, replace(one, inactive=period))


