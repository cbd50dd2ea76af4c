"""The phrases of the words: operators and forms in English and German."""

from __future__ import annotations

from collections.abc import Mapping

_PHRASES: Mapping[str, tuple[str, str]] = {
    "and": ("and", "und"),
    "or": ("or", "oder"),
    "not": ("it is not so that ({a})", "es gilt nicht: ({a})"),
    "holds": ("{a} holds", "{a} trifft zu"),
    "not holds": ("{a} does not hold", "{a} trifft nicht zu"),
    "always": ("always", "immer"),
    "never": ("never", "nie"),
    "empty": ("{a} is empty", "{a} ist leer"),
    "filled": ("{a} is filled in", "{a} ist ausgefüllt"),
    "=": ("{a} is {b}", "{a} ist {b}"),
    "!=": ("{a} is not {b}", "{a} ist nicht {b}"),
    "<": ("{a} is less than {b}", "{a} ist kleiner als {b}"),
    "<=": ("{a} is at most {b}", "{a} ist höchstens {b}"),
    ">": ("{a} is more than {b}", "{a} ist größer als {b}"),
    ">=": ("{a} is at least {b}", "{a} ist mindestens {b}"),
    "date <": ("{a} is before {b}", "{a} liegt vor {b}"),
    "date <=": ("{a} is not after {b}", "{a} liegt nicht nach {b}"),
    "date >": ("{a} is after {b}", "{a} liegt nach {b}"),
    "date >=": ("{a} is not before {b}", "{a} liegt nicht vor {b}"),
    "between": ("{a} is between {b} and {c}", "{a} liegt zwischen {b} und {c}"),
    "not between": ("{a} is not between {b} and {c}", "{a} liegt nicht zwischen {b} und {c}"),
    "in": ("{a} is one of {b}", "{a} ist eines von {b}"),
    "none of": ("{a} is none of {b}", "{a} ist keines von {b}"),
    "any": ("{a} may be anything", "{a} ist beliebig"),
    "tested": ("the value", "der Wert"),
    "me": ("the acting user", "der handelnde Benutzer"),
    "item": ("the entry", "der Eintrag"),
    "my": ("{a} of the acting user", "{a} des handelnden Benutzers"),
    "under": ("{a} is {b} or stands below", "{a} ist {b} oder steht darunter"),
    "not under": ("{a} is neither {b} nor stands below", "{a} ist weder {b}, noch steht es darunter"),
    "the day": ("{a}", "dem {a}"),
    "each": ("{a} in {b}", "{a} in {b}"),
    "some": ("for at least one {a}: {b}", "für mindestens ein {a} gilt: {b}"),
    "every": ("for every {a}: {b}", "für alle {a} gilt: {b}"),
    "all of": ("for all of {a}: {b}", "für alle {a} gilt: {b}"),
    "one of": ("for at least one of {a}: {b}", "für mindestens eines von {a} gilt: {b}"),
    "for": ("{a} for every {b}", "{a} für alle {b}"),
    "if": ("if {a}, then {b}, otherwise {c}", "wenn gilt: {a}, dann {b}, sonst {c}"),
    "first": ("the first of {b}", "das Erste von {b}"),
    "last": ("the last of {b}", "das Letzte von {b}"),
    "number": ("number {a} of {b}", "Nummer {a} von {b}"),
    "where": ("{a} (only where {b})", "{a} (nur wo gilt: {b})"),
    "current": ("valid today", "heute gültig"),
    "valid on": ("valid on {a}", "gültig am {a}"),
    "power": ("to the power of", "hoch"),
    "empty list": ("an empty list", "eine leere Liste"),
    "from to": ("{a} to {b}", "{a} bis {b}"),
    "without": ("{a} (excluded)", "{a} (ausgeschlossen)"),
    "function": ("the function of {a}: {b}", "die Funktion von {a}: {b}"),
}


def phrase(key: str, language: str, **parts: str) -> str:
    """Return the phrase *key* in *language*, its places filled; what is filled in is not read again."""
    text = _PHRASES[key][language == "de"]
    pieces = text.split("{")
    return pieces[0] + "".join(parts.get(piece[0], "") + piece[2:] for piece in pieces[1:])
