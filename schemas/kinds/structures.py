"""Kinds made of several parts: address, geo_point and json."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import orjson
from fachwerk.schemas.kinds.value import Handler, Place, expected, same, storable
from fachwerk.schemas.model import Field

ADDRESS_PARTS = ("street", "postal_code", "city", "country")
LARGEST_JSON = 200_000
DEEPEST_JSON = 32


def address_handler(_field: Field, place: Place) -> Handler:
    """Return the handler of an address: a dict with some of :data:`ADDRESS_PARTS`, each a text."""

    def accept(value: object) -> object:
        if not isinstance(value, dict) or not set(value) <= set(ADDRESS_PARTS):
            raise expected(
                "An address has street, postal_code, city and country.",
                "Eine Anschrift hat Straße, Postleitzahl, Ort und Land.",
            )
        clean = {part: storable(str(value[part]).strip()) for part in ADDRESS_PARTS if value.get(part)}
        if any(len(text) > 200 for text in clean.values()):
            raise expected("A line of an address is too long.", "Eine Zeile der Anschrift ist zu lang.")
        _check_postal_code(clean, place)
        return clean

    def parse_text(text: str, _language: str) -> object:
        bare = text.strip()
        match = re.fullmatch(r"(.+?)\s*[,\n]\s*(\d{4,5})\s+([^,\n]+)(?:[,\n]\s*(.+))?", bare)
        if not bare:
            return None
        if not match:
            raise expected(
                "An address is written like “Hauptstraße 1, 65719 Hofheim”.",
                "Eine Anschrift wird so geschrieben: „Hauptstraße 1, 65719 Hofheim“.",
            )
        return {part: found for part, found in zip(ADDRESS_PARTS, match.groups(), strict=True) if found}

    def show(value: object, _language: str) -> str:
        assert isinstance(value, dict)
        town = " ".join(str(value[part]) for part in ("postal_code", "city") if value.get(part))
        return ", ".join(str(part) for part in (value.get("street"), town, value.get("country")) if part)

    return Handler(same, parse_text, accept, same, show, show)


def _check_postal_code(address: dict[str, str], place: Place) -> None:
    code, country = address.get("postal_code"), address.get("country", place.country)
    if code and country in ("DE", "Deutschland", "Germany") and not re.fullmatch(r"\d{5}", code):
        raise expected("A German postal code has five digits.", "Eine deutsche Postleitzahl hat fünf Ziffern.")


def geo_point_handler(_field: Field, _place: Place) -> Handler:
    """Return the handler of a point on the earth: a dict with latitude and longitude in degrees (WGS 84), Decimal."""
    bad = ("A position is written like 50.0883, 8.4475.", "Eine Position wird so geschrieben: 50.0883, 8.4475.")

    def accept(value: object) -> object:
        if not isinstance(value, dict) or set(value) != {"latitude", "longitude"}:
            raise expected(*bad)
        try:
            latitude, longitude = (round(Decimal(str(value[part])), 7) for part in ("latitude", "longitude"))
        except (InvalidOperation, ValueError) as wrong:
            raise expected(*bad) from wrong
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise expected(*bad)
        return {"latitude": latitude, "longitude": longitude}

    def parse_text(text: str, _language: str) -> object:
        bare = text.strip()
        apart = r",?\s+|;\s*" if re.search(r"[\s;]", bare) else ","
        parts = [part for part in re.split(apart, bare) if part]
        if not parts:
            return None
        if len(parts) != 2:
            raise expected(*bad)
        return accept({"latitude": parts[0].replace(",", "."), "longitude": parts[1].replace(",", ".")})

    def show(value: object, _language: str) -> str:
        assert isinstance(value, dict)
        return f"{value['latitude']}, {value['longitude']}"

    return Handler(same, parse_text, accept, same, show, show)


def json_handler(_field: Field, _place: Place) -> Handler:
    """Return the handler of free JSON, bounded in size and depth."""

    def accept(value: object) -> object:
        if _depth(value) > DEEPEST_JSON or len(orjson.dumps(value, default=str)) > LARGEST_JSON:
            raise expected("This JSON is too large or too deep.", "Dieses JSON ist zu groß oder zu tief verschachtelt.")
        _each_text(value, storable)
        return value

    def parse_text(text: str, _language: str) -> object:
        if not text.strip():
            return None
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as bad:
            raise expected(
                f"This is not JSON (line {bad.lineno}).", f"Das ist kein JSON (Zeile {bad.lineno})."
            ) from bad

    def show(value: object, _language: str) -> str:
        return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode()

    return Handler(same, parse_text, accept, same, show, show)


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level and deepest <= DEEPEST_JSON:
        deepest += 1
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return deepest


def _each_text(value: object, judge: Callable[[str], str]) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            judge(item)
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
