"""Random workflows simulated: nothing may happen that the model check proved impossible. Last line: JSON.

Every workflow gets cases through the real service; a case that gets stuck where none can, a transition taken that never
can be, or a state entered that cannot be reached is a defect of the one or the other.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from simulating import contradictions, simulate_flow


def main() -> int:
    """Simulate *count* random workflows; exit code 1 on any contradiction."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="how many workflows")
    parser.add_argument("--cases", type=int, default=12, help="how many cases for each")
    parser.add_argument("--seed", type=int, default=1, help="where the random numbers begin")
    arguments = parser.parse_args()
    begun, drawn, done, wrong = time.perf_counter(), 0, 0, 0
    seen = {"proved": 0, "cases": 0, "steps": 0, "dead_ends": 0}
    while done < arguments.count:
        made = simulate_flow(random.Random(f"{arguments.seed}:{drawn}"), arguments.cases, arguments.seed)
        drawn += 1
        if made is None:
            continue
        flow, result = made
        done += 1
        found = contradictions(result)
        seen["proved"] += result.verdict.proved
        seen["cases"] += result.cases
        seen["steps"] += result.steps
        seen["dead_ends"] += sum(end.count for end in result.dead_ends)
        if found:
            wrong += 1
            print(f"draw {drawn - 1}: {found}\n{flow.text}\nchecked: {result.verdict}\ndead ends: {result.dead_ends}", flush=True)
    seconds = round(time.perf_counter() - begun, 1)
    print(json.dumps({"workflows": done, **seen, "contradictions": wrong, "seconds": seconds, "seed": arguments.seed}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
