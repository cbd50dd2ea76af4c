"""Former versions: what became, since a form was opened, of what stands in it.

A form carries the mark of the configuration that it was made by. Sent to another one, its fields are followed from
version to version: by the names that they have now, by the options in the place of others. What is no longer there, or
means something else by a rule, is said, with what was typed into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fachwerk.engine.database import Connection
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.engine.server.bodies import Form
from fachwerk.engine.server.former_words import sentence
from fachwerk.engine.versions import Versions
from fachwerk.forms.model import Changed
from fachwerk.forms.texts import Words
from fachwerk.problems import Refused, say
from fachwerk.rules.check import Checked
from fachwerk.rules.tree import Literal
from fachwerk.schemas.kinds import FileUpload
from fachwerk.schemas.model import Entity, Field, Project
from fachwerk.schemas.tables_columns import Dialect

MARK = "_config"
LOST = "_lost"
MOST_STEPS = 8
"""Versions that are followed one by one; where there were more, the first and the last are compared."""
_MARKS = (".shown", ".was", ".row", ".id", ".keep", ".title")
"""Ends of names of inputs that nobody types into."""


def mark_of(project: Project) -> str:
    """Return the mark of a configuration in forms."""
    return project.hash[:16]


class Former:
    """Finds the versions between the one that a form is of and the present one."""

    def __init__(self, project: Project, database: Connection, dialect: Dialect) -> None:
        self._project, self._database, self._versions = project, database, Versions(dialect)
        self._known: dict[str, Since | None] = {}

    async def since(self, mark: str | None) -> Since | None:
        """Return what has changed since a form with this mark; ``None``: nothing, or nobody knows such a form."""
        if not mark or mark == mark_of(self._project):
            return None
        if mark not in self._known:
            if len(self._known) > 50:
                self._known.clear()
            self._known[mark] = await self._find(mark)
        return self._known[mark]

    async def _find(self, mark: str) -> Since | None:
        every = await self._versions.all(self._database)
        numbers = [one.number for one in every if one.hash.startswith(mark)]
        if not numbers:
            return None
        between = [one.number for one in every if numbers[-1] <= one.number]
        if len(between) > MOST_STEPS:
            between = [between[0], between[-1]]
        try:
            projects = [await self._versions.project(self._database, number) for number in between]
        except Refused:
            return None
        if projects[-1].hash != self._project.hash:
            projects.append(self._project)
        return Since(tuple(Pairing(old, new) for old, new in pairwise(projects)))

    async def entity(self, name: str) -> str | None:
        """Return what an entity of a former version is called now."""
        every = await self._versions.all(self._database)
        for one in reversed(every[:-1][-MOST_STEPS:]):
            since = await self.since(one.hash[:16])
            if since is not None and name in since.old.entities:
                return since.entity(name)
        return None


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a field: its name now (``None``: gone), options by new names, whether its values mean others."""

    was: Field
    name: str | None
    options: Mapping[str, str] = field(default_factory=dict)
    converted: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """The versions between a form and the present, as pairs."""

    pairings: Sequence[Pairing]

    @property
    def old(self) -> Project:
        """The configuration of the form."""
        return self.pairings[0].old

    @property
    def new(self) -> Project:
        """The present one."""
        return self.pairings[-1].new

    def entity(self, name: str) -> str | None:
        """Return what an entity is called now."""
        found: str | None = name
        for pairing in self.pairings:
            found = pairing.renamed(found) if found is not None else None
        return found

    def former(self, name: str) -> str | None:
        """Return what a present entity was called."""
        every = {self.entity(one): one for one in self.old.entities}
        return every.get(name)

    def step(self, workflow: str, action: str) -> str:
        """Return what an action of an old workflow is called now; of what is gone, the name that it had."""
        step, dot, rest = action.partition(".")
        for pairing in self.pairings:
            named = pairing.new_workflow(workflow)
            if named is not None:
                called = pairing.called(named)
                known = called.transitions if not dot else {**called.deadlines, **called.parts}
                workflow, step = named, known.get(step, step)
        return f"{step}{dot}{rest}"

    def steps(self, entity: Entity) -> Mapping[str, str]:
        """Return the old transitions of an entity by what they are called now."""
        former = self.old.entities.get(self.former(entity.name) or "")
        flows = [self.old.workflows[name] for name in former.workflows] if former is not None else []
        return {self.step(flow.name, name): name for flow in flows for name in flow.transitions}

    def follow(self, entity: str, was: Field) -> Followed:
        """Return what became of a field of an old entity or rows."""
        at: str | None = entity
        name, options, converted = was.name, {one.name: one.name for one in was.options}, False
        for pairing in self.pairings:
            at = pairing.renamed(at) if at is not None else None
            found = next((n for n, f in pairing.fields(at).items() if f.name == name), None) if at is not None else None
            if at is None or found is None:
                return Followed(was, None)
            converted = converted or pairing.convert(at, found) is not None
            mapped = pairing.options(at, found)
            options = {old: mapped.get(now, now) for old, now in options.items()}
            name = found
        return Followed(was, name, {old: now for old, now in options.items() if old != now}, converted)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A form as the present configuration reads it; with *stops* it is to be shown again before anything is done."""

    form: Form
    changed: Changed
    stops: bool


def renewed(
    form: Form, since: Since, entity: Entity, words: Words, only: Sequence[str] | None = None
) -> Renewed:  # fmt: skip
    """Return a form of a former version of *entity* with the present names, and what is to be said of it.

    With *only*, the form has just these fields now; others of it are gone.
    """
    before = since.old.entities.get(since.former(entity.name) or "")
    if before is None:
        return Renewed(form, Changed(), stops=False)
    maker = _Renewing(since, words, only)
    maker.fields(before, entity, form, "", "")
    return maker.result(form, entity, before)


class _Renewing:
    def __init__(self, since: Since, words: Words, only: Sequence[str] | None) -> None:
        self.since, self.words, self.only = since, words, only
        self.names: dict[str, str | None] = {}
        self.options: dict[str, Mapping[str, str]] = {}
        self.lines: list[str] = []
        self.lost: list[tuple[str, str]] = []
        self.stops = False

    def fields(self, before: Entity, after: Entity, form: Form, old: str, new: str) -> None:
        """Follow the fields of a record or of a row; their inputs begin with *old*, and with *new* from now on."""
        for was in before.fields.values():
            followed = self.since.follow(before.name, was)
            inputs = [name for name in (*form.texts, *form.files) if _is_of(name, old + was.name)]
            left_out = self.only is not None and not old and followed.name not in self.only
            if followed.name is None or followed.name not in after.fields or left_out:
                self._gone(was, old + was.name, inputs, form)
                continue
            now = after.fields[followed.name]
            self.names[old + was.name] = new + followed.name
            if followed.options:
                self.options[old + was.name] = followed.options
            if inputs and followed.converted and _typed(was, old + was.name, form, self.words):
                self.stops = True
                self._say("means", now)
            elif inputs and now.computed is not None:
                self._closed(was, now, old + was.name, form)
            if was.rows is not None and now.rows is not None:
                for number in dict.fromkeys(form.texts.get(f"{old}{was.name}.row", ())):
                    self.fields(was.rows, now.rows, form, f"{old}{was.name}.{number}.", f"{new}{now.name}.{number}.")

    def _gone(self, was: Field, start: str, inputs: Sequence[str], form: Form) -> None:
        if inputs:
            self.names[start] = None
            self._say("gone", was)
            text = _typed(was, start, form, self.words)
            if text:
                self.lost.append((self._label(was), text))
                self.stops = True

    def _closed(self, was: Field, now: Field, start: str, form: Form) -> None:
        self._say("closed", now)
        if text := _typed(was, start, form, self.words):
            self.lost.append((self._label(was), text))
            self.stops = True

    def _say(self, key: str, one: Field) -> None:
        line = sentence(key, self.words.language, label=self._label(one))
        if line not in self.lines:
            self.lines.append(line)

    def _label(self, one: Field) -> str:
        return say(one.label, self.words.language)

    def result(self, form: Form, entity: Entity, before: Entity) -> Renewed:
        """Return the form under the present names."""
        kept = {self.names[name] for name in self.names if self.names[name] is not None}
        for one in entity.fields.values():
            there = self.only is None and one.name not in kept and not one.system and one.computed is None
            if there and one.required is not None and _always(one.required.checked):
                self._say("needs", one)
        texts: dict[str, tuple[str, ...]] = {}
        for name, values in form.texts.items():
            start = self._start(name)
            if start is None:
                texts[name] = values
            elif (now := self.names[start]) is not None:
                mapped = self.options.get(start, {}) if name == start else {}
                texts[now + name[len(start) :]] = tuple(mapped.get(value, value) for value in values)
        for button in ("_add", "_find", "_remove"):
            texts |= {button: tuple(self._now(value) for value in texts[button])} if button in texts else {}
        files = {self._now(name): sent for name, sent in form.files.items() if self._now(name)}
        return Renewed(Form(texts, files), Changed(tuple(self.lines), tuple(self.lost)), self.stops)

    def _start(self, name: str) -> str | None:
        """Return the field that an input belongs to: the longest, so that of a row before the rows."""
        return max((start for start in self.names if _is_of(name, start)), key=len, default=None)

    def _now(self, name: str) -> str:
        start = self._start(name)
        if start is None:
            return name
        now = self.names[start]
        return "" if now is None else now + name[len(start) :]


def _always(rule: Checked) -> bool:
    return isinstance(rule.node, Literal) and rule.node.value is True


def _is_of(name: str, start: str) -> bool:
    return name == start or name.startswith(start + ".")


def _typed(was: Field, start: str, form: Form, words: Words) -> str:
    """Return what was typed into a field, as one reads it."""
    labels = {option.name: say(option.label, words.language) for option in was.options}
    found: list[str] = []
    for name, values in form.texts.items():
        if not _is_of(name, start) or name.endswith(_MARKS):
            continue
        if name == start and f"{start}.text" in form.texts:
            continue  # the id of what its title says
        found += [labels.get(value, value.strip()) for value in values if value.strip()]
    titles = [value.partition(" ")[2] for value in form.texts.get(f"{start}.title", ())]
    sent: Iterable[FileUpload] = form.files.get(start, ())
    if was.kind == "boolean" and found:
        found = [words.yes]
    return ", ".join([*(titles or found), *(one.name for one in sent if one.name)])


def typed_in(form: Form, since: Since | None, entity: Entity, words: Words) -> tuple[tuple[str, str], ...]:
    """Return all that was typed into a form of a former version of *entity*, as one reads it."""
    before = since.old.entities.get(since.former(entity.name) or "") if since is not None else entity
    fields = before.fields.values() if before is not None else ()
    found = [(say(one.label, words.language), _typed(one, one.name, form, words)) for one in fields]
    comment = (form.text("_comment") or "").strip()
    return (*((label, text) for label, text in found if text), *(((words.comment, comment),) if comment else ()))


def state_before(since: Since, entity: Entity, action: str) -> str | None:
    """Return the state that a step led to, by its present name; ``None``: there was no such step."""
    former, action = since.old.entities.get(since.former(entity.name) or ""), since.steps(entity).get(action, action)
    for name in former.workflows if former is not None else ():
        flow = since.old.workflows[name]
        if action in flow.transitions and former is not None:
            target, at = flow.transitions[action].target, since.follow(former.name, former.fields[flow.field])
            return at.options.get(target, target)
    return None


def label_before(since: Since, entity: Entity, action: str, language: str) -> str:
    """Return the label of a step of a former version."""
    former = since.old.entities.get(since.former(entity.name) or "")
    for name in former.workflows if former is not None else ():
        flow = since.old.workflows[name]
        if action in flow.transitions:
            return say(flow.transitions[action].label, language)
    return action


def lost_before(form: Form) -> tuple[tuple[str, str], ...]:
    """Return what a form that was shown again already has to say of what was typed before."""
    pairs = (text.partition("\n") for text in form.texts.get(LOST, ())[:100])
    return tuple((label, text) for label, _, text in pairs if text)
