"""How fast compiled rules are: against functions written by hand with Decimal, and against other engines.

Ten rules and two decision tables (20 and 1,000 rows), all engines in turns within each round, answers checked
before anything is timed. Prints microseconds and the factor to the hand-written function (median of the
factors of the rounds), what a table of 1,000 rows costs more than one of 20, and how long 1,000 rules take to
compile.

    python bench/rules.py [--rounds 9] [--slice 0.03] [--json]

With ``--json`` the last line is a JSON object with all of it.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from fachwerk.problems import Fragment, Problems, Source, Span
from fachwerk.rules.check import check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.check import check_table
from fachwerk.rules.tables.compile import compile_table
from fachwerk.rules.tables.model import Hit, Output
from fachwerk.rules.tables.read import Declared, read_table
from fachwerk.rules.to_python import Environment, Evaluation, compile_record_rule
from fachwerk.rules.types import NUMBER, Typed
from fachwerk.rules.values import use_everywhere
from rule_cases import CASES, TYPES, Case, Record, Row, conditions, data, grid, inputs, rows

Rule = Callable[[Record], object]
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
CONTEXT = Evaluation(now=datetime.now(UTC), today=date.today())


@dataclass(slots=True)
class Entry:
    """One engine on one rule: what to call with what, and the seconds of each round."""

    engine: str
    call: Callable[..., object]
    records: list[Record]
    extra: tuple[object, ...] = ()
    repeats: int = 1
    seconds: list[float] = field(default_factory=list)

    def once(self, repeats: int) -> float:
        """Return the seconds per evaluation over *repeats* passes."""
        call, extra, clock = self.call, self.extra, time.perf_counter
        if len(self.records) > 1:
            start = clock()
            for _ in range(repeats):
                for record in self.records:
                    call(record, *extra)
            return (clock() - start) / (repeats * len(self.records))
        record = self.records[0]
        if extra:
            (context,) = extra
            start = clock()
            for _ in range(repeats):
                call(record, context)
            return (clock() - start) / repeats
        start = clock()
        for _ in range(repeats):
            call(record)
        return (clock() - start) / repeats


# ours


def checked(text: str):
    """Return a rule, read and checked against the types of the record."""
    fragment, scope, problems = Fragment.of(text), Scope(TYPES), Problems()
    found = check(parse(fragment, scope, problems), fragment, scope, problems)
    assert not problems.errors, [problem.message() for problem in problems]
    return found


def ours(text: str) -> Callable[..., object]:
    """Return a rule as the engine calls it: with a record and a context."""
    return compile_record_rule(checked(text), Environment())


def our_table(table: list[Row]) -> Rule:
    """Return a decision table as a function of a record."""
    source, problems = Source("table", grid(table)), Problems()
    span = Span(source, 0, 1)
    output = Output("result", span, Typed(NUMBER, False))
    read = read_table(Fragment(source.text, source), Declared("fee", Hit("first"), (output,), span), problems)
    scope = Scope({name: TYPES[name] for name in ("country", "category", "amount", "vip")})
    decide = compile_table(
        check_table(read, scope, problems, cover=False), tuple(scope.names), Environment()
    ).decide
    assert not problems.errors, [problem.message() for problem in problems]
    return lambda r: decide(r["country"], r["category"], r["amount"], r["vip"])


# others


def hand_table(table: list[Row]) -> Rule:
    """The chain of conditions that a programmer would write (as a loop over tuples it would be slower
    still).
    """
    lines = [
        "def decide(r):",
        ' country, category, amount, vip = r["country"], r["category"], r["amount"], r["vip"]',
    ]
    space: dict[str, object] = {}
    for country, category, low, high, vip, result in table:
        space[f"n{low}"], space[f"n{high}"] = Decimal(low), Decimal(high)
        test = f"country == {country!r} and category == {category!r} and n{low} <= amount < n{high}"
        lines.append(f" if {test}{'' if vip is None else f' and vip is {vip}'}: return {result}")
    exec("\n".join(lines), space)
    return space["decide"]


def zen_rule(case: Case) -> Rule:
    import zen

    return zen.compile_expression(case.zen).evaluate


def zen_table(table: list[Row]) -> Rule:
    import zen

    names = ("country", "category", "amount", "vip")
    columns = [{"id": name, "name": name, "field": name} for name in names]
    cells = [
        {
            "_id": f"r{number}",
            "country": f'"{row[0]}"',
            "category": f'"{row[1]}"',
            "amount": f"[{row[2]}..{row[3]})",
            "vip": "" if row[4] is None else str(row[4]).lower(),
            "out": str(row[5]),
        }
        for number, row in enumerate(table)
    ]
    place = {"x": 0, "y": 0}
    output = [{"id": "out", "name": "result", "field": "result"}]
    body = {"hitPolicy": "first", "inputs": columns, "outputs": output, "rules": cells}
    nodes = [
        {"id": "a", "name": "in", "type": "inputNode", "position": place},
        {"id": "b", "name": "t", "type": "decisionTableNode", "position": place, "content": body},
        {"id": "c", "name": "out", "type": "outputNode", "position": place},
    ]
    edges = [
        {"id": "e1", "sourceId": "a", "targetId": "b", "type": "edge"},
        {"id": "e2", "sourceId": "b", "targetId": "c", "type": "edge"},
    ]
    content = zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
    evaluate = zen.ZenEngine({"loader": lambda key: content}).evaluate
    return lambda r: evaluate("t", r)["result"]["result"]


def cel_environment():
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_strings

    kind = cel.Type
    types = dict.fromkeys(("amount", "score", "unit_price", "qty", "rebate", "vat"), kind.DOUBLE)
    types |= dict.fromkeys(("status", "name", "sku", "due", "country", "category"), kind.STRING)
    types |= {"discount": kind.DYN, "items": kind.DYN, "now": kind.TIMESTAMP, "vip": kind.BOOL}
    extensions = [getattr(ext_strings, name)() for name in dir(ext_strings) if name.startswith("Ext")]
    return cel.NewEnv(variables=types, extensions=extensions)


def cel_rule(case: Case) -> Rule:
    compiled = cel_environment().compile(case.cel)
    if case.cel_sums:
        return lambda r: sum(x.value() if hasattr(x, "value") else x for x in compiled.eval(data=r).value())
    return lambda r: compiled.eval(data=r).value()


def cel_table(table: list[Row]) -> Rule:
    environment = cel_environment()
    compiled = [(environment.compile(conditions(row, "cel")), row[5]) for row in table]

    def decide(r: Record) -> object:
        activation = environment.Activation(r)
        return next((result for test, result in compiled if test.eval(activation).value()), None)

    return decide


def other_rule(case: Case) -> Rule:
    import rule_engine

    return rule_engine.Rule(case.rule_engine).evaluate


def other_table(table: list[Row]) -> Rule:
    import rule_engine

    compiled = [(rule_engine.Rule(conditions(row, "rule-engine")).matches, row[5]) for row in table]
    return lambda r: next((result for test, result in compiled if test(r)), None)


# measuring


def same(one: object, other: object) -> bool:
    """Whether two answers are the same number, text or truth value."""
    if isinstance(one, bool | str) or isinstance(other, bool | str):
        return one == other
    return one is not None and other is not None and abs(float(one) - float(other)) < 1e-6


def entries_of_rule(case: Case) -> list[Entry]:
    exact, rough = ({name: record[name] for name in case.reads} for record in (data(Decimal), data(float)))
    timed = {**rough, "now": MIDNIGHT} if case.name.startswith("4") else rough
    return [
        Entry("hand", case.hand, [exact]),
        Entry("fachwerk", ours(case.feel), [exact], (CONTEXT,)),
        Entry("zen-engine", zen_rule(case), [rough]),
        Entry("cel-expr-python", cel_rule(case), [timed]),
        Entry("rule-engine", other_rule(case), [exact]),
    ]


def entries_of_table(table: list[Row]) -> list[Entry]:
    exact, rough = inputs(table, Decimal), inputs(table, float)
    return [
        Entry("hand", hand_table(table), exact),
        Entry("fachwerk", our_table(table), exact),
        Entry("zen-engine", zen_table(table), rough),
        Entry("cel-expr-python", cel_table(table), rough),
        Entry("rule-engine", other_table(table), exact),
    ]


def verify(name: str, entries: list[Entry]) -> None:
    """Stop if an engine gives another answer than the function written by hand."""
    wanted = [entries[0].call(record) for record in entries[0].records]
    for entry in entries[1:]:
        for record, want in zip(entry.records, wanted, strict=True):
            got = entry.call(record, *entry.extra)
            if not same(got, want):
                raise SystemExit(f"{name}: {entry.engine} says {got!r} where {want!r} is right")


def measure(entries: list[Entry], rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Time all engines in turns; a factor is formed within its round."""
    for entry in entries:
        width = len(entry.records)
        repeats = 1
        while (per := entry.once(repeats)) * repeats * width < seconds / 4:
            repeats = max(repeats * 2, int(seconds / 3 / max(per * width, 1e-9)))
        entry.repeats = max(1, int(seconds / (per * width)))
    order = list(entries)
    for number in range(rounds):
        random.Random(number).shuffle(order)
        for entry in order:
            entry.seconds.append(entry.once(entry.repeats))
    hand = entries[0].seconds
    return {
        entry.engine: {
            "us": round(statistics.median(entry.seconds) * 1e6, 4),
            "factor": round(statistics.median(x / y for x, y in zip(entry.seconds, hand, strict=True)), 3),
        }
        for entry in entries
    }


def difference(small: Entry, large: Entry, rounds: int) -> float:
    """Return by how many microseconds *large* takes longer than *small*, in turns.

    The least of the rounds counts for each: what else the machine does only adds.
    """
    pairs = [(small.once(200), large.once(200)) for _ in range(rounds)]
    least = [min(times) for times in zip(*pairs, strict=True)]
    return round((least[1] - least[0]) * 1e6, 4)


def compile_seconds(count: int) -> tuple[float, float]:
    """Return the seconds to read, check and compile *count* rules, and to compile alone."""
    texts = [CASES[number % len(CASES)].feel for number in range(count)]
    start = time.perf_counter()
    found = [checked(text) for text in texts]
    middle = time.perf_counter()
    for rule in found:
        compile_record_rule(rule, Environment())
    end = time.perf_counter()
    return end - start, end - middle


def report(results: dict[str, dict[str, dict[str, float]]], summary: dict[str, object]) -> None:
    """Print the table and the summary."""
    engines = list(next(iter(results.values())))
    print(f"{'':20}" + "".join(f"{engine:>24}" for engine in engines) + "     (µs, factor to hand)")
    for name, found in results.items():
        cells = "".join(f"{one['us']:>15.3f} x{one['factor']:<7.2f}" for one in found.values())
        print(f"{name:20}{cells}")
    for key, value in summary.items():
        print(f"{key}: {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--slice", type=float, default=0.03, help="seconds per engine, rule and round")
    parser.add_argument("--json", action="store_true", help="print a JSON object as the last line")
    options = parser.parse_args()
    use_everywhere()
    results = {}
    for case in CASES:
        entries = entries_of_rule(case)
        verify(case.name, entries)
        results[case.name] = measure(entries, options.rounds, options.slice)
    both = {count: entries_of_table(rows(count)) for count in (20, 1000)}
    for count, entries in both.items():
        verify(f"table {count}", entries)
    for count, entries in both.items():
        results[f"table of {count}"] = measure(entries, options.rounds, options.slice)
    factors = [results[case.name]["fachwerk"]["factor"] for case in CASES]
    whole, alone = compile_seconds(1000)
    slower = [
        f"{name}: {engine}"
        for name, found in results.items()
        for engine, one in found.items()
        if engine not in ("hand", "fachwerk") and one["us"] <= found["fachwerk"]["us"]
    ]
    small, large = (next(entry for entry in entries if entry.engine == "fachwerk") for entries in both.values())
    summary: dict[str, object] = {
        "median factor to hand-written": round(statistics.median(factors), 3),
        "slower than another engine": slower,
        "table of 1,000 minus table of 20, us": difference(small, large, 5 * options.rounds),
        "reading, checking and compiling 1,000 rules, s": round(whole, 3),
        "compiling 1,000 rules, s": round(alone, 3),
    }
    report(results, summary)
    if options.json:
        print(json.dumps({"results": results, **summary}))


if __name__ == "__main__":
    main()
