"""Times of random histories against a plain count of everything, on both databases, for short periods and long ones."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fachwerk.engine.deploy import deploy
from fachwerk.engine.evidence.times import Times, Timing
from fachwerk.engine.keys import Keys
from fachwerk.engine.main import Running, build
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

APP = """
app: a
timezone: America/New_York
---
roles: {clerk: {label: Clerk}}
---
entity: claim
fields: {number: text}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: flow
of: claim
states: {new: {initial: true}, checked: {}, board: {}, paid: {final: true}, refused: {final: true}}
transitions:
  check: {from: [new, board, refused], to: checked, by: clerk}
  board: {from: checked, to: board, by: clerk}
  pay: {from: [checked, board], to: paid, by: clerk}
  refuse: {from: [new, checked, board], to: refused, by: clerk}
deadlines:
  answer: {runs_in: [checked, board], within: 2 months}
  hearing: {runs_in: [board], within: 5 days}
"""
ZONE = ZoneInfo("America/New_York")
STATES = ("new", "checked", "board", "paid", "refused")
FINAL = ("paid", "refused")
RUNNING = {"answer": ("checked", "board"), "hearing": ("board",)}
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = FIRST + dt.timedelta(days=400)


@dataclass(frozen=True)
class Entry:
    """What a case's history says of its workflow."""

    at: dt.datetime
    kind: str
    action: str | None
    before: str | None
    after: str | None


def history(chance: random.Random) -> list[Entry]:
    """Return the entries of one case: steps, opinions that only name a state, missed limits, other changes."""
    at = FIRST + dt.timedelta(seconds=chance.randrange(350 * 86400))
    found, state = [Entry(at, "create", None, None, "new")], "new"
    for _ in range(chance.randrange(9)):
        at += dt.timedelta(seconds=chance.choice((0, 1, chance.randrange(20 * 86400))), microseconds=chance.randrange(10**6))
        what = chance.random()
        if what < 0.2:
            found.append(Entry(at, "change", None, None, None))
        elif what < 0.35:
            found.append(Entry(at, "transition", "office.agree", state, state))
        elif what < 0.5:
            found.append(Entry(at, "deadline", chance.choice(("answer", "hearing", "answer.pause")), None, None))
        else:
            after = chance.choice([one for one in STATES if one != state])
            found.append(Entry(at, "transition", f"to_{after}", state, after))
            state = after
    return found


def nearest(lengths: list[dt.timedelta], part: float) -> dt.timedelta:
    """Return the smallest length that at least a part of all do not exceed, in whole seconds."""
    found = min(one for one in lengths if sum(other <= one for other in lengths) >= part * len(lengths))
    return dt.timedelta(seconds=round(found.total_seconds()))


def plainly(cases: list[list[Entry]], begin: dt.datetime, end: dt.datetime) -> dict[str, object]:
    """Count everything by looking at each entry and all that came before it."""
    stays: dict[str, list[dt.timedelta]] = {state: [] for state in STATES}
    found = {name: Counter[object]() for name in ("ways", "entered", "again", "begun", "steps", "ended", "kept", "missed")}
    for case in cases:
        moves = [one for one in case if one.after is not None and one.before != one.after]
        for number, one in enumerate(moves):
            if not begin <= one.at < end:
                continue
            day = one.at.astimezone(ZONE).date()
            found["entered"][one.after] += 1
            found["again"][one.after] += any(before.after == one.after for before in moves[:number])
            if one.before is None:
                found["begun"][day] += 1
                continue
            stays[one.before].append(one.at - moves[number - 1].at)
            found["ways"][one.action, one.before, one.after] += 1
            found["steps"][day] += 1
            found["ended"][day] += one.after in FINAL and one.before not in FINAL
        for name, running in RUNNING.items():
            for number, one in enumerate(case):
                if begin <= one.at < end and one.before in running and one.after is not None and one.after not in running:
                    starts = [k for k, e in enumerate(case[:number]) if e.after in running and e.before not in running]
                    late = any(e.kind == "deadline" and e.action == name for e in case[starts[-1] : number])
                    found["missed" if late else "kept"][name] += 1
    return {"stays": stays, **found}


async def fill(running: Running, cases: list[list[Entry]]) -> None:
    """Write cases and their history straight into the tables."""
    sqlite, log = running.database.dialect == "sqlite", running.service.kit.history
    marks = ["?"] * 7 if sqlite else [f"${number + 1}" for number in range(7)]
    insert = f"INSERT INTO claim (id, version, created, changed, number, state, state__entry) VALUES ({', '.join(marks)})"
    async with running.database.transaction() as connection:
        for number, case in enumerate(cases):
            key = f"{number + 1:08x}-0000-7000-8000-000000000000"
            stamps = [one.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00") if sqlite else one.at for one in (case[0], case[-1])]
            state = [one.after for one in case if one.after is not None][-1]
            await connection.fetch(insert, [key, len(case), *stamps, f"C-{number}", state, 1])
            for version, one in enumerate(case):
                what = {} if one.after is None else {"state": [one.before, one.after]}
                row = log.row(
                    "claim", key, version + 1, who=None, at=one.at, origin="page", kind=one.kind, what=what, action=one.action
                )
                await log.insert.fetch(connection, row)


def check(times: Times, cases: list[list[Entry]], begin: dt.datetime, end: dt.datetime) -> None:
    """Compare times with the plain count."""
    plain = plainly(cases, begin, end)
    stays = {stay.state: stay for stay in times.stays}
    for state, lengths in plain["stays"].items():  # type: ignore[attr-defined]
        stay = stays[state]
        assert stay.ended == len(lengths)
        assert (stay.entered, stay.again) == (plain["entered"][state], plain["again"][state])  # type: ignore[index]
        if lengths:
            assert stay.quartiles == tuple(nearest(lengths, part) for part in (0.25, 0.5, 0.75))
            assert (stay.ninety, stay.longest) == (nearest(lengths, 0.9), nearest(lengths, 1))
    assert {(way.step, way.source, way.target): way.count for way in times.ways} == plain["ways"]
    days = {name: Counter({day.day: getattr(day, name) for day in times.days}) for name in ("begun", "steps", "ended")}
    assert all(+counted == +plain[name] for name, counted in days.items())  # type: ignore[operator]
    limits = {limit.name: (limit.kept, limit.missed) for limit in times.limits}
    assert limits == {name: (plain["kept"][name], plain["missed"][name]) for name in RUNNING}  # type: ignore[index]


def test_times_are_what_a_plain_count_says(database_url: str) -> None:
    async def work(project: Project) -> None:
        chance = random.Random(11)
        cases = [history(chance) for _ in range(300)]
        running = await build(project, database_url, keys=Keys(bytes(32)), clock=lambda: NOW)
        try:
            await deploy(running.app, running.database)
            await fill(running, cases)
            timing, flow, system = Timing(running.service), project.workflows["flow"], running.service.system
            # a week is read by its cases, a year by all of them; both end where a case moved, too
            moves = [one.at for case in cases for one in case if one.before != one.after]
            for days in (0.5, 7, 60, 250, 500):
                for end in (chance.choice(moves), NOW):
                    begin = end - dt.timedelta(days=days)
                    times = await timing.of(system, flow, begin, end)
                    assert times is not None
                    check(times, cases, begin, end)
        finally:
            await running.database.close()

    project, problems = read_project({"app.yaml": APP.encode()})
    assert project is not None, [problem.message() for problem in problems]
    asyncio.run(work(project))
