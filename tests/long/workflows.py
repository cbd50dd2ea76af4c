"""Random workflows: what the model check says of them against a brute force over the real machine.

Every situation of every case is visited with every value of every field, moved by the machine itself; the states in which
cases get stuck, those from which no end is reached, transitions that never happen, conditions that overlap, automatic
circles and four eyes that can be avoided must be the same. Last line: JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from flows import brute_force, random_flow, verdict_of


def main() -> int:
    """Compare *count* random workflows; exit code 1 on any disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many workflows")
    parser.add_argument("--seed", type=int, default=1, help="where the random numbers begin")
    arguments = parser.parse_args()
    begun, compared, wrong, drawn = time.perf_counter(), 0, list[dict[str, object]](), 0
    seen: dict[str, int] = {}
    proved = 0
    while compared < arguments.count:
        flow = random_flow(random.Random(f"{arguments.seed}:{drawn}"))
        drawn += 1
        read = verdict_of(flow)
        if read is None:
            continue
        project, verdict, _ = read
        compared += 1
        proved += verdict.proved
        found = brute_force(flow, project)
        for name in found.__dataclass_fields__:
            seen[name] = seen.get(name, 0) + bool(getattr(found, name))
        differing = found.differs(verdict)
        if differing:
            wrong.append({"draw": drawn - 1, "differs": differing})
            print(f"draw {drawn - 1}: {differing}\n{flow.text}\nchecked: {verdict}\nbrute force: {found}", flush=True)
        elif compared % 100 == 0:
            print(f"{compared} agree so far", flush=True)
    seconds = round(time.perf_counter() - begun, 1)
    summary = {"compared": compared, "proved": proved, "disagree": len(wrong), "with": seen, "seconds": seconds}
    print(json.dumps({**summary, "seed": arguments.seed}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
