"""Checking calls: what is called, how many arguments it takes, of which types, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fachwerk.problems import Fragment, Text, nearest
from fachwerk.rules.check_base import NOTHING, Local, did_you_mean, records_in, such_as, write
from fachwerk.rules.check_operators import Operators, is_number
from fachwerk.rules.check_types import BY_NAME, MAYBE_ANY, common, fits, made_type, named, named_any
from fachwerk.rules.codes_meaning import (
    ARGUMENT_COUNT,
    EXTERNAL_FUNCTION,
    NOT_A_CONDITION,
    NOT_A_FUNCTION,
    UNKNOWN_FUNCTION,
    UNKNOWN_PARAMETER,
    UNKNOWN_TYPE,
    WRONG_ARGUMENT,
)
from fachwerk.rules.codes_syntax import BAD_LITERAL, both
from fachwerk.rules.habits import CALLS
from fachwerk.rules.scope import Scope
from fachwerk.rules.signatures import SIGNATURES, Parameter, Signature
from fachwerk.rules.tree import Call, Interval, Lambda, Literal, Name, Node, TypeName
from fachwerk.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    AnyType,
    FunctionType,
    ListType,
    OptionType,
    RecordType,
    Typed,
)
from fachwerk.rules.values.days import Months
from fachwerk.rules.values.lexical import read_date, read_duration, read_moment, read_time

_LITERALS = {"date": read_date, "time": read_time, "date and time": read_moment, "duration": read_duration}
_TEXT_TYPES = {"text": "string", "str": "string", "int": "number", "integer": "number", "bool": "boolean"}


class Calls(Operators):
    """Checks calls, functions and names of types."""

    def __init__(self, fragment: Fragment, scope: Scope) -> None:
        super().__init__(fragment, scope)
        self.offered: dict[Node, Typed] = {}

    def call(self, node: Call) -> Typed:
        """Return the type of a call."""
        if isinstance(node.function, Name):
            return self.call_name(node, node.function)
        function = self.infer(node.function)
        return self.call_value(node, function)

    def call_name(self, node: Call, name: Name) -> Typed:
        """Return the type of a call by name: of a value that is a function, a decision, or a built-in function."""
        text = name.name
        value = self.value_named(text)
        if value is not None and (isinstance(value.type, FunctionType) or self.only_value(text, value)):
            self.infer(name)
            return self.call_value(node, value)
        if (decision := self.scope.decisions.get(text)) is not None:
            self.types[name] = Typed(decision, False)
            self.calls[node] = "decision"
            return self.call_function(node, decision, text)
        if text in SIGNATURES:
            self.types[name] = Typed(FunctionType(), False)
            self.calls[node] = "builtin"
            return self.call_builtin(node, text)
        if text == "valid_on" and (typed := self.valid_on(node)) is not None:
            self.types[name] = MAYBE_ANY
            for argument in node.arguments:
                self.types.get(argument) or self.infer(argument)
            return typed
        return self.call_unknown(node, name, value)

    def value_named(self, name: str) -> Typed | None:
        """Return the type of the variable *name*, if there is one."""
        for frame in reversed(self.frames):
            if (local := frame.names.get(name)) is not None:
                return local.typed
        return self.scope.names.get(name)

    def only_value(self, name: str, value: Typed) -> bool:
        """Return whether a value that may be a function is the only thing of its name."""
        return value.type is ANY and name not in self.scope.decisions and name not in SIGNATURES

    def call_unknown(self, node: Call, name: Name, value: Typed | None) -> Typed:
        """Say that nothing of this name can be called."""
        for argument in node.arguments:
            self.infer(argument)
        self.types[name] = MAYBE_ANY
        if value is not None:
            self.report(NOT_A_FUNCTION, name, found=named(value.type))
        elif self.strict and not self.enough:
            known = [*SIGNATURES, *self.scope.decisions]
            near = nearest(name.name, known)
            hint = write(CALLS[name.name]) if name.name in CALLS else did_you_mean(f"`{near}`") if near else NOTHING
            self.report(UNKNOWN_FUNCTION, name, name=name.name, hint=hint)
        return MAYBE_ANY

    def call_value(self, node: Call, function: Typed) -> Typed:
        """Return the type of a call of a value."""
        self.calls[node] = "value"
        if isinstance(function.type, FunctionType):
            return self.call_function(node, function.type, self.words(node.function))
        for argument in node.arguments:
            self.infer(argument)
        if function.type not in (ANY, NULL):
            self.report(NOT_A_FUNCTION, node.function, found=named(function.type))
        return MAYBE_ANY

    # functions with a type of their own

    def call_function(self, node: Call, function: FunctionType, name: str) -> Typed:
        """Check a call against a function type, by order or by name."""
        found = [self.infer(argument) for argument in node.arguments]
        if len(found) != len(function.parameters) and (function.parameters or self.calls[node] == "decision"):
            shape = f"{name}({', '.join(parameter for parameter, _ in function.parameters)})"
            self.count_problem(node, name, len(function.parameters), len(function.parameters), shape)
            return Typed(function.result.type, True)
        names = node.names or tuple(parameter for parameter, _ in function.parameters)
        wanted = dict(function.parameters)
        fine = True
        for at, (argument, typed, parameter) in enumerate(zip(node.arguments, found, names, strict=False)):
            if parameter not in wanted:
                self.parameter_problem(node, at, name, [p for p, _ in function.parameters])
                fine = False
            else:
                type_ = wanted[parameter].type
                fine = self.argument(argument, typed, (type_,), parameter, name) and fine
                fine = fine and (typed.type is not ANY or type_ is ANY)
        places = self.places_of(*node.arguments)
        self.place(node, (place for place in places if place[1] in records_in(function.result.type)))
        return function.result if fine else Typed(function.result.type, True)

    def argument(self, node: Node, typed: Typed, wanted: tuple[AnyType, ...], parameter: str, function: str) -> bool:
        """Check one argument; return whether it fits."""
        for type_ in wanted:
            if isinstance(type_, OptionType):
                self.check_options(node, type_)
        if self.suits(typed.type, wanted):
            return True
        if wanted == (BOOLEAN,):
            self.report(NOT_A_CONDITION, node, found=named(typed.type), hint=self._condition_hint(node, typed.type))
            return False
        self.report(
            WRONG_ARGUMENT,
            node,
            parameter=parameter,
            function=function,
            wanted=named_any(wanted),
            found=named(typed.type),
            hint=self.argument_hint(node, typed.type, wanted),
        )
        return False

    def suits(self, found: AnyType, wanted: tuple[AnyType, ...]) -> bool:
        """Return whether an argument fits; outside the house a single value also counts as a list of one."""
        if any(fits(found, type_) for type_ in wanted):
            return True
        lists = [type_.element.type for type_ in wanted if isinstance(type_, ListType)]
        return not self.strict and any(fits(found, element) for element in lists)

    def argument_hint(self, node: Node, found: AnyType, wanted: tuple[AnyType, ...]) -> Text:
        """Return how to make an argument fit."""
        text = self.words(node)
        if isinstance(node, Literal) and isinstance(node.value, str):
            return self.literal_hint(node.value, text, wanted)
        if isinstance(found, ListType) and isinstance(found.element.type, RecordType):
            inner = [type_.element for type_ in wanted if isinstance(type_, ListType)]
            name = self.like_field(found.element.type, inner[0]) if inner else None
            return such_as(f"{text}.{name}") if name else NOTHING
        if STRING in wanted and found in (NUMBER, DATE, TIME, DATE_TIME):
            return write(f"string({text})")
        if NUMBER in wanted and found is STRING:
            return write(f"number({text})")
        elements = [type_.element.type for type_ in wanted if isinstance(type_, ListType)]
        if elements and isinstance(node, Interval) and node.low is not None and node.high is not None:
            return write(f"for i in {self.words(node.low)}..{self.words(node.high)} return i")
        if not isinstance(found, ListType) and any(fits(found, element) for element in elements):
            return write(f"[{text}]")
        return NOTHING

    def literal_hint(self, value: str, text: str, wanted: tuple[AnyType, ...]) -> Text:
        """Return how a text becomes the wanted value, if it can."""
        if NUMBER in wanted and is_number(value):
            return write(value)
        for type_, name in ((DATE, "date"), (TIME, "time"), (DATE_TIME, "date and time")):
            if type_ in wanted and _LITERALS[name](value) is not None:
                return write(f"{name}({text})")
        return NOTHING

    # built-in functions

    def call_builtin(self, node: Call, name: str) -> Typed:
        """Check a call of a built-in function against its forms."""
        found = self.arguments(node, name)
        forms = [form for form in SIGNATURES[name] if self.takes(form, node)]
        if not forms:
            self.no_form(node, name)
            return MAYBE_ANY
        for form in forms:
            matched = self.matched(form, node, found)
            if all(self.suits(typed.type, parameter.types) for parameter, _, typed in matched):
                return self.result(node, form, matched)
        for parameter, argument, typed in self.matched(forms[0], node, found):
            wanted = self.wanted(forms, node, found, argument) or parameter.types
            self.argument(argument, typed, wanted, parameter.name, name)
        return MAYBE_ANY

    def arguments(self, node: Call, name: str) -> list[Typed]:
        """Return the types of the arguments; parameters of functions for ``sort`` are elements of the list."""
        lambdas = [argument for argument in node.arguments if isinstance(argument, Lambda)]
        if lambdas:
            others = [argument for argument in node.arguments if not isinstance(argument, Lambda)]
            typed = self.infer(others[0]) if others else MAYBE_ANY
            for function in lambdas:
                element = typed.type.element if isinstance(typed.type, ListType) else MAYBE_ANY
                self.offered[function] = element
                self.place(function, self.places_of(*others))
        return [self.types.get(argument) or self.infer(argument) for argument in node.arguments]

    def takes(self, form: Signature, node: Call) -> bool:
        """Return whether *form* takes as many arguments, of these names."""
        if node.names is not None:
            names = {parameter.name: parameter for parameter in form.parameters}
            needed = {name for name, parameter in names.items() if not parameter.optional}
            return needed <= set(node.names) <= set(names) and len(set(node.names)) == len(node.names)
        count = len(node.arguments)
        return form.least <= count and (form.most is None or count <= form.most)

    def matched(self, form: Signature, node: Call, found: Sequence[Typed]) -> list[tuple[Parameter, Node, Typed]]:
        """Return every argument with its parameter."""
        if node.names is not None:
            by_name = {parameter.name: parameter for parameter in form.parameters}
            order = [by_name[name] for name in node.names]
        else:
            rest = len(node.arguments) - len(form.parameters)
            order = [*form.parameters, *([form.parameters[-1]] * rest if form.parameters else [])]
        return list(zip(order, node.arguments, found, strict=False))

    def wanted(self, forms: list[Signature], node: Call, found: list[Typed], at: Node) -> tuple[AnyType, ...]:
        """Return all types that any of the forms takes in the place of an argument."""
        types: dict[AnyType, None] = {}
        for form in forms:
            for parameter, argument, _ in self.matched(form, node, found):
                if argument is at:
                    types.update(dict.fromkeys(parameter.types))
        return tuple(types)

    def result(self, node: Call, form: Signature, matched: list[tuple[Parameter, Node, Typed]]) -> Typed:
        """Return the type of a call that fits *form*."""
        found = [typed for _, _, typed in matched]
        nullable = any(typed.nullable and not parameter.takes_null for parameter, _, typed in matched)
        vague = any(typed.type is ANY and ANY not in parameter.types for parameter, _, typed in matched)
        if form.name in _LITERALS and len(matched) == 1 and (literal := self.literal(node, form, matched[0][1])):
            return literal
        if form.name == "duration":
            return Typed(plain_duration(found[0].type), True)
        type_ = self.result_type(form, found)
        self.place(node, self.places_of(*node.arguments) if records_in(type_) else ())
        return Typed(type_, nullable or vague or not form.total)

    def literal(self, node: Call, form: Signature, argument: Node) -> Typed | None:
        """Return the type of ``date("2026-11-21")`` and its kind, having read the text."""
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            return None
        value = _LITERALS[form.name](argument.value)
        if value is None and form.name == "date and time":
            value = read_date(argument.value)
        if value is None and form.name == "date":
            value = read_moment(argument.value)
        if value is None:
            self.report(BAD_LITERAL, argument, found=argument.value)
            return Typed(form.result if form.name != "duration" else ANY, True)
        if form.name == "duration":
            return Typed(YEARS_MONTHS if isinstance(value, Months) else DAYS_TIME, False)
        return Typed(form.result, False)

    def result_type(self, form: Signature, found: list[Typed]) -> AnyType:
        """Return the type that *form* makes of these arguments."""
        rule = form.rule
        if rule == "fixed" or not found:
            return form.result
        elements = [typed.type.element if isinstance(typed.type, ListType) else typed for typed in found]
        if rule == "first":
            return found[0].type
        if rule == "element":
            return (elements[0] if len(found) == 1 else common(found)).type
        if rule == "modes":
            return form.result
        if rule == "joined":
            return ListType(common(elements))
        if rule == "flat":
            return ListType(_innermost(found[0]))
        if form.name in ("append", "insert before", "list replace"):
            return ListType(common([elements[0], *(found[1:] if form.name == "append" else found[-1:])]))
        return ListType(elements[0])

    # problems of calls

    def no_form(self, node: Call, name: str) -> None:
        """Say why no form of a built-in function takes the arguments."""
        forms = SIGNATURES[name]
        if node.names is not None:
            known = list(dict.fromkeys(p.name for form in forms for p in form.parameters))
            wrong = [at for at, given in enumerate(node.names) if given not in known]
            if wrong:
                self.parameter_problem(node, wrong[0], name, known)
                return
        least = min(form.least for form in forms)
        counts = [form.most for form in forms]
        most = None if None in counts else max(count for count in counts if count is not None)
        best = min(forms, key=lambda form: (abs(form.least - len(node.arguments)), -len(form.parameters)))
        self.count_problem(node, name, least, most, str(best))

    def count_problem(self, node: Call, name: str, least: int, most: int | None, shape: str) -> None:
        """Say how many arguments a function takes."""
        self.report(
            ARGUMENT_COUNT, node, function=name, wanted=_count(least, most), found=str(len(node.arguments)), shape=shape
        )

    def parameter_problem(self, node: Call, at: int, name: str, known: list[str]) -> None:
        """Say that a function has no parameter of the given name."""
        given = (node.names or ())[at]
        argument = node.arguments[at]
        start = self.fragment.text.rfind(":", node.start, argument.start)
        first = max(self.fragment.text.rfind(given, node.start, max(start, 0)), node.start)
        near = nearest(given, known)
        hint = (
            did_you_mean(f"`{near}`")
            if near
            else both((f"parameters: {', '.join(known)}", f"Parameter: {', '.join(known)}"))
        )
        self.report_at(UNKNOWN_PARAMETER, first, max(start, first + 1), function=name, name=given, hint=hint)

    # function literals and names of types

    def function(self, node: Lambda) -> Typed:
        """Return the type of a function literal."""
        offered = self.offered.get(node, MAYBE_ANY)
        parameters = [(name, self.type_of(type_) if type_ else offered) for name, type_ in node.parameters]
        if node.external:
            self.report(EXTERNAL_FUNCTION, node)
        places = self.places_of(node)
        with self.names(
            {name: Local(typed, places if records_in(typed.type) else frozenset()) for name, typed in parameters}
        ):
            result = self.infer(node.body)
        if node.external:
            result = MAYBE_ANY
        return Typed(FunctionType(tuple(parameters), result), False)

    def type_of(self, node: TypeName) -> Typed:
        """Return the type that is meant by a name; say if there is none."""
        typed = Typed(self._type_of(node), True)
        self.types[node] = typed
        return typed

    def _type_of(self, node: TypeName) -> AnyType:
        arguments = tuple((name, self.type_of(argument)) for name, argument in node.arguments)
        result = self.type_of(node.result).type if node.result else ANY
        found = made_type(node.name, arguments, result, self.scope.types)
        if found is not None:
            return found
        self.unknown_type(node)
        return ANY

    def unknown_type(self, node: TypeName) -> None:
        if self.strict:
            near = _TEXT_TYPES.get(node.name) or nearest(node.name, [*BY_NAME, *self.scope.types, "list", "context"])
            hint = did_you_mean(f"`{near}`") if near else NOTHING
            self.report(UNKNOWN_TYPE, node, name=node.name, hint=hint)


def plain_duration(type_: AnyType) -> AnyType:
    """Return the type of ``duration(x)`` for an argument of the type: only a duration says which kind it is."""
    return type_ if type_ in (YEARS_MONTHS, DAYS_TIME) else ANY


def _innermost(typed: Typed) -> Typed:
    while isinstance(typed.type, ListType):
        typed = typed.type.element
    return typed


def _count(least: int, most: int | None) -> Text:
    if most is None:
        return both(
            (f"at least {least} argument{'s' * (least != 1)}", f"mindestens {least} Argument{'e' * (least != 1)}")
        )
    if least == most:
        words: Mapping[int, tuple[str, str]] = {
            0: ("no argument", "kein Argument"),
            1: ("one argument", "ein Argument"),
        }
        return both(words.get(least, (f"{least} arguments", f"{least} Argumente")))
    return both((f"{least} to {most} arguments", f"{least} bis {most} Argumente"))
