"""Effects that change records or tell other systems: ``set``, ``create``, ``change``, ``step`` and ``webhook``."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.rules.scope import Scope
from fachwerk.rules.types import ANY, ListType, RecordType, Typed
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_parts, nodes
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas.document import MapNode, Node
from fachwerk.schemas.model import Effect, Rule
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_world import Draft, World


def read_doing(world: World, node: MapNode, draft: Draft, word: str) -> Effect | None:
    """Return the effect *word* as written in *node*; ``this`` is the record of *draft* that it follows from."""
    scope = world.scope({**draft.members, "this": Typed(draft.record, nullable=False)})
    at = node.pairs[word][0].span
    if word == "set":
        return Effect("set", at, values=_values(world, node.get("set"), draft, scope))
    if word == "webhook":
        return _webhook(world, node, scope)
    if word == "create":
        return _create(world, node, scope)
    if word == "step":
        return _step(world, node, scope)
    return _change(world, node, scope)


def _webhook(world: World, node: MapNode, scope: Scope) -> Effect | None:
    target = nodes.scalar(node.get("webhook"))
    if target is None:
        return None
    check_name(target, "webhook", world.problems)
    sent = {key.text: rule for key, value in nodes.pairs(node.get("send")) if (rule := world.rule(value, scope))}
    return Effect("webhook", node.pairs["webhook"][0].span, values=sent, target=target.text)


def _create(world: World, node: MapNode, scope: Scope) -> Effect | None:
    target = nodes.scalar(node.get("create"))
    if target is None:
        return None
    other = world.entities.get(target.text)
    if other is None:
        if not world.knows("entity", target.text):
            names.say_unknown(world.problems, target.span, "entity", target.text, list(world.entities))
        return None
    values = _values(world, node.get("values"), other, scope)
    return Effect("create", node.pairs["create"][0].span, values=values, target=target.text)


def _change(world: World, node: MapNode, scope: Scope) -> Effect | None:
    path = world.rule(node.get("change"), scope)
    if path is None:
        return None
    type_ = path.checked.typed.type
    record = type_.element.type if isinstance(type_, ListType) else type_
    other = world.entities.get(record.name) if isinstance(record, RecordType) else None
    at = node.pairs["change"][0].span
    if other is None:
        if path.checked.ok and record != ANY:
            world.problems.add(codes.CHANGE_NO_RECORD.at(path.text.span(), path=path.text.text))
        return None
    return Effect("change", at, values=_values(world, node.get("values"), other, scope), target=other.name, path=path)


def _step(world: World, node: MapNode, scope: Scope) -> Effect | None:
    """Return the step of other records' workflows; it is noted, so that what only follows from it counts as reached."""
    step, at = nodes.scalar(node.get("step")), node.pairs["step"][0].span
    if step is None:
        return None
    if node.get("of") is None:
        world.problems.add(codes_parts.STEP_WITHOUT_OF.at(at, step=step.text))
    path = world.rule(node.get("of"), scope)
    if path is None:
        return None
    type_ = path.checked.typed.type
    record = type_.element.type if isinstance(type_, ListType) else type_
    other = world.entities.get(record.name) if isinstance(record, RecordType) else None
    if other is None or not other.workflows:
        if path.checked.ok and record != ANY:
            world.problems.add(codes_parts.STEP_NO_CASES.at(path.text.span(), path=path.text.text.strip()))
        return None
    flows = {one: world.declared["workflow"][one].root for one in other.workflows}
    known = {key.text: one for one, root in flows.items() for key, _ in nodes.pairs(root.get("transitions"))}
    if step.text not in known:
        names.say_unknown(world.problems, step.span, "transition", step.text, list(known), of=other.name)
        return None
    world.stepped.add((known[step.text], step.text))
    return Effect("step", at, target=other.name, path=path, step=step.text)


def _values(world: World, node: Node | None, draft: Draft, scope: Scope) -> dict[str, Rule]:
    return dict(_given(world, node, draft, scope))


def _given(world: World, node: Node | None, draft: Draft, scope: Scope) -> Iterator[tuple[str, Rule]]:
    for key, value in nodes.pairs(node):
        made = draft.fields.get(key.text)
        if made is None:
            names.say_unknown(world.problems, key.span, "field", key.text, list(draft.fields), of=draft.name)
            continue
        unwritten = made.computed is not None or made.fixed.get("workflow")
        if unwritten or made.kind in ("back_links", "sequence", "rows", "secret", "file", "files", "image", "images"):
            world.problems.add(codes.SET_NOT_POSSIBLE.at(key.span, field=key.text))
        rule = world.rule(value, scope, Typed(made.typed.type))
        if rule is not None:
            yield key.text, rule
