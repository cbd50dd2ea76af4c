"""The worker: takes what is due and has it done, inside the server or as a process of its own, any number of them.

What happens inside the database is done in the transaction that settles the effect: exactly once, wherever a worker is
shot. What leaves it (mail, webhooks) is delivered at least once, with the id of the effect as its key. A worker that
dies holds its effects no longer than the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fachwerk.engine.compile import App
from fachwerk.engine.database import Busy, Connection, Database, Outdated, Unique, in_transaction
from fachwerk.engine.service import Service
from fachwerk.engine.work.catalogue import Catalogue, catalogue
from fachwerk.engine.work.job import GiveUp, Inside, Made, Outside, Undelivered
from fachwerk.engine.work.outside import World
from fachwerk.engine.work.queue import GAVE_UP, Job, Queue
from fachwerk.problems import Refused, say

LOG = logging.getLogger("fachwerk.worker")
MOST_VERSIONS = 5
"""How often a job is begun again because yet another version has come into force."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works; times are seconds. *lease* must be longer than *limit*, the time one delivery may take."""

    poll: float = 1.0
    lease: float = 90.0
    limit: float = 30.0
    batch: int = 20
    """How many are taken at once; how many deliveries of a kind there are side by side."""
    attempts: int = 40
    """After about a day and a half of trying an effect is given up (``fachwerk jobs`` shows it)."""
    keep_days: int = 30
    """For how long settled effects are kept."""


class Running(Protocol):
    """A compiled app on an open database."""

    @property
    def app(self) -> App: ...
    @property
    def service(self) -> Service: ...
    @property
    def database(self) -> Database: ...


class Worker:
    """Works for one running configuration; :meth:`use` exchanges it."""

    def __init__(
        self, running: Running, world: World | None = None, pace: Pace | None = None, *,
        instead: Mapping[str, Outside] | None = None, follow: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        """*instead*: deliveries by kind of effect that do not go to the world outside (trials catch them)."""
        self._world, self._pace, self._instead = world or World(), pace or Pace(), dict(instead or {})
        self._follow = follow
        self._stopped = asyncio.Event()
        self.use(running)

    def use(self, running: Running) -> None:
        """Work for another configuration from now on."""
        self._running = running
        self._catalogue: Catalogue = catalogue(running.app, running.service, self._world, self._instead)
        self._queue = Queue(running.app, self._catalogue.outside)
        self._tidied: dt.datetime | None = None

    async def run(self) -> None:
        """Work until :meth:`stop`; what goes wrong is noted with the effect, and never ends the worker.

        Deliveries go on beside everything else, mails beside webhooks: a server that does not answer holds up no time
        limit, and no server of another kind.
        """
        lanes = (self._flow(kind) for kind in sorted(self._catalogue.outside))
        await asyncio.gather(self._on_and_on(self._inner), *lanes)

    async def _flow(self, kind: str) -> None:
        """Deliver effects of one *kind* side by side; whenever one is done, the next is taken."""
        going: set[asyncio.Task[None]] = set()

        async def turn() -> int:
            room = self._pace.batch - len(going)
            jobs = await self._taken(self._now(), kind, room) if room else []
            for job in jobs:
                task = asyncio.create_task(self._deliver(job))
                going.add(task)
                task.add_done_callback(going.discard)
            if len(going) == self._pace.batch:
                await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
                return 1
            return len(jobs)

        try:
            await self._on_and_on(turn)
            await asyncio.gather(*going)
        finally:
            left = list(going)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _on_and_on(self, turn: Callable[[], Awaitable[int]]) -> None:
        busy: int | bool
        while not self._stopped.is_set():
            try:
                busy = await turn()
            except Busy:
                busy = False
            except Outdated:
                busy = await self._newer()
            except Exception:
                LOG.exception("the worker could not read its queue")
                busy = False
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), self._pace.poll)

    def stop(self) -> None:
        """Let :meth:`run` end when what it is doing is done."""
        self._stopped.set()

    def rewind(self) -> None:
        """Look at the queue as if for the first time: the clock was set back and the database with it."""
        self._tidied = None
        self._catalogue.schedules.rewind()

    async def upcoming(self) -> dt.datetime | None:
        """Return when the next periodic work is due."""
        return await self._catalogue.schedules.upcoming(self._running.database)

    async def run_due(self) -> int:
        """Do everything that is due now, and what follows from it at once; return how much that was."""
        done = 0
        while count := await self.turn():
            done += count
        return done

    async def turn(self) -> int:
        """Take what is due, as much as fits a turn, and have it done; return how much that was."""
        return await self._inner() + await self._outer()

    async def _inner(self) -> int:
        """Do what stays inside, one after the other."""
        now = self._now()
        ticked = await self._catalogue.tick(self._running.database, now)
        jobs = await self._taken(now)
        for job in jobs:
            await self._do(job)
        if not jobs:
            await self._tidy(now)
        return len(jobs) + ticked

    async def _outer(self) -> int:
        """Deliver what goes outside, side by side."""
        now = self._now()
        jobs = [job for kind in sorted(self._catalogue.outside) for job in await self._taken(now, kind)]
        await asyncio.gather(*(self._deliver(job) for job in jobs))
        return len(jobs)

    async def _deliver(self, job: Job) -> None:
        """Do one job; what becomes of it does not concern others."""
        try:
            await self._do(job)
        except Busy:
            pass  # the lease ends, and then somebody tries again
        except Exception:
            LOG.exception("what became of a delivery could not be noted")

    async def _taken(self, now: dt.datetime, kind: str | None = None, most: int | None = None) -> list[Job]:
        lease = dt.timedelta(seconds=self._pace.lease)
        return await self._queue.take(self._running.database, now, lease, most or self._pace.batch, kind)

    async def _do(self, job: Job) -> None:
        """Do one job; where a new version comes into force meanwhile, by that one."""
        for _ in range(MOST_VERSIONS):
            try:
                return await self._once(job)
            except Outdated:
                if not await self._newer():
                    return  # as if it had been shot

    async def _newer(self) -> bool:
        """Use the version in force; return whether that could be tried."""
        if self._follow is None:
            return False
        try:
            await self._follow()
        except Exception:
            LOG.exception("the worker cannot follow")
            return False
        return True

    async def _once(self, job: Job) -> None:
        try:
            if job.attempt > self._pace.attempts:
                await self._give_up(job, "it was begun too often and never ended")
                return
            await self._handle(job)
        except Busy:
            return  # the lease ends, and then somebody tries again
        except GiveUp as reason:
            await self._give_up(job, str(reason))
        except Refused as refused:
            text = " ".join([say(refused.message), *(f"{n}: {say(t)}" for n, t in refused.fields.items())])
            await (self._failed(job, text) if refused.status >= 500 else self._give_up(job, text, refused))
        except Outdated:
            raise
        except Unique as error:
            # Somebody else has the value: trying again would not give it back.
            await self._give_up(job, _taken(error), error)
        except Undelivered as error:
            await self._failed(job, str(error), error.wait)
        except TimeoutError:
            await self._failed(job, f"there was no end to it within {self._pace.limit:g} seconds")
        except Exception as error:
            LOG.warning("effect %s (%s) failed at attempt %d", job.id, job.kind, job.attempt, exc_info=True)
            await self._failed(job, f"{type(error).__name__}: {error}")

    async def _handle(self, job: Job) -> None:
        handler = self._catalogue.handlers.get(job.kind)
        if handler is None:
            await self._failed(job, f"this version knows no effect of kind {job.kind}")
        elif isinstance(handler, Inside):
            await self._inside(job, handler)
        elif isinstance(handler, Made):
            async with asyncio.timeout(self._pace.limit):
                made = await handler.make(job)
            keep = handler.keep
            await self._inside(job, Inside(lambda connection, job: keep(connection, job, made)))
        else:
            async with asyncio.timeout(self._pace.limit):
                outcome = await handler.work(job)
            await self._in_transaction(lambda connection: self._queue.settle(connection, job, self._now(), outcome))

    async def _inside(self, job: Job, handler: Inside) -> None:
        async def work(connection: Connection) -> None:
            # Settled first: the row is ours until the end, and where it is not, nothing happens at all.
            if await self._queue.settle(connection, job, self._now()):
                outcome = await handler.work(connection, job)
                if outcome is not None:
                    await self._queue.remark(connection, job, outcome)

        await self._in_transaction(work)

    async def _failed(self, job: Job, error: str, wait: float = 0) -> None:
        if job.attempt >= self._pace.attempts:
            await self._give_up(job, error)
            return
        await self._in_transaction(lambda connection: self._queue.postpone(connection, job, self._now(), error, wait))

    async def _give_up(self, job: Job, error: str, reason: Refused | Unique | None = None) -> None:
        LOG.error("effect %s (%s) was given up: %s", job.id, job.kind, error)

        async def work(connection: Connection) -> None:
            if await self._queue.settle(connection, job, self._now(), GAVE_UP, error) and reason is not None:
                await self._catalogue.refused(connection, job, reason)

        await self._in_transaction(work)

    async def _tidy(self, now: dt.datetime) -> None:
        """Forget, once an hour, what was settled long ago."""
        if self._tidied is None or now - self._tidied > dt.timedelta(hours=1):
            self._tidied = now
            before = now - dt.timedelta(days=self._pace.keep_days)
            await self._in_transaction(lambda connection: self._queue.purge(connection, before))

    async def _in_transaction(self, work: Callable[[Connection], Awaitable[object]]) -> None:
        await in_transaction(self._running.database, work)

    def _now(self) -> dt.datetime:
        return self._running.service.kit.clock()


def _taken(error: Unique) -> str:
    """Say which value was taken already."""
    value = f"{error.table}.{', '.join(error.columns)}" if error.table else error.index
    return f"a value is taken already: {value}"


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[Worker]:
    """Let *worker* work in the background of the block."""
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, 5.0)
