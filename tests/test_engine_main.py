"""The key that secrets are encrypted with: where it comes from, and the refusal where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fachwerk.engine.main import keys_for
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

POSTGRES = "postgresql://somebody@localhost/somewhere"
PLAIN = "entity: note\nfields: {text: text!}\naccess: {clerk: {read: true}}\n---\nroles: {clerk: {}}\n"
SECRET = PLAIN.replace("text: text!", "text: text!, pin: secret")
IN_ROWS = PLAIN.replace("text: text!", "lines: {type: rows, fields: {pin: secret}}")


def project(text: str) -> Project:
    found, problems = read_project({"p.yaml": f"app: p\n---\n{text}".encode()})
    assert found is not None, [problem.message() for problem in problems]
    return found


@pytest.mark.parametrize(("text", "place"), [(SECRET, "note.pin"), (IN_ROWS, "note.lines.pin")])
def test_postgres_refuses_secrets_without_a_key(text: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        keys_for(project(text), POSTGRES, {})
    assert refused.value.code == "no_key"
    assert place in refused.value.message["en"]
    assert "FACHWERK_KEY" in refused.value.message["en"]
    assert "FACHWERK_KEY" in refused.value.message["de"]


def test_postgres_needs_no_key_without_secrets() -> None:
    assert len(keys_for(project(PLAIN), POSTGRES, {}).secret) == 32


def test_a_key_that_is_given_counts_everywhere(tmp_path: Path) -> None:
    given = {"FACHWERK_KEY": "long and random"}
    first = keys_for(project(SECRET), POSTGRES, given)
    assert first == keys_for(project(SECRET), f"sqlite:///{tmp_path / 'a.db'}", given)
    assert not (tmp_path / "a.db.key").exists()
    assert first != keys_for(project(SECRET), POSTGRES, {"FACHWERK_KEY": "another"})


def test_beside_an_sqlite_file_lies_its_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first = keys_for(project(SECRET), url, {})
    assert first == keys_for(project(SECRET), url, {})
    assert (tmp_path / "a.db.key").stat().st_mode & 0o777 == 0o600
