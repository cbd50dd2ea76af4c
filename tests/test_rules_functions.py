"""The built-in functions, called as a rule calls them."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from effort import calls
from fachwerk.problems import Fragment, Problems
from fachwerk.rules.check import check
from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.functions.characters import BLOCKS, both_cases, complement, contains, difference, union
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.functions.patterns import pattern_of
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.to_python import Environment, compile_rule
from fachwerk.rules.values import evaluation, literal
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


def value(text: str) -> object:
    """Evaluate a rule without names."""
    fragment, problems, scope = Fragment.of(text), Problems(), Scope({}, strict=False)
    return compile_rule(
        check(parse(fragment, scope, problems), fragment, scope, problems), (), environment=Environment()
    )()


def shown(text: str) -> str:
    """Evaluate a rule and write its value as a literal."""
    return literal(value(text), inside=True)


def test_every_signature_has_its_function() -> None:
    assert BUILTINS.keys() == SIGNATURES.keys()
    for name, builtin in BUILTINS.items():
        assert [form.signature for form in builtin.forms] == list(SIGNATURES[name])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # conversion
        ('date("2024-02-29")', "2024-02-29"),
        ("date(2024, 2, 30)", "null"),
        ("date(2024.5, 2, 3)", "null"),
        ('date(from: "2024-02-29")', "2024-02-29"),
        ('date(@"2024-02-29T12:00:00Z")', "2024-02-29"),
        ('date and time("2024-02-29")', "2024-02-29T00:00:00"),
        ('date and time(@"2024-02-29")', "2024-02-29T00:00:00Z"),
        ('date and time(@"2024-02-29", @"12:00:00@Europe/Berlin")', "2024-02-29T12:00:00@Europe/Berlin"),
        ("date and time(2024, 2, 29, 12, 30, 15)", "2024-02-29T12:30:15"),
        ('date and time(2024, 2, 29, 12, 30, 15, duration("PT2H"))', "2024-02-29T12:30:15+02:00"),
        ("date and time(2024, 2, 29, 12, 30, 15, -2)", "2024-02-29T12:30:15-02:00"),
        ('date and time(2024, 2, 29, 12, 30, 15, "Europe/Berlin")', "2024-02-29T12:30:15@Europe/Berlin"),
        ('date and time(2024, 2, 29, 12, 30, 15, "Nowhere")', "null"),
        ("time(12, 30, 15.5, null)", "12:30:15.5"),
        ('time(12, 30, 15, duration("-PT2H1M"))', "12:30:15-02:01"),
        ("time(24, 0, 0)", "null"),
        ('time(@"2024-02-29T12:30:00Z")', "12:30:00Z"),
        ('number("1.000,5", ".", ",")', "1000.5"),
        ('number("1 000.5", " ")', "1000.5"),
        ('number("1,000", ",", ",")', "null"),
        ('number("1.5", null, ",")', "null"),
        ('number("1,5", null, ",")', "1.5"),
        ("string(1.10)", '"1.1"'),
        ('string(["a", {b: 1}])', '"[\\"a\\", {b: 1}]"'),
        ("string(null)", "null"),
        ('duration("P1Y2M") + duration("P1M")', "P1Y3M"),
        ('years and months duration(date("2011-12-22"), date("2013-08-24"))', "P1Y8M"),
        ('years and months duration(date("2013-08-24"), date("2011-12-22"))', "-P1Y8M"),
        ('range("[1..3]")', "[1..3]"),
        ('range("(null..3]")', "(null..3]"),
        ('range("[1..null]")', "null"),
        ('range("[\\"a..b\\"..\\"c\\"[")', '["a..b".."c")'),
        ('range("[date(\\"2024-01-01\\")..@\\"2024-02-01\\"]")', "[2024-01-01..2024-02-01]"),
        ('range("[1+1..3]")', "null"),
        ('date and time("x")', "null"),
        ("date and time(2024, 2, 30, 12, 30, 15)", "null"),
        ("time(12, 60, 15)", "null"),
        ('time(12, 0, 0, @"PT19H")', "null"),
        ('time(12, 0, 0, @"PT0.5S")', "null"),
        ('time(@"12:30:00")', "12:30:00"),
        ('date and time(@"2024-02-29T12:00:00", @"10:00:00")', "2024-02-29T10:00:00"),
        ('duration(@"P1D")', "P1D"),
        ('duration("x")', "null"),
        ('number("1.5", ".", ",")', "15"),
        ('number("x", ".")', "null"),
        ('range("[3..1]")', "null"),
        ('range("[1..\\"a\\"]")', "null"),
        ('range("[@\\"P1D\\"..duration(\\"P2D\\")]")', "[P1D..P2D]"),
        # strings
        ('substring("foobar", 3)', '"obar"'),
        ('substring("foobar", -2, 1)', '"a"'),
        ('substring("foobar", 0)', "null"),
        ('substring("foobar", 9)', '""'),
        ('substring("foobar", -9)', "null"),
        ('substring("\U0001f40eab", 2)', '"ab"'),
        ('string length("\U0001f40e")', "1"),
        ('upper case("müßig")', '"MÜSSIG"'),
        ('substring before("foobar", "bar")', '"foo"'),
        ('substring before("foobar", "x")', '""'),
        ('substring after("foobar", "o")', '"obar"'),
        ('substring after("foobar", "")', '"foobar"'),
        ('split("a;b;;", ";")', '["a", "b", "", ""]'),
        ('split("a", "")', "null"),
        ('string join(["a", null, "c"], "-")', '"a-c"'),
        ('string join("a")', '"a"'),
        ("string join([1])", "null"),
        # lists
        ("list contains([1, null], null)", "true"),
        ("count([])", "0"),
        ("count(5)", "1"),
        ("count(null)", "null"),
        ("min(3, 1, 2)", "1"),
        ('max(["a", "b"])', '"b"'),
        ("min([1, null])", "null"),
        ("min([])", "null"),
        ("sum([1, 2.5])", "3.5"),
        ("sum(1, 2)", "3"),
        ("sum([])", "null"),
        ('sum([1, "a"])', "null"),
        ("mean([1, 2])", "1.5"),
        ("median([4, 1, 2, 3])", "2.5"),
        ("product(2, 3)", "6"),
        ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
        ("stddev([47])", "null"),
        ("mode([3, 1, 3, 1, 2])", "[1, 3]"),
        ("mode([])", "[]"),
        ("all([true, null])", "null"),
        ("all([false, null])", "false"),
        ("all([])", "true"),
        ("any([true, null])", "true"),
        ("any([])", "false"),
        ("all(true, 0)", "null"),
        ("sublist([1, 2, 3], 2)", "[2, 3]"),
        ("sublist([1, 2, 3], -2, 1)", "[2]"),
        ("sublist([1, 2, 3], 3, 2)", "null"),
        ("append([1], 2, [3])", "[1, 2, [3]]"),
        ("concatenate([1], [2, 3], [])", "[1, 2, 3]"),
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("remove([1, 2, 3], -1)", "[1, 2]"),
        ("remove([1], 2)", "null"),
        ("list replace([1, 2, 3], 2, 4)", "[1, 4, 3]"),
        ("list replace([1, 2], function(item, newItem) item < newItem, 2)", "[2, 2]"),
        ("list replace([1, 2], function(item, newItem) item, 2)", "null"),
        ("reverse([1, 2])", "[2, 1]"),
        ("index of([1, 2, 1, null], 1)", "[1, 3]"),
        ("index of([1, null], null)", "[2]"),
        ("union([1, 2], [2, 3])", "[1, 2, 3]"),
        ("distinct values([1, 1.0, null, null, [1], [1]])", "[1, null, [1]]"),
        ("flatten([[1, [2]], [[[3]]]])", "[1, 2, 3]"),
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        ("sort([3, 1, 2], function(a, b) a > b)", "[3, 2, 1]"),
        ("sort([3, 1, 2], function(a, b) a)", "null"),
        ('sort([3, "a"])', "null"),
        ("sort(list: [2, 1], precedes: function(x, y) x < y)", "[1, 2]"),
        # numbers
        ("decimal(2.5, 0)", "2"),
        ("decimal(1/3, 2.9)", "0.33"),
        ("decimal(12345, -2)", "12300"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.51, 1)", "1.6"),
        ("floor(1.5, null)", "null"),
        ("round up(-5.5, 0)", "-6"),
        ("round down(-5.5, 0)", "-5"),
        ("round half up(-2.5, 0)", "-3"),
        ("round half down(2.5, 0)", "2"),
        ("round up(5.5, 6177)", "null"),
        ('abs(duration("-P1D"))', "P1D"),
        ('abs(@"-P1Y")', "P1Y"),
        ("modulo(-12, 5)", "3"),
        ("modulo(12, -5)", "-3"),
        ("modulo(10.1, -4.5)", "-3.4"),
        ("modulo(1, 0)", "null"),
        ("modulo(10 ** 30, 7)", "1"),
        ("sqrt(16)", "4"),
        ("sqrt(-1)", "null"),
        ("log(1)", "0"),
        ("log(0)", "null"),
        ("exp(0)", "1"),
        ("exp(1000000)", "null"),
        ("odd(5)", "true"),
        ("even(-2)", "true"),
        ("even(1.5)", "null"),
        ("not(true)", "false"),
        ("not(null)", "null"),
        # days
        ('day of year(@"2020-12-31")', "366"),
        ('day of week(@"2019-09-17")', '"Tuesday"'),
        ('month of year(@"2019-09-17T00:00:00")', '"September"'),
        ('week of year(@"2003-12-29")', "1"),
        ('day of week(@"-0044-03-15")', '"Thursday"'),
        ('is(@"12:00:00Z", @"12:00:00+00:00")', "true"),
        ("is(value1: 1)", "false"),
        # contexts
        ('get value({a: 1}, "a")', "1"),
        ('get value({a: 1}, "b")', "null"),
        ("get entries({a: 1})", '[{key: "a", value: 1}]'),
        ('context([{key: "a", value: 1}])', "{a: 1}"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('context([{key: "a"}])', "null"),
        ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', "{a: {b: 2}}"),
        ('context put({a: 1}, ["a", "b"], 2)', "null"),
        ("context put({a: 1}, [], 2)", "null"),
        ("context merge([{a: 1, b: 1}, {b: 2}])", "{a: 1, b: 2}"),
        # ranges
        ("before(1, 10)", "true"),
        ("before([1..5), [5..10])", "true"),
        ("before([1..5], [5..10])", "false"),
        ("after([5..10], 4)", "true"),
        ("meets([1..5], [5..10])", "true"),
        ("met by([5..10], [1..5))", "false"),
        ("overlaps([1..5], [5..8])", "true"),
        ("overlaps([1..5], (5..8])", "false"),
        ("overlaps before([1..5], [3..8])", "true"),
        ("overlaps before([1..5), (1..5])", "true"),
        ("overlaps after([3..8], [1..5])", "true"),
        ("finishes(10, [1..10])", "true"),
        ("finishes([5..10], [1..10])", "true"),
        ("finished by([1..10), 10)", "false"),
        ("includes([1..10], 10)", "true"),
        ("includes([1..10), [5..10])", "false"),
        ("during([4..6], [1..10])", "true"),
        ("starts(1, [1..10])", "true"),
        ("starts([1..5], [1..10])", "true"),
        ("started by([1..10], [1..5])", "true"),
        ("coincides([1..5], [1..5])", "true"),
        ("coincides(3, 3)", "true"),
        ('before(1, "a")', "null"),
        ("includes(< 5, 3)", "true"),
        ("includes(> 5, 3)", "false"),
        ("overlaps(< 5, > 3)", "true"),
        ("coincides(< 5, < 5)", "true"),
        ("before(< 5, 7)", "true"),
    ],
)
def test_functions(text: str, wanted: str) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abs([-1])", "1"),
        ("sum(5)", "5"),
        ('contains(["foobar"], "o")', "true"),
        ('contains(["foo", "bar"], "o")', "null"),
        ("abs()", "null"),
        ("abs(1, 2)", "null"),
        ("abs(n: -1)", "1"),
        ("abs(m: -1)", "null"),
        ("round up(scale: 0)", "null"),
        ('contains("a", null)', "null"),
        ("(if true then abs else floor)(-1.5)", "1.5"),
        ("sort([3, -4], function(a, b) abs(a) < abs(b))", "[3, -4]"),
    ],
)
def test_arguments_are_bound_and_converted(text: str, wanted: str) -> None:
    assert shown(text) == wanted


def test_the_clock_is_that_of_the_evaluation() -> None:
    now = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    with evaluation(now=now):
        assert value("now()") == now
        assert value("today()") == date(2024, 2, 29)
    with evaluation():
        assert value("now() = now()") is True
    assert isinstance(value("today()"), date)


# regular expressions


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "wanted"),
    [
        ("banana", "[a-z]{3}", "", True),
        ("Mary\rJones", "Mary.Jones", "", False),
        ("Mary\rJones", "Mary.Jones", "s", True),
        ("X", "[A-Z-[OI]]", "", True),
        ("O", "[A-Z-[OI]]", "i", False),
        ("q", "[^Q]", "i", False),
        ("\u212a", "k", "i", True),
        ("ß", "SS", "i", False),
        ("É", r"\p{Lu}", "", True),
        ("é", r"\p{Lu}", "i", False),
        ("é", r"\P{Lu}", "", True),
        ("Ω", r"\p{IsGreek}", "", True),
        ("a", r"\P{IsBasicLatin}", "", False),
        ("x-1", r"^\i\c*$", "", True),
        ("-x", r"^\i\c*$", "", False),
        ("a b", r"a\sb", "", True),
        ("٣", r"^\d$", "", True),
        ("_", r"^\w$", "", False),
        ("hello world", "hello[ ]world ", "x", True),
        ("hello world", r"\p{ IsBasicLatin}+", "x", True),
        ("abcd\n\ndefg\n ", "^$", "m", True),
        ("abcd\ndefg\n", "^$", "m", False),
        ("ab\ncd", "^cd$", "", False),
        ("ab\ncd", "^cd$", "m", True),
        ("ab\n", "ab$", "", False),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("A.B", "a.b", "qi", True),
        ("aA", r"(a)\1", "i", True),
        ("abab", r"^(ab|c)\1$", "", True),
        ("abac", r"^(ab|c)\1$", "", False),
        ("aab", r"^(a)(b)?a\2b$", "", True),
        ("abcabc", r"^(?:(a)b?c?)+?\1?b.*$", "", True),
        ("", "^$", "", True),
        ("9-", "[0-9-.]+", "", True),
        ("a", "[^a-z-[a]]", "", False),
    ],
)
def test_matching(text: str, pattern: str, flags: str, wanted: bool) -> None:
    assert pattern_of(pattern, flags).matches(text) is wanted


@pytest.mark.parametrize(
    "pattern",
    ["[", "a)", "(a", "*", "a**", "a{2,1}", "a{1001}", "a{,2}", r"\3", r"(a\1)", r"(a)[\1]", r"\y", r"\p{Xx}", r"\p{IsNothing}",
     "[b-a]", "[]", "^*", "(?=a)", "\\", r"\p{L", "[a-[b]c]", "x{99999999}"],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(Mistake):
        pattern_of(pattern)


@pytest.mark.parametrize("flags", ["X", "p", " ", "ii?"])
def test_unknown_flags_are_refused(flags: str) -> None:
    with pytest.raises(Mistake):
        pattern_of("a", flags)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r'replace("0123456789", "(\d{3})(\d{3})(\d{4})", "($1) $2-$3")', '"(012) 345-6789"'),
        ('replace("abracadabra", "a.*?a", "*")', '"*c*bra"'),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'),
        ('replace("facetiously", "[iouy]", "[$0]")', '"facet[i][o][u]sl[y]"'),
        ('replace("a", "(a)", "$12")', '"a2"'),
        (r'replace("a$", "\$", "\\$x")', '"a$x"'),
        ('replace("abc", "b", "$")', "null"),
        (r'replace("abc", "x", "\\y")', "null"),
        ('replace("abc", "x*", "-")', "null"),
        ('replace("a.c", ".", "$1", "q")', '"a$1c"'),
        (r'replace("abab", "(ab)\1", "<$1>")', '"<ab>"'),
        ('replace("abc", "B", "x", "i")', '"axc"'),
        ('replace("abc", "b", "x", null)', '"axc"'),
    ],
)
def test_replacing(text: str, wanted: str) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize(
    "pattern",
    ["(a*)*b", "(a|a)*b", "(a+)+$b", "(.*)*x", r"(a*)*\1b", r"(a|aa)+\1c", "(x+x+)+y", r"^(a?){50}a{50}\1$"],
)
def test_matching_does_not_blow_up(pattern: str) -> None:
    def match() -> None:
        with contextlib.suppress(Mistake):
            pattern_of(pattern).matches("a" * 5000)

    assert calls(match) < 5_000_000


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "(ab)"])
PATTERNS = st.lists(
    st.tuples(ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "*?", "{1,2}"])), min_size=1, max_size=5
)


@given(PATTERNS, st.text(alphabet="abc\n", max_size=8))
def test_matches_are_those_that_python_finds(parts: list[tuple[str, str]], text: str) -> None:
    pattern = "".join(atom + times for atom, times in parts)
    compiled = pattern_of(pattern)
    wanted = [match.span() for match in re.finditer(pattern.replace(".", "[^\r\n]"), text)]
    if not any(start == end for start, end in wanted):
        assert compiled.program is None
        assert [spans[0] for spans in compiled.find_all(text)] == wanted


@given(PATTERNS, st.text(alphabet="abc", max_size=8))
def test_our_matcher_agrees_with_re2(parts: list[tuple[str, str]], text: str) -> None:
    pattern = "".join(atom + times for atom, times in parts)
    groups = pattern_of(pattern).groups
    ours = pattern_of(rf"{pattern}()\{groups + 1}")
    assert ours.fast is None
    assert ours.matches(text) is pattern_of(pattern).matches(text)


# sets of characters

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5)), max_size=5).map(
    lambda pairs: union([((low, low + more),) for low, more in pairs])
)


@given(RANGES, RANGES, st.integers(0, 70))
def test_sets_of_characters(
    one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...], code: int
) -> None:
    assert contains(union((one, other)), code) is (contains(one, code) or contains(other, code))
    assert contains(complement(one), code) is not contains(one, code)
    assert contains(difference(one, other), code) is (contains(one, code) and not contains(other, code))


def test_blocks_do_not_overlap() -> None:
    spans = sorted(set(BLOCKS.values()))
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert contains(both_cases(((ord("k"), ord("k")),)), ord("K"))
