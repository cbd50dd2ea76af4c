"""Any rule as a sentence in English or German, for explanations, documentation and messages.

Names become labels through :class:`Labels`; without labels a name is told as it is written, with a capital letter. The
result is one sentence without a full stop. Every tree has one, broken parts are told as ``…``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fachwerk.rules.check import Checked
from fachwerk.rules.check_types import named
from fachwerk.rules.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    ContextOf,
    Each,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Interval,
    Lambda,
    ListOf,
    Literal,
    My,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Quantified,
    Test,
    UnaryTests,
    Under,
)
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    YEARS_MONTHS,
    AnyType,
    ListType,
    OptionType,
    RecordType,
)
from fachwerk.rules.values.lexical import read_at
from fachwerk.rules.walk import walk
from fachwerk.rules.words_functions import NEGATED, PHRASES, ordered
from fachwerk.rules.words_labels import Labels, NoLabels, label_of, readable, record_in
from fachwerk.rules.words_phrases import phrase
from fachwerk.rules.words_values import bounded, joined, told_value


def tell(checked: Checked, language: str = "en", *, labels: Labels | None = None) -> str:
    """Return the rule as a sentence in *language* (``de``, else English).

    ``kind = "demolition" and plot.heritage`` is told as ``Kind is Demolition and Plot: Listed building holds``.
    """
    teller = Teller(checked, "de" if language == "de" else "en", labels or NoLabels())
    text = teller.clause(checked.node) if teller.is_condition(checked.node) else teller.value(checked.node)
    return text[:1].upper() + text[1:]


_DURATIONS = (YEARS_MONTHS, DAYS_TIME)
_LOOSE = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


class Teller:
    """Tells the nodes of one rule."""

    def __init__(self, checked: Checked, language: str, labels: Labels) -> None:
        self.checked = checked
        self.language = language
        self.labels = labels
        self.subject: str | None = None
        self.owners: list[RecordType | None] = []
        self.understood: set[str] = set()

    def say(self, key: str, **parts: str) -> str:
        """Return a phrase in the language, filled in."""
        return phrase(key, self.language, **parts)

    def type_of(self, node: Node) -> AnyType:
        """Return the type of *node*."""
        typed = self.checked.types.get(node)
        return typed.type if typed else ANY

    def is_condition(self, node: Node) -> bool:
        """Return whether *node* is told as a clause rather than as a value."""
        return isinstance(node, _CLAUSES) or (self.type_of(node) is BOOLEAN and not isinstance(node, (Literal, If)))

    # clauses

    def clause(self, node: Node, *, negated: bool = False) -> str:
        """Return a condition as a clause, or its opposite."""
        if (written := self.checked.short.get(node)) is not None:
            return self.validity(written)
        if (tell_one := _CLAUSE.get(type(node))) is not None:
            return tell_one(self, node, negated)
        if isinstance(node, Call):
            return self.call_clause(node, negated)
        return self.say("not holds" if negated else "holds", a=self.value(node))

    def validity(self, written: Node) -> str:
        """Tell ``current`` and ``valid_on(day)``."""
        if isinstance(written, Call):
            return self.say("valid on", a=self.value(written.arguments[0]))
        return self.say("current")

    def opposite(self, clause: str, negated: bool) -> str:
        """Return *clause* with "not" before it, where there is no better way."""
        return self.say("not", a=clause) if negated else clause

    def junction(self, node: And | Or, negated: bool) -> str:
        word = self.say("and" if isinstance(node, And) else "or")
        clauses = [self.in_junction(term, node) for term in node.terms]
        return self.opposite(f" {word} ".join(clauses), negated)

    def in_junction(self, term: Node, around: And | Or) -> str:
        """Tell a term; what could be misread stands in parentheses."""
        clause = self.clause(term)
        other = isinstance(term, (And, Or)) and type(term) is not type(around) and term not in self.checked.short
        return f"({clause})" if other or isinstance(term, (If, Quantified)) else clause

    def compare(self, node: Compare, negated: bool) -> str:
        left, right, op = node.left, node.right, node.op
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right = right, left
            op = _FLIPPED[op]  # type: ignore[assignment]
        if isinstance(right, Literal) and op in ("=", "!="):
            same = (op == "=") != negated
            if right.value is None:
                return self.say("empty" if same else "filled", a=self.value(left))
            if isinstance(right.value, bool):
                return self.clause(left, negated=right.value != same)
        key = self.comparison(op, self.type_of(left))
        other = self.value(right, left) if key in ("=", "!=") else self.end(right, left)
        told = self.say(key, a=self.value(left), b=other)
        if negated and op in ("=", "!="):
            return self.say("!=" if op == "=" else "=", a=self.value(left), b=self.value(right, left))
        return self.opposite(told, negated)

    def end(self, node: Node, like: Node | None) -> str:
        """Tell what something is compared with; a day needs its article in German."""
        told = self.value(node, like)
        day = self.type_of(node) in (DATE, DATE_TIME) and told[:1].isdigit()
        return self.say("the day", a=told) if day else told

    def comparison(self, op: str, type_: AnyType) -> str:
        """Return the key of the phrase for *op*; dates are before or after."""
        return f"date {op}" if type_ in (DATE, DATE_TIME) and op not in ("=", "!=") else op

    def between(self, node: Between, negated: bool) -> str:
        parts = {"a": self.value(node.of), "b": self.end(node.low, None), "c": self.end(node.high, None)}
        return self.say("not between" if negated else "between", **parts)

    def membership(self, node: In, negated: bool) -> str:
        return self.told_tests(node.tests, self.value(node.of), node.of, negated)

    def unary_tests(self, node: UnaryTests, negated: bool) -> str:
        return self.told_tests(node, self.say("tested"), None, negated)

    def told_tests(self, tests: UnaryTests, subject: str, of: Node | None, negated: bool) -> str:
        """Tell that *subject* passes one of the tests."""
        negated = negated != tests.negated
        if not tests.tests:
            return self.say("any", a=subject)
        plain = self.plain_values(tests)
        if plain is not None:
            values = [self.value(item, of) for item in plain]
            key = "!=" if negated else "="
            if negated and len(values) > 1:
                return self.say("none of", a=subject, b=joined(values, self.say("and")))
            return self.say(key, a=subject, b=joined(values, self.say("or")))
        before, self.subject = self.subject, subject
        told = f" {self.say('or')} ".join(self.one_test(test, subject, of) for test in tests.tests)
        self.subject = before
        return self.opposite(told, negated)

    def plain_values(self, tests: UnaryTests) -> list[Node] | None:
        """Return the values of tests that are mere values, such as ``in ["a", "b"]``; ``None`` otherwise."""
        nodes: list[Node] = []
        for test in tests.tests:
            nodes += test.items if isinstance(test, ListOf) else [test]
        return nodes if nodes and all(isinstance(node, Literal) for node in nodes) else None

    def one_test(self, test: Node, subject: str, of: Node | None) -> str:
        """Tell one test of *subject*."""
        if isinstance(test, Interval):
            return self.interval_clause(test, subject, of)
        if isinstance(test, Test):
            return self.say(test.op, a=subject, b=self.value(test.of, of))
        if isinstance(test, Literal):
            return self.say("=", a=subject, b=self.value(test, of))
        if isinstance(self.type_of(test), ListType):
            return self.say("in", a=subject, b=self.value(test))
        if self.is_condition(test):
            return self.clause(test)
        return self.say("=", a=subject, b=self.value(test, of))

    def interval_clause(self, node: Interval, subject: str, of: Node | None) -> str:
        """Tell that *subject* lies in a range."""
        type_ = self.type_of(node.low or node.high or node)
        clauses = []
        if node.low is not None:
            clauses.append((self.comparison(">=" if node.low_closed else ">", type_), self.end(node.low, of)))
        if node.high is not None:
            clauses.append((self.comparison("<=" if node.high_closed else "<", type_), self.end(node.high, of)))
        if len(clauses) == 2 and node.low_closed and node.high_closed:
            return self.say("between", a=subject, b=clauses[0][1], c=clauses[1][1])
        told = [self.say(key, a=subject, b=end) for key, end in clauses]
        return f" {self.say('and')} ".join(told)

    def instance(self, node: InstanceOf, negated: bool) -> str:
        told = named(self.type_of(node.type))[self.language].replace("`", "")
        return self.say("!=" if negated else "=", a=self.value(node.of), b=told)

    def quantified(self, node: Quantified, negated: bool) -> str:
        one = self.only_one(node)
        if one is None:
            told = self.say(node.kind, a=self.sources(node.each), b=self.clause(node.condition))
        else:
            self.understood.add(one.name)
            key = "all of" if node.kind == "every" else "one of"
            told = self.say(key, a=self.value(one.source), b=self.clause(node.condition))
            self.understood.discard(one.name)
        return self.opposite(told, negated)

    def only_one(self, node: Quantified) -> Each | None:
        """Return the iterator whose name need not be told: the condition speaks of nothing else."""
        each = node.each[0]
        if len(node.each) > 1 or each.until is not None or not isinstance(self.type_of(each), RecordType):
            return None
        parts = list(walk(node.condition))
        functions = {part.function for part in parts if isinstance(part, Call)}
        followed = {part.of for part in parts if isinstance(part, Path)}
        names = [part for part in parts if isinstance(part, Name) and part not in functions]
        return each if all(name.name == each.name and name in followed for name in names) else None

    def under(self, node: Under, negated: bool) -> str:
        return self.say("not under" if negated else "under", a=self.value(node.of), b=self.value(node.root))

    def conditional_clause(self, node: If, negated: bool) -> str:
        return self.opposite(self.conditional(node), negated)

    def literal_clause(self, node: Literal, negated: bool) -> str:
        if isinstance(node.value, bool):
            return self.say("always" if node.value != negated else "never")
        return self.say("not holds" if negated else "holds", a=self.value(node))

    def call_clause(self, node: Call, negated: bool) -> str:
        """Tell a call that is a condition."""
        name = node.function.name if isinstance(node.function, Name) else ""
        if name == "not" and len(node.arguments) == 1 and self.checked.calls.get(node) == "builtin":
            return self.clause(node.arguments[0], negated=not negated)
        if self.checked.calls.get(node) == "builtin" and self.type_of(node) is BOOLEAN:
            if negated and name in NEGATED:
                return self.fill(NEGATED[name], node)
            return self.opposite(self.call(node), negated)
        return self.say("not holds" if negated else "holds", a=self.value(node))

    # values

    def value(self, node: Node, like: Node | None = None) -> str:
        """Return *node* as a phrase; a text beside an option (*like*) is told by the option's label."""
        if isinstance(node, Literal) and isinstance(node.value, str) and like is not None:
            return self.option(node.value, like) or self.literal(node)
        if isinstance(node, ListOf) and like is not None:
            return self.list_of(node, like)
        told = _VALUE.get(type(node))
        if told is not None:
            return bounded(str(told(self, node)), node, self.checked)
        return bounded(f"({self.clause(node)})", node, self.checked) if isinstance(node, _CLAUSES) else "…"

    def option(self, option: str, like: Node) -> str | None:
        """Return the label of an option, if *like* is a choice."""
        type_ = self.type_of(like)
        if isinstance(type_, ListType):
            type_ = type_.element.type
        if not isinstance(type_, OptionType):
            return None
        return self.labels.option(type_.of, option, self.language) or readable(option)

    def literal(self, node: Literal) -> str:
        return told_value(node.value, self.language)

    def name(self, node: Name) -> str:
        if node.name == "?":
            return self.subject or self.say("tested")
        if node.name in ("me", "item") and node.name not in self.checked.scope.names:
            return self.say(node.name)
        return label_of(self.labels, reversed(self.owners), node.name, self.language) or readable(node.name)

    def path(self, node: Path) -> str:
        owner = record_in(self.type_of(node.of))
        label = (self.labels.field(owner.name, node.name, self.language) if owner else None) or readable(node.name)
        if isinstance(node.of, Name) and node.of.name in self.understood:
            return label
        return f"{self.value(node.of)}: {label}"

    def my(self, node: My) -> str:
        label = self.labels.entity(node.entity, self.language) or readable(node.entity)
        return self.say("my", a=label)

    def filter(self, node: Filter) -> str:
        of = self.value(node.of)
        self.owners.append(record_in(self.type_of(node.of)))
        told = self.filtered(of, node.condition)
        self.owners.pop()
        return told

    def filtered(self, of: str, condition: Node) -> str:
        if isinstance(condition, Literal) and not isinstance(condition.value, bool):
            key = {"1": "first", "-1": "last"}.get(str(condition.value), "number")
            return self.say(key, a=self.value(condition), b=of)
        if condition in self.checked.short:
            return f"{of} ({self.clause(condition)})"
        if self.is_condition(condition):
            return self.say("where", a=of, b=self.clause(condition))
        return self.say("number", a=self.value(condition), b=of)

    def arithmetic(self, node: Arithmetic) -> str:
        sign = {"*": "×", "/": "÷", "-": "−", "**": self.say("power")}.get(node.op, node.op)
        return f"{self.operand(node.left, node.op)} {sign} {self.operand(node.right, node.op, right=True)}"

    def operand(self, node: Node, op: str, *, right: bool = False) -> str:
        """Tell an operand, in parentheses where they are needed."""
        told = self.value(node)
        if not isinstance(node, Arithmetic):
            loose = isinstance(node, If) or (self.type_of(node) in _DURATIONS and f" {self.say('and')} " in told)
            return f"({told})" if loose else told
        inner, outer = _LOOSE[node.op], _LOOSE[op]
        return f"({told})" if inner < outer or (right and inner == outer and op != "+") else told

    def negate(self, node: Negate) -> str:
        return f"−{self.operand(node.of, '**')}"

    def conditional(self, node: If) -> str:
        parts = {"a": self.clause(node.condition), "b": self.branch(node.then), "c": self.branch(node.otherwise)}
        return self.say("if", **parts)

    def branch(self, node: Node) -> str:
        return self.clause(node) if self.is_condition(node) else self.value(node)

    def loop(self, node: For) -> str:
        return self.say("for", a=self.branch(node.body), b=self.sources(node.each))

    def sources(self, each: tuple[Each, ...]) -> str:
        """Tell the iterators of a form."""
        told = [self.say("each", a=readable(one.name), b=self.source(one.source, one.until)) for one in each]
        return joined(told, self.say("and"))

    def source(self, source: Node, until: Node | None) -> str:
        """Tell what an iterator goes through."""
        if until is not None:
            return self.say("from to", a=self.value(source), b=self.value(until))
        return self.value(source)

    def list_of(self, node: ListOf, like: Node | None = None) -> str:
        return joined([self.value(item, like) for item in node.items], self.say("and")) or self.say("empty list")

    def context(self, node: ContextOf) -> str:
        return "(" + "; ".join(f"{readable(name)}: {self.branch(value)}" for name, value in node.entries) + ")"

    def interval(self, node: Interval) -> str:
        if node.low is not None and node.high is not None:
            ends = [self.say("without", a=self.value(end)) if not closed else self.value(end)
                    for end, closed in ((node.low, node.low_closed), (node.high, node.high_closed))]  # fmt: skip
            return self.say("from to", a=ends[0], b=ends[1])
        return self.interval_clause(node, self.say("tested"), None)

    def test(self, node: Test) -> str:
        return self.say(node.op, a=self.say("tested"), b=self.value(node.of))

    def function(self, node: Lambda) -> str:
        names = ", ".join(name for name, _ in node.parameters)
        return self.say("function", a=names, b="…" if node.external else self.branch(node.body))

    # calls

    def call(self, node: Call) -> str:
        """Tell a call by the phrase of the function, or as a name with its arguments."""
        name = node.function.name if isinstance(node.function, Name) else ""
        if self.checked.calls.get(node) == "builtin" and name in PHRASES:
            literal = self.temporal(name, node)
            return literal or self.fill(PHRASES[name], node)
        label = self.labels.decision(name, self.language) if name else None
        told = ", ".join(self.branch(argument) for argument in node.arguments)
        return f"{label or (readable(name) if name else self.value(node.function))} ({told})"

    def temporal(self, name: str, node: Call) -> str | None:
        """Tell ``date("2026-11-21")`` and its kind as what it stands for."""
        argument = node.arguments[0] if len(node.arguments) == 1 else None
        if name not in ("date", "time", "date and time", "duration") or not isinstance(argument, Literal):
            return None
        value = read_at(argument.value) if isinstance(argument.value, str) else None
        return told_value(value, self.language) if value is not None else None

    def fill(self, phrases: tuple[str, str], node: Call) -> str:
        """Fill the phrase of a function with the arguments, in the order of its parameters."""
        told = [self.branch(argument) for argument in ordered(node)]
        text = phrases[self.language == "de"].replace("{*}", joined(told, self.say("and")) or "…")
        for at in range(3):
            text = text.replace(f"{{{at}}}", told[at] if at < len(told) else "…", 1) if f"{{{at}}}" in text else text
        return text


_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_CLAUSE: Mapping[type[Node], Callable[[Teller, Any, bool], str]] = {
    And: Teller.junction,
    Or: Teller.junction,
    Compare: Teller.compare,
    Between: Teller.between,
    In: Teller.membership,
    UnaryTests: Teller.unary_tests,
    InstanceOf: Teller.instance,
    Quantified: Teller.quantified,
    Under: Teller.under,
    If: Teller.conditional_clause,
    Literal: Teller.literal_clause,
}
_CLAUSES = (And, Or, Compare, Between, In, UnaryTests, InstanceOf, Quantified, Under)
_VALUE: Mapping[type[Node], Callable[[Teller, Any], str]] = {
    Literal: Teller.literal,
    Name: Teller.name,
    Path: Teller.path,
    My: Teller.my,
    Filter: Teller.filter,
    Arithmetic: Teller.arithmetic,
    Negate: Teller.negate,
    If: Teller.conditional,
    For: Teller.loop,
    ListOf: Teller.list_of,
    ContextOf: Teller.context,
    Interval: Teller.interval,
    Test: Teller.test,
    Lambda: Teller.function,
    Call: Teller.call,
}
