"""The tutorial holds what it says: every block is a file, every message is the one that comes, and the end result runs.

``UPDATE_TUTORIAL=1`` writes the messages into the text anew, to be read before they are committed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fachwerk.engine.demo.running import make_demo
from fachwerk.engine.main import build
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text

PAGE = Path(__file__).parent.parent / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(?P<kind>yaml|text) ?(?P<what>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def steps() -> Iterator[tuple[re.Match[str], dict[str, str]]]:
    """Yield every block that shows messages, with the files as they are then."""
    files: dict[str, str] = {}
    tried: dict[str, str] = {}
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        name, _, how = block["what"].partition(" ")
        if block["kind"] == "text":
            yield block, tried
            tried = dict(files)
        elif how == "wrong":
            tried = {**files, name: block["text"]}
        else:
            files[name] = files[name] + "\n" + block["text"] if how == "+" else block["text"]
            tried = dict(files)
    yield re.match("", ""), files  # type: ignore[misc]


def said(files: dict[str, str]) -> str:
    _, problems = read_project({name: text.encode() for name, text in files.items()})
    return as_text(problems, files=len(files))


def whole() -> Project:
    *_, (_, files) = steps()
    project, problems = read_project({name: text.encode() for name, text in files.items()})
    assert project is not None, as_text(problems)
    assert len(problems) == 0, as_text(problems)
    return project


def test_every_message_is_the_one_that_comes() -> None:
    text, moved = PAGE.read_text(encoding="utf-8"), 0
    blocks = [(block, said(files)) for block, files in steps() if block.groups()]
    assert len(blocks) >= 4
    if os.environ.get("UPDATE_TUTORIAL"):
        for block, message in blocks:
            start, end = (place + moved for place in block.span("text"))
            text = text[:start] + message + text[end:]
            moved += len(message) - len(block["text"])
        PAGE.write_text(text, encoding="utf-8")
        return
    for block, message in blocks:
        assert block["text"] == message


def test_the_end_result_has_no_problem() -> None:
    project = whole()
    assert set(project.entities) == {"tool", "person", "loan"}
    assert "lending" in project.workflows


def test_the_end_result_runs(sqlite_url: str) -> None:
    """Demo data goes in; a loan of 20 days is refused in the words of the file; a case goes its way with four eyes."""
    project = whole()
    count, _ = asyncio.run(make_demo(project, sqlite_url, 60))
    assert set(count.made) == {"tool", "person", "loan"}
    assert not count.refused
    asyncio.run(_drive(project, sqlite_url))


async def _drive(project: Project, url: str) -> None:
    running = await build(project, url)
    service = running.service
    try:
        rows = await running.database.fetch("select sign_in, id from fw_user")
        ids = {row[0]: str(row[1]) for row in rows}
        people = {
            name: Person(ids[name], name, "", frozenset(project.demo.users[name] if project.demo else ()), "en")
            for name in ids
        }
        drill = await service.create(people["omar"], "tool", {"name": "Lathe", "kind": "wood", "value": 300})
        today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
        loan = {"tool": drill.id, "starts": today, "ends": today + dt.timedelta(days=19)}
        with pytest.raises(Refused) as refused:
            await service.create(people["nina"], "loan", loan)
        assert refused.value.fields["ends"]["en"] == "A tool is lent for 14 days at most, not for 20."
        loan["ends"] = today + dt.timedelta(days=4)
        case = await service.create(people["nina"], "loan", loan)
        assert case.values["deposit"] == 60
        with pytest.raises(Refused):
            await service.act(people["nina"], "loan", case.id, "hand_out")
        await service.act(people["omar"], "loan", case.id, "hand_out")
        record = await service.act(people["olga"], "loan", case.id, "take_back", values={"remark": "Clean."})
        assert record.values["state"] == "returned"
    finally:
        await running.database.close()
