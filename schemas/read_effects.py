"""Who acts or is told, and what a transition or a missed deadline does."""

from __future__ import annotations

from dataclasses import replace

from fachwerk.problems import Fragment
from fachwerk.rules.check_types import named
from fachwerk.rules.scope import Scope
from fachwerk.rules.types import ANY, ListType, RecordType, Typed
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import MapNode, Node, Scalar
from fachwerk.schemas.model import Effect, Performer, Rule
from fachwerk.schemas.read_doing import read_doing
from fachwerk.schemas.read_enclosing import read_attached, read_document
from fachwerk.schemas.read_world import Draft, World, constant

MADE = ("created_by", "changed_by")
"""Users that every record has; they are not who it is about."""

EFFECTS = ("notify", "mark", "set", "create", "change", "step", "webhook", "document")


def performers(world: World, node: Node | None, scope: Scope, address: str | None = None) -> tuple[Performer, ...]:
    """Return who is named: persons that paths of the record lead to, and roles (a path of that name goes first).

    *address* is the field of a person's record that holds the address to write to.
    """
    return tuple(found for word in nodes.words(node) if (found := _performer(world, word, scope, address)))


def _performer(world: World, word: Scalar, scope: Scope, address: str | None) -> Performer | None:
    first = word.text.split(".")[0].strip()
    role = word.text in world.roles
    if role:
        world.used.add(("role", word.text))
    if role and not leads_to_person(world, scope.names.get(first)):
        return Performer(role=word.text)
    if first in scope.names:
        rule = world.fragment_rule(word.fragment, scope)
        vague = rule.checked.typed.type == ANY
        if rule.checked.ok and not vague and not leads_to_person(world, rule.checked.typed):
            world.problems.add(codes.NOT_A_PERSON.at(word.span, path=word.text, type=named(rule.checked.typed.type)))
            return None
        return _person(world, word.fragment, rule, scope, address)
    if not world.knows("role", word.text):
        names.say_unknown(world.problems, word.span, "role", word.text,
                          [*world.roles, *(name for name, typed in scope.names.items() if leads_to_person(world, typed)
                                           and name not in MADE)])  # fmt: skip
    return None


def _person(world: World, path: Fragment, rule: Rule, scope: Scope, address: str | None) -> Performer:
    """Return the user at the end of *path*: a record's one user field is put behind the path as written."""
    type_ = rule.checked.typed.type
    record = type_.element.type if isinstance(type_, ListType) else type_
    if not isinstance(record, RecordType) or record.name == "user" or not rule.checked.ok:
        return Performer(person=rule)
    users = [n for n, typed in record.fields.items() if getattr(typed.type, "name", "") == "user" and n not in MADE]
    if address and address not in record.fields:
        _no_address(world, record, address)
    wanted = world.fragment_rule(behind(path, address), scope) if address and address in record.fields else None
    return Performer(person=world.fragment_rule(behind(path, users[0]), scope) if users else None, address=wanted)


def _no_address(world: World, record: RecordType, address: str) -> None:
    """Say that the field with the address, named by a message, is not there."""
    for document in world.declared["message"].values():
        at = nodes.scalar(document.root.get("to_field"))
        if at and at.text == address:
            names.say_unknown(world.problems, at.span, "field", address, list(record.fields), of=record.name)


def behind(path: Fragment, field: str) -> Fragment:
    """Return the path to a field of what *path* leads to, as if it stood there."""
    end = path.offset(len(path.text))
    offsets = tuple(path.offset(index) for index in range(len(path.text)))
    return Fragment(f"{path.text}.{field}", path.source, path.base, (*offsets, *[end] * (len(field) + 2)))


def leads_to_person(world: World, typed: Typed | None) -> bool:
    """Whether a value is a user, or a record with one field of kind user, or a list of these."""
    if typed is None:
        return False
    type_ = typed.type.element.type if isinstance(typed.type, ListType) else typed.type
    if not isinstance(type_, RecordType):
        return False
    return type_.name == "user" or all(one in world.mine for one in type_.name.split("|"))


def read_effects(world: World, node: Node | None, draft: Draft, owner: str) -> tuple[Effect, ...]:
    """Return what is to be done; *owner* is whatever does it, dotted."""
    found = []
    for number, item in enumerate(nodes.each(node)):
        if isinstance(item, MapNode):
            effect = _effect(world, item, draft)
            if effect:
                found.append(replace(effect, name=f"{owner}.{number}"))
    return tuple(found)


def _effect(world: World, node: MapNode, draft: Draft) -> Effect | None:
    words = [one for one in EFFECTS if one in node.pairs]
    misspelt = not node.pairs.keys() <= {*EFFECTS, *_BESIDE}
    for key in node.pairs:
        wanted = _BESIDE.get(key)
        if wanted and not misspelt and not set(wanted) & set(words):
            said = " / ".join(f"`{one}`" for one in wanted)
            world.problems.add(codes.BESIDE_NOTHING.at(node.pairs[key][0].span, key=key, wanted=said))
    for more in words[1:]:
        world.problems.add(codes.TWO_EFFECTS.at(node.pairs[more][0].span, first=words[0], second=more))
    if words[:1] == ["notify"]:
        return _notify(world, node, draft)
    if words[:1] == ["mark"]:
        return _mark(world, node, draft)
    if words[:1] == ["document"]:
        return read_document(world, node, draft)
    return read_doing(world, node, draft, words[0]) if words else None


_BESIDE = {
    "with": ("notify",),
    "values": ("create", "change"),
    "send": ("webhook",),
    "attach": ("notify",),
    "into": ("document",),
    "as": ("document",),
    "of": ("step",),
}


def _notify(world: World, node: MapNode, draft: Draft) -> Effect:
    message = nodes.scalar(node.get("with"))
    if message:
        _use_message(world, message, draft)
    elif node.get("with") is None:
        world.problems.add(codes.NOTIFY_WITHOUT_MESSAGE.at(node.pairs["notify"][0].span))
    at = node.pairs["notify"][0].span
    document = world.declared["message"].get(message.text) if message else None
    field = nodes.scalar(document.root.get("to_field")) if document else None
    to = performers(world, node.get("notify"), world.scope_of(draft), field.text if field else None)
    attached = read_attached(world, node.get("attach"), draft)
    return Effect("notify", at, to=to, message=message.text if message else None, attach=attached)


def _use_message(world: World, message: Scalar, draft: Draft) -> None:
    world.used.add(("message", message.text))
    world.senders.setdefault(message.text, {}).setdefault(draft.name, message.span)
    document = world.declared["message"].get(message.text)
    of = nodes.text(document.root.get("of")) if document else None
    if of is not None and of != draft.name and of in world.entities:
        world.problems.add(codes.MESSAGE_ELSEWHERE.at(message.span, message=message.text, of=of, entity=draft.name))
    if document is None and not world.knows("message", message.text):
        names.say_unknown(world.problems, message.span, "message", message.text, list(world.declared["message"]))


def _mark(world: World, node: MapNode, draft: Draft) -> Effect | None:
    key = node.pairs["mark"][0].span
    word = nodes.scalar(node.get("mark"))
    if word is None:
        return None
    made = draft.fields.get(word.text)
    if made is None:
        names.say_unknown(world.problems, word.span, "field", word.text, list(draft.fields), of=draft.name)
    elif made.kind != "boolean":
        world.problems.add(codes.MARK_NOT_BOOLEAN.at(word.span, field=word.text, kind=made.kind or "computed"))
    return Effect("mark", key, values={word.text: constant(True, word.span)})
