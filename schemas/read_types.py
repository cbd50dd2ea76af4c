"""Second step: what every field means in rules; types of computed fields follow from their rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fachwerk.problems import Problems
from fachwerk.rules.check import check
from fachwerk.rules.parser import parse
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    AnyType,
    ContextType,
    ListType,
    OptionType,
    RecordType,
    Type,
    Typed,
)
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Node, Scalar, rule_text
from fachwerk.schemas.model import Kind
from fachwerk.schemas.read_world import Draft, FieldDraft, World
from fachwerk.schemas.wording import both

_FILE = ContextType((("id", Typed(STRING)), ("name", Typed(STRING)), ("size", Typed(NUMBER)), ("type", Typed(STRING))))
_ADDRESS = ContextType(tuple((part, Typed(STRING)) for part in ("street", "postal_code", "city", "country")))
_POINT = ContextType((("latitude", Typed(NUMBER)), ("longitude", Typed(NUMBER))))

SIMPLE: Mapping[str, AnyType] = MappingProxyType(
    {
        **dict.fromkeys(("text", "long_text", "rich_text", "email", "phone", "url", "iban", "color"), STRING),
        **dict.fromkeys(("sequence", "secret"), STRING),
        **dict.fromkeys(("integer", "decimal", "percent", "money", "rating"), NUMBER),
        "boolean": BOOLEAN,
        "date": DATE,
        "time": TIME,
        "datetime": DATE_TIME,
        "duration": DAYS_TIME,
        "address": _ADDRESS,
        "geo_point": _POINT,
        "json": ANY,
        **dict.fromkeys(("file", "image"), _FILE),
        **dict.fromkeys(("files", "images"), ListType(Typed(_FILE, nullable=False))),
    }
)
"""The type of each kind that needs nothing else to be known."""

LISTS = frozenset({"files", "images", "choices", "links", "back_links", "rows"})
"""Kinds whose values are lists: empty rather than null."""


def type_all(world: World) -> None:
    """Fill the record types of all drafts; computed fields without a kind are still open."""
    for draft in world.entities.values():
        _find_mine(world, draft)
    for draft in world.entities.values():
        _type_draft(world, draft, None)


def _find_mine(world: World, draft: Draft) -> None:
    """``my person`` needs exactly one field of kind user."""
    users = [one for one in draft.fields.values() if one.kind == "user" and not one.fixed.get("system")]
    if len(users) == 1:
        world.mine[draft.name] = draft.record


def _type_draft(world: World, draft: Draft, parent: Draft | None) -> None:
    some = Typed(STRING, nullable=False)
    draft.members["id"] = some
    if parent is None:
        draft.members["version"] = Typed(NUMBER, nullable=False)
    else:
        draft.members["parent"] = Typed(parent.record, nullable=False)
    for made in draft.fields.values():
        made.typed = _typed(world, draft, made)
        draft.members[made.name] = made.typed
        if made.rows:
            _type_draft(world, made.rows, draft)


def _typed(world: World, draft: Draft, made: FieldDraft) -> Typed:
    if made.fixed.get("broken") or made.kind is None:
        return Typed(ANY)
    type_ = _type(world, draft, made)
    return Typed(type_, nullable=made.kind not in LISTS and not _always(made))


def _always(made: FieldDraft) -> bool:
    """Whether a record that is there has a value in this field."""
    if made.computed is not None:
        return False
    required = made.must is not None or nodes.truth(made.key("required")) or made.fixed.get("must")
    hidden = made.key("visible") is not None
    return made.kind == "sequence" or made.name in ("created", "changed") or bool(required and not hidden)


def _type(world: World, draft: Draft, made: FieldDraft) -> AnyType:
    kind = made.kind
    if kind in ("choice", "choices"):
        options = made.options or tuple(option_names(made.key("options")))
        of = made.fixed.get("option_of") or f"{draft.name}.{made.name}"
        option = OptionType(of, options)
        return option if kind == "choice" else ListType(Typed(option, nullable=False))
    if kind == "user":
        return world.user
    if kind in ("link", "tree"):
        return record_of(world, made.to)
    if kind == "links":
        return ListType(Typed(record_of(world, made.to), nullable=False))
    if kind == "back_links":
        return _back(world, draft, made)
    if kind == "rows":
        return ListType(Typed(made.rows.record, nullable=False)) if made.rows else ANY
    return SIMPLE[kind or "json"]


def option_names(node: Node | None) -> list[str]:
    """Return the names of options, written as a list or as a map."""
    listed = [word.text for word in nodes.words(node)] or [key.text for key, _ in nodes.pairs(node)]
    return list(dict.fromkeys(listed))


def record_of(world: World, to: tuple[str, ...]) -> AnyType:
    """Return the type of a link: the record, or what the records of several entities have in common."""
    drafts = [world.entities[name] for name in to]
    if not drafts:
        return ANY
    if len(drafts) == 1:
        return drafts[0].record
    some = Typed(STRING, nullable=False)
    common: dict[str, Typed] = {"id": some}
    world.later.append(lambda: _common(common, drafts))
    return RecordType("|".join(to), common)


def _common(common: dict[str, Typed], drafts: list[Draft]) -> None:
    first, *rest = drafts
    for name, typed in first.members.items():
        others = [draft.members.get(name) for draft in rest]
        if all(other is not None and other.type == typed.type for other in others):
            common[name] = Typed(typed.type, any(one is None or one.nullable for one in (typed, *others)))


def _back(world: World, draft: Draft, made: FieldDraft) -> AnyType:
    """The records whose link leads here; ``of: permit.plot`` names it."""
    if made.inverse is None:
        made.inverse = _named_back(world, draft, made)
    if made.inverse is None:
        return ANY
    return ListType(Typed(world.entities[made.inverse[0]].record, nullable=False))


def _named_back(world: World, draft: Draft, made: FieldDraft) -> tuple[str, str] | None:
    at = nodes.scalar(made.key("of"))
    if at is None:
        return None
    entity, dot, field = at.text.partition(".")
    other = world.entities.get(entity)
    if other is None:
        if not world.knows("entity", entity):
            names.say_unknown(world.problems, at.span, "entity", entity, list(world.entities))
        return None
    leading = {one.name: one for one in other.fields.values() if draft.name in one.to and one.kind != "back_links"}
    if field in leading:
        return entity, field
    if not dot:
        listed = ", ".join(f"{entity}.{one}" for one in leading) or "-"
        kind = both("a whole entity", "eine ganze Entität")
        problem = codes.BACK_LINK_NOT_LINK.at(at.span, field=entity, entity=draft.name, kind=kind, known=listed)
        world.problems.add(problem)
    elif field not in other.fields:
        names.say_unknown(world.problems, at.span, "field", field or at.text, list(leading) or list(other.fields),
                          of=entity)  # fmt: skip
    else:
        world.problems.add(codes.BACK_LINK_NOT_LINK.at(at.span, field=f"{entity}.{field}", entity=draft.name,
                           kind=other.fields[field].kind or "computed",
                           known=", ".join(f"{entity}.{one}" for one in leading) or "-"))  # fmt: skip
    return None


# computed fields without a kind


def infer_computed(world: World) -> None:
    """Find the types of computed fields from their rules; fields may build on each other in any order."""
    open_ = [(draft, made) for draft in all_drafts(world) for made in draft.fields.values()
             if made.kind is None]  # fmt: skip
    for _ in range(12):
        left = [(draft, made) for draft, made in open_ if not _infer(world, draft, made)]
        if len(left) == len(open_):
            break
        open_ = left
    for draft, made in open_:
        made.kind = "json"
        draft.members[made.name] = made.typed = Typed(ANY)


def all_drafts(world: World) -> list[Draft]:
    """Return the drafts of entities, relations and, after each, its rows."""
    found: list[Draft] = []
    for draft in world.entities.values():
        found.append(draft)
        found += [made.rows for made in draft.fields.values() if made.rows]
    return found


def _infer(world: World, draft: Draft, made: FieldDraft) -> bool:
    node = made.made or made.computed
    text = rule_text(node) if node is not None else None
    if text is None or (isinstance(node, Scalar) and node.empty):
        return False
    silent = Problems()
    scope = world.scope_of(draft)
    typed = check(parse(text, scope, silent), text, scope, silent).typed
    if silent.errors or typed.type == ANY:
        return False
    made.kind = kind_of(typed.type)
    made.typed = Typed(typed.type, nullable=True)
    draft.members[made.name] = made.typed
    if isinstance(typed.type, RecordType) and typed.type.name in world.entities:
        made.to = (typed.type.name,)
    if isinstance(typed.type, OptionType):
        made.options = typed.type.options
    return True


def kind_of(type_: AnyType) -> Kind:
    """Return the kind that shows values of a type best."""
    if isinstance(type_, OptionType):
        return "choice"
    if isinstance(type_, RecordType):
        return "user" if type_.name == "user" else "link"
    if isinstance(type_, ListType):
        return "links" if isinstance(type_.element.type, RecordType) else "json"
    by_type: dict[AnyType, Kind] = {
        NUMBER: "decimal", STRING: "text", BOOLEAN: "boolean", DATE: "date", TIME: "time", DATE_TIME: "datetime",
        DAYS_TIME: "duration",
    }  # fmt: skip
    return by_type.get(type_, "json") if isinstance(type_, Type) else "json"
