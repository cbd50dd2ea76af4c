"""A set of DMN files as decisions that can be asked: the entry of this package.

models, problems = load_models({"fee.dmn": data})
models.decide("Fee", {"Amount": Decimal(100)}).value
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fachwerk.problems import Problems, Refused, Span, nearest
from fachwerk.rules.dmn import model as dmn
from fachwerk.rules.dmn.link import Links, circles
from fachwerk.rules.dmn.read import read_model
from fachwerk.rules.dmn.units import State, Unit
from fachwerk.rules.functions.calling import invoke
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.names import normal
from fachwerk.rules.to_python import Environment
from fachwerk.rules.types import ANY, FunctionType, Typed
from fachwerk.rules.values.kinds import to_value
from fachwerk.rules.values.limits import Exhausted, Failure, evaluation

NOT_EVALUABLE = "not-evaluable"
"""The code of the refusal of a decision that has problems."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a decision, and what went wrong on the way where it is null."""

    value: object
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An element that can be asked, and the compiled file that it is in."""

    unit: Unit
    element: dmn.Element


class Models:
    """Compiled DMN files. Elements are found by name; where two have the same, *model* (file or model) decides."""

    def __init__(self, units: Mapping[str, Unit], loops: frozenset[dmn.Element] = frozenset()) -> None:
        self._units = units
        self._by_name: dict[str, list[Found]] = {}
        for found in self._all():
            self._by_name.setdefault(found.element.variable.name, []).append(found)
        self._broken = _broken(units, loops)

    def names(self) -> tuple[str, ...]:
        """Return the names of everything that can be asked: decisions, services and knowledge models."""
        return tuple(found.element.variable.name for found in self._all())

    def _all(self) -> Iterator[Found]:
        for unit in self._units.values():
            for element in unit.model.elements:
                if not isinstance(element, dmn.InputData):
                    yield Found(unit, element)

    def decide(
        self, name: str, inputs: Mapping[str, object], *, model: str | None = None, node: str | None = None
    ) -> Outcome:
        """Return the result of the decision, service or knowledge model *name* for *inputs* by name.

        *node* names one output decision of a service. Raises ``Refused`` where there is no such element, or where
        it (or what it requires) could not be read.
        """
        found = self._find(name, model)
        self._check(found)
        failures: list[Failure] = []
        with evaluation(failures=failures):
            try:
                value = self._evaluate(found, {key: to_value(given) for key, given in inputs.items()}, node)
            except Mistake as mistake:
                failures.append(Failure(mistake.text, found.element.variable.span))
                value = None
            except Exhausted:
                value = None
        return Outcome(value, tuple(failures))

    def _evaluate(self, found: Found, inputs: Mapping[str, object], node: str | None) -> object:
        unit, element = found.unit, found.element
        if isinstance(element, dmn.Decision):
            return unit.value(State(inputs), (), element)
        function = unit.function(element)
        names = function.names or ()
        if isinstance(element, dmn.Service):
            return self._serve(found, inputs, node)
        return invoke(function, [inputs.get(name) for name in names])

    def _serve(self, found: Found, inputs: Mapping[str, object], node: str | None) -> object:
        part = found.unit.parts[found.element.id]
        assert isinstance(part.element, dmn.Service)
        parameters = part.needs[len(part.needs) - len(part.element.parameters) :]
        values = {}
        for need in parameters:
            convert = need.unit.parts[need.element.id].convert
            value = inputs.get(need.name)
            values[need.name] = value if convert is None else convert(value)
        result = found.unit.serve(part, values)
        if node is not None and node != part.element.variable.name and len(result) != 1:
            return result.get(node)
        single = next(iter(result.values())) if len(result) == 1 else result
        return single if part.convert is None else part.convert(single)

    def signature(self, name: str, *, model: str | None = None) -> FunctionType:
        """Return the parameters (the inputs that it needs, also through others) and the result of *name*."""
        found = self._find(name, model)
        inputs = self._inputs(found)
        parameters = tuple((label, unit.typed(element)) for label, (unit, element) in inputs.items())
        shape = found.unit.shape_of(found.element)
        result = shape.result.type if shape.result else ANY if shape.function else shape.type
        return FunctionType(parameters, Typed(result))

    def function(self, name: str, *, model: str | None = None) -> Callable[..., object]:
        """Return *name* as a plain function of the parameters of its signature; use within an evaluation."""
        found = self._find(name, model)
        self._check(found)
        if not isinstance(found.element, dmn.Decision):
            return found.unit.function(found.element).call
        labels = tuple(self._inputs(found))
        unit, element = found.unit, found.element
        return lambda *values: unit.value(State(dict(zip(labels, values, strict=True))), (), element)

    def span(self, name: str) -> Span:
        """Return where the element *name* stands."""
        return self._find(name, None).element.variable.span

    def signatures(self) -> dict[str, FunctionType]:
        """Return what rules may call by name: every decision, service and knowledge model without problems."""
        return {
            name: self.signature(name) for name, found in self._by_name.items() if found[0].element not in self._broken
        }

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return the same as plain functions, for the environment in which rules are compiled."""
        return {name: self.function(name) for name in self.signatures()}

    def _inputs(self, found: Found) -> dict[str, tuple[Unit, dmn.Element]]:
        """Return the inputs of *found* by name: of a decision all input data below it, else its parameters."""
        part = found.unit.parts[found.element.id]
        if isinstance(found.element, dmn.Service):
            needs = part.needs[len(part.needs) - len(found.element.parameters) :]
            return {need.name: (need.unit, need.element) for need in needs}
        if isinstance(found.element, dmn.Knowledge):
            parameters = found.element.function.parameters if found.element.function else ()
            return {p.name: (found.unit, dmn.InputData(p.name, p)) for p in parameters}
        inputs: dict[str, tuple[Unit, dmn.Element]] = {}
        for below, path in self._below(found):
            if isinstance(below.element, dmn.InputData):
                inputs[".".join((*path, below.element.variable.name))] = (below.unit, below.element)
        return inputs

    def _below(self, found: Found) -> Iterator[tuple[Found, tuple[str, ...]]]:
        """Yield *found* and everything that it requires, each with the imports that lead there."""
        left: list[tuple[Found, tuple[str, ...]]] = [(found, ())]
        seen = set()
        while left:
            here, path = left.pop(0)
            if (path, here.element.id) in seen:
                continue
            seen.add((path, here.element.id))
            yield here, path
            for need in here.unit.parts[here.element.id].needs:
                left.append((Found(need.unit, need.element), need.path(path)))

    def _check(self, found: Found) -> None:
        name = self._broken.get(found.element)
        if name is not None:
            raise Refused(
                NOT_EVALUABLE,
                {
                    "en": f"`{name}` has problems and is not evaluated",
                    "de": f"`{name}` hat Probleme und wird nicht ausgewertet",
                },
            )

    def _find(self, name: str, model: str | None) -> Found:
        wanted = normal(name)
        for found in self._by_name.get(wanted, ()):
            if model is None or model in (found.unit.model.file, found.unit.model.name):
                return found
        near = nearest(wanted, self.names())
        more = (f"; did you mean `{near}`?", f"; gemeint `{near}`?") if near else ("", "")
        message = {
            "en": f"there is no decision `{name}`{more[0]}",
            "de": f"eine Entscheidung `{name}` gibt es nicht{more[1]}",
        }
        raise Refused("unknown-decision", message, status=404)


def _broken(units: Mapping[str, Unit], loops: frozenset[dmn.Element]) -> dict[dmn.Element, str]:
    """Return the elements that cannot be evaluated, with the name of the one that keeps them from it."""
    above: dict[dmn.Element, list[dmn.Element]] = {}
    broken: dict[dmn.Element, str] = {}
    for unit in units.values():
        for element in unit.model.elements:
            part = unit.parts[element.id]
            if part.broken or part.element is not element or element in loops:
                broken[element] = element.variable.name
            for need in part.needs:
                above.setdefault(need.element, []).append(element)
    left = list(broken)
    while left:
        element = left.pop()
        for user in above.get(element, ()):
            if user not in broken:
                broken[user] = broken[element]
                left.append(user)
    return broken


def load_models(files: Mapping[str, bytes]) -> tuple[Models, Problems]:
    """Return the models in *files* (by name), compiled, and everything that is wrong with them.

    Elements with problems are refused when asked; the others work.
    """
    problems = Problems()
    read = [read_model(name, data, problems) for name, data in files.items()]
    links = Links([model for model in read if model], problems)
    environment = Environment()
    units = {namespace: Unit(model, environment, problems) for namespace, model in links.models.items()}
    for namespace in _imported_first(links):
        unit = units[namespace]
        unit.prepare({name: units[other.namespace] for name, other in links.imported(unit.model)})
    for unit in units.values():
        unit.compile(links, units)
    edges = {
        part.element: [need.element for need in part.needs if isinstance(need.element, dmn.Decision)]
        for unit in units.values()
        for part in unit.parts.values()
        if isinstance(part.element, dmn.Decision)
    }
    loops = frozenset(element for circle in circles(edges) for element in circle)
    return Models(units, loops), problems


def _imported_first(links: Links) -> list[str]:
    """Return the namespaces so that each comes after those that it imports (a circle is a problem already)."""
    order: list[str] = []
    left = [(model, False) for model in links.models.values()]
    seen: set[str] = set()
    while left:
        model, ready = left.pop()
        if ready:
            order.append(model.namespace)
        elif model.namespace not in seen:
            seen.add(model.namespace)
            left.append((model, True))
            left += [(other, False) for _, other in links.imported(model) if other.namespace not in seen]
    return order
