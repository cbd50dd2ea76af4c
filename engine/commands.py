"""What the command line asks for, as functions: each opens the database, does one thing and closes it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from fachwerk.engine.demo import running as demo_data
from fachwerk.engine.demo.running import DemoUser
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.server.passwords import Passwords
from fachwerk.engine.server.serving import open_deployed
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused, nearest
from fachwerk.schemas.model import Project

EXAMPLES = Path(__file__).parent.parent / "examples"


async def add_user(url: str, sign_in: str, name: str, roles: tuple[str, ...], email: str, password: str) -> None:
    """Make an account in a database to which a configuration was deployed."""
    async with open_deployed(url) as running:
        project = running.app.project
        passwords = Passwords(Settings())
        passwords.check(password, sign_in)
        accounts = Accounts(running.database, running.app.tables.metadata, project.roles)
        hashed = await passwords.hash(password)
        language = project.languages[0]
        await accounts.create(name, sign_in, roles=roles, password=hashed, email=email, language=language)


async def make_demo(
    project: Project, url: str, records: int, seed: int, progress: Callable[[int, int], None]
) -> tuple[DemoUser, ...]:
    """Fill the empty database of *url* with demo data and return who can sign in."""
    _, users = await demo_data.make_demo(project, url, records, seed=seed, progress=progress)
    return users


def example_folder(name: str) -> Path:
    """Return the folder of an example that comes with Fachwerk, or of a project of one's own."""
    if (EXAMPLES / name).is_dir() and "/" not in name:
        return EXAMPLES / name
    if Path(name).is_dir():
        return Path(name)
    known = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
    listed = ", ".join(known)
    guess = nearest(name, known)
    raise Refused(
        "no_example",
        {
            "en": f"There is no example {name}. " + (f"Did you mean {guess}?" if guess else f"There are: {listed}."),
            "de": f"Es gibt kein Beispiel {name}. " + (f"Meinten Sie {guess}?" if guess else f"Es gibt: {listed}."),
        },
    )


def demo_database(name: str) -> str:
    """Return the URL of a new SQLite file in a folder of its own."""
    return f"sqlite:///{tempfile.mkdtemp(prefix='fachwerk-')}/{name}.db"


def development_database(folder: Path, *, fresh: bool = False) -> str:
    """Return the URL of the SQLite file in which a project is tried out while it is written; *fresh* empties it."""
    home = folder / ".fachwerk"
    home.mkdir(exist_ok=True)
    for name in ("dev.db", "dev.db-wal", "dev.db-shm") if fresh else ():
        (home / name).unlink(missing_ok=True)
    (home / ".gitignore").write_text("*\n")
    return f"sqlite:///{home}/dev.db"
