"""Tidying: what the files say about former configurations is taken out again, once it is deployed everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fachwerk.engine.database_open import opened
from fachwerk.engine.deployed import deployed_files
from fachwerk.engine.plan.compare import compare
from fachwerk.problems import Problems, Refused, Text
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, MapNode, Node
from fachwerk.schemas.files import digest
from fachwerk.schemas.model import Project
from fachwerk.schemas.past import Past
from fachwerk.schemas.read import read_files, read_project

PAST = ("was", "convert", "fill")


async def tidy_project(folder: Path, project: Project, urls: Sequence[str], *, write: bool) -> tuple[str, ...]:
    """Take out of the files what *urls* have all deployed; return what was taken out, by place.

    Raises :class:`Refused` where a database is at another version, or where the files would then mean something else.
    """
    for url in urls:
        await _is_deployed(project, url)
    problems = Problems()
    texts: dict[str, str] = {}
    told: list[str] = []
    for document in read_files(project.files, problems):
        if isinstance(document, Document):
            source = document.root.source
            for start, _, what in _cuts(document):
                line = source.text.count("\n", 0, start) + 1
                told.append(f"{source.name}:{line}: {what}")
    for name, content in project.files.items():
        cuts = [
            cut for one in read_files({name: content}, Problems()) if isinstance(one, Document) for cut in _cuts(one)
        ]
        if cuts:
            texts[name] = _without(content.decode("utf-8-sig"), [(start, end) for start, end, _ in cuts])
    after = {**project.files, **{name: text.encode() for name, text in texts.items()}}
    _means_the_same(project, after)
    if write:
        for name in texts:
            (folder / name).write_bytes(after[name])
    return tuple(told)


async def _is_deployed(project: Project, url: str) -> None:
    async with opened(url) as database:
        found = await deployed_files(database)
    if found is None or digest(found[1]) != project.hash:
        raise Refused("not_everywhere", _not_everywhere(url.rpartition("@")[2]), status=409)


def _cuts(document: Document) -> Iterator[tuple[int, int, str]]:
    """Give the pieces of the text that go: start, end, what it was."""
    root = document.root
    if nodes.truth(root.get("drop")):
        yield (*_whole_document(root), f"drop {document.word.text}")
        return
    yield from _inside(root, document.word.text)


def _whole_document(root: MapNode) -> tuple[int, int]:
    """Return where a document begins and ends, with the line between it and the one before; the first has none."""
    text = root.source.text
    start, end = text.rfind("\n---", 0, root.start + 1), text.find("\n---", root.end)
    if start >= 0:
        return start, end
    return 0, text.find("\n", end + 1) + 1 if end >= 0 else end


def _inside(node: Node, path: str) -> Iterator[tuple[int, int, str]]:
    """Maps of names to settings are walked; only what the grammar has for former things is cut."""
    for key, value in nodes.pairs(node):
        if isinstance(value, MapNode) and nodes.truth(value.get("drop")):
            yield (*_piece(node, key.start, value.end), f"{path}.{key.text}: drop")
        elif key.text in PAST and _is_past(node, path, key.text):
            yield (*_piece(node, key.start, value.end), f"{path}: {key.text}")
        elif isinstance(value, MapNode):
            yield from _inside(value, f"{path}.{key.text}")


def _is_past(node: Node, path: str, key: str) -> bool:
    """Whether a key stands where it says something of the past, and is no name of the author's."""
    parent = path.rpartition(".")[2]
    named = parent in (
        "fields",
        "options",
        "states",
        "transitions",
        "deadlines",
        "roles",
        "access",
        "inputs",
        "parallel",
        "set",
    )
    in_transition = key == "fill" and ".transitions." in path
    return isinstance(node, MapNode) and not named and not in_transition


def _piece(node: Node, start: int, end: int) -> tuple[int, int]:
    """Return what goes with a key: its line in a block, its comma between brackets."""
    text = node.source.text
    if isinstance(node, MapNode) and node.flow:
        if text[:start].rstrip().endswith(","):
            return text[:start].rstrip().rindex(","), end
        after = len(text) - len(text[end:].lstrip())
        return (
            (start, after + 1 + (text[after + 1 : after + 2] == " "))
            if text[after : after + 1] == ","
            else (start, end)
        )
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", max(end - 1, start))
    return first, len(text) if last < 0 else last + 1


def _without(text: str, cuts: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(cuts, reverse=True):
        text = text[:start] + (text[end:] if end >= 0 else "\n" if start else "")
    return text


def _means_the_same(project: Project, files: Mapping[str, bytes]) -> None:
    after, problems = read_project(files)
    if after is None or problems.errors or compare(project, after) or after.past != Past():
        raise Refused("not_tidied", _NOT_TIDIED, status=409)


_NOT_TIDIED: Text = {
    "en": "This cannot be taken out without changing what the files mean; take it out by hand. Nothing was changed.",
    "de": "Das geht nicht heraus, ohne den Sinn der Dateien zu ändern; bitte von Hand. Nichts wurde geändert.",
}


def _not_everywhere(url: str) -> Text:
    return {
        "en": f"{url} is at another version than these files. Deploy there first. Nothing was changed.",
        "de": f"{url} hat eine andere Version als diese Dateien. Erst dort einspielen. Nichts wurde geändert.",
    }
