"""Reads the documents that are there once: ``app``, ``roles``, ``demo``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from zoneinfo import available_timezones

from fachwerk.problems import Code, Problems, Source, Span, nearest
from fachwerk.schemas import codes_names, nodes
from fachwerk.schemas import codes_project as codes
from fachwerk.schemas.document import Document, MapNode, Node, Scalar, rule_text
from fachwerk.schemas.kinds import known
from fachwerk.schemas.model import Demo, Role
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_calendar import read_closed, read_office_hours
from fachwerk.schemas.read_world import App, Draft, World
from fachwerk.schemas.wording import label_of


def read_app(document: Document | None, problems: Problems) -> App:
    """Return what the app says of itself, with the defaults where it says nothing."""
    root = document.root if document else None
    name = nodes.scalar(nodes.get(root, document.word.text)) if document and root else None
    if name:
        check_name(name, "app", problems)
    languages = _languages(nodes.get(root, "languages"), problems)
    label = _label(nodes.get(root, "label"), name.text if name else "app", tuple(languages))
    return App(
        name=name.text if name else "app",
        label=label,
        languages=tuple(languages),
        timezone=_known(nodes.get(root, "timezone"), "UTC", available_timezones(), codes.UNKNOWN_TIMEZONE, problems),
        currency=_known(nodes.get(root, "currency"), "EUR", known.currencies(), codes.UNKNOWN_CURRENCY, problems),
        calendar=_calendar(nodes.get(root, "calendar"), problems),
        hours=read_office_hours(nodes.get(nodes.get(root, "calendar"), "office_hours"), problems),
        closed=read_closed(nodes.get(nodes.get(root, "calendar"), "closed"), problems),
        hue=nodes.whole(nodes.get(root, "hue")),
        span=name.span if name else None,
        language_spans=languages,
    )


def _languages(node: Node | None, problems: Problems) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for word in nodes.words(node):
        if word.text not in known.languages():
            problems.add(
                codes.UNKNOWN_LANGUAGE.at(word.span, name=word.text, nearest=_near(word.text, known.languages()))
            )
        elif word.text in found:
            problems.add(codes.LISTED_TWICE.at(word.span, name=word.text))
        else:
            found[word.text] = word.span
    return found or {"en": node.span if node else Span(_NOWHERE, 0, 0)}


def _label(node: Node | None, name: str, languages: tuple[str, ...]) -> Mapping[str, str]:
    if isinstance(node, Scalar) and not node.empty:
        return dict.fromkeys(("en", *languages), node.text)
    given = {key.text: value.text for key, value in nodes.pairs(node) if isinstance(value, Scalar)}
    if not given:
        return {one: label_of(name) for one in ("en", *languages)}
    return {"en": given.get(languages[0], next(iter(given.values()))), **given}


def _known(node: Node | None, default: str, names: AbstractSet[str], code: Code, problems: Problems) -> str:
    found = nodes.scalar(node)
    if found is None:
        return default
    if found.text not in names:
        problems.add(code.at(found.span, name=found.text, nearest=_near(found.text, names)))
        return default
    return found.text


def _near(name: str, names: AbstractSet[str]) -> str:
    said = known.spoken().get(name.lower())
    if said is not None and said in names:
        return said
    return nearest(name, names) or ", ".join(sorted(names)[:6])


def _calendar(node: Node | None, problems: Problems) -> tuple[str, str | None] | None:
    if not isinstance(node, MapNode):
        return None
    country, part = nodes.scalar(node.get("country")), nodes.scalar(node.get("subdivision"))
    if country is None:
        return None
    if country.text not in known.countries():
        problems.add(
            codes.UNKNOWN_COUNTRY.at(country.span, name=country.text, nearest=_near(country.text, known.countries()))
        )
        return None
    parts = known.country_parts(country.text, part.text if part else None)
    if parts is None:
        return country.text, part.text if part else None
    at = part if part and parts else country
    listed = ", ".join(parts) or "-"
    problems.add(codes.NO_HOLIDAYS.at(at.span, name=at.text, known=listed))
    return None


_NOWHERE = Source("", "")


def read_roles(documents: tuple[Document, ...], world: World) -> None:
    """Put the roles of all ``roles`` documents into *world*, each closed over what it includes."""
    spans: dict[str, Span] = {}
    given: dict[str, Node] = {}
    for document in documents:
        for key, node in nodes.pairs(document.root.get("roles")):
            if key.text in given:
                codes_names.say_duplicate(world.problems, key.span, spans[key.text], "role", key.text)
                continue
            check_name(key, "role", world.problems)
            spans[key.text], given[key.text] = key.span, node
    direct = {name: _includes(name, node, given, world) for name, node in given.items()}
    for name, node in given.items():
        world.roles[name] = Role(
            name=name,
            label=world.label(nodes.get(node, "label"), name, name),
            span=spans[name],
            includes=_closed(name, direct),
            reads_everything=nodes.text(nodes.get(node, "reads")) == "everything",
            signs_up=bool(nodes.truth(nodes.get(node, "signs_up"))),
        )


def _includes(name: str, node: Node, given: Mapping[str, Node], world: World) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for word in nodes.words(nodes.get(node, "includes")):
        if word.text not in given:
            codes_names.say_unknown(world.problems, word.span, "role", word.text, [one for one in given if one != name])
        else:
            found[word.text] = word
            world.used.add(("role", word.text))
    return found


def _closed(name: str, direct: Mapping[str, Mapping[str, Scalar]]) -> frozenset[str]:
    """Return all that a role includes, through any number of steps."""
    seen: set[str] = set()
    todo = list(direct[name])
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += direct[one]
    return frozenset(seen - {name})


def read_demo(document: Document | None, world: World) -> Demo | None:
    """Return how demo data is to be made."""
    if document is None:
        return None
    root = document.root
    named = nodes.scalar(root.get("demo"))
    users = list(nodes.pairs(root.get("users")))
    names = {key.text: nodes.text(nodes.get(node, "name")) for key, node in users}
    return Demo(
        name=named.text if named else "demo",
        span=document.word.span,
        users={key.text: _held(nodes.get(node, "roles") or node, world) for key, node in users},
        counts=_counts(root.get("counts"), world),
        values={name: _fields(draft, node, world) for name, draft, node in _drafts(root.get("values"), world)},
        names={key: name for key, name in names.items() if name},
        samples={
            name: tuple(_fields(draft, item, world) for item in nodes.each(node))
            for name, draft, node in _drafts(root.get("samples"), world)
        },
        comments=_comments(root.get("comments"), world),
    )


def _held(node: Node, world: World) -> tuple[str, ...]:
    for word in nodes.words(node):
        if word.text not in world.roles:
            codes_names.say_unknown(world.problems, word.span, "role", word.text, list(world.roles))
    return tuple(word.text for word in nodes.words(node) if word.text in world.roles)


def _counts(node: Node | None, world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, value in nodes.pairs(node):
        count = nodes.whole(value)
        if key.text not in world.entities:
            codes_names.say_unknown(world.problems, key.span, "entity", key.text, list(world.entities))
        elif count is not None:
            found[key.text] = count
    return found


def _comments(node: Node | None, world: World) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    workflows = world.declared.get("workflow", {}).values()
    transitions = [key.text for one in workflows for key, _ in nodes.pairs(one.root.get("transitions"))]
    for key, texts in nodes.pairs(node):
        if key.text not in transitions and not (world.lost or world.damaged):
            codes_names.say_unknown(world.problems, key.span, "transition", key.text, transitions)
        found[key.text] = tuple(word.text for word in nodes.words(texts))
    return found


def _drafts(node: Node | None, world: World) -> Iterator[tuple[str, Draft, Node]]:
    """Yield what is said of each entity, or of the rows of a field for ``entity.field``."""
    for key, said in nodes.pairs(node):
        first, _, rows = key.text.partition(".")
        draft = world.entities.get(first)
        if draft is not None and rows:
            draft = draft.fields[rows].rows if rows in draft.fields else None
        if draft is None:
            codes_names.say_unknown(world.problems, key.span, "entity", key.text, list(world.entities))
        else:
            yield key.text, draft, said


def _fields(draft: Draft, node: Node, world: World) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, values in nodes.pairs(node):
        if name.text not in draft.fields:
            codes_names.say_unknown(world.problems, name.span, "field", name.text, list(draft.fields))
            continue
        texts = (rule_text(item) for item in nodes.each(values))
        found[name.text] = tuple(text.text for text in texts if text is not None)
    return found
