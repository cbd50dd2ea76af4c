"""Patterns of ``matches`` for PostgreSQL: the part of XPath's regular expressions that means the same in both."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9 _\-/@,;:#%&~'\"<>=!\u00a0-\U0010ffff]")
_ESCAPED = re.compile(r"\\[\\.*+?()\[\]{}|^$\-]")
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]{1,2}(?:,[0-9]{1,2})?\}")
_SET = re.compile(r"\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[ _.,:;/@])+\]")


def posix(pattern: str) -> str | None:
    """Return *pattern* for PostgreSQL's ``~``, None where its meaning might differ."""
    out: list[str] = []
    at, may_repeat, depth = 0, False, 0
    while at < len(pattern):
        rest = pattern[at:]
        quantifier = _QUANTIFIER.match(rest)
        if quantifier:
            if not may_repeat:
                return None
            out.append(quantifier[0])
            at, may_repeat = at + len(quantifier[0]), False
            continue
        found = _SET.match(rest) or _ESCAPED.match(rest) or _PLAIN.match(rest)
        if found:
            out.append(found[0])
            at, may_repeat = at + len(found[0]), True
            continue
        sign = rest[0]
        if sign == ".":
            out.append(r"[^\n\r]")
            may_repeat = True
        elif sign in "^$|":
            out.append(sign)
            may_repeat = False
        elif sign == "(" and rest[1:2] not in ("?", "*"):
            out.append("(?:")
            depth, may_repeat = depth + 1, False
        elif sign == ")" and depth:
            out.append(")")
            depth, may_repeat = depth - 1, True
        else:
            return None
        at += 1
    return "***:(?:" + "".join(out) + ")" if not depth and out else None
