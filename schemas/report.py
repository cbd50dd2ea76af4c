"""Problems as text for people, as JSON, and as SARIF 2.1.0 for tools that show them beside the code."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fachwerk.problems import Code, Problem, Span, say
from fachwerk.schemas.wording import both

_SEVERITY = {"error": both("error", "Fehler"), "warning": both("warning", "Warnung")}
_TAB = 4
_WIDEST = 150
"""Longer lines are cut around the place."""
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Style:
    """How a report looks: its language, and whether it is coloured."""

    language: str = "en"
    color: bool = False

    def paint(self, text: str, codes: str) -> str:
        """Return *text* in an ANSI colour, or as it is."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.color and text else text

    def plain(self, text: str) -> str:
        """Return *text* without control characters: a file could otherwise write to the terminal. Bounded in length."""
        text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        return "".join(sign if sign == "\t" or unicodedata.category(sign) not in ("Cc", "Cf") else "�" for sign in text)


def as_text(
    problems: Iterable[Problem],
    *,
    language: str = "en",
    color: bool = False,
    files: int = 0,
    seconds: float | None = None,
) -> str:
    """Return all problems with their lines and a summary, ready to be printed; ends with a line break."""
    found = list(problems)
    style = Style(language, color)
    blocks = [problem_text(problem, style) for problem in found]
    return "\n\n".join([*blocks, summary(found, style, files, seconds)]) + "\n"


def problem_text(problem: Problem, style: Style | None = None) -> str:
    """Return one problem: what, where, the line with a mark below, what to do."""
    style = style or Style()
    tint = "1;31" if problem.severity == "error" else "1;33"
    head = say(_SEVERITY[problem.severity], style.language) + f"[{problem.code}]"
    lines = [style.paint(head, tint) + style.paint(": " + style.plain(problem.message(style.language)), "1")]
    width = max(len(str(span.line)) for span in (problem.span, *(span for span, _ in problem.related)))
    lines += _place(problem.span, "-->", width, style)
    lines += _excerpt(problem.span, problem.label(style.language), ("^", tint), width, style)
    for span, note in problem.related:
        lines += _place(span, ":::", width, style)
        lines += _excerpt(span, say(note, style.language), ("-", "1;34"), width, style)
    for line in problem.remedy(style.language).splitlines():
        lines.append(" " * (width + 1) + style.paint("= ", "1;34") + style.plain(line))
    return "\n".join(lines)


def _place(span: Span, arrow: str, width: int, style: Style) -> list[str]:
    if not span.source.name:
        return []
    place = str(span) if span.source.text else span.source.name
    return [" " * width + style.paint(arrow, "1;34") + " " + style.plain(place)]


def _excerpt(span: Span, label: str, mark: tuple[str, str], width: int, style: Style) -> list[str]:
    line = span.source.line(span.line)
    if not line and not span.source.text.strip():
        return []
    start = span.column - 1
    end = max(start + 1, min(start + span.end - span.start, len(line)))
    shown, start, end = _window(line, start, end)
    indent = " " * _columns(shown[:start])
    marks = mark[0] * max(_columns(shown[start:end], _columns(shown[:start])), 1)
    bar = style.paint("|", "1;34")
    gutter = " " * (width + 1) + bar
    pointed = f"{gutter} {indent}{style.paint(marks, mark[1])}"
    if label:
        pointed += " " + style.paint(style.plain(label), mark[1])
    number = style.paint(str(span.line).rjust(width), "1;34")
    return [gutter, f"{number} {bar} {style.plain(_expanded(shown))}".rstrip(), pointed.rstrip()]


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """Cut a long line to what stands around ``line[start:end]``."""
    if len(line) <= _WIDEST:
        return line, start, end
    first = max(0, min(start - _WIDEST // 3, len(line) - _WIDEST))
    last = min(len(line), first + _WIDEST)
    left = "…" if first else ""
    right = "…" if last < len(line) else ""
    shift = len(left) - first
    return left + line[first:last] + right, start + shift, min(end, last) + shift


def _expanded(line: str) -> str:
    """Return *line* with tabs as blanks up to the next stop."""
    out, column = [], 0
    for sign in line:
        step = _TAB - column % _TAB if sign == "\t" else _cells(sign)
        out.append(" " * step if sign == "\t" else sign)
        column += step
    return "".join(out)


def _columns(text: str, before: int = 0) -> int:
    """Return how many columns of a terminal *text* takes, when it begins in column *before*."""
    column = before
    for sign in text:
        column += _TAB - column % _TAB if sign == "\t" else _cells(sign)
    return column - before


def _cells(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def summary(
    problems: Sequence[Problem], style: Style | None = None, files: int = 0, seconds: float | None = None
) -> str:
    """Return ``2 errors, 1 warning in 5 files (14 ms)``."""
    style = style or Style()
    german = style.language == "de"
    errors = sum(problem.severity == "error" for problem in problems)
    counts = [(errors, "error", "Fehler", "errors", "Fehler"),
              (len(problems) - errors, "warning", "Warnung", "warnings", "Warnungen")]  # fmt: skip
    said = [f"{n} {(one_de if n == 1 else many_de) if german else (one if n == 1 else many)}"
            for n, one, one_de, many, many_de in counts if n]  # fmt: skip
    text = ", ".join(said) or ("Keine Probleme" if german else "No problems")
    if files:
        text += (f" in {files} {'Datei' if files == 1 else 'Dateien'}" if german
                 else f" in {files} {'file' if files == 1 else 'files'}")  # fmt: skip
    took = "" if seconds is None else f" ({seconds * 1000:.0f} ms)" if seconds < 10 else f" ({seconds:.1f} s)"
    return style.paint(text, "1;31" if errors else "1;33" if problems else "1;32") + took


# for programs


def as_data(problems: Iterable[Problem], *, language: str = "en", files: int = 0) -> dict[str, object]:
    """Return the report as plain data: a list of problems and their counts."""
    found = list(problems)
    errors = sum(problem.severity == "error" for problem in found)
    return {
        "problems": [_data(problem, language) for problem in found],
        "errors": errors,
        "warnings": len(found) - errors,
        "files": files,
    }


def as_json(problems: Iterable[Problem], *, language: str = "en", files: int = 0) -> str:
    """Return the report as JSON text."""
    return json.dumps(as_data(problems, language=language, files=files), ensure_ascii=False, indent=2) + "\n"


def _data(problem: Problem, language: str) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        **_where(problem.span),
        "message": problem.message(language),
        "label": problem.label(language),
        "remedy": problem.remedy(language),
        "related": [{**_where(span), "message": say(note, language)} for span, note in problem.related],
    }


def _where(span: Span) -> dict[str, object]:
    line, column = span.end_position
    return {"file": span.source.name, "line": span.line, "column": span.column, "end_line": line, "end_column": column}


def as_sarif(problems: Iterable[Problem], *, language: str = "en", version: str = "0") -> str:
    """Return the report as SARIF 2.1.0; columns count characters."""
    found = list(problems)
    codes = list({problem.code: problem.kind for problem in found}.values())
    index = {code.code: at for at, code in enumerate(codes)}
    driver = {"name": "fachwerk", "semanticVersion": version, "rules": [_rule(code, language) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, index[problem.code], language) for problem in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(code: Code, language: str) -> dict[str, object]:
    what, why = say(code.what, language), say(code.why, language)
    return {
        "id": code.code,
        "shortDescription": {"text": what or code.code},
        **({"fullDescription": {"text": why}} if why else {}),
        "defaultConfiguration": {"level": code.severity},
    }


def _result(problem: Problem, index: int, language: str) -> dict[str, object]:
    text = problem.message(language)
    more = [part for part in (problem.label(language), problem.remedy(language)) if part]
    related = [
        {"id": at, **_location(span), "message": {"text": say(note, language)}}
        for at, (span, note) in enumerate(problem.related, 1)
    ]
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": ". ".join([text, *more])},
        "locations": [_location(problem.span)],
        **({"relatedLocations": related} if related else {}),
    }


def _location(span: Span) -> dict[str, object]:
    line, column = span.end_position
    region = {"startLine": span.line, "startColumn": span.column, "endLine": line, "endColumn": column}
    return {"physicalLocation": {"artifactLocation": {"uri": span.source.name}, "region": region}}
