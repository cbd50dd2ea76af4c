"""Problems with names: unknown, declared twice, not possible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType

from fachwerk.problems import Code, Problem, Problems, Span, Text, nearest
from fachwerk.schemas.wording import both

_WORDS = MappingProxyType(
    {
        "app": both("application", "Anwendung"),
        "role": both("role", "Rolle"),
        "entity": both("entity", "Entität"),
        "relation": both("relation", "Beziehung"),
        "field": both("field", "Feld"),
        "workflow": both("workflow", "Workflow"),
        "state": both("state", "Zustand"),
        "transition": both("transition", "Übergang"),
        "part": both("part", "Teil"),
        "deadline": both("deadline", "Frist"),
        "decision": both("decision", "Entscheidung"),
        "message": both("message", "Nachricht"),
        "document": both("document", "Dokument"),
        "automation": both("automation", "Automatik"),
        "effect": both("effect", "Wirkung"),
        "option": both("option", "Option"),
        "type": both("type", "Typ"),
        "word": both("declaration", "Deklaration"),
        "file": both("file", "Datei"),
        "scenario": both("scenario", "Szenario"),
        "given": both("person or record", "Person (oder Datensatz)"),
        "key": both("key", "Schlüssel"),
    }
)


def word(what: str) -> Text:
    """Return the word for a kind of name in both languages."""
    return _WORDS[what]


def like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* most likely is a misspelling of; stricter than ``nearest``."""
    found = nearest(name, known)
    if found is None or abs(len(found) - len(name)) > 2:
        return None
    return found if _distance(name.lower(), found.lower()) <= max(1, len(name) // 4) else None


def _distance(left: str, right: str) -> int:
    """How many letters must be changed, put in, taken away or swapped with their neighbour."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def listing(known: Iterable[str], limit: int = 12) -> str:
    """Return names in a row, cut where there are too many to read."""
    names = list(dict.fromkeys(known))
    return ", ".join(names[:limit]) + (f", … ({len(names)})" if len(names) > limit else "")


def guess(name: str, known: Iterable[str]) -> Text | None:
    """Return the remedy that names the nearest name, if one is near."""
    found = nearest(name, known)
    if found is None:
        return None
    # a remedy is filled in like a message, so braces must be doubled
    shown = found.replace("{", "{{").replace("}", "}}")
    return both(f'did you mean "{shown}"?', f'war "{shown}" gemeint?')


_ARTICLES = {"field": "das", "document": "das", "part": "den", "state": "den", "transition": "den", "type": "den"}


def _unknown(what: str, wrong: str, right: str) -> Code:
    name = word(what)
    return Code(
        f"unknown-{what}",
        both(f"there is no {name['en']} `{{name}}`{{of_en}}", f"{_ARTICLES.get(what, 'die')} {name['de']} `{{name}}` gibt es {{of_de}}nicht"),
        label=both("known: {known}", "bekannt: {known}"),
        what=both(f"A name that no {name['en']} has.", f"Ein Name, den es nicht gibt ({name['de']})."),
        why=both("What is meant cannot be told; without a name it would have no effect.",
                 "Was gemeint ist, lässt sich nicht sagen; es bliebe ohne Wirkung."),
        wrong=wrong,
        right=right,
    )  # fmt: skip


_PERMIT = "entity: permit\nfields:\n  plot: {type: link, to: plot}\n"
_REVIEW = "workflow: review\nof: permit\nstates: {draft: {initial: true}, granted: {final: true}}\ntransitions:\n"

UNKNOWN = MappingProxyType(
    {
        "role": _unknown("role", "access:\n  clark: {read: true}\n", "access:\n  clerk: {read: true}\n"),
        "entity": _unknown("entity", _PERMIT.replace("to: plot", "to: plott"), _PERMIT),
        "field": _unknown("field", "list: {columns: [nmae]}\n", "list: {columns: [name]}\n"),
        "state": _unknown("state", _REVIEW + "  grant: {from: drafft, to: granted, by: clerk}\n",
                          _REVIEW + "  grant: {from: draft, to: granted, by: clerk}\n"),
        "transition": _unknown("transition", "grant: {from: a, to: b, by: head, not_by: start_revue}\n",
                               "grant: {from: a, to: b, by: head, not_by: start_review}\n"),
        "part": _unknown("part", "parallel: {law: {by: clerk}, fire: {by: clerk, after: lwa}}\n",
                         "parallel: {law: {by: clerk}, fire: {by: clerk, after: law}}\n"),
        "message": _unknown("message", "do: [{notify: applicant, with: grantd}]\n",
                            "do: [{notify: applicant, with: granted}]\n"),
        "document": _unknown("document", "do: [{document: permit_leter}]\n", "do: [{document: permit_letter}]\n"),
        "effect": _unknown("effect", "do: [{notfy: applicant, with: granted}]\n",
                           "do: [{notify: applicant, with: granted}]\n"),
        "type": _unknown("type", "inputs: {kind: permit.kind, area: decimel}\n",
                         "inputs: {kind: permit.kind, area: decimal}\n"),
        "word": _unknown("word", "entitty: plot\nfields: {district: text}\n", "entity: plot\nfields: {district: text}\n"),
        "given": _unknown("given", "steps: [{as: ana, do: submit house}]\n", "steps: [{as: anna, do: submit house}]\n"),
        "file": _unknown("file", "file: feees.csv\n", "file: fees.csv\n"),
    }
)  # fmt: skip
UNKNOWN_KIND = Code(
    "unknown-kind",
    both("there is no field kind `{name}`", "die Feldart `{name}` gibt es nicht"),
    label=both("{kinds}", "{kinds}"),
    what=both("A kind of field that the language does not have.", "Eine Feldart, die es nicht gibt."),
    why=both("The kind says what can be entered.", "Die Art sagt, was man eingeben kann."),
    wrong="entity: plot\nfields:\n  district: string\n",
    right="entity: plot\nfields:\n  district: text\n",
)
_FOREIGN_KINDS = MappingProxyType(
    {"string": "text", "str": "text", "varchar": "text", "textarea": "long_text", "number": "integer", "int": "integer",
     "float": "decimal", "double": "decimal", "numeric": "decimal", "currency": "money", "bool": "boolean",
     "checkbox": "boolean", "yesno": "boolean", "timestamp": "datetime", "date_time": "datetime", "select": "choice",
     "enum": "choice", "dropdown": "choice", "multiselect": "choices", "mail": "email", "telephone": "phone",
     "reference": "link", "relation": "link", "lookup": "link", "foreign_key": "link", "attachment": "file",
     "upload": "file", "picture": "image", "photo": "image", "table": "rows", "list": "rows", "password": "secret",
     "autonumber": "sequence", "formula": "computed", "zahl": "integer", "datum": "date", "auswahl": "choice"}
)  # fmt: skip


def say_unknown(
    problems: Problems, at: Span, what: str, name: str, known: Iterable[str], of: str | None = None
) -> None:
    """Note that a name is not known: with all that are, and the nearest."""
    problems.add(unknown(at, what, name, list(known), of))


def unknown(at: Span, what: str, name: str, known: list[str], of: str | None = None) -> Problem:
    """Return the problem that *name* is no *what* (of *of*)."""
    of_en, of_de = (f" in `{of}`", f"in `{of}` ") if of else ("", "")
    spoken = re.fullmatch(r"(\w+) of (?:the )?(\w+)", name) if what == "role" else None
    path = f"{spoken[2]}.{spoken[1]}" if spoken is not None else ""
    remedy = both(f"the way to a person is written with dots: {path}", f"der Weg zu einer Person wird mit Punkten geschrieben: {path}")
    return UNKNOWN[what].at(
        at, remedy=remedy if path else guess(name, known), name=name, known=listing(known) or "-", of_en=of_en, of_de=of_de
    )


def say_unknown_kind(problems: Problems, at: Span, name: str, known: Iterable[str]) -> None:
    """Note that there is no such kind of field; words of other products lead to ours."""
    meant = _FOREIGN_KINDS.get(name.lower().replace("-", "_"))
    if meant == "computed":
        remedy: Text | None = both(
            "leave `type` out and write `computed: RULE`", "`type` weglassen und `computed: REGEL` schreiben"
        )
    else:
        remedy = both(f'did you mean "{meant}"?', f'war "{meant}" gemeint?') if meant else guess(name, known)
    all_kinds = listing(sorted(known), 40)
    kinds = both("", "") if remedy else both(f"kinds: {all_kinds}", f"Arten: {all_kinds}")
    problems.add(UNKNOWN_KIND.at(at, remedy=remedy, name=name, kinds=kinds))


DUPLICATE = Code(
    "declared-twice",
    both("{what} `{name}` is declared twice", "{what} `{name}` ist zweimal deklariert"),
    label=both("declared again", "noch einmal deklariert"),
    remedy=both("rename or remove one of them", "eine davon umbenennen oder entfernen"),
    what=both(
        "Two declarations with one name, perhaps in two files.",
        "Zwei Deklarationen mit einem Namen, vielleicht in zwei Dateien.",
    ),
    why=both(
        "Which one counts would depend on the order of the files.",
        "Welche gilt, hinge von der Reihenfolge der Dateien ab.",
    ),
    wrong="entity: plot\nfields: {district: text}\n---\nentity: plot\nfields: {parcel: text}\n",
    right="entity: plot\nfields: {district: text, parcel: text}\n",
)


def say_duplicate(problems: Problems, at: Span, first: Span, what: str, name: str) -> None:
    """Note that a name is declared twice, showing both places."""
    note = both("first declared here", "zuerst hier angegeben")
    problems.add(DUPLICATE.at(at, what=word(what), name=name, related=[(first, note)]))


NAME_SYNTAX = Code(
    "name-syntax",
    both("`{name}` cannot be a name", "`{name}` kann kein Name sein"),
    label=both("small letters a-z, digits and _, a letter first", "kleine Buchstaben a-z, Ziffern und _, ein Buchstabe am Anfang"),
    remedy=both("write `{better}`; the label may be anything: label: {name}", "`{better}` schreiben; die Beschriftung ist frei: label: {name}"),
    what=both("A name with capitals, umlauts, blanks or other signs.", "Ein Name mit Großbuchstaben, Umlauten, Leerzeichen oder anderen Zeichen."),
    why=both("Names stand in rules, in web addresses and in the database, where only these signs are safe everywhere.",
             "Namen stehen in Regeln, Web-Adressen und der Datenbank; nur diese Zeichen sind überall sicher."),
    wrong="entity: Flurstück\nfields: {Straße: text}\n",
    right="entity: flurstueck\nlabel: Flurstück\nfields: {strasse: {type: text, label: Straße}}\n",
)  # fmt: skip
NAME_TOO_LONG = Code(
    "name-too-long",
    both("`{name}` has {length} characters, at most {limit} are possible", "`{name}` hat {length} Zeichen, möglich sind höchstens {limit}"),
    remedy=both("choose a shorter name, and say the rest in the label", "einen kürzeren Namen wählen; der Rest gehört in die Beschriftung"),
    what=both("A name longer than databases allow.", "Ein Name, länger als Datenbanken zulassen."),
    why=both("PostgreSQL cuts names at 63 bytes; two long names could become one.",
             "PostgreSQL schneidet Namen bei 63 Bytes ab; aus zwei langen Namen könnte einer werden."),
    wrong="entity: application_for_the_demolition_of_a_listed_building\nfields: {name: text}\n",
    right="entity: demolition\nlabel: Application for the demolition of a listed building\nfields: {name: text}\n",
)  # fmt: skip
RESERVED_NAME = Code(
    "reserved-name",
    both("`{name}` cannot be the name of a {what}: it means something already", "`{name}` kann hier ({what}) kein Name sein: das Wort hat schon eine Bedeutung"),
    remedy=both("choose another name", "einen anderen Namen wählen"),
    what=both("A name that every record has (`id`, `version`, `created`, …), a word of the rule language (`and`, `if`, `me`), or one that "
              "begins with `fw_`.",
              "Ein Name, den jeder Datensatz hat (`id`, `version`, `created`, …), ein Wort der Regelsprache (`and`, `if`, `me`), oder einer, "
              "der mit `fw_` beginnt."),
    why=both("Rules and tables could not tell the two apart.", "Regeln und Tabellen könnten beide nicht unterscheiden."),
    wrong="entity: plot\nfields:\n  id: text\n",
    right="entity: plot\nfields:\n  plot_id: text\n",
)  # fmt: skip

CODES = (*UNKNOWN.values(), UNKNOWN_KIND, DUPLICATE, NAME_SYNTAX, NAME_TOO_LONG, RESERVED_NAME)
