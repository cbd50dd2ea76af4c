"""Reads decisions: what goes in, what comes out, and the table, file or rule in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from fachwerk.problems import Fragment, Problems
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.check import check_table
from fachwerk.rules.tables.model import Hit, Output
from fachwerk.rules.tables.read import Declared, read_hit, read_table
from fachwerk.rules.tables.sheets import Sheet
from fachwerk.rules.types import ANY, ContextType, FunctionType, ListType, OptionType, Typed
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, ListNode, MapNode, Node, Scalar, rule_text
from fachwerk.schemas.model import Decision
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_types import SIMPLE, option_names
from fachwerk.schemas.read_world import World
from fachwerk.schemas.wording import both

TYPES = {
    **SIMPLE,
    **{"number": SIMPLE["decimal"], "string": SIMPLE["text"], "date and time": SIMPLE["datetime"], "any": ANY},
}
"""What may stand for a type beside ``entity.field``: field kinds and the names of the rule language."""

_WHOLE = frozenset({"integer", "rating"})


def type_decisions(world: World) -> None:
    """Find out what decisions take and give, so that rules can call them."""
    for name, document in world.declared["decision"].items():
        at = nodes.scalar(document.root.get("decision"))
        if at:
            check_name(at, "decision", world.problems)
        given = list(nodes.pairs(document.root.get("inputs")))
        inputs = tuple((key.text, type_of(world, value)) for key, value in given)
        world.input_spans[name] = {key.text: key.span for key, _ in given}
        output = _output(world, name, document.root.get("output"))
        if inputs:
            world.functions[name] = FunctionType(inputs, output)
        else:
            world.constants[name] = output


def type_of(world: World, node: Node | None) -> Typed:
    """Return the type that a word stands for: a kind, a type of the rule language, ``entity`` or ``entity.field``."""
    at = nodes.scalar(node)
    if at is None:
        return Typed(ANY)
    if at.text in TYPES:
        return Typed(TYPES[at.text])
    entity, dot, field = at.text.partition(".")
    draft = world.entities.get(entity)
    if draft is None:
        if not world.knows("entity", entity):
            names.say_unknown(world.problems, at.span, "type", at.text, [*world.entities, *TYPES])
        return Typed(ANY)
    if not dot:
        return Typed(draft.record)
    if field not in draft.members:
        names.say_unknown(world.problems, at.span, "field", field, list(draft.fields), of=entity)
        return Typed(ANY)
    return Typed(draft.members[field].type)


def of_options(node: Node | None) -> bool:
    """Whether a result is a choice, written like a field: ``{type: choice, options: [simple, expert]}``."""
    return isinstance(node, MapNode) and set(node.pairs) == {"type", "options"}


def _output(world: World, name: str, node: Node | None) -> Typed:
    if of_options(node):
        return Typed(OptionType(name, tuple(option_names(nodes.get(node, "options")))))
    if isinstance(node, MapNode):
        return Typed(ContextType(tuple((key.text, type_of(world, value)) for key, value in nodes.pairs(node))))
    return type_of(world, node)


def read_decision(world: World, name: str, document: Document, files: Mapping[str, bytes]) -> Decision:
    """Return a decision, read and checked."""
    root = document.root
    function = world.functions.get(name)
    parameters = function.parameters if function else ()
    output = _result(root, function.result if function else world.constants[name])
    others = {one: typed for one, typed in world.functions.items() if one != name}
    constants = {one: typed for one, typed in world.constants.items() if one != name}
    scope = Scope({**constants, **dict(parameters)}, decisions=others)
    at = nodes.scalar(root.get("decision"))
    body = _body(world, name, document, output, scope, files)
    label = world.label(root.get("label"), name, name)
    return Decision(name, label, at.span if at else document.word.span, parameters, output, body)


def _result(root: MapNode, output: Typed) -> Typed:
    """``collect`` without an aggregation, and the policies that keep the order, give a list."""
    hit = (nodes.text(root.get("hit")) or "unique").lower().replace("_", " ")
    return Typed(ListType(output)) if hit in ("collect", "rule order", "output order") else output


def _body(
    world: World, name: str, document: Document, output: Typed, scope: Scope, files: Mapping[str, bytes]
) -> object:
    root = document.root
    bodies = [key for key in ("table", "rows", "file", "rule") if root.get(key) is not None]
    if len(bodies) != 1:
        there = both(" and ".join(bodies) or "none", " und ".join(bodies) or "keines")
        world.problems.add(codes.DECISION_BODY.at(root.pairs["decision"][1].span, found=there))
    rule = root.get("rule")
    if rule is not None:
        made = world.rule(rule, scope, output)
        return made.checked if made else None
    body = _table_text(world, document, files)
    if body is None:
        return None
    declared = _declared(world, name, root, output)
    found = Problems()
    table = read_table(body, declared, found)
    checked = check_table(table, scope, found) if table is not None else None
    vague = world.lost or world.damaged or any(typed.type == ANY for typed in scope.names.values())
    world.problems.extend(one for one in found if not (vague and one.code.startswith("unknown-")))
    return checked


def _declared(world: World, name: str, root: MapNode, output: Typed) -> Declared:
    hit_at = nodes.scalar(root.get("hit"))
    hit = read_hit(hit_at.fragment, world.problems) if hit_at else Hit()
    element = output.type.element if isinstance(output.type, ListType) and hit.aggregation is None else output
    node = root.get("output")
    whole = frozenset(key.text for key, value in nodes.pairs(root.get("inputs")) if _is_whole(world, value))
    span = (node or root).span
    default = rule_text(root.get("default")) if root.get("default") is not None else None  # type: ignore[arg-type]
    if isinstance(node, MapNode) and not of_options(node) and isinstance(element.type, ContextType):
        by_name = {key.text: (key.span, root.get("default")) for key, _ in nodes.pairs(node)}
        outputs = tuple(
            Output(one, by_name[one][0], typed, default=_part_default(root, one)) for one, typed in element.type.entries
        )
        return Declared(name, hit, outputs, root.pairs["decision"][1].span, True, whole)
    single = Output(name, span, element, default=default)
    return Declared(name, hit, (single,), root.pairs["decision"][1].span, False, whole)


def _part_default(root: MapNode, name: str) -> Fragment | None:
    node = nodes.get(root.get("default"), name)
    return rule_text(node) if node is not None else None


def _is_whole(world: World, node: Node) -> bool:
    word = nodes.text(node) or ""
    entity, _, field = word.partition(".")
    draft = world.entities.get(entity)
    kind = draft.fields[field].kind if draft and field in draft.fields else word
    return kind in _WHOLE


def _table_text(
    world: World, document: Document, files: Mapping[str, bytes]
) -> Fragment | Sequence[Sequence[tuple[Fragment, Fragment]]] | Sheet | None:
    root = document.root
    table, rows, file = root.get("table"), root.get("rows"), nodes.scalar(root.get("file"))
    if isinstance(table, Scalar) and not table.empty:
        return table.fragment
    if isinstance(table, ListNode) or isinstance(rows, ListNode):
        return _rows(rows if isinstance(rows, ListNode) else table)
    if file is not None:
        return _sheet(world, document, file, files)
    return None


def _rows(node: Node | None) -> list[list[tuple[Fragment, Fragment]]]:
    found = []
    for item in nodes.each(node):
        cells = [(key.fragment, rule_text(value)) for key, value in nodes.pairs(item)]
        found.append([(key, value) for key, value in cells if value is not None])
    return found


def _sheet(world: World, document: Document, at: Scalar, files: Mapping[str, bytes]) -> Sheet | None:
    name, _, part = at.text.partition("#")
    folder = PurePosixPath(document.word.source.name).parent
    for path in (str(folder / name), name):
        if path in files:
            return Sheet(path, files[path], part or None) if part else Sheet(path, files[path])
    known = [path for path in files if path.lower().endswith((".csv", ".xlsx"))]
    names.say_unknown(world.problems, at.span, "file", at.text, known)
    return None
