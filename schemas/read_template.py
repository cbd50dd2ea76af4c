"""Texts with ``{rule}`` places, by language."""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.problems import Fragment
from fachwerk.rules.scope import Scope
from fachwerk.schemas import codes_entity as codes
from fachwerk.schemas.document import MapNode, Node, Scalar
from fachwerk.schemas.model import Rule, Template
from fachwerk.schemas.read_world import World


def read_template(world: World, node: Node | None, scope: Scope, owner: str) -> Template:
    """Return a text whose places are rules over *scope*; ``{{`` and ``}}`` stand for braces."""
    if isinstance(node, MapNode):
        given = {key.text: value for key, value in node.pairs.values() if isinstance(value, Scalar)}
        world.text(node, owner)
    elif isinstance(node, Scalar) and not node.empty:
        given = {world.app.languages[0]: node}
    else:
        given = {}
    parts = {language: _parts(world, value.fragment, scope) for language, value in given.items()}
    main = next((parts[one] for one in (*world.app.languages, *parts) if one in parts), ("",))
    return Template({"en": main, **{one: main for one in world.app.languages if one not in parts}, **parts})


def _parts(world: World, text: Fragment, scope: Scope) -> tuple[str | Rule, ...]:
    found: list[str | Rule] = []
    for piece in pieces(text):
        if isinstance(piece, str):
            found.append(piece)
        elif piece.text.strip() and not piece.text.startswith("{"):
            found.append(world.fragment_rule(piece, scope))
        else:
            code = codes.OPEN_BRACE if piece.text.startswith("{") else codes.EMPTY_PLACE
            world.problems.add(code.at(piece.span() if piece.text else piece.span(0, 0)))
    return tuple(found)


def pieces(text: Fragment) -> Iterator[str | Fragment]:
    """Yield literal pieces and the rules between braces; a brace that is never closed comes as ``{...``."""
    literal, at, source = "", 0, text.text
    while at < len(source):
        two = source[at : at + 2]
        if two in ("{{", "}}"):
            literal, at = literal + two[0], at + 2
        elif source[at] == "{":
            if literal:
                yield literal
            literal = ""
            end = closing(source, at)
            yield text.part(at, len(source)) if end is None else text.part(at + 1, end)
            at = len(source) if end is None else end + 1
        else:
            literal, at = literal + source[at], at + 1
    if literal or not source:
        yield literal


def closing(source: str, start: int) -> int | None:
    """Return where the brace opened at *start* is closed, past nested braces and texts in quotes."""
    depth, quoted = 0, False
    for at in range(start, len(source)):
        sign = source[at]
        if sign == '"' and source[at - 1] != "\\":
            quoted = not quoted
        elif not quoted and sign in "{}":
            depth += 1 if sign == "{" else -1
            if depth == 0:
                return at
    return None
