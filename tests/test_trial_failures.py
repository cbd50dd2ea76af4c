"""Scenarios that fail, each with the whole text that it leads to, in English and German.

``UPDATE_CASES=1 pytest tests/test_trial_failures.py`` writes the expected texts anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from fachwerk.engine.trial.report import result_text
from fachwerk.engine.trial.trying import chosen, try_scenarios
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import Style, as_text

FOLDER = Path(__file__).parent / "cases" / "scenarios"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def project_of(name: str) -> Project:
    files = {"base.yaml": (FOLDER / "base.txt").read_bytes(), f"{name}.yaml": (FOLDER / f"{name}.yaml").read_bytes()}
    project, problems = read_project(files)
    assert project is not None, as_text(problems)
    return project


@pytest.mark.parametrize("name", CASES)
def test_failure(name: str) -> None:
    project = project_of(name)
    tried = try_scenarios(project, chosen(project, None))
    assert not tried.passed
    for language in ("en", "de"):
        texts = [result_text(result, Style(language)) for result in tried.results]
        said = re.sub(r"\d+[.,]\d+ s$", "TIME", "\n".join(texts), flags=re.MULTILINE)
        path = FOLDER / f"{name}.{language}.txt"
        if os.environ.get("UPDATE_CASES"):
            path.write_text(said + "\n", encoding="utf-8")
        assert said + "\n" == path.read_text(encoding="utf-8")
