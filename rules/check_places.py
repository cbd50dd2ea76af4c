"""Checking what names stand for: variables, fields over links and lists, filters, ``me`` and ``my x``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from fachwerk.problems import Text, nearest
from fachwerk.rules.check_base import NOTHING, Base, Local, Place, did_you_mean, records_in, write
from fachwerk.rules.check_types import MAYBE_ANY, MAYBE_TRUTH, PROPERTIES, named, same_record
from fachwerk.rules.codes_meaning import (
    NEEDS_CALL,
    NO_FIELDS,
    NO_OWN_RECORD,
    NO_USER,
    NO_VALIDITY,
    NOT_A_TREE,
    UNKNOWN_FIELD,
    UNKNOWN_NAME,
    WRONG_FILTER,
)
from fachwerk.rules.codes_syntax import OTHER_LANGUAGE
from fachwerk.rules.habits import CALLS, MEMBERS
from fachwerk.rules.signatures import SIGNATURES
from fachwerk.rules.tree import And, Call, Compare, Filter, Literal, My, Name, Node, Or, Path, Under
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE_TIME,
    NULL,
    NUMBER,
    STRING,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    OptionType,
    RangeType,
    RecordType,
    Typed,
)
from fachwerk.rules.walk import walk

_Node = TypeVar("_Node", bound=Node)
_RANGE = {"start included": Typed(BOOLEAN, False), "end included": Typed(BOOLEAN, False)}
_ID = Typed(STRING, False)


class Places(Base):
    """Checks names, paths and filters."""

    # names

    def name(self, node: Name) -> Typed:
        """Return the type of a name: of the nearest level that has it, of the scope, of a built-in function."""
        vague = False
        for frame in reversed(self.frames):
            if frame.item is not None:  # an entry called "item" hides the element itself
                if (typed := self.item_field(node, frame.item)) is not None:
                    return MAYBE_ANY if vague else typed
                vague = vague or (_is_open(frame.item.typed.type) and node.name != "item")
            if (local := frame.names.get(node.name)) is not None:
                self.place(node, local.places)
                return MAYBE_ANY if vague else self.known_sure(node, local.typed)
        typed = self.scope_name(node)
        return MAYBE_ANY if vague else typed

    def scope_name(self, node: Name) -> Typed:
        """Return the type of a name that the rule itself does not bring in."""
        typed = self.scope.names.get(node.name)
        if typed is not None:
            self.read((node.name,), typed, node)
            return self.known_sure(node, typed)
        if node.name == "me" and self.scope.me is not None:
            self.place(node, [(("me",), self.scope.me)])
            return Typed(self.scope.me, False)
        if (decision := self.scope.decisions.get(node.name)) is not None:
            return Typed(decision, False)
        if node.name in SIGNATURES:
            return self.function_name(node)
        return self.unknown_name(node)

    def function_name(self, node: Name) -> Typed:
        """Return the type of a built-in function that is not called but handed over."""
        signature = SIGNATURES[node.name][0]
        if not signature.parameters:
            self.report(NEEDS_CALL, node, name=node.name)
            return Typed(signature.result, False)
        parameters = tuple((p.name, Typed(p.types[0] if len(p.types) == 1 else ANY)) for p in signature.parameters)
        return Typed(FunctionType(parameters, Typed(ANY)), False)

    def unknown_name(self, node: Name) -> Typed:
        """Say that nobody has this name, unless names may come from anywhere."""
        vague = any(frame.item and _is_open(frame.item.typed.type) for frame in self.frames)
        if self.strict and not vague and not self.enough:
            if node.name == "me":
                self.report(NO_USER, node)
            elif node.name in ("current", "valid_on"):
                self.no_validity(node, node.name)
            else:
                self.report(UNKNOWN_NAME, node, name=node.name, hint=self.name_hint(node.name))
        return MAYBE_ANY

    def name_hint(self, name: str) -> Text:
        """Return what may have been meant by an unknown name."""
        if name in CALLS:
            return write(CALLS[name])
        near = nearest(name, self.all_names())
        return did_you_mean(f"`{near}`") if near else NOTHING

    def all_names(self) -> Iterable[str]:
        """Yield every name that could stand here."""
        for frame in self.frames:
            yield from frame.names
            if frame.item is not None:
                yield from fields_of(frame.item.typed.type)
        yield from self.scope.names
        yield from self.scope.decisions
        yield from ("me",) if self.scope.me else ()

    def known_sure(self, node: Node, typed: Typed) -> Typed:
        """Return *typed*, not nullable where an earlier condition has made sure of it."""
        if typed.nullable and self.sure and self.key(node) in self.sure:
            return Typed(typed.type, False)
        return typed

    def read(self, path: tuple[str, ...], typed: Typed, node: Node) -> None:
        """Note that the rule needs *path*, which *node* stands for."""
        records = records_in(typed.type)
        if records:
            self.place(node, self.places.get(node, frozenset()) | {(path, record) for record in records})
        else:
            self.reads.add(path)

    def my(self, node: My) -> Typed:
        """Return the type of ``my x``."""
        record = self.scope.mine.get(node.entity)
        if record is None:
            near = nearest(node.entity, self.scope.mine)
            self.report(NO_OWN_RECORD, node, name=node.entity, hint=did_you_mean(f"`my {near}`") if near else NOTHING)
            return MAYBE_ANY
        self.place(node, [((f"my {node.entity}",), record)])
        return Typed(record, True)

    # fields

    def path(self, node: Path) -> Typed:
        """Return the type of ``of.name``."""
        of = self.infer(node.of)
        found = self.member(node, of, node.name, self.places_of(node.of))
        if self.places_of(node):
            self.followed.add(node.of)
        if found is None:
            return self.no_member(node, of.type)
        if records_in(of.type):
            self.followed.add(node.of)
        return self.known_sure(node, found)

    def member(self, node: Node, of: Typed, name: str, places: frozenset[Place]) -> Typed | None:
        """Return the type of the field *name* of a value of type *of*; ``None`` if there is none."""
        if isinstance(of.type, ListType):
            inner = self.member(node, of.type.element, name, places)
            return inner and Typed(ListType(inner), of.nullable)
        if isinstance(of.type, RecordType):
            return self.record_field(node, of, of.type, name, places)
        found = property_of(of.type, name)
        if found is not None and places and records_in(found.type):
            self.place(node, (place for place in places if place[1] in records_in(found.type)))
        return found and Typed(found.type, found.nullable or of.nullable)

    def record_field(
        self,
        node: Node,
        of: Typed,
        record: RecordType,
        name: str,
        places: frozenset[Place],
    ) -> Typed | None:
        """Return the type of a field of a record, having noted that it is read."""
        typed = record.fields.get(name) or (_ID if name == "id" else None)
        if typed is None:
            return None
        for path, owner in places:
            if same_record(owner, record):
                self.read((*path, name), typed, node)
        return Typed(typed.type, typed.nullable or of.nullable)

    def no_member(self, node: Path, of: AnyType) -> Typed:
        """Say that a value has no such field; what has no fields at all is another mistake."""
        while isinstance(of, ListType):
            of = of.element.type
        if not self.strict or self.enough or _is_open(of):
            return MAYBE_ANY
        start = node.end - len(node.name)
        names = list(fields_of(of))
        if node.name in MEMBERS and not (near := nearest(node.name, names)):
            self.report_at(OTHER_LANGUAGE, start, node.end, found=f".{node.name}", instead=MEMBERS[node.name])
        elif not names:
            self.report_at(NO_FIELDS, start, node.end, found=named(of), name=node.name, hint=NOTHING)
        else:
            near = nearest(node.name, names)
            hint = did_you_mean(f"`{near}`") if near else NOTHING
            owner = f"`{of.name}`" if isinstance(of, RecordType) else named(of)
            self.report_at(UNKNOWN_FIELD, start, node.end, owner=owner, name=node.name, hint=hint)
        return MAYBE_ANY

    # filters

    def filter(self, node: Filter) -> Typed:
        """Return the type of ``of[condition]``; the element's fields are names in the condition."""
        of = self.infer(node.of)
        self.place(node, self.places_of(node.of))
        if of.type is ANY:
            element, result = MAYBE_ANY, MAYBE_ANY
        elif isinstance(of.type, ListType):
            element, result = of.type.element, of
        else:
            element, result = of, Typed(ListType(Typed(of.type, False)), True)
        local = Local(element, self.places_of(node.of))
        with self.names({"item": local}, local):
            condition = self.infer(node.condition)
        if condition.type is NUMBER:
            return Typed(element.type, True) if self.is_position(node.condition, condition, element) else MAYBE_ANY
        if condition.type not in (BOOLEAN, ANY, NULL):
            self.report(WRONG_FILTER, node.condition, found=named(condition.type))
            return MAYBE_ANY
        return MAYBE_ANY if condition.type is ANY else result

    def is_position(self, condition: Node, typed: Typed, element: Typed) -> bool:
        """Return whether a number in brackets is a position in every case: null, or a field of nothing, selects []."""
        own = {"item", *fields_of(element.type)}
        return not typed.nullable and not any(isinstance(part, Name) and part.name in own for part in walk(condition))

    def item_field(self, node: Name, item: Local) -> Typed | None:
        """Return the type of a field of the filtered element, or of ``current``."""
        element = item.typed
        if isinstance(element.type, RecordType) or not _is_open(element.type):
            found = self.member(node, element, node.name, item.places)
            if found is not None:
                return found
        if node.name == "current" and isinstance(element.type, RecordType) and element.type.valid:
            return self.expand(node, element.type, item, None)
        return None

    def valid_on(self, node: Call) -> Typed | None:
        """Return the type of ``valid_on(day)`` inside a filter over records with a span of time."""
        item = next((frame.item for frame in reversed(self.frames) if frame.item), None)
        record = item.typed.type if item else None
        if item is None or not isinstance(record, RecordType) or not record.valid or len(node.arguments) != 1:
            return self.no_validity(node, "valid_on") if isinstance(record, RecordType) else None
        return self.expand(node, record, item, node.arguments[0])

    def no_validity(self, node: Node, word: str) -> Typed:
        """Say that the filtered records have no span of time."""
        item = next((frame.item for frame in reversed(self.frames) if frame.item), None)
        if item is not None and isinstance(item.typed.type, RecordType):
            self.report(NO_VALIDITY, node, name=word, owner=f"`{item.typed.type.name}`")
        else:
            self.report(UNKNOWN_NAME, node, name=word, hint=NOTHING)
        return MAYBE_TRUTH

    def expand(self, node: Node, record: RecordType, item: Local, day: Node | None) -> Typed:
        """Put comparisons with the fields from and until in the place of ``current`` or ``valid_on(day)``."""
        assert record.valid is not None
        since, until = (record.fields.get(name, MAYBE_ANY) for name in record.valid)
        if day is None:
            function = "now" if DATE_TIME in (since.type, until.type) else "today"
            day = self.at(node, Call(self.at(node, Name(function)), ()))
        first, last = (self.at(node, Name(name)) for name in record.valid)
        begun = self.at(node, Compare("<=", first, day))
        open_ = self.at(node, Compare(">=", last, day))
        terms = [self._or_null(node, part, field) for part, field in ((begun, since), (open_, until))]
        expansion = self.at(node, And(tuple(terms)))
        self.expansions[node] = expansion
        return self.infer(expansion)

    def _or_null(self, node: Node, part: Compare, field: Typed) -> Node:
        if not field.nullable:
            return part
        null = self.at(node, Compare("=", part.left, self.at(node, Literal(None))))
        return self.at(node, Or((null, part)))

    def at(self, node: Node, made: _Node) -> _Node:
        """Return *made*, standing where *node* stands."""
        object.__setattr__(made, "start", node.start)
        object.__setattr__(made, "end", node.end)
        return made

    # trees

    def under(self, node: Under) -> Typed:
        """Return the type of ``of under root``."""
        of, root = self.infer(node.of), self.infer(node.root)
        if ANY in (of.type, root.type) or NULL in (of.type, root.type):
            return MAYBE_TRUTH
        left, right = of.type, root.type
        fit = isinstance(left, RecordType) and isinstance(right, RecordType) and same_record(left, right)
        if not fit or not isinstance(left, RecordType) or left.tree is None:
            self.report(NOT_A_TREE, node, left=named(left), right=named(right))
        return Typed(BOOLEAN, of.nullable or root.nullable)


def property_of(type_: AnyType, name: str) -> Typed | None:
    """Return the type of a property of a value that is no record; ``None`` if it has none of this name."""
    if type_ is ANY or type_ is NULL:
        return MAYBE_ANY
    if isinstance(type_, ContextType):
        return dict(type_.entries).get(name) or (MAYBE_ANY if type_.open else None)
    if isinstance(type_, RangeType):
        return Typed(type_.element) if name in ("start", "end") else _RANGE.get(name)
    return _properties(type_).get(name)


def _properties(type_: AnyType) -> Mapping[str, Typed]:
    return {} if isinstance(type_, (RecordType, OptionType)) else PROPERTIES.get(type_, {})


def fields_of(type_: AnyType) -> Iterable[str]:
    """Return the names that may stand behind a dot."""
    if isinstance(type_, RecordType):
        return type_.fields
    if isinstance(type_, ContextType):
        return [name for name, _ in type_.entries]
    if isinstance(type_, RangeType):
        return ("start", "end", *_RANGE)
    return _properties(type_)


def _is_open(type_: AnyType) -> bool:
    return type_ is ANY or type_ is NULL or (isinstance(type_, ContextType) and type_.open)
