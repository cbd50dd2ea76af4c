"""The words of the handbook, in English and German."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fachwerk.problems import Text, say
from fachwerk.rules.language import Labels, tell
from fachwerk.schemas.model import Project, Rule
from fachwerk.schemas.telling import ProjectLabels
from fachwerk.schemas.wording import both

_KINDS: Mapping[str, Text] = {
    "text": both("text", "Text"), "long_text": both("long text", "langer Text"),
    "rich_text": both("formatted text", "formatierter Text"), "integer": both("whole number", "ganze Zahl"),
    "decimal": both("number", "Zahl"), "percent": both("percentage", "Prozentwert"), "money": both("amount", "Betrag"),
    "boolean": both("yes or no", "ja oder nein"), "date": both("day", "Tag"), "time": both("time of day", "Uhrzeit"),
    "datetime": both("day and time", "Tag und Uhrzeit"), "duration": both("length of time", "Dauer"),
    "choice": both("one of", "eines von"), "choices": both("any of", "beliebig viele von"),
    "email": both("e-mail address", "E-Mail-Adresse"), "phone": both("telephone number", "Telefonnummer"),
    "url": both("web address", "Internetadresse"), "iban": both("bank account (IBAN)", "Konto (IBAN)"),
    "color": both("colour", "Farbe"), "rating": both("stars", "Sterne"), "address": both("postal address", "Anschrift"),
    "geo_point": both("place on the map", "Ort auf der Karte"),
    "sequence": both("running number", "fortlaufende Nummer"),
    "file": both("file", "Datei"), "files": both("files", "Dateien"), "image": both("picture", "Bild"),
    "images": both("pictures", "Bilder"), "json": both("data (JSON)", "Daten (JSON)"),
    "secret": both("secret, kept encrypted", "Geheimnis, verschlüsselt aufbewahrt"),
    "user": both("account", "Benutzerkonto"), "link": both("link to {to}", "Verweis auf {to}"),
    "links": both("links to {to}", "Verweise auf {to}"),
    "back_links": both("what links here: {to} ({field})", "was hierher verweist: {to} ({field})"),
    "rows": both("table, see below", "Tabelle, siehe unten"), "tree": both("place in the hierarchy",
                 "Platz in der Hierarchie"),
    "computed": both("calculated", "berechnet"),
}  # fmt: skip
_WORDS: Mapping[str, Text] = {
    "version": both("version {number}", "Version {number}"),
    "roles": both("Roles", "Rollen"),
    "includes": both("includes: {roles}", "umfasst: {roles}"),
    "reads_everything": both("reads everything", "liest alles"),
    "signs_up": both("people can register for it by themselves", "man kann sich dafür selbst registrieren"),
    "field": both("Field", "Feld"), "kind": both("Kind", "Art"), "rules": both("Rules", "Regeln"),
    "title": both("Called by: {rule}.", "Heißt nach: {rule}."),
    "relation": both("Connects {source} and {target}.", "Verbindet {source} und {target}."),
    "valid": both("Holds from {since} to {until}.", "Gilt von {since} bis {until}."),
    "unique_of": both("No two have the same {fields}.", "Keine zwei haben dasselbe bei: {fields}."),
    "section": both("The section {label} is shown when {rule}.", "Der Abschnitt {label} ist sichtbar, wenn {rule}."),
    "unit": both("in {unit}", "in {unit}"), "places": both("{count} decimals", "{count} Nachkommastellen"),
    "place": both("1 decimal", "1 Nachkommastelle"),
    "required": both("required", "Pflicht"), "required_when": both("required when {rule}", "Pflicht, wenn {rule}"),
    "visible": both("shown when {rule}", "sichtbar, wenn {rule}"),
    "read_only_always": both("cannot be changed by hand", "von Hand nicht änderbar"),
    "read_only": both("cannot be changed when {rule}", "nicht änderbar, wenn {rule}"),
    "computed": both("calculated: {rule}", "berechnet: {rule}"),
    "default": both("begins with {rule}", "beginnt mit {rule}"),
    "unique": both("no two have the same", "keine zwei haben dasselbe"),
    "personal": both("personal data", "personenbezogen"),
    "min": both("at least {rule}", "mindestens {rule}"), "max": both("at most {rule}", "höchstens {rule}"),
    "min_day": both("not before {rule}", "nicht vor {rule}"), "max_day": both("not after {rule}", "nicht nach {rule}"),
    "min_length": both("at least {count} characters", "mindestens {count} Zeichen"),
    "max_length": both("at most {count} characters", "höchstens {count} Zeichen"),
    "pattern": both("of the form {pattern}", "in der Form {pattern}"),
    "format": both("such as {format}", "in der Form {format}"),
    "yearly": both("begins again every year", "beginnt jedes Jahr neu"),
    "monthly": both("begins again every month", "beginnt jeden Monat neu"),
    "first": both("begins with {count}", "beginnt bei {count}"),
    "accept": both("accepted: {endings}", "angenommen: {endings}"),
    "max_size": both("at most {size} each", "je höchstens {size}"),
    "min_count": both("at least {count}", "mindestens {count}"),
    "max_count": both("at most {count}", "höchstens {count}"),
    "where": both("only where {rule}", "nur, wo gilt: {rule}"),
    "option_when": both("{label} only when {rule}", "{label} nur, wenn {rule}"),
    "on_clear": both("emptied when that is deleted", "wird geleert, wenn jenes gelöscht wird"),
    "on_delete": both("deleted together with that", "wird mit jenem gelöscht"),
    "on_refuse": both("that cannot be deleted as long as this leads there",
                      "jenes kann nicht gelöscht werden, solange dies dorthin führt"),
    "checks": both("What must hold", "Was gelten muss"), "else": both("else: “{message}”", "sonst: „{message}“"),
    "rights": both("Who may do what", "Wer was darf"),
    "create": both("create", "anlegen"), "read": both("read", "lesen"), "update": both("change", "ändern"),
    "delete": both("delete", "löschen"), "yes": both("yes", "ja"),
    "hides": both("{role} does not see: {fields}", "{role} sieht nicht: {fields}"),
    "fixed": both("{role} cannot change: {fields}", "{role} kann nicht ändern: {fields}"),
    "step": both("Step", "Schritt"), "way": both("From → to", "Von → nach"), "by": both("By", "Durch"),
    "when": both("When", "Wenn"), "itself": both("by itself", "von selbst"),
    "begins": both("Begins in {states}.", "Beginnt in {states}."),
    "ends": both("Ends in {states}.", "Endet in {states}."),
    "kept": both("Running cases keep the version that they started under.",
                 "Laufende Vorgänge behalten die Fassung, unter der sie begonnen haben."),
    "editable": both("in **{state}** only these can be changed: {fields}", "in **{state}** nur änderbar: {fields}"),
    "uneditable": both("in **{state}** nothing can be changed", "in **{state}** ist nichts änderbar"),
    "state_read_only": both("in **{state}** cannot be changed: {fields}", "in **{state}** nicht änderbar: {fields}"),
    "state_required": both("in **{state}** is required: {fields}", "in **{state}** Pflicht: {fields}"),
    "require": both("needs {fields}", "braucht {fields}"), "fill": both("asks for {fields}", "fragt nach {fields}"),
    "comment_required": both("a comment is required", "eine Begründung ist Pflicht"),
    "comment_none": both("without a comment", "ohne Bemerkung"),
    "sets": both("sets {field} to {rule}", "setzt {field} auf {rule}"),
    "asks": both("**{state}** asks {people}: {label}", "**{state}** fragt {people}: {label}"),
    "asks_each": both("**{state}** asks {people}: {label}, for each of {each}",
                      "**{state}** fragt {people}: {label}, je einmal zu {each}"),
    "each_some": both("{needs} of them must have an outcome", "{needs} davon muss ein Ergebnis haben"),
    "asks_many": both("**{state}** asks {people}: {label}, {needs} different people",
                      "**{state}** fragt {people}: {label}, {needs} verschiedene Personen"),
    "each_person": both("the person in question", "die jeweilige Person"),
    "of_each": both("{person} of each", "{person} des jeweiligen Eintrags"),
    "asks_all": both("**{state}** asks {people}: {label}, all who may",
                     "**{state}** fragt {people}: {label}, alle, die es dürfen"),
    "asks_majority": both("**{state}** asks {people}: {label}, more than half of those who may",
                          "**{state}** fragt {people}: {label}, mehr als die Hälfte derer, die es dürfen"),
    "all": both("all", "alle"), "majority": both("more than half", "mehr als die Hälfte"),
    "confirm": both("asks before: “{question}”", "fragt vorher: „{question}“"),
    "outcomes": both("possible: {outcomes}", "möglich: {outcomes}"),
    "after": both("once there is an outcome of {parts}", "erst nach dem Ergebnis von {parts}"),
    "within": both("within {span}", "binnen {span}"),
    "complete": both("all opinions that it needs are there", "alle nötigen Stellungnahmen liegen vor"),
    "enough": both("**{state}** is complete with {needs} of these", "**{state}** ist mit {needs} davon vollständig"),
    "waits": both("**{state}** lasts until {path} have ended", "**{state}** dauert, bis {path} zu Ende sind"),
    "limit": both("**{label}**: within {span}, in {states}", "**{label}**: binnen {span}, in {states}"),
    "rests": both("rests in {states}", "ruht in {states}"),
    "warns": both("warning {span} before", "Warnung {span} vorher"),
    "pauses": both("paused by {people}", "anzuhalten durch {people}"),
    "extends": both("extended by {people}, by {span} at most", "zu verlängern durch {people}, höchstens um {span}"),
    "once": both("only once", "nur einmal"), "times": both("{times} times at most", "höchstens {times}-mal"),
    "missed": both("when missed: {done}", "wenn versäumt: {done}"),
    "then": both("then {step}", "dann {step}"),
    "notify": both("tells {people}: “{subject}”", "benachrichtigt {people}: „{subject}“"),
    "notify_bare": both("tells {people}", "benachrichtigt {people}"),
    "attached": both("{what}, with {letters}", "{what}, mit {letters}"),
    "document": both("makes the document {letter}", "erstellt das Dokument {letter}"),
    "mark": both("marks {field}", "vermerkt {field}"), "make": both("makes a {entity}", "legt an: {entity}"),
    "change": both("changes {path}", "ändert {path}"), "with": both("{what} ({values})", "{what} ({values})"),
    "take": both("{path}: {step}", "{path}: {step}"), "webhook": both("tells {target} over HTTP",
                 "meldet es {target} per HTTP"),
    "decisions": both("Decisions", "Entscheidungen"), "result": both("Result", "Ergebnis"),
    "otherwise": both("Otherwise: {rules}.", "Sonst: {rules}."),
    "unique_hit": both("Exactly one row fits.", "Genau eine Zeile passt."),
    "any": both("All rows that fit say the same.", "Alle passenden Zeilen sagen dasselbe."),
    "first_hit": both("The first row that fits counts.", "Es gilt die erste passende Zeile."),
    "priority": both("The most important result of the rows that fit counts.",
                     "Es gilt das wichtigste Ergebnis der passenden Zeilen."),
    "rule order": both("All rows that fit count, in their order.",
                       "Alle passenden Zeilen gelten, in ihrer Reihenfolge."),
    "output order": both("All rows that fit count, the most important first.",
                         "Alle passenden Zeilen gelten, die wichtigste zuerst."),
    "collect": both("All rows that fit count.", "Alle passenden Zeilen gelten."),
    "sum": both("The sum of all rows that fit.", "Die Summe aller passenden Zeilen."),
    "lowest": both("The lowest of all rows that fit.", "Das Kleinste aller passenden Zeilen."),
    "highest": both("The highest of all rows that fit.", "Das Größte aller passenden Zeilen."),
    "count": both("How many rows fit.", "Die Zahl der passenden Zeilen."),
    "model": both("As the file of the model says.", "Wie in der Datei des Modells."),
    "automations": both("What happens by itself", "Was von selbst geschieht"),
    "created": both("when one is created", "wenn etwas angelegt wird"),
    "changed": both("when one is changed", "wenn etwas geändert wird"),
    "after_step": both("after {step}", "nach {step}"),
    "daily": both("every day at {at}", "jeden Tag um {at} Uhr"),
    "working_daily": both("on every working day at {at}", "an jedem Arbeitstag um {at} Uhr"),
    "hourly": both("every {hours} hours", "alle {hours} Stunden"), "every_hour": both("every hour", "jede Stunde"),
    "inactive": both("once nothing was changed for {span}", "sobald {span} lang nichts geändert wurde"),
    "if": both("if {rule}", "wenn {rule}"),
    "messages": both("Messages", "Nachrichten"), "letters": both("Documents", "Dokumente"),
    "letter_of": both("**{label}**, of {entity}", "**{label}**, zu {entity}"),
    "letter_by": both("made by hand by {people}", "von Hand zu erstellen durch {people}"),
    "everywhere": both("Languages: {languages}. Currency: {currency}. Time zone: {zone}.",
                       "Sprachen: {languages}. Währung: {currency}. Zeitzone: {zone}."),
    "calendar": both("Working days: the calendar of {place}.", "Arbeitstage: nach dem Kalender von {place}."),
    "closed": both("Closed besides: {days}.", "Außerdem geschlossen: {days}."),
    "hours": both("Office hours: {hours}.", "Dienstzeiten: {hours}."),
    "mon": both("Monday", "Montag"), "tue": both("Tuesday", "Dienstag"), "wed": both("Wednesday", "Mittwoch"),
    "thu": both("Thursday", "Donnerstag"), "fri": both("Friday", "Freitag"), "sat": both("Saturday", "Samstag"),
    "sun": both("Sunday", "Sonntag"),
}  # fmt: skip


class Teller:
    """Says things of one entity of a project in one language."""

    def __init__(self, project: Project, language: str, entity: str = "") -> None:
        self.project, self.language, self.entity = project, language, entity
        self.labels: Labels = ProjectLabels(project, entity)

    def at(self, entity: str) -> Teller:
        """Return the teller of another entity."""
        return Teller(self.project, self.language, entity)

    def word(self, name: str, **values: object) -> str:
        """Return one of the words of the handbook."""
        return say(_WORDS[name], self.language, **values)

    def kind(self, name: str, **values: object) -> str:
        """Return what a kind of field is called."""
        return say(_KINDS[name], self.language, **values)

    def say(self, text: Text | None) -> str:
        """Return a text of the project."""
        return say(text, self.language) if text is not None else ""

    def rule(self, rule: Rule) -> str:
        """Return a rule as a sentence without a full stop."""
        return tell(rule.checked, self.language, labels=self.labels)

    def value(self, rule: Rule) -> str:
        """Return a rule as it stands within a sentence."""
        told = self.rule(rule)
        return told.lower() if told in ("Heute", "Today", "Jetzt", "Now") else told

    def fields(self, names: Iterable[str]) -> str:
        """Return fields of the entity by their labels."""
        entity = self.project.entities.get(self.entity)
        known = entity.fields if entity is not None else {}
        return ", ".join(self.say(known[name].label) if name in known else name for name in names)


def cell(text: str) -> str:
    """Return a text as it may stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ")
