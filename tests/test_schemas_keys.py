"""Nothing is ignored: every key of the language, taken away, changes the model or is missed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fachwerk.problems import Fragment, Problems, Span
from fachwerk.rules.check import Checked
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, ListNode, MapNode, Node
from fachwerk.schemas.grammar import DOCUMENTS, groups
from fachwerk.schemas.kinds.declare import COMMON, KINDS
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_documents_of, read_files
from fachwerk.schemas.report import as_text
from fachwerk.schemas.shapes import Either, FieldOf, Group, Named, Shape, Some

FOLDER = Path(__file__).parent / "cases" / "keys"
FILES = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
def documents() -> list[Document]:
    problems = Problems()
    found = read_files(FILES, problems)
    assert len(problems) == 0
    return [one for one in found if isinstance(one, Document)]


def places(found: list[Document]) -> Iterator[tuple[str, MapNode, str]]:
    """Yield every place where a declared key stands: its name with its group, the map, the key."""
    for document in found:
        yield from _inside(document.root, DOCUMENTS[document.word.text])


def _inside(node: Node, shape: Shape) -> Iterator[tuple[str, MapNode, str]]:
    if isinstance(shape, Group) and isinstance(node, MapNode):
        for key in shape.keys:
            value = node.get(key.name)
            if value is not None:
                yield f"{shape.name}.{key.name}", node, key.name
                yield from _inside(value, key.shape)
    elif isinstance(shape, FieldOf) and isinstance(node, MapNode):
        kind = nodes.text(node.get("type")) or ""
        for key in (*COMMON, *(KINDS[kind].keys if kind else ())):
            value = node.get(key.name)
            if value is not None:
                yield (f"field.{key.name}" if key in COMMON else f"{kind}.{key.name}"), node, key.name
                yield from _inside(value, key.shape)
    elif isinstance(shape, Named):
        for _, value in nodes.pairs(node):
            yield from _inside(value, shape.of)
    elif isinstance(shape, Some):
        for item in node.items if isinstance(node, ListNode) else (node,):
            yield from _inside(item, shape.of)
    elif isinstance(shape, Either):
        for one in shape.shapes:
            if not (isinstance(one, Group) and isinstance(node, MapNode) and not any(map(one.get, node.pairs))):
                yield from _inside(node, one)


def every_key() -> list[str]:
    named = [f"{group.name}.{key.name}" for group in groups() for key in group.keys]
    fields = [f"field.{key.name}" for key in COMMON]
    kinds = [f"{kind}.{key.name}" for kind, declared in KINDS.items() for key in declared.keys]
    return list(dict.fromkeys([*named, *fields, *kinds]))


def fingerprint(value: object) -> object:
    """Return what a model says, without where it was said."""
    if isinstance(value, Span):
        return None
    if isinstance(value, Fragment):
        return value.text
    if isinstance(value, Checked):
        return value.fragment.text
    if isinstance(value, Project):
        names = [one.name for one in dataclasses.fields(value) if one.name not in ("files", "hash")]
        return {name: fingerprint(getattr(value, name)) for name in names}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if type(value).__name__ == "RecordType":
            return str(value) + "".join(f"{name}:{typed}{typed.nullable}" for name, typed in value.fields.items())  # type: ignore[attr-defined]
        shown = [one.name for one in dataclasses.fields(value) if one.name not in ("span", "scope", "typed", "types")]
        return (type(value).__name__, *(fingerprint(getattr(value, name)) for name in shown))
    if isinstance(value, Mapping):
        return {str(key): fingerprint(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [fingerprint(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return repr(value) if isinstance(value, str | int | bool | type(None)) else type(value).__name__


def project_of(found: list[Document]) -> tuple[Project, Problems]:
    problems = Problems()
    return read_documents_of(list(found), FILES, problems), problems


def test_the_whole_has_no_mistake() -> None:
    _, problems = project_of(documents())
    assert [as_text([problem]) for problem in problems if problem.severity == "error"] == []


def test_every_key_is_there() -> None:
    assert set(every_key()) - {name for name, _, _ in places(documents())} == set()


@pytest.mark.parametrize("key", [key for key in every_key() if key not in {f"{word}.{word}" for word in DOCUMENTS}])
def test_taking_a_key_away_changes_something(key: str) -> None:
    whole = fingerprint(project_of(documents())[0])
    found = documents()
    _, node, name = next(place for place in places(found) if place[0] == key)
    del node.pairs[name]
    project, problems = project_of(found)
    assert problems.errors or fingerprint(project) != whole
