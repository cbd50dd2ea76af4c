"""Random texts for the rule language: nonsense, and valid rules with something wrong in them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from rules_random import Maker

SAMPLES = (
    "{a: 1, b: a + 1}.b", "[1, 2, 3][item > 1]", "for x in [1, 2], y in 1..3 return x * y", "for i in 0..9 return partial[-1]",
    "function(x: number, y) x + y", "(function(f) f(f))(function(f) f(f))", 'date and time("2024-02-29T12:00:00@Europe/Berlin")',
    '@"-999999999-12-31" + @"P1Y"', "if a then b else c", "a instance of list<context<x: number>>", 'split("a;b", ";")',
    "sort([3, 1, 2], function(x, y) x < y)", "a in (< 5, [1..3], not(7))", "string join([\"a\", null], \", \")", "1 / 0",
    "2 ** 99999999", "0.1 ** -7000", "1e6144 * 10", 'matches("aaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")', "// comment\n a /* b */ > 1",
    'replace("abc", "(b)", "[$1]")', "range(\"[1..3]\")", "includes([1..10], 5)", "overlaps([1..5], [3..8])", "context put({}, \"a\", 1)",
    "every x in documents satisfies some y in experts satisfies x.title = y.name", "ownership[valid_on(@\"2024-01-01\")].share",
    'substring("foobar", -2, 1)', "sum(number list: [1])", "decimal(scale: 2, n: 1.005)", "@\"PT1H\" * 1e30", "string(1e-6000)",
    "concatenate(for x in 1..100000 return [x])", "count(1..999999999)", "plot.unit under my person.unit", "??? > 5", "a.b.c[1].d",
    "(for a in 1..1000, b in 1..1000, c in 1..1000 return a)[1]", "{\"a b\": 1}.a b", "null = null", "a between 1 and", "@\"\"", "\"\\uD83D\"",
)  # fmt: skip
PIECES = (
    "and", "or", "not(", "if ", " then ", " else ", "some x in ", " satisfies ", "every ", "for ", " return ", " in ", " between ",
    " instance of ", "null", "true", "false", "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "+", "-", "*", "/", "**", "=", "!=",
    "<", "<=", ">", ">=", "@\"", "\"", "'", "==", "&&", "||", "?", "item", "partial", "me", "my person", " under ", "current", "1",
    "0.5", "1e9", "1e-999999", "9" * 40, "\\", "\\u0000", "//", "/*", "*/", "\n", "\t", "\u2028", "\ufeff", "ä", "\U0001f40e", "\0", "$",
    "%", "#", "`", "~", "^", ";", "a", "documents", "plot", "function(", "external", "list<", "context<", "date(", "duration(", "sum(",
)  # fmt: skip


FORMS = (
    "if _ then a else b", "if f then _ else b", "if f then b else _", "a in (1, _)", "_ in (1, 2)", "_ in [a..b]", "a in [_..b]",
    "s in (\"a\", _)", "some x in documents satisfies _", "every x in documents satisfies _", "some x in [_] satisfies x = 1", "not(_)",
    "min(_, a)", "max(_)", "sum(_)", "substring before(_, \"b\")", "substring(_, -2)", "substring after(s, _)", "[_][1]", "{a: _}.a",
    "for x in [_] return x", "for x in documents return _", "(_ = 1)", "(_ and f)", "(f or _)", "(_ != null)", "-(_)", "(_ + 1)",
    "(_ / 3)", "(a * _)", "(_ ** 2)", "(_ + s)", "(_ between 1 and 2)", "(1 between _ and b)", "(_ instance of number)", "count([_])",
    "string(_)", "decimal(_, 2)", "modulo(_, 3)", "[1, _][item > 1]", "documents[_]", "_[f]", "function(x) _", "(function(x) x)(_)",
    "contains(_, s)", "upper case(_)", "abs(_)", "list contains(tags, _)", "concatenate([_], [1])", "_.permits", "_.plot", "_.documents",
    "(_ under plot.unit)", "all([_, f])", "(_ in (> 1, < _))", "date(_)", "(_ - @\"P1D\")", "(_ < 1)", "round half up(_, 1)", "mean(_, 1)",
    "distinct values([_])", "sort([_], function(x, y) x < y)", "{a: _, b: a}", "get value({a: _}, \"a\")", "is(_, a)", "odd(_)",
)  # fmt: skip

SHARING = ("{a: _, b: a}", "{b: _, a: [b, b]}", "{f: function(x) _, a: f(1), b: a}", "{a: for x in [_] return {c: x, d: c}, b: a}")
"""Forms whose values (and types) hold the one below twice."""
PAIRS = (
    "_ = _", "_ != _", "_ in (_)", "_ in [_]", "is(_, _)", "list contains([_], _)", "distinct values([_, _])", "index of([_], _)",
    "union([_], [_])", "sort([_, _], function(x, y) x = y)", "string(_)", "[_][item = _]", "if _ then _ else _", "flatten([_, _])",
    "mode([_, _])", "min(_, _)", "context merge([_, _])", "get entries(_)", "_ instance of context<a: number>", "concatenate([_], [_])",
)  # fmt: skip


class Texts:
    """Makes texts, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.maker = Maker(seed)
        self.kinds: tuple[Callable[[], str], ...] = (
            self.mutated, self.mutated, self.mutated, self.mutated, self.pieces, self.noise, self.spliced, self.deep, self.valid, self.nested,
            self.shared,
        )  # fmt: skip

    def text(self) -> str:
        """Return the next text."""
        return self.draw.choice(self.kinds)()

    def valid(self) -> str:
        """Return a rule of ``rules_random`` or a sample."""
        return self.maker.rule()[1] if self.draw.random() < 0.7 else self.draw.choice(SAMPLES)

    def mutated(self) -> str:
        """Return a valid rule with one to four changes."""
        text = self.valid()
        for _ in range(self.draw.randint(1, 4)):
            text = self.change(text)
        return text

    def change(self, text: str) -> str:
        """Return *text* with a piece taken out, put in, doubled, moved or replaced."""
        start = self.draw.randint(0, len(text))
        end = min(len(text), start + self.draw.choice((0, 1, 1, 2, 5, 12)))
        roll = self.draw.randrange(6)
        if roll == 0:
            return text[:start] + text[end:]
        if roll == 1:
            return text[:start] + self.draw.choice(PIECES) + text[start:]
        if roll == 2:
            return text[:end] + text[start:end] * self.draw.choice((1, 1, 30)) + text[end:]
        if roll == 3:
            return text[:start] + self.draw.choice(PIECES) + text[end:]
        if roll == 4:
            there = self.draw.randint(0, len(text))
            return text[:start] + text[end:there] + text[start:end] + text[there:]
        return (
            text[:start]
            + chr(self.draw.choice((self.draw.randrange(32, 127), self.draw.randrange(0xD800))))
            + text[start:]
        )

    def pieces(self) -> str:
        """Return a row of pieces of the language."""
        gap = self.draw.choice(("", " "))
        return gap.join(self.draw.choice(PIECES) for _ in range(self.draw.randint(1, 25)))

    def noise(self) -> str:
        """Return characters without any sense."""
        pool = self.draw.choice((string.printable, '()[]{}.,:<>=!+-*/ 01a"@', "".join(map(chr, range(0x80, 0x500)))))
        return "".join(self.draw.choice(pool) for _ in range(self.draw.randint(0, 60)))

    def spliced(self) -> str:
        """Return the beginning of one rule with the end of another."""
        one, other = self.valid(), self.valid()
        return one[: self.draw.randint(0, len(one))] + other[self.draw.randint(0, len(other)) :]

    def nested(self) -> str:
        """Return one or two forms inside of each other, many times: whatever is done twice per level takes for ever."""
        forms = [self.draw.choice(FORMS) for _ in range(self.draw.choice((1, 1, 2)))]
        text = self.draw.choice(("a", "f", "s", "plot", "documents", "1", '"x"', "d"))
        for _ in range(self.draw.choice((5, 10, 15, 20, 23, 40))):
            text = self.draw.choice(forms).replace("_", text, 1)
        return text

    def shared(self) -> str:
        """Return something with values that hold others twice on every level."""
        text, form = self.draw.choice(("1", "a", "plot", '"x"')), self.draw.choice(SHARING)
        for _ in range(self.draw.choice((3, 8, 30))):
            text = form.replace("_", text, 1)
        return self.draw.choice(PAIRS).replace("_", text)

    def deep(self) -> str:
        """Return something nested or very long."""
        count = self.draw.choice((10, 50, 100, 300, 2000))
        opening, closing = self.draw.choice(
            (
                ("(", ")"),
                ("[", "]"),
                ("not(", ")"),
                ("-", ""),
                ("{a:", "}"),
                ("if true then ", " else 1"),
                ("a.", ""),
                ("1+", ""),
            )
        )
        return (
            opening * count + self.draw.choice(("1", "a", "")) + closing * self.draw.choice((count, count, count - 1))
        )
