"""Forms, lists, rights, checks and titles of an entity, with what an expert would have chosen where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fachwerk.problems import Code, Fragment, Problems, Span, Text
from fachwerk.rules.parser import parse
from fachwerk.rules.tree import ContextOf, Filter, For, Lambda, Name, Quantified
from fachwerk.rules.types import STRING, Typed
from fachwerk.rules.walk import walk
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.codes_project import LISTED_TWICE
from fachwerk.schemas.document import ListNode, MapNode, Node, Scalar, rule_text
from fachwerk.schemas.model import Check, Field, Grant, ListLayout, Rule, Section
from fachwerk.schemas.read_template import read_template
from fachwerk.schemas.read_world import Draft, World

_WIDE = frozenset(
    {"long_text", "rich_text", "json", "secret", "file", "files", "image", "images", "rows", "back_links", "address",
     "geo_point", "links", "choices"}
)  # fmt: skip
_SEARCHED = ("text", "email", "phone", "sequence", "url", "iban")
_FILTERED = ("choice", "choices", "boolean", "link", "user", "tree", "date")
_NAMES = ("name", "title", "label", "subject", "number")


def shown_kind(field: Field) -> str:
    """Return the kind that a field is shown as."""
    return field.result or field.kind


# title


def title_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> Rule:
    """Return what names a record to people."""
    given = world.rule(draft.node.get("title"), world.scope_of(draft), Typed(STRING))
    if given is not None:
        return given
    text = Fragment(_title(world, draft, fields), draft.span.source, draft.span.start)
    mapped = Fragment(text.text, text.source, text.base, (draft.span.start,) * (len(text.text) + 1))
    return world.fragment_rule(mapped, world.scope_of(draft))


def _title(world: World, draft: Draft, fields: Mapping[str, Field]) -> str:
    texts = [one.name for one in fields.values() if shown_kind(one) in _SEARCHED and not one.system]
    for name in (*_NAMES, *texts):
        if name in texts:
            return name
    if draft.ends:
        said = [text for end in draft.ends if (text := _title_of_end(world, draft, end))]
        return ' + " – " + '.join(f"({text})" for text in said) or f"string({draft.ends[0]}.id)"
    return "id"


def _title_of_end(world: World, draft: Draft, end: str) -> str | None:
    """Return the title of what a relation leads to, as a rule of the relation, if that can be said."""
    to = draft.fields[end].to
    target = world.entities.get(to[0]) if len(to) == 1 else None
    if target is None:
        return None
    given = target.node.get("title")
    written = rule_text(given) if given is not None else None
    if written is None:
        name = next((name for name in _NAMES if name in target.fields), None)
        return f"{end}.{name}" if name else None
    nodes_of = list(walk(parse(written, world.scope_of(target), Problems())))
    if any(isinstance(node, For | Quantified | Lambda | ContextOf | Filter) for node in nodes_of):
        return None
    text = written.text
    for node in sorted(nodes_of, key=lambda node: -node.start):
        if isinstance(node, Name) and node.name in target.members:
            text = f"{text[: node.start]}{end}.{text[node.start :]}"
    return text


# form


def form_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> tuple[Section, ...]:
    """Return the sections of the form; where none are written all fields in the order of the file."""
    node = draft.node.get("form")
    if not isinstance(node, ListNode):
        shown = [one.name for one in fields.values() if not one.system and one.kind != "back_links"]
        return (Section(None, tuple((name,) for name in shown)),) if shown else ()
    seen: dict[str, Span] = {}
    written = tuple(_section(world, draft, item, fields, seen) for item in node.items if isinstance(item, MapNode))
    # a relation without its ends says nothing, so they are always there
    ends = tuple(end for end in draft.ends or () if end not in seen)
    return (Section(None, (ends,)), *written) if ends else written


def _section(world: World, draft: Draft, node: MapNode, fields: Mapping[str, Field], seen: dict[str, Span]) -> Section:
    rows = []
    for item in nodes.each(node.get("fields")):
        row = [word.text for word in nodes.words(item) if _known(world, draft, word, fields, seen)]
        if row:
            rows.append(tuple(row))
    owner = f"{draft.name}.form"
    label = world.text(node.get("section"), owner)
    visible = node.get("visible")
    rule = world.condition(visible, world.scope_of(draft)) if not nodes.truth(visible) else None
    return Section(label, tuple(rows), rule, world.text(node.get("hint"), owner))


def _known(
    world: World, draft: Draft, word: Scalar, fields: Mapping[str, object], seen: dict[str, Span] | None = None
) -> bool:
    """Whether *word* is a field, and not named before in the same place; says so otherwise."""
    if word.text not in fields:
        names.say_unknown(world.problems, word.span, "field", word.text, list(fields), of=draft.name)
        return False
    if seen is not None and word.text in seen:
        note = {"en": "first named here", "de": "zuerst hier genannt"}
        world.problems.add(LISTED_TWICE.at(word.span, name=word.text, related=[(seen[word.text], note)]))
        return False
    if seen is not None:
        seen[word.text] = word.span
    return True


def known_names(world: World, draft: Draft, node: Node | None, fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return the fields that a list names; says which there are not, or twice."""
    seen: dict[str, Span] = {}
    return tuple(word.text for word in nodes.words(node) if _known(world, draft, word, fields, seen))


# list


def list_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> ListLayout:
    """Return the columns, order, filters and search of the list."""
    node = draft.node.get("list")
    columns = known_names(world, draft, nodes.get(node, "columns"), fields) or _columns(fields)
    filters = nodes.get(node, "filters")
    search = nodes.get(node, "search")
    return ListLayout(
        columns=columns,
        sort=_sort(world, draft, nodes.get(node, "sort"), fields) or _order(fields, columns),
        filters=_filters(fields, columns) if filters is None else _fit(world, draft, filters, fields, _FILTERS),
        search=_searched(fields) if search is None else _fit(world, draft, search, fields, _SEARCHES),
    )


_FILTERS = (
    frozenset(
        {"text", "integer", "decimal", "percent", "money", "boolean", "date", "time", "datetime", "duration", "choice",
         "choices", "email", "phone", "url", "iban", "rating", "sequence", "user", "link", "links", "tree", "color"}
    ),
    codes.NOT_FILTERABLE,
)  # fmt: skip
_SEARCHES = (
    frozenset({"text", "long_text", "rich_text", "email", "phone", "url", "iban", "sequence"}),
    codes.NOT_SEARCHABLE,
)


def _fit(
    world: World, draft: Draft, node: Node, fields: Mapping[str, Field], wanted: tuple[frozenset[str], Code]
) -> tuple[str, ...]:
    """Return the fields that a list names; says which are of a kind that does not go with it."""
    kinds, code = wanted
    seen: dict[str, Span] = {}
    found: list[str] = []
    for word in nodes.words(node):
        if not _known(world, draft, word, fields, seen):
            continue
        kind = shown_kind(fields[word.text])
        if kind in kinds:
            found.append(word.text)
        else:
            world.problems.add(code.at(word.span, field=word.text, kind=kind))
    return tuple(found)


def _columns(fields: Mapping[str, Field]) -> tuple[str, ...]:
    fit = [one for one in fields.values() if shown_kind(one) not in _WIDE]
    own = [one.name for one in fit if not one.system]
    states = [one.name for one in fit if one.system and one.options]
    return (*own[: 6 - len(states)], *states) or tuple(name for name in ("created",) if name in fields)


def _order(fields: Mapping[str, Field], columns: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    for one in fields.values():
        if one.kind == "sequence":
            return ((one.name, True),)
    for name in columns:
        if fields[name].kind in ("text", "date", "datetime", "email"):
            return ((name, fields[name].kind in ("date", "datetime")),)
    return (("changed", True),) if "changed" in fields else ()


def _filters(fields: Mapping[str, Field], columns: Sequence[str]) -> tuple[str, ...]:
    fit = [one for one in fields.values() if shown_kind(one) in _FILTERED and one.name not in _MADE]
    wanted = sorted(fit, key=lambda one: (one.name not in columns, not one.system))
    return tuple(one.name for one in wanted[:6] if one.computed is None or one.stored)


_MADE = frozenset({"created", "changed", "created_by", "changed_by"})


def _searched(fields: Mapping[str, Field]) -> tuple[str, ...]:
    return tuple(one.name for one in fields.values() if one.kind in _SEARCHED and not one.system)


def _sort(world: World, draft: Draft, node: Node | None, fields: Mapping[str, Field]) -> tuple[tuple[str, bool], ...]:
    found: list[tuple[str, bool]] = []
    for word in nodes.words(node):
        down = word.text.startswith("-")
        name = word.text.removeprefix("-").strip()
        start = word.end - len(name) if word.style == "plain" else word.start
        at = Scalar(word.source, start, word.end, name)
        if _known(world, draft, at, fields):
            if shown_kind(fields[name]) in _UNSORTED:
                world.problems.add(codes.NOT_SORTABLE.at(at.span, field=name, kind=shown_kind(fields[name])))
            else:
                found.append((name, down))
    return tuple(found)


_UNSORTED = frozenset(
    {"json", "secret", "file", "files", "image", "images", "rows", "back_links", "address", "geo_point", "links",
     "choices", "rich_text"}
)  # fmt: skip


# rights and checks


def access_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> dict[str, Grant]:
    """Return what each role may do."""
    found: dict[str, Grant] = {}
    for key, node in nodes.pairs(draft.node.get("access")):
        if key.text not in world.roles:
            if not world.knows("role", key.text):
                names.say_unknown(world.problems, key.span, "role", key.text, list(world.roles))
            continue
        world.used.add(("role", key.text))
        scope = world.scope_of(draft)
        found[key.text] = Grant(
            role=key.text,
            create=world.condition(nodes.get(node, "create"), scope),
            read=world.condition(nodes.get(node, "read"), scope),
            update=world.condition(nodes.get(node, "update"), scope),
            delete=world.condition(nodes.get(node, "delete"), scope),
            hide=frozenset(known_names(world, draft, nodes.get(node, "hide"), fields)),
            read_only=frozenset(known_names(world, draft, nodes.get(node, "read_only"), fields)),
            span=key.span,
        )
    return found


def checks_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> tuple[Check, ...]:
    """Return the conditions that a record must meet."""
    found = []
    for at, node in enumerate(nodes.each(draft.node.get("checks")), 1):
        that = world.condition(nodes.get(node, "that"), world.scope_of(draft))
        if that is None or not isinstance(node, MapNode):
            continue
        on = nodes.scalar(node.get("on"))
        if on and not _known(world, draft, on, fields):
            on = None
        message = read_template(world, node.get("else"), world.scope_of(draft), f"{draft.name}.checks.{at}")
        found.append(Check(that, message, on.text if on else None, that.text.span()))
    return tuple(found)


def unique_of(world: World, draft: Draft, fields: Mapping[str, Field]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of fields of which no two records may have the same values."""
    node = draft.node.get("unique")
    found = []
    for item in node.items if isinstance(node, ListNode) else ():
        group = known_names(world, draft, item, fields)
        if group:
            found.append(group)
    return tuple(found)


def description_of(world: World, draft: Draft) -> Text | None:
    """Return the description of an entity."""
    return world.text(draft.node.get("description"), f"{draft.name}.description")
