"""A made-up project and views of every page, for tests of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from fachwerk.forms import model as views
from fachwerk.forms.assets import load_assets
from fachwerk.forms.compile import compile_forms
from fachwerk.forms.render import Pages
from fachwerk.problems import Fragment, Text
from fachwerk.rules.tree import Literal
from fachwerk.rules.types import ANY, RecordType, Typed
from fachwerk.schemas.kinds import FileInfo, Reference
from fachwerk.schemas.model import Entity, Field, Kind, ListLayout, Option, Project, Rule, Section

SPAN = Fragment.of("sample").span()


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as the engine hands it out."""

    id: str
    title: str
    values: Mapping[str, object] = field(default_factory=dict)


def text(en: str, de: str) -> Text:
    """Return a text in both languages."""
    return {"en": en, "de": de}


def always() -> Rule:
    """Return the rule ``true``."""
    return Rule(Fragment.of("true"), cast("Any", SimpleNamespace(node=Literal(True))))


def make(name: str, kind: Kind, en: str, de: str, *, required: bool = False, **keys: Any) -> Field:
    """Return a field."""
    rule = always() if required else None
    return Field(name, kind, text(en, de), SPAN, Typed(ANY), required=rule, **keys)


def entity(name: str, label: Text, plural: Text, fields: list[Field], **keys: Any) -> Entity:
    """Return an entity."""
    return Entity(name, label, plural, SPAN, RecordType(name), {f.name: f for f in fields}, **keys)


STATES = (
    Option("draft", text("Draft", "Entwurf"), "gray"),
    Option("submitted", text("Submitted", "Eingereicht"), "blue"),
    Option("in_review", text("In review", "In Prüfung"), "amber"),
    Option("decided", text("Decided", "Entschieden"), "purple"),
    Option("granted", text("Granted", "Genehmigt"), "green"),
    Option("refused", text("Refused", "Abgelehnt"), "red"),
)
KINDS = (
    Option("new", text("New building", "Neubau")),
    Option("conversion", text("Conversion", "Umbau")),
    Option("demolition", text("Demolition", "Abbruch")),
)

NEIGHBOURS = entity(
    "permit.neighbours",
    text("Neighbour", "Nachbar"),
    text("Neighbours", "Nachbarn"),
    [
        make("name", "text", "Name", "Name", required=True),
        make("notified", "date", "Notified", "Benachrichtigt"),
        make("consents", "boolean", "Consents", "Stimmt zu"),
    ],
)

PERMIT = entity(
    "permit",
    text("Permit application", "Bauantrag"),
    text("Permit applications", "Bauanträge"),
    [
        make("number", "sequence", "Number", "Nummer", format="BA-{year}-{0000}"),
        make("applicant", "link", "Applicant", "Antragsteller/in", required=True, to=("person",)),
        make("plot", "link", "Plot", "Flurstück", required=True, to=("plot",)),
        make("kind", "choice", "Kind", "Art", required=True, options=KINDS),
        make("floor_area", "decimal", "Floor area", "Wohnfläche", places=1, unit="m²",
             hint=text("All storeys together.", "Alle Geschosse zusammen.")),
        make("storeys", "integer", "Storeys", "Geschosse", required=True),
        make("begin", "date", "Begin of work", "Baubeginn"),
        make("survey", "datetime", "Survey", "Ortstermin"),
        make("heritage", "boolean", "Listed building", "Denkmalschutz"),
        make("measures", "choices", "Measures", "Maßnahmen", options=(
            Option("roof", text("Roof", "Dach")), Option("facade", text("Façade", "Fassade")),
            Option("heating", text("Heating", "Heizung")), Option("access", text("Access", "Zufahrt")))),
        make("district", "choice", "District", "Ortsteil", options=tuple(
            Option(f"d{n}", text(f"District {n}", f"Ortsteil {n}")) for n in range(7))),
        make("site", "address", "Address of the site", "Anschrift der Baustelle"),
        make("email", "email", "Email", "E-Mail"),
        make("phone", "phone", "Phone", "Telefon"),
        make("urgency", "rating", "Urgency", "Dringlichkeit"),
        make("experts", "links", "Experts", "Sachverständige", to=("person",)),
        make("documents", "files", "Documents", "Unterlagen", accept=("pdf", "dwg", "jpg"), max_size=20_000_000),
        make("neighbours", "rows", "Neighbours", "Nachbarn", rows=NEIGHBOURS),
        make("description", "long_text", "Description", "Beschreibung"),
        make("purpose", "rich_text", "Purpose", "Zweck"),
        make("fee", "computed", "Fee", "Gebühr", computed=always(), result="money"),
        make("state", "choice", "State", "Stand", options=STATES, system=True),
        make("due", "date", "Due", "Frist", system=True),
    ],
    description=text("Applications for building permits in the district.", "Anträge auf Baugenehmigung im Landkreis."),
    form=(
        Section(text("Project", "Vorhaben"), (
            ("kind",), ("applicant", "plot"), ("floor_area", "storeys", "begin"), ("survey", "district"),
            ("measures",), ("heritage", "fee"), ("purpose",), ("description",))),
        Section(text("Site and contact", "Ort und Kontakt"), (("site",), ("email", "phone"), ("urgency",)),
                hint=text("Where the work takes place.", "Wo gebaut wird.")),
        Section(text("Documents", "Unterlagen"), (("documents",), ("neighbours",), ("experts",))),
    ),
    list=ListLayout(
        ("number", "applicant", "kind", "state", "due", "floor_area", "fee"),
        (("due", True),), ("kind", "state", "due", "heritage", "fee"), ("number", "applicant"),
    ),
    icon="building-community",
)  # fmt: skip

PERSON = entity(
    "person", text("Person", "Person"), text("People", "Personen"),
    [
        make("family_name", "text", "Family name", "Nachname", required=True),
        make("given_name", "text", "Given name", "Vorname", required=True),
        make("born", "date", "Born", "Geboren"),
        make("email", "email", "Email", "E-Mail"),
    ],
)  # fmt: skip
PLOT = entity(
    "plot", text("Plot", "Flurstück"), text("Plots", "Flurstücke"),
    [make("parcel", "text", "Parcel", "Flurstück", required=True), make("max_storeys", "integer", "Most storeys", "Höchstens Geschosse")],
)  # fmt: skip

PROJECT = Project(
    name="building_permits", label=text("Building permits", "Baugenehmigungen"), languages=("de", "en"),
    timezone="Europe/Berlin", currency="EUR", calendar=("DE", "BY"), hue=None, roles={},
    entities={"permit": PERMIT, "person": PERSON, "plot": PLOT}, workflows={}, decisions={}, messages={}, demo=None,
    hash="0" * 64, files={},
)  # fmt: skip

PEOPLE = (
    "Berg, Anna", "Öztürk, Mehmet", "Sommer, Lena", "Castellani, Paolo", "von Hohenfels-Waldburg, Maximilian",
    "Nguyen, Thi Mai", "Krämer, Jutta", "Weiß, Bernd",
)  # fmt: skip


def key(number: int) -> str:
    """Return the id of the record with *number*."""
    return f"01890000-0000-7000-8000-{number:012}"


def permit(number: int) -> Shown:
    """Return one application; different numbers, different values."""
    who = PEOPLE[number % len(PEOPLE)]
    values: dict[str, object] = {
        "number": f"BA-2026-{number:04}",
        "applicant": Reference("person", key(number % 8), who),
        "plot": Reference("plot", key(100 + number % 5), f"Hofheim {100 + number}/{number % 7}"),
        "kind": KINDS[number % 3].name,
        "floor_area": Decimal("84.5") + number * 7,
        "storeys": 1 + number % 4,
        "begin": dt.date(2026, 4, 1) + dt.timedelta(days=number * 3),
        "survey": dt.datetime(2026, 3, 4, 13, 30, tzinfo=dt.UTC),
        "heritage": number % 3 == 0,
        "measures": ("roof", "heating"),
        "district": "d3",
        "site": {"street": "Hauptstraße 14", "postal_code": "65719", "city": "Hofheim am Taunus"},
        "email": "anna.berg@example.org",
        "phone": "+4961929876",
        "urgency": 3,
        "experts": (Reference("person", key(3), PEOPLE[3]), Reference("person", key(5), PEOPLE[5])),
        "documents": (FileInfo(key(900), "Grundriss Erdgeschoss.pdf", 1_430_211, "application/pdf", "0"),
                      FileInfo(key(901), "Lageplan.dwg", 812_000, "image/vnd.dwg", "1")),
        "neighbours": [
            {"id": key(800), "name": "Familie Schuster", "notified": dt.date(2026, 2, 11), "consents": True},
            {"id": key(801), "name": "Wohnbau Hofheim eG", "notified": None, "consents": False}],
        "description": "Anbau eines Wintergartens an der Südseite.\nDas Dach wird begrünt.",
        "purpose": "<p>Mehr <b>Wohnraum</b> für</p><ul><li>Familien</li><li>Ältere</li></ul>",
        "fee": Decimal("250") + Decimal(number) * Decimal("312.5"),
        "state": STATES[number % 6].name,
        "due": dt.date(2026, 6, 30) - dt.timedelta(days=number),
    }  # fmt: skip
    return Shown(key(1000 + number), f"BA-2026-{number:04} {who.split(',')[0]}", values)


def shell(language: str = "de", theme: Any = "auto", **keys: Any) -> views.Shell:
    """Return the frame of a page for somebody signed in."""
    german = language == "de"
    usual: dict[str, Any] = {
        "app": PROJECT.label[language],
        "language": language,
        "csrf": "token",
        "path": "/e/permit",
        "theme": theme,
        "languages": ("de", "en"),
        "user": views.User("Carla Neumann", "Sachbearbeitung" if german else "Clerk"),
        "menu": (
            views.MenuItem(PERMIT.plural[language], "/e/permit", "building-community", current=True, count=12,
                           group="Verfahren" if german else "Cases"),
            views.MenuItem("Gutachten" if german else "Opinions", "/e/opinion", "gavel",
                           group="Verfahren" if german else "Cases"),
            views.MenuItem(PERSON.plural[language], "/e/person", "users", group="Stammdaten" if german else "Registers"),
            views.MenuItem(PLOT.plural[language], "/e/plot", None, group="Stammdaten" if german else "Registers"),
            views.MenuItem("Unternehmen" if german else "Companies", "/e/company", None,
                           group="Stammdaten" if german else "Registers"),
        ),
    }  # fmt: skip
    return views.Shell(**{**usual, **keys})


def pages(hue: int | None = None) -> Pages:
    """Return the pages of the sample project."""
    return Pages(compile_forms(PROJECT, also=("en", "de")), load_assets(hue, ("building-community", "gavel")), PROJECT.timezone)


EVENT = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)


def list_view(language: str = "de", many: int = 50, **keys: Any) -> views.ListView:
    """Return a list of applications with filters in force."""
    usual: dict[str, Any] = {
        "shell": shell(language), "entity": "permit", "rows": [permit(n) for n in range(many)], "path": "/e/permit",
        "params": (("kind", "new"), ("fee.ge", "500"), ("sort", "-due")), "sort": (("due", True),), "count": 1000,
        "count_is_capped": True, "next": "abc", "create": "/e/permit/new",
        "tabs": (views.Tab("Alle" if language == "de" else "All", "/e/permit", True),
                 views.Tab("Meine" if language == "de" else "Mine", "/e/permit?mine=1", count="12")),
    }  # fmt: skip
    return views.ListView(**{**usual, **keys})


def record_view(language: str = "de", **keys: Any) -> views.RecordView:
    """Return a record with all that can be around it."""
    german = language == "de"
    labels = [option.label[language] for option in STATES]
    at = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
    usual: dict[str, Any] = {
        "shell": shell(language, crumbs=(views.Link(PERMIT.plural[language], "/e/permit"),)),
        "entity": "permit", "record": permit(2), "path": f"/e/permit/{key(1002)}",
        "steppers": (views.Stepper("Prüfung" if german else "Review", (
            views.Step(labels[0], "done"), views.Step(labels[1], "done", "2. März"),
            views.Step(labels[2], "current", "3 Stellungnahmen" if german else "3 opinions"),
            views.Step(labels[3]), views.Step(labels[4]))),),
        "parts": (views.Part("Statik" if german else "Structure", "Zugestimmt" if german else "Approved", "good", "Dr. Ernst Maurer, 12.03."),
                  views.Part("Brandschutz" if german else "Fire", "Offen" if german else "Open", "warning", "bis 30.03.2026"),
                  views.Part("Planung" if german else "Planning", "Einwände" if german else "Objects", "bad", "")),
        "facts": (views.Fact("Frist" if german else "Due", "30.06.2026", "warning"), views.Fact("Gebühr" if german else "Fee", "875,00 €"),
                  views.Fact("Angelegt" if german else "Created", "02.03.2026, 10:15")),
        "limits": (views.Limit("Gesetzliche Frist" if german else "Statutory deadline", "30.06.2026", "warning",
                               ("3 Monate ab 30.03.2026" if german else "3 months from 30 March 2026",),
                               (views.Action("Anhalten" if german else "Pause", "/do/decide.pause"),)),),
        "asks": (views.Ask("Brandschutz" if german else "Fire", (
            views.Action("Zustimmen" if german else "Approve", "/do/fire.approve", tone="good", immediate=True),
            views.Action("Ablehnen" if german else "Object", "/do/fire.object", tone="bad", immediate=True))),),
        "actions": (views.Action("Stellungnahme abgeben" if german else "Give opinion", "/do/a", lead=True),
                    views.Action("Unterlagen anfordern" if german else "Request documents", "/do/b"),
                    views.Action("Genehmigen" if german else "Grant", "/do/c", False,
                                 "Vier-Augen-Prinzip: Sie haben die Prüfung selbst begonnen." if german
                                 else "Four eyes: you started the review yourself.", "good"),
                    views.Action("Ablehnen" if german else "Refuse", "/do/d", False,
                                 "Nur die Amtsleitung darf ablehnen." if german else "Only the head may refuse.", "bad")),
        "edit": "/edit", "delete": "/delete",
        "related": (views.Related("Frühere Anträge" if german else "Earlier applications", "permit", [permit(n) for n in (7, 9, 14)], 3,
                                  more="/e/permit?plot=1", create="/e/permit/new", without=frozenset(("fee", "floor_area", "applicant"))),
                    views.Related("Eigentümer" if german else "Owners", "person", (), 0)),
        "events": (views.Event(at + dt.timedelta(days=9), "Dr. Ernst Maurer", "hat zugestimmt (Statik)" if german else "approved (structure)",
                               "Keine Bedenken, die Lastannahmen stimmen." if german else "No objections.", kind="transition"),
                   views.Event(at + dt.timedelta(days=2), "Carla Neumann", "hat die Prüfung begonnen" if german else "started the review", kind="transition"),
                   views.Event(at + dt.timedelta(days=1), "Anna Berg", "hat Angaben geändert" if german else "changed values", changes=(
                       views.Change("Wohnfläche", "84,5 m²", "98,5 m²"), views.Change("Geschosse", "2", "3"))),
                   views.Event(at, "Anna Berg", "hat den Antrag angelegt" if german else "created the application", kind="create")),
    }  # fmt: skip
    return views.RecordView(**{**usual, **keys})


def form_view(language: str = "de", **keys: Any) -> views.FormView:
    """Return the form of an existing application."""
    usual: dict[str, Any] = {
        "shell": shell(language, crumbs=(views.Link(PERMIT.plural[language], "/e/permit"), views.Link("BA-2026-0002 Sommer", "/e/permit/1"))),
        "entity": "permit", "action": "/e/permit/1/edit", "cancel": "/e/permit/1", "title": "BA-2026-0002 Sommer", "version": 3,
        "live": "/e/permit/1/live", "find": "/e/permit/find", "values": permit(2).values,
    }  # fmt: skip
    return views.FormView(**{**usual, **keys})


def wrong_form_view(language: str = "de") -> views.FormView:
    """Return a form that was refused, with a conflict and a search without script."""
    return form_view(
        language,
        errors={
            "": ("Am Wochenende werden keine Anträge angenommen.",),
            "storeys": ("Hier sind höchstens 3 Geschosse erlaubt.",),
            "applicant": ("Bitte einen der gefundenen Einträge auswählen.",),
            "neighbours.1.name": ("Bitte ausfüllen.",),
            "kind": ("Bitte auswählen.",),
            "documents": ("„plan.exe“ ist keine Datei einer zulässigen Art.",),
        },
        texts={"storeys": ("7",), "applicant.text": ("Ber",), "applicant.was": ("Ber",), "kind.shown": ("1",),
               "plot": (key(1),), "plot.text": ("Hofheim 117/4",)},
        candidates={"applicant": (views.Candidate(key(0), "Berg, Anna", "12.05.1981"), views.Candidate(key(9), "Bergmann, Tom"))},
        conflicts=(views.Conflict("floor_area", "Wohnfläche", "98,5 m²", "120,0 m²", "84,5 m²"),),
        files={"documents": (views.FileItem("new:abc", "Grundriss.pdf", 1_200_000), views.FileItem(key(1), "Lageplan.dwg", 9_000, "/f"))},
    )  # fmt: skip


def everything(language: str = "de", theme: Any = "auto") -> dict[str, str]:
    """Return every page of the gallery as HTML by name."""
    made, frame = pages(), shell(language, theme)

    def framed(view: Any) -> Any:
        return replace(view, shell=replace(view.shell, theme=theme))

    tasks = tuple(
        views.Task(permit(n).title, f"/e/permit/{n}", PERMIT.label[language], "Stellungnahme Brandschutz abgeben",
                   dt.date(2026, 3, 1 + n), ("bad", "warning", "neutral")[min(n, 2)], STATES[2].label[language], "amber")
        for n in range(15)
    )  # fmt: skip
    tiles = tuple(
        views.Tile(e.plural[language], f"/e/{e.name}", "1.204", e.icon, f"/e/{e.name}/new") for e in (PERMIT, PERSON, PLOT)
    )
    bulk = (views.Link("Abschließen", "/bulk/close"),)
    action = views.ActionView(
        form_view(language), "Unterlagen anfordern", ("begin", "storeys"), "required", confirm="Die Antragstellerin wird benachrichtigt."
    )
    outside = shell(language, theme, user=None, menu=())
    accounts = (views.Account("anna", "Antragstellerin", "fachwerk"), views.Account("hanna", "Amtsleitung", "fachwerk"))
    return {
        "list": made.render_list(framed(list_view(language, 12))),
        "list_bulk": made.render_list(framed(list_view(language, 8, bulk=bulk, count=8, count_is_capped=False, next=None))),
        "list_empty": made.render_list(framed(list_view(language, 0, params=(), count=0, count_is_capped=False, next=None))),
        "list_no_match": made.render_list(framed(list_view(language, 0, count=0, count_is_capped=False, next=None))),
        "record": made.render_record(framed(record_view(language))),
        "record_plain": made.render_record(
            views.RecordView(frame, "person", Shown(key(1), "Berg, Anna", {"family_name": "Berg", "born": None, "email": "a@b.de"}), "/e/person/1")
        ),
        "form": made.render_form(framed(form_view(language))),
        "form_new": made.render_form(framed(form_view(language, title=None, values={}, version=None))),
        "form_wrong": made.render_form(framed(wrong_form_view(language))),
        "action": made.render_action(replace(action, form=framed(action.form))),
        "home": made.render_home(views.HomeView(replace(frame, flash=(views.Flash("Gespeichert."),)), tasks, "/inbox", tiles=tiles)),
        "home_empty": made.render_home(views.HomeView(frame, (), None, tiles=tiles)),
        "sign_in": made.render_sign_in(views.SignInView(outside, sign_up="/sign-up", accounts=accounts)),
        "sign_in_wrong": made.render_sign_in(views.SignInView(outside, name="anna", error="Name oder Passwort stimmt nicht.")),
        "sign_up": made.render_sign_up(views.SignUpView(outside, errors={"email": "Bitte ausfüllen."})),
        "profile": made.render_profile(
            views.ProfileView(frame, "carla", "c@example.org", (views.TokenItem("k", "Statistik", EVENT, EVENT),), "fw_geheim",
                              {"again": "Die Passwörter sind verschieden."})
        ),
        "error": made.render_error(views.ErrorView(frame, 403, reference="7f3a-22")),
        "error_outside": made.render_error(views.ErrorView(outside, 404)),
        "delete": made.render_delete(views.ConfirmDeleteView(frame, "permit", "BA-2026-0002 Sommer", "/delete", "/back", 3)),
        "delete_blocked": made.render_delete(
            views.ConfirmDeleteView(frame, "person", "Berg, Anna", "/delete", "/back", 3, (views.Link("BA-2026-0002 Sommer", "/e/permit/2"),))
        ),
    }  # fmt: skip
