"""Rules told as sentences with the labels of the project."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from fachwerk.schemas.telling import ProjectLabels, told, told_project
from office import office

TEXT = """app: town
languages: [en, de]
---
roles:
  clerk: {label: {en: Clerk, de: Sachbearbeitung}}
---
entity: permit
label: {en: Permit, de: Antrag}
fields:
  kind:
    type: choice
    required: true
    label: {en: Kind, de: Art}
    options: {new: {en: New building, de: Neubau}, change: {en: Change, de: Umbau}}
  area: {type: decimal, label: {en: Floor area, de: Fläche}, visible: kind = "new"}
  papers:
    type: rows
    label: {en: Papers, de: Unterlagen}
    fields: {title: {type: text, label: {en: Heading, de: Titel}}, pages: {type: integer, label: {en: Pages, de: Seiten}}}
  long: {type: integer, label: {en: Long ones, de: Lange}, computed: 'count(papers[pages > 100])'}
checks:
  - {that: area < 100, else: {en: Too large, de: Zu groß}}
access:
  clerk: {create: true, read: 'kind != "change"', update: true}
"""


@pytest.fixture(scope="module")
def project() -> Project:
    project, problems = read_project({"town.yaml": TEXT.encode()})
    assert project is not None, [str(problem) for problem in problems]
    return project


def test_an_entity_tells_all_its_rules_in_german(project: Project) -> None:
    said = told_project(project, "permit", "de")
    assert "Fläche wird gezeigt: Art ist Neubau." in said
    assert "Lange wird berechnet: Die Anzahl von Unterlagen (nur wo gilt: Seiten ist größer als 100)." in said
    assert "Muss gelten: Fläche ist kleiner als 100." in said
    assert "Sachbearbeitung darf lesen: Art ist nicht Umbau." in said


def test_and_in_english(project: Project) -> None:
    assert "Clerk may read: Kind is not Change." in told_project(project, "permit", "en")


def test_constants_are_not_told(project: Project) -> None:
    assert "may create" not in told_project(project, "permit", "en")


def test_one_rule_is_told_in_both_languages(project: Project) -> None:
    rule = project.entities["permit"].fields["area"].visible
    assert rule is not None
    assert told(rule, ProjectLabels(project, "permit")) == {"en": "Kind is New building", "de": "Art ist Neubau"}
    assert told(rule) == {"en": "Kind is New", "de": "Kind ist New"}


def test_an_unknown_entity_is_refused_with_the_nearest(project: Project) -> None:
    with pytest.raises(Refused) as refusal:
        told_project(project, "permti", "en")
    assert "permit" in str(refusal.value)


PEOPLE = """app: town
languages: [en, de]
---
roles: {clerk: {label: Clerk}, reader: {label: {en: Reader, de: Leserin}}}
---
entity: person
fields: {name: text!, user: {type: user, unique: true}}
access: {clerk: {create: true, read: true, update: true}}
---
entity: team
label: {en: Team, de: Gruppe}
fields: {name: text!, head: {type: user, label: {en: Head, de: Leitung}}, members: {type: links, to: person, label: {en: Members, de: Mitglieder}}}
access: {clerk: {create: true, read: true, update: true}}
---
entity: paper
fields:
  name: text!
  author: {type: link, to: person, label: {en: Author, de: Verfasserin}}
  team: {type: link, to: team, label: {en: Team, de: Gruppe}}
  asked: {type: links, to: team}
access: {reader: {create: true, read: true, update: true}}
---
workflow: reading
of: paper
states:
  draft: {initial: true}
  open: {parallel: {teams: {each: asked, by: each.head}, lead: {by: team.head}, rest: {by: [team.members, clerk]}}}
  over: {final: true}
transitions:
  begin: {from: draft, to: open, by: author}
  end: {from: open, to: over, when: complete}
"""


@pytest.mark.parametrize(
    ("step", "english", "german"),
    [
        ("begin", "Author", "Verfasserin"),
        ("lead.approve", "Team: Head", "Gruppe: Leitung"),
        ("rest.approve", "Team: Members, Clerk", "Gruppe: Mitglieder, Clerk"),
        ("teams.approve", "The record in question: Head", "Der jeweilige Eintrag: Leitung"),
    ],
)
def test_whoever_may_is_called_so_that_people_know_who_it_is(
    sqlite_url: str, step: str, english: str, german: str
) -> None:
    """Also where a role has no name in the other language."""

    async def work() -> None:
        async with office(sqlite_url, PEOPLE) as made:
            team = await made.make("team", name="a")
            author = await made.make("person", name="Ada", user=made.people["clerk"].id)
            reader = made.people["reader"]
            paper = await made.make("paper", name="x", team=team.id, asked=[team.id], author=author.id)
            if step != "begin":
                ada = replace(made.people["clerk"], roles=frozenset(("reader",)))
                await made.service.act(ada, "paper", paper.id, "begin")
            actions = await made.service.actions(reader, "paper", paper.id)
            (found,) = [one for one in actions if one.name.partition(":")[0] == step]
            assert found.why_not[0] == {"en": f"Only for: {english}.", "de": f"Nur für: {german}."}

    asyncio.run(work())
