"""Simulations with people away: against what theory says, with deputies, with four eyes, and said in both languages."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.simulation.assumptions import Assumptions, made_of
from fachwerk.engine.simulation.commands import simulate, simulated
from fachwerk.engine.simulation.result import Crew, Result
from fachwerk.engine.simulation.running import Simulation
from fachwerk.engine.simulation.setting import set_up
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project

DESK = """
app: desk
label: Desk
languages: [en]
timezone: Europe/Berlin
calendar: {country: DE}
---
roles: {clerk: {label: Clerk}, head: {label: Head}}
---
entity: claim
title: number
fields:
  number: {type: sequence, format: "C-{0000}"}
access:
  clerk: {create: true, read: true}
  head: {read: true}
---
workflow: flow
of: claim
states: {new: {initial: true}, checked: {}, paid: {final: true}}
transitions:
  check: {from: new, to: checked, by: clerk}
  pay: {from: checked, to: paid, by: head}
"""
ALWAYS_OPEN = DESK.replace("{country: DE}", '{country: DE, office_hours: {mon-sun: "00:00-24:00"}}')
EYES = DESK.replace("by: head}", "by: head, not_by: check}")
ONE_ROLE = DESK.replace("by: head}", "by: clerk, not_by: check}")
DAY = dt.timedelta(days=1)


def project_of(text: str) -> Project:
    project, problems = read_project({"app.yaml": text.encode()})
    assert project is not None, [f"{p.span} {p.message()}" for p in problems]
    return project


def run(text: str, **assumed: Any) -> Result:
    result, _ = asyncio.run(simulated(project_of(text), None, Assumptions(**{"cases": 100, **assumed})))
    return result


def crew(result: Result, role: str) -> Crew:
    return next(one for one in result.crews if one.role == role)


def test_whoever_tosses_a_coin_each_day_is_missed_as_often_as_theory_says() -> None:
    """Away for two days of four on average, every day is a coin's toss, and office hours never end.

    Half of the cases then find nobody; these wait for the rest of the day, half of one on average, and for as many days
    as the coin falls the wrong way, which is one on average.
    """
    result = run(ALWAYS_OPEN, cases=300, arrivals="0.02 an hour", absent={"clerk": 0.5}, away=2)
    clerk = crew(result, "clerk")
    assert clerk.held.count == pytest.approx(150, abs=27), "three times the standard deviation of 300 coins"
    assert clerk.held.total / clerk.held.count / DAY == pytest.approx(1.5, abs=0.36)
    assert clerk.away == pytest.approx(0.5, abs=0.07)
    assert (result.dead_ends, result.open, result.outcomes["paid"].count) == ((), {}, 300)
    assert crew(result, "head").held.count == 0, "only clerks are away"
    assert result.without is not None
    assert crew(result.without, "clerk").held.count == 0


def test_half_of_the_people_do_half_of_the_work() -> None:
    """Where more comes in than can be done, what gets done is what the working time allows: 16 steps a day."""
    whole = run(DESK, cases=160, arrivals="100 a day", people={"head": 9})
    half = run(DESK, cases=160, arrivals="100 a day", people={"head": 9}, absent={"clerk": 0.5}, away=1)
    work = 160 * dt.timedelta(minutes=30)
    for result, share in ((whole, 0.0), (half, 0.5)):
        clerk = crew(result, "clerk")
        assert clerk.steps == 160
        assert clerk.away == pytest.approx(share, abs=0.06)
        assert clerk.used > 0.9, "whoever is there is at work, of the time that they are there"
    days = [(result.ended - result.begun) / DAY * 5 / 7 for result in (whole, half)]
    assert days[0] == pytest.approx(work / dt.timedelta(hours=8), abs=3)
    assert days[1] == pytest.approx(2 * work / dt.timedelta(hours=8), abs=5)


def test_nobody_works_in_a_wave_and_all_of_it_is_done_after_it() -> None:
    """All are away for two weeks: nothing is done meanwhile, and nothing outside of office hours ever."""
    first, last = dt.date(2026, 1, 12), dt.date(2026, 1, 23)

    async def moments() -> list[dt.datetime]:
        project = project_of(DESK)
        assumed = Assumptions(cases=100, absent_all=1.0, wave=(first, last))
        setting = await set_up(project, project.workflows["flow"], assumed)
        await Simulation(setting, assumed).run()
        rows = await setting.stage.database.fetch("SELECT at FROM fw_history WHERE action IS NOT NULL")
        await setting.stage.database.close()
        zone = setting.stage.app.calendar.timezone
        return [dt.datetime.fromisoformat(row[0]).astimezone(zone) for row in rows]

    found = asyncio.run(moments())
    assert len(found) == 200
    assert not [moment for moment in found if first <= moment.date() <= last]
    assert min(found).date() < first
    assert max(found).date() > last
    assert all(dt.time(8) <= one.time() <= dt.time(16) and one.weekday() < 5 for one in found)
    assert dt.date(2026, 1, 1) not in {one.date() for one in found}, "a public holiday"


def test_who_never_comes_is_waited_for_in_vain() -> None:
    result = run(DESK, cases=20, absent={"head": 1.0})
    assert (result.kept_waiting, result.open, result.dead_ends) == ({"checked": 20}, {"checked": 20}, ())
    assert crew(result, "head").away == 1.0
    text = asyncio.run(simulate(project_of(DESK), None, Assumptions(cases=20, absent={"head": 1.0}), "en", json=False))
    assert "In the end 20 cases wait in “Checked” for somebody who is away." in text


def test_deputies_do_the_work_of_the_absent() -> None:
    assumed: dict[str, Any] = {"absent": {"head": 0.5}, "away": 4, "people": {"clerk": 3, "head": 1}}
    alone, represented = (crew(run(DESK, **assumed, deputies=share), "head").held for share in (0.0, 1.0))
    assert alone.count > 20
    assert represented.count < alone.count / 4


def test_four_eyes_wait_for_who_is_away() -> None:
    """Two clerks of whom one has checked and the other is away: the case waits, and it is said why."""
    assumed: dict[str, Any] = {"people": {"clerk": 2}, "absent_all": 0.4, "away": 3}
    result = run(ONE_ROLE, **assumed)
    clerk = crew(result, "clerk")
    assert clerk.eyes > 5
    assert (result.dead_ends, result.outcomes["paid"].count) == ((), 100)
    assert result.without is not None
    assert result.whole.total > result.without.whole.total
    told = {
        language: asyncio.run(simulate(project_of(ONE_ROLE), None, Assumptions(cases=100, **assumed), language, json=False))
        for language in ("en", "de")
    }
    for part in ("Away: everybody 40 % of the working days, 3", "Who was away and waited for", "With and without absences",
                 "Held up by four eyes", "Absences cost most at Clerk", "Try --people clerk=3 or --deputies 1"):  # fmt: skip
        assert part in told["en"], part
    for part in ("Abwesend: alle 40 % der Arbeitstage", "Auf wen gewartet wurde", "Mit und ohne Abwesenheiten",
                 "Wegen der vier Augen liegen geblieben", "Versuchen Sie --people clerk=3 oder --deputies 1"):  # fmt: skip
        assert part in told["de"].replace("\n", " "), part


def test_a_deputy_can_break_four_eyes_for_good() -> None:
    """The only head checks for the only clerk, who is away: then neither of them may pay, also not later."""
    result = run(EYES, people={"clerk": 1, "head": 1}, absent={"clerk": 0.5}, away=3, deputies=1.0)
    (end,) = result.dead_ends
    assert (end.state, end.reason.people) == ("checked", True)
    assert end.reason.en.startswith("Four eyes: whoever could do it has done an earlier step already")
    assert end.reason.de.startswith("Vier Augen:")
    assert end.count + result.outcomes["paid"].count == 100
    assert 20 < end.count < 80
    assert not result.contradicts
    assert run(EYES, people={"clerk": 1, "head": 1}, absent={"clerk": 0.5}, away=3).dead_ends == ()


def test_the_same_seed_is_the_same_run() -> None:
    def told(seed: int) -> Any:
        assumed = Assumptions(cases=50, seed=seed, absent_all=0.3, deputies=0.5)
        return json.loads(asyncio.run(simulate(project_of(EYES), None, assumed, "en", json=True)))

    first = told(3)
    assert first == told(3)
    assert first["roles"] != told(4)["roles"]
    assert first["without_absences"]["all"]["count"] == 50
    assert (first["assumed"]["absent"], first["assumed"]["deputies"]) == (0.3, 0.5)


def test_shares_are_read_and_refused(tmp_path: Path) -> None:
    project = project_of(DESK)
    made = made_of(project, project.workflows["flow"], absent=["0.1", "head=0.5"], cases=5)
    assert (made.absent_all, made.absent, made.anybody_away) == (0.1, {"head": 0.5}, True)
    for wrong in ("20 %", "1.5", "-0.1", "hed=0.5", "head=", "head=2"):
        with pytest.raises(Refused):
            made_of(project, project.workflows["flow"], absent=[wrong])
    (tmp_path / "app.yaml").write_text(DESK)
    words = ("--cases", "30", "--absent", "0.5", "--away", "2", "--wave", "2026-01-05", "2026-01-16")
    done = CliRunner().invoke(main, ["--language", "de", "simulate", str(tmp_path), *words])
    assert done.exit_code == 0, done.output
    assert "nur vom 05.01.2026 bis 16.01.2026" in done.stdout
    bad = CliRunner().invoke(main, ["--language", "en", "simulate", str(tmp_path), "--absent", "much"])
    assert bad.exit_code == 1
    assert "is no share of the working days" in bad.output


def test_where_the_time_goes_and_who_is_short_is_said() -> None:
    def told(language: str, **assumed: Any) -> str:
        text = asyncio.run(simulate(project_of(DESK), None, Assumptions(**{"cases": 100, **assumed}), language, json=False))
        return text.replace("\n", " ")

    busy = told("en", arrivals="40 a day")
    assert "Most of the time" in busy
    assert "goes by in “New”" in busy
    assert "Clerk is a bottleneck" in busy
    assert "Try --people clerk=2, or shorter steps" in busy
    german = told("de", arrivals="2 an hour")
    assert "Angenommen: 2 in der Stunde" in german
    calm = told("en", arrivals="1 a day")
    assert "Nobody is too busy" in calm
    assert "bottleneck" not in calm
    assert "ist überlastet" in told("de", arrivals="1 a day")
