"""Reads workflows: states, transitions, deadlines and effects, and the fields they give their entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fachwerk.rules.types import BOOLEAN, DATE_TIME, STRING, ListType, OptionType, RecordType, Typed
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, MapNode, Node, Scalar
from fachwerk.schemas.model import Option, Part, Rule, State, Transition, Workflow
from fachwerk.schemas.names import RESERVED_FIELDS, check_name
from fachwerk.schemas.read_deadlines import known_words, outline_due, period_at, read_deadline, reserve
from fachwerk.schemas.read_effects import performers, read_effects
from fachwerk.schemas.read_enclosing import made_by_documents
from fachwerk.schemas.read_layout import known_names
from fachwerk.schemas.read_parts import each_types, read_each, read_needs, read_waiting
from fachwerk.schemas.read_types import option_names
from fachwerk.schemas.read_world import Draft, FieldDraft, World
from fachwerk.schemas.wording import both

# the fields a workflow makes, before any rule is read


def outline_workflows(world: World) -> None:
    """Give entities the fields of their workflows: state, due date, marks and what ``set`` makes."""
    for name, document in world.declared["workflow"].items():
        at = nodes.scalar(document.root.get("workflow"))
        if at:
            check_name(at, "workflow", world.problems)
        draft = entity_of(world, document)
        if draft is not None:
            draft.workflows.append(name)
            _state_field(world, draft, name, document)
            more_fields(world, draft, document)


def outline_automations(world: World) -> None:
    """Give entities the fields that automations mark."""
    for document in world.declared["automation"].values():
        draft = world.entities.get(nodes.text(document.root.get("of")) or "")
        if draft is not None:
            _made_by_marks(draft, document.root.get("do"))
            made_by_documents(world, draft, document.root.get("do"))


def entity_of(world: World, document: Document) -> Draft | None:
    """Return the draft of the entity that a document is ``of``."""
    at = nodes.scalar(document.root.get("of"))
    if at is None:
        return None
    draft = world.entities.get(at.text)
    if draft is None and not world.knows("entity", at.text):
        names.say_unknown(world.problems, at.span, "entity", at.text, list(world.entities))
    return draft


def state_field(document: Document) -> str:
    """Return the name of the field that holds the state."""
    return nodes.text(document.root.get("field")) or "state"


def _state_field(world: World, draft: Draft, name: str, document: Document) -> None:
    at = nodes.scalar(document.root.get("field"))
    if at:
        check_name(at, "field", world.problems, RESERVED_FIELDS)
    field = state_field(document)
    where = at.span if at else document.root.pairs["workflow"][1].span
    there = draft.fields.get(field)
    if there is not None:
        code = codes.STATE_FIELD_SHARED if there.fixed.get("workflow") else codes.STATE_FIELD_TAKEN
        note = both("it is this one", "es ist dieses")
        world.problems.add(code.at(where, entity=draft.name, field=field, workflow=name, related=[(there.span, note)]))
        return
    states = tuple(key.text for key, _ in nodes.pairs(document.root.get("states")))
    options = tuple(state_option(world, name, key, node) for key, node in nodes.pairs(document.root.get("states")))
    label = both("State", "Status") if field == "state" else None
    fixed = {"system": True, "options": options, "must": True, "workflow": name, "option_of": f"{draft.name}.{field}"}
    draft.fields[field] = FieldDraft(field, "choice", where, fixed={**fixed, "label": label}, options=states)


def state_option(world: World, workflow: str, key: Scalar, node: Node) -> Option:
    """Return a state as an option of the state field."""
    label = world.label(nodes.get(node, "label"), key.text, f"{workflow}.{key.text}")
    return Option(key.text, label, nodes.text(nodes.get(node, "color")))


def more_fields(world: World, draft: Draft, document: Document) -> None:
    """Give an entity what a workflow makes besides the state: the due date, marks, and what ``set`` makes."""
    deadlines = document.root.get("deadlines")
    outline_due(world, draft, document)
    for _, node in nodes.pairs(document.root.get("transitions")):
        _made_by_set(draft, nodes.get(node, "set"))
        _made_by_marks(draft, nodes.get(node, "do"))
        made_by_documents(world, draft, nodes.get(node, "do"))
    for _, node in nodes.pairs(deadlines):
        _made_by_marks(draft, nodes.get(node, "missed"))
        for warn in nodes.each(nodes.get(node, "warn")):
            _made_by_marks(draft, nodes.get(warn, "do"))
            made_by_documents(world, draft, nodes.get(warn, "do"))
        made_by_documents(world, draft, nodes.get(node, "missed"))


def _made_by_set(draft: Draft, node: Node | None) -> None:
    """``set: {submitted: today()}`` makes a field ``submitted`` unless there is one, or one of a like name."""
    for key, value in nodes.pairs(node):
        if key.text not in draft.fields and names.like(key.text, draft.fields) is None:
            made = FieldDraft(key.text, None, key.span, fixed={"system": True}, made=value)
            draft.fields[key.text] = made


def _made_by_marks(draft: Draft, node: Node | None) -> None:
    for item in nodes.each(node):
        at = nodes.scalar(nodes.get(item, "mark"))
        if at and at.text not in draft.fields and names.like(at.text, draft.fields) is None:
            draft.fields[at.text] = FieldDraft(at.text, "boolean", at.span, fixed={"system": True})


def add_opinions(world: World) -> None:
    """Give rules the list ``opinions`` where a workflow has parallel states."""
    for name, document in world.declared["workflow"].items():
        of = nodes.text(document.root.get("of"))
        draft = world.entities.get(of) if of else None
        if draft is None or name not in draft.workflows:
            continue
        nodes_of = world.workflows_of(draft)
        parts, outcomes = _parallel(nodes_of)
        if parts:
            reserve(world, draft, ("opinions", "complete", "each"))
            opinion = _opinion(world, draft, parts, outcomes, each_types(world, draft, nodes_of))
            draft.members["opinions"] = Typed(ListType(opinion), nullable=False)


def _parallel(documents: list[Document]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parts and outcomes of all workflows of an entity."""
    parts: dict[str, None] = {}
    outcomes: dict[str, None] = {}
    for _, state in (pair for document in documents for pair in nodes.pairs(document.root.get("states"))):
        for key, part in nodes.pairs(nodes.get(state, "parallel")):
            parts[key.text] = None
            outcomes.update(dict.fromkeys(option_names(nodes.get(part, "outcomes")) or ("approve", "object")))
    return tuple(parts), tuple(outcomes)


def _opinion(
    world: World, draft: Draft, parts: tuple[str, ...], outcomes: tuple[str, ...], each: Typed | None
) -> Typed:  # fmt: skip
    some = f"{draft.name}.opinions"
    fields = {
        "id": Typed(STRING, nullable=False),
        "part": Typed(OptionType(f"{some}.part", parts), nullable=False),
        "outcome": Typed(OptionType(f"{some}.outcome", outcomes), nullable=False),
        "by": Typed(world.user, nullable=False),
        "deputy": Typed(world.user),
        "at": Typed(DATE_TIME, nullable=False),
        "comment": Typed(STRING),
        **({"each": each} if each is not None else {}),
    }
    return Typed(RecordType(some, fields), nullable=False)


# the workflow itself


def read_workflow(world: World, name: str, document: Document, draft: Draft) -> Workflow:
    """Return a workflow whose entity is known."""
    root = document.root
    steps = _steps(root)
    states = {key.text: _state(world, name, draft, key, node, steps) for key, node in nodes.pairs(root.get("states"))}
    at = root.pairs["workflow"][1].span
    transitions = {
        key.text: _transition(world, draft, name, key, node, states, root)
        for key, node in nodes.pairs(root.get("transitions"))
    }
    deadlines = {
        key.text: read_deadline(world, draft, name, key, node, root=root)
        for key, node in nodes.pairs(root.get("deadlines"))
    }
    label = world.label(root.get("label"), name, name)
    cases: Literal["keep", "move"] = "keep" if nodes.text(root.get("cases")) == "keep" else "move"
    return Workflow(name, draft.name, state_field(document), label, at, states, transitions, deadlines, cases)


def _steps(root: MapNode) -> list[str]:
    """Return the names of what people do in a workflow: transitions and parts."""
    states = (state for _, state in nodes.pairs(root.get("states")))
    parts = (part.text for state in states for part, _ in nodes.pairs(nodes.get(state, "parallel")))
    return list(dict.fromkeys((*(key.text for key, _ in nodes.pairs(root.get("transitions"))), *parts)))


def _state(world: World, workflow: str, draft: Draft, key: Scalar, node: Node, steps: list[str]) -> State:
    check_name(key, "state", world.problems)
    option = next((one for field in draft.fields.values() if field.fixed.get("workflow") == workflow
                   for one in field.fixed["options"] if one.name == key.text), None)  # fmt: skip
    label = option.label if option else world.label(nodes.get(node, "label"), key.text, f"{workflow}.{key.text}")
    fields = draft.fields
    editable = nodes.get(node, "editable")
    return State(
        name=key.text,
        label=label,
        span=key.span,
        initial=bool(nodes.truth(nodes.get(node, "initial"))),
        final=bool(nodes.truth(nodes.get(node, "final"))),
        color=nodes.text(nodes.get(node, "color")),
        parallel=tuple(
            _part(world, draft, f"{workflow}.{key.text}", part, value, nodes.get(node, "parallel"), steps)
            for part, value in nodes.pairs(nodes.get(node, "parallel"))
        ),
        editable=None if editable is None else known_names(world, draft, editable, fields),
        read_only=known_names(world, draft, nodes.get(node, "read_only"), fields),
        required=known_names(world, draft, nodes.get(node, "required"), fields),
        needs=nodes.whole(nodes.get(node, "needs")),
        waits_for=read_waiting(world, draft, nodes.get(node, "waits_for")),
    )


def _part(
    world: World, draft: Draft, owner: str, key: Scalar, node: Node, others: Node | None, steps: list[str]
) -> Part:  # fmt: skip
    check_name(key, "part", world.problems)
    owner = f"{owner}.{key.text}"
    each, of, scope = read_each(world, draft, nodes.get(node, "each"))
    return Part(
        name=key.text,
        label=world.label(nodes.get(node, "label"), key.text, owner),
        by=performers(world, nodes.get(node, "by"), scope),
        needs=read_needs(nodes.get(node, "needs"), each),
        each=each,
        each_of=of,
        outcomes=_outcomes(world, nodes.get(node, "outcomes"), owner),
        within=period_at(nodes.get(node, "within")),
        span=key.span,
        after=known_words(world, node, "after", "part", [other.text for other, _ in nodes.pairs(others)], owner),
        not_by=_not_by(world, nodes.get(node, "not_by"), [one for one in steps if one != key.text], owner),
    )


_STANDARD = (
    Option("approve", both("Approve", "Zustimmen"), "green"),
    Option("object", both("Object", "Einwände erheben"), "red"),
)


def _outcomes(world: World, node: Node | None, owner: str) -> tuple[Option, ...]:
    listed: list[tuple[Scalar, Node | None]] = [(word, None) for word in nodes.words(node)]
    listed += nodes.pairs(node)
    standard = {option.name: option for option in _STANDARD}
    found = []
    for key, value in listed:
        known = standard.get(key.text)
        if known and value is None:
            found.append(known)
        else:
            found.append(_as_outcome(world, key, value, f"{owner}.{key.text}"))
    return tuple(found) or _STANDARD


def _as_outcome(world: World, key: Scalar, value: Node | None, owner: str) -> Option:
    full = nodes.get(value, "label") is not None or nodes.get(value, "color") is not None
    label = world.label(nodes.get(value, "label") if full else value, key.text, owner)
    return Option(key.text, label, nodes.text(nodes.get(value, "color")) if full else None)


def _states(world: World, node: Node | None, states: Mapping[str, State], workflow: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in nodes.words(node):
        if word.text not in states:
            names.say_unknown(world.problems, word.span, "state", word.text, list(states), of=workflow)
        else:
            found[word.text] = None
    return tuple(found)


def _transition(
    world: World, draft: Draft, workflow: str, key: Scalar, node: Node, states: Mapping[str, State], root: MapNode
) -> Transition:
    check_name(key, "transition", world.problems)
    owner = f"{workflow}.{key.text}"
    if nodes.get(node, "by") is not None:
        world.done_by.add((workflow, key.text))
    scope = world.scope_of(draft)
    around = world.scope({**draft.members, "complete": Typed(BOOLEAN, nullable=False)})
    target = _states(world, nodes.get(node, "to"), states, workflow)
    return Transition(
        name=key.text,
        label=world.label(nodes.get(node, "label"), key.text, owner),
        span=key.span,
        source=_states(world, nodes.get(node, "from"), states, workflow),
        target=target[0] if target else "",
        by=performers(world, nodes.get(node, "by"), scope),
        not_by=_not_by(world, nodes.get(node, "not_by"), _steps(root), workflow),
        when=world.condition(nodes.get(node, "when"), around),
        require=known_names(world, draft, nodes.get(node, "require"), draft.fields),
        fill=known_names(world, draft, nodes.get(node, "fill"), draft.fields),
        comment=nodes.text(nodes.get(node, "comment")) or "optional",  # type: ignore[arg-type]
        set=_set(world, draft, nodes.get(node, "set")),
        do=read_effects(world, nodes.get(node, "do"), draft, owner),
        confirm=world.text(nodes.get(node, "confirm"), f"{owner}.confirm"),
        color=nodes.text(nodes.get(node, "color")),
    )


def _not_by(world: World, node: Node | None, known: list[str], owner: str) -> tuple[str, ...]:
    found = []
    for word in nodes.words(node):
        if word.text != "creator" and word.text not in known:
            names.say_unknown(world.problems, word.span, "transition", word.text, [*known, "creator"], of=owner)
        else:
            found.append(word.text)
    return tuple(found)


def _set(world: World, draft: Draft, node: Node | None) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for key, value in nodes.pairs(node):
        made = draft.fields.get(key.text)
        if made is None:
            names.say_unknown(world.problems, key.span, "field", key.text, list(draft.fields), of=draft.name)
            continue
        if made.computed is not None or made.fixed.get("workflow") or made.kind in ("back_links", "sequence"):
            world.problems.add(codes.SET_NOT_POSSIBLE.at(key.span, field=key.text))
        rule = world.rule(value, world.scope_of(draft), Typed(made.typed.type))
        if rule is not None:
            found[key.text] = rule
    return found
