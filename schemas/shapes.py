"""What a piece of YAML may look like: the vocabulary in which the language is declared.

One declaration serves the structure check (with places), the JSON Schema for editors and the reference page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fachwerk.problems import Text
from fachwerk.schemas.wording import both

Form = Literal["name", "word", "text", "people", "rule", "boolean", "switch", "integer", "period", "size", "value"]

FORMS: Mapping[Form, Text] = {
    "name": both("a name", "ein Name"),
    "word": both("a word", "ein Wort"),
    "text": both("a text", "ein Text"),
    "people": both(
        "a text, or one for each language: {en: ..., de: ...}", "ein Text, oder je Sprache einer: {en: ..., de: ...}"
    ),
    "rule": both("a rule", "eine Regel"),
    "boolean": both("true or false", "true oder false"),
    "switch": both("true, false or a rule", "true, false oder eine Regel"),
    "integer": both("a whole number", "eine ganze Zahl"),
    "period": both("a span of time such as 3 months", "eine Zeitspanne wie 3 months"),
    "value": both("a value", "ein Wert"),
    "size": both("a size such as 20 MB", "eine Größe wie 20 MB"),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value (a rule may also be written as a list or map in brackets; a text as a map by language).

    A whole number with *choices* may be one of these words instead.
    """

    form: Form
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Some:
    """A list of *of*; where *alone*, a single one may stand without brackets."""

    of: Shape
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Named:
    """A map whose keys are names that the author chooses.

    *example* is what to write where something else stands: ``{key}`` is the key, ``{words}`` the words written there.
    """

    of: Shape
    key: Text
    example: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A map with fixed keys; *name* is its word, *title* what it is called in messages.

    *example* is what to write where something else stands, as in :class:`Named`.
    """

    name: str
    title: Text
    keys: tuple[Key, ...]
    example: str = ""

    def get(self, name: str) -> Key | None:
        """Return the declaration of a key."""
        return next((key for key in self.keys if key.name == name), None)


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A field: the short form, or a map whose keys depend on its kind. *rows*: inside of rows."""

    rows: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """Whichever of *shapes* has the form that was written: single value, list or map."""

    shapes: tuple[Shape, ...]


Shape = Leaf | Some | Named | Group | FieldOf | Either


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it takes, what it means, an example of its use."""

    name: str
    shape: Shape
    about: Text
    example: str = ""
    required: bool = False


def describe(shape: Shape) -> Text:
    """Return in words what is expected."""
    if isinstance(shape, Leaf):
        if shape.choices and shape.form == "integer":
            number, words = FORMS["integer"], [_either(shape.choices, word) for word in ("or", "oder")]
            return both(f"{number['en']}, {words[0]}", f"{number['de']}, {words[1]}")
        if shape.choices:
            return both(*(_either(shape.choices, word) for word in ("or", "oder")))
        return FORMS[shape.form]
    if isinstance(shape, Some):
        inner = describe(shape.of)
        return both(f"a list of {_plural(inner['en'])}", f"eine Liste (je Eintrag {inner['de']})")
    if isinstance(shape, Either):
        texts = [describe(one) for one in shape.shapes]
        return both(" or ".join(one["en"] for one in texts), " oder ".join(one["de"] for one in texts))
    if isinstance(shape, FieldOf):
        return both("a kind such as text!, or a map such as {type: text, required: true}",
                    "eine Art wie text!, oder Angaben wie {type: text, required: true}")  # fmt: skip
    if isinstance(shape, Named):
        return both(f"a map of {shape.key['en']} to its settings", f"Angaben je {shape.key['de']}")
    keys = ", ".join(key.name for key in shape.keys[:6])
    if len(shape.keys) == 1:
        return both(f"a map with the key {keys}", f"eine Angabe mit dem Schlüssel {keys}")
    return both(f"a map with the keys {keys}", f"Angaben mit den Schlüsseln {keys}")


def _either(choices: tuple[str, ...], word: str) -> str:
    return ", ".join(choices[:-1]) + f" {word} {choices[-1]}" if len(choices) > 1 else choices[0]


def _plural(text: str) -> str:
    return {"a name": "names", "a word": "words", "a text": "texts", "a rule": "rules"}.get(text, text)
