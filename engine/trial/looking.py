"""What is expected after a step, compared with what is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fachwerk.engine.access import Right
from fachwerk.engine.openness import forbidden
from fachwerk.engine.query import Query
from fachwerk.engine.trial import said
from fachwerk.engine.trial.cast import Cast
from fachwerk.engine.trial.noting import Noting
from fachwerk.engine.trial.opinions import sources_of
from fachwerk.engine.trial.stage import Call, Mail, Stage
from fachwerk.engine.values import Person, Record, nobody_there
from fachwerk.problems import Problem, Refused, Text
from fachwerk.schemas.scenario import Place, Sent, Step
from fachwerk.workflows.case import Action

MOST = 500
Possibilities = tuple[tuple[Action, ...], frozenset[Right]]
_NOTICES = "select user, message, texts from fw_notice order by id"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that somebody got: for whom, which message, what it says in all languages."""

    user: str
    message: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How much had been sent before a step."""

    notices: int
    mails: int
    calls: int


class Looking:
    """Compares what a scenario expects with what is there."""

    def __init__(self, stage: Stage, cast: Cast, noting: Noting) -> None:
        self._stage, self._cast, self._service = stage, cast, stage.service
        self._noting = noting
        self._possibilities: dict[tuple[str, str], Possibilities | Refused] = {}
        """What one person can do with records after one step: within it nothing changes any more."""

    async def all(self, step: Step, mark: Mark) -> list[Problem]:
        """Return everything that is not as *step* expects it."""
        self._possibilities.clear()
        found = await self._values(step) if step.expect else []
        who = self._cast.people.get(step.who or "")
        if who is not None:
            found += [problem async for problem in self._looks(step, who)]
        if step.sent is not None:
            found += await self._sent(step, step.sent, mark)
        return found

    async def _values(self, step: Step) -> list[Problem]:
        problems: list[Problem] = []
        read: dict[tuple[str, str], Record | None] = {}
        for one in step.expect:
            key = (one.record, one.entity)
            if key not in read:
                read[key] = await self._read(self._service.system, *key)
            record, span = read[key], one.written.span
            if record is None:
                problems.append(said.GONE.at(span, record=one.record))
                continue
            field = self._stage.app.project.entities[one.entity].fields[one.field]
            found = record.values.get(one.field)
            if not self._cast.agrees(one.written, found, field):
                shown, wanted = self._cast.shown(found, field), self._cast.shown(one.written.value, field)
                problem = said.OTHER_VALUE.at(span, record=one.record, field=one.field, found=shown, wanted=wanted)
                problems.append(problem)
        return problems

    async def _read(self, who: Person, name: str, entity: str) -> Record | None:
        try:
            return await self._service.read(who, entity, self._cast.id(name, entity))
        except Refused:
            return None

    async def _looks(self, step: Step, who: Person) -> AsyncIterator[Problem]:
        name = step.who or ""
        for place in (*step.sees, *step.hides):
            problem = await self._field(place, who, name, wanted=place in step.sees)
            if problem:
                yield problem
        for wanted in step.finds:
            page = await self._service.find(who, wanted.entity, Query(limit=MOST))
            found = [record.id for record in page.records]
            there = [key for (_, entity), key in self._cast.records.items() if entity == wanted.entity]
            await self._noting.read(who, wanted.entity, there, None if found or not there else nobody_there())
            if others := self._others(found, [self._cast.id(one, wanted.entity) for one in wanted.records]):
                yield said.FOUND.at(wanted.span, who=name, found=others[0], wanted=others[1])
        if step.inbox is not None and step.inbox_span is not None:
            waiting, _ = await self._stage.inbox.of(who, MOST)
            if others := self._others([one.id for one in waiting], self._ids(step.inbox)):
                yield said.WAITS.at(step.inbox_span, who=name, found=others[0], wanted=others[1])
        for place in (*step.can, *step.cannot):
            if found_problem := await self._possible(place, who, name, wanted=place in step.can):
                yield found_problem

    def _ids(self, records: Iterable[str]) -> list[str]:
        return [key for name in records for (known, _), key in self._cast.records.items() if known == name]

    def _others(self, found: list[str], wanted: list[str]) -> tuple[Text, Text] | None:
        """Return in words what was found and what was wanted, where that is not the same."""
        return None if set(found) == set(wanted) else (self._names(found), self._names(wanted))

    def _names(self, keys: Iterable[str]) -> Text:
        known = [self._cast.name_of(key) for key in keys]
        named = sorted(name for name in known if name is not None)
        others = sum(name is None for name in known)
        text = said.names(named)
        if not others:
            return text
        more = {"en": f"{others} without a name", "de": f"{others} ohne Namen"}
        return {one: f"{text[one]}, {more[one]}" if named else more[one] for one in ("en", "de")}

    async def _field(self, place: Place, who: Person, name: str, *, wanted: bool) -> Problem | None:
        record = await self._read(who, place.record, place.entity)
        key = self._cast.id(place.record, place.entity)
        await self._noting.read(who, place.entity, (key,), nobody_there() if record is None else None)
        if record is None:
            return said.NOT_READ.at(place.span, who=name, record=place.record)
        there = place.name in record.values
        if not there:
            self._noting.hidden(who, place.entity, place.name)
        if there is wanted:
            return None
        if wanted:
            return said.NOT_SEEN.at(place.span, who=name, record=place.record, field=place.name)
        field = self._stage.app.project.entities[place.entity].fields[place.name]
        shown = self._cast.shown(record.values[place.name], field)
        return said.SEEN.at(place.span, who=name, record=place.record, field=place.name, found=shown)

    async def unreadable(self, step: Step) -> list[Text]:
        """Say which of the records that a step is about, or links to, its person may not read."""
        who = self._cast.people[step.who or ""]
        places = [(step.record, step.entity)] if step.record and step.doing != "create" else []
        places += self._cast.linked(step.values, self._stage.app.project.entities[step.entity]) if step.entity else []
        found = [name for name, entity in dict.fromkeys(places) if await self._hidden(who, name, entity)]
        return [said.unreadable(step.who or "", name) for name in found]

    async def _hidden(self, who: Person, name: str, entity: str) -> bool:
        """Whether a record is there that somebody may not read."""
        return await self._read(who, name, entity) is None and (
            await self._read(self._service.system, name, entity) is not None
        )

    async def from_states(self, step: Step) -> list[Text]:
        """Say in which states a step of a workflow is possible, where the record is in another one."""
        record = await self._read(self._service.system, step.record, step.entity) if step.action else None
        project, found = self._stage.app.project, []
        for name in project.entities[step.entity].workflows if record is not None else ():
            workflow = project.workflows[name]
            sources = sources_of(workflow, step.action)
            state = str(record.values.get(workflow.field)) if record is not None else ""
            if sources and state not in sources:
                found.append(said.from_states(step.action, sources, step.record, state))
        return found

    # what is possible

    async def _possible(self, place: Place, who: Person, name: str, *, wanted: bool) -> Problem | None:
        possible, why = await self.can(place, who)
        if possible is wanted:
            return None
        action = f"{place.name} {place.record or place.entity}"
        if possible:
            return said.POSSIBLE.at(place.span, who=name, action=action)
        return said.NOT_POSSIBLE.at(place.span, who=name, action=action, why=why)

    async def can(self, place: Place, who: Person) -> tuple[bool, Text]:
        """Return whether somebody can do something, and if not, why."""
        right = place.name
        if right == "create" and not place.record:
            may = self._stage.service.kit.access.rights(who.roles, place.entity).may("create")
            self._noting.right(who, place.entity, "create", None if may else forbidden("create"))
            return may, _NO_RIGHT
        key = self._cast.id(place.record, place.entity)
        try:
            actions, rights = await self._possibilities_of(who, place.entity, key)
        except Refused as refused:
            await self._noting.read(who, place.entity, (key,), refused)
            if right in _VERBS:
                self._noting.right(who, place.entity, _VERBS[right], refused)
            hidden = await self._hidden(who, place.record, place.entity)
            return False, said.unreadable(self._cast.name_of(who.id) or "", place.record) if hidden else refused.message
        await self._noting.read(who, place.entity, (key,))
        fitting = [one for one in actions if one.name == right or one.name.endswith(f".{right}")]
        verb = _VERBS.get(right)
        if not fitting and verb is not None:
            self._noting.right(who, place.entity, verb, None if verb in rights else forbidden(verb))
            return verb in rights, _NO_RIGHT
        possible = right == "read" or any(one.possible for one in fitting)
        if not possible and fitting:
            self._noting.refused(place.entity, right, _code(fitting))
        return possible, why_not(fitting)

    async def _possibilities_of(self, who: Person, entity: str, key: str) -> Possibilities:
        """Return the steps and rights that somebody has on a record after this step; asked once."""
        found = self._possibilities.get((entity, key))
        if found is None:
            try:
                found = (
                    await self._service.actions(who, entity, key), await self._service.possible(who, entity, key),
                )  # fmt: skip
            except Refused as refused:
                found = refused
            self._possibilities[entity, key] = found
        if isinstance(found, Refused):
            raise found
        return found

    # what was sent

    async def mark(self, step: Step) -> Mark:
        """Return how much was sent so far, where *step* says what is sent."""
        outbox = self._stage.outbox
        if step.sent is None:
            return Mark(0, 0, 0)
        return Mark(len(await self._stage.database.fetch(_NOTICES)), len(outbox.mails), len(outbox.calls))

    async def _sent(self, step: Step, sent: tuple[Sent, ...], mark: Mark) -> list[Problem]:
        rows = await self._stage.database.fetch(_NOTICES)
        notices = [_notice(row) for row in rows[mark.notices :]]
        mails, calls = self._stage.outbox.mails[mark.mails :], self._stage.outbox.calls[mark.calls :]
        told = list(self._told(notices, mails, calls))
        if not sent and told and step.sent_span is not None:
            return [said.with_lines(said.SENT_ANYWAY.at(step.sent_span), told)]
        problems = []
        for one in sent:
            people = await self._addresses(one.to) if one.to else None
            if not _is_there(one, people, notices, mails, calls):
                problem = said.NOT_SENT.at(one.span, what=_what(one))
                problems.append(said.with_lines(problem, told or [_NOTHING_SENT]))
        return problems

    async def _addresses(self, name: str) -> set[str]:
        """Return the id and all mail addresses of a person or record."""
        found = {name} if "@" in name else set()
        person = self._cast.people.get(name)
        if person is not None:
            found |= {person.id, person.email}
        for (known, entity), key in self._cast.records.items():
            if known == name:
                record = await self._service.read(self._service.system, entity, key)
                kinds = self._stage.app.project.entities[entity].fields
                found |= {str(v) for n, v in record.values.items() if n in kinds and kinds[n].kind == "email" and v}
        return found

    def _told(self, notices: Iterable[Notice], mails: Iterable[Mail], calls: Iterable[Call]) -> Iterable[Text]:
        """Say what was sent."""
        seen = set()
        for notice in notices:
            seen.add((self._cast.name_of(notice.user) or "?", notice.message or "", notice.text.split("\n")[0]))
        for to, message, subject in sorted(seen):
            english = f"sent: {message or '-'} to {to}: {subject}"
            yield {"en": english, "de": f"verschickt: {message or '-'} an {to}: {subject}"}
        for mail in mails:
            known = {person.email for person in self._cast.people.values()}
            if mail.to not in known:
                yield {"en": f"mail to {mail.to}: {mail.subject}", "de": f"Mail an {mail.to}: {mail.subject}"}
        for call in calls:
            body = call.body
            for (name, _), key in self._cast.records.items():
                body = body.replace(key, name)
            yield {"en": f"webhook {call.hook}: {body}", "de": f"Webhook {call.hook}: {body}"}


_VERBS: Mapping[str, Right] = {"update": "update", "delete": "delete"}
_NO_RIGHT: Text = {"en": "no right to do so", "de": "kein Recht dazu"}
_NOTHING_SENT: Text = {"en": "nothing was sent", "de": "es wurde nichts verschickt"}


def why_not(actions: Iterable[Action]) -> Text:
    """Return what stands against actions."""
    texts = [text for action in actions for text in action.why_not]
    if not texts:
        return {"en": "not in this state", "de": "nicht in diesem Zustand"}
    unique = list(dict.fromkeys((text.get("en", ""), text.get("de", "")) for text in texts))
    return {"en": " ".join(en for en, _ in unique), "de": " ".join(de for _, de in unique)}


def _code(actions: Iterable[Action]) -> str:
    """Return the kind of the first condition that fails."""
    return next((one.kind for action in actions for one in action.conditions if not one.holds), "wrong_state")


def _notice(row: Any) -> Notice:
    texts = orjson.loads(row[2])
    return Notice(str(row[0]), row[1], "\n".join("\n".join(pair) for pair in texts.values()))


def _is_there(
    one: Sent, people: set[str] | None, notices: list[Notice], mails: list[Mail], calls: list[Call]
) -> bool:  # fmt: skip
    if one.webhook is not None:
        return any(call.hook == one.webhook and _in(one.says, call.body) for call in calls)
    told = [(notice.user, notice.message, notice.text) for notice in notices]
    told += [(mail.to, mail.message, f"{mail.subject}\n{mail.body}") for mail in mails]
    return any(
        (people is None or to in people) and one.message in (None, message) and _in(one.says, text)
        for to, message, text in told
    )


def _in(part: str | None, text: str) -> bool:
    return part is None or " ".join(part.split()).casefold() in " ".join(text.split()).casefold()


def _what(one: Sent) -> Text:
    if one.webhook is not None:
        english, german = f"webhook `{one.webhook}`", f"Webhook `{one.webhook}`"
    else:
        english = german = f"`{one.message}`" if one.message else ""
        english, german = english or "a message", german or "eine Nachricht"
    if one.to:
        english, german = f"{english} to {one.to}", f"{german} an {one.to}"
    if one.says:
        english, german = f"{english} with “{one.says}”", f"{german} mit „{one.says}“"
    return {"en": english, "de": german}
