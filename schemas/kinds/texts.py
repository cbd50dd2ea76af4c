"""Kinds made of text: text, long_text, rich_text, email, phone, url, iban, color and secret."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import nh3
import re2
from fachwerk.schemas.kinds.value import Handler, Place, expected, same, storable, text_of
from fachwerk.schemas.model import Field
from stdnum import iban

LONGEST = 100_000
"""Characters a text may have where the field sets no limit."""

RICH_TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "b",
        "i",
        "u",
        "s",
        "a",
        "ul",
        "ol",
        "li",
        "h2",
        "h3",
        "h4",
        "blockquote",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "hr",
    ]
)


def text_handler(field: Field, place: Place) -> Handler:
    """Return the handler of a field of one of this module's kinds."""
    clean = _NORMALISE.get(field.kind, _as_it_is)(field, place)
    limits = _limits(field)

    def accept(value: object) -> object:
        return limits(clean(storable(text_of(value))))

    multiline = field.kind in ("long_text", "rich_text")

    def parse_text(text: str, _language: str) -> object:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        plain = plain if multiline else " ".join(plain.split("\n"))
        return storable(plain.strip()) or None

    def shown(value: object, _language: str) -> str:
        return "••••••" if field.kind == "secret" else display(str(value))

    display = _SHOW.get(field.kind, str)
    return Handler(
        parse_json=text_of,
        parse_text=parse_text,
        accept=accept,
        to_json=same,
        show=shown,
        input_text=lambda value, _language: "" if field.kind == "secret" else str(value),
    )


def _limits(field: Field) -> Callable[[str], str]:
    least, most = field.min_length or 0, field.max_length or LONGEST
    pattern = re2.compile(field.pattern) if field.pattern else None
    hint = field.pattern_hint or field.hint

    def check(text: str) -> str:
        if len(text) < least:
            raise expected(f"At least {least} characters, please.", f"Bitte mindestens {least} Zeichen.")
        if len(text) > most:
            raise expected(
                f"At most {most} characters; there are {len(text)}.",
                f"Höchstens {most} Zeichen; es sind {len(text)}.",
            )
        if pattern is not None and pattern.fullmatch(text) is None:
            if hint:
                raise expected(
                    "This does not have the expected form. " + hint.get("en", next(iter(hint.values()))),
                    "Das hat nicht die erwartete Form. " + hint.get("de", next(iter(hint.values()))),
                )
            raise expected("This does not have the expected form.", "Das hat nicht die erwartete Form.")
        return text

    return check


def _as_it_is(_field: Field, _place: Place) -> Callable[[str], str]:
    return str


def _rich(_field: Field, _place: Place) -> Callable[[str], str]:
    def clean(text: str) -> str:
        return nh3.clean(text, tags=set(RICH_TAGS), attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"})

    return clean


_LINE_ENDS = re.compile(r"<br ?/?>|</(?:p|li|div|h\d|tr|blockquote|pre)>", re.IGNORECASE)


def plain_of_rich(text: str) -> str:
    """Return formatted text without its formatting: paragraphs and items are lines."""
    lines = html.unescape(nh3.clean(_LINE_ENDS.sub("\n", text), tags=set())).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _email(_field: Field, _place: Place) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        from email_validator import EmailNotValidError, validate_email  # slow to load: start-up time

        try:
            return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as bad:
            raise expected(
                "This is not an e-mail address; one looks like name@example.org.",
                "Das ist keine E-Mail-Adresse; eine sieht so aus: name@example.org.",
            ) from bad

    return normalise


def _phone(_field: Field, place: Place) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        import phonenumbers  # slow to load: start-up time

        try:
            number = phonenumbers.parse(text, place.country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise expected(
                "This is not a phone number; one looks like +49 89 123456.",
                "Das ist keine Telefonnummer; eine sieht so aus: +49 89 123456.",
            )
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    return normalise


def _url(_field: Field, _place: Place) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        full = text if "://" in text else "https://" + text
        try:
            parts = urlsplit(full)
            good = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"\x00-\x1f]", full)
            )
        except ValueError:
            good = False
        if not good or text.lower().startswith(("javascript:", "data:", "vbscript:")):
            raise expected(
                "This is not a web address; one looks like https://example.org.",
                "Das ist keine Web-Adresse; eine sieht so aus: https://example.org.",
            )
        return full

    return normalise


def _iban(_field: Field, _place: Place) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        if not iban.is_valid(text):
            raise expected(
                "This IBAN is not valid: its check digits do not fit. Please compare it with the original.",
                "Diese IBAN ist nicht gültig: Die Prüfziffer passt nicht. Bitte mit dem Original vergleichen.",
            )
        return str(iban.compact(text))

    return normalise


def _color(_field: Field, _place: Place) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            raise expected("A colour is written like #1a7f37.", "Eine Farbe wird so geschrieben: #1a7f37.")
        return text.lower()

    return normalise


def _show_phone(value: str) -> str:
    import phonenumbers  # as above

    number = phonenumbers.parse(value, None)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


_NORMALISE: dict[str, Callable[[Field, Place], Callable[[str], str]]] = {
    "rich_text": _rich,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "iban": _iban,
    "color": _color,
}
_SHOW: dict[str, Callable[[str], str]] = {
    "iban": lambda value: str(iban.format(value)),
    "phone": _show_phone,
}
