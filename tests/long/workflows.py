"""Random workflows: what the model check says of them against a brute force over the real machine.

Every situation of every case is visited with every value of every field, moved by the machine itself; the states in which
cases get stuck, those from which no end is reached, transitions that never happen, conditions that overlap, automatic
circles and four eyes that can be avoided must be the same, and the shortest ways there that messages name must be as long as
the shortest of all. Last line: JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from brute_flows import brute_force
from flows import random_flow, verdict_of


@dataclass(frozen=True, slots=True)
class Compared:
    """One drawn workflow: whether everything was told of it, what was found in it, and what disagrees."""

    draw: int
    proved: bool
    with_: tuple[str, ...]
    differing: tuple[str, ...]
    told: str


def compare(seed: int, draw: int) -> Compared | None:
    """Compare the workflow of one draw; ``None`` where the text drawn is none."""
    flow = random_flow(random.Random(f"{seed}:{draw}"))
    read = verdict_of(flow)
    if read is None:
        return None
    project, verdict, problems = read
    found = brute_force(flow, project)
    having = tuple(name for name in found.__dataclass_fields__ if getattr(found, name))
    told = f"{flow.text}\nchecked: {verdict}\nbrute force: {found}"
    return Compared(draw, verdict.proved, having, tuple(found.differs(verdict, problems)), told)


def drawn(seed: int, first: int, jobs: int) -> Iterator[Compared]:
    """Give the comparisons of all draws from *first* on, in their order."""
    one = partial(compare, seed)
    if jobs == 1:
        yield from (found for found in map(one, count(first)) if found is not None)
        return
    pool = ProcessPoolExecutor(jobs)
    waiting: deque[Future[Compared | None]] = deque()
    try:
        for draw in count(first):
            waiting.append(pool.submit(one, draw))
            if len(waiting) == 50 * jobs and (found := waiting.popleft().result()) is not None:
                yield found
    finally:
        pool.shutdown(cancel_futures=True)


def main() -> int:
    """Compare *count* random workflows; exit code 1 on any disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many workflows")
    parser.add_argument("--seed", type=int, default=1, help="where the random numbers begin")
    parser.add_argument("--draw", type=int, default=0, help="the draw to begin with; `--draw N --count 1` for one alone")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    arguments = parser.parse_args()
    begun, compared, wrong, proved = time.perf_counter(), 0, 0, 0
    seen: dict[str, int] = {}
    for one in islice(drawn(arguments.seed, arguments.draw, arguments.jobs), arguments.count):
        compared += 1
        proved += one.proved
        for name in one.with_:
            seen[name] = seen.get(name, 0) + 1
        if one.differing:
            wrong += 1
            print(f"draw {one.draw}: {', '.join(one.differing)}\n{one.told}", flush=True)
        elif compared % 100 == 0:
            print(f"{compared} compared, {wrong} disagree so far", flush=True)
    seconds = round(time.perf_counter() - begun, 1)
    summary = {"compared": compared, "proved": proved, "disagree": wrong, "with": seen, "seconds": seconds}
    print(json.dumps({**summary, "seed": arguments.seed}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
