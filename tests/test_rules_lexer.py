from __future__ import annotations

import pytest
from effort import grows_evenly
from fachwerk.rules.lexer import lex, unquote
from hypothesis import given
from hypothesis import strategies as st


def kinds(text: str) -> list[str]:
    return [token.kind for token in lex(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a1 + .5", ["word", "+", "number", "end"]),
        ("1.5e-3", ["number", "end"]),
        ("1..5", ["number", "..", "number", "end"]),
        ("1.e", ["number", ".", "word", "end"]),
        ("2E+10", ["number", "end"]),
        ("a**b", ["word", "**", "word", "end"]),
        ("a->b", ["word", "->", "word", "end"]),
        ("<= >= != <>", ["<=", ">=", "!=", "<>", "end"]),
        ('"a\\"b"', ["string", "end"]),
        ('"a', ["open string", "end"]),
        ('"a\\"', ["open string", "end"]),
        ('"a\nb"', ["open string", "word", "open string", "end"]),
        ("a // b\nc", ["word", "word", "end"]),
        ("a /* b\n * c */ d", ["word", "word", "end"]),
        ("a /* b", ["word", "open comment", "end"]),
        ("if iffy", ["if", "word", "end"]),
        ("🐎 änderung ? straße", ["word", "word", "word", "word", "end"]),
        ("a\u00a0b\u2003c\ufeff", ["word", "word", "word", "end"]),
        ("'x'", ["quote", "word", "quote", "end"]),
        ("§", ["bad", "end"]),
        ("", ["end"]),
    ],
)
def test_kinds_of_tokens(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"a\nb\t\r"', "a\nb\t\r"),
        (r'"\"\'\\"', "\"'\\"),
        (r'"\u00e4\U01F40E"', "ä🐎"),
        (r'"\ud83d\udca9"', "💩"),
        (r'"\\u0009"', r"\u0009"),
        (r'"\d+\s"', r"\d+\s"),
        (r'"\ud83d"', None),
        (r'"\UFFFFFF"', None),
        ('""', ""),
    ],
)
def test_escapes_in_texts(literal: str, value: str | None) -> None:
    assert unquote(literal) == value


@given(st.text(max_size=80))
def test_tokens_are_in_order_and_say_what_stands_there(text: str) -> None:
    at = 0
    for token in lex(text):
        assert at <= token.start <= token.end
        assert token.text == text[token.start : token.end]
        at = token.end


@pytest.mark.parametrize(
    "piece", ["/* ", "* ", "// ", '"', '\\"', '"\\', "a ", "'", "1.", "..", "\n//", "/**"]
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    assert grows_evenly(lambda times: lex(piece * times), 5_000)
