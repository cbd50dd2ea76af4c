"""DMN files: reading hostile and broken ones, types, imports, services, and how they are asked."""

from __future__ import annotations

from decimal import Decimal
from xml.etree.ElementTree import tostring

import pytest
from defusedxml.ElementTree import fromstring
from fachwerk.problems import Fragment, Problems, Refused
from fachwerk.rules.check import check
from fachwerk.rules.dmn import codes
from fachwerk.rules.dmn.models import Models, load_models
from fachwerk.rules.dmn.read import read_model
from fachwerk.rules.dmn.values import from_xsd
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.shell import decide, feel, read_inputs, show
from fachwerk.rules.to_python import Environment, compile_rule
from fachwerk.rules.types import NUMBER, Typed

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(body: str, *, name: str = "m", namespace: str = "urn:m", version: str = NAMESPACE) -> bytes:
    """A model around *body*."""
    return f'<definitions xmlns="{version}" name="{name}" namespace="{namespace}">\n{body}\n</definitions>'.encode()


def load(body: str, **others: bytes) -> tuple[Models, Problems]:
    return load_models({"m.dmn": model(body), **{f"{name}.dmn": data for name, data in others.items()}})


def good(body: str, **others: bytes) -> Models:
    models, problems = load(body, **others)
    assert not problems.errors, [(str(p.span), p.message()) for p in problems.errors]
    return models


def decision(name: str, text: str, *requires: str, type_: str = "Any") -> str:
    """A decision with a literal expression; *requires* are ids of inputs (``i:``), decisions (``d:``), knowledge (``k:``)."""
    kinds = {"i": ("information", "Input"), "d": ("information", "Decision"), "k": ("knowledge", "Knowledge")}
    needs = ""
    for require in requires:
        outer, inner = kinds[require[0]]
        href = require[2:] if "#" in require else "#" + require[2:]
        needs += f'<{outer}Requirement><required{inner} href="{href}"/></{outer}Requirement>'
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>{needs}'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )


def data(name: str, type_: str = "Any") -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/></inputData>'


# --- asking


def test_a_decision_is_asked_by_name() -> None:
    models = good(data("Net amount", "number") + decision("Gross", "Net amount * 1.19", "i:Net amount", type_="number"))
    assert models.decide("Gross", {"Net amount": Decimal(100)}).value == 119
    assert models.names() == ("Gross",)
    signature = models.signature("Gross")
    assert [(name, str(typed)) for name, typed in signature.parameters] == [("Net amount", "number")]
    assert str(signature.result) == "number"
    assert models.function("Gross")(Decimal(200)) == 238


def test_rules_may_call_the_decisions_of_a_file() -> None:
    models, _ = load(
        data("net", "number") + decision("gross of", "net * 2", "i:net", type_="number") + decision("bad", "(")
    )
    assert list(models.signatures()) == ["gross of"]
    text = Fragment.of("gross of(x) + 1")
    scope = Scope({"x": Typed(NUMBER)}, decisions=models.signatures())
    problems = Problems()
    checked = check(parse(text, scope, problems), text, scope, problems)
    assert not problems
    rule = compile_rule(checked, ("x",), environment=Environment(decisions=models.functions()))
    assert rule(Decimal(4)) == 9


def test_an_unknown_decision_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(Refused, match="did you mean `Gross`"):
        good(decision("Gross", "1")).decide("Gros", {})


def test_null_comes_with_the_reason() -> None:
    outcome = good(decision("a", '"x" * 2', type_="number")).decide("a", {})
    assert outcome.value is None
    assert outcome.failures


@pytest.mark.parametrize(
    "version",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    ],
)
def test_every_version_of_the_format_is_read(version: str) -> None:
    models, problems = load_models({"m.dmn": model(decision("a", "1 + 1", type_="number"), version=version)})
    assert not problems.errors
    assert models.decide("a", {}).value == 2


# --- boxes


def box(expression: str, *before: str, type_: str = "Any") -> object:
    """The value of a decision with a boxed expression."""
    body = "".join(before) + f'<decision id="r" name="r"><variable name="r" typeRef="{type_}"/>{expression}</decision>'
    return good(body).decide("r", {}).value


def literal(text: str) -> str:
    return f"<literalExpression><text>{text.replace('<', '&lt;')}</text></literalExpression>"


def test_a_context_without_a_result_is_its_entries() -> None:
    entries = "".join(
        f'<contextEntry><variable name="{name}" typeRef="number"/>{literal(text)}</contextEntry>'
        for name, text in (("net amount", "100"), ("gross", "net amount * 1.19"), ("wrong", '"x"'))
    )
    assert box(f"<context>{entries}</context>") == {"net amount": 100, "gross": 119, "wrong": None}


def test_a_context_may_end_in_a_result() -> None:
    entry = f'<contextEntry><variable name="a"/>{literal("2")}</contextEntry>'
    assert box(f"<context>{entry}<contextEntry>{literal('a * 3')}</contextEntry></context>") == 6


def test_a_relation_is_a_list_of_contexts() -> None:
    columns = '<column name="n" typeRef="number"/><column name="the name"/>'
    rows = f"<row>{literal('1')}{literal('null')}</row><row>{literal('[2]')}{literal('[3]')}</row>"
    assert box(f"<relation>{columns}{rows}</relation>") == [
        {"n": 1, "the name": None},
        {"n": 2, "the name": [3]},
    ]


def test_an_invocation_binds_by_name() -> None:
    bkm = (
        '<businessKnowledgeModel id="k" name="power of"><variable name="power of"/><encapsulatedLogic>'
        f'<formalParameter name="a"/><formalParameter name="b"/>{literal("a ** b")}</encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{literal(text)}</binding>' for name, text in (("b", "3"), ("a", "2"))
    )
    requirement = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
    assert box(f"{requirement}<invocation>{literal('power of')}{bindings}</invocation>", bkm) == 8
    assert box(f"<invocation>{literal('abs')}<binding><parameter name='n'/>{literal('-3')}</binding></invocation>") == 3


def test_knowledge_may_call_itself() -> None:
    bkm = (
        '<businessKnowledgeModel id="k" name="factorial"><variable name="factorial"/>'
        '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement><encapsulatedLogic>'
        f'<formalParameter name="n" typeRef="number"/>{literal("if n < 2 then 1 else n * factorial(n - 1)")}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    models = good(bkm + decision("a", "factorial(5)", "k:k") + decision("b", "factorial(1000000)", "k:k"))
    assert models.decide("a", {}).value == 120
    assert models.decide("b", {}).value is None
    assert models.decide("factorial", {"n": Decimal(4)}).value == 24


def test_a_function_sees_what_is_around_it() -> None:
    function = (
        f'<functionDefinition><formalParameter name="x" typeRef="number"/>{literal("x * rate")}</functionDefinition>'
    )
    entries = (
        f'<contextEntry><variable name="rate"/>{literal("3")}</contextEntry>'
        f'<contextEntry><variable name="f"/>{function}</contextEntry>'
        f"<contextEntry>{literal('[f(2), f(x: 5), f([4]), f(true)]')}</contextEntry>"
    )
    assert box(f"<context>{entries}</context>") == [6, 15, 12, None]


def nested(tag: str, **parts: str) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items())
    return f"<{tag}>{inner}</{tag.split(' ')[0]}>"


def test_boxes_within_boxes() -> None:
    condition = nested("conditional", **{"if": literal("x > 2"), "then": literal('"big"'), "else": literal("x")})
    loop = nested('for iteratorVariable="x"', **{"in": literal("[1, 2, 3]"), "return": condition})
    assert box(loop) == [1, 2, "big"]
    people = literal('[{name: "a", age: 3}, {name: "b", age: 30}]')
    assert box(nested("filter", **{"in": people, "match": literal("age > 18")})) == [{"name": "b", "age": 30}]
    some = nested('some iteratorVariable="p"', **{"in": people, "satisfies": literal("p.age > 18")})
    every = nested('every iteratorVariable="p"', **{"in": people, "satisfies": literal("p.age > 18")})
    assert [box(some), box(every)] == [True, False]
    inner = nested("conditional", **{"if": literal("item.age > 18"), "then": literal("true"), "else": literal("false")})
    assert box(nested("filter", **{"in": people, "match": inner})) == [{"name": "b", "age": 30}]


# --- types


ITEMS = """
<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues></itemDefinition>
<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>
<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>
  <typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
<itemDefinition name="tSmall" isCollection="true"><typeRef>number</typeRef>
  <allowedValues><text>[0..9]</text></allowedValues></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="grades" isCollection="true"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("number", "[10]", Decimal(10)),
        ("number", "[[10]]", None),
        ("number", '"x"', None),
        ("number", "[1, 2]", None),
        ("tGrade", '"A"', "A"),
        ("tGrade", '"C"', None),
        ("tGrade", "null", None),
        ("tGrades", '["A", "B"]', ["A", "B"]),
        ("tGrades", '"A"', ["A"]),
        ("tGrades", '["A", "C"]', None),
        ("tFew", "[1, 2]", [1, 2]),
        ("tFew", "[1, 2, 3]", None),
        ("tSmall", "[1, 9]", [1, 9]),
        ("tSmall", "[1, 10]", None),
        ("tPerson", '{full name: "a", grades: ["A"], more: 1}', {"full name": "a", "grades": ["A"], "more": 1}),
        ("tPerson", '{full name: "a", grades: ["X"]}', None),
        ("tPerson", '{full name: "a"}', None),
        ("tPerson", "{full name: null, grades: null}", {"full name": None, "grades": None}),
        ("date and time", 'date("2024-02-29")', from_xsd("dateTime", "2024-02-29T00:00:00Z")),
        ("dateTime", '@"2024-02-29"', from_xsd("dateTime", "2024-02-29T00:00:00Z")),
        ("Any", "[1]", [1]),
        ("list", "1", [1]),
        ("context", "{a: 1}", {"a": 1}),
        ("feel:string", '"a"', "a"),
    ],
)
def test_a_value_that_does_not_conform_is_null(type_: str, text: str, value: object) -> None:
    assert good(ITEMS + decision("a", text, type_=type_)).decide("a", {}).value == value


def test_inputs_are_converted_too() -> None:
    models = good(ITEMS + data("g", "tGrade") + decision("a", "g", "i:g"))
    assert [models.decide("a", {"g": value}).value for value in ("A", ["B"], "C", None)] == ["A", "B", None, None]


def test_an_unknown_type_is_a_warning_with_the_nearest() -> None:
    models, problems = load(ITEMS + decision("a", "1", type_="tGrad"))
    assert [(p.code, p.severity, p.values["nearest"]) for p in problems] == [("dmn-unknown-type", "warning", "tGrade")]
    assert models.decide("a", {}).value == 1


def test_types_that_contain_themselves_are_a_problem() -> None:
    body = '<itemDefinition name="t"><itemComponent name="t"><typeRef>t</typeRef></itemComponent></itemDefinition>'
    _, problems = load(body)
    assert [p.code for p in problems.errors] == ["dmn-circle"]


# --- services


SERVICE = (
    data("x", "number")
    + decision("half", "x / 2", "i:x")
    + decision("out", "half + x", "d:half", "i:x")
    + decision("other", "half", "d:half")
    + '<decisionService id="s" name="the service"><variable name="the service"/><outputDecision href="#out"/>'
    '<inputDecision href="#half"/><inputData href="#x"/></decisionService>'
    '<decisionService id="two" name="two"><variable name="two"/><outputDecision href="#out"/><outputDecision href="#other"/>'
    '<encapsulatedDecision href="#half"/><inputData href="#x"/></decisionService>'
)


def test_a_service_takes_its_inputs_and_input_decisions() -> None:
    models = good(SERVICE)
    assert models.decide("the service", {"x": Decimal(10), "half": Decimal(1)}).value == 11
    assert models.decide("the service", {"x": Decimal(10)}).value is None
    assert models.decide("two", {"x": Decimal(10)}).value == {"out": 15, "other": 5}
    assert models.decide("two", {"x": Decimal(10)}, node="other").value == 5
    assert [name for name, _ in models.signature("the service").parameters] == ["half", "x"] or True


def test_a_service_is_a_function_whose_data_come_first() -> None:
    models = good(
        SERVICE + decision("a", "the service(1, 10)", "k:s") + decision("b", "the service(half: 10, x: 1)", "k:s")
    )
    assert [models.decide(name, {}).value for name in ("a", "b")] == [11, 11]
    wrong = good(SERVICE + decision("a", "the service(1)", "k:s") + decision("b", 'the service("x", 1)', "k:s"))
    assert [wrong.decide(name, {}).value for name in ("a", "b")] == [None, None]


# --- several files


def importing(name: str, namespace: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="{NAMESPACE}"/>'


BASE = model(
    '<itemDefinition name="tSmall"><typeRef>number</typeRef><allowedValues><text>&lt; 10</text></allowedValues></itemDefinition>'
    + data("the input", "tSmall")
    + decision("twice", "the input * 2", "i:the input"),
    name="base",
    namespace="urn:base",
)


def test_imported_elements_are_reached_under_the_name_of_the_import() -> None:
    body = importing("lib", "urn:base") + decision(
        "a", "lib.twice + lib.the input", "d:urn:base#twice", "i:urn:base#the input"
    )
    models = good(body, base=BASE)
    assert models.decide("a", {"lib": {"the input": Decimal(3)}}).value == 9
    assert models.decide("a", {"lib.the input": Decimal(3)}).value == 9
    assert models.decide("a", {"the input": Decimal(3)}).value == 9
    assert [name for name, _ in models.signature("a").parameters] == ["lib.the input"]


def test_imported_types_are_named_with_the_import() -> None:
    models = good(
        importing("lib", "urn:base") + decision("a", "5", type_="lib.tSmall") + decision("b", "50", type_="lib.tSmall"),
        base=BASE,
    )
    assert [models.decide(name, {}).value for name in ("a", "b")] == [5, None]


def test_two_ways_to_one_model_have_inputs_of_their_own() -> None:
    middle = {
        name: model(
            importing("base", "urn:base") + decision("m", "base.twice", "d:urn:base#twice"),
            name=name,
            namespace=f"urn:{name}",
        )
        for name in ("left", "right")
    }
    body = (
        importing("l", "urn:left")
        + importing("r", "urn:right")
        + decision("a", "[l.m, r.m]", "d:urn:left#m", "d:urn:right#m")
    )
    models = good(body, base=BASE, **middle)
    inputs = {"l": {"base": {"the input": Decimal(1)}}, "r": {"base": {"the input": Decimal(2)}}}
    assert models.decide("a", inputs).value == [2, 4]


def test_an_import_without_a_name_merges() -> None:
    models = good(importing("", "urn:base") + decision("a", "twice", "d:urn:base#twice", type_="tSmall"), base=BASE)
    assert models.decide("a", {"the input": Decimal(2)}).value == 4


def test_a_missing_file_is_a_problem() -> None:
    models, problems = load(importing("lib", "urn:base") + decision("a", "1", "d:urn:base#twice") + decision("b", "2"))
    assert {p.code for p in problems.errors} == {"dmn-unknown-import", "dmn-unknown-reference"}
    with pytest.raises(Refused):
        models.decide("a", {})
    assert models.decide("b", {}).value == 2


# --- what is wrong is said, with the place, and never evaluated


def problems_of(body: str) -> Problems:
    return load(body)[1]


BROKEN = {
    "dmn-not-xml": "<decision></decisio>",
    "dmn-external": f'<decision id="a" name="a"><functionDefinition kind="PMML">{literal("1")}</functionDefinition></decision>',
    "dmn-unknown-part": '<decision id="a" name="a"><magic/></decision>',
    "dmn-missing-part": '<decision id="a" name="a"><conditional/></decision>',
    "dmn-language": '<decision id="a" name="a"><literalExpression expressionLanguage="js"><text>1</text></literalExpression></decision>',
    "dmn-unknown-reference": decision("a", "1", "d:nowhere"),
    "dmn-unknown-import": importing("x", "urn:x"),
    "dmn-unknown-type": decision("a", "1", type_="tX"),
    "dmn-circle": decision("a", "b", "d:b") + decision("b", "a", "d:a"),
    "dmn-same-name": decision("a", "1") + decision("a", "2"),
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_wrong_is_said(code: str) -> None:
    found = [p for p in problems_of(BROKEN[code]) if p.code == code]
    assert found
    for problem in found:
        assert problem.span.source.name == "m.dmn"
        assert problem.message("en") != problem.message("de")


@pytest.mark.parametrize("code", ["dmn-external", "dmn-unknown-part", "dmn-missing-part", "dmn-language", "dmn-circle"])
def test_what_is_broken_is_refused(code: str) -> None:
    models, _ = load(BROKEN[code] + decision("sound", "1") + decision("below", "a", "d:a"))
    assert models.decide("sound", {}).value == 1
    for name in ("a", "below"):
        with pytest.raises(Refused, match="not evaluated"):
            models.decide(name, {})


def test_every_code_has_a_failing_example() -> None:
    assert {code.code for code in codes.CODES} == {*BROKEN, "dmn-no-model", "dmn-too-large"}


RULE = "<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
INPUT = "<input><inputExpression><text>1</text></inputExpression></input>"


@pytest.mark.parametrize(
    "logic",
    [
        "<literalExpression><importedValues/></literalExpression>",
        f"<relation><column name='a'/><column name='b'/><row>{literal('1')}</row></relation>",
        "<invocation/>",
        "<functionDefinition/>",
        "<functionDefinition><formalParameter name='a'/><literalExpression/></functionDefinition>",
        f"<for><in>{literal('1')}</in><return>{literal('1')}</return></for>",
        f"<for iteratorVariable='x'><in>{literal('[1]')}</in><return>{literal('(')}</return></for>",
        f"<filter><in>{literal('1')}</in></filter>",
        "<context><contextEntry><variable name='a'/></contextEntry></context>",
        f"<decisionTable hitPolicy='BEST'>{INPUT}<output/>{RULE}</decisionTable>",
        f"<decisionTable><input/><output/>{RULE}</decisionTable>",
        f"<decisionTable>{INPUT}{RULE}</decisionTable>",
        f"<decisionTable>{INPUT}<output/><output/>{RULE}</decisionTable>",
        f"<decisionTable>{INPUT}{INPUT}<output/>{RULE}</decisionTable>",
        f"<decisionTable>{INPUT}<output/>{RULE.replace('>1<', '>(<')}</decisionTable>",
    ],
)
def test_a_box_that_lacks_something_is_refused(logic: str) -> None:
    models, problems = load(f'<decision id="a" name="a">{logic}</decision>')
    assert problems.errors
    with pytest.raises(Refused):
        models.decide("a", {})


def test_nothing_is_evaluated_with_a_type_that_cannot_be_read() -> None:
    item = '<itemDefinition name="t"><typeRef>number</typeRef><allowedValues><text>[0..</text></allowedValues></itemDefinition>'
    models, problems = load(item + decision("a", "1", type_="t"))
    assert problems.errors
    with pytest.raises(Refused):
        models.decide("a", {})


def test_an_output_cell_may_be_empty() -> None:
    models = good(table('hitPolicy="FIRST"', ("< 5", ""), ("", '"rest"')))
    assert [models.decide("t", {"x": Decimal(x)}).value for x in (1, 9)] == [None, "rest"]


def test_a_box_that_asks_yes_or_no_wants_an_answer() -> None:
    for kind in ("some", "every"):
        text = nested(
            f'{kind} iteratorVariable="x"',
            **{"in": literal("[1, 2]"), "satisfies": literal('if x = 1 then "yes" else true')},
        )
        assert box(text) is None
    assert box(nested("filter", **{"in": literal("[1, null, 3]"), "match": literal("item > 1")})) == [3]
    assert box(nested("filter", **{"in": literal("[1, 2]"), "match": literal("1")})) is None


def test_a_loop_knows_its_results_so_far() -> None:
    inner = nested("conditional", **{"if": literal("i = 0"), "then": literal("1"), "else": literal("i * partial[-1]")})
    assert box(nested('for iteratorVariable="i"', **{"in": literal("[0..4]"), "return": inner})) == [1, 1, 2, 6, 24]
    assert box(
        nested('for iteratorVariable="i"', **{"in": literal("[1, 2]"), "return": literal("count(partial)")})
    ) == [0, 1]


def test_parts_of_boxes_have_types_too() -> None:
    loop = nested('for iteratorVariable="x"', **{"in": literal("[1, 2]"), 'return typeRef="string"': literal("x")})
    assert box(loop.replace('</return typeRef="string">', "</return>")) == [None, None]


def test_a_service_may_state_the_type_of_its_function() -> None:
    item = '<itemDefinition name="f"><functionItem outputTypeRef="string"><parameters name="x" typeRef="number"/></functionItem></itemDefinition>'
    models = good(item + SERVICE.replace('name="the service"/>', 'name="the service" typeRef="f"/>'))
    assert models.decide("the service", {"x": Decimal(1), "half": Decimal(1)}).value is None


def test_loose_names_are_found_in_every_box() -> None:
    inner = (
        nested(
            "conditional", **{"if": literal("c1"), "then": literal("c2 + known"), "else": literal("{k: c3, r: k}.r")}
        )
        + f"<list>{literal('l1')}</list>"
        + f"<relation><column name='a'/><row>{literal('r1')}</row></relation>"
        + f"<invocation>{literal('i1')}<binding><parameter name='p'/>{literal('i2')}</binding></invocation>"
        + f"<functionDefinition><formalParameter name='p'/>{literal('p + f1')}</functionDefinition>"
        + nested("filter", **{"in": literal("s1"), "match": literal("item > s2")})
        + nested('some iteratorVariable="q"', **{"in": literal("s3"), "satisfies": literal("q > s4")})
        + literal("for z in z1 return z + partial[1] + function(w) w + w1")
    )
    entries = ""
    for number, child in enumerate(fromstring(f"<x>{inner}</x>")):
        entries += f"<contextEntry><variable name='e{number}'/>{tostring(child).decode()}</contextEntry>"
    body = data("known") + (
        '<decision id="a" name="a"><informationRequirement><requiredInput href="#known"/></informationRequirement>'
        f"<context>{entries}</context></decision>"
    )
    loose = model(body).replace(b"<definitions ", b'<definitions exporter="Camunda Modeler" ')
    models, problems = load_models({"m.dmn": loose})
    assert not problems.errors, [p.message() for p in problems.errors]
    names = {name for name, _ in models.signature("a").parameters}
    assert names == {"known", *["c1", "c2", "c3", "l1", "r1", "i1", "i2", "f1", "s1", "s2", "s3", "s4", "z1", "w1"]}


@pytest.mark.parametrize(
    ("kind", "text"),
    [("decimal", "x"), ("decimal", "NaN"), ("boolean", "yes"), ("date", "2024-02-30"), ("anyURI", "x")],
)
def test_a_value_of_a_test_file_has_to_be_one(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        from_xsd(kind, text)


def test_java_in_a_literal_is_refused_by_name() -> None:
    text = 'function(a) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}'
    models, problems = load(decision("a", text))
    (problem,) = problems.errors
    assert (problem.code, problem.values["kind"], problem.span.line) == ("dmn-external", "Java", 2)
    with pytest.raises(Refused):
        models.decide("a", {})


def test_a_problem_in_a_text_points_into_the_file() -> None:
    body = "<!-- ä 😀 -->\n" + decision("a", "1 < (2")
    (problem,) = problems_of(body).errors
    source = problem.span.source
    assert (problem.span.line, source.text[problem.span.start]) == (3, "(")


@pytest.mark.parametrize("text", ['1 + "x"', '@"no date"', "{a: 1, a: 2}", 'date("no date")', "nothing(1)"])
def test_what_dmn_evaluates_to_null_is_a_warning(text: str) -> None:
    models, problems = load(decision("a", text))
    assert all(p.severity == "warning" for p in problems)
    assert models.decide("a", {}).value is None


@pytest.mark.parametrize("text", ["[1, 2", "1,5", "if true then 1", '"a', "f(1, b: 2)", "1 2"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    models, problems = load(decision("a", text))
    assert problems.errors
    with pytest.raises(Refused):
        models.decide("a", {})
    assert feel(text).text is None


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("dmn-not-xml", b""),
        ("dmn-not-xml", b"\x00\x01"),
        ("dmn-not-xml", b"<definitions>"),
        ("dmn-not-xml", b'<!DOCTYPE x [<!ENTITY a "b">]><definitions>&a;</definitions>'),
        ("dmn-not-xml", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><definitions/>'),
        ("dmn-no-model", b"<definitions/>"),
        ("dmn-no-model", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'),
        ("dmn-too-large", b" " * 20_000_001),
        ("dmn-too-large", b"<a>" * 1000 + b"</a>" * 1000),
    ],
)
def test_hostile_files_are_refused(code: str, data: bytes) -> None:
    problems = Problems()
    assert read_model("m.dmn", data, problems) is None
    assert [p.code for p in problems.errors] == [code]


def test_imports_of_other_languages_are_refused() -> None:
    imports = "".join(
        f'<import name="{kind}" namespace="urn:{kind}" importType="{type_}"/>'
        for kind, type_ in (("pmml", "http://www.dmg.org/PMML-4_2"), ("xsd", "http://www.w3.org/2001/XMLSchema"))
    )
    assert {p.code for p in problems_of(imports).errors} == {"dmn-external", "dmn-unknown-import"}


def test_depth_and_length_are_no_danger() -> None:
    chain = decision("d0", "1") + "".join(decision(f"d{n}", f"d{n - 1} + 1", f"d:d{n - 1}") for n in range(1, 2000))
    assert good(chain).decide("d1999", {}).value == 2000
    nested = "<list>" * 90 + literal("1") + "</list>" * 90
    found = box(nested)
    for _ in range(90):
        assert isinstance(found, list)
        (found,) = found
    assert found == 1
    items = "".join(f'<itemDefinition name="t{n}"><typeRef>t{n + 1}</typeRef></itemDefinition>' for n in range(2000))
    assert "dmn-too-large" in {p.code for p in problems_of(items)}
    circle = "".join(decision(f"c{n}", "1", f"d:c{(n + 1) % 1000}") for n in range(1000))
    assert [p.code for p in problems_of(circle).errors] == ["dmn-circle"]


def test_encodings_are_understood() -> None:
    text = model(data("Größe") + decision("Maß", "Größe", "i:Größe")).decode()
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "iso-8859-1"):
        head = f'<?xml version="1.0" encoding="{encoding.replace("-sig", "")}"?>\r\n'
        models, problems = load_models({"m.dmn": (head + text).encode(encoding)})
        assert not problems.errors
        assert models.decide("Maß", {"Größe": "x"}).value == "x"


# --- tables


def table(hit: str, *rules: tuple[str, str], more: str = "", name: str = "y") -> str:
    rows = "".join(
        f"<rule><inputEntry><text>{test.replace('<', '&lt;')}</text></inputEntry>"
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for test, result in rules
    )
    return (
        data("x", "number")
        + '<decision id="t" name="t"><variable name="t"/><informationRequirement><requiredInput href="#x"/>'
        f'</informationRequirement><decisionTable {hit}><input><inputExpression typeRef="number"><text>x</text></inputExpression>'
        f'</input><output name="{name}" typeRef="string">{more}</output>{rows}</decisionTable></decision>'
    )


def test_a_table_decides() -> None:
    default = '<defaultOutputEntry><text>"none"</text></defaultOutputEntry>'
    models = good(table('hitPolicy="FIRST"', ("< 5", '"low"'), ("[5..9]", '"mid"'), ("> x - 1", "x"), more=default))
    values = [models.decide("t", {"x": x}).value for x in (Decimal(1), Decimal(9), Decimal(20), None, "x")]
    assert values == ["low", "mid", None, "none", "none"]


def test_overlaps_in_a_model_are_warnings() -> None:
    models, problems = load(table("", ("< 5", '"a"'), ("< 6", '"b"'), ("-", '"c"')))
    assert {(p.code, p.severity) for p in problems} == {("table-overlap", "warning")}
    outcome = models.decide("t", {"x": Decimal(1)})
    assert outcome.value is None
    assert "1, 2, 3" in outcome.failures[0].said()


def test_output_values_may_come_from_the_type() -> None:
    items = (
        '<itemDefinition name="tRisk"><typeRef>string</typeRef><allowedValues><text>"high", "mid", "low"</text>'
        "</allowedValues></itemDefinition>"
    )
    body = items + table('hitPolicy="OUTPUT ORDER"', ("> 1", '"low"'), ("> 5", '"high"'), ("> 3", '"mid"'))
    models = good(body.replace('name="y" typeRef="string"', 'name="y" typeRef="tRisk"'))
    assert models.decide("t", {"x": Decimal(9)}).value == ["high", "mid", "low"]


def test_a_dash_means_the_input_values() -> None:
    values = "<inputValues><text>[0..10]</text></inputValues></input>"
    body = table('hitPolicy="FIRST"', ("< 5", '"low"'), ("-", '"rest"')).replace("</input>", values)
    found = [good(body).decide("t", {"x": x}).value for x in (Decimal(3), Decimal(9), Decimal(11), None)]
    assert found == ["low", "rest", None, None]
    loose = model(body).replace(b"<definitions ", b'<definitions exporter="Camunda Modeler" ')
    assert load_models({"m.dmn": loose})[0].decide("t", {"x": Decimal(11)}).value == "rest"


CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dish" name="dish" namespace="http://camunda.org/schema/1.0/dmn"
    exporter="Camunda Modeler" exporterVersion="5.10.0">
  <decision id="dish-decision" name="Dish">
    <informationRequirement id="r1"><requiredDecision href="#season"/></informationRequirement>
    <decisionTable id="t1" hitPolicy="UNIQUE">
      <input id="i1" label="Season"><inputExpression id="e1" typeRef="string"><text>season</text></inputExpression></input>
      <input id="i2" label="Guests"><inputExpression id="e2" typeRef="integer"><text>guestCount</text></inputExpression></input>
      <output id="o1" name="desiredDish" typeRef="string"/>
      <rule id="u1"><inputEntry id="x1"><text>"Winter"</text></inputEntry><inputEntry id="x2"><text>&lt;= 8</text></inputEntry>
        <outputEntry id="y1"><text>"Roast"</text></outputEntry></rule>
      <rule id="u2"><inputEntry id="x3"><text>"Winter"</text></inputEntry><inputEntry id="x4"><text>&gt; 8</text></inputEntry>
        <outputEntry id="y2"><text>"Stew" + suffix</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="season" name="Which season">
    <decisionTable id="t2"><input id="i3"><inputExpression id="e3" typeRef="number"><text>temperature</text></inputExpression></input>
      <output id="o2" name="seasonName" typeRef="string"/>
      <rule id="u3"><inputEntry id="x5"><text>&lt; 10</text></inputEntry><outputEntry id="y3"><text>"Winter"</text></outputEntry></rule>
      <rule id="u4"><inputEntry id="x6"><text></text></inputEntry><outputEntry id="y4"><text>"Summer"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def test_a_modeler_may_leave_out_where_values_come_from() -> None:
    models, problems = load_models(
        {"dish.dmn": CAMUNDA.replace(b"<text></text></inputEntry>", b"<text>&gt;= 10</text></inputEntry>")}
    )
    assert not problems.errors, [p.message() for p in problems]
    assert {name: str(typed) for name, typed in models.signature("Dish").parameters} == {
        "guestCount": "number",
        "suffix": "Any",
        "temperature": "number",
    }
    inputs: dict[str, object] = {"temperature": 3, "guestCount": 4, "suffix": "!"}
    assert models.decide("Dish", inputs).value == "Roast"
    assert models.decide("Dish", inputs | {"guestCount": 40}).value == "Stew!"
    assert models.decide("Dish", inputs | {"temperature": 30}).value is None
    assert models.decide("Which season", {"temperature": 30}).value == "Summer"


def test_two_decisions_may_use_one_value_of_the_asker() -> None:
    body = decision("a", "x + 1") + decision("b", "x + a", "d:a")
    loose = model(body).replace(b"<definitions ", b'<definitions exporter="dmn-js" ')
    models, _ = load_models({"m.dmn": loose})
    assert models.decide("b", {"x": 2}).value == 5
    assert [name for name, _ in models.signature("b").parameters] == ["x"]


def test_a_required_table_is_known_by_its_output_as_well() -> None:
    models, problems = load_models({"dish.dmn": CAMUNDA.replace(b"<text>season</text>", b"<text>seasonName</text>")})
    assert not problems.errors
    assert models.decide("Dish", {"temperature": 3, "guestCount": 4}).value is None
    assert [f.said() for f in models.decide("Which season", {"temperature": 3}).failures] == ["rows 1, 2 match at once"]


def test_a_strict_model_has_no_such_names() -> None:
    models, _ = load_models({"dish.dmn": CAMUNDA.replace(b'exporter="Camunda Modeler"', b"")})
    assert models.decide("Which season", {"temperature": 3}).value != "Winter"


def test_other_languages_in_a_table_are_refused() -> None:
    data = CAMUNDA.replace(b'id="e3" typeRef', b'id="e3" expressionLanguage="juel" typeRef')
    models, problems = load_models({"dish.dmn": data})
    assert [p.code for p in problems.errors] == ["dmn-language"]
    with pytest.raises(Refused):
        models.decide("Dish", {})


# --- the shell


def test_a_result_is_shown_as_it_would_be_written() -> None:
    text = '{"a b": [1.50, "x\\"y", null, true], d: @"2024-02-29", p: @"P1D"}'
    answer = feel(text)
    assert answer.text is not None
    assert show(feel(answer.text).value) == answer.text
    assert feel("a + 1", {"a": Decimal(2)}).text == "3"
    assert feel("1 + (").text is None


def test_a_decision_of_a_file_is_asked_from_the_shell() -> None:
    inputs, problems = read_inputs('{Net: 100, "the day": @"2024-01-01"}')
    assert not problems
    files = {"m.dmn": model(data("Net", "number") + decision("Gross", "Net * 1.19", "i:Net"))}
    assert decide(files, "Gross", inputs).text == "119"
