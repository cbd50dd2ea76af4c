"""Texts from names: labels and plurals where the author gave none, and texts in both languages of the product."""

from __future__ import annotations

from types import MappingProxyType

from fachwerk.problems import Text

_SHORT = frozenset({"id", "vat", "iban", "bic", "url", "pdf", "zip", "ssn", "icd", "dna", "api", "uid"})


def both(en: str, de: str) -> Text:
    """Return a text of the product itself."""
    return MappingProxyType({"en": en, "de": de})


def label_of(name: str) -> str:
    """Return the label that a name stands for: ``family_name`` is "Family name", ``vat_id`` is "VAT ID"."""
    words = [word.upper() if word in _SHORT else word for word in name.split("_") if word]
    joined = " ".join(words)
    return joined[:1].upper() + joined[1:]


def plural_of(label: str) -> str:
    """Return the English plural of a label: "Company" gives "Companies"."""
    lower = label.lower()
    if lower.endswith("y") and not lower.endswith(("ay", "ey", "oy", "uy")):
        return label[:-1] + "ies"
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return label + "es"
    return label + "s"
