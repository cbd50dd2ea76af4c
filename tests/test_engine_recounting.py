"""Running time limits are counted anew when the calendar changes: by a deploy, and with other public holidays."""

from __future__ import annotations

import datetime as dt

from fachwerk.engine import recounting
from fachwerk.engine.absences import absences
from fachwerk.engine.deploy import deploy, rollback
from fachwerk.engine.main import Running, build
from fachwerk.engine.plan.impact import count_impacts
from fachwerk.engine.worker import Worker
from office import read_text
from post_office import PostOffice
from resting import APP, DAY_OF, day, pending, run, seen

CLOSED = APP.replace("closed: [12-24]", "closed: [12-24, 2026-03-12, 2026-03-13]")
LONGER = APP.replace("within: 10 days", "within: 20 days")


async def change(made: PostOffice, url: str, text: str) -> Running:
    """Deploy another configuration, and work on under it."""
    running = await build(read_text(text), url, clock=made.clock)
    await deploy(running.app, running.database)
    return running


def test_a_deploy_moves_ends_with_their_effects(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        permits = [await made.office.make("permit", name=name) for name in "abc"]
        people, service = made.office.people, made.office.service
        await service.act(people["clerk"], "permit", permits[1].id, "ask")
        old, new = made.office.running.app, read_text(CLOSED)
        impacts = (await count_impacts(old, new, made.office.running.database, now=made.clock())).impacts
        assert [(one.kind, one.count, one.text["en"]) for one in impacts if one.kind == "deadlines_moved"] == [
            ("deadlines_moved", 2, "2 running time limits would end at another time: from 16 Mar 2026 to 16 Mar 2026"),
        ]  # fmt: skip
        running = await change(made, database_url, CLOSED)
        try:
            assert [(await seen(made, one))[:2] for one in permits] == [(day(3, 16), False), (None, True), (day(3, 16), False)]
            assert {at for kind, at in await pending(made) if kind == "deadline"} == {"2026-03-16 23:00"}
            event = (await running.service.history(people["clerk"], "permit", permits[0].id))[-1]
            assert (event.action, event.origin, event.who) == ("decide.moved", "calendar", None)
            assert event.changes["due"] == (day(3, 12), day(3, 16))
            # what rests is counted when it goes on: as if the calendar had always been so
            await running.service.act(people["clerk"], "permit", permits[1].id, "answered")
            assert (await seen(made, permits[1]))[0] == day(3, 16)
            made.clock.pass_(days=12)
            worker = Worker(running)
            await worker.run_due()
            assert (await seen(made, permits[0]))[2] is None
            made.clock.pass_(days=3)
            await worker.run_due()
            assert (await seen(made, permits[0]))[2] is True
        finally:
            await running.database.close()

    run(database_url, work)


def test_of_several_limits_the_history_says_once_where_the_nearest_went(database_url: str) -> None:
    later = "deadlines:\n  archive: {runs_in: open, within: 2 months}\n"

    async def work(made: PostOffice) -> None:
        permit = await made.office.make("permit", name="a")
        text = LONGER.replace("deadlines:\n", later.replace("2 months", "3 months"))
        running = await change(made, database_url, text)
        try:
            events = await running.service.history(made.office.people["clerk"], "permit", permit.id)
            moved = [(event.action, event.changes.get("due")) for event in events if event.kind == "deadline"]
            assert sorted(name for name, _ in moved) == ["archive.moved", "decide.moved"]
            assert [due for _, due in moved if due] == [(day(3, 12), day(3, 23))]
        finally:
            await running.database.close()

    run(database_url, work, APP.replace("deadlines:\n", later))


def test_a_longer_limit_moves_running_ones_and_back(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        permit = await made.office.make("permit", name="a")
        running = await change(made, database_url, LONGER)
        try:
            assert (await seen(made, permit))[0] == day(3, 23)
            await rollback(running.database, 1)
            assert (await seen(made, permit))[0] == day(3, 12)
        finally:
            await running.database.close()

    run(database_url, work)


def test_limits_by_the_clock_make_due_a_moment(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        permit = await made.office.make("permit", name="a")
        running = await change(made, database_url, APP.replace("within: 10 days", "within: 100 hours").replace("5 days, {before: 2 days", "5 hours, {before: 2 hours"))
        try:
            read = await running.service.read(made.office.people["clerk"], "permit", permit.id)
            assert read.values["due"] == DAY_OF + dt.timedelta(hours=100)
        finally:
            await running.database.close()

    run(database_url, work)


def test_other_public_holidays_are_noticed_where_a_process_begins(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        app, database = made.office.running.app, made.office.running.database
        permit = await made.office.make("permit", name="a")
        assert (await recounting.recount_for_holidays(app, database, made.clock())).count == 0
        changed = await build(read_text(CLOSED), database_url, clock=made.clock)
        try:
            # the same version of the holidays: nothing is counted
            assert (await recounting.recount_for_holidays(changed.app, database, made.clock())).count == 0
            moved = await recounting.recount_for_holidays(changed.app, database, made.clock(), "another")
            assert (moved.count, moved.earliest, moved.latest) == (1, day(3, 16), day(3, 16))
            assert (await seen(made, permit))[0] == day(3, 16)
            assert (await recounting.recount_for_holidays(changed.app, database, made.clock(), "another")).count == 0
        finally:
            await changed.database.close()

    run(database_url, work)


def test_a_database_of_an_older_version_gets_what_is_missing(database_url: str) -> None:
    """Limits and their effects, as they were noted before limits could rest, go on as they were."""

    async def work(made: PostOffice) -> None:
        database = made.office.running.database
        permit = await made.office.make("permit", name="a")
        payload = '{"workflow": "review", "name": "decide", "due": "2026-03-12"}'
        async with database.transaction() as connection:
            for column in ("at", "course", "paused"):
                await connection.fetch(f"alter table fw_deadline drop column {column}")
            await connection.fetch("alter table fw_opinion drop column deputy")
            await connection.fetch("drop table fw_deputy")
            await connection.fetch("drop table fw_noted")
            await connection.fetch(f"update fw_effect set payload = '{payload}' where kind = 'deadline'")
        counted = await count_impacts(made.office.running.app, read_text(LONGER), database, now=made.clock())
        assert [one.count for one in counted.impacts if one.kind == "deadlines_moved"] == [1]
        assert (await recounting.recount_for_holidays(made.office.running.app, database, made.clock())).count == 0
        running = await build(made.office.running.app.project, database_url, clock=made.clock)
        try:
            await deploy(running.app, running.database)
            assert await absences(running.service) == ()
            made.clock.pass_(days=9)
            await Worker(running).run_due()
            assert await seen(made, permit) == (day(3, 12), False, None)
            await running.service.act(made.office.people["clerk"], "permit", permit.id, "decide.pause", comment="x")
            made.clock.pass_(days=1)
            await running.service.act(made.office.people["clerk"], "permit", permit.id, "decide.resume", comment="x")
            assert (await seen(made, permit))[0] == day(3, 16)
            made.clock.pass_(days=9)
            await Worker(running).run_due()
            assert (await seen(made, permit))[2] is True
        finally:
            await running.database.close()

    run(database_url, work)
