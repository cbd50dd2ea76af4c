"""How the built-in functions are told: a phrase for each, in English and German."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tree import Call, Name, Node

PHRASES: Mapping[str, tuple[str, str]] = {
    "date": ("the date of {0}", "das Datum von {0}"),
    "date and time": ("the date with time of {0}", "Datum und Uhrzeit von {0}"),
    "time": ("the time of {0}", "die Uhrzeit von {0}"),
    "number": ("{0} as a number", "{0} als Zahl"),
    "string": ("{0} as text", "{0} als Text"),
    "duration": ("the duration {0}", "die Dauer {0}"),
    "years and months duration": ("the months from {0} to {1}", "die Monate von {0} bis {1}"),
    "range": ("the range {0}", "der Bereich {0}"),
    "context": ("the context of {0}", "der Kontext aus {0}"),
    "substring": ("the part of {0} from character {1}", "der Teil von {0} ab dem {1}. Zeichen"),
    "string length": ("the length of {0}", "die Länge von {0}"),
    "upper case": ("{0} in capitals", "{0} in Großbuchstaben"),
    "lower case": ("{0} in small letters", "{0} in Kleinbuchstaben"),
    "substring before": ("the part of {0} before {1}", "der Teil von {0} vor {1}"),
    "substring after": ("the part of {0} after {1}", "der Teil von {0} nach {1}"),
    "contains": ("{0} contains {1}", "{0} enthält {1}"),
    "starts with": ("{0} starts with {1}", "{0} beginnt mit {1}"),
    "ends with": ("{0} ends with {1}", "{0} endet mit {1}"),
    "matches": ("{0} matches the pattern {1}", "{0} entspricht dem Muster {1}"),
    "replace": ("{0} with {1} replaced by {2}", "{0} mit {2} anstelle von {1}"),
    "split": ("the parts of {0} between {1}", "die Teile von {0} zwischen {1}"),
    "string join": ("the texts of {0} joined", "die Texte von {0} verbunden"),
    "list contains": ("{0} contains {1}", "{0} enthält {1}"),
    "count": ("the number of {0}", "die Anzahl von {0}"),
    "min": ("the smallest of {*}", "das Kleinste von {*}"),
    "max": ("the largest of {*}", "das Größte von {*}"),
    "sum": ("the sum of {*}", "die Summe von {*}"),
    "mean": ("the average of {*}", "der Durchschnitt von {*}"),
    "median": ("the median of {*}", "der Median von {*}"),
    "product": ("the product of {*}", "das Produkt von {*}"),
    "stddev": ("the standard deviation of {*}", "die Standardabweichung von {*}"),
    "mode": ("the most frequent of {*}", "das Häufigste von {*}"),
    "all": ("all of {*} hold", "alle von {*} treffen zu"),
    "any": ("any of {*} holds", "eines von {*} trifft zu"),
    "sublist": ("{0} from number {1} on", "{0} ab Nummer {1}"),
    "append": ("{0} with {1} added", "{0} ergänzt um {1}"),
    "concatenate": ("{*} together", "{*} zusammen"),
    "insert before": ("{0} with {2} at number {1}", "{0} mit {2} an Stelle {1}"),
    "remove": ("{0} without number {1}", "{0} ohne Nummer {1}"),
    "list replace": ("{0} with {2} in the place of {1}", "{0} mit {2} anstelle von {1}"),
    "reverse": ("{0} backwards", "{0} rückwärts"),
    "index of": ("the positions of {1} in {0}", "die Stellen von {1} in {0}"),
    "union": ("{*} together, each once", "{*} zusammen, jedes einmal"),
    "distinct values": ("the different values of {0}", "die verschiedenen Werte von {0}"),
    "flatten": ("all values in {0}", "alle Werte in {0}"),
    "sort": ("{0} in order", "{0} der Reihe nach"),
    "not": ("the opposite of {0}", "das Gegenteil von {0}"),
    "decimal": ("{0} rounded to {1} places", "{0} auf {1} Stellen gerundet"),
    "floor": ("{0} rounded down", "{0} abgerundet"),
    "ceiling": ("{0} rounded up", "{0} aufgerundet"),
    "round up": ("{0} rounded up to {1} places", "{0} auf {1} Stellen aufgerundet"),
    "round down": ("{0} rounded down to {1} places", "{0} auf {1} Stellen abgerundet"),
    "round half up": ("{0} rounded to {1} places", "{0} auf {1} Stellen gerundet"),
    "round half down": ("{0} rounded to {1} places, halves down", "{0} auf {1} Stellen gerundet, Hälften ab"),
    "abs": ("the size of {0}", "der Betrag von {0}"),
    "modulo": ("the remainder of {0} divided by {1}", "der Rest von {0} geteilt durch {1}"),
    "sqrt": ("the square root of {0}", "die Wurzel aus {0}"),
    "log": ("the natural logarithm of {0}", "der natürliche Logarithmus von {0}"),
    "exp": ("e to the power of {0}", "e hoch {0}"),
    "odd": ("{0} is odd", "{0} ist ungerade"),
    "even": ("{0} is even", "{0} ist gerade"),
    "today": ("today", "heute"),
    "now": ("now", "jetzt"),
    "is": ("{0} is exactly {1}", "{0} ist genau {1}"),
    "day of year": ("the day of the year of {0}", "der Tag im Jahr von {0}"),
    "day of week": ("the day of the week of {0}", "der Wochentag von {0}"),
    "month of year": ("the month of {0}", "der Monat von {0}"),
    "week of year": ("the week of {0}", "die Kalenderwoche von {0}"),
    "get value": ("the entry {1} of {0}", "der Eintrag {1} von {0}"),
    "get entries": ("the entries of {0}", "die Einträge von {0}"),
    "context put": ("{0} with {2} as {1}", "{0} mit {2} als {1}"),
    "context merge": ("{0} merged", "{0} vereint"),
    "before": ("{0} lies before {1}", "{0} liegt vor {1}"),
    "after": ("{0} lies after {1}", "{0} liegt nach {1}"),
    "meets": ("{0} ends where {1} begins", "{0} endet, wo {1} beginnt"),
    "met by": ("{0} begins where {1} ends", "{0} beginnt, wo {1} endet"),
    "overlaps": ("{0} overlaps {1}", "{0} überschneidet sich mit {1}"),
    "overlaps before": ("{0} overlaps the beginning of {1}", "{0} überschneidet den Anfang von {1}"),
    "overlaps after": ("{0} overlaps the end of {1}", "{0} überschneidet das Ende von {1}"),
    "finishes": ("{0} ends {1}", "{0} beendet {1}"),
    "finished by": ("{0} ends with {1}", "{0} endet mit {1}"),
    "includes": ("{0} includes {1}", "{0} umfasst {1}"),
    "during": ("{0} lies in {1}", "{0} liegt in {1}"),
    "starts": ("{0} begins {1}", "{0} eröffnet {1}"),
    "started by": ("{0} begins with {1}", "{0} beginnt mit {1}"),
    "coincides": ("{0} equals {1}", "{0} stimmt mit {1} überein"),
}
"""``{0}``, ``{1}`` are the arguments in the order of the parameters, ``{*}`` all of them."""

NEGATED: Mapping[str, tuple[str, str]] = {
    "contains": ("{0} does not contain {1}", "{0} enthält nicht {1}"),
    "list contains": ("{0} does not contain {1}", "{0} enthält nicht {1}"),
    "starts with": ("{0} does not start with {1}", "{0} beginnt nicht mit {1}"),
    "ends with": ("{0} does not end with {1}", "{0} endet nicht mit {1}"),
    "matches": ("{0} does not match the pattern {1}", "{0} entspricht nicht dem Muster {1}"),
    "odd": ("{0} is even", "{0} ist gerade"),
    "even": ("{0} is odd", "{0} ist ungerade"),
}
"""Conditions with a phrase of their own for the opposite."""


def ordered(node: Call) -> tuple[Node, ...]:
    """Return the arguments of a built-in function in the order of its parameters."""
    if node.names is None or not isinstance(node.function, Name):
        return node.arguments
    given = dict(zip(node.names, node.arguments, strict=False))
    for form in SIGNATURES[node.function.name]:
        names = [parameter.name for parameter in form.parameters]
        if set(given) <= set(names):
            return tuple(given[name] for name in names if name in given)
    return node.arguments
