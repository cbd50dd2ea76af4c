"""The command about documents: ``fachwerk document`` makes one, for trying a template out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from fachwerk.cli_common import TO
from fachwerk.problems import say

if TYPE_CHECKING:
    from fachwerk.schemas.letter import LetterForm


@click.command()
@click.argument("name")
@click.argument("record")
@TO
@click.option(
    "--with", "folder", type=click.Path(exists=True, path_type=Path),
    help="Take the document from this folder instead of what is deployed: to try a template before deploying it.",
)  # fmt: skip
@click.option("--as", "form", type=click.Choice(["pdf", "docx"]), default="pdf", show_default=True, help="As what.")
@click.option("--in", "tongue", help="Its language, where the document does not say it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else named by its title.")
@click.pass_obj
def document(
    language: str, name: str, record: str, to: str | None, folder: Path | None, form: LetterForm, tongue: str | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Make the document NAME of RECORD (its id, or words that find only it), as it now is; nothing is kept."""
    from fachwerk.engine.environments import database_of
    from fachwerk.engine.letters.trying import Wanted, try_document
    from fachwerk.engine.server.serving import run

    wanted = Wanted(name, record, form, tongue)
    made = run(lambda: try_document(database_of(folder or Path(), to), wanted, folder))
    path = out or Path(made.name)
    path.write_bytes(made.content)
    told = {"en": "{path}: {count:,} bytes", "de": "{path}: {count} Bytes"}
    click.secho(say(told, language, path=path, count=len(made.content)), fg="green")


COMMANDS: tuple[click.Command, ...] = (document,)
