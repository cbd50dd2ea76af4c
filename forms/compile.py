"""From the model to forms and lists: per entity and language everything a page needs, decided once at load.

What comes out is immutable and knows no request: widgets of all fields, the layout of the form, the columns and
filters of the list. ``forms.fields`` and ``forms.lists`` join it with the data of a request, ``forms.render`` makes
HTML of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from fachwerk.forms.columns import Column, make_column
from fachwerk.forms.texts import Words, texts
from fachwerk.forms.widgets import NUMBERS, Widget, make_widgets
from fachwerk.problems import say
from fachwerk.schemas.kinds import Place
from fachwerk.schemas.model import Entity, Project, Section

_NOT_LISTED = frozenset(("rows", "back_links", "secret", "json", "rich_text"))
_FILTERED = frozenset((*NUMBERS, "choice", "choices", "boolean", "date", "datetime", "rating", "link", "user", "tree"))
MOST_ACROSS = 3
"""Fields that stand side by side at most, however many an author writes into one row."""


@dataclass(frozen=True, slots=True)
class SectionForm:
    """A section: its heading and rows of widgets that stand side by side."""

    label: str
    hint: str
    rows: tuple[tuple[Widget, ...], ...]


@dataclass(frozen=True, slots=True)
class EntityForm:
    """All of one entity in one language."""

    name: str
    label: str
    plural: str
    description: str
    icon: str | None
    widgets: Mapping[str, Widget]
    form: tuple[SectionForm, ...]
    """The sections that can be edited."""
    page: tuple[SectionForm, ...]
    """The sections of the record's page: those of the form and what is in none of them."""
    columns: tuple[Column, ...]
    listed: frozenset[str]
    """The fields that rows of lists are made of."""
    filters: tuple[Widget, ...]
    searchable: bool
    words: Words

    @property
    def has_rich_text(self) -> bool:
        """Whether a form of it needs the editor of formatted text."""
        return any(w.control == "rich" for widget in self.widgets.values() for w in (widget, *widget.cells))

    @property
    def language(self) -> str:
        """The language of all texts."""
        return self.words.language


class Forms:
    """The compiled forms of a project, by entity and language."""

    def __init__(self, project: Project, *, also: Iterable[str] = ()) -> None:
        self.languages = tuple(dict.fromkeys((*project.languages, *also))) or ("en",)
        self._forms: Mapping[str, Mapping[str, EntityForm]] = MappingProxyType(
            {language: MappingProxyType(_compile(project, texts(language))) for language in self.languages}
        )

    def entity(self, name: str, language: str) -> EntityForm:
        """Return the forms of the entity (or relation) *name*; in the first language if *language* is unknown."""
        return (self._forms.get(language) or self._forms[self.languages[0]])[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all entities."""
        return tuple(self._forms[self.languages[0]])


def compile_forms(project: Project, *, also: Iterable[str] = ()) -> Forms:
    """Return the forms of *project* in its languages and in those of *also*."""
    return Forms(project, also=also)


def place_of(project: Project) -> Place:
    """Return where values are shown and read: the zone, currency and country of the app."""
    country = project.calendar[0] if project.calendar else "DE"
    return Place(ZoneInfo(project.timezone), project.currency, country)


def _compile(project: Project, words: Words) -> dict[str, EntityForm]:
    place = place_of(project)
    return {entity.name: _entity(project, entity, words, place) for entity in project.entities.values()}


def _entity(project: Project, entity: Entity, words: Words, place: Place) -> EntityForm:
    widgets = make_widgets(project, entity, words, place)
    editable = {name: widget for name, widget in widgets.items() if widget.editable}
    layout = entity.form or (Section(None, tuple((name,) for name in editable)),)
    columns = _columns(entity, widgets)
    return EntityForm(
        name=entity.name,
        label=_heading(say(entity.label, words.language)),
        plural=_heading(say(entity.plural, words.language)),
        description=say(entity.description, words.language) if entity.description else "",
        icon=entity.icon,
        widgets=MappingProxyType(widgets),
        form=_sections(layout, widgets, words),
        page=_page_sections(entity, layout, widgets, words),
        columns=tuple(make_column(widgets[name]) for name in columns),
        listed=frozenset((*columns, *(("paused",) if "paused" in widgets else ()))),
        filters=_filters(entity, widgets),
        searchable=bool(entity.list and entity.list.search),
        words=words,
    )


def _heading(text: str) -> str:
    """Return a label as it stands at the head of a page; those of relations are verbs (``owns``)."""
    return text[:1].upper() + text[1:]


def _columns(entity: Entity, widgets: Mapping[str, Widget]) -> tuple[str, ...]:
    if entity.list and entity.list.columns:
        return tuple(name for name in entity.list.columns if name in widgets)
    own = [f.name for f in entity.fields.values() if not f.system and widgets[f.name].kind not in _NOT_LISTED]
    return tuple(own[:6]) or tuple(widgets)[:1]


def _filters(entity: Entity, widgets: Mapping[str, Widget]) -> tuple[Widget, ...]:
    names = entity.list.filters if entity.list else ()
    known = (widgets[name] for name in names if name in widgets)
    return tuple(widget for widget in known if widget.stored and widget.kind in _FILTERED)


def _sections(layout: Iterable[Section], widgets: Mapping[str, Widget], words: Words) -> tuple[SectionForm, ...]:
    made = []
    for section in layout:
        rows = tuple(
            part
            for row in section.rows
            for part in _split(tuple(widgets[name] for name in row if name in widgets and _in_form(widgets[name])))
        )
        label = say(section.label, words.language) if section.label else ""
        hint = say(section.hint, words.language) if section.hint else ""
        made.append(SectionForm(label, hint, rows))
    return tuple(section for section in made if section.rows)


def _in_form(widget: Widget) -> bool:
    return widget.kind not in ("back_links", "sequence")


def _split(row: tuple[Widget, ...]) -> Iterable[tuple[Widget, ...]]:
    return (row[start : start + MOST_ACROSS] for start in range(0, len(row), MOST_ACROSS))


def _page_sections(
    entity: Entity, layout: tuple[Section, ...], widgets: Mapping[str, Widget], words: Words
) -> tuple[SectionForm, ...]:
    sections = _sections(layout, widgets, words)
    shown = {widget.name for section in sections for row in section.rows for widget in row}
    left = [
        field
        for field in entity.fields.values()
        if (not field.system or field.kind == "files") and field.name not in shown
        # files that the engine keeps are documents made of the record
        and field.kind not in ("back_links", "secret")
    ]
    numbers = tuple((widgets[field.name],) for field in left if field.kind == "sequence")
    rest = tuple((widgets[field.name],) for field in left if field.kind != "sequence")
    if sections:
        first = sections[0]
        sections = (SectionForm(first.label, first.hint, (*numbers, *first.rows)), *sections[1:])
        return (*sections, SectionForm(words.further, "", rest)) if rest else sections
    return (SectionForm("", "", (*numbers, *rest)),) if left else ()
