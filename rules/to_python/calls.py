"""Generating calls, functions, lists and contexts."""

from __future__ import annotations

import ast

from fachwerk.rules.functions import BUILTINS
from fachwerk.rules.functions.calling import Builtin, Form
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.signatures import Parameter
from fachwerk.rules.to_python import runtime
from fachwerk.rules.to_python.base import Local, plain
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.to_python.inlined import INLINED
from fachwerk.rules.to_python.loops import Loops
from fachwerk.rules.to_python.named_types import named_type
from fachwerk.rules.tree import Call, ContextOf, Lambda, ListOf, Name, Node
from fachwerk.rules.types import (
    ANY,
    DATE,
    DATE_TIME,
    NULL,
    AnyType,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    RecordType,
    Typed,
)
from fachwerk.rules.values.limits import Exhausted
from fachwerk.rules.values.numbers import feel_numbers
from fachwerk.rules.values.ranges import Function
from fachwerk.rules.walk import walk

_CLOCKS = {"now": DATE_TIME, "today": DATE}


class Calls(Loops):
    """Generates calls, functions, lists and contexts."""

    # calls

    def called(self, node: Call) -> Code:
        """Return ``function(arguments)``."""
        if isinstance(node.function, Name) and not self.shadowed(node.function.name):
            name = node.function.name
            if name in self.environment.decisions:
                return self._decision(name, node)
            if name in BUILTINS:
                return self._builtin(BUILTINS[name], node)
        function = self.value(node.function)
        arguments = self.tuple_of(*(self.value(argument).expr for argument in node.arguments))
        self.needs.run = True
        names = self.constant(node.names)
        return Code(
            self.call(runtime.call_value, function.expr, arguments, names, self.site(node)),
            self.type_of(node),
        )

    def _decision(self, name: str, node: Call) -> Code:
        """Call a decision: it takes its parameters in their order."""
        declared = self.scope.decisions.get(name)
        function = self.environment.decisions[name]
        arguments = [self.value(argument) for argument in node.arguments]
        if declared is None or (node.names is None and len(arguments) == len(declared.parameters)):
            ordered = [argument.expr for argument in arguments]
        else:
            given = dict(zip(node.names or (), arguments, strict=False))
            none = Code(self.constant(None))
            ordered = [given.get(parameter, none).expr for parameter, _ in declared.parameters]
        self.needs.failing = True
        self.counting()
        if self.quick:
            return Code(self.call(function, *ordered), self.type_of(node))
        return Code(self.call(runtime.call_decision, self.constant(function), *ordered))

    def _builtin(self, builtin: Builtin, node: Call) -> Code:
        if builtin.name in _CLOCKS and not node.arguments and self.record:
            return Code(self.attribute(self.name("ctx"), builtin.name), _CLOCKS[builtin.name], nullable=False)
        arguments = [self.value(argument) for argument in node.arguments]
        folded = self._folded(builtin, node, arguments)
        if folded is not None:
            return folded
        form = self._form(builtin, node, arguments) if self.quick else None
        if form is not None:
            return self._direct(builtin, form, node, arguments)
        values = self.tuple_of(*(argument.expr for argument in arguments))
        flag = self.constant(self.exact)
        self.counting()
        made = self.call(
            runtime.call_builtin,
            self.constant(builtin),
            values,
            self.constant(node.names),
            flag,
            self.site(node),
        )
        return Code(made, self.type_of(node))

    def _folded(self, builtin: Builtin, node: Call, arguments: list[Code]) -> Code | None:
        """Call a function of constants here and now."""
        known = [self.known(argument) for argument in arguments]
        if builtin.name in _CLOCKS or not known or not all(found for found, _ in known):
            return None
        try:
            with feel_numbers():
                value = builtin([value for _, value in known], node.names)
        except (Mistake, Exhausted):
            return None
        if value is None or isinstance(value, list | dict):
            return None
        return Code(self.constant(value), self.type_of(node), nullable=False)

    def _form(self, builtin: Builtin, node: Call, arguments: list[Code]) -> Form | None:
        """Return the form that fits by the types of the arguments, whatever their values."""
        if node.names is not None:
            return None
        for form in builtin.forms:
            signature = form.signature
            most = signature.most
            if len(arguments) < signature.least or (most is not None and len(arguments) > most):
                continue
            pairs = [(argument.type, parameter_at(form, index)) for index, argument in enumerate(arguments)]
            if all(_fits(type_, parameter) for type_, parameter in pairs):
                return form
            if all(_may_fit(type_, parameter) for type_, parameter in pairs):
                return None
        return None

    def _direct(self, builtin: Builtin, form: Form, node: Call, arguments: list[Code]) -> Code:
        """Call the function itself, null where an argument is null that must not be."""
        type_ = self.type_of(node)
        inline = INLINED.get(builtin.name)
        if inline is not None:
            made = inline(self, arguments, type_)
            if made is not None:
                return made
        self.needs.failing = self.needs.failing or not form.signature.total
        self.counting()
        keywords = {"same": self.constant(runtime.exactly)} if form.compares and self.exact else {}
        checked = [
            Code(argument.expr, argument.type, argument.nullable and not parameter_at(form, index).takes_null)
            for index, argument in enumerate(arguments)
        ]
        if self.loops:
            keywords["function"] = self.constant(form.call)
        function = self.constant(runtime.charged if self.loops else form.call)
        made = self.guarded(checked, lambda uses: self.call_of(function, uses, keywords), type_)
        return Code(made.expr, type_, made.nullable or not form.signature.total, guard=None)

    # functions

    def function_value(self, node: Lambda) -> Code:
        """Return ``function(parameters) body``."""
        self.needs.run = True
        if node.external:
            self.statement(
                self.call(
                    runtime.refused,
                    self.constant("external functions are not called"),
                    self.constant("externe Funktionen werden nicht aufgerufen"),
                    self.site(node),
                )
            )
            return Code(self.constant(None))
        types = [
            None if type_ is None else named_type(type_, self.scope.types) for _, type_ in node.parameters
        ]
        names = tuple(name for name, _ in node.parameters)
        locals_ = [Local(self.fresh("v"), (type_ or ANY) if self.quick else ANY) for type_ in types]
        with self.frame(dict(zip(names, locals_, strict=True))), self.looping(), self.inside() as body:
            self.give(self.value(node.body).expr)
        made = self._closed([local.variable for local in locals_], body)
        return Code(
            self.call(Function, made, self.constant(names), self.constant(tuple(types))), nullable=False
        )

    def _closed(self, parameters: list[str], body: list[ast.stmt]) -> ast.expr:
        """Return a function whose variables from outside are bound now, not when it is called."""
        name = self.fresh("f")
        inner = self.function(name, parameters, body)
        outside = _outside(inner)
        if not outside:
            self.block.append(inner)
            return self.name(name)
        factory = self.fresh("f")
        with self.inside() as making:
            self.block.append(inner)
            self.give(self.name(name))
        self.block.append(self.function(factory, outside, making))
        return self.call_of(self.name(factory), [self.name(variable) for variable in outside])

    # lists and contexts

    def list_value(self, node: ListOf) -> Code:
        """Return ``[a, b]``."""
        codes = [self.value(item) for item in node.items]
        return Code(
            self.list_of([code.expr for code in codes]), _list_type(self.type_of(node), codes), nullable=False
        )

    def context_value(self, node: ContextOf) -> Code:
        """Return ``{a: 1, b: a + 1}``: an entry that a later one names becomes a variable."""
        seen: dict[str, Local] = {}
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        entries: list[tuple[str, Typed]] = []
        for index, (name, entry) in enumerate(node.entries):
            with self.frame(dict(seen)):
                code = self.value(entry)
            expr = code.expr
            if any(_mentions(later, name) for _, later in node.entries[index + 1 :]):
                expr = self.settled(expr)
                if not isinstance(expr, ast.Name):
                    variable = self.fresh()
                    self.assign(variable, expr)
                    expr = self.name(variable)
                seen[name] = Local(expr.id, code.type if self.quick else ANY, code.nullable)
            keys.append(self.constant(name))
            values.append(expr)
            entries.append((name, Typed(code.type, code.nullable)))
        type_ = ContextType(tuple(entries)) if self.quick else ANY
        return Code(ast.Dict(keys, values, **self.here), type_, nullable=False)


def parameter_at(form: Form, index: int) -> Parameter:
    """Return the parameter that the argument at *index* goes to."""
    return form.signature.parameters[min(index, len(form.signature.parameters) - 1)]


def _list_type(found: AnyType, codes: list[Code]) -> AnyType:
    if isinstance(found, ListType):
        return ListType(Typed(found.element.type, any(code.nullable for code in codes)))
    return found


def _mentions(node: Node, name: str) -> bool:
    return any(isinstance(part, Name) and part.name == name for part in walk(node))


def _outside(function: ast.FunctionDef) -> list[str]:
    """Return the variables that *function* reads and does not set: of loops, parameters and steps around it."""
    parts = list(ast.walk(function))
    read = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    own = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own |= {part.arg for part in parts if isinstance(part, ast.arg)}
    return sorted(name for name in read - own if name[0] in "tv" and name[1:].isdigit())


def _fits(type_: AnyType, parameter: Parameter) -> bool:
    """Whether every non-null value of *type_* goes to *parameter* as it is."""
    found = plain(type_)
    for wanted in parameter.types:
        if wanted is ANY or found is wanted:
            return True
        if isinstance(wanted, ListType) and isinstance(found, ListType):
            element = wanted.element.type
            return (
                element is ANY
                or plain(found.element.type) is element
                or _both_contexts(found.element.type, element)
            )
        if isinstance(wanted, RangeType) and isinstance(found, RangeType):
            return True
        if _both_contexts(found, wanted) or (
            isinstance(wanted, FunctionType) and isinstance(found, FunctionType)
        ):
            return True
    return False


def _may_fit(type_: AnyType, parameter: Parameter) -> bool:
    """Whether some value of *type_* goes to *parameter*, perhaps converted."""
    takes_list = any(isinstance(wanted, ListType) for wanted in parameter.types)
    if type_ in (ANY, NULL) or _fits(type_, parameter) or isinstance(type_, ListType) or takes_list:
        return True
    return type_ is DATE and DATE_TIME in parameter.types


def _both_contexts(found: AnyType, wanted: AnyType) -> bool:
    return isinstance(found, ContextType | RecordType) and isinstance(wanted, ContextType)
