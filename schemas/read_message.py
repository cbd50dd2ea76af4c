"""Reads messages: texts over the record of the entity whose workflow sends them."""

from __future__ import annotations

from dataclasses import replace

from fachwerk.rules.types import STRING, Typed
from fachwerk.schemas import codes_workflow as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document
from fachwerk.schemas.model import Message
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_template import read_template
from fachwerk.schemas.read_workflow import entity_of
from fachwerk.schemas.read_world import Draft, World


def read_message(world: World, name: str, document: Document) -> Message | None:
    """Return a message; what it is about is said by ``of`` or follows from who sends it."""
    root = document.root
    at = nodes.scalar(root.get("message"))
    if at is None:
        return None
    check_name(at, "message", world.problems)
    draft = _about(world, name, document)
    members = dict(draft.members) if draft else {}
    scope = world.scope({**members, "comment": Typed(STRING)})
    if draft is None and world.senders.get(name) is None and root.get("of") is None:
        scope = replace(world.scope({}), strict=False)
    to_field = nodes.scalar(root.get("to_field"))
    return Message(
        name=name,
        span=at.span,
        subject=read_template(world, root.get("subject"), scope, f"{name}.subject"),
        body=read_template(world, root.get("body"), scope, f"{name}.body"),
        of=draft.name if draft else None,
        to_field=to_field.text if to_field else None,
    )


def _about(world: World, name: str, document: Document) -> Draft | None:
    if document.root.get("of") is not None:
        return entity_of(world, document)
    senders = world.senders.get(name, {})
    if len(senders) > 1:
        at = document.root.pairs["message"][1].span
        note = {"en": "sent here", "de": "hier verschickt"}
        related = [(span, note) for span in senders.values()]
        world.problems.add(codes.MESSAGE_OF.at(at, message=name, entities=", ".join(senders), related=related))
    return world.entities.get(next(iter(senders))) if senders else None
