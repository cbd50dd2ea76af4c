"""Work shared out over processes: copies of this one, which know all that was read and compiled.

Where a copy would not be whole, because libraries have started threads here already, or the system copies no
processes, :func:`copies` says so, and whoever asked does the work otherwise.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import MappingProxyType
from typing import Any

Tell = Callable[[object], None]
Take = Callable[[], int | None]
"""Gives the number of what is to be done next; ``None`` when all is taken."""
Work = Callable[[Take, Tell], None]


def _fixed(texts: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(texts)


ForkingPickler.register(MappingProxyType, lambda texts: (_fixed, (dict(texts),)))  # texts of problems are such


def cores() -> int:
    """Return how many processes this one may have run side by side."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def copies() -> bool:
    """Whether a copy of this process would be whole."""
    tasks = Path("/proc/self/task")
    return sys.platform == "linux" and tasks.is_dir() and len(list(tasks.iterdir())) == 1


def in_copies(work: Work, count: int, jobs: int) -> Iterator[Any]:
    """Have *count* pieces of *work* done by *jobs* copies of this process, and give what they tell as it comes."""
    context: Any = multiprocessing.get_context("fork")
    taken = context.Value("i", 0)
    gc.freeze()  # what is there is not gone through by every copy, which would have to copy all of it for that
    processes = [_Process(context, _copied, work, taken, count) for _ in range(min(jobs, count))]
    gc.unfreeze()
    yield from _told(processes)


def in_new(target: Callable[..., None], arguments: tuple[object, ...], shares: list[list[int]]) -> Iterator[Any]:
    """Have *target* called with *arguments* and each of *shares* in a new process, and give what they tell."""
    context: Any = multiprocessing.get_context("spawn")
    yield from _told([_Process(context, _new, target, arguments, share) for share in shares])


class _Process:
    """A process that has begun, and the end on which it is heard."""

    def __init__(self, context: Any, run: Callable[..., None], *arguments: object) -> None:
        self.end, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=run, args=(*arguments, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def leave(self) -> None:
        """Wait until it is gone, which is at once when it has said all."""
        self.end.close()
        self._process.join()


def _told(processes: list[_Process]) -> Iterator[Any]:
    heard: dict[object, _Process] = {one.end: one for one in processes}
    while heard:
        for end in wait([one.end for one in heard.values()]):
            assert isinstance(end, Connection)  # wait knows sockets, too
            try:
                said = end.recv()
            except EOFError:
                raise RuntimeError("a process that tried scenarios ended before it was done") from None
            if said is None:
                heard.pop(end).leave()
            elif isinstance(said, _Broken):
                raise RuntimeError(said)
            else:
                yield said


class _Broken(str):
    """Why a process could not go on."""


def _copied(work: Work, taken: Any, count: int, end: Connection) -> None:
    def take() -> int | None:
        with taken.get_lock():
            number: int = taken.value
            taken.value = number + 1
        return number if number < count else None

    _ended(lambda: work(take, end.send), end)


def _new(target: Callable[..., None], arguments: tuple[object, ...], share: list[int], end: Connection) -> None:
    _ended(lambda: target(*arguments, share, end.send), end)


def _ended(work: Callable[[], None], end: Connection) -> None:
    """Do the work, and say at the end that it is done, or why not."""
    try:
        work()
    except Exception:
        end.send(_Broken(traceback.format_exc()))
    else:
        end.send(None)
