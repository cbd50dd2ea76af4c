"""The reference of the language as Markdown, made from its declaration: ``docs/language.md`` and its German sister.

A test holds that the pages are current; ``python -m fachwerk.schemas.reference`` writes them and the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fachwerk.problems import Text, say
from fachwerk.schemas.grammar import DOCUMENTS, groups
from fachwerk.schemas.kinds.declare import COMMON, KINDS
from fachwerk.schemas.schema import schema_text
from fachwerk.schemas.shapes import Group, Key, describe
from fachwerk.schemas.wording import both

PAGES = {"en": "language.md", "de": "language.de.md"}

_TITLE = both("# The language", "# Die Sprache")
_INTRO = both(
    """\
A project is a folder of YAML files. Every document (files may hold several, between lines of `---`) declares one thing;
its first key says what. Files and sub-folders are free, and so is their order.

- **Names** are small letters, digits and `_`; rules use them as they stand in the files.
- **Texts** for people are a text for all languages, or one for each: `{en: Plot, de: Flurstück}`.
- **Rules** are FEEL (DMN 1.5): `storeys <= plot.max_storeys`. In a rule a text stands in double quotes; where YAML would
  take the quotes, braces or commas of a rule for its own, the whole rule stands in single quotes: `'kind in ["new", "old"]'`.
- Whatever is left out has a default. Nothing is ignored: an unknown key is an error that names the nearest one.
- YAML is read as YAML 1.2: `no`, `on` and `12:30` stay what they are; the key decides what a value means.

`fachwerk validate` checks a folder, `fachwerk explain CODE` explains a problem, `fachwerk schema` prints this reference as a
JSON Schema for editors.
""",
    """\
Ein Projekt ist ein Ordner voller YAML-Dateien. Jedes Dokument (eine Datei kann mehrere enthalten, zwischen Zeilen mit `---`)
deklariert eine Sache; sein erster Schlüssel sagt, welche. Dateien, Unterordner und Reihenfolge sind frei.

- **Namen** bestehen aus kleinen Buchstaben, Ziffern und `_`; Regeln verwenden sie, wie sie in den Dateien stehen.
- **Texte** für Menschen sind ein Text für alle Sprachen, oder je einer: `{en: Plot, de: Flurstück}`.
- **Regeln** sind FEEL (DMN 1.5): `storeys <= plot.max_storeys`. In einer Regel steht ein Text in doppelten Anführungszeichen;
  wo YAML Anführungszeichen, Klammern oder Kommas einer Regel für seine eigenen hielte, steht die ganze Regel in einfachen:
  `'kind in ["new", "old"]'`.
- Was fehlt, hat eine Voreinstellung. Nichts wird übergangen: ein unbekannter Schlüssel ist ein Fehler, der den nächsten nennt.
- YAML wird als YAML 1.2 gelesen: `no`, `on` und `12:30` bleiben, was sie sind; der Schlüssel entscheidet, was ein Wert bedeutet.

`fachwerk validate` prüft einen Ordner, `fachwerk explain CODE` erklärt ein Problem, `fachwerk schema` gibt diese Seite als
JSON Schema für Editoren aus.
""",
)
_REQUIRED = both("required", "nötig")
_TAKES = both("takes", "erwartet")
_FIELDS = both("## Fields", "## Felder")
_FIELDS_INTRO = both(
    "A field is `name: kind` (with `!` for required), or a map. These keys go with every kind:",
    "Ein Feld ist `name: art` (mit `!` für Pflicht), oder eine Zuordnung. Diese Schlüssel gehen mit jeder Art:",
)
_KINDS = both("## Kinds of fields", "## Feldarten")
_INSIDE = both("## Inside of these", "## Im Inneren davon")
_DOCUMENTS = both("## Documents", "## Dokumente")
_SYSTEM = both(
    """\
## What every record has

`id`, `version`, `created`, `changed`, `created_by`, `changed_by`; with a workflow its state (`state`), with deadlines `due`, with
parallel states `opinions` (a list of `part`, `outcome`, `by`, `at`, `comment`, and `each`, the record). In rules `me` is the user, `my person` the record of
`person` whose one field of kind user is me; in `where`, `this` is the record that links; in rows, `parent` is the record.
""",
    """\
## Was jeder Datensatz hat

`id`, `version`, `created`, `changed`, `created_by`, `changed_by`; mit einem Workflow seinen Zustand (`state`), mit Fristen `due`, mit
parallelen Zuständen `opinions` (eine Liste aus `part`, `outcome`, `by`, `at`, `comment`, und `each`, dem Datensatz). In Regeln ist `me` der Benutzer, `my person`
der Datensatz von `person`, dessen eines Feld der Art user auf mich zeigt; in `where` ist `this` der Datensatz, der verweist; in rows
ist `parent` der Datensatz.
""",
)


def reference(language: str = "en") -> str:
    """Return the page in *language*."""
    return "\n".join(_page(language)).rstrip() + "\n"


def _page(language: str) -> Iterator[str]:
    def told(text: Text) -> str:
        return say(text, language)

    yield from (told(_TITLE), "", told(_INTRO), told(_DOCUMENTS), "")
    documents = list(DOCUMENTS.values())
    for group in documents:
        yield from _group(group, language, 3)
    yield from (told(_INSIDE), "")
    inner = [group for group in groups() if group not in documents]
    for group in inner:
        yield from _group(group, language, 3)
    yield from (told(_FIELDS), "", told(_FIELDS_INTRO), "")
    yield from _keys(COMMON, language)
    yield from (told(_KINDS), "")
    for name, kind in KINDS.items():
        yield from (f"### `{name}`", "", told(kind.about), "", *_example(kind.example), "")
        yield from _keys(kind.keys, language)
    yield told(_SYSTEM)


def _group(group: Group, language: str, level: int) -> Iterator[str]:
    yield from ("#" * level + f" `{group.name}`", "")
    yield from _keys(group.keys, language)


def _keys(keys: Iterable[Key], language: str) -> Iterator[str]:
    for key in keys:
        needed = f" ({say(_REQUIRED, language)})" if key.required else ""
        takes = f"{say(_TAKES, language)} {say(describe(key.shape), language)}"
        yield from (f"**`{key.name}`**{needed}: {say(key.about, language)} *({takes})*", "")
        yield from (*_example(key.example), "")


def _example(text: str) -> Iterator[str]:
    if text:
        yield from ("```yaml", text.rstrip(), "```")


def write(folder: Path) -> None:
    """Write the pages into ``docs`` and the schema beside this module, below the root *folder* of the sources."""
    for language, name in PAGES.items():
        (folder / "docs" / name).write_text(reference(language), encoding="utf-8")
    (folder / "schemas" / "fachwerk.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent.parent)
