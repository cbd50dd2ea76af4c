"""Writes the figures of README.md: runs what measures them and puts a table for each between the marks.

    python bin/figures.py [kit] [rules] [agreement]        # all of them, or those named; the others stay as they are
    python bin/figures.py agreement --log FILE             # out of what a run has printed already

The official test cases are taken from ``FACHWERK_DMN_TCK`` or from beside the checkout.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prove import HERE, PYTHON, conformance_kit

README = HERE / "README.md"
BLOCK = re.compile(r"(<!-- figures: begin[^\n]*-->\n)(.*?)(<!-- figures: end -->)", re.DOTALL)
SECTION = re.compile(r"<!-- (\w+) -->\n(.*?)(?=<!-- \w+ -->\n|\Z)", re.DOTALL)


def measured(*command: str) -> dict[str, Any]:
    """Run a script and return the object on its last line."""
    done = subprocess.run([PYTHON, *command], cwd=HERE, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        sys.exit(f"{' '.join(command)} said no figures:\n{done.stdout[-500:]}{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def table(*rows: tuple[str, ...]) -> str:
    """Return rows as a table; the first is its head."""
    head, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *rest]) + "\n"


def last_line(log: Path) -> dict[str, Any]:
    """Return the object on the last line of what a script has printed."""
    found: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").strip().splitlines()[-1])
    return found


def agreement(log: Path | None = None) -> str:
    """Return how random rules agree between Python, SQLite, PostgreSQL and a plain interpreter."""
    script = "tests/long/rules_differential.py"
    found = last_line(log) if log else measured(script, "--rules", "22000")
    rows = (
        ("random rules: Python, SQLite, PostgreSQL and a plain interpreter", ""),
        ("rules judged in Python and by the interpreter, for every record", f"{found['rules']:,}"),
        ("… of these in SQLite", f"{found['sqlite: translated']:,}"),
        ("… of these in PostgreSQL", f"{found.get('postgresql: translated', 0):,}"),
        ("disagreements", f"{found['disagreements']:,}"),
    )
    return table(*rows) + f"\nBy `python {script} --rules 22000 --seed {found['seed']}`.\n"


def kit(log: Path | None = None) -> str:
    """Return what passes of the official DMN test cases."""
    folder = conformance_kit()
    if folder is None:
        sys.exit("Set FACHWERK_DMN_TCK to the folder TestCases of a checkout of the official DMN test cases.")
    found = last_line(log) if log else measured("tests/conformance/dmn_tck.py", str(folder), "--json")
    failed = Counter(name.partition("/")[0] for name in found["failed"])
    reasons = ", ".join(f"{name} ({count})" for name, count in failed.most_common()) or "none"
    rows = (
        ("official DMN test cases", ""),
        ("results that were asked for", f"{found['total']:,}"),
        ("passed", f"{found['passed']:,}"),
        ("… by a value / by null", f"{found['passed_value']:,} / {found['passed_null']:,}"),
        ("test cases passed", f"{found['cases_passed']:,} of {found['cases']:,}"),
        ("failed", reasons),
    )
    return table(*rows) + "\nBy `python tests/conformance/dmn_tck.py PATH --json`.\n"


def rules(log: Path | None = None) -> str:
    """Return how fast rules are, beside functions by hand and other engines."""
    found = last_line(log) if log else measured("bench/rules.py", "--json")
    results: Mapping[str, Mapping[str, Mapping[str, float]]] = found["results"]
    engines = list(next(iter(results.values())))
    head = ("µs for one evaluation", *("by hand" if engine == "hand" else engine for engine in engines))
    rows = [(name, *(f"{of[engine]['us']:.2f}" for engine in engines)) for name, of in results.items()]
    plain = [of for name, of in results.items() if not name.startswith("table")]
    medians = {engine: statistics.median(of[engine]["factor"] for of in plain) for engine in engines}
    rows.append(("**median factor of the ten rules**", *(f"**{medians[engine]:.2f}**" for engine in engines)))
    more = found["table of 1,000 minus table of 20, us"]
    both = found["reading, checking and compiling 1,000 rules, s"]
    return (
        table(head, *rows)
        + f"\nA table of 1,000 rows takes {more:.2f} µs more than one of 20. Reading, checking and compiling 1,000"
        f" rules takes {both:.2f} s.\n{machine()} By `python bench/rules.py --json`.\n"
    )


def machine() -> str:
    """Return where and when it was measured, and how busy the machine was: then the factors say more than the times."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    busy = f", a machine with other work (load {load:.0f}): the factors count" if load > cores / 2 else ""
    return f"Measured on {dt.date.today()} with Python {platform.python_version()} on {cores} cores{busy}."


FIGURES: Mapping[str, Callable[[Path | None], str]] = {"kit": kit, "rules": rules, "agreement": agreement}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *FIGURES], help="which figures (all, if none is named)")
    parser.add_argument("--log", type=Path, help="what a run has printed already, for one figure")
    options = parser.parse_args()
    names = options.names or list(FIGURES)
    if options.log and len(names) != 1:
        parser.error("--log is for one figure")
    text = README.read_text(encoding="utf-8")
    block = BLOCK.search(text)
    if block is None:
        sys.exit("README.md has no marks for figures.")
    kept = dict(SECTION.findall(block[2]))
    made = {name: "\n" + FIGURES[name](options.log) + "\n" if name in names else kept.get(name, "") for name in FIGURES}
    others = {name: section for name, section in kept.items() if name not in FIGURES}
    sections = "".join(f"<!-- {name} -->\n{section}" for name, section in (made | others).items() if section)
    README.write_text(text[: block.start(2)] + sections + text[block.end(2) :], encoding="utf-8")
    print(Path(README).name, "has the figures of:", ", ".join(names))


if __name__ == "__main__":
    main()
