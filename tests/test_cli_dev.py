"""``fachwerk dev`` as a person uses it: a mistake, mended; a field more, a field less; the database follows and says what it costs."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

COMMAND = (sys.executable, "-c", "from fachwerk.cli import main; main(prog_name='fachwerk')")
PROJECT = "app: town\nlanguages: [en]\n---\nroles: {clerk: {}}\n---\nentity: plot\nfields:\n  name: text!\n"
ACCESS = "access: {clerk: {create: true, read: true, update: true}}\n"


class Session:
    """A running ``fachwerk dev`` and what it says."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "app.yaml"
        command = [*COMMAND, "dev", str(folder), "--port", "0"]
        told = {**os.environ, "FACHWERK_LANGUAGE": "en", "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.decode())

    def until(self, wanted: str) -> str:
        """Return all that is said up to a line that holds *wanted*."""
        said = ""
        while wanted not in said:
            said += self._lines.get(timeout=60)
        return said

    def write(self, fields: str = "") -> None:
        """Save the file with further fields."""
        whole = self.file.parent.with_suffix(".yaml")
        whole.write_text(PROJECT + fields + ACCESS)
        whole.replace(self.file)  # at once: half a file is a mistake of its own


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    (tmp_path / "app.yaml").write_text(PROJECT + ACCESS)
    made = Session(tmp_path)
    yield made
    made.process.terminate()
    made.process.wait(60)
    assert made.process.stdout is not None
    made.process.stdout.close()


class Visitor:
    """Somebody with a browser at the address that was said."""

    def __init__(self, said: str) -> None:
        found = re.search(r"http://localhost:\d+", said)
        assert found is not None
        self.base = found[0]
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def open(self, path: str, fields: dict[str, str] | None = None) -> str:
        """Return the page that comes in the end; *fields* are sent as a form."""
        data = urlencode(fields).encode() if fields else None
        with self._opener.open(self.base + path, data, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def send(self, path: str, at: str, fields: dict[str, str]) -> str:
        """Send the form on the page *path* to *at*."""
        token = re.search(r'name="_csrf" value="([^"]+)"', self.open(path))
        assert token is not None
        return self.open(at, {"_csrf": token[1], **fields})


def test_a_change_is_followed_and_a_mistake_is_said(session: Session) -> None:
    first = Visitor(session.until("http://")).open("/sign-in")
    assert "fachwerk-demo" in first, "somebody can sign in"
    session.write("  size: integre\n")
    said = session.until("1 error")
    assert "app.yaml:9:9" in said
    assert 'did you mean "integer"?' in said
    assert "Traceback" not in said
    session.write("  size: {type: integer, default: 3}\n")
    assert "http://" in session.until("http://")
    session.write()
    said = session.until("http://")
    assert "lost" not in said, "nothing stood in the field"
    assert Visitor(said).open("/sign-in")


def test_values_that_a_change_costs_are_named(session: Session) -> None:
    session.until("http://")
    session.write("  size: integer\n")
    visitor = Visitor(session.until("http://"))
    visitor.send("/sign-in", "/sign-in", {"name": "clerk", "password": "fachwerk-demo"})
    assert "Meadow" in visitor.send("/e/plot/new", "/e/plot/new", {"name": "Meadow", "size": "7", "_save": "1"})
    session.write()
    said = session.until("http://")
    assert "has lost these values" in said
    assert "plot.size" in said
    assert re.findall(r"http://\S+", said) == [visitor.base], said
    assert "Meadow" in visitor.open("/e/plot")
