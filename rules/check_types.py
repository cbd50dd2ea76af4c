"""Relations between types: what fits where, what can be compared, what two have in common, what they are called."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.problems import Text
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Type,
    Typed,
)

MAYBE_ANY = Typed(ANY, True)
TRUTH = Typed(BOOLEAN, False)
MAYBE_TRUTH = Typed(BOOLEAN, True)
MOST_PARTS = 500
"""How many types the type of an entry of a context may be made of."""

ORDERED = frozenset({NUMBER, STRING, DATE, TIME, DATE_TIME, YEARS_MONTHS, DAYS_TIME})
"""The types whose values have an order."""

BY_NAME: Mapping[str, AnyType] = {
    type_.name: type_ for type_ in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, YEARS_MONTHS, DAYS_TIME)
} | {"any": ANY, "null": NULL, "dateTime": DATE_TIME, "dayTimeDuration": DAYS_TIME, "yearMonthDuration": YEARS_MONTHS}
"""The simple types by the names they have in rules and in DMN files."""

Arguments = tuple[tuple[str, Typed], ...]

_MOMENT: Mapping[str, Typed] = {name: Typed(NUMBER, False) for name in ("year", "month", "day", "weekday")}
_CLOCK: Mapping[str, Typed] = {
    **{name: Typed(NUMBER, False) for name in ("hour", "minute", "second")},
    "time offset": Typed(DAYS_TIME),
    "timezone": Typed(STRING),
}
PROPERTIES: Mapping[AnyType, Mapping[str, Typed]] = {
    DATE: _MOMENT,
    TIME: _CLOCK,
    DATE_TIME: {**_MOMENT, **_CLOCK},
    YEARS_MONTHS: {name: Typed(NUMBER, False) for name in ("years", "months")},
    DAYS_TIME: {name: Typed(NUMBER, False) for name in ("days", "hours", "minutes", "seconds")},
}
"""The properties of dates, times and durations (DMN 1.5, clause 10.3.2.15, table 65)."""


def plain(type_: AnyType) -> AnyType:
    """Return *type_* with options seen as the strings they are."""
    return STRING if isinstance(type_, OptionType) else type_


def same_record(left: RecordType, right: RecordType) -> bool:
    """Return whether both are records of one entity."""
    return left is right or left.name == right.name


def fits(actual: AnyType, wanted: AnyType) -> bool:
    """Return whether a value of type *actual* can stand where *wanted* is needed; null always can."""
    if actual is wanted or ANY in (actual, wanted) or actual is NULL:
        return True
    if isinstance(wanted, ListType):
        return isinstance(actual, ListType) and fits(actual.element.type, wanted.element.type)
    if isinstance(wanted, RangeType):
        return isinstance(actual, RangeType) and fits(actual.element, wanted.element)
    if isinstance(wanted, RecordType):
        return isinstance(actual, RecordType) and same_record(actual, wanted)
    if isinstance(wanted, ContextType):
        return _context_fits(actual, wanted)
    if isinstance(wanted, FunctionType):
        return isinstance(actual, FunctionType)
    if isinstance(wanted, OptionType) and isinstance(actual, OptionType):
        return bool(set(actual.options) & set(wanted.options))
    return plain(actual) == plain(wanted)


def _context_fits(actual: AnyType, wanted: ContextType) -> bool:
    if isinstance(actual, RecordType):
        return wanted.open
    if not isinstance(actual, ContextType):
        return False
    entries = dict(actual.entries)
    missing = Typed(ANY if actual.open else NULL)
    return all(fits(entries.get(name, missing).type, typed.type) for name, typed in wanted.entries)


def comparable(left: AnyType, right: AnyType) -> bool:
    """Return whether ``=`` between the two means anything; null and what is not known can be compared with all."""
    if NULL in (left, right) or ANY in (left, right):
        return True
    if isinstance(left, FunctionType) or isinstance(right, FunctionType):
        return False
    if isinstance(left, OptionType) and isinstance(right, OptionType):
        return bool(set(left.options) & set(right.options))
    if isinstance(left, RecordType) and isinstance(right, RecordType):  # a link to one of several is "person|plot"
        return not set(left.name.split("|")).isdisjoint(right.name.split("|"))
    return fits(left, right) or fits(right, left) or (plain(left) == plain(right))


def join(left: Typed, right: Typed) -> Typed:
    """Return the narrowest type that both have."""
    nullable = left.nullable or right.nullable
    if left.type is NULL or right.type is NULL:
        return Typed(left.type if right.type is NULL else right.type, True)
    return Typed(_join(left.type, right.type), nullable)


def _join(left: AnyType, right: AnyType) -> AnyType:
    if left is right or left == right:
        return left
    if isinstance(left, ListType) and isinstance(right, ListType):
        return ListType(join(left.element, right.element))
    if isinstance(left, RecordType) and isinstance(right, RecordType) and same_record(left, right):
        return left
    if isinstance(left, RangeType) and isinstance(right, RangeType):
        return RangeType(_join(left.element, right.element))
    if isinstance(left, ContextType) and isinstance(right, ContextType):
        return ContextType(open=True)
    return plain(left) if plain(left) == plain(right) else ANY


def made_type(name: str, arguments: Arguments, result: AnyType, types: Mapping[str, AnyType]) -> AnyType | None:
    """Return the type that is written ``name<arguments> -> result``; *types* have names of their own.

    ``None`` where there is no such type.
    """
    first = arguments[0][1] if arguments else MAYBE_ANY
    if name in types:
        return types[name]
    if name == "list":
        return ListType(first)
    if name == "range":
        return RangeType(first.type)
    if name == "context":
        return ContextType(arguments, open=not arguments)
    if name == "function":
        return FunctionType(tuple((f"p{at}", typed) for at, (_, typed) in enumerate(arguments)), Typed(result))
    return BY_NAME.get(name)


def bounded(typed: Typed) -> Typed:
    """Return *typed*, or any value if it has more than ``MOST_PARTS`` parts.

    An entry of a context may stand for one before it, so that types could double on every level; whoever compares
    such types would never end.
    """
    left, waiting = MOST_PARTS, [typed.type]
    while waiting:
        left -= 1
        if left < 0:
            return MAYBE_ANY
        waiting += _parts(waiting.pop())
    return typed


def _parts(type_: AnyType) -> list[AnyType]:
    if isinstance(type_, ContextType):
        return [typed.type for _, typed in type_.entries]
    if isinstance(type_, ListType):
        return [type_.element.type]
    if isinstance(type_, RangeType):
        return [type_.element]
    if isinstance(type_, FunctionType):
        return [type_.result.type, *(typed.type for _, typed in type_.parameters)]
    return []


def common(types: list[Typed]) -> Typed:
    """Return what all of *types* have in common; ``Any`` of none."""
    if not types:
        return Typed(ANY, False)
    result = types[0]
    for typed in types[1:]:
        result = join(result, typed)
    return result


_NAMES: Mapping[AnyType, Text] = {
    ANY: {"en": "any value", "de": "ein beliebiger Wert"},
    NULL: {"en": "null", "de": "null"},
    NUMBER: {"en": "a number", "de": "eine Zahl"},
    STRING: {"en": "a text", "de": "ein Text"},
    BOOLEAN: {"en": "true or false", "de": "wahr oder falsch"},
    DATE: {"en": "a date", "de": "ein Datum"},
    TIME: {"en": "a time of day", "de": "eine Uhrzeit"},
    DATE_TIME: {"en": "a date with time", "de": "ein Datum mit Uhrzeit"},
    YEARS_MONTHS: {"en": "a duration in years and months", "de": "eine Dauer in Jahren und Monaten"},
    DAYS_TIME: {"en": "a duration in days and hours", "de": "eine Dauer in Tagen und Stunden"},
}
_PLURALS: Mapping[AnyType, Text] = {
    NUMBER: {"en": "numbers", "de": "Zahlen"},
    STRING: {"en": "texts", "de": "Texten"},
    BOOLEAN: {"en": "truth values", "de": "Wahrheitswerten"},
    DATE: {"en": "dates", "de": "Daten"},
    TIME: {"en": "times of day", "de": "Uhrzeiten"},
    DATE_TIME: {"en": "dates with time", "de": "Daten mit Uhrzeit"},
}


def named(type_: AnyType) -> Text:
    """Return what a value of the type is called, with its article."""
    if isinstance(type_, Type):
        return _NAMES.get(type_, {"en": f"`{type_}`", "de": f"`{type_}`"})
    if isinstance(type_, OptionType):
        return {"en": f"an option of `{type_.of}`", "de": f"eine Option von `{type_.of}`"}
    if isinstance(type_, RecordType):
        return {"en": f"a record of `{type_.name}`", "de": f"ein Datensatz von `{type_.name}`"}
    if isinstance(type_, ListType):
        return _list_named(type_)
    if isinstance(type_, RangeType):
        return {"en": "a range", "de": "ein Bereich"}
    if isinstance(type_, FunctionType):
        return {"en": "a function", "de": "eine Funktion"}
    return {"en": "a context", "de": "ein Kontext"}


def _list_named(type_: ListType) -> Text:
    element = type_.element.type
    if isinstance(element, RecordType):
        return {"en": f"a list of `{element.name}` records", "de": f"eine Liste von `{element.name}`-Datensätzen"}
    if isinstance(element, OptionType):
        return {"en": f"a list of options of `{element.of}`", "de": f"eine Liste von Optionen von `{element.of}`"}
    if isinstance(element, Type) and (plural := _PLURALS.get(element)):
        return {"en": f"a list of {plural['en']}", "de": f"eine Liste von {plural['de']}"}
    return {"en": "a list", "de": "eine Liste"}


def named_any(types: tuple[AnyType, ...]) -> Text:
    """Return what values of one of the types are called."""
    names = [named(type_) for type_ in types]
    return {
        language: word.join([", ".join(name[language] for name in names[:-1]), names[-1][language]])
        if len(names) > 1
        else names[0][language]
        for language, word in (("en", " or "), ("de", " oder "))
    }
