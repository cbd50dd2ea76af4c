"""The pages of workflows: the picture of each, how many cases stand where, and the way that one case went."""

from __future__ import annotations

from collections import Counter

from fachwerk.engine.query import read_query
from fachwerk.engine.server.answer import page
from fachwerk.engine.server.errors import not_found
from fachwerk.engine.server.lists import entity_of
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route
from fachwerk.engine.server.shell import entity_crumb, list_path, make_shell, person_of, record_path
from fachwerk.engine.server.standing import path_for, stand_in
from fachwerk.engine.server.tools import Tools, check_may_read, seen_fields
from fachwerk.engine.server.views import flow_label
from fachwerk.engine.values import Event, Person
from fachwerk.forms.model import Link
from fachwerk.forms.model_flow import FlowChart, FlowState, FlowStep, FlowView
from fachwerk.forms.texts import texts
from fachwerk.problems import say
from fachwerk.schemas.model import Entity, Transition, Workflow
from fachwerk.schemas.tables import flow_column
from fachwerk.schemas.telling import ProjectLabels, telling, told_eyes, told_person
from fachwerk.workflows.diagram import Marks, diagram_svg
from fachwerk.workflows.diagram_words import Wording, performers
from starlette.responses import Response

Pairs = tuple[tuple[str, str], ...]


class FlowPages:
    """The pages ``/e/{entity}/workflow`` and ``/e/{entity}/{id}/workflow``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of workflows."""
        return (
            Route("/e/{entity}/workflow", {"GET": self.show}),
            Route("/e/{entity}/{id}/workflow", {"GET": self.show_case}),
        )

    async def show(self, request: Request) -> Response:
        """GET the workflows of an entity, with how many cases stand where as far as one may read them."""
        tools, person, entity = self._tools, person_of(request), entity_of(self._tools, request)
        check_may_read(tools, person, entity)
        seen = seen_fields(tools, person, entity)
        charts = []
        for newest, workflow in ((flow, one) for flow in self._workflows(entity) for one in flow.versions):
            only = _only(newest, workflow)
            counts = {}
            if workflow.field in seen:
                counts = await self._counts(person, entity, workflow, request.language, only)
            if counts or workflow is newest:
                way = (list_path(entity.name), only)
                charts.append(self._chart(workflow, request.language, Marks(counts), way))
        shell = make_shell(tools, request, crumbs=(entity_crumb(entity, request.language),), current=entity.name)
        return page(tools.render.render_flow(FlowView(shell, say(entity.plural, request.language), tuple(charts))))

    async def show_case(self, request: Request) -> Response:
        """GET where one case stands, and how it came there: for deputies as long as it waits for the absent."""
        tools, person, entity = self._tools, await stand_in(self._tools, request), entity_of(self._tools, request)
        record = await tools.service.read(person, entity.name, request.arguments[1])
        events = await tools.service.history(person, entity.name, record.id)
        charts = [
            self._chart(workflow, request.language, _marks(workflow, str(record.values[workflow.field]), events))
            for workflow in (one.under(record.under.get(one.name)) for one in self._workflows(entity))
            if workflow.field in record.values
        ]
        path = path_for(record_path(entity.name, record.id), person)
        crumbs = (entity_crumb(entity, request.language), Link(record.title, path))
        shell = make_shell(tools, request, crumbs=crumbs, current=entity.name)
        return page(tools.render.render_flow(FlowView(shell, record.title, tuple(charts))))

    def _workflows(self, entity: Entity) -> tuple[Workflow, ...]:
        found = tuple(self._tools.project.workflows[name] for name in entity.workflows)
        if not found:
            raise not_found()
        return found

    async def _counts(
        self, person: Person, entity: Entity, workflow: Workflow, language: str, only: Pairs
    ) -> dict[str, str]:  # fmt: skip
        """Return by state how many cases the person may read in it."""
        words = texts(language)
        found: dict[str, str] = {}
        for name in workflow.states:
            query = read_query(self._tools.app, entity.name, ((workflow.field, name), *only, ("limit", "1")))
            cases = await self._tools.service.find(person, entity.name, query)
            if cases.count:
                found[name] = words.count(cases.count, cases.count_is_capped)
        return found

    def _chart(
        self, workflow: Workflow, language: str, marks: Marks, cases: tuple[str, Pairs] = ("", ())
    ) -> FlowChart:  # fmt: skip
        path, only = cases
        more = "".join(f"&{name}={value}" for name, value in only)
        told = telling(self._tools.project, workflow)
        wording = Wording(workflow, language, told)
        states = tuple(
            FlowState(
                say(state.label, language),
                marks.counts.get(name, ""),
                f"{path}?{workflow.field}={name}{more}" if path and name in marks.counts else "",
            )
            for name, state in workflow.states.items()
        )
        steps = tuple(
            FlowStep(
                say(step.label, language),
                ", ".join(say(workflow.states[name].label, language) for name in step.source),
                say(workflow.states[step.target].label, language),
                self._doers(workflow, step, language),
                wording.guard(step),
                any(name == step.name for name, _ in marks.taken),
            )
            for step in workflow.transitions.values()
        )
        kept = self._tools.project.workflows[workflow.name] is not workflow
        mark = f"flow-{workflow.name}-{workflow.number}" if kept else f"flow-{workflow.name}"
        svg = diagram_svg(workflow, language, marks, mark=mark, told=told)
        return FlowChart(flow_label(self._tools, workflow, language), svg, states, steps)

    def _doers(self, workflow: Workflow, step: Transition, language: str) -> str:
        """Return who takes a step, and whom four eyes bar."""
        project = self._tools.project
        roles = {name: say(role.label, language) for name, role in project.roles.items()}
        labels = ProjectLabels(project, workflow.of)
        who = performers(step.by, roles, language, lambda rule: told_person(rule, labels))
        return "; ".join(one for one in (who, told_eyes(workflow, step.not_by, language)) if one)


def _only(newest: Workflow, workflow: Workflow) -> Pairs:
    """Return the filters that leave the cases under one version of a workflow."""
    column = flow_column(newest)
    if workflow is not newest:
        return ((column, str(workflow.number)),)
    return tuple((f"{column}.ne", str(number)) for number in newest.kept)


def _marks(workflow: Workflow, current: str, events: tuple[Event, ...]) -> Marks:
    """Return the way that a case went, from its history, and what it has in its present state."""
    passed, taken, given = set[str](), set[tuple[str, str]](), Counter[str]()
    for event in events:
        before, after = (str(one) for one in event.changes.get(workflow.field, (None, None)))
        passed |= {state for state in (before, after) if state in workflow.states}
        if event.action in workflow.transitions and before in workflow.states:
            taken.add((str(event.action), before))
        if before != after:
            given.clear()
        elif event.kind == "opinion" and event.action:
            given[event.action.partition(".")[0]] += 1
    return Marks(current=current, passed=frozenset(passed - {current}), taken=frozenset(taken), given=given)
