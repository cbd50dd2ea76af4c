"""The commands about the work itself: event logs of what happened, simulations of what would."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from fachwerk.cli_common import DAY, TO, read
from fachwerk.problems import say

if TYPE_CHECKING:
    from fachwerk.engine.evidence.attributes import People
    from fachwerk.engine.evidence.exporting import Shape


@click.command()
@click.argument("entity", required=False)
@TO
@click.option(
    "--format", "shape", type=click.Choice(["xes", "ocel", "ocel-sqlite", "csv"]), default="xes", show_default=True,
    help="XES (IEEE 1849), OCEL 2.0 as JSON or as a SQLite file, or a table.",
)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output.")
@click.option(
    "--people", type=click.Choice(["ids", "names", "none"]), default="ids", show_default=True,
    help="Who did it: by pseudonym, by name, or not at all.",
)  # fmt: skip
@click.option("--texts", is_flag=True, help="Also texts: comments, names, addresses.")
@click.option("--as", "name", metavar="NAME", help="Only what this account may see; else everything.")
@click.pass_obj
def events(
    language: str, entity: str | None, to: str | None, shape: Shape, out: Path | None, people: People, texts: bool,
    name: str | None,
) -> None:  # fmt: skip
    """Write the history of ENTITY's records as an event log, for tools of process mining.

    Who did something is a pseudonym and texts stay out unless you ask for them: a log of work is data about people
    (GDPR, article 5: no more than the purpose needs).
    """
    from fachwerk.engine.environments import database_of
    from fachwerk.engine.evidence.attributes import Wanted
    from fachwerk.engine.evidence.commands import write_events
    from fachwerk.engine.evidence.exporting import Export
    from fachwerk.engine.server.serving import run

    export = Export(entity, shape, Wanted(people, texts))
    count, removed = run(lambda: write_events(database_of(Path(), to), export, out, name))
    if out is not None:
        told = {"en": f"{out}: {count:,} bytes", "de": f"{out}: {count} Bytes"}
        click.secho(say(told, language), fg="green", err=True)
    if removed:
        gone = {"en": f"Records that were removed are in it with their steps and states only: {removed:,}",
                "de": f"Gelöschte Datensätze sind nur mit Schritten und Zuständen darin: {removed}"}  # fmt: skip
        click.echo(say(gone, language), err=True)


@click.command()
@click.argument("workflow", required=False)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--cases", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@click.option("--seed", default=1, show_default=True, help="Another number makes another run.")
@click.option("--from", "start", type=DAY, default="2026-01-01", show_default=True)
@click.option("--arrivals", default="5 a day", show_default=True, help="How many come in: an hour, a day, a week.")
@click.option(
    "--people", multiple=True, metavar="ROLE=COUNT",
    help="Else as the demo data say, and as many as quorums and four eyes need.",
)  # fmt: skip
@click.option("--service", default="30 minutes", show_default=True, help="Working time that a step takes on average.")
@click.option("--step", "steps", multiple=True, metavar="STEP=LENGTH", help="The same for one step.")
@click.option("--answer", default="2 days", show_default=True, help="How long people outside take to answer.")
@click.option(
    "--pause", "pauses", default=0.1, show_default=True, type=click.FloatRange(0, 1),
    help="How many of the limits that people may let rest they let rest.",
)  # fmt: skip
@click.option("--rest", default="7 days", show_default=True, help="How long such a limit rests on average.")
@click.option(
    "--extend", "extensions", default=0.1, show_default=True, type=click.FloatRange(0, 1),
    help="How many of the limits that people may extend they extend.",
)  # fmt: skip
@click.option(
    "--absent", multiple=True, metavar="[ROLE=]SHARE",
    help="For which share of the working days people are away, such as 0.2 or head=0.2.  [default: 0]",
)  # fmt: skip
@click.option(
    "--away", default=5, show_default=True, type=click.IntRange(1, 250), help="Working days away at a time, on average."
)
@click.option("--wave", nargs=2, type=DAY, metavar="FIRST LAST", help="They are away only between these days.")
@click.option(
    "--deputies", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="How many absences have a deputy."
)
@click.option("--likely", multiple=True, metavar="STEP=NUMBER", help="How likely a step is beside the others.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; lengths are seconds.")
@click.pass_obj
def simulate(
    language: str, workflow: str | None, path: Path, cases: int, seed: int, start: dt.date, arrivals: str,
    people: tuple[str, ...], service: str, steps: tuple[str, ...], answer: str, pauses: float, rest: str,
    extensions: float, absent: tuple[str, ...], away: int, wave: tuple[dt.date, dt.date] | None, deputies: float,
    likely: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Send random cases through WORKFLOW of the configuration in PATH, in memory, and say what becomes of them.

    Times, queues, dead ends and what never happens; everything through the real rules. Nothing is kept.
    """
    from fachwerk.engine.server.serving import run
    from fachwerk.engine.simulation.assumptions import length_of, made_of, workflow_of
    from fachwerk.engine.simulation.commands import simulate as simulated

    if workflow is not None and path == Path() and Path(workflow).is_dir():
        folder, workflow = workflow, None
        path = Path(folder)
    project = read(path, language, whole=False)  # what the model check has against it is to be tried out here
    assumed = made_of(
        project, workflow_of(project, workflow), cases=cases, seed=seed, start=start, arrivals=arrivals,
        people=people, service=length_of(service), steps=steps, answer=length_of(answer), likely=likely,
        pauses=pauses, rest=length_of(rest), extensions=extensions, absent=absent, away=away, wave=wave,
        deputies=deputies,
    )  # fmt: skip
    runs = 2 if assumed.anybody_away else 1  # the same without absences, to compare
    with click.progressbar(length=cases * runs, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        text = run(
            lambda: simulated(
                project, workflow, assumed, language, json=as_json, progress=lambda done, of: bar.update(1)
            )
        )
    click.echo(text, nl=False)


COMMANDS: tuple[click.Command, ...] = (events, simulate)
