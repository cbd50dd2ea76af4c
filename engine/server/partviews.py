"""The parts of a state as rows: one for each that may speak or has spoken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.engine.opinions import Said
from fachwerk.engine.server.doing import people
from fachwerk.engine.server.limitviews import part_end
from fachwerk.engine.server.shell import record_path
from fachwerk.engine.server.tools import Tools
from fachwerk.engine.server.views import acted, flows_of, tone_of
from fachwerk.engine.standing import PartStanding, Standing
from fachwerk.engine.values import Record
from fachwerk.forms import model as view
from fachwerk.problems import Text, say
from fachwerk.schemas.model import Part

_OPEN: Text = {"en": "still open", "de": "noch offen"}
_MORE: Text = {"en": "{count} more needed", "de": "noch {count} nötig"}


def parts_of(tools: Tools, standing: Iterable[Standing], language: str) -> tuple[view.Part, ...]:
    """Return what the present states wait for: what was said, who is still to decide, and how sub-cases stand."""
    found: list[view.Part] = []
    for one in standing:
        found.extend(row for part in one.parts for row in part_rows(tools, one, part, language))
        found.extend(_sub_case(tools, sub, language) for sub in one.sub_cases)
    return tuple(found)


def _sub_case(tools: Tools, record: Record, language: str) -> view.Part:
    entity = tools.project.entities[record.entity]
    states = [flow.states.get(str(record.values.get(flow.field))) for flow in flows_of(tools, entity, record)]
    known = [state for state in states if state is not None]
    status = ", ".join(say(state.label, language) for state in known)
    tone = tone_of(known[0].color) if known else "neutral"
    return view.Part(record.title, status, tone, say(entity.label, language), record_path(record.entity, record.id))


def part_rows(tools: Tools, one: Standing, standing: PartStanding, language: str) -> Iterator[view.Part]:
    """Give the rows of one part; with ``each`` one for each of its records."""
    part, label = standing.part, say(standing.part.label, language)
    if part.each is not None:
        for member in standing.members:
            said = next((opinion for opinion in standing.said if opinion.about == member.id), None)
            name = f"{label} – {member.title}" if member.title else label
            if said is not None:
                yield _said(part, name, said, language)
            elif standing.missing > 0:
                yield _open(tools, one, part, (name, say(_OPEN, language), f":{member.id}"), language)
        return
    for said in standing.said:
        yield _said(part, label, said, language)
    if standing.missing > 0:
        several = part.needs != 1
        status = say(_MORE, language, count=standing.missing) if several else say(_OPEN, language)
        yield _open(tools, one, part, (label, status, ""), language)


def _open(tools: Tools, one: Standing, part: Part, shown: tuple[str, str, str], language: str) -> view.Part:
    """Return the row of an opinion that is still to come, with who may give it and until when."""
    label, status, member = shown
    who = people(tools, one, part.by, language)
    timer = next((timer for timer in one.timers if timer.name == f"part:{part.name}{member}"), None)
    until, tone = part_end(tools, timer, language) if timer is not None else ("", "neutral")
    return view.Part(label, status, "bad" if tone == "bad" else "neutral", " · ".join(t for t in (who, until) if t))


def _said(part: Part, label: str, said: Said, language: str) -> view.Part:
    outcome = next((one for one in part.outcomes if one.name == said.outcome), None)
    word = say(outcome.label, language) if outcome else said.outcome
    who = acted(said.deputy or said.by, said.deputy and said.by, language)
    detail = " · ".join(text for text in (who, said.comment) if text)
    return view.Part(label, word, tone_of(outcome.color) if outcome else "neutral", detail)

