"""Random rules over a record with every kind of field, and random records to go with them.

A text is drawn type by type, so that the rule is well typed; *wild* mixes the types up. Used by the tests that compare the
generated code with the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from fachwerk.rules.scope import Scope
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    NUMBER,
    STRING,
    ListType,
    OptionType,
    RecordType,
    Typed,
)
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[str]], str]
Names = dict[str, list[str]]
"""By type: what stands for a value of it in the place where a text is drawn."""

USER = RecordType("user", {"id": Typed(STRING, False), "name": Typed(STRING, False)})
PLOT = RecordType("plot", {"max_storeys": Typed(NUMBER), "area": Typed(NUMBER, False), "zone": Typed(STRING)})
CATEGORY = RecordType("category", {"name": Typed(STRING, False)}, tree="parent")
PERSON = RecordType(
    "person", {"name": Typed(STRING, False), "plot": Typed(PLOT), "category": Typed(CATEGORY)}
)
PART = RecordType(
    "part",
    {
        "qty": Typed(NUMBER, False),
        "price": Typed(NUMBER),
        "kind": Typed(STRING, False),
        "done": Typed(BOOLEAN),
        "since": Typed(DATE, False),
        "until": Typed(DATE),
        "owner": Typed(USER),
    },
    valid=("since", "until"),
)
FIELDS = {
    "storeys": Typed(NUMBER, False),
    "fee": Typed(NUMBER),
    "title": Typed(STRING, False),
    "note": Typed(STRING),
    "state": Typed(OptionType("permit.state", ("draft", "open", "closed")), False),
    "urgent": Typed(BOOLEAN, False),
    "checked": Typed(BOOLEAN),
    "filed": Typed(DATE, False),
    "decided": Typed(DATE),
    "seen": Typed(DATE_TIME),
    "plot": Typed(PLOT),
    "applicant": Typed(USER),
    "category": Typed(CATEGORY, False),
    "parts": Typed(ListType(Typed(PART, False)), False),
    "tags": Typed(ListType(Typed(STRING, False)), False),
    "sizes": Typed(ListType(Typed(NUMBER))),
}
SCOPE = Scope(FIELDS, me=USER, mine={"person": PERSON})
LOOSE = Scope({name: Typed(ANY) for name in FIELDS}, strict=False)
NAMES: Names = {
    "number": [
        "storeys",
        "fee",
        "plot.max_storeys",
        "plot.area",
        "my person.plot.area",
        "filed.year",
        "decided.month",
    ],
    "string": ["title", "note", "state", "plot.zone", "me.name", "my person.name", "applicant.name"],
    "boolean": ["urgent", "checked"],
    "date": ["filed", "decided", "today()"],
    "user": ["applicant", "me"],
}
PART_NAMES: Names = {
    "number": ["qty", "price", "since.day"],
    "string": ["kind", "owner.name"],
    "boolean": ["done", "current"],
    "date": ["since", "until"],
    "user": ["owner"],
}


def _merged(one: Names, other: Names, prefix: str = "") -> Names:
    own = {
        kind: [prefix + name for name in names if not prefix or name != "current"]
        for kind, names in other.items()
    }
    return {kind: [*names, *own.get(kind, [])] for kind, names in one.items()}


class Texts:
    """Draws texts of rules; *names* says what stands for values where the text will stand."""

    def __init__(self, draw: Draw, *, wild: bool = False) -> None:
        self._draw = draw
        self._wild = wild
        self._loops = 0

    def _one(self, *options: str) -> str:
        return self._draw(st.sampled_from(options))

    def any(self, names: Names, depth: int) -> str:
        """Draw a rule of some type."""
        kinds = ["number", "string", "boolean", "date", "list", "context", "span"]
        return self.of(self._one(*kinds), names, depth)

    def of(self, kind: str, names: Names, depth: int) -> str:
        """Draw a rule of that type, mostly."""
        if self._wild and self._one("as it is", "as it is", "as it is", "mixed") == "mixed":
            kind = self._one("number", "string", "boolean", "date", "list", "context", "span")
        if depth <= 0:
            return self._leaf(kind, names)
        return str(getattr(self, kind)(names, depth - 1))

    def _leaf(self, kind: str, names: Names) -> str:
        literals = {
            "number": ("0", "1", "2.5", "-3", "1000", "0.1", "7"),
            "string": ('"a"', '"ab"', '"draft"', '""', '"Haus"'),
            "boolean": ("true", "false"),
            "date": ('date("2024-02-29")', 'date("2023-12-31")', '@"2024-03-01"'),
            "list": ("parts.qty", "sizes", "[1, 2, 3]", "tags", "[]"),
            "context": ("{a: 1}", "{}"),
            "span": ('duration("P1D")', '@"PT36H"', 'duration("P1M")', "today() - filed"),
        }
        options = [*names.get(kind, []), *literals[kind]]
        return self._one(*options, *(["null"] if self._wild else []))

    def number(self, names: Names, depth: int) -> str:
        """Draw a number."""
        n, b = (lambda: self.of("number", names, depth)), (lambda: self.of("boolean", names, depth))
        form = self._one(
            "op", "op", "op", "if", "count", "sum", "total", "function", "index", "lambda", "entry", "length"
        )
        if form == "op":
            return f"({n()} {self._one('+', '-', '*', '/')} {n()})"
        if form == "if":
            return f"(if {b()} then {n()} else {n()})"
        if form == "count":
            return f"count({self.parts(names, depth)})"
        if form == "sum":
            return f"{self._one('sum', 'min', 'max', 'mean')}({self.parts(names, depth)}.{self._one('qty', 'price')})"
        if form == "total":
            return f"sum({self.loop(names, depth)})"
        if form == "function":
            return self._one(
                f"abs({n()})", f"floor({n()})", f"round half up({n()}, 2)", f"modulo({n()}, {n()})", f"-{n()}"
            )
        if form == "index":
            return f"{self.parts(names, depth)}[{self._one('1', '-1', '3')}].qty"
        if form == "lambda":
            inner = self.of("number", _merged(names, {"number": ["x"]}), depth)
            return f"(function(x: number) {inner})({n()})"
        if form == "entry":
            later = self.of("number", _merged(names, {"number": ["a"]}), depth)
            return f"{{a: {n()}, b: {later}}}.b"
        return f"string length({self.of('string', names, depth)})"

    def string(self, names: Names, depth: int) -> str:
        """Draw a string."""
        s = lambda: self.of("string", names, depth)  # noqa: E731
        return self._one(
            f"({s()} + {s()})",
            f"upper case({s()})",
            f"substring({s()}, {self._one('1', '2', '-1')})",
            f"(if {self.of('boolean', names, depth)} then {s()} else {s()})",
            f"string({self.of('number', names, depth)})",
            f"substring before({s()}, {s()})",
            f"string join({self.parts(names, depth)}.kind, {s()})",
        )

    def boolean(self, names: Names, depth: int) -> str:
        """Draw a condition."""
        n, s = (lambda: self.of("number", names, depth)), (lambda: self.of("string", names, depth))
        b, d = (lambda: self.of("boolean", names, depth)), (lambda: self.of("date", names, depth))
        compare = self._one("=", "!=", "<", "<=", ">", ">=")
        form = self._one(
            "number", "string", "date", "and", "or", "not", "null", "range", "one of", "between", "some", "every",
            "if", "function", "link", "under", "type", "contains", "three",
        )  # fmt: skip
        forms: dict[str, Callable[[], str]] = {
            "number": lambda: f"{n()} {compare} {n()}",
            "string": lambda: f"{s()} {compare} {s()}",
            "date": lambda: f"{d()} {compare} {d()}",
            "and": lambda: f"({b()} and {b()})",
            "or": lambda: f"({b()} or {b()})",
            "three": lambda: f"({b()} {self._one('and', 'or')} {b()} {self._one('and', 'or')} {b()})",
            "not": lambda: f"not({b()})",
            "null": lambda: f"({self._one(n(), s(), d(), b())} {self._one('=', '!=')} null)",
            "range": lambda: f"{n()} in {self._one('[', '(')}{n()}..{n()}{self._one(']', ')')}",
            "one of": lambda: self._one(
                f"{n()} in ({n()}, {n()}, > {n()})", f'{s()} in ("a", "draft", "open")'
            ),
            "between": lambda: f"{n()} between {n()} and {n()}",
            "some": lambda: self.quantified("some", names, depth),
            "every": lambda: self.quantified("every", names, depth),
            "if": lambda: f"(if {b()} then {b()} else {b()})",
            "function": lambda: f"{self._one('contains', 'starts with', 'ends with')}({s()}, {s()})",
            "link": lambda: self._one(
                f"{self._one(*names['user'])} = me", "plot = my person.plot", "plot = null"
            ),
            "under": lambda: "category under my person.category",
            "type": lambda: f"{n()} instance of {self._one('number', 'string')}",
            "contains": lambda: f"list contains(tags, {s()})",
        }
        return f"({forms[form]()})"

    def date(self, names: Names, depth: int) -> str:
        """Draw a date."""
        d = lambda: self.of("date", names, depth)  # noqa: E731
        return self._one(
            f"({d()} {self._one('+', '-')} {self.of('span', names, depth)})",
            f"(if {self.of('boolean', names, depth)} then {d()} else {d()})",
        )

    def span(self, names: Names, depth: int) -> str:
        """Draw a duration."""
        whole = self._one('duration("P1D")', '@"PT36H"', 'duration("P10M")', '@"-P3D"')
        return self._one(
            whole, f"({self.of('date', names, depth)} - {self.of('date', names, depth)})", f"({whole} * 2)"
        )

    def list(self, names: Names, depth: int) -> str:
        """Draw a list."""
        return self._one(
            f"[{self.of('number', names, depth)}, {self.of('number', names, depth)}]",
            self.loop(names, depth),
            f"sizes[{self.of('boolean', _merged(names, {'number': ['item']}), depth)}]",
            f"{self.parts(names, depth)}.kind",
            "distinct values(tags)",
            f"sort({self.loop(names, depth)}, function(l, r) l < r)",
            f"for i in 1..3 return i + {self.of('number', names, depth)}",
            f"for i in 1..4 return if i = 1 then 1 else partial[-1] * {self.of('number', names, depth)}",
        )

    def context(self, names: Names, depth: int) -> str:
        """Draw a context."""
        return f"{{a: {self.any(names, depth)}, b: {self.any(names, depth)}}}"

    def parts(self, names: Names, depth: int) -> str:
        """Draw a list of records."""
        if depth <= 0 or self._one("all", "filtered") == "all":
            return "parts"
        return f"parts[{self.of('boolean', _merged(names, PART_NAMES), depth - 1)}]"

    def loop(self, names: Names, depth: int) -> str:
        """Draw a loop that gives numbers."""
        self._loops += 1
        name = f"p{self._loops}"
        body = self.of("number", _merged(names, PART_NAMES, f"{name}."), depth)
        if self._one("one", "two") == "one":
            return f"for {name} in {self.parts(names, depth)} return {body}"
        other = self.of("number", _merged(names, {"number": ["z"]}), depth)
        return f"for {name} in {self.parts(names, depth)}, z in sizes return {body} + {other}"

    def quantified(self, kind: str, names: Names, depth: int) -> str:
        """Draw ``some`` or ``every``."""
        self._loops += 1
        name = f"p{self._loops}"
        source, more = self.parts(names, depth), self._one("", "", f", q{self._loops} in parts")
        body = self.of("boolean", _merged(names, PART_NAMES, f"{name}."), depth)
        return f"{kind} {name} in {source}{more} satisfies {body}"


@st.composite
def rules(draw: Callable[..., str], *, wild: bool = False, depth: int = 3) -> str:
    """Draw the text of a rule over :data:`SCOPE`; with *wild*, of types that do not fit together."""
    names = {
        kind: [name for name in own if not wild or not name.startswith(("my ", "me", "current"))]
        for kind, own in NAMES.items()
    }
    return Texts(draw, wild=wild).any(names, depth)


NUMBERS = st.sampled_from([Decimal(text) for text in ("0", "1", "2", "-3", "2.5", "0.1", "1000", "7.77")])
STRINGS = st.sampled_from(["", "a", "ab", "draft", "Haus", "Straße"])
DATES = st.sampled_from([date(2024, 2, 29), date(2023, 12, 31), date(2024, 3, 1), date(1999, 1, 31)])
TRUTHS = st.booleans()


def _or_null(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), values)


USERS = st.sampled_from([{"id": "u1", "name": "Ada"}, {"id": "u2", "name": "Bob"}])
PLOTS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["p1", "p2"]),
        "max_storeys": _or_null(NUMBERS),
        "area": NUMBERS,
        "zone": _or_null(STRINGS),
    }
)
CATEGORIES = st.sampled_from(
    [{"id": "c1", "name": "all", "_path": "/c1/"}, {"id": "c2", "name": "some", "_path": "/c1/c2/"}]
)
PARTS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["t1", "t2", "t3"]),
        "qty": NUMBERS,
        "price": _or_null(NUMBERS),
        "kind": STRINGS,
        "done": _or_null(TRUTHS),
        "since": DATES,
        "until": _or_null(DATES),
        "owner": _or_null(USERS),
    }
)
PERSONS = st.fixed_dictionaries(
    {"id": st.just("n1"), "name": STRINGS, "plot": _or_null(PLOTS), "category": _or_null(CATEGORIES)}
)
SEEN = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
RECORDS = st.fixed_dictionaries(
    {
        "id": st.just("r1"),
        "storeys": NUMBERS,
        "fee": _or_null(NUMBERS),
        "title": STRINGS,
        "note": _or_null(STRINGS),
        "state": st.sampled_from(["draft", "open", "closed"]),
        "urgent": TRUTHS,
        "checked": _or_null(TRUTHS),
        "filed": DATES,
        "decided": _or_null(DATES),
        "seen": _or_null(st.sampled_from([SEEN, SEEN + timedelta(milliseconds=1)])),
        "plot": _or_null(PLOTS),
        "applicant": _or_null(USERS),
        "category": CATEGORIES,
        "parts": st.lists(PARTS, max_size=3),
        "tags": st.lists(STRINGS, max_size=3),
        "sizes": _or_null(st.lists(_or_null(NUMBERS), max_size=3)),
    }
)
