"""Effects that checks, values of others or limits of fields stand against: who looks at the record learns of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fachwerk.engine.letters.by_hand import ByHand
from fachwerk.problems import Refused, say
from post_office import POST, PostOffice, post_office

TEXT = POST + """\
---
entity: invoice
label: {en: Invoice, de: Rechnung}
title: string(amount)
fields:
  amount: {type: money, label: {en: Amount, de: Betrag}, max: 100}
  number: {type: text, label: {en: Number, de: Nummer}, unique: true}
  letter: {type: link, to: letter}
access: {clerk: {create: true, read: true, update: true}}
---
automation: bill
of: letter
on: send
where: amount > 0
do: [{create: invoice, values: {amount: amount, number: subject, letter: this}}]
---
automation: rename
of: letter
on: send
where: amount < 0
do: [{change: person, values: {mail: comment_of}}]
---
automation: write
of: letter
on: send
where: amount = null
do: [{document: long, into: papers}, {notify: head, with: plain_words, attach: long}]
---
document: long
of: letter
label: {en: Long paper, de: Langes Papier}
by: clerk
text: "{comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of} {comment_of}"
"""


def run(url: str, work: Callable[[PostOffice], Awaitable[None]]) -> None:
    """Run *work* in a post office that writes invoices."""

    async def inner() -> None:
        async with post_office(url, None, TEXT) as made:
            await work(made)

    asyncio.run(inner())


async def refusals(made: PostOffice, letter: str) -> list[tuple[str | None, str | None]]:
    """What the history of a letter says was not possible, and where that came from."""
    events = await made.office.service.history(made.office.people["clerk"], "letter", letter)
    return [(event.comment, event.origin) for event in events if event.kind == "refused"]


@pytest.mark.parametrize(("amount", "subject", "said"), [
    (1234, "new", "Invoice: "), (5, "old", "This value is taken already."), (-1, "x", "mail: "),
])  # fmt: skip
def test_what_could_not_follow_stands_in_the_history_of_the_record(
    database_url: str, amount: int, subject: str, said: str
) -> None:
    async def work(made: PostOffice) -> None:
        office, clerk = made.office, made.office.people["clerk"]
        await office.make("invoice", amount=1, number="old")
        person = await office.make("person", name="Ada")
        letter = await office.make("letter", subject=subject, amount=amount, person=person.id, comment_of="no address")
        await office.service.act(clerk, "letter", letter.id, "send")
        await made.worker.run_due()
        ((told, origin),) = await refusals(made, letter.id)
        assert told is not None
        assert said in told
        assert origin is not None
        assert origin.startswith("effect:")
        ((error,),) = await made.rows("select error from fw_effect where outcome = 'gave up'")
        assert error
        assert await made.rows("select count(*) from invoice") == [(1,)]
        assert (await office.service.read(clerk, "letter", letter.id)).values["state"] == "out"
        await made.worker.run_due()
        assert len(await refusals(made, letter.id)) == 1

    run(database_url, work)


def test_a_document_that_cannot_be_made_is_said_in_the_history_and_by_hand(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        office, clerk = made.office, made.office.people["clerk"]
        letter = await office.make("letter", subject="x", comment_of="long " * 19_000)
        await office.service.act(clerk, "letter", letter.id, "send")
        await made.worker.run_due()
        told = [comment for comment, _ in await refusals(made, letter.id)]
        assert told == ["Long paper: The document could not be made: it would be too long.",
                        "The document could not be made: it would be too long."]  # fmt: skip
        with pytest.raises(Refused) as refused:
            await ByHand(office.service).make(clerk, "letter", letter.id, "long")
        assert say(refused.value.message, "de") == "Das Dokument ließ sich nicht erstellen: es wäre zu lang."

    run(database_url, work)


def test_nothing_is_said_where_it_was_possible_or_the_record_is_gone(database_url: str) -> None:
    async def work(made: PostOffice) -> None:
        office, clerk = made.office, made.office.people["clerk"]
        good, gone = [await office.make("letter", subject=name, amount=9) for name in ("good", "gone")]
        for one in (good, gone):
            await office.service.act(clerk, "letter", one.id, "send")
        await office.service.remove(clerk, "letter", gone.id)
        await made.worker.run_due()
        assert await refusals(made, good.id) == []
        assert await made.rows("select count(*) from invoice") == [(1,)]
        assert await made.rows("select count(*) from fw_effect where outcome = 'gave up'") == [(0,)]

    run(database_url, work)
