"""Decision tables: reading, checking, finding gaps and overlaps, and the index against row by row evaluation."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import openpyxl
import pytest
from fachwerk.problems import Fragment, Problems, Source, Span
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables import codes
from fachwerk.rules.tables.check import CheckedTable, check_table
from fachwerk.rules.tables.compile import CompiledTable, compile_table
from fachwerk.rules.tables.cover import cover_of
from fachwerk.rules.tables.decisions import calls, compile_body, order, result_type, signature
from fachwerk.rules.tables.explain import explain_table
from fachwerk.rules.tables.model import Hit, Output
from fachwerk.rules.tables.read import Declared, read_hit, read_table
from fachwerk.rules.tables.sheets import Sheet
from fachwerk.rules.to_python import Environment
from fachwerk.rules.types import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    ListType,
    OptionType,
    Type,
    Typed,
)
from fachwerk.rules.values.lexical import read_at
from fachwerk.rules.values.limits import Failure, evaluation
from hypothesis import given, settings
from hypothesis import strategies as st

CASES = Path(__file__).parent / "cases" / "tables"
TYPES: dict[str, Type] = {
    "number": NUMBER,
    "whole": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "moment": DATE_TIME,
    "days": DAYS_TIME,
    "months": YEARS_MONTHS,
}


def typed(text: str, of: str) -> Typed:
    """The type that a case file names."""
    if text.startswith("option "):
        return Typed(OptionType(of, tuple(option.strip() for option in text[7:].split(","))))
    return Typed(TYPES[text])


@dataclass
class Loaded:
    """A case: its scope, its checked table, if there is one, and the problems."""

    parameters: dict[str, Typed]
    checked: CheckedTable | None
    problems: Problems


def load(
    text: str,
    inputs: dict[str, str],
    outputs: dict[str, str],
    hit: str = "first",
    *,
    default: str | None = None,
    body: object = None,
    allowed: str | None = None,
) -> Loaded:
    """Read and check a table from its text (or another *body*)."""
    problems = Problems()
    source = Source("table", text)
    span = Span(source, 0, min(len(text), 1))
    made = tuple(
        Output(
            name,
            span,
            typed(kind, name),
            Fragment.of(allowed) if allowed else None,
            Fragment.of(default) if default else None,
        )
        for name, kind in outputs.items()
    )
    whole = frozenset(name for name, kind in inputs.items() if kind == "whole")
    declared = Declared("table", read_hit(Fragment.of(hit, "hit"), problems), made, span, len(made) > 1, whole)
    table = read_table(body or Fragment(text, source), declared, problems)  # type: ignore[arg-type]
    parameters = {name: typed(kind, name) for name, kind in inputs.items()}
    checked = check_table(table, Scope(parameters), problems) if table else None
    return Loaded(parameters, checked, problems)


def compiled(*arguments: object, **options: object) -> CompiledTable:
    """A table without errors as a function."""
    loaded = load(*arguments, **options)  # type: ignore[arg-type]
    assert loaded.checked is not None
    assert not loaded.problems.errors, [p.message() for p in loaded.problems]
    return compile_table(loaded.checked, tuple(loaded.parameters), Environment())


def load_case(path: Path) -> Loaded:
    """Read one file of ``cases/tables``."""
    head, _, text = path.read_text().partition("---\n")
    parts: dict[str, dict[str, str]] = {"input": {}, "output": {}}
    hit = "first"
    for line in head.splitlines():
        name, _, value = line.partition(": ")
        if name == "hit":
            hit = value
        else:
            kind, _, label = name.partition(" ")
            parts[kind][label] = value
    return load(text, parts["input"], parts["output"], hit)


def report(problems: Problems) -> str:
    """The problems as the expectation beside a case states them."""
    lines = []
    for problem in problems:
        lines.append(
            f"{problem.severity} {problem.code} {problem.span.source.name}:{problem.span.line}:{problem.span.column}"
        )
        for language in ("en", "de"):
            said = [problem.message(language), problem.label(language), problem.remedy(language)]
            lines.append(f"  {language}: " + " | ".join(part for part in said if part))
    return "".join(line + "\n" for line in lines)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.table")), ids=lambda path: path.stem)
def test_problems_of_a_table(path: Path, request: pytest.FixtureRequest) -> None:
    assert report(load_case(path).problems) == path.with_suffix(".expected").read_text()


def test_every_code_has_a_failing_example() -> None:
    found = {problem.code for path in CASES.glob("*.table") for problem in load_case(path).problems}
    elsewhere = {"table-sheet", "table-formula", "decision-circle", "table-missing-column", "table-value"}
    assert {code.code for code in codes.CODES} - elsewhere <= found


# --- the four ways to write a table


FEES = """\
| kind | amount     | => fee |
| new  | < 100      | 1      |
| new  | [100..400] | 2      |
| new  | > 400      | 3      |
| old  | -          | 4      |
"""
FEE_INPUTS = {"kind": "option new, old", "amount": "number"}


def test_a_cell_knows_where_it_stands() -> None:
    loaded = load(FEES.replace("< 100 ", "< 1oo "), FEE_INPUTS, {"fee": "number"})
    spans = [(p.span.line, p.span.column) for p in loaded.problems.errors]
    assert spans
    assert all(line == 2 and 10 <= column <= 16 for line, column in spans)


def pairs(*rows: dict[str, str]) -> list[list[tuple[Fragment, Fragment]]]:
    return [[(Fragment.of(key), Fragment.of(value)) for key, value in row.items()] for row in rows]


def test_rows_may_be_written_as_keys_and_values() -> None:
    body = pairs(
        {"kind": "new", "amount": "< 100", "fee": "1"},
        {"kind": "new", "amount": ">= 100", "fee": "2"},
        {"kind": "old", "fee": "4"},
    )
    table = compiled("", FEE_INPUTS, {"fee": "number"}, body=body)
    assert [table("new", Decimal(5)), table("new", Decimal(500)), table("old", None)] == [1, 2, 4]


def test_a_row_without_a_result_is_a_problem() -> None:
    loaded = load("", FEE_INPUTS, {"fee": "number"}, body=pairs({"kind": "new", "fee": "1"}, {"kind": "old"}))
    assert [p.code for p in loaded.problems.errors] == ["table-missing-column"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_may_be_a_csv_file(separator: str) -> None:
    rows = [("kind", "amount", "=> fee"), ("new", '"[1..""2""]"', "1"), ("old", '" - "', '"3"')]
    data = "\r\n".join(separator.join(row) for row in rows).encode("utf-8-sig")
    loaded = load("", FEE_INPUTS, {"fee": "number"}, body=Sheet("fees.csv", data))
    assert loaded.checked is not None
    texts = [[cell.text for cell in row.tests + row.results] for row in loaded.checked.table.rows]
    assert texts == [["new", '[1.."2"]', "1"], ["old", "-", "3"]]
    (problem, *_) = loaded.problems.errors
    assert (problem.span.source.name, problem.span.line, problem.span.column) == ("fees.csv", 2, 6)


def workbook(*rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Fees"
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_table_may_be_a_sheet() -> None:
    data = workbook(("kind", "amount", "=> fee"), ("new", "< 100", 1), ("new", 100, 2.5), (), ("old", None, 3))
    table = compiled("", FEE_INPUTS, {"fee": "number"}, body=Sheet("fees.xlsx", data))
    assert [table("new", Decimal(1)), table("new", Decimal(100)), table("old", None)] == [1, Decimal("2.5"), 3]


def test_dates_and_booleans_of_a_sheet_are_values() -> None:
    data = workbook(("day", "express", "=> fee"), (date(2024, 2, 29), True, 1), (None, False, 2))
    inputs = {"day": "date", "express": "boolean"}
    table = compiled("", inputs, {"fee": "number"}, body=Sheet("fees.xlsx", data))
    assert [table(date(2024, 2, 29), True), table(date(2024, 2, 28), True)] == [1, None]


def test_a_problem_in_a_sheet_names_the_cell() -> None:
    data = workbook(("kind", "amount", "=> fee"), ("new", '"x"', "=1+1"), ("nwe", None, 3))
    loaded = load("", FEE_INPUTS, {"fee": "number"}, body=Sheet("fees.xlsx", data))
    places = {(p.code, p.span.source.name) for p in loaded.problems.errors}
    assert places == {
        ("table-formula", "fees.xlsx!Fees!C2"),
        ("table-type", "fees.xlsx!Fees!B2"),
        ("table-option", "fees.xlsx!Fees!A3"),
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b"no archive"),
        ("a.xlsx", b""),
        ("a.csv", b"\xff\xfe\xfa"),
        ("a.csv", b"x" * 10_000_001),
        ("a.ods", b"x"),
    ],
)
def test_a_file_that_is_no_table_is_a_problem(name: str, data: bytes) -> None:
    loaded = load("", FEE_INPUTS, {"fee": "number"}, body=Sheet(name, data))
    assert [p.code for p in loaded.problems.errors] == ["table-sheet"]


# --- hit policies


AMOUNTS = """\
| amount | => fee |
| < 10   | 1      |
| < 20   | 2      |
| < 20   | 5      |
| < 30   | 2      |
"""


@pytest.mark.parametrize(
    ("hit", "results"),
    [
        ("first", [1, 2, 2, None]),
        ("rule order", [[1, 2, 5, 2], [2, 5, 2], [2], None]),
        ("collect", [[1, 2, 5, 2], [2, 5, 2], [2], None]),
        ("collect sum", [10, 9, 2, None]),
        ("collect min", [1, 2, 2, None]),
        ("collect max", [5, 5, 2, None]),
        ("collect count", [4, 3, 1, None]),
        ("priority", [5, 5, 2, None]),
        ("output order", [[5, 2, 2, 1], [5, 2, 2], [2], None]),
    ],
)
def test_hit_policy(hit: str, results: list[object]) -> None:
    table = compiled(AMOUNTS, {"amount": "number"}, {"fee": "number"}, hit, allowed="5, 2, 1")
    assert [table(Decimal(amount)) for amount in (5, 15, 25, 35)] == results


def test_unique_is_null_and_says_why_where_two_rows_match() -> None:
    text = "| a | b | => fee |\n| < b | - | 1 |\n| < 10 | - | 2 |\n"
    table = compiled(text, {"a": "number", "b": "number"}, {"fee": "number"}, "unique")
    failures: list[Failure] = []
    with evaluation(failures=failures):
        results = [table(Decimal(a), Decimal(b)) for a, b in ((5, 3), (12, 13), (1, 2))]
    assert results == [2, 1, None]
    assert [failure.said("de") for failure in failures] == ["die Zeilen 1, 2 treffen zugleich zu"]


def test_any_needs_equal_results() -> None:
    text = "| a | b | => fee |\n| < 10 | - | b |\n| < 20 | - | 2.0 |\n"
    table = compiled(text, {"a": "number", "b": "number"}, {"fee": "number"}, "any")
    assert [table(Decimal(5), Decimal(2)), table(Decimal(5), Decimal(3)), table(Decimal(15), Decimal(9))] == [
        2,
        None,
        2,
    ]


def test_several_outputs_are_a_context() -> None:
    text = "| a | => fee | days |\n| < 10 | a * 2 | 3 |\n"
    table = compiled(text, {"a": "number"}, {"days": "number", "fee": "number"})
    assert table(Decimal(4)) == {"days": 3, "fee": 8}
    assert table(Decimal(40)) is None


def test_a_default_is_for_no_match() -> None:
    table = compiled("| a | => fee |\n| < 10 | 1 |\n", {"a": "number"}, {"fee": "number"}, default="a + 1")
    assert [table(Decimal(1)), table(Decimal(20)), table(None)] == [1, 21, None]


def test_inputs_may_be_expressions_and_results_use_the_inputs() -> None:
    text = "| a + b | => fee |\n| < 10 | a |\n| [10..a * 100] | b |\n| - | 0 |\n"
    table = compiled(text, {"a": "number", "b": "number"}, {"fee": "number"})
    assert [table(Decimal(1), Decimal(2)), table(Decimal(3), Decimal(50)), table(Decimal(1), Decimal(500))] == [
        1,
        50,
        0,
    ]


@pytest.mark.parametrize(
    ("cell", "matching"),
    [
        ("null", [None]),
        ("not(null)", ["a", "b"]),
        ('"a"', ["a"]),
        ('not("a")', [None, "b"]),
        ('!= "a"', [None, "b"]),
        ('"a", null', ["a", None]),
        ('["a", "b"]', ["a", "b"]),
        ('? = "a" or ? = "b"', ["a", "b"]),
        ('> "a"', ["b"]),
        ('not(> "a")', ["a"]),
        ("-", [None, "a", "b"]),
        ('starts with(?, "b")', ["b"]),
    ],
)
def test_null_meets_a_test_only_where_it_says_so(cell: str, matching: list[object]) -> None:
    table = compiled(f"| x | => y |\n| {cell} | 1 |\n| - | 0 |\n", {"x": "string"}, {"y": "number"})
    values: list[object] = [None, "a", "b"]
    found = [value for value in values if table(value) == 1]
    assert sorted(map(str, found)) == sorted(map(str, matching))


def test_explain_says_which_tests_failed() -> None:
    table = compiled(FEES, FEE_INPUTS, {"fee": "number"})
    explained = explain_table(table, ("new", Decimal(200)))
    assert (explained.result, explained.matched) == (2, (2,))
    assert [(test.label, test.text) for test in explained.rows[0].failed] == [("amount", "< 100")]
    assert [test.label for test in explained.rows[3].failed] == ["kind"]


# --- sets of decisions


def test_decisions_that_call_each_other_in_a_circle_are_a_problem() -> None:
    problems = Problems()
    span = Fragment.of("x").span()
    called = {"a": ["b"], "b": ["c"], "c": ["b"], "d": [], "e": ["d"]}
    assert order(called, dict.fromkeys(called, span), problems) == ("d", "e")
    assert [p.values["path"] for p in problems] == ["b → c → b"]


def test_a_decision_may_call_another() -> None:
    first = load("| a | => y |\n| < 10 | 1 |\n| - | 2 |\n", {"a": "number"}, {"y": "number"})
    assert first.checked is not None
    inner = compile_body(first.checked, ("a",), Environment())
    source = Source("table", "| a | => y |\n| - | inner(a) * 10 |\n")
    span = Span(source, 0, 1)
    problems = Problems()
    declared = Declared("outer", Hit("first"), (Output("y", span, Typed(NUMBER)),), span)
    table = read_table(Fragment(source.text, source), declared, problems)
    assert table is not None
    decisions = {"inner": signature([("a", Typed(NUMBER))], result_type(Hit("first"), table.outputs))}
    checked = check_table(table, Scope({"a": Typed(NUMBER)}, decisions=decisions), problems)
    assert not problems.errors, [p.message() for p in problems]
    assert calls(checked, ["inner", "other"]) == {"inner"}
    outer = compile_body(checked, ("a",), Environment(decisions={"inner": inner}))
    assert [outer(Decimal(5)), outer(Decimal(50))] == [10, 20]


def test_the_type_of_a_result_follows_from_the_hit_policy() -> None:
    outputs = (Output("fee", Fragment.of("x").span(), Typed(STRING)),)
    assert result_type(Hit("first"), outputs).type == STRING
    assert result_type(Hit("collect"), outputs).type == ListType(Typed(STRING))
    assert result_type(Hit("collect", "count"), outputs).type == NUMBER
    assert result_type(Hit("collect", "max"), outputs).type == STRING


# --- against row by row evaluation


Test = Callable[[object], bool | None]
"""Whether a value satisfies a cell; ``None``: the two do not compare, as null and a range."""


@dataclass(frozen=True)
class Column:
    """A kind of input: how cells are made, and the values that are tried."""

    kind: str
    cell: st.SearchStrategy[tuple[str, Test]]
    values: tuple[object, ...]


def number_text(value: object) -> str:
    return str(value)


def date_text(value: object) -> str:
    return f'@"{value}"'


def either(answers: Iterable[bool | None]) -> bool | None:
    """Kleene's disjunction."""
    found = list(answers)
    return True if True in found else None if None in found else False


def intervals(values: Sequence[object], text: Callable[[object], str]) -> st.SearchStrategy[tuple[str, Test]]:
    """Tests of ordered values, with what they mean in plain Python."""
    one = st.sampled_from(values)
    plain = one.map(lambda v: (text(v), lambda x: x == v))
    signs: dict[str, Callable[[object, object], bool]] = {
        "<": lambda x, v: x < v,  # type: ignore[operator]
        "<=": lambda x, v: x <= v,  # type: ignore[operator]
        ">": lambda x, v: x > v,  # type: ignore[operator]
        ">=": lambda x, v: x >= v,  # type: ignore[operator]
    }
    compared = st.tuples(st.sampled_from(sorted(signs)), one).map(
        lambda p: (f"{p[0]} {text(p[1])}", lambda x: None if x is None else signs[p[0]](x, p[1]))
    )
    ranges = st.tuples(st.sampled_from("[("), one, one, st.sampled_from("])")).map(
        lambda p: (
            f"{p[0]}{text(p[1])}..{text(p[2])}{p[3]}",
            lambda x: (
                None
                if x is None
                else (x >= p[1] if p[0] == "[" else x > p[1]) and (x <= p[2] if p[3] == "]" else x < p[2])
            ),
        )
    )
    simple = st.one_of(plain, compared, ranges)
    several = st.lists(simple, min_size=1, max_size=3).map(
        lambda tests: (", ".join(t for t, _ in tests), lambda x: either(test(x) for _, test in tests))
    )
    negated = several.map(lambda t: (f"not({t[0]})", lambda x: {True: False, False: True, None: None}[t[1](x)]))
    anything: st.SearchStrategy[tuple[str, Test]] = st.just(("-", lambda x: True))
    return st.one_of(anything, simple, several, negated)


OPTIONS = ("red", "green", "blue")
options = st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=2).map(
    lambda names: (", ".join(names), lambda x: x in names)
)
NUMBERS = tuple(Decimal(n) / 2 for n in range(-1, 12))
DAYS = tuple(date(2024, 2, 27) + timedelta(n) for n in range(6))
COLUMNS = (
    Column("number", intervals(NUMBERS[1::2], number_text), (*NUMBERS, None)),
    Column(
        "whole", intervals(tuple(Decimal(n) for n in range(4)), number_text), tuple(Decimal(n) for n in range(-1, 5))
    ),
    Column("date", intervals(DAYS[1:5], date_text), (*DAYS, None)),
    Column("option " + ", ".join(OPTIONS), st.one_of(options, st.just(("-", lambda x: True))), (*OPTIONS, None)),
    Column(
        "boolean",
        st.sampled_from([("true", lambda x: x is True), ("false", lambda x: x is False), ("-", lambda x: True)]),
        (True, False, None),
    ),
)
Rows = list[list[tuple[str, Test]]]


@st.composite
def tables(draw: st.DrawFn, kinds: Sequence[Column] = COLUMNS, most: int = 8) -> tuple[list[Column], Rows]:
    columns = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
    rows = draw(st.lists(st.tuples(*[column.cell for column in columns]).map(list), min_size=1, max_size=most))
    return columns, rows


def text_of(rows: Rows) -> str:
    header = "| " + " | ".join(f"x{at}" for at in range(len(rows[0]))) + " | => y |\n"
    return header + "".join(
        "| " + " | ".join(text for text, _ in row) + f" | {number} |\n" for number, row in enumerate(rows, 1)
    )


def matching(rows: Rows, values: Sequence[object]) -> list[int]:
    """The naive way: every row, every cell."""
    return [n for n, row in enumerate(rows) if all(test(v) for (_, test), v in zip(row, values, strict=True))]


@settings(max_examples=150)
@given(tables(), st.data())
def test_the_index_finds_what_row_by_row_evaluation_finds(
    table: tuple[list[Column], Rows], data: st.DataObject
) -> None:
    columns, rows = table
    inputs = {f"x{at}": column.kind for at, column in enumerate(columns)}
    loaded = load(text_of(rows), inputs, {"y": "number"}, "rule order")
    assert loaded.checked is not None
    made = compile_table(loaded.checked, tuple(inputs), Environment())
    bits = made.matcher()
    for _ in range(10):
        values = [data.draw(st.sampled_from(column.values)) for column in columns]
        found = matching(rows, values)
        assert made(*values) == ([Decimal(n + 1) for n in found] or None), (text_of(rows), values)
        assert bits(*values) == sum(1 << n for n in found)
        assert explain_table(made, values).matched == tuple(n + 1 for n in found)


@settings(max_examples=60)
@given(tables(most=6), st.data())
def test_a_value_of_another_kind_meets_only_a_dash(table: tuple[list[Column], Rows], data: st.DataObject) -> None:
    columns, rows = table
    inputs = {f"x{at}": column.kind for at, column in enumerate(columns)}
    loaded = load(text_of(rows), inputs, {"y": "number"}, "rule order")
    assert loaded.checked is not None
    made = compile_table(loaded.checked, tuple(inputs), Environment())
    strange: list[object] = ["text", [Decimal(1)], {"a": None}, timedelta(1)]
    values = [data.draw(st.sampled_from(strange)) for _ in columns]
    expected = [Decimal(n) for n, row in enumerate(rows, 1) if all(text == "-" for text, _ in row)]
    assert made(*values) == (expected or None)


DISCRETE = (COLUMNS[1], COLUMNS[3], COLUMNS[4])


@settings(max_examples=150)
@given(tables(kinds=DISCRETE, most=6))
def test_gaps_and_overlaps_are_those_that_trying_everything_finds(table: tuple[list[Column], Rows]) -> None:
    columns, rows = table
    inputs = {f"x{at}": column.kind for at, column in enumerate(columns)}
    loaded = load(text_of(rows), inputs, {"y": "number"}, "rule order")
    assert loaded.checked is not None
    cover = cover_of(loaded.checked)
    tried = [[value for value in column.values if value is not None] for column in columns]
    hits = {values: matching(rows, values) for values in product(*tried)}
    gap = cover.gap(cover.every)
    assert (gap is not None) == any(not found for found in hits.values())
    if gap is not None:
        given_values = dict(gap.values)
        example = [given_values.get(f"x{at}", column.values[0]) for at, column in enumerate(columns)]
        assert not matching(rows, example)
    pairs_found = {(one, other) for one, other, _ in cover.overlaps()}
    expected = {(a, b) for found in hits.values() for a in found for b in found if a < b}
    assert pairs_found == expected
    for row in range(len(rows)):
        earlier = (1 << row) - 1
        never_first = all(row not in found or found[0] < row for found in hits.values())
        reachable = any(row in found for found in hits.values())
        assert cover.possible(row) == reachable
        if reachable and row:
            assert cover.shadowed(row, earlier) == never_first


@pytest.mark.parametrize(
    ("kind", "low", "high", "between", "gap"),
    [
        ("days", "P1D", "P2D", "P1DT1H", "P1DT12H"),
        ("months", "P1Y", "P2Y", "P1Y3M", "P1Y1M"),
        ("date", "2024-02-28", "2024-03-02", "2024-02-29", "2024-02-29"),
        ("time", "10:00:00", "12:00:00", "11:00:00", "11:00:00"),
        ("moment", "2024-02-28T00:00:00Z", "2024-02-28T12:00:00Z", "2024-02-28T10:00:00+01:00", "2024-02-28T06:00:00Z"),
    ],
)
def test_every_ordered_kind_may_be_tested(kind: str, low: str, high: str, between: str, gap: str | None) -> None:
    text = f'| x | => y |\n| <= @"{low}" | 1 |\n| >= @"{high}" | 3 |\n'
    table = compiled(text, {"x": kind}, {"y": "number"})
    assert [table(read_at(value)) for value in (low, between, high)] == [1, None, 3]
    found = [p.message() for p in load(text, {"x": kind}, {"y": "number"}).problems]
    assert found == ([f"no row matches, e.g. x: {gap}"] if gap else [])


@pytest.mark.parametrize(
    ("cells", "gap"),
    [
        (['<= "b"', '> "c"'], "c"),
        (['< "b"', '> "b"'], "b"),
        (['<= "b"', '> "b\u0000"'], "b\u0000"),
        (['> "b"'], "b"),
        (['>= "b"'], ""),
        (['"a"', '"b"'], ""),
        (['>= ""'], None),
        (['not("a")', '"a"'], None),
        (['< "a"', '>= "a"'], None),
    ],
)
def test_gaps_between_texts(cells: list[str], gap: str | None) -> None:
    rows = "".join(f"| {cell} | 1 |\n" for cell in cells)
    found = [p.message() for p in load("| x | => y |\n" + rows, {"x": "string"}, {"y": "number"}, "first").problems]
    assert found == ([] if gap is None else [f"no row matches, e.g. x: {gap}"])


def test_the_last_date_of_all_has_no_morrow() -> None:
    text = '| x | => y |\n| <= @"9999-12-31" | 1 |\n'
    assert not list(load(text, {"x": "date"}, {"y": "number"}).problems)


def test_too_many_combinations_are_said_to_be_too_many() -> None:
    columns = range(12)
    header = "| " + " | ".join(f"x{at}" for at in columns) + " | => y |\n"
    rows = "".join(
        "| " + " | ".join(str((row * 7 + at * 13) % 97) if (row + at) % 3 else "-" for at in columns) + f" | {row} |\n"
        for row in range(150)
    )
    inputs = {f"x{at}": "number" for at in columns}
    loaded = load(header + rows, inputs, {"y": "number"}, "first", default="0")
    assert not loaded.problems.errors


def test_allowed_values_bound_the_search_and_the_cells() -> None:
    problems = Problems()
    source = Source("table", "| x | => y |\n| < 5 | 1 |\n| [5..10] | 2 |\n")
    span = Span(source, 0, 1)
    declared = Declared("table", Hit("first"), (Output("y", span, Typed(NUMBER), Fragment.of("1, 3")),), span)
    table = read_table(Fragment(source.text, source), declared, problems)
    assert table is not None
    inputs = tuple(replace(column, allowed=Fragment.of("[0..10]")) for column in table.inputs)
    check_table(replace(table, inputs=inputs), Scope({"x": Typed(NUMBER)}), problems)
    assert [(p.code, p.values.get("value")) for p in problems] == [("table-value", "2")]


def test_a_bare_word_may_be_quoted_or_the_name_of_an_input() -> None:
    text = '| kind | other | => y |\n| "new", old | - | 1 |\n| not(new, old) | - | 2 |\n'
    inputs = {"kind": "option new, old, very old", "other": "option new, old, very old"}
    table = compiled(text, inputs, {"y": "number"})
    assert [table(kind, None) for kind in ("new", "old", "very old", None)] == [1, 1, 2, 2]
    same = compiled("| kind | => y |\n| other | 1 |\n| very old | 2 |\n", inputs, {"y": "number"})
    assert [same("new", "new"), same("very old", "new"), same("new", "old")] == [1, 2, None]


def test_a_table_reads_what_its_cells_name() -> None:
    loaded = load("| a | => y |\n| < b | c |\n", dict.fromkeys("abcd", "number"), {"y": "number"}, default="d")
    assert loaded.checked is not None
    assert {path[0] for path in loaded.checked.reads} == set("abcd")


def test_a_column_of_notes_stands_behind_the_outputs() -> None:
    table = compiled("| x | => y | // why |\n| 1 | 2 | because |\n| - | 3 |\n", {"x": "number"}, {"y": "number"})
    assert [table(Decimal(1)), table(Decimal(2))] == [2, 3]
    loaded = load("| // why | x | => y |\n| because | 1 | 2 |\n", {"x": "number"}, {"y": "number"})
    assert loaded.problems.errors


def test_a_csv_file_is_bounded() -> None:
    data = b"x,=> y\n" + b"1,2\n" * 20_001
    loaded = load("", {"x": "number"}, {"y": "number"}, body=Sheet("a.csv", data))
    assert [p.code for p in loaded.problems.errors] == ["table-sheet"]


def test_a_table_of_a_thousand_rows_is_searched_for_gaps_in_time() -> None:
    rows = [f"| {'new' if n % 2 else 'old'} | [{n // 2 * 10}..{n // 2 * 10 + 10}) | {n} |" for n in range(1000)]
    loaded = load("| kind | amount | => fee |\n" + "\n".join(rows), FEE_INPUTS, {"fee": "number"}, "unique")
    assert [p.code for p in loaded.problems] == ["table-gap"]
    assert loaded.checked is not None
    made = compile_table(loaded.checked, tuple(FEE_INPUTS), Environment())
    assert [made("old", Decimal(0)), made("new", Decimal("4999.5")), made("new", Decimal(5000))] == [0, 999, None]


@pytest.mark.parametrize("hit", ["first", "unique", "any", "collect sum"])
def test_a_large_table_finds_its_row(hit: str) -> None:
    rows = "".join(f"| {n} | {n * 2} |\n" for n in range(500))
    table = compiled("| n | => y |\n" + rows, {"n": "number"}, {"y": "number"}, hit)
    assert [table(Decimal(n)) for n in (0, 499, 500)] == [0, 998, None]
