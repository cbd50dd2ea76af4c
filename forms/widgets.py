"""Widgets: what a form needs to know of one field in one language, decided once at load.

A widget names the *control* (a macro of ``templates/controls.html``) and carries label, hint, options and attributes.
What changes from request to request (value, errors, what is required just now) is added by ``forms.fields``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fachwerk.forms.texts import Words, size_text
from fachwerk.problems import say
from fachwerk.schemas.kinds import Handler, Place, handler
from fachwerk.schemas.kinds.choices import no_longer
from fachwerk.schemas.model import Entity, Field, Kind, Project, Rule

FEW = 4
"""Up to this many options of a required choice stand open as radio buttons; more fold into a list."""

_INPUTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "text": (("type", "text"),),
    "email": (("type", "email"), ("autocomplete", "email"), ("spellcheck", "false")),
    "phone": (("type", "tel"), ("autocomplete", "tel")),
    "url": (("type", "url"), ("inputmode", "url"), ("spellcheck", "false")),
    "iban": (("type", "text"), ("autocapitalize", "characters"), ("spellcheck", "false")),
    "integer": (("type", "text"), ("inputmode", "numeric")),
    "decimal": (("type", "text"), ("inputmode", "decimal")),
    "percent": (("type", "text"), ("inputmode", "decimal")),
    "money": (("type", "text"), ("inputmode", "decimal")),
    "date": (("type", "date"),),
    "time": (("type", "time"),),
    "datetime": (("type", "datetime-local"),),
    "duration": (("type", "text"),),
    "geo_point": (("type", "text"), ("inputmode", "decimal")),
    "color": (("type", "text"), ("maxlength", "7")),
    "secret": (("type", "password"), ("autocomplete", "off")),
}
_CONTROLS: Mapping[str, str] = {
    "long_text": "area",
    "rich_text": "rich",
    "json": "area",
    "boolean": "check",
    "choices": "checks",
    "rating": "rating",
    "link": "search",
    "user": "search",
    "tree": "search",
    "links": "searches",
    "rows": "rows",
    "file": "files",
    "files": "files",
    "image": "files",
    "images": "files",
    "address": "address",
}
_WIDE = frozenset(("area", "rich", "rows", "files", "address", "searches"))
NUMBERS: frozenset[str] = frozenset(("integer", "decimal", "percent", "money"))
_NARROW = frozenset(("integer", "decimal", "percent", "money", "date", "time", "datetime", "duration", "color"))
_NEVER_WRITTEN = frozenset(("computed", "sequence", "back_links"))
TONES: frozenset[str] = frozenset(
    ("gray", "red", "orange", "amber", "yellow", "green", "teal", "blue", "purple", "pink")
)


@dataclass(frozen=True, slots=True)
class OptionView:
    """An option as shown: its name, its label and the tone of its badge (empty: the neutral one)."""

    name: str
    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Widget:
    """A field as a form and a page show it, in one language."""

    name: str
    kind: Kind
    """The kind of the value: of the result, if the field is computed."""
    control: str
    label: str
    hint: str
    required: bool
    editable: bool
    conditional: bool
    """Whether it is there only under a condition; without a value there is then nothing to show."""
    stored: bool
    """Whether the database keeps its value, so that lists can be ordered and filtered by it."""
    attributes: tuple[tuple[str, str], ...]
    options: tuple[OptionView, ...]
    unit: str
    wide: bool
    narrow: bool
    most: int
    cells: tuple[Widget, ...]
    to: tuple[tuple[str, str], ...]
    """(entity, label) of where a link leads."""
    handler: Handler
    language: str

    def show(self, value: object) -> str:
        """Return *value* as people read it; nothing for nothing."""
        return "" if is_nothing(value) else self.handler.show(value, self.language)

    @property
    def is_state(self) -> bool:
        """Whether its options are shown as badges: they have colours, or they are the states of a workflow."""
        return bool(self.options) and (not self.editable or any(option.tone for option in self.options))

    def option(self, name: object) -> OptionView | None:
        """Return the option called *name*."""
        return next((option for option in self.options if option.name == name), None)

    def chosen(self, name: object) -> OptionView:
        """Return what a record has: an option, or one that there was once."""
        return self.option(name) or OptionView(str(name), say(no_longer(str(name)), self.language))


def is_nothing(value: object) -> bool:
    """Whether there is nothing to show: no value, or a list without any."""
    return value is None or (type(value) is tuple and not value)


def make_widgets(project: Project, entity: Entity, words: Words, place: Place) -> dict[str, Widget]:
    """Return the widgets of all fields of *entity* by name."""
    return {field.name: _widget(project, entity, field, words, place) for field in entity.fields.values()}


def _under_way(project: Project, entity: Entity, field: Field) -> frozenset[str]:
    """Return the states between the first and the last of a workflow, which stand out unless they have colours."""
    flows = (project.workflows[name] for name in entity.workflows if name in project.workflows)
    mine = (one for flow in flows if flow.field == field.name and field.system for one in reversed(flow.versions))
    states = {state.name: state for flow in mine for state in flow.states.values()}.values()
    return frozenset(state.name for state in states if not (state.initial or state.final))


def _widget(project: Project, entity: Entity, field: Field, words: Words, place: Place) -> Widget:
    kind = (field.result or "text") if field.kind == "computed" else field.kind
    editable = not (field.system or field.computed or field.kind in _NEVER_WRITTEN)
    under_way = _under_way(project, entity, field)
    options = tuple(
        _option(option.name, option.label, option.color or ("blue" if option.name in under_way else None), words)
        for option in field.options
    )
    control = _control(field, kind, options)
    language = words.language
    return Widget(
        name=field.name,
        kind=kind,
        control=control,
        label=say(field.label, language),
        hint=_hint(field, kind, words),
        required=constant(field.required) is True,
        editable=editable,
        conditional=field.visible is not None,
        stored=field.computed is None or field.stored,
        attributes=_attributes(field, kind),
        options=options,
        unit=_unit(field, kind, place),
        wide=control in _WIDE,
        narrow=kind in _NARROW,
        most=_most(field, kind),
        cells=tuple(make_widgets(project, field.rows, words, place).values()) if field.rows else (),
        to=tuple((name, say(project.entities[name].label, language)) for name in field.to if name in project.entities),
        handler=handler(field, place),
        language=language,
    )


def constant(rule: Rule | None) -> object:
    """Return the value of a rule that is a mere constant; ``None`` for no rule and for a real one."""
    value = rule.constant if rule is not None else None
    return None if value is NotImplemented else value


def _option(name: str, label: Mapping[str, str], color: str | None, words: Words) -> OptionView:
    return OptionView(name, say(label, words.language), color if color in TONES else "")


def _control(field: Field, kind: str, options: tuple[OptionView, ...]) -> str:
    if kind == "choice":
        few = len(options) <= FEW and sum(len(option.label) for option in options) <= 60
        return "radios" if few and constant(field.required) is True else "select"
    return _CONTROLS.get(kind, "input")


def _attributes(field: Field, kind: str) -> tuple[tuple[str, str], ...]:
    attributes = _INPUTS.get(kind, ())
    if kind in ("text", "long_text") and field.max_length:
        attributes = (*attributes, ("maxlength", str(field.max_length)))
    if kind in ("file", "files", "image", "images"):
        endings = ",".join("." + ending.lstrip(".") for ending in field.accept)
        fallback = "image/*" if kind.startswith("image") else ""
        attributes = (("accept", endings or fallback),) if endings or fallback else ()
    if kind in ("files", "images") and field.max_count != 1:
        attributes = (*attributes, ("multiple", ""))
    return attributes


def _most(field: Field, kind: str) -> int:
    if kind == "rating":
        most = constant(field.max)
        return int(most) if isinstance(most, int | Decimal) else 5
    return 1 if kind in ("file", "image") else field.max_count or 0


def _unit(field: Field, kind: str, place: Place) -> str:
    if kind == "percent":
        return "%"
    if kind == "money":
        return {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}.get(
            field.currency or place.currency, field.currency or place.currency
        )
    return field.unit or ""


def _hint(field: Field, kind: str, words: Words) -> str:
    parts = [say(field.hint, words.language)] if field.hint else []
    if field.accept:
        parts.append(words.say("files_allowed", kinds=", ".join(field.accept)))
    if field.max_size and kind in ("file", "files", "image", "images"):
        size = size_text(field.max_size, words.language)
        many = kind in ("files", "images")
        parts.append(words.say("files_size", size=size) if many else words.say("file_size", size=size))
    return " · ".join(parts)
