"""From the state of a form and a refusal to what the form shows: states, messages, conflicts, files, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fachwerk.engine.server.errors import conflicts_of
from fachwerk.engine.server.submit import Sent
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import shown
from fachwerk.engine.values import FormState
from fachwerk.forms.model import Candidate, Conflict, FieldState, FileItem
from fachwerk.problems import Refused, say
from fachwerk.schemas.kinds import FileInfo, Reference
from fachwerk.schemas.model import Entity


class Placed(Protocol):
    """A form's entity and record."""

    @property
    def entity(self) -> Entity: ...
    @property
    def key(self) -> str | None: ...


def state_views(state: FormState) -> Mapping[str, FieldState]:
    """Return the states of the fields as a form shows them."""
    return {
        name: FieldState(found.visible, found.required, found.read_only, found.options)
        for name, found in state.fields.items()
    }


def messages(refused: Refused, language: str) -> Mapping[str, tuple[str, ...]]:
    """Return what a refusal says by field; without fields, of the whole record."""
    found = {name: (say(text, language),) for name, text in refused.fields.items()}
    return found or {"": (say(refused.message, language),)}


def conflict_views(tools: Tools, entity: Entity, refused: Refused | None, language: str) -> tuple[Conflict, ...]:
    """Return the fields that somebody else changed meanwhile, each with the three values as people read them."""
    found = []
    for name, values in (conflicts_of(refused) if refused else {}).items():
        if isinstance(values, Mapping) and name in entity.fields:
            texts = [shown(tools, entity, name, values.get(key), language) for key in ("yours", "theirs", "before")]
            found.append(Conflict(name, say(entity.fields[name].label, language), *texts))
    return tuple(found)


def candidate(reference: Reference, several: bool) -> Candidate:
    """Return a record that a link may lead to, as a choice."""
    key = f"{reference.entity}/{reference.id}" if several else reference.id
    return Candidate(key, reference.title, entity=reference.entity if several else "")


def file_items(place: Placed, state: FormState, sent: Sent) -> Mapping[str, tuple[FileItem, ...]]:
    """Return the files that a form which comes back still has: those of the record that were kept, and new ones."""
    found: dict[str, tuple[FileItem, ...]] = {}
    for name, field in place.entity.fields.items():
        if field.kind not in ("file", "files", "image", "images") or name + ".shown" not in sent.texts:
            continue
        kept = set(sent.texts.get(name + ".keep", ()))
        stored = _stored(state.values.get(name), kept)
        new = [FileItem(f"new:{token}", file.name, len(file.content)) for token, file in sent.stashed.get(name, ())]
        found[name] = (*stored, *new)
    return found


def _stored(value: object, kept: set[str]) -> list[FileItem]:
    infos = value if isinstance(value, tuple) else ()
    return [FileItem(i.id, i.name, i.size) for i in infos if isinstance(i, FileInfo) and i.id in kept]
