"""Compiled rules: against the oracle, and what they do about null, errors, bounds, numbers and places."""

from __future__ import annotations

import asyncio
import decimal
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from time import thread_time

import pytest
from fachwerk.problems import Fragment, Problems, Source
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.to_python import Environment, Evaluation, compile_record_rule, compile_rule
from fachwerk.rules.to_python.compiling import _Careful
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    NUMBER,
    STRING,
    FunctionType,
    ListType,
    RecordType,
    Typed,
)
from fachwerk.rules.values import Failure, Function, evaluation, identical, kind_of, literal, use_everywhere
from feel_oracle import Oracle
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rule_texts import CATEGORIES, LOOSE, PERSONS, RECORDS, SCOPE, SEEN, USERS, rules

NOW, TODAY = SEEN, SEEN.date()
Record = dict[str, object]


def checked(text: str, scope: Scope = SCOPE, *, as_tests: bool = False) -> Checked:
    """Read and check a rule; doubtful types are no hindrance."""
    fragment, problems = Fragment.of(text), Problems()
    return check(parse(fragment, scope, problems, as_tests=as_tests), fragment, scope, problems)


def value(text: str, **given: object) -> object:
    """Evaluate a rule as ``fachwerk feel`` does, with names that may be anything."""
    scope = Scope(dict.fromkeys(given, Typed(ANY)), strict=False)
    return compile_rule(checked(text, scope), tuple(given), environment=Environment())(*given.values())


def typed_value(text: str, record: Record, names: Mapping[str, Typed], **context: object) -> object:
    """Evaluate a rule over a record."""
    evaluation_ = Evaluation(now=NOW, today=TODAY, **context)  # type: ignore[arg-type]
    return compile_record_rule(checked(text, Scope(names, me=None)), Environment())(record, evaluation_)


def failures(text: str) -> list[str]:
    """What is said of a rule that fails."""
    found: list[Failure] = []
    with evaluation(failures=found):
        assert value(text) is None
    return [f"{failure.span.start if failure.span else '?'}: {failure.said()}" for failure in found]


# against the oracle


class Spied(_Careful):
    """Counts how often a quick rule has fallen back."""

    count = 0

    def __call__(self, *arguments: object) -> object:
        Spied.count += 1
        return super().__call__(*arguments)


def agree(text: str, one: object, other: object) -> None:
    same = identical(one, other) or (kind_of(one) == kind_of(other) == "function")
    assert same, f"{text}\n  oracle {literal(one, inside=True)}\n  ours   {literal(other, inside=True)}"


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(text=rules(), record=RECORDS, person=st.one_of(st.none(), PERSONS), me=USERS)
def test_rules_over_records_agree_with_the_oracle(
    text: str, record: Record, person: Record | None, me: Record
) -> None:
    rule = checked(text)
    oracle = Oracle(exact=True, mine={"person": person})
    wanted = oracle.evaluate(rule.node, {**record, "me": me}, now=NOW)
    ours = compile_record_rule(rule, Environment())
    context = Evaluation(now=NOW, today=TODAY, me=me, mine={"person": person})
    agree(text, wanted, ours(record, context))
    context.failures = []
    agree(text, wanted, ours(record, context))


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(text=rules(wild=True), record=RECORDS)
def test_rules_of_any_type_agree_with_the_oracle(text: str, record: Record) -> None:
    rule = checked(text, LOOSE)
    wanted = Oracle().evaluate(rule.node, record, now=NOW)
    ours = compile_rule(rule, tuple(LOOSE.names), environment=Environment())
    with evaluation(now=NOW):
        agree(text, wanted, ours(*(record[name] for name in LOOSE.names)))


QUICK = (
    'fee > 1000 and (state = "closed" or storeys > 5)',
    "fee > 5 and fee < 10 or note = null",
    "storeys <= plot.max_storeys",
    "if plot = null then storeys > 2 else storeys <= plot.max_storeys",
    "some p in parts satisfies p.price > 10",
    "every p in parts satisfies p.done and p.price > 1",
    'sum(parts[kind = "a"].qty) > 3',
    "count(parts[current]) > 0",
    'decided - filed > duration("P3D")',
    "decided <= today()",
    'not(contains(note, "a"))',
    'state in ("draft", "open")',
    "fee in [1..10]",
    "fee between 1 and 10",
    "applicant = me",
    "plot = my person.plot",
    "category under my person.category",
    "seen < now()",
    'upper case(note) = "A"',
    "string length(note) > 3",
    "max(parts.qty)",
    "-fee * 2 + storeys",
    "fee / 4",
    "list contains(tags, title)",
)


@pytest.mark.parametrize("text", QUICK)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(record=RECORDS, person=st.one_of(st.none(), PERSONS), me=st.one_of(st.none(), USERS))
def test_null_does_not_slow_a_rule_down(
    monkeypatch: pytest.MonkeyPatch, text: str, record: Record, person: Record | None, me: Record | None
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("fachwerk.rules.to_python.compiling._Careful", Spied)
        ours = compile_record_rule(checked(text), Environment())
    before = Spied.count
    ours(record, Evaluation(now=NOW, today=TODAY, me=me, mine={"person": person}))
    assert Spied.count == before


# null and errors


def test_a_division_by_zero_is_null_and_only_that() -> None:
    names = {"a": Typed(NUMBER, False), "b": Typed(NUMBER, False)}
    record: Record = {"a": Decimal(1), "b": Decimal(0)}
    assert typed_value("a / b", record, names) is None
    assert typed_value("a / b = null", record, names) is True
    assert typed_value("(if a / b = null then 5 else 6) + a", record, names) == 6


def test_a_field_that_was_not_loaded_is_null_with_a_record() -> None:
    found: list[Failure] = []
    assert typed_value("a + 1", {"id": "1"}, {"a": Typed(NUMBER, False)}, failures=found) is None
    assert [failure.said("de") for failure in found] == ["das Feld a wurde nicht geladen"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", ["0: division by zero"]),
        ('2 + "a"', ["0: a number and a string cannot be added here"]),
        ('1 = "a"', ["0: a number does not compare with a string"]),
        ('5 + date("x").year', ['4: "x" is not a date such as 2024-02-29']),
        ("true and 1", ["9: a number is neither true nor false"]),
        ('number("a", " ")', ['0: "a" is not a number']),
        (
            'substring(strin: "a", start position: 1)',
            ["0: substring has no parameter strin; did you mean string?"],
        ),
        ('matches("a", "[")', ['0: "[" is not a regular expression']),
        ("nobody", ["0: there is nothing of the name nobody"]),
        ("{a: 1}.b", ["0: there is no entry b"]),
        ("(function(a) a)(1, 2)", ["1: the function takes 1 arguments"]),
        ("(5)(1)", ["1: a number cannot be called"]),
    ],
)
def test_failures_say_what_and_where(text: str, said: list[str]) -> None:
    assert failures(text) == said


def test_failures_are_noted_by_typed_rules_when_somebody_asks() -> None:
    names = {"a": Typed(NUMBER, False)}
    found: list[Failure] = []
    assert typed_value("1 / a", {"a": Decimal(0)}, names, failures=found) is None
    assert [(failure.said(), str(failure.span)) for failure in found] == [("division by zero", "<rule>:1:1")]


# the language, piece by piece


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # null, and and or
        ("null = null", "true"),
        ("null != 1", "true"),
        ("1 < null", "null"),
        ("null and false", "false"),
        ("1 or true", "true"),
        ("1 and true", "null"),
        ("not(null)", "null"),
        ("if null then 1 else 2", "2"),
        ("if 1 then 1 else 2", "2"),
        # operators
        ("-3 ** 2", "9"),
        ("3 ** 2 ** 2", "81"),
        ('-duration("P1D")', "-P1D"),
        ('-"a"', "null"),
        ('"a" + "b"', '"ab"'),
        ("5 between 1 and null", "null"),
        ("0 between 1 and null", "false"),
        ('"b" between "a" and "c"', "true"),
        ("1 = 1.0", "true"),
        ("[1, 2] = [1, 2]", "true"),
        ('"a" < "b"', "true"),
        ("1 under 2", "null"),
        ("my person", "null"),
        # types
        ("1 instance of number", "true"),
        ("[1] instance of list<number>", "true"),
        ('["a"] instance of list<number>', "false"),
        ("{a: 1} instance of context<a: number>", "true"),
        ("[1..2] instance of range<number>", "true"),
        ("(function(a: number) a) instance of function<number> -> Any", "true"),
        ("(function(a: string) a) instance of function<number> -> Any", "false"),
        ("(function(a: list<number>) a) instance of function<list<number>> -> Any", "true"),
        ("abs instance of function<number> -> number", "true"),
        ("null instance of Null", "true"),
        ("1 instance of Nothing", "null"),
        ("1 instance of list<Nothing>", "null"),
        # ranges and tests
        ("[1..3]", "[1..3]"),
        ("(1..3[", "(1..3)"),
        ("[3..1]", "null"),
        ("[null..1]", "null"),
        ("(< 3) = (< 3)", "true"),
        ("(!= 3)", "!=3"),
        ("[1..3].start included", "true"),
        ("(1..3).end", "3"),
        ("2 in [1..3]", "true"),
        ("2 in (null..3]", "null"),
        ("4 in (1, > 3)", "true"),
        ('"x" in ("a", "b")', "false"),
        ("1 in [[2..4], [1..3]]", "true"),
        ("[1, 2] in [[1, 2], [3]]", "true"),
        ("null in (1, null)", "true"),
        ("true in (1 = 1)", "true"),
        ("5 in not(5)", "false"),
        # paths and filters
        ("[{a: 1}, {a: 2}, {b: 3}].a", "[1, 2, null]"),
        ("{a: {b: 1}}.a.b", "1"),
        ('date("2024-02-29").month', "2"),
        ("[1, 2, 3][item > 1]", "[2, 3]"),
        ("[{a: 1}, {a: 2}][a = 2].a", "[2]"),
        ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"),
        ("[1, 2, 3][-1]", "3"),
        ("[1, 2, 3][4]", "null"),
        ("[1, 2, 3][1.5]", "null"),
        ("5[1]", "5"),
        ("5[item > 9]", "[]"),
        ("null[1]", "null"),
        ("null[item = 1]", "null"),
        ("[][1]", "null"),
        ("[][item = 1]", "[]"),
        ("{n: 2, r: [7, 8, 9][n]}.r", "8"),
        ("{n: 2, r: [][n]}.r", "null"),
        ('[1, 2]["a"]', "[]"),
        ("[[1, 2], [3]][count(item[item > 1]) > 0]", "[[1, 2], [3]]"),
        # loops
        ("for i in [1, 2] return i * 2", "[2, 4]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in [1..3] return i", "[1, 2, 3]"),
        ("for i in (1..3) return i", "[2]"),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', "[28, 29, 1]"),
        ('for i in "a".."b" return i', "null"),
        ("for i in 1.5..3 return i", "null"),
        ("for i in null return i", "null"),
        ("for i in 5 return i", "[5]"),
        ("for x in [[1, 2], [3]], y in x return y", "[1, 2, 3]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for i in 1..3 return count(partial)", "[0, 1, 2]"),
        ("some x in [null, 1] satisfies x > 5", "null"),
        ("every x in [6, null] satisfies x > 5", "null"),
        ("every x in [] satisfies x", "true"),
        ("some x in null satisfies true", "null"),
        ("some x in [1, 2], y in [x, 5] satisfies x + y = 7", "true"),
        ("if some x in [1], y in null satisfies true then 1 else 2", "2"),
        ("if not(every x in [1, 2] satisfies x > 1) then 1 else 2", "1"),
        ("some x in [1, 2] satisfies (some y in [3] satisfies x + y = 5) and true", "true"),
        # functions and contexts
        ("(function(a, b) a - b)(b: 1, a: 3)", "2"),
        ('(function(a: number) a)("x")', "null"),
        ("(function(a: number) a)([1])", "1"),
        ("(function(a: number) a)([[1]])", "null"),
        ("abs([-1])", "1"),
        ("abs([[-1]])", "null"),
        ("1 in (true)", "null"),
        ("null in (true)", "false"),
        ('(function(d: date and time) d)(@"2024-01-01")', "2024-01-01T00:00:00Z"),
        ("(function(a) a)(c: 1)", "null"),
        ("{a: 1, b: a + 1, c: {d: b}}.c.d", "2"),
        ('{"x y": 1}.x y', "1"),
        ("{f: function(x) x * k, k: 2}.f(1)", "null"),
        ("{k: 2, f: function(x) x * k}.f(3)", "6"),
        ("string(function(a, b) a)", '"function(a, b)"'),
        ('function(a) external {java: {class: "x"}}', "null"),
    ],
)
def test_the_language(text: str, wanted: str) -> None:
    assert literal(value(text), inside=True) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sum(xs) + min(xs) + max(xs)", "10"),
        ("sum(none)", "null"),
        ('date("2024-02-29") = d', "true"),
        ("date(t).day", "29"),
        ('date("x")', "null"),
        ("date(d) = d", "true"),
        ("list contains(xs, 2)", "true"),
        ("2 in xs", "true"),
        ("t in words", "false"),
        ("null in words", "true"),
        ("count(xs) = 3", "true"),
        ("string length(t) > 9", "true"),
        ("d.weekday", "4"),
        ("xs[2]", "2"),
        ("xs[item > 1][1]", "2"),
        ("-xs[1]", "-1"),
        ("-(d - d)", "PT0S"),
        ('d + duration("P1M")', "2024-03-29"),
        (
            "if count(for x in xs return x) > 2 then (for x in xs return if x > 1 then x else 0) else xs",
            "[0, 2, 3]",
        ),
        ("xs[some y in xs satisfies y = item + 1]", "[1, 2]"),
        ("for x in xs return (some y in xs satisfies y > x)", "[true, true, false]"),
        ("for x in xs, y in xs return x * y", "[1, 2, 3, 2, 4, 6, 3, 6, 9]"),
        ("xs instance of list<number>", "true"),
        ("(for x in xs return {n: x}).n", "[1, 2, 3]"),
        ("{a: 1}.a + 1", "2"),
        ("d in [d..d]", "true"),
        ("0 in [xs[1]..1 / count(none)]", "null"),
        ("0 between xs[1] and 1 / count(none)", "false"),
        ("t between t and t", "true"),
        ("not(on)", "null"),
        ("on or xs[1] = 1", "true"),
        ("(on or on) = null", "true"),
        ("[t, null][2]", "null"),
    ],
)
def test_the_language_with_types(text: str, wanted: str) -> None:
    numbers = ListType(Typed(NUMBER, False))
    names = {
        "xs": Typed(numbers, False),
        "none": Typed(numbers, False),
        "d": Typed(DATE, False),
        "t": Typed(STRING, False),
        "on": Typed(BOOLEAN),
        "words": Typed(ListType(Typed(STRING))),
    }
    record: Record = {
        "xs": [Decimal(1), Decimal(2), Decimal(3)],
        "none": [],
        "d": date(2024, 2, 29),
        "t": "2024-02-29",
        "on": None,
        "words": None,
    }
    assert literal(typed_value(text, record, names), inside=True) == wanted
    assert literal(typed_value(text, record, names, failures=[]), inside=True) == wanted


# bounds


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "count(for i in 1..100000, j in 1..100000 return 1)",
        "some i in 1..100000, j in 1..100000 satisfies i + j < 0",
        'for i in 1..60 return if i = 1 then "aa" else partial[-1] + partial[-1]',
        "for i in 1..60 return if i = 1 then [1, 1] else concatenate(partial[-1], partial[-1])",
        "flatten((for i in 1..60 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1])",
        "string((for i in 1..60 return if i = 1 then [1, 1] else [partial[-1], partial[-1]])[-1])",
        "{f: function(g, n) g(g, n + 1), r: f(f, 1)}.r",
        "{f: function(g, n) g(g, n + 1) + g(g, n + 1), r: f(f, 1)}.r",
        "(for i in 1..100000 return i)[count(for j in 1..100000 return j) = item]",
        "for i in 1..100000 return sum(for j in 1..100 return j)",
        "9 ** (9 ** (9 ** 9))",
        "for i in 1..900000 return i ** 0.5",
        'for i in 1..900000 return upper case("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + string(i))',
        "10 ** 6000 * 10 ** 6000",
        'string join(for i in 1..100000 return "aaaaaaaaaaaaaaaaaaaa", "bbbbbbbb")',
        r'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a*)*(a*)*\1c")',
        'matches("a", "(((a{1,1000}){1,1000}){1,1000}){1,1000}")',
        'for i in @"0001-01-01"..@"9999-12-31" return i',
    ],
)
def test_no_rule_runs_for_ever_or_eats_memory(text: str) -> None:
    start = thread_time()  # not the time that others take
    assert value(text) is None
    assert thread_time() - start < 60


@pytest.mark.parametrize("same", ["l = r", "is(l, r)", "list contains([l], r)", "count(distinct values([l, r])) = 1"])
def test_values_that_hold_others_many_times_compare_quickly(same: str) -> None:
    doubled = "for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]]"
    assert value(f"{{l: {doubled}, r: {doubled}, x: {same}}}.x") is True


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"count(for {', '.join(f'a{i} in [1, 2]' for i in range(12))} return a1)", 4096),
        (f"some {', '.join(f'a{i} in [1]' for i in range(12))} satisfies a1 = a11", True),
        (f"count({''.join(f'for a{i} in [1] return ' for i in range(12))} 1)", 1),
        ("".join(f"some a{i} in [1] satisfies " for i in range(12)) + "a1 = 2", False),
        ("(" * 60 + "1" + ")" * 60, 1),
        ("[item = 1]".join(["[1]", *[""] * 12]), [1]),
        (" and ".join(["true"] * 3000), True),
    ],
)
def test_rules_may_nest_deeply(text: str, wanted: object) -> None:
    assert value(text) == wanted


def test_what_is_used_up_is_said() -> None:
    assert failures("for i in 1..1000000000 return i") == ["0: this takes too long or too much memory"]


def test_decisions_that_call_decisions_share_one_allowance() -> None:
    names = {"n": Typed(NUMBER, False)}
    decision = FunctionType((("n", Typed(NUMBER)),), Typed(NUMBER))
    inner = compile_rule(
        checked("count(for i in 1..n return i)", Scope(names)), ("n",), environment=Environment()
    )
    scope = Scope(names, decisions={"walk": decision})
    outer = compile_rule(
        checked("sum(for i in 1..n return walk(1000))", scope),
        ("n",),
        environment=Environment({"walk": inner}),
    )
    assert outer(Decimal(10)) == 10_000
    assert outer(Decimal(10_000)) is None


def test_a_decision_that_calls_itself_ends() -> None:
    decision = FunctionType((("n", Typed(NUMBER)),), Typed(NUMBER))
    compiled: dict[str, Callable[..., object]] = {}
    environment = Environment({"fib": lambda n: compiled["fib"](n), "down": lambda n: compiled["down"](n)})
    scope = Scope({"n": Typed(NUMBER)}, strict=False, decisions={"fib": decision, "down": decision})
    for name, text in (("fib", "if n < 2 then n else fib(n - 1) + fib(n - 2)"), ("down", "down(n + 1)")):
        compiled[name] = compile_rule(checked(text, scope), ("n",), environment=environment)
    assert compiled["fib"](Decimal(15)) == 610
    assert compiled["fib"](Decimal(40)) is None
    assert compiled["down"](Decimal(0)) is None


# numbers


def test_a_rule_has_34_digits_under_any_decimal_context() -> None:
    names = {"a": Typed(NUMBER, False)}
    third = Decimal("0.3333333333333333333333333333333333")
    with decimal.localcontext() as context:
        context.prec = 5
        assert typed_value("1 / a", {"a": Decimal(3)}, names) == third
        assert value("1 / 3") == third
        assert value("sum([1 / 3])") == third
        assert decimal.getcontext().prec == 5
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(typed_value("1 / a", {"a": Decimal(3)}, names)))
    thread.start()
    thread.join()
    assert seen == [third]


def test_the_context_set_once_reaches_tasks() -> None:
    names = {"a": Typed(NUMBER, False)}

    async def inner() -> object:
        return typed_value("2 / a", {"a": Decimal(3)}, names)

    async def main() -> list[object]:
        use_everywhere()
        return list(await asyncio.gather(inner(), inner()))

    before = decimal.getcontext().copy()
    assert asyncio.run(main()) == [Decimal("0.6666666666666666666666666666666667")] * 2
    assert decimal.getcontext().prec == before.prec


def test_numbers_are_exact() -> None:
    assert value("0.1 + 0.2 = 0.3") is True
    assert literal(value("9007199254740993 + 0")) == "9007199254740993"


# places


def test_a_traceback_leads_into_the_file_of_the_author() -> None:
    source = Source("permit.yaml", "entity: permit\nchecks:\n  - that: Straße = helper(1)\n")
    start = source.text.index("Straße")
    fragment = Fragment(source.text[start:-1], source, start)
    scope = Scope(
        {"Straße": Typed(ANY)}, strict=False, decisions={"helper": FunctionType((("a", Typed(ANY)),))}
    )

    def broken(argument: object) -> object:
        raise ZeroDivisionError

    rule = check(parse(fragment, scope, Problems()), fragment, scope, Problems())
    compiled = compile_rule(rule, ("Straße",), environment=Environment({"helper": broken}))
    with pytest.raises(ZeroDivisionError) as raised:
        compiled(None)
    frame = next(found for found in traceback.extract_tb(raised.tb) if found.filename == "permit.yaml")
    assert frame.lineno == 3
    bytes_before = len(b"  - that: Stra\xc3\x9fe = ")
    assert (frame.colno, frame.end_colno) in (
        (bytes_before, bytes_before + len("helper(1)")),
        (bytes_before - 1, bytes_before - 1 + len("helper(1)")),
    )


def test_generated_code_sees_nothing_but_its_constants() -> None:
    rule = compile_record_rule(checked("storeys > 2"), Environment())
    assert rule.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]


# unary tests, decisions, functions


def cell(text: str, given: object, type_: Typed = Typed(NUMBER)) -> object:  # noqa: B008
    scope = Scope({"?": type_})
    return compile_rule(checked(text, scope, as_tests=True), ("?",), environment=Environment())(given)


@pytest.mark.parametrize(
    ("text", "given", "wanted"),
    [
        ("> 5", 6, True),
        ("> 5", None, None),
        ("-", None, True),
        ("1, 2, [5..7)", 7, False),
        ("1, 2, [5..7)", 2, True),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", None, True),
        ("null", None, True),
        ("? * 2 > 10", 6, True),
        ("? > 3 and ? < 5", 4, True),
        ("[1, 2]", 2, True),
        ("true", 1, None),
        ("true", None, False),
        ("1 = 1", 1, None),
        ("? = ? and true", 1, True),
    ],
)
def test_unary_tests(text: str, given: int | None, wanted: bool | None) -> None:
    assert cell(text, None if given is None else Decimal(given)) is wanted


def test_decisions_are_called_by_position_and_by_name() -> None:
    fee = FunctionType((("area", Typed(NUMBER)), ("rate", Typed(NUMBER))), Typed(NUMBER))
    scope = Scope({"a": Typed(NUMBER, False), "base": Typed(NUMBER)}, decisions={"fee": fee})
    environment = Environment({"fee": lambda area, rate: area * 10 + rate, "base": lambda: Decimal(7)})
    record: Record = {"a": Decimal(3)}
    context = Evaluation(now=NOW, today=TODAY)
    for text, wanted in (("fee(a, 1)", 31), ("fee(rate: a, area: 1)", 13), ("base + a", 10)):
        assert compile_record_rule(checked(text, scope), environment)(record, context) == wanted


def test_functions_see_the_turn_of_the_loop_they_were_made_in() -> None:
    assert value("for f in (for i in 1..3 return function() i) return f()") == [1, 2, 3]
    assert value("for f in (for i in 1..3 return function(x) i + x) return f(10)") == [11, 12, 13]


def test_a_function_of_a_model_can_be_handed_in() -> None:
    double = Function(lambda n: n * 2, ("n",), (NUMBER,))
    assert value("sort([3, 1, 2], function(a, b) double(a) < double(b))", double=double) == [1, 2, 3]
    assert value('double("a")', double=double) is None


def test_only_the_branch_that_is_taken_is_evaluated() -> None:
    assert (
        value("{f: function(g, n) if n = 0 then 1 else n * g(g, n - 1), r: f(f, 20)}.r")
        == 2432902008176640000
    )


@example("me = null")
@example("me.name = null")
@given(st.sampled_from(["applicant = me", "me.id = null"]))
def test_nobody_acting_is_null(text: str) -> None:
    record: Record = {"applicant": None}
    ours = compile_record_rule(checked(text), Environment())
    assert ours(record, Evaluation(now=NOW, today=TODAY)) is True


def test_trees_and_spans_of_time() -> None:
    everything = {"id": "c1", "_path": "/c1/"}
    some = {"id": "c2", "_path": "/c1/c2/"}
    category = RecordType("category", {}, tree="parent")
    names = {"a": Typed(category), "b": Typed(category)}
    assert typed_value("a under b", {"a": some, "b": everything}, names) is True
    assert typed_value("a under b", {"a": everything, "b": some}, names) is False
    assert typed_value("a under b", {"a": everything, "b": everything}, names) is True
    assert typed_value("a under b", {"a": everything, "b": None}, names) is None


def test_current_is_a_question_of_the_day() -> None:
    part = {"id": "1", "since": date(2024, 1, 1), "until": None, "qty": Decimal(1)}
    over = {**part, "until": date(2024, 2, 28)}
    rule = compile_record_rule(checked("count(parts[current])"), Environment())
    assert rule({"parts": [part, over]}, Evaluation(now=NOW, today=TODAY)) == 1
    assert rule({"parts": [part, over]}, Evaluation(now=NOW, today=date(2024, 2, 1))) == 2


def test_several_iterators_leave_together() -> None:
    names = {"xs": Typed(ListType(Typed(NUMBER, False)), False), "on": Typed(BOOLEAN), "s": Typed(STRING)}
    record: Record = {"xs": [Decimal(1), Decimal(2), Decimal(3)], "on": None, "s": None}
    assert typed_value("some a in xs, b in xs satisfies a + b = 6", record, names) is True
    assert typed_value("every a in xs, b in xs satisfies a + b < 6", record, names) is False
    assert typed_value("some a in xs, b in xs satisfies a > 5 or on", record, names) is None
    assert CATEGORIES is not None
