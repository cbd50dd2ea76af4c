"""Documents: PDF and Word made of records, exactly once, saying what was true when the step was taken."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import docx
import httpx2
import pypdf
import pytest
from fachwerk.engine.context import context_of
from fachwerk.engine.letters.content import MOST_PARTS, TooBig, compile_letter
from fachwerk.engine.letters.filled import filled
from fachwerk.engine.letters.making import Press
from fachwerk.engine.letters.typeset import Typesetter
from fachwerk.engine.letters.word import word
from fachwerk.engine.main import compile_project
from fachwerk.engine.server.app import build_server
from fachwerk.engine.values import Record
from fachwerk.engine.work.outside import World
from fachwerk.problems import Refused
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from hypothesis import given, settings
from hypothesis import strategies as st
from letter_office import LETTERS, MOMENT, RECORD, word_template
from post_office import PostOffice, mail_server, post_office


@cache
def project() -> Project:
    """The configuration with its Word file."""
    found, problems = read_project({"app.yaml": LETTERS.encode(), "lease.docx": word_template()})
    assert found is not None, [problem.message() for problem in problems]
    return found


def content(name: str, record: Mapping[str, Any] = RECORD, language: str = "de") -> dict[str, Any]:
    """What a document says about a record."""
    app = compile_project(project(), "sqlite")
    made = compile_letter(app, project().letters[name])
    return made.fill(record, context_of(app, None, MOMENT), language)


def pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def words(content: bytes) -> list[str]:
    """The paragraphs of a Word file, then the cells of its tables."""
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(one.text for one in document.paragraphs), *cells]


# what is in the files -------------------------------------------------------------------------------------------------


def test_a_pdf_is_accessible_and_says_everything() -> None:
    """Text can be extracted, the language and title are set, it is tagged, no font is missing."""
    pdf = Typesetter().pdf(content("permit_letter"), {})
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Bescheid P-2026-0001"
    assert root["/Lang"] == "de"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    first, second = pages(pdf)
    assert first.splitlines()[:5] == [
        "Stadt Hofheim", "Bauamt · Markt 1 · 65719 Hofheim", "Ängela Müßig", "Hauptstraße 5", "65719 Hofheim"
    ]  # fmt: skip
    assert "Hofheim, 21.11.2026" in first
    assert "Ihr Neubau ist genehmigt (teuer)." in first
    assert "Gebühr 1.000,00\xa0€\nAuslagen 234,50\xa0€\nSumme 1.237,50\xa0€" in first.replace("  ", " ")
    assert "Porto" not in first.partition("erstens")[0]
    assert "1. erstens\n2. Gebühr\n3. Porto\n4. Auslagen" in first
    assert "Seite 1 von 2" in first
    assert "Mit freundlichen Grüßen\nBauamt {klammer} 2 * 3 * 4" in second


def test_an_english_letter_has_english_dates_and_amounts() -> None:
    text = "\n".join(pages(Typesetter().pdf(content("permit_letter", language="en"), {})))
    assert "Dear Ängela Müßig, the fee of €1,234.50 is due on" in text
    assert "Page 1 of 1" in text


def test_the_same_record_gives_the_same_bytes() -> None:
    """Also from another process' typesetter, and for Word files."""
    said = content("permit_letter")
    assert Typesetter().pdf(said, {}) == Typesetter().pdf(said, {})
    assert word(said, {}) == word(said, {})
    form = content("lease")
    marks = project().letters["lease"].marks
    assert filled(word_template(), marks, form) == filled(word_template(), marks, form)


def test_a_word_file_has_headings_a_table_and_a_language() -> None:
    document = docx.Document(io.BytesIO(word(content("permit_letter"), {})))
    assert [one.text for one in document.paragraphs if one.style.name == "Heading 1"] == ["Bescheid P-2026-0001"]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["Posten", "Betrag"], ["Gebühr", "1.000,00\xa0€"], ["Auslagen", "234,50\xa0€"], ["Summe", "1.237,50\xa0€"]
    ]  # fmt: skip
    assert 'w:val="de-DE"' in document.styles["Normal"].element.xml
    assert document.core_properties.title == "Bescheid P-2026-0001"


def test_a_template_is_filled_where_word_splits_its_places() -> None:
    made = filled(word_template(), project().letters["lease"].marks, content("lease"))
    assert words(made) == [
        "Mietvertrag P-2026-0001",
        "Guten Tag Ängela Müßig, Ihre Miete beträgt 1.234,50\xa0€ (hoch). Posten: Gebühr; Porto; Auslagen; Ende.",
        "Teuer am 21.11.2026.", "Notiz: eins\nzwei",
        "Posten", "Betrag", "Gebühr", "1.000,00\xa0€", "viel", "2.000,00\xa0€", "Porto", "3,00\xa0€", "Auslagen",
        "234,50\xa0€", "Summe", "1.237,50\xa0€",
    ]  # fmt: skip
    document = docx.Document(io.BytesIO(made))
    assert document.sections[0].footer.paragraphs[0].text == "Akte P-2026-0001, „neu“"
    assert document.paragraphs[1].runs[1].bold
    assert b"fachwerk-paragraph" not in made


def test_the_other_branch_of_a_template() -> None:
    cheap = {**RECORD, "fee": Decimal(1), "costs": []}
    made = words(filled(word_template(), project().letters["lease"].marks, content("lease", cheap)))
    assert "Billig." in made
    assert not any("Teuer" in one for one in made)
    assert made[-4:] == ["Posten", "Betrag", "Summe", ""]  # the sum of nothing is nothing


# hostile values -------------------------------------------------------------------------------------------------------

NASTY = st.text(
    st.one_of(st.sampled_from(list("#$*_`\\{}[]<>&@~=-+|\"'/%;\n\t")), st.characters(exclude_categories=("Cs",))),
    min_size=1, max_size=60,
)  # fmt: skip
TYPESETTER = Typesetter()


@settings(max_examples=40)
@given(NASTY)
def test_a_value_is_text_whatever_is_in_it(value: str) -> None:
    """No value is read as markup: what can be printed comes out, in PDF, Word and filled files."""
    record = {**RECORD, "note": f"§{value}§", "applicant": {**RECORD["applicant"], "name": value}}
    said = content("permit_letter", record)
    TYPESETTER.pdf(said, {})
    shown = next(block for block in said["blocks"] if block["kind"] == "bullets")["items"][1]
    expected = "".join(one.get("text", "\n") for one in shown)
    assert expected in words(word(said, {}))
    form = content("lease", record)
    made = words(filled(word_template(), project().letters["lease"].marks, form))
    place = next(n for n, mark in enumerate(project().letters["lease"].marks) if mark.rule and mark.rule.text.text == "note")
    note = form["answers"][str(place)]
    assert any(one == f"Notiz: {note}" for one in made)


@pytest.mark.parametrize("value", ['#panic("x")', "#import \"@preview/x:1.0.0\"", "$x$ *b* _i_ `c` @ref <l> = h", "{fee} {{ {end}"])
def test_markup_in_a_value_is_shown_as_it_is(value: str) -> None:
    record = {**RECORD, "applicant": {**RECORD["applicant"], "name": value}}
    assert value in " ".join("".join(pages(TYPESETTER.pdf(content("permit_letter", record), {}))).split())


def test_signs_that_no_font_has_are_boxes() -> None:
    """A letter is made all the same: the record keeps the sign."""
    record = {**RECORD, "applicant": {**RECORD["applicant"], "name": "Ẑoë 日本 Ștefan Nguyễn \u202eabc"}}
    assert "Ẑoë □□ Ștefan Nguyễn abc" in "".join(pages(TYPESETTER.pdf(content("permit_letter", record), {})))


def test_a_document_has_an_end() -> None:
    many = [{"id": str(number), "item": "x", "amount": Decimal(9)} for number in range(MOST_PARTS)]
    with pytest.raises(TooBig):
        content("permit_letter", {**RECORD, "costs": many})
    with pytest.raises(TooBig):
        content("permit_letter", {**RECORD, "note": "x" * 1_100_000})


# in the application ---------------------------------------------------------------------------------------------------


def run(url: str, work: Callable[[PostOffice, Record], Awaitable[None]], world: World | None = None) -> None:
    """Run *work* with a permit."""

    async def inner() -> None:
        async with post_office(url, world, LETTERS.replace("file: lease.docx", "text: '{number}'")) as made:
            office = made.office
            who = await office.make("person", name="Ada", email="ada@home.example", user=office.people["guest"].id)
            costs = [{"item": "Gebühr", "amount": Decimal(1000)}, {"item": "Porto", "amount": Decimal(3)}]
            values = {"applicant": who.id, "fee": Decimal("1234.5"), "kind": "new", "costs": costs, "note": "secret"}
            await work(made, await office.make("permit", **values))

    asyncio.run(inner())


def test_a_letter_is_kept_once_and_the_history_says_it(database_url: str) -> None:
    async def work(made: PostOffice, permit: Record) -> None:
        office = made.office
        await office.service.act(office.people["clerk"], "permit", permit.id, "grant")
        await made.worker.run_due()
        assert await made.worker.run_due() == 0
        found = await office.service.read(office.people["clerk"], "permit", permit.id)
        (letter,) = found.values["letters"]
        assert (letter.name, letter.type) == ("Permit P-2026-0001.pdf", "application/pdf")
        stored = await office.service.download(office.people["clerk"], "permit", permit.id, "letters", letter.id)
        assert "Dear Ada" in pages(stored.content)[0]
        (event,) = [one for one in await office.service.history(office.people["clerk"], "permit", permit.id)
                    if one.kind == "document"]  # fmt: skip
        assert (event.comment, event.origin, list(event.changes)) == ("permit_letter", "effect:1", ["letters"])
        with pytest.raises(Refused):
            await office.service.download(office.people["guest"], "permit", permit.id, "letters", letter.id)
        seen = await office.service.history(office.people["guest"], "permit", permit.id)
        assert [one.comment for one in seen if one.kind == "document"] == [None]

    run(database_url, work)


def test_letters_and_messages_say_what_was_true_at_the_step(database_url: str) -> None:
    """What changes between the step and the delivery changes nothing: message, attachment, webhook, document."""
    with mail_server() as inbox:

        async def work(made: PostOffice, permit: Record) -> None:
            office = made.office
            await office.service.act(office.people["clerk"], "permit", permit.id, "grant")
            await office.service.change(
                office.people["clerk"], "permit", permit.id, {"fee": Decimal(7), "costs": []}, version=None
            )
            await made.worker.run_due()
            (mail,) = inbox.received
            text = mail.get_body(("plain",))
            assert text is not None
            assert "Your fee is €1,234.50" in text.get_content()
            (attached,) = mail.iter_attachments()
            assert attached.get_filename() == "Permit P-2026-0001.pdf"
            assert attached.get_content_type() == "application/pdf"
            assert "€1,234.50" in pages(attached.get_content())[0]
            found = await office.service.read(office.people["clerk"], "permit", permit.id)
            (letter,) = found.values["letters"]
            stored = await office.service.download(office.people["clerk"], "permit", permit.id, "letters", letter.id)
            assert "€1,234.50" in pages(stored.content)[0]
            ((body,),) = await made.rows("select payload from fw_effect where kind = 'delivery'")
            assert '\\"fee\\":1234.5' in body
            ((longest,),) = await made.rows("select max(length(cast(payload as text))) from fw_effect")
            assert longest < 8000

        run(database_url, work, World(mail=inbox.server))


def test_the_reader_of_a_mail_gets_the_document_in_their_language(database_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice, permit: Record) -> None:
            office = made.office
            await office.accounts.set_language(office.people["guest"].id, "de")
            await office.service.act(office.people["clerk"], "permit", permit.id, "grant")
            await made.worker.run_due()
            (mail,) = inbox.received
            (attached,) = mail.iter_attachments()
            assert mail["Subject"] == "Erteilt P-2026-0001"
            assert "Guten Tag Ada" in pages(attached.get_content())[0]

        run(database_url, work, World(mail=inbox.server))


def test_the_page_shows_what_was_made_and_says_so(database_url: str) -> None:
    """The file stands on the page though no form names its field, and the time line says what it is."""

    async def work(made: PostOffice, permit: Record) -> None:
        office = made.office
        await office.service.act(office.people["clerk"], "permit", permit.id, "grant")
        await made.worker.run_due()
        page = await page_of(made, "clerk", permit)
        assert "Permit P-2026-0001.pdf" in page
        assert "made the document “Permit letter”" in page
        assert f"/files/permit/{permit.id}/letters/" in page
        other = await page_of(made, "guest", permit)
        assert "P-2026-0001.pdf" not in other
        assert "Permit letter" not in other

    run(database_url, work)


async def page_of(made: PostOffice, name: str, permit: Record) -> str:
    """The page of a record as somebody sees it."""
    office = made.office
    session = await office.accounts.open_session(office.people[name].id, 3600)
    transport = httpx2.ASGITransport(app=build_server(office.running), client=("192.0.2.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", cookies={"fw_session": session}) as client:
        return (await client.get(f"/e/permit/{permit.id}")).text


def test_a_worker_that_is_shot_while_it_makes_a_letter_keeps_none_or_one(database_url: str) -> None:
    """Making changes nothing; keeping is part of the transaction that settles the effect."""

    async def work(made: PostOffice, permit: Record) -> None:
        office = made.office
        await office.service.act(office.people["clerk"], "permit", permit.id, "grant")
        press, shots = office.service.kit.press, 0
        make = Press.make

        async def shot(*values: Any, **more: Any) -> Any:
            nonlocal shots
            shots += 1
            await make(press, *values, **more)
            raise KeyboardInterrupt

        object.__setattr__(press, "make", shot)
        for _ in range(2):
            with pytest.raises(BaseException):  # noqa: B017, PT011
                await made.worker.run_due()
            made.clock.pass_(minutes=3)
        assert shots >= 2
        object.__delattr__(press, "make")
        await made.worker.run_due()
        found = await office.service.read(office.people["clerk"], "permit", permit.id)
        assert len(found.values["letters"]) == 1

    run(database_url, work)


def test_a_letter_is_made_by_hand_by_those_who_may(database_url: str) -> None:
    async def work(made: PostOffice, permit: Record) -> None:
        office = made.office
        server = build_server(office.running)
        answers = {}
        for name in ("clerk", "guest", "stranger"):
            session = await office.accounts.open_session(office.people[name].id, 3600)
            transport = httpx2.ASGITransport(app=server, client=("192.0.2.1", 1))
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", cookies={"fw_session": session}) as client:
                page = await client.get(f"/e/permit/{permit.id}")
                if name == "clerk":  # the links say what they make
                    links = re.findall(r'href="[^"]+/document/(\w+[^"]*)" download>.*?</svg>([^<]+)', page.text)
                    assert ("permit_letter", "Permit letter (PDF)") in links
                    assert ("permit_letter?as=docx", "Permit letter (Word)") in links
                answers[name] = (page.status_code, "document/permit_letter" in page.text,
                                 await client.get(f"/e/permit/{permit.id}/document/permit_letter"))  # fmt: skip
        assert [answers[name][:2] for name in answers] == [(200, True), (200, False), (404, False)]
        pdf = answers["clerk"][2]
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        assert pdf.headers["content-disposition"].startswith('attachment; filename="Permit P-2026-0001.pdf"')
        assert "Dear Ada" in pages(pdf.content)[0]
        assert [answers[name][2].status_code for name in ("guest", "stranger")] == [403, 404]

    run(database_url, work)


def test_moments_of_the_pdf_are_none() -> None:
    """When a file was made says the history: the bytes hold no time of their own."""
    reader = pypdf.PdfReader(io.BytesIO(TYPESETTER.pdf(content("permit_letter"), {})))
    assert reader.metadata is not None
    assert reader.metadata.creation_date in (None, dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
