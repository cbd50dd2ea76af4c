"""The report of problems: exact text, colours, JSON, SARIF."""

from __future__ import annotations

import json

from fachwerk.problems import Code, Problems, Source, Span
from fachwerk.schemas.report import as_json, as_sarif, as_text

CODE = Code(
    "unknown-option",
    {"en": "`{name}` is not an option", "de": "`{name}` ist keine Option"},
    label={"en": "options: approve, object", "de": "Optionen: approve, object"},
    remedy={"en": 'did you mean "approve"?', "de": 'war "approve" gemeint?'},
    what={"en": "What.", "de": "Was."},
    why={"en": "Why.", "de": "Warum."},
)
WARNING = Code("leftover", {"en": "left over", "de": "übrig"}, severity="warning")


def at(line: str, word: str, *, before: int = 30) -> Span:
    source = Source("review.yaml", "\n" * before + line + "\n")
    start = source.text.index(word)
    return Span(source, start, start + len(word))


def test_as_the_north_star_shows_it() -> None:
    line = '    when: every opinion in opinions satisfies opinion.outcome = "aproved"'
    said = as_text([CODE.at(at(line, '"aproved"'), name="aproved"), WARNING.at(at("a: b", "b"))], files=5, seconds=0.014)
    assert said == (
        "error[unknown-option]: `aproved` is not an option\n"
        "  --> review.yaml:31:65\n"
        "   |\n"
        f"31 | {line}\n"
        "   |                                                                 ^^^^^^^^^ options: approve, object\n"
        '   = did you mean "approve"?\n'
        "\n"
        "warning[leftover]: left over\n"
        "  --> review.yaml:31:4\n"
        "   |\n"
        "31 | a: b\n"
        "   |    ^\n"
        "\n"
        "1 error, 1 warning in 5 files (14 ms)\n"
    )


def test_german() -> None:
    said = as_text([CODE.at(at("a: b", "b"), name="b")], language="de", files=1)
    assert said.startswith("Fehler[unknown-option]: `b` ist keine Option\n")
    assert said.endswith('= war "approve" gemeint?\n\n1 Fehler in 1 Datei\n')


def test_nothing_to_say() -> None:
    assert as_text([], files=3, seconds=0.2) == "No problems in 3 files (200 ms)\n"
    assert as_text([], language="de") == "Keine Probleme\n"


def test_marks_stand_below_wide_signs_tabs_and_accents() -> None:
    for line, word, column in (("a: 東京 x", "x", 8), ("a:\tx", "x", 4), ("a: e\u0301 x", "x", 5)):
        shown = as_text([WARNING.at(at(line, word, before=0))]).splitlines()
        assert shown[4].index("^") == len("1 | ") + column


def test_long_lines_are_cut_around_the_place() -> None:
    shown = as_text([WARNING.at(at("x" * 5_000 + "HERE" + "y" * 5_000, "HERE", before=0))]).splitlines()
    assert max(len(line) for line in shown) < 170
    where = shown[4].index("^")
    assert shown[3][where : where + 4] == "HERE"


def test_what_stands_in_a_file_cannot_write_to_the_terminal() -> None:
    shown = as_text([CODE.at(at("a: \x1b[31mb\u202e", "b", before=0), name="\x1b[2J")])
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_colours() -> None:
    shown = as_text([CODE.at(at("a: b", "b"), name="b")], color=True)
    assert "\x1b[1;31merror[unknown-option]\x1b[0m" in shown


def test_related_places() -> None:
    problem = CODE.at(at("a: b", "b"), name="b", related=[(at("c: d", "d", before=3), {"en": "first here", "de": "zuerst hier"})])
    assert "  ::: review.yaml:4:4\n   |\n 4 | c: d\n   |    - first here\n" in as_text([problem])


def test_json() -> None:
    data = json.loads(as_json([CODE.at(at("a: b", "b"), name="b")], files=1))
    assert data["errors"] == 1
    assert data["problems"][0]["code"] == "unknown-option"
    assert {key: data["problems"][0][key] for key in ("file", "line", "column", "end_line", "end_column")} == {
        "file": "review.yaml", "line": 31, "column": 4, "end_line": 31, "end_column": 5,
    }  # fmt: skip


def test_sarif() -> None:
    problems = Problems()
    problems.add(CODE.at(at("a: b", "b"), name="b", related=[(at("c: d", "d"), {"en": "there"})]))
    log = json.loads(as_sarif(problems, version="1.2.3"))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    assert run["tool"]["driver"]["rules"][0]["id"] == "unknown-option"
    result = run["results"][0]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("unknown-option", 0, "error")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 31, "startColumn": 4, "endLine": 31, "endColumn": 5}
    assert result["relatedLocations"][0]["message"]["text"] == "there"
