"""Random edits of random configurations with random rows: planned, deployed, planned again, rolled back.

A sequence is one configuration with several edits one after the other: fields of all kinds, their rules, computed
values over records, rows and decisions, relations, trees, files, entities given up and made again, renames, rights,
states, parallel parts and time limits. At its end everything is rolled back at once. For every edit: what the plan counts is what a plain replay of every row finds; a plan after the deploy is empty; the
rows are then those of the replay; rolling back gives the rows as they were, byte by byte; what the plan rules out is
refused and changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import postgres
from plan_proofs import differing


def main() -> int:
    """Run the sequences; the last line is a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=14, help="cases in each sequence")
    parser.add_argument("--edits", type=int, default=4, help="edits one after the other in a sequence, at most")
    parser.add_argument("--postgres-every", type=int, default=4, help="one of so many sequences runs on PostgreSQL")
    chosen = parser.parse_args()
    started, wrong = time.monotonic(), []
    with servers() as server:
        on_postgres = done = 0
        stopped: list[int] = []
        signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
        for number in range(chosen.sequences):
            if stopped:
                break  # told to end: the summary says how far it came
            seed = chosen.seed * 1_000_000 + number
            here = server if server is not None and number % chosen.postgres_every == 0 else None
            on_postgres += here is not None
            try:
                found = one(seed, chosen, here)
            except Exception:
                found = {"crashed": traceback.format_exc(limit=-6)}
            done += 1
            if found:
                wrong.append(seed)
                print(f"seed {seed}: {found}", flush=True)
    summary = {
        "sequences": done, "of": chosen.sequences, "edits_each_at_most": chosen.edits, "postgresql": on_postgres, "failed": len(wrong), "seeds": wrong[:20],
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    print(json.dumps(summary))
    return 1 if wrong else 0


def one(seed: int, chosen: argparse.Namespace, server: postgres.Server | None) -> dict[str, object]:
    """Run one sequence in two fresh databases."""
    if server is not None:
        with server.database() as first, server.database() as second:
            return asyncio.run(differing((first, second), seed, chosen.rows, chosen.edits))
    with tempfile.TemporaryDirectory() as folder:
        urls = f"sqlite:///{folder}/a.db", f"sqlite:///{folder}/b.db"
        return asyncio.run(differing(urls, seed, chosen.rows, chosen.edits))


@contextmanager
def servers() -> Iterator[postgres.Server | None]:
    """Give a PostgreSQL server of our own, where one can be started."""
    home, owner = postgres.make_home()
    try:
        yield postgres.start(home)
    except postgres.NoPostgres:
        yield None
    finally:
        postgres.remove(home)
        owner.close()


if __name__ == "__main__":
    sys.exit(main())
