"""Generating operators: arithmetic, comparison, ``between``, ``if``, ``instance of``, ``under``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from decimal import Decimal

from fachwerk.rules.to_python import runtime
from fachwerk.rules.to_python.base import Base, plain
from fachwerk.rules.to_python.emitter import Code
from fachwerk.rules.to_python.named_types import named_type
from fachwerk.rules.tree import (
    Arithmetic,
    Between,
    Compare,
    If,
    InstanceOf,
    Literal,
    Negate,
    Node,
    Under,
)
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
    RecordType,
)
from fachwerk.rules.values import arithmetic as slow
from fachwerk.rules.values.kinds import KINDS

_ARITHMETIC: Mapping[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "**": ast.Pow,
}
_SLOW = {"+": slow.add, "-": slow.subtract, "*": slow.multiply, "/": slow.divide, "**": slow.power}
COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "=": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
ORDERED = frozenset({NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS})
_EQUAL = ORDERED | {BOOLEAN}
_BY_KIND = {
    type_.name: type_ for type_ in (NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS)
}


class Operators(Base):
    """Generates operators."""

    def literal(self, node: Literal) -> Code:
        """Return a constant."""
        value = node.value
        if value is None:
            return Code(self.constant(None), NULL)
        if isinstance(value, Decimal):
            whole = ast.Constant(int(value), **self.here) if _small(value) else None
            return Code(self.constant(value), NUMBER, nullable=False, whole=whole)
        return Code(self.constant(value), _BY_KIND.get(KINDS.get(type(value), ""), ANY), nullable=False)

    def negate(self, node: Negate) -> Code:
        """Return ``-of``."""
        of = self.value(node.of)
        known, value = self.known(of)
        if known and isinstance(value, Decimal):
            whole = ast.Constant(-int(value), **self.here) if _small(value) else None
            return Code(self.constant(slow.negate(value)), NUMBER, nullable=False, whole=whole)
        if self.quick and of.type is NUMBER:
            self.needs.numbers = True
            return self.guarded([of], lambda uses: ast.UnaryOp(ast.USub(), uses[0], **self.here), NUMBER)
        if self.quick and of.type in (DAYS_TIME, YEARS_MONTHS):
            return Code(self.call(slow.negate, of.expr), of.type, of.nullable)
        return Code(self.call(runtime.negate, of.expr, self.site(node)), self.type_of(node))

    def arithmetic(self, node: Arithmetic) -> Code:
        """Return ``left op right``."""
        left, right = self.value(node.left), self.value(node.right)
        if not self.quick:
            return Code(self.call(runtime.OPERATIONS[node.op], left.expr, right.expr, self.site(node)))
        inline = left.type is right.type is NUMBER or (left.type is right.type is DATE and node.op == "-")
        inline = inline and not (self.loops and node.op == "**")
        inline = inline or (left.type is right.type is STRING and node.op == "+" and not self.loops)
        if not inline:
            self.counting()
            self.needs.failing = True
            return Code(self.call(_SLOW[node.op], left.expr, right.expr), self.type_of(node))
        self.needs.numbers = self.needs.numbers or left.type is NUMBER
        known, divisor = self.known(right)
        self.needs.failing = (
            self.needs.failing or node.op == "**" or (node.op == "/" and not (known and divisor))
        )
        operator = _ARITHMETIC[node.op]()
        type_ = DAYS_TIME if left.type is DATE else left.type
        return self.guarded(
            [left, right], lambda uses: ast.BinOp(uses[0], operator, uses[1], **self.here), type_
        )

    def comparison(self, node: Compare) -> Code:
        """Return ``left op right``."""
        left, right = self.value(node.left), self.value(node.right)
        return self.compared(node.op, left, right, node)

    def compared(self, op: str, left: Code, right: Code, node: Node) -> Code:
        """Return a comparison of two values."""
        operator = COMPARISONS[op]()
        if left.whole is not None and right.whole is not None and not (left.nullable or right.nullable):
            return Code(self.compare(left.whole, operator, right.whole), BOOLEAN, nullable=False)
        if op in ("=", "!="):
            return self._equality(op, left, right, node)
        types = plain(left.type), plain(right.type)
        if self.quick and types[0] is types[1] and types[0] in ORDERED and self._orders(types[0]):
            return self.guarded([left, right], lambda uses: self.compare(uses[0], operator, uses[1]), BOOLEAN)
        return Code(self.call(runtime.ORDERINGS[op], left.expr, right.expr, self.site(node)), BOOLEAN)

    def _orders(self, type_: AnyType) -> bool:
        """Whether Python's own classes compare as the rule language does: times only where none lacks its
        offset.
        """
        return self.exact or type_ not in (TIME, DATE_TIME)

    def _equality(self, op: str, left: Code, right: Code, node: Node) -> Code:
        operator = COMPARISONS[op]()
        for one, other in ((left, right), (right, left)):
            if one.type is NULL:
                check = self.is_none if op == "=" else self.is_not_none
                return Code(check(other.expr), BOOLEAN, nullable=False)
        types = plain(left.type), plain(right.type)
        if self.quick and types[0] is types[1] and types[0] in _EQUAL and self._orders(types[0]):
            return Code(self.compare(left.expr, operator, right.expr), BOOLEAN, nullable=False)
        if self.quick and isinstance(left.type, RecordType) and isinstance(right.type, RecordType):
            expr = self._same_records(left, right)
            return Code(self.inverse(expr) if op == "!=" else expr, BOOLEAN, nullable=False)
        self.counting()
        helper = runtime.is_exactly if self.exact else runtime.is_equal
        found = self.call(helper, left.expr, right.expr, self.site(node))
        return Code(found if op == "=" else self.call(runtime.inverse, found), BOOLEAN)

    def _same_records(self, left: Code, right: Code) -> ast.expr:
        """Compare two links by id; those that may lead to several entities say which."""
        if left.nullable or right.nullable:
            return self.call(runtime.is_same_record, left.expr, right.expr)
        return self.compare(self.item(left.expr, "id"), ast.Eq(), self.item(right.expr, "id"))

    def between(self, node: Between) -> Code:
        """Return ``of between low and high``."""
        of, low, high = self.value(node.of), self.value(node.low), self.value(node.high)
        if not (low.nullable or high.nullable) and self.ordered(of, low, high):
            return self.guarded([of], lambda uses: self.chained(low.expr, uses[0], high.expr), BOOLEAN)
        kept = Code(self.settled(of.expr), of.type, of.nullable)
        makers = [
            self.compared(">=", kept, Code(self.settled(low.expr), low.type, low.nullable), node),
            self.compared("<=", kept, Code(self.settled(high.expr), high.type, high.nullable), node),
        ]
        first, second = (self.settled(code.expr) for code in makers)
        stopped = self.any_of(*(self.compare(one, ast.Is(), self.constant(False)) for one in (first, second)))
        nones = self.any_of(self.is_none(first), self.is_none(second))
        rest = self.choice(nones, self.constant(None), self.constant(True))
        return Code(self.choice(stopped, self.constant(False), rest), BOOLEAN)

    def ordered(self, *codes: Code) -> bool:
        """Whether all are of one type that Python orders as the rule language does."""
        types = {plain(code.type) for code in codes}
        return self.quick and len(types) == 1 and types <= ORDERED and self._orders(*types)

    def chained(
        self,
        low: ast.expr,
        value: ast.expr,
        high: ast.expr,
        *,
        low_closed: bool = True,
        high_closed: bool = True,
    ) -> ast.expr:
        """Return ``low <= value <= high``."""
        operators: list[ast.cmpop] = [
            ast.LtE() if low_closed else ast.Lt(),
            ast.LtE() if high_closed else ast.Lt(),
        ]
        return ast.Compare(low, operators, [value, high], **self.here)

    def conditional(self, node: If) -> Code:
        """Return ``if condition then then else otherwise``; only the branch that is taken is evaluated."""
        test = self.is_true(node.condition)
        with self.inside() as first:
            then = self.value(node.then)
        with self.inside() as second:
            otherwise = self.value(node.otherwise)
        type_ = then.type if then.type is otherwise.type else self.type_of(node)
        nullable = then.nullable or otherwise.nullable
        if not first and not second:
            return Code(self.choice(test, then.expr, otherwise.expr), type_, nullable)
        name = self.fresh()
        with self.inside() as yes:
            self.block.extend(first)
            self.assign(name, then.expr)
        with self.inside() as no:
            self.block.extend(second)
            self.assign(name, otherwise.expr)
        self.when(test, yes, no)
        return Code(self.name(name), type_, nullable)

    def instance(self, node: InstanceOf) -> Code:
        """Return ``of instance of type``."""
        of = self.value(node.of)
        type_ = named_type(node.type, self.scope.types)
        if type_ is None:
            self.statement(self.call(runtime.unknown, self.constant(node.type.name), self.site(node)))
            return Code(self.constant(None), BOOLEAN)
        return Code(self.call(runtime.typed_instance, of.expr, self.constant(type_)), BOOLEAN, nullable=False)

    def under(self, node: Under) -> Code:
        """Return ``of under root``."""
        of, root = self.value(node.of), self.value(node.root)
        return Code(self.call(runtime.is_under, of.expr, root.expr, self.site(node)), BOOLEAN)


def _small(value: Decimal) -> bool:
    return value.adjusted() < 15 and value == value.to_integral_value()
