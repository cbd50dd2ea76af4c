"""A PostgreSQL cluster of the tests' own: started when asked for, shared by all workers, gone at the end.

It lives in one temporary directory, listens on a random port of the loopback interface, and writes without
waiting for the disk. Text is sorted by a German ICU collation on purpose, so that code which needs code point
order must say so. Every test gets databases of its own, owned by a role without special rights.

``FACHWERK_TEST_POSTGRES=postgresql://user:password@host:port/postgres`` uses a running server (whose role
is allowed to create databases); ``FACHWERK_REQUIRE_POSTGRES=1`` turns its absence into a failure.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import asyncpg

LEFT_OUT = "PostgreSQL is not installed: this half of the test was left out"
"""The reason of every test that could not run for want of PostgreSQL (see the summary in ``conftest``)."""

PREFIX = "fachwerk-postgres-"
_numbers = itertools.count(1)


class NoPostgres(Exception):
    """There are no PostgreSQL server programs on this machine."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the URL of its maintenance database, as a role that may create databases."""

    url: str

    def url_of(self, database: str) -> str:
        """Return the URL of another database of the server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def create(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{os.getpid()}_{next(_numbers)}_{secrets.token_hex(3)}"
        self.run(f'create database "{name}"')
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Drop the database of *url*, whoever is still connected."""
        self.run(f'drop database if exists "{urlsplit(url).path[1:]}" with (force)')

    def run(self, *statements: str) -> None:
        """Run *statements* one by one, outside of a transaction."""
        execute(self.url, *statements)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of an empty database and drop it afterwards."""
        url = self.create()
        try:
            yield url
        finally:
            self.drop(url)


def execute(url: str, *statements: str) -> None:
    """Run *statements* on the database of *url*; works whether or not an event loop is running."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    _in_thread(lambda: asyncio.run(work()))


def _in_thread(work: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs, or None."""
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


# ------------------------------------------------------------------ one cluster for all workers


def make_home() -> tuple[Path, IO[str]]:
    """Make the directory of a cluster that is not started yet; it is ours while the returned file is open."""
    stop_orphans()
    while True:
        home = Path(tempfile.mkdtemp(prefix=PREFIX))
        home.chmod(0o755)
        owner = (home / "owner").open("w")
        fcntl.flock(owner, fcntl.LOCK_EX)
        if (home / "owner").exists():  # else another run took it for an orphan before we held the lock
            return home, owner


def stop_orphans() -> None:
    """Stop clusters whose test run was killed: nobody holds their owner file any more."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (home / "owner").open() as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(home)
        except OSError:
            continue


def start(home: Path) -> Server:
    """Return the server in *home*; the first caller of all processes starts it."""
    given = os.environ.get("FACHWERK_TEST_POSTGRES")
    if given:
        return Server(given)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = home / "url"
        if not url.exists():
            url.write_text(_launch(home))
        return Server(url.read_text())


def remove(home: Path) -> None:
    """Stop the server in *home*, if it runs, and remove the directory."""
    found = binaries()
    if found and (home / "data" / "postmaster.pid").exists():
        _as_owner(found / "pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop", check=False)
    shutil.rmtree(home, ignore_errors=True)


def _launch(home: Path) -> str:
    found = binaries()
    if found is None:
        raise NoPostgres(LEFT_OUT)
    if os.geteuid() == 0:
        shutil.chown(home, _owner())
    _initialise(found, home)
    for _ in range(5):
        port = _free_port()
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal "
            "-c max_wal_senders=0 -c max_connections=200 -c shared_buffers=64MB "
            "-c timezone=Pacific/Auckland -c jit=off "
            "-c autovacuum=off"  # its workers are nobody's, and a database that one is in cannot be dropped by force
        )
        command = (found / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "-t", "300", "-o", options, "start")
        if _as_owner(*command, check=False).returncode == 0:
            return _make_role(f"postgresql://postgres@127.0.0.1:{port}/postgres", home)
    raise RuntimeError((home / "log").read_text())


def _initialise(found: Path, home: Path) -> None:
    base = (found / "initdb", "-D", home / "data", "-U", "postgres", "-E", "UTF8", "-A", "trust", "-N")
    german = (*base, "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=de")
    if _as_owner(*german, check=False).returncode:
        shutil.rmtree(home / "data", ignore_errors=True)
        _as_owner(*base, "--locale=C.UTF-8")


def _make_role(url: str, home: Path) -> str:
    """Make the role of the tests and close the door to everybody else."""
    password = secrets.token_hex(16)
    (home / "data" / "pg_hba.conf").write_text("host all fachwerk 127.0.0.1/32 scram-sha-256\n")
    execute(url, f"create role fachwerk login createdb password '{password}'", "select pg_reload_conf()")
    return url.replace("postgres@", f"fachwerk:{password}@", 1)


def _owner() -> str:
    """The user a server runs as when the tests run as root, which PostgreSQL refuses."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_owner(*command: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    words = [str(word) for word in command]
    user = _owner() if os.geteuid() == 0 else None
    groups = [] if user else None
    group = pwd.getpwnam(user).pw_gid if user else None
    silent = subprocess.DEVNULL
    return subprocess.run(
        words, check=check, user=user, group=group, extra_groups=groups, cwd="/", stdout=silent, stderr=silent
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[Server]:
    """Give a server to a script that runs without pytest, and stop it afterwards."""
    home, owner = make_home()
    try:
        yield start(home)
    finally:
        remove(home)
        owner.close()
