"""Random well-typed rules over the records of ``rules_world``: all operators and functions that have SQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules_world import DATES, STRINGS

NUMBERS = ("0", "1", "2", "3", "5", "7", "10", "-1", "-12", "100", "0.5", "1.5", "2.5", "0.01", "2.675", "-0.005",
           "1000000", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
           "123456789012345678901234567890", "0.0000000001", "3.3333333333333333333333333333333333", "99.99")  # fmt: skip
TEXTS = (*(s.replace("\\", "\\\\").replace("\n", "\\n") for s in STRINGS), "A", "c", "new", "%", "\u00c4", "SS", "öäü")
SPANS = ("P1D", "-P1D", "PT36H", "PT1S", "P14D", "PT0S", "-PT0.000001S", "P400DT5H")
MONTHS = ("P1M", "P1Y", "-P1M", "P12M", "P0M", "-P13M", "P4Y")
MOMENTS = (
    "2024-02-29T13:45:30.25Z",
    "2024-02-29T12:00:00+02:00",
    "1969-12-31T23:59:59.999999Z",
    "2024-01-31T00:00:00Z",
)
TIMES = ("00:00:00", "12:30:00", "23:59:59.999999", "07:05:03")

FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "permit": {
        "number": ("a", "b", "small", "big", "price", "rate", "cost", "total"),
        "string": ("s", "name", "kind", "state"), "boolean": ("f", "g", "late"), "date": ("d", "e"), "time": ("clock",),
        "moment": ("at", "seen"), "span": ("span",), "person": ("applicant",), "plot": ("plot",), "user": ("clerk",),
        "subject": ("subject",), "documents": ("documents",), "ownerships": ("ownership",), "persons": ("experts",),
        "strings": ("tags",),
    },
    "document": {
        "number": ("pages", "fee"), "string": ("title", "kind"), "boolean": ("signed",), "date": ("made",),
        "person": ("author",), "permit": ("permit",),
    },
    "ownership": {"number": ("share",), "date": ("since", "until"), "person": ("person",)},
    "person": {"string": ("name", "id"), "number": ("height",), "date": ("born",), "user": ("user",), "unit": ("unit",)},
    "plot": {
        "string": ("name", "district"), "number": ("area", "max_storeys"), "boolean": ("heritage",), "person": ("owner",),
        "unit": ("unit",), "permits": ("permits",),
    },
    "user": {"string": ("name", "email")},
    "unit": {"string": ("name",), "unit": ("parent",)},
    "subject": {"string": ("name",), "unit": ("unit",)},
}  # fmt: skip
LISTS = {"documents": "document", "ownerships": "ownership", "persons": "person", "permits": "permit"}
OPTIONS = {"kind": ("new", "change", "demolition"), "state": ("draft", "in_review", "decided")}
SIMPLE = ("number", "string", "boolean", "date", "time", "moment", "span")


@dataclass(frozen=True)
class Known:
    """A record in reach: what is written before its fields (empty for the rule's own record) and its type."""

    prefix: str
    record: str

    def field(self, name: str) -> str:
        return f"{self.prefix}.{name}" if self.prefix else name


class Maker:
    """Makes random rules."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.known: list[Known] = [Known("", "permit")]
        self.fresh = 0

    def rule(self) -> tuple[str, str]:
        """Return the kind and the text of a rule."""
        kind = self.draw.choice(
            ("boolean",) * 8 + ("number",) * 4 + ("string", "date", "moment", "span", "person", "time")
        )
        self.fresh = 0
        return kind, self.make(kind, self.draw.randint(1, 4))

    def make(self, kind: str, depth: int) -> str:
        """Return an expression of *kind*."""
        if depth <= 0 or self.draw.random() < 0.2:
            return self.leaf(kind)
        makers = self.makers(kind)
        return self.draw.choice(makers)(depth - 1) if makers else self.leaf(kind)

    # -------------------------------------------------------------- leaves

    def leaf(self, kind: str) -> str:
        """Return a field, a path or a literal."""
        if kind in LITERALS and self.draw.random() < 0.35:
            return self.literal(kind)
        return self.path(kind, 2) or (self.literal(kind) if kind in LITERALS else self.path(kind, 4) or "null")

    def literal(self, kind: str) -> str:
        return LITERALS[kind](self.draw)

    def path(self, kind: str, steps: int) -> str | None:
        """Return a path to a field of *kind*, over links."""
        found = self.draw.choice(self.known[-2:]) if self.draw.random() < 0.7 else self.draw.choice(self.known)
        text, record = found.prefix, found.record
        extra = self.draw.random()
        if extra < 0.06:
            text, record = "my person", "person"
        elif extra < 0.1:
            text, record = "me", "user"
        for _ in range(self.draw.choice((0, 0, 0, 1, 1, steps))):
            links = [(k, n) for k, names in FIELDS[record].items() if k in FIELDS for n in names]
            if not links:
                break
            record, name = self.draw.choice(links)
            text = f"{text}.{name}" if text else name
        names = FIELDS[record].get(kind)
        if not names:
            if record == kind and text:
                return text
            own = [k.field(n) for k in self.known for n in FIELDS[k.record].get(kind, ())]
            return self.draw.choice(own) if own else None
        name = self.draw.choice(names)
        return f"{text}.{name}" if text else name

    # -------------------------------------------------------------- expressions

    def makers(self, kind: str) -> list[Callable[[int], str]]:
        found = {
            "boolean": self.booleans(), "number": self.numbers(), "string": self.strings(), "date": self.dates(),
            "moment": self.moments(), "span": self.spans(), "time": self.times(), "person": self.people(),
        }.get(kind, [])  # fmt: skip
        return found

    def choice(self, kind: str) -> Callable[[int], str]:
        return lambda n: f"(if {self.make('boolean', n)} then {self.make(kind, n)} else {self.or_null(kind, n)})"

    def or_null(self, kind: str, n: int) -> str:
        return "null" if self.draw.random() < 0.1 else self.make(kind, n)

    def booleans(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        return [
            lambda n: f"({make('boolean', n)} and {make('boolean', n)})",
            lambda n: f"({make('boolean', n)} or {make('boolean', n)})",
            lambda n: f"not({make('boolean', n)})",
            self.comparison, self.comparison, self.comparison,
            self.null_test,
            self.range_test, self.range_test,
            self.list_test,
            self.choice("boolean"),
            lambda n: f"{draw.choice(('contains', 'starts with', 'ends with'))}({make('string', n)}, {make('string', n)})",
            lambda n: f"matches({make('string', n)}, {draw.choice(PATTERNS)})",
            self.quantifier, self.quantifier, self.quantifier,
            lambda n: f"list contains({self.strings_list(n)}, {make('string', n)})",
            lambda n: f"({make('string', n)} in {self.strings_list(n)})",
            lambda n: f"{draw.choice(('all', 'any'))}({self.collection('documents', n)}.signed)",
            lambda n: f"{draw.choice(('all', 'any'))}([{make('boolean', 0)}, {make('boolean', n)}, {make('boolean', 0)}])",
            lambda n: f"{draw.choice(('contains', 'ends with'))}(match: {make('string', 0)}, string: {make('string', n)})",
            self.pairs,
            lambda n: f"({self.age()} {draw.choice(('>', '<=', '='))} {self.months(0)})",
            lambda n: f"({make('number', n)} in [{self.literal('number')}, [0..{draw.randint(0, 9)}], > {draw.randint(5, 99)}])",
            lambda n: f"({make('string', n)} in concatenate([{make('string', 0)}], [{make('string', 0)}, null]))",
            self.under, self.same_record, self.same_record,
            lambda n: f"({make('number', n)} instance of number)",
            lambda n: f"{draw.choice(('odd', 'even'))}({draw.choice(('a', 'b', 'small', 'big'))})",
        ]  # fmt: skip

    def comparison(self, n: int) -> str:
        kind = self.draw.choice((*SIMPLE, "number", "number", "string", "months"))
        ops = ("=", "!=") if kind == "boolean" else ("=", "!=", "<", "<=", ">", ">=")
        if kind == "string" and self.draw.random() < 0.4:
            name = self.draw.choice(("kind", "state"))
            return f'({name} {self.draw.choice(("=", "!="))} "{self.draw.choice(OPTIONS[name])}")'
        if kind == "months":
            return f"({self.months(n)} {self.draw.choice(ops)} {self.months(n)})"
        return f"({self.make(kind, n)} {self.draw.choice(ops)} {self.make(kind, n)})"

    def pairs(self, n: int) -> str:
        """Return a quantifier over two lists."""
        one, other = self.name(), self.name()
        word = self.draw.choice(("some", "every"))
        kinds = self.draw.choice((("documents", "persons"), ("documents", "ownerships"), ("persons", "documents")))
        sources = [self.collection(kind, 0) for kind in kinds]
        self.known += [Known(one, LISTS[kinds[0]]), Known(other, LISTS[kinds[1]])]
        body = self.make("boolean", min(n, 2))
        del self.known[-2:]
        return f"({word} {one} in {sources[0]}, {other} in {sources[1]} satisfies {body})"

    def age(self) -> str:
        kinds = [self.draw.choice(("date", "date", "moment")) for _ in range(2)]
        return f"years and months duration({self.leaf(kinds[0])}, {self.leaf(kinds[1])})"

    def null_test(self, n: int) -> str:
        kind = self.draw.choice((*SIMPLE, "person", "plot", "user", "subject"))
        return f"({self.make(kind, min(n, 1))} {self.draw.choice(('=', '!='))} null)"

    def range_test(self, n: int) -> str:
        kind = self.draw.choice(("number", "string", "date", "moment", "span", "time"))
        of, low, high = (self.make(kind, min(n, 1)) for _ in range(3))
        if self.draw.random() < 0.3:
            return f"({of} between {low} and {high})"
        start, end = self.draw.choice("[("), self.draw.choice("])")
        tests = [f"{start}{low}..{high}{end}"]
        if self.draw.random() < 0.4:
            tests.append(f"{self.draw.choice(('<', '<=', '>', '>='))} {self.make(kind, 0)}")
        if self.draw.random() < 0.4:
            tests.append(self.make(kind, 0))
        return f"({of} in {tests[0]})" if len(tests) == 1 else f"({of} in ({', '.join(tests)}))"

    def list_test(self, n: int) -> str:
        kind = self.draw.choice(("number", "string", "date", "string", "number"))
        items = [self.or_null(kind, 0) for _ in range(self.draw.randint(2, 4))]
        opening, closing = self.draw.choice(("()", "[]"))
        return f"({self.make(kind, n)} in {opening}{', '.join(items)}{closing})"

    def quantifier(self, n: int) -> str:
        kind = self.draw.choice(("documents", "documents", "ownerships", "persons"))
        source = self.collection(kind, n)
        name = self.name()
        word = self.draw.choice(("some", "every"))
        return f"({word} {name} in {source} satisfies {self.inside(name, LISTS[kind], n)})"

    def inside(self, name: str, record: str, n: int) -> str:
        self.known.append(Known(name, record))
        try:
            return self.make("boolean", min(n, 2))
        finally:
            self.known.pop()

    def name(self) -> str:
        self.fresh += 1
        return f"x{self.fresh}"

    def collection(self, kind: str, n: int) -> str:
        """Return a list of records, perhaps filtered."""
        base = [k.field(name) for k in self.known for name in FIELDS[k.record].get(kind, ())]
        text = (
            self.draw.choice(base) if base else {"documents": "documents", "persons": "experts"}.get(kind, "ownership")
        )
        if kind == "permits" or (kind == "documents" and self.draw.random() < 0.0):
            text = "plot.permits"
        if self.draw.random() < 0.4:
            # Inside of brackets the fields of the element come first, so its names hide those of the rule's record.
            before, self.known = self.known, [Known("item", LISTS[kind])]
            condition = (
                "current" if kind == "ownerships" and self.draw.random() < 0.5 else self.make("boolean", min(n, 1))
            )
            self.known = before
            text = f"{text}[{condition}]"
            if self.draw.random() < 0.1:
                text = f"{text}[item.id != null]"
        return text

    def strings_list(self, n: int) -> str:
        roll = self.draw.random()
        if roll < 0.3 and any(k.record == "permit" and not k.prefix for k in self.known):
            return "tags"
        if roll < 0.6:
            return f"[{self.make('string', 0)}, {self.make('string', 0)}]"
        kind, name = self.draw.choice((("documents", "title"), ("persons", "name")))
        return f"{self.collection(kind, n)}.{name}"

    def under(self, n: int) -> str:
        return f"({self.leaf('unit')} under {self.leaf('unit')})"

    def same_record(self, n: int) -> str:
        kind = self.draw.choice(("person", "person", "user", "plot", "unit"))
        right = self.draw.choice(
            ("my person",) if kind == "person" else ("me",) if kind == "user" else (self.leaf(kind),)
        )
        return f"({self.leaf(kind)} {self.draw.choice(('=', '!='))} {self.draw.choice((right, self.leaf(kind)))})"

    def numbers(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        rounding = ("decimal", "round up", "round down", "round half up", "round half down", "floor", "ceiling")
        return [
            *[lambda n: f"({make('number', n)} {draw.choice('+-*')} {make('number', n)})"] * 4,
            lambda n: f"({make('number', n)} / {make('number', n)})",
            lambda n: f"({draw.choice(('a', 'b', 'small', 'price', '2', '0.1'))} ** {draw.choice('123')})",
            lambda n: f"-({make('number', n)})",
            lambda n: f"{draw.choice(rounding)}({make('number', n)}, {draw.choice(('0', '1', '2', '-1', '3'))})",
            lambda n: f"{draw.choice(('floor', 'ceiling', 'abs'))}({make('number', n)})",
            lambda n: f"modulo({draw.choice(self.fields('number'))}, {draw.choice((*self.fields('number'), '5', '-3', '0.7'))})",
            lambda n: f"string length({make('string', n)})",
            lambda n: f"{draw.choice(('min', 'max', 'sum', 'mean'))}({make('number', n)}, {make('number', n)}, {make('number', n)})",
            self.choice("number"),
            self.aggregate, self.aggregate, self.aggregate, self.counted,
            lambda n: f"{make('date', n)}.{draw.choice(('year', 'month', 'day', 'weekday'))}",
            lambda n: f"{make('moment', n)}.{draw.choice(('year', 'month', 'day', 'hour', 'minute', 'second'))}",
            lambda n: f"{make('span', 0)}.{draw.choice(('days', 'hours', 'minutes', 'seconds'))}",
            lambda n: f"{draw.choice(('day of year', 'week of year'))}({make('date', n)})",
            lambda n: f"({make('span', 0)} / {make('span', 0)})",
            lambda n: f"({self.age()}).{draw.choice(('years', 'months'))}",
        ]  # fmt: skip

    def fields(self, kind: str) -> tuple[str, ...]:
        return tuple(k.field(n) for k in self.known for n in FIELDS[k.record].get(kind, ())) or (self.literal(kind),)

    def aggregate(self, n: int) -> str:
        function = self.draw.choice(("sum", "min", "max", "mean", "count"))
        kind, name = self.draw.choice(
            (("documents", "fee"), ("documents", "pages"), ("ownerships", "share"), ("persons", "height"))
        )
        if self.draw.random() < 0.3:
            source, item = self.collection(kind, n), self.name()
            self.known.append(Known(item, LISTS[kind]))
            body = self.make("number", min(n, 1))
            self.known.pop()
            return f"{function}(for {item} in {source} return {body})"
        return f"{function}({self.collection(kind, n)}.{name})"

    def counted(self, n: int) -> str:
        kind = self.draw.choice(("documents", "ownerships", "persons"))
        if self.draw.random() < 0.3:
            return (
                f"count(distinct values({self.strings_list(n)}))" if self.draw.random() < 0.5 else "count(plot.permits)"
            )
        return f"count({self.collection(kind, n)})"

    def strings(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        return [
            lambda n: f"({make('string', n)} + {make('string', n)})",
            lambda n: f"{draw.choice(('upper case', 'lower case'))}({make('string', n)})",
            lambda n: f"substring({make('string', n)}, {draw.choice(('1', '2', '-1', '-2', '5', '0'))})",
            lambda n: f"substring({make('string', n)}, {draw.choice(('1', '2', '-2'))}, {draw.choice(('1', '2', '9'))})",
            lambda n: f"{draw.choice(('substring before', 'substring after'))}({make('string', n)}, {make('string', n)})",
            self.choice("string"),
            lambda n: f"string({make(draw.choice(('number', 'boolean', 'string')), n)})",
            lambda n: f"{draw.choice(('min', 'max'))}({make('string', n)}, {make('string', n)})",
            lambda n: f"{draw.choice(('min', 'max'))}({self.collection('persons', n)}.name)",
            lambda n: f"{draw.choice(('day of week', 'month of year'))}({make('date', n)})",
        ]  # fmt: skip

    def dates(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        return [
            lambda n: f"({make('date', 0)} {draw.choice('+-')} {self.months(0)})",
            lambda n: f"({make('date', 0)} {draw.choice('+-')} {make('span', 0)})",
            lambda n: "today()",
            lambda n: f"(today() {draw.choice('+-')} duration({draw.choice(DURATIONS)}))",
            lambda n: "date(2024, 2, 29)",
            self.choice("date"),
            lambda n: f"date({make('moment', 0)})",
            lambda n: f"{draw.choice(('min', 'max'))}({self.collection('documents', n)}.made)",
        ]

    def moments(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        return [
            lambda n: f"({make('moment', 0)} {draw.choice('+-')} {make('span', 0)})",
            lambda n: f"({make('moment', 0)} {draw.choice('+-')} {self.months(0)})",
            lambda n: "now()",
            self.choice("moment"),
        ]

    def spans(self) -> list[Callable[[int], str]]:
        make, draw = self.make, self.draw
        return [
            lambda n: f"({make('date', 0)} - {make('date', 0)})",
            lambda n: f"({make('moment', 0)} - {make('moment', 0)})",
            lambda n: f"({self.leaf('span')} {draw.choice('+-')} {self.leaf('span')})",
            lambda n: f"({self.leaf('span')} * {draw.choice(('2', '-3', 'small'))})",
            lambda n: f"abs({self.leaf('span')})",
            lambda n: f"-({self.leaf('span')})",
            lambda n: f"({self.leaf('time')} - {self.leaf('time')})",
            self.choice("span"),
        ]

    def times(self) -> list[Callable[[int], str]]:
        return [self.choice("time"), lambda n: f"({self.leaf('time')} {self.draw.choice('+-')} {self.leaf('span')})"]

    def people(self) -> list[Callable[[int], str]]:
        return [self.choice("person")]

    def months(self, n: int) -> str:
        literal = f'@"{self.draw.choice(MONTHS)}"'
        return literal if self.draw.random() < 0.7 else f"({literal} * {self.draw.choice(('2', '-1', 'small'))})"


DURATIONS = ('"P1Y"', '"P14D"', '"PT36H"', '"P1M"')
PATTERNS = ('"a"', '"^a.*"', '"[a-c]+$"', '"^.b?$"', '"x|ü"', '"(a|b){2}"', '"^[^a]"', '"5{1,2}"', '"\\\\."')
LITERALS: Mapping[str, Callable[[random.Random], str]] = {
    "number": lambda draw: draw.choice(NUMBERS),
    "string": lambda draw: f'"{draw.choice(TEXTS)}"',
    "boolean": lambda draw: draw.choice(("true", "false")),
    "date": lambda draw: f'@"{draw.choice(DATES).isoformat()}"',
    "time": lambda draw: f'@"{draw.choice(TIMES)}"',
    "moment": lambda draw: f'@"{draw.choice(MOMENTS)}"',
    "span": lambda draw: f'@"{draw.choice(SPANS)}"',
}
