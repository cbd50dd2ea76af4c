"""The machine of a workflow: who may do what when, what a step changes, and how periods end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fachwerk.problems import Refused
from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.schemas.model import Period
from fachwerk.schemas.read import read_project
from fachwerk.workflows.calendar import Calendar, add_months
from fachwerk.workflows.case import Action, Case, Done, Outcome
from fachwerk.workflows.machine import Machine, compile_machine
from fachwerk.workflows.timers import timers_after

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BAVARIA = Calendar(ZoneInfo("Europe/Berlin"), "DE", "BY")

YAML = b"""
app: permits
languages: [en, de]
timezone: Europe/Berlin
currency: EUR
calendar: {country: DE, subdivision: BY}
---
roles: {applicant: {}, clerk: {}, engineer: {}, head: {includes: [clerk]}}
---
entity: person
fields: {name: text!, user: {type: user, unique: true}}
access: {clerk: {create: true, read: true}, applicant: {read: true}, engineer: {read: true}}
---
entity: permit
fields:
  applicant: {type: link, to: person}
  area: {type: decimal}
  submitted: {type: date, read_only: true}
access: {clerk: {create: true, read: true}, applicant: {create: true, read: true}, engineer: {read: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  submitted: {}
  in_review:
    parallel:
      structure: {by: engineer, outcomes: [approve, object], within: 4 weeks}
      planning: {by: clerk, outcomes: [approve, object], within: 10 working days}
  decided: {}
  granted: {final: true}
  refused: {final: true}
transitions:
  submit: {from: draft, to: submitted, by: applicant, require: [area], set: {submitted: today()}}
  start: {from: submitted, to: in_review, by: clerk}
  back: {from: [submitted, in_review], to: draft, by: clerk, comment: required}
  done: {from: in_review, to: decided, when: complete}
  grant: {from: decided, to: granted, by: head, not_by: start, when: every opinion in opinions satisfies opinion.outcome = "approve"}
  refuse: {from: decided, to: refused, by: head, not_by: creator}
deadlines:
  decide: {runs_in: [submitted, in_review, decided], within: 3 months, warn: 2 weeks, missed: [{notify: head, with: late}]}
---
message: late
subject: late
body: late
"""


@dataclass(frozen=True)
class Somebody:
    """A person of the tests."""

    id: str
    roles: frozenset[str]
    name: str = ""
    deputy: None = None


@dataclass
class Around:
    """What rules are evaluated with."""

    me: Any
    mine: dict[str, Any] = field(default_factory=dict)
    now: dt.datetime = NOW
    today: dt.date = dt.date(2026, 3, 2)
    failures: Any = None


ANNA = Somebody("anna", frozenset({"applicant"}))
BEN = Somebody("ben", frozenset({"applicant"}))
CARL = Somebody("carl", frozenset({"clerk"}))
EVA = Somebody("eva", frozenset({"engineer"}))
HANNA = Somebody("hanna", frozenset({"head", "clerk"}))


@pytest.fixture(scope="module")
def machine() -> Machine:
    """The workflow above, compiled."""
    project, problems = read_project({"app.yaml": YAML})
    assert project is not None, [problem.message() for problem in problems]
    workflow = project.workflows["review"]
    return compile_machine(workflow, BAVARIA, lambda rule: compile_record_rule(rule.checked, Environment()), {})


def draft(**values: object) -> Case:
    """A fresh permit of Anna's."""
    record = {"id": "1", "state": "draft", "applicant": {"id": "p", "user": {"id": "anna"}}, "opinions": [], **values}
    return Case("draft", record, created_by="anna")


def do(machine: Machine, case: Case, who: Somebody, action: str, comment: str | None = None) -> tuple[Case, Outcome]:
    """Do a step and return the case after it, as the engine keeps it."""
    outcome = machine.step(case, who, action, now=NOW, context=Around({"id": who.id}), comment=comment)
    opinions = (*case.opinions, outcome.opinion) if outcome.opinion else case.opinions
    listed = [{"part": o.part, "outcome": o.outcome, "by": {"id": o.by}} for o in opinions]
    record = {**case.record, **outcome.set, "state": outcome.state, "opinions": listed}
    done = (*case.done, *(Done(moved.action, moved.by) for moved in outcome.moved))
    timers = timers_after(case.timers, outcome)
    return Case(outcome.state, record, outcome.entry, opinions, done, case.created_by, timers=timers), outcome


def possible(machine: Machine, case: Case, who: Somebody) -> set[str]:
    """Names of what somebody may do."""
    return {action.name for action in machine.actions(case, who, Around({"id": who.id})) if action.possible}


def refusal(machine: Machine, case: Case, who: Somebody, action: str, comment: str | None = None) -> Refused:
    """The refusal of a step that is not possible."""
    with pytest.raises(Refused) as refused:
        do(machine, case, who, action, comment)
    return refused.value


def test_a_case_from_draft_to_granted(machine: Machine) -> None:
    """Three people carry a permit through; the parallel parts end by themselves."""
    case, outcome = do(machine, draft(area=100), ANNA, "submit")
    assert (case.state, outcome.set) == ("submitted", {"submitted": NOW.date()})
    assert [(timer.name, timer.due, BAVARIA.today(timer.warns[0]) if timer.warns else None) for timer in outcome.start] == [
        ("decide", dt.date(2026, 6, 2), dt.date(2026, 5, 19))
    ]
    case, outcome = do(machine, case, CARL, "start")
    assert {timer.name: timer.due for timer in outcome.start} == {
        "part:structure": dt.date(2026, 3, 30),
        "part:planning": dt.date(2026, 3, 16),
    }
    case, outcome = do(machine, case, EVA, "structure.approve")
    assert (case.state, outcome.stop) == ("in_review", ("part:structure",))
    case, outcome = do(machine, case, CARL, "planning.approve")
    assert case.state == "decided"
    assert [(moved.action, moved.by) for moved in outcome.moved] == [("planning.approve", "carl"), ("done", None)]
    case, outcome = do(machine, case, HANNA, "grant")
    assert (case.state, outcome.stop) == ("granted", ("decide",))
    assert possible(machine, case, HANNA) == set()


def test_only_those_named_may_act(machine: Machine) -> None:
    """``by`` names a role, or the person of the record before the role of the same name."""
    assert possible(machine, draft(area=1), ANNA) == {"submit"}
    assert possible(machine, draft(area=1), CARL) == set()
    assert refusal(machine, draft(area=1), BEN, "submit").code == "not_allowed"
    assert refusal(machine, draft(area=1, applicant=None), ANNA, "submit").status == 403


def test_required_fields_and_comments(machine: Machine) -> None:
    """What a step needs is named, field by field; a comment may be needed too."""
    assert set(refusal(machine, draft(area=None), ANNA, "submit").fields) == {"area"}
    submitted, _ = do(machine, draft(area=1), ANNA, "submit")
    assert refusal(machine, submitted, CARL, "back", "  ").code == "comment_required"
    back, outcome = do(machine, submitted, CARL, "back", "Plan missing")
    assert (back.state, outcome.stop) == ("draft", ("decide",))


def test_four_eyes(machine: Machine) -> None:
    """Whoever did a named step may not do this one; the record's creator can be barred too."""
    case = replace(draft(area=1), state="decided", done=(Done("start", "hanna"),), created_by="carl")
    refused = refusal(machine, case, HANNA, "grant")
    assert (refused.code, refused.status) == ("four_eyes", 403)
    assert possible(machine, case, HANNA) == {"refuse"}
    assert possible(machine, replace(case, created_by="hanna"), HANNA) == set()


def test_a_guard_that_is_not_true_refuses(machine: Machine) -> None:
    """False and null alike keep a transition shut; the reason names the rule."""
    case = replace(draft(area=1), state="decided")
    objecting = {**case.record, "opinions": [{"part": "structure", "outcome": "object"}]}
    assert refusal(machine, replace(case, record=objecting), HANNA, "grant").code == "guard"
    unknown = {**case.record, "opinions": [{"part": "structure", "outcome": None}]}
    assert "For all of Opinions: Outcome is Approve" in str(refusal(machine, replace(case, record=unknown), HANNA, "grant"))


def test_a_part_is_decided_once(machine: Machine) -> None:
    """The second outcome of a part in the same stay is refused; after coming back it is open again."""
    case, _ = do(machine, replace(draft(area=1), state="submitted"), CARL, "start")
    case, _ = do(machine, case, EVA, "structure.object")
    assert refusal(machine, case, EVA, "structure.approve").code == "wrong_state"
    case, _ = do(machine, case, CARL, "back", "again")
    case, _ = do(machine, case, ANNA, "submit")
    case, _ = do(machine, case, CARL, "start")
    assert "structure.approve" in possible(machine, case, EVA)
    assert not machine.complete(case, Around({"id": "eva"}))


def test_steps_that_do_not_exist(machine: Machine) -> None:
    """A step of another state and a misspelt one are told apart."""
    assert refusal(machine, draft(), HANNA, "grant").code == "wrong_state"
    unknown = refusal(machine, draft(), ANNA, "sumbit")
    assert (unknown.code, unknown.status) == ("unknown_action", 404)
    assert "submit" in str(unknown)


def test_actions_say_what_stands_against_them(machine: Machine) -> None:
    """Every action of the state is listed for everybody, with the reason where it is not possible."""
    actions: dict[str, Action] = {a.name: a for a in machine.actions(draft(area=1), CARL, Around({"id": "carl"}))}
    assert set(actions) == {"submit"}
    assert not actions["submit"].concerns
    assert [why["en"] for why in actions["submit"].why_not] == ["Only for: Applicant."]


PERIODS = [
    (Period(3, "months"), dt.date(2026, 3, 2), dt.date(2026, 6, 2)),
    (Period(1, "months"), dt.date(2026, 1, 31), dt.date(2026, 3, 2)),  # 28 February is a Saturday
    (Period(1, "years"), dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
    (Period(4, "weeks"), dt.date(2026, 3, 6), dt.date(2026, 4, 7)),  # Good Friday, then Easter Monday
    (Period(10, "working_days"), dt.date(2026, 3, 30), dt.date(2026, 4, 15)),
    (Period(1, "days"), dt.date(2026, 5, 31), dt.date(2026, 6, 1)),
    (Period(36, "hours"), dt.date(2026, 6, 1), dt.date(2026, 6, 3)),
    (Period(14, "days"), dt.date(2026, 12, 11), dt.date(2026, 12, 28)),  # Christmas Day on a Friday
]


@pytest.mark.parametrize(("period", "start", "end"), PERIODS)
def test_periods_end_on_working_days(period: Period, start: dt.date, end: dt.date) -> None:
    """BGB 187 to 193: the day of the event does not count, and nothing ends on a holiday."""
    assert BAVARIA.end_of(period, start) == end


def test_warnings_come_before() -> None:
    """A warning lies its period before the end, whatever day that is."""
    assert BAVARIA.before(Period(2, "weeks"), dt.date(2026, 6, 2)) == dt.date(2026, 5, 19)
    assert BAVARIA.before(Period(5, "working_days"), dt.date(2026, 4, 8)) == dt.date(2026, 3, 30)
    assert add_months(dt.date(2026, 3, 31), -1) == dt.date(2026, 2, 28)


ORDERED = YAML.replace(
    b"structure: {by: engineer, outcomes: [approve, object], within: 4 weeks}\n"
    b"      planning: {by: clerk, outcomes: [approve, object], within: 10 working days}",
    b"structure: {by: engineer}\n      planning: {by: clerk, after: structure}\n      fire: {by: clerk}\n    needs: 2",
).replace(
    b"deadlines:\n", b"  lapse: {from: [submitted, in_review, decided], to: refused}\n  reopen: {from: refused, to: decided, by: head}\n"
    b"deadlines:\n  patience: {runs_in: [submitted, in_review, decided], within: 6 months, then: lapse}\n", 1,
)  # fmt: skip


@pytest.fixture(scope="module")
def ordered() -> Machine:
    """The workflow with a quorum, an order, a lapse and a way back from the end."""
    project, problems = read_project({"app.yaml": ORDERED})
    assert project is not None, [problem.message() for problem in problems]
    workflow = project.workflows["review"]
    return compile_machine(workflow, BAVARIA, lambda rule: compile_record_rule(rule.checked, Environment()), {})


def in_review(machine: Machine) -> Case:
    """A case in the parallel state."""
    case, _ = do(machine, draft(area=100), ANNA, "submit")
    return do(machine, case, CARL, "start")[0]


def test_a_part_waits_for_those_before_it(ordered: Machine) -> None:
    """A part with `after` is refused until the others have their outcome, and says for which it waits."""
    case = in_review(ordered)
    assert "planning.approve" not in possible(ordered, case, CARL)
    early = refusal(ordered, case, CARL, "planning.approve")
    assert (early.code, early.status, early.message["en"]) == ("wrong_state", 409, "First: Structure.")
    case, _ = do(ordered, case, EVA, "structure.approve")
    assert "planning.approve" in possible(ordered, case, CARL)


def test_a_quorum_completes_a_state(ordered: Machine) -> None:
    """With two of three outcomes the state is complete."""
    case, outcome = do(ordered, in_review(ordered), EVA, "structure.object")
    assert outcome.state == "in_review"
    case, outcome = do(ordered, case, CARL, "fire.approve")
    assert (outcome.state, [moved.action for moved in outcome.moved]) == ("decided", ["fire.approve", "done"])


def test_what_only_a_deadline_does_does_not_happen_by_itself(ordered: Machine) -> None:
    """A transition that is the `then` of a deadline happens when it is missed, and only then."""
    case = in_review(ordered)
    assert case.state == "in_review"
    assert "lapse" not in possible(ordered, case, HANNA)
    assert refusal(ordered, case, HANNA, "lapse").status in (404, 409)
    outcome = ordered.expire(case, "patience", now=NOW, context=Around(None))
    assert outcome is not None
    assert (outcome.state, outcome.moved[0].action, outcome.moved[0].by) == ("refused", "lapse", None)
    assert set(outcome.stop) >= {"patience", "decide"}
    assert ordered.expire(case, "decide", now=NOW, context=Around(None)) is None
    ended = replace(case, state="refused")
    assert ordered.expire(ended, "patience", now=NOW, context=Around(None)) is None


def test_an_end_is_opened_again_by_those_who_may(ordered: Machine) -> None:
    """A transition with `by` may leave a final state; time limits run again."""
    case = Case("refused", {**draft(area=1).record, "state": "refused"}, created_by="anna")
    assert possible(ordered, case, CARL) == set()
    _, outcome = do(ordered, case, HANNA, "reopen")
    assert outcome.state == "decided"
    assert {timer.name for timer in outcome.start} == {"patience", "decide"}


def test_transitions_that_follow_each_other_without_end_are_refused() -> None:
    """The chain stops with a refusal, not with an overflow."""
    looping = YAML.replace(
        b"deadlines:\n", b"  there: {from: draft, to: submitted, when: area > 5}\n  here: {from: submitted, to: draft, when: area > 3}\ndeadlines:\n", 1
    )  # fmt: skip
    project, _ = read_project({"app.yaml": looping})
    assert project is not None
    workflow = project.workflows["review"]
    made = compile_machine(workflow, BAVARIA, lambda rule: compile_record_rule(rule.checked, Environment()), {})
    with pytest.raises(Refused) as refused:
        made.start(draft(area=100), now=NOW, context=Around(None))
    assert refused.value.code == "circle"
