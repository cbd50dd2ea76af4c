"""The model check of parts of several, sub-cases and steps of others: planted defects are found and named."""

from __future__ import annotations

import pytest
from fachwerk.engine.validation import read_whole
from fachwerk.problems import Problems
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from fachwerk.workflows.check import check_workflows

GOOD = """\
app: permits
---
roles: {clerk: {}, member: {}, head: {}}
---
entity: office
fields: {name: text!, officer: user}
access: {clerk: {create: true, read: true, update: true}}
---
entity: permit
fields:
  name: text!
  owner: user
  offices: {type: links, to: office}
  visits: {type: back_links, of: visit.permit}
access: {clerk: {create: true, read: true, update: true}, member: {read: true}, head: {read: true}}
---
entity: visit
fields: {permit: {type: link, to: permit}, report: text}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: visiting
of: visit
states: {planned: {initial: true}, held: {final: true}, dropped: {final: true}}
transitions:
  hold: {from: planned, to: held, by: clerk}
  drop: {from: planned, to: dropped}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  asked: {parallel: {offices: {each: offices, by: [each.officer, clerk]}}}
  board: {parallel: {votes: {by: member, needs: 2}, all_of_them: {by: member, needs: majority, after: votes}}}
  visited: {waits_for: visits}
  granted: {final: true}
  withdrawn: {final: true}
transitions:
  submit: {from: draft, to: asked, by: clerk, require: [offices]}
  answered: {from: asked, to: board, when: complete}
  voted: {from: board, to: visited, when: complete}
  grant: {from: visited, to: granted, by: head, when: complete, not_by: submit}
  withdraw: {from: [draft, asked, board, visited], to: withdrawn, by: clerk, do: [{step: drop, of: visits}]}
"""
Change = tuple[str, str]

PLANTED: list[tuple[str, str, tuple[Change, ...]]] = [
    ("nobody is asked where there are no offices", "each-may-be-empty", ((", require: [offices]", ""),)),
    ("a filter may leave none", "each-may-be-empty", (("each: offices,", "each: 'offices[name != \"x\"]',"),)),
    ("more people than one path can lead to", "too-few-people",
     (("votes: {by: member, needs: 2}", "votes: {by: [owner, created_by], needs: 3}"),)),
    ("names are no records", "each-no-records", (("each: offices,", "each: name,"),)),
    ("a part that nobody may decide", "acts-unseen", (("member: {read: true}, ", ""),)),
    ("parts that wait for each other", "parts-wait-in-circle",
     (("votes: {by: member, needs: 2}", "votes: {by: member, needs: 2, after: all_of_them}"),)),
    ("a quorum of parts that are not there", "quorum-too-large", (("board: {parallel", "board: {needs: 3, parallel"),)),
    ("sub-cases that never end", "waits-for-ever",
     (("hold: {from: planned, to: held, by: clerk}", "hold: {from: planned, to: held, by: clerk, when: 1 = 2}"),
      (", do: [{step: drop, of: visits}]", ""), ("drop: {from: planned, to: dropped}", "drop: {from: planned, to: dropped, when: 1 = 2}"))),
    ("a workflow that has no end", "waits-for-endless",
     (("held: {final: true}, dropped: {final: true}", "held: {}, dropped: {}"),
      ("drop: {from: planned", "again: {from: [held, dropped], to: planned, by: clerk}\n  drop: {from: planned"))),
    ("offices have no workflow", "waits-for-no-cases", (("waits_for: visits", "waits_for: offices"),)),
    ("visits that nobody can make", "waits-for-nothing",
     (("report: text}\naccess: {clerk: {create: true, read: true, update: true}}", "report: text}\naccess: {clerk: {read: true, update: true}}"),)),
    ("waiting for completeness of nothing", "complete-without-parallel", (("visited: {waits_for: visits}", "visited: {}"),)),
    ("a step that is never possible", "step-never-possible",
     (("drop: {from: planned, to: dropped}", "drop: {from: planned, to: dropped, by: clerk, when: 'report = \"a\" and report = \"b\"'}"),)),
    ("a step of something without a workflow", "step-of-no-cases", (("of: visits}", "of: offices}"),)),
    ("a step of whom", "step-without-of", (("{step: drop, of: visits}", "{step: drop}"),)),
    ("a step that is not there", "unknown-transition", (("{step: drop,", "{step: dorp,"),)),
    ("a transition that nothing takes", "by-itself-without-when", ((", do: [{step: drop, of: visits}]", ""),)),
    ("half of the votes lead nowhere", "may-be-stuck",
     (("voted: {from: board, to: visited, when: complete}", "voted: {from: board, to: visited, when: 'complete and count(opinions[outcome = \"approve\"]) > 2'}"),
      ("withdraw: {from: [draft, asked, board, visited]", "withdraw: {from: [draft, asked, visited]"),
      (", all_of_them: {by: member, needs: majority, after: votes}", ""))),
    ("an objection leads nowhere", "may-be-stuck",
     (("answered: {from: asked, to: board, when: complete}", "answered: {from: asked, to: board, when: 'complete and every o in opinions satisfies o.outcome = \"approve\"'}"),
      ("withdraw: {from: [draft, asked, board, visited]", "withdraw: {from: [draft, board, visited]"))),
    ("four eyes over two parts in one direction only", "four-eyes-one-way",
     (("needs: majority, after: votes}", "needs: majority, not_by: votes}"),)),
    ("four eyes over a step that the part does not come after", "four-eyes-avoided",
     (("needs: majority, after: votes}", "needs: majority, not_by: withdraw}"),)),
    ("four eyes over a part that can be left out", "four-eyes-avoided",
     (("when: complete, not_by: submit}", "when: complete, not_by: offices}"),
      ("answered: {from: asked, to: board, when: complete}", "skip: {from: draft, to: board, by: clerk}\n  answered: {from: asked, to: board, when: complete}"))),
    ("a part barred by what happens by itself", "four-eyes-of-nobody",
     (("needs: majority, after: votes}", "needs: majority, after: votes, not_by: answered}"),)),
    ("a part closed to the only one who may", "four-eyes-one-person",
     (("submit: {from: draft, to: asked, by: clerk", "submit: {from: draft, to: asked, by: owner"),
      ("votes: {by: member, needs: 2}", "votes: {by: owner, not_by: submit}"))),
    ("two parts, one after the other, closed to the only one who may", "four-eyes-one-person",
     (("votes: {by: member, needs: 2}, all_of_them: {by: member, needs: majority, after: votes}",
       "votes: {by: owner}, all_of_them: {by: owner, after: votes, not_by: votes}"),)),
    ("two parts that bar each other, for one person", "four-eyes-one-person",
     (("votes: {by: member, needs: 2}, all_of_them: {by: member, needs: majority, after: votes}",
       "votes: {by: owner, not_by: all_of_them}, all_of_them: {by: owner, not_by: votes}"),)),
    ("a step closed to the only one who may, by a part", "four-eyes-one-person",
     (("votes: {by: member, needs: 2}, all_of_them: {by: member, needs: majority, after: votes}", "votes: {by: owner}"),
      ("by: head, when: complete, not_by: submit", "by: owner, when: complete, not_by: votes"))),
    ("two steps of the same name", "step-in-two-workflows",
     (("workflow: visiting", "workflow: paying\nof: permit\nfield: payment\nstates: {unpaid: {initial: true}, paid: {final: true}}\n"
       "transitions: {submit: {from: unpaid, to: paid, by: clerk}}\n---\nworkflow: visiting"),)),
]  # fmt: skip


def changed(changes: tuple[Change, ...]) -> str:
    text = GOOD
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_the_good_one_has_no_problem_and_is_proved() -> None:
    project, problems = read_whole({"app.yaml": GOOD.encode()})
    assert as_text(problems) == "No problems\n"
    assert project is not None
    assert all(verdict.proved for verdict in check_workflows(project, Problems()))


@pytest.mark.parametrize(("title", "code", "changes"), PLANTED, ids=[one[0] for one in PLANTED])
def test_every_planted_defect_is_found_and_named(title: str, code: str, changes: tuple[Change, ...]) -> None:
    _, problems = read_whole({"app.yaml": changed(changes).encode()})
    assert code in {problem.code for problem in problems}, as_text(problems)


@pytest.mark.parametrize(
    "changes",
    [
        ((", require: [offices]", ", when: count(offices) > 0"),),
        ((", require: [offices]", ""), ("offices: {type: links, to: office}", "offices: {type: links, to: office, required: true}")),
        ((", require: [offices]", ""), ("by: [each.officer, clerk]}", "by: [each.officer, clerk]}, law: {by: clerk}")),
        (("drop: {from: planned, to: dropped}", "drop: {from: planned, to: dropped, by: clerk}"),),
        (("majority, after: votes}", "majority, after: votes, not_by: votes}"),),
        (("needs: 2}, all_of_them: {by: member, needs: majority, after: votes}",
          "needs: 2, not_by: all_of_them}, all_of_them: {by: member, needs: majority, not_by: votes}"),),
        (("by: [each.officer, clerk]}", "by: [each.officer, clerk], not_by: creator}"), ("when: complete, not_by: submit", "when: complete, not_by: [submit, votes]")),
        (("offices: {each: offices, by: [each.officer, clerk]}", "first: {each: offices, by: each.officer, not_by: second}, second: {each: offices, by: each.officer, not_by: first}"),),
    ],
)
def test_what_is_taken_care_of_is_no_problem(changes: tuple[Change, ...]) -> None:
    _, problems = read_whole({"app.yaml": changed(changes).encode()})
    assert as_text(problems) == "No problems\n"


def test_numbers_that_conditions_count_are_not_called_proved() -> None:
    text = changed((("when: complete}\n  voted", "when: 'complete and count(opinions) >= 0'}\n  voted"),))
    project, _ = read_project({"app.yaml": text.encode()})
    assert project is not None
    verdicts = {verdict.workflow: verdict.proved for verdict in check_workflows(project, Problems())}
    assert verdicts == {"visiting": True, "review": False}


LOOP = """\
app: loops
---
roles: {clerk: {}}
---
entity: case
fields: {name: text}
access: {clerk: {create: true, read: true}}
---
workflow: flow
of: case
states: {on: {initial: true}, off: {}, over: {final: true}}
transitions:
  switch_off: {from: on, to: off, by: clerk, do: [{step: switch_on, of: this}]}
  switch_on: {from: off, to: on, by: clerk, do: [{step: switch_off, of: this}]}
  end: {from: [on, off], to: over, by: clerk}
"""


def test_steps_that_take_each_other_are_a_circle() -> None:
    _, problems = read_whole({"app.yaml": LOOP.encode()})
    assert "automations-in-a-circle" in {problem.code for problem in problems}, as_text(problems)


def test_steps_that_lead_on_are_none() -> None:
    text = LOOP.replace("switch_on: {from: off, to: on,", "switch_on: {from: off, to: over,")
    _, problems = read_whole({"app.yaml": text.encode()})
    assert as_text(problems) == "No problems\n"


COMMITTEE = """\
app: committee
---
roles: {clerk: {}, member: {}}
---
entity: motion
fields: {name: text!, urgent: boolean}
access: {clerk: {create: true, read: true}, member: {read: true}}
---
workflow: deciding
of: motion
states:
  draft: {initial: true}
  first: {parallel: {law: {by: member, needs: all}, money: {by: member, needs: majority}}}
  second: {parallel: {law: {by: member}, money: {by: clerk}}}
  over: {final: true}
transitions:
  begin: {from: draft, to: first, by: clerk}
  on: {from: first, to: second, when: complete}
  end: {from: second, to: over, when: complete}
"""


def committee(*changes: Change, language: str = "en") -> list[tuple[str, str]]:
    """The codes found in a changed committee, each with the shortest way there."""
    text = COMMITTEE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    project, found = read_project({"app.yaml": text.encode()})
    assert project is not None, as_text(found)
    problems = Problems()
    check_workflows(project, problems)
    return [(problem.code, str(problem.values.get(f"trace_{language}", ""))) for problem in problems]


def test_a_committee_that_is_left_by_its_members_goes_on_by_itself() -> None:
    assert committee() == []


def test_one_who_was_asked_alone_stays_alone() -> None:
    two = "'count(opinions[outcome = \"approve\"]) >= 2'"
    three = "'count(opinions[outcome = \"object\"]) >= 2'"
    changes = ("when: complete}\n  end", f"when: {two}}}\n  against: {{from: first, to: over, when: {three}}}\n  end")
    assert committee(changes) == [("may-be-stuck", "`begin`, `law.approve`, `money.object`")]


def test_who_is_away_may_be_back_before_a_deadline_is_missed() -> None:
    deadline = "  end: {from: second, to: over, when: complete}\ndeadlines:\n  late: {runs_in: [first], within: 3 days, then: give_up}\n"
    give_up = "  give_up: {from: first, to: over, by: clerk, when: complete}\n"
    assert committee(("  end: {from: second, to: over, when: complete}\n", give_up + deadline)) == []


@pytest.mark.parametrize(
    ("law", "money", "stuck"),
    [
        ("needs: all", "needs: all, not_by: law", True),
        ("needs: all, after: money", "needs: all, not_by: law", False),
        ("needs: all", "needs: majority, not_by: law, after: law", True),
        ("needs: majority", "needs: majority, not_by: law, after: law", False),
        ("needs: 3", "needs: all, not_by: law, after: law", False),
        ("needs: 1, not_by: money", "needs: all, not_by: law", False),
    ],
)
def test_four_eyes_over_parts_of_the_same_people_need_somebody_who_is_left(law: str, money: str, stuck: bool) -> None:
    found = committee(("law: {by: member, needs: all}", f"law: {{by: member, {law}}}"),
                      ("money: {by: member, needs: majority}", f"money: {{by: member, {money}}}"))  # fmt: skip
    codes = {code for code, _ in found} - {"four-eyes-one-way"}
    assert codes == set() if not stuck else "may-be-stuck" in codes


@pytest.mark.parametrize(("language", "missed"), [("en", "missed"), ("de", "versäumt")])
def test_what_happens_without_anybody_doing_it_is_told_in_words(language: str, missed: str) -> None:
    found = committee(
        ("  over: {final: true}", "  lost: {}\n  over: {final: true}"),
        ("  on: ", "  late: {from: first, to: lost}\n  out: {from: lost, to: over, by: clerk, when: urgent}\n  on: "),
        ("to: over, when: complete}\n", "to: over, when: complete}\ndeadlines:\n  month: {runs_in: first, within: 1 month, then: late}\n"),
        language=language,
    )  # fmt: skip
    assert found == [("stuck", f"`begin`, `month` ({missed}), `late`")]


def test_whoever_decided_another_part_is_not_back() -> None:
    found = committee(
        ("{law: {by: member, needs: all}, money: {by: member, needs: majority}}",
         "{law: {by: member, not_by: money}, money: {by: member, needs: majority, not_by: law}}"),
        ("to: second, when: complete", "to: second, when: 'count(opinions[outcome = \"object\"]) >= 2'"),
    )  # fmt: skip
    assert found == [("may-be-stuck", "`begin`, `law.approve`")]


def test_parts_of_one_name_in_two_states_are_judged_each_by_its_own_four_eyes() -> None:
    skip = ("  on: ", "  skip: {from: draft, to: second, by: clerk}\n  on: ")
    found = committee(("law: {by: member}, money", "law: {by: member, not_by: on_time}, money"),
                      skip, ("begin:", "on_time:"))  # fmt: skip
    assert found == [("four-eyes-avoided", "`skip`, `law.approve`")]
    found = committee(("law: {by: member, needs: all}", "law: {by: member, needs: all, not_by: on_time}"),
                      skip, ("begin:", "on_time:"))  # fmt: skip
    assert found == []


def test_the_way_with_the_fewest_actions_is_told_even_if_people_do_more_of_them() -> None:
    found = committee(
        ("  over: {final: true}", "  a: {}\n  b: {}\n  c: {}\n  d: {}\n  over: {final: true}"),
        ("end: {from: second, to: over, when: complete}", "end: {from: [second, d], to: over, by: clerk, not_by: begin}"),
        ("  on: ", "  short: {from: draft, to: a, by: clerk}\n  a_to_b: {from: a, to: b, when: 1 = 1}\n"
         "  b_to_d: {from: b, to: d, when: 1 = 1}\n  one: {from: draft, to: c, by: clerk}\n"
         "  two: {from: c, to: d, by: clerk}\n  on: "),
    )  # fmt: skip
    assert found == [("four-eyes-avoided", "`one`, `two`, `end`")]
