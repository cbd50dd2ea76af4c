"""Random workflows, and what is told of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fachwerk.problems import Problems
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.workflows.check import Verdict, check_workflow

HEAD = """\
app: a
---
roles: {one: {}, two: {}, boss: {includes: [one]}}
---
entity: office
fields: {name: text}
access: {one: {create: true, read: true}}
---
entity: task
fields: {case: {type: link, to: case}}
access: {one: {create: true, read: true}}
---
workflow: errand
of: task
states: {open: {initial: true}, over: {final: true}}
transitions: {finish: {from: open, to: over, by: one}}
---
"""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What of a workflow depends on other records: lists with an opinion each, and sub-cases."""

    offices: bool = False
    tasks: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A random workflow as text, with the values that its fields can have."""

    text: str
    values: Mapping[str, tuple[object, ...]]
    system: frozenset[str]
    elsewhere: Elsewhere = Elsewhere()


def random_flow(chance: random.Random) -> Flow:
    """Return a workflow of a handful of states over up to three fields."""
    values: dict[str, tuple[object, ...]] = {}
    fields: list[str] = []
    more = chance.random() < 0.5
    if chance.random() < (0.4 if more else 0.8):
        fields.append("amount: {type: integer!, min: 0, max: 5}".replace("integer!", "integer, required: true"))
        values["amount"] = tuple(Decimal(n) for n in range(6))
    if chance.random() < 0.6:
        fields.append("urgent: {type: boolean}")
        values["urgent"] = (True, False, None)
    if chance.random() < (0.2 if more else 0.4):
        fields.append("kind: {type: choice, required: true, options: [a, b]}")
        values["kind"] = ("a", "b")
    if not more and chance.random() < 0.3:
        fields.append("limit: {type: integer, required: true, min: 0, max: 5}")
        values["limit"] = tuple(Decimal(n) for n in range(6))
    fields += ["words: text", "offices: {type: links, to: office}", "tasks: {type: back_links, of: task.case}"]
    states = [f"s{n}" for n in range(chance.randint(3, 6))]
    parallel = {name for name in states[1:-1] if chance.random() < 0.25}
    waiting = {name for name in states[1:-1] if more and name not in parallel and chance.random() < 0.25}
    lines = [_state(name, states, name in parallel, name in waiting, more, chance) for name in states]
    transitions, system = _transitions(states, parallel | waiting, dict(values), chance, counts=more and bool(parallel))
    update = chance.choice(["", ", update: true", ", update: 'state = \"s0\"'", ", update: true"])
    text = (
        HEAD + "entity: case\nfields:\n" + "".join(f"  {line}\n" for line in fields)
        + f"access:\n  one: {{create: true, read: true{update}}}\n  two: {{read: {chance.choice(['true', _SEEN])}}}\n---\n"
        + "workflow: flow\nof: case\nstates:\n" + "".join(lines) + "transitions:\n" + "".join(transitions)
        + (_deadline(transitions, chance) if more else "")
    )  # fmt: skip
    for name in system:
        values[name] = (None,)
    written = "".join(lines)
    elsewhere = Elsewhere("each: offices" in written, bool(waiting))
    return Flow(text, values, frozenset(system), elsewhere)


def _deadline(transitions: list[str], chance: random.Random) -> str:
    """Return a deadline that is followed by a transition where it runs."""
    line = chance.choice(transitions).strip()
    name, source = line.partition(":")[0], line.partition("from: ")[2].partition(",")[0]
    return f"deadlines:\n  late: {{runs_in: [{source}], within: 3 days, then: {name}}}\n"


_SEEN = "'state != \"s2\"'"


def _state(name: str, states: list[str], parallel: bool, waiting: bool, more: bool, chance: random.Random) -> str:
    keys = ["waits_for: tasks"] if waiting else []
    if name == states[0]:
        keys.append("initial: true")
    elif name == states[-1]:
        keys.append("final: true")
    if parallel:
        after = chance.choice(["", "", ", after: p"])
        first = chance.choice(["by: one", "by: one, needs: 2", "each: offices, by: one", "by: one, needs: majority", "by: one, needs: all"])
        second = chance.choice(["", "", ", needs: all", ", each: offices", ", each: offices, needs: 1"])
        first, second = (first, second) if more else ("by: one", "")
        people = chance.choice(["one", "two"])
        eyes = [_eyes(other, chance) if more else "" for other in "qp"]
        keys.append(f"parallel: {{p: {{{first}{eyes[0]}}}, q: {{by: {people}{second}{after}{eyes[1]}}}}}")
        keys.extend(["needs: 1"] if chance.random() < 0.3 else [])
    if not parallel and chance.random() < 0.3:
        keys.append(chance.choice(["read_only: [words]", "editable: []", "editable: [words]"]))
    return f"  {name}: {{{', '.join(keys)}}}\n"


def _eyes(other: str, chance: random.Random) -> str:
    """Return who may not decide a part that stands beside *other*."""
    names = [name for name in (other, "t0", "t1") if chance.random() < 0.15]
    return f", not_by: [{', '.join(names)}]" if names else ""


def _transitions(
    states: list[str], parallel: set[str], values: dict[str, tuple[object, ...]], chance: random.Random, *,
    counts: bool,
) -> tuple[list[str], set[str]]:  # fmt: skip
    lines, names, system = [], list[str](), set[str]()
    count = 0
    for number, name in enumerate(states[:-1]):
        for nth in range(chance.choice([1, 1, 2, 3])):
            target = states[number + 1] if nth == 0 and chance.random() < 0.7 else chance.choice(states)
            keys = [f"from: {name}", f"to: {target}"]
            when = _condition(values, name in parallel, bool(parallel), chance)
            if counts and name in parallel and chance.random() < 0.2:
                when = f'count(opinions[outcome = "{chance.choice(["approve", "object"])}"]) >= {chance.choice([1, 2])}'
            by_itself = bool(when) and chance.random() < 0.35
            if not by_itself:
                keys.append("by: " + chance.choice(["one", "two", "boss"]))
                others = [one for one in names if chance.random() < 0.2]
                others += [one for one in "pq" if counts and chance.random() < 0.3]
                if others:
                    keys.append(f"not_by: [{', '.join(others)}]")
            if when and (by_itself or chance.random() < 0.6):
                keys.append(f"when: '{when}'")
            if "amount" in values and chance.random() < 0.1:
                keys.append(f"set: {{amount: {chance.randint(0, 5)}}}")
            elif "urgent" in values and chance.random() < 0.1:
                keys.append("set: {urgent: true}")
            names.append(f"t{count}")
            lines.append(f"  t{count}: {{{', '.join(keys)}}}\n")
            count += 1
    return lines, system


def _condition(
    values: dict[str, tuple[object, ...]], here_parallel: bool, parallel: bool, chance: random.Random
) -> str:  # fmt: skip
    if here_parallel and chance.random() < 0.6:
        return "complete"
    if parallel and chance.random() < 0.3:
        word = chance.choice(["every", "some"])
        return f'{word} o in opinions satisfies o.outcome = "{chance.choice(["approve", "object"])}"'
    terms = []
    if "amount" in values:
        low = chance.randint(0, 5)
        terms += [f"amount {chance.choice(['<', '<=', '>', '>=', '=', '!='])} {low}", f"amount in [{low}..5]"]
    if "limit" in values and "amount" in values:
        terms.append("amount " + chance.choice(["<", "<=", ">", "="]) + " limit")
    if "urgent" in values:
        terms += ["urgent", "urgent = null", "not(urgent)"]
    if "kind" in values:
        terms.append('kind = "a"')
    if not terms:
        return chance.choice(["", "1 = 1"])
    one, two = chance.choice(terms), chance.choice(terms)
    return chance.choice([one, one, f"{one} and {two}", f"{one} or {two}"])


def verdict_of(flow: Flow) -> tuple[Project, Verdict, Problems] | None:
    """Return what the model check says; ``None`` if the text is no project (an arrow leads nowhere, for instance)."""
    project, _ = read_project({"a.yaml": flow.text.encode()})
    if project is None:
        return None
    problems = Problems()
    return project, check_workflow(project.workflows["flow"], project, problems), problems


@dataclass(frozen=True, slots=True)
class Found:
    """What becomes of cases, by brute force; compared with the :class:`Verdict` of the same workflow."""

    stuck: frozenset[str]
    endless: frozenset[str]
    unreached: frozenset[str]
    never: frozenset[str]
    overlaps: frozenset[tuple[str, str]]
    circles: bool
    avoided: frozenset[str]
    emptied: frozenset[str]
    undecided: frozenset[str]
    passed: frozenset[str]
    nearest: Mapping[tuple[str, str], int]
    """How many actions lead to where something goes wrong: by what that is, and its state or transition."""

    def differs(self, verdict: Verdict, problems: Problems) -> list[str]:
        """Return the names of the answers that disagree; where anything runs in circles, that is the answer."""
        if self.circles or verdict.circles:
            return [] if self.circles == verdict.circles else ["circles"]
        names = [name for name in self.__dataclass_fields__ if name != "nearest"]
        wrong = [name for name in names if getattr(self, name) != getattr(verdict, name)]
        traces = {one: length for one, length in told_lengths(problems).items() if self.nearest.get(one) != length}
        return wrong or [f"{code} {name}: {length} actions, not {self.nearest.get((code, name))}"
                         for (code, name), length in traces.items()]  # fmt: skip


def told_lengths(problems: Problems) -> dict[tuple[str, str], int]:
    """Return how many actions the messages name as the shortest way, by code and state or transition."""
    told: dict[tuple[str, str], int] = {}
    for problem in problems:
        place = {"stuck": "state", "may-be-stuck": "state", "no-end": "state", "four-eyes-avoided": "transition"}
        if problem.code in place:
            code = "stuck" if problem.code == "may-be-stuck" else problem.code
            where = "" if code == "no-end" else str(problem.values[place[code]])
            length = str(problem.values["trace_en"]).count("`") // 2
            told[code, where] = min(length, told.get((code, where), length))
    return told
