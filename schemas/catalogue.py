"""Every kind of problem there is, and the page that explains it: for ``fachwerk explain CODE`` and the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fachwerk.problems import Code, nearest, say
from fachwerk.rules import codes as rules_codes
from fachwerk.rules.dmn import codes as dmn_codes
from fachwerk.rules.tables import codes as tables_codes
from fachwerk.schemas import (
    codes_automation,
    codes_deadline,
    codes_entity,
    codes_letter,
    codes_names,
    codes_parts,
    codes_past,
    codes_project,
    codes_scenario,
    codes_structure,
    codes_workflow,
    codes_yaml,
)
from fachwerk.schemas.wording import both

OWN: tuple[Code, ...] = (
    *codes_yaml.CODES, *codes_structure.CODES, *codes_names.CODES, *codes_project.CODES, *codes_entity.CODES,
    *codes_workflow.CODES, *codes_parts.CODES, *codes_deadline.CODES, *codes_past.CODES, *codes_automation.CODES,
    *codes_scenario.CODES, *codes_letter.CODES,
)  # fmt: skip
"""The codes of this room."""


def catalogue(more: Iterable[Code] = ()) -> Mapping[str, Code]:
    """Return all codes of rules, tables, DMN files and schemas by name, and *more* of the rooms above."""
    # SQLAlchemy is slow to load, and only this one code needs it
    from fachwerk.rules.to_sql.rules import NOT_IN_SQL

    found = (*rules_codes.CODES, *tables_codes.CODES, *dmn_codes.CODES, NOT_IN_SQL, *OWN, *more)
    return MappingProxyType({code.code: code for code in sorted(found, key=lambda one: one.code)})


_HEADS = {
    "what": both("What is found", "Was gefunden wird"),
    "why": both("Why it matters", "Warum das wichtig ist"),
    "wrong": both("Wrong", "Falsch"),
    "right": both("Right", "Richtig"),
    "warning": both("a warning: the configuration can be used", "eine Warnung: die Konfiguration ist verwendbar"),
    "error": both("an error: nothing is deployed", "ein Fehler: nichts wird ausgerollt"),
}


def explain(code: str, language: str = "en", more: Iterable[Code] = ()) -> str | None:
    """Return the page of a code (with or without brackets) as plain text; ``None`` if there is no such code."""
    found = catalogue(more).get(code.strip().strip("[]").lower())
    return None if found is None else page(found, language)


def nearest_code(code: str, more: Iterable[Code] = ()) -> str | None:
    """Return the code most like a misspelt one."""
    return nearest(code.strip().lower(), catalogue(more))


def page(code: Code, language: str = "en") -> str:
    """Return the page of a code: what is found, why it matters, an example and the mended one."""
    head = f"{code.code}: {say(_HEADS[code.severity], language)}"
    parts = [head, _told(code, "what", language), _told(code, "why", language)]
    if code.wrong:
        parts.append(say(_HEADS["wrong"], language) + ":\n\n" + _indented(code.wrong))
    if code.right:
        parts.append(say(_HEADS["right"], language) + ":\n\n" + _indented(code.right))
    return "\n\n".join(part for part in parts if part) + "\n"


def _told(code: Code, part: str, language: str) -> str:
    text = say(code.what if part == "what" else code.why, language)
    return f"{say(_HEADS[part], language)}:\n{text}" if text else ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())
