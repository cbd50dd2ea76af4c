"""Which record somebody means on the command line: by its id, or by words that find only it."""

from __future__ import annotations

from fachwerk.engine.main import Running
from fachwerk.engine.query import Query
from fachwerk.problems import Refused, Text, nearest, say
from fachwerk.schemas.kinds.links import identifier
from fachwerk.schemas.kinds.value import Invalid


async def pointed_at(running: Running, entity: str, text: str) -> str:
    """Return the id of the record that is meant; raises :class:`Refused` where there is none, or more than one."""
    entities = running.app.project.entities
    if entity not in entities:
        raise Refused("unknown_entity", _no_entity(entity, nearest(entity, entities), ", ".join(entities)), status=404)
    system = running.service.system
    try:
        key = identifier(text)
    except Invalid:
        page = await running.service.find(system, entity, Query(search=text, limit=2, count=False))
        if len(page.records) == 1:
            return page.records[0].id
        raise _unknown(_SEVERAL if page.records else _NOTHING, words=text) from None
    try:
        return (await running.service.read(system, entity, key)).id
    except Refused as refused:
        raise _unknown(_NO_ID, id=text, label=entities[entity].label) from refused


def _unknown(message: Text, **values: object) -> Refused:
    told = {language: say(message, language, **values) for language in message}
    return Refused("unknown_record", told, status=404)


def _no_entity(entity: str, near: str | None, known: str) -> Text:
    return {
        "en": f"There is no entity {entity}. " + (f"Did you mean {near}?" if near else f"There are: {known}."),
        "de": f"Es gibt keine Entität {entity}. " + (f"Meinten Sie {near}?" if near else f"Es gibt: {known}."),
    }


_SEVERAL: Text = {
    "en": "“{words}” finds more than one record. Say more, or give its id.",
    "de": "„{words}“ findet mehr als einen Eintrag. Bitte genauer, oder mit der Kennung.",
}
_NOTHING: Text = {"en": "“{words}” finds no record.", "de": "„{words}“ findet keinen Eintrag."}
_NO_ID: Text = {
    "en": "There is no {label} with the id {id}. Its id stands at the end of the address of its page.",
    "de": "Es gibt nichts unter „{label}“ mit der Kennung {id}. Sie steht am Ende der Adresse der Seite.",
}
