"""Field kinds: what each reads, accepts, writes and shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fachwerk.problems import Source, Span, Text, say
from fachwerk.rules.types import STRING, Typed
from fachwerk.schemas.kinds import FileInfo, FileUpload, Handler, Invalid, Place, Reference, handler
from fachwerk.schemas.kinds.files import safe_name
from fachwerk.schemas.model import Field, Option
from hypothesis import given
from hypothesis import strategies as st

SPAN = Span(Source("x.yaml", ""), 0, 0)
BERLIN = Place(ZoneInfo("Europe/Berlin"), "EUR", "DE")
ID = "0190b2a4-7a52-7c3e-8b1f-0123456789ab"
COLOURS = (Option("red", {"en": "Red", "de": "Rot"}), Option("blue", {"en": "Blue", "de": "Blau"}))


def make(kind: str, **keys: Any) -> Handler:
    """Return the handler of a field of *kind*."""
    label: Text = {"en": "Field", "de": "Feld"}
    return handler(Field("field", kind, label, SPAN, Typed(STRING), **keys), BERLIN)  # type: ignore[arg-type]


TYPED: list[tuple[str, dict[str, Any], str, object]] = [
    ("text", {}, " Hallo ", "Hallo"),
    ("text", {}, "a\r\nb", "a b"),
    ("long_text", {}, "a\r\nb", "a\nb"),
    ("rich_text", {}, '<p onclick="x()">Hi<script>alert(1)</script></p>', "<p>Hi</p>"),
    ("rich_text", {}, '<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
    ("email", {}, "Anna@Example.ORG", "Anna@example.org"),
    ("phone", {}, "089 123456", "+4989123456"),
    ("url", {}, "example.org/x", "https://example.org/x"),
    ("iban", {}, "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("color", {}, "#1A7F37", "#1a7f37"),
    ("integer", {}, "1.234", 1234),
    ("decimal", {"places": 1}, "2,5", Decimal("2.5")),
    ("decimal", {"places": 1}, "1.234,5", Decimal("1234.5")),
    ("percent", {}, "12,5 %", Decimal("12.50")),
    ("money", {}, "1.234,50 €", Decimal("1234.50")),
    ("rating", {}, "4", 4),
    ("boolean", {}, "Ja", True),
    ("boolean", {}, "no", False),
    ("date", {}, "31.03.2026", dt.date(2026, 3, 31)),
    ("date", {}, "2026-03-31", dt.date(2026, 3, 31)),
    ("time", {}, "14:30", dt.time(14, 30)),
    ("time", {}, "8.15 Uhr", dt.time(8, 15)),
    ("datetime", {}, "2026-07-01T12:00", dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.UTC)),
    ("datetime", {}, "1.7.2026 9:05 Uhr", dt.datetime(2026, 7, 1, 7, 5, tzinfo=dt.UTC)),
    ("duration", {}, "P3DT4H", dt.timedelta(days=3, hours=4)),
    ("duration", {}, "3 Tage 4 Std.", dt.timedelta(days=3, hours=4)),
    ("duration", {}, "1 h 30 min", dt.timedelta(hours=1, minutes=30)),
    ("choice", {"options": COLOURS}, "Blau", "blue"),
    ("choices", {"options": COLOURS}, "blue, Rot", ("red", "blue")),
    ("address", {}, "Hauptstraße 1, 65719 Hofheim", {"street": "Hauptstraße 1", "postal_code": "65719", "city": "Hofheim"}),
    ("geo_point", {}, "50,0883 8,4475", {"latitude": Decimal("50.0883000"), "longitude": Decimal("8.4475000")}),
    ("json", {}, '{"a": [1]}', {"a": [1]}),
    ("link", {"to": ("person",)}, ID.upper(), ID),
    ("link", {"to": ("person", "company")}, f"company/{ID}", ("company", ID)),
    ("links", {"to": ("person",)}, f"{ID}, {ID}", (ID,)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "keys", "text", "value"), TYPED)
def test_text_becomes_value(kind: str, keys: dict[str, Any], text: str, value: object) -> None:
    """What people type in German is read and accepted."""
    field = make(kind, **keys)
    assert field.accept(field.parse_text(text, "de")) == value


@pytest.mark.parametrize(("kind", "keys", "text", "value"), TYPED)
def test_what_a_form_holds_reads_back(kind: str, keys: dict[str, Any], text: str, value: object) -> None:
    """The text in a form control leads back to the same value, in both languages."""
    field = make(kind, **keys)
    for language in ("de", "en"):
        assert field.accept(field.parse_text(field.input_text(value, language), language)) == value
        assert field.show(value, language)


@pytest.mark.parametrize(("kind", "keys", "text", "value"), TYPED)
def test_json_goes_both_ways(kind: str, keys: dict[str, Any], text: str, value: object) -> None:
    """What is written to JSON is read from it as the same value."""
    field = make(kind, **keys)
    assert field.accept(field.parse_json(field.to_json(value))) == value


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("text", {"max_length": 3}, "abcd", "Höchstens 3 Zeichen; es sind 4."),
    ("text", {"min_length": 3}, "ab", "Bitte mindestens 3 Zeichen."),
    ("text", {"pattern": r"\d+"}, "x", "Das hat nicht die erwartete Form."),
    ("text", {"pattern": r"\d+", "pattern_hint": {"en": "Digits.", "de": "Ziffern."}}, "x", "Das hat nicht die erwartete Form. Ziffern."),
    ("text", {}, "a\x00b", "Der Text enthält ein Zeichen, das nicht gespeichert werden kann."),
    ("email", {}, "anna", "Das ist keine E-Mail-Adresse; eine sieht so aus: name@example.org."),
    ("phone", {}, "call me", "Das ist keine Telefonnummer; eine sieht so aus: +49 89 123456."),
    ("url", {}, "javascript:alert(1)", "Das ist keine Web-Adresse; eine sieht so aus: https://example.org."),
    ("iban", {}, "DE89370400440532013001", "Diese IBAN ist nicht gültig: Die Prüfziffer passt nicht. Bitte mit dem Original vergleichen."),
    ("integer", {}, "2,5", "Hier wird eine ganze Zahl erwartet."),
    ("integer", {}, "zwei", "Hier wird eine Zahl erwartet, zum Beispiel 1234,5."),
    ("integer", {}, "1" * 17, "Die Zahl ist zu groß."),
    ("decimal", {"places": 1}, "2,55", "Höchstens 1 Nachkommastellen."),
    ("decimal", {}, "NaN", "Hier wird eine Zahl erwartet, zum Beispiel 1234,5."),
    ("date", {}, "31.02.2026", "Hier wird ein Tag des Kalenders erwartet, zum Beispiel 31.03.2026."),
    ("time", {}, "25:00", "Hier wird eine Uhrzeit erwartet, zum Beispiel 14:30."),
    ("duration", {}, "bald", "Hier wird eine Dauer erwartet, zum Beispiel 3 Tage oder 1 Std. 30 Min."),
    ("choice", {"options": COLOURS}, "blu", "„blu“ ist keine der Möglichkeiten: Rot, Blau. Meinten Sie „blue“?"),
    ("choices", {"options": COLOURS, "max_count": 1}, "red,blue", "Höchstens 1."),
    ("geo_point", {}, "91 0", "Eine Position wird so geschrieben: 50.0883, 8.4475."),
    ("address", {}, "Hauptstraße 1, 6571 Hofheim", "Eine deutsche Postleitzahl hat fünf Ziffern."),
    ("link", {"to": ("person",)}, "../../etc", "Das ist kein bekannter Eintrag."),
    ("link", {"to": ("person", "company")}, f"user/{ID}", "Hier werden Art und Eintrag erwartet."),
    ("sequence", {}, "1", "Diese Nummer vergibt das System."),
    ("json", {}, "{", "Das ist kein JSON (Zeile 1)."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "keys", "text", "message"), WRONG)
def test_wrong_text_is_explained(kind: str, keys: dict[str, Any], text: str, message: str) -> None:
    """A value that does not fit is refused with a sentence that says what does."""
    field = make(kind, **keys)
    with pytest.raises(Invalid) as refused:
        field.accept(field.parse_text(text, "de"))
    assert say(refused.value.text, "de") == message
    assert say(refused.value.text, "en") != message


def test_numbers_are_shown_as_each_language_does() -> None:
    """Separators, currency and units follow the language; the value stays exact."""
    money = make("money")
    assert money.show(Decimal("-1234567.80"), "de") == "-1.234.567,80\u00a0€"
    assert money.show(Decimal("-1234567.80"), "en") == "-€1,234,567.80"
    assert make("percent").show(Decimal("12.50"), "de") == "12,5 %"
    assert make("decimal", unit="m²", places=1).show(Decimal("12.5"), "de") == "12,5\u00a0m²"


@pytest.mark.parametrize("kind", sorted({row[0] for row in TYPED}))
@given(text=st.text(max_size=60))
def test_any_text_is_a_value_or_a_refusal(kind: str, text: str) -> None:
    """No text makes a kind raise anything but :class:`Invalid`."""
    keys: dict[str, Any] = {"options": COLOURS, "to": ("person",)}
    field = make(kind, **keys)
    for language in ("de", "en"):
        try:
            value = field.parse_text(text, language)
            if value is not None:
                field.show(field.accept(value), language)
        except Invalid:
            pass


@pytest.mark.parametrize("kind", sorted({row[0] for row in TYPED}))
@pytest.mark.parametrize(
    "value", [None, True, 1, Decimal("1.5"), "x", [], {}, [1], {"a": 1}, ["x", {}], 1e400, float("nan")]
)
def test_any_json_is_a_value_or_a_refusal(kind: str, value: object) -> None:
    """No JSON makes a kind raise anything but :class:`Invalid`; booleans are no numbers."""
    field = make(kind, options=COLOURS, to=("person",))
    try:
        accepted = field.accept(field.parse_json(value))
    except Invalid:
        return
    assert kind in (
        "boolean",
        "text",
        "long_text",
        "rich_text",
        "json",
        "address",
        "choices",
        "links",
    ) or not isinstance(value, bool)
    assert field.show(accepted, "en") is not None


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def test_files_are_what_their_bytes_are() -> None:
    """An ending or a claimed type does not make a file an accepted one."""
    images = make("images", max_size=1000)
    assert images.accept((FileUpload("a.txt", "text/plain", PNG),)) == (FileUpload("a.txt", "image/png", PNG),)
    for name, content in (
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("x.png", b"GIX"),
        ("x.png", b""),
        ("x.png", PNG + b"\x00" * 1000),
        ("x.png", b"MZ\x90\x00" + b"\x00" * 60),
    ):
        with pytest.raises(Invalid):
            images.accept((FileUpload(name, "image/png", content),))


def test_html_is_never_a_file_nobody_asked_for() -> None:
    """A file field without a list of types still refuses what a browser would run."""
    with pytest.raises(Invalid):
        make("file").accept((FileUpload("x.pdf", "application/pdf", b"<!DOCTYPE html><script>alert(1)</script>"),))
    stored = make("file").accept((FileUpload("x.pdf", "", b"%PDF-1.7 x"),))
    assert stored == (FileUpload("x.pdf", "application/pdf", b"%PDF-1.7 x"),)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("...", "file"),
        ("a\r\nb.pdf", "ab.pdf"),
    ],
)
def test_file_names_are_harmless(given_name: str, kept: str) -> None:
    """Folders, control characters and writing-direction tricks are dropped from names."""
    assert safe_name(given_name) == kept


def test_links_show_titles() -> None:
    """A link is shown by its title and written to JSON with it."""
    field = make("link", to=("person",))
    link = Reference("person", ID, "Berg, Anna")
    assert field.show(link, "de") == "Berg, Anna"
    assert field.to_json(link) == {"entity": "person", "id": ID, "title": "Berg, Anna"}
    info = FileInfo("1", "a.pdf", 3, "application/pdf", "ff")
    assert make("files").to_json((info,)) == [
        {"id": "1", "name": "a.pdf", "size": 3, "type": "application/pdf", "hash": "ff"}
    ]
