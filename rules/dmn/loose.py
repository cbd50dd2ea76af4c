"""Models of modelers that let a decision use values without a requirement (Camunda Modeler, bpmn.io).

There a name in a decision may be a variable of whoever asks, the id of a required element instead of its name, or the
name of an output of a required table. What strict DMN would take for null is found here and given a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fachwerk.problems import Fragment, Problems
from fachwerk.rules import tree
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tables.model import Table
from fachwerk.rules.types import ANY, Typed
from fachwerk.rules.walk import walk

_PLAIN = re.compile(r"[^\W\d]\w*$")


def aliases(element: dmn.Element) -> tuple[str, ...]:
    """Return under which other names *element* may be used: its id, and the output of its table."""
    names = [element.id]
    if isinstance(element, dmn.Decision) and isinstance(element.logic, dmn.Decide):
        outputs = element.logic.table.outputs
        names += [output.name for output in outputs] if len(outputs) == 1 else []
    return tuple(name for name in names if _PLAIN.match(name) and name != element.variable.name)


def free_names(logic: dmn.Boxed, known: Iterable[str]) -> tuple[dmn.Variable, ...]:
    """Return the names in *logic* that nothing explains: the values that whoever asks has to give."""
    names = tuple(known)
    scope = Scope({name: Typed(ANY) for name in names}, strict=False)
    bound = {*names, *SIGNATURES, "?", "item", "partial", *_entries(logic)}
    found: dict[str, dmn.Variable] = {}
    for text, type_, as_tests in _texts(logic):
        node = parse(text, scope, Problems(), as_tests=as_tests)
        inner = bound | _bound(node)
        for part in walk(node):
            if isinstance(part, tree.Name) and part.name not in inner:
                direct = type_ if part is node else None
                before = found.get(part.name)
                if before is None or (before.type is None and direct is not None):
                    found[part.name] = dmn.Variable(part.name, direct, text.span(part.start, part.end))
    return tuple(found.values())


def _bound(node: tree.Node) -> set[str]:
    """Return the names that parts of an expression bring along."""
    names: set[str] = set()
    for part in walk(node):
        if isinstance(part, tree.For | tree.Quantified):
            names |= {each.name for each in part.each}
        elif isinstance(part, tree.Lambda):
            names |= {name for name, _ in part.parameters}
        elif isinstance(part, tree.ContextOf):
            names |= {name for name, _ in part.entries}
    return names


def _texts(boxed: dmn.Boxed) -> Iterator[tuple[Fragment, str | None, bool]]:
    """Yield every FEEL text of *boxed*, the type that it states, and whether it is a test."""
    if isinstance(boxed, dmn.Literal):
        yield boxed.text, boxed.type, False
    elif isinstance(boxed, dmn.Decide):
        yield from _table_texts(boxed.table, boxed.input_types)
    for inner in _inside(boxed):
        yield from _texts(inner)


def _table_texts(table: Table, types: Sequence[str | None]) -> Iterator[tuple[Fragment, str | None, bool]]:
    for column, type_ in zip(table.inputs, types, strict=True):
        yield column.expression, type_, False
    for row in table.rows:
        yield from ((text, None, True) for text in row.tests if text.text.strip() not in ("", "-"))
        yield from ((text, None, False) for text in row.results if text.text.strip())


def _inside(boxed: dmn.Boxed) -> Sequence[dmn.Boxed]:
    match boxed:
        case dmn.Context(entries=entries):
            return [inner for _, inner in entries]
        case dmn.Items(items=items):
            return items
        case dmn.Relation(rows=rows):
            return [cell for row in rows for cell in row]
        case dmn.Invocation(function=function, bindings=bindings):
            return [function, *(value for _, value in bindings if value is not None)]
        case dmn.Function(body=body) if body is not None:
            return [body]
        case dmn.Conditional(condition=condition, then=then, otherwise=otherwise):
            return [condition, then, otherwise]
        case dmn.Filter(source=source, match=inner):
            return [source, inner]
        case dmn.Iterate(source=source, body=inner):
            return [source, inner]
    return []


def _entries(boxed: dmn.Boxed) -> set[str]:
    """Return the names that boxes bring along: entries, parameters and iterators."""
    names: set[str] = set()
    if isinstance(boxed, dmn.Context):
        names |= {variable.name for variable, _ in boxed.entries if variable is not None}
    elif isinstance(boxed, dmn.Function):
        names |= {parameter.name for parameter in boxed.parameters}
    elif isinstance(boxed, dmn.Iterate):
        names.add(boxed.name)
    return names.union(*[_entries(inner) for inner in _inside(boxed)])
