"""What is next with a record: the leading button, opinions asked for with a comment, and otherwise for whom it waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape

import pytest
from fachwerk.engine.server.app import build_server
from fachwerk.engine.server.passwords import Passwords
from office import Office, office
from town import PASSWORD, SETTINGS, Browser

APP = """
app: hall
languages: [en, de]
timezone: Europe/Berlin
---
roles:
  clerk: {label: {en: Clerk, de: Sachbearbeitung}}
  member: {label: {en: Member, de: Mitglied}}
  author: {label: {en: Author, de: Autorin}}
---
entity: desk
title: name
fields: {name: text!, officer: user}
access: {clerk: {create: true, read: true}, member: {read: true}, author: {read: true}}
---
entity: paper
title: name
fields:
  name: text!
  short: boolean
  desks: {type: links, to: desk}
access: {clerk: {create: true, read: true, update: true}, member: {read: true}, author: {create: true, read: true}}
---
workflow: reading
of: paper
states:
  draft: {initial: true}
  asked: {}
  handed_in: {}
  read:
    label: {en: In reading, de: Wird gelesen}
    parallel:
      desks: {each: desks, by: each.officer, within: 3 days, label: {en: Desk, de: Referat}, outcomes: {fine: {en: Fine, de: Gut}, bad: {label: {en: Bad, de: Schlecht}, color: red}}}
      vote: {by: member, needs: 2, after: desks, label: {en: Vote, de: Abstimmung}}
  done: {final: true, color: green}
  left: {final: true}
transitions:
  hand_in: {from: draft, to: handed_in, by: author}
  ask: {from: handed_in, to: asked, by: clerk, comment: required}
  answer: {from: asked, to: handed_in, by: created_by}
  read: {from: handed_in, to: read, by: clerk}
  at_once: {from: handed_in, to: done, by: clerk, not_by: creator, when: short}
  finish: {from: read, to: done, when: complete}
  leave: {from: [draft, asked, handed_in, read], to: left, by: [author, member]}
"""


class Hall:
    """The app with browsers for its people."""

    def __init__(self, runner: asyncio.Runner, made: Office) -> None:
        self.run, self.made = runner.run, made
        self.server = build_server(made.running, SETTINGS)

    def page(self, name: str, path: str, language: str = "en") -> str:
        """Return the words of what somebody sees."""
        return words(self.raw(name, path, language))

    def raw(self, name: str, path: str, language: str = "en") -> str:
        """Return what somebody sees."""
        return self.browser(name, language).get(path).text

    def browser(self, name: str, language: str = "en") -> Browser:
        """Return a browser in which *name* is signed in."""
        made = Browser(self.run, self.server, {"accept-language": language}).sign_in(name, PASSWORD)
        made.cookies.set("fw_language", language)
        return made

    def paper(self, *steps: str, **values: object) -> str:
        """Make a paper of the author, take steps as ``who:step``, and return its path."""
        people, service = self.made.people, self.made.service
        record = self.run(service.create(people["author"], "paper", {"name": "P", **values}))
        for step in steps:
            who, _, action = step.partition(":")
            self.run(service.act(people[who], "paper", record.id, action))
        return f"/e/paper/{record.id}"

    def desk(self, name: str) -> str:
        """Make a desk whose officer is the clerk."""
        return self.run(self.made.make("desk", name=name, officer=self.made.people["clerk"].id)).id  # type: ignore[no-any-return]


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition('id="main"')[2])).split())


def lead(page: str) -> list[str]:
    """Return the buttons of the head that stand out."""
    head = page.partition('<div class="head">')[2].partition('<ol class="steps"')[0]
    return re.findall(r'class="btn primary"[^>]*>([^<]+)<', head)


@pytest.fixture
def hall(database_url: str) -> Iterator[Hall]:
    with asyncio.Runner() as runner:
        context = office(database_url, APP)
        made = runner.run(context.__aenter__())
        hashed = runner.run(Passwords(SETTINGS).hash(PASSWORD))
        for role in ("clerk", "member", "author"):
            runner.run(made.accounts.set_password(made.people[role].id, hashed))
        yield Hall(runner, made)
        runner.run(context.__aexit__(None, None, None))


def test_the_step_on_the_way_leads_and_a_way_out_never_does(hall: Hall) -> None:
    draft = hall.paper()
    assert lead(hall.raw("author", draft)) == ["Hand in"]
    handed_in = hall.paper("author:hand_in")
    assert lead(hall.raw("clerk", handed_in)) == ["Read"]  # not "Ask", which stands before it
    seen = hall.raw("author", handed_in)
    assert lead(seen) == []
    assert ">Leave<" in seen
    assert "There is nothing for you to do here at the moment. It waits for: Clerk" in words(seen)
    asked = hall.paper("author:hand_in")
    clerk = hall.browser("clerk")
    clerk.post(f"{asked}/do/ask", data={"_csrf": clerk.token(asked), "_comment": "Why?"})
    assert lead(hall.raw("author", asked)) == ["Answer"]  # the only one, though it leads back
    assert "nothing for you" not in hall.page("author", asked)
    assert "It waits for: whoever created it: author" in hall.page("clerk", asked)
    assert "Es wartet auf: wer es angelegt hat: author" in hall.page("clerk", asked, "de")


def test_opinions_are_asked_for_with_a_comment(hall: Hall) -> None:
    desks = (hall.desk("North"), hall.desk("South"))
    path = hall.paper("author:hand_in", "clerk:read", desks=desks)
    shown = hall.raw("clerk", path)
    assert "Your opinions are asked for Desk – North Comment Fine Bad Desk – South" in words(shown)
    assert lead(shown) == []
    clerk = hall.browser("clerk")
    places = re.findall(r'formaction="([^"]+fine[^"]*)"', shown)
    assert len(places) == 2
    done = clerk.post(unescape(places[0]), data={"_csrf": clerk.token(path), "_comment": "Well written"})
    assert done.status_code == 303
    page = hall.page("author", path)
    assert "Desk – North clerk · Well written Fine" in page
    assert re.search(r"Desk – South Officer · until \d+ \w+ \d{4} still open", page)
    assert "It waits for: Desk – South (Officer)" in page
    assert "Vote (Member)" not in page  # its turn has not come
    assert "Vote : First: Desk." in hall.page("member", path)
    german = hall.page("member", path, "de")
    assert "Zurzeit gibt es hier für Sie nichts zu tun. Es wartet auf: Referat – South" in german
    assert "Abstimmung : Zuerst: Referat." in german
    done = clerk.post(unescape(places[1]), data={"_csrf": clerk.token(path)})
    assert done.status_code == 303
    assert "Your opinion is asked for Vote" in hall.page("member", path)
    assert "Leave" in hall.raw("member", path).partition('<details class="menu right">')[2]  # a way out stands aside
    assert "Leave" not in hall.raw("member", path).partition('<div class="head">')[2].partition("<details")[0]
    assert ">Leave<" in hall.raw("author", path).partition('<div class="head">')[2].partition("<details")[0]
    member = hall.browser("member")
    member.post(f"{path}/do/vote.approve", data={"_csrf": member.token(path)})
    assert "Vote : You have given your opinion already; this takes different people." in hall.page("member", path)


def test_after_a_step_the_page_says_what_was_done_and_how_it_stands_now(hall: Hall) -> None:
    path = hall.paper()
    author = hall.browser("author")
    author.post(f"{path}/do/hand_in", data={"_csrf": author.token(path)})
    assert "“Hand in” is done. It is now: Handed in." in words(author.get(path).text)
    assert "is done." not in words(author.get(path).text)  # once
    other = hall.paper("author:hand_in", "clerk:read", desks=(hall.desk("North"), hall.desk("South")))
    clerk = hall.browser("clerk", "de")
    places = re.findall(r'formaction="([^"]+fine[^"]*)"', clerk.get(other).text)
    clerk.post(unescape(places[0]), data={"_csrf": clerk.token(other)})
    assert "„Referat: Gut“ ist erledigt. P" in words(clerk.get(other).text)  # the state is as it was
    for written in ("step", "step/", "step/nonsense/x", "step/paper/nonsense/reading/draft", "step/paper/hand_in/x/y/z"):
        author.cookies.set("fw_flash", written)
        assert author.get(path).status_code == 200


def test_what_stands_against_a_step_is_said_and_an_end_is_an_end(hall: Hall) -> None:
    path = hall.paper("author:hand_in")
    assert "What is next" not in hall.raw("clerk", path)
    over = hall.paper("author:leave")
    assert "nothing for you" not in hall.page("author", over)


def test_the_stepper_goes_the_usual_way(hall: Hall) -> None:
    stepper = hall.raw("clerk", hall.paper("author:hand_in")).partition('<ol class="steps"')[2].partition("</ol>")[0]
    assert re.findall(r'class="name">([^<]+)<', stepper) == ["Draft", "Handed in", "In reading", "Done"]
