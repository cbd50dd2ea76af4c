"""Boxed expressions of a DMN file (DMN 1.5, clauses 7.3 and 10.2): elements -> frozen data."""

from __future__ import annotations

from collections.abc import Callable

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.codes import EXTERNAL, LANGUAGE, MISSING_PART, UNKNOWN_PART
from fachwerk.rules.dmn.document import Element
from fachwerk.rules.names import normal
from fachwerk.rules.tables.model import AGGREGATIONS, POLICIES, Hit, Input, Output, Row, Table

_NOTES = frozenset(["description", "extensionElements"])


def variable_of(element: Element) -> dmn.Variable:
    """Return name and type of a parameter, column or variable."""
    return dmn.Variable(normal(element.get("name") or ""), element.get("typeRef"), element.span)


def read_boxed(element: Element, problems: Problems) -> dmn.Boxed:
    """Return the expression in *element*; what is not evaluated becomes :class:`~dmn.Unread` and a problem."""
    reader = _READERS.get(element.name)
    if reader is None:
        problems.add(UNKNOWN_PART.at(element.span, name=element.name))
        return dmn.Unread(span=element.span)
    return reader(element, problems)


def _parts(element: Element, *without: str) -> list[Element]:
    return [child for child in element.children if child.name not in _NOTES and child.name not in without]


def _inner(element: Element | None, of: Element, name: str, problems: Problems) -> dmn.Boxed:
    """Return the only expression within *element*, which stands in *of* as *name*."""
    parts = _parts(element, "variable", "parameter", "formalParameter") if element else []
    if not parts:
        problems.add(MISSING_PART.at((element or of).span, name=name, of=of.name))
        return dmn.Unread(span=(element or of).span)
    found = read_boxed(parts[0], problems)
    type_ = element.get("typeRef") if element and element.name not in ("contextEntry", "binding") else None
    if type_ and element and not found.type:
        return dmn.Context(((None, found),), span=element.span, type=type_)
    return found


def check_language(element: Element, problems: Problems) -> bool:
    """Return whether *element* is written in FEEL, and say so if it is not."""
    language = element.get("expressionLanguage")
    if language is None or "feel" in language.lower():
        return True
    problems.add(LANGUAGE.at(element.span, found=language))
    return False


def _literal(element: Element, problems: Problems) -> dmn.Boxed:
    if not check_language(element, problems):
        return dmn.Unread(span=element.span)
    text = element.one("text")
    if text is None or not text.text.strip():
        name = "importedValues" if element.one("importedValues") else "text"
        problems.add(MISSING_PART.at(element.span, name=name, of=element.name))
        return dmn.Unread(span=element.span)
    return dmn.Literal(text.fragment(), span=element.span, type=element.get("typeRef"))


def _context(element: Element, problems: Problems) -> dmn.Boxed:
    entries = []
    for entry in element.all("contextEntry"):
        found = entry.one("variable")
        variable = variable_of(found) if found is not None and found.get("name") else None
        entries.append((variable, _inner(entry, entry, "expression", problems)))
    return dmn.Context(tuple(entries), span=element.span, type=element.get("typeRef"))


def _items(element: Element, problems: Problems) -> dmn.Boxed:
    items = tuple(read_boxed(child, problems) for child in _parts(element))
    return dmn.Items(items, span=element.span, type=element.get("typeRef"))


def _relation(element: Element, problems: Problems) -> dmn.Boxed:
    columns = tuple(variable_of(column) for column in element.all("column"))
    rows = []
    for row in element.all("row"):
        cells = tuple(read_boxed(cell, problems) for cell in _parts(row))
        if len(cells) != len(columns):
            problems.add(MISSING_PART.at(row.span, name=columns[-1].name if columns else "column", of="row"))
            return dmn.Unread(span=element.span)
        rows.append(cells)
    return dmn.Relation(columns, tuple(rows), span=element.span, type=element.get("typeRef"))


def _invocation(element: Element, problems: Problems) -> dmn.Boxed:
    parts = _parts(element, "binding")
    if not parts:
        problems.add(MISSING_PART.at(element.span, name="expression", of=element.name))
        return dmn.Unread(span=element.span)
    bindings: list[tuple[dmn.Variable, dmn.Boxed | None]] = []
    for binding in element.all("binding"):
        parameter = binding.one("parameter")
        value = _parts(binding, "parameter")
        variable = variable_of(parameter if parameter is not None else binding)
        bindings.append((variable, read_boxed(value[0], problems) if value else None))
    called = read_boxed(parts[0], problems)
    return dmn.Invocation(called, tuple(bindings), span=element.span, type=element.get("typeRef"))


def read_function(element: Element, problems: Problems) -> dmn.Function:
    """Return the function in a ``functionDefinition`` or ``encapsulatedLogic``."""
    parts = _parts(element, "formalParameter")
    if not parts:
        problems.add(MISSING_PART.at(element.span, name="expression", of=element.name))
    body = read_boxed(parts[0], problems) if parts else None
    parameters = tuple(variable_of(parameter) for parameter in element.all("formalParameter"))
    return dmn.Function(parameters, body, span=element.span, type=element.get("typeRef"))


def _function(element: Element, problems: Problems) -> dmn.Boxed:
    kind = element.get("kind") or "FEEL"
    if kind != "FEEL":
        problems.add(EXTERNAL.at(element.span, kind=kind))
        return dmn.Unread(span=element.span)
    return read_function(element, problems)


def _conditional(element: Element, problems: Problems) -> dmn.Boxed:
    names = ("if", "then", "else")
    condition, then, otherwise = (_inner(element.one(name), element, name, problems) for name in names)
    return dmn.Conditional(condition, then, otherwise, span=element.span, type=element.get("typeRef"))


def _filter(element: Element, problems: Problems) -> dmn.Boxed:
    source = _inner(element.one("in"), element, "in", problems)
    match = _inner(element.one("match"), element, "match", problems)
    return dmn.Filter(source, match, span=element.span, type=element.get("typeRef"))


def _iterate(element: Element, problems: Problems) -> dmn.Boxed:
    body = "return" if element.name == "for" else "satisfies"
    name = element.get("iteratorVariable")
    if name is None:
        problems.add(MISSING_PART.at(element.span, name="iteratorVariable", of=element.name))
        return dmn.Unread(span=element.span)
    return dmn.Iterate(
        "some" if element.name == "some" else "every" if element.name == "every" else "for",
        normal(name),
        _inner(element.one("in"), element, "in", problems),
        _inner(element.one(body), element, body, problems),
        span=element.span,
        type=element.get("typeRef"),
    )


def _cell(element: Element) -> Fragment:
    text = element.one("text")
    if text is not None:
        return text.fragment()
    return Fragment("", element.source, element.span.end)


def _values(element: Element | None) -> Fragment | None:
    text = element.one("text") if element else None
    return text.fragment() if text is not None and text.text.strip() else None


def _hit(element: Element, problems: Problems) -> Hit | None:
    policy = (element.get("hitPolicy") or "UNIQUE").lower()
    aggregation = (element.get("aggregation") or "").lower()
    known = next((name for name in POLICIES if name == policy), None)
    if known is None:
        problems.add(UNKNOWN_PART.at(element.span, name=policy))
        return None
    return Hit(known, next((name for name in AGGREGATIONS if name == aggregation), None))


def _table(element: Element, problems: Problems) -> dmn.Boxed:
    texts = [cell for column in element.children for cell in (column, *column.children)]
    if [cell for cell in texts if not check_language(cell, problems)]:
        return dmn.Unread(span=element.span)
    inputs, input_types = [], []
    for column in element.all("input"):
        expression = column.one("inputExpression")
        text = expression.one("text") if expression is not None else None
        if expression is None or text is None or not text.text.strip():
            problems.add(MISSING_PART.at(column.span, name="inputExpression", of="input"))
            return dmn.Unread(span=column.span)
        inputs.append(Input(text.fragment(), None, _values(column.one("inputValues"))))
        input_types.append(expression.get("typeRef"))
    outputs = []
    for column in element.all("output"):
        default = _values(column.one("defaultOutputEntry"))
        name = normal(column.get("name") or column.get("label") or "")
        outputs.append(Output(name, column.span, None, _values(column.one("outputValues")), default))
    if not outputs:
        problems.add(MISSING_PART.at(element.span, name="output", of=element.name))
        return dmn.Unread(span=element.span)
    rows = _rows(element, len(inputs), len(outputs), problems)
    hit = _hit(element, problems)
    if rows is None or hit is None:
        return dmn.Unread(span=element.span)
    name = element.get("outputLabel") or ""
    table = Table(name, hit, tuple(inputs), tuple(outputs), rows, element.span)
    output_types = tuple(column.get("typeRef") for column in element.all("output"))
    return dmn.Decide(table, tuple(input_types), output_types, span=element.span, type=element.get("typeRef"))


def _rows(element: Element, inputs: int, outputs: int, problems: Problems) -> tuple[Row, ...] | None:
    rows = []
    for rule in element.all("rule"):
        tests = tuple(_cell(cell) for cell in rule.all("inputEntry"))
        results = tuple(_cell(cell) for cell in rule.all("outputEntry"))
        if (len(tests), len(results)) != (inputs, outputs):
            name = "inputEntry" if len(tests) != inputs else "outputEntry"
            problems.add(MISSING_PART.at(rule.span, name=name, of="rule"))
            return None
        rows.append(Row(tests, results, rule.span))
    return tuple(rows)


_READERS: dict[str, Callable[[Element, Problems], dmn.Boxed]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "list": _items,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterate,
    "some": _iterate,
    "every": _iterate,
}
