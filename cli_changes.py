"""The commands about versions and changes: plan, deploy, rollback, versions, show, diff, pull, drift, tidy."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from fachwerk.cli_common import FAILED, JSON, PROJECT, TO, agreed, read, tell_missing
from fachwerk.problems import say

if TYPE_CHECKING:
    from fachwerk.schemas.model import Project

BLOCKED = 3
"""The exit code where the plan says that something needs a decision first."""

ALLOW = click.option(
    "--allow-loss", "allowed", multiple=True, metavar="NAME", help="What may be lost, as the plan names it."
)


def url_of(path: Path, to: str | None) -> str:
    """Return the database that is meant."""
    from fachwerk.engine.environments import database_of

    return database_of(path, to)


def deployed(path: Path, to: str) -> Project:
    """Return the configuration in force in a database."""
    from fachwerk.engine.changes import project_in_force
    from fachwerk.engine.server.serving import run

    return run(lambda: project_in_force(url_of(path, to)))


@click.command()
@click.argument("path", type=PROJECT, default=".")
@TO
@ALLOW
@JSON
@click.option(
    "--show", "examples", metavar="NAME", help="Show rows that an effect is about: a name of the plan, or all."
)
@click.option("--sql", is_flag=True, help="Print the statements instead.")
@click.option("--json", "shape", flag_value="json", help="The same as --format json.")
@click.option(
    "--html", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the plan as a page into FILE."
)
@click.option("--site", metavar="URL", help="Where people reach the server: the page links to the records there.")
@click.pass_obj
def plan(
    language: str, path: Path, to: str | None, allowed: tuple[str, ...], shape: str, examples: str | None, sql: bool,
    file: Path | None, site: str | None,
) -> None:  # fmt: skip
    """Say what deploying PATH would do to the tables and to the live rows; nothing is changed.

    Exit code 0: can be deployed; 3: something needs a decision first; 1: the configuration has errors.
    """
    from fachwerk.engine.changes import plan_project
    from fachwerk.engine.plan import render
    from fachwerk.engine.server.serving import run

    project = read(path, language)
    made = run(lambda: plan_project(project, url_of(path, to), frozenset(allowed)))
    if file is not None:
        from fachwerk.engine.plan.page import plan_html

        file.write_text(plan_html(made, language, site or ""), encoding="utf-8")
    if sql:
        click.echo(render.plan_sql(made), nl=False)
    elif shape == "json":
        click.echo(render.plan_json(made), nl=False)
    else:
        click.echo(render.plan_text(made, language, examples=examples), nl=False)
    if made.blocked:
        raise SystemExit(BLOCKED)


@click.command()
@click.argument("path", type=PROJECT, default=".")
@TO
@ALLOW
@click.option("--why", help="Why this is deployed; kept with the version.")
@click.option(
    "--plan",
    "planned",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A plan (JSON) that must still be right.",
)
@click.option("--dry-run", is_flag=True, help="Print the statements and change nothing.")
@click.pass_obj
def deploy(
    language: str, path: Path, to: str | None, allowed: tuple[str, ...], why: str | None, planned: Path | None,
    dry_run: bool,
) -> None:  # fmt: skip
    """Bring the configuration in PATH into the database, as its next version, in one transaction.

    Values of many records are made in batches before; stopped in between, the same command goes on where it was.
    """
    from fachwerk.engine.accounts_commands import missing_people
    from fachwerk.engine.changes import deploy_planned, plan_project
    from fachwerk.engine.plan import render
    from fachwerk.engine.plan.telling import Telling
    from fachwerk.engine.server.serving import run

    project, url, started = read(path, language), url_of(path, to), time.perf_counter()
    if dry_run:
        click.echo(render.plan_sql(run(lambda: plan_project(project, url, frozenset(allowed)))), nl=False)
        return
    text = planned.read_bytes() if planned is not None else None
    telling = Telling(language, live=sys.stderr.isatty())
    done = run(
        lambda: deploy_planned(project, url, why=why, allowed=frozenset(allowed), plan=text, tell=telling)
    )  # fmt: skip
    seconds = f"{time.perf_counter() - started:.1f} s"
    number = done.deployed.version
    if done.backup:
        click.echo(say({"en": f"Copied before: {done.backup}", "de": f"Vorher kopiert: {done.backup}"}, language))
    back = {"en": "; undo with `fachwerk rollback`", "de": "; zurück mit `fachwerk rollback`"} if number > 1 else {}
    told = {
        "en": f"Deployed version {number} in {seconds} (one transaction{back.get('en', '')}).",
        "de": f"Version {number} eingespielt in {seconds} (eine Transaktion{back.get('de', '')}).",
    }
    click.secho(say(told, language), fg="green")
    tell_missing(run(lambda: missing_people(url)), language)


@click.command()
@TO
@click.argument("version", type=int, required=False)
@click.option("--why", help="Why; kept with the version.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rollback(language: str, to: str | None, version: int | None, why: str | None, yes: bool) -> None:
    """Go back to VERSION (the one before, if not said); says what would be set aside, and asks."""
    from fachwerk.engine.accounts_commands import missing_people
    from fachwerk.engine.changes import losses_of_rollback, roll_back, versions_of
    from fachwerk.engine.plan.telling import Telling
    from fachwerk.engine.server.serving import run

    url = url_of(Path(), to)
    target = version or max(run(lambda: versions_of(url))[-1].number - 1, 1)
    _, lost = run(lambda: losses_of_rollback(url, target))
    for one in lost:
        sentence = {"en": f"  - {one.name}: {one.count:,} values are set aside",
                    "de": f"  - {one.name}: {one.count} Werte werden beiseitegelegt"}  # fmt: skip
        if one.state:
            sentence = {
                "en": f"  - {one.name}: {one.count:,} cases stand in a state that version {target} does not have",
                "de": f"  - {one.name}: {one.count} Vorgänge stehen in einem Zustand, den Version {target} nicht hat",
            }
        click.echo(say(sentence, language))
    question = {"en": f"Go back to version {target}?", "de": f"Zurück zu Version {target}?"}
    if not yes and not agreed(question, language):
        raise SystemExit(FAILED)
    telling = Telling(language, live=sys.stderr.isatty())
    done = run(lambda: roll_back(url, target, why, telling))
    told = {"en": f"Version {target} is in force again, as version {done.deployed.version}.",
            "de": f"Version {target} gilt wieder, als Version {done.deployed.version}."}  # fmt: skip
    click.secho(say(told, language), fg="green")
    tell_missing(run(lambda: missing_people(url)), language)


@click.command()
@TO
@JSON
@click.pass_obj
def versions(language: str, to: str | None, shape: str) -> None:
    """List the versions deployed to the database: number, when, who, why."""
    import json

    from fachwerk.engine.changes import unfinished, versions_of
    from fachwerk.engine.server.serving import run

    found = run(lambda: versions_of(url_of(Path(), to)))
    if shape == "json":
        names = ("number", "hash", "who", "why", "tool")
        told = [{name: getattr(v, name) for name in names} | {"at": v.at.isoformat()} for v in found]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for v in found:
        click.echo(f"{v.number:>5}  {v.at:%Y-%m-%d %H:%M}  {v.hash[:12]}  {v.who or '-':<12} {v.why or ''}".rstrip())
    if (left := run(lambda: unfinished(url_of(Path(), to)))) is not None:
        share = 100 * left.done // max(left.total, 1)
        text = {
            "en": f"Unfinished: a deploy of {left.new[:12]}, {min(share, 100)} % made ahead. The same deploy goes on; "
            "any other takes this away.",
            "de": f"Unfertig: ein Einspielen von {left.new[:12]}, {min(share, 100)} % vorab gemacht. Dasselbe macht "
            "weiter; jedes andere nimmt es weg.",
        }
        click.echo(say(text, language))


@click.command()
@TO
@click.argument("version", type=int, required=False)
def show(to: str | None, version: int | None) -> None:
    """Print the files of VERSION (of the one in force, if not said)."""
    from fachwerk.engine.changes import files_of
    from fachwerk.engine.server.serving import run

    _, files = run(lambda: files_of(url_of(Path(), to), version))
    for name, content in sorted(files.items()):
        click.secho(f"# {name}", fg="cyan")
        shown = (
            content.decode("utf-8-sig") if name.endswith((".yaml", ".yml", ".csv", ".dmn")) else f"({len(content)} B)"
        )
        click.echo(shown.rstrip("\n") + "\n")


@click.command()
@TO
@JSON
@click.argument("old", type=int, required=False)
@click.argument("new", required=False)
@click.pass_obj
def diff(language: str, to: str | None, shape: str, old: int | None, new: str | None) -> None:
    """Say in what version OLD (the one in force) and NEW (a version, or a folder) differ."""
    import json

    from fachwerk.engine.changes import difference
    from fachwerk.engine.plan import render
    from fachwerk.engine.server.serving import run

    other = int(new) if new is not None and new.isdigit() else read(Path(new or "."), language)
    found = run(lambda: difference(url_of(Path(), to), old, other))
    if shape == "json":
        click.echo(json.dumps([render.change_json(change) for change in found], indent=2, ensure_ascii=False))
    else:
        click.echo(render.diff_text(found, language), nl=False)


@click.command()
@TO
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("version", type=int, required=False)
@click.pass_obj
def pull(language: str, to: str | None, folder: Path, version: int | None) -> None:
    """Write the files of VERSION (of the one in force) out of the database into the new FOLDER."""
    from fachwerk.engine.changes import files_of, write_files
    from fachwerk.engine.server.serving import run

    number, files = run(lambda: files_of(url_of(Path(), to), version))
    write_files(folder, files)
    told = {
        "en": f"Version {number}: {len(files)} files in {folder}",
        "de": f"Version {number}: {len(files)} Dateien in {folder}",
    }
    click.secho(say(told, language), fg="green")


@click.command()
@TO
@JSON
@click.pass_obj
def drift(language: str, to: str | None, shape: str) -> None:
    """Compare the database with the configuration deployed to it, both ways. Exit code 1: they differ."""
    from fachwerk.engine.changes import drift as find
    from fachwerk.engine.plan.drift import drift_json, drift_text
    from fachwerk.engine.server.serving import run

    found = run(lambda: find(url_of(Path(), to)))
    click.echo(drift_json(found) if shape == "json" else drift_text(found, language), nl=False)
    sys.exit(FAILED if found else 0)


@click.command()
@click.argument("path", type=PROJECT, default=".")
@click.option("--to", "to", multiple=True, help="Environments in which it must be deployed already (several allowed).")
@click.option("--check", is_flag=True, help="Only say what would be taken out.")
@click.pass_obj
def tidy(language: str, path: Path, to: tuple[str, ...], check: bool) -> None:
    """Take `was`, `drop`, `convert` and `fill` out of the files in PATH once they are deployed everywhere."""
    from fachwerk.engine.server.serving import run
    from fachwerk.engine.tidy import tidy_project

    project = read(path, language)
    urls = [url_of(path, name) for name in to or (None,)]
    for line in run(lambda: tidy_project(path, project, urls, write=not check)):
        click.echo(f"  {line}")


COMMANDS: tuple[click.Command, ...] = (plan, deploy, rollback, versions, show, diff, pull, drift, tidy)
