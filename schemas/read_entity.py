"""First step with entities, relations and rows: which fields there are, and where they lead. No rule is read yet."""

from __future__ import annotations

from typing import Any, get_args

from fachwerk.problems import Span
from fachwerk.rules.types import RecordType
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.codes_project import LISTED_TWICE
from fachwerk.schemas.document import Document, MapNode, Node, Scalar
from fachwerk.schemas.model import Kind
from fachwerk.schemas.names import LONGEST_ROWS, RESERVED_ENTITIES, RESERVED_FIELDS, check_name
from fachwerk.schemas.read_world import Draft, FieldDraft, World
from fachwerk.schemas.wording import both

KINDS: frozenset[str] = frozenset(get_args(Kind)) - {"computed"}


def outline(world: World) -> None:
    """Make drafts of all entities and relations, with the fields that follow from them."""
    for word in ("entity", "relation"):
        for name, document in world.declared[word].items():
            at = nodes.scalar(document.root.get(word))
            if at:
                check_name(at, word, world.problems, RESERVED_ENTITIES)
                world.entities[name] = Draft.of(name, at.span, document.root)
                if word == "entity" and not isinstance(document.root.get("fields"), MapNode):
                    # rules cannot be judged where fields are missing
                    world.damaged |= {name}
    for name, document in world.declared["relation"].items():
        _ends(world, world.entities[name], document)
    for draft in list(world.entities.values()):
        read_fields(world, draft, draft.node.get("fields"))
    for name in world.declared["relation"]:
        _valid(world, world.entities[name])
    for name, document in world.declared["relation"].items():
        _back_links(world, world.entities[name], document)


def add_system_fields(draft: Draft) -> None:
    """Add what the engine keeps of every record."""
    made = (
        ("created", "datetime", both("Created", "Angelegt")),
        ("changed", "datetime", both("Changed", "Geändert")),
        ("created_by", "user", both("Created by", "Angelegt von")),
        ("changed_by", "user", both("Changed by", "Geändert von")),
    )
    for name, kind, label in made:
        add_made(draft, FieldDraft(name, kind, draft.span, fixed={"label": label, "system": True}))  # type: ignore[arg-type]


def add_made(draft: Draft, made: FieldDraft) -> None:
    """Add a field of the engine unless the author has one of that name."""
    draft.fields.setdefault(made.name, made)


# fields


def read_fields(world: World, draft: Draft, node: Node | None) -> None:
    """Add the fields that *node* declares to *draft*."""
    for key, value in nodes.pairs(node):
        if nodes.truth(nodes.get(value, "drop")):
            continue
        reserved = RESERVED_FIELDS | (_ROWS if draft.parent else frozenset())
        check_name(key, "field", world.problems, reserved)
        if key.text in draft.fields:
            names.say_duplicate(world.problems, key.span, draft.fields[key.text].span, "field", key.text)
            continue
        made = _short(world, draft, key, value) if isinstance(value, Scalar) else _long(world, draft, key, value)
        if made:
            draft.fields[key.text] = made


def _short(world: World, draft: Draft, key: Scalar, value: Scalar) -> FieldDraft | None:
    """``name: text!``."""
    if value.empty:
        return None
    word, must = value.text.strip(), None
    if word.endswith("!"):
        word, must = word[:-1].strip(), Span(value.source, value.end - 1, value.end)
    at = Scalar(value.source, value.start, value.start + max(len(word), 1), word)
    kind = _kind(world, at)
    if kind and kind in codes.NEEDS:
        what, example = codes.NEEDS[kind]
        world.problems.add(codes.NEEDS_MORE.at(at.span, field=key.text, kind=kind, what=what, example=example))
    made = FieldDraft(key.text, kind or "text", key.span, None, must, typed_broken(kind))
    _leads(world, draft, made)
    return made


_ROWS = frozenset({"parent", "position"})
"""What every line of rows has: the record it belongs to, and its place among the others."""


def typed_broken(kind: str | None) -> dict[str, object]:
    """A field whose kind is unknown is read as a text; rules over it are not judged."""
    return {} if kind else {"broken": True}


def _kind(world: World, at: Scalar) -> Kind | None:
    if at.text in KINDS:
        return at.text  # type: ignore[return-value]
    names.say_unknown_kind(world.problems, at.span, at.text, KINDS)
    return None


def _long(world: World, draft: Draft, key: Scalar, value: Node) -> FieldDraft | None:
    if not isinstance(value, MapNode):
        return None
    at = nodes.scalar(value.get("type"))
    if at is None:
        computed = value.get("computed") is not None
        fixed = {} if computed else typed_broken(None)
        return FieldDraft(key.text, None if computed else "text", key.span, value, fixed=fixed)
    kind = _kind(world, at)
    made = FieldDraft(key.text, kind or "text", key.span, value, fixed=typed_broken(kind))
    _leads(world, draft, made)
    return made


def _leads(world: World, draft: Draft, made: FieldDraft) -> None:
    """Find out where a field leads."""
    if made.kind in ("link", "links"):
        made.to = targets(world, made.key("to"))
        if made.kind == "links" and len(made.to) > 1:
            names_of = ", ".join(made.to)
            world.problems.add(codes.LINKS_TO_SEVERAL.at(made.span, field=made.name, names=names_of))
    elif made.kind == "tree":
        made.to = (draft.name,)
        if draft.record.tree or draft.parent:
            world.problems.add(codes.SECOND_TREE.at(made.span, entity=draft.name, field=made.name))
        else:
            draft.record = RecordType(draft.name, draft.members, tree=made.name, valid=draft.record.valid)
    elif made.kind == "rows":
        made.rows = _rows(world, draft, made)


def targets(world: World, node: Node | None) -> tuple[str, ...]:
    """Return the entities that a link may lead to."""
    found: list[str] = []
    for word in nodes.words(node):
        if word.text in found:
            world.problems.add(LISTED_TWICE.at(word.span, name=word.text))
        elif word.text in world.entities:
            found.append(word.text)
        elif not world.knows("entity", word.text):
            names.say_unknown(world.problems, word.span, "entity", word.text, list(world.entities))
    return tuple(found)


def _rows(world: World, draft: Draft, made: FieldDraft) -> Draft | None:
    if made.node is None or draft.parent:
        if draft.parent:
            world.problems.add(codes.ROWS_IN_ROWS.at(made.span, field=made.name))
        return None
    name = f"{draft.name}.{made.name}"
    if len(name) + 1 > LONGEST_ROWS:
        at = made.span
        world.problems.add(names.NAME_TOO_LONG.at(at, name=name, limit=LONGEST_ROWS - 1, length=len(name)))
    rows = Draft.of(name, made.span, made.node, parent=(draft.name, made.name))
    read_fields(world, rows, made.node.get("fields"))
    return rows


# relations

_ENDS = {"from": both("From", "Von"), "to": both("To", "An")}
"""Labels of ends that neither the file nor the one entity they lead to names."""


def _ends(world: World, draft: Draft, document: Document) -> None:
    """Add the links that a relation has to both its ends."""
    spoken = [_end(world, document.root, side) for side in ("from", "to")]
    (source_name, source, source_at), (target_name, target, target_at) = spoken
    if source_name is None and target_name is None and source == target:
        source_name, target_name = "from", "to"
    first = source_name or _spoken(document.root.get("from")) or "from"
    second = target_name or _spoken(document.root.get("to")) or "to"
    if first == second:
        first, second = (first, "to") if target_name is None else ("from", second)
    for name, to, at in ((first, source, source_at), (second, target, target_at)):
        label = None
        if len(to) == 1 and to[0] in world.declared["entity"]:
            label = world.declared["entity"][to[0]].root.get("label")
        fixed: dict[str, Any] = {"must": True, "label_node": label, "on_delete": "delete"}
        if label is None and name in _ENDS:
            fixed["label"] = _ENDS[name]
        draft.fields[name] = FieldDraft(name, "link", at, to=to, fixed=fixed)
    draft.ends = (first, second)


def _spoken(node: Node | None) -> str | None:
    """The entity at an end, where it is one: as written, whether there is one of that name or not."""
    written = [word.text for word in nodes.words(nodes.get(node, "to") if isinstance(node, MapNode) else node)]
    return written[0] if len(written) == 1 else None


def _end(world: World, root: MapNode, side: str) -> tuple[str | None, tuple[str, ...], Span]:
    node = root.get(side)
    key = root.key(side)
    at = key.span if key else root.span
    if not isinstance(node, MapNode):
        return None, targets(world, node), at
    name = nodes.scalar(node.get("as"))
    if name:
        check_name(name, "field", world.problems, RESERVED_FIELDS)
        at = name.span
    return name.text if name else None, targets(world, node.get("to")), at


def _valid(world: World, draft: Draft) -> None:
    """Add the two dates of a relation's span of time."""
    node = draft.node.get("valid")
    if not isinstance(node, MapNode):
        return
    found = [nodes.scalar(node.get(side)) for side in ("from", "until")]
    if not (found[0] and found[1]):
        return
    for at, label in zip(found, (both("Since", "Seit"), both("Until", "Bis")), strict=True):
        if at is None:
            continue
        check_name(at, "field", world.problems, RESERVED_FIELDS)
        there = draft.fields.get(at.text)
        if there is None:
            draft.fields[at.text] = FieldDraft(at.text, "date", at.span, fixed={"label": label})
        elif there.kind != "date":
            world.problems.add(codes.VALID_NOT_DATE.at(at.span, field=at.text, kind=there.kind or "computed"))
    draft.valid = (found[0].text, found[1].text)
    draft.record = RecordType(draft.name, draft.members, tree=draft.record.tree, valid=draft.valid)


def _back_links(world: World, draft: Draft, document: Document) -> None:
    """Give the entities at both ends of a relation the list of its records."""
    assert draft.ends is not None
    first, second = draft.ends
    inverse = nodes.scalar(document.root.get("inverse"))
    sides = ((first, draft.name, draft.span, "label"), (second, inverse.text if inverse else draft.name,
             inverse.span if inverse else draft.span, "inverse_label"))  # fmt: skip
    for end, name, at, label in sides:
        for entity in draft.fields[end].to:
            other = world.entities[entity]
            if name in other.fields:
                _taken(world, draft, entity, name, at)
                continue
            fixed = {"label_node": document.root.get(label) or document.root.get("label")}
            other.fields[name] = FieldDraft(name, "back_links", at, fixed=fixed, inverse=(draft.name, end))


def _taken(world: World, draft: Draft, entity: str, name: str, at: Span) -> None:
    there = world.entities[entity].fields[name]
    if there.inverse and there.inverse[0] == draft.name:
        world.problems.add(codes.RELATION_NEEDS_INVERSE.at(at, relation=draft.name, entity=entity))
    else:
        note = both("the field is declared here", "hier ist das Feld angegeben")
        world.problems.add(codes.BACK_LINK_TAKEN.at(at, relation=draft.name, entity=entity, name=name,
                                                     related=[(there.span, note)]))  # fmt: skip
