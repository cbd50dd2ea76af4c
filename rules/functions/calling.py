"""Calling functions: binding arguments to the parameters of built-in functions and of functions of rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import DecimalException
from typing import cast

from fachwerk.problems import nearest
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.signatures import Parameter, Signature
from fachwerk.rules.types import ANY, AnyType, ContextType, FunctionType, ListType, RangeType, Type
from fachwerk.rules.values.kinds import kind_of
from fachwerk.rules.values.limits import DEEPEST, Exhausted, charge, current_run
from fachwerk.rules.values.ranges import Function
from fachwerk.rules.values.typing import convert

NOTHING = object()
"""Stands for an argument that does not fit its parameter."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a built-in function: its signature and what to call with fitting arguments.

    *call* takes the arguments in the order of the parameters (those that are left out at the end are not
    passed) and returns a value or raises :class:`Mistake`. It sees null only where a parameter takes null.
    *compares* marks functions that take how to compare as their keyword ``same``.
    """

    signature: Signature
    call: Callable[..., object]
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with all its forms."""

    name: str
    forms: tuple[Form, ...]

    def __call__(
        self, arguments: Sequence[object], names: Sequence[str] | None = None, **options: object
    ) -> object:
        """Call the first form that fits; raises :class:`Mistake` when none does or the function finds no
        result.
        """
        for form in self.forms:
            bound = _bound(form.signature, arguments, names)
            if bound is None:
                continue
            if NOTHING in map(_marker, bound):
                continue
            if _null_ends(form.signature, bound):
                return None
            charge(1 + sum(len(value) >> 8 for value in bound if type(value) is str))
            try:
                return form.call(*bound, **(options if form.compares else {}))
            except DecimalException:
                raise Mistake("the result is no number", "das Ergebnis ist keine Zahl") from None
        raise self._misfit(arguments, names)

    def _misfit(self, arguments: Sequence[object], names: Sequence[str] | None) -> Mistake:
        known = [parameter.name for form in self.forms for parameter in form.signature.parameters]
        for name in names or ():
            if name not in known:
                like = nearest(name, known)
                hint, tip = (f"; did you mean {like}?", f"; gemeint {like}?") if like else ("", "")
                return Mistake(
                    f"{self.name} has no parameter {name}{hint}",
                    f"{self.name} hat keinen Parameter {name}{tip}",
                )
        kinds = ", ".join(map(kind_of, arguments)) or "-"
        return Mistake(
            f"{self.name} cannot be called with ({kinds})",
            f"{self.name} kann nicht mit ({kinds}) aufgerufen werden",
        )


def _marker(value: object) -> object:
    return NOTHING if value is NOTHING else None


def _bound(
    signature: Signature, arguments: Sequence[object], names: Sequence[str] | None
) -> list[object] | None:
    """Return the arguments in the order of the parameters, :data:`NOTHING` where one does not fit; ``None``:
    wrong number.
    """
    if names is not None:
        return _bound_by_name(signature, dict(zip(names, arguments, strict=True)), len(names))
    most = signature.most
    if len(arguments) < signature.least or (most is not None and len(arguments) > most):
        return None
    last = signature.parameters[-1] if signature.parameters else None
    parameters = signature.parameters
    return [
        fitted(argument, parameters[index] if index < len(parameters) else cast(Parameter, last))
        for index, argument in enumerate(arguments)
    ]


def _bound_by_name(signature: Signature, given: dict[str, object], count: int) -> list[object] | None:
    names = [parameter.name for parameter in signature.parameters]
    if len(given) != count or not set(given) <= set(names):
        return None
    bound: list[object] = []
    for parameter in signature.parameters:
        if parameter.name in given:
            bound.append(fitted(given[parameter.name], parameter))
        elif not parameter.optional or set(given) & set(names[len(bound) + 1 :]):
            bound.append(None)
        else:
            break
    if signature.repeats and isinstance(given.get(names[-1]), list):
        bound[-1:] = cast("list[object]", given[names[-1]])
    return bound


def _null_ends(signature: Signature, bound: list[object]) -> bool:
    """Whether a null stands where the function does not take one, so that the result is null."""
    last = len(signature.parameters) - 1
    return any(
        value is None and not signature.parameters[min(index, last)].takes_null
        for index, value in enumerate(bound)
    )


def fitted(value: object, parameter: Parameter) -> object:
    """Return *value* converted for *parameter*; :data:`NOTHING` where no type of it fits."""
    if value is None:
        return None
    if any(_fits(value, type_) for type_ in parameter.types):
        return value
    if isinstance(value, list) and len(value) == 1 and not _takes_lists(parameter):
        fits = value[0] is None or any(_fits(value[0], type_) for type_ in parameter.types)
        return value[0] if fits else NOTHING
    for type_ in parameter.types:
        if isinstance(type_, ListType) and not isinstance(value, list) and _fits_element(value, type_):
            return [value]
        if isinstance(type_, Type) and type_.name == "date and time":
            converted = convert(value, type_)
            if converted is not None:
                return converted
    return NOTHING


def _takes_lists(parameter: Parameter) -> bool:
    return any(isinstance(type_, ListType) for type_ in parameter.types)


def _fits(value: object, type_: AnyType) -> bool:
    """A quick look at the value: elements of lists are looked at where their type matters."""
    kind = kind_of(value)
    if isinstance(type_, Type):
        return type_ is ANY or kind == type_.name
    if isinstance(type_, ListType):
        return kind == "list" and all(
            item is None or _fits(item, type_.element.type) for item in _looked_at(value, type_)
        )
    if isinstance(type_, ContextType):
        return kind == "context"
    if isinstance(type_, RangeType):
        return kind == "range"
    return kind == "function" and isinstance(type_, FunctionType)


def _looked_at(value: object, type_: ListType) -> Sequence[object]:
    """Elements whose type is not for the function itself to judge."""
    if isinstance(type_.element.type, Type) and type_.element.type.name in ("Any", "number", "boolean"):
        return ()
    charge(len(cast("list[object]", value)))
    return cast("list[object]", value)


def _fits_element(value: object, type_: ListType) -> bool:
    return type_.element.type is ANY or _fits(value, type_.element.type)


def invoke(function: object, arguments: Sequence[object], names: Sequence[str] | None = None) -> object:
    """Call a function as a value; raises :class:`Mistake` where it is none or the arguments do not fit.

    Raises :class:`Exhausted` when calls nest too deep or the evaluation has used up its steps.
    """
    if not isinstance(function, Function):
        raise Mistake(
            f"a {kind_of(function)} cannot be called", f"{kind_of(function)} kann man nicht aufrufen"
        )
    if function.names is None:
        return function.call(arguments, names)
    ordered = _ordered(function, arguments, names)
    converted = [
        value if type_ is None else _converted(value, type_)
        for value, type_ in zip(ordered, _types(function), strict=True)
    ]
    run = current_run()
    if run is None:
        return function.call(*converted)
    charge(1)
    run.depth += 1
    if run.depth > DEEPEST:
        raise Exhausted
    try:
        return function.call(*converted)
    finally:
        run.depth -= 1


def _types(function: Function) -> list[AnyType | None]:
    names = function.names or ()
    return [*function.types, *[None] * (len(names) - len(function.types))]


def _converted(value: object, type_: AnyType) -> object:
    found = convert(value, type_)
    if found is None and value is not None:
        raise Mistake(f"a {kind_of(value)} is not a {type_}", f"{kind_of(value)} ist kein {type_}")
    return found


def _ordered(
    function: Function, arguments: Sequence[object], names: Sequence[str] | None
) -> Sequence[object]:
    own = function.names or ()
    label = function.name or "the function"
    if names is not None:
        given = dict(zip(names, arguments, strict=True))
        if len(given) != len(names) or not set(given) <= set(own):
            raise Mistake(
                f"{label} has the parameters ({', '.join(own)})",
                f"{label} hat die Parameter ({', '.join(own)})",
            )
        return [given.get(name) for name in own]  # what is not given is null (clause 10.3.2.13.4)
    if len(arguments) != len(own):
        raise Mistake(f"{label} takes {len(own)} arguments", f"{label} nimmt {len(own)} Argumente")
    return arguments
