"""Cases that wait for people go on by themselves when these can no longer be asked: roles, accounts, records, deploys."""

from __future__ import annotations

import asyncio
import datetime as dt

from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.engine.asked import MOST
from fachwerk.engine.deploy import deploy
from fachwerk.engine.keys import new_id
from fachwerk.engine.main import Running, build
from fachwerk.engine.server.accounts import Accounts
from fachwerk.engine.worker import Worker
from office import read_text
from several import APP, TURNS, Permits, day, ends, pass_, run, shown


def accounts(permits: Permits) -> Accounts:
    running = permits.made.office.running
    return Accounts(running.database, running.app.tables.metadata, running.app.project.roles, permits.made.clock)


async def roles(permits: Permits, who: str, *given: str) -> None:
    await accounts(permits).set_roles(permits.people[who].id, given)


async def active(permits: Permits, who: str, yes: bool) -> None:
    await accounts(permits).set_active(permits.people[who].id, yes)


async def work_off(permits: Permits) -> None:
    while await permits.made.worker.run_due():
        pass


async def to_council(permits: Permits) -> str:
    key = await permits.permit()
    await permits.act("ann", key, "votes.approve")
    assert await permits.act("ben", key, "votes.approve") == "council"
    return key


async def all_but(permits: Permits, key: str, *others: str) -> None:
    for name in {"ann", "ben", "cid", "dan"} - set(others):
        await permits.act(name, key, "votes_of_all.approve")
    for name in ("ann", "ben", "cid"):
        await permits.act(name, key, "most.approve")


def test_who_loses_the_role_is_no_longer_waited_for(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key, other = await to_council(permits), await to_council(permits)
        await all_but(permits, key, "dan")
        await all_but(permits, other, "dan", "ben")
        await roles(permits, "dan", "member", "reader")  # still a member, without being the chair
        await work_off(permits)
        assert (await permits.state(key), await permits.state(other)) == ("council", "council")
        await roles(permits, "dan", "reader")
        assert await permits.state(key) == "council"  # a worker sees to it
        await work_off(permits)
        assert (await permits.state(key), await permits.state(other)) == ("granted", "council")
        event = (await permits.service.history(permits.people["clerk"], "permit", key))[-1]
        assert (event.action, event.who) == ("grant", None)
        await active(permits, "ben", False)
        await work_off(permits)
        assert await permits.state(other) == "granted"

    run(database_url, work)


def test_a_majority_is_one_of_those_who_are_left(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_council(permits)
        for name in ("ann", "ben"):
            await permits.act(name, key, "votes_of_all.approve")
            await permits.act(name, key, "most.approve")
        await active(permits, "cid", False)
        await work_off(permits)
        assert await permits.state(key) == "council"  # two of three are most, but not all
        await active(permits, "dan", False)
        await work_off(permits)
        assert await permits.state(key) == "granted"

    run(database_url, work)


def test_somebody_must_have_spoken(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_council(permits)
        for name in ("ann", "ben", "cid", "dan"):
            await active(permits, name, False)
        await work_off(permits)
        assert await permits.state(key) == "council"
        await active(permits, "ann", True)
        await work_off(permits)
        await permits.act("ann", key, "most.approve")
        assert await permits.act("ann", key, "votes_of_all.approve") == "granted"

    run(database_url, work)


def test_time_limits_end_and_begin_with_people(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await permits.permit()
        for name in ("ann", "ben", "dan"):
            await permits.act(name, key, "council.approve")
        assert await ends(permits, key) == {"council": day(3, 16)}
        await pass_(permits, 2)
        await active(permits, "cid", False)
        await work_off(permits)
        assert await ends(permits, key) == {"head": day(3, 11)}  # its turn has come on 4 March
        assert await shown(permits, key) == day(3, 11)
        await pass_(permits, 1)
        await active(permits, "cid", True)
        await work_off(permits)
        assert await ends(permits, key) == {"council": day(3, 19)}  # opened again on 5 March, with its whole time
        await pass_(permits, 4)
        await permits.act("cid", key, "council.approve")
        assert await ends(permits, key) == {"head": day(3, 16)}

    run(database_url, work, TURNS)


EACH = APP.replace(
    "offices: {each: 'offices[active]', by: [each.officer, chair], within: 3 weeks}", "talks: {each: offices.officer, by: [each, chair], within: 3 weeks}"
).replace("  heavy: {from: open, to: refused, when: 'some o in opinions satisfies o.outcome = \"object\" and o.each.weight > 5'}\n", "")


def test_people_of_each_whose_account_is_closed_are_not_waited_for(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        clerk, people = permits.people["clerk"], permits.people
        await permits.service.change(clerk, "office", permits.offices["Water"], {"officer": people["cid"].id}, version=None)
        key = await permits.permit("Fire", "Law", "Water")  # of ann, ben and cid
        await permits.act("ann", key, "talks.approve")
        await roles(permits, "ben")
        await active(permits, "ann", False)  # has spoken, and that stays
        await work_off(permits)
        assert await permits.state(key) == "open"
        await active(permits, "ben", False)
        await work_off(permits)
        assert await permits.state(key) == "open"
        assert len(await permits.made.rows("select id from fw_deadline")) == 1
        await active(permits, "cid", False)
        await work_off(permits)
        assert await permits.state(key) == "board"
        # who is gone already when a case begins is not asked at all
        assert await permits.state(await permits.permit("Law", "Water")) == "board"
        await active(permits, "cid", True)
        key = await permits.permit("Law", "Water")
        assert await permits.act("cid", key, "talks.approve") == "board"

    run(database_url, work, EACH)


OFFICERS = APP.replace("votes_of_all: {by: member, needs: all}", "votes_of_all: {by: offices.officer, needs: all}").replace(
    ", most: {by: member, needs: majority}", ""
).replace("offices: {each: 'offices[active]', by: [each.officer, chair], within: 3 weeks}", "offices: {by: clerk}")


def test_people_of_records_leave_with_the_record_that_names_them(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        clerk, offices, people = permits.people["clerk"], permits.offices, permits.people
        keys = [await permits.permit("Fire", "Law"), await permits.permit("Law"), await permits.permit("Fire", "Law")]
        for key in keys:
            await permits.act("clerk", key, "offices.approve")
            await permits.act("cid", key, "votes.approve")
            await permits.act("dan", key, "votes.approve")
        for key in (keys[0], keys[2]):
            await permits.act("ann", key, "votes_of_all.approve")
        assert [await permits.state(key) for key in keys] == ["council", "council", "council"]
        await permits.service.change(clerk, "office", offices["Water"], {"officer": people["cid"].id}, version=None)
        await permits.service.change(clerk, "permit", keys[2], {"offices": (offices["Fire"],)}, version=None)
        assert await permits.state(keys[2]) == "few"  # its own change
        await permits.service.change(clerk, "office", offices["Law"], {"officer": people["cid"].id}, version=None)
        await work_off(permits)
        # nobody has spoken for the second: whoever is the officer now was not asked
        assert [await permits.state(key) for key in keys] == ["few", "council", "few"]
        await permits.service.change(clerk, "office", offices["Law"], {"officer": people["ben"].id}, version=None)
        await work_off(permits)
        assert await permits.act("ben", keys[1], "votes_of_all.approve") == "few"

    run(database_url, work, OFFICERS)


def test_a_deploy_that_takes_a_role_out_of_another(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        permits.made.clock.now = dt.datetime.now(dt.UTC)  # deploys know the real time
        key = await to_council(permits)
        await all_but(permits, key, "dan")
        running = await build(read_text(APP.replace("chair: {includes: [member]}", "chair: {}")), database_url, clock=permits.made.clock)
        try:
            await deploy(running.app, running.database)
            permits.made.clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            worker = Worker(Running(running.app, running.database, running.service))
            while await worker.run_due():
                pass
            assert (await running.service.read(permits.people["clerk"], "permit", key)).values["state"] == "granted"
        finally:
            await running.database.close()

    run(database_url, work)


def test_many_cases_are_looked_after_in_turns(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        key = await to_council(permits)
        await all_but(permits, key, "dan")
        database, dan = permits.service.database, permits.people["dan"].id
        async with database.transaction() as connection:
            for _ in range(MOST + 10):
                await connection.fetch(
                    "insert into fw_expected (id, record, about, workflow, part, entity, entry) "
                    f"values ('{new_id()}', '{new_id()}', '{dan}', 'review', 'votes_of_all', 'user', 1)"
                )
        await active(permits, "dan", False)
        await work_off(permits)
        assert await permits.state(key) == "granted"
        rows = await permits.made.rows("select kind, count(*) from fw_effect where outcome is not null group by kind")
        found = dict(rows)
        assert (found["people"], found["settle"]) == (2, MOST + 11)

    run(database_url, work)


def test_cases_that_come_while_people_go_are_not_missed(database_url: str) -> None:
    async def work(permits: Permits) -> None:
        keys = [await permits.permit() for _ in range(8)]
        for key in keys:
            await permits.act("ann", key, "votes.approve")
        enter = [permits.act("ben", key, "votes.approve") for key in keys]
        again = permits.made.worker.run_due
        await asyncio.gather(*enter[:4], active(permits, "dan", False), again(), *enter[4:], again(), again())
        await work_off(permits)
        for key in keys:
            for name in ("ann", "ben"):
                await permits.act(name, key, "most.approve")
            for name in ("ann", "ben", "cid"):
                await permits.act(name, key, "votes_of_all.approve")
        assert [await permits.state(key) for key in keys] == ["granted"] * 8

    run(database_url, work)


def test_people_change_after_the_cases_that_are_finding_out_whom_to_ask(postgres_url: str) -> None:
    """A case that has counted its people and is not yet there holds back whoever takes a role away."""

    async def work(permits: Permits) -> None:
        key, database = await permits.permit(), permits.service.database
        await permits.act("ann", key, "votes.approve")

        async def waiting(count: int) -> None:
            blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            for _ in range(5000):
                if int((await database.fetch(blocked))[0][0]) >= count:
                    return
            raise AssertionError(f"never were {count} held back")

        async with database.transaction() as connection:
            await connection.fetch("lock table fw_opinion in share mode")
            entering = asyncio.create_task(permits.act("ben", key, "votes.approve"))
            await waiting(1)
            leaving = asyncio.create_task(active(permits, "dan", False))
            await waiting(2)
        await asyncio.gather(entering, leaving)
        await work_off(permits)
        for name in ("ann", "ben"):
            await permits.act(name, key, "most.approve")
        for name in ("ann", "ben", "cid"):
            await permits.act(name, key, "votes_of_all.approve")
        assert await permits.state(key) == "granted"

    run(postgres_url, work)


def test_a_part_that_came_with_a_deploy_knows_its_people_before_they_go(database_url: str) -> None:
    """Whom it asks is found out as soon as a worker comes to the case, not with its next step."""

    async def work(permits: Permits) -> None:
        permits.made.clock.now = dt.datetime.now(dt.UTC)
        key = await to_council(permits)
        await permits.act("ann", key, "votes_of_one.approve")
        running = await build(read_text(APP), database_url, clock=permits.made.clock)
        try:
            await deploy(running.app, running.database)
            permits.made.clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            worker = Worker(Running(running.app, running.database, running.service))
            while await worker.run_due():
                pass
            waited = await permits.made.rows("select about from fw_expected where part = 'most' and about is not null")
            assert {row[0] for row in waited} == {permits.people[name].id for name in ("ann", "ben", "cid", "dan")}
        finally:
            await running.database.close()

    one = "council: {parallel: {votes_of_one: {by: member}, another: {by: member}}}"
    council = next(line.strip() for line in APP.splitlines() if line.strip().startswith("council:"))
    run(database_url, work, APP.replace(council, one))


def test_accounts_on_the_command_line(database_url: str) -> None:
    async def made(permits: Permits) -> None:
        pass

    run(database_url, made)

    def said(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["--language", "en", "user", *words, "--database", database_url])
        return result.exit_code, result.output

    assert said("roles", "ann", "--role", "member", "--role", "reader")[0] == 0
    assert said("close", "ben")[0] == 0
    lines = [" ".join(line.split()) for line in said("list")[1].splitlines()]
    assert lines == sorted(lines)
    assert {"ann ann member, reader", "ben ben member (closed)"} <= set(lines)
    assert "The account ben is closed." in said("present", "ben")[1]
    assert "Did you mean member?" in said("roles", "ann", "--role", "membr")[1]
    assert said("roles", "nobody", "--role", "member")[0] == 1
    assert said("reopen", "ben")[0] == 0
    assert said("roles", "ben") == (0, "Roles of ben: none\n")
    assert not [line for line in said("list")[1].splitlines() if "(closed)" in line]
