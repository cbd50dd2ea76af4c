"""The commands of ``fachwerk``: what may be typed, and where its answer comes from. No logic of its own.

Commands import what they need when they run, so that ``validate`` starts without loading the server.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
import time
from functools import partial
from pathlib import Path

import click
from fachwerk import __version__, cli_changes
from fachwerk.cli_common import DATABASE, FAILED, PROJECT, TO, Commands, language, read, report
from fachwerk.cli_insight import COMMANDS as INSIGHT
from fachwerk.cli_letters import COMMANDS as LETTERS
from fachwerk.cli_people import COMMANDS as PEOPLE
from fachwerk.cli_test import COMMANDS as TESTING
from fachwerk.problems import Problems, Refused, say


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fachwerk")
@click.option("--language", "chosen", type=click.Choice(["de", "en"]), help="Language of messages.")
@click.pass_context
def main(context: click.Context, chosen: str | None) -> None:
    """Fachwerk compiles what departments write in YAML into a running application."""
    # What is loaded and compiled stays: looking for garbage among it, over and over, is a third of the time to start.
    gc.set_threshold(50_000, 50, 1_000)
    context.obj = chosen or language()


for command in (*cli_changes.COMMANDS, *INSIGHT, *LETTERS, *PEOPLE, *TESTING):
    main.add_command(command)


@main.command()
@click.argument("path", type=PROJECT, default=".")
@click.option("--format", "shape", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to show it.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--against", metavar="DATABASE", help="A database, as in --to: also check the rules over its records.")
@click.pass_obj
def validate(language: str, path: Path, shape: str, strict: bool, against: str | None) -> None:
    """Check the configuration in PATH and say what is wrong, where, and what to do about it.

    Exit code 0: can be deployed; 1: it has errors (with --strict: or warnings).
    """
    from fachwerk.engine.validation import read_whole
    from fachwerk.schemas import report as reports

    started = time.perf_counter()
    project, problems = read_whole(path)
    if against is not None and project is not None:
        from fachwerk.engine.changes import problems_against
        from fachwerk.engine.environments import database_of
        from fachwerk.engine.server.serving import run

        problems.extend(run(lambda: problems_against(project, database_of(path, against))))
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
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="The name of the application; that of the folder if not given.")
@click.pass_obj
def new(language: str, path: Path, name: str | None) -> None:
    """Write a small, commented project into the new folder PATH."""
    from fachwerk.schemas.starter import new_project

    for written in new_project(path, name or path.resolve().name.replace("-", "_")):
        click.echo(f"  {written}")
    folder = shlex.quote(str(path))
    text = {"en": f"Now: fachwerk dev {folder}", "de": f"Weiter mit: fachwerk dev {folder}"}
    click.secho(say(text, language), fg="green")


@main.command()
def schema() -> None:
    """Print the JSON Schema of the language; editors complete and check YAML by it."""
    from fachwerk.schemas.schema import shipped

    click.echo(shipped(), nl=False)


@main.command()
@click.argument("code")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@TO
@click.pass_obj
def explain(language: str, code: str, path: Path | None, to: str | None) -> None:
    """Explain the problem CODE, such as unknown-option: what is found, why it is bad, wrong and right.

    With PATH, CODE is an entity of the configuration there: all its rules are told as sentences. With --to, it is one
    of the configuration deployed there, with the earlier versions of workflows that cases keep.
    """
    from fachwerk.engine.validation import CODES
    from fachwerk.schemas import catalogue
    from fachwerk.schemas.telling import told_project

    if to is not None:
        click.echo(told_project(cli_changes.deployed(path or Path(), to), code, language))
        return
    if path is not None:
        click.echo(told_project(read(path, language, quiet=True), code, language))
        return
    text = catalogue.explain(code, language, CODES)
    if text is None:
        guess = catalogue.nearest_code(code, CODES)
        hint = {"en": f" Did you mean {guess}?" if guess else "", "de": f" Meinten Sie {guess}?" if guess else ""}
        known = {"en": f"There is no problem {code}.", "de": f"Es gibt kein Problem {code}."}
        raise Refused("unknown_code", {"en": known["en"] + hint["en"], "de": known["de"] + hint["de"]})
    click.echo(text)


@main.command()
@click.argument("path", type=PROJECT, default=".")
@click.pass_obj
def handbook(language: str, path: Path) -> None:
    """Print the configuration in PATH in words, as Markdown: what is kept, who may do what, which rules hold."""
    from fachwerk.schemas.handbook import handbook as written

    click.echo(written(read(path, language, quiet=True), language), nl=False)


@main.command()
@click.argument("expression")
@click.option("--in", "inputs", default="{}", help="What is known, such as '{amount: 100}'.")
@click.pass_obj
def feel(language: str, expression: str, inputs: str) -> None:
    """Evaluate one EXPRESSION of the rule language: fachwerk feel '1 + 2'."""
    from fachwerk.rules.shell import feel as evaluate
    from fachwerk.rules.shell import read_inputs

    known, problems = read_inputs(inputs)
    answer = evaluate(expression, known)
    problems.extend(answer.problems)
    show_answer(answer.text, [failure.said(language) for failure in answer.failures], problems, language)


@main.command()
@click.argument("name")
@click.argument("path", type=PROJECT, default=".")
@click.option("--in", "inputs", default="{}", help="The inputs by name, such as '{kind: \"new\", amount: 100}'.")
@click.pass_obj
def decide(language: str, name: str, path: Path, inputs: str) -> None:
    """Evaluate the decision NAME of the configuration in PATH, or of one DMN file."""
    from fachwerk.engine.decisions import decide_project
    from fachwerk.rules.shell import decide as decide_file
    from fachwerk.rules.shell import read_inputs

    known, problems = read_inputs(inputs)
    if path.suffix.lower() == ".dmn":
        answer = decide_file({path.name: path.read_bytes()}, name, known)
    else:
        answer = decide_project(read(path, language, quiet=True), name, known)
    problems.extend(answer.problems)
    show_answer(answer.text, [failure.said(language) for failure in answer.failures], problems, language)


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


HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
PORT = click.option("--port", default=8000, show_default=True, help="Port to listen on.")


@main.command()
@DATABASE
@HOST
@PORT
@click.option("--name", "names", multiple=True, help="Host name by which people reach it (several allowed).")
@click.option("--https", is_flag=True, help="People reach it by https, through a proxy in front.")
@click.option("--worker/--no-worker", "works", default=True, help="Whether it also carries out effects.")
@click.pass_obj
def serve(
    language: str, url: str, host: str, port: int, names: tuple[str, ...], https: bool, works: bool
) -> None:  # fmt: skip
    """Serve the configuration that was deployed to the database."""
    from fachwerk.engine.server.serving import Listen, run
    from fachwerk.engine.server.serving import serve as serve_deployed
    from fachwerk.engine.server.settings import Settings

    settings = Settings(hosts=names or Settings().hosts, https=https)
    tell = partial(tell_address, language=language)
    run(lambda: serve_deployed(url, Listen(host, port), settings, tell, works=works))


@main.command()
@DATABASE
@click.pass_obj
def worker(language: str, url: str) -> None:
    """Carry out effects (messages, time limits, ...) until stopped, on as many machines as wanted."""
    from fachwerk.engine.server.serving import run, work

    text = {"en": "Working. Stop with Ctrl-C.", "de": "Arbeitet. Beenden mit Strg-C."}
    run(lambda: work(url, lambda: click.echo("  " + say(text, language))))


@main.group()
def jobs() -> None:
    """The effects that wait, were done or failed."""


@jobs.command("list")
@click.option("--failed", "which", flag_value="failed", help="Only those that failed.")
@click.option("--all", "which", flag_value="all", help="Also those that are done.")
@click.option("--waiting", "which", flag_value="waiting", default="waiting", help="Those that wait (default).")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@DATABASE
@click.pass_obj
def jobs_list(language: str, which: str, most: int, url: str) -> None:
    """Show effects, and how many there are of each kind."""
    from fachwerk.engine.jobs import list_jobs
    from fachwerk.engine.server.serving import run

    for line in run(lambda: list_jobs(url, which, most, language)):
        click.echo(line)


@jobs.command("show")
@click.argument("job")
@DATABASE
@click.pass_obj
def jobs_show(language: str, job: str, url: str) -> None:
    """Show everything about one effect."""
    from fachwerk.engine.jobs import show_job
    from fachwerk.engine.server.serving import run

    click.echo(run(lambda: show_job(url, job)))


@jobs.command("retry")
@click.argument("names", nargs=-1)
@click.option("--failed", is_flag=True, help="All that were given up or failed so far.")
@DATABASE
@click.pass_obj
def jobs_retry(language: str, names: tuple[str, ...], failed: bool, url: str) -> None:
    """Have effects that failed tried again at once."""
    from fachwerk.engine.jobs import retry_jobs
    from fachwerk.engine.server.serving import run

    click.echo(run(lambda: retry_jobs(url, names, failed, language)))


@jobs.command("drop")
@click.argument("names", nargs=-1, required=True)
@DATABASE
@click.pass_obj
def jobs_drop(language: str, names: tuple[str, ...], url: str) -> None:
    """Let effects that wait never happen."""
    from fachwerk.engine.jobs import drop_jobs
    from fachwerk.engine.server.serving import run

    click.echo(run(lambda: drop_jobs(url, names, language)))


def tell_address(address: str, language: str) -> None:
    """Print where the application can be opened."""
    stop = {"en": "Stop with Ctrl-C.", "de": "Beenden mit Strg-C."}
    click.secho(f"  {address}", fg="cyan", bold=True)
    click.echo("  " + say(stop, language))


@main.command()
@click.argument("path", type=PROJECT, default=".")
@click.option("--database", "url", help="Default: an SQLite file .fachwerk/dev.db in PATH.")
@click.option("--fresh", is_flag=True, help="Begin with an empty database (only the one in PATH).")
@HOST
@PORT
@click.pass_obj
def dev(language: str, path: Path, url: str | None, fresh: bool, host: str, port: int) -> None:
    """Serve PATH while you edit it: with every change it is checked, deployed and shown by the browser."""
    from fachwerk.engine.commands import development_database
    from fachwerk.engine.server.serving import Listen, develop, run

    def refused(refusal: Refused) -> None:
        click.secho(say(refusal.message, language), fg="red", err=True)
        for text in refusal.fields.values():
            click.echo("  " + say(text, language), err=True)

    run(
        lambda: develop(
            path,
            url or development_database(path, fresh=fresh),
            Listen(host, port, auto=True),
            ready=lambda address: tell_address(address, language),
            report=lambda problems, files: report(problems, language, files, 0.0),
            refused=refused,
        )
    )


@main.command()
@click.argument("example")
@click.option("--records", default=300, show_default=True, type=click.IntRange(1, 1_000_000), help="About how many.")
@click.option("--database", "url", help="Default: a new SQLite file in a folder of its own.")
@click.option("--seed", default=1, show_default=True, help="Another number makes other data.")
@click.option("--no-serve", is_flag=True, help="Only make the data.")
@HOST
@PORT
@click.pass_obj
def demo(
    language: str, example: str, records: int, url: str | None, seed: int, no_serve: bool, host: str, port: int
) -> None:
    """Open EXAMPLE (public_sector, healthcare, real_estate, building_permits or a folder) with believable data."""
    from fachwerk.engine.commands import demo_database, example_folder, make_demo
    from fachwerk.engine.demo.running import PASSWORD
    from fachwerk.engine.server.serving import Listen, run
    from fachwerk.engine.server.serving import serve as serve_deployed
    from fachwerk.engine.server.settings import Settings
    from fachwerk.forms.model import Account

    project = read(example_folder(example), language, quiet=True)
    chosen = url or demo_database(project.name)
    with click.progressbar(length=records, label=say(project.label, language), file=sys.stderr) as bar:
        users = run(lambda: make_demo(project, chosen, records, seed, lambda done, of: bar.update(1)))
    for user in users:
        click.echo(f"  {user.name:<12} {user.full:<20} {user.roles}")
    click.echo({"en": f"  Password of all: {PASSWORD}", "de": f"  Passwort für alle: {PASSWORD}"}[language])
    if no_serve:
        return
    accounts = tuple(Account(user.name, roles=f"{user.full}, {user.roles}", password=PASSWORD) for user in users)
    listen = Listen(host, port, auto=True)
    run(lambda: serve_deployed(chosen, listen, Settings(), lambda a: tell_address(a, language), accounts))


@main.command()
@click.argument("name")
@click.argument("path", type=PROJECT, default=".")
@click.option("--mermaid", is_flag=True, help="As text for documents instead of SVG.")
@click.pass_obj
def diagram(language: str, name: str, path: Path, mermaid: bool) -> None:
    """Draw the workflow NAME of the configuration in PATH: SVG, or text of Mermaid, on standard output."""
    from fachwerk.engine.drawing import draw

    click.echo(draw(read(path, language, quiet=True), name, language, mermaid=mermaid), nl=False)


if __name__ == "__main__":
    main()
