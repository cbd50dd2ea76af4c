"""Load on a server: requests a second and latencies, by ``wrk`` where it is installed, else by a client of our own."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

EMPTY = "00000000-0000-7000-8000-"


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request. In *path* and *body*, ``{id}`` is a random record, ``{new}`` a text never used before,
    ``{status}`` a random state."""

    name: str
    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured: requests, how long, how many were refused, the 50th and 99th percentile in milliseconds."""

    requests: int
    seconds: float
    refused: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


STATES = ("draft", "submitted", "in_review", "approved", "rejected")


def run(base: str, work: Work, *, rows: int, seconds: float, connections: int, start: int) -> Result:
    """Send *work* to the server at *base*; *start* makes the new texts of this run different from all others."""
    if shutil.which("wrk"):
        return _by_wrk(base, work, rows=rows, seconds=seconds, connections=connections, start=start)
    return asyncio.run(_by_client(base, work, rows=rows, seconds=seconds, connections=connections, start=start))


def _by_wrk(base: str, work: Work, *, rows: int, seconds: float, connections: int, start: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "work.lua"
        script.write_text(_lua(work, rows, start))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", str(script)]
        text = subprocess.run([*command, base], check=True, capture_output=True, text=True).stdout
    count, took = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", text).group(1, 2)  # type: ignore[union-attr]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    wrong = int(refused[1]) if refused else 0
    wrong += sum(map(int, broken.groups())) if broken else 0
    return Result(int(count), float(took), wrong, _percentile(text, 50), _percentile(text, 99))


def _percentile(text: str, which: int) -> float:
    found = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", text)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else 0.0


def _lua(work: Work, rows: int, start: int) -> str:
    headers = ", ".join(f'["{name}"] = "{value}"' for name, value in work.headers.items())
    states = ", ".join(f'"{state}"' for state in STATES)
    return f"""
math.randomseed({start})
local headers = {{ {headers} }}
local states = {{ {states} }}
local count = {start} * 10000000
local function fill(text)
  count = count + 1
  text = text:gsub("{{id}}", "{EMPTY}" .. string.format("%012x", math.random({rows})))
  text = text:gsub("{{new}}", string.format("%d", count))
  return (text:gsub("{{status}}", states[math.random(#states)]))
end
request = function()
  local body = [==[{work.body}]==]
  return wrk.format("{work.method}", fill("{work.path}"), headers, body ~= "" and fill(body) or nil)
end
"""


async def _by_client(base: str, work: Work, *, rows: int, seconds: float, connections: int, start: int) -> Result:
    host, port = base.removeprefix("http://").split(":")
    chance, times, wrong = random.Random(start), [], [0]
    end = time.perf_counter() + seconds
    numbers = iter(range(start * 10_000_000, (start + 1) * 10_000_000))

    def fill(text: str) -> str:
        text = text.replace("{id}", f"{EMPTY}{chance.randint(1, rows):012x}").replace("{status}", chance.choice(STATES))
        return text.replace("{new}", str(next(numbers))) if "{new}" in text else text

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        while (begun := time.perf_counter()) < end:
            body = fill(work.body).encode()
            lines = [f"{work.method} {fill(work.path)} HTTP/1.1", f"host: {base.removeprefix('http://')}"]
            lines += [f"{name}: {value}" for name, value in work.headers.items()]
            lines += [f"content-length: {len(body)}", "", ""]
            writer.write("\r\n".join(lines).encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.I)
            await reader.readexactly(int(length[1]) if length else 0)
            wrong[0] += head[9:10] not in (b"2", b"3")
            times.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    times.sort()
    return Result(len(times), seconds, wrong[0], times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000)
