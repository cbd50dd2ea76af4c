"""``fachwerk validate`` as a function: reads a project, and says how it went."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fachwerk.problems import Problems
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_json, as_sarif, as_text


@dataclass(frozen=True, slots=True)
class Validation:
    """What came out: the project if it can be used, all problems, and the figures of the summary."""

    project: Project | None
    problems: Problems
    files: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the project can be used; warnings do not count."""
        return self.project is not None

    def text(self, language: str = "en", *, color: bool = False) -> str:
        """Return the report for people."""
        return as_text(self.problems, language=language, color=color, files=self.files, seconds=self.seconds)

    def json(self, language: str = "en") -> str:
        """Return the report as JSON."""
        return as_json(self.problems, language=language, files=self.files)

    def sarif(self, language: str = "en", version: str = "0") -> str:
        """Return the report as SARIF 2.1.0."""
        return as_sarif(self.problems, language=language, version=version)


def validate(where: Path | str | Mapping[str, bytes]) -> Validation:
    """Read and check the project in a folder (or in files by name); never raises because of what stands in it."""
    begun = time.perf_counter()
    project, problems = read_project(where)
    seconds = time.perf_counter() - begun
    return Validation(project, problems, _count(where, project), seconds)


def _count(where: Path | str | Mapping[str, bytes], project: Project | None) -> int:
    if isinstance(where, Mapping):
        return len(where)
    if project is not None:
        return len(project.files)
    return sum(1 for path in Path(where).rglob("*") if path.suffix.lower() in (".yaml", ".yml", ".dmn"))
