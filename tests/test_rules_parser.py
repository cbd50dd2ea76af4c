from __future__ import annotations

import random
from decimal import Decimal

import pytest
from effort import grows_evenly
from fachwerk.problems import Fragment, Problems, Source
from fachwerk.rules.parser import MAX_LENGTH, parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import Broken, Literal, Node
from fachwerk.rules.types import ANY, ContextType, ListType, Typed
from fachwerk.rules.walk import depth, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from permits import PERMIT_SCOPE

_NAMES = [
    "a",
    "b",
    "c",
    "l",
    "Monthly Salary",
    "Teacher's Evaluation",
    "a-b",
    "decision A 2.1",
    "days in weekend",
    "date",
    "if sold",
    "not valid",
    "in stock",
    "true north",
]
_ENTRIES = ListType(Typed(ContextType((("first name", Typed(ANY)),))))
SCOPE = Scope({name: Typed(ANY) for name in _NAMES} | {"people": Typed(_ENTRIES)})
OPEN = Scope({}, strict=False)


def shape(node: object) -> str:
    """Return a tree as text, short enough for a table."""
    if isinstance(node, Literal):
        return str(node.value) if isinstance(node.value, Decimal) else repr(node.value)
    if isinstance(node, Node):
        parts = [value for key, value in vars(node).items() if key not in ("start", "end")]
        return f"{type(node).__name__}({', '.join(map(shape, parts))})"
    if isinstance(node, tuple):
        return f"[{', '.join(map(shape, node))}]"
    return str(node)


def read(text: str, scope: Scope = SCOPE, *, as_tests: bool = False) -> tuple[Node, Problems]:
    problems = Problems()
    return parse(Fragment.of(text), scope, problems, as_tests=as_tests), problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "Arithmetic(+, 1, Arithmetic(*, 2, 3))"),
        ("2 ** 3 ** 4", "Arithmetic(**, Arithmetic(**, 2, 3), 4)"),
        ("-3 ** 2", "Arithmetic(**, -3, 2)"),
        ("-a ** 2", "Arithmetic(**, Negate(Name(a)), 2)"),
        ("a - -b", "Arithmetic(-, Name(a), Negate(Name(b)))"),
        ("-a.b[1]", "Negate(Filter(Path(Name(a), b), 1))"),
        ("a = 1 and b = 2 or c", "Or([And([Compare(=, Name(a), 1), Compare(=, Name(b), 2)]), Name(c)])"),
        ("a and b and c", "And([Name(a), Name(b), Name(c)])"),
        ("a between 1 and 2 and b", "And([Between(Name(a), 1, 2), Name(b)])"),
        ("a + 1 between 1 and 2 + 3", "Between(Arithmetic(+, Name(a), 1), 1, Arithmetic(+, 2, 3))"),
        ("1 + a instance of number", "Arithmetic(+, 1, InstanceOf(Name(a), TypeName(number, [], None)))"),
        ("a in (1, < 5, [6..7])", "In(Name(a), UnaryTests([1, Interval(None, 5, False, False, True), "
         "Interval(6, 7, True, True, False)], False))"),
        ("a in (1..5]", "In(Name(a), UnaryTests([Interval(1, 5, False, True, False)], False))"),
        ("a in (b + c) * 2", "In(Name(a), UnaryTests([Arithmetic(*, Arithmetic(+, Name(b), Name(c)), 2)], False))"),
        ("a in > 5", "In(Name(a), UnaryTests([Interval(5, None, False, False, True)], False))"),
        ("a in != 5", "In(Name(a), UnaryTests([Test(!=, 5)], False))"),
        ("a in (b)", "In(Name(a), UnaryTests([Name(b)], False))"),
        ("]1..5[", "Interval(1, 5, False, False, False)"),
        ("[1..l[1]]", "Interval(1, Filter(Name(l), 1), True, True, False)"),
        ("[a..b[", "Interval(Name(a), Name(b), True, False, False)"),
        ("(>= 5)", "Interval(5, None, True, False, True)"),
        ("(=10)", "Test(=, 10)"),
        ("l[a > 1].b", "Path(Filter(Name(l), Compare(>, Name(a), 1)), b)"),
        ("l[-1]", "Filter(Name(l), -1)"),
        ("{a: 1, \"b c\": a, d e: 2}.d e", "Path(ContextOf([[a, 1], [b c, Name(a)], [d e, 2]]), d e)"),
        ("{}", "ContextOf([])"),
        ("[]", "ListOf([])"),
        ("function(x: number, y) x + y", "Lambda([[x, TypeName(number, [], None)], [y, None]], "
         "Arithmetic(+, Name(x), Name(y)), False)"),
        ("function(x) external {java: {class: \"c\", method signature: \"m\"}}", "Lambda([[x, None]], "
         "ContextOf([[java, ContextOf([[class, 'c'], [method signature, 'm']])]]), True)"),
        ("(function() 1)()", "Call(Lambda([], 1, False), [], None)"),
        ("for x in 1..3, y in [x..5] return partial", "For([Each(x, 1, 3), Each(y, Interval(Name(x), 5, True, True, "
         "False), None)], Name(partial))"),
        ("for line item in l return line item.b", "For([Each(line item, Name(l), None)], Path(Name(line item), b))"),
        ("some x in l satisfies x or a", "Quantified(some, [Each(x, Name(l), None)], Or([Name(x), Name(a)]))"),
        ("every x in l, y in l satisfies true", "Quantified(every, [Each(x, Name(l), None), "
         "Each(y, Name(l), None)], True)"),
        ("if a then b else if c then 1 else 2", "If(Name(a), Name(b), If(Name(c), 1, 2))"),
        ("1 + if a then 1 else 2", "Arithmetic(+, 1, If(Name(a), 1, 2))"),
        ("substring(string: \"abc\", start position: 2)", "Call(Name(substring), ['abc', 2], [string, start position])"),
        ("string length(\"a\")", "Call(Name(string length), ['a'], None)"),
        ("years and months duration(a, b)", "Call(Name(years and months duration), [Name(a), Name(b)], None)"),
        ("date and time(\"x\")", "Call(Name(date and time), ['x'], None)"),
        ("date and a", "And([Name(date), Name(a)])"),
        ("Monthly\n  Salary * 2", "Arithmetic(*, Name(Monthly Salary), 2)"),
        ("Teacher's Evaluation", "Name(Teacher's Evaluation)"),
        ("a-b", "Name(a-b)"),
        ("a - b", "Arithmetic(-, Name(a), Name(b))"),
        ("decision A 2.1 + 1", "Arithmetic(+, Name(decision A 2.1), 1)"),
        ("days in weekend in (1, 2)", "In(Name(days in weekend), UnaryTests([1, 2], False))"),
        ("people[first name = 1].first name", "Path(Filter(Name(people), Compare(=, Name(first name), 1)), first name)"),
        ("@\"P1Y\".years", "Path(Months(months=12), years)"),
        ("a instance of list<context<x y: list<number>>>=true", "Compare(=, InstanceOf(Name(a), TypeName(list, "
         "[[, TypeName(context, [[x y, TypeName(list, [[, TypeName(number, [], None)]], None)]], None)]], None)), True)"),
        ("a instance of function<number, string>->date and time", "InstanceOf(Name(a), TypeName(function, "
         "[[, TypeName(number, [], None)], [, TypeName(string, [], None)]], TypeName(date and time, [], None)))"),
        ("a instance of function<>->Any", "InstanceOf(Name(a), TypeName(function, [], TypeName(Any, [], None)))"),
        ("my person = me", "Compare(=, My(person), Name(me))"),
        ("a under b or c", "Or([Under(Name(a), Name(b)), Name(c)])"),
        ("l[current and a > 1]", "Filter(Name(l), And([Name(current), Compare(>, Name(a), 1)]))"),
        ("a /* x */ + // y\n b", "Arithmetic(+, Name(a), Name(b))"),
        ("? > 5", "Compare(>, Name(?), 5)"),
        ("{x+y: 1}.x+y", "Path(ContextOf([[x+y, 1]]), x+y)"),
        ("if if sold and not valid then in stock + 1 else true north", "If(And([Name(if sold), Name(not valid)]), "
        "Arithmetic(+, Name(in stock), 1), Name(true north))"),
    ],
)  # fmt: skip
def test_what_is_read(text: str, expected: str) -> None:
    node, problems = read(text)
    assert [problem.message() for problem in problems] == []
    assert shape(node) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", "UnaryTests([], False)"),
        ("-5", "UnaryTests([-5], False)"),
        ("\"a\", \"b\"", "UnaryTests(['a', 'b'], False)"),
        ("not(\"a\", \"b\")", "UnaryTests(['a', 'b'], True)"),
        ("not(a) or b", "UnaryTests([Or([Call(Name(not), [Name(a)], None), Name(b)])], False)"),
        ("< 5, [7..8)", "UnaryTests([Interval(None, 5, False, False, True), Interval(7, 8, True, False, False)], False)"),
        ("<= 5", "UnaryTests([Interval(None, 5, False, True, True)], False)"),
        ("? > 5 and ? < 7", "UnaryTests([And([Compare(>, Name(?), 5), Compare(<, Name(?), 7)])], False)"),
        ("!= 3", "UnaryTests([Test(!=, 3)], False)"),
        ("2,5", "UnaryTests([2, 5], False)"),
    ],
)  # fmt: skip
def test_unary_tests(text: str, expected: str) -> None:
    node, problems = read(text, as_tests=True)
    assert [problem.message() for problem in problems] == []
    assert shape(node) == expected


def test_names_nobody_knows_are_read_as_one_where_names_are_free() -> None:
    node, problems = read("Unknown Thing.first name + 1", OPEN)
    assert shape(node) == "Arithmetic(+, Path(Name(Unknown Thing), first name), 1)"
    assert not len(problems)


def test_several_problems_in_one_rule() -> None:
    _, problems = read("a == 'x' && (b + ) or c is not null and max(1;2")
    assert [problem.code for problem in problems] == [
        "other-language",
        "other-language",
        "other-language",
        "unexpected",
        "other-language",
        "unclosed",
        "other-language",
    ]


def test_problems_lead_back_to_the_file() -> None:
    source = Source("rules.yaml", "when: a == 1\n")
    problems = Problems()
    parse(Fragment("a == 1", source, 6), SCOPE, problems)
    (problem,) = problems
    assert str(problem.span) == "rules.yaml:1:9"


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "[" * 5000, "-" * 5000 + "1", "not(" * 3000, "a." * 3000 + "b", "a+" * 3000 + "1", "if a then " * 3000,
     "{a:" * 3000, "a[" * 3000, "function(x) " * 3000, "a instance of " + "list<" * 3000, "a" + "[1]" * 3000,
     "a" + "()" * 3000, "!" * 3000 + "a", "not " * 3000 + "a", "a ? b : " * 3000 + "c", "for x in " * 3000],
)  # fmt: skip
def test_depth_is_bounded(text: str) -> None:
    node, problems = read(text)
    assert "too-deep" in {problem.code for problem in problems}
    assert depth(node) <= 160


def test_many_terms_are_not_deep() -> None:
    node, problems = read(" and ".join(["a"] * 2000) + " or " + "[" + "1, " * 2000 + "2] = l")
    assert not len(problems)
    assert depth(node) < 10


def test_length_is_bounded() -> None:
    _, problems = read("a" * (MAX_LENGTH + 1))
    assert [problem.code for problem in problems] == ["too-long"]


@pytest.mark.parametrize(
    "piece",
    [
        "a b ",
        "'",
        "a, ",
        "if (",
        "not(",
        "a is ",
        "“",
        "a % ",
        "f(a: ",
        "{a ",
        "a == ",
        "1,2,",
        "x.y ",
        "some x in ",
        ")", "'a'+", "'\"'+", "‚a or ", "{a b:1}+",
    ],
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    assert grows_evenly(lambda size: read(piece * (size // len(piece))), 5_000)


_TEXT = (
    "a b c l kind plot.heritage 1 2.5 \"x\" 'x' ( ) [ ] { } , : ; . .. + - * / ** = != < <= > >= == && || ! % ? @ and or "
    "not in between if then else for return some every satisfies instance of list<number> function my me under null true "
    "false item partial current valid_on( is string length( date and time( external -> => += ] [ \\ \" /* // elif IF("
)
_PIECES = [*_TEXT.split(), "\n"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_PIECES), max_size=25), st.booleans())
def test_any_pieces_are_read_without_an_exception(pieces: list[str], as_tests: bool) -> None:
    check_total(" ".join(pieces), as_tests=as_tests)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    check_total(text)


_RULES = (
    'kind = "demolition" and plot.heritage',
    "sum(plot.ownership[current].share) <= 100",
    'every opinion in opinions satisfies opinion.outcome = "approve"',
    "if a then [1..5] else {a: function(x: list<number>) x}",
    'for x in 1..3 return substring(string: "abc", start position: x)',
)


@settings(max_examples=200)
@given(st.sampled_from(_RULES), st.integers(0, 2**32), st.text(max_size=3))
def test_mutated_rules_are_read_without_an_exception(rule: str, seed: int, added: str) -> None:
    chance = random.Random(seed)
    start, end = sorted(chance.randrange(len(rule) + 1) for _ in range(2))
    check_total(rule[:start] + added + rule[end:])


def check_total(text: str, *, as_tests: bool = False) -> None:
    """Check that a text gives a tree with sound spans, and problems exactly where something is broken."""
    for scope in (SCOPE, PERMIT_SCOPE, OPEN):
        node, problems = read(text, scope, as_tests=as_tests)
        parts = list(walk(node))
        assert all(0 <= part.start <= part.end <= len(text) for part in parts)
        assert len(problems) or not any(isinstance(part, Broken) for part in parts)
        for problem in problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
            for language in ("en", "de"):
                assert problem.message(language)
                assert "{" not in problem.message(language) or "{" in text
