"""What the reading of a project knows so far: drafts of entities, the names declared, and how a rule is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from fachwerk.problems import Fragment, Problem, Problems, Span, Text
from fachwerk.rules.check import Checked, check
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tree import ListOf, Literal, Name
from fachwerk.rules.tree import Node as Tree
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    FunctionType,
    ListType,
    RecordType,
    Typed,
)
from fachwerk.rules.walk import walk
from fachwerk.schemas import nodes
from fachwerk.schemas.document import Document, MapNode, Node, Scalar, rule_text
from fachwerk.schemas.model import Kind, Role, Rule
from fachwerk.schemas.wording import both, label_of

TRUTH = Typed(BOOLEAN)
LANGUAGE_CODE = r"[a-z]{2,3}([-_][A-Za-z]{2,4})?"
_ANY = Typed(ANY)


@dataclass(slots=True)
class FieldDraft:
    """A field before its rules are read. *kind* is what it shows, computed or not; ``None``: follows from its rule."""

    name: str
    kind: Kind | None
    span: Span
    node: MapNode | None = None
    must: Span | None = None
    """The ``!`` of the short form."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Values of the :class:`Field` that nobody wrote: those of fields the engine makes."""
    to: tuple[str, ...] = ()
    inverse: tuple[str, str] | None = None
    options: tuple[str, ...] = ()
    rows: Draft | None = None
    typed: Typed = _ANY
    made: Node | None = None
    """The rule of a workflow's ``set`` that makes this field."""

    def key(self, name: str) -> Node | None:
        """Return the value of a key of the field as written."""
        return self.node.get(name) if self.node else None

    @property
    def computed(self) -> Node | None:
        """The rule that computes it, if there is one."""
        found = self.key("computed")
        return None if isinstance(found, Scalar) and found.empty else found


@dataclass(slots=True)
class Draft:
    """An entity, relation or the rows of a field before its rules are read."""

    name: str
    span: Span
    node: MapNode
    record: RecordType
    members: dict[str, Typed]
    """The fields of *record*, while they are being filled."""
    fields: dict[str, FieldDraft] = field(default_factory=dict)
    ends: tuple[str, str] | None = None
    valid: tuple[str, str] | None = None
    parent: tuple[str, str] | None = None
    workflows: list[str] = field(default_factory=list)
    scope: Scope | None = None

    @classmethod
    def of(cls, name: str, span: Span, node: MapNode, **more: Any) -> Draft:
        """Begin a draft with an empty record type of the same name."""
        members: dict[str, Typed] = {}
        return cls(name, span, node, RecordType(name, members), members, **more)


@dataclass(frozen=True, slots=True)
class App:
    """What the ``app`` document says."""

    name: str
    label: Text
    languages: tuple[str, ...]
    timezone: str
    currency: str
    calendar: tuple[str, str | None] | None
    hours: Mapping[str, tuple[str, ...]]
    closed: tuple[str, ...]
    hue: int | None
    span: Span | None
    language_spans: Mapping[str, Span]


def _user() -> RecordType:
    some = Typed(STRING, nullable=False)
    return RecordType("user", {"id": some, "name": some, "email": Typed(STRING), "language": Typed(STRING)})


@dataclass(slots=True)
class World:
    """The names of a project, and what has been found out about them."""

    problems: Problems
    app: App
    declared: Mapping[str, Mapping[str, Document]]
    """Documents by word and name."""
    damaged: frozenset[str]
    """Names declared in documents that cannot be read: said once, where they stand."""
    lost: bool
    """Whether some document is so damaged that not even its name is known."""
    user: RecordType = field(default_factory=_user)
    roles: dict[str, Role] = field(default_factory=dict)
    entities: dict[str, Draft] = field(default_factory=dict)
    mine: dict[str, RecordType] = field(default_factory=dict)
    functions: dict[str, FunctionType] = field(default_factory=dict)
    constants: dict[str, Typed] = field(default_factory=dict)
    """Decisions without inputs: names in rules."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """What is named somewhere: (``role``, name), (``message``, name), (``decision``, name)."""
    senders: dict[str, dict[str, Span]] = field(default_factory=dict)
    """By message: the entities whose workflows send it, and where."""
    called: set[str] = field(default_factory=set)
    """The decisions that something calls."""
    input_spans: dict[str, dict[str, Span]] = field(default_factory=dict)
    """By decision: where its inputs are declared."""
    done_by: set[tuple[str, str]] = field(default_factory=set)
    """Transitions (workflow, name) that say who may, be it somebody unknown."""
    stepped: set[tuple[str, str]] = field(default_factory=set)
    """Transitions (workflow, name) that effects take."""
    untranslated: dict[str, list[str]] = field(default_factory=dict)
    """By language: what has no text in it."""
    later: list[Callable[[], None]] = field(default_factory=list)
    kept: dict[str, dict[int, Document]] = field(default_factory=dict)
    """Workflows of earlier versions that running cases keep, by name and number."""

    def workflows_of(self, draft: Draft) -> list[Document]:
        """Return the workflows of an entity, with those of earlier versions that cases keep."""
        kept = [document for name in draft.workflows for document in self.kept.get(name, {}).values()]
        return [*(self.declared["workflow"][name] for name in draft.workflows), *kept]

    def scope(self, names: Mapping[str, Typed]) -> Scope:
        """Return the scope of a rule over *names*."""
        joined = {**self.constants, **names} if self.constants else names
        return Scope(joined, me=self.user, mine=self.mine, decisions=self.functions)

    def scope_of(self, draft: Draft) -> Scope:
        """Return the scope of the rules of an entity; made once."""
        if draft.scope is None:
            draft.scope = self.scope(draft.members)
        return draft.scope

    def knows(self, word: str, name: str) -> bool:
        """Whether *name* may be declared in a document that cannot be read."""
        return self.lost or name in self.damaged

    # rules

    def rule(
        self, node: Node | None, scope: Scope, expect: Typed | None = None, *, bare: bool = True
    ) -> Rule | None:
        """Read and check a rule; ``None`` if nothing was written or it is no text (which has been said).

        *bare*: a lone name that is not there may be meant as a text without quotes.
        """
        if node is None or (isinstance(node, Scalar) and node.empty):
            return None
        text = rule_text(node)
        return self.fragment_rule(text, scope, expect, bare=bare) if text is not None else None

    def fragment_rule(self, text: Fragment, scope: Scope, expect: Typed | None = None, *, bare: bool = True) -> Rule:
        """Read and check a rule that is a piece of a text."""
        found = Problems()
        tree = parse(text, scope, found)
        checked = check(tree, text, scope, found, expect=expect)
        if len(found):
            vague = self.lost or bool(self.damaged)
            for problem in found:
                # what a rule names may stand in a document that cannot be read
                if not (vague and problem.code.startswith(("unknown-", "no-own-record"))):
                    self.problems.add(_bare_text(problem, checked) if bare else problem)
        self.note_calls(checked)
        return Rule(text, checked)

    def note_calls(self, checked: Checked) -> None:
        """Note which decisions a rule needs."""
        if self.functions or self.constants:
            names = [part.name for part in walk(checked.node) if isinstance(part, Name)]
            self.called.update(name for name in names if name in self.functions or name in self.constants)

    def condition(self, node: Node | None, scope: Scope) -> Rule | None:
        """Read a condition; ``false`` is the same as nothing."""
        known = nodes.truth(node)
        if known is False:
            return None
        if (known or nodes.answer(node)) and isinstance(node, Scalar):
            return constant(True, node.span)
        return self.rule(node, scope, TRUTH)

    # texts

    def text(self, node: Node | None, owner: str) -> Text | None:
        """Read a text for people: one for all languages, or a map by language."""
        if isinstance(node, Scalar) and not node.empty:
            return self._everywhere(node.text)
        if isinstance(node, MapNode):
            given = {key.text: value.text for key, value in nodes.pairs(node) if isinstance(value, Scalar)}
            return self._by_language(given, owner) if given else None
        return None

    def _everywhere(self, text: str) -> Text:
        return dict.fromkeys(("en", *self.app.languages), text)

    def _by_language(self, given: Mapping[str, str], owner: str) -> Text:
        if not all(re.fullmatch(LANGUAGE_CODE, language) for language in given):
            return {"en": next(iter(given.values())), **given}
        for language in self.app.languages:
            if not given.get(language, "").strip():
                self.untranslated.setdefault(language, []).append(owner)
        main = next((given[one] for one in self.app.languages if given.get(one)), next(iter(given.values())))
        return {"en": main, **given}

    def label(self, node: Node | None, name: str, owner: str) -> Text:
        """Return the label of something; where none was written it follows from the name."""
        found = self.text(node, owner)
        return found if found is not None else self.derived(label_of(name), owner)

    def derived(self, text: str, owner: str) -> Text:
        """Return a text made from a name: it counts as written in the language names are written in."""
        languages = self.app.languages
        own = "en" if "en" in languages else languages[0]
        for language in languages:
            if language != own:
                self.untranslated.setdefault(language, []).append(owner)
        return {"en": text, own: text}


def constant(value: bool | str | Decimal | tuple[str, ...], span: Span) -> Rule:
    """Return a rule that is a constant which stands at *span* in another form (``!``, bare options)."""
    text = "true" if value is True else str(value)
    fragment = Fragment(text, span.source, span.start, (span.start,) * len(text) + (max(span.end, span.start),))
    types: dict[Tree, Typed] = {}
    node = _constant(value, types)
    return Rule(fragment, Checked(node, fragment, types[node], types, _NOTHING, frozenset(), True, {}))


_NOTHING = Scope({})


def _constant(value: bool | str | Decimal | tuple[str, ...], types: dict[Tree, Typed]) -> Tree:
    node: Tree
    if isinstance(value, tuple):
        node = ListOf(tuple(_constant(one, types) for one in value))
        types[node] = Typed(ListType(Typed(STRING, nullable=False)), nullable=False)
    else:
        node = Literal(value)
        type_ = BOOLEAN if isinstance(value, bool) else NUMBER if isinstance(value, Decimal) else STRING
        types[node] = Typed(type_, nullable=False)
    return node


def _bare_text(problem: Problem, checked: Checked) -> Problem:
    """Give the remedy where a rule is nothing but a text or day whose quotes are missing (or YAML took them away)."""
    if problem.remedy():
        return problem
    text = checked.fragment.text.strip()
    if problem.code == "unknown-name" and isinstance(checked.node, Name):
        remedy = both(f"a text in a rule needs quotes of its own: '\"{text}\"'",
                      f"ein Text in einer Regel braucht eigene Anführungszeichen: '\"{text}\"'")  # fmt: skip
    elif problem.code == "wrong-result" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        remedy = both(f'a day in a rule is written date("{text}")', f'ein Tag in einer Regel heißt date("{text}")')
    else:
        return problem
    return replace(problem, better_remedy=remedy)
