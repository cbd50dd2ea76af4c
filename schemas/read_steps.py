"""Reads the steps of a scenario: what is done, by whom, and what is expected then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from fachwerk.problems import Span, Text, nearest
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_scenario as codes
from fachwerk.schemas import nodes
from fachwerk.schemas.document import MapNode, Node, Scalar
from fachwerk.schemas.grammar_scenario import STEP
from fachwerk.schemas.measures import period_of
from fachwerk.schemas.model import Workflow
from fachwerk.schemas.names import check_name
from fachwerk.schemas.read_written import Reader
from fachwerk.schemas.scenario import Absent, Doing, Expected, Found, Place, Refusal, Sent, Step

DOING: tuple[Doing, ...] = ("do", "everyone", "create", "update", "remove", "later", "absent")
REASONS = (
    "not_allowed", "not_found", "four_eyes", "guard", "required", "comment_required", "wrong_state", "unknown_action",
    "invalid", "taken", "still_linked", "conflict", "circle", "too_many", "which_one", "bad_period",
    "not_deputy", "bad_absence",
)  # fmt: skip
"""The codes of refusals that people can meet."""
_YES = ("yes", "ja", "on")
LOOKING = ("sees", "hides", "finds", "inbox", "can", "cannot")
RIGHTS = ("read", "update", "delete", "create")

_BESIDE = MappingProxyType(
    {
        "name": ("create",), "with": ("do",), "comment": ("do", "everyone"),
        "refused": ("do", "create", "update", "remove", "absent"), "made": DOING, "sent": DOING, "about": ("do",),
        "by": ("do",),
    }
)  # fmt: skip
"""Keys that go with something that is done."""


class StepReader:
    """Reads the steps of one scenario, in their order: later ones know the names that earlier ones gave."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._problems, self._known = reader, reader.problems, reader.known
        self._project = reader.project

    def steps(self, node: Node | None) -> tuple[Step, ...]:
        """Return the steps of a list."""
        return tuple(self._step(item) for item in nodes.each(node) if isinstance(item, MapNode))

    def _step(self, node: MapNode) -> Step:
        if node.torn:  # what is said of that is enough
            self._known.unclear |= {one.text for one in nodes.words(node.get("name"))}
            return Step(_first(node), "look")
        self._together(node)
        doing: Doing = next((word for word in DOING if word in node.pairs), "look")
        who, absent = nodes.scalar(node.get("as")), nodes.scalar(node.get("for"))
        made = _Made(node, doing, self._reader.person(who) if who else None)
        step = _READERS[doing](self, made) if doing != "look" else self._look(made)
        for_whom = self._reader.person(absent) if absent else None
        step = replace(step, made=tuple(self._made(node)), for_whom=for_whom)
        return self._expected(node, step)

    def _together(self, node: MapNode) -> None:
        """Say which keys of a step do not fit together, and what is missing; not where one was meant otherwise."""
        if not all(STEP.get(key) for key in node.pairs):
            return
        there = [word for word in DOING if word in node.pairs]
        for more in there[1:]:
            at = node.pairs[more][0].span
            self._problems.add(codes.TWO_THINGS.at(at, first=there[0], second=more))
        for key, wanted in _BESIDE.items():
            if key in node.pairs and not set(wanted) & set(there):
                said = " / ".join(f"`{one}`" for one in wanted)
                self._problems.add(codes.BESIDE.at(node.pairs[key][0].span, key=key, wanted=said))
        needs = [key for key in ("do", "create", "update", "remove", "for", *LOOKING) if key in node.pairs]
        if needs and "as" not in node.pairs:
            who = next(iter(self._known.people), "anna")
            self._problems.add(codes.NOBODY.at(node.pairs[needs[0]][0].span, key=needs[0], who=who))
        if not there and not any(key in node.pairs for key in (*LOOKING, "expect")):
            self._problems.add(codes.NOTHING.at(_first(node)))
        for useless in ("everyone", "later", "absent"):
            if there[:1] == [useless] and "as" in node.pairs and not any(key in node.pairs for key in LOOKING):
                said = " / ".join(f"`{one}`" for one in LOOKING)
                self._problems.add(codes.BESIDE.at(node.pairs["as"][0].span, key="as", wanted=said))

    # what is done

    def _look(self, made: _Made) -> Step:
        return Step(_first(made.node), "look", made.who)

    def _act(self, made: _Made) -> Step:
        at = nodes.scalar(made.node.get(made.doing))
        step = Step(made.span, made.doing, made.who, comment=nodes.text(made.node.get("comment")))
        pair = self._two_words(at, made.doing) if at else None
        if pair is None:
            return step
        action, record = pair
        entity = self._action_of(action, record, only_outcomes=made.doing == "everyone")
        if entity is None:
            return step
        values = self._reader.values(
            made.node.get("with"), self._project.entities[entity], entered=True, remedies=codes.BESIDE_WITH
        )
        if "by" in made.node.pairs and not action.text.endswith(".extend"):
            key = made.node.pairs["by"][0].span
            self._problems.add(codes.BESIDE.at(key, key="by", wanted="`do: DEADLINE.extend`"))
        about, by = self._about(made.node), nodes.text(made.node.get("by"))
        period = period_of(by) if by else None
        return replace(
            step, action=action.text, record=record.text, entity=entity, values=values, about=about,
            by=(period.count, period.unit) if period else None,
        )  # fmt: skip

    def _about(self, node: MapNode) -> tuple[str, str] | None:
        at = nodes.scalar(node.get("about"))
        entity = self._reader.record(at) if at else None
        return (at.text, entity) if at and entity else None

    def _two_words(self, at: Scalar, key: str) -> tuple[Scalar, Scalar] | None:
        words = at.text.split()
        if len(words) != 2:
            example = self._meant(words, only_outcomes=key == "everyone")
            self._problems.add(codes.STEP_TEXT.at(at.span, said=at.text, key=key, example=example))
            return None
        return _word(at, 0), _word(at, 1)

    def _meant(self, words: list[str], *, only_outcomes: bool) -> str:
        """Return a step and a record of this scenario, as near as can be to *words*."""
        records = sorted(self._known.records.items(), key=lambda one: one[0] not in words)
        for record, entities in records:
            actions = [] if only_outcomes else [one for entity in entities for one in self._transitions(entity)]
            actions += [one for entity in entities for one in self._outcomes(entity)]
            if actions:
                return f"{min(actions, key=lambda one: one not in words)} {record}"
        return "approve house" if only_outcomes else "submit house"

    def _action_of(self, action: Scalar, record: Scalar, *, only_outcomes: bool = False) -> str | None:
        """Return the entity whose workflow knows the action, for a record of that name."""
        entities = self._known.records.get(record.text)
        if entities is None:
            self._reader.record(record, remedy=self._turned(action.text, record.text))
            return None
        known: list[str] = []
        for entity in entities:
            actions = [] if only_outcomes else [*self._transitions(entity), *self._timing(entity)]
            actions += self._outcomes(entity)
            if action.text in actions:
                return entity
            known += actions
        known = list(dict.fromkeys(known))
        unknown = names.unknown(action.span, "transition", action.text, known, of=", ".join(entities))
        if only_outcomes and any(action.text in self._transitions(entity) for entity in entities):
            unknown = replace(unknown, better_remedy=codes.no_opinion(action.text, record.text))
        self._problems.add(unknown)
        return None

    def _turned(self, record: str, action: str) -> Text | None:
        """Return what to write where the record stands before the step."""
        entities = self._known.records.get(record)
        if entities is None:
            return None
        actions = [one for entity in entities for one in (*self._transitions(entity), *self._outcomes(entity))]
        return codes.turned(names.like(action, actions) or nearest(action, actions) or action, record)

    def _workflows(self, entity: str) -> Iterator[Workflow]:
        for name in self._project.entities[entity].workflows:
            if name in self._project.workflows:
                yield self._project.workflows[name]

    def _transitions(self, entity: str) -> Iterator[str]:
        for workflow in self._workflows(entity):
            yield from workflow.transitions

    def _timing(self, entity: str) -> Iterator[str]:
        """Give the steps that pause deadlines, let them go on and extend them."""
        for workflow in self._workflows(entity):
            for name, deadline in workflow.deadlines.items():
                yield from (f"{name}.pause", f"{name}.resume") if deadline.pause else ()
                yield from (f"{name}.extend",) if deadline.extend else ()

    def _outcomes(self, entity: str) -> list[str]:
        parts = [p for w in self._workflows(entity) for s in w.states.values() for p in s.parallel]
        alone = [outcome.name for part in parts for outcome in part.outcomes]
        return list(dict.fromkeys([*alone, *(f"{part.name}.{one.name}" for part in parts for one in part.outcomes)]))

    def _create(self, made: _Made) -> Step:
        step = Step(made.span, "create", made.who)
        pairs = list(nodes.pairs(made.node.get("create")))
        named = nodes.text(made.node.get("name"))
        if named and (not pairs or pairs[0][0].text not in self._project.entities):
            self._known.unclear.add(named)
        for word, _ in pairs[1:]:
            self._problems.add(codes.TWO_THINGS.at(word.span, first=pairs[0][0].text, second=word.text))
        if not pairs:
            return step
        word, node = pairs[0]
        entity = self._project.entities.get(word.text)
        if entity is None:
            names.say_unknown(self._problems, word.span, "entity", word.text, list(self._project.entities))
            return step
        values = self._reader.values(node, entity, entered=True)
        name = nodes.scalar(made.node.get("name"))
        if name is not None:
            self._name(name, entity.name)
        else:
            self._known.nameless.append(entity.name)
        return replace(step, entity=entity.name, record=name.text if name else "", values=values)

    def _name(self, at: Scalar, entity: str) -> None:
        """Give a name to a record that a step makes."""
        check_name(at, "given", self._problems)
        there = self._known.records.get(at.text)
        if there:
            names.say_duplicate(self._problems, at.span, next(iter(there.values())), "given", at.text)
        else:
            self._known.records[at.text] = {entity: at.span}

    def _update(self, made: _Made) -> Step:
        step = Step(made.span, "update", made.who)
        pairs = list(nodes.pairs(made.node.get("update")))
        for word, _ in pairs[1:]:
            self._problems.add(codes.TWO_THINGS.at(word.span, first=pairs[0][0].text, second=word.text))
        if not pairs:
            return step
        record, node = pairs[0]
        entity = self._with_fields(record, node)
        if entity is None:
            return step
        values = self._reader.values(node, self._project.entities[entity], entered=True)
        return replace(step, entity=entity, record=record.text, values=values)

    def _with_fields(self, record: Scalar, node: Node) -> str | None:
        """Return the entity of a record; of several records of one name the one that has the fields."""
        entities = self._known.records.get(record.text, {})
        fields = [key.text for key, _ in nodes.pairs(node)] or [word.text for word in nodes.words(node)]
        for entity in entities:
            if all(name in self._project.entities[entity].fields for name in fields):
                return entity
        return self._reader.record(record)

    def _remove(self, made: _Made) -> Step:
        at = nodes.scalar(made.node.get("remove"))
        entity = self._reader.record(at) if at else None
        return Step(made.span, "remove", made.who, record=at.text if at else "", entity=entity or "")

    def _later(self, made: _Made) -> Step:
        text = nodes.text(made.node.get("later"))
        period = period_of(text) if text else None
        return Step(made.span, "later", made.who, later=(period.count, period.unit) if period else None)

    def _absent(self, made: _Made) -> Step:
        found = []
        for person, node in nodes.pairs(made.node.get("absent")):
            at, until = nodes.scalar(nodes.get(node, "deputy")), nodes.scalar(nodes.get(node, "until"))
            name, deputy = self._reader.person(person), self._reader.person(at) if at else None
            if name and deputy:
                found.append(Absent(name, deputy, self._reader.day(until) if until else None, person.span))
        return Step(made.span, "absent", made.who, absent=tuple(found))

    def _made(self, node: MapNode) -> Iterator[tuple[str, str, Span]]:
        for name, value in nodes.pairs(node.get("made")):
            entity = nodes.scalar(value)
            if entity is None:
                continue
            if entity.text not in self._project.entities:
                names.say_unknown(self._problems, entity.span, "entity", entity.text, list(self._project.entities))
                continue
            self._name(name, entity.text)
            yield name.text, entity.text, name.span

    # what is expected

    def _expected(self, node: MapNode, step: Step) -> Step:
        inbox, sent = node.get("inbox"), node.get("sent")
        return replace(
            step,
            refused=self._refusal(node.get("refused"), step),
            expect=tuple(self._values(node.get("expect"))),
            sees=tuple(self._fields(node.get("sees"))),
            hides=tuple(self._fields(node.get("hides"))),
            finds=tuple(self._finds(node.get("finds"))),
            inbox=None if inbox is None else tuple(w.text for w in nodes.words(inbox) if self._reader.record(w)),
            inbox_span=node.pairs["inbox"][0].span if inbox is not None else None,
            sent=None if sent is None else tuple(self._sent(sent)),
            sent_span=node.pairs["sent"][0].span if sent is not None else None,
            can=tuple(self._possible(node.get("can"), "can")),
            cannot=tuple(self._possible(node.get("cannot"), "cannot")),
        )

    def _refusal(self, node: Node | None, step: Step) -> Refusal | None:
        if node is None:
            return None
        if isinstance(node, MapNode):
            return Refusal(node.span, fields=tuple(self._refused_fields(node, step)))
        at = nodes.scalar(node)
        if at is None or at.text == "true":
            return Refusal(node.span)
        if at.text in REASONS:
            return Refusal(at.span, code=at.text)
        meant = "_".join(at.text.lower().split())
        if meant in _YES or meant in REASONS or ("_" in at.text and " " not in at.text):
            remedy = codes.WHATEVER if meant in _YES else names.guess(meant, REASONS)
            known = names.listing(REASONS, 20)
            self._problems.add(codes.NO_CODE.at(at.span, remedy=remedy, said=at.text, known=known))
        return Refusal(at.span, text=at.text)

    def _refused_fields(self, node: MapNode, step: Step) -> Iterator[tuple[str, str, Span]]:
        entity = self._project.entities.get(step.entity)
        for key, value in nodes.pairs(node):
            first = key.text.split(".")[0]
            if entity is not None and first not in entity.fields and first != "comment":
                known = [*entity.fields, "comment"]
                names.say_unknown(self._problems, key.span, "field", key.text, known, of=entity.name)
            yield key.text, nodes.text(value) or "", key.span

    def _values(self, node: Node | None) -> Iterator[Expected]:
        for record, fields in nodes.pairs(node):
            name = self._with_fields(record, fields)
            if name is not None:
                for field, written in self._reader.values(fields, self._project.entities[name], entered=False).items():
                    yield Expected(record.text, name, field, written)

    def _fields(self, node: Node | None) -> Iterator[Place]:
        for record, words in nodes.pairs(node):
            name = self._with_fields(record, words)
            for word in nodes.words(words) if name is not None else ():
                known = self._project.entities[name].fields if name else {}
                if word.text in known:
                    yield Place(record.text, name or "", word.text, word.span)
                else:
                    names.say_unknown(self._problems, word.span, "field", word.text, list(known), of=name)

    def _finds(self, node: Node | None) -> Iterator[Found]:
        for word, records in nodes.pairs(node):
            if word.text not in self._project.entities:
                names.say_unknown(self._problems, word.span, "entity", word.text, list(self._project.entities))
                continue
            named = [one.text for one in nodes.words(records) if self._reader.record(one, (word.text,))]
            yield Found(word.text, tuple(named), word.span)

    def _sent(self, node: Node) -> Iterator[Sent]:
        for item in nodes.each(node):
            if not isinstance(item, MapNode):
                continue
            to, message = nodes.scalar(item.get("to")), nodes.scalar(item.get("message"))
            if to is not None and "@" not in to.text:
                self._reader.person(to) if to.text not in self._known.records else None
            if message is not None and message.text not in self._project.messages:
                names.say_unknown(
                    self._problems, message.span, "message", message.text, list(self._project.messages)
                )  # fmt: skip
            texts = {key: nodes.text(item.get(key)) for key in ("says", "webhook")}
            yield Sent(
                item.span, to.text if to else None, message.text if message else None, texts["says"], texts["webhook"]
            )  # fmt: skip

    def _possible(self, node: Node | None, key: str) -> Iterator[Place]:
        for at in nodes.words(node):
            pair = self._two_words(at, key)
            if pair is None:
                continue
            action, record = pair
            if action.text == "create":
                if record.text in self._project.entities:
                    yield Place("", record.text, "create", at.span)
                else:
                    names.say_unknown(
                        self._problems, record.span, "entity", record.text, list(self._project.entities)
                    )  # fmt: skip
            elif action.text in RIGHTS[:3] and not self._is_action(action.text, record.text):
                entity = self._reader.record(record)
                if entity is not None:
                    yield Place(record.text, entity, action.text, at.span)
            elif entity := self._action_of(action, record):
                yield Place(record.text, entity, action.text, at.span)

    def _is_action(self, action: str, record: str) -> bool:
        return any(action in self._transitions(entity) for entity in self._known.records.get(record, ()))


@dataclass(frozen=True, slots=True)
class _Made:
    """What is known of a step before it is read."""

    node: MapNode
    doing: Doing
    who: str | None

    @property
    def span(self) -> Span:
        """Where it says what is done."""
        key, value = self.node.pairs[self.doing]
        return value.span if isinstance(value, Scalar) else key.span


_READERS: Mapping[str, Callable[[StepReader, _Made], Step]] = MappingProxyType(
    {
        "do": StepReader._act, "everyone": StepReader._act, "create": StepReader._create,
        "update": StepReader._update, "remove": StepReader._remove, "later": StepReader._later,
        "absent": StepReader._absent,
    }
)  # fmt: skip


def _first(node: MapNode) -> Span:
    """Return where a map begins: its first key, if there is one."""
    return next((key.span for key, _ in node.pairs.values()), node.span)


def _word(at: Scalar, number: int) -> Scalar:
    """Return one of the words of a text as a value of its own."""
    fragment, position = at.fragment, 0
    words = at.text.split()
    for before in words[:number]:
        position = at.text.index(before, position) + len(before)
    start = at.text.index(words[number], position)
    span = fragment.span(start, start + len(words[number]))
    return Scalar(at.source, span.start, span.end, words[number])
