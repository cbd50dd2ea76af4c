"""Rules as SQL: the same answers as the oracle on both databases, indexes in use, refusals in plain words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import rules_world as w
import sqlalchemy as sa
from fachwerk.problems import Problems
from fachwerk.rules.check import Checked
from fachwerk.rules.to_sql import (
    NotTranslatable,
    Statement,
    decoder,
    parameters,
    problem_of,
    render,
    to_filter,
    to_value,
    translatable,
)
from fachwerk.rules.to_sql.calls import FUNCTIONS
from fachwerk.rules.to_sql.terms import Dialect
from rules_agreement import Panel, Tally
from rules_in_python import in_python
from rules_random import Maker


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def panel(request: pytest.FixtureRequest) -> Iterator[Panel]:
    """The world in a database of each kind, and the oracle."""
    url = request.getfixturevalue("module_postgres_url") if request.param == "postgres" else None
    made = Panel(w.make_world(), url, in_python)
    yield made
    made.close()


def agree(panel: Panel, *rules: str) -> None:
    """Assert that everybody says the same of *rules*, and that all of them have SQL."""
    tally = Tally()
    for rule in rules:
        panel.judge(rule, tally)
    assert tally.disagreements == []
    assert not tally.reasons


@pytest.mark.parametrize(
    "rule",
    [
        # null
        's = "a"', 's != "a"', "s = null", "null != s", "not(s in (\"a\", null))", "b in (1, null)", "f = null or g",
        "if f then a else b", "not(if f then g else null)", "b < 3", "not(b < 3)", "b between 1 and small", "b in [1..small]",
        "not(b in (1..5))", "b in (< 0, > 5)", "state in [\"draft\", null]", "f and (s = null)", "f or b > 2",
        # numbers
        "a / 2", "1 / 3", "a / b", "price / 3 * 3 = price", "0.1 + 0.2 = 0.3", "big + big", "big * big", "big * 1.0", "-big",
        "abs(big)", "big < 9223372036854775808", "big = 9223372036854775807", "big > 0.5", "a = 1.5", "a in [0.5..2.5]",
        "modulo(a, 5)", "modulo(-12, 5)", "modulo(price, -0.7)", "decimal(2.5, 0)", "decimal(price, 1)", "round half up(price, 0)",
        "round half down(price, 1)", "round up(rate, 2)", "round down(rate, 2)", "floor(price)", "ceiling(price, 1)", "floor(a, -1)",
        "a ** 2", "price ** 3", "price * rate * cost", "price = cost", "price < rate", "min(a, b, small)", "max(price, rate)",
        "sum(a, b, 1)", "mean(a, b, 2)", "odd(a)", "even(b)", "string(price)", "string(big)", "total * 2",
        # strings
        '"a" < name', 'name < "B"', 'name >= "z"', 'min(name, "Z")', 'starts with(name, "a")', 'starts with(name, "A")',
        'contains(s, "%")', 'contains(s, "_")', 'ends with(s, "")', "ends with(name, s)", "contains(name, s)", "upper case(s)",
        "lower case(name)", "string length(s)", "substring(name, 2)", "substring(name, -2, 1)", "substring(name, -1)",
        "substring before(name, \"b\")", "substring after(name, s)", 'name + "!" + s', 'matches(name, "^a")',
        "substring(name, 0)", 'name in ("a", "b", s)', 'name in ["ab", null, s]',
        # dates
        'd + @"P1M"', 'e - @"P1M"', 'd + @"P1D"', 'e - @"PT36H"', "e - d", "(e - d).days", '(e - d) > @"P30D"', "d.year", "e.month",
        "e.weekday", 'd + @"P1Y" > today()', "at < now()", 'at - now() > @"P1D"', 'seen + @"P1M"', 'at + @"PT0.000001S"', "date(at)",
        "at.hour", "span.hours", "span * 2", "-span", "abs(span)", "clock + span", "clock", 'clock < @"12:00:00"', "day of week(e)",
        "month of year(d)", "day of year(e)", "week of year(e)", 'd in [@"2024-01-01"..@"2024-12-31"]', "late", "string(d)",
        # links and lists
        'plot.owner.name = "a"', "plot.owner.name", 'not(plot.owner.name = "a")', "plot.max_storeys > 2", "plot = null",
        "plot.heritage", "not(plot.heritage)", "applicant.user = me", "my person = applicant", "my person.name = name",
        "subject.name", 'subject.name = "a"', "subject = null", "subject = applicant", "subject != plot", "subject.unit under applicant.unit", "me.name = name", "clerk != me", "plot.owner = applicant",
        "plot.unit under my person.unit", "plot.unit under applicant.unit", "not(plot.unit under applicant.unit)",
        "some x in documents satisfies x.fee > 2", "every x in documents satisfies x.fee > 2",
        "not(every x in documents satisfies x.signed)", "some x in plot.permits satisfies x.a > a",
        "some x in documents, y in experts satisfies x.title = y.name", "every x in [1, a, b] satisfies x > 0",
        "some x in 1..3 satisfies x = a", "sum(documents.fee)", "sum(documents[signed].pages)", "count(documents)", "count(plot.permits)",
        "mean(documents.pages)", "min(documents.made)", "max(experts.name)", "count(distinct values(documents.fee))",
        'list contains(experts.name, s)', '"a" in tags', "name in tags", "s in experts.name", "count(tags)",
        "sum(ownership[current].share) <= 100", "count(ownership[valid_on(e)])", "sum(for x in documents return x.pages * a)",
        "sum(for x in documents return rate)", 'every x in documents[kind = "new"] satisfies x.author = applicant',
        "count(documents[fee > price])", "sum(plot.permits.cost) > 10", "applicant", "if f then applicant else my person",
        "f instance of boolean", "string length(string: s) = 1", "a in (1, [5..7], > 90)",
        "if not(plot.heritage) then a else b", "a in [7..(0 / b)]", "all(documents.signed)", "any([f, g, late])",
        "years and months duration(d, today()).years >= 18", 'd > today() - duration("P1Y")', 'e > date("2024-01-01")',
        "every x1 in ownership satisfies every x2 in documents, x3 in experts satisfies some x4 in experts satisfies x4 = x3",
    ],
)  # fmt: skip
def test_says_what_the_oracle_says(panel: Panel, rule: str) -> None:
    agree(panel, rule)


def test_random_rules_agree(panel: Panel) -> None:
    tally, maker = Tally(), Maker(2024)
    for _ in range(250):
        panel.judge(maker.rule()[1], tally)
    assert tally.disagreements == []
    assert tally.counts["rules"] > 240
    assert tally.counts["sqlite: translated"] > 240


# ------------------------------------------------------------------ the expressions themselves

WORLD = w.make_world()


def rule(text: str, expect_problems: bool = False) -> Checked:
    checked, problems = w.read(text, WORLD.scope)
    assert expect_problems or not problems.errors, [problem.message() for problem in problems]
    return checked


def filtered(text: str, dialect: Dialect) -> Statement:
    metadata = WORLD.tables[dialect]
    table = metadata.tables["permit"]
    return render(
        sa.select(table.c.id).where(to_filter(rule(text), WORLD.storage, metadata, dialect, record="permit")), dialect
    )


@pytest.mark.parametrize(
    ("text", "sqlite", "postgresql"),
    [
        ('kind = "new"', "permit.kind = ?", "permit.kind = $1::VARCHAR"),
        ('not(state = "draft")', "permit.state IS NOT ?", "permit.state IS DISTINCT FROM $1::VARCHAR"),
        ("price > 1.5", "permit.price > ?", "permit.price > $1::NUMERIC"),
        ("a < 1.5", "permit.a <= ?", "permit.a <= $1::BIGINT"),
        ("not(b > 3)", "permit.b <= ?", "permit.b <= $1::BIGINT"),
        ('state in ("draft", "decided")', "permit.state IN (?, ?)", "permit.state IN ($1::TEXT, $2::TEXT)"),
        ("applicant = my person", "permit.applicant = ?", "permit.applicant = $1::UUID"),
    ],
)
def test_filters_keep_plain_comparisons(text: str, sqlite: str, postgresql: str) -> None:
    for dialect, expected in (("sqlite", sqlite), ("postgresql", postgresql)):
        found = filtered(text, dialect).text  # type: ignore[arg-type]
        assert found.split("WHERE ")[1].replace("\n", "").replace("VARCHAR", "TEXT") == expected.replace(
            "VARCHAR", "TEXT"
        )


def test_statements_name_their_parameters() -> None:
    text = "applicant.user = me and d < today() and at < now() and my person = applicant and a > 5"
    for dialect in ("sqlite", "postgresql"):
        statement = filtered(text, dialect)  # type: ignore[arg-type]
        assert statement.names == {"me", "my_person", "today", "now"}
        assert len(statement.arguments(WORLD.parameters)) == len(statement.slots)
    condition = to_filter(rule(text), WORLD.storage, WORLD.tables["sqlite"], "sqlite", record="permit")
    assert parameters(condition) == {"me", "my_person", "today", "now"}


def test_an_alias_may_stand_for_the_table() -> None:
    metadata = WORLD.tables["sqlite"]
    other = metadata.tables["permit"].alias("p")
    found = to_filter(rule("count(documents) > a"), WORLD.storage, metadata, "sqlite", record="permit", table=other)
    text = render(sa.select(other.c.id).where(found), "sqlite").text
    assert "t1.permit = p.id" in text
    assert "permit.id" not in text.replace("p.id", "")


def test_values_are_read_back_exactly() -> None:
    value = to_value(rule("price * 3"), WORLD.storage, WORLD.tables["sqlite"], "sqlite", record="permit")
    assert decoder(value)("1.5") == Decimal("1.5")
    plain = to_value(rule("price"), WORLD.storage, WORLD.tables["sqlite"], "sqlite", record="permit")
    assert decoder(plain)(9223372036854775807) == Decimal("92233720368547758.07")
    day = to_value(rule("d"), WORLD.storage, WORLD.tables["sqlite"], "sqlite", record="permit")
    assert decoder(day)("2024-02-29") == date(2024, 2, 29)


# ------------------------------------------------------------------ what has no SQL


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("sort(documents.fee)[1] > 5", "sort(documents.fee)"),
        ("sqrt(a) > 2", "sqrt(a)"),
        ('a > 1 and count(split(name, ",")) > 1', 'split(name, ",")'),
        ("documents[1].fee > 5", "documents[1]"),
        ('string(@"2024-02-29T12:00:00+02:00" + @"P1M") = name', '@"2024-02-29T12:00:00+02:00" + @"P1M"'),
    ],
)
def test_what_has_no_sql_is_a_problem_at_its_place(text: str, part: str) -> None:
    checked = rule(text)
    for dialect in ("sqlite", "postgresql"):
        metadata = WORLD.tables[dialect]  # type: ignore[index]
        (reason,) = translatable(checked, WORLD.storage, metadata, dialect, record="permit")  # type: ignore[arg-type]
        problem = problem_of(reason, checked)
        assert problem.code == "rule-not-in-sql"
        assert text[problem.span.start : problem.span.end] == part
        assert problem.message("en") != problem.message("de")
        assert "{" not in problem.message("en") + problem.message("de") + problem.remedy("de")
        problems = Problems()
        problems.add(problem)
        assert problems.errors


def test_sums_that_rounding_would_change_are_refused() -> None:
    checked = rule("sum(for x in documents return x.fee / 7)")
    with pytest.raises(NotTranslatable, match="rounded with every addition"):
        to_value(checked, WORLD.storage, WORLD.tables["postgresql"], "postgresql", record="permit")


def test_what_can_be_translated_has_no_reasons() -> None:
    assert translatable(rule("a > 1"), WORLD.storage, WORLD.tables["sqlite"], "sqlite", record="permit") == ()


# ------------------------------------------------------------------ indexes

INDEXED = [
    ('kind = "new"', "kind"),
    ("a = 5", "a"),
    ("a > 5", "a"),
    ("a < 1.5", "a"),
    ("price >= 10.5", "price"),
    ("price between 1 and 2", "price"),
    ('d in [@"2024-01-01"..@"2024-12-31"]', "d"),
    ("d < today()", "d"),
    ('d < today() - @"P14D"', "d"),
    ('at < now() - @"P1M"', "at"),
    ('state in ("draft", "decided")', "state"),
    ("clerk = me", "clerk"),
    ("applicant = my person", "applicant"),
    ("not(a <= 5)", "a"),
    ('a > 5 and s = "x"', "a"),
    ("b = null", "b"),
    ('plot.district = "x"', "plot"),
    ("applicant.user = me", "applicant"),
]


@pytest.fixture(scope="module")
def indexed(panel: Panel) -> Panel:
    """The world with an index on every column that is asked."""
    for number, column in enumerate(sorted({column for _, column in INDEXED}), 1):
        text = f'create index ix{number} on permit ("{column}")'
        panel.lite.execute(text)
        if panel.postgres is not None:
            panel.postgres.run(text)
    return panel


@pytest.mark.parametrize(("text", "column"), INDEXED)
def test_an_index_serves_the_filter(indexed: Panel, text: str, column: str) -> None:
    dialect = indexed.dialects[-1]
    statement = filtered(text, dialect)
    arguments = WORLD.parameters
    if dialect == "sqlite":
        plan = indexed.lite.execute(f"explain query plan {statement.text}", statement.arguments(arguments)).fetchall()
        found = " ".join(str(row[-1]) for row in plan)
        assert "SEARCH permit USING" in found
        assert f"({column}" in found
    else:
        assert indexed.postgres is not None
        indexed.postgres.run("set enable_seqscan = off")
        asked = Statement(f"explain {statement.text}", statement.slots, dialect)
        found = "\n".join(str(row[0]) for row in indexed.postgres.fetch(asked, arguments))
        assert "Seq Scan on permit" not in found
        assert "Index Cond: (" in found


def test_paths_of_trees_are_ranges_of_an_index(indexed: Panel) -> None:
    dialect = indexed.dialects[-1]
    index = 'create index ix_path on unit ("_path")'
    if dialect == "sqlite":
        indexed.lite.execute(index)
        statement = filtered("plot.unit under my person.unit", dialect)
        plan = indexed.lite.execute(f"explain query plan {statement.text}", statement.arguments(WORLD.parameters))
        assert any("ix_path (_path>? AND _path<?)" in str(row[-1]) for row in plan)
    else:
        assert indexed.postgres is not None
        indexed.postgres.run(index)
        indexed.postgres.run("set enable_seqscan = off")
        statement = filtered("plot.unit under my person.unit", dialect)
        asked = Statement(f"explain {statement.text}", statement.slots, dialect)
        found = "\n".join(str(row[0]) for row in indexed.postgres.fetch(asked, WORLD.parameters))
        assert "ix_path" in found


def test_every_kind_of_null_in_and_or_not(panel: Panel) -> None:
    values = ("f", "g", "late", "s = null", "b > 2", "true", "false")
    pairs = itertools.product(values, repeat=2)
    agree(panel, *(f"not(({a}) {op} ({b}))" for a, b in pairs for op in ("and", "or")))


def test_the_documentation_lists_the_functions() -> None:
    text = (Path(__file__).parent.parent / "docs" / "rules_in_sql.md").read_text()
    listed = text[text.index("the functions `abs`") : text.index("What is bounded")]
    assert set(re.findall("`([^`]+)`", " ".join(listed.split()))) == {*FUNCTIONS, "not"}
