"""What the command line writes: plain text where a program reads, colour and progress where a person looks."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-c", "from fachwerk.cli import main; main(prog_name='fachwerk')")
PLAIN = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "FACHWERK_LANGUAGE": "en"}
ESCAPE = "\x1b["


GOLDEN = """\
warning[nobody-reads]: nobody may read `plot`
 --> app.yaml:4:9
  |
4 | entity: plot
  |         ^^^^
  = add `access`, such as access: {clerk: {read: true}}

error[unknown-kind]: there is no field kind `txet`
 --> app.yaml:5:20
  |
5 | fields: {district: txet}
  |                    ^^^^
  = did you mean "text"?

1 error, 1 warning in 1 file (… ms)
"""


def environment(more: Mapping[str, str] = {}) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**told, **PLAIN, **more}


def in_a_pipe(*arguments: str) -> tuple[int, str]:
    """Return the exit code and all that was written."""
    done = subprocess.run([*COMMAND, *arguments], env=environment(), capture_output=True, timeout=60, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def in_a_terminal(*arguments: str, more: Mapping[str, str] = {}) -> tuple[int, str]:
    """Return the exit code and all that a person would see."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=environment(more), stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            some = os.read(ours, 65_536)
        except OSError:  # the other end was closed
            break
        if not some:
            break
        seen += some
    os.close(ours)
    return process.wait(60), seen.decode()


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """A project with a mistake."""
    (tmp_path / "app.yaml").write_text("app: town\nlanguages: [en]\n---\nentity: plot\nfields: {district: txet}\n")
    return str(tmp_path)


def test_a_pipe_gets_plain_text(wrong: str) -> None:
    code, text = in_a_pipe("validate", wrong)
    assert code == 1
    assert re.sub(r"\d+ ms|\d+\.\d s", "… ms", text) == GOLDEN


def test_a_terminal_gets_colour(wrong: str) -> None:
    code, text = in_a_terminal("validate", wrong)
    assert code == 1
    assert ESCAPE in text
    assert ESCAPE not in in_a_terminal("validate", wrong, more={"NO_COLOR": "1"})[1]


def test_progress_is_shown_where_a_person_looks(tmp_path: Path) -> None:
    def demo(name: str) -> tuple[str, ...]:
        return ("demo", "building_permits", "--records", "10", "--no-serve", "--database", f"sqlite:///{tmp_path}/{name}.db")

    code, text = in_a_pipe(*demo("pipe"))
    assert code == 0, text
    assert "\x1b" not in text
    assert "\r" not in text
    assert "%" not in text
    assert "Password of all" in text
    code, text = in_a_terminal(*demo("terminal"))
    assert code == 0, text
    assert "\r" in text.replace("\r\n", "\n")
    assert "%" in text


def test_refusals_are_sentences_in_both(tmp_path: Path) -> None:
    code, text = in_a_pipe("serve", "--database", f"sqlite:///{tmp_path}/none.db")
    assert code == 1
    assert "nothing was ever deployed there" in text
    assert "Traceback" not in text
    assert "\x1b" not in text
    assert ESCAPE in in_a_terminal("serve", "--database", f"sqlite:///{tmp_path}/none.db")[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/town", "cannot be opened"),
        ("postgresql://nobody:secret@127.0.0.1:port/town", "no address of a database"),
        ("mysql://nobody:secret@127.0.0.1/town", "no address of a database"),
        ("sqlite:////no/such/folder/town.db", "cannot be opened"),
    ],
)
def test_a_database_that_is_not_there_is_a_sentence(url: str, said: str) -> None:
    code, text = in_a_pipe("versions", "--database", url)
    assert code == 1
    assert said in text
    assert "Traceback" not in text
    assert "secret" not in text


SLOW = ("holidays", "phonenumbers", "email_validator", "sqlalchemy.dialects.postgresql.base", "asyncpg", "openpyxl",
        "watchfiles", "email.headerregistry", "jsonschema")  # fmt: skip


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("fachwerk.cli", ("yaml", "sqlalchemy", "jinja2", "uvicorn", *SLOW)),
        ("fachwerk.schemas.read", ("sqlalchemy", "jinja2", "uvicorn", "starlette", "asyncio", *SLOW)),
        ("fachwerk.engine.server.serving", tuple(name for name in SLOW if name != "watchfiles")),
    ],
)
def test_starting_loads_nothing_that_the_first_answer_does_not_need(module: str, never: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*(name for name in {never!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
