"""From submitted texts to values: languages, boxes, links, rows, files, and the buttons of forms without script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest
from fachwerk.forms.model import Stashed
from fachwerk.forms.read import Submitted, read_form
from fachwerk.schemas.kinds import FileUpload
from forms_samples import key, pages

PAGES = pages()


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a server's form parser hands it over."""

    name: str
    type: str
    content: bytes


def read(language: str = "de", files: Mapping[str, list[Sent]] | None = None, **texts: str | list[str]) -> Submitted:
    """Read a form whose dots are written as two underscores."""
    lists = {name.replace("__", "."): [value] if isinstance(value, str) else value for name, value in texts.items()}
    return read_form(PAGES.forms.entity("permit", language), lists, files)


@pytest.mark.parametrize(
    ("language", "name", "text", "value"),
    [
        ("de", "floor_area", "1.234,5", Decimal("1234.5")),
        ("en", "floor_area", "1,234.5", Decimal("1234.5")),
        ("de", "floor_area", "98,5", Decimal("98.5")),
        ("de", "storeys", "3", Decimal(3)),
        ("de", "begin", "31.3.2026", dt.date(2026, 3, 31)),
        ("en", "begin", "2026-03-31", dt.date(2026, 3, 31)),
        ("de", "survey", "2026-03-04T14:30", dt.datetime(2026, 3, 4, 13, 30, tzinfo=dt.UTC)),
        ("de", "survey", "04.03.2026 14:30", dt.datetime(2026, 3, 4, 13, 30, tzinfo=dt.UTC)),
        ("de", "kind", "new", "new"),
        ("de", "kind", "Neubau", "new"),
        ("de", "kind", "", None),
        ("de", "description", "a\r\nb ", "a\nb"),
        ("de", "urgency", "4", Decimal(4)),
        ("de", "floor_area", " ", None),
    ],
)
def test_texts_are_read_in_the_language_of_the_page(language: str, name: str, text: str, value: object) -> None:
    found = read(language, **{name: text})
    assert found.values == {name: value}
    assert not found.unreadable


def test_plain_words_become_paragraphs_of_formatted_text() -> None:
    assert read(purpose="a & b\r\nc\r\n\r\nd ").values == {"purpose": "<p>a &amp; b<br>c</p><p>d</p>"}
    assert read(purpose="<p>x</p>").values == {"purpose": "<p>x</p>"}
    assert read(purpose=" ").values == {"purpose": None}


def test_what_cannot_be_read_is_said_in_both_languages_beside_its_field_all_at_once() -> None:
    found = read(floor_area="viel", begin="31.2.2026", storeys="3")
    assert set(found.unreadable) == {"floor_area", "begin"}
    assert found.unreadable["floor_area"]["de"].startswith("Hier wird eine Zahl")
    assert found.unreadable["floor_area"]["en"].startswith("A number")
    assert found.values == {"storeys": Decimal(3)}
    assert found.texts["floor_area"] == ("viel",)


def test_only_fields_that_were_on_the_page_are_read() -> None:
    assert read().values == {}
    assert read(unknown="1", fee="5", state="granted", number="BA-1").values == {}


def test_boxes_and_lists_of_boxes_tell_empty_from_absent() -> None:
    assert read(heritage__shown="1").values == {"heritage": False}
    assert read(heritage__shown="1", heritage="true").values == {"heritage": True}
    assert read(measures__shown="1").values == {"measures": None}
    assert read(measures__shown="1", measures=["heating", "roof"]).values == {"measures": ("roof", "heating")}
    # whether the record has what is no option (any more) is known where it is written
    assert read(measures__shown="1", measures=["moat"]).values == {"measures": ("moat",)}
    assert read(kind__shown="1").values == {"kind": None}


def test_a_link_counts_only_if_its_text_is_still_the_title_of_the_id() -> None:
    chosen = {"plot": key(7), "plot__was": "Hofheim 117/4"}
    assert read(**chosen, plot__text="Hofheim 117/4").values == {"plot": key(7)}
    assert read(**chosen, plot__text="").values == {"plot": None}
    changed = read(**chosen, plot__text="Hofheim 118")
    assert changed.values == {}
    assert changed.unresolved == {"plot": "Hofheim 118"}
    assert set(read(plot="not-an-id").unreadable) == {"plot"}


def test_many_links_keep_the_ticked_and_look_for_the_typed() -> None:
    found = read(experts__shown="1", experts=[key(3), key(5), key(3)], experts__text="Maurer")
    assert found.values == {"experts": (key(3), key(5))}
    assert found.unresolved == {"experts": "Maurer"}
    assert read(experts__shown="1").values == {"experts": None}


def test_rows_are_read_in_order_without_gaps_and_with_their_ids() -> None:
    found = read(
        neighbours__shown="1",
        neighbours__row=["4", "1"],
        neighbours__1__id=key(9),
        neighbours__1__name="Schuster",
        neighbours__1__notified="11.2.2026",
        neighbours__1__consents__shown="1",
        neighbours__1__consents="true",
        neighbours__4__name="Wohnbau",
        neighbours__4__notified="gestern",
        neighbours__7__name="nowhere",
    )
    assert found.values["neighbours"] == [
        {"id": key(9), "name": "Schuster", "notified": dt.date(2026, 2, 11), "consents": True},
        {"name": "Wohnbau"},
    ]
    assert set(found.unreadable) == {"neighbours.1.notified"}
    assert found.texts["neighbours.1.name"] == ("Wohnbau",)
    assert read(neighbours__shown="1").values == {"neighbours": []}


def test_buttons_add_and_remove_rows_without_script() -> None:
    rows = {"neighbours__shown": "1", "neighbours__row": ["0", "1"], "neighbours__0__name": "a", "neighbours__1__name": "b"}
    added = read(**rows, _add="neighbours")
    assert (added.command.word, added.command.field) == ("add", "neighbours")
    assert added.values["neighbours"] == [{"name": "a"}, {"name": "b"}, {}]
    removed = read(**rows, _remove="neighbours.0")
    assert (removed.command.word, removed.command.row) == ("remove", 0)
    assert removed.values["neighbours"] == [{"name": "b"}]
    assert removed.texts["neighbours.0.name"] == ("b",)
    assert read(**rows, _find="plot").command.field == "plot"
    assert read(**rows, _save="1").command.word == "save"


def test_files_are_those_kept_those_of_an_earlier_attempt_and_new_ones() -> None:
    new = Sent("plan.pdf", "application/pdf", b"%PDF")
    empty = Sent("", "application/octet-stream", b"")
    found = read(documents__shown="1", documents__keep=[key(1), "new:abc"], files={"documents": [new, empty]})
    assert found.values["documents"] == (key(1), Stashed("abc"), FileUpload("plan.pdf", "application/pdf", b"%PDF"))
    assert read(documents__shown="1").values == {"documents": None}
    assert read().values == {}


def test_an_address_is_read_from_its_parts() -> None:
    found = read(site__street=" Hauptstraße 14 ", site__postal_code="65719", site__city="Hofheim", site__country="")
    assert found.values == {"site": {"street": "Hauptstraße 14", "postal_code": "65719", "city": "Hofheim"}}
    assert read(site__street="", site__city="").values == {"site": None}


def test_version_comment_and_what_is_taken_over_from_the_other() -> None:
    found = read(_version="7", _comment="  weil  ", _theirs="floor_area", floor_area="1", storeys="2", _csrf="secret")
    assert (found.version, found.comment, found.theirs) == (7, "weil", {"floor_area"})
    assert found.values == {"storeys": Decimal(2)}
    assert set(found.texts) == {"storeys"}
    for text in ("", "-1", "x", "9" * 12, "²"):
        assert read(_version=text).version is None


def test_only_the_fields_of_a_small_form_are_read() -> None:
    form = PAGES.forms.entity("permit", "de")
    assert read_form(form, {"storeys": ["2"], "floor_area": ["3"]}, only=("storeys",)).values == {"storeys": Decimal(2)}


@pytest.mark.parametrize("number", ["-1", "1e9", "99999999999", "²", "x", ""])
def test_hostile_row_numbers_are_not_read(number: str) -> None:
    found = read(neighbours__shown="1", neighbours__row=[number])
    assert found.values == {"neighbours": []}
    assert read(neighbours__shown="1", _remove=f"neighbours.{number}").values == {"neighbours": []}


def test_at_most_so_many_rows_are_read() -> None:
    found = read(neighbours__shown="1", neighbours__row=[str(n) for n in range(2000)])
    assert len(found.values["neighbours"]) == 500  # type: ignore[arg-type]
