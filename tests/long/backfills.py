"""Deploys whose values are made ahead while somebody writes, against a plain replay of every row.

Each sequence takes a random configuration with random rows and a random edit of it. Values are made in batches of three
records, with random writes after every transaction and every look; then it is deployed, and every row compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import postgres
from plan_ahead import prepared_and_plain


def main() -> int:
    """Try so many sequences; the last line is a summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres-every", type=int, default=4, help="one of so many sequences runs on PostgreSQL")
    chosen = parser.parse_args()
    started, seeds, left_out = time.monotonic(), [], 0
    done = {"sqlite": 0, "postgresql": 0}
    home, owner = postgres.make_home()
    try:
        server = postgres.start(home)
        for number in range(chosen.sequences):
            seed = chosen.seed * 100_000 + number
            on_server = number % chosen.postgres_every == 0
            with tempfile.TemporaryDirectory() as folder:
                urls = (f"sqlite:///{folder}/a.db", f"sqlite:///{folder}/b.db")
                if on_server:
                    urls = (server.create(), server.create())
                wrong = asyncio.run(prepared_and_plain(urls, seed))
                for url in urls if on_server else ():
                    server.drop(url)
            if wrong is None:
                left_out += 1
                continue
            done["postgresql" if on_server else "sqlite"] += 1
            if wrong:
                seeds.append(seed)
                print(f"seed {seed}: {wrong}", flush=True)
    finally:
        postgres.remove(home)
        owner.close()
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({**done, "left_out": left_out, "failed": len(seeds), "seeds": seeds, "seconds": seconds}))
    return 1 if seeds else 0


if __name__ == "__main__":
    sys.exit(main())
