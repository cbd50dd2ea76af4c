"""What the command line asks of the rule language: a decision of a DMN file, or any expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fachwerk.problems import Fragment, Problems, Refused
from fachwerk.rules.check import check
from fachwerk.rules.dmn.reading import unreadable
from fachwerk.rules.parser import parse
from fachwerk.rules.scope import Scope
from fachwerk.rules.tables.cells import readable
from fachwerk.rules.to_python import Environment, compile_rule
from fachwerk.rules.types import ANY, Typed
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import LONGEST, Failure, evaluation
from fachwerk.rules.values.text import literal, quoted

_MOMENTS = ("date", "time", "date and time", "days and time duration", "years and months duration")


@dataclass(frozen=True, slots=True)
class Answer:
    """What to print: the result as text of the rule language (``None``: not evaluated), failures and problems."""

    text: str | None
    value: object
    failures: tuple[Failure, ...]
    problems: Problems


def show(value: object) -> str:
    """Return *value* as it would be written in a rule, so that reading it gives the value again.

    What gets longer than a text may be is shown as ``…``: a value can hold others many times, on every level.
    """
    return _show(value, {})


def _show(value: object, shown: dict[int, str]) -> str:
    if isinstance(value, str):
        return quoted(value)
    if kind_of(value) in _MOMENTS:
        return f'@"{literal(value)}"'
    if not isinstance(value, list | dict):
        return literal(value, inside=True)
    if id(value) not in shown:
        text = _entries(value, shown)
        shown[id(value)] = text if len(text) <= LONGEST else "…"
    return shown[id(value)]


def _entries(value: list[object] | dict[str, object], shown: dict[int, str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_show(item, shown) for item in value) + "]"
    return "{" + ", ".join(f"{_key(str(key))}: {_show(entry, shown)}" for key, entry in value.items()) + "}"


def _key(key: str) -> str:
    return key if key and all(word.isidentifier() for word in key.split(" ")) else quoted(key)


def feel(text: str, inputs: Mapping[str, object] | None = None) -> Answer:
    """Evaluate the expression *text*, in which *inputs* are known by name."""
    given = dict(inputs or {})
    problems = Problems()
    fragment = Fragment.of(text)
    scope = Scope({name: Typed(ANY) for name in given}, strict=False)
    node = parse(fragment, scope, problems)
    if unreadable(problems) or not readable(node):
        return Answer(None, None, (), problems)
    checked = check(node, fragment, scope, problems)
    rule = compile_rule(checked, tuple(given), environment=Environment())
    failures: list[Failure] = []
    with evaluation(failures=failures):
        value = rule(*given.values())
    return Answer(show(value), value, tuple(failures), problems)


def read_inputs(text: str) -> tuple[dict[str, object], Problems]:
    """Return the context that *text* writes, such as ``{amount: 100, since: @"2024-01-01"}``, as inputs by name."""
    answer = feel(text)
    if not isinstance(answer.value, dict):
        return {}, answer.problems
    return dict(answer.value), answer.problems


def decide(files: Mapping[str, bytes], name: str, inputs: Mapping[str, object], *, model: str | None = None) -> Answer:
    """Evaluate the decision *name* of the DMN files *files*; raises ``Refused`` where it or an input is unknown."""
    from fachwerk.rules.dmn.models import NOT_EVALUABLE, load_models  # start-up time: servers import this module, too

    models, problems = load_models(files)
    try:
        outcome = models.decide(name, inputs, model=model)
    except Refused as refusal:
        if refusal.code != NOT_EVALUABLE:
            raise
        return Answer(None, None, (Failure(refusal.message),), problems)
    return Answer(show(outcome.value), outcome.value, outcome.failures, problems)
