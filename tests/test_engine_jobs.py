"""The command line on the queue: what waits, what failed, trying again, dropping; a worker as a process of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner
from fachwerk.cli import main
from office import office
from post_office import POST

ROOT = Path(__file__).parent.parent


async def prepare(url: str) -> tuple[str, str]:
    """Deploy the post office with one effect that fails and one that waits."""
    async with office(url, POST) as made:
        effects, database = made.service.kit.effects, made.running.database
        now = dt.datetime.now(dt.UTC)
        mail = {"to": "no address", "name": "", "language": "en", "subject": "s", "body": "b"}
        async with database.transaction() as connection:
            bad = await effects.enqueue(connection, "delivery", {"hook": "nowhere", "body": "{}"}, now=now)
            late = await effects.enqueue(connection, "mail", mail, now=now, wake_at=now + dt.timedelta(days=9))
        return bad, late


def test_jobs_are_shown_tried_again_and_dropped(database_url: str) -> None:
    bad, late = asyncio.run(prepare(database_url))
    process = subprocess.Popen(
        [sys.executable, "-m", "fachwerk.cli", "--language", "en", "worker", "--database", database_url],
        cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert "Working" in process.stdout.readline()

    def jobs(*words: str) -> str:
        done = CliRunner().invoke(main, ["--language", "en", "jobs", *words, "--database", database_url])
        assert done.exit_code == 0, done.output
        return done.output

    try:
        while "FACHWERK_HOOK_NOWHERE is not set" not in (shown := jobs("list", "--failed")):
            assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()
    assert bad in shown
    assert late not in shown
    assert late in jobs("list")
    assert '"hook": "nowhere"' in jobs("show", bad)
    assert "1 will be tried again" in jobs("retry", "--failed")
    assert "1 will not happen" in jobs("drop", late)
    assert late not in jobs("list")
    assert "dropped" in jobs("list", "--all")
    wrong = CliRunner().invoke(main, ["--language", "en", "jobs", "show", "nonsense", "--database", database_url])
    assert wrong.exit_code == 1
    assert "There is no effect nonsense" in wrong.output
