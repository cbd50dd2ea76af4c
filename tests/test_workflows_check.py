"""The model check: planted defects are found and named, random workflows agree with a brute force, good ones are proved."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from brute_flows import brute_force
from fachwerk.engine.validation import CODES, read_whole
from fachwerk.problems import Code, Problems
from fachwerk.schemas.catalogue import explain
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from fachwerk.workflows.check import check_workflows
from flows import random_flow, verdict_of

EXAMPLES = Path(__file__).parent.parent / "examples"
HEAD = "app: a\n---\nroles: {clerk: {}, head: {}}\n---\n"

GOOD = """\
app: permits
---
roles: {clerk: {}, engineer: {}, head: {}}
---
entity: permit
fields:
  owner: user
  amount: {type: integer, required: true, min: 0}
  kind: {type: choice, required: true, options: [a, b, c]}
access:
  clerk: {create: true, read: true, update: 'state = "draft"'}
  engineer: {read: 'state in ["in_review", "decided"]'}
  head: {read: true}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  submitted: {}
  in_review: {parallel: {structure: {by: engineer}, fire: {by: clerk}}}
  decided: {}
  granted: {final: true}
  refused: {final: true}
  withdrawn: {final: true}
transitions:
  submit: {from: draft, to: submitted, by: owner}
  back: {from: submitted, to: draft, by: clerk, comment: required}
  start: {from: submitted, to: in_review, by: clerk}
  done: {from: in_review, to: decided, when: complete}
  grant: {from: decided, to: granted, by: head, not_by: start, when: every one in opinions satisfies one.outcome = "approve"}
  refuse: {from: decided, to: refused, by: head}
  withdraw: {from: [draft, submitted], to: withdrawn, by: owner}
deadlines:
  decide: {runs_in: [submitted, in_review, decided], within: 3 months, warn: 2 weeks}
"""

REFUSE = "  refuse: {from: decided, to: refused, by: head}\n"
GRANT = next(line for line in GOOD.splitlines() if line.startswith("  grant:"))
WITHDRAW = "  withdraw: {from: [draft, submitted], to: withdrawn, by: owner}\n"
OPEN = ("update: 'state = \"draft\"'", "update: true")
Change = tuple[str, str]


def more(line: str) -> Change:
    """One more transition."""
    return ("deadlines:\n", f"  {line}\ndeadlines:\n")


PLANTED: list[tuple[str, str, tuple[Change, ...]]] = [
    ("nothing is done about objections", "stuck", ((REFUSE, ""),)),
    ("small ones are never refused", "stuck", ((REFUSE, REFUSE.replace("head}", "head, when: amount > 100}")),)),
    ("who decides may not read then", "stuck", (("head: {read: true}", "head: {read: 'state = \"draft\"'}"),)),
    ("complete is not enough", "stuck", (("when: complete", "when: complete and amount > 5"),)),
    ("an opinion by people who may not read", "stuck", (('state in ["in_review", "decided"]', 'state = "decided"'),)),
    ("every way leads back", "no-end", ((REFUSE, ""), (GRANT, "  again: {from: decided, to: submitted, by: head}"),
                                        (WITHDRAW, ""))),
    ("a limit below the least value", "never-taken", ((WITHDRAW, WITHDRAW.replace("owner}", "owner, when: amount < 0}")),)),
    ("a contradiction", "never-taken", (more("odd: {from: decided, to: refused, by: head, when: amount > 5 and amount < 3}"),)),
    ("a condition on another state", "never-taken", (more("odd: {from: draft, to: refused, by: clerk, when: 'state = \"granted\"'}"),)),
    ("a condition on opinions not given yet", "never-taken",
     (more("odd: {from: draft, to: refused, by: clerk, when: 'some o in opinions satisfies o.outcome = \"object\"'}"),)),
    ("a button for people who do not see it", "nobody-can-take", ((WITHDRAW, WITHDRAW.replace("owner}", "engineer}")),)),
    ("the review never begins", "never-reached", (("in_review, by: clerk}", "in_review, by: clerk, when: amount < 0}"),)),
    ("two ways out of the review at once", "conditions-overlap", (more("skip: {from: in_review, to: refused, when: complete and amount > 5}"),)),
    ("objections and completeness", "conditions-overlap",
     (more("fail: {from: in_review, to: refused, when: 'some o in opinions satisfies o.outcome = \"object\"'}"),)),
    ("a hundred is neither small nor big", "conditions-gap",
     (OPEN, (GRANT, "  grant: {from: decided, to: granted, by: head, when: amount < 100}"),
      (REFUSE, REFUSE.replace("head}", "head, when: amount > 100}")))),
    ("a kind is forgotten", "conditions-gap",
     (OPEN, (GRANT, "  grant: {from: decided, to: granted, by: head, when: 'kind = \"a\"'}"),
      (REFUSE, REFUSE.replace("head}", "head, when: 'kind = \"b\"'}")))),
    ("back and forth by themselves", "by-itself-in-circles",
     (more("a: {from: decided, to: submitted, when: amount > 5}"), more("b: {from: submitted, to: decided, when: amount > 3}"))),
    ("into itself by itself", "by-itself-in-circles", (more("a: {from: decided, to: decided, when: amount > 5}"),)),
    ("three in a circle", "by-itself-in-circles",
     (more("a: {from: decided, to: submitted, when: amount > 5}"), more("b: {from: submitted, to: draft, when: amount > 3}"),
      more("c: {from: draft, to: decided, when: amount > 4}"))),
    ("around the review", "four-eyes-avoided", (more("quick: {from: submitted, to: decided, by: clerk}"),)),
    ("another way into the review", "four-eyes-avoided", (more("again: {from: draft, to: in_review, by: clerk}"),)),
    ("the second step of the same person", "four-eyes-one-person",
     (more("confirm: {from: submitted, to: refused, by: owner, not_by: submit}"),)),
    ("the creator may not, nobody else may", "four-eyes-one-person",
     (more("confirm: {from: submitted, to: refused, by: created_by, not_by: creator}"),)),
    ("four eyes over what happens by itself", "four-eyes-of-nobody", (("not_by: start", "not_by: [start, done]"),)),
    ("a deadline that only ends by being missed", "deadline-without-exit",
     (("in_review, by: clerk}", "in_review, by: clerk, when: amount < 0}"), (WITHDRAW, ""),
      ("[submitted, in_review, decided], w", "[draft, submitted], w"))),
    ("a way there only through arithmetic", "may-be-stuck",
     (("in_review, by: clerk}", "in_review, by: clerk, when: amount * 2 > 7}"), (REFUSE, ""))),
    ("the owner may read the draft alone", "named-may-not-read",
     (('engineer: {read: \'state in ["in_review", "decided"]\'}', "engineer: {read: 'owner = me and state = \"draft\"'}"),)),
    ("all are asked, and nobody is left", "four-eyes-of-all",
     (("structure: {by: engineer}", "structure: {by: engineer, needs: all}"), ("by: head, not_by: start", "by: engineer, not_by: structure"))),
    ("a message to people who may not read the case then", "message-tells-unread",
     (("submitted, by: owner}", "submitted, by: owner, do: [{notify: engineer, with: news}]}"),
      ("roles:", "message: news\nof: permit\nsubject: '{amount}'\nbody: New\n---\nroles:"))),
    ("a deadline that gives no reason", "then-asks-nobody",
     ((REFUSE, REFUSE.replace("head}", "head, comment: required}")), ("in_review, decided], w", "in_review, decided], then: late, w"),
      more("late: {from: [submitted, in_review, decided], to: refused, by: head, require: [owner]}"))),
    ("a deadline that a required field stops", "then-may-not-happen",
     (("refused: {final: true}", "refused: {final: true, required: [owner]}"), ("in_review, decided], w", "in_review, decided], then: late, w"),
      more("late: {from: [submitted, in_review, decided], to: refused}"))),
    ("an office that may not read, of two", "part-never-decided",
     (("in_review: {parallel", "in_review: {needs: 1, parallel"), ('state in ["in_review", "decided"]', 'state = "decided"'))),
    ("a turn that never comes", "part-never-decided",
     (("in_review: {parallel", "in_review: {needs: 1, parallel"), ("fire: {by: clerk}", "fire: {by: clerk, after: structure}"))),
    ("what was submitted is never kept", "state-passed-through", (("start: {from: submitted, to: in_review, by: clerk}",
     "start: {from: submitted, to: in_review, when: amount >= 0}"),)),
    ("a state nothing leaves", "dead-end", (("withdrawn: {final: true}", "withdrawn: {}"),)),
    ("a state nothing leads to", "unreachable-state", (("  decided: {}", "  decided: {}\n  lost: {}"),
                                                       more("find: {from: lost, to: draft, by: clerk}"))),
    ("no beginning", "no-initial-state", (("draft: {initial: true}", "draft: {}"),)),
    ("neither who nor when", "by-itself-without-when", (more("odd: {from: submitted, to: refused}"),)),
    ("people who may never read it", "acts-unseen", (("  head: {read: true}\n", ""),)),
    ("completeness of nothing", "complete-without-parallel", (more("odd: {from: submitted, to: refused, when: complete}"),)),
    ("a warning before the beginning", "warned-before-begin", (("warn: 2 weeks", "warn: 4 months"),)),
]  # fmt: skip


def said(text: str) -> Problems:
    return read_whole({"permits.yaml": text.encode()})[1]


def planted(changes: tuple[Change, ...]) -> str:
    text = GOOD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def test_a_good_workflow_is_proved() -> None:
    project, problems = read_whole({"permits.yaml": GOOD.encode()})
    assert as_text(problems) == "No problems\n"
    assert project is not None
    (verdict,) = check_workflows(project, Problems())
    assert verdict.proved
    assert not verdict.stuck | verdict.never


def test_there_are_thirty_planted_defects() -> None:
    assert len(PLANTED) >= 30
    assert len({name for name, _, _ in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize(("code", "changes"), [one[1:] for one in PLANTED], ids=[one[0] for one in PLANTED])
def test_every_planted_defect_is_found_and_named(code: str, changes: tuple[Change, ...]) -> None:
    problems = said(planted(changes))
    assert code in {problem.code for problem in problems}, as_text(problems)


def test_the_message_has_the_case_and_the_shortest_way_there() -> None:
    text = as_text(said(planted(((REFUSE, ""),))))
    assert "whoever is in state `decided` stays there when `fire` says object and `structure` says approve" in text
    assert "left only by `grant` (`head`)" in text
    assert "shortest way there: `submit`, `start`, `structure.approve`, `fire.object`, `done`" in text
    german = as_text(said(planted(((REFUSE, ""),))), language="de")
    assert "wer im Zustand `decided` ist, bleibt dort, wenn `fire` object sagt und `structure` approve sagt" in german


def test_an_example_value_is_the_one_between() -> None:
    changes = next(changes for name, _, changes in PLANTED if name == "a hundred is neither small nor big")
    (problem,) = [one for one in said(planted(changes)) if one.code == "conditions-gap"]
    assert "`amount` is 100" in problem.message()


def test_what_cannot_be_told_is_not_called_proved() -> None:
    changes = (("in_review, by: clerk}", "in_review, by: clerk, when: amount * 2 > 7}"),)
    project, problems = read_whole({"permits.yaml": planted(changes).encode()})
    assert project is not None
    assert not len(problems)
    (verdict,) = check_workflows(project, Problems())
    assert not verdict.proved
    assert verdict.doubts == ("amount * 2 > 7",)


def test_a_wide_workflow_is_not_explored_for_ever() -> None:
    fields = "".join(f"  n{i}: integer\n" for i in range(12))
    when = " and ".join(f"n{i} > {i}" for i in range(12))
    text = GOOD.replace("  owner: user\n", "  owner: user\n" + fields).replace(REFUSE, REFUSE.replace("head}", f"head, when: {when}}}"))
    project, _ = read_whole({"permits.yaml": text.encode()})
    assert project is not None
    (verdict,) = check_workflows(project, Problems())
    assert not verdict.proved
    assert not verdict.stuck


@pytest.mark.parametrize("code", CODES, ids=[code.code for code in CODES])
def test_wrong_and_right_of_every_page_are_what_they_say(code: Code) -> None:
    for text, wanted in ((code.wrong, True), (code.right, False)):
        project, problems = read_project({"a.yaml": (HEAD + text).encode()})
        assert project is not None, as_text(problems)
        found = Problems()
        check_workflows(project, found)
        codes = {problem.code for problem in found}
        assert (code.code in codes) if wanted else not codes
    for language in ("en", "de"):
        page = explain(code.code, language, CODES)
        assert page is not None
        assert not re.search(r"\{\w+\}\}|None", page)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_examples_have_no_problem(name: str) -> None:
    project, problems = read_whole(EXAMPLES / name)
    assert project is not None
    assert as_text(problem for problem in problems if problem.kind in CODES) == "No problems\n"


@pytest.mark.parametrize("begin", range(4))
def test_random_workflows_agree_with_a_brute_force(begin: int) -> None:
    compared = 0
    for number in range(25):
        flow = random_flow(random.Random(f"pytest:{begin}:{number}"))
        read = verdict_of(flow)
        if read is not None:
            project, verdict, problems = read
            assert brute_force(flow, project).differs(verdict, problems) == [], flow.text
            compared += 1
    assert compared > 5
