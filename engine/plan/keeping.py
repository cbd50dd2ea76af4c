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
from fachwerk.engine.plan.called import Called
from fachwerk.engine.plan.compare import workflow_changes
from fachwerk.engine.plan.counting import number as counted
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.plan.slots import own_table
from fachwerk.engine.versions import Versions
from fachwerk.problems import Problem, Refused, Text
from fachwerk.schemas.model import Origin, Part, Project, Workflow
from fachwerk.schemas.past import Past
from fachwerk.schemas.read import read_project
from fachwerk.schemas.read_kept import KeptText, called_today, problems_of_kept, with_names
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
    def place(self) -> tuple[str, int]:
        """The workflow and the number of the version."""
        return self.workflow, self.version.number

    @property
    def count(self) -> int:
        """How many need the version."""
        return self.running + self.over


class NotKept(Refused):
    """Cases cannot go on under a version of their workflow; *held* says which."""

    def __init__(self, held: Iterable[Held], fields: Mapping[str, Text]) -> None:
        super().__init__("not_kept", _NOT_KEPT, status=409, fields=fields)
        self.held = tuple(held)


def same_flow(old: Workflow, new: Workflow, called: Called) -> bool:
    """Whether cases go the same way by both, whatever things are called."""
    changes = workflow_changes(_unlabelled(old), _unlabelled(new), called)
    return all(change.kind in ("change", "rename") and set(change.aspects) <= _LOOKS for change in changes)


def _unlabelled(flow: Workflow) -> Workflow:
    """Return a workflow without what people read of its parts."""
    states = {name: replace(state, parallel=tuple(map(_plain, state.parallel))) for name, state in flow.states.items()}
    return replace(flow, states=states)


def _plain(part: Part) -> Part:
    return replace(part, label={}, outcomes=tuple(replace(one, label={}, color=None) for one in part.outcomes))


async def carried(connection: Connection, versions: Versions, old: App, new: Project, number: int) -> Project:
    """Return *new*, deployed after *old* as version *number*, with the versions of workflows that cases keep.

    Raises :class:`NotKept` where one that cases need does not fit what is new.
    """
    pairing = Pairing(old.project, new)
    numbers: dict[str, int] = {}
    wanted: list[Held] = []
    for name, flow in new.workflows.items():
        known = _known(pairing, flow)
        called = pairing.called(name)
        same = next((one for one in known if same_flow(one, flow, called) or 0 < one.number == flow.number), None)
        # what comes back has its number already: cases that were under it are under it again
        numbers[name] = same.number if same is not None else flow.number or number
        if flow.cases == "keep":
            held = [await held_by(connection, old, pairing, flow, one) for one in known if one is not same]
            # cases may begin under the version in force as long as nobody is kept from it
            wanted += [one for one in held if one.count or one.version is known[0]]
            # undoing a version brings back what cases were under before it
            there = {numbers[name], *(one.number for one in known)}
            wanted += [Held(name, one, 0, 0) for one in flow.kept.values() if one.number not in there]
    project = await _read(connection, versions, pairing, wanted)
    flows = {name: replace(flow, number=numbers[name]) for name, flow in project.workflows.items()}
    return replace(project, workflows=flows, past=new.past, number=number)


def _known(pairing: Pairing, flow: Workflow) -> tuple[Workflow, ...]:
    """Return the versions of a workflow that there are, the one in force first."""
    before, entity = pairing.workflow(flow.name), pairing.entity(flow.of)
    return before.versions if before is not None and entity is not None and before.of == entity.name else ()


async def held_by(connection: Connection, old: App, pairing: Pairing, flow: Workflow, version: Workflow) -> Held:
    """Return how many cases need *version*, were *flow* the workflow in force."""
    before = pairing.workflow(flow.name)
    assert before is not None
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
    connection: Connection, versions: Versions, pairing: Pairing, wanted: list[Held]
) -> Project:  # fmt: skip
    """Read what is new again with the versions *wanted*; those that nobody needs are left out where they do not fit."""
    new = pairing.new
    if not wanted and not any(flow.kept for flow in new.workflows.values()):
        return new
    texts = {held.place: await _text(connection, versions, pairing, held) for held in wanted}
    project, bad = _tried(new, texts)
    renamed = _renamed(new.past)
    while project is None and (better := _with_names(texts, bad, renamed)) is not None:
        texts = better
        project, bad = _tried(new, texts)
    if project is not None:
        return project
    needed = [held for held in wanted if held.count and held.place in bad]
    if needed or not bad:
        raise NotKept(needed, {_name(held): _why(held, bad[held.place]) for held in needed})
    return await _read(connection, versions, pairing, [held for held in wanted if held.place not in bad])


Place = tuple[str, int]
"""A workflow and the number of one of its versions."""


def _tried(new: Project, texts: Mapping[Place, KeptText]) -> tuple[Project | None, dict[Place, list[Problem]]]:
    """Return *new* with the versions in *texts*, or what stands against which of them."""
    project, problems = read_project(new.files, tuple(texts.values()))
    bad: dict[Place, list[Problem]] = {}
    for text, problem in problems_of_kept(problems, tuple(texts.values())) if project is None else ():
        bad.setdefault((text.workflow, text.number), []).append(problem)
    return project, bad


def _renamed(past: Past) -> dict[str, str]:
    """Return what things were called, and what each of those names has become, where that is one."""
    found: dict[str, set[str]] = {}
    pairs = [*past.entities.items(), *((name, was) for (_, name), was in past.fields.items()), *past.roles.items()]
    pairs += [(option, was) for (_, _, option), many in past.options.items() for was in many]
    pairs += [(name, was) for (_, _, name), was in past.steps.items()]
    for name, was in pairs:
        found.setdefault(was, set()).add(name)
    return {was: next(iter(names)) for was, names in found.items() if len(names) == 1}


def _with_names(
    texts: Mapping[Place, KeptText], bad: Mapping[Place, list[Problem]], renamed: Mapping[str, str]
) -> dict[Place, KeptText] | None:  # fmt: skip
    """Return *texts* with the names of today; ``None`` where that changes nothing."""
    better = {place: with_names(texts[place], found, renamed) for place, found in bad.items()}
    found = {place: text for place, text in better.items() if text is not None}
    return {**texts, **found} if found else None


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
            count=counted(held.count, language), words=words[language], number=held.version.number, what=what
        )  # fmt: skip
    return told


async def _text(connection: Connection, versions: Versions, pairing: Pairing, held: Held) -> KeptText:
    """Return where a version is written, with its steps called as they are today."""
    version, old = held.version, pairing.old
    origin = version.origin or Origin(old.number, version.span.source.name)
    if origin.edited is not None:
        content = origin.edited.encode()
    else:
        files = old.files if origin.version == old.number else await versions.files(connection, origin.version)
        content = files[origin.file]
    edited = origin.edited is not None
    text = KeptText(version.name, version.number, origin.version, origin.file, content, edited=edited)
    called = pairing.called(held.workflow)
    return called_today(text, held.workflow, dict(called))


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
    "en": "{count} {words} cannot stay under version {number}: {what}",
    "de": "{count} {words} nicht unter Version {number} bleiben: {what}",
}
