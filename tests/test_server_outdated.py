"""Forms that were opened before a deploy and are sent after it: accepted, or shown again with nothing typed lost.

Over real HTTP against a process that follows, on both databases; once more in a browser, with script and without.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape

import httpx2
import pytest
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, chromium, fresh, open_browser
from changing import deployed
from processes import SECRET, add_carl, hidden, served, signed_in
from town import clear_refusal, open_town

AXE = Axe()
FIRST = """app: small
label: Small
languages: [en, de]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  size: integer
  hours: integer
  fax: {label: {en: Fax, de: Fax}, type: text}
  kind: {type: choice, options: [new, old, odd]}
  note: text
  code: text
  lines: {type: rows, fields: {what: text, many: integer}}
access: {clerk: {create: true, read: true, update: true}}
---
entity: box
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: flow
of: thing
states: {draft: {initial: true}, open: {}, done: {final: true}, gone: {final: true}}
transitions:
  begin: {from: draft, to: open, by: clerk, comment: none}
  end: {from: [draft, open], to: done, by: clerk, fill: [note, fax], comment: optional}
  drop: {from: [draft, open], to: gone, by: clerk, label: Drop it, fill: [note], comment: required}
  turn: {from: draft, to: done, by: clerk, comment: none}
"""
SECOND = """app: small
label: Larger
languages: [en, de]
---
roles: {clerk: {}}
---
entity: thing
title: name
fields:
  name: text!
  extent: {type: integer, was: size}
  hours: {type: integer, convert: hours * 60}
  fax: {drop: true}
  kind: {type: choice, options: {new: New, ancient: {label: Ancient, was: old}}}
  note: text
  code: {type: text, read_only: true}
  lines: {type: rows, fields: {label: {type: text, was: what}, many: {drop: true}}}
  reason: {type: text, required: extent > 50}
access: {clerk: {create: true, read: true, update: true}}
---
entity: crate
was: box
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: flow
of: thing
states: {draft: {initial: true}, open: {}, done: {final: true}, gone: {final: true}}
transitions:
  begin: {from: draft, to: open, by: clerk, comment: none}
  end: {from: [draft, open], to: done, by: clerk, fill: [note], comment: optional}
  turn: {from: draft, to: open, by: clerk, comment: none}
"""


def deploy(url: str, text: str) -> None:
    """Deploy a configuration."""
    asyncio.run(deployed(url, text, ("thing.kind.odd",)))


def text_of(page: str) -> str:
    """Return what one reads on a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@dataclass
class Opened:
    """A process that has followed a deploy, with forms that were opened before it."""

    client: httpx2.Client
    address: str
    thing: str
    """The address of a record."""
    forms: dict[str, dict[str, str]] = field(default_factory=dict)

    def send(self, path: str, form: str, **typed: str) -> httpx2.Response:
        """Send a form that was opened before, filled in."""
        return self.client.post(path, data={**self.forms[form], **typed})


def made(client: httpx2.Client, **typed: str) -> str:
    """Make a record; return its address."""
    form = hidden(client.get("/e/thing/new").text)
    return str(client.post("/e/thing/new", data={**form, **typed}).url.path)


@pytest.fixture(scope="module")
def opened(module_database_url: str) -> Iterator[Opened]:
    url = module_database_url
    deploy(url, FIRST)
    add_carl(url)
    with served(url) as address:
        client = signed_in(address)
        thing = made(client, name="first", size="3", code="c1", fax="030")
        found = Opened(client, address, thing)
        pages = {
            "new": "/e/thing/new", "edit": f"{thing}/edit", "end": f"{thing}/do/end", "drop": f"{thing}/do/drop",
            "record": thing, "box": "/e/box/new", "inbox": "/inbox",
        }  # fmt: skip
        found.forms = {name: hidden(client.get(path).text) for name, path in pages.items()}
        deploy(url, SECOND)
        end = time.monotonic() + 60
        while "Larger" not in client.get("/").text:
            assert time.monotonic() < end
            time.sleep(0.05)
        yield found
        client.close()


def test_what_still_fits_is_accepted_under_the_new_names(opened: Opened) -> None:
    done = opened.send("/e/thing/new", "new", name="fits", size="4", kind="old", note="n", fax="", hours="")
    assert done.status_code == 200
    assert re.search(r"/e/thing/[0-9a-f-]{36}$", str(done.url.path)), text_of(done.text)
    page = text_of(done.text)
    assert "Ancient" in page
    assert "4" in page


def test_what_was_typed_into_a_field_that_is_gone_is_shown(opened: Opened) -> None:
    again = opened.send("/e/thing/new", "new", name="lost", size="5", fax="030 / 12 34", note="kept")
    assert again.status_code == 409
    page = text_of(again.text)
    assert "The form has changed since you opened it" in page
    assert "“Fax” is no longer part of it." in page
    assert "What you had typed in “Fax”: 030 / 12 34" in page
    assert 'role="alert"' in again.text
    assert 'value="lost"' in again.text
    assert 'value="5"' in again.text
    assert ">kept" in again.text or 'value="kept"' in again.text
    second = opened.client.post("/e/thing/new", data={**hidden(again.text), "name": "", "extent": "5"})
    assert second.status_code == 422
    assert "What you had typed in “Fax”: 030 / 12 34" in text_of(second.text), "still there after another attempt"
    done = opened.client.post("/e/thing/new", data={**hidden(second.text), "name": "lost", "extent": "5"})
    assert done.status_code == 200
    assert "lost" in text_of(done.text)


def test_what_means_something_else_is_to_be_checked(opened: Opened) -> None:
    again = opened.send("/e/thing/new", "new", name="hours", hours="2")
    assert again.status_code == 409
    assert "“Hours” means something else now." in text_of(again.text)
    assert 'value="2"' in again.text
    done = opened.client.post("/e/thing/new", data={**hidden(again.text), "name": "hours", "hours": "120"})
    assert done.status_code == 200


def test_an_option_that_is_gone_and_a_new_required_field_are_said(opened: Opened) -> None:
    again = opened.send("/e/thing/new", "new", name="odd", size="51", kind="odd")
    assert again.status_code == 422
    assert 'value="51"' in again.text
    assert "Reason" in text_of(again.text)
    assert "error" in again.text


def test_what_can_no_longer_be_filled_in_is_shown(opened: Opened) -> None:
    again = opened.send(f"{opened.thing}/edit", "edit", name="first", size="3", code="c2")
    assert again.status_code == 409
    page = text_of(again.text)
    assert "“Code” can no longer be filled in." in page
    assert "What you had typed in “Code”: c2" in page
    same = opened.send(f"{opened.thing}/edit", "edit", name="first", size="6", code="c1")
    assert same.status_code == 200
    assert "6" in text_of(same.text)


def test_rows_keep_what_was_typed(opened: Opened) -> None:
    rows = {"lines.shown": "1", "lines.row": "0", "lines.0.what": "a", "lines.0.many": "9"}
    again = opened.send("/e/thing/new", "new", name="rows", **rows)
    assert again.status_code == 409
    assert "What you had typed in “Many”: 9" in text_of(again.text)
    assert 'name="lines.0.label" value="a"' in again.text
    fits = opened.send("/e/thing/new", "new", name="rows", **(rows | {"lines.0.many": ""}))
    assert fits.status_code == 200


def test_a_form_of_an_entity_that_is_called_otherwise_now_goes_there(opened: Opened) -> None:
    done = opened.send("/e/box/new", "box", name="moved")
    assert done.status_code == 200
    assert str(done.url.path).startswith("/e/crate/")


def test_the_live_part_says_it_too_and_loses_nothing(opened: Opened) -> None:
    live = opened.send("/e/thing/new/live", "new", name="live", fax="030", size="7")
    assert live.status_code == 200
    assert "What you had typed in “Fax”: 030" in text_of(live.text)
    assert 'value="7"' in live.text
    assert hidden(live.text)["_config"] != opened.forms["new"]["_config"]


def test_small_forms_of_steps(opened: Opened) -> None:
    thing = opened.thing
    gone = opened.send(f"{thing}/do/drop", "drop", note="my note", _comment="my reason")
    assert gone.status_code == 409
    page = text_of(gone.text)
    assert "The step “Drop it” is no longer there." in page
    assert "What you had typed in “Note”: my note" in page
    assert "What you had typed in “Comment”: my reason" in page
    lost = opened.send(f"{thing}/do/end", "end", note="n", fax="0301", _comment="why")
    assert lost.status_code == 409
    assert "What you had typed in “Fax”: 0301" in text_of(lost.text)
    assert "why" in lost.text
    other = opened.send(f"{thing}/do/turn", "record")
    assert other.status_code == 409
    assert "The step “Turn” leads to “Open” now." in text_of(other.text)
    german = httpx2.Client(base_url=opened.address, cookies={**opened.client.cookies, "fw_language": "de"})
    said = german.post(f"{thing}/do/turn", data=opened.forms["record"])
    assert "Das Formular hat sich geändert, seit Sie es geöffnet haben" in text_of(said.text)
    german.close()
    begun = opened.send(f"{thing}/do/begin", "record")
    assert begun.status_code == 200
    assert "Open" in text_of(begun.text)


def test_the_inbox_says_what_is_other(opened: Opened) -> None:
    thing = made(opened.client, name="waiting")
    item = f"{thing.removeprefix('/e/')}/1"
    gone = opened.send("/inbox", "inbox", action="thing/drop", item=item)
    assert gone.status_code == 422
    assert "The step “Drop it” is no longer there." in text_of(gone.text)
    other = opened.send("/inbox", "inbox", action="thing/turn", item=item)
    assert "The step “Turn” leads to “Open” now." in text_of(other.text)
    done = opened.send("/inbox", "inbox", action="thing/begin", item=item)
    assert done.status_code == 200


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)
@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_in_a_browser(database_url: str, script: bool) -> None:
    deploy(database_url, FIRST)
    add_carl(database_url)
    with served(database_url) as address, open_browser() as browser:
        page = fresh(browser, java_script_enabled=script, locale="en-GB", base_url=address).new_page()
        page.goto("/sign-in")
        page.fill('[name="name"]', "carl")
        page.fill('[name="password"]', SECRET)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(address + "/")
        page.goto("/e/thing/new")
        page.fill('[name="name"]', "typed")
        page.fill('[name="size"]', "8")
        page.fill('[name="fax"]', "030 555")
        with ThreadPoolExecutor(1) as pool:  # the browser has the event loop of this thread
            pool.submit(deploy, database_url, SECOND).result()
        with httpx2.Client(base_url=address) as stranger:
            end = time.monotonic() + 60
            while "Larger" not in stranger.get("/sign-in").text:
                assert time.monotonic() < end
                time.sleep(0.05)
        page.get_by_role("button", name="Create").last.click()
        page.wait_for_selector("#changed")
        said = page.inner_text("#changed")
        assert "What you had typed in “Fax”:" in said
        assert "030 555" in said
        assert page.input_value('[name="extent"]') == "8"
        if script:
            assert AXE.run(page)["violations"] == []
        page.get_by_role("button", name="Create").last.click()
        page.wait_for_url(re.compile(r"/e/thing/[0-9a-f-]{36}"))
        assert "typed" in page.inner_text("main")


def test_the_api_refuses_fields_that_are_gone(database_url: str) -> None:
    """Programs are told which name they use that there is not (any more), and the nearest one."""
    with open_town(database_url) as town:
        found = town.api("carl").post("/api/v1/plot", json={"district": "Nord", "parcel": "1", "max_storys": 3})
        clear_refusal(found, {422})
        assert "max_storys" in found.text
        assert "max_storeys" in found.text
