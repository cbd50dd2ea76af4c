"""Notes what a scenario reaches besides rules: steps taken and refused, rights granted and denied, what was sent."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from fachwerk.engine.access import Right
from fachwerk.engine.trial.stage import Stage
from fachwerk.engine.trial.tracing import Trace
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Grant, Rule, Workflow

DENIED = ("not_allowed", "not_found")
_STEPS = "select distinct entity, action, kind from fw_history where rowid > ? and action is not null"
_LAST = "select coalesce(max(rowid), 0) from fw_history"
_ENTITIES = "select distinct entity from fw_history"
_EFFECTS = "select kind, payload from fw_effect where settled_at is not null"


class Noting:
    """Notes for one scenario; without a trace nothing is noted."""

    def __init__(self, stage: Stage, trace: Trace | None) -> None:
        self._stage, self._trace = stage, trace
        self._seen = 0

    # steps ------------------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Begin to watch the history."""
        if self._trace is not None:
            ((self._seen,),) = await self._stage.database.fetch(_LAST)

    async def _steps(self, trace: Trace) -> None:
        """Note the steps that were taken: the history keeps all of them, those of removed records, too."""
        for entity, action, kind in await self._stage.database.fetch(_STEPS, [self._seen]):
            for workflow in self._workflows(entity):
                if kind == "deadline" and "." not in action:
                    trace.note("missed", workflow.name, action)
                elif action in workflow.transitions:
                    trace.note("taken", workflow.name, action)
                elif "." in action:
                    trace.note("given", workflow.name, action)

    def refused(self, entity: str, action: str, code: str) -> None:
        """Note that a step of a workflow was refused, and why."""
        for workflow in self._workflows(entity):
            if self._trace is not None and action in workflow.transitions:
                self._trace.note("refused", workflow.name, action)
                self._trace.note("because", workflow.name, action, code)

    def _workflows(self, entity: str) -> Iterable[Workflow]:
        project = self._stage.app.project
        for name in project.entities[entity].workflows if entity in project.entities else ():
            yield project.workflows[name]

    async def end(self, people: Iterable[Person]) -> None:
        """Note which steps were taken, of which entities there were records, which roles were held, what followed."""
        if self._trace is None:
            return
        await self._steps(self._trace)
        for (entity,) in await self._stage.database.fetch(_ENTITIES):
            self._trace.note("entity", entity)
        for role in frozenset(role for person in people for role in person.roles):
            self._trace.note("person", role)
        await self._effects()

    # effects ----------------------------------------------------------------------------------------------------------

    async def _effects(self) -> None:
        """Note which effects, automations and messages came about."""
        assert self._trace is not None
        for kind, payload in await self._stage.database.fetch(_EFFECTS):
            data = orjson.loads(payload)
            if kind not in ("automation", "automation_run") and data.get("automation"):
                self._trace.note("automation", data["automation"])
            if kind == "deadline_warning":
                self._trace.note("warned", data.get("workflow"), data.get("name"))
            if kind == "notify":
                self._trace.note("message", data.get("message"))
            if data.get("effect"):
                self._trace.note("effect", data["effect"])

    # rights -----------------------------------------------------------------------------------------------------------

    def right(self, who: Person, entity: str, right: Right, refused: Refused | None = None) -> None:
        """Note that somebody could do something with a record of *entity*, or was refused it for want of the right."""
        if self._trace is None:
            return
        self._trace.note("entity", entity)
        if refused is not None and refused.code not in DENIED:
            return
        for role, grant in self._grants(who, entity):
            rule: Rule | None = getattr(grant, right) if grant is not None else None
            constant = rule is not None and rule.constant is True
            if constant and refused is None:
                self._trace.note("granted", entity, role, right)
            elif refused is not None and (rule is None or (refused.code == "not_found" and not constant)):
                self._trace.note("denied", entity, role, right)

    def _grants(self, who: Person, entity: str) -> Iterable[tuple[str, Grant | None]]:
        access = self._stage.app.project.entities[entity].access
        for role in who.roles:
            yield role, access.get(role)

    async def read(self, who: Person, entity: str, keys: Iterable[str], refused: Refused | None = None) -> None:
        """Note whose right to read records was granted or denied; conditional ones are asked role by role."""
        if self._trace is None:
            return
        self.right(who, entity, "read", refused)
        kit, wanted = self._stage.service.kit, list(keys)
        for role, grant in self._grants(who, entity):
            if grant is None or grant.read is None or grant.read.constant is True or not wanted:
                continue
            roles = frozenset((role,))
            rights = kit.access.rights(roles, entity)
            found = await kit.readable(self._stage.database, rights, roles, wanted, kit.context(who))
            if found:
                self._trace.note("granted", entity, role, "read")
            if len(found) < len(wanted):
                self._trace.note("denied", entity, role, "read")

    def hidden(self, who: Person, entity: str, field: str) -> None:
        """Note that a field was hidden from somebody."""
        if self._trace is not None:
            for role, grant in self._grants(who, entity):
                if grant is not None and field in grant.hide:
                    self._trace.note("hidden", entity, role, field)
