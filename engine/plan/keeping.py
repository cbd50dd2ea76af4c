"""Keeping: cases that go on under the version of a workflow that they started under, where ``cases: keep`` is written.

At a deploy the earlier versions that cases still need are read again, against what is new; a version is let go when no
case runs under it any more and nobody needs its states to read those that are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from fachwerk.engine.compile import App
from fachwerk.engine.database import Connection
from fachwerk.engine.plan import naming as n
from fachwerk.engine.plan.batches import literal
from fachwerk.engine.plan.compare import workflow_changes
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.engine.versions import Versions
from fachwerk.problems import Problem, Refused, Text
from fachwerk.schemas.model import Project, Workflow
from fachwerk.schemas.read import read_project
from fachwerk.schemas.read_kept import KeptText, problems_of_kept
from fachwerk.schemas.tables import flow_column

_LOOKS = frozenset(("label", "color", "confirm", "field", "cases"))
"""What can differ without cases going another way."""


@dataclass(frozen=True, slots=True)
class Held:
    """Cases under one version of a workflow: how many run, and how many are over in states that only it has."""

    workflow: str
    version: Workflow
    running: int
    over: int

    @property
    def count(self) -> int:
        """How many need the version."""
        return self.running + self.over


class NotKept(Refused):
    """Cases cannot go on under a version of their workflow; *held* says which."""

    def __init__(self, held: Iterable[Held], fields: Mapping[str, Text]) -> None:
        super().__init__("not_kept", _NOT_KEPT, status=409, fields=fields)
        self.held = tuple(held)


def same_flow(old: Workflow, new: Workflow) -> bool:
    """Whether cases go the same way by both, whatever things are called."""
    return all(change.kind == "change" and set(change.aspects) <= _LOOKS for change in workflow_changes(old, new))


async def carried(connection: Connection, versions: Versions, old: App, new: Project, number: int) -> Project:
    """Return *new*, deployed after *old* as version *number*, with the versions of workflows that cases keep.

    Raises :class:`NotKept` where one that cases need does not fit what is new.
    """
    pairing = Pairing(old.project, new)
    numbers: dict[str, int] = {}
    wanted: list[Held] = []
    for name, flow in new.workflows.items():
        known = _known(pairing, flow)
        same = next((one for one in known if same_flow(one, flow)), None)
        numbers[name] = same.number if same is not None else number
        if flow.cases == "keep":
            held = [await held_by(connection, old, pairing, flow, one) for one in known if one is not same]
            # cases may begin under the version in force as long as nobody is kept from it
            wanted += [one for one in held if one.count or one.version is known[0]]
            # undoing a version brings back what cases were under before it
            there = {numbers[name], *(one.number for one in known)}
            wanted += [Held(name, one, 0, 0) for one in flow.kept.values() if one.number not in there]
    project = await _read(connection, versions, old.project, new, wanted)
    flows = {name: replace(flow, number=numbers[name]) for name, flow in project.workflows.items()}
    return replace(project, workflows=flows, past=new.past, number=number)


def _known(pairing: Pairing, flow: Workflow) -> tuple[Workflow, ...]:
    """Return the versions of a workflow that there are, the one in force first."""
    before, entity = pairing.workflow(flow.name), pairing.entity(flow.of)
    return before.versions if before is not None and entity is not None and before.of == entity.name else ()


async def held_by(connection: Connection, old: App, pairing: Pairing, flow: Workflow, version: Workflow) -> Held:
    """Return how many cases need *version*, were *flow* the workflow in force."""
    before = pairing.old.workflows[flow.name]
    mapped = pairing.new.past.states.get(flow.name, {})
    after = {name: flow.states.get(name) or flow.states.get(mapped.get(name, "")) for name in version.states}
    left = [name for name, state in version.states.items() if state.final and not (after[name] and after[name].final)]  # type: ignore[union-attr]
    running = [name for name, state in version.states.items() if not state.final]
    table = own_table(old.entities[before.of].model)
    counts = [await _count(connection, table, before, version, states) for states in (running, left)]
    return Held(flow.name, version, *counts)


async def _count(
    connection: Connection, table: str, before: Workflow, version: Workflow, states: Iterable[str]
) -> int:  # fmt: skip
    listed = ", ".join(literal(name) for name in states)
    if not listed:
        return 0
    where = f"{n.quote(before.field)} IN ({listed}){under_sql(before, version)}"
    rows = await connection.fetch(f"SELECT count(*) FROM {n.quote(table)} WHERE {where}")
    return int(rows[0][0])


def under_sql(present: Workflow, version: Workflow, alias: str = "") -> str:
    """Return the rest of a condition (`` AND …``) that a case of *present* is under *version*."""
    if present.cases != "keep":
        return ""
    column = alias + n.quote(flow_column(present))
    if version.number != present.number:
        return f" AND {column} = {version.number}"
    others = ", ".join(str(number) for number in sorted(present.kept))
    return f" AND ({column} IS NULL OR {column} NOT IN ({others}))" if others else ""


async def _read(
    connection: Connection, versions: Versions, old: Project, new: Project, wanted: list[Held]
) -> Project:  # fmt: skip
    """Read *new* again with the versions *wanted*; those that nobody needs are left out where they do not fit."""
    if not wanted and not any(flow.kept for flow in new.workflows.values()):
        return new
    pairs = [(held, await _text(connection, versions, old, held)) for held in wanted]
    texts = [text for _, text in pairs]
    project, problems = read_project(new.files, texts)
    if project is not None:
        return project
    bad = list(problems_of_kept(problems, texts))
    needed = [held for held, text in pairs if held.count and any(text is one for one, _ in bad)]
    if needed or not bad:
        said = {_name(held): _why(held, [p for one, p in bad if one is text]) for held, text in pairs if held in needed}
        raise NotKept(needed, said)
    good = [held for held, text in pairs if not any(text is one for one, _ in bad)]
    return await _read(connection, versions, old, new, good)


def _name(held: Held) -> str:
    return f"{held.workflow} {held.version.number}"


def _why(held: Held, found: list[Problem]) -> Text:
    """Return why cases cannot stay, with the places in the file of the earlier version."""
    told = {}
    one = held.count == 1
    words = {"en": "case" if one else "cases", "de": "Vorgang kann" if one else "Vorgänge können"}
    for language in ("en", "de"):
        what = "; ".join(f"{one.span}: {one.message(language)}" for one in found[:5])
        told[language] = _WHY[language].format(
            count=held.count, words=words[language], number=held.version.number, what=what
        )  # fmt: skip
    return told


async def _text(connection: Connection, versions: Versions, old: Project, held: Held) -> KeptText:
    version = held.version
    number, file = version.origin or (old.number, version.span.source.name)
    files = old.files if number == old.number else await versions.files(connection, number)
    return KeptText(held.workflow, version.number, number, file, files[file])


async def check_let_go(connection: Connection, old: App, new: App) -> None:
    """Raise, with all writers kept out, where a case began since under a version that is let go."""
    pairing = Pairing(old.project, new.project)
    for flow in new.project.workflows.values():
        for version in _known(pairing, flow) if flow.cases == "keep" else ():
            if version.number not in (flow.number, *flow.kept):
                held = await held_by(connection, old, pairing, flow, version)
                if held.count:
                    raise NotKept([held], {_name(held): _why(held, [])})


def stamps(pairing: Pairing, entity: str) -> Iterator[tuple[Workflow, Workflow, str]]:
    """Give (workflow, what it was, condition) for cases of a new entity that stay under the version in force so far.

    Those that have no number yet, or one of a version that was let go, are under the version in force.
    """
    for name in pairing.after[entity].workflows:
        flow, before = pairing.new.workflows[name], pairing.workflow(name)
        if before is not None and before.number in flow.kept:
            known = ", ".join(str(number) for number in sorted({*flow.kept, flow.number}))
            column = n.quote(flow_column(flow))
            yield flow, before, f"{column} IS NULL OR {column} NOT IN ({known})"


def mended(flow: Workflow) -> str:
    """Return the assignment that puts cases in states that their version does not have under one that has it.

    So it can come when a version is undone and what people did since comes along.
    """
    column, state = n.quote(flow_column(flow)), n.quote(flow.field)
    right, ways = [], []
    for version in flow.versions:
        stands = f"{state} IN ({', '.join(map(literal, version.states))})"
        right.append(f"({stands}{under_sql(flow, version)})")
        ways.append(f"WHEN {stands} THEN {flow.number if version is flow else version.number}")
    return f"{column} = CASE {' '.join(ways)} ELSE {column} END WHERE NOT COALESCE({' OR '.join(right)}, TRUE)"


_NOT_KEPT: Text = {
    "en": "Cases cannot go on under the version of their workflow that they started under. Keep what it needs, or "
    "write `cases: move` (with `was:` for states that are gone). Nothing was changed.",
    "de": "Vorgänge können nicht unter der Fassung ihres Workflows weiterlaufen, unter der sie begonnen haben. "
    "Behalten, was sie braucht, oder `cases: move` schreiben (mit `was:` für Zustände, die es nicht mehr gibt). "
    "Nichts wurde geändert.",
}
_WHY = {
    "en": "{count:,} {words} cannot stay under version {number}: {what}",
    "de": "{count} {words} nicht unter Version {number} bleiben: {what}",
}
