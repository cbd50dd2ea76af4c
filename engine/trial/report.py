"""How scenarios went, for people: a line each, what is otherwise with its place, and what was reached."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from fachwerk.engine.trial.coverage import GROUPS, Item, Reached
from fachwerk.engine.trial.mutating import Score, Survivor
from fachwerk.engine.trial.running import Result
from fachwerk.engine.trial.trying import Tried
from fachwerk.problems import Problem, say
from fachwerk.schemas.report import Style, as_data, problem_text
from fachwerk.schemas.wording import both

WIDTH = 66
"""How wide names are set where they fit."""
COLUMNS = 100
MOST_NAMES = 12

_PASSED = both("{count} passed", "{count} bestanden")
_FAILED = both("{count} failed", "{count} fehlgeschlagen")
_REACHED = both("Reached: ", "Erreicht: ")
_REFUSED = both("refused", "abgelehnt")
_SCORE = both(
    "{tried} changes tried, {noticed} noticed ({percent} %).",
    "{tried} Änderungen probiert, {noticed} bemerkt ({percent} %).",
)
_EQUAL = both(
    "{count} more were left out, because they mean the same as before.",
    "{count} weitere fehlen, weil sie dasselbe bedeuten wie zuvor.",
)
_SURVIVED = both("No scenario notices:", "Kein Szenario bemerkt:")
_UNREACHED = both("no scenario comes here", "kein Szenario kommt hierhin")
_OF = both("{count} of {total} {group}", "{count} von {total} {group}")
_NEVER = both("Never tried: ", "Nie versucht: ")
_MORE = both("and {count} more (--coverage shows all)", "und {count} weitere (--coverage zeigt alle)")


def result_text(result: Result, style: Style) -> str:
    """Return one line for a scenario that passed; for one that did not, also what was otherwise."""
    mark = style.paint("✓", "1;32") if result.passed else style.paint("✗", "1;31")
    name = style.plain(result.scenario.name)
    line = f"{mark} {name.ljust(WIDTH)} {_seconds(result.seconds, style.language)}"
    return "\n".join([line, *(_indented(failure_text(problem, style)) for problem in result.problems)])


def failure_text(problem: Problem, style: Style) -> str:
    """Return what was otherwise: in words, with its place in the file."""
    lines = problem_text(problem, style).splitlines()
    return "\n".join([style.paint(style.plain(problem.message(style.language)), "1"), *lines[1:], ""])


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


def _seconds(seconds: float, language: str) -> str:
    text = f"{seconds:.2f} s" if seconds >= 0.095 else f"{max(seconds, 0.001):.3f} s"
    return text.replace(".", ",") if language == "de" else text


def summary(tried: Tried, style: Style) -> str:
    """Return how many passed, what was reached, and what was never tried."""
    language = style.language
    passed = sum(result.passed for result in tried.results)
    failed = len(tried.results) - passed
    parts = [say(_PASSED, language, count=_count(passed, language))] if passed or not failed else []
    parts += [say(_FAILED, language, count=failed if parts else _count(failed, language))] if failed else []
    head = style.paint(", ".join(parts) + ".", "1;31" if failed else "1;32")
    sums = ", ".join(
        say(_OF, language, count=one.count, total=one.total, group=say(GROUPS[one.group], language))
        for one in tried.reached
    )
    lines = _wrapped(f"{say(_REACHED, language)}{sums}.") if sums else []
    return "\n".join([head, *lines, *_never(tried.reached, language)])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _count(count: int, language: str) -> str:
    if language == "de":
        return f"{count} {'Szenario' if count == 1 else 'Szenarien'}"
    return f"{count} {'scenario' if count == 1 else 'scenarios'}"


def _never(reached: Sequence[Reached], language: str) -> Iterator[str]:
    missing = [item for one in reached for item in one.missing]
    if not missing:
        return
    first = [item for item in missing if item.group == "taken"] or missing
    names = ", ".join(_named(item, language) for item in first[:MOST_NAMES])
    left = len(missing) - min(len(first), MOST_NAMES)
    more = f", {say(_MORE, language, count=left)}" if left else ""
    yield from _wrapped(f"{say(_NEVER, language)}{names}{more}.")


def _named(item: Item, language: str) -> str:
    return f"{item.name} ({say(_REFUSED, language)})" if item.group == "refused" else item.name


def coverage_text(reached: Sequence[Reached], style: Style) -> str:
    """Return everything that was not reached, with its place."""
    lines: list[str] = []
    for one in reached:
        group = say(GROUPS[one.group], style.language)
        head = say(_OF, style.language, count=one.count, total=one.total, group=group)
        lines += ["", style.paint(head, "1")]
        lines += [f"  {item.name.ljust(WIDTH)} {_place(item)}" for item in one.missing]
    return "\n".join(lines)


def _place(item: Item) -> str:
    return f"{item.span.source.name}:{item.span.line}"


def score_text(score: Score, style: Style) -> str:
    """Return how many changes were noticed, and which were not."""
    language = style.language
    tint = "1;32" if not score.survivors else "1;33"
    seconds = f"{score.seconds:.0f} s"
    head = say(_SCORE, language, tried=score.tried, noticed=score.noticed, percent=f"{score.percent:.0f}")
    lines = ["", f"{style.paint(head, tint)} {seconds}"]
    if score.equal:
        lines.append(say(_EQUAL, language, count=score.equal))
    if score.survivors:
        lines += ["", style.paint(say(_SURVIVED, language), "1")]
        lines += [_survivor(one, language) for one in score.survivors]
    return "\n".join(lines)


def _survivor(one: Survivor, language: str) -> str:
    place = f"{one.span.source.name}:{one.span.line}"
    reached = "" if one.reached else f" ({say(_UNREACHED, language)})"
    return f"  {place.ljust(24)} {one.owner}: {say(one.what, language)}{reached}"


# for programs


def as_json(tried: Tried, language: str, score: Score | None = None) -> str:
    """Return everything as JSON text."""
    data: dict[str, object] = {
        "passed": sum(result.passed for result in tried.results),
        "failed": sum(not result.passed for result in tried.results),
        "seconds": round(tried.seconds, 3),
        "scenarios": [_result(result, language) for result in tried.results],
        "coverage": {one.group: _reached(one) for one in tried.reached},
    }
    if score is not None:
        data["mutants"] = {
            "tried": score.tried, "noticed": score.noticed, "percent": round(score.percent, 1), "equal": score.equal,
            "seconds": round(score.seconds, 1), "survivors": [_surviving(one, language) for one in score.survivors],
        }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _surviving(one: Survivor, language: str) -> dict[str, object]:
    return {
        "file": one.span.source.name, "line": one.span.line, "owner": one.owner, "what": say(one.what, language),
        "reached": one.reached,
    }  # fmt: skip


def _result(result: Result, language: str) -> dict[str, object]:
    span = result.scenario.span
    return {
        "name": result.scenario.name, "file": span.source.name, "line": span.line, "passed": result.passed,
        "seconds": round(result.seconds, 4), "problems": as_data(result.problems, language=language)["problems"],
    }  # fmt: skip


def _reached(one: Reached) -> dict[str, object]:
    missing = [{"name": item.name, "file": item.span.source.name, "line": item.span.line} for item in one.missing]
    return {"reached": one.count, "total": one.total, "missing": missing}


def as_junit(tried: Tried, language: str) -> str:
    """Return the results as JUnit XML, which servers for continuous integration read."""
    failed = sum(not result.passed for result in tried.results)
    counts = f'tests="{len(tried.results)}" failures="{failed}" time="{tried.seconds:.3f}"'
    cases = "".join(_case(result, language) for result in tried.results)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counts}>\n<testsuite name="fachwerk test" {counts}>\n'
        f"{cases}</testsuite>\n</testsuites>\n"
    )


def _case(result: Result, language: str) -> str:
    span = result.scenario.span
    head = (
        f"<testcase name={quoteattr(_xml(result.scenario.name))} classname={quoteattr(span.source.name)} "
        f'file={quoteattr(span.source.name)} line="{span.line}" time="{result.seconds:.3f}"'
    )
    if result.passed:
        return head + "/>\n"
    style = Style(language)
    text = "\n".join(failure_text(problem, style) for problem in result.problems)
    first = result.problems[0].message(language)
    return f"{head}><failure message={quoteattr(_xml(first))}>{escape(_xml(text))}</failure></testcase>\n"


def _xml(text: str) -> str:
    """Return *text* without what XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or sign >= "\ue000")
