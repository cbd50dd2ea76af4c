"""The examples with a little demo data, for tests that look at what people see in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from fachwerk.engine.demo.running import PASSWORD, DemoUser, make_demo
from fachwerk.engine.main import Running, build
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

EXAMPLES = sorted(path.parent for path in (Path(__file__).parent.parent.parent / "examples").glob("*/app.yaml"))
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
__all__ = ["EXAMPLES", "NOW", "PASSWORD", "Demo", "open_demo"]


@dataclass(frozen=True)
class Demo:
    """An example on an open database, and who can sign in with :data:`PASSWORD`."""

    project: Project
    running: Running
    users: tuple[DemoUser, ...]


async def open_demo(folder: Path, url: str, records: int) -> Demo:
    """Make demo data in the empty database of *url* and open it."""
    project, problems = read_project(folder)
    assert project is not None, [problem.message() for problem in problems]
    assert not problems.errors, [problem.message() for problem in problems.errors]
    _, users = await make_demo(project, url, records, now=NOW)
    return Demo(project, await build(project, url), users)
