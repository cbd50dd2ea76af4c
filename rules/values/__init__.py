"""The values of the rule language: what they are, how they are read, written, compared and calculated with.

========================== ====================================================================================
kind                       Python
========================== ====================================================================================
number                     ``decimal.Decimal``, at most 34 digits
string, boolean, null      ``str``, ``bool``, ``None``
list, context              ``list``, ``dict``
date, time, date and time  ``datetime.date``, ``time``, ``datetime`` where they fit, else the wide classes
days and time duration     ``datetime.timedelta``, else ``WideDuration``
years and months duration  ``Months``
range, function            ``Range``, ``Function``
========================== ====================================================================================
"""

from __future__ import annotations

from fachwerk.rules.values.arithmetic import add, divide, multiply, negate, power, subtract
from fachwerk.rules.values.comparison import compare, equal, identical, within
from fachwerk.rules.values.days import Months
from fachwerk.rules.values.kinds import kind_of, to_value
from fachwerk.rules.values.lexical import read_at, read_date, read_duration, read_moment, read_time
from fachwerk.rules.values.limits import Exhausted, Failure, Run, evaluation
from fachwerk.rules.values.numbers import CONTEXT, feel_numbers, read_number, use_everywhere, write_number
from fachwerk.rules.values.properties import property_of
from fachwerk.rules.values.ranges import Function, Range
from fachwerk.rules.values.text import literal, write
from fachwerk.rules.values.typing import conforms, convert, instance_of
from fachwerk.rules.values.wide import WideDate, WideDateTime, WideDuration, WideTime

__all__ = [
    "CONTEXT",
    "Exhausted",
    "Failure",
    "Function",
    "Months",
    "Range",
    "Run",
    "WideDate",
    "WideDateTime",
    "WideDuration",
    "WideTime",
    "add",
    "compare",
    "conforms",
    "convert",
    "divide",
    "equal",
    "evaluation",
    "feel_numbers",
    "identical",
    "instance_of",
    "kind_of",
    "literal",
    "multiply",
    "negate",
    "power",
    "property_of",
    "read_at",
    "read_date",
    "read_duration",
    "read_moment",
    "read_number",
    "read_time",
    "subtract",
    "to_value",
    "use_everywhere",
    "within",
    "write",
    "write_number",
]
