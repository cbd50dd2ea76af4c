"""A worker that comes back after a week: what was missed happens in its order, nobody is warned of what is over."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from fachwerk.engine.work.outside import World
from fachwerk.engine.worker import Worker
from post_office import POST, PostOffice, mail_server, post_office

TEXT = POST.replace("    warn: 2 days\n", "    warn: [5 days, 2 days, {before: 1 days, do: [{notify: head, with: plain_words}]}]\n").replace(
    "fields:\n  subject: text!\n", "fields:\n  subject: text!\n  order: text\n"
).replace("    missed: [{notify: head, with: late}, {mark: lost}]\n", """\
    missed: [{notify: head, with: late}, {mark: lost}, {set: {order: 'order + "arrive "'}}]
  second:
    runs_in: out
    within: 12 days
    missed: [{set: {order: 'order + "second "'}}]
  first:
    runs_in: out
    within: 8 days
    missed: [{set: {order: 'order + "first "'}}]
""")  # fmt: skip


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], world: World | None = None) -> None:
    """Run *work* in a post office with several time limits."""

    async def inner() -> None:
        async with post_office(url, world, TEXT) as made:
            await work(made)

    asyncio.run(inner())


async def sent(made: PostOffice, count: int = 1) -> list[str]:
    """Send letters on a Monday."""
    office = made.office
    letters = [await office.make("letter", subject=f"No. {number}", order=": ") for number in range(count)]
    for one in letters:
        await office.service.act(office.people["clerk"], "letter", one.id, "send")
    await made.worker.run_due()
    return [one.id for one in letters]


async def told(made: PostOffice) -> list[str]:
    """The subjects of all notices that the application itself words."""
    return [row[0] for row in await made.rows("select texts from fw_notice where message is null")]


def test_nobody_is_warned_of_what_is_over(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        (letter,) = await sent(made)
        made.clock.now = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
        await made.worker.run_due()
        assert await told(made) == []
        late = await made.rows("select message, count(*) from fw_notice where message in ('late', 'plain_words') group by message order by message")
        # what a warning is to do is done all the same
        assert late == [("late", 1), ("plain_words", 1)]
        record = await made.office.service.read(made.office.system, "letter", letter)
        assert record.values["order"] == ": first arrive second "

    run(database_url, work)


def test_of_several_warnings_that_are_due_the_last_is_said(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        await sent(made)
        made.clock.now = dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)
        await made.worker.run_due()
        assert len(await told(made)) == 2  # clerk and head
        assert all("is due on 12 Mar 2026" in one for one in await told(made))
        made.clock.now = dt.datetime(2026, 3, 11, 9, tzinfo=dt.UTC)
        await made.worker.run_due()
        assert len(await told(made)) == 2

    run(database_url, work)


def test_a_week_of_missed_limits_is_worked_off_once_with_one_mail_each(database_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            count = 60
            await sent(made, count)
            inbox.received.clear()
            made.clock.now = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
            other = Worker(made.office.running, World(mail=inbox.server))
            await asyncio.gather(made.worker.run_due(), other.run_due())
            await made.worker.run_due()
            words = [sorted(str(row[0]).split()) for row in await made.rows('select "order" from letter where lost')]
            assert words == [[":", "arrive", "first", "second"]] * count
            subjects = [str(mail["Subject"]).partition(" ")[0] for mail in inbox.received]
            assert sorted(subjects) == sorted(["No."] * count + ["Plain"] * count)

        run(database_url, work, World(mail=inbox.server))
