"""The commands about the work itself: event logs of what happened, simulations of what would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from fachwerk.problems import say

if TYPE_CHECKING:
    from fachwerk.engine.evidence.attributes import People
    from fachwerk.engine.evidence.exporting import Shape

TO = click.option(
    "--to", "--database", "to",
    help="An environment of fachwerk.toml, sqlite:///FILE or postgresql://USER@HOST/NAME; else FACHWERK_DATABASE.",
)  # fmt: skip


@click.command()
@click.argument("entity", required=False)
@TO
@click.option(
    "--format", "shape", type=click.Choice(["xes", "ocel", "csv"]), default="xes", show_default=True,
    help="XES (IEEE 1849), OCEL 2.0 as JSON, or a table.",
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
    count = run(lambda: write_events(database_of(Path(), to), export, out, name))
    if out is not None:
        told = {"en": f"{out}: {count:,} bytes", "de": f"{out}: {count} Bytes"}
        click.secho(say(told, language), fg="green", err=True)


COMMANDS: tuple[click.Command, ...] = (events,)
