"""Whole workflows of several offices: those with a defect, with what is said of it, and good ones, of which nothing is said.

``UPDATE_CASES=1 pytest tests/test_workflows_check_played.py`` writes the expected texts anew, to be read before they are
committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fachwerk.engine.validation import read_whole
from fachwerk.problems import Problems
from fachwerk.schemas.report import as_text

PLAYED = Path(__file__).parent / "cases" / "played"
WRONG = {
    "wrong_board": "may-be-stuck",
    "wrong_check_by_itself": "state-passed-through",
    "wrong_complaint": "then-asks-nobody",
    "wrong_data_deletion": "then-may-not-happen",
    "wrong_escalation": "stuck",
    "wrong_grant_and_payment": "message-tells-unread",
    "wrong_hospital_discharge": "stuck",
    "wrong_inspections": "waits-for-ever",
    "wrong_leave": "conditions-gap",
    "wrong_named_people": "named-may-not-read",
    "wrong_opinions": "part-never-decided",
    "wrong_permit_of_seven_offices": "named-may-not-read",
    "wrong_procurement": "four-eyes-of-all",
    "wrong_rent_arrears": "never-taken",
    "wrong_ward_messages": "message-tells-unread",
}
RIGHT = sorted(path.stem for path in PLAYED.glob("right_*.yaml"))


def played(name: str) -> Problems:
    return read_whole({f"{name}.yaml": (PLAYED / f"{name}.yaml").read_bytes()})[1]


def test_every_file_is_played() -> None:
    assert sorted(WRONG) == sorted(path.stem for path in PLAYED.glob("wrong_*.yaml"))
    assert len(WRONG) >= 10
    assert len(RIGHT) >= 10


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_defect_is_told(name: str) -> None:
    problems = played(name)
    assert WRONG[name] in {problem.code for problem in problems}
    for language in ("en", "de"):
        path, said = PLAYED / f"{name}.{language}.txt", as_text(problems, language=language, files=1)
        if os.environ.get("UPDATE_CASES"):
            path.write_text(said, encoding="utf-8")
        assert said == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RIGHT)
def test_a_good_one_has_no_problem(name: str) -> None:
    assert as_text(played(name)) == "No problems\n"
