"""Kinds with options and yes or no: choice, choices and boolean."""

from __future__ import annotations

from collections.abc import Iterable

from fachwerk.problems import Text, nearest, say
from fachwerk.schemas.kinds.value import Handler, Invalid, Place, expected, same
from fachwerk.schemas.model import Field

_YES = frozenset(("true", "yes", "ja", "1", "on", "x", "wahr"))
_NO = frozenset(("false", "no", "nein", "0", "off", "falsch"))


def boolean_handler(_field: Field, _place: Place) -> Handler:
    """Return the handler of a boolean field; an empty text is null (not answered)."""

    def accept(value: object) -> object:
        if not isinstance(value, bool):
            raise expected("Yes or no is expected.", "Hier wird Ja oder Nein erwartet.")
        return value

    def parse_text(text: str, _language: str) -> object:
        word = text.strip().lower()
        if not word:
            return None
        if word not in _YES | _NO:
            raise expected("Yes or no is expected.", "Hier wird Ja oder Nein erwartet.")
        return word in _YES

    def show(value: object, language: str) -> str:
        return (("Ja", "Nein") if language == "de" else ("Yes", "No"))[0 if value else 1]

    return Handler(accept, parse_text, accept, same, show, lambda value, _language: "true" if value else "false")


def choice_handler(field: Field, _place: Place) -> Handler:
    """Return the handler of a choice; labels are accepted as text too (an import holds what people saw)."""
    names = {option.name for option in field.options}
    labels = {
        say(option.label, language).casefold(): option.name for option in field.options for language in option.label
    }

    def accept(value: object) -> object:
        if not isinstance(value, str) or value not in names:
            raise Invalid(not_an_option(value, field).text, value if isinstance(value, str) else None)
        return value

    def parse_text(text: str, _language: str) -> object:
        bare = text.strip()
        return None if not bare else accept(bare if bare in names else labels.get(bare.casefold(), bare))

    return Handler(accept, parse_text, accept, same, option_shower(field), lambda value, _language: str(value))


def option_shower(field: Field):  # type: ignore[no-untyped-def]
    """Return the function that shows an option by its label."""
    by_name = {option.name: option.label for option in field.options}

    def show(value: object, language: str) -> str:
        label = by_name.get(str(value))
        return say(label, language) if label else say(no_longer(str(value)), language)

    return show


def no_longer(name: str) -> Text:
    """Return what stands for an option that there was once, and that records still have."""
    return {"en": f"no longer an option: {name}", "de": f"keine Option mehr: {name}"}


def staying(value: object, before: object, field: Field) -> tuple[str, ...]:
    """Return what of *value* is no option (any more), but was there *before* and may stay."""
    known = {option.name for option in field.options}
    had = before if isinstance(before, tuple | list) else (before,)
    sent = value if isinstance(value, tuple | list) else (value,)
    return tuple(dict.fromkeys(one for one in sent if isinstance(one, str) and one in had and one not in known))


def choices_handler(field: Field, place: Place) -> Handler:
    """Return the handler of several options: a tuple of names in the order of the declaration."""
    one = choice_handler(field, place)
    order = {option.name: index for index, option in enumerate(field.options)}

    def accept(value: object) -> object:
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise expected("A list of options is expected.", "Hier wird eine Liste von Optionen erwartet.")
        items = tuple(value)
        try:
            chosen = {str(one.accept(item)) for item in items}
        except Invalid as bad:
            raise Invalid(bad.text, items) from None
        counted(len(chosen), field)
        return tuple(sorted(chosen, key=order.__getitem__))

    def parse_text(text: str, language: str) -> object:
        parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
        return accept([parsed(part, language) for part in parts]) if parts else None

    def parsed(text: str, language: str) -> object:
        try:
            return one.parse_text(text, language)
        except Invalid:
            return text.strip()

    def show(value: object, language: str) -> str:
        return ", ".join(one.show(item, language) for item in value) if isinstance(value, Iterable) else str(value)

    def written(value: object, _language: str) -> str:
        return ",".join(str(item) for item in value) if isinstance(value, Iterable) else str(value)

    return Handler(accept, parse_text, accept, lambda value: list(value), show, written)  # type: ignore[call-overload]


def counted(count: int, field: Field) -> None:
    """Refuse a *count* of options, files, links or rows that is outside of what *field* allows."""
    if field.min_count and count < field.min_count:
        raise Invalid(too_few(field))
    if field.max_count is not None and count > field.max_count:
        raise expected(f"At most {field.max_count}.", f"Höchstens {field.max_count}.")


def too_few(field: Field) -> Text:
    """Return the refusal of fewer options, files, links or rows than *field* needs."""
    return {"en": f"At least {field.min_count}, please.", "de": f"Bitte mindestens {field.min_count}."}


def not_an_option(value: object, field: Field) -> Invalid:
    """Return the refusal of an option that does not exist, with the nearest one."""
    given = str(value)[:60]
    guess = nearest(given, [option.name for option in field.options])
    few = field.options[:12]
    return expected(
        f"“{given}” is not one of the options: "
        + ", ".join(say(o.label, "en") for o in few)
        + (f". Did you mean “{guess}”?" if guess else "."),
        f"„{given}“ ist keine der Möglichkeiten: "
        + ", ".join(say(o.label, "de") for o in few)
        + (f". Meinten Sie „{guess}“?" if guess else "."),
    )
