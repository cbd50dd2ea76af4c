"""The page for whoever runs Fachwerk: its reference of commands is that of the command line.

``UPDATE_OPERATION=1`` writes it anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
from fachwerk.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "operation.md"
SECTION = re.compile(r"(<!-- commands: begin[^\n]*-->\n)(.*?)(<!-- commands: end -->)", re.DOTALL)


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def described(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    help_text = " ".join((command.help or "").replace("\b", "").split())
    lines = [f"### `{' '.join([path, *arguments])}`", "", help_text, ""]
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    rows = [f"| `{record[0]}` | {record[1].replace('|', ' or ')} |" for record in records if record]
    if rows:
        lines += ["| option | |", "|---|---|", *[row.replace("|de]", " or de]") for row in rows], ""]
    return "\n".join(lines)


def test_the_reference_of_commands_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = SECTION.search(text)
    assert found
    fresh = "\n".join(described(path, command) for path, command in commands(main, "fachwerk"))
    if os.environ.get("UPDATE_OPERATION"):
        PAGE.write_text(text[: found.start(2)] + fresh + text[found.end(2) :], encoding="utf-8")
        return
    assert found[2] == fresh, "run: UPDATE_OPERATION=1 pytest tests/test_operation.py"


def test_every_variable_is_named() -> None:
    """What the code asks the environment for stands on the page."""
    root = PAGE.parent.parent
    files = [root / "cli.py", *(root / "engine").rglob("*.py")]
    asked = {
        name for file in files for name in re.findall(r"FACHWERK_[A-Z]+(?:_[A-Z]+)*", file.read_text(encoding="utf-8"))
    }
    page = PAGE.read_text(encoding="utf-8")
    assert {name for name in asked if name not in page} == set()
