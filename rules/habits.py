"""Habits of other languages and how the same is said here: the data behind the code ``other-language``.

The parser knows the signs and words (``==``, ``is not null``), the checker the names (``None``, ``len``).
"""

from __future__ import annotations

from collections.abc import Mapping

SIGNS: Mapping[str, str] = {
    "==": "=",
    "===": "=",
    "<>": "!=",
    "=>": ">=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "^": "**",
}
"""Operators between two operands, and the operator to write."""

ASSIGNMENTS = frozenset({"+=", "-=", "*=", "/="})
"""Operators that change a variable; a rule never changes anything."""

WORDS: Mapping[str, str] = {
    "AND": "and",
    "And": "and",
    "und": "and",
    "UND": "and",
    "Und": "and",
    "OR": "or",
    "Or": "or",
    "oder": "or",
    "ODER": "or",
    "Oder": "or",
    "IN": "in",
    "In": "in",
    "equals": "=",
    "equal": "=",
    "eq": "=",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "BETWEEN": "between",
}
"""Words between two operands, and the operator to write."""

CONSTANTS: Mapping[str, str] = {
    "None": "null",
    "none": "null",
    "nil": "null",
    "undefined": "null",
    "NULL": "null",
    "Null": "null",
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "wahr": "true",
    "Wahr": "true",
    "WAHR": "true",
    "falsch": "false",
    "Falsch": "false",
    "FALSCH": "false",
}
"""Constants of other languages; only where the scope has no such name."""

INFIX_CALLS: Mapping[str, str] = {
    "contains": "contains({left}, {right})",
    "like": 'contains({left}, "...")',
    "LIKE": 'contains({left}, "...")',
    "matches": "matches({left}, {right})",
    "startswith": "starts with({left}, {right})",
    "endswith": "ends with({left}, {right})",
    "mod": "modulo({left}, {right})",
    "MOD": "modulo({left}, {right})",
    "div": "floor({left} / {right})",
    "%": "modulo({left}, {right})",
    "xor": "{left} != {right}",
    "XOR": "{left} != {right}",
}
"""What stands between two operands elsewhere and is a function here."""

CONDITIONS = frozenset({"IF", "If", "WENN", "Wenn", "wenn", "iif", "IIF"})
"""Spreadsheet functions for ``if ... then ... else``."""

ELSE_IF = frozenset({"elif", "elsif", "elseif"})
"""Words for ``else if``."""

CALLS: Mapping[str, str] = {
    "len": "string length(text)` / `count(list)",
    "length": "string length(text)` / `count(list)",
    "strlen": "string length(text)",
    "size": "count(list)",
    "LÄNGE": "string length(text)",
    "LEN": "string length(text)",
    "avg": "mean(list)",
    "average": "mean(list)",
    "AVERAGE": "mean(list)",
    "MITTELWERT": "mean(list)",
    "SUM": "sum(list)",
    "SUMME": "sum(list)",
    "summe": "sum(list)",
    "COUNT": "count(list)",
    "ANZAHL": "count(list)",
    "anzahl": "count(list)",
    "MIN": "min(list)",
    "MAX": "max(list)",
    "toUpperCase": "upper case(text)",
    "upper": "upper case(text)",
    "UPPER": "upper case(text)",
    "GROSS": "upper case(text)",
    "toLowerCase": "lower case(text)",
    "lower": "lower case(text)",
    "LOWER": "lower case(text)",
    "KLEIN": "lower case(text)",
    "startsWith": "starts with(text, start)",
    "startswith": "starts with(text, start)",
    "endsWith": "ends with(text, end)",
    "endswith": "ends with(text, end)",
    "includes": "contains(text, part)",
    "substr": "substring(text, start, length)",
    "TEIL": "substring(text, start, length)",
    "MID": "substring(text, start, length)",
    "concat": "a + b",
    "CONCATENATE": "a + b",
    "VERKETTEN": "a + b",
    "str": "string(value)",
    "String": "string(value)",
    "int": "number(text)",
    "float": "number(text)",
    "Number": "number(text)",
    "parseInt": "number(text)",
    "round": "round half up(n, places)",
    "ROUND": "round half up(n, places)",
    "RUNDEN": "round half up(n, places)",
    "ceil": "ceiling(n)",
    "ABS": "abs(n)",
    "mod": "modulo(a, b)",
    "REST": "modulo(a, b)",
    "pow": "a ** b",
    "TODAY": "today()",
    "HEUTE": "today()",
    "heute": "today()",
    "NOW": "now()",
    "JETZT": "now()",
    "jetzt": "now()",
    "AND": "a and b",
    "UND": "a and b",
    "OR": "a or b",
    "ODER": "a or b",
    "NOT": "not(a)",
    "NICHT": "not(a)",
    "nicht": "not(a)",
    "isnull": "a = null",
    "ISNULL": "a = null",
    "ISBLANK": "a = null",
    "ISTLEER": "a = null",
    "isEmpty": "count(list) = 0` / `a = null",
    "empty": "count(list) = 0` / `a = null",
    "coalesce": "if a != null then a else b",
    "COALESCE": "if a != null then a else b",
    "datetime": "date and time(text)",
    "timedelta": 'duration("P1D")',
    "year": "a.year",
    "YEAR": "a.year",
    "JAHR": "a.year",
    "month": "a.month",
    "MONTH": "a.month",
    "MONAT": "a.month",
    "day": "a.day",
    "DAY": "a.day",
    "TAG": "a.day",
}
"""Functions of other languages, and how to say it; only where the scope has no such name."""

MEMBERS: Mapping[str, str] = {
    "length": "string length(text)` / `count(list)",
    "size": "count(list)",
    "count": "count(list)",
    "len": "string length(text)` / `count(list)",
    "toUpperCase": "upper case(text)",
    "toLowerCase": "lower case(text)",
    "upper": "upper case(text)",
    "lower": "lower case(text)",
    "startsWith": "starts with(text, start)",
    "endsWith": "ends with(text, end)",
    "startswith": "starts with(text, start)",
    "endswith": "ends with(text, end)",
    "includes": "contains(text, part)",
    "contains": "contains(text, part)",
    "trim": 'replace(text, "^\\s+|\\s+$", "")',
    "sum": "sum(list)",
    "filter": "list[condition]",
    "map": "for x in list return ...",
    "some": "some x in list satisfies ...",
    "any": "some x in list satisfies ...",
    "every": "every x in list satisfies ...",
    "all": "every x in list satisfies ...",
    "first": "list[1]",
    "last": "list[-1]",
    "getFullYear": "a.year",
}
"""Properties and methods of other languages, and how to say it."""

_OPERATOR_LIKE = (
    "is not of under instance unless when than equals equal contains like matches greater less plus minus ? "
    "startswith endswith mod div xor elif elsif elseif starts ends eq ne lt gt le ge LIKE IS NOT MOD XOR ??"
)
JOINERS = frozenset(_OPERATOR_LIKE.split()) | frozenset(WORDS)
"""Words that end a name of several words which nobody knows, because they look like operators."""
