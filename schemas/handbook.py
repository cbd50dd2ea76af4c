"""The handbook of a project: what is kept, who may do what, which rules hold, how cases move; Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fachwerk.schemas.handbook_doing import people, template, told_automation, told_decision
from fachwerk.schemas.handbook_fields import told_fields
from fachwerk.schemas.handbook_flow import told_workflow
from fachwerk.schemas.handbook_words import Teller, cell
from fachwerk.schemas.model import Entity, Grant, Letter, Project, Role, Rule


def handbook(project: Project, language: str) -> str:
    """Return the handbook of *project* in *language* (``en`` or ``de``)."""
    tell = Teller(project, language)
    lines = [f"# {tell.say(project.label)}", "", *_settings(project, tell), f"## {tell.word('roles')}", ""]
    lines += [_role(role, tell) for role in project.roles.values()]
    for entity in project.entities.values():
        lines += ["", *_entity(entity, tell.at(entity.name))]
    if project.decisions:
        lines += ["", f"## {tell.word('decisions')}"]
        for decision in project.decisions.values():
            lines += ["", *told_decision(decision, tell.at(_home(decision.parameters)))]
    if project.automations:
        lines += ["", f"## {tell.word('automations')}", ""]
        lines += [told_automation(one, tell.at(one.of)) for one in project.automations.values()]
    if project.letters:
        lines += ["", f"## {tell.word('letters')}", ""]
        lines += [_letter(one, tell.at(one.of)) for one in project.letters.values()]
    if project.messages:
        lines += ["", f"## {tell.word('messages')}", "", *_messages(project, tell)]
    return "\n".join(lines) + "\n"


def _settings(project: Project, tell: Teller) -> Iterator[str]:
    """Give what holds everywhere: languages, currency, zone, and what time limits count by."""
    languages = ", ".join(project.languages)
    yield tell.word("everywhere", languages=languages, currency=project.currency, zone=project.timezone)
    if project.calendar is not None:
        country, region = project.calendar
        yield tell.word("calendar", place=f"{country}-{region}" if region else country)
    if project.closed:
        yield tell.word("closed", days=", ".join(project.closed))
    if hours := [f"{tell.word(day)} {', '.join(spans)}" for day, spans in project.hours.items() if spans]:
        yield tell.word("hours", hours="; ".join(hours))
    yield ""


def _role(role: Role, tell: Teller) -> str:
    included = [tell.say(tell.project.roles[name].label) for name in sorted(role.includes)]
    more = [tell.word("includes", roles=", ".join(included))] if included else []
    more += [tell.word("reads_everything")] if role.reads_everything else []
    more += [tell.word("signs_up")] if role.signs_up else []
    return f"- **{tell.say(role.label)}**" + (f" ({'; '.join(more)})" if more else "")


def _entity(entity: Entity, tell: Teller) -> Iterator[str]:
    yield from (f"## {tell.say(entity.plural)}", "")
    for said in _about(entity, tell):
        yield from (said, "")
    yield from told_fields(entity, tell)
    rules = [*_sections(entity, tell), *_unique(entity, tell), *_checks(entity, tell)]
    if rules:
        yield from ("", f"### {tell.word('checks')}", "", *(f"- {rule}" for rule in rules))
    if entity.access:
        yield from ("", *_rights(entity.access, tell))
    for name in entity.workflows:
        for flow in tell.project.workflows[name].versions:
            yield from ("", *told_workflow(flow, tell))


def _about(entity: Entity, tell: Teller) -> Iterator[str]:
    if entity.description:
        yield tell.say(entity.description)
    if entity.title is not None and entity.relation is None:
        pieces = [one for one in tell.rule(entity.title).split(" + ") if one[:1] not in "„“\""]
        yield tell.word("title", rule=", ".join(pieces))
    if entity.relation is not None:
        ends = [entity.fields[end] for end in (entity.relation.source, entity.relation.target)]
        named = [" / ".join(tell.say(tell.project.entities[to].label) for to in end.to) for end in ends]
        yield tell.word("relation", source=named[0], target=named[1])
        if entity.relation.valid is not None:
            since, until = (tell.fields([name]) for name in entity.relation.valid)
            yield tell.word("valid", since=since, until=until)


def _sections(entity: Entity, tell: Teller) -> Iterator[str]:
    for section in entity.form:
        if section.visible is not None and section.visible.constant is NotImplemented:
            label = tell.say(section.label) or tell.fields(name for row in section.rows for name in row)
            yield tell.word("section", label=label, rule=tell.rule(section.visible))


def _unique(entity: Entity, tell: Teller) -> Iterator[str]:
    for names in entity.unique:
        yield tell.word("unique_of", fields=tell.fields(names))


def _checks(entity: Entity, tell: Teller) -> Iterator[str]:
    for check in entity.checks:
        said, text = tell.rule(check.that), template(check.message, tell)
        yield f"{said}; {tell.word('else', message=text)}" if text else f"{said}."
    for field in entity.fields.values():
        if field.rows is not None:
            yield from _checks(field.rows, tell.at(field.rows.name))


def _rights(access: Mapping[str, Grant], tell: Teller) -> Iterator[str]:
    verbs = ("create", "read", "update", "delete")
    yield from (f"### {tell.word('rights')}", "")
    yield "| | " + " | ".join(tell.word(verb) for verb in verbs) + " |"
    yield "|---" * 5 + "|"
    for role, grant in access.items():
        cells = [_granted(getattr(grant, verb), tell) for verb in verbs]
        yield f"| {cell(tell.say(tell.project.roles[role].label))} | " + " | ".join(cells) + " |"
    masks = [
        tell.word(word, role=tell.say(tell.project.roles[role].label), fields=tell.fields(_in_order(names, tell)))
        for role, grant in access.items()
        for word, names in (("hides", grant.hide), ("fixed", grant.read_only))
        if names
    ]
    if masks:
        yield from ("", *(f"- {mask}" for mask in masks))


def _in_order(names: Iterable[str], tell: Teller) -> list[str]:
    known = list(tell.project.entities[tell.entity].fields)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def _granted(rule: Rule | None, tell: Teller) -> str:
    if rule is None or rule.constant is False:
        return "–"
    return tell.word("yes") if rule.constant is True else cell(tell.rule(rule))


def _home(parameters: tuple[tuple[str, object], ...]) -> str:
    """Return the entity whose labels the inputs of a decision have: that of the first option among them."""
    for _, typed in parameters:
        of = getattr(getattr(typed, "type", None), "of", None)
        if isinstance(of, str):
            return of.partition(".")[0]
    return ""


def _letter(letter: Letter, tell: Teller) -> str:
    entity = tell.project.entities[letter.of]
    said = tell.word("letter_of", label=tell.say(letter.label), entity=tell.say(entity.label))
    return f"- {said}" + (f"; {tell.word('letter_by', people=people(letter.by, tell))}." if letter.by else ".")


def _messages(project: Project, tell: Teller) -> Iterator[str]:
    for message in project.messages.values():
        there = tell.at(message.of or "")
        body = " ".join(template(message.body, there).split())
        yield f"- **{template(message.subject, there)}**: {body}"
