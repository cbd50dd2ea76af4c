"""A PostgreSQL cluster for the benchmarks: in a folder of its own, on a free port, tuned like a small real one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "512MB",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "synchronous_commit": "on",
    "fsync": "off",
    "autovacuum": "off",
    "jit": "off",
}


def programs() -> Path:
    """Return the folder of the newest PostgreSQL server programs; raises ``SystemExit`` if there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    here = shutil.which("initdb")
    if not found and not here:
        raise SystemExit("PostgreSQL is not installed")
    return found[-1].parent if found else Path(str(here)).parent


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Run a cluster in *folder* (made if empty) and give the URL of its maintenance database."""
    folder.mkdir(parents=True, exist_ok=True)
    data, bin_folder, port = folder / "data", programs(), _free_port()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
        folder.chmod(0o755)
    if not data.exists():
        make = [*as_user, str(bin_folder / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*make, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    control = [*as_user, str(bin_folder / "pg_ctl"), "-D", str(data), "-w"]
    start = ["start", "-l", str(folder / "log"), "-o", f"-p {port} -c unix_socket_directories={folder} {options}"]
    subprocess.run([*control, *start], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], check=False, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])
