"""How many there must be: choices, links, files and rows of which some are needed are refused alike when none is given."""

from __future__ import annotations

import asyncio

from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import build
from fachwerk.engine.values import Person
from fachwerk.problems import Refused
from fachwerk.schemas.read import read_project

APP = b"""
app: counts
languages: [en]
---
roles: {clerk: {}}
---
entity: place
fields: {name: text!}
access: {clerk: {create: true, read: true}}
---
entity: trip
fields:
  name: text!
  tags: {type: choices, options: [a, b, c], min_count: 2}
  places: {type: links, to: place, min_count: 1}
  papers: {type: files, min_count: 1}
  legs: {type: rows, min_count: 1, fields: {to: text!}}
  extra: {type: choices, options: [a, b, c], min_count: 2, required: false}
access: {clerk: {create: true, read: true}}
"""
ME = Person("00000000-0000-7000-8000-000000000001", "Me", "me@example.org", frozenset({"clerk"}), "en")


async def refused(url: str, values: dict[str, object]) -> dict[str, str]:
    project, problems = read_project({"app.yaml": APP})
    assert project is not None, [problem.message() for problem in problems]
    running = await build(project, url)
    try:
        await deploy(running.app, running.database)
        try:
            await running.service.create(ME, "trip", values)
        except Refused as refusal:
            return {name: text["en"] for name, text in refusal.fields.items()}
        return {}
    finally:
        await running.database.close()


def test_nothing_given_is_too_few(database_url: str) -> None:
    few = {"tags": "At least 2, please.", "places": "At least 1, please.", "papers": "At least 1, please."}
    few["legs"] = "At least 1, please."
    assert asyncio.run(refused(database_url, {"name": "x"})) == few


def test_empty_is_too_few(sqlite_url: str) -> None:
    given: dict[str, object] = {"name": "x", "tags": (), "places": (), "papers": (), "legs": []}
    found = asyncio.run(refused(sqlite_url, given))
    assert set(found) == {"tags", "places", "papers", "legs"}
    assert found["tags"] == "At least 2, please."


def test_what_says_it_is_not_required_counts_only_what_is_given(sqlite_url: str) -> None:
    assert asyncio.run(refused(sqlite_url, {"name": "x", "extra": ("a",)}))["extra"] == "At least 2, please."
