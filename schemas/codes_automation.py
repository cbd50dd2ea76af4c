"""Problems with automations."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_HEAD = "automation: follow\nof: permit\n"
_DO = "do: [{set: {name: '\"x\"'}}]\n"

NO_OCCASION = Code(
    "no-occasion",
    both("`{automation}` never happens: it has neither `on` nor `every` nor `inactive`",
         "`{automation}` geschieht nie: weder `on` noch `every` noch `inactive` ist angegeben"),
    remedy=both("say when: on: created", "sagen, wann: on: created"),
    what=both("An automation without an occasion.", "Eine Automatik ohne Anlass."),
    why=both("Nothing would ever set it off.", "Nichts würde sie je auslösen."),
    wrong=_HEAD + _DO,
    right=_HEAD + "on: created\n" + _DO,
)  # fmt: skip
NO_TIME = Code(
    "no-time-of-day",
    both("`{time}` is no time of day", "`{time}` ist keine Uhrzeit"),
    remedy=both('hours and minutes in quotes: day_at: "07:00"', 'Stunden und Minuten in Anführungszeichen: day_at: "07:00"'),
    what=both("A schedule with something else than hours and minutes.", "Ein Zeitplan mit etwas anderem als Stunden und Minuten."),
    why=both("When it is to happen cannot be told.", "Wann es geschehen soll, lässt sich nicht sagen."),
    wrong=_HEAD + "every: {day_at: noon}\n" + _DO,
    right=_HEAD + 'every: {day_at: "12:00"}\n' + _DO,
)  # fmt: skip
AUTOMATION_CIRCLE = Code(
    "automations-in-a-circle",
    both("automations set each other off for ever: {path}", "Automatiken lösen einander ohne Ende aus: {path}"),
    remedy=both("give one of them a condition (`where`) that ends it", "einer davon eine Bedingung geben (`where`), die es beendet"),
    what=both("Automations whose effects set them off again, without any condition.",
              "Automatiken, deren Wirkungen sie wieder auslösen, ohne jede Bedingung."),
    why=both("It would only end when the system breaks it off.", "Es endete erst, wenn das System es abbricht."),
    wrong=_HEAD + "on: changed\n" + _DO,
    right=_HEAD + "on: created\n" + _DO,
)  # fmt: skip

CODES = (NO_OCCASION, NO_TIME, AUTOMATION_CIRCLE)
