"""The finite abstraction of a workflow: which fields its conditions read, and the few values that tell them apart.

A condition over numbers that only compares them with constants and with each other cannot tell apart two numbers that
lie between the same constants; so one number of each stretch stands for all of them, and what holds for these holds for
all. Conditions beyond that (arithmetic, today's date, other records) are *unknown*: they may hold or not.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from fachwerk.rules.to_python import Environment, compile_record_rule
from fachwerk.rules.to_python.environment import Evaluation
from fachwerk.rules.tree import Between, Call, Compare, In, Interval, Literal, Name, Negate, Node
from fachwerk.schemas.model import Entity, Field, Rule, Workflow
from fachwerk.workflows.waiting import numbers_matter

_INTEGERS = frozenset({"integer", "rating"})
_NUMBERS = _INTEGERS | {"decimal", "money", "percent"}
_TEXTS = frozenset({"text"})
_MOMENTS = frozenset({"today", "now"})
_OPINION = frozenset({"id", "part", "outcome"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A field that conditions read: the values that stand for all, and those a new record can have."""

    name: str
    values: tuple[object, ...]
    initial: tuple[object, ...]
    system: bool = False


@dataclass(slots=True)
class _Numbers:
    """What rules compare numbers with."""

    constants: dict[str, set[Decimal]] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Domain:
    """The variables of a workflow and which of its rules are known over them."""

    workflow: Workflow
    variables: tuple[Variable, ...]
    known: Mapping[int, bool]
    functions: Mapping[int, object]
    complete: bool
    """Whether nothing restricts the values in a way that is left out here."""
    reads_opinions: bool = False
    """Whether conditions tell outcomes apart."""
    counts_opinions: bool = False
    """Whether conditions read opinions at all."""

    def names(self, rule: Rule) -> frozenset[str]:
        """Return the variables that *rule* reads."""
        heads = {path[0] for path in rule.checked.reads}
        return frozenset(one.name for one in self.variables if one.name in heads)

    def holds(self, rule: Rule | None, record: Mapping[str, object]) -> bool | None:
        """Whether *rule* is true of *record*; ``None`` where it is not known, no rule always holds."""
        if rule is None:
            return True
        if not self.known.get(id(rule), False):
            return None
        return self.value(rule, record) is True

    def value(self, rule: Rule, record: Mapping[str, object]) -> object:
        """Return the value of a known rule."""
        function = self.functions[id(rule)]
        return function(record, _NOWHERE)  # type: ignore[operator]


_NOWHERE = Evaluation(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.date(2026, 1, 1))


def domain_of(workflow: Workflow, entity: Entity) -> Domain:
    """Return the abstraction of *workflow* over the fields of its *entity*."""
    decisive = [t.when for t in workflow.transitions.values() if t.when is not None]
    rights = [rule for grant in entity.access.values() for rule in (grant.read, grant.update) if rule is not None]
    sets = [rule for t in workflow.transitions.values() for rule in t.set.values()]
    checks = [check.that for check in entity.checks]
    usable = {name: one for name, one in entity.fields.items() if _usable(one)}
    numbers = _Numbers()
    every = [*decisive, *rights, *sets, *checks]
    known = {id(rule): is_known(rule, usable, workflow, numbers) for rule in every}
    read = {path[0] for rule in decisive if known[id(rule)] for path in rule.checked.reads}
    chosen = {name: one for name, one in usable.items() if name in read}
    for rule in every:
        heads = {path[0] for path in rule.checked.reads}
        known[id(rule)] = known[id(rule)] and not (heads & set(usable)) - set(chosen)
    for rule in sets:
        if isinstance(rule.constant, Decimal):
            for one in chosen:
                numbers.constants.setdefault(one, set()).add(rule.constant)
    loose = any({path[0] for path in rule.checked.reads} & set(chosen) for rule in checks)
    loose = loose or any(_loose(one) for one in chosen.values())
    compiled = {id(r): compile_record_rule(r.checked, Environment()) for r in every if known[id(r)]}
    variables = tuple(_variable(one, numbers, entity) for one in chosen.values())
    opinions = any(("opinions", "outcome") in rule.checked.reads for rule in decisive)
    counts = any(path[0] == "opinions" for rule in decisive for path in rule.checked.reads)
    loose = loose or numbers_matter(workflow, counted=counts)
    return Domain(workflow, variables, known, compiled, not loose, opinions, counts)


def _loose(one: Field) -> bool:
    return one.visible is not None or any(
        rule is not None and rule.constant is NotImplemented for rule in (one.min, one.max, one.required, one.default)
    )


def _usable(one: Field) -> bool:
    kinds = {*_NUMBERS, *_TEXTS, "boolean", "choice"}
    return one.computed is None and one.kind in kinds and not (one.system and one.kind == "choice")


def is_known(rule: Rule, usable: Mapping[str, Field], workflow: Workflow, numbers: _Numbers) -> bool:
    """Whether the finite values tell everything about *rule*; notes what it compares numbers and texts with."""
    checked = rule.checked
    if "decision" in checked.calls.values() or "value" in checked.calls.values():
        return False
    if reads_time(rule):
        return False
    fine = all(_is_known_path(path, usable, workflow) for path in checked.reads)
    return fine and _walk(checked.node, usable, workflow.field, numbers)


def reads_time(rule: Rule) -> bool:
    """Whether a rule asks which day it is, or what time."""
    calls = (call for call in rule.checked.calls if isinstance(call, Call) and isinstance(call.function, Name))
    return any(call.function.name in _MOMENTS for call in calls if isinstance(call.function, Name))


def _is_known_path(path: tuple[str, ...], usable: Mapping[str, Field], workflow: Workflow) -> bool:
    if path[0] == "opinions":
        return len(path) == 2 and path[1] in _OPINION
    return len(path) == 1 and (path[0] in usable or path[0] in ("complete", workflow.field))


def _walk(node: Node, usable: Mapping[str, Field], state: str, numbers: _Numbers) -> bool:
    match node:
        case Compare(left=left, right=right):
            if _measured(left, usable) or _measured(right, usable):
                return _compared((left, right), usable, numbers)
        case Between(of=of, low=low, high=high) if _measured(of, usable):
            return _compared((of, low), usable, numbers) and _compared((of, high), usable, numbers)
        case In(of=of, tests=tests) if _measured(of, usable):
            return all(_compared((of, end), usable, numbers) for test in tests.tests for end in _ends(test))
        case Name(name=name):
            return not _measured(node, usable) and (name not in usable or usable[name].kind not in _TEXTS)
        case _:
            pass
    return all(_walk(child, usable, state, numbers) for child in _children(node))


def _ends(test: Node) -> Iterator[Node]:
    if isinstance(test, Interval):
        yield from (end for end in (test.low, test.high) if end is not None)
    else:
        yield test


def _measured(node: Node, usable: Mapping[str, Field]) -> bool:
    return isinstance(node, Name) and node.name in usable and usable[node.name].kind in (_NUMBERS | _TEXTS)


def _compared(sides: tuple[Node, Node], usable: Mapping[str, Field], numbers: _Numbers) -> bool:
    names = [side.name for side in sides if isinstance(side, Name) and side.name in usable]
    values = [_constant(side) for side in sides if not isinstance(side, Name)]
    if len(names) + len(values) != 2 or NotImplemented in values:
        return False
    texts = [name for name in names if usable[name].kind in _TEXTS]
    if len(names) == 2:
        numbers.pairs.add((names[0], names[1]))
        return not texts
    if isinstance(values[0], str):
        numbers.texts.add(values[0])
        return True
    if values[0] is not None and not texts:
        numbers.constants.setdefault(names[0], set()).add(Decimal(str(values[0])))
    return values[0] is None or not texts


def _constant(node: Node) -> object:
    if isinstance(node, Literal):
        return node.value if node.value is None or isinstance(node.value, Decimal | int | str) else NotImplemented
    if isinstance(node, Negate) and isinstance(node.of, Literal) and isinstance(node.of.value, Decimal | int):
        return -node.of.value
    return NotImplemented


def _children(node: Node) -> Iterator[Node]:
    for one in dataclasses.fields(node):
        value = getattr(node, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part


# values


def _variable(one: Field, numbers: _Numbers, entity: Entity) -> Variable:
    filled = one.required is not None and one.required.constant is True
    values: tuple[object, ...]
    if one.kind == "boolean":
        values = (True, False)
    elif one.kind == "choice":
        values = tuple(option.name for option in one.options)
    elif one.kind in _TEXTS:
        values = (*sorted(numbers.texts), _another(numbers.texts))
    else:
        values = tuple(_points(one, numbers))
    free = None if filled else (None,)
    system = one.system
    everything = (*values, *(free or ()))
    if system:
        everything = (*values, None)
    return Variable(one.name, everything, _initial(one, everything, entity), system)


def _initial(one: Field, values: tuple[object, ...], entity: Entity) -> tuple[object, ...]:
    given = one.default.constant if one.default is not None else None
    given = None if given is NotImplemented else given
    read_only = one.read_only is not None and one.read_only.constant is True
    entered = any(
        grant.create is not None and one.name not in grant.read_only and one.name not in grant.hide
        for grant in entity.access.values()
    )
    return values if entered and not (one.system or read_only) else (given,)


def _another(texts: Iterable[str]) -> str:
    taken = set(texts)
    return next(name for name in ("…", "……", "………") if name not in taken)


def _points(one: Field, numbers: _Numbers) -> list[Decimal]:
    group = _group(one.name, numbers.pairs)
    constants = {value for name in group for value in numbers.constants.get(name, ())}
    low, high = _limit(one.min), _limit(one.max)
    constants |= {limit for limit in (low, high) if limit is not None}
    constants = constants or {Decimal(0)}
    if one.default is not None and isinstance(one.default.constant, Decimal):
        constants.add(one.default.constant)
    found = _whole(constants, len(group)) if one.kind in _INTEGERS else _between(constants, len(group))
    return [p for p in sorted(found) if (low is None or p >= low) and (high is None or p <= high)]


def _limit(rule: Rule | None) -> Decimal | None:
    value = None if rule is None else rule.constant
    return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _group(name: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    found, grown = {name}, True
    links = list(pairs)
    while grown:
        more = {other for pair in links if found & set(pair) for other in pair} - found
        found |= more
        grown = bool(more)
    return found


def _whole(constants: set[Decimal], count: int) -> set[Decimal]:
    found: set[Decimal] = set()
    for constant in constants:
        floor, ceiling = (constant.to_integral_value(way) for way in (ROUND_FLOOR, ROUND_CEILING))
        for step in range(count + 1):
            found |= {floor - step, ceiling + step}
    return found


def _between(constants: set[Decimal], count: int) -> set[Decimal]:
    ordered = sorted(constants)
    found = set(ordered)
    for step in range(1, count + 1):
        found |= {ordered[0] - step, ordered[-1] + step}
        for low, high in pairwise(ordered):
            found.add(low + (high - low) * step / (count + 1))
    return found
