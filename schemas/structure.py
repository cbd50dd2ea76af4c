"""Checks the structure of documents: unknown keys, wrong forms, missing keys. What things mean is checked elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fachwerk.problems import Problem, Problems, Span, Text
from fachwerk.schemas import codes_names as names
from fachwerk.schemas import codes_past, nodes
from fachwerk.schemas import codes_structure as codes
from fachwerk.schemas.document import Document, ListNode, MapNode, Node, Scalar
from fachwerk.schemas.grammar import DOCUMENTS, homes
from fachwerk.schemas.grammar_scenario import STEP
from fachwerk.schemas.grammar_workflow import EFFECT, STATE
from fachwerk.schemas.kinds.declare import COMMON, COMPUTED_WITHOUT, KINDS
from fachwerk.schemas.measures import period_of, size_of
from fachwerk.schemas.read_declared import word_of
from fachwerk.schemas.read_world import LANGUAGE_CODE
from fachwerk.schemas.shapes import Either, FieldOf, Group, Key, Leaf, Named, Shape, Some, describe
from fachwerk.schemas.wording import both

SHORT = 60
_GLUED = re.compile(r",\s*([a-z_]+):(?!//)(\S[^,]*)")
"""A key inside braces whose colon has no blank behind it."""
_OTHER_SIGN = re.compile(r"([a-z_]+)\s*(?:[-=–]|->)\s*(\S.*)")


def check_structure(document: Document, problems: Problems) -> None:
    """Note what in *document* has not the form that the language wants."""
    word = word_of(document)
    if word is not None:
        _Check(problems).group(document.root, DOCUMENTS[word], document.root.pairs[word][0].span)


class _Check:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.key: Key | None = None
        """The key whose value is looked at; its example helps where that has the wrong form."""
        self.name = ""
        """The name under which something was declared last, such as that of a state."""

    def shape(self, node: Node, shape: Shape, key: str) -> None:
        """Check that *node*, the value of *key*, is what *shape* says."""
        if isinstance(shape, Leaf):
            self.leaf(node, shape, key)
        elif isinstance(shape, Some):
            self.some(node, shape, key)
        elif isinstance(shape, Either):
            self.either(node, shape, key)
        elif isinstance(shape, FieldOf):
            self.field(node, shape, key)
        elif not isinstance(node, MapNode):
            self.wrong(node, shape, key)
        elif isinstance(shape, Named):
            self.named(node, shape)
        else:
            self.group(node, shape, node.span)

    def wrong(self, node: Node, shape: Shape, key: str) -> None:
        example = shape.example if isinstance(shape, Named | Group) else ""
        words = [word.text for word in nodes.words(node)] if example else []
        written = ", ".join(words) if words and all(map(str.isidentifier, words)) else "..."
        self.say_wrong(node, key, describe(shape), example.replace("{key}", key).replace("{words}", written))

    def say_wrong(self, node: Node, key: str, expected: Text, example: str = "") -> None:
        at = first_line(node.span)
        if isinstance(node, Scalar) and node.empty:
            self.problems.add(codes.EMPTY_VALUE.at(at, key=key, expected=expected))
        else:
            fitting = self.key is not None and self.key.name == key and _is_short(self.key)
            remedy = both("write {example}", "{example} schreiben") if fitting or example else None
            example = example or (self.key.example if self.key else "")
            found = found_form(node)
            self.problems.add(
                codes.WRONG_FORM.at(at, remedy=remedy, key=key, expected=expected, found=found, example=example)
            )

    # forms

    def leaf(self, node: Node, shape: Leaf, key: str) -> None:
        if shape.form == "value":
            self.anything(node)
        elif shape.form == "people" and isinstance(node, MapNode):
            if not node.source.text[node.start + 1 : node.end - 1].strip():
                self.problems.add(codes.EMPTY_VALUE.at(node.span, key=key, expected=describe(shape)))
            self.languages(node, key)
        elif shape.form in ("rule", "switch") and not isinstance(node, Scalar):
            if not node.flow:
                self.wrong(node, shape, key)
        elif not isinstance(node, Scalar) or (node.empty and shape.form != "rule") or node.empty:
            self.wrong(node, shape, key)
        else:
            self.value(node, shape, key)

    def anything(self, node: Node) -> None:
        """Any value will do; what commas tore apart will not."""
        if isinstance(node, MapNode):
            self.torn(node)
            for _, value in nodes.pairs(node):
                self.anything(value)
        elif isinstance(node, ListNode):
            for item in node.items:
                self.anything(item)

    def languages(self, node: MapNode, key: str) -> None:
        self.torn(node)
        for language, value in nodes.pairs(node):
            if not re.fullmatch(LANGUAGE_CODE, language.text):
                self.problems.add(codes.NOT_A_LANGUAGE.at(language.span, key=language.text))
            elif not isinstance(value, Scalar):
                self.wrong(value, Leaf("text"), key)

    def value(self, node: Scalar, shape: Leaf, key: str) -> None:
        if shape.form == "integer" and (not shape.choices or nodes.whole(node) is not None):
            self.integer(node, shape, key)
        elif shape.choices and node.text not in shape.choices:
            remedy = names.guess(node.text, shape.choices)
            at = node.span
            self.problems.add(
                codes.NOT_ONE_OF.at(at, remedy=remedy, key=key, value=node.text, expected=describe(shape))
            )
        elif (shape.form == "boolean" and nodes.truth(node) is None) or (shape.form == "switch" and nodes.answer(node)):
            self.not_boolean(node, key)
        elif shape.form == "period" and period_of(node.text) is None:
            self.problems.add(codes.PERIOD.at(node.span, written=node.text))
        elif shape.form == "size" and size_of(node.text) is None:
            self.problems.add(codes.SIZE.at(node.span, written=node.text))

    def not_boolean(self, node: Scalar, key: str) -> None:
        meant = {"yes": "true", "on": "true", "y": "true", "ja": "true", "no": "false", "off": "false", "n": "false",
                 "nein": "false"}.get(node.text.lower())  # fmt: skip
        remedy = both(f"write {meant}", f"{meant} schreiben") if meant else None
        self.problems.add(codes.NOT_BOOLEAN.at(node.span, remedy=remedy, key=key, value=node.text))

    def integer(self, node: Scalar, shape: Leaf, key: str) -> None:
        number = nodes.whole(node)
        if number is None:
            self.wrong(node, shape, key)
        elif (shape.least is not None and number < shape.least) or (shape.most is not None and number > shape.most):
            most = "∞" if shape.most is None else shape.most
            self.problems.add(codes.OUT_OF_RANGE.at(node.span, key=key, value=number, least=shape.least, most=most))

    def some(self, node: Node, shape: Some, key: str) -> None:
        if isinstance(node, ListNode):
            for item in node.items:
                self.shape(item, shape.of, key)
        elif shape.alone:
            self.shape(node, shape.of, key)
        else:
            self.wrong(node, shape, key)

    def either(self, node: Node, shape: Either, key: str) -> None:
        fitting = _like(node, shape.shapes)
        if fitting is None:
            self.wrong(node, shape, key)
        else:
            self.shape(node, fitting, key)

    def torn(self, node: MapNode) -> None:
        for span in node.torn:
            written = span.source.text[span.start : span.end]
            glued = _GLUED.search(written)
            key, rest = glued.groups() if glued else ("", "")
            remedy = codes.BLANK if glued else None
            self.problems.add(codes.COMMA.at(span, remedy=remedy, rule=written, key=key, rest=rest))

    def named(self, node: MapNode, shape: Named) -> None:
        self.torn(node)
        for key, value in nodes.pairs(node):
            empty = isinstance(value, Scalar) and value.empty
            if not (empty and isinstance(shape.of, Group) and not any(one.required for one in shape.of.keys)):
                self.name = key.text
                self.shape(value, shape.of, key.text)

    # maps with fixed keys

    def group(self, node: MapNode, shape: Group, at: Span) -> None:
        """Check a map with fixed keys; *at* is where a missing key is said."""
        self.torn(node)
        if nodes.truth(node.get("drop")) and shape.get("drop"):
            self.given_up(node, {shape.name, "drop"})
        else:
            self.keys(node, shape.keys, shape.title, at)

    def given_up(self, node: MapNode, allowed: set[str]) -> None:
        """What is given up says nothing else."""
        for name, _ in nodes.pairs(node):
            if name.text not in allowed:
                self.problems.add(codes_past.DROPPED_SAYS_MORE.at(name.span, key=name.text))

    def keys(self, node: MapNode, keys: tuple[Key, ...], title: Text, at: Span) -> None:
        known = {key.name: key for key in keys}
        for name, value in list(nodes.pairs(node)):
            key = known.get(name.text)
            if key is None:
                key = self.unknown(name, known, title, node)
            if key is not None:
                self.key = key
                self.shape(value, key.shape, name.text)
        for key in keys:
            if key.required and key.name not in node.pairs:
                self.problems.add(codes.MISSING_KEY.at(first_line(at), key=key.name, title=title))

    def unknown(self, name: Scalar, known: Mapping[str, Key], title: Text, node: MapNode) -> Key | None:
        """Say that a key is unknown; a misspelt one is read as the one that is meant, so that nothing else is."""
        possible = list(known)
        if title is EFFECT.title:
            self.problems.add(unknown_effect(name))
            return None
        remedy = names.guess(name.text, possible)
        if name.text in DOCUMENTS and name.span.column == 1:
            remedy = both("`{key}` begins a document of its own: put a line with --- above it",
                          "`{key}` beginnt ein eigenes Dokument: eine Zeile mit --- darüber setzen")  # fmt: skip
        elif name.text == "was" and title is STATE.title:
            remedy = both("write it at the workflow, not at the state: `was: {{{former}: {state}}}`",
                          "beim Workflow schreiben, nicht beim Zustand: `was: {{{former}: {state}}}`")  # fmt: skip
        elif title is STEP.title:
            remedy = _in_a_step(name, node, known) or remedy
        elif remedy is None and (home := homes(name.text)):
            remedy = both(f"`{{key}}` belongs to {home['en']}", f"`{{key}}` gehört zu {home['de']}")
        listed = names.listing(possible, 30)
        former = nodes.text(node.get(name.text)) or "…"
        self.problems.add(codes.UNKNOWN_KEY.at(
            name.span, remedy=remedy, key=name.text, title=title, known=listed, former=former, state=self.name
        ))  # fmt: skip
        meant = names.like(name.text, [one for one in possible if one not in node.pairs])
        if meant is None:
            return None
        node.pairs[meant] = (name, node.pairs[name.text][1])
        return known[meant]

    # fields

    def field(self, node: Node, shape: FieldOf, key: str) -> None:
        if isinstance(node, Scalar) and not node.empty:
            return
        if not isinstance(node, MapNode):
            self.wrong(node, shape, key)
            return
        self.torn(node)
        if nodes.truth(node.get("drop")):
            self.given_up(node, {"drop"})
            return
        kind = nodes.text(node.get("type"))
        if kind is None and node.get("computed") is None:
            if node.get("type") is None:
                self.problems.add(codes.NO_TYPE.at(first_line(node.span), field=key))
                return
            self.wrong(node.pairs["type"][1], Leaf("word"), "type")
        if kind is None or kind not in KINDS:
            self.keys(node, _any_keys(), codes.field_title(None), node.span)
        else:
            self.of_kind(node, kind)

    def of_kind(self, node: MapNode, kind: str) -> None:
        keys = (*COMMON, *KINDS[kind].keys)
        known = {key.name: key for key in keys}
        title = codes.field_title(kind)
        for name, value in list(nodes.pairs(node)):
            key = known.get(name.text)
            if key is not None:
                self.shape(value, key.shape, name.text)
            elif others := [one for one, declared in KINDS.items() if any(k.name == name.text for k in declared.keys)]:
                listed = names.listing(others, 8)
                self.problems.add(codes.KEY_OF_OTHER_KIND.at(name.span, key=name.text, title=title, kinds=listed))
            else:
                meant = self.unknown(name, known, title, node)
                if meant is not None:
                    self.shape(value, meant.shape, name.text)
        computed = node.get("computed") is not None
        for key in keys:
            if key.required and not computed and key.name not in node.pairs:
                self.problems.add(codes.MISSING_KEY.at(first_line(node.span), key=key.name, title=title))
        if computed:
            self.computed(node)

    def computed(self, node: MapNode) -> None:
        for name in COMPUTED_WITHOUT:
            key = node.key(name)
            if key is not None:
                self.problems.add(codes.NOT_IF_COMPUTED.at(key.span, key=name))


def unknown_effect(name: Scalar) -> Problem:
    """Return the problem of a word that is no effect."""
    return names.unknown(name.span, "effect", name.text, [key.name for key in EFFECT.keys])


def _in_a_step(name: Scalar, node: MapNode, known: Mapping[str, Key]) -> Text | None:
    """Return what to write for a key of a step of a scenario that is not one, where that can be told."""
    sign, said = _OTHER_SIGN.fullmatch(name.text), nodes.text(node.get(name.text)) or ""
    if sign is not None and sign[1] in known:
        return codes.write(f"{sign[1]}: {sign[2]}")
    if names.like(name.text, known) is not None:
        return None
    words = said.split()
    if len(words) == 1 and "do" not in node.pairs and re.fullmatch(r"[\w.]+", name.text):
        return codes.write(f"do: {name.text} {said}")
    return codes.write(f"as: {name.text}, do: {said}") if len(words) == 2 and "as" not in node.pairs else None


def _any_keys() -> tuple[Key, ...]:
    """All keys of all kinds, for a field whose kind is not known."""
    found = {key.name: key for declared in KINDS.values() for key in declared.keys} | {key.name: key for key in COMMON}
    return tuple(Key(key.name, key.shape, key.about) for key in found.values())


def _like(node: Node, shapes: tuple[Shape, ...]) -> Shape | None:
    """Return the shape that *node* was meant as: for a map, rather one with a key of its own."""
    fitting = [one for one in shapes if fits(node, one)]
    for one in fitting:
        if isinstance(one, Group) and isinstance(node, MapNode) and _own_keys(node, one):
            return one
    return fitting[0] if fitting else None


def _own_keys(node: MapNode, group: Group) -> bool:
    """Whether a map has a key that only *group* can mean: all required ones, or any where none is required."""
    required = [key.name for key in group.keys if key.required]
    return set(required) <= set(node.pairs) if required else any(group.get(key) for key in node.pairs)


def fits(node: Node, shape: Shape) -> bool:
    """Whether *node* has the outer form (single value, list, map) of *shape*."""
    if isinstance(shape, Leaf):
        if shape.form == "value" or isinstance(node, Scalar):
            return True
        by_language = shape.form == "people" and isinstance(node, MapNode)
        return by_language or (shape.form in ("rule", "switch") and node.flow)
    if isinstance(shape, Some):
        return isinstance(node, ListNode) or (shape.alone and fits(node, shape.of))
    if isinstance(shape, Either):
        return any(fits(node, one) for one in shape.shapes)
    if isinstance(shape, FieldOf):
        return not isinstance(node, ListNode)
    return isinstance(node, MapNode)


def _is_short(key: Key) -> bool:
    """Whether the example of a key says in a line what a mistake in its form needs to know."""
    if isinstance(key.shape, Named):
        return 0 < len(key.example) <= SHORT and "\n" not in key.example
    return isinstance(key.shape, Group)


def found_form(node: Node) -> Text:
    """Return in words what was written."""
    if isinstance(node, ListNode):
        return both("a list", "eine Liste")
    if isinstance(node, MapNode):
        return both("a map", "eine Zuordnung (Schlüssel: Wert)")
    return both(f"`{node.text[:40]}`", f"`{node.text[:40]}`")


def first_line(span: Span) -> Span:
    """Return the part of *span* that stands on its first line."""
    text = span.source.text[span.start : span.end].split("\n", 1)[0].rstrip()
    return Span(span.source, span.start, span.start + len(text))
