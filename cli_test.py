"""The command ``fachwerk test``: tries the scenarios of a configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from fachwerk.cli_common import FAILED, PROJECT
from fachwerk.cli_common import report as report_problems
from fachwerk.problems import Refused, say

if TYPE_CHECKING:
    from fachwerk.engine.trial.mutating import Score, Wanted
    from fachwerk.engine.trial.running import Result
    from fachwerk.schemas.model import Project
    from fachwerk.schemas.scenario import Scenario


@click.command()
@click.argument("path", type=PROJECT, default=".")
@click.option("--only", help="Only scenarios with this in their name or the name of their file.")
@click.option("--coverage", "everything", is_flag=True, help="Show all that no scenario reaches, with file and line.")
@click.option("--mutate", is_flag=True, help="Change one thing at a time and say what no scenario notices.")
@click.option("--jobs", type=click.IntRange(1, 64), help="How many processes (else: as many as there are cores).")
@click.option("--most", type=click.IntRange(1), help="With --mutate: at most so many changes, drawn at random.")
@click.option("--seed", default=1, show_default=True, help="With --most: another number draws others.")
@click.option("--least", type=click.FloatRange(0, 100), help="With --mutate: exit code 1 if fewer percent are noticed.")
@click.option("--json", "as_json", is_flag=True, help="Show everything as JSON.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write the results to a file as JUnit XML.")
@click.pass_obj
def test(
    language: str, path: Path, only: str | None, everything: bool, mutate: bool, jobs: int | None, most: int | None,
    seed: int, least: float | None, as_json: bool, junit: Path | None,
) -> None:  # fmt: skip
    """Try the scenarios of the configuration in PATH, in memory, and say what they reach and what not.

    With --mutate the configuration is changed in one place at a time (a condition left out, an operator flipped, a
    right widened, ...), and it is said which changes no scenario notices: there a scenario is missing.

    Exit code 0: all went as expected; 1: some did not.
    """
    from fachwerk.engine.trial import report
    from fachwerk.engine.trial.apart import cores
    from fachwerk.engine.trial.mutating import Wanted
    from fachwerk.engine.trial.trying import try_scenarios
    from fachwerk.schemas.report import Style

    project = read(path, language)
    style = Style(language, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)

    def each(result: Result) -> None:
        if not as_json:
            click.echo(report.result_text(result, style))

    jobs = jobs or cores()
    tried = try_scenarios(project, scenarios_of(project, only), each, jobs)
    if not as_json:
        click.echo(report.summary(tried, style))
        click.echo(report.coverage_text(tried.reached, style) if everything else "", nl=everything)
    score = None
    if mutate and tried.passed:
        score = noticed(project, language, Wanted(jobs, most, seed, only), tried.results)
        if not as_json:
            click.echo(report.score_text(score, style))
    elif mutate:
        click.echo(say(_NOT_CHANGED, language), err=True)
    if as_json:
        click.echo(report.as_json(tried, language, score), nl=False)
    if junit is not None:
        junit.write_text(report.as_junit(tried, language), encoding="utf-8")
    if not tried.passed or (score is not None and least is not None and score.percent < least):
        raise SystemExit(FAILED)


def read(path: Path, language: str) -> Project:
    """Return the project in a folder; show what is wrong with it and stop if there are errors."""
    from fachwerk.engine.validation import read_whole

    project, problems = read_whole(path)
    if project is None:
        report_problems(problems.errors, language)
        raise SystemExit(FAILED)
    return project


def scenarios_of(project: Project, only: str | None) -> tuple[Scenario, ...]:
    """Return the scenarios that are wanted; raises :class:`Refused` where there is none of that name."""
    from fachwerk.engine.trial.trying import chosen

    found = chosen(project, only)
    if not found and only:
        raise Refused(
            "no_scenario",
            {
                "en": f"No scenario has “{only}” in its name. There are {len(project.scenarios)}.",
                "de": f"Kein Szenario hat „{only}“ in seinem Namen. Es gibt {len(project.scenarios)}.",
            },
        )
    return found


def noticed(project: Project, language: str, wanted: Wanted, before: Sequence[Result]) -> Score:
    """Try the scenarios on changed configurations, with a word on the way for who waits."""
    from fachwerk.engine.trial.mutating import mutate

    shown = {"en": "changes tried", "de": "Änderungen probiert"}

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done} / {total} {say(shown, language)}", err=True, nl=done == total)

    return mutate(project, wanted, progress, before)


_NOT_CHANGED = {
    "en": "Nothing was changed to see what is noticed (--mutate): first all scenarios must go as expected.",
    "de": "Zur Probe verändert (--mutate) wurde nichts: erst müssen alle Szenarien wie erwartet verlaufen.",
}
COMMANDS = (test,)
