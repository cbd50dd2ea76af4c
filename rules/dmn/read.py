"""A `.dmn` file -> :class:`~fachwerk.rules.dmn.model.Model` (DMN 1.1 to 1.6). Meaning is checked later."""

from __future__ import annotations

import re

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.boxed import check_language, read_boxed, read_function, variable_of
from fachwerk.rules.dmn.codes import EXTERNAL, MISSING_PART, NO_MODEL, UNKNOWN_IMPORT
from fachwerk.rules.dmn.document import Element, read_xml
from fachwerk.rules.names import normal

_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(MODEL/?|dmn\.xsd)$")
_LOOSE = re.compile("camunda|dmn-js|bpmn", re.IGNORECASE)
_LOGIC_FREE = frozenset(
    [
        "description",
        "extensionElements",
        "question",
        "allowedAnswers",
        "variable",
        "informationRequirement",
        "knowledgeRequirement",
        "authorityRequirement",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        "label",
    ]
)


def read_model(name: str, data: bytes, problems: Problems) -> dmn.Model | None:
    """Return the model in the file *name*, or ``None`` where it is none; everything found wrong goes to *problems*."""
    root = read_xml(name, data, problems)
    if root is None:
        return None
    if root.name != "definitions" or not _NAMESPACE.match(root.namespace):
        problems.add(NO_MODEL.at(root.span, found=f"{{{root.namespace}}}{root.name}"))
        return None
    check_language(root, problems)
    imports = [_import(element, problems) for element in root.all("import")]
    return dmn.Model(
        name,
        normal(root.get("name") or name),
        root.get("namespace") or name,
        root.span,
        tuple(found for found in imports if found),
        tuple(_item(element) for element in root.all("itemDefinition")),
        tuple(found for element in root.children if (found := _element(element, problems))),
        bool(_LOOSE.search(root.get("exporter") or "")),
    )


def _import(element: Element, problems: Problems) -> dmn.Import | None:
    kind = element.get("importType")
    if kind and not _NAMESPACE.match(kind):
        if "pmml" in kind.lower():
            problems.add(EXTERNAL.at(element.span, kind="PMML"))
        else:
            problems.add(UNKNOWN_IMPORT.at(element.span, namespace=element.get("namespace") or kind))
        return None
    return dmn.Import(normal(element.get("name") or ""), element.get("namespace") or "", element.span)


def _text(element: Element | None) -> Fragment | None:
    text = element.one("text") if element else None
    return text.fragment() if text and text.text.strip() else None


def _item(element: Element) -> dmn.Item:
    type_ = element.one("typeRef")
    function = element.one("functionItem")
    signature = None
    if function is not None:
        signature = (tuple(variable_of(p) for p in function.all("parameters")), function.get("outputTypeRef"))
    return dmn.Item(
        normal(element.get("name") or ""),
        element.span,
        (type_.text.strip() or None) if type_ else element.get("typeRef"),
        element.get("isCollection") == "true",
        tuple(_item(part) for part in element.all("itemComponent")),
        _text(element.one("allowedValues")),
        _text(element.one("typeConstraint")),
        signature,
    )


def _variable(element: Element) -> dmn.Variable:
    found = element.one("variable")
    name = normal((found.get("name") if found else None) or element.get("name") or "")
    return dmn.Variable(name, found.get("typeRef") if found else None, element.span)


def _reference(element: Element) -> dmn.Reference | None:
    href = element.get("href")
    if href is None:
        return None
    namespace, _, id_ = href.rpartition("#")
    return dmn.Reference(namespace or None, id_, element.span)


def _references(element: Element, *names: str) -> tuple[dmn.Reference, ...]:
    found = (_reference(child) for name in names for child in element.all(name))
    return tuple(reference for reference in found if reference)


def _requirements(element: Element) -> tuple[dmn.Reference, ...]:
    needs = [*element.all("informationRequirement"), *element.all("knowledgeRequirement")]
    kinds = ("requiredInput", "requiredDecision", "requiredKnowledge")
    return tuple(reference for need in needs for reference in _references(need, *kinds))


def _element(element: Element, problems: Problems) -> dmn.Element | None:
    id_ = element.get("id") or element.get("name") or ""
    match element.name:
        case "inputData":
            return dmn.InputData(id_, _variable(element))
        case "decision":
            logic = [child for child in element.children if child.name not in _LOGIC_FREE]
            body = read_boxed(logic[0], problems) if logic else None
            return dmn.Decision(id_, _variable(element), _requirements(element), body)
        case "businessKnowledgeModel":
            return _knowledge(element, id_, problems)
        case "decisionService":
            return _service(element, id_, problems)
    return None


def _knowledge(element: Element, id_: str, problems: Problems) -> dmn.Knowledge:
    logic = element.one("encapsulatedLogic")
    function: dmn.Function | None = None
    if logic is None:
        problems.add(MISSING_PART.at(element.span, name="encapsulatedLogic", of=_variable(element).name))
    elif (kind := logic.get("kind") or "FEEL") != "FEEL":
        problems.add(EXTERNAL.at(logic.span, kind=kind))
    else:
        function = read_function(logic, problems)
    return dmn.Knowledge(id_, _variable(element), _requirements(element), function)


def _service(element: Element, id_: str, problems: Problems) -> dmn.Service:
    outputs = _references(element, "outputDecision")
    if not outputs:
        problems.add(MISSING_PART.at(element.span, name="outputDecision", of=_variable(element).name))
    return dmn.Service(
        id_,
        _variable(element),
        outputs,
        _references(element, "encapsulatedDecision"),
        _references(element, "inputData", "inputDecision"),
    )
