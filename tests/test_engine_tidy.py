"""Tidying: everything that files say about the past is taken out, and nothing else: comments and formatting stay."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from changing import ACCESS, HEAD
from click.testing import CliRunner, Result
from fachwerk.cli import main
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import build
from fachwerk.schemas.past import Past
from fachwerk.schemas.read import read_project
from office import read_text

ROLES = HEAD.replace("roles: {clerk: {label: Clerk}}", "roles: {clerk: {label: Clerk}, head: {label: Head}}")
OLD = (
    ROLES.replace("head: {label: Head}", "boss: {label: Head}")
    + f"""entity: thing
title: name
fields:
  name: text!
  fax: text
  size: integer
  kind: {{type: choice, options: [a, b, c]}}
  parts: {{type: rows, fields: {{what: text, much: integer}}}}
{ACCESS}---
entity: gone
title: name
fields: {{name: text!}}
{ACCESS}---
relation: part
from: thing
to: box
fields: {{share: integer}}
{ACCESS}---
entity: box
title: name
fields: {{name: text!}}
{ACCESS}---
workflow: flow
of: thing
states: {{draft: {{initial: true}}, odd: {{}}, done: {{final: true}}}}
transitions:
  go: {{from: draft, to: odd, by: clerk}}
  end: {{from: odd, to: done, by: clerk}}
"""
)


def whole(thing: str, *, more: str = "", states: str = "", relation: str = "", roles: str = "") -> str:
    """A later configuration around the fields of the thing."""
    head = ROLES.replace("head: {label: Head}", roles or "head: {label: Head, was: boss}")
    steps = "  go: {from: draft, to: mid, by: clerk}\n  end: {from: mid, to: done, by: clerk}\n"
    return (
        f"{head}{thing}{ACCESS}{more}---\n{relation or 'relation: part'}\nfrom: thing\nto: box\n"
        f"fields: {{share: integer}}\n{ACCESS}---\nentity: box\ntitle: name\nfields: {{name: text!}}\n{ACCESS}---\n"
        f"workflow: flow\nof: thing\n{states}states: {{draft: {{initial: true}}, mid: {{}}, done: {{final: true}}}}\n"
        f"transitions:\n{steps}"
    )


THING = """entity: item
was: thing   # it was called thing
title: name
fields:
  name: text!
  # what people used to send
  fax: {drop: true}
  extent:   # in metres
    type: integer
    was: size
    convert: size * 100   # centimetres
  kind: {type: choice, options: {a: A, d: {label: D, was: [b, c]}}}
  code: {type: text, fill: name, label: Code}
  parts:
    type: rows
    was: parts_before
    fields: {label: {type: text, was: what}, much: {drop: true}}
"""
TIDY = """entity: item
title: name
fields:
  name: text!
  # what people used to send
  extent:   # in metres
    type: integer
  kind: {type: choice, options: {a: A, d: {label: D}}}
  code: {type: text, label: Code}
  parts:
    type: rows
    fields: {label: {type: text}}
"""
GONE = "---\nentity: gone\ndrop: true\n"
LATER = whole(THING, more=GONE, states="was: {odd: mid}\n", relation="relation: piece\nwas: part").replace(
    "from: thing", "from: item").replace("of: thing", "of: item")  # fmt: skip
AFTER = whole(TIDY, relation="relation: piece", roles="head: {label: Head}").replace(
    "from: thing", "from: item").replace("of: thing", "of: item")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for a project."""
    made = tmp_path / "project"
    made.mkdir()
    return made


def deployed(url: str, folder: Path) -> None:
    """Deploy what is in a folder."""

    project, problems = read_project({path.name: path.read_bytes() for path in folder.iterdir()})
    assert project is not None, [str(problem) for problem in problems]

    async def work() -> None:
        running = await build(project, url)
        await deploy(running.app, running.database, allowed=frozenset(("fax", "telex")))
        await running.database.close()

    asyncio.run(work())


def tidy(folder: Path, url: str, *more: str, code: int = 0) -> Result:
    """Run the command."""
    done = CliRunner().invoke(main, ["--language", "en", "tidy", str(folder), "--to", url, *more])
    assert done.exit_code == code, done.output
    return done


def test_everything_goes_and_everything_else_stays(folder: Path, database_url: str) -> None:
    (folder / "app.yaml").write_text(OLD)
    deployed(database_url, folder)
    (folder / "app.yaml").write_text(LATER)
    deployed(database_url, folder)
    said = tidy(folder, database_url, "--check").output
    assert (folder / "app.yaml").read_text() == LATER, "only said"
    assert [line.split(": ", 1)[1] for line in said.splitlines()] == [
        "roles.roles.head: was", "entity: was", "entity.fields.fax: drop", "entity.fields.extent: was",
        "entity.fields.extent: convert", "entity.fields.kind.options.d: was", "entity.fields.code: fill",
        "entity.fields.parts: was", "entity.fields.parts.fields.label: was", "entity.fields.parts.fields.much: drop",
        "drop entity", "relation: was", "workflow: was",
    ]  # fmt: skip
    assert tidy(folder, database_url).output == said
    assert (folder / "app.yaml").read_text() == AFTER
    project, problems = read_project({"app.yaml": AFTER.encode()})
    assert project is not None
    assert not problems.errors
    assert project.past == Past()
    assert tidy(folder, database_url, code=1).output.startswith("sqlite" if "sqlite" in database_url else "")
    deployed(database_url, folder)
    assert tidy(folder, database_url).output == ""


STYLES = {
    "{type: text, was: fax}": "{type: text}",
    "{was: fax, type: text}": "{type: text}",
    "{ was: fax , type: text }": "{ type: text }",
    '{"was": "fax", "type": "text"}': '{"type": "text"}',
    "{type: text, was: fax, label: It}": "{type: text, label: It}",
    "{type: text, was: fax, fill: name, label: It}": "{type: text, label: It}",
    "{type: text, was: fax, fill: 'name + \",\" + name'}": "{type: text}",
    "{type: text,\n    was: fax,\n    label: It}": "{type: text,\n    label: It}",
    "{type: text,\n    label: It,\n    was: fax  # before\n    }": "{type: text,\n    label: It  # before\n    }",
    "\n    was: fax\n    type: text": "\n    type: text",
    "\n    type: text\n    was: fax": "\n    type: text",
    "\n    type: text\n    was: fax   # before\n    label: It": "\n    type: text\n    label: It",
    "\n    type: text\n    fill: >-\n      name\n      + name\n    label: It": "\n    type: text\n    label: It",
    "\n    type: text\n    convert: |\n      fax\n\n    # for the letter head\n    label: It": (
        "\n    type: text\n\n    # for the letter head\n    label: It"
    ),
    "\n    type: text\r\n    was: fax\r\n    label: It": "\n    type: text\r\n    label: It",
}


@pytest.mark.parametrize("number", range(len(STYLES)))
def test_every_way_to_write_it(folder: Path, tmp_path: Path, number: int) -> None:
    written, wanted = list(STYLES.items())[number]
    url = f"sqlite:///{tmp_path / 'tidy.db'}"
    name = "fax" if "was" not in written and "convert" in written else "call"
    text = f"{HEAD}# one\nentity: thing\ntitle: name\nfields:\n  name: text!   # two\n  {name}: %s\n  # three\n{ACCESS}# four\n"
    assert read_text(text.replace("%s", wanted)) is not None
    (folder / "app.yaml").write_bytes(text.replace("%s", "text").replace("call", "fax").encode())
    deployed(url, folder)
    (folder / "app.yaml").write_bytes(text.replace("%s", written).encode())
    deployed(url, folder)
    tidy(folder, url)
    assert (folder / "app.yaml").read_bytes().decode() == text.replace("%s", wanted)


DROPS = {
    "first": "entity: fax\ndrop: true\n---\n{thing}---\n{box}",
    "middle": "{thing}---\nentity: fax\ndrop: true\n---\n{box}",
    "last": "{thing}---\n{box}---\nentity: fax\ndrop: true\n",
    "two": "entity: fax\ndrop: true\n---\n{thing}---\nentity: telex\ndrop: true\n---\n{box}",
}


@pytest.mark.parametrize("place", sorted(DROPS))
def test_a_document_goes_from_every_place_among_others(folder: Path, tmp_path: Path, place: str) -> None:
    url = f"sqlite:///{tmp_path / 'tidy.db'}"
    thing = f"# a thing\nentity: thing\ntitle: name\nfields: {{name: text!}}\n{ACCESS}"
    box = f"# a box\nentity: box\ntitle: name\nfields: {{name: text!}}\n{ACCESS}"
    dropped = [f"---\nentity: {name}\ntitle: name\nfields: {{name: text!}}\n{ACCESS}" for name in ("fax", "telex")]
    (folder / "app.yaml").write_text(HEAD.removesuffix("---\n"))
    (folder / "more.yaml").write_text(f"{thing}---\n{box}{''.join(dropped)}")
    deployed(url, folder)
    (folder / "more.yaml").write_text(DROPS[place].format(thing=thing, box=box))

    deployed(url, folder)
    assert "drop entity" in tidy(folder, url, "--check").output
    tidy(folder, url)
    assert (folder / "more.yaml").read_text() == f"{thing}---\n{box}"


def test_it_is_refused_where_another_version_is_deployed(folder: Path, database_url: str) -> None:
    (folder / "app.yaml").write_text(OLD)
    deployed(database_url, folder)
    (folder / "app.yaml").write_text(LATER)
    assert "another version" in tidy(folder, database_url, code=1).output
    assert (folder / "app.yaml").read_text() == LATER
