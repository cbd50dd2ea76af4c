"""The worker and messages: everyone told once, in their language; mail received by a real server; limits fire once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.engine.values import Record
from fachwerk.engine.work.notices import Notices
from fachwerk.engine.work.outside import MailServer, World
from fachwerk.engine.worker import working
from post_office import POST, PostOffice, mail_server, post_office


def run(url: str, work: Callable[[PostOffice], Awaitable[None]], world: World | None = None, text: str = POST) -> None:
    """Run *work* in a fresh post office."""

    async def inner() -> None:
        async with post_office(url, world, text) as made:
            await work(made)

    asyncio.run(inner())


async def sent_letter(made: PostOffice, **values: object) -> Record:
    """Make a letter and send it."""
    office = made.office
    who = {"name": "Ada", "mail": "ada@home.example", **values}
    person = await office.make("person", **who)
    letter = await office.make("letter", subject="Hello", amount=1234, kind="proof", person=person.id)
    await office.service.act(office.people["clerk"], "letter", letter.id, "send", comment="look & see")
    return letter


def test_a_message_is_a_notice_in_the_readers_language(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        users = made.office.people
        await made.office.accounts.set_language(users["reader"].id, "de")
        letter = await sent_letter(made, user=users["head"].id)
        assert await made.worker.run_due() == 3
        notices = Notices(made.office.running.app)
        database = made.office.running.database
        (told,), more = await notices.page(database, users["reader"].id)
        assert not more
        assert (told.entity, told.record, told.read) == ("letter", letter.id, None)
        german = told.words("de")
        assert german.subject == "Brief Hello"
        assert german.body == (
            "Guten Tag Ada,\n\nMit Nachweis für 1.234,00\xa0€, bis 12.03.2026: look & see. <clerk> an Ada"
        )
        assert "With proof for" in told.words("en").body
        assert await notices.unread(database, users["reader"].id) == 1
        assert await notices.unread(database, users["head"].id) == 1
        assert await notices.unread(database, users["clerk"].id) == 0
        assert await made.worker.run_due() == 0

    run(database_url, work)


def test_mail_reaches_the_address_of_the_record_else_of_the_user(database_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            await sent_letter(made, user=made.office.people["head"].id)
            await made.worker.run_due()
            mails = {str(mail["To"]): mail for mail in inbox.received}
            assert set(mails) == {"head <ada@home.example>", "reader <reader@example.org>"}
            mail = mails["head <ada@home.example>"]
            assert mail["Subject"] == "Letter Hello"
            assert mail["From"] == "Office <office@works.example>"
            text, rich = mail.get_body(("plain",)), mail.get_body(("html",))
            assert text is not None
            assert rich is not None
            assert "With proof for €1,234.00" in text.get_content()
            assert "https://post.example/e/letter/" in text.get_content()
            assert "&lt;clerk&gt;" in rich.get_content()
            assert "look &amp; see" in rich.get_content()
            ids = {row[0] for row in await made.rows("select id from fw_effect where kind = 'mail'")}
            assert {str(one["Message-ID"])[1:].split("@")[0] for one in inbox.received} == {str(one) for one in ids}

        world = World(mail=inbox.server, sender="Office <office@works.example>", url="https://post.example")
        run(database_url, work, world)


def test_a_person_without_account_is_written_to(sqlite_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            await sent_letter(made)
            await made.worker.run_due()
            assert {str(mail["To"]) for mail in inbox.received} == {"ada@home.example", "reader <reader@example.org>"}

        run(sqlite_url, work, World(mail=inbox.server))


def test_a_mail_server_that_fails_is_tried_again_later_with_the_same_key(database_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            inbox.answers = ["451 later", "451 later"]
            await sent_letter(made)
            await made.worker.run_due()
            assert inbox.received == []
            waiting = await made.rows("select error from fw_effect where kind = 'mail' and wake_at is not null")
            assert len(waiting) == 2
            assert all("451" in row[0] for row in waiting)
            made.clock.pass_(seconds=5)
            await made.worker.run_due()
            assert len(inbox.received) == 2
            assert await made.rows("select 1 from fw_effect where kind = 'mail' and outcome = 'sent'") == [(1,), (1,)]

        run(database_url, work, World(mail=inbox.server))


def test_a_mail_that_its_server_refuses_for_good_is_not_sent_again(sqlite_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            inbox.answers = ["554 looks like spam"]
            await sent_letter(made)
            await made.worker.run_due()
            made.clock.pass_(days=2)
            await made.worker.run_due()
            assert len(inbox.received) == 1
            [(error,)] = await made.rows("select error from fw_effect where kind = 'mail' and error is not null")
            assert "refuses the mail" in error
            assert "looks like spam" in error

        run(sqlite_url, work, World(mail=inbox.server))


def test_a_mail_server_that_does_not_answer_holds_up_neither_time_limits_nor_whoever_signs_in(database_url: str) -> None:
    async def work() -> None:
        all_wait, over = asyncio.Event(), asyncio.Event()
        held: list[object] = []

        async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            held.append(reader)
            if len(held) == 10:
                all_wait.set()
            await over.wait()
            writer.close()

        silent = await asyncio.start_server(hold, "127.0.0.1", 0)
        world = World(mail=MailServer("127.0.0.1", silent.sockets[0].getsockname()[1]))
        async with post_office(database_url, world) as made, asyncio.timeout(60):
            for number in range(10):
                await made.office.person(f"reader{number}", "reader")
            letter = await sent_letter(made)
            async with working(made.worker):
                await all_wait.wait()
                made.clock.pass_(days=20)
                while (await made.rows("select lost from letter"))[0][0] is None:
                    await asyncio.to_thread(lambda: None)  # as for the password of somebody who signs in
                over.set()
            history = await made.office.service.history(made.office.system, "letter", letter.id)
            assert [event.action for event in history if event.kind == "deadline"] == ["arrive"]
        silent.close()

    asyncio.run(work())


def test_an_address_that_is_none_is_given_up_and_said(sqlite_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            effects, database = made.office.service.kit.effects, made.office.running.database
            payload = {"to": "no address", "name": "x", "language": "en", "subject": "s\r\nBcc: evil@x.example", "body": "b"}
            async with database.transaction() as connection:
                await effects.enqueue(connection, "mail", payload, now=made.clock.now)
                await effects.enqueue(connection, "mail", payload | {"to": "a@b.example"}, now=made.clock.now)
            await made.worker.run_due()
            (bad, good) = await made.rows("select outcome, error from fw_effect order by id")
            assert bad[0] == "gave up"
            assert "no mail address" in bad[1]
            assert good[0] == "sent"
            (mail,) = inbox.received
            assert mail["Subject"] == "s Bcc: evil@x.example"
            assert mail["Bcc"] is None

        run(sqlite_url, work, World(mail=inbox.server))


def test_a_role_that_includes_another_is_told_too_and_links_tell_all(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        office, people = made.office, made.office.people
        helpers = [await office.make("person", name=name, user=people[name].id) for name in ("clerk", "reader")]
        letter = await office.make("letter", subject="x", helpers=tuple(one.id for one in helpers))
        for action in ("send", "tell"):
            await office.service.act(people["clerk"], "letter", letter.id, action)
        await made.worker.run_due()
        told = await made.rows("select u.name from fw_notice n join fw_user u on u.id = n.user where message = 'plain_words'")
        assert sorted(told) == [("clerk",), ("head",), ("reader",)]

    run(sqlite_url, work)


def test_a_limit_warns_once_is_missed_once_and_marks(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        letter, people = await sent_letter(made), made.office.people
        await made.worker.run_due()
        made.clock.now = dt.datetime(2026, 3, 9, 22, 59, tzinfo=dt.UTC)
        assert await made.worker.run_due() == 0
        made.clock.now = dt.datetime(2026, 3, 9, 23, 0, 1, tzinfo=dt.UTC)
        assert await made.worker.run_due() == 3
        subjects = "select n.texts from fw_notice n where message is null"
        (warning, _) = await made.rows(subjects)
        assert "Arrival: No. Hello is due on 12 Mar 2026" in warning[0]
        made.clock.now = dt.datetime(2026, 3, 12, 23, 0, 1, tzinfo=dt.UTC)
        await made.worker.run_due()
        record = await made.office.service.read(people["clerk"], "letter", letter.id)
        assert record.values["lost"] is True
        assert record.values["state"] == "out"
        assert await made.rows("select count(*) from fw_notice where message = 'late'") == [(1,)]
        assert await made.rows("select count(*) from fw_deadline where missed") == [(1,)]
        events = await made.office.service.history(people["clerk"], "letter", letter.id)
        assert [(event.kind, event.action) for event in events][-1] == ("deadline", "arrive")
        assert await made.worker.run_due() == 0

    run(database_url, work)


@pytest.mark.parametrize("how", ["left", "again", "removed"])
def test_a_limit_that_does_not_run_any_more_does_nothing(database_url: str, how: str) -> None:
    async def work(made: PostOffice) -> None:
        letter, clerk, service = await sent_letter(made), made.office.people["clerk"], made.office.service
        await made.worker.run_due()
        made.clock.pass_(days=5)
        if how == "left":
            await service.act(clerk, "letter", letter.id, "recall")
        elif how == "removed":
            await service.remove(clerk, "letter", letter.id)
        else:
            await service.act(clerk, "letter", letter.id, "check")
            await service.act(made.office.people["reader"], "letter", letter.id, "weight.approve")
        made.clock.now = dt.datetime(2026, 3, 13, 12, tzinfo=dt.UTC)
        await made.worker.run_due()
        assert await made.rows("select count(*) from fw_notice where message = 'late'") == [(0,)]
        assert await made.rows("select count(*) from fw_deadline where missed") == [(0,)]

    run(database_url, work)


def test_a_part_that_takes_too_long_is_said_to_those_who_must_decide(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        letter, people = await sent_letter(made), made.office.people
        await made.office.service.act(people["clerk"], "letter", letter.id, "check")
        await made.worker.run_due()
        made.clock.pass_(days=4)
        await made.worker.run_due()
        (told,) = await made.rows(
            "select n.texts from fw_notice n join fw_user u on u.id = n.user where message is null and u.name = 'reader'"
        )
        assert "Weight: No. Hello was due on 5 Mar 2026" in told[0]

    run(sqlite_url, work)


def test_a_limit_tells_nobody_what_they_may_not_read(database_url: str) -> None:
    text = POST.replace("  reader: {read: true}", "  reader: {read: person.user = me}")

    async def work(made: PostOffice) -> None:
        office = made.office
        mine = await office.make("person", name="Ada", user=office.people["reader"].id)
        await office.person("stranger", "reader")
        for person in (mine.id, None):
            letter = await office.make("letter", subject="Hello" if person else "Secret", person=person)
            for step in ("send", "check"):
                await office.service.act(office.people["clerk"], "letter", letter.id, step)
        made.clock.pass_(days=4)
        await made.worker.run_due()
        told = await made.rows(
            "select u.name, n.texts from fw_notice n join fw_user u on u.id = n.user where message is null"
        )
        assert [name for name, _ in told] == ["reader"]
        assert "No. Hello was due" in told[0][1]

    run(database_url, work, text=text)


def test_two_workers_do_everything_once(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        for _ in range(10):
            await sent_letter(made)
        async with post_office_worker(made) as other:
            await asyncio.gather(*(worker.run_due() for worker in (made.worker, other) * 2))
        assert await made.rows("select count(*) from fw_notice") == [(10,)]
        assert await made.rows("select count(*) from fw_effect where wake_at is not null and kind != 'deadline_warning' and kind != 'deadline'") == [(0,)]

    run(database_url, work)


def post_office_worker(made: PostOffice):  # type: ignore[no-untyped-def]
    """A second worker of the same app."""
    from contextlib import nullcontext

    from fachwerk.engine.worker import Worker

    return nullcontext(Worker(made.office.running, World()))


def test_an_effect_that_no_version_knows_waits_for_one_that_does(sqlite_url: str) -> None:
    async def work(made: PostOffice) -> None:
        async with made.office.running.database.transaction() as connection:
            await made.office.service.kit.effects.enqueue(connection, "from the future", {}, now=made.clock.now)
        await made.worker.run_due()
        (row,) = await made.rows("select wake_at is null, error from fw_effect")
        assert row[0] == 0
        assert "from the future" in row[1]

    run(sqlite_url, work)
