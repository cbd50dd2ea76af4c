"""Damages DMN files at random and holds that each gives problems or values, never an exception or a standstill.

    python tests/long/dmn_fuzz.py PATH [--size 100000] [--seed 1]

PATH is a folder with ``.dmn`` files (such as a checkout of the official kit), which are the material. The last line is a
JSON object with at least ``files``, ``evaluations``, ``failed`` (what raised) and ``slow`` (what took longer than 2 s).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from decimal import Decimal
from pathlib import Path

from fachwerk.problems import Refused
from fachwerk.rules.dmn.models import load_models

VALUES: tuple[object, ...] = (None, "x", True, Decimal(3), [Decimal(1)], {"a": "b"}, 1, 2.5)
TEXTS = (b"", b"(", b"a b c", b"-", b"not(", b"function(x) x", b"null", b"?", b"for x in x return x", b"@")
ELEMENT = re.compile(rb"<(\w+)[^>]*>.*?</\1>", re.S)
TEXT = re.compile(rb"<text>.*?</text>", re.S)
ATTRIBUTE = re.compile(rb' \w+="[^"]*"')


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return *data* with one random change."""
    kind = chance.randrange(6)
    at = chance.randrange(len(data)) if data else 0
    if kind == 0:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + chance.randrange(200) :]
    if kind == 2:
        return swapped(data, [m.group() for m in ELEMENT.finditer(data)], chance)
    if kind == 3:
        texts = [m.group() for m in TEXT.finditer(data)]
        more = [b"<text>" + text + b"</text>" for text in TEXTS]
        return data.replace(chance.choice(texts), chance.choice(texts + more), 1) if texts else data
    if kind == 4:
        return swapped(data, [m.group() for m in ATTRIBUTE.finditer(data)], chance)
    names = re.findall(rb"<(\w+)[ >]", data)
    one, other = (chance.choice(names), chance.choice(names)) if names else (b"a", b"b")
    return data.replace(b"<" + one, b"<" + other).replace(b"</" + one, b"</" + other)


def swapped(data: bytes, parts: list[bytes], chance: random.Random) -> bytes:
    """Return *data* with one of *parts* in the place of another."""
    return data.replace(chance.choice(parts), chance.choice([*parts, b""]), chance.choice((1, -1))) if parts else data


def evaluate(data: bytes, chance: random.Random) -> int:
    """Load *data*, say all problems, ask all decisions; return how many were asked."""
    models, problems = load_models({"fuzz.dmn": data})
    for problem in problems:
        for language in ("en", "de"):
            problem.message(language), problem.label(language), problem.remedy(language)
        str(problem.span)
    for name in models.names()[:40]:
        try:
            parameters = models.signature(name).parameters
            models.decide(name, {label: chance.choice(VALUES) for label, _ in parameters})
        except Refused:
            continue
    return len(models.names()[:40])


def main() -> int:
    """Fuzz; the exit code is 0 if nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--size", type=int, default=100_000, help="number of files")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    material = [path.read_bytes() for path in sorted(options.path.rglob("*.dmn")) if path.stat().st_size < 40_000]
    if not material:
        parser.error(f"no .dmn files below {options.path}")
    chance = random.Random(options.seed)
    evaluations, failed, slow = 0, [], []
    for number in range(options.size):
        data = chance.choice(material)
        for _ in range(chance.randrange(1, 6)):
            data = damaged(data, chance)
        began = time.perf_counter()
        try:
            evaluations += evaluate(data, chance)
        except Exception as error:  # the finding
            failed.append(f"{number}: {type(error).__name__}: {error}")
        if time.perf_counter() - began > 2:
            slow.append(number)
    summary = {"files": options.size, "seed": options.seed, "evaluations": evaluations, "failed": failed, "slow": slow}
    print(json.dumps(summary))
    return 1 if failed or slow else 0


if __name__ == "__main__":
    sys.exit(main())
