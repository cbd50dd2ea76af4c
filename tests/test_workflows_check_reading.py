"""The model check of who may read: whom a path names, and who is told."""

from __future__ import annotations

import pytest
from fachwerk.engine.validation import read_whole
from fachwerk.problems import Problems
from fachwerk.schemas.report import as_text

PROJECT = """\
app: permits
---
roles: {clerk: {}, citizen: {}, head: {}, auditor: {AUDITOR}}
---
entity: person
fields: {name: text!, user: {type: user, unique: true}, team: {type: link, to: team}}
access: {clerk: {create: true, read: true}}
---
entity: team
fields: {name: text!, head: user, members: {type: back_links, of: person.team}}
access: {clerk: {create: true, read: true}}
---
entity: office
fields: {name: text!, officer: user}
access: {clerk: {create: true, read: true}}
---
entity: permit
fields:
  applicant: {type: link, to: person, default: my person}
  neighbour: {type: link, to: person}
  team: {type: link, to: team}
  offices: {type: links, to: office, required: true}
  secret: boolean
access:
  citizen: {create: true, read: CITIZEN}
  clerk: {read: CLERK}
---
workflow: review
of: permit
states: {draft: {initial: true}, open: {OPEN}, done: {final: true}}
transitions:
  submit: {from: draft, to: open, by: [citizen, clerk]}
  finish: {from: FROM, to: done, BY}
DEADLINES"""
NONE = {"AUDITOR": "", "CLERK": "'false'", "OPEN": "", "FROM": "open", "BY": "by: applicant", "DEADLINES": ""}
MINE = {"CITIZEN": "applicant.user = me"}


def said(words: dict[str, str]) -> Problems:
    text = PROJECT
    for name, word in {**NONE, **words}.items():
        text = text.replace(name, word)
    return read_whole({"permits.yaml": text.encode()})[1]


def codes(words: dict[str, str]) -> set[str]:
    problems = said(words)
    assert not problems.errors or {one.code for one in problems.errors} <= {"stuck"}, as_text(problems)
    return {one.code for one in problems}


PARTS = {"OPEN": "parallel: {p: {each: offices, by: each.officer}}", "BY": "when: complete"}
UNREAD: list[tuple[str, dict[str, str]]] = [
    ("somebody else reads", {**MINE, "BY": "by: neighbour"}),
    ("read in another state", {"CITIZEN": "'applicant.user = me and state = \"draft\"'", "CLERK": "state != null"}),
    ("read in other states", {"CITIZEN": "'applicant.user = me and state in [\"draft\", \"done\"]'", "CLERK": "true"}),
    ("not read in the present one", {"CITIZEN": "'applicant = my person and state != \"open\"'", "CLERK": "true"}),
    ("not read in these", {"CITIZEN": "'applicant = my person and not(state in [\"open\", \"done\"])'", "CLERK": "true"}),
    ("the creator reads", {"CITIZEN": "created_by = me", "BY": "by: neighbour"}),
    ("members read, the head does not", {"CITIZEN": "some m in team.members satisfies m.user = me", "BY": "by: team.head"}),
    ("an opinion of one of many", {"CITIZEN": "some m in team.members satisfies m.user = me", **PARTS}),
    ("all of many", {**MINE, "OPEN": "parallel: {p: {by: team.members, needs: all}}", "BY": "when: complete"}),
    ("one of the states", {"CITIZEN": "'applicant.user = me and state = \"draft\"'", "CLERK": "true", "FROM": "[draft, open]"}),
    ("nobody else in one of them", {"CITIZEN": "'applicant.user = me and state = \"draft\"'", "CLERK": "true", "FROM": "[draft, open]",
                                    "BY": "by: [applicant, head]"}),
    ("a deadline", {**MINE, "DEADLINES": "deadlines: {soon: {runs_in: open, within: 3 days, pause: {by: neighbour}}}\n"}),
    ("who may extend", {**MINE, "DEADLINES": "deadlines: {soon: {runs_in: open, within: 3 days, extend: {by: neighbour, most: 2 days}}}\n"}),
]
READ: list[tuple[str, dict[str, str]]] = [
    ("by the path", MINE),
    ("by their own record", {"CITIZEN": "applicant = my person"}),
    ("the other way round", {"CITIZEN": "me = applicant.user"}),
    ("beside others", {"CITIZEN": "neighbour.user = me or applicant.user = me"}),
    ("in this state", {"CITIZEN": "'applicant.user = me and state in [\"open\", \"draft\"]'"}),
    ("who made it is who is filled in", {"CITIZEN": "created_by = me"}),
    ("one of many", {"CITIZEN": "some m in team.members satisfies m = my person", "OPEN": "parallel: {p: {by: team.members}}", "BY": "when: complete"}),
    ("an office of many", {"CITIZEN": "some o in offices satisfies o.officer = me", **PARTS}),
    ("everybody with a role", {"CITIZEN": "neighbour.user = me", "CLERK": "true"}),
    ("everybody with a role, then", {"CITIZEN": "neighbour.user = me", "CLERK": "'state != \"draft\"'"}),
    ("who reads everything", {"CITIZEN": "neighbour.user = me", "AUDITOR": "reads: everything"}),
    ("whatever a right asks beside", {"CITIZEN": "'applicant.user = me and secret = false'"}),
    ("of the same team", {"CITIZEN": "team = my person.team", "BY": "by: team.head"}),
    ("not those", {"CITIZEN": "created_by != me", "BY": "by: team.head"}),
    ("conditions of more", {"CITIZEN": "some o in offices satisfies o.officer = me and o.name = \"x\"", "BY": "by: team.head"}),
    ("others in one of the states", {"CITIZEN": "'applicant.user = me and state = \"draft\"'", "CLERK": "true", "FROM": "[draft, open]",
                                     "BY": "by: [applicant, clerk]"}),
]  # fmt: skip


@pytest.mark.parametrize("words", [one for _, one in UNREAD], ids=[name for name, _ in UNREAD])
def test_who_is_named_and_may_not_read_is_told(words: dict[str, str]) -> None:
    assert "named-may-not-read" in codes(words)


@pytest.mark.parametrize("words", [one for _, one in READ], ids=[name for name, _ in READ])
def test_who_may_read_or_may_not_be_told_of_is_not(words: dict[str, str]) -> None:
    assert not codes(words) & {"named-may-not-read", "nobody-can-take", "stuck", "may-be-stuck"}


def test_what_nobody_at_all_may_read_is_stuck() -> None:
    words = {"CITIZEN": "'applicant.user = me and state = \"draft\"'", "CLERK": "'state = \"draft\"'"}
    text = as_text(said(words))
    assert "whoever is in state `open` stays there" in text
    assert "nobody can take `finish`: `applicant.user` may not read a case in `open`" in text


TOLD = "do: [{notify: WHOM, with: news}]"
NEWS = "---\nmessage: news\nof: permit\nsubject: 'News of SAYS'\nbody: Look.\n"


@pytest.mark.parametrize(("whom", "says", "clerk", "told"), [
    ("head", "{team}", "true", "none of whom may read `permit`"),
    ("clerk", "{team}", "'state = \"draft\"'", "none of whom may read `permit` in state `done`"),
    ("clerk", "{team}", "team = my person.team", "each of whom may read only some records of `permit` (`team = my person.team`)"),
    ("clerk", "{team}", "'applicant.user = me or state = \"draft\"'", "each of whom may read only some records"),
    ("clerk", "{team}", "true", ""),
    ("clerk", "{team}", "secret = false", ""),
    ("clerk", "{team}", "'team = my person.team or state = \"done\"'", ""),
    ("clerk", "{team}", "'team = my person.team or secret = false'", ""),
    ("clerk", "something", "team = my person.team", ""),
    ("team.members", "{team}", "true", ""),
])  # fmt: skip
def test_who_is_told_of_what_they_may_not_read(whom: str, says: str, clerk: str, told: str) -> None:
    by = f"by: applicant, {TOLD.replace('WHOM', whom)}"
    text = as_text(said({**MINE, "CLERK": clerk, "BY": by, "DEADLINES": NEWS.replace("SAYS", says)}))
    assert ("message-tells-unread" in text) is bool(told), text
    assert told in text
