"""Where each character of a YAML scalar stood in its file: through quotes, escapes, folding and indentation."""

from __future__ import annotations

import re

_WHITE = " \t\r\n\x85\u2028\u2029"
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|.)", re.DOTALL)


def scalar_offsets(source: str, start: int, end: int, text: str, style: str) -> tuple[int, ...]:
    """Return the offset in *source* of every character of *text*, and of the end.

    *text* is what YAML made of ``source[start:end]``. Both are walked together: what is not white space follows one to
    one, runs of white space (folded lines, indentation) are laid over each other.
    """
    walk = _Walk(source, _begin(source, start, end, style), end, style)
    offsets = [walk.next(character) for character in text]
    return (*offsets, offsets[-1] + 1 if offsets else walk.at)


def _begin(source: str, start: int, end: int, style: str) -> int:
    if style in "'\"":
        return start + 1
    if style in "|>":
        header = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?").match(source, start, end)
        return header.end() if header else start
    return start


class _Walk:
    """A place in the source that follows the characters of the decoded text."""

    def __init__(self, source: str, at: int, end: int, style: str) -> None:
        self.source, self.at, self.end, self.style = source, at, end, style

    def next(self, character: str) -> int:
        """Return where *character* stands and step behind it."""
        if character in _WHITE:
            return self._white()
        self._skip()
        here = min(self.at, max(self.end - 1, 0))
        self.at += self._width()
        return here

    def _white(self) -> int:
        while self._line_end_escaped():
            self._pass_line_end()
        here = min(self.at, len(self.source) - 1)
        if self.style == '"' and self._escaped():
            self.at += self._width()
        elif self.at < self.end and self.source[self.at] in _WHITE:
            self.at += 1
        return here

    def _skip(self) -> None:
        """Pass the white space that folding or indentation swallowed, and escaped line ends."""
        while self.at < self.end:
            if self.source[self.at] in _WHITE:
                self.at += 1
            elif self._line_end_escaped():
                self._pass_line_end()
            else:
                return

    def _line_end_escaped(self) -> bool:
        return self.style == '"' and self._escaped() and self.source[self.at + 1] in "\r\n"

    def _pass_line_end(self) -> None:
        """A backslash at the end of a line joins it with the next, whose indentation does not count."""
        self.at += self._width()
        while self.at < self.end and self.source[self.at] in " \t":
            self.at += 1

    def _escaped(self) -> bool:
        return self.source[self.at : self.at + 1] == "\\" and self.at + 1 < self.end

    def _width(self) -> int:
        if self.style == '"' and (found := _ESCAPE.match(self.source, self.at, self.end)):
            return len(found.group())
        if self.style == "'" and self.source.startswith("''", self.at):
            return 2
        return 1
