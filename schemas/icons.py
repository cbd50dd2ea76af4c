"""The names of the pictures that a configuration may show, in ``icons.txt``; a test holds it equal to the drawings."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fachwerk.problems import Problems
from fachwerk.schemas import nodes
from fachwerk.schemas.codes_names import guess
from fachwerk.schemas.codes_project import UNKNOWN_ICON
from fachwerk.schemas.document import Node


@cache
def known() -> frozenset[str]:
    """Return all names; read only where an icon is named at all."""
    return frozenset(files("fachwerk.schemas").joinpath("icons.txt").read_text(encoding="utf-8").split())


def read_icon(node: Node | None, problems: Problems) -> str | None:
    """Return the name of an icon; one that does not exist is said, with the nearest one."""
    found = nodes.scalar(node)
    if found is not None and found.text not in known():
        # Few misspell the first letter, and all names would take long to compare.
        alike = sorted(name for name in known() if name[:1] == found.text[:1])
        problems.add(UNKNOWN_ICON.at(found.span, remedy=guess(found.text, alike), name=found.text))
    return nodes.text(node)
