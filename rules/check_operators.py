"""Checking operators: arithmetic, comparisons, ranges, membership, and what conditions make sure of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from fachwerk.problems import Text, nearest
from fachwerk.rules.check_base import NOTHING, Local, did_you_mean, is_text, such_as, write
from fachwerk.rules.check_places import Places, fields_of
from fachwerk.rules.check_types import (
    MAYBE_ANY,
    MAYBE_TRUTH,
    ORDERED,
    TRUTH,
    comparable,
    join,
    named,
    plain,
)
from fachwerk.rules.codes_meaning import (
    DISJOINT_OPTIONS,
    NO_NEGATIVE,
    NO_ORDER,
    UNKNOWN_NAME,
    WRONG_COMPARISON,
    WRONG_OPERANDS,
)
from fachwerk.rules.codes_syntax import both
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Interval,
    ListOf,
    Literal,
    Name,
    Negate,
    Node,
    Or,
    Test,
    UnaryTests,
)
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    AnyType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Typed,
)
from fachwerk.rules.walk import walk

_SUMS: Mapping[tuple[str, AnyType, AnyType], AnyType] = {
    ("+", NUMBER, NUMBER): NUMBER,
    ("+", STRING, STRING): STRING,
    ("+", YEARS_MONTHS, YEARS_MONTHS): YEARS_MONTHS,
    ("+", DAYS_TIME, DAYS_TIME): DAYS_TIME,
    **{("+", moment, span): moment for moment in (DATE, DATE_TIME) for span in (YEARS_MONTHS, DAYS_TIME)},
    **{("+", span, moment): moment for moment in (DATE, DATE_TIME) for span in (YEARS_MONTHS, DAYS_TIME)},
    ("+", TIME, DAYS_TIME): TIME,
    ("+", DAYS_TIME, TIME): TIME,
    ("-", NUMBER, NUMBER): NUMBER,
    ("-", YEARS_MONTHS, YEARS_MONTHS): YEARS_MONTHS,
    ("-", DAYS_TIME, DAYS_TIME): DAYS_TIME,
    **{("-", moment, span): moment for moment in (DATE, DATE_TIME) for span in (YEARS_MONTHS, DAYS_TIME)},
    **{("-", left, right): DAYS_TIME for left in (DATE, DATE_TIME) for right in (DATE, DATE_TIME)},
    ("-", TIME, TIME): DAYS_TIME,
    ("-", TIME, DAYS_TIME): TIME,
    ("*", NUMBER, NUMBER): NUMBER,
    **{("*", span, NUMBER): span for span in (YEARS_MONTHS, DAYS_TIME)},
    **{("*", NUMBER, span): span for span in (YEARS_MONTHS, DAYS_TIME)},
    ("/", NUMBER, NUMBER): NUMBER,
    **{("/", span, NUMBER): span for span in (YEARS_MONTHS, DAYS_TIME)},
    **{("/", span, span): NUMBER for span in (YEARS_MONTHS, DAYS_TIME)},
    ("**", NUMBER, NUMBER): NUMBER,
}
_NEVER_NULL = frozenset({NUMBER, STRING})


class Operators(Places):
    """Checks operators."""

    # arithmetic

    def negate(self, node: Negate) -> Typed:
        """Return the type of ``-of``."""
        of = self.infer(node.of)
        if of.type in (NUMBER, YEARS_MONTHS, DAYS_TIME):
            return of
        if of.type not in (ANY, NULL):
            self.report(NO_NEGATIVE, node, found=named(of.type))
        return MAYBE_ANY

    def arithmetic(self, node: Arithmetic) -> Typed:
        """Return the type of ``left op right`` (DMN 1.5, tables 50 to 54)."""
        left, right = self.infer(node.left), self.infer(node.right)
        if NULL in (left.type, right.type):
            self.always(node, "null", ("null takes part", "null ist beteiligt"))
            return Typed(NULL)
        if ANY in (left.type, right.type):
            return MAYBE_ANY
        result = _SUMS.get((node.op, plain(left.type), plain(right.type)))
        if result is None:
            hint = self.operand_hint(node, left.type, right.type)
            self.report(WRONG_OPERANDS, node, op=node.op, left=named(left.type), right=named(right.type), hint=hint)
            return MAYBE_ANY
        exact = node.op in "+-*" and plain(left.type) in _NEVER_NULL and plain(right.type) in _NEVER_NULL
        return Typed(result, left.nullable or right.nullable or not (exact or self.close_by(left.type, right.type)))

    def close_by(self, left: AnyType, right: AnyType) -> bool:
        """Return whether a date and a duration are joined, whose sum always exists for dates in use."""
        return {left, right} in ({DATE, YEARS_MONTHS}, {DATE, DAYS_TIME}) and self.strict

    def operand_hint(self, node: Arithmetic, left: AnyType, right: AnyType) -> Text:
        """Return how to make the operands fit."""
        if node.op == "+" and is_text(left) and isinstance(right, type(NUMBER)):
            return write(f"{self.words(node.left)} + string({self.words(node.right)})")
        if node.op == "+" and is_text(right) and isinstance(left, type(NUMBER)):
            return write(f"string({self.words(node.left)}) + {self.words(node.right)}")
        if left in (DATE, DATE_TIME) and right is NUMBER and node.op in "+-":
            days = str(node.right.value) if isinstance(node.right, Literal) else "1"
            return write(f'{self.words(node.left)} {node.op} duration("P{days}D")')
        if isinstance(left, ListType) or isinstance(right, ListType):
            return both(
                (
                    "say which one: `sum(...)`, `count(...)`, `[1]`",
                    "sagen, welcher Wert: `sum(...)`, `count(...)`, `[1]`",
                )
            )
        return NOTHING

    def words(self, node: Node) -> str:
        """Return *node* as written."""
        return self.fragment.text[node.start : node.end]

    # comparisons

    def compare(self, node: Compare) -> Typed:
        """Return the type of ``left op right``."""
        left, right = self.pair(node.left, node.right)
        fine = self.compare_types(node, node.op, (node.left, left), (node.right, right))
        if NULL in (left.type, right.type):
            return self.with_null(node, left, right)
        known = fine and ANY not in (left.type, right.type)
        if node.op in ("=", "!="):
            return TRUTH if known and not _deep(left.type) else MAYBE_TRUTH
        zones = plain(left.type) in (TIME, DATE_TIME)  # with and without a zone have no order
        return Typed(BOOLEAN, left.nullable or right.nullable or not known or zones)

    def pair(self, left: Node, right: Node) -> tuple[Typed, Typed]:
        """Return the types of two compared nodes; an option written without quotes is understood."""
        if isinstance(left, Name) and not isinstance(right, Name):
            second = self.infer(right)
            return self.option_name(left, second) or self.infer(left), second
        first = self.infer(left)
        return first, self.option_name(right, first) or self.infer(right)

    def option_name(self, node: Node, other: Typed) -> Typed | None:
        """Say that an option stands in quotes; return its type, or ``None`` if *node* is no such option."""
        options = other.type.element.type if isinstance(other.type, ListType) else other.type
        if not isinstance(options, OptionType) or not isinstance(node, Name) or self.has(node.name):
            return None
        near = nearest(node.name, options.options)
        if near is None or not self.strict:
            return None
        self.report(UNKNOWN_NAME, node, name=node.name, hint=write(f'"{near}"'))
        self.types[node] = Typed(options, False)
        return self.types[node]

    def has(self, name: str) -> bool:
        """Return whether *name* means something here."""
        return name in self.all_names() or any(
            frame.item and name in fields_of(frame.item.typed.type) for frame in self.frames
        )

    def compare_types(self, at: Node, op: str, left: tuple[Node, Typed], right: tuple[Node, Typed]) -> bool:
        """Check that a comparison means something; return whether it does."""
        first, second = left[1].type, right[1].type
        if not comparable(first, second):
            if isinstance(first, OptionType) and isinstance(second, OptionType):
                self.report(DISJOINT_OPTIONS, at, left=first.of, right=second.of)
                return False
            hint = self.comparison_hint(left, right)
            self.report(WRONG_COMPARISON, at, left=named(first), right=named(second), op=op, hint=hint)
            return False
        if isinstance(first, OptionType):
            self.check_options(right[0], first)
        elif isinstance(second, OptionType):
            self.check_options(left[0], second)
        known = [type_ for type_ in (first, second) if type_ not in (ANY, NULL)]
        if op not in ("=", "!=") and known and plain(known[0]) not in ORDERED:
            self.report(NO_ORDER, at, op=op, left=named(known[0]))
            return False
        return True

    def comparison_hint(self, left: tuple[Node, Typed], right: tuple[Node, Typed]) -> Text:
        """Return how to make two values comparable."""
        for (node, typed), (_, other) in ((left, right), (right, left)):
            text, type_ = self.words(node), plain(typed.type)
            if isinstance(typed.type, RecordType) and isinstance(other.type, RecordType):
                for name, field in typed.type.fields.items():
                    if isinstance(field.type, RecordType) and field.type.name == other.type.name:
                        return did_you_mean(f"`{text}.{name}`")
            if isinstance(typed.type, RecordType) and (field_name := self.like_field(typed.type, other)):
                return such_as(f"{text}.{field_name}")
            if type_ is DATE_TIME and other.type is DATE:
                return write(f"date({text})")
            if isinstance(node, Literal) and isinstance(node.value, str) and other.type is NUMBER:
                return write(node.value) if is_number(node.value) else NOTHING
            if isinstance(node, Literal) and isinstance(node.value, str) and other.type in (DATE, DATE_TIME):
                return write(f"{'date' if other.type is DATE else 'date and time'}({text})")
            if isinstance(node, Literal) and isinstance(node.value, Decimal) and other.type is STRING:
                return write(f'"{node.value}"')
            if isinstance(typed.type, ListType) and comparable(typed.type.element.type, other.type):
                return both(("use `in` or `list contains`", "`in` oder `list contains` verwenden"))
        return NOTHING

    def like_field(self, record: RecordType, other: Typed) -> str | None:
        """Return the first field of a record whose values are of the type of *other*."""
        known = (name for name, typed in record.fields.items() if plain(typed.type) == plain(other.type))
        return next(known, None) if isinstance(other.type, type(NUMBER)) else None

    def with_null(self, node: Compare, left: Typed, right: Typed) -> Typed:
        """Return the type of a comparison with null; warn where it cannot decide anything."""
        if node.op not in ("=", "!="):
            self.always(node, "null", ("null has no order", "null hat keine Reihenfolge"))
            return Typed(NULL)
        other = right if left.type is NULL else left
        if not other.nullable and other.type is not ANY:
            value = "false" if node.op == "=" else "true"
            self.always(node, value, ("the other side is never null", "die andere Seite ist nie null"))
        return TRUTH

    def between(self, node: Between) -> Typed:
        """Return the type of ``of between low and high``."""
        of, low, high = self.infer(node.of), self.infer(node.low), self.infer(node.high)
        fine = self.compare_types(node, "<=", (node.low, low), (node.of, of))
        fine = fine and self.compare_types(node, "<=", (node.of, of), (node.high, high))
        nullable = not fine or of.nullable or low.nullable or high.nullable
        return Typed(BOOLEAN, nullable or ANY in (of.type, low.type, high.type) or of.type in (TIME, DATE_TIME))

    # ranges and tests

    def interval(self, node: Interval) -> Typed:
        """Return the type of a range."""
        ends = [(end, self.infer(end)) for end in (node.low, node.high) if end is not None]
        if len(ends) == 2:
            if not self.compare_types(node, "<=", ends[0], ends[1]):
                return Typed(RangeType(ANY), True)
        elif ends and plain(ends[0][1].type) not in ORDERED | {ANY, NULL}:
            self.report(NO_ORDER, node, op="..", left=named(ends[0][1].type))
        element = ends[0][1] if len(ends) == 1 else join(ends[0][1], ends[1][1])
        return Typed(RangeType(plain(element.type)), False)

    def test(self, node: Test) -> Typed:
        """Return the type of the test ``= x`` or ``!= x``: a range."""
        return Typed(RangeType(plain(self.infer(node.of).type)), False)

    def membership(self, node: In) -> Typed:
        """Return the type of ``of in tests``."""
        of = self.infer(node.of)
        nullable = self.check_tests(node.tests, node.of, of)
        self.types[node.tests] = Typed(BOOLEAN, nullable)
        return Typed(BOOLEAN, nullable)

    def unary_tests(self, node: UnaryTests) -> Typed:
        """Return the type of unary tests of the value ``?`` of the scope."""
        tested = Name("?", start=node.start, end=node.start)
        of = self.infer(tested) if "?" in self.scope.names else MAYBE_ANY
        return Typed(BOOLEAN, self.check_tests(node, tested, of))

    def check_tests(self, tests: UnaryTests, subject: Node, of: Typed) -> bool:
        """Check every test against the tested value; return whether the outcome can be null."""
        nullable = False
        with self.names({"?": Local(of, self.places_of(subject))}):
            for test in tests.tests:
                typed = self.option_name(test, of) or self.infer(test)
                nullable = self.check_test(test, typed, subject, of) or nullable
        return nullable

    def check_test(self, test: Node, typed: Typed, subject: Node, of: Typed) -> bool:
        """Check one test; return whether its outcome can be null."""
        if of.type is ANY or typed.type is ANY:
            return True
        if isinstance(test, Test):
            inner = self.types[test.of]
            return not self.compare_types(test, "=", (subject, of), (test.of, inner))
        if isinstance(typed.type, RangeType) and not isinstance(of.type, RangeType):
            return self.check_range_test(test, typed.type, subject, of) or typed.nullable
        if typed.type is BOOLEAN and of.type is not BOOLEAN and uses_tested(test):
            return typed.nullable
        if isinstance(typed.type, ListType) and not isinstance(of.type, ListType):
            return self.check_list_test(test, typed.type, subject, of) or typed.nullable
        if isinstance(typed.type, ListType) and comparable(of.type, typed.type.element.type):
            return typed.nullable
        return not self.compare_types(test, "=", (subject, of), (test, typed))

    def check_range_test(self, test: Node, range_: RangeType, subject: Node, of: Typed) -> bool:
        if range_.element is ANY:
            return True
        low = test.low if isinstance(test, Interval) and test.low is not None else None
        high = test.high if isinstance(test, Interval) and test.high is not None else None
        ends = [end for end in (low, high) if end is not None]
        end = (ends[0], self.types[ends[0]]) if ends else (test, Typed(range_.element))
        fine = self.compare_types(test, "in", (subject, of), end)
        maybe = not fine or of.type in (TIME, DATE_TIME) or not ends
        return maybe or of.nullable or any(self.types[end].nullable for end in ends)

    def check_list_test(self, test: Node, list_: ListType, subject: Node, of: Typed) -> bool:
        element = list_.element
        if isinstance(test, ListOf):
            fine = [
                self.check_test(item, self.types[item], subject, of)
                for item in test.items
                if not isinstance(self.types[item].type, ListType)
            ]
            return any(fine)
        if isinstance(element.type, RangeType):
            return True
        return not self.compare_types(test, "in", (subject, of), (test, element))

    # conjunction and what it makes sure of

    def conjunction(self, node: And) -> Typed:
        """Return the type of ``and``; terms see what earlier ones make sure of."""
        return self.junction(node, holds=True)

    def disjunction(self, node: Or) -> Typed:
        """Return the type of ``or``; terms see what earlier ones make sure of."""
        return self.junction(node, holds=False)

    def junction(self, node: And | Or, *, holds: bool) -> Typed:
        outside, nullable = self.sure, False
        for term in node.terms:
            typed = self.condition(term)
            nullable = nullable or typed.nullable
            if not typed.nullable:  # a term that is null does not keep later ones from being evaluated
                self.sure = self.sure | self.made_sure(term, holds=holds)
        self.sure = outside
        return Typed(BOOLEAN, nullable)

    def made_sure(self, node: Node, *, holds: bool) -> frozenset[str]:
        """Return what is not null once *node* turned out true (*holds*) or false."""
        if isinstance(node, (And, Or)):
            parts = [self.made_sure(term, holds=holds) for term in node.terms]
            if isinstance(node, And) == holds:
                return frozenset().union(*parts)
            return frozenset.intersection(*parts)
        if isinstance(node, Call) and self.is_negation(node):
            return self.made_sure(node.arguments[0], holds=not holds)
        if isinstance(node, Compare):
            return self._compare_sure(node, holds=holds)
        if isinstance(node, Between):
            return self._keys(node.of, node.low, node.high)
        if isinstance(node, Name):
            return self._keys(node)
        return frozenset()

    def is_negation(self, node: Call) -> bool:
        """Return whether *node* calls the built-in ``not``."""
        named = isinstance(node.function, Name) and node.function.name == "not"
        return named and self.calls.get(node) == "builtin" and len(node.arguments) == 1

    def _compare_sure(self, node: Compare, *, holds: bool) -> frozenset[str]:
        left, right = self.types[node.left], self.types[node.right]
        if node.op not in ("=", "!="):
            return self._keys(node.left, node.right)
        if NULL in (left.type, right.type):
            return self._keys(node.left, node.right) if (node.op == "!=") == holds else frozenset()
        if (node.op == "=") == holds and not (left.nullable and right.nullable):
            return self._keys(node.left, node.right)
        return frozenset()

    def _keys(self, *nodes: Node) -> frozenset[str]:
        return frozenset(key for node in nodes if (key := self.key(node)) is not None)


def uses_tested(node: Node) -> bool:
    """Return whether the tested value ``?`` stands somewhere in *node*."""
    return any(isinstance(part, Name) and part.name == "?" for part in walk(node))


def _deep(type_: AnyType) -> bool:
    return not (isinstance(type_, (OptionType, RecordType)) or type_ in ORDERED or type_ is BOOLEAN)


def is_number(text: str) -> bool:
    """Return whether a text reads as a plain number."""
    return text.replace(".", "", 1).removeprefix("-").isdecimal()
