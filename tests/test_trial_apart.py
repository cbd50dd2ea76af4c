"""Scenarios and changes tried in several processes: the same is said, in the same order, as by one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BASE = (Path(__file__).parent / "cases" / "scenarios" / "base.txt").read_text(encoding="utf-8")
LETTER = """
---
document: letter
of: permit
text: "# Permit {number}\\n\\nArea {area}."
"""
SCENARIO = """
---
scenario: house {number}
given:
  anna:  {{user: [applicant], person: {{name: Anna, email: anna@home.example}}}}
  hanna: {{user: [head]}}
  house: {{permit: {{applicant: anna, kind: new, area: {number}.5, plans: [plan.pdf]}}}}
steps:
  - {{as: anna, do: file house, expect: {{house: {{state: filed, fee: {fee}}}}}}}
  - {{as: hanna, do: begin house}}
  - {{everyone: approve house, expect: {{house: {{state: decided}}}}}}
"""
MOST = 12


def written(folder: Path, scenarios: Iterator[str], more: str = "") -> Path:
    """Make a project; where there is *more*, a letter goes with a step."""
    step = "{from: filed, to: review, by: clerk, do: ["
    sent = f"{step}{{notify: applicant, with: granted, attach: letter}}, "
    (folder / "base.yaml").write_text(BASE.replace(step, sent if more else step) + more, encoding="utf-8")
    (folder / "scenarios.yaml").write_text("".join(scenarios).removeprefix("\n---\n"), encoding="utf-8")
    return folder


def scenarios(wrong: int = -1) -> Iterator[str]:
    """Give some scenarios; the one with number *wrong* expects another fee."""
    for number in range(1, MOST + 1):
        yield SCENARIO.format(number=number, fee=7 if number == wrong else 100)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own: this one has threads."""
    command = [sys.executable, "-m", "fachwerk.cli", "test", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def told(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and what was said as JSON, without how long it took."""
    done = run(*arguments, "--json")
    assert done.stdout, done.stderr
    data = json.loads(done.stdout)
    for one in (data, data.get("mutants") or {}, *data["scenarios"]):
        one.pop("seconds", None)
    return done.returncode, data


@pytest.mark.parametrize("more", ["", LETTER])
def test_several_processes_say_what_one_says(tmp_path: Path, more: str) -> None:
    folder = str(written(tmp_path, scenarios(wrong=5), more))
    code, alone = told(folder, "--jobs", "1")
    assert told(folder, "--jobs", "3") == (code, alone)
    assert [one["name"] for one in alone["scenarios"]] == [f"house {number}" for number in range(1, MOST + 1)]
    assert (code, alone["failed"]) == (1, 1)


@pytest.mark.parametrize("more", ["", LETTER])
def test_changes_are_noticed_by_several_processes_as_by_one(tmp_path: Path, more: str) -> None:
    folder = str(written(tmp_path, scenarios(), more))
    wanted = (folder, "--mutate", "--most", "8", "--seed", "2")
    assert told(*wanted, "--jobs", "1") == told(*wanted, "--jobs", "3")


IN_COPIES = """
import asyncio, sys
from pathlib import Path
from fachwerk.engine.trial.apart import copies, in_copies
from fachwerk.engine.trial.trying import chosen, try_scenarios
from fachwerk.schemas.read import read_project

project, _ = read_project(Path(sys.argv[1]))
wanted = chosen(project, None)
print(copies(), try_scenarios(project, wanted, jobs=3).passed)
print(copies(), try_scenarios(project, wanted, jobs=1).passed)
print(copies(), try_scenarios(project, wanted, jobs=3).passed)
"""


def test_a_process_with_threads_is_not_copied(tmp_path: Path) -> None:
    """Setting a document starts threads: done by copies, this process stays without; done here, none is copied."""
    written(tmp_path, scenarios(), LETTER)
    command = [sys.executable, "-c", IN_COPIES, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.split() == ["True", "True", "True", "True", "False", "True"], done.stderr


BROKEN = """
from fachwerk.engine.trial.apart import in_copies

def work(take, tell):
    while (number := take()) is not None:
        tell(10 // (number - 3))

try:
    print(sorted(in_copies(work, 10, 2)))
except RuntimeError as error:
    print("ZeroDivisionError" in str(error))
"""


def test_what_goes_wrong_in_a_copy_is_said() -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["True"], done.stderr
