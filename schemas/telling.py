"""Rules as sentences with the labels that the project gives its fields, options, entities and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from fachwerk.problems import Refused, Text, nearest, say
from fachwerk.rules.language import Labels, tell
from fachwerk.rules.tree import Name, Path
from fachwerk.rules.types import ListType, RecordType
from fachwerk.schemas.model import Entity, Field, Project, Rule, Workflow

_OWN: Mapping[str, Text] = {
    "opinions": {"en": "Opinions", "de": "Stellungnahmen"},
    "outcome": {"en": "Outcome", "de": "Ergebnis"},
    "part": {"en": "Part", "de": "Teil"},
    "comment": {"en": "Comment", "de": "Bemerkung"},
    "each": {"en": "The record in question", "de": "Der jeweilige Eintrag"},
    "this": {"en": "This record", "de": "Dieser Eintrag"},
    "complete": {"en": "Completeness of the opinions", "de": "Vollständigkeit der Stellungnahmen"},
}
"""Names that workflows bring into rules."""
_MAKERS: Mapping[str, Text] = {
    "created_by": {"en": "whoever created it", "de": "wer es angelegt hat"},
    "changed_by": {"en": "whoever changed it last", "de": "wer es zuletzt geändert hat"},
}


class ProjectLabels(Labels):
    """The labels of one project, as seen from a rule of the entity, relation or rows called *at*."""

    def __init__(self, project: Project, at: str) -> None:
        self._project = project
        self._at = at
        self._entities = {entity.record.name: entity for entity in _all(project.entities.values())}

    def field(self, owner: str | None, name: str, language: str) -> str | None:
        """Return the label of a field; *owner* may name several record types (``person|company``)."""
        for one in (owner or self._at).split("|"):
            entity = self._entities.get(one)
            if entity is not None and name in entity.fields:
                return say(entity.fields[name].label, language)
        if owner is None and (decision := self.decision(name, language)):
            return decision
        return _OWN[name].get(language) if name in _OWN else None

    def option(self, of: str, option: str, language: str) -> str | None:
        """Return the label of an option of ``entity.field``, or of a part or an outcome of opinions."""
        entity, _, name = of.rpartition(".")
        if entity.endswith(".opinions"):
            return self._opinion(entity.removesuffix(".opinions"), name, option, language)
        field = self._entities[entity].fields.get(name) if entity in self._entities else None
        return _label(field, option, language)

    def _opinion(self, entity: str, name: str, option: str, language: str) -> str | None:
        workflows = [flow for flow in self._project.workflows.values() if flow.of == entity]
        parts = [part for flow in workflows for state in flow.states.values() for part in state.parallel]
        labels = {part.name: part.label for part in parts}
        if name == "outcome":
            labels = {outcome.name: outcome.label for part in parts for outcome in part.outcomes}
        return say(labels[option], language) if option in labels else None

    def entity(self, name: str, language: str) -> str | None:
        """Return the label of an entity."""
        found = self._project.entities.get(name)
        return say(found.label, language) if found else None

    def decision(self, name: str, language: str) -> str | None:
        """Return the label of a decision."""
        found = self._project.decisions.get(name)
        return say(found.label, language) if found else None


def _label(field: Field | None, option: str, language: str) -> str | None:
    options = field.options if field else ()
    return next((say(one.label, language) for one in options if one.name == option), None)


def _all(entities: Iterable[Entity]) -> Iterator[Entity]:
    for entity in entities:
        yield entity
        yield from _all(field.rows for field in entity.fields.values() if field.rows is not None)


def told(rule: Rule, labels: Labels | None = None) -> Text:
    """Return *rule* as a sentence without a full stop, in English and German."""
    return {language: tell(rule.checked, language, labels=labels) for language in ("en", "de")}


def telling(project: Project, workflow: Workflow) -> Callable[[Rule], Text]:
    """Return what tells the rules of *workflow* with the labels of *project*."""
    labels = ProjectLabels(project, workflow.of)
    return lambda rule: told(rule, labels)


def told_person(rule: Rule, labels: Labels | None = None) -> Text:
    """Return whom a rule leads to: ``applicant.user`` is called like the field ``applicant``, ``team.head`` in full."""
    checked = rule.checked
    if isinstance(checked.node, Name) and checked.node.name in _MAKERS:
        return _MAKERS[checked.node.name]
    node, type_ = checked.node, checked.typed.type
    found = type_.element.type if isinstance(type_, ListType) else type_
    if isinstance(node, Path) and isinstance(found, RecordType) and found.name == "user":
        written = rule.text.text.strip().endswith(f".{node.name}")
        if node.name == "user" or not written:
            checked = replace(checked, node=node.of)
    return {language: tell(checked, language, labels=labels) for language in ("en", "de")}


def told_project(project: Project, name: str, language: str) -> str:
    """Return what all rules of the entity or relation *name* say, a line each; raises ``Refused`` if there is none."""
    entity = project.entities.get(name)
    if entity is None:
        near = nearest(name, list(project.entities))
        raise Refused(
            "unknown_entity",
            {
                "en": f"There is no entity {name}." + (f" Did you mean {near}?" if near else ""),
                "de": f"Es gibt keine Entität {name}." + (f" Meinten Sie {near}?" if near else ""),
            },
        )
    labels = ProjectLabels(project, name)
    lines = [say(entity.label, language)]
    for heading, rule in _rules(project, entity, _HEADINGS[language]):
        lines.append(f"  {heading}: {tell(rule.checked, language, labels=labels)}.")
    return "\n".join(lines)


_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "visible": "{} is shown", "required": "{} is required", "read_only": "{} is read only",
        "computed": "{} is calculated",
        "default": "{} begins with", "check": "Must hold", "create": "{} may create", "read": "{} may read",
        "update": "{} may change", "delete": "{} may delete", "when": "{} is possible", "title": "Title",
    },
    "de": {
        "visible": "{} wird gezeigt", "required": "{} ist Pflicht", "read_only": "{} ist schreibgeschützt",
        "computed": "{} wird berechnet", "default": "{} beginnt mit", "check": "Muss gelten",
        "create": "{} darf anlegen",
        "read": "{} darf lesen", "update": "{} darf ändern", "delete": "{} darf löschen", "when": "{} ist möglich",
        "title": "Titel",
    },
}  # fmt: skip


def _rules(project: Project, entity: Entity, headings: Mapping[str, str]) -> Iterator[tuple[str, Rule]]:
    language = next(one for one, known in _HEADINGS.items() if known is headings)
    for word, label, rule in _found(project, entity):
        if rule is not None and isinstance(rule.constant, type(NotImplemented)):
            yield headings[word].format(say(label, language)), rule


def _found(project: Project, entity: Entity) -> Iterator[tuple[str, Text, Rule | None]]:
    yield "title", entity.label, entity.title
    for field in entity.fields.values():
        for word in ("visible", "required", "read_only", "computed", "default"):
            yield word, field.label, getattr(field, word)
    for check in entity.checks:
        yield "check", entity.label, check.that
    for role, grant in entity.access.items():
        for word in ("create", "read", "update", "delete"):
            yield word, project.roles[role].label, getattr(grant, word)
    for name in entity.workflows:
        for flow in project.workflows[name].versions:
            more = {} if flow is project.workflows[name] else {"en": " (version {})", "de": " (Version {})"}
            for transition in flow.transitions.values():
                label = {one: text + more.get(one, "").format(flow.number) for one, text in transition.label.items()}
                yield "when", label, transition.when


_CREATOR: Text = {"en": "creating it", "de": "das Anlegen"}
_NOT_BY: Text = {"en": "not by whoever did: {steps}", "de": "nicht durch die Person von: {steps}"}


def told_step(workflow: Workflow, action: str) -> Text:
    """Return what people call a step: a transition, a part, ``part.outcome`` or, for ``creator``, the making."""
    if action == "creator":
        return _CREATOR
    if action in workflow.transitions:
        return workflow.transitions[action].label
    name, _, outcome = action.partition(".")
    part = next((one for one in workflow.parts if one.name == name), None)
    if part is None:
        return {"en": action, "de": action}
    option = next((one for one in part.outcomes if one.name == outcome), None)
    return part.label if option is None else {k: f"{say(part.label, k)}: {say(option.label, k)}" for k in ("en", "de")}


def told_eyes(workflow: Workflow, not_by: Iterable[str], language: str) -> str:
    """Return in words who may not take a step because of an earlier one; empty where everybody may."""
    steps = ", ".join(say(told_step(workflow, name), language) for name in not_by)
    return say(_NOT_BY, language, steps=steps) if steps else ""
