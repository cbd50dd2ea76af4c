"""Running the server: from a database to an open port, and again with every change while somebody develops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import uvicorn
import uvloop
from fachwerk.engine.database_open import opened
from fachwerk.engine.deployed import deployed_project
from fachwerk.engine.follow import following
from fachwerk.engine.main import Running, build, in_force
from fachwerk.engine.recounting import recount_for_holidays
from fachwerk.engine.server.app import build_server, build_site
from fachwerk.engine.server.asgi import Server
from fachwerk.engine.server.settings import Settings
from fachwerk.engine.server.stash import Stash
from fachwerk.engine.server.wire import Protocol
from fachwerk.engine.validation import read_whole
from fachwerk.engine.work.outside import world_of
from fachwerk.engine.worker import Worker, working
from fachwerk.forms.model import Account
from fachwerk.problems import Problems, Refused, Text
from fachwerk.rules.values import use_everywhere
from fachwerk.schemas.model import Project

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the server listens. Port 0 is any free one; ``auto`` tries the next ones where it is taken."""

    host: str = "127.0.0.1"
    port: int = 8000
    auto: bool = False


def run(work: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run the coroutine function *work* on a fast event loop and return its result."""

    async def calculating() -> T:
        use_everywhere()  # rules find their decimal context in place, here and in every task that is begun
        return await work()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(calculating())


async def serve(
    url: str, listen: Listen, settings: Settings, ready: Callable[[str], None], accounts: tuple[Account, ...] = (),
    *, works: bool = True,
) -> None:  # fmt: skip
    """Serve the configuration deployed to the database of *url* until told to stop; *ready* is given the address.

    A worker runs beside it, unless *works* says that others do that (``fachwerk worker``).
    """
    world = world_of()
    await check_deployed(url)
    async with following(url) as (follower, running):
        stash = Stash()
        server = build_server(running, settings, demo_accounts=accounts, stash=stash)
        server.follow, server.behind = follower.catch_up, follower.behind

        def prepare(new: Running) -> Callable[[], None]:
            site = build_site(new, settings, demo_accounts=accounts, stash=stash)
            return lambda: server.use(site)

        follower.prepare(prepare)
        worker = Worker(running, world, follow=follower.catch_up)
        follower.call(worker.use)
        await recount_for_holidays(running.app, running.database, running.service.kit.clock())
        async with working(worker) if works else contextlib.nullcontext():
            await listen_with(server, listen, ready)


async def work(url: str, ready: Callable[[], None]) -> None:
    """Carry out the effects of the configuration deployed to the database of *url* until told to stop."""
    await check_deployed(url)
    async with following(url) as (follower, running):
        worker = Worker(running, world_of(), follow=follower.catch_up)
        follower.call(worker.use)
        await recount_for_holidays(running.app, running.database, running.service.kit.clock())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, worker.stop)
        ready()
        await worker.run()


async def check_deployed(url: str) -> None:
    """Raise :class:`Refused` where there is no configuration in the database of *url* that can be read."""
    await _in_force(url)


@contextlib.asynccontextmanager
async def open_deployed(url: str) -> AsyncIterator[Running]:
    """Open a database for a while, with the configuration deployed to it."""
    running = await build(await _in_force(url), url)
    try:
        yield running
    finally:
        await running.database.close()


async def _in_force(url: str) -> Project:
    async with opened(url) as database:
        return await deployed_project(database)


async def listen_with(
    server: Server, listen: Listen, ready: Callable[[str], None], stop: asyncio.Event | None = None
) -> None:
    """Answer requests with *server* until a signal or *stop*."""
    with _bound(listen) as bound:
        config = uvicorn.Config(
            server, http=Protocol, ws="none", log_level=logging.WARNING, access_log=False,
            server_header=False, date_header=True, timeout_graceful_shutdown=2, lifespan="on",
        )  # fmt: skip
        uv = uvicorn.Server(config)
        gc.freeze()  # without looking for garbage first: loading leaves next to none, and who waits would wait for it
        gc.set_threshold(50_000, 50, 1_000)
        bound.listen(2048)  # whoever opens the address at once is kept waiting, not refused
        ready(f"http://{_shown(listen.host)}:{bound.getsockname()[1]}")
        watching = asyncio.create_task(_until(stop, uv)) if stop else None
        try:
            await uv.serve(sockets=[bound])
        finally:
            if watching:
                watching.cancel()


async def _until(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True


@contextlib.contextmanager
def _bound(listen: Listen) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for port in range(listen.port, listen.port + (50 if listen.auto else 1)):
            try:
                bound.bind((listen.host, port))
                break
            except OSError:
                continue
        else:
            raise Refused("port_taken", _taken(listen.port), status=409)
        yield bound


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host


def _taken(port: int) -> dict[str, str]:
    return {
        "en": f"Port {port} is taken. Choose another with --port.",
        "de": f"Der Anschluss {port} ist belegt. Wählen Sie einen anderen mit --port.",
    }


async def develop(
    folder: Path,
    url: str,
    listen: Listen,
    *,
    ready: Callable[[str], None],
    report: Callable[[Problems, int], None],
    refused: Callable[[Refused], None],
) -> None:
    """Serve the configuration in *folder*, check it again with every change and serve what is right.

    While it is wrong the last right one stays; *report* is given the problems each time, *refused* what the database
    does not take.
    """
    from watchfiles import awatch  # only needed here: start-up time

    settings = replace(Settings(), development=True)
    with _bound(listen) as found:
        listen = replace(listen, port=found.getsockname()[1])  # the address stays, whoever comes and goes meanwhile
    changes = awatch(folder, step=100)
    project = await _right(folder, report, changes)
    while project is not None:
        stop = asyncio.Event()
        serving = asyncio.create_task(_serve_once(project, url, listen, settings, ready, stop, refused))
        changed = asyncio.create_task(_right(folder, report, changes, served=project.hash))
        done, _ = await asyncio.wait({serving, changed}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await serving
        if serving in done and changed not in done:
            changed.cancel()
            return
        project = changed.result()


async def _serve_once(
    project: Project, url: str, listen: Listen, settings: Settings, ready: Callable[[str], None], stop: asyncio.Event,
    refused: Callable[[Refused], None],
) -> None:  # fmt: skip
    running = await build(project, url)
    try:
        try:
            await _follow(running, refused)
        except Refused as refusal:
            refused(refusal)
            refused(Refused("fresh", _FRESH))
            await stop.wait()
            return
        running = await in_force(running)
        accounts = await _somebody(running) if listen.host in _HERE else ()
        async with working(Worker(running, world_of())):
            await listen_with(build_server(running, settings, demo_accounts=accounts), listen, ready, stop)
    finally:
        await running.database.close()


async def _follow(running: Running, refused: Callable[[Refused], None]) -> None:
    """Bring a configuration into a development database, whatever values that costs; it is said what."""
    from fachwerk.engine.deploy import deploy  # as above

    try:
        await deploy(running.app, running.database, why="dev")
    except Refused as loss:
        if loss.code != "loss":
            raise
        await deploy(running.app, running.database, why="dev", allowed=frozenset(loss.fields))
        refused(Refused("lost", _LOST, fields=loss.fields))


async def _somebody(running: Running) -> tuple[Account, ...]:
    """Return who can sign in where one develops: everybody that the configuration names, or one for each role."""
    from fachwerk.engine.demo.running import PASSWORD, make_missing  # as above
    from fachwerk.engine.server.accounts import Accounts

    project = running.app.project
    users = await make_missing(project, Accounts(running.database, running.app.tables.metadata, project.roles))
    return tuple(Account(user.name, roles=user.roles, password=PASSWORD) for user in users)


_HERE = ("127.0.0.1", "::1", "localhost")
_LOST: Text = {
    "en": "The development database follows, and has lost these values. `deploy` would have refused this:",
    "de": "Die Entwicklungsdatenbank folgt und hat diese Werte verloren. `deploy` hätte das abgelehnt:",
}
_FRESH: Text = {
    "en": "The database cannot follow this change: undo it, or begin with an empty one by `fachwerk dev --fresh`.",
    "de": "Die Datenbank kann hier nicht folgen: rückgängig machen, oder leer beginnen mit `fachwerk dev --fresh`.",
}


async def _right(
    folder: Path, report: Callable[[Problems, int], None], changes: AsyncIterator[object], *, served: str = ""
) -> Project | None:
    """Return the next configuration without errors other than the one *served* (its hash); at first without waiting."""
    waits = bool(served)
    while True:
        if waits:
            try:
                await anext(changes)
            except StopAsyncIteration:
                return None
        waits = True
        project, problems = read_whole(folder)
        report(problems, len(project.files) if project else 0)
        # Editors write a file in several steps: what is served already is not served anew.
        if project is not None and not problems.errors and project.hash != served:
            return project
