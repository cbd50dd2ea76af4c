"""From a checked rule to a Python function.

A function made here has a *quick* body that trusts the types of the checker. Whatever goes wrong in it (a
division by zero, a field that was not loaded, a number too large) makes it start again in its *careful* form,
which gives null where the rule language does and notes why; that form is generated when it is first needed.
No text is ever handed to Python's compiler: the tree is built node by node, each with its place in the
author's file, so that a traceback shows the rule.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextvars import Token
from decimal import getcontext, setcontext
from types import CodeType, FunctionType
from typing import cast

from fachwerk.problems import Fragment, Text
from fachwerk.rules.check import Checked
from fachwerk.rules.to_python.base import Local, Needs
from fachwerk.rules.to_python.environment import Context, Environment
from fachwerk.rules.to_python.generator import Generator
from fachwerk.rules.types import ANY, Typed
from fachwerk.rules.values.limits import Exhausted, Failure, Run, begin, current_run, end
from fachwerk.rules.values.numbers import CONTEXT

Rule = Callable[..., object]
_TOO_COMPLEX = (SyntaxError, RecursionError, MemoryError, OverflowError)
_TOO_MUCH: Text = {
    "en": "this takes too long or too much memory",
    "de": "das dauert zu lange oder braucht zu viel Speicher",
}


def compile_rule(checked: Checked, parameters: Sequence[str], *, environment: Environment) -> Rule:
    """Return the rule as a function of *parameters*, in their order.

    The clock, the allowance of steps and the list for failures come from ``values.evaluation``, where one was
    begun.
    """
    return _Compiler(checked, environment, tuple(parameters), record=False).rule()


def compile_record_rule(
    checked: Checked, environment: Environment
) -> Callable[[dict[str, object], Context], object]:
    """Return the rule as a function of a record and a :class:`Context`."""
    return _Compiler(checked, environment, (), record=True).rule()


class _Compiler:
    """Makes the functions of one rule."""

    def __init__(
        self, checked: Checked, environment: Environment, parameters: tuple[str, ...], *, record: bool
    ) -> None:
        self.checked = checked
        self.environment = environment
        self.parameters = parameters
        self.record = record
        self.variables = ["record", "ctx"] if record else [f"p{index}" for index in range(len(parameters))]

    def rule(self) -> Rule:
        """Return the function that others call."""
        careful = _Careful(self)
        if not self.checked.scope.strict:
            return careful
        try:
            function, needs = self.function(quick=True, careful=careful)
        except _TOO_COMPLEX:
            return careful
        return _Bounded(function, careful, record=self.record) if needs.run else function

    def function(self, *, quick: bool, careful: Rule | None = None) -> tuple[Rule, Needs]:
        """Return the rule in one of its forms; the quick one falls back on *careful*."""
        generator = Generator(self.checked, self.environment, quick=quick, record=self.record)
        switch = _Switch()
        with generator.at(self.checked.node), generator.inside() as body:
            with generator.frame(self._locals(quick=quick)):
                result = generator.value(self.checked.node)
            generator.give(result.expr)
            if careful is not None:
                body = _with_fallback(generator, body, careful, switch, self.variables)
            module = ast.Module([generator.function("rule", self.variables, body)], [])
        switch.function = _made(module, self.checked.fragment, generator.constants)
        return switch.function, generator.needs

    def _locals(self, *, quick: bool) -> dict[str, Local]:
        names = self.checked.scope.names
        typed = {name: names.get(name, Typed(ANY)) if quick else Typed(ANY) for name in self.parameters}
        return {
            name: Local(variable, typed[name].type, typed[name].nullable)
            for name, variable in zip(self.parameters, self.variables, strict=not self.record)
        }


def _with_fallback(
    generator: Generator, body: list[ast.stmt], careful: Rule, switch: _Switch, variables: list[str]
) -> list[ast.stmt]:
    """Put around a quick body what it needs: another decimal context, somebody who asks for failures, an
    error.
    """
    arguments = [*map(generator.name, variables)]
    with generator.inside() as retry:
        generator.give(generator.call(careful, *arguments))
    with generator.inside() as guarded:
        if generator.needs.numbers:
            other = generator.compare(generator.call(getcontext), ast.IsNot(), generator.constant(CONTEXT))
            with generator.inside() as elsewhere:
                generator.give(generator.call(switch, *arguments))
            generator.when(other, elsewhere)
        if generator.needs.failing and generator.record:
            generator.when(
                generator.is_not_none(generator.attribute(generator.name("ctx"), "failures")), retry
            )
        elif generator.needs.failing:
            generator.when(generator.call(_somebody_asks), retry)
        handler = ast.ExceptHandler(generator.constant(Exception), None, retry, **generator.here)
        guarded.append(ast.Try(body, [handler], [], [], **generator.here))
    return guarded


def _somebody_asks() -> bool:
    run = current_run()
    return run is not None and run.failures is not None


def _made(module: ast.Module, fragment: Fragment, constants: dict[str, object]) -> Rule:
    """Turn the tree into a function that sees nothing but *constants*: no built-in name of Python, no
    module.
    """
    code = compile(module, fragment.source.name, "exec", dont_inherit=True)
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return cast(Rule, FunctionType(inner, {**constants, "__builtins__": {}}, "rule"))


class _Switch:
    """A quick rule called again under the rule language's numbers, where another decimal context was set."""

    __slots__ = ("function",)

    function: Rule

    def __call__(self, *arguments: object) -> object:
        before = getcontext()
        setcontext(CONTEXT)
        try:
            return self.function(*arguments)
        finally:
            setcontext(before)


class _Careful:
    """A rule that never raises: it runs under the rule language's numbers and within an allowance."""

    __slots__ = ("__weakref__", "_compiler", "_function", "_record")

    def __init__(self, compiler: _Compiler) -> None:
        self._compiler = compiler
        self._function: Rule | None = None
        self._record = compiler.record

    def __call__(self, *arguments: object) -> object:
        function = self._function
        if function is None:
            function = self._function = self._generated()
        return bounded(function, arguments, self._compiler.checked, record=self._record)

    def _generated(self) -> Rule:
        try:
            return self._compiler.function(quick=False)[0]
        except _TOO_COMPLEX:
            return _refuse


def _refuse(*arguments: object) -> object:
    """Stands for a rule that Python's compiler does not take."""
    raise Exhausted


class _Bounded:
    """A quick rule with loops or functions in it: the same, with its careful form to fall back on."""

    __slots__ = ("_careful", "_quick", "_record")

    def __init__(self, quick: Rule, careful: _Careful, *, record: bool) -> None:
        self._quick = quick
        self._careful = careful
        self._record = record

    def __call__(self, *arguments: object) -> object:
        return bounded(self._quick, arguments, self._careful._compiler.checked, record=self._record)


def bounded(function: Rule, arguments: tuple[object, ...], checked: Checked, *, record: bool) -> object:
    """Call *function* within the evaluation that is going on, or within one of its own.

    The outermost rule of an evaluation is null where the allowance is used up; those within it end with it.
    """
    before = getcontext()
    if before is not CONTEXT:
        setcontext(CONTEXT)
    try:
        run = current_run()
        if run is None:
            return _alone(function, arguments, checked, record=record)
        return function(*arguments) if run.busy else _outermost(run, function, arguments, checked)
    finally:
        if before is not CONTEXT:
            setcontext(before)


def _alone(function: Rule, arguments: tuple[object, ...], checked: Checked, *, record: bool) -> object:
    run = _run_of(cast(Context, arguments[1])) if record else Run()
    token: Token[Run | None] = begin(run)
    try:
        return _outermost(run, function, arguments, checked)
    finally:
        end(token)


def _outermost(run: Run, function: Rule, arguments: tuple[object, ...], checked: Checked) -> object:
    run.busy = True
    try:
        return function(*arguments)
    except (Exhausted, RecursionError, MemoryError):
        if run.failures is not None:
            run.failures.append(Failure(_TOO_MUCH, checked.fragment.span()))
        return None
    finally:
        run.busy = False
        run.depth = 0


def _run_of(context: Context) -> Run:
    return Run(now=context.now, today=context.today, failures=cast("list[Failure] | None", context.failures))
