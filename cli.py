"""The commands of ``fachwerk``: what may be typed, and where its answer comes from. No logic of its own.

Commands import what they need when they run, so that ``validate`` starts without loading the server.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fachwerk import __version__
from fachwerk.problems import Problems, Refused, say

if TYPE_CHECKING:
    from fachwerk.schemas.model import Project

FAILED, WRONG = 1, 2
"""Exit codes: the configuration has errors or the thing asked for is refused; the command was used wrongly (click)."""

PROJECT = click.Path(exists=True, path_type=Path)


def language() -> str:
    """Return the language of messages: ``FACHWERK_LANGUAGE``, else that of the terminal, else English."""
    told = os.environ.get("FACHWERK_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "de" if told.lower().startswith("de") else "en"


class Commands(click.Group):
    """The group of commands: shows refusals as sentences and suggests the nearest command."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal is a sentence on the error stream and exit code 1."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.secho(say(refused.message, ctx.obj or "en"), fg="red", err=True)
            for name, text in refused.fields.items():
                click.echo(f"  {name}: {say(text, ctx.obj or 'en')}", err=True)
            raise SystemExit(FAILED) from refused


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fachwerk")
@click.option("--language", "chosen", type=click.Choice(["de", "en"]), help="Language of messages.")
@click.pass_context
def main(context: click.Context, chosen: str | None) -> None:
    """Fachwerk compiles what departments write in YAML into a running application."""
    context.obj = chosen or language()


def read(path: Path, language: str, *, quiet: bool = False) -> Project:
    """Return the project in a folder; show what is wrong with it and stop if there are errors."""
    from fachwerk.schemas.read import read_project

    started = time.perf_counter()
    project, problems = read_project(path)
    files = len(project.files) if project else 0
    if problems.errors or project is None:
        report(problems, language, files, time.perf_counter() - started)
        raise SystemExit(FAILED)
    if not quiet and len(problems):
        report(problems, language, files, time.perf_counter() - started)
    return project


def report(problems: Problems, language: str, files: int, seconds: float) -> None:
    """Show problems for people, on the error stream."""
    from fachwerk.schemas.report import as_text

    color = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    click.echo(as_text(problems, language=language, color=color, files=files, seconds=seconds), err=True, nl=False)


@main.command()
@click.argument("path", type=PROJECT, default=".")
@click.option("--format", "shape", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to show it.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_obj
def validate(language: str, path: Path, shape: str, strict: bool) -> None:
    """Check the configuration in PATH and say what is wrong, where, and what to do about it.

    Exit code 0: can be deployed; 1: it has errors (with --strict: or warnings).
    """
    from fachwerk.schemas import report as reports
    from fachwerk.schemas.read import read_project

    started = time.perf_counter()
    project, problems = read_project(path)
    files = len(project.files) if project else len({problem.span.source.name for problem in problems})
    took = time.perf_counter() - started
    if shape == "json":
        click.echo(reports.as_json(problems, language=language, files=files), nl=False)
    elif shape == "sarif":
        click.echo(reports.as_sarif(problems, language=language, version=__version__), nl=False)
    else:
        color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(reports.as_text(problems, language=language, color=color, files=files, seconds=took), nl=False)
    if problems.errors or (strict and len(problems)):
        raise SystemExit(FAILED)


@main.command()
@click.argument("expression")
@click.option("--in", "inputs", default="{}", help="What is known, as a context: '{amount: 100, since: @\"2026-01-01\"}'.")
@click.pass_obj
def feel(language: str, expression: str, inputs: str) -> None:
    """Evaluate one EXPRESSION of the rule language: fachwerk feel '1 + 2'."""
    from fachwerk.rules.shell import feel as evaluate
    from fachwerk.rules.shell import read_inputs

    known, problems = read_inputs(inputs)
    answer = evaluate(expression, known)
    problems.extend(answer.problems)
    show_answer(answer.text, [str(failure) for failure in answer.failures], problems, language)


def show_answer(text: str | None, failures: list[str], problems: Problems, language: str) -> None:
    """Print a value, and on the error stream why it is null; stop with 1 where there is none."""
    if len(problems):
        report(problems, language, 0, 0.0)
    for failure in failures:
        click.secho(failure, fg="yellow", err=True)
    if text is not None:
        click.echo(text)
    if text is None or problems.errors:
        raise SystemExit(FAILED)


if __name__ == "__main__":
    main()
