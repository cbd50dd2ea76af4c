"""A folder of mistakes as people make them, each with the whole text that it leads to, in English and German.

``UPDATE_CASES=1 pytest tests/test_schemas_wrong.py`` writes the expected texts anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fachwerk.problems import Problems
from fachwerk.schemas.catalogue import OWN
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text

WRONG = Path(__file__).parent / "cases" / "wrong"
CASES = sorted(path.stem for path in WRONG.glob("*.yaml"))
LANGUAGES = ("en", "de")


def files_of(name: str) -> Mapping[str, bytes]:
    """A wrong file beside the base, unless its first line says that it stands alone."""
    content = (WRONG / f"{name}.yaml").read_bytes()
    alone = content.startswith(b"# alone")
    return {f"{name}.yaml": content, **({} if alone else {"base.yaml": (WRONG / "base.txt").read_bytes()})}


def problems_of(name: str) -> Problems:
    return read_project(files_of(name))[1]


def held(name: str, language: str, said: str) -> None:
    """Compare with the expected text, or write it."""
    path = WRONG / f"{name}.{language}.txt"
    if os.environ.get("UPDATE_CASES"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_the_base_has_no_mistake() -> None:
    project, problems = read_project({"base.yaml": (WRONG / "base.txt").read_bytes()})
    assert as_text(problems) == "No problems\n"
    assert project is not None


@pytest.mark.parametrize("name", CASES)
def test_mistake(name: str) -> None:
    problems = problems_of(name)
    assert len(problems) > 0
    for language in LANGUAGES:
        held(name, language, as_text(problems, language=language, files=len(files_of(name))))


def test_there_are_many() -> None:
    assert len(CASES) >= 70


# mistakes that no text file can show


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_bytes((WRONG / "base.txt").read_bytes())
    return tmp_path


def held_folder(folder: Path, name: str) -> None:
    problems = read_project(folder)[1]
    for language in LANGUAGES:
        held(name, language, as_text(problems, language=language).replace(str(folder), "FOLDER"))


def test_not_utf_8(folder: Path) -> None:
    (folder / "visit.yaml").write_bytes("entity: visit\nlabel: Gespräch\n".encode("latin-1"))
    held_folder(folder, "made_not_utf_8")


def test_link_out_of_the_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("entity: secret\nfields: {name: text}\n")
    (folder / "visit.yaml").symlink_to(secret)
    held_folder(folder, "made_link_out_of_the_folder")


def test_link_to_nothing(folder: Path) -> None:
    (folder / "visit.yaml").symlink_to(folder / "nothing.yaml")
    held_folder(folder, "made_link_to_nothing")


def test_file_too_big(folder: Path) -> None:
    (folder / "data.yaml").write_text("# data\n" * 700_000)
    held_folder(folder, "made_file_too_big")


def test_all_files_too_big(folder: Path) -> None:
    for at in range(12):
        (folder / f"data_{at:02}.yaml").write_text("# data\n" * 500_000)
    held_folder(folder, "made_too_many_bytes")


def test_too_many_files(folder: Path) -> None:
    for at in range(2_001):
        (folder / f"data_{at:04}.csv").touch()
    held_folder(folder, "made_too_many_files")


def test_no_files(tmp_path: Path) -> None:
    held_folder(tmp_path, "made_no_files")


# every code


def said_codes() -> Iterator[str]:
    for path in WRONG.glob("*.en.txt"):
        yield from re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("code", sorted(code.code for code in OWN))
def test_every_code_has_a_failing_example(code: str) -> None:
    assert code in set(said_codes())
