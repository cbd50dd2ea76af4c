"""Time limits of parts: from the turn of each, in order; anew where one is opened again, and where a case comes back."""

from __future__ import annotations

from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.main import Running, build
from fachwerk.engine.plan.impact import count_impacts
from fachwerk.engine.trial.trying import chosen, try_scenarios
from office import read_text
from several import TURNS, Permits, day, ends, limits, pass_, run, shown


async def waking(permits: Permits, key: str) -> set[str]:
    """The days on which effects of limits wait."""
    rows = await permits.made.rows(
        f"select cast(wake_at as text) from fw_effect where record = '{key}' and wake_at is not null and kind = 'deadline'"
    )
    return {str(row[0])[:10] for row in rows}


def test_a_limit_begins_when_its_turn_has_come(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law")  # on 2 March
        first = {"offices Fire": day(3, 23), "offices Law": day(3, 23)}
        assert await ends(permits, key) == first
        assert await shown(permits, key) == day(3, 23)
        await pass_(permits, 30)  # 1 April: longer than the council and the head would have had since the beginning
        assert await limits(permits, key) == {name: (end, True) for name, end in first.items()}
        await permits.act("ann", key, "offices.approve")
        assert await ends(permits, key) == {"offices Law": day(3, 23)}
        await permits.act("ben", key, "offices.approve")
        assert await limits(permits, key) == {"council": (day(4, 15), False)}
        assert await shown(permits, key) == day(4, 15)
        assert await waking(permits, key) == {day(4, 15)}
        await pass_(permits, 3)
        for name in ("ann", "ben", "cid", "dan"):
            await permits.act(name, key, "council.approve")
        assert await limits(permits, key) == {"head": (day(4, 13), False)}  # 11 April is a Saturday
        told = len(await permits.made.rows("select id from fw_notice"))
        await pass_(permits, 11)
        assert await limits(permits, key) == {"head": (day(4, 13), True)}
        assert len(await permits.made.rows("select id from fw_notice")) == told + 1
        assert await permits.act("dan", key, "head.approve") == "board"
        assert await limits(permits, key) == {}

    run(database_url, work, TURNS)


def test_nothing_to_wait_for_makes_it_the_turn_of_the_next_at_once(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit()
        assert await ends(permits, key) == {"council": day(3, 16)}
        await permits.act("clerk", key, "send_back")
        assert (await limits(permits, key), await shown(permits, key)) == ({}, "None")
        key = await permits.permit("Law")
        await pass_(permits, 2)
        clerk = permits.people["clerk"]
        await permits.service.change(clerk, "permit", key, {"offices": ()}, version=None)
        assert await ends(permits, key) == {"offices Law": day(3, 23)}  # kept since the state was entered
        await permits.service.remove(clerk, "office", permits.offices["Law"])
        assert await ends(permits, key) == {"council": day(3, 18)}
        assert await shown(permits, key) == day(3, 18)

    run(database_url, work, TURNS)


def test_a_case_that_is_sent_back_begins_anew(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire")
        await permits.act("ann", key, "offices.approve")
        assert await ends(permits, key) == {"council": day(3, 16)}
        await pass_(permits, 7)
        await permits.act("clerk", key, "send_back")
        await permits.act("clerk", key, "begin")  # on 9 March
        assert await ends(permits, key) == {"offices Fire": day(3, 30)}
        await pass_(permits, 1)
        await permits.act("ann", key, "offices.approve")
        assert await ends(permits, key) == {"council": day(3, 24)}

    run(database_url, work, TURNS)


async def redeployed(permits: Permits, url: str, text: str) -> Running:
    running = await build(read_text(text), url, clock=permits.made.clock)
    await deploy(running.app, running.database)
    return running


def test_limits_that_began_later_are_counted_by_the_new_calendar(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire")
        await pass_(permits, 4)  # 6 March
        await permits.act("ann", key, "offices.approve")
        assert await ends(permits, key) == {"council": day(3, 20)}
        closed = TURNS.replace("timezone: Europe/Berlin", "timezone: Europe/Berlin\ncalendar: {country: DE, closed: [2026-03-20]}")
        running = await redeployed(permits, database_url, closed)
        try:
            assert await ends(permits, key) == {"council": day(3, 23)}
            assert await shown(permits, key) == day(3, 23)
            assert await waking(permits, key) == {day(3, 23)}
            for name in ("ann", "ben", "cid", "dan"):
                await running.service.act(permits.people[name], "permit", key, "council.approve")
            assert await ends(permits, key) == {"head": day(3, 13)}
        finally:
            await running.database.close()

    run(database_url, work, TURNS)


def test_a_deploy_leaves_the_limits_of_records_alone(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire", "Law")
        before = await ends(permits, key)
        label = TURNS.replace("to: board, when: complete}", "to: board, when: complete, label: Onwards}")
        impacts = await count_impacts(permits.service.app, read_text(label), permits.service.database, now=permits.made.clock())
        assert [one for one in impacts.impacts if one.kind == "deadline_gone"] == []
        running = await redeployed(permits, database_url, label)
        try:
            assert await ends(permits, key) == before
            without = label.replace(", chair], within: 3 weeks}", ", chair]}")
            impacts = await count_impacts(running.app, read_text(without), running.database, now=permits.made.clock())
            gone = [(one.count, one.text["en"]) for one in impacts.impacts if one.kind == "deadline_gone"]
            assert gone == [(2, "2 running time limits end with it")]
            third = await redeployed(permits, database_url, without)
            try:
                assert await shown(permits, key) == "None"
            finally:
                await third.database.close()
            await rollback(running.database, 2)
            assert await ends(permits, key) == before
            assert await shown(permits, key) == day(3, 23)
        finally:
            await running.database.close()

    run(database_url, work, TURNS)


def test_a_limit_that_comes_with_a_deploy_begins_with_the_next_step(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit("Fire")
        assert await ends(permits, key) == {}
        await pass_(permits, 7)  # 9 March
        running = await redeployed(permits, database_url, TURNS)
        try:
            await running.service.change(permits.people["clerk"], "permit", key, {"name": "a house"}, version=None)
            assert await ends(permits, key) == {"offices Fire": day(3, 30)}
            assert await shown(permits, key) == day(3, 30)
        finally:
            await running.database.close()

    run(database_url, work, TURNS.replace(", within: 3 weeks", "").replace(", within: 2 weeks", ""))


SCENARIO = """---
scenario: each in turn has time of its own
today: 2026-03-02
given:
  carl: {user: [clerk]}
  mia: {user: [member]}
  dan: {user: [chair]}
  fire: {office: {name: Fire, officer: mia}}
  house: {permit: {name: house, offices: [fire]}}
steps:
  - {as: carl, do: begin house, expect: {house: {due: 2026-03-23}}}
  - {later: 5 weeks}
  - {as: mia, do: offices.approve house, expect: {house: {due: 2026-04-20}}}
  - {as: mia, do: council.approve house}
  - {as: dan, do: council.approve house, expect: {house: {due: 2026-04-13}}}
  - {as: carl, do: send_back house, expect: {house: {due: }}}
  - {as: carl, do: begin house, expect: {house: {due: 2026-04-27}}}
"""


def test_a_scenario_moves_the_time() -> None:
    project = read_text(TURNS + SCENARIO)
    tried = try_scenarios(project, chosen(project, None))
    assert [problem.message() for result in tried.results for problem in result.problems] == []
