"""The handbook of a project: what is kept, who may do what, which rules hold, how cases move; Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fachwerk.problems import Text, say
from fachwerk.rules.language import Labels, tell
from fachwerk.schemas.measures import shown_period
from fachwerk.schemas.model import (
    Deadline,
    Entity,
    Field,
    Grant,
    Part,
    Performer,
    Project,
    Rule,
    State,
    Transition,
    Workflow,
)
from fachwerk.schemas.telling import ProjectLabels, told_eyes, told_person

_WORDS: Mapping[str, Text] = {
    "version": {"en": "version {number}", "de": "Version {number}"},
    "roles": {"en": "Roles", "de": "Rollen"},
    "field": {"en": "Field", "de": "Feld"},
    "kind": {"en": "Kind", "de": "Art"},
    "rules": {"en": "Rules", "de": "Regeln"},
    "required": {"en": "required", "de": "Pflicht"},
    "required_when": {"en": "required when {rule}", "de": "Pflicht, wenn {rule}"},
    "visible": {"en": "shown when {rule}", "de": "sichtbar, wenn {rule}"},
    "read_only": {"en": "cannot be changed when {rule}", "de": "nicht änderbar, wenn {rule}"},
    "computed": {"en": "calculated: {rule}", "de": "berechnet: {rule}"},
    "checks": {"en": "What must hold", "de": "Was gelten muss"},
    "rights": {"en": "Who may do what", "de": "Wer was darf"},
    "create": {"en": "create", "de": "anlegen"},
    "read": {"en": "read", "de": "lesen"},
    "update": {"en": "change", "de": "ändern"},
    "delete": {"en": "delete", "de": "löschen"},
    "yes": {"en": "yes", "de": "ja"},
    "includes": {"en": "includes", "de": "umfasst"},
    "step": {"en": "Step", "de": "Schritt"},
    "way": {"en": "From → to", "de": "Von → nach"},
    "by": {"en": "By", "de": "Durch"},
    "when": {"en": "When", "de": "Wenn"},
    "itself": {"en": "by itself", "de": "von selbst"},
    "asks": {"en": "**{state}** asks {people}: {label}", "de": "**{state}** fragt {people}: {label}"},
    "asks_each": {
        "en": "**{state}** asks {people}: {label}, once for each of {each}",
        "de": "**{state}** fragt {people}: {label}, je einmal zu {each}",
    },
    "asks_many": {
        "en": "**{state}** asks {people}: {label}, {needs} different people",
        "de": "**{state}** fragt {people}: {label}, {needs} verschiedene Personen",
    },
    "all": {"en": "all", "de": "alle"},
    "majority": {"en": "more than half of all", "de": "mehr als die Hälfte aller"},
    "waits": {"en": "**{state}** lasts until {path} have ended", "de": "**{state}** dauert, bis {path} zu Ende sind"},
    "limit": {"en": "**{label}**: within {span}, in {states}", "de": "**{label}**: binnen {span}, in {states}"},
    "rests": {"en": "rests in {states}", "de": "ruht in {states}"},
    "warns": {"en": "warning {span} before", "de": "Warnung {span} vorher"},
    "pauses": {"en": "paused by {people}", "de": "anzuhalten durch {people}"},
    "extends": {
        "en": "extended by {people}, by {span} at most",
        "de": "zu verlängern durch {people}, höchstens um {span}",
    },
    "times": {"en": "{times} times at most", "de": "höchstens {times}-mal"},
    "then": {"en": "then {step}", "de": "dann {step}"},
}


def handbook(project: Project, language: str) -> str:
    """Return the handbook of *project* in *language* (``en`` or ``de``)."""
    lines = [f"# {say(project.label, language)}", "", f"## {_word('roles', language)}", ""]
    for role in project.roles.values():
        included = [say(project.roles[name].label, language) for name in sorted(role.includes)]
        more = f" ({_word('includes', language)}: {', '.join(included)})" if included else ""
        lines.append(f"- **{say(role.label, language)}**{more}")
    for entity in project.entities.values():
        lines += ["", *_entity(project, entity, language)]
    return "\n".join(lines) + "\n"


def _word(name: str, language: str, **values: object) -> str:
    return say(_WORDS[name], language, **values)


def _entity(project: Project, entity: Entity, language: str) -> Iterator[str]:
    labels = ProjectLabels(project, entity.name)
    yield f"## {say(entity.plural, language)}"
    yield ""
    if entity.description:
        yield from (say(entity.description, language), "")
    yield "| " + " | ".join(_word(name, language) for name in ("field", "kind", "rules")) + " |"
    yield "|---|---|---|"
    for field in entity.fields.values():
        if not field.system:
            yield f"| {say(field.label, language)} | {field.result or field.kind} | {_rules(field, labels, language)} |"
    if entity.checks:
        yield from ("", f"### {_word('checks', language)}", "")
        yield from (f"- {_told(check.that, labels, language)}." for check in entity.checks)
    if entity.access:
        yield from ("", *_rights(project, entity.access, labels, language))
    for name in entity.workflows:
        for flow in project.workflows[name].versions:
            yield from ("", *_workflow(project, flow, labels, language))


def _rules(field: Field, labels: Labels, language: str) -> str:
    said = []
    if field.required is not None:
        always = field.required.constant is True
        told = "" if always else _told(field.required, labels, language)
        said.append(_word("required" if always else "required_when", language, rule=told))
    for name, rule in (("visible", field.visible), ("read_only", field.read_only), ("computed", field.computed)):
        if rule is not None and rule.constant is NotImplemented:
            said.append(_word(name, language, rule=_told(rule, labels, language)))
    return _cell("; ".join(said))


def _told(rule: Rule, labels: Labels, language: str) -> str:
    return tell(rule.checked, language, labels=labels)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _rights(project: Project, access: Mapping[str, Grant], labels: Labels, language: str) -> Iterator[str]:
    verbs = ("create", "read", "update", "delete")
    yield f"### {_word('rights', language)}"
    yield ""
    yield "| | " + " | ".join(_word(verb, language) for verb in verbs) + " |"
    yield "|---" * 5 + "|"
    for role, grant in access.items():
        cells = [_granted(getattr(grant, verb), labels, language) for verb in verbs]
        yield f"| {say(project.roles[role].label, language)} | " + " | ".join(cells) + " |"


def _granted(rule: Rule | None, labels: Labels, language: str) -> str:
    if rule is None or rule.constant is False:
        return "–"
    return _word("yes", language) if rule.constant is True else _cell(_told(rule, labels, language))


def _workflow(project: Project, workflow: Workflow, labels: Labels, language: str) -> Iterator[str]:
    kept = workflow is not project.workflows[workflow.name]
    version = f" ({_word('version', language, number=workflow.number)})" if kept else ""
    yield f"### {say(workflow.label, language)}{version}"
    yield ""
    yield "| " + " | ".join(_word(name, language) for name in ("step", "way", "by", "when")) + " |"
    yield "|---|---|---|---|"
    for transition in workflow.transitions.values():
        sources = ", ".join(say(workflow.states[name].label, language) for name in transition.source)
        target = say(workflow.states[transition.target].label, language)
        when = _cell(_told(transition.when, labels, language)) if transition.when else ""
        by = _doers(project, workflow, transition, labels, language)
        yield f"| {say(transition.label, language)} | {sources} → {target} | {by} | {when} |"

    waiting = [one for state in workflow.states.values() for one in _waits(project, workflow, state, labels, language)]
    if waiting:
        yield ""
        yield from waiting
    if workflow.deadlines:
        yield ""
        yield from (_deadline(project, workflow, one, labels, language) for one in workflow.deadlines.values())


def _waits(project: Project, workflow: Workflow, state: State, labels: Labels, language: str) -> Iterator[str]:
    """Give what a state waits for, a line for each part."""
    name = say(state.label, language)
    for part in state.parallel:
        label, people = say(part.label, language), _doers(project, workflow, part, labels, language)
        if part.each is not None:
            each = _told(part.each, labels, language)
            yield "- " + _word("asks_each", language, state=name, label=label, people=people, each=each)
        elif part.needs == 1:
            yield "- " + _word("asks", language, state=name, label=label, people=people)
        else:
            needs = str(part.needs) if isinstance(part.needs, int) else _word(part.needs, language)
            yield "- " + _word("asks_many", language, state=name, label=label, people=people, needs=needs)
    if state.waits_for is not None:
        path = _told(state.waits_for.path, labels, language)
        yield "- " + _word("waits", language, state=name, path=path)


def _deadline(project: Project, workflow: Workflow, deadline: Deadline, labels: Labels, language: str) -> str:
    def states(names: Iterable[str]) -> str:
        return ", ".join(say(workflow.states[name].label, language) for name in names)

    def word(name: str, **values: object) -> str:
        return _word(name, language, **values)

    span, label = shown_period(deadline.within, language), say(deadline.label, language)
    said = [word("limit", label=label, span=span, states=states(deadline.runs_in))]
    if deadline.paused_in:
        said.append(word("rests", states=states(deadline.paused_in)))
    said += [word("warns", span=shown_period(warn.before, language)) for warn in deadline.warn]
    if deadline.pause:
        said.append(word("pauses", people=_named(project, deadline.pause, labels, language)))
    if deadline.extend is not None:
        people, most = _named(project, deadline.extend.by, labels, language), deadline.extend.most
        said.append(word("extends", people=people, span=shown_period(most, language)))
        said += [word("times", times=deadline.extend.times)] if deadline.extend.times is not None else []
    if deadline.then is not None:
        said.append(word("then", step=say(workflow.transitions[deadline.then].label, language)))
    return f"- {'; '.join(said)}."


def _doers(project: Project, workflow: Workflow, step: Transition | Part, labels: Labels, language: str) -> str:
    """Return who takes a transition or decides a part, and whom four eyes bar."""
    if not step.by:
        return _word("itself", language)
    people, eyes = _named(project, step.by, labels, language), told_eyes(workflow, step.not_by, language)
    return f"{people} ({eyes})" if eyes else people


def _named(project: Project, by: Iterable[Performer], labels: Labels, language: str) -> str:
    """Return who is named: roles, then people that paths lead to."""
    named = list(by)
    roles = [say(project.roles[one.role].label, language) for one in named if one.role is not None]
    people = [say(told_person(one.person, labels), language) for one in named if one.person is not None]
    return ", ".join([*roles, *people])
