"""Reading a project with everything that can be known of it before it runs: structure, meaning, and its workflows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fachwerk.problems import Code, Problems
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.workflows import codes, codes_reading
from fachwerk.workflows.check import check_workflows

CODES: tuple[Code, ...] = (*codes.CODES, *codes_reading.CODES)
"""The problems that only playing the workflows through can show; the catalogue takes them as *more*."""


def read_whole(where: Path | str | Mapping[str, bytes]) -> tuple[Project | None, Problems]:
    """Read a project and play its workflows through; ``None`` where an error keeps it from being used."""
    project, problems = read_project(where)
    if project is not None:
        check_workflows(project, problems)
    return (None if problems.errors else project), problems
