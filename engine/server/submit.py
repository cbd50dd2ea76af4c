"""A submitted form on its way to the service: values, files kept from an earlier attempt, links found by their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fachwerk.engine.server.bodies import Form
from fachwerk.engine.server.stash import Stash
from fachwerk.forms.compile import EntityForm
from fachwerk.forms.model import Candidate, Changed, Stashed
from fachwerk.forms.read import Command, read_form
from fachwerk.problems import Text, say
from fachwerk.schemas.kinds import FileUpload, Reference

_AMBIGUOUS = {"en": "Choose one of the entries found.", "de": "Wählen Sie einen der gefundenen Einträge."}
_NOTHING = {"en": "Nothing found. Try another word.", "de": "Nichts gefunden. Versuchen Sie ein anderes Wort."}


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent; *stashed* are the tokens of new files by field, so that the form can come back with them."""

    language: str
    values: Mapping[str, object]
    unreadable: Mapping[str, Text]
    texts: Mapping[str, Sequence[str]]
    unresolved: Mapping[str, str]
    command: Command
    version: int | None
    comment: str | None
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    stashed: Mapping[str, tuple[tuple[str, FileUpload], ...]] = field(default_factory=dict)
    changed: Changed | None = None
    """What has changed since the form was opened."""
    stops: bool = False
    """Whether the form is to be shown again for that before anything is done."""

    @property
    def focus(self) -> str | None:
        """The field that takes the focus when the form comes back after a button of its own."""
        return self.command.field if self.command.word in ("add", "remove", "find") else None

    def searched(self, name: str) -> str:
        """Return what was typed into the search field *name*."""
        typed = self.texts.get(name + ".text") or ("",)
        return typed[-1].strip()[:200]

    def with_link(self, name: str, reference: Reference, several: bool) -> Sent:
        """Return the same with the record *reference* in the link *name*."""
        value: object = (reference.entity, reference.id) if several else reference.id
        key = f"{reference.entity}/{reference.id}" if several else reference.id
        texts = {**self.texts, name: (key,), name + ".text": (reference.title,), name + ".was": (reference.title,)}
        return replace(self, values=_put(self.values, name.split("."), value), texts=texts)

    def with_further(self, name: str, reference: Reference) -> Sent:
        """Return the same with the record *reference* beside those that are in the many links *name* already."""
        old = self.values.get(name)
        keys = tuple(dict.fromkeys((*(old if isinstance(old, tuple) else ()), reference.id)))
        titles = (*self.texts.get(name + ".title", ()), f"{reference.id} {reference.title}")
        texts = {**self.texts, name: keys, name + ".text": ("",), name + ".title": titles}
        return replace(self, values={**self.values, name: keys}, texts=texts)

    def with_choice(self, name: str, found: tuple[Candidate, ...]) -> Sent:
        """Return the same with the offer of *found* for a link that was not clear."""
        message = say(_AMBIGUOUS if found else _NOTHING, self.language)
        return replace(self.with_candidates(name, found), errors={**self.errors, name: (message,)})

    def with_candidates(self, name: str, found: tuple[Candidate, ...]) -> Sent:
        """Return the same with records to choose from."""
        return replace(self, candidates={**self.candidates, name: found})


def read_sent(form: EntityForm, sent: Form, owner: str, stash: Stash, only: Sequence[str] = ()) -> Sent:
    """Read a submitted form for *owner*, the secret of the session; new files are kept in *stash*."""
    read = read_form(form, sent.texts, sent.files, only=only)
    stashed: dict[str, tuple[tuple[str, FileUpload], ...]] = {}
    values: dict[str, object] = {}
    for name, value in read.values.items():
        values[name], kept = _with_files(value, owner, stash)
        if kept:
            stashed[name] = kept
    return Sent(
        language=form.language,
        values=values,
        unreadable=read.unreadable,
        texts=read.texts,
        unresolved=read.unresolved,
        command=read.command,
        version=read.version,
        comment=read.comment,
        stashed=stashed,
    )


def _with_files(value: object, owner: str, stash: Stash) -> tuple[object, tuple[tuple[str, FileUpload], ...]]:
    """Return *value* with files instead of the tokens of kept ones, and all new files with their tokens."""
    if not isinstance(value, tuple) or not any(isinstance(item, Stashed | FileUpload) for item in value):
        return value, ()
    files: list[object] = []
    kept: list[tuple[str, FileUpload]] = []
    for item in value:
        if isinstance(item, FileUpload):
            kept.append((stash.put(owner, item), item))
            files.append(item)
        elif not isinstance(item, Stashed):
            files.append(item)
        elif (upload := stash.get(owner, item.token)) is not None:
            kept.append((item.token, upload))
            files.append(upload)
    return tuple(files) or None, tuple(kept)


def _put(values: Mapping[str, object], path: list[str], value: object) -> Mapping[str, object]:
    if len(path) == 1:
        return {**values, path[0]: value}
    rows = values.get(path[0])
    number = int(path[1]) if path[1].isdigit() else -1
    if not isinstance(rows, list) or not 0 <= number < len(rows):
        return values
    changed = [*rows[:number], _put(rows[number], path[2:], value), *rows[number + 1 :]]
    return {**values, path[0]: changed}
