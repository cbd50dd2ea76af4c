"""Ranges and functions as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fachwerk.rules.types import AnyType


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """A range; ``None`` is an end that is not there. *unary* holds for ``< x``, ``>= x``, ``= x`` (and ``!=
    x``: *outside*).
    """

    start: object
    end: object
    start_included: bool = True
    end_included: bool = True
    unary: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value: what it is called, its parameter names in order, and what to call.

    *names* is ``None`` for a built-in function, whose call binds arguments by itself. *types* are the
    declared types of the parameters, by position (``None`` where none is declared), and *result* that of the
    result.
    """

    call: Callable[..., object]
    names: tuple[str, ...] | None = ()
    types: tuple[AnyType | None, ...] = ()
    result: AnyType | None = None
    name: str = ""
