"""The declaration of the language: whole, its schema and pages current, its examples right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from fachwerk.problems import Problems, Source
from fachwerk.schemas import nodes
from fachwerk.schemas.catalogue import OWN, catalogue, explain, nearest_code
from fachwerk.schemas.document import Document, MapNode, Node, Scalar, read_documents
from fachwerk.schemas.grammar import DOCUMENTS, groups
from fachwerk.schemas.kinds.declare import COMMON, KINDS
from fachwerk.schemas.model import Kind
from fachwerk.schemas.read_declared import word_of
from fachwerk.schemas.reference import PAGES, reference
from fachwerk.schemas.schema import json_schema, schema_text, shipped
from fachwerk.schemas.shapes import FieldOf, Key
from fachwerk.schemas.structure import _Check, check_structure

ROOT = Path(__file__).parent.parent
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def all_keys() -> Iterator[tuple[str, Key]]:
    for group in groups():
        yield from ((f"{group.name}.{key.name}", key) for key in group.keys)
    yield from ((f"field.{key.name}", key) for key in COMMON)
    for kind, declared in KINDS.items():
        yield from ((f"{kind}.{key.name}", key) for key in declared.keys)


KEYS = list(all_keys())


# pages and schema


def test_the_schema_is_current() -> None:
    assert shipped() == schema_text(), "run: python -m fachwerk.schemas.reference"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("language", PAGES)
def test_the_reference_is_current(language: str) -> None:
    assert (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8") == reference(language)


@pytest.mark.parametrize("language", PAGES)
def test_the_reference_names_every_key_and_kind(language: str) -> None:
    page = reference(language)
    assert [name for name, key in KEYS if f"**`{key.name}`**" not in page] == []
    assert [kind for kind in KINDS if f"### `{kind}`" not in page] == []


def test_every_kind_is_declared() -> None:
    assert set(KINDS) == set(get_args(Kind)) - {"computed"}


# keys


@pytest.mark.parametrize(("name", "key"), KEYS, ids=[name for name, _ in KEYS])
def test_key_is_explained_in_both_languages_with_a_right_example(name: str, key: Key) -> None:
    assert key.about["en"].endswith(".")
    assert key.about["de"].endswith(".")
    value = value_of(key.example, key.name)
    problems = Problems()
    _Check(problems).shape(value, key.shape, key.name)
    assert [problem.message() for problem in problems] == []


def value_of(example: str, key: str) -> Node:
    """Return the value of *key* in an example, which may show the key where it stands (``do: [{with: granted}]``)."""
    problems = Problems()
    found = read_documents(Source("example", example), problems)
    assert len(problems) == 0
    assert isinstance(found[0], Document), example
    value = _search(found[0].root, key)
    assert value is not None, f"the example does not show `{key}`: {example}"
    return value


def _search(node: Node, key: str) -> Node | None:
    if isinstance(node, MapNode):
        if node.get(key) is not None:
            return node.get(key)
        inner = [value for _, value in nodes.pairs(node)]
    else:
        inner = [] if isinstance(node, Scalar) else list(node.items)
    return next((found for one in inner if (found := _search(one, key)) is not None), None)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_has_a_right_example(kind: str) -> None:
    declared = KINDS[kind]
    assert declared.about["de"]
    found = read_documents(Source("example", f"entity: x\nfields:\n  {declared.example}\n"), Problems())
    document = found[0]
    assert isinstance(document, Document)
    fields = document.root.get("fields")
    problems = Problems()
    for _, value in nodes.pairs(fields):
        _Check(problems).shape(value, FieldOf(), kind)
    assert [problem.message() for problem in problems] == []


# the schema and the structure check say the same


def plain(node: Node) -> object:
    """Return a node as YAML 1.2 tools see it."""
    if isinstance(node, MapNode):
        return {key.text: plain(value) for key, value in nodes.pairs(node)}
    if isinstance(node, Scalar):
        return core(node)
    return [plain(item) for item in node.items]


def core(node: Scalar) -> object:
    if node.style != "plain":
        return node.text
    if node.empty:
        return None
    if node.text in ("true", "false"):
        return node.text == "true"
    try:
        return int(node.text) if node.text.lstrip("+-").isdigit() else float(node.text)
    except ValueError:
        return node.text


def documents() -> Iterator[tuple[str, Document]]:
    files = [*(ROOT / "tests" / "cases" / "wrong").glob("*.yaml"), *(ROOT / "examples").rglob("*.yaml")]
    for path in sorted(files):
        problems = Problems()
        text = path.read_text(encoding="utf-8")
        for at, found in enumerate(read_documents(Source(path.name, text), problems)):
            # what YAML itself has lost or torn, no schema can see
            if isinstance(found, Document) and word_of(found) and not len(problems):
                yield f"{path.stem}-{at}", found


DOCUMENTS_OF_FILES = list(documents())


@pytest.mark.parametrize(("name", "document"), DOCUMENTS_OF_FILES, ids=[name for name, _ in DOCUMENTS_OF_FILES])
def test_schema_and_check_agree(name: str, document: Document) -> None:
    data = plain(document.root)
    problems = Problems()
    check_structure(document, problems)
    said = [problem.message() for problem in problems if problem.code != "comma-in-braces"]
    # a kind that does not exist is a name that is unknown; the check leaves that to the reader
    schema = [error for error in VALIDATOR.iter_errors(data) if not unknown_kind(document)]
    assert bool(said) == bool(schema) or unknown_kind(document), (said, [error.message for error in schema])


def unknown_kind(document: Document) -> bool:
    fields = [value for _, value in nodes.pairs(document.root.get("fields"))]
    kinds = [nodes.text(nodes.get(one, "type")) if isinstance(one, MapNode) else nodes.text(one) for one in fields]
    return any(kind is not None and kind.rstrip("! ") not in KINDS for kind in kinds) or any(
        (nodes.text(one) or "").rstrip("! ") in ("choice", "link") for one in fields if isinstance(one, Scalar)
    )


def test_every_document_is_in_the_schema() -> None:
    for name in DOCUMENTS:
        assert name in json.loads(shipped())["$defs"]


# problems


@pytest.mark.parametrize("code", OWN, ids=[code.code for code in OWN])
def test_every_code_is_explained(code: object) -> None:
    for text in (code.message, code.what, code.why):  # type: ignore[attr-defined]
        assert text["en"]
        assert text["de"]
        assert text["en"] != text["de"]
    assert code.wrong  # type: ignore[attr-defined]
    assert code.right  # type: ignore[attr-defined]
    assert code.wrong != code.right  # type: ignore[attr-defined]


def test_codes_are_told_apart() -> None:
    assert len({code.code for code in OWN}) == len(OWN)


def test_explain() -> None:
    page = explain("[dead-end]", "de")
    assert page is not None
    assert page.startswith("dead-end: ein Fehler")
    assert "Endzustand" in page
    assert explain("no-such-code") is None
    assert nearest_code("unknown-rol") == "unknown-role"
    assert "unknown-option" in catalogue()


def test_every_code_of_the_product_has_a_failing_example() -> None:
    tests = ROOT / "tests"
    kinds = ("*.txt", "*.expected", "test_*.py")
    said = "\n".join(path.read_text(encoding="utf-8") for kind in kinds for path in tests.rglob(kind))
    words = set(re.findall(r"[a-z][a-z0-9-]*", said))
    assert sorted(set(catalogue()) - words) == []
