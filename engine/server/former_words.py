"""What is said of a form that was opened before a deploy and is sent after it."""

from __future__ import annotations

from collections.abc import Mapping

from fachwerk.problems import Text, say


def sentence(key: str, language: str, **values: str) -> str:
    """Return a sentence with its places filled."""
    return say(_SENTENCES[key], language).format(**values)


_SENTENCES: Mapping[str, Text] = {
    "gone": {
        "en": "“{label}” is no longer part of it.",
        "de": "„{label}“ gehört nicht mehr dazu.",
    },
    "closed": {
        "en": "“{label}” can no longer be filled in.",
        "de": "„{label}“ kann nicht mehr ausgefüllt werden.",
    },
    "means": {
        "en": "“{label}” means something else now. Please check what you typed.",
        "de": "„{label}“ bedeutet jetzt etwas anderes. Bitte prüfen, was Sie eingegeben haben.",
    },
    "needs": {
        "en": "“{label}” is new, and needed.",
        "de": "„{label}“ ist neu und wird gebraucht.",
    },
    "step_gone": {
        "en": "The step “{label}” is no longer there.",
        "de": "Den Schritt „{label}“ gibt es nicht mehr.",
    },
    "step_other": {
        "en": "The step “{label}” leads to “{state}” now.",
        "de": "Der Schritt „{label}“ führt jetzt zu „{state}“.",
    },
    "back": {
        "en": "Back to the record",
        "de": "Zurück zum Eintrag",
    },
}
