"""Renewing: a form that was opened before a deploy and is sent after it, read by the configuration in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fachwerk.engine.server.answer import redirect
from fachwerk.engine.server.bodies import Form
from fachwerk.engine.server.former import MARK, Since, label_before, lost_before, renewed, state_before
from fachwerk.engine.server.former_words import sentence
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.shell import identity_of, person_of
from fachwerk.engine.server.submit import Sent, read_sent
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import shown
from fachwerk.engine.values import Reference
from fachwerk.forms.model import Changed
from fachwerk.forms.read import Command
from fachwerk.problems import say
from fachwerk.schemas.model import Entity, Field
from starlette.responses import Response


class Renewing:
    """Reads forms of former versions."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def read(
        self, request: Request, form: Form, entity: Entity, only: Sequence[str] | None = None
    ) -> Sent:  # fmt: skip
        """Return what was sent (of the fields in *only*), with what has changed since the form was opened."""
        tools = self._tools
        compiled = tools.forms.entity(entity.name, request.language)
        before = lost_before(form)
        changed, stops = (Changed((), before) if before else None), False
        since = await tools.former.since(form.text(MARK))
        if since is not None:
            found = renewed(form, since, entity, compiled.words, only)
            form, stops = found.form, found.stops
            changed = replace(found.changed, lost=(*before, *found.changed.lost))
        if only is not None and not only:
            return replace(nothing_sent(form, request.language), changed=changed, stops=stops)
        sent = read_sent(compiled, form, identity_of(request).secret, tools.stash, only or ())
        return replace(sent, changed=changed, stops=stops)

    async def closed(
        self, request: Request, entity: Entity, key: str | None, sent: Sent, action: str | None = None
    ) -> Sent:  # fmt: skip
        """Return what was sent; what nobody may fill in any more is no longer among it, but said."""
        if sent.changed is None:
            return sent
        tools, person, language = self._tools, person_of(request), request.language
        state = await tools.service.form(person, entity.name, key, sent.values, action=action)
        there = (await tools.service.read(person, entity.name, key)).values if key else {}
        widgets = tools.forms.entity(entity.name, language).widgets
        lines, lost, values = list(sent.changed.lines), list(sent.changed.lost), dict(sent.values)
        for name, value in sent.values.items():
            now = state.fields.get(name)
            if value in (None, (), [], False) or (now is not None and now.visible and not now.read_only):
                continue
            if name not in there or plain(entity.fields[name], there[name]) != value:
                lines.append(sentence("closed", language, label=widgets[name].label))
                lost.append((widgets[name].label, shown(tools, entity, name, value, language)))
            del values[name]
        stops = sent.stops or len(lost) > len(sent.changed.lost)
        return replace(sent, values=values, changed=Changed(tuple(lines), tuple(lost)), stops=stops)


def nothing_sent(form: Form, language: str) -> Sent:
    """Return a form without fields, as it was sent."""
    version = form.text("_version") or ""
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    return Sent(language, {}, {}, {}, {}, Command(), number, None)


def plain(field: Field, value: object) -> object:
    """Return a value as a form sends it: of a link its id."""
    if isinstance(value, Reference):
        return (value.entity, value.id) if len(field.to) > 1 else value.id
    if isinstance(value, tuple):
        return tuple(plain(field, one) for one in value)
    return value


def other_step(tools: Tools, since: Since, entity: Entity, action: str, language: str) -> str:
    """Return what to say of a step that is gone or leads elsewhere than when a form was opened; else nothing."""
    before = state_before(since, entity, action)
    flows = [one for name in entity.workflows for one in tools.project.workflows[name].versions]
    steps = [flow.transitions[action] for flow in flows if action in flow.transitions]
    # a case may go on under the version of the workflow that it started under
    if before is None or any(step.target == before for step in steps):
        return ""
    if not steps:
        return sentence("step_gone", language, label=label_before(since, entity, action, language))
    step = steps[0]
    states = {name: one.label for flow in flows for name, one in flow.states.items()}
    target = say(states[step.target], language) if step.target in states else step.target
    return sentence("step_other", language, label=say(step.label, language), state=target)


async def moved_to(tools: Tools, request: Request) -> Response | None:
    """Return where a form of an entity goes that is called otherwise now: it is sent there again, as it is."""
    name = request.arguments[0]
    if tools.entity(name) is not None or request.method != "POST":
        return None
    now = await tools.former.entity(name)
    if now is None or tools.entity(now) is None:
        return None
    return redirect(request.path.replace(f"/e/{name}/", f"/e/{now}/", 1), 307)
