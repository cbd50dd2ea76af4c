"""Values: read, written, compared and calculated with, in Python's own classes and in the wide ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    NULL,
    NUMBER,
    STRING,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Typed,
)
from fachwerk.rules.values import (
    Function,
    Months,
    Range,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    add,
    compare,
    conforms,
    convert,
    divide,
    equal,
    identical,
    instance_of,
    kind_of,
    literal,
    multiply,
    negate,
    power,
    property_of,
    read_at,
    read_date,
    read_duration,
    read_number,
    read_time,
    subtract,
    to_value,
    within,
    write,
    write_number,
)
from fachwerk.rules.values.days import date_at, make_date, make_duration, make_moment, make_time
from fachwerk.rules.values.numbers import scaled
from fachwerk.rules.values.typing import included
from hypothesis import given
from hypothesis import strategies as st

D = Decimal


def at(text: str) -> object:
    """Read a literal; there must be one."""
    found = read_at(text)
    assert found is not None, text
    return found


# reading and writing


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("-0044-03-15", WideDate(-44, 3, 15)),
        ("12345-01-01", WideDate(12345, 1, 1)),
        ("12:30:00", time(12, 30)),
        ("12:30:00.000001Z", time(12, 30, 0, 1, UTC)),
        ("12:30:00.000000001", WideTime(45_000_000_000_001)),
        ("12:30:00@Europe/Berlin", WideTime(45_000_000_000_000, ZoneInfo("Europe/Berlin"))),
        ("12:30:00-01:30", time(12, 30, tzinfo=timezone(-timedelta(minutes=90)))),
        (
            "2024-02-29T12:30:00@Europe/Berlin",
            datetime(2024, 2, 29, 12, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
        ("2024-02-29T24:00:00", datetime(2024, 3, 1)),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("-PT0.000000001S", WideDuration(-1)),
        ("P1Y2M", Months(14)),
        ("-P1Y", Months(-12)),
    ],
)
def test_literals_are_read_into_the_class_that_fits(text: str, value: object) -> None:
    found = at(text)
    assert type(found) is type(value)
    assert identical(found, value)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29",
        "-999999999-12-31",
        "0044-03-15",
        "999999999-12-31T23:59:59.999999999@Europe/Paris",
        "-999999999-12-31T23:59:59.999999999+02:00",
        "12:30:00.5+02:45:55",
        "00:00:00Z",
        "P1DT2H3M4.5S",
        "-P1DT23H",
        "PT0S",
        "P0M",
        "-P2Y11M",
    ],
)
def test_what_is_read_is_written_the_same(text: str) -> None:
    assert write(at(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29",
        "024-01-01",
        "02024-01-01",
        "+2024-01-01",
        "1000000000-01-01",
        "2024-1-1",
        "٢٠٢٤-01-01",
        "24:00:01",
        "23:60:00",
        "7:00:00",
        "12:00:00+19:00",
        "12:00:00+5",
        "12:00:00@Nowhere/City",
        "12:00:00@../etc/passwd",
        "12:00:00+02:00@Europe/Paris",
        "2024-01-01T",
        "2024-01-01T1:00:00",
        "P",
        "PT",
        "P1H",
        "P1DT",
        "P1Y1D",
        "1D",
        "P1.5D",
        "P" + "9" * 300 + "D",
    ],
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    assert read_at(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.10", "1.1"),
        ("-0.0", "0"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1.5E-7", "0.00000015"),
        ("12345678901234567890123456789012345", "12345678901234567890123456789012340"),
        ("0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901235"),
    ],
)
def test_numbers_have_34_digits_and_no_exponent(text: str, written: str) -> None:
    found = read_number(text)
    assert found is not None
    assert write_number(found) == written


@pytest.mark.parametrize(
    "text", ["", ".", "1.", "1e", "e5", "+1", "--1", "1_000", "NaN", "Infinity", "1e99999", "٣", " 1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert read_number(text) is None


def test_compound_values_are_written_as_literals() -> None:
    value = {
        "a": [D("1.0"), 'x"y', None, True],
        "b c": {"d+": date(2024, 1, 1)},
        "r": Range(D(1), None, True, False),
    }
    assert write(value) == '{a: [1, "x\\"y", null, true], b c: {"d+": 2024-01-01}, r: [1..null)}'
    assert literal(Range(None, D(10), False, True, True)) == "<=10"
    assert literal(Range(D(10), D(10), True, True, True, True)) == "!=10"


# Python's classes and the wide ones

ORDINALS = st.integers(-365_000_000, 365_000_000)
NANOSECONDS = st.integers(0, 86_399_999_999_999)


@given(ORDINALS)
def test_days_are_numbered_without_gaps(ordinal: int) -> None:
    day, after = date_at(ordinal), date_at(ordinal + 1)
    assert day is not None
    assert after is not None
    assert day.toordinal() == ordinal
    assert compare(day, after) == -1
    assert day < after
    assert not after <= day
    assert after - day == timedelta(1)  # type: ignore[operator]
    assert make_date(day.year, day.month, day.day) == day
    assert type(day) is (date if 1 <= day.year <= 9999 else WideDate)


@given(ORDINALS, NANOSECONDS, ORDINALS, NANOSECONDS)
def test_moments_of_both_classes_compare(one: int, ns: int, other: int, more: int) -> None:
    first, second = date_at(one), date_at(other)
    assert first is not None
    assert second is not None
    left, right = make_moment(first, ns), make_moment(second, more)
    wanted = ((one, ns) > (other, more)) - ((one, ns) < (other, more))
    assert compare(left, right) == wanted
    assert (left < right, left <= right, left > right, left >= right) == (
        wanted < 0,
        wanted <= 0,
        wanted > 0,
        wanted >= 0,
    )
    assert equal(left, right, exact=True) is (wanted == 0)
    gap = subtract(left, right)
    assert identical(add(right, gap), left)


@given(st.integers(-(10**24), 10**24), st.integers(-(10**24), 10**24))
def test_durations_of_both_classes_calculate(one: int, other: int) -> None:
    left, right = make_duration(one), make_duration(other)
    assert identical(add(left, right), make_duration(one + other))
    assert identical(subtract(left, right), make_duration(one - other))
    assert compare(left, right) == (one > other) - (one < other)
    assert (left < right) is (one < other)
    assert (left >= right) is (one >= other)
    assert identical(negate(left), make_duration(-one))
    assert read_duration(str(write(left))) == left


@given(NANOSECONDS, st.integers(-(10**16), 10**16))
def test_times_go_round_the_clock(ns: int, gap: int) -> None:
    moved = add(make_time(ns), make_duration(gap))
    assert identical(moved, make_time((ns + gap) % 86_400_000_000_000))
    assert read_time(str(write(moved))) == moved


# comparison


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (None, None, True),
        (D(1), None, False),
        (D(1), "1", None),
        (True, D(1), None),
        (D("1.0"), D(1), True),
        ([D(1), "a"], [D(1), "a"], True),
        ([D(1)], ["a"], None),
        ([], [D(1)], False),
        ({"a": D(1)}, {"a": D(1), "b": None}, False),
        ({"a": [D(1)]}, {"a": [D(1)]}, True),
        (at("2024-01-01"), at("2024-01-01T00:00:00"), None),
        (at("12:00:00.0001"), at("12:00:00.0002"), True),
        (at("12:00:00"), at("12:00:00Z"), False),
        (at("12:00:00-01:00"), at("17:00:00+04:00"), True),
        (at("2018-10-08T00:00:00+02:00"), at("2018-10-08T00:00:00@Europe/Paris"), True),
        (at("P1D"), at("PT24H"), True),
        (at("P1Y"), at("P365D"), None),
        (Range(D(1), D(2)), Range(D(1), D(2), True, False), False),
        (Range(None, D(1), False, False, True), Range(None, D(1), False, False), False),
    ],
)
def test_equality(one: object, other: object, wanted: bool | None) -> None:
    assert equal(one, other) is wanted
    assert equal(other, one) is wanted


def test_rules_over_records_compare_exactly() -> None:
    assert equal(at("12:00:00.0001"), at("12:00:00.0002"), exact=True) is False
    ada, bob = {"id": "1", "name": "Ada"}, {"id": "2", "name": "Ada"}
    assert equal(ada, {"id": "1"}, exact=True) is True
    assert equal([ada], [bob], exact=True) is False
    assert equal({**ada, "_entity": "person"}, {**ada, "_entity": "firm"}, exact=True) is False


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (D(1), D(2), -1),
        ("a", "B", 1),
        ("z", "ä", -1),
        (D(1), "a", None),
        (True, False, None),
        (None, D(1), None),
        (at("2024-01-01"), at("-2024-01-01"), 1),
        (at("12:00:00"), at("12:00:00Z"), None),
        (at("2024-01-01T00:00:00Z"), at("2024-01-01T00:00:00+01:00"), 1),
        (at("P1D"), at("PT25H"), -1),
        (at("P1Y"), at("P13M"), -1),
        ([D(1)], [D(2)], None),
    ],
)
def test_order(one: object, other: object, wanted: int | None) -> None:
    assert compare(one, other) == wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (at("12:00:00Z"), at("12:00:00+00:00"), True),
        (at("12:00:00@Etc/GMT"), at("12:00:00Z"), False),
        (at("12:00:00+01:00"), at("11:00:00Z"), False),
        (at("P0Y"), at("P0D"), False),
        (at("2024-01-01T00:00:00"), at("2024-01-01"), False),
        ([at("P1D")], [at("PT24H")], True),
        ({"a": None}, {"a": None}, True),
        (None, None, True),
    ],
)
def test_identity(one: object, other: object, wanted: bool) -> None:
    assert identical(one, other) is wanted


def test_wide_classes_refuse_to_compare_local_with_zoned() -> None:
    with pytest.raises(TypeError):
        assert WideTime(1) < WideTime(1, UTC)
    with pytest.raises(TypeError):
        assert WideDateTime(date(2024, 1, 1), 1) < datetime(2024, 1, 1, tzinfo=UTC)
    with pytest.raises(TypeError):
        assert WideDate(12345, 1, 1) < 5  # type: ignore[operator]


def test_wide_classes_are_like_those_of_python() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    one, other = WideTime(1, UTC), WideTime(3_600_000_000_001, berlin)
    assert one == other
    assert hash(one) == hash(other)
    assert one <= other
    assert one >= other
    assert not one > time(0, tzinfo=UTC) < one < one
    assert one != 5
    assert (other.hour, other.minute, other.second) == (1, 0, 0)
    early, late = WideDateTime(date(2024, 1, 1), 1), WideDateTime(WideDate(20240, 1, 1), 0)
    assert early < late
    assert late > datetime(2024, 1, 1)
    assert early >= datetime(2024, 1, 1)
    assert early != 5
    assert {early, WideDateTime(date(2024, 1, 1), 1)} == {early}
    assert (late.hour, late.minute, late.second, late.toordinal()) == (
        0,
        0,
        0,
        WideDate(20240, 1, 1).toordinal(),
    )
    assert {WideDate(-1, 1, 1), WideDate(-1, 1, 1)} == {WideDate(-1, 1, 1)}
    assert WideDate(-1, 1, 1) != date(1, 1, 1)
    assert WideDate(-1, 1, 1) != 5
    assert date(1, 1, 1) - WideDate(0, 1, 1) == timedelta(366)
    assert WideDate(999_999_999, 1, 1) - WideDate(-999_999_999, 1, 1) > timedelta(1)  # type: ignore[operator]
    assert {WideDuration(1), WideDuration(1)} == {WideDuration(1)}
    assert WideDuration(1) != 5
    for compared in (WideDuration.__lt__, WideDuration.__le__, WideDuration.__gt__, WideDuration.__ge__):
        assert compared(WideDuration(1), 5) is NotImplemented  # type: ignore[arg-type]
    for refused in (WideTime(1), early):
        with pytest.raises(TypeError):
            assert refused > 5  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "bounds", "wanted"),
    [
        (D(5), Range(D(1), D(10)), True),
        (D(10), Range(D(1), D(10), True, False), False),
        (D(10), Range(D(1), D(10), False, True), True),
        (None, Range(D(1), D(10)), None),
        (D(5), Range(None, D(10), False, True), None),
        (D(5), Range(None, D(10), False, True, True), True),
        ("a", Range(D(1), D(10)), None),
        (D(5), Range(D(5), D(5), True, True, True), True),
        (D(5), Range(D(5), D(5), True, True, True, True), False),
    ],
)
def test_within(value: object, bounds: Range, wanted: bool | None) -> None:
    assert within(value, bounds) is wanted


# arithmetic


@pytest.mark.parametrize(
    ("one", "sign", "other", "wanted"),
    [
        ("2024-01-31", "+", "P1M", "2024-02-29"),
        ("P1M", "+", "2023-01-31", "2023-02-28"),
        ("2024-03-31", "-", "P1M", "2024-02-29"),
        ("2021-01-01", "+", "PT36H", "2021-01-02"),
        ("2021-01-01", "-", "PT1S", "2020-12-31"),
        ("999999999-12-31", "+", "P1D", None),
        ("2021-01-02", "-", "2021-01-01", "P1D"),
        ("2021-01-02T10:10:10+01:00", "-", "2021-01-01", "P1DT9H10M10S"),
        ("2021-01-02T10:10:10", "-", "2021-01-01", None),
        ("2021-01-02T10:10:10@Europe/Paris", "-", "2021-01-01T10:10:10@Asia/Dhaka", "P1DT5H"),
        ("2024-03-30T12:00:00@Europe/Berlin", "+", "P1D", "2024-03-31T13:00:00@Europe/Berlin"),
        ("2024-03-30T12:00:00@Europe/Berlin", "+", "P1M", "2024-04-30T12:00:00@Europe/Berlin"),
        ("23:00:00", "+", "PT2H", "01:00:00"),
        ("10:00:00Z", "-", "10:00:00+01:00", "PT1H"),
        ("10:00:00Z", "-", "10:00:00", None),
        ("P1Y", "+", "P1D", None),
        ("P1Y", "+", "-P2M", "P10M"),
        ("2021-01-01", "+", "2021-01-01", None),
    ],
)
def test_days_and_times_calculate(one: str, sign: str, other: str, wanted: str | None) -> None:
    found = {"+": add, "-": subtract}[sign](at(one), at(other))
    assert write(found) == wanted


def test_products_and_quotients() -> None:
    assert write(multiply(at("P4DT1H"), D("1.5"))) == "P6DT1H30M"
    assert write(multiply(D("-2.5"), at("P1Y11M"))) == "-P4Y9M"
    assert write(divide(at("P10Y11M"), D("2.5"))) == "P4Y4M"
    assert divide(at("P1D"), at("PT6H")) == 4
    assert divide(at("P1D"), at("PT0S")) is None
    assert divide(D(1), D(0)) is None
    assert multiply("a", D(2)) is None
    assert add("a", "b") == "ab"
    assert add("a", None) is None
    assert add(True, D(1)) is None


def test_numbers_stay_in_bounds() -> None:
    assert power(D(10), D(6000)) == D("1e6000")
    assert power(D(10), D(6200)) is None
    assert power(D(0), D(0)) is None
    assert multiply(D("1e6000"), D("1e6000")) is None
    assert multiply(make_duration(10**18), D("1e40")) is None
    assert multiply(Months(1), D("1e30")) is None
    assert scaled(D("5.5"), 6176, "ROUND_UP") == D("5.5")
    assert scaled(D("5.5"), -6111, "ROUND_DOWN") == 0
    assert scaled(D("5.5"), 6177, "ROUND_UP") is None
    assert scaled(D("5.5"), -6112, "ROUND_UP") is None


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("2024-02-29", "weekday", 4),
        ("-2024-02-29", "year", -2024),
        ("2024-02-29T12:30:15.5+02:00", "second", 15),
        ("2024-07-01T00:00:00@Europe/Berlin", "time offset", timedelta(hours=2)),
        ("12:30:15@Europe/Berlin", "timezone", "Europe/Berlin"),
        ("12:30:15+01:00", "timezone", None),
        ("-P1DT2H", "hours", -2),
        ("P14M", "months", 2),
        ("P14M", "days", None),
    ],
)
def test_properties(text: str, name: str, wanted: object) -> None:
    assert property_of(at(text), name) == wanted


def test_ranges_have_properties() -> None:
    assert property_of(Range(D(1), D(2), True, False), "end included") is False
    assert property_of(Range(D(1), D(2)), "start") == 1


# types


LOAN = ContextType((("amount", Typed(NUMBER)), ("to", Typed(STRING))))


@pytest.mark.parametrize(
    ("value", "type_", "wanted"),
    [
        (D(1), NUMBER, True),
        (D(1), STRING, False),
        (None, ANY, False),
        (None, NULL, True),
        ([], ListType(Typed(NUMBER)), True),
        ([D(1), None], ListType(Typed(NUMBER)), True),
        ([D(1), "a"], ListType(Typed(NUMBER)), False),
        ({"amount": D(1), "to": "x", "more": True}, LOAN, True),
        ({"amount": D(1)}, LOAN, False),
        (Range(D(1), D(2)), RangeType(NUMBER), True),
        (Range(D(1), D(2)), RangeType(DATE), False),
        ("open", OptionType("state", ("open",)), True),
        ("lost", OptionType("state", ("open",)), False),
        ({"id": "1"}, RecordType("user"), True),
        (Function(lambda a: a, ("a",)), FunctionType((("x", Typed(NUMBER)),)), True),
        (Function(lambda: None, ()), FunctionType((("x", Typed(NUMBER)),)), False),
        (Function(lambda a: a, ("a",), (STRING,)), FunctionType((("x", Typed(NUMBER)),)), False),
    ],
)
def test_instances(value: object, type_: object, wanted: bool) -> None:
    assert instance_of(value, type_) is wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("narrow", "wide", "wanted"),
    [
        (NUMBER, ANY, True),
        (NULL, STRING, True),
        (NUMBER, STRING, False),
        (OptionType("state", ("open",)), STRING, True),
        (ListType(Typed(NUMBER)), ListType(Typed(ANY)), True),
        (ListType(Typed(ANY)), ListType(Typed(NUMBER)), False),
        (RangeType(NUMBER), RangeType(ANY), True),
        (LOAN, ContextType((("to", Typed(STRING)),)), True),
        (ContextType((("to", Typed(STRING)),)), LOAN, False),
        (FunctionType((), Typed(NUMBER)), FunctionType(), True),
        (FunctionType((("a", Typed(NUMBER)),)), FunctionType(), False),
        (RecordType("user"), LOAN, False),
    ],
)
def test_types_within_types(narrow: AnyType, wide: AnyType, wanted: bool) -> None:
    assert included(narrow, wide) is wanted


def test_conversion_at_a_typed_boundary() -> None:
    assert convert([D(1)], NUMBER) == 1
    assert convert(D(1), ListType(Typed(NUMBER))) == [1]
    assert convert(date(2024, 1, 1), DATE_TIME) == datetime(2024, 1, 1, tzinfo=UTC)
    assert convert("a", NUMBER) is None
    assert convert([D(1), D(2)], NUMBER) is None
    assert convert("a", ListType(Typed(NUMBER))) is None
    assert conforms({"amount": None, "to": None}, LOAN)
    assert convert(True, BOOLEAN) is True


def test_values_from_outside() -> None:
    assert to_value({"a": (1, 0.1, True, None, "x", float("nan"))}) == {
        "a": [D(1), D("0.1"), True, None, "x", None]
    }
    assert kind_of(object()) == "unknown"
    assert kind_of(type("Name", (str,), {})("x")) == "string"
    assert equal(object(), object()) is None
    assert read_date("2024-02-29") == date(2024, 2, 29)
