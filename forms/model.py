"""View data: what a page shows, as plain frozen values that the server fills in and ``forms.render`` turns into HTML.

Nothing here knows the engine. Records come in by shape (:class:`Row`): the engine's ``Record`` fits as it is, its links
as anything with ``entity``, ``id`` and ``title``. Labels, columns, widgets and formats are compiled per entity, so a
view names an entity and carries values, never markup. Texts are already in the language of the page.

Names of form fields: ``name`` for a value, ``name.text`` for what was typed into a search field of a link (its id is
in ``name``), ``name.was`` for the title that the id stands for, ``name.shown`` as the mark that an unticked box or an
empty list was on the page, ``name.keep`` for files already there, ``rows.0.name`` for a field of a row. Everything that
is no field starts with an underscore: ``_csrf``, ``_version``, ``_comment``, ``_theirs``, ``_next`` and the buttons
``_save``, ``_add``, ``_remove``, ``_find``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from fachwerk.forms.model_changed import (
    Changed as Changed,
)
from fachwerk.forms.model_changed import (
    Typed as Typed,
)
from fachwerk.forms.model_frame import (
    AbsenceItem as AbsenceItem,
)
from fachwerk.forms.model_frame import (
    Account as Account,
)
from fachwerk.forms.model_frame import (
    ErrorView as ErrorView,
)
from fachwerk.forms.model_frame import (
    Flash as Flash,
)
from fachwerk.forms.model_frame import (
    Link as Link,
)
from fachwerk.forms.model_frame import (
    MenuItem as MenuItem,
)
from fachwerk.forms.model_frame import (
    ProfileView as ProfileView,
)
from fachwerk.forms.model_frame import (
    Shell as Shell,
)
from fachwerk.forms.model_frame import (
    SignInView as SignInView,
)
from fachwerk.forms.model_frame import (
    SignUpView as SignUpView,
)
from fachwerk.forms.model_frame import (
    TokenItem as TokenItem,
)
from fachwerk.forms.model_frame import (
    Tone as Tone,
)
from fachwerk.forms.model_frame import (
    User as User,
)
from fachwerk.forms.model_inbox import (
    InboxGroup as InboxGroup,
)
from fachwerk.forms.model_inbox import (
    InboxItem as InboxItem,
)
from fachwerk.forms.model_inbox import (
    InboxPlace as InboxPlace,
)
from fachwerk.forms.model_inbox import (
    InboxResult as InboxResult,
)
from fachwerk.forms.model_inbox import (
    InboxStep as InboxStep,
)
from fachwerk.forms.model_inbox import (
    InboxView as InboxView,
)
from fachwerk.forms.model_inbox import (
    NoticeItem as NoticeItem,
)
from fachwerk.forms.model_inbox import (
    NoticesView as NoticesView,
)
from fachwerk.forms.model_inbox import (
    Task as Task,
)


class Row(Protocol):
    """A record that may be shown: a hidden field is absent from *values*."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several views beside each other (saved views of a list)."""

    label: str
    href: str
    current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class ListView:
    """A list of records.

    *params* is the query of the address as pairs, without ``after``/``before``; chips, sort links and the filter form
    are made from it. *titles* gives the titles of record ids that filters name. *search* of ``None`` means that the
    entity cannot be searched.
    """

    shell: Shell
    entity: str
    rows: Sequence[Row]
    path: str
    params: tuple[tuple[str, str], ...] = ()
    sort: tuple[tuple[str | tuple[str, ...], bool], ...] = ()
    """The order in force: (field, descending) pairs; a path over links may stand for the field."""
    count: int | None = None
    count_is_capped: bool = False
    next: str | None = None
    previous: str | None = None
    """Cursors for ``after=`` and ``before=``."""
    create: str | None = None
    """Address of the form for a new record, where that is allowed."""
    tabs: tuple[Tab, ...] = ()
    bulk: tuple[Link, ...] = ()
    """What can be done with selected rows: each is posted ``id`` values."""
    more: tuple[Link, ...] = ()
    """Further ways out of the list, such as an export."""
    titles: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """By link whose records were searched for in the filter form (``_find.link``): (id, title) of what was found."""
    columns: frozenset[str] | None = None
    """The fields that this person may see at all; ``None`` means all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One state in the stepper of a workflow."""

    label: str
    status: Literal["done", "current", "todo"] = "todo"
    detail: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Stepper:
    """Where a record stands in one workflow."""

    label: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a parallel state: what was decided, or who is to decide until when."""

    label: str
    status: str
    tone: Tone = "neutral"
    detail: str = ""
    href: str = ""
    """Where a sub-case stands."""


@dataclass(frozen=True, slots=True)
class Action:
    """A transition as a button; if it is not possible now, *reason* says what stands in the way."""

    label: str
    href: str
    possible: bool = True
    reason: str = ""
    tone: Tone = "neutral"
    immediate: bool = False
    """Nothing to fill in or to confirm: the button acts at once (it posts)."""
    lead: bool = False
    """Whether it is what there is to do next."""
    aside: bool = False
    """Whether it merely leads out while something else is asked for: it stands in the menu."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An opinion that the person is asked for: its outcomes as buttons, and whether they take a comment."""

    label: str
    outcomes: tuple[Action, ...]
    comment: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: when it ends or how it rests, how that is reckoned, and what can be done with it."""

    label: str
    when: str
    tone: Tone = "neutral"
    details: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A short figure beside the title, such as a deadline."""

    label: str
    value: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Related:
    """Records of *entity* that belong to the one shown, with the columns of their list (without *without*)."""

    label: str
    entity: str
    rows: Sequence[Row]
    count: int | None = None
    count_is_capped: bool = False
    more: str | None = None
    create: str | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A field before and after, both as shown to people."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record. *what* is a short sentence without the name of the person."""

    at: datetime
    who: str
    what: str
    comment: str = ""
    changes: tuple[Change, ...] = ()
    kind: Literal["create", "change", "transition", "remove", "comment", "deadline", "document"] = "change"
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record with everything around it. Fields absent from its values or named in *hidden* are not shown."""

    shell: Shell
    entity: str
    record: Row
    path: str
    hidden: frozenset[str] | None = None
    """``None``: it is not known; then conditional fields without a value are not shown."""
    steppers: tuple[Stepper, ...] = ()
    parts: tuple[Part, ...] = ()
    facts: tuple[Fact, ...] = ()
    limits: tuple[Limit, ...] = ()
    actions: tuple[Action, ...] = ()
    asks: tuple[Ask, ...] = ()
    """Opinions that the person is asked for."""
    waits_for: tuple[str, ...] | None = None
    """For whom or what the record waits, where there is nothing to do for the person; ``None`` where there is."""
    barred: tuple[tuple[str, str], ...] = ()
    """What would be for this person, and what stands against it."""
    edit: str | None = None
    delete: str | None = None
    related: tuple[Related, ...] = ()
    events: tuple[Event, ...] = ()
    about: str = ""
    """Under which version of the configuration it was last written."""
    more_events: str | None = None
    flow: str | None = None
    """The picture of its workflows."""
    letters: tuple[Link, ...] = ()
    """Documents that can be made of it."""


@dataclass(frozen=True, slots=True)
class FieldState:
    """What holds for a field of a form just now; compiled constants stand in where nothing is given."""

    visible: bool = True
    required: bool = False
    read_only: bool = False
    options: tuple[str, ...] | None = None
    """Options offered of a choice whose options depend on other fields; ``None`` means all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a link may lead to."""

    id: str
    title: str
    detail: str = ""
    entity: str = ""
    """Label of the kind of record, where a link may lead to one of several; *id* is then ``entity/id``."""


@dataclass(frozen=True, slots=True)
class FileItem:
    """A file already there: stored (*key* is its id) or kept from a failed submit (*key* is ``new:`` and a token)."""

    key: str
    name: str
    size: int
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed meanwhile, the three values as shown to people."""

    field: str
    label: str
    yours: str
    theirs: str
    before: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to create or change a record.

    *values* are values of the kinds (a record's, defaults, computed ones); *texts* is what was submitted, as
    :class:`forms.read.Submitted` returns it, and wins over *values* so that nothing typed is lost. *states* and
    *errors* are by field name, dotted for rows (``neighbours.0.name``; states of a row's field: ``neighbours.name``);
    errors of the whole record stand under ``""``.
    """

    shell: Shell
    entity: str
    action: str
    cancel: str
    title: str | None = None
    """Title of the record that is changed; ``None`` for a new one."""
    version: int | None = None
    live: str | None = None
    """Where the form is posted while somebody types; answers with ``render_live``."""
    find: str | None = None
    """Where a search field posts the form with ``_find=field``; answers with ``render_candidates``."""
    fields: frozenset[str] | None = None
    """Fields that this person may see; ``None`` means all."""
    values: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    states: Mapping[str, FieldState] = field(default_factory=dict)
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    """Results of a search without script, by field name."""
    files: Mapping[str, tuple[FileItem, ...]] = field(default_factory=dict)
    """Files kept from a failed submit and those of the record, by field name; without an entry, those in *values*."""
    conflicts: tuple[Conflict, ...] = ()
    focus: str | None = None
    """The field that takes the focus (a row just added)."""
    changed: Changed | None = None
    """What has changed since the form was opened, where it was opened under another configuration."""


@dataclass(frozen=True, slots=True)
class SpanField:
    """A span of time to be filled in; *units* are pairs of value and label."""

    most: str
    units: tuple[tuple[str, str], ...]
    count: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ActionView:
    """The small form of a transition: its fields (*only* of *form*), a comment, and a sentence to confirm."""

    form: FormView
    label: str
    only: tuple[str, ...] = ()
    comment: Literal["required", "optional", "none"] = "none"
    comment_text: str = ""
    confirm: str = ""
    tone: Tone = "accent"
    span: SpanField | None = None
    """Where a deadline is extended: by how much (``_period.count`` and ``_period.unit``)."""


@dataclass(frozen=True, slots=True)
class Tile:
    """An entity on the home page."""

    label: str
    href: str
    count: str = ""
    icon: str | None = None
    create: str | None = None


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page: what waits for me, most urgent first, then ways into the lists."""

    shell: Shell
    tasks: tuple[Task, ...] = ()
    more_tasks: str | None = None
    """Where all of them are."""
    waiting: int = 0
    """How many wait, where that is more than these."""
    capped: bool = False
    """Whether there may be more than *waiting*."""
    tiles: tuple[Tile, ...] = ()
    lists: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmDeleteView:
    """Ask before a record is deleted; *blockers* are records that still refer to it (then there is no button)."""

    shell: Shell
    entity: str
    title: str
    action: str
    cancel: str
    version: int | None = None
    blockers: tuple[Link, ...] = ()
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stashed:
    """A file that was kept from a failed submit, by its token."""

    token: str
