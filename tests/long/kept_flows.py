"""Random workflows that change while cases run: each case can do exactly what the version that it is under says.

Every sequence is deploys of random changes (most with ``cases: keep``, some that move all cases, some rollbacks), with
cases made and brought on in between; after each the states, actions and inboxes of all cases are those of a plain
account of where they should stand.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import traceback
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import postgres
from fachwerk.engine.database_open import open_database
from kept_flows import Play, random_flow


async def play(url: str, seed: int, steps: int) -> dict[str, int]:
    """Play one sequence in a fresh database."""
    database = await open_database(url)
    try:
        rng = random.Random(f"kept:{seed}")
        return await Play(database, rng, random_flow(rng)).run(steps)
    finally:
        await database.close()


def main() -> int:
    """Run the sequences; the last line is a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=10, help="changes of the workflow in each sequence")
    parser.add_argument("--postgres-every", type=int, default=4, help="one of so many sequences runs on PostgreSQL")
    chosen = parser.parse_args()
    started, wrong = time.monotonic(), []
    counts: dict[str, int] = {}
    home = postgres.make_home()
    try:
        try:
            server = postgres.start(home[0])
        except postgres.NoPostgres:
            server = None
        for number in range(chosen.sequences):
            seed = chosen.seed * 1_000_000 + number
            on_postgres = server is not None and number % chosen.postgres_every == 0
            with tempfile.TemporaryDirectory() as folder:
                there = server.database() if on_postgres and server else nullcontext(f"sqlite:///{folder}/kept.db")
                with there as url:
                    try:
                        found = asyncio.run(play(url, seed, chosen.steps))
                    except Exception:
                        wrong.append(seed)
                        print(f"seed {seed}: {traceback.format_exc(limit=-6)}", flush=True)
                        continue
            for what, count in found.items():
                counts[what] = counts.get(what, 0) + count
    finally:
        postgres.remove(home[0])
        home[1].close()
    summary = {"sequences": chosen.sequences, "failed": len(wrong), "seeds": wrong[:20], **counts,
               "seconds": round(time.monotonic() - started, 1)}  # fmt: skip
    print(json.dumps(summary))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
