"""Runs the official DMN Technology Compatibility Kit through the product and reports what passes.

    python tests/conformance/dmn_tck.py PATH [--json] [--exact] [--only TEXT] [--failures]

PATH is the folder ``TestCases`` of a checkout of the kit, with ``compliance-level-2`` and ``compliance-level-3``
below it. A result passes *by value* if the expected value came out, and *by null* if null was expected and the
evaluation itself arrived at null. A model or an expression that cannot be read, and an exception, never pass. Numbers
are compared as the kit's own runners do, within 1e-8; with ``--exact`` they have to be equal. The exit code is 0 if
nothing failed but decisions that are refused because their models call functions in Java or PMML (``external``).

With ``--json`` the last line is an object: ``total``, ``passed``, ``passed_value``, ``passed_null`` count results (a
test case has one or more), ``failed`` names those that did not pass as ``directory/file#case/node``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse
from fachwerk.problems import Problems
from fachwerk.rules.dmn.models import Models, load_models
from fachwerk.rules.dmn.values import from_xsd
from fachwerk.rules.shell import show

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")
NUMBERS = ("decimal", "double", "float", "integer", "int", "long")


def local(element: Element) -> str:
    """The name of *element* without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The children of *element* called *name*."""
    return [child for child in element if local(child) == name]


def child(element: Element, name: str) -> Element | None:
    """The first child of *element* called *name*."""
    return next(iter(children(element, name)), None)


def value_of(element: Element | None) -> object:
    """The value that an ``inputNode``, ``expected``, ``item`` or ``component`` states."""
    if element is None or element.get(XSI + "nil") == "true":
        return None
    if components := children(element, "component"):
        return {component.get("name", ""): value_of(component) for component in components}
    items = child(element, "list")
    if items is not None:
        if items.get(XSI + "nil") == "true":
            return None
        return [value_of(item) for item in children(items, "item")]
    value = child(element, "value")
    if value is None or value.get(XSI + "nil") == "true":
        return None
    kind = (value.get(XSI + "type") or "string").rpartition(":")[2]
    text = "".join(value.itertext())
    return from_xsd("decimal" if kind in NUMBERS else kind, text)


def same(expected: object, found: object, exact: bool) -> bool:
    """Whether *found* is what the kit expects."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(expected) == len(found)
            and all(same(one, other, exact) for one, other in zip(expected, found, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and expected.keys() == found.keys()
            and all(same(value, found[name], exact) for name, value in expected.items())
        )
    if isinstance(expected, Decimal):
        if not isinstance(found, Decimal):
            return False
        return expected == found if exact else abs(expected - found) < TOLERANCE
    if expected is None or isinstance(expected, bool | str):
        return type(expected) is type(found) and expected == found
    return alike(expected, found)


def alike(expected: object, found: object) -> bool:
    """Whether two dates, times or durations are the same, a zone counting as its offset."""
    if isinstance(expected, timedelta) and not expected and type(expected) is not type(found):
        return show(found) in ('@"P0M"', '@"P0Y"', '@"P0D"', '@"PT0S"')
    if type(expected) is not type(found):
        return show(expected) == show(found)
    return expected == found and bare(show(expected)) == bare(show(found))


def bare(text: str) -> str:
    """*text* of a time without its zone or offset."""
    time_part = text.rpartition("T")[2] if "T" in text else text
    for sign in ("Z", "@", "+", "-"):
        time_part = time_part.split(sign)[0] if sign in time_part[3:] else time_part
    return text.rpartition("T")[0] + time_part


@dataclass
class Count:
    """Results of one directory."""

    total: int = 0
    by_value: int = 0
    by_null: int = 0
    cases: int = 0
    cases_passed: int = 0
    external: int = 0
    """How many of those that failed were refused in a directory whose models call functions in Java or PMML."""
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Asked:
    """One result that the kit expects."""

    name: str
    expected: object
    node: str


def load(folder: Path) -> tuple[Models, Problems]:
    """Load all models below *folder* as one set, by their path relative to it."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.dmn"))}
    return load_models(files)


def ask(models: Models, file: str, case: Element, node: str, is_service: bool) -> object:
    """Evaluate *node* of the model *file* with the inputs of *case*."""
    inputs = {i.get("name", ""): value_of(i) for i in children(case, "inputNode")}
    if is_service:
        return models.decide(case.get("invocableName") or node, inputs, model=file, node=node).value
    return models.decide(node, inputs, model=file).value


def run_case(models: Models, file: str, case: Element, prefix: str, count: Count, exact: bool) -> None:
    """Ask for every result of *case* and count it."""
    is_service = case.get("type") == "decisionService" or case.get("invocableName") is not None
    before = len(count.failed)
    for result in children(case, "resultNode"):
        node = result.get("name", "")
        name = f"{prefix}#{case.get('id')}/{node}"
        count.total += 1
        try:
            expected = value_of(child(result, "expected"))
            found = ask(models, file, case, node, is_service)
            passed = same(expected, found, exact)
            reason = "" if passed else f"expected {show(expected)}, found {show(found)}"
        except Exception as error:  # whatever it is: not a pass
            expected, passed, reason = None, False, f"{type(error).__name__}: {error}"
        if not passed:
            count.failed.append((name, reason))
        elif expected is None:
            count.by_null += 1
        else:
            count.by_value += 1
    count.cases += 1
    count.cases_passed += len(count.failed) == before


def run_folder(folder: Path, exact: bool) -> Count:
    """Run all test files of one directory of the kit."""
    count = Count()
    models, problems = load(folder)
    for path in sorted(folder.glob("*.xml")):
        root = parse(path, forbid_dtd=True).getroot()
        if local(root) != "testCases":
            continue
        named = child(root, "modelName")
        file = (named.text or "").strip() if named is not None else ""
        for case in children(root, "testCase"):
            run_case(models, file, case, f"{folder.name}/{path.stem}", count, exact)
    if any(problem.code == "dmn-external" for problem in problems):
        count.external = sum(reason.startswith("Refused: ") for _, reason in count.failed)
    return count


def folders(root: Path, only: str) -> Iterator[Path]:
    """The directories of the kit whose path contains *only*."""
    for level in ("compliance-level-2", "compliance-level-3"):
        for folder in sorted((root / level).glob("*")):
            if folder.is_dir() and only in f"{level}/{folder.name}":
                yield folder


def main(arguments: list[str] | None = None) -> int:
    """Run the kit; the exit code is 0 if nothing failed but functions in Java, which are refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--exact", action="store_true", help="compare numbers exactly")
    parser.add_argument("--only", default="", help="only directories whose name contains this")
    parser.add_argument("--failures", action="store_true", help="say why each failure failed")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    whole = Count()
    print(f"{'directory':58}{'results':>8}{'value':>7}{'null':>6}{'failed':>8}")
    for folder in folders(options.path, options.only):
        count = run_folder(folder, options.exact)
        name = f"{folder.parent.name[-1]}/{folder.name}"
        print(f"{name:58}{count.total:8}{count.by_value:7}{count.by_null:6}{len(count.failed):8}")
        for case, reason in count.failed if options.failures else ():
            print(f"    {case}: {reason[:300]}")
        whole.total += count.total
        whole.by_value += count.by_value
        whole.by_null += count.by_null
        whole.cases += count.cases
        whole.cases_passed += count.cases_passed
        whole.failed += count.failed
        whole.external += count.external
    report(whole, time.perf_counter() - began, options.json)
    return 1 if len(whole.failed) > whole.external or not whole.total else 0


def report(whole: Count, seconds: float, as_json: bool) -> None:
    """Print the totals."""
    passed = whole.by_value + whole.by_null
    print(f"\n{passed} of {whole.total} results passed: {whole.by_value} by value, {whole.by_null} by null;")
    print(f"{whole.cases_passed} of {whole.cases} test cases passed; {seconds:.1f} s")
    if as_json:
        summary = {
            "total": whole.total,
            "passed": passed,
            "passed_value": whole.by_value,
            "passed_null": whole.by_null,
            "cases": whole.cases,
            "cases_passed": whole.cases_passed,
            "external": whole.external,
            "failed": [name for name, _ in whole.failed],
        }
        print(json.dumps(summary, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
