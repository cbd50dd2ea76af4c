#!/usr/bin/env python3
# ruff: noqa: E402  (the folders of the helpers must be on the path before they are imported)
"""Random strings and mutated rules through the whole rule language: reading, words, Python, evaluation, SQL.

Each text gives problems or a value; an exception, a text that takes longer than its limit, or memory that keeps growing
is a failure. The last line is a JSON object; the exit status is 1 where anything failed.

    python tests/long/rules_fuzz.py --count 1000000 --seed 1
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import multiprocessing
import resource
import sys
import time
from collections import Counter
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TextIO

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "support")]

from rules_fuzzing import Mill, Outcome
from rules_texts import Texts

BATCH = 5000
SPAWN = multiprocessing.get_context("spawn")
"""Not forked: a process that is forked beside the threads of this one may wait for ever for a lock of theirs."""

WARM = 2000
"""Texts after which caches are full and memory should stay as it is."""


def memory() -> int:
    """Return the memory in use, in KiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def grind(count: int, seed: int, seconds: float) -> tuple[Outcome, int]:
    """Put *count* texts through the mill; return what came of it and by how many KiB the memory grew."""
    mill, texts, outcome = Mill(seconds), Texts(seed), Outcome()
    start = memory()
    for number in range(count):
        if number == WARM:
            start = memory()
        text = texts.text()
        faulthandler.dump_traceback_later(seconds * 10, exit=True)
        mill.grind(text, outcome)
    faulthandler.cancel_dump_traceback_later()
    return outcome, memory() - start


def worker(tasks: Queue[tuple[int, int] | None], results: Queue[tuple[Outcome, int]], seconds: float) -> None:
    """Grind batches until there is none left."""
    while (task := tasks.get()) is not None:
        results.put(grind(*task, seconds))


def main() -> int:
    """Run as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000, help="how many texts (default 1000000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first batch (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--seconds", type=float, default=10.0, help="the time limit of one text (default 10)")
    parser.add_argument("--growth", type=int, default=64, help="MiB that memory may grow by in a batch (default 64)")
    parser.add_argument("--log", type=argparse.FileType("a"), help="a file that gets a line of JSON for each batch")
    options = parser.parse_args()
    started = time.perf_counter()
    whole, growth, lost = run(options.count, options.seed, options.jobs, options.seconds, options.log)
    kinds: Counter[str] = Counter()
    for text, step, how in whole.failures:
        key = f"{step}: {how.strip().splitlines()[-1][:150]}"
        kinds[key] += 1
        if kinds[key] <= 3:
            print(json.dumps({"text": text[:2000], "step": step, "how": how[-1500:]}, ensure_ascii=True))
    for key, count in kinds.most_common():
        print(f"{count:6} {key}")
    grown = growth > options.growth * 1024
    summary = {
        "seed": options.seed, "seconds": round(time.perf_counter() - started, 1), "texts": sum(whole.counts.values()),
        **whole.counts, "failures": len(whole.failures), "processes lost": lost, "memory growth KiB": growth,
    }  # fmt: skip
    print(json.dumps(summary))
    return 1 if whole.failures or lost or grown else 0


def run(count: int, seed: int, jobs: int, seconds: float, log: TextIO | None = None) -> tuple[Outcome, int, int]:
    """Grind *count* texts in *jobs* processes; return the sum, the largest growth, and the processes that died.

    Every batch is a line of *log*: a run that is stopped has still said what it found.
    """
    tasks: Queue[tuple[int, int] | None] = SPAWN.Queue()
    results: Queue[tuple[Outcome, int]] = SPAWN.Queue()
    batches = [(min(BATCH, count - done), seed + number) for number, done in enumerate(range(0, count, BATCH))]
    for batch in [*batches, *[None] * jobs]:
        tasks.put(batch)
    processes = [SPAWN.Process(target=worker, args=(tasks, results, seconds)) for _ in range(jobs)]
    for process in processes:
        process.start()
    whole, growth, left = Outcome(), 0, len(batches)
    while left and any(process.is_alive() for process in processes):
        try:
            outcome, grew = results.get(timeout=5)
        except Exception:
            continue
        left -= 1
        if log is not None:
            print(
                json.dumps({"batches left": left, **outcome.counts, "failures": outcome.failures}), file=log, flush=True
            )
        whole.counts += outcome.counts
        whole.failures += outcome.failures
        growth = max(growth, grew)
    for process in processes:
        process.join(5)
    lost = sum(process.exitcode != 0 for process in processes)
    return whole, growth, lost


if __name__ == "__main__":
    sys.exit(main())
