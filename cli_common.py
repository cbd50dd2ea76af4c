"""What the commands share: their options, days as people write them, and mistakes in typing told in two languages."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from fachwerk.problems import Problem, Problems, Refused, Text, say

if TYPE_CHECKING:
    from fachwerk.schemas.model import Project

FAILED = 1
"""The exit code where the configuration has errors or the thing asked for is refused."""


def language() -> str:
    """Return the language of messages: ``FACHWERK_LANGUAGE``, else that of the terminal, else English."""
    told = os.environ.get("FACHWERK_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "de" if told.lower().startswith("de") else "en"


class Day(click.ParamType[dt.date]):
    """A day: ``2026-12-01``, ``1.12.2026`` or ``01/12/2026`` (day first)."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read what was typed."""
        from fachwerk.schemas.kinds.times import parse_date
        from fachwerk.schemas.kinds.value import Invalid

        if isinstance(value, dt.date):
            return value
        try:
            return parse_date(value)
        except Invalid:
            self.fail(say(_NO_DAY, (ctx.obj if ctx else None) or "en", value=value), param, ctx)


_NO_DAY: Text = {
    "en": "{value!r} is no day of the calendar. Write it as 2026-12-01 or 1.12.2026.",
    "de": "{value!r} ist kein Tag des Kalenders. Schreiben Sie 1.12.2026 oder 2026-12-01.",
}

PROJECT = click.Path(exists=True, path_type=Path)
DAY = Day()
TO = click.option(
    "--to", "--database", "to",
    help="An environment of fachwerk.toml, sqlite:///FILE or postgresql://USER@HOST/NAME; else FACHWERK_DATABASE.",
)  # fmt: skip
DATABASE = click.option(
    "--database", "url", envvar="FACHWERK_DATABASE", default="sqlite:///fachwerk.db", show_default=True,
    help="sqlite:///FILE or postgresql://USER@HOST/NAME; also by the variable FACHWERK_DATABASE.",
)  # fmt: skip
JSON = click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How to show it.")


class Commands(click.Group):
    """The group of commands: refusals are sentences, mistakes in typing are told in the language of the person."""

    def make_context(self, *args: Any, **keywords: Any) -> click.Context:
        """Read the options before the command."""
        try:
            return super().make_context(*args, **keywords)
        except click.UsageError as error:
            raise Told(error, language()) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal is a sentence on the error stream and exit code 1."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            chosen = ctx.obj or language()
            if isinstance(problems := getattr(refused, "problems", None), Problems):
                report(problems, chosen)
            click.secho(say(refused.message, chosen), fg="red", err=True)
            for name, text in refused.fields.items():
                if text != refused.message:  # that is said in the line above
                    click.echo(f"  {name}: {say(text, chosen)}", err=True)
            raise SystemExit(FAILED) from refused
        except click.UsageError as error:
            raise Told(error, ctx.obj or language()) from error
        except click.Abort as stopped:
            click.echo("\n" + say(_STOPPED, ctx.obj or language()), err=True)
            raise SystemExit(FAILED) from stopped


class Told(click.UsageError):
    """A mistake in typing, told in *language*: what was wrong, how the command is called, where there is help."""

    def __init__(self, error: click.UsageError, language: str) -> None:
        super().__init__(error.format_message(), error.ctx)
        self.language = language

    def show(self, file: Any = None) -> None:
        """Write it to the error stream."""
        if self.language != "de":
            super().show(file)
            return
        if self.ctx is not None:
            usage = " ".join(self.ctx.get_usage().split()).removeprefix("Usage: ").replace("[OPTIONS]", "[OPTIONEN]")
            click.echo(f"Aufruf: {usage}\nHilfe: {self.ctx.command_path} --help\n", file=file, err=True)
        click.echo(f"Fehler: {in_german(self.message)}", file=file, err=True)


def in_german(message: str) -> str:
    """Return what click says in German; what it says otherwise than we know stays as it is."""
    for pattern, german in _GERMAN:
        if found := pattern.fullmatch(message):
            parts = {name: in_german(text) if name == "inner" else text for name, text in found.groupdict("").items()}
            return german.format(**parts)
    return message


def _pattern(english: str) -> re.Pattern[str]:
    """Return what finds a sentence in which ``{name}`` stands for any text; a point may follow its last word."""
    said = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english))
    return re.compile(said if english.endswith("{inner}") else said + r"\.?", re.DOTALL)


_KINDS = {
    "integer": "keine ganze Zahl", "integer range": "keine ganze Zahl", "float": "keine Zahl",
    "float range": "keine Zahl", "boolean": "weder ja noch nein",
}  # fmt: skip
_PLACES = {"Path": "Den Pfad", "File": "Die Datei", "Directory": "Den Ordner"}
_GERMAN = tuple(
    (_pattern(english), german)
    for english, german in (
        ("Invalid value for '[{what}]': {inner}", "{what} passt nicht: {inner}"),
        ("Invalid value for {what}: {inner}", "{what} passt nicht: {inner}"),
        ("Invalid value: {inner}", "Das passt nicht: {inner}"),
        ("Missing argument {what}. Choose from:{choices}", "Es fehlt: {what}. Möglich sind:{choices}"),
        ("Missing argument {what}", "Es fehlt: {what}."),
        ("Missing option {what}. Choose from:{choices}", "Es fehlt die Option {what}. Möglich sind:{choices}"),
        ("Missing option {what}", "Es fehlt die Option {what}."),
        ("Missing command", "Es fehlt ein Befehl."),
        ("No such option {what}. Did you mean {guess}?", "Die Option {what} gibt es nicht. Meinten Sie {guess}?"),
        ("No such option {what}. (Did you mean one of: {guess}?)",
         "Die Option {what} gibt es nicht. Meinten Sie eine von: {guess}?"),
        ("No such option {what}", "Die Option {what} gibt es nicht."),
        ("No such option: {what} Did you mean {guess}?", "Die Option {what} gibt es nicht. Meinten Sie {guess}?"),
        ("No such option: {what} (Possible options: {guess})",
         "Die Option {what} gibt es nicht. Meinten Sie eine von: {guess}?"),
        ("No such option: {what}", "Die Option {what} gibt es nicht."),
        ("No such command {what}. Did you mean {guess}?", "Den Befehl {what} gibt es nicht. Meinten Sie {guess}?"),
        ("No such command {what}. (Did you mean one of: {guess}?)",
         "Den Befehl {what} gibt es nicht. Meinten Sie einen von: {guess}?"),
        ("No such command {what}", "Den Befehl {what} gibt es nicht."),
        ("Got unexpected extra argument ({what})", "Zu viel angegeben: {what}."),
        ("Got unexpected extra arguments ({what})", "Zu viel angegeben: {what}."),
        ("Option {what} requires an argument", "Nach der Option {what} fehlt die Angabe."),
        ("Option {what} does not take a value", "Die Option {what} steht ohne Angabe."),
        ("{value} is not one of {choices}", "{value} gibt es hier nicht. Möglich sind: {choices}."),
        ("{value} is not in the range {low}<=x<={high}", "{value} liegt nicht zwischen {low} und {high}."),
        ("{value} is not in the range x>={low}", "{value} ist zu wenig; mindestens {low}."),
        *((f"{{value}} is not a valid {kind}", f"{{value}} ist {german}.") for kind, german in _KINDS.items()),
        ("{value} is not {choices}", "{value} gibt es hier nicht. Möglich ist: {choices}."),
        *((f"{kind} {{file}} does not exist", f"{german} {{file}} gibt es nicht.") for kind, german in _PLACES.items()),
        *((f"{kind} {{file}} is a directory", "{file} ist ein Ordner, keine Datei.") for kind in _PLACES),
        *((f"{kind} {{file}} is a file", "{file} ist eine Datei, kein Ordner.") for kind in _PLACES),
        *((f"{kind} {{file}} is not readable", "{file} darf nicht gelesen werden.") for kind in _PLACES),
        *((f"{kind} {{file}} is not writable", "In {file} darf nicht geschrieben werden.") for kind in _PLACES),
    )
)  # fmt: skip
_STOPPED: Text = {"en": "Stopped.", "de": "Abgebrochen."}


def read(path: Path, language: str, *, quiet: bool = True, whole: bool = True) -> Project:
    """Return the project in a folder; show what is wrong with it and stop if there are errors.

    Warnings are shown unless *quiet*; its workflows are played through as far as it is *whole* that is wanted.
    """
    from fachwerk.engine.validation import read_whole
    from fachwerk.schemas.read import read_project

    if not path.exists():
        raise Refused("no_folder", {name: text.format(path=path) for name, text in _NO_FOLDER.items()}, status=404)
    started = time.perf_counter()
    project, problems = read_whole(path) if whole else read_project(path)
    files = len(project.files) if project else 0
    if project is None or problems.errors:
        report(problems, language, files, time.perf_counter() - started)
        raise SystemExit(FAILED)
    if not quiet and len(problems):
        report(problems, language, files, time.perf_counter() - started)
    return project


_NO_FOLDER: Text = {"en": "There is no folder {path}.", "de": "Den Ordner {path} gibt es nicht."}


def report(problems: Iterable[Problem], language: str, files: int = 0, seconds: float | None = None) -> None:
    """Show problems for people, on the error stream."""
    from fachwerk.schemas.report import as_text

    color = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    click.echo(as_text(problems, language=language, color=color, files=files, seconds=seconds), err=True, nl=False)


def tell_missing(missing: Iterable[Text], language: str) -> None:
    """Say for which steps there are too few people, on the error stream."""
    for number, text in enumerate(found := list(missing)):
        if number == _MOST_MISSING:
            click.echo(say(_MORE, language, count=len(found) - number), err=True)
            break
        click.secho(f"{say(_TOO_FEW, language)}: {say(text, language)}", fg="yellow", err=True)


_MOST_MISSING = 8
_MORE: Text = {"en": "… and {count} more: `fachwerk user list`", "de": "… und {count} weitere: `fachwerk user list`"}
_TOO_FEW: Text = {"en": "Too few people", "de": "Zu wenige Personen"}


def agreed(question: Text, language: str) -> bool:
    """Ask for a yes or no; no is what is meant by nothing."""
    choices = "j/N" if language == "de" else "y/N"
    answer = click.prompt(f"{say(question, language)} [{choices}]", default="", show_default=False)
    return str(answer).strip().lower() in ("y", "yes", "j", "ja")
