"""Documents where they are made: the effect ``document`` with the field that keeps it, and ``attach`` of messages."""

from __future__ import annotations

from fachwerk.schemas import codes_letter as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import MapNode, Node, Scalar
from fachwerk.schemas.kinds.files import ENDINGS_ALIKE
from fachwerk.schemas.letter import LetterForm
from fachwerk.schemas.model import Effect
from fachwerk.schemas.names import RESERVED_FIELDS, check_name
from fachwerk.schemas.read_world import Draft, FieldDraft, World

FORMS: tuple[LetterForm, ...] = ("pdf", "docx")


def made_by_documents(world: World, draft: Draft, node: Node | None) -> None:
    """Give an entity the fields that documents are kept in, unless there is one, or one of a like name."""
    for item in nodes.each(node):
        at = nodes.scalar(nodes.get(item, "document"))
        into = nodes.scalar(nodes.get(item, "into")) or at
        if at is None or into is None or into.text in draft.fields or names.like(into.text, draft.fields):
            continue
        check_name(into, "field", world.problems, RESERVED_FIELDS)
        document = world.declared["document"].get(at.text)
        label = world.text(document.root.get("label"), "") if document and into is at else None
        fixed = {"system": True, **({"label": label} if label else {})}
        draft.fields[into.text] = FieldDraft(into.text, "files", into.span, fixed=fixed)


def read_document(world: World, node: MapNode, draft: Draft) -> Effect | None:
    """Return the effect that makes a document."""
    at = nodes.scalar(node.get("document"))
    if at is None:
        return None
    file = use_document(world, at, draft)
    told = nodes.scalar(node.get("as"))
    form: LetterForm = "docx" if file or (told and told.text == "docx") else "pdf"
    if file and told and told.text == "pdf":
        world.problems.add(codes.NO_PDF.at(told.span, document=at.text))
    into = nodes.scalar(node.get("into")) or at
    _check_into(world, into, draft, form)
    return Effect("document", node.pairs["document"][0].span, target=at.text, into=into.text, form=form)


def _check_into(world: World, into: Scalar, draft: Draft, form: LetterForm) -> None:
    field = draft.fields.get(into.text)
    near = names.like(into.text, draft.fields) if field is None else None
    if near is not None:
        names.say_unknown(world.problems, into.span, "field", into.text, list(draft.fields), of=draft.name)
        return
    accepted = [ENDINGS_ALIKE.get(word.text.lower(), word.text.lower().lstrip("."))
                for word in nodes.words(field.key("accept"))] if field else []  # fmt: skip
    if field is None or field.kind not in ("file", "files") or (accepted and form not in accepted):
        world.problems.add(codes.INTO.at(into.span, field=into.text, form=form))


def read_attached(world: World, node: Node | None, draft: Draft) -> tuple[str, ...]:
    """Return the documents that go with a message."""
    found = []
    for word in nodes.words(node):
        use_document(world, word, draft)
        found.append(word.text)
    return tuple(dict.fromkeys(found))


def use_document(world: World, at: Scalar, draft: Draft) -> bool:
    """Note that a document is made for records of *draft*; return whether it is a Word file."""
    world.used.add(("document", at.text))
    document = world.declared["document"].get(at.text)
    if document is None:
        if not world.knows("document", at.text):
            names.say_unknown(world.problems, at.span, "document", at.text, list(world.declared["document"]))
        return False
    of = nodes.text(document.root.get("of"))
    if of is not None and of != draft.name and of in world.entities:
        world.problems.add(codes.ELSEWHERE.at(at.span, document=at.text, of=of, entity=draft.name))
    return document.root.get("file") is not None
