"""Reads documents: letters made from records, by a text of their own or from a Word file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from fachwerk.rules.scope import Scope
from fachwerk.rules.types import ANY, STRING, RecordType, Typed
from fachwerk.schemas import codes_letter as codes
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, MapNode, Node, Scalar
from fachwerk.schemas.letter import Letter, Lines, Mark
from fachwerk.schemas.model import Rule, Template
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_effects import behind, leads_to_person, performers
from fachwerk.schemas.read_markup import Markup
from fachwerk.schemas.read_places import Places
from fachwerk.schemas.read_template import read_template
from fachwerk.schemas.read_workflow import entity_of
from fachwerk.schemas.read_world import Draft, World, constant
from fachwerk.schemas.wording import both

PICTURES = (".png", ".jpg", ".jpeg")
LARGEST_PICTURE = 1_000_000
_LINES = ("sender", "to", "date", "header", "footer")
_OF_TEXT = ("page", "logo", *_LINES)


def read_letters(world: World, files: Mapping[str, bytes]) -> dict[str, Letter]:
    """Return the documents that are made from records."""
    made = {name: _Reader(world, files, name, one).read() for name, one in world.declared["document"].items()}
    return {name: letter for name, letter in made.items() if letter is not None}


class _Reader:
    def __init__(self, world: World, files: Mapping[str, bytes], name: str, document: Document) -> None:
        self._world, self._files, self._name = world, files, name
        self._root, self._document = document.root, document

    def read(self) -> Letter | None:
        at, draft = nodes.scalar(self._root.get("document")), entity_of(self._world, self._document)
        if at is None or draft is None:
            return None
        world, root = self._world, self._root
        check_name(at, "document", world.problems)
        scope = world.scope({**draft.members, "comment": Typed(STRING)})
        page, _, turned = (nodes.text(root.get("page")) or "A4").partition(" ")
        lines = {key: self._lines(root.get(key), scope, draft, key) for key in _LINES}
        logo, file = self._logo(), self._word_file(scope, draft)
        self._check_text(at, file)
        return Letter(
            name=self._name, of=draft.name, span=at.span, label=world.label(root.get("label"), self._name, self._name),
            title=self._title(scope), by=performers(world, root.get("by"), world.scope_of(draft)),
            language=self._language(scope), page=page, landscape=bool(turned), logo=logo, **lines,
            text=self._lines(root.get("text"), scope, draft, "text"), file=file[0] if file else None,
            marks=file[1] if file else (),
            hashes={one: hashlib.sha256(self._files[one]).hexdigest() for one in (logo, file and file[0]) if one},
        )  # fmt: skip

    def _title(self, scope: Scope) -> Template:
        if self._root.get("title") is not None:
            return read_template(self._world, self._root.get("title"), scope, f"{self._name}.title")
        return Template({})

    def _check_text(self, at: Scalar, file: object) -> None:
        root, problems = self._root, self._world.problems
        written, named = root.get("text") is not None, root.get("file") is not None
        if written == named:
            has = both("neither `text` nor `file`", "weder `text` noch `file`") if not written else both(
                "both `text` and `file`", "`text` und `file` zugleich")  # fmt: skip
            problems.add(codes.TEXT_OR_FILE.at(at.span, document=self._name, has=has["en"], has_de=has["de"]))
        for key in _OF_TEXT:
            if named and not written and key in root.pairs:
                problems.add(codes.FILE_SAYS.at(root.pairs[key][0].span, key=key))

    # texts ------------------------------------------------------------------------------------------------------------

    def _lines(self, node: Node | None, scope: Scope, draft: Draft, key: str) -> Lines:
        """Return a text by language: blocks for the text itself, lines for everything around it."""
        world = self._world
        given: dict[str, Scalar] = {}
        if isinstance(node, MapNode):
            given = {name.text: value for name, value in nodes.pairs(node) if isinstance(value, Scalar)}
            world.text(node, f"{self._name}.{key}")
        elif isinstance(node, Scalar) and not node.empty:
            given = {world.app.languages[0]: node}
        found = {}
        for language, value in given.items():
            places = Places(world, scope, draft.name, paged=key in ("header", "footer"))
            found[language] = Markup(places, value.fragment, plain=key != "text").read()
        if not found:
            return {}
        main = next((found[one] for one in (*world.app.languages, *found) if one in found), ())
        return {**dict.fromkeys(world.app.languages, main), **found}

    def _language(self, scope: Scope) -> Rule | None:
        world, at = self._world, nodes.scalar(self._root.get("language"))
        if at is None:
            return None
        if at.text in world.app.languages:
            return constant(at.text, at.span)
        rule = world.fragment_rule(at.fragment, scope)
        type_ = rule.checked.typed.type
        if not rule.checked.ok or not isinstance(type_, RecordType):
            return world.fragment_rule(at.fragment, scope, Typed(STRING)) if rule.checked.ok and type_ != ANY else rule
        if not leads_to_person(world, rule.checked.typed):
            return world.fragment_rule(at.fragment, scope, Typed(STRING))
        person = at.fragment
        if type_.name != "user":
            users = [name for name, typed in type_.fields.items() if getattr(typed.type, "name", "") == "user"
                     and name not in ("created_by", "changed_by")]  # fmt: skip
            person = behind(person, users[0])
        return world.fragment_rule(behind(person, "language"), scope)

    # files ------------------------------------------------------------------------------------------------------------

    def _file(self, key: str, endings: tuple[str, ...]) -> tuple[Scalar, str] | None:
        at = nodes.scalar(self._root.get(key))
        if at is None:
            return None
        folder = PurePosixPath(self._document.word.source.name).parent
        found = next((path for path in (str(folder / at.text), at.text) if path in self._files), None)
        if found is None:
            known = [path for path in self._files if path.lower().endswith(endings)]
            names.say_unknown(self._world.problems, at.span, "file", at.text, known)
        elif not found.lower().endswith(endings):
            self._refuse(at, f"it must end in {endings[0]}", f"der Name muss auf {endings[0]} enden")
            return None
        return (at, found) if found is not None else None

    def _refuse(self, at: Scalar, en: str, de: str) -> None:
        self._world.problems.add(codes.FILE_REFUSED.at(at.span, file=at.text, reason=en, reason_de=de))

    def _logo(self) -> str | None:
        found = self._file("logo", PICTURES)
        if found is None:
            return None
        at, path = found
        content = self._files[path]
        if len(content) > LARGEST_PICTURE:
            self._refuse(at, "it has more than 1 MB", "es hat mehr als 1 MB")
            return None
        if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
            self._refuse(at, "it is neither PNG nor JPEG", "es ist weder PNG noch JPEG")
            return None
        return path

    def _word_file(self, scope: Scope, draft: Draft) -> tuple[str, tuple[Mark, ...]] | None:
        found = self._file("file", (".docx",))
        if found is None:
            return None
        # the readers of Word files are slow to load, and few projects need them
        from fachwerk.schemas.read_marks import read_marks
        from fachwerk.schemas.word_file import NotUsable, open_word_file

        at, path = found
        try:
            file = open_word_file(self._files[path])
        except NotUsable as error:
            self._refuse(at, error.reason["en"], error.reason["de"])
            return None
        return path, read_marks(Places(self._world, scope, draft.name), file, path)
