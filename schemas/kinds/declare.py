"""Which keys a field may have: those of all fields, and those of each kind. Texts for the reference and for editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fachwerk.problems import Text
from fachwerk.schemas.shapes import Either, FieldOf, Group, Key, Leaf, Named, Some
from fachwerk.schemas.wording import both

COLORS = ("gray", "red", "orange", "amber", "yellow", "green", "teal", "blue", "purple", "pink")

_RULE = Leaf("rule")
_SWITCH = Leaf("switch")
_COUNT = Leaf("integer", least=0)


@dataclass(frozen=True, slots=True)
class Declared:
    """A kind of field: what it is for, an example, its own keys."""

    about: Text
    example: str
    keys: tuple[Key, ...] = ()


COMMON: tuple[Key, ...] = (
    Key("type", Leaf("word"), both("The kind of the field.", "Die Art des Feldes."), "born: {type: date}"),
    Key("label", Leaf("people"), both("What people read. Follows from the name where it is left out.",
        "Was man liest. Ergibt sich aus dem Namen, wenn es fehlt."), "label: {en: Date of birth, de: Geburtsdatum}"),
    Key("hint", Leaf("people"), both("A short help below the field.", "Eine kurze Hilfe unter dem Feld."),
        'hint: {en: "Such as 117/4", de: "Zum Beispiel 117/4"}'),
    Key("required", _SWITCH, both("Whether a value must be given: always, or when a rule holds. In the short form: `!`.",
        "Ob ein Wert da sein muss: immer, oder wenn eine Regel gilt. In der Kurzform: `!`."),
        'required: kind = "demolition"'),
    Key("visible", _SWITCH, both("When the field is shown. The value of a hidden field is dropped.",
        "Wann das Feld zu sehen ist. Der Wert eines verborgenen Feldes entfällt."), 'visible: kind = "demolition"'),
    Key("read_only", _SWITCH, both("When the value cannot be changed.", "Wann der Wert nicht geändert werden kann."),
        'read_only: state != "draft"'),
    Key("default", _RULE, both("The value of a new record: a rule, or for a choice an option.",
        "Der Wert eines neuen Datensatzes: eine Regel, bei einer Auswahl eine Option."), "default: today()"),
    Key("unique", Leaf("boolean"), both("No two records may have the same value.",
        "Keine zwei Datensätze dürfen denselben Wert haben."), "unique: true"),
    Key("personal", Leaf("boolean"), both("Personal data: part of a disclosure and an erasure.",
        "Personenbezogen: Teil einer Auskunft und einer Löschung."), "personal: true"),
    Key("computed", _RULE, both("The rule that makes the value; nobody can edit it. Without `type` the kind follows from the rule.",
        "Die Regel, die den Wert ergibt; niemand kann ihn ändern. Ohne `type` ergibt sich die Art aus der Regel."),
        "computed: sum(permits[fee != null].fee)"),
    Key("stored", Leaf("boolean"), both("Whether a computed value is kept in the table: quick to sort and filter by.",
        "Ob ein berechneter Wert in der Tabelle steht: schnell zu sortieren und zu filtern."), "stored: true"),
    Key("was", Leaf("name"), both("The name it had before: its values stay.", "Wie es vorher hieß: die Werte bleiben."),
        "was: kind_text"),
    Key("drop", Leaf("boolean"), both("It is given up with its values, and stands here only to say so.",
        "Es wird mit seinen Werten aufgegeben und steht nur hier, um das zu sagen."), "drop: true"),
    Key("convert", _RULE, both("What becomes of the values that are there, once, when this is deployed: a rule over the record as it was. "
        "Where it gives nothing, a value stays as it is, or becomes of the new kind by itself.",
        "Was aus vorhandenen Werten wird, einmal, wenn das eingespielt wird: eine Regel über den Datensatz, wie er war. "
        "Wo sie nichts ergibt, bleibt ein Wert, wie er ist, oder wird von selbst zu einem der neuen Art."),
        "convert: number(storeys)"),
    Key("fill", _RULE, both("The value of records that have none yet: a rule over the record as it was.",
        "Der Wert von Datensätzen, die noch keinen haben: eine Regel über den Datensatz, wie er war."),
        "fill: applicant.district"),
)  # fmt: skip
"""Keys of every kind."""

COMPUTED_WITHOUT = ("required", "default", "read_only", "min", "max", "min_length", "max_length", "pattern", "min_count",
                    "max_count", "where", "on_delete", "convert", "fill")  # fmt: skip
"""Keys that say something about entering a value, which nobody does where it is computed."""

_LENGTH = (
    Key("min_length", _COUNT, both("The fewest characters.", "So viele Zeichen mindestens."), "min_length: 3"),
    Key("max_length", _COUNT, both("The most characters.", "So viele Zeichen höchstens."), "max_length: 80"),
)  # fmt: skip
_LIMITS = (
    Key("min", _RULE, both("The least value: a constant or a rule.", "Der kleinste Wert: fest oder eine Regel."), "min: 0"),
    Key("max", _RULE, both("The greatest value: a constant or a rule.", "Der größte Wert: fest oder eine Regel."),
        "max: today()"),
)  # fmt: skip
_PLACES = Key("places", Leaf("integer", least=0, most=12), both("Digits behind the point; 2 where nothing is said.",
              "Stellen hinter dem Komma; 2, wenn nichts gesagt ist."), "places: 1")  # fmt: skip
_UNIT = Key(
    "unit", Leaf("text"), both("The unit that stands behind the number.", "Die Einheit hinter der Zahl."), "unit: m²"
)
_COUNTS = (
    Key("min_count", _COUNT, both("How many there must be. From 1 on the field is required, unless `required` says when it is.",
        "Wie viele es mindestens sein müssen. Ab 1 ist das Feld Pflicht, wenn `required` nichts anderes sagt."),
        "min_count: 1"),
    Key("max_count", Leaf("integer", least=1), both("How many there may be.", "Wie viele es höchstens sein dürfen."),
        "max_count: 5"),
)  # fmt: skip
_FILE = (
    Key("accept", Some(Leaf("word")), both("The endings of the files that are taken.",
        "Die Endungen der Dateien, die angenommen werden."), "accept: [pdf, jpg]"),
    Key("max_size", Leaf("size"), both("The greatest size of one file; 50 MB where nothing is said.",
        "Die größte Größe einer Datei; 50 MB, wenn nichts gesagt ist."), "max_size: 20 MB"),
)  # fmt: skip

OPTION = Group("option", both("an option", "einer Option"), (
    Key("label", Leaf("people"), both("What people read.", "Was man liest."), "label: {en: New building, de: Neubau}"),
    Key("color", Leaf("word", COLORS), both("The colour of its mark.", "Die Farbe der Marke."), "color: green"),
    Key("when", _SWITCH, both("When the option is offered: a rule over the record.",
        "Wann die Option angeboten wird: eine Regel über den Datensatz."), "when: floor_area > 100"),
    Key("was", Some(Leaf("name")), both("The options whose place it takes: records that have them get this one.",
        "Die Optionen, an deren Stelle sie tritt: Datensätze mit ihnen bekommen diese."), "was: [conversion, extension]"),
))  # fmt: skip

_OPTIONS = Key("options", Either((Some(Leaf("name"), alone=False),
    Named(Either((Leaf("people"), OPTION)), both("option", "Option")))),
    both("What can be chosen: names, or names with labels, or with label, colour and `when`.",
         "Was zur Wahl steht: Namen, oder Namen mit Beschriftung, oder mit Beschriftung, Farbe und `when`."),
    "options: {new: {en: New building, de: Neubau}, other: Other}", required=True)  # fmt: skip

CHECK = Group("check", both("a check", "einer Prüfung"), (
    Key("that", _RULE, both("What must hold.", "Was gelten muss."), "that: storeys <= plot.max_storeys", required=True),
    Key("on", Leaf("name"), both("The field that the message stands beside.", "Das Feld, neben dem die Meldung steht."),
        "on: storeys"),
    Key("else", Leaf("people"), both("What is said where it does not hold; `{rule}` puts a value in.",
        "Was gesagt wird, wenn es nicht gilt; `{Regel}` setzt einen Wert ein."),
        'else: {en: "At most {plot.max_storeys} storeys.", de: "Höchstens {plot.max_storeys} Geschosse."}', required=True),
))  # fmt: skip

_TO = Key("to", Some(Leaf("name")), both("The entity it leads to; several in brackets.",
          "Die Entität, zu der es führt; mehrere in Klammern."), "to: person", required=True)  # fmt: skip
_WHERE = Key("where", _RULE, both("Which records may be chosen: a rule over them; `this` is the record that links.",
             "Welche Datensätze zur Wahl stehen: eine Regel über sie; `this` ist der Datensatz, der verweist."),
             "where: district = this.district")  # fmt: skip
_ON_DELETE = Key("on_delete", Leaf("word", ("refuse", "clear", "delete")), both(
    "What happens when the record it leads to is to be deleted: that is refused (the rule), the link is cleared, or this "
    "record is deleted too.",
    "Was geschieht, wenn der verlinkte Datensatz gelöscht werden soll: das wird abgelehnt (so ist es sonst), der Verweis "
    "wird geleert, oder dieser Datensatz wird mit gelöscht."), "on_delete: clear")  # fmt: skip

KINDS: Mapping[str, Declared] = MappingProxyType({
    "text": Declared(both("One line of text.", "Eine Zeile Text."), "name: text!", (*_LENGTH,
        Key("pattern", Leaf("text"), both("A regular expression that the whole text must match.",
            "Ein regulärer Ausdruck, dem der ganze Text entsprechen muss."), r"pattern: '\d+(/\d+)?'"),
        Key("pattern_hint", Leaf("people"), both("What is said where the pattern does not match.",
            "Was gesagt wird, wenn der Ausdruck nicht passt."), 'pattern_hint: {en: "Such as 117/4", de: "Etwa 117/4"}'))),
    "long_text": Declared(both("Text of several lines.", "Mehrzeiliger Text."), "note: long_text", _LENGTH),
    "rich_text": Declared(both("Text with headings, lists and emphasis.", "Text mit Überschriften, Listen, Hervorhebung."),
        "description: rich_text", _LENGTH),
    "integer": Declared(both("A whole number.", "Eine ganze Zahl."), "storeys: {type: integer, min: 1}", (*_LIMITS, _UNIT)),
    "decimal": Declared(both("A number with digits behind the point; exact.", "Eine Zahl mit Nachkommastellen; genau."),
        "floor_area: {type: decimal, places: 1, unit: m²}", (*_LIMITS, _PLACES, _UNIT)),
    "percent": Declared(both("A percentage; 50 is 50 %.", "Ein Prozentsatz; 50 ist 50 %."),
        "share: {type: percent, min: 0, max: 100}", (*_LIMITS, _PLACES)),
    "money": Declared(both("An amount of money; exact.", "Ein Geldbetrag; genau."), "rent: {type: money, min: 0}",
        (*_LIMITS, _PLACES, Key("currency", Leaf("word"), both("The currency; that of the app where nothing is said.",
         "Die Währung; die der Anwendung, wenn nichts gesagt ist."), "currency: CHF"))),
    "boolean": Declared(both("Yes or no.", "Ja oder nein."), "heritage: boolean"),
    "date": Declared(both("A day.", "Ein Tag."), "born: {type: date, max: today()}", _LIMITS),
    "time": Declared(both("A time of day.", "Eine Uhrzeit."), "begins: time", _LIMITS),
    "datetime": Declared(both("A moment: day and time.", "Ein Zeitpunkt: Tag und Uhrzeit."), "visit: datetime", _LIMITS),
    "duration": Declared(both("A length of time in days, hours and minutes.", "Eine Dauer in Tagen, Stunden, Minuten."),
        "effort: duration", _LIMITS),
    "choice": Declared(both("One of several options.", "Eine von mehreren Optionen."),
        "kind: {type: choice, options: [new, conversion]}", (_OPTIONS,)),
    "choices": Declared(both("Any of several options.", "Mehrere von mehreren Optionen."),
        "skills: {type: choices, options: [surgery, care]}", (_OPTIONS, *_COUNTS)),
    "email": Declared(both("An e-mail address.", "Eine E-Mail-Adresse."), "email: {type: email, unique: true}", _LENGTH),
    "phone": Declared(both("A telephone number.", "Eine Telefonnummer."), "phone: phone", _LENGTH),
    "url": Declared(both("A web address.", "Eine Web-Adresse."), "website: url", _LENGTH),
    "iban": Declared(both("A bank account number.", "Eine Kontonummer (IBAN)."), "account: iban", _LENGTH),
    "color": Declared(both("A colour.", "Eine Farbe."), "color: color"),
    "rating": Declared(both("Stars, from 1 on.", "Sterne, ab 1."), "satisfaction: {type: rating, max: 5}", (
        Key("min", _RULE, both("The fewest stars.", "So viele Sterne mindestens."), "min: 2"),
        Key("max", _RULE, both("How many stars there are; 5 where nothing is said.",
            "Wie viele Sterne es gibt; 5, wenn nichts gesagt ist."), "max: 10"))),
    "address": Declared(both("Street, postal code, city and country.", "Straße, Postleitzahl, Ort und Land."),
        "home: address"),
    "geo_point": Declared(both("A place on the map: latitude and longitude.",
        "Ein Ort auf der Karte: Breite und Länge."), "position: geo_point"),
    "sequence": Declared(both("A number that the system gives, without gaps.",
        "Eine Nummer, die das System vergibt, ohne Lücken."), 'number: {type: sequence, format: "BA-{year}-{0000}"}', (
        Key("format", Leaf("text"), both("How it looks: `{year}`, `{yy}`, `{month}` and as many zeros as digits.",
            "Wie sie aussieht: `{year}`, `{yy}`, `{month}` und so viele Nullen wie Stellen."), 'format: "BA-{year}-{0000}"'),
        Key("reset", Leaf("word", ("yearly", "monthly", "never")), both("When counting begins again.",
            "Wann die Zählung neu beginnt."), "reset: yearly"),
        Key("first", Leaf("integer", least=0), both("The first number.", "Die erste Nummer."), "first: 100"))),
    "file": Declared(both("One file.", "Eine Datei."), "report: {type: file, accept: [pdf]}", _FILE),
    "files": Declared(both("Any number of files.", "Beliebig viele Dateien."), "documents: files", (*_FILE, *_COUNTS)),
    "image": Declared(both("One picture.", "Ein Bild."), "photo: image", _FILE),
    "images": Declared(both("Any number of pictures.", "Beliebig viele Bilder."), "photos: images", (*_FILE, *_COUNTS)),
    "json": Declared(both("Any data, for programs.", "Beliebige Daten, für Programme."), "raw: json"),
    "secret": Declared(both("A text that is stored encrypted and never shown whole.",
        "Ein Text, der verschlüsselt liegt und nie ganz gezeigt wird."), "access_code: secret", _LENGTH),
    "user": Declared(both("Somebody who can sign in.", "Jemand mit einem Zugang."), "user: {type: user, unique: true}"),
    "link": Declared(both("Another record.", "Ein anderer Datensatz."), "plot: {type: link, to: plot}",
        (_TO, _WHERE, _ON_DELETE)),
    "links": Declared(both("Any number of other records.", "Beliebig viele andere Datensätze."),
        "tags: {type: links, to: tag}", (_TO, _WHERE, *_COUNTS)),
    "back_links": Declared(both("The records whose link leads here.", "Die Datensätze, deren Verweis hierher führt."),
        "permits: {type: back_links, of: permit.plot}", (
        Key("of", Leaf("word"), both("The entity and its field.", "Die Entität und ihr Feld."), "of: permit.plot",
            required=True),)),
    "rows": Declared(both("Lines of a table that belong to the record alone and are edited with it.",
        "Zeilen einer Tabelle, die nur zu diesem Datensatz gehören und mit ihm bearbeitet werden."),
        "neighbours: {type: rows, fields: {name: text!}}", (
        Key("fields", Named(FieldOf(rows=True), both("field", "Feld")), both("The columns; `parent` is the record.",
            "Die Spalten; `parent` ist der Datensatz."), "fields: {name: text!, notified: date}", required=True),
        Key("checks", Some(CHECK, alone=False), both("What must hold for each line.", "Was für jede Zeile gelten muss."),
            "checks: [{that: hours <= 24, else: A day has 24 hours.}]"),
        Key("unique", Either((Leaf("boolean"), Some(Some(Leaf("name")), alone=False))), both(
            "Groups of fields of which no two lines of a record may have the same values.",
            "Gruppen von Feldern, deren Werte in keinen zwei Zeilen eines Datensatzes gleich sein dürfen."),
            "unique: [[name]]"),
        *_COUNTS)),
    "tree": Declared(both("The record above this one in a tree; rules can ask `a under b`.",
        "Der Datensatz über diesem in einem Baum; Regeln können `a under b` fragen."), "parent: tree",
        (_WHERE, _ON_DELETE)),
})  # fmt: skip
"""All kinds of fields."""
