"""How long it takes from the start of the process to the first answered request, on SQLite with a deployed project.

The same for ``fachwerk validate``. Python keeps compiled modules, as on any machine where the program has
run once; with ``--cold`` it has to compile them each time. The last line is JSON.

    python bench/start.py --runs 7
"""
# ruff: noqa: E402 - the path is put in order before anything else is imported

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This folder must not be looked into for modules: http.py is called like one of the standard library.
sys.path[:] = [str(HERE.parent), *(path for path in sys.path if Path(path or ".").resolve() != HERE)]

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

COMMAND = [sys.executable, "-c", "from fachwerk.cli import main; main()"]
PHASES = """
import json, sys, time
from pathlib import Path
marks = [time.perf_counter()]
import fachwerk.cli
marks.append(time.perf_counter())
import fachwerk.schemas.read
marks.append(time.perf_counter())
import sqlalchemy
marks.append(time.perf_counter())
import fachwerk.engine.server.serving
marks.append(time.perf_counter())
project, _ = fachwerk.schemas.read.read_project(Path(sys.argv[1]))
marks.append(time.perf_counter())
from fachwerk.engine.main import compile_project
compile_project(project, "sqlite")
marks.append(time.perf_counter())
names = ("load command line", "load reader", "load SQLAlchemy", "load server", "read project", "compile project")
print(json.dumps({name: round((b - a) * 1000) for name, a, b in zip(names, marks, marks[1:])}))
"""


def main() -> None:
    """Measure and report."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="fachwerk-start-") as folder:
        environment = _environment(Path(folder), cold=options.cold)
        database = f"sqlite:///{folder}/app.db"
        project = str(options.project.resolve())
        subprocess.run([*COMMAND, "deploy", project, "--database", database], env=environment, check=True,
                       capture_output=True)  # fmt: skip
        first_answer(database, environment)  # what is not kept yet is kept now
        answers = [first_answer(database, environment) for _ in range(options.runs)]
        checks = [validated(project, environment) for _ in range(options.runs)]
        phase = [sys.executable, "-c", PHASES, project]
        shown = subprocess.run(phase, env=environment, check=True, capture_output=True)
    phases = json.loads(shown.stdout)
    for name, spent in phases.items():
        print(f"{name:>20} {spent:5d} ms")
    summary = {"project": options.project.name, "runs": options.runs, "cold": options.cold, "phases_ms": phases}
    for name, measured in (("first_answer", answers), ("validate", checks)):
        wall, processor = zip(*measured, strict=True)
        summary |= {f"{name}_s": _spread(wall), f"{name}_processor_s": _spread(processor)}
    print(json.dumps(summary))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=HERE.parent / "examples" / "building_permits")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cold", action="store_true", help="keep no compiled modules")
    return parser.parse_args()


def _environment(folder: Path, *, cold: bool) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept = {"PYTHONDONTWRITEBYTECODE": "1"} if cold else {"PYTHONPYCACHEPREFIX": str(folder / "modules")}
    return {**told, **kept, "LANG": "C.UTF-8"}


def first_answer(database: str, environment: dict[str, str]) -> tuple[float, float]:
    """Start the server and return the seconds until the sign-in page came back, and those of the processor."""
    port, before = _free_port(), _processor()
    started = time.perf_counter()
    serve = [*COMMAND, "serve", "--database", database, "--port", str(port)]
    with subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            while True:
                if process.poll() is not None:
                    assert process.stderr is not None
                    raise SystemExit("the server did not start\n" + process.stderr.read().decode())
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5).read()
                    took = time.perf_counter() - started
                    break
                except urllib.error.HTTPError as wrong:
                    raise SystemExit(f"the sign-in page answers {wrong.code}") from None
                except OSError:
                    time.sleep(0.005)
        finally:
            process.terminate()
    return took, _processor() - before


def validated(project: str, environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds that ``fachwerk validate`` takes with the start of its process, and those of the processor."""
    before, started = _processor(), time.perf_counter()
    subprocess.run([*COMMAND, "validate", project], env=environment, check=True, capture_output=True)
    return time.perf_counter() - started, _processor() - before


def _processor() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _free_port() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(seconds), 3),
        "least": round(min(seconds), 3),
        "most": round(max(seconds), 3),
    }


if __name__ == "__main__":
    main()
