"""Making Python's syntax tree: expressions that know where they stand in the author's file, statements in
blocks.

The generator hands out expressions; what needs statements (a loop that stops early, a function) is put into
the block that is open, in front of the statement the expression will stand in. Whoever evaluates a part only
under a condition opens a block for it (:meth:`Emitter.lazily`) and sees whether anything was put there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypedDict

from fachwerk.problems import Fragment
from fachwerk.rules.tree import Node
from fachwerk.rules.types import ANY, AnyType


class Place(TypedDict):
    """Where a piece of code stands, as Python's compiler wants it: lines from 1, columns in UTF-8 bytes from
    0.
    """

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


@dataclass(frozen=True, slots=True)
class Code:
    """An expression, the type of its value, and whether it may be null.

    *whole* is the same number as a Python int, where there is one to compare with (``string length``,
    ``count``). *guard* is another way to say *expr*: null if any of its operands is null, else its last part.
    """

    expr: ast.expr
    type: AnyType = ANY
    nullable: bool = True
    whole: ast.expr | None = None
    guard: tuple[list[ast.expr], ast.expr] | None = None


class Emitter:
    """Builds one Python function; constants become globals of it."""

    def __init__(self, fragment: Fragment) -> None:
        self.fragment = fragment
        self.constants: dict[str, object] = {}
        self._names: dict[int, str] = {}
        self.counter = 0
        self.block: list[ast.stmt] = []
        self.here: Place = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
        self._byte_columns: dict[int, int] = {}

    # where it stands

    @contextmanager
    def at(self, node: Node) -> Iterator[None]:
        """Give what is made inside the place of *node*."""
        before = self.here
        self.here = self.place(node)
        yield
        self.here = before

    def place(self, node: Node) -> Place:
        """Return where *node* stands in the file."""
        source = self.fragment.source
        span = self.fragment.span(node.start, max(node.end, node.start))
        line, column = source.position(span.start)
        end_line, end_column = source.position(max(span.end, span.start))
        return {
            "lineno": line,
            "col_offset": self._bytes(span.start, line, column),
            "end_lineno": end_line,
            "end_col_offset": self._bytes(max(span.end, span.start), end_line, end_column),
        }

    def _bytes(self, offset: int, line: int, column: int) -> int:
        found = self._byte_columns.get(offset)
        if found is None:
            before = self.fragment.source.text[offset - column + 1 : offset]
            found = self._byte_columns[offset] = column - 1 if before.isascii() else len(before.encode())
        return found

    # names and constants

    def fresh(self, prefix: str = "t") -> str:
        """Return a name that nothing else has."""
        self.counter += 1
        return f"{prefix}{self.counter}"

    def constant(self, value: object) -> ast.expr:
        """Return *value* as an expression."""
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return ast.Constant(value, **self.here)
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"k{len(self.constants)}"
            self.constants[name] = value
        return self.name(name)

    def name(self, name: str) -> ast.Name:
        """Return the value of a Python variable."""
        return ast.Name(name, ast.Load(), **self.here)

    # expressions

    def call(self, function: object, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
        """Call a helper with expressions."""
        return self.call_of(self.constant(function), list(arguments), keywords)

    def call_of(
        self, function: ast.expr, arguments: list[ast.expr], keywords: Mapping[str, ast.expr] | None = None
    ) -> ast.Call:
        """Call what *function* stands for."""
        named = [ast.keyword(name, value, **self.here) for name, value in (keywords or {}).items()]
        return ast.Call(function, arguments, named, **self.here)

    def attribute(self, of: ast.expr, name: str) -> ast.expr:
        """Return ``of.name``."""
        return ast.Attribute(of, name, ast.Load(), **self.here)

    def method(self, of: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
        """Return ``of.name(...)``."""
        return self.call_of(self.attribute(of, name), list(arguments))

    def item(self, of: ast.expr, key: object) -> ast.expr:
        """Return ``of[key]``."""
        return ast.Subscript(of, self.constant(key), ast.Load(), **self.here)

    def compare(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
        """Return a comparison of two; ``is`` between constants is decided here."""
        if (
            isinstance(operator, ast.Is | ast.IsNot)
            and isinstance(left, ast.Constant)
            and isinstance(right, ast.Constant)
        ):
            same = left.value is right.value
            return self.constant(same if isinstance(operator, ast.Is) else not same)
        return ast.Compare(left, [operator], [right], **self.here)

    def is_none(self, expr: ast.expr) -> ast.expr:
        """Return ``expr is None``."""
        return self.compare(expr, ast.Is(), self.constant(None))

    def is_not_none(self, expr: ast.expr) -> ast.expr:
        """Return ``expr is not None``."""
        return self.compare(expr, ast.IsNot(), self.constant(None))

    def both(self, operator: ast.boolop, parts: list[ast.expr]) -> ast.expr:
        """Return Python's ``and`` or ``or`` of *parts*."""
        return parts[0] if len(parts) == 1 else ast.BoolOp(operator, parts, **self.here)

    def all_of(self, *parts: ast.expr) -> ast.expr:
        """Return Python's ``and``."""
        return self.both(ast.And(), list(parts))

    def any_of(self, *parts: ast.expr) -> ast.expr:
        """Return Python's ``or``."""
        return self.both(ast.Or(), list(parts))

    def inverse(self, expr: ast.expr) -> ast.expr:
        """Return Python's ``not``."""
        return ast.UnaryOp(ast.Not(), expr, **self.here)

    def choice(self, test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
        """Return ``then if test else otherwise``."""
        return ast.IfExp(test, then, otherwise, **self.here)

    def tuple_of(self, *parts: ast.expr) -> ast.expr:
        """Return a tuple."""
        return ast.Tuple(list(parts), ast.Load(), **self.here)

    def list_of(self, parts: list[ast.expr]) -> ast.expr:
        """Return a list."""
        return ast.List(parts, ast.Load(), **self.here)

    def kept(self, expr: ast.expr) -> tuple[ast.expr, ast.expr]:
        """Return *expr* for its first use and for later ones: under a name, unless it is one already."""
        if isinstance(expr, ast.Name | ast.Constant):
            return expr, expr
        name = self.fresh()
        return self.named(name, expr), self.name(name)

    def named(self, name: str, expr: ast.expr) -> ast.expr:
        """Return ``(name := expr)``."""
        return ast.NamedExpr(ast.Name(name, ast.Store(), **self.here), expr, **self.here)

    # statements

    def assign(self, name: str, expr: ast.expr) -> None:
        """Put ``name = expr`` into the open block."""
        self.block.append(ast.Assign([ast.Name(name, ast.Store(), **self.here)], expr, **self.here))

    def settled(self, expr: ast.expr) -> ast.expr:
        """Return *expr* as a name, having computed it in the open block."""
        if isinstance(expr, ast.Name | ast.Constant):
            return expr
        name = self.fresh()
        self.assign(name, expr)
        return self.name(name)

    def statement(self, expr: ast.expr) -> None:
        """Put an expression into the open block for its effect."""
        self.block.append(ast.Expr(expr, **self.here))

    def when(self, test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt] | None = None) -> None:
        """Put an ``if`` into the open block."""
        self.block.append(ast.If(test, then, otherwise or [], **self.here))

    def loop(
        self, name: str, source: ast.expr, body: list[ast.stmt], otherwise: list[ast.stmt] | None = None
    ) -> None:
        """Put a ``for`` into the open block."""
        target = ast.Name(name, ast.Store(), **self.here)
        self.block.append(ast.For(target, source, body, otherwise or [], **self.here))

    def leave(self) -> None:
        """Put a ``break`` into the open block."""
        self.block.append(ast.Break(**self.here))

    @contextmanager
    def inside(self) -> Iterator[list[ast.stmt]]:
        """Open a block of its own, and hand it over."""
        before, self.block = self.block, []
        yield self.block
        self.block = before

    def function(self, name: str, parameters: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
        """Return ``def name(parameters): body``."""
        arguments = ast.arguments(
            posonlyargs=[],
            args=[ast.arg(parameter, **self.here) for parameter in parameters],
            vararg=None,
            kwonlyargs=[],
            kw_defaults=[],
            kwarg=None,
            defaults=[],
        )
        made = ast.FunctionDef(name=name, args=arguments, body=body, decorator_list=[], **self.here)
        made.type_params = []  # type: ignore[attr-defined,unused-ignore]  # wanted from Python 3.12 on
        return made

    def give(self, expr: ast.expr) -> None:
        """Put ``return expr`` into the open block."""
        self.block.append(ast.Return(expr, **self.here))
