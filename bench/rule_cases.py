"""The rules and tables that ``bench/rules.py`` measures: in FEEL, by hand in Python, and in the languages of
others.

Every rule is a function of one record and reads only the fields that it names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fachwerk.rules.types import BOOLEAN, NUMBER, STRING, ContextType, ListType, Typed

Record = dict[str, object]
D = Decimal
TODAY = date.today()
ITEM = ContextType(
    (
        ("sku", Typed(STRING, False)),
        ("qty", Typed(NUMBER, False)),
        ("price", Typed(NUMBER, False)),
        ("category", Typed(STRING, False)),
    )
)
TYPES: Mapping[str, Typed] = {
    "amount": Typed(NUMBER, False),
    "score": Typed(NUMBER, False),
    "status": Typed(STRING, False),
    "discount": Typed(NUMBER, True),
    "unit_price": Typed(NUMBER, False),
    "qty": Typed(NUMBER, False),
    "rebate": Typed(NUMBER, False),
    "vat": Typed(NUMBER, False),
    "name": Typed(STRING, False),
    "sku": Typed(STRING, False),
    "due": Typed(STRING, False),
    "country": Typed(STRING, False),
    "category": Typed(STRING, False),
    "vip": Typed(BOOLEAN, False),
    "items": Typed(ListType(Typed(ITEM, False)), False),
}
_ITEMS = [(f"A{i}", 2 + i, f"{17 * (i + 1)}.25", "hw" if i % 3 == 0 else "sw") for i in range(10)]


def data(number: Callable[[object], object]) -> Record:
    """Return the record with numbers of that class."""
    return {
        "amount": number("1250.50"),
        "score": number(7),
        "status": "open",
        "discount": None,
        "unit_price": number("99.95"),
        "qty": number(12),
        "rebate": number("15.5"),
        "vat": number(19),
        "name": "Müller GmbH",
        "sku": "HW-X100",
        "due": (TODAY + timedelta(days=3)).isoformat(),
        "country": "DE",
        "items": [
            {"sku": sku, "qty": number(qty), "price": number(price), "category": category}
            for sku, qty, price, category in _ITEMS
        ],
    }


@dataclass(frozen=True, slots=True)
class Case:
    """A rule in all its forms; ``None`` where a language cannot say it."""

    name: str
    reads: tuple[str, ...]
    feel: str
    hand: Callable[[Record], object]
    zen: str
    cel: str
    rule_engine: str
    cel_sums: bool = False


def _hand() -> tuple[Callable[[Record], object], ...]:
    """What a programmer would write for the same rules."""
    n1000, n5, n7, n1, n100, n9, n8, n10 = (D(n) for n in (1000, 5, 7, 1, 100, 9, 8, 10))
    week = timedelta(days=7)
    dach = frozenset(("AT", "CH", "DE"))

    def logic(r):
        d = r["discount"]
        return r["amount"] > n1000 and (
            r["status"] == "closed" or (d is not None and d > n5) or r["score"] >= n7
        )

    def arithmetic(r):
        return (r["unit_price"] * r["qty"] - r["rebate"]) * (n1 + r["vat"] / n100)

    def strings(r):
        n = r["name"]
        return n.upper().startswith("MÜ") and "-X" in r["sku"] and len(n) > 5

    def dates(r):
        return date.fromisoformat(r["due"]) - date.today() < week

    def some(r):
        for x in r["items"]:  # noqa: SIM110  (any() is slower)
            if x["qty"] > n9 and x["price"] > n100:
                return True
        return False

    def choice(r):
        s = r["score"]
        return "A" if s >= n8 else "B" if s >= n5 else "C"

    def total_filtered(r):
        return sum([x["price"] for x in r["items"] if x["category"] == "hw"])

    def total_product(r):
        return sum([x["qty"] * x["price"] for x in r["items"]])

    def between(r):
        return n1 <= r["score"] <= n10

    def member(r):
        return r["country"] in dach

    return logic, arithmetic, strings, dates, some, choice, total_filtered, total_product, between, member


_TEXTS = (
    (
        "1 and, or, null",
        "amount status discount score",
        'amount > 1000 and (status = "closed" or discount > 5 or score >= 7)',
        'amount > 1000 and (status == "closed" or (discount != null and discount > 5) or score >= 7)',
        'amount > 1000.0 && (status == "closed" || (discount != null && discount > 5.0) || score >= 7.0)',
        'amount > 1000 and (status == "closed" or (discount != null and discount > 5) or score >= 7)',
    ),
    (
        "2 arithmetic",
        "unit_price qty rebate vat",
        "(unit_price * qty - rebate) * (1 + vat / 100)",
        "(unit_price * qty - rebate) * (1 + vat / 100)",
        "(unit_price * qty - rebate) * (1.0 + vat / 100.0)",
        "(unit_price * qty - rebate) * (1 + vat / 100)",
    ),
    (
        "3 strings",
        "name sku",
        'starts with(upper case(name), "MÜ") and contains(sku, "-X") and string length(name) > 5',
        'startsWith(upper(name), "MÜ") and contains(sku, "-X") and len(name) > 5',
        'name.upperAscii().startsWith("M") && sku.contains("-X") && size(name) > 5',
        'name.as_upper.starts_with("MÜ") and "-X" in sku and name.length > 5',
    ),
    (
        "4 dates",
        "due",
        'date(due) - today() < duration("P7D")',
        'd(due).diff(d(), "day") < 7',
        'timestamp(due + "T00:00:00Z") - now < duration("168h")',
        '$parse_datetime(due) - $today < t"P7D"',
    ),
    (
        "5 some",
        "items",
        "some x in items satisfies x.qty > 9 and x.price > 100",
        "some(items, #.qty > 9 and #.price > 100)",
        "items.exists(x, x.qty > 9.0 && x.price > 100.0)",
        '$any([x["qty"] > 9 and x["price"] > 100 for x in items])',
    ),
    (
        "6 if",
        "score",
        'if score >= 8 then "A" else if score >= 5 then "B" else "C"',
        'score >= 8 ? "A" : score >= 5 ? "B" : "C"',
        'score >= 8.0 ? "A" : score >= 5.0 ? "B" : "C"',
        'score >= 8 ? "A" : (score >= 5 ? "B" : "C")',
    ),
    (
        "7 sum of a filter",
        "items",
        'sum(items[category = "hw"].price)',
        'sum(map(filter(items, #.category == "hw"), #.price))',
        'items.filter(i, i.category == "hw").map(i, i.price)',
        '$sum([x["price"] for x in items if x["category"] == "hw"])',
    ),
    (
        "8 sum of products",
        "items",
        "sum(for x in items return x.qty * x.price)",
        "sum(map(items, #.qty * #.price))",
        "items.map(i, i.qty * i.price)",
        '$sum([x["qty"] * x["price"] for x in items])',
    ),
    (
        "9 range",
        "score",
        "score in [1..10]",
        "score in [1..10]",
        "score >= 1.0 && score <= 10.0",
        "score >= 1 and score <= 10",
    ),
    (
        "10 one of",
        "country",
        'country in ("AT", "CH", "DE")',
        'country in ["AT", "CH", "DE"]',
        'country in ["AT", "CH", "DE"]',
        'country in ["AT", "CH", "DE"]',
    ),
)
CASES: tuple[Case, ...] = tuple(
    Case(name, tuple(reads.split()), feel, hand, zen, cel, other, cel_sums=name[0] in "78")
    for (name, reads, feel, zen, cel, other), hand in zip(_TEXTS, _hand(), strict=True)
)

Row = tuple[str, str, int, int, bool | None, int]
"""A row of a table: country, category, the amount from and below which it holds, VIP (``None``: any), the result."""


def rows(count: int) -> list[Row]:
    """Return the rows of the table of 20 or of 1,000."""
    found: list[Row] = []
    if count == 20:
        for country in range(5):
            for category in range(2):
                for part in range(2):
                    vip = None if country % 2 == 0 else part == 0
                    low, high = ((0, 500) if part == 0 else (500, 10_000)) if vip is None else (0, 10_000)
                    found.append((f"C{country}", f"K{category}", low, high, vip, len(found) + 1))
        return found
    for country in range(10):
        for category in range(10):
            for part in range(5):
                for vip in (True, False):
                    found.append(
                        (f"C{country}", f"K{category}", part * 2000, (part + 1) * 2000, vip, len(found) + 1)
                    )
    return found


def inputs(table: list[Row], number: Callable[[object], object]) -> list[Record]:
    """Return sixteen records that hit rows of *table* all over."""
    chance = random.Random(7)
    found: list[Record] = []
    for _ in range(16):
        country, category, low, high, vip, _result = chance.choice(table)
        amount = number(chance.randrange(low, high))
        found.append(
            {
                "country": country,
                "category": category,
                "amount": amount,
                "vip": chance.random() < 0.5 if vip is None else vip,
            }
        )
    return found


def grid(table: list[Row]) -> str:
    """Return *table* as the text of a decision table."""
    lines = ["country | category | amount | vip | => result"]
    for country, category, low, high, vip, result in table:
        shown = "-" if vip is None else str(vip).lower()
        lines.append(f'"{country}" | "{category}" | [{low}..{high}) | {shown} | {result}')
    return "\n".join(lines)


def conditions(row: Row, language: str) -> str:
    """Return one row as a condition of another language."""
    country, category, low, high, vip, _ = row
    both, dot = (" && ", ".0") if language == "cel" else (" and ", "")
    parts = [
        f'country == "{country}"',
        f'category == "{category}"',
        f"amount >= {low}{dot}",
        f"amount < {high}{dot}",
    ]
    if vip is not None:
        parts.append(f"vip == {str(vip).lower()}")
    return both.join(parts)
