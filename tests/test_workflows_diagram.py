"""Pictures of workflows: sound SVG without styles, everything named, nothing on top of anything else, Mermaid text."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from html import escape
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.problems import say
from fachwerk.schemas.model import Workflow
from fachwerk.schemas.read import read_project
from fachwerk.schemas.telling import telling
from fachwerk.workflows.diagram import Marks, arrows_of, diagram_mermaid, diagram_svg, layers_of
from flows import random_flow
from town import Town, open_town

EXAMPLES = Path(__file__).parent.parent / "examples"
SVG = "{http://www.w3.org/2000/svg}"


def workflows() -> Iterator[Workflow]:
    for folder in sorted(EXAMPLES.iterdir()):
        if folder.is_dir():
            project, _ = read_project(folder)
            assert project is not None
            yield from project.workflows.values()
    for number in range(40):
        project, _ = read_project({"a.yaml": random_flow(random.Random(f"drawn:{number}")).text.encode()})
        if project is not None:
            yield from project.workflows.values()


ALL = tuple(workflows())


@pytest.mark.parametrize("workflow", ALL, ids=[f"{number}-{one.name}" for number, one in enumerate(ALL)])
def test_every_picture_is_whole(workflow: Workflow) -> None:
    for language in ("en", "de"):
        root = ElementTree.fromstring(diagram_svg(workflow, language, mark="m"))
        assert root.get("role") == "img"
        names = {root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")}  # type: ignore[union-attr]
        assert set(str(root.get("aria-labelledby")).split()) == names
        boxes = list(root.iter(f"{SVG}g"))
        assert len(boxes) == len(workflow.states)
        edges = [one for one in root.iter(f"{SVG}path") if "edge" in str(one.get("class"))]
        assert len(edges) == len(arrows_of(workflow))
        shown = "".join(root.itertext())
        for state in workflow.states.values():
            assert say(state.label, language) in shown
        for transition in workflow.transitions.values():
            assert say(transition.label, language) in shown
        assert not re.search(r"style=|<script|<style|href=", diagram_svg(workflow, language))


@pytest.mark.parametrize("workflow", ALL, ids=[f"{number}-{one.name}" for number, one in enumerate(ALL)])
def test_no_two_states_overlap_and_ways_lead_to_the_right(workflow: Workflow) -> None:
    root = ElementTree.fromstring(diagram_svg(workflow))
    rects = [one.find(f"{SVG}rect") for one in root.iter(f"{SVG}g")]
    boxes = [tuple(float(str(r.get(k))) for k in ("x", "y", "width", "height")) for r in rects if r is not None]
    for a, b in combinations(boxes, 2):
        apart = a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        assert apart
    layers = layers_of(workflow)
    assert layers[workflow.initial.name] == 0
    assert set(layers) == set(workflow.states)


def test_marks_are_shown() -> None:
    (workflow,) = [one for one in ALL if one.name == "review"]
    svg = diagram_svg(workflow, "en", Marks(counts={"decided": "1,200"}))
    assert ">1,200</text>" in svg
    svg = diagram_svg(workflow, "en", Marks(current="decided", passed=frozenset({"draft"}), taken=frozenset({("submit", "draft")})))
    assert 'class="state current"' in svg
    assert 'class="state initial passed"' in svg
    assert 'class="edge taken"' in svg
    assert "Now: Decided." in svg


def test_hostile_labels_stay_text() -> None:
    text = (
        'app: a\n---\nroles: {clerk: {}}\n---\nentity: thing\nfields: {name: text}\naccess: {clerk: {create: true, read: true}}\n'
        '---\nworkflow: flow\nof: thing\nstates:\n  a: {initial: true, label: "<script>&\\"\'"}\n  b: {final: true, label: "x: y; #1"}\n'
        'transitions: {go: {from: a, to: b, by: clerk, label: "</svg>"}}\n'
    )  # fmt: skip
    project, _ = read_project({"a.yaml": text.encode()})
    assert project is not None
    svg = diagram_svg(project.workflows["flow"])
    assert "<script>" not in svg
    assert svg.count("</svg>") == 1
    mermaid = diagram_mermaid(project.workflows["flow"])
    assert '"x#58; y#59; #35;1" as b' in mermaid
    assert "<" not in mermaid
    assert " : #lt;/svg#gt;" in mermaid


def test_the_command_draws() -> None:
    runner = CliRunner()
    made = runner.invoke(main, ["--language", "en", "diagram", "review", str(EXAMPLES / "building_permits"), "--mermaid"])
    assert made.exit_code == 0
    assert made.output.startswith("stateDiagram-v2\n")
    assert "    in_review --> decided : Review done [Everything is there]\n" in made.output
    assert "Grant [For all of Opinions#58; Outcome is Approve]\n" in made.output
    german = runner.invoke(main, ["--language", "de", "diagram", "review", str(EXAMPLES / "building_permits")]).output
    assert "[Alles liegt vor]<title>Alles liegt vor</title></text>" in german
    assert re.search(r">\[Für alle[^<]*…\]<title>Für alle Stellungnahmen gilt: Ergebnis ist [^<]+</title>", german)
    assert "satisfies" not in german
    drawn = runner.invoke(main, ["diagram", "review", str(EXAMPLES / "building_permits")])
    assert drawn.output.startswith("<svg ")
    wrong = runner.invoke(main, ["--language", "en", "diagram", "reviw", str(EXAMPLES / "building_permits")])
    assert wrong.exit_code == 1
    assert "Did you mean review?" in wrong.output


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    with open_town(module_database_url) as opened:
        yield opened


def test_the_page_shows_how_many_cases_stand_where(town: Town) -> None:
    page = town.browser("carl").get("/e/permit/workflow")
    assert page.status_code == 200
    assert "<svg class=" in page.text
    assert 'class="count"' in page.text
    listed = re.search(r'href="(/e/permit\?state=\w+)"', page.text)
    assert listed is not None
    assert town.browser("carl").get(listed[1]).status_code == 200
    assert "not by whoever did: Start review" in page.text
    assert town.browser("ed").get("/e/company/workflow").status_code == 403
    assert town.browser("carl").get("/e/company/workflow").status_code == 404


def test_the_page_of_a_case_shows_where_it_stands(town: Town) -> None:
    carl = town.browser("carl")
    found = re.search(r'href="/e/permit/([0-9a-f-]{36})"', carl.get("/e/permit").text)
    assert found is not None
    record = carl.get(f"/e/permit/{found[1]}").text
    assert f'href="/e/permit/{found[1]}/workflow"' in record
    page = carl.get(f"/e/permit/{found[1]}/workflow")
    assert page.status_code == 200
    assert re.search(r'class="state [\w ]*current"', page.text)


MANY = """
app: a
---
roles: {clerk: {}, head: {}}
---
entity: office
fields: {name: text!}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
entity: thing
fields:
  name: text
  offices: {type: links, to: office}
  visits: {type: back_links, of: visit.thing}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
entity: visit
fields: {thing: {type: link, to: thing, required: true}}
access: {clerk: {create: true, read: true}}
---
workflow: trip
of: visit
states: {a: {initial: true}, b: {final: true}}
transitions: {go: {from: a, to: b, by: clerk}}
---
workflow: flow
of: thing
states:
  a: {initial: true}
  b: {parallel: {law: {by: clerk}, all_of: {each: offices, by: clerk}, board: {by: head, needs: 2}, whole: {by: head, needs: all}}}
  wait: {waits_for: visits}
  late: {final: true}
  done: {final: true}
transitions:
  go: {from: a, to: b, by: clerk}
  on: {from: b, to: wait, when: complete}
  end: {from: wait, to: done, when: complete}
  again: {from: wait, to: b, by: clerk}
  lapse: {from: b, to: late}
deadlines:
  answer: {runs_in: [b], paused_in: wait, within: 5 days, then: lapse}
"""


def test_parts_for_many_waiting_and_limits_are_said() -> None:
    project, problems = read_project({"a.yaml": MANY.encode()})
    assert project is not None, [f"{p.span} {p.message()}" for p in problems]
    flow = project.workflows["flow"]
    svg = diagram_svg(flow, "en", Marks(current="b", given={"law": 1, "all_of": 2}))
    for text in ("· Law ✓<", "· All of (each: offices) ✓2<", "· Board (2)<", "· Whole (all)<", "waits for: visits<",
                 "Answer rests<", "Lapse (limit missed)<"):  # fmt: skip
        assert text in svg, text
    assert "✓" not in diagram_svg(flow, "en", Marks(given={"law": 1}))
    mermaid = diagram_mermaid(flow, "de")
    assert "    b : · Whole (alle)\n" in mermaid
    assert "    wait : wartet auf#58; visits\n" in mermaid
    assert "    b --> late : Lapse (Frist versäumt)\n" in mermaid


def test_only_the_way_that_was_gone_is_marked() -> None:
    """A transition can lead out of several states; the case left one of them."""
    text = (
        "app: a\n---\nroles: {clerk: {}}\n---\nentity: thing\nfields: {name: text}\naccess: {clerk: {create: true, read: true}}\n"
        "---\nworkflow: flow\nof: thing\nstates: {a: {initial: true}, b: {}, c: {final: true}}\n"
        "transitions: {go: {from: a, to: b, by: clerk}, stop: {from: [a, b], to: c, by: clerk}}\n"
    )  # fmt: skip
    project, _ = read_project({"a.yaml": text.encode()})
    assert project is not None
    svg = diagram_svg(project.workflows["flow"], "en", Marks(current="c", taken=frozenset({("go", "a"), ("stop", "b")})))
    assert svg.count('class="edge taken"') == 2
    assert svg.count('class="edge"') == 1


WORDS = """
app: a
languages: [en, de]
---
roles: {clerk: {}}
---
entity: office
title: name
fields: {name: text!}
access: {clerk: {create: true, read: true}}
---
entity: place
title: name
fields: {name: text!, offices: {type: links, to: office, label: {en: Affected offices, de: Beteiligte Ämter}}}
access: {clerk: {create: true, read: true}}
---
entity: thing
title: name
fields:
  name: text!
  place: {type: link, to: place, label: {en: Place of the building, de: Ort des Gebäudes}}
  fee: {type: money, label: {en: Fee for the decision, de: Gebühr der Entscheidung}}
access: {clerk: {create: true, read: true}}
---
workflow: flow
of: thing
states:
  a: {initial: true}
  b: {parallel: {one: {each: place.offices, by: clerk, not_by: creator}, two: {by: clerk}}}
  c: {final: true}
  d: {final: true}
transitions:
  go: {from: a, to: b, by: clerk, when: fee <= 500}
  both: {from: a, to: b, by: clerk, when: fee > 500 and place.name != "x"}
  end: {from: b, to: c, when: complete}
  skip: {from: a, to: c, by: clerk, when: fee = 0}
"""


def test_rules_are_told_in_words_and_shortened_with_the_whole_beside_them() -> None:
    project, problems = read_project({"a.yaml": WORDS.encode()})
    assert project is not None, [f"{p.span} {p.message()}" for p in problems]
    flow = project.workflows["flow"]
    english, german = (diagram_svg(flow, one, told=telling(project, flow)) for one in ("en", "de"))
    whole = "Fee for the decision is more than 500 and Place of the building: Name is not “x”"
    assert f">Both<title>{escape(whole, quote=False)}</title></text>" in english.replace("&quot;", '"')
    assert ">[Fee for the decision is at most…]<title>Fee for the decision is at most 500</title>" in english
    assert ">Skip [Fee for the decision is 0]<title>Fee for the decision is 0</title>" in english
    assert ">· One (each: Affected offices)<title>One (each: Place of the building: Affected offices)</title>" in english
    assert ">· One (je: Beteiligte Ämter)<title>" in german
    assert ">[Gebühr der Entscheidung ist…]<title>Gebühr der Entscheidung ist höchstens 500</title>" in german
    assert ">[Everything is there]<" in english
    for svg in (english, german):
        assert max(len(text) for text in re.findall(r'class="label when"[^>]*>([^<]+)<', svg)) <= 36
    text = diagram_mermaid(flow, "de", telling(project, flow))
    assert "    b : · One" not in text  # the whole has room there
    assert "    b : One (je#58; Ort des Gebäudes#58; Beteiligte Ämter)\n" in text
    assert "Go [Gebühr der Entscheidung ist höchstens 500] / Both [" in text


def test_what_is_given_stands_at_its_part() -> None:
    """A line about four eyes stands between the parts."""
    project, _ = read_project({"a.yaml": WORDS.encode()})
    assert project is not None
    flow = project.workflows["flow"]
    svg = diagram_svg(flow, "en", Marks(current="b", given={"two": 1}))
    assert ">· Two ✓</text>" in svg
    assert svg.count("✓") == 1


def test_whom_four_eyes_bar_from_a_part_is_shown_in_short_lines() -> None:
    text = """app: small
---
roles: {clerk: {}}
---
entity: request
fields: {subject: text!}
access: {clerk: {create: true, read: true}}
---
workflow: desk
of: request
states:
  open: {initial: true, parallel: {fire: {label: Fire protection, by: clerk, not_by: law}, law: {label: Legal check, by: clerk, not_by: [fire, creator]}}}
  done: {final: true}
transitions: {sign: {from: open, to: done, by: clerk, when: complete}}
"""
    project, problems = read_project({"app.yaml": text.encode()})
    assert project is not None, problems
    root = ElementTree.fromstring(diagram_svg(project.workflows["desk"]))
    lines = [one.text for one in root.iter(f"{SVG}text") if one.get("class") == "part"]
    assert lines == [
        "· Fire protection", "not by whoever did: Legal", "check", "· Legal check", "not by whoever did: Fire", "protection, creating it",
    ]  # fmt: skip
