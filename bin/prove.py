"""Run all proofs one after the other; say at the end what failed and what was left out; exit code 1 on any failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

LONG = (
    ("tests/long/worker_kills.py", "--effects", "300", "--kills", "8", "--seed", "1"),
    ("tests/long/rules_differential.py", "--rules", "300", "--seed", "1"),
    ("tests/long/rules_fuzz.py", "--count", "4000", "--seed", "1"),
    ("tests/long/workflows.py", "--count", "300", "--seed", "1"),
    ("tests/long/simulations.py", "--count", "20", "--seed", "1"),
    ("tests/long/lifecycle.py", "--sequences", "10", "--seed", "1"),
    ("tests/long/kept_flows.py", "--sequences", "8", "--steps", "6", "--seed", "1"),
    ("tests/long/backfills.py", "--sequences", "12", "--seed", "1"),
    ("tests/long/deploy_kills.py", "--kills", "24", "--most", "12", "--seed", "1"),
)


def steps(arguments: list[str], report: Path) -> list[tuple[str, list[str]]]:
    """Return name and command of everything to run; what the tests found goes into ``report`` (JUnit XML)."""
    cores = str(min(os.cpu_count() or 2, 4))
    found = [
        ("style", [PYTHON, "-m", "ruff", "check", "."]),
        ("types", [PYTHON, "-m", "mypy"]),
        ("tests", [PYTHON, "-m", "pytest", "-n", cores, "--dist", "worksteal", f"--junitxml={report}", *arguments]),
    ]
    found += [(script, [PYTHON, script, *options]) for script, *options in LONG if (HERE / script).exists()]
    kit = conformance_kit()
    if kit:
        found.append(("decision model kit", [PYTHON, "tests/conformance/dmn_tck.py", str(kit)]))
        found.append(("damaged decision models", [PYTHON, "tests/long/dmn_fuzz.py", "--size", "1000", str(kit)]))
    return found


def conformance_kit() -> Path | None:
    """Return the folder of the official DMN test cases: ``FACHWERK_DMN_TCK`` or one beside the checkout."""
    beside = HERE.parent / "shared" / "conformance" / "dmn-tck"
    told = os.environ.get("FACHWERK_DMN_TCK")
    return Path(told) if told else beside if beside.is_dir() else None


def left_out() -> list[str]:
    """Return what could not be proved on this machine, in words."""
    missing = []
    servers = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")] or shutil.which("postgres")
    if not servers:
        missing.append("everything on PostgreSQL (no server programs found; on Debian: apt install postgresql)")
    if not (shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")):
        missing.append("all browser tests (no Chromium found; on Debian: apt install chromium)")
    if conformance_kit() is None:
        missing.append("the official DMN test cases (set FACHWERK_DMN_TCK to their folder)")
    return missing


def failed_tests(report: Path) -> list[str]:
    """Return name and end of the traceback of every test that failed: the last lines may be all that is kept."""
    if not report.exists():
        return []
    cases = ET.parse(report).getroot().iter("testcase")
    wrong = ((case, found) for case in cases for kind in ("failure", "error") for found in case.findall(kind))
    return [
        f"{case.get('classname')}::{case.get('name')}\n    "
        + "\n    ".join(line[:300] for line in (found.text or "").splitlines()[-30:])
        for case, found in wrong
    ]


def main() -> int:
    """Run everything and report."""
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder) / "tests.xml")


def run(report: Path) -> int:
    """Run everything, what failed last."""
    failed = []
    for name, command in steps(sys.argv[1:], report):
        print(f"\n── {name} ──", flush=True)
        started = time.monotonic()
        code = subprocess.run(command, cwd=HERE, check=False).returncode
        print(f"── {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            failed.append(name)
    print()
    for missing in left_out():
        print(f"LEFT OUT: {missing}")
    for told in failed_tests(report)[:20]:
        print(f"\n{told}")
    print("FAILED: " + ", ".join(failed) if failed else "All proofs that could run here have passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
