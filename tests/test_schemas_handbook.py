"""The handbook: a configuration in words, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from fachwerk.problems import say
from fachwerk.schemas.handbook import handbook
from fachwerk.schemas.read import read_project

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["building_permits", "healthcare", "public_sector", "real_estate"])
def test_everything_is_told(name: str, language: str) -> None:
    """Every entity, field, role and step is there, and every table has as many cells as its head."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None
    text = handbook(project, language)
    for entity in project.entities.values():
        assert f"## {say(entity.plural, language)}" in text
        for field in entity.fields.values():
            assert field.system or f"| {say(field.label, language)} | " in text
    for workflow in project.workflows.values():
        assert all(f"| {say(step.label, language)} | " in text for step in workflow.transitions.values())
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} <= {4, 5, 6}


def test_rules_are_sentences() -> None:
    """A rule is told with the labels of the project, not as it is written."""
    project, _ = read_project(EXAMPLES / "building_permits")
    assert project is not None
    told = handbook(project, "de")
    assert "Denkmalschutz" in told
    assert "Pflicht, wenn" in told
    assert 'kind = "demolition"' not in told


def test_what_a_state_waits_for_is_told() -> None:
    """Each part says whom it asks and how many, sub-cases are named."""
    project, _ = read_project(EXAMPLES / "public_sector")
    assert project is not None
    told = handbook(project, "en")
    assert "- **In review** asks Clerk: Legal check\n" in told
    assert "Office in charge, once for each of" in told
    assert "- **In review** lasts until" in told


EYES = """\
app: small
languages: [en, de]
---
roles: {clerk: {label: Clerk}, head: {label: Head}}
---
entity: request
fields: {subject: text!}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
workflow: desk
of: request
states:
  open: {initial: true}
  checked:
    label: Checked
    parallel: {fire: {label: Fire, by: head, not_by: [law, creator]}, law: {label: {en: Law, de: Recht}, by: [head, clerk], not_by: fire}}
  done: {final: true}
transitions:
  check: {label: Check, from: open, to: checked, by: clerk}
  sign: {from: checked, to: done, by: head, when: complete, not_by: [check, law]}
"""


def test_four_eyes_are_told() -> None:
    """Whom four eyes bar is said of transitions and of parts."""
    project, problems = read_project({"app.yaml": EYES.encode()})
    assert project is not None, problems
    english, german = handbook(project, "en"), handbook(project, "de")
    assert "| Head (not by whoever did: Check, Law) |" in english
    assert "- **Checked** asks Head (not by whoever did: Law, creating it): Fire\n" in english
    assert "- **Checked** fragt Head (nicht durch die Person von: Recht, das Anlegen): Fire\n" in german
