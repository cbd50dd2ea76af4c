#!/usr/bin/env python3
# ruff: noqa: E402  (the folders of the helpers must be on the path before they are imported)
"""Random rules over random rows: generated Python against SQLite against PostgreSQL against the oracle.

Every rule is parsed and checked; then the plain tree walk of ``tests/support/feel_oracle.py`` says what it is for every row
(nulls and all), and the compiled Python function, the value form and the filter form on both databases must say the
same. What a database refuses to translate is counted and listed with its reason. The last line is a JSON object;
the exit status is 1 where anybody disagreed.

    python tests/long/rules_differential.py --rules 20000 --seed 1 --postgres auto
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "support")]

import postgres
import rules_world
from rules_agreement import Panel, Tally
from rules_in_python import in_python
from rules_random import Maker

BATCH = 500


def run(rules: int, seed: int, url: str | None) -> Tally:
    """Let everybody judge *rules* random rules over the world of *seed*."""
    tally, maker = Tally(), Maker(seed)
    panel = Panel(rules_world.make_world(seed), url, in_python)
    try:
        for _ in range(rules):
            panel.judge(maker.rule()[1], tally)
    finally:
        panel.close()
    return tally


def run_batch(rules: int, seed: int, server: postgres.Server | None) -> Tally:
    """Run one batch in a process of its own, on a database of its own."""
    with ExitStack() as stack:
        return run(rules, seed, stack.enter_context(server.database()) if server else None)


def joined(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of all batches."""
    whole = Tally(Counter(), Counter(), [])
    for tally in tallies:
        whole.counts += tally.counts
        whole.reasons += tally.reasons
        whole.disagreements += tally.disagreements
    return whole


def main() -> int:
    """Run the comparison as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=20_000, help="how many rules (default 20000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first batch (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument(
        "--postgres", choices=("auto", "no"), default="auto", help="auto starts a server of its own (default)"
    )
    options = parser.parse_args()
    started = time.perf_counter()
    batches = [min(BATCH, options.rules - done) for done in range(0, options.rules, BATCH)]
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server()) if options.postgres == "auto" else None
        # not forked: a process that is forked beside the threads of this one may wait for ever for a lock of theirs
        pool = stack.enter_context(ProcessPoolExecutor(options.jobs, get_context("spawn")))
        waiting = [pool.submit(run_batch, size, options.seed + n, server) for n, size in enumerate(batches)]
        whole = joined([future.result() for future in waiting])
    return report(whole, options.seed, time.perf_counter() - started)


def report(whole: Tally, seed: int, seconds: float) -> int:
    """Print what came of it."""
    for reason, count in whole.reasons.most_common(30):
        print(f"{count:6} {reason}")
    shortest = sorted(whole.disagreements, key=lambda found: len(str(found["rule"])))
    for found in shortest[:20]:
        print(json.dumps({name: str(value)[:600] for name, value in found.items()}, ensure_ascii=False))
    rules = whole.counts["rules"]
    rates = {
        dialect: round(whole.counts[f"{dialect}: translated"] / rules, 4) if rules else None
        for dialect in ("sqlite", "postgresql")
    }
    summary = {
        "seed": seed,
        "seconds": round(seconds, 1),
        **whole.counts,
        "translated": rates,
        "disagreements": len(whole.disagreements),
    }
    print(json.dumps(summary))
    return 1 if whole.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
