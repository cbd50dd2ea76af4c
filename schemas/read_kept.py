"""Reads the workflows of earlier versions that running cases keep: against the entities, roles and texts of today.

A kept workflow gives its entity what it needs: its states as further options of the state field, the fields that its
``set`` and ``mark`` make, its parts and outcomes. What it needs of others must still be there; where that is not so the
problem stands in the file of the earlier version, which is named with its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fachwerk.problems import Problem, Problems
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, read_documents
from fachwerk.schemas.files import decode
from fachwerk.schemas.model import Origin, Workflow
from fachwerk.schemas.past import StepKind
from fachwerk.schemas.read_past import steps_of
from fachwerk.schemas.read_workflow import more_fields, read_workflow, state_option
from fachwerk.schemas.read_world import Draft, World
from fachwerk.schemas.structure import check_structure


@dataclass(frozen=True, slots=True)
class KeptText:
    """Where a kept workflow is written: as version *number* of *workflow*, in a file of the configuration *version*."""

    workflow: str
    number: int
    version: int
    file: str
    content: bytes
    edited: bool = False
    """Whether the content is not that of the file, since names have changed."""

    @property
    def source(self) -> str:
        """What problems call the file."""
        return f"{self.file} (version {self.version})"


def read_kept(texts: Iterable[KeptText], problems: Problems) -> dict[str, dict[int, Document]]:
    """Return the documents of kept workflows by name and number; one that is not in its file is left out."""
    found: dict[str, dict[int, Document]] = {}
    for text in texts:
        source = decode(text.source, text.content, problems)
        # what else stands in that file is of no interest
        for document in read_documents(source, Problems()) if source else ():
            if isinstance(document, Document) and _declares(document, text.workflow):
                check_structure(document, problems)
                found.setdefault(text.workflow, {})[text.number] = document
    return found


def _declares(document: Document, workflow: str) -> bool:
    return document.word.text == "workflow" and nodes.text(document.root.get("workflow")) == workflow


def outline_kept(world: World) -> None:
    """Give entities the states and fields of the workflows that cases keep."""
    for name, kept in world.kept.items():
        for draft in (one for one in world.entities.values() if name in one.workflows):
            for number, document in kept.items():
                _more_states(world, draft, name, f"{name}@{number}", document)
                more_fields(world, draft, document)


def _more_states(world: World, draft: Draft, name: str, kept: str, document: Document) -> None:
    field = next(one for one in draft.fields.values() if one.fixed.get("workflow") == name)
    more = [
        state_option(world, kept, key, node)
        for key, node in nodes.pairs(document.root.get("states"))
        if key.text not in field.options
    ]
    field.options = (*field.options, *(option.name for option in more))
    field.fixed = {**field.fixed, "options": (*field.fixed["options"], *more)}


def with_kept(world: World, workflow: Workflow, draft: Draft, texts: Mapping[int, KeptText]) -> Workflow:
    """Return *workflow* with the earlier versions of it that cases keep."""
    kept = {}
    for number, document in world.kept.get(workflow.name, {}).items():
        read = read_workflow(world, f"{workflow.name}@{number}", document, draft)
        text = texts[number]
        origin = Origin(text.version, text.file, text.content.decode("utf-8-sig") if text.edited else None)
        kept[number] = replace(
            read, name=workflow.name, label=workflow.label, field=workflow.field, number=number, origin=origin
        )  # fmt: skip
    return replace(workflow, kept=kept)


def problems_of_kept(problems: Problems, texts: Sequence[KeptText]) -> Iterator[tuple[KeptText, Problem]]:
    """Give the errors that stand in the documents of kept workflows."""
    documents = read_kept(texts, Problems())
    for text in texts:
        document = documents.get(text.workflow, {}).get(text.number)
        for problem in problems.errors:
            at = problem.span
            if at.source.name == text.source and (document is None or _holds(document, at.start)):
                yield text, problem


def _holds(document: Document, place: int) -> bool:
    return document.root.start <= place <= document.root.end


def with_names(text: KeptText, found: Iterable[Problem], renamed: Mapping[str, str]) -> KeptText | None:
    """Return a kept workflow with the names of today where it names what was *renamed*; ``None`` where it does not.

    Only unknown names are exchanged, at the places of their problems.
    """
    source = text.content.decode("utf-8-sig")
    edits = {}
    for problem in found:
        start, end = problem.span.start, problem.span.end
        bare = source[start:end].strip('"')
        if bare in renamed:
            edits[start, end] = source[start:end].replace(bare, renamed[bare])
    return _edited(text, source, edits) if edits else None


def called_today(text: KeptText, workflow: str, called: Mapping[StepKind, Mapping[str, str]]) -> KeptText:
    """Return a kept workflow that declares its steps, and itself as *workflow*, under the names of today (*called*).

    What refers to them has unknown names then; see :func:`with_names`.
    """
    source = text.content.decode("utf-8-sig")
    document = read_kept([text], Problems()).get(text.workflow, {}).get(text.number)
    if document is None:
        return text
    own = [(document.root.pairs["workflow"][1], workflow)] if text.workflow != workflow else []
    keys = [(key, called[kind].get(key.text)) for kind, declared in steps_of(document).items() for key, _ in declared]
    edits = {(at.span.start, at.span.end): name for at, name in (*own, *keys) if name is not None}
    return replace(_edited(text, source, edits), workflow=workflow) if edits else text


def _edited(text: KeptText, source: str, edits: Mapping[tuple[int, int], str]) -> KeptText:
    for (start, end), name in sorted(edits.items(), reverse=True):
        source = source[:start] + name + source[end:]
    return replace(text, content=source.encode(), edited=True)
