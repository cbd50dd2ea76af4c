"""Two people press the same button at once, a thousand times: one step, one effect, and the other is told why."""

from __future__ import annotations

import asyncio
from collections import Counter

from fachwerk.problems import Refused
from office import OFFICE, office

TIMES = 1_000

APP = OFFICE.replace("  start: {from: draft, to: open, by: [clerk, owner], require: [unit, amount], set: {opened: today()}}",
                     "  start: {from: draft, to: open, by: [clerk, owner], do: [{notify: clerk, with: begun}]}") + (
    "---\nmessage: begun\nof: case\nsubject: begun\nbody: begun\n"
)  # fmt: skip


def test_two_press_the_same_button_a_thousand_times(database_url: str) -> None:
    async def work() -> None:
        async with office(database_url, APP) as made:
            clerk = made.people["clerk"]
            refusals: Counter[str] = Counter()
            for number in range(TIMES):
                record = await made.service.create(clerk, "case", {"subject": f"s{number}"})
                presses = (made.service.act(clerk, "case", record.id, "start") for _ in range(2))
                answers = await asyncio.gather(*presses, return_exceptions=True)
                steps = [one for one in answers if not isinstance(one, BaseException)]
                refused = [one for one in answers if isinstance(one, Refused)]
                assert (len(steps), len(refused)) == (1, 1), answers
                assert refused[0].status == 409
                assert refused[0].message["en"] == "This is not possible in state “Open”."
                refusals[refused[0].code] += 1
            assert refusals == {"wrong_state": TIMES}
            database = made.service.database
            ((steps_kept,),) = await database.fetch("select count(*) from fw_history where action = 'start'")
            ((effects,),) = await database.fetch("select count(*) from fw_effect where kind = 'notify'")
            ((records,),) = await database.fetch("select count(distinct record) from fw_effect where kind = 'notify'")
            assert (steps_kept, effects, records) == (TIMES, TIMES, TIMES)

    asyncio.run(work())
