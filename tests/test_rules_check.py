from __future__ import annotations

from decimal import Decimal

import pytest
from effort import grows_evenly
from fachwerk.rules.check import Checked
from fachwerk.rules.language import ANY, NUMBER, STRING, ListType, Scope, Typed, read
from fachwerk.rules.tree import Call, Compare, Name, Node
from fachwerk.rules.types import ContextType, FunctionType, RangeType, Type
from fachwerk.rules.walk import walk
from hypothesis import given, settings
from hypothesis import strategies as st
from permits import KIND, PERMIT_SCOPE, PERSON, UNIT


def fine(rule: str, scope: Scope = PERMIT_SCOPE) -> Checked:
    checked, problems = read(rule, scope)
    assert [problem.message() for problem in problems] == []
    assert checked.ok
    return checked


def told(typed: Typed) -> str:
    return f"{typed.type}{'?' if typed.nullable else ''}"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("1 + 2", "number"),
        ("storeys + 1", "number?"),
        ("1 / 2", "number?"),
        ("2 ** 3", "number?"),
        ('"a" + kind', "string"),
        ("-storeys", "number?"),
        ("today() + @\"P1D\"", "date"),
        ("today() - @\"P1Y\"", "date"),
        ("today() - today()", "days and time duration?"),
        ("now() - changed", "days and time duration?"),
        ("@\"P1D\" * 2", "days and time duration?"),
        ("@\"P2D\" / @\"P1D\"", "number?"),
        ("@\"P1Y\" + duration(\"P1M\")", "years and months duration?"),
        ("duration(\"P1D\")", "days and time duration"),
        ("duration(note)", "Any?"),
        ("date(\"2026-11-21\")", "date"),
        ("date(note)", "date?"),
        ("date(changed)", "date?"),
        ("kind", "option of permit.kind"),
        ("plot.max_storeys", "number?"),
        ("plot.district", "string"),
        ("unit.parent.name", "string?"),
        ("plot.id", "string"),
        ("plot.permits", "list<permit>"),
        ("plot.permits.fee", "list<number>"),
        ("plot.permits.plot.district", "list<string>"),
        ("plot.permits.documents", "list<list<string>>"),
        ("submitted.year", "number?"),
        ("changed.timezone", "string?"),
        ("[1..5].start", "number?"),
        ("plot.permits[1]", "permit?"),
        ("plot.permits[fee > 3]", "list<permit>"),
        ("plot.permits[kind = \"new\"].fee[1]", "number?"),
        ("documents[item != \"x\"]", "list<string>"),
        ("storeys[item > 3]", "list<number>?"),
        ("storeys = 3", "boolean"),
        ("storeys > 3", "boolean?"),
        ("number > \"a\"", "boolean?"),
        ("count(documents) > 3", "boolean"),
        ("note = null", "boolean"),
        ("plot.heritage and note = null", "boolean?"),
        ("storeys between 1 and 3", "boolean?"),
        ("storeys in (1, 2)", "boolean"),
        ("storeys in [1, 2]", "boolean"),
        ("storeys in [1..2]", "boolean?"),
        ("count(documents) in [1..2]", "boolean"),
        ("storeys in plot.permits.storeys", "boolean"),
        ("kind in (\"new\", \"demolition\")", "boolean"),
        ("note instance of string", "boolean"),
        ("if storeys > 3 then 1 else 2", "number"),
        ("if storeys > 3 then 1 else null", "number?"),
        ("if storeys > 3 then 1 else \"a\"", "Any"),
        ("if storeys > 3 then kind else \"other\"", "string"),
        ("for p in plot.permits return p.fee", "list<number>"),
        ("for i in 1..3 return i", "list<number>"),
        ("for i in 1..storeys return i", "list<number>?"),
        ("for d in @\"2026-01-01\"..@\"2026-01-03\" return d", "list<date>"),
        ("some p in plot.permits satisfies p.kind = \"new\"", "boolean"),
        ("every p in plot.permits satisfies p.fee > 3", "boolean?"),
        ("[1, 2, null]", "list<number>"),
        ("[]", "list<Any>"),
        ("[1, \"a\"]", "list<Any>"),
        ("[plot, plot]", "list<plot>"),
        ("{a: 1, b: a + 1}", "context<a: number, b: number>"),
        ("{a: 1}.a", "number"),
        ("[1..5]", "range<number>"),
        ("function(x: number) x + 1", "function<number> -> number"),
        ("(function(x: number) x > 1)(3)", "boolean?"),
        ("me", "user"),
        ("me.name", "string?"),
        ("my person", "person?"),
        ("my person.family_name", "string?"),
        ("applicant.user = me", "boolean"),
        ("unit under my unit", "boolean?"),
        ("fee(kind, floor_area)", "number?"),
        ("fee(kind: \"new\", floor_area: 3)", "number?"),
        ("string length(\"a\")", "number"),
        ("string length(note)", "number?"),
        ("number(\"3\")", "number?"),
        ("max(plot.permits.submitted)", "date?"),
        ("min(1, 2)", "number?"),
        ("sum(plot.permits.fee)", "number?"),
        ("append(documents, \"x\")", "list<string>"),
        ("concatenate(documents, [\"x\"])", "list<string>"),
        ("flatten(plot.permits.documents)", "list<string>"),
        ("distinct values(plot.permits.kind)", "list<option of permit.kind>"),
        ("sort(plot.permits, function(x, y) x.fee < y.fee)", "list<permit>?"),
        ("sort(documents)", "list<string>?"),
        ("abs(storeys)", "number?"),
        ("abs(@\"-P1D\")", "days and time duration"),
        ("today()", "date"),
        ("is(note, null)", "boolean"),
        ("not(plot.heritage)", "boolean?"),
        ("get value({a: 1}, \"a\")", "Any?"),
        ("null", "Null?"),
        ("storeys in (= 3, != 4)", "boolean"),
        ("documents in [[\"a\"]]", "boolean"),
        ("documents in ([\"a\"], documents)", "boolean"),
        ("storeys in [[1..2], [5..6]]", "boolean?"),
        ("note instance of range<number>", "boolean"),
        ("note instance of context<a: number>", "boolean"),
        ("note instance of function<number> -> string", "boolean"),
        ("date(\"2026-01-01T10:00:00\")", "date"),
        ("date and time(\"2026-01-01\")", "date and time"),
        ("mode(plot.permits.fee)", "list<number>?"),
        ("if storeys > 3 then [1] else [null]", "list<number>"),
        ("if storeys > 3 then [1..2] else [3..4]", "range<number>"),
        ("if storeys > 3 then {a: 1} else {b: 2}", "context<>"),
        ("if storeys > 3 then plot else plot.permits[1].plot", "plot?"),
        ("get value(plot, \"district\")", "Any?"),
        ("for f in [function(x) x + 1] return f(3)", "list<Any>"),
        ("fee = fee(kind, fee)", "boolean"),
        ("plot.ownership[current]", "list<ownership>"),
        ("plot.ownership[valid_on(submitted)].share", "list<number>"),
    ],
)  # fmt: skip
def test_types(rule: str, expected: str) -> None:
    assert told(fine(rule).typed) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("note != null and string length(note) > 3", "boolean"),
        ("note = null or string length(note) > 3", "boolean"),
        ("if note != null then string length(note) else 0", "number"),
        ("if note = null then 0 else string length(note)", "number"),
        ("if storeys > 3 then storeys + 1 else 0", "number"),
        ("if storeys > 3 then 0 else storeys + 1", "number?"),
        ("if not(note = null) then string length(note) else 0", "number"),
        ("unit.parent != null and unit.parent.name = \"x\"", "boolean"),
        ("if plot.max_storeys != null and storeys != null then storeys - plot.max_storeys else 0", "number"),
        ("storeys > 3 and storeys < 5", "boolean?"),
        ("note != null and (for note in documents return note)[1] = null", "boolean"),
        ("if storeys between 1 and 3 then storeys else 0", "number"),
        ("if storeys = 3 then storeys else 0", "number"),
        ("if storeys != 3 then storeys else 0", "number?"),
        ("if note != null or storeys != null then storeys else 0", "number?"),
    ],
)  # fmt: skip
def test_what_earlier_conditions_make_sure_of(rule: str, expected: str) -> None:
    assert told(fine(rule).typed) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("storeys <= plot.max_storeys", {"storeys", "plot.max_storeys"}),
        ("applicant.user = me", {"applicant.user.id", "me.id"}),
        ("applicant = my person", {"applicant.id", "my person.id"}),
        ("my person.family_name = \"x\"", {"my person.family_name"}),
        ("sum(plot.permits.fee)", {"plot.permits.fee"}),
        ("count(plot.permits)", {"plot.permits.id"}),
        ("plot.permits[fee > 3].kind", {"plot.permits.id", "plot.permits.fee", "plot.permits.kind"}),
        ("some p in plot.permits satisfies p.plot.heritage", {"plot.permits.id", "plot.permits.plot.heritage"}),
        ("every opinion in opinions satisfies opinion.outcome = \"approve\"", {"opinions.id", "opinions.outcome"}),
        ("sort(plot.permits, function(x, y) x.fee < y.fee)[1].kind",
         {"plot.permits.id", "plot.permits.fee", "plot.permits.kind"}),
        ("(if storeys > 3 then plot else plot).district", {"storeys", "plot.district", "plot.id"}),
        ("[applicant, my person].born", {"applicant.born", "my person.born", "applicant.id", "my person.id"}),
        ("{p: plot}.p.district", {"plot.district", "plot.id"}),
        ("plot.ownership[current].share",
         {"plot.ownership.id", "plot.ownership.since", "plot.ownership.until", "plot.ownership.share"}),
        ("unit under my unit", {"unit.id", "my unit.id"}),
        ("fee(kind, floor_area)", {"kind", "floor_area"}),
        ("today() > submitted", {"submitted"}),
        ("neighbours.consents", {"neighbours.consents"}),
    ],
)  # fmt: skip
def test_what_a_rule_reads(rule: str, expected: set[str]) -> None:
    reads = {".".join(path) for path in fine(rule).reads}
    assert expected - {path for path in expected if path.endswith(".id")} <= reads <= expected
    assert {path for path in reads if path.endswith(".id")} <= expected


def test_a_field_does_not_hide_a_decision_or_function_of_its_name() -> None:
    scope = Scope(
        {"date": Typed(STRING), "fee": Typed(NUMBER)}, decisions={"fee": FunctionType((), Typed(NUMBER))}
    )
    checked = fine('date("2026-01-01") > date(date) and fee < fee()', scope)
    assert sorted(checked.calls.values()) == ["builtin", "builtin", "decision"]


def test_a_variable_that_is_a_function_is_called_as_a_value() -> None:
    scope = Scope({"f": Typed(FunctionType((("x", Typed(NUMBER)),), Typed(STRING, False)))})
    checked = fine("f(3)", scope)
    assert (told(checked.typed), list(checked.calls.values())) == ("string", ["value"])


def test_current_is_expanded_into_comparisons() -> None:
    checked = fine("plot.ownership[current]")
    compared = {part.op for part in walk(checked.node) if isinstance(part, Compare)}
    called = {
        part.function.name
        for part in walk(checked.node)
        if isinstance(part, Call) and isinstance(part.function, Name)
    }
    assert compared == {"=", "<=", ">="}
    assert called == {"today"}
    assert [node.name for node in checked.short.values() if isinstance(node, Name)] == ["current"]


def test_valid_on_is_expanded_with_its_day() -> None:
    checked = fine('plot.ownership[valid_on(date("2026-01-01")) and share > 5]')
    assert told(checked.typed) == "list<ownership>"
    assert "valid_on" not in {part.name for part in walk(checked.node) if isinstance(part, Name)}
    assert all(part in checked.types for part in walk(checked.node))


def test_options_are_checked_where_a_value_is_expected() -> None:
    _, problems = read('if storeys > 3 then "new" else "nu"', PERMIT_SCOPE, expect=Typed(KIND))
    assert [problem.span.start for problem in problems] == [31]


@pytest.mark.parametrize(("rule", "wanted"), [("null", NUMBER), ("3", NUMBER), ("kind", STRING), ('"new"', KIND),
                                              ('["new"]', ListType(Typed(KIND))), ("my person", PERSON),
                                              ("my unit", UNIT)])  # fmt: skip
def test_what_fits_its_place(rule: str, wanted: Type) -> None:
    _, problems = read(rule, PERMIT_SCOPE, expect=Typed(wanted))
    assert not len(problems)


def test_unknown_things_are_any_where_names_are_free() -> None:
    scope = Scope({"a": Typed(NUMBER), "open": Typed(ContextType(open=True))}, strict=False)
    checked, problems = read("unknown + a > open.x and thing(3).y = [1][z] and x instance of tFoo", scope)
    assert not len(problems)
    assert checked.ok
    assert told(checked.typed) == "boolean?"


def test_named_types_are_known() -> None:
    scope = Scope({"a": Typed(ANY)}, types={"t Loan": ContextType((("sum", Typed(NUMBER)),))})
    checked = fine("function(x: t Loan) x.sum", scope)
    assert isinstance(checked.typed.type, FunctionType)
    assert told(checked.typed.type.result) == "number?"


def test_entries_of_open_elements_hide_names_around_a_filter() -> None:
    scope = Scope({"a": Typed(NUMBER), "rows": Typed(ListType(Typed(ANY)))})
    checked = fine("rows[a > 3]", scope)
    compared = next(part for part in walk(checked.node) if isinstance(part, Compare))
    assert told(checked.types[compared.left]) == "Any?"


def test_an_entry_called_item_hides_the_element() -> None:
    assert told(fine("[{item: 1}][item > 0]").typed) == "list<context<item: number>>"


def test_tests_of_a_cell_know_the_tested_value() -> None:
    scope = Scope({"?": Typed(NUMBER)})
    checked, problems = read("< 5, [7..8], ? * 2 = 30, not(3)", scope, as_tests=True)
    assert [problem.code for problem in problems] == ["not-a-condition"]
    checked, problems = read("< 5, [7..8], ? * 2 = 30", scope, as_tests=True)
    assert not len(problems)
    assert checked.reads == {("?",)}


def test_ranges_are_of_what_their_ends_are() -> None:
    typed = fine('[@"2026-01-01"..today()]').typed.type
    assert typed == RangeType(fine("today()").typed.type)


def test_a_broken_rule_is_not_ok_and_a_doubtful_one_is() -> None:
    assert not read("1 +", PERMIT_SCOPE)[0].ok
    assert not read('kind == "new"', PERMIT_SCOPE)[0].ok
    assert not read("1 + true", PERMIT_SCOPE)[0].ok
    assert read("plot = null", PERMIT_SCOPE)[0].ok


_PIECES = ["kind", "plot.permits", "storeys", "note", "me", "my", "person", "opinions", "documents", "[", "]", "(", ")", "{", "}", ",", ":", ".", "+", "-", "*", "/", "**", "=", "!=", "<", ">", "and", "or", "not(", "in", "between", "if", "then", "else", "for", "x", "in", "return", "some", "every", "satisfies", "null", "true", "1", "2.5", '"new"', '"x"', "item", "current", "valid_on(", "sum(", "count(", "fee(", "sort(", "function(x)", "x.fee", "under", "unit", "instance", "of", "number", "list<string>", '@"P1D"', "today()", "duration(", "..", "a", "b"]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_PIECES), max_size=20), st.booleans())
def test_any_rule_is_checked_without_an_exception_and_completely(pieces: list[str], as_tests: bool) -> None:
    for scope in (PERMIT_SCOPE, Scope({}, strict=False)):
        checked, problems = read(" ".join(pieces), scope, as_tests=as_tests)
        assert all(part in checked.types for part in walk(checked.node))
        for problem in problems:
            assert problem.message("en")
            assert problem.message("de")
            problem.label("de"), problem.remedy("de"), problem.span.line


@pytest.mark.parametrize("item", ["unknown", "plot.unknown", "unknown(1)", 'kind = "knew"', "my plot", "kind = knew"])
def test_a_thousand_mistakes_are_little_work(item: str) -> None:
    checked, problems = read(f"[{', '.join([item] * 3000)}]", PERMIT_SCOPE)
    assert not checked.ok
    assert len(problems) == 100
    assert grows_evenly(lambda many: read(f"[{', '.join([item] * many)}]", PERMIT_SCOPE), 700)


def test_every_node_has_a_type_after_expansion() -> None:
    checked = fine("sum(plot.ownership[current and share > 5].share) <= 100 and count(opinions) > 0")

    def untyped() -> list[Node]:
        return [part for part in walk(checked.node) if part not in checked.types]

    assert untyped() == []
    assert any(getattr(part, "value", None) == Decimal(100) for part in walk(checked.node))
