"""Every example from the first form to a final state, as several people in a real browser: with script, and without.

One more walks the north star in ``test_server_browser``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from browser import LEFT_OUT, chromium, open_browser
from journey import Desk, Example, Person
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)]
People = Callable[[str], Person]
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


def today() -> dt.date:
    """Return the day that the examples have."""
    return dt.datetime.now(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "proof.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
    return path


def people(browser: Browser, example: Example, script: bool, *names: str) -> list[Person]:
    return [Person(browser, example.address, name, script) for name in names]


def at_ease(*everybody: Person) -> None:
    """Nobody's browser complained."""
    for person in everybody:
        assert person.complaints == []
        person.context.close()


# ------------------------------------------------------------------ a funding application, on PostgreSQL


async def funding_programme(desk: Desk) -> None:
    await desk.make("citizen", given_name="Anna", family_name="Berg", user=desk.users["anna"])
    day = dt.timedelta(days=30)
    values = {
        "topic": "culture",
        "opens": today() - day,
        "closes": today() + day,
        "budget": 9000,
        "ceiling": 2000,
        "rate": 50,
    }
    await desk.make("programme", name="Kultursommer", **values)


@pytest.fixture(scope="module")
def town_hall(module_postgres_url: str) -> Iterator[Example]:
    with Example("public_sector", module_postgres_url, funding_programme) as example:
        yield example


@SCRIPT
def test_a_grant_from_application_to_payment(browser: Browser, town_hall: Example, pdf: Path, script: bool) -> None:
    anna, fritz, hanna = people(browser, town_hall, script, "anna", "fritz", "hanna")
    anna.open("/e/grant/new")
    anna.fill("project", "Open-air cinema")
    anna.send()
    anna.refused("Programme", "Summary")
    anna.link("programme", "kult", "Kultursommer")
    anna.fill("summary", "Six evenings in July.")
    anna.add_row("costs")
    anna.fill("costs.0.item", "Screen")
    anna.fill("costs.0.amount", "3000")
    if script:
        expect(anna.page.locator("#f-proposed")).to_contain_text("1,500.00")
    anna.send()
    case = anna.case()
    anna.press("Apply")
    anna.done()
    anna.state("Applied")

    fritz.open(case)
    fritz.press("Confirm check")
    fritz.done()
    hanna.open(case)
    hanna.press("Approve")
    hanna.fill("amount", "1800")
    hanna.send()
    hanna.refused("At most 1500.00 EUR are possible.")
    hanna.fill("amount", "1500")
    hanna.fill("conditions", "Name the town as a sponsor.")
    hanna.send()
    hanna.done()
    hanna.state("Approved")

    anna.open(f"{case}/edit")
    anna.attach("proof", pdf)
    anna.send()
    expect(anna.page.locator("main")).to_contain_text("proof.pdf")
    fritz.open(case)
    fritz.press("Pay out")
    fritz.send()
    fritz.done()
    fritz.state("Paid")
    at_ease(anna, fritz, hanna)


# ------------------------------------------------------------------ a referral between physicians


async def practice(desk: Desk) -> None:
    await desk.make(
        "patient", given_name="Paula", family_name="Berg", born=dt.date(1980, 5, 4), user=desk.users["paula"]
    )
    for name, given, field in (("sommer", "Ines", "general"), ("winter", "Jan", "cardiology")):
        user = desk.users[name]
        await desk.make("practitioner", given_name=given, family_name=name.title(), field=field, user=user)


@pytest.fixture(scope="module")
def centre(module_sqlite_url: str) -> Iterator[Example]:
    with Example("healthcare", module_sqlite_url, practice) as example:
        yield example


@SCRIPT
def test_a_referral_from_question_to_answer(browser: Browser, centre: Example, script: bool) -> None:
    sommer, rosa, winter = people(browser, centre, script, "sommer", "rosa", "winter")
    sommer.open("/e/referral/new")
    sommer.link("patient", "berg", "Berg, Paula")
    sommer.link("sender", "ines", "Ines Sommer")
    sommer.link("receiver", "jan", "Jan Winter")
    sommer.choose("Urgent")
    sommer.send()
    sommer.refused("Question")
    sommer.fill("question", "Please look at the rhythm of the heart.")
    sommer.send()
    case = sommer.case()
    expect(sommer.page.locator("main")).to_contain_text("3 d")
    sommer.press("Send")
    sommer.done()

    rosa.open(case)
    rosa.press("Accept")
    rosa.send()
    rosa.refused("Appointment")
    rosa.fill("appointment", f"{today() + dt.timedelta(days=3)}T10:30")
    rosa.send()
    rosa.done()
    rosa.state("Accepted")

    winter.open("/")
    winter.page.locator(f'.inbox a[href="{case}"]').click()
    winter.press("Send answer")
    winter.fill("answer", "Nothing unusual; again in six months.")
    winter.send()
    winter.done()
    winter.state("Answered")
    at_ease(sommer, rosa, winter)


# ------------------------------------------------------------------ a repair


async def house(desk: Desk) -> None:
    tina = await desk.make("party", kind="person", name="Albrecht", given_name="Tina", user=desk.users["tina"])
    street = await desk.make("property", street="Lindenallee 3", city="Hofheim")
    flat = await desk.make("unit", property=street, name="EG links", use="flat", area=70, rooms=3)
    await desk.make("lease", unit=flat, tenant=tina, starts=today(), rent=800, charges=150)
    await desk.make("contractor", name="Elektro Lenz", trades=("electrical",), user=desk.users["konrad"])
    await desk.make("contractor", name="Malerei Farbton", trades=("painting",))


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    path = tmp_path_factory.mktemp("houses") / "houses.db"
    with Example("real_estate", f"sqlite:///{path}", house) as example:
        yield example


@SCRIPT
def test_a_repair_from_report_to_payment(browser: Browser, houses: Example, pdf: Path, script: bool) -> None:
    names = ("tina", "maja", "konrad", "berta")
    tina, maja, konrad, berta = people(browser, houses, script, *names)
    tina.open("/e/order/new")
    tina.fill("subject", "No light in the stairs")
    tina.link("unit", "eg l", "Lindenallee 3, EG links")
    tina.choose("Electrical")
    tina.send()
    tina.refused("What is broken")
    tina.fill("report", "Dark between the floors.")
    tina.send()
    case = tina.case()
    expect(tina.page.locator("main")).not_to_contain_text("Estimate")

    maja.open(case)
    expect(maja.page.locator("main")).to_contain_text("Medium")
    maja.press("Assign")
    maja.link("contractor", "elek", "Elektro Lenz")
    maja.fill("estimate", "100")
    maja.send()
    maja.done()
    konrad.open(case)
    konrad.press("Begin")
    konrad.done()
    konrad.press("Finish")
    konrad.fill("invoice", "180")
    konrad.attach("invoice_file", pdf)
    konrad.send()
    konrad.refused("more than 15 % above the estimate of 100.00 EUR")
    konrad.fill("invoice", "110")
    konrad.send()
    konrad.done()
    konrad.state("Done")

    maja.open(case)
    maja.press("Approve invoice")
    maja.done()
    berta.open(case)
    berta.press("Pay")
    berta.done()
    berta.state("Paid")
    at_ease(tina, maja, konrad, berta)
