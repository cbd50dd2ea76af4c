"""The part of the language that declares documents made from records."""

from __future__ import annotations

from fachwerk.schemas.shapes import Group, Key, Leaf, Some
from fachwerk.schemas.wording import both

_NAME = Leaf("name")
_PEOPLE = Leaf("people")
PAGES = ("A4", "A4 landscape", "A5", "A5 landscape", "A3", "A3 landscape", "letter", "letter landscape")

DOCUMENT = Group("document", both("a document", "einem Dokument"), (
    Key("document", _NAME, both("A letter or another paper that is made from a record.",
        "Ein Schreiben oder ein anderes Papier, das aus einem Datensatz entsteht."), "document: permit_letter", required=True),
    Key("of", _NAME, both("The entity it is about.", "Die Entität, um die es geht."), "of: permit", required=True),
    Key("label", _PEOPLE, both("What people read. Follows from the name where it is left out.",
        "Was man liest. Ergibt sich aus dem Namen, wenn es fehlt."), "label: {en: Permit letter, de: Genehmigungsbescheid}"),
    Key("title", _PEOPLE, both("The name of the file and its title; label and title of the record where it is left out.",
        "Der Name der Datei und ihr Titel; Beschriftung und Titel des Datensatzes, wenn er fehlt."),
        'title: {en: "Permit {number}", de: "Genehmigung {number}"}'),
    Key("language", Leaf("rule"), both("Its language: a code, a rule that gives one, or a path to a person. That of the reader where it "
        "is left out.", "Seine Sprache: ein Kürzel, eine Regel, die eines ergibt, oder ein Pfad zu einer Person. Die des Lesers, wenn "
        "sie fehlt."), "language: applicant"),
    Key("by", Some(Leaf("word")), both("Who may make it by hand on the page of the record: roles or paths that lead to a person.",
        "Wer es von Hand auf der Seite des Datensatzes machen darf: Rollen oder Pfade, die zu einer Person führen."), "by: clerk"),
    Key("page", Leaf("word", PAGES), both("The size of a page; A4 where it is left out.", "Die Größe einer Seite; A4, wenn sie fehlt."),
        "page: A4 landscape"),
    Key("logo", Leaf("text"), both("A picture (PNG or JPEG) in the folder, at the top right of the first page.",
        "Ein Bild (PNG oder JPEG) im Ordner, oben rechts auf der ersten Seite."), "logo: logo.png"),
    Key("sender", _PEOPLE, both("The small line above the address.", "Die kleine Zeile über der Anschrift."),
        "sender: Building office, Market 1, 65719 Hofheim"),
    Key("to", _PEOPLE, both("The address, line by line: it stands where the window of an envelope is (DIN 5008, form B).",
        "Die Anschrift, Zeile für Zeile: sie steht, wo das Fenster eines Umschlags ist (DIN 5008, Form B)."),
        'to: "{applicant}\\n{applicant.address}"'),
    Key("date", _PEOPLE, both("The line with place and date, at the right.", "Die Zeile mit Ort und Datum, rechts."),
        'date: "Hofheim, {today()}"'),
    Key("header", _PEOPLE, both("What stands at the top of every page; `{page}` and `{pages}` are numbers of pages.",
        "Was oben auf jeder Seite steht; `{page}` und `{pages}` sind Seitenzahlen."), "header: City of Hofheim"),
    Key("footer", _PEOPLE, both("What stands at the bottom of every page.", "Was unten auf jeder Seite steht."),
        'footer: {en: "Page {page} of {pages}", de: "Seite {page} von {pages}"}'),
    Key("text", _PEOPLE, both("The text: headings (#), paragraphs, **bold**, *italic*, lists (- or 1.), tables (| a | b |), `{rule}` puts a value "
        "in, `{for one in costs}` ... `{end}` repeats, `{if rule}` ... `{else}` ... `{end}`, `{page break}`.",
        "Der Text: Überschriften (#), Absätze, **fett**, *kursiv*, Listen (- oder 1.), Tabellen (| a | b |), `{Regel}` setzt einen Wert ein, "
        "`{for one in costs}` ... `{end}` wiederholt, `{if Regel}` ... `{else}` ... `{end}`, `{page break}`."),
        'text: "# Permit {number}\\n\\nThe fee is {fee}."'),
    Key("file", Leaf("text"), both("A Word file (.docx) in the folder instead of a text; the same places stand in its text.",
        "Eine Word-Datei (.docx) im Ordner statt eines Textes; darin stehen die gleichen Platzhalter."), "file: permit.docx"),
))  # fmt: skip
