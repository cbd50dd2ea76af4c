"""How long reading and checking a large project takes: ``python -m bench.schemas --entities 300 --fields 20``.

Prints the seconds of each run, then a JSON summary as the last line.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

from fachwerk.schemas.read import read_project

KINDS = (
    "text", "{type: decimal, places: 2, min: 0}", "{type: date, max: today()}", "boolean", "{type: link, to: NEXT}",
    "{type: choice, options: {a: A, b: B, c: C}}", "{type: integer, visible: f3, min: 1}",
    "{type: money, computed: f1 * 2}", "{type: email, label: {en: Mail}}", "long_text",
)  # fmt: skip


def project(entities: int, fields: int) -> dict[str, bytes]:
    """Return the files of a project with rules on every third field."""
    parts = ["app: big\nlanguages: [en]\n---\nroles: {clerk: {}, head: {reads: everything}}\n"]
    for at in range(entities):
        lines = [f"entity: e{at}\ntitle: name\nfields:\n  name: text!"]
        following = f"e{(at + 1) % entities}"
        lines += [f"  f{one}: {KINDS[one % len(KINDS)].replace('NEXT', following)}" for one in range(fields - 1)]
        lines.append("checks:\n  - {that: f1 <= 100, on: f1, else: Too large}")
        lines.append("access:\n  clerk: {create: true, read: 'f3 = true', update: 'f5 = \"a\"'}\n")
        parts.append("\n".join(lines))
    return {"big.yaml": "---\n".join(parts).encode()}


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=300)
    parser.add_argument("--fields", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    files = project(given.entities, given.fields)
    seconds = []
    for _ in range(given.runs):
        begun = time.perf_counter()
        found, problems = read_project(files)
        seconds.append(time.perf_counter() - begun)
        assert found is not None, [problem.message() for problem in problems]
        print(f"{seconds[-1]:.3f} s")
    size = len(next(iter(files.values())))
    print(json.dumps({"entities": given.entities, "fields": given.entities * given.fields, "bytes": size,
                      "median_s": round(statistics.median(seconds), 3), "best_s": round(min(seconds), 3)}))  # fmt: skip


if __name__ == "__main__":
    main()
