"""A matcher for the few patterns that RE2 cannot do: it tries alternatives in order, with an explicit stack.

A pattern becomes a list of instructions. Time is bounded by a number of steps for one search, not by the
pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fachwerk.rules.functions.characters import Ranges, contains
from fachwerk.rules.functions.mistakes import Mistake
from fachwerk.rules.functions.pattern_syntax import (
    Anchor,
    Choice,
    Group,
    OneOf,
    Piece,
    Repeat,
    Same,
    Sequence,
)

STEPS = 500_000
_MOST_INSTRUCTIONS = 50_000

Instruction = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions, how many groups they set, and the pattern for messages."""

    instructions: tuple[Instruction, ...]
    groups: int
    slots: int
    pattern: str

    def find_all(self, text: str) -> Iterator[tuple[tuple[int, int], ...]]:
        """Yield the spans of match and groups from left to right; raises :class:`Mistake` when it takes too
        long.
        """
        steps, start = [STEPS], 0
        while start <= len(text):
            found = self._match(text, start, steps)
            if found is None:
                start += 1
                continue
            yield found
            start = found[0][1] if found[0][1] > found[0][0] else found[0][1] + 1

    def _match(self, text: str, start: int, steps: list[int]) -> tuple[tuple[int, int], ...] | None:
        stack = [(0, start, (-1,) * self.slots)]
        while stack:
            at, position, slots = stack.pop()
            while True:
                steps[0] -= 1
                if steps[0] < 0:
                    raise Mistake(
                        f'matching "{self.pattern}" takes too long', f'"{self.pattern}" dauert zu lange'
                    )
                kind, one, other = self.instructions[at]
                if kind == "end":
                    pairs = ((slots[2 * n], slots[2 * n + 1]) for n in range(1, self.groups + 1))
                    return ((start, position), *pairs)
                if kind == "split":
                    stack.append((int(other), position, slots))  # type: ignore[call-overload]
                    at = int(one)  # type: ignore[call-overload]
                    continue
                moved = _step(kind, one, text, position, slots)
                if moved is None:
                    break
                position, slots = moved
                at = int(other) if other is not None else at + 1  # type: ignore[call-overload]
        return None


def _step(
    kind: str, one: object, text: str, position: int, slots: tuple[int, ...]
) -> tuple[int, tuple[int, ...]] | None:
    """Do one instruction; ``None`` where it does not fit."""
    if kind == "char":
        fits = position < len(text) and contains(one, ord(text[position]))  # type: ignore[arg-type]
        return (position + 1, slots) if fits else None
    if kind == "jump":
        return position, slots
    if kind == "save":
        number = int(one)  # type: ignore[call-overload]
        return position, (*slots[:number], position, *slots[number + 1 :])
    if kind == "moved":
        return (position, slots) if slots[int(one)] != position else None  # type: ignore[call-overload]
    if kind == "anchor":
        return (position, slots) if _holds(one, text, position) else None  # type: ignore[arg-type]
    return _same(one, text, position, slots)  # type: ignore[arg-type]


def _holds(anchor: Anchor, text: str, position: int) -> bool:
    if anchor.at == "start":
        after_line = anchor.lines and 0 < position < len(text) and text[position - 1] == "\n"
        return position == 0 or after_line
    return position == len(text) or (anchor.lines and text[position] == "\n")


def _same(same: Same, text: str, position: int, slots: tuple[int, ...]) -> tuple[int, tuple[int, ...]] | None:
    start, end = slots[2 * same.number], slots[2 * same.number + 1]
    wanted = text[start:end] if start >= 0 and end >= 0 else ""
    found = text[position : position + len(wanted)]
    fits = found == wanted or (same.fold and found.casefold() == wanted.casefold())
    return (position + len(wanted), slots) if fits else None


@dataclass(slots=True)
class _Builder:
    slots: int
    pattern: str
    code: list[Instruction] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        if len(self.code) > _MOST_INSTRUCTIONS:
            raise Mistake(f'"{self.pattern}" is too large', f'"{self.pattern}" ist zu groß')
        if isinstance(piece, OneOf):
            self._emit("char", piece.ranges)
        elif isinstance(piece, Anchor):
            self._emit("anchor", piece)
        elif isinstance(piece, Same):
            self._emit("same", piece)
        elif isinstance(piece, Sequence):
            for part in piece.parts:
                self.add(part)
        elif isinstance(piece, Group):
            self._group(piece)
        elif isinstance(piece, Choice):
            self._choice(piece.branches)
        else:
            self._repeat(piece)

    def _emit(self, kind: str, one: Ranges | Piece | int | None = None, other: int | None = None) -> int:
        self.code.append((kind, one, other))
        return len(self.code) - 1

    def _group(self, group: Group) -> None:
        if group.number is None:
            self.add(group.body)
            return
        self._emit("save", 2 * group.number)
        self.add(group.body)
        self._emit("save", 2 * group.number + 1)

    def _choice(self, branches: tuple[Piece, ...]) -> None:
        exits = []
        for branch in branches[:-1]:
            split = self._emit("split")
            self.add(branch)
            exits.append(self._emit("jump"))
            self.code[split] = ("split", split + 1, len(self.code))
        self.add(branches[-1])
        for place in exits:
            self.code[place] = ("jump", None, len(self.code))

    def _repeat(self, repeat: Repeat) -> None:
        for _ in range(repeat.least):
            self.add(repeat.body)
        if repeat.most is None:
            self._loop(repeat)
            return
        splits = []
        for _ in range(repeat.most - repeat.least):
            splits.append(self._emit("split"))
            self.add(repeat.body)
        for split in splits:
            self._branch(split, split + 1, len(self.code), greedy=repeat.greedy)

    def _loop(self, repeat: Repeat) -> None:
        """An endless loop goes round again only when it has moved."""
        mark = self.slots
        self.slots += 1
        split = self._emit("split")
        self._emit("save", mark)
        self.add(repeat.body)
        self._emit("moved", mark)
        self._emit("jump", None, split)
        self._branch(split, split + 1, len(self.code), greedy=repeat.greedy)

    def _branch(self, place: int, body: int, behind: int, *, greedy: bool) -> None:
        self.code[place] = ("split", body, behind) if greedy else ("split", behind, body)


def compile_program(tree: Piece, groups: int, pattern: str) -> Program:
    """Return the instructions for a pattern with that many capturing groups."""
    builder = _Builder(2 * (groups + 1), pattern)
    builder.add(tree)
    builder._emit("end")
    return Program(tuple(builder.code), groups, builder.slots, pattern)
