"""What is done, in the handbook: effects, who acts, what happens by itself, decisions, messages and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fachwerk.problems import say
from fachwerk.rules.check import Checked
from fachwerk.rules.language import tell as tell_rule
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.types import OptionType
from fachwerk.schemas.handbook_words import Teller, cell
from fachwerk.schemas.measures import shown_period
from fachwerk.schemas.model import Automation, Decision, Effect, Performer, Rule, Template
from fachwerk.schemas.telling import told_person


def people(by: Iterable[Performer], tell: Teller) -> str:
    """Return who is named: roles, then people that paths lead to."""
    named = list(by)
    roles = [tell.say(tell.project.roles[one.role].label) for one in named if one.role is not None]
    return ", ".join([*roles, *(_person(one.person, tell) for one in named if one.person is not None)])


def _person(rule: Rule, tell: Teller) -> str:
    told = say(told_person(rule, tell.labels), tell.language)
    lead, _, rest = told.partition(": ")
    if lead.capitalize() != (tell.labels.field(None, "each", tell.language) or "").capitalize():
        return told
    return tell.word("of_each", person=rest) if rest else tell.word("each_person")


def settings(values: Mapping[str, Rule], tell: Teller) -> str:
    """Return which fields get which values."""
    return ", ".join(tell.word("sets", field=tell.fields([n]), rule=tell.value(rule)) for n, rule in values.items())


def effect(one: Effect, tell: Teller) -> str:
    """Return what an effect does."""
    if one.kind == "notify":
        return _notified(one, tell)
    if one.kind == "document":
        return tell.word("document", letter=_letter(one.target, tell))
    if one.kind == "mark":
        return tell.word("mark", field=tell.fields(one.values))
    if one.kind == "set":
        return settings(one.values, tell)
    if one.kind == "webhook":
        return _with(tell.word("webhook", target=one.target), one.values, tell, "")
    path = tell.rule(one.path) if one.path is not None else ""
    if one.kind == "step":
        named = [flow.transitions.get(one.step or "") for flow in tell.project.workflows.values()]
        step = next((found for found in named if found is not None), None)
        return tell.word("take", path=path, step=tell.say(step.label) if step is not None else one.step)
    entity = tell.project.entities.get(one.target or "")
    if one.kind == "create" and entity is not None:
        return _with(tell.word("make", entity=tell.say(entity.label)), one.values, tell, entity.name)
    return _with(tell.word("change", path=path), one.values, tell, one.target or "")


def _with(what: str, values: Mapping[str, Rule], tell: Teller, of: str) -> str:
    there = tell.at(of)
    told = [f"{there.fields([name])}: {tell.rule(rule)}" for name, rule in values.items()]
    return tell.word("with", what=what, values="; ".join(told)) if told else what


def _notified(one: Effect, tell: Teller) -> str:
    message = tell.project.messages.get(one.message or "")
    named = people(one.to, tell)
    subject = template(message.subject, tell) if message is not None else ""
    what = tell.word("notify", people=named, subject=subject) if subject else tell.word("notify_bare", people=named)
    letters = ", ".join(_letter(name, tell) for name in one.attach)
    return tell.word("attached", what=what, letters=letters) if letters else what


def _letter(name: str | None, tell: Teller) -> str:
    letter = tell.project.letters.get(name or "")
    return tell.say(letter.label) if letter is not None else str(name)


def template(text: Template, tell: Teller) -> str:
    """Return a text with places, its rules as sentences in braces."""
    parts = text.parts.get(tell.language) or text.parts.get("en") or next(iter(text.parts.values()), ())
    return "".join(part if isinstance(part, str) else f"{{{tell.rule(part)}}}" for part in parts).strip()


def told_automation(one: Automation, tell: Teller) -> str:
    """Return when an automation does what."""
    flows = [tell.project.workflows[name] for name in tell.project.entities[one.of].workflows]
    steps = {name: step.label for flow in flows for name, step in flow.transitions.items()}
    said = [tell.word(on) if on in ("created", "changed") else tell.word("after_step", step=tell.say(steps[on]))
            for on in one.on if on in ("created", "changed") or on in steps]  # fmt: skip
    if one.inactive is not None:
        said.append(tell.word("inactive", span=shown_period(one.inactive, tell.language)))
    if one.every is not None and one.every.at is not None:
        said.append(tell.word("working_daily" if one.every.working_days else "daily", at=one.every.at))
    elif one.every is not None:
        said.append(tell.word("every_hour") if one.every.hours == 1 else tell.word("hourly", hours=one.every.hours))
    if one.where is not None and one.where.constant is not True:
        said.append(tell.word("if", rule=tell.rule(one.where)))
    done = "; ".join(effect(do, tell) for do in one.do)
    return f"- **{tell.say(tell.project.entities[one.of].plural)}**: {', '.join(said)}: {done}."


def told_decision(decision: Decision, tell: Teller) -> Iterator[str]:
    """Give a decision: its table, or its rule."""
    yield from (f"### {tell.say(decision.label)}", "")
    body = decision.body
    if isinstance(body, CheckedTable):
        yield from _table(body, tell)
    elif isinstance(body, Checked):
        yield tell_rule(body, tell.language, labels=tell.labels) + "."
    else:
        yield tell.word("model")


def _table(checked: CheckedTable, tell: Teller) -> Iterator[str]:
    table = checked.table
    hit = {"unique": "unique_hit", "first": "first_hit"}.get(table.hit.policy, table.hit.policy)
    hit = {"min": "lowest", "max": "highest"}.get(table.hit.aggregation or "", table.hit.aggregation or hit)
    yield from (tell.word(hit), "")
    inputs = [tell_rule(one.expression, tell.language, labels=tell.labels) for one in checked.inputs]
    outputs = [tell.word("result")] if table.single else [one.name for one in table.outputs]
    yield "| " + " | ".join(cell(one) for one in (*inputs, *outputs)) + " |"
    yield "|---" * (len(inputs) + len(outputs)) + "|"
    for row in checked.rows:
        tests = [_tested(one.fragment.text.strip(), column.typed.type, tell)
                 for one, column in zip(row.cells, checked.inputs, strict=True)]  # fmt: skip
        results = [tell_rule(one, tell.language, labels=tell.labels) for one in row.results]
        yield "| " + " | ".join(cell(one) for one in (*tests, *results)) + " |"
    rest = [tell_rule(one, tell.language, labels=tell.labels) for one in checked.defaults if one is not None]
    if rest:
        yield from ("", tell.word("otherwise", rules=", ".join(rest)))


def _tested(text: str, type_: object, tell: Teller) -> str:
    """Return a test as it is written, options by their labels."""
    if not isinstance(type_, OptionType):
        return "–" if text == "-" else text
    named = [one.strip().strip('"') for one in text.split(",")]
    labels = [tell.labels.option(type_.of, one, tell.language) for one in named]
    return ", ".join(one for one in labels if one) if all(labels) else "–" if text == "-" else text
