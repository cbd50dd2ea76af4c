"""The built-in functions of the rule language, under the names of ``rules.signatures``.

Each is written for arguments that fit; binding, conversion and the meaning of null are the business of
``calling``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fachwerk.rules.functions import (
    contexts,
    conversion,
    intervals,
    lists,
    moments,
    numeric,
    statistics,
    texts,
)
from fachwerk.rules.functions.calling import Builtin, Form
from fachwerk.rules.signatures import SIGNATURES

_COMPARING = frozenset({"list contains", "index of", "distinct values", "union"})
_MANY: Mapping[str, Callable[..., object]] = {
    "min": statistics.least,
    "max": statistics.greatest,
    "sum": statistics.total,
    "mean": statistics.mean,
    "median": statistics.median,
    "product": statistics.product,
    "stddev": statistics.stddev,
    "mode": statistics.mode,
    "all": statistics.every,
    "any": statistics.some,
}
_CALLS: Mapping[str, tuple[Callable[..., object], ...]] = {
    "date": (conversion.date, conversion.date_of_parts),
    "date and time": (
        conversion.date_and_time,
        conversion.date_and_time_of,
        *[conversion.moment_of_parts] * 3,
    ),
    "time": (conversion.time, conversion.time_of_parts),
    "number": (conversion.number,),
    "string": (conversion.string,),
    "duration": (conversion.duration,),
    "years and months duration": (conversion.years_and_months_duration,),
    "range": (conversion.range_of,),
    "context": (contexts.context_of,),
    "substring": (texts.substring,),
    "string length": (texts.string_length,),
    "upper case": (texts.upper_case,),
    "lower case": (texts.lower_case,),
    "substring before": (texts.substring_before,),
    "substring after": (texts.substring_after,),
    "contains": (texts.contains,),
    "starts with": (texts.starts_with,),
    "ends with": (texts.ends_with,),
    "matches": (texts.matches,),
    "replace": (texts.replace,),
    "split": (texts.split,),
    "string join": (texts.string_join,),
    "list contains": (lists.list_contains,),
    "count": (lists.count,),
    **{name: (call, statistics.gathered(call)) for name, call in _MANY.items()},
    "sublist": (lists.sublist,),
    "append": (lists.append,),
    "concatenate": (lists.concatenate,),
    "insert before": (lists.insert_before,),
    "remove": (lists.remove,),
    "list replace": (lists.list_replace, lists.list_replace_where),
    "reverse": (lists.reverse,),
    "index of": (lists.index_of,),
    "union": (lists.union,),
    "distinct values": (lists.distinct_values,),
    "flatten": (lists.flatten,),
    "sort": (lists.sort,),
    "not": (numeric.negation,),
    "decimal": (numeric.decimal,),
    "floor": (numeric.floor,),
    "ceiling": (numeric.ceiling,),
    "round up": (numeric.round_up,),
    "round down": (numeric.round_down,),
    "round half up": (numeric.round_half_up,),
    "round half down": (numeric.round_half_down,),
    "abs": (numeric.absolute,),
    "modulo": (numeric.modulo,),
    "sqrt": (numeric.sqrt,),
    "log": (numeric.log,),
    "exp": (numeric.exp,),
    "odd": (numeric.odd,),
    "even": (numeric.even,),
    "today": (moments.today,),
    "now": (moments.now,),
    "is": (moments.same_thing,),
    "day of year": (moments.day_of_year,),
    "day of week": (moments.day_of_week,),
    "month of year": (moments.month_of_year,),
    "week of year": (moments.week_of_year,),
    "get value": (contexts.get_value,),
    "get entries": (contexts.get_entries,),
    "context put": (contexts.put, contexts.put_below),
    "context merge": (contexts.merge,),
}


def _builtin(name: str) -> Builtin:
    signatures = SIGNATURES[name]
    relation = intervals.RELATIONS.get(name)
    calls = _CALLS[name] if relation is None else (intervals.related(relation),) * len(signatures)
    forms = zip(signatures, calls, strict=True)
    return Builtin(name, tuple(Form(signature, call, name in _COMPARING) for signature, call in forms))


BUILTINS: Mapping[str, Builtin] = {name: _builtin(name) for name in SIGNATURES}
"""All built-in functions by name."""
