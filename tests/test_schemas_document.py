"""YAML text as nodes: places of every character, limits, several documents, what YAML takes apart."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from effort import calls
from fachwerk.problems import Problems, Source
from fachwerk.schemas.document import Document, MapNode, Node, Scalar, Unreadable, read_documents, rule_text
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from hypothesis import given, settings
from hypothesis import strategies as st


def read(text: str) -> tuple[MapNode, Problems]:
    problems = Problems()
    found = read_documents(Source("a.yaml", text), problems)
    assert isinstance(found[0], Document), [problem.message() for problem in problems]
    return found[0].root, problems


def value(text: str, key: str = "a") -> Node:
    node = read(text)[0].get(key)
    assert node is not None
    return node


# places


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("a: plain words\n", "plain words"),
        ("a: plain\n  on two lines\n", "plain on two lines"),
        ("a: 'it''s'\n", "it's"),
        ("a: 'one\n\n  two'\n", "one\ntwo"),
        ('a: "tab\\tand \\u00e4 \\x41"\n', "tab\tand ä A"),
        ('a: "one \\\n   two"\n', "one two"),
        ("a: |\n  one\n    two\n\n  three\n", "one\n  two\n\nthree\n"),
        ("a: >-\n  one\n  two\n\n  three\n", "one two\nthree"),
        ("a: |2-\n   one\n", " one"),
        ("a: |  # a note\n  one\n", "one\n"),
        ("a: &name 'x y'\n", "x y"),
        ("a: grün ≤ 🏠 x\n", "grün ≤ 🏠 x"),
    ],
)
def test_each_character_knows_its_place(text: str, decoded: str) -> None:
    node = value(text)
    assert isinstance(node, Scalar)
    assert node.text == decoded
    fragment = node.fragment
    for at, sign in enumerate(decoded):
        there = text[fragment.offset(at)]
        assert there == sign or there in "\\ \n" or sign == "'", (at, sign, there)
    assert [fragment.offset(at) for at in range(len(decoded) + 1)] == sorted(
        fragment.offset(at) for at in range(len(decoded) + 1)
    )


@settings(max_examples=300)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"), min_size=1, max_size=60)
    | st.lists(st.sampled_from(["a", "b c", "'", '"', "\n", "\n\n", " ", ": ", "#", "\\", "ä", "🏠"]), min_size=1).map("".join),
    st.sampled_from(["'", '"', "|", ">"]),
    st.integers(10, 80),
)
def test_every_style_keeps_places(text: str, style: str, width: int) -> None:
    written = yaml.dump({"a": text}, default_style=style, width=width, allow_unicode=True)  # type: ignore[call-overload]
    problems = Problems()
    found = read_documents(Source("a", written), problems)
    assert isinstance(found[0], Document)
    node = found[0].root.get("a")
    assert isinstance(node, Scalar)
    assert node.text == text
    fragment = node.fragment
    before = -1
    for at, sign in enumerate(text):
        offset = fragment.offset(at)
        assert offset >= before
        before = offset
        if not sign.isspace() and sign not in "'\"\\" and written[offset] != "\\":
            assert written[offset] == sign


def test_carriage_returns_and_byte_order_mark() -> None:
    content = "\ufeffapp: x\r\nlanguages: [en]\r\nbanana: 1\r\n".encode()
    _, problems = read_project({"a.yaml": content})
    unknown = next(problem for problem in problems if problem.code == "unknown-key")
    assert (unknown.span.line, unknown.span.column) == (3, 1)


# what YAML takes apart


@pytest.mark.parametrize("rule", ["[1..10]", "{a: 1}", "[1, 2]", '["a", "b"]'])
def test_a_rule_in_brackets_is_its_source_text(rule: str) -> None:
    fragment = rule_text(value(f"a: {rule}\n"))
    assert fragment is not None
    assert fragment.text == rule
    assert fragment.offset(0) == 3


def test_a_list_with_dashes_is_no_rule() -> None:
    assert rule_text(value("a:\n  - b\n")) is None


def test_a_comma_in_braces_is_put_together_again() -> None:
    node = value("a: {b: f(x, g(y, z), 1), c: true}\n")
    assert isinstance(node, MapNode)
    inner = node.get("b")
    assert isinstance(inner, Scalar)
    assert inner.text == "f(x, g(y, z), 1)"
    assert node.torn == ()
    assert node.get("c") is not None


@pytest.mark.parametrize(("text", "plain"), [("no", "no"), ("on", "on"), ("12:30", "12:30"), ("0123", "0123"), ("2024-01-01", "2024-01-01")])
def test_looks_decide_nothing(text: str, plain: str) -> None:
    node = read(f"a: {text}\non: 1\n")[0]
    assert isinstance(node.get("a"), Scalar)
    assert node.get("a").text == plain  # type: ignore[union-attr]
    assert "on" in node.pairs


# documents


def test_a_mistake_in_one_document_hides_none_in_the_others() -> None:
    problems = Problems()
    found = read_documents(Source("a.yaml", "entity: a\nx: {\n---\nentity: b\n---\n# nothing\n---\nentity: c\n  y: 1\n"), problems)
    assert [type(one) for one in found] == [Unreadable, Document, Unreadable]
    assert [problem.span.line for problem in problems] == [2, 9]


def test_three_dashes_inside_of_a_text_end_the_document_as_yaml_says() -> None:
    problems = Problems()
    found = read_documents(Source("a.yaml", "a: |\n  --- no end\n---\nb: 1\n"), problems)
    assert len(found) == 2


def test_files_in_folders_and_both_endings(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "app.yaml").write_text("app: x\n---\nroles: {a: {reads: everything}}\n")
    (tmp_path / "deep" / "er" / "b.yml").write_text("entity: b\nfields: {name: text}\n")
    (tmp_path / ".hidden.yaml").write_text("rubbish\n")
    project, problems = read_project(tmp_path)
    assert project is not None, [problem.message() for problem in problems]
    assert list(project.entities) == ["b"]
    assert project.entities["b"].span.source.name == "deep/er/b.yml"


# limits


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join(['*' + there] * 10)}]\n" for there, here in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LAUGHS, "too-much-yaml"),
        ("a: " + "[" * 5_000, "too-deep"),
        ("a: " + "{a: " * 5_000, "too-deep"),
        ("".join(" " * level + "a:\n" for level in range(1_000)), "too-deep"),
        ("a: &a [*a]\n", "alias-in-itself"),
        ("a: " + "&x " * 1, "not-a-declaration"),
    ],
)
def test_hostile_yaml_is_refused_at_once(text: str, code: str) -> None:
    problems = Problems()
    assert calls(lambda: read_documents(Source("a.yaml", text), problems)) < 400_000
    assert code in {problem.code for problem in problems} or code == "not-a-declaration"


@pytest.mark.parametrize(
    "text",
    [
        "\r\n" * 200 + "a: 1\nb: {",
        "a: " + ": " * 200_000,
        "x" * 1_000_000 + ": 1\nentity: y\n",
        "entity: x\nfields: {" + "a" * 500_000 + "b: text, " + "a" * 500_000 + "c: text}\nlist: {columns: " + "a" * 500_000 + "}\n",
        "entity: x\n" + "#" * 1_000_000 + "\n",
        "entity: x\ntitle: '" + "\n " * 100_000 + "a b'\n",
    ],
)
def test_long_texts_take_no_long_time(text: str) -> None:
    shown: list[str] = []
    assert calls(lambda: shown.append(as_text(read_project({"a.yaml": text.encode()})[1]))) < 12_000_000
    assert len(shown[0]) < 60_000


def test_an_alias_repeats_what_it_names() -> None:
    files = {"a.yaml": b"app: x\n---\nroles: {r: {reads: everything}}\n---\nentity: e\nfields:\n  a: &t {type: text, max_length: 5}\n  b: *t\n"}
    project, problems = read_project(files)
    assert project is not None, [problem.message() for problem in problems]
    assert project.entities["e"].fields["b"].max_length == 5
