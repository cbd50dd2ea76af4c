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
from fachwerk.engine.work.queue import Queue
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
        assert process.wait(60) == 0
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


async def failed_and_waiting(url: str) -> tuple[list[str], str, str]:
    """Deploy the post office with two effects that were given up, one that waits for its time, one that was sent."""
    async with office(url, POST) as made:
        effects, database, queue = made.service.kit.effects, made.running.database, Queue(made.running.app)
        now, later = dt.datetime.now(dt.UTC), dt.datetime(2126, 7, 1, 12, tzinfo=dt.UTC)
        async with database.transaction() as connection:
            bad = [await effects.enqueue(connection, "delivery", {"hook": "nowhere"}, now=now) for _ in range(2)]
            sent = await effects.enqueue(connection, "delivery", {"hook": "somewhere"}, now=now)
            limit = await effects.enqueue(connection, "deadline", {}, now=now, wake_at=later)
        taken = await queue.take(database, now, dt.timedelta(seconds=90), 10)
        async with database.transaction() as connection:
            for job in taken:
                outcome = ("answered 200", None) if job.id == sent else ("gave up", "no such host")
                assert await queue.settle(connection, job, now, *outcome)
        return bad, sent, limit


def test_what_has_not_failed_is_not_tried_before_its_time(database_url: str) -> None:
    """Else a time limit would be missed before its end."""
    bad, sent, limit = asyncio.run(failed_and_waiting(database_url))

    def jobs(language: str, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--language", language, "jobs", *words, "--database", database_url])
        return done.exit_code, done.output

    nobody = "018f0000-0000-7000-8000-000000000000"
    code, said = jobs("en", "retry", bad[0], limit, nobody)
    assert code == 1
    # the zone of the app is Berlin
    assert f"{limit} has not failed: it waits until 2126-07-01 14:00:00." in said
    assert f"There is no effect {nobody}." in said
    assert "Nothing was changed." in said
    code, said = jobs("de", "retry", sent)
    assert code == 1
    assert f"{sent} ist vorbei: Antwort 200, " in said
    assert "Nichts wurde geändert." in said
    code, said = jobs("de", "drop", bad[0], nobody)
    assert code == 1
    assert f"{bad[0]} ist vorbei: aufgegeben, " in said
    assert f"Es gibt keine Wirkung {nobody}." in said
    assert jobs("de", "retry", bad[0], bad[0]) == (0, "1 wird neu versucht.\n")
    assert jobs("de", "retry", "--failed") == (0, "1 wird neu versucht.\n")
    assert jobs("en", "retry", "--failed") == (0, "0 will be tried again.\n")
    assert jobs("de", "drop", *bad) == (0, "2 werden nicht ausgeführt.\n")
    code, said = jobs("de", "list", "--all")
    assert said.count("verworfen") == 3
    assert said.count("Antwort 200") == 2
    assert "2126-07-01 14:00:00" in said
    code, said = jobs("de", "drop", limit)
    assert (code, said) == (0, "1 wird nicht ausgeführt.\n")
