"""Simulations: counts that must come out, dead ends with their reasons, the same again by seed, no proof contradicted."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.simulation.assumptions import Assumptions, length_of, made_of
from fachwerk.engine.simulation.commands import simulate, simulated
from fachwerk.engine.simulation.hours import Hours
from fachwerk.engine.simulation.result import Result
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.workflows.calendar import Calendar
from simulating import contradictions, simulate_flow

DESK = """
app: desk
label: Desk
languages: [en]
timezone: Europe/Berlin
currency: EUR
calendar: {country: DE}
---
roles: {clerk: {label: Clerk}, head: {label: Head}}
---
entity: claim
title: number
fields:
  number: {type: sequence, format: "C-{0000}"}
  amount: {type: integer, required: true, min: 0, max: 1000}
access:
  clerk: {create: true, read: true}
  head: {read: true}
---
workflow: flow
of: claim
states: {new: {initial: true}, checked: {}, paid: {final: true}, refused: {final: true}}
transitions:
  check: {from: new, to: checked, by: clerk}
  pay: {from: checked, to: paid, by: head, when: LIMIT}
  refuse: {from: checked, to: refused, by: head, when: amount > 900}
deadlines:
  answer: {runs_in: [new, checked], within: 5 days, then: lapse}
""".replace("deadlines:\n", "  lapse: {from: [new, checked], to: refused}\ndeadlines:\n")
FINE = DESK.replace("LIMIT", "amount <= 900")
ALONE = FINE[: FINE.index("  lapse:")]
GAP = ALONE.replace("amount <= 900", "amount <= 500")


def project_of(text: str) -> Project:
    project, problems = read_project({"app.yaml": text.encode()})
    assert project is not None, [f"{p.span} {p.message()}" for p in problems]
    return project


def run(text: str, **assumed: Any) -> Result:
    result, _ = asyncio.run(simulated(project_of(text), None, Assumptions(**{"cases": 150, **assumed})))
    return result


def test_all_cases_come_in_and_end() -> None:
    result = run(FINE)
    assert (result.cases, result.refused, result.open, result.dead_ends) == (150, 0, {}, ())
    assert result.outcomes["paid"].count + result.outcomes["refused"].count == 150
    assert result.stays["new"].count == 150
    assert result.never == ("lapse",)
    assert min(result.outcomes[name].count for name in ("paid", "refused")) > 20, "values lie on both sides"
    assert result.verdict.proved
    assert not result.contradicts


def test_work_takes_the_time_that_was_said() -> None:
    """With 10 a day and half an hour for each step, a clerk works 5 of 8 hours: utilisation is what theory says."""
    result = run(FINE, cases=600, arrivals="10 a day", service=dt.timedelta(minutes=30))
    crews = {crew.role: crew for crew in result.crews}
    assert crews["clerk"].steps == 600
    assert crews["clerk"].used == pytest.approx(0.625, abs=0.09)
    two = {crew.role: crew for crew in run(FINE, cases=600, arrivals="10 a day", people={"clerk": 2}).crews}
    assert two["clerk"].people == 2
    assert two["clerk"].used == pytest.approx(0.3125, abs=0.05)
    assert two["clerk"].queue < crews["clerk"].queue / 2, "a second pair of hands shortens the queue"


def test_too_much_work_waits_and_misses_time_limits() -> None:
    result = run(FINE, cases=200, arrivals="40 a day", service=dt.timedelta(hours=1))
    clerk = next(crew for crew in result.crews if crew.role == "clerk")
    assert clerk.used > 0.9
    assert clerk.most > 50
    limit = result.limits["answer"]
    assert limit.run == 200
    assert limit.missed > 50
    assert result.taken["lapse"] == limit.missed, "the limit ends the case by itself"


def test_a_gap_between_conditions_is_a_dead_end_with_its_reason() -> None:
    result = run(GAP)
    (end,) = result.dead_ends
    assert (end.state, end.reason.people, end.trace) == ("checked", False, ("check",))
    assert "900" in end.reason.en or "500" in end.reason.en
    assert "checked" in result.verdict.stuck, "the model check says so, too"
    assert not result.contradicts


def test_nobody_there_is_a_dead_end_for_want_of_people() -> None:
    result = run(ALONE, people={"head": 0})
    assert [(end.state, end.count, end.reason.people) for end in result.dead_ends] == [("checked", 150, True)]
    assert "Only for: Head" in result.dead_ends[0].reason.en
    assert not result.contradicts
    assert sorted(result.never) == ["pay", "refuse"]


RESTS = ALONE + """deadlines:
  answer: {runs_in: [new, checked], within: 2 days, pause: {by: clerk}, extend: {by: head, most: 3 days, times: 1}}
"""


def test_limits_rest_and_are_extended() -> None:
    """Half of the limits rest, for as long as was said, and cases take that much longer."""
    assumed = {"cases": 300, "arrivals": "10 a day", "rest": dt.timedelta(days=5)}
    plain = run(RESTS, pauses=0, extensions=0, **assumed).limits["answer"]
    assert (plain.run, plain.extended, plain.rested.count) == (300, 0, 0)
    result = run(RESTS, pauses=0.5, extensions=1, **assumed)
    limit = result.limits["answer"]
    assert limit.run == 300
    assert limit.rested.count == pytest.approx(150, abs=30)
    assert limit.rested.median is not None
    assert dt.timedelta(days=2) < limit.rested.median < dt.timedelta(days=6), "5 days on average, drawn exponentially"
    assert limit.extended > 20
    assert (result.dead_ends, result.open) == ((), {})
    longest = result.outcomes["paid"].ninety
    assert longest is not None
    assert longest > dt.timedelta(days=5)
    text = asyncio.run(simulate(project_of(RESTS), None, Assumptions(cases=40, pauses=0.25), "en", json=False))
    assert "Limits: 25 % of those that people may let rest do rest, for 7.0 days on average" in text
    german = asyncio.run(simulate(project_of(RESTS), None, Assumptions(cases=40, pauses=0.25), "de", json=False))
    assert "Fristen: 25 % derer, die ruhen dürfen, ruhen" in german


QUORUM = FINE[: FINE.index("---\nworkflow")] + """---
workflow: flow
of: claim
states:
  new:
    initial: true
    parallel: {signature: {by: clerk, needs: 2}, vote: {by: head, needs: majority}}
  paid: {final: true}
transitions:
  pay: {from: new, to: paid, when: complete}
"""


def test_there_are_people_enough_for_a_quorum() -> None:
    """Without demo data a role has as many people as the workflows ask for; as many as were said otherwise."""
    result = run(QUORUM, cases=40)
    assert {crew.role: crew.people for crew in result.crews} == {"clerk": 2, "head": 3}
    assert (result.outcomes["paid"].count, result.dead_ends, result.never) == (40, (), ())
    short = run(QUORUM, cases=10, people={"clerk": 1})
    assert [(end.state, end.count, end.reason.people) for end in short.dead_ends] == [("new", 10, True)]


def test_time_brings_on_what_waits_for_a_day() -> None:
    later = ALONE.replace("when: amount <= 900", 'when: created < now() - duration("P40D")').replace("when: amount > 900", "when: amount < 0")
    result = run(later, cases=20)
    assert (result.outcomes["paid"].count, result.dead_ends) == (20, ())
    assert result.outcomes["paid"].median is not None
    assert result.outcomes["paid"].median > dt.timedelta(days=40)


COUNTED = ALONE.replace("when: amount <= 900", "when: lines_total > 0").replace("when: amount > 900", "when: amount < 0").replace(
    "access:\n  clerk: {create: true, read: true}\n", "  lines: {type: back_links, of: line.claim}\n  lines_total: {type: integer, computed: count(lines)}\naccess:\n  clerk: {create: true, read: true}\n", 1
) + """---
entity: line
fields:
  claim: {type: link, to: claim, required: true}
access: {clerk: {create: true, read: true}, head: {read: true}}
"""


def test_records_are_made_that_conditions_count() -> None:
    result = run(COUNTED, cases=20)
    assert (result.outcomes["paid"].count, result.dead_ends) == (20, ())


EXAMPLES = Path(__file__).parent.parent / "examples"
FLOWS = [
    (folder.name, name)
    for folder in sorted(EXAMPLES.iterdir())
    if folder.is_dir()
    for name in (read_project(folder)[0] or pytest.fail(folder.name)).workflows
]


@pytest.mark.parametrize(("example", "flow"), FLOWS)
def test_no_case_of_an_example_gets_stuck(example: str, flow: str) -> None:
    project, _ = read_project(EXAMPLES / example)
    assert project is not None
    result, _ = asyncio.run(simulated(project, flow, Assumptions(cases=25, pauses=0.4, extensions=0.4)))
    assert result.dead_ends == ()
    assert not result.contradicts
    assert sum(spread.count for spread in result.outcomes.values()) >= 18
    resting = [name for name, one in result.workflow.deadlines.items() if one.pause]
    assert [name for name in resting if not result.limits[name].rested.count] == []


def test_the_same_seed_is_the_same_run() -> None:
    def told(seed: int) -> Mapping[str, Any]:
        text = asyncio.run(simulate(project_of(FINE), None, Assumptions(cases=60, seed=seed), "en", json=True))
        found: Mapping[str, Any] = json.loads(text)
        return found

    assert told(3) == told(3)
    assert told(3)["states"] != told(4)["states"]


def test_holidays_and_nights_are_free() -> None:
    hours = Hours(Calendar(country="DE"))
    friday = dt.datetime(2026, 12, 25, 10, tzinfo=dt.UTC)
    assert not hours.open_at(friday), "Christmas"
    assert hours.next_open(friday) == dt.datetime(2026, 12, 28, 8, tzinfo=dt.UTC)
    assert hours.after(dt.datetime(2026, 12, 23, 15, tzinfo=dt.UTC), dt.timedelta(hours=10)) == dt.datetime(
        2026, 12, 28, 9, tzinfo=dt.UTC
    )
    week = dt.datetime(2026, 12, 21, tzinfo=dt.UTC), dt.datetime(2026, 12, 28, tzinfo=dt.UTC)
    assert hours.between(*week) == dt.timedelta(hours=32)


@pytest.mark.parametrize("seed", range(10))
def test_what_was_proved_does_not_happen(seed: int) -> None:
    made = simulate_flow(random.Random(f"simulation {seed}"), 8, seed)
    if made is None:
        return
    flow, result = made
    assert contradictions(result) == [], flow.text
    if result.verdict.proved and not result.verdict.stuck:
        assert all(end.reason.people for end in result.dead_ends), (flow.text, result.dead_ends)


def test_assumptions_are_read_and_refused() -> None:
    project = project_of(FINE)
    made = made_of(project, project.workflows["flow"], people=["clerk=2"], steps=["check=45 minutes"], likely=["pay=0.5"], cases=5)
    assert (made.people, made.steps, made.likely) == ({"clerk": 2}, {"check": dt.timedelta(minutes=45)}, {"pay": 0.5})
    assert length_of("1.5 hours") == dt.timedelta(minutes=90)
    for wrong in ({"people": ["clark=2"]}, {"people": ["clerk=many"]}, {"steps": ["chek=1 hour"]}, {"steps": ["check=soon"]},
                  {"likely": ["pay=-1"]}, {"arrivals": "often"}):  # fmt: skip
        with pytest.raises(Refused):
            made_of(project, project.workflows["flow"], **wrong)


def test_the_command_says_it_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(GAP)

    def told(*words: str) -> str:
        done = CliRunner().invoke(main, [*words, str(tmp_path), "--cases", "40"])
        assert done.exit_code == 0, done.output
        return done.stdout

    english = told("--language", "en", "simulate", "flow")
    for part in ("40 cases", "Assumed: 5 a day in office hours, seed 1", "Who waits for whom", "Dead ends:", "after: check",
                 "The model check says the same"):  # fmt: skip
        assert part in english, part
    german = told("--language", "de", "simulate")
    for part in ("40 Vorgänge", "Angenommen:", "Sackgassen:", "nach: check", "Die Modellprüfung sagt dasselbe"):
        assert part in german, part
    data = json.loads(told("simulate", "flow", "--json"))
    assert (data["cases"], data["checked"]["stuck"], data["assumed"]["arrivals"]) == (40, ["checked"], "5 a day")
    wrong = CliRunner().invoke(main, ["--language", "en", "simulate", "flwo", str(tmp_path)])
    assert wrong.exit_code == 1
    assert "Did you mean flow?" in wrong.output
