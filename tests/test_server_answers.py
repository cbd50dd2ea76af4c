"""What the API of every example answers is what its description says: nothing more, and of the types it says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from demos import EXAMPLES, PASSWORD, open_demo
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.settings import Settings
from jsonschema import Draft202012Validator, FormatChecker
from town import Browser

MANY = Settings(sign_in_failures_address=100_000)
Json = dict[str, object]


def closed(schema: object) -> object:
    """Return a schema under which an object may have no properties that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(part) for key, part in schema.items()}
    if isinstance(made.get("properties"), dict) and "type" in made:
        made.setdefault("additionalProperties", False)
    return made


class Description:
    """The OpenAPI document of an application, as a judge of its answers."""

    def __init__(self, document: Json) -> None:
        self._document: Json = closed(document)  # type: ignore[assignment]
        self._document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        self.seen: dict[str, set[str]] = {}

    def wrong(self, name: str, answer: object) -> Iterator[str]:
        """Give what in *answer* is not as the schema called *name* says."""
        schema = {**self._document, "$ref": f"#/components/schemas/{name}"}
        for mistake in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(answer):
            yield f"{name}: {mistake.json_path}: {mistake.message[:300]}"
        if isinstance(answer, dict):
            self.seen.setdefault(name, set()).update(answer)

    def never_seen(self) -> Iterator[str]:
        """Give the properties that are described and were in no answer."""
        schemas: dict[str, dict[str, dict[str, object]]] = self._document["components"]["schemas"]  # type: ignore
        for name, seen in self.seen.items():
            if "." not in name and name not in ("error", "event", "action"):
                yield from (f"{name}.{missing}" for missing in sorted(set(schemas[name]["properties"]) - seen))


def look(browser: Browser, judge: Description, entity: str, workflows: bool) -> Iterator[str]:
    """Give what is wrong with the answers about one entity to one person."""
    listed = browser.get(f"/api/v1/{entity}?limit=20")
    if listed.status_code != 200:
        yield from judge.wrong("error", listed.json())
        return
    yield from judge.wrong(f"{entity}.page", listed.json())
    for item in listed.json()["items"][:5]:
        path = f"/api/v1/{entity}/{item['id']}"
        yield from judge.wrong(entity, browser.get(path).json())
        for event in browser.get(f"{path}/history").json()["items"]:
            yield from judge.wrong("event", event)
        for action in browser.get(f"{path}/actions").json()["items"] if workflows else ():
            yield from judge.wrong("action", action)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_the_answers_are_as_described(folder: Path, sqlite_url: str) -> None:
    with asyncio.Runner() as runner:
        demo = runner.run(open_demo(folder, sqlite_url, 60))
        server = build_server(demo.running, MANY)
        wrong: list[str] = []
        judge: Description | None = None
        for user in demo.users:
            browser = Browser(runner.run, server, {"origin": "http://localhost", "sec-fetch-site": "same-origin"})
            browser.sign_in(user.name, PASSWORD)
            judge = judge or Description(orjson.loads(browser.get("/api/v1/openapi.json").content))
            for name, entity in demo.project.entities.items():
                if entity.parent is None:
                    wrong += look(browser, judge, name, bool(entity.workflows))
        runner.run(demo.running.database.close())
    assert wrong == []
    assert judge is not None
    assert list(judge.never_seen()) == []
    # That the answers say what is described is worth something only where there are answers.
    looked_at = [name for name in demo.project.entities if name in judge.seen]
    assert len(looked_at) >= len(demo.project.entities) - 2
