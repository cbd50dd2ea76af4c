"""Problems with time limits that rest or are extended, and with office hours."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_STATES = "states:\n  draft: {initial: true}\n  waiting: {}\n  granted: {final: true}\n"
_STEPS = (
    "transitions:\n  ask: {from: draft, to: waiting, by: clerk}\n  answer: {from: waiting, to: draft, by: clerk}\n"
    "  grant: {from: draft, to: granted, by: clerk}\n"
)


def _limit(text: str) -> str:
    return f"{_STATES}{_STEPS}deadlines:\n  decide: {{runs_in: draft, within: 3 months{text}}}\n"


PAUSED_WHERE_IT_RUNS = Code(
    "paused-where-it-runs",
    both("the deadline `{deadline}` both runs and rests in `{state}`", "die Frist `{deadline}` läuft und ruht zugleich in `{state}`"),
    remedy=both("take the state out of `runs_in` or of `paused_in`", "den Zustand aus `runs_in` oder aus `paused_in` nehmen"),
    what=both("A state in both `runs_in` and `paused_in`.", "Ein Zustand sowohl in `runs_in` als auch in `paused_in`."),
    why=both("Whether time runs there could not be said.", "Ob dort Zeit läuft, ließe sich nicht sagen."),
    wrong=_limit(", paused_in: draft"),
    right=_limit(", paused_in: waiting"),
)  # fmt: skip
NEVER_PAUSED = Code(
    "never-paused",
    both("the deadline `{deadline}` never rests in `{state}`: no step leads there from where it runs",
         "die Frist `{deadline}` ruht nie in `{state}`: von dort, wo sie läuft, führt kein Schritt dorthin"),
    remedy=both("take `{state}` out of `paused_in`, or add the step", "`{state}` aus `paused_in` nehmen, oder den Schritt ergänzen"),
    what=both("A state of `paused_in` that a case never comes to while the deadline runs.",
              "Ein Zustand in `paused_in`, in den kein Vorgang kommt, solange die Frist läuft."),
    why=both("It would have no effect.", "Es hätte keine Wirkung."),
    wrong=_limit(", paused_in: granted"),
    right=_limit(", paused_in: waiting"),
)  # fmt: skip
PAUSED_FOR_EVER = Code(
    "paused-for-ever",
    both("the deadline `{deadline}` rests in `{state}`, and no step leads back to where it runs",
         "die Frist `{deadline}` ruht in `{state}`, und kein Schritt führt dorthin zurück, wo sie läuft"),
    severity="warning",
    remedy=both("add the step back, or take `{state}` out of `paused_in`: then the deadline ends there",
                "den Schritt zurück ergänzen, oder `{state}` aus `paused_in` nehmen: dann endet die Frist dort"),
    what=both("A state of `paused_in` from which a case never comes back to a state of `runs_in`.",
              "Ein Zustand in `paused_in`, aus dem ein Vorgang nie in einen Zustand von `runs_in` zurückkommt."),
    why=both("The deadline would stay open and never be missed.", "Die Frist bliebe offen und würde nie versäumt."),
    wrong="states:\n  draft: {initial: true}\n  waiting: {}\n  granted: {final: true}\ntransitions:\n  ask: {from: draft, to: waiting, by: clerk}\n"
          "  grant: {from: [draft, waiting], to: granted, by: clerk}\n"
          "deadlines:\n  decide: {runs_in: draft, within: 3 months, paused_in: waiting}\n",
    right=_limit(", paused_in: waiting"),
)  # fmt: skip
LIKE_A_PART = Code(
    "deadline-like-part",
    both("the deadline `{deadline}` is called like a part, so that `{deadline}.pause` could mean either",
         "die Frist `{deadline}` heißt wie ein Teil, sodass `{deadline}.pause` beides heißen könnte"),
    remedy=both("give one of them another name", "einem von beiden einen anderen Namen geben"),
    what=both("A deadline that people can pause or extend, and a part of a parallel state, of the same name.",
              "Eine Frist, die man anhalten oder verlängern kann, und ein Teil eines parallelen Zustands mit demselben Namen."),
    why=both("Their actions would be called the same.", "Ihre Aktionen hießen gleich."),
    wrong="states:\n  draft: {initial: true, parallel: {decide: {by: clerk}}}\n  granted: {final: true}\n"
          "transitions:\n  grant: {from: draft, to: granted, by: clerk}\n"
          "deadlines:\n  decide: {runs_in: draft, within: 3 months, pause: {by: clerk}}\n",
    right=_limit(", pause: {by: clerk}"),
)  # fmt: skip
EXTENDED_BY_THE_CLOCK = Code(
    "extended-by-the-clock",
    both("`{deadline}` ends with a day ({within}), and would be extended by the clock ({most})",
         "`{deadline}` endet mit einem Tag ({within}) und würde nach der Uhr verlängert ({most})"),
    remedy=both("extend it by days, weeks or months", "um Tage, Wochen oder Monate verlängern"),
    what=both("A deadline of days that is extended by hours.", "Eine Frist in Tagen, die um Stunden verlängert wird."),
    why=both("It would end in the middle of the night.", "Sie endete mitten in der Nacht."),
    wrong=_limit(", extend: {by: clerk, most: 12 hours}"),
    right=_limit(", extend: {by: clerk, most: 2 months}"),
)  # fmt: skip
NO_OFFICE_HOURS = Code(
    "no-office-hours",
    both("office hours are counted, and the app does not say when they are", "Dienststunden werden gezählt, und die Anwendung sagt nicht, wann sie sind"),
    remedy=both("add `calendar: {country: DE, office_hours: {mon-fri: 08:00-16:00}}` to the app",
                "bei der Anwendung `calendar: {country: DE, office_hours: {mon-fri: 08:00-16:00}}` ergänzen"),
    what=both("A deadline in office hours without office hours in the calendar.", "Eine Frist in Dienststunden ohne Dienstzeiten im Kalender."),
    why=both("It would run at night, too.", "Sie liefe auch nachts."),
    wrong="app: permits\n---\n" + _limit("").replace("3 months", "16 office hours"),
    right="app: permits\ncalendar: {country: DE, office_hours: {mon-fri: 08:00-16:00}}\n---\n"
          + _limit("").replace("3 months", "16 office hours"),
)  # fmt: skip
OFFICE_DAY = Code(
    "office-day",
    both("`{name}` is no day of the week", "`{name}` ist kein Wochentag"),
    remedy=both("write mon, tue, wed, thu, fri, sat, sun, or days one after the other: mon-thu",
                "mon, tue, wed, thu, fri, sat, sun schreiben, oder Tage hintereinander: mon-thu"),
    what=both("Office hours of something that is no day.", "Dienstzeiten an etwas, das kein Tag ist."),
    why=both("Nobody knows when that is.", "Niemand weiß, wann das ist."),
    wrong="app: permits\ncalendar: {country: DE, office_hours: {weekdays: 08:00-16:00}}\n",
    right="app: permits\ncalendar: {country: DE, office_hours: {mon-fri: 08:00-16:00}}\n",
)  # fmt: skip
OFFICE_DAY_TWICE = Code(
    "office-day-twice",
    both("`{name}` has office hours already", "`{name}` hat schon Dienstzeiten"),
    remedy=both("say the hours of a day once; several stretches stand in brackets: [08:00-12:00, 13:00-16:00]",
                "die Zeiten eines Tages einmal sagen; mehrere stehen in Klammern: [08:00-12:00, 13:00-16:00]"),
    what=both("A day of the week that is named twice.", "Ein Wochentag, der zweimal genannt ist."),
    why=both("Which hours count could not be said.", "Welche Zeiten gelten, ließe sich nicht sagen."),
    wrong="app: permits\ncalendar: {country: DE, office_hours: {mon-fri: 08:00-16:00, fri: 08:00-12:00}}\n",
    right="app: permits\ncalendar: {country: DE, office_hours: {mon-thu: 08:00-16:00, fri: 08:00-12:00}}\n",
)  # fmt: skip
OFFICE_HOURS = Code(
    "office-hours-form",
    both("`{name}` is no stretch of a day", "`{name}` ist kein Abschnitt eines Tages"),
    remedy=both("write it like 08:00-16:00, in order and without overlaps; midnight at the end is 24:00",
                "wie 08:00-16:00 schreiben, der Reihe nach und ohne Überschneidung; Mitternacht am Ende ist 24:00"),
    what=both("Office hours that are no stretch of time.", "Dienstzeiten, die kein Zeitraum sind."),
    why=both("They could not be counted.", "Sie ließen sich nicht zählen."),
    wrong="app: permits\ncalendar: {country: DE, office_hours: {mon: 16:00-08:00}}\n",
    right="app: permits\ncalendar: {country: DE, office_hours: {mon: 08:00-16:00}}\n",
)  # fmt: skip
CLOSED_DAY = Code(
    "closed-day",
    both("`{name}` is no day", "`{name}` ist kein Tag"),
    remedy=both('write it like 2026-12-24, or like "12-24" for every year', 'wie 2026-12-24 schreiben, oder für jedes Jahr wie "12-24"'),
    what=both("Something in `closed` that is no day.", "Etwas in `closed`, das kein Tag ist."),
    why=both("Nobody knows when that is.", "Niemand weiß, wann das ist."),
    wrong="app: permits\ncalendar: {country: DE, closed: [24.12.]}\n",
    right="app: permits\ncalendar: {country: DE, closed: [2026-12-24]}\n",
)  # fmt: skip

_FILLED = (
    "entity: permit\nfields: {number: text, reason: text}\naccess: {clerk: {create: true, read: true, update: true}}\n---\n"
    "workflow: review\nof: permit\nstates:\n  draft: {initial: true}\n  refused: {final: true%s}\ntransitions:\n"
    "  refuse: {from: draft, to: refused, by: clerk%s}\n%s"
    "deadlines:\n  decide: {runs_in: draft, within: 3 months, then: %s}\n"
)
_BY_ITSELF = "  lapse: {from: draft, to: refused, set: {reason: '\"Nothing was handed in.\"'}}\n"
THEN_ASKS_NOBODY = Code(
    "then-asks-nobody",
    both("the deadline `{deadline}` takes `{transition}` without {asked_en}, which people must give there",
         "die Frist `{deadline}` nimmt `{transition}`, ohne dass jemand {asked_de} angibt, wie es dort verlangt ist"),
    severity="warning",
    remedy=both("let a transition of its own follow it, without `by`, which sets what is needed: lapse: {{from: …, to: {target}, set: {{…}}}}",
                "einen eigenen Übergang folgen lassen, ohne `by`, der setzt, was nötig ist: lapse: {{from: …, to: {target}, set: {{…}}}}"),
    what=both("A deadline whose `then` is a transition with `require` or `comment: required`.",
              "Eine Frist, deren `then` ein Übergang mit `require` oder `comment: required` ist."),
    why=both("Nobody is there to fill anything in: the case would go on with empty fields, and without the reason.",
             "Niemand ist da, der etwas ausfüllt: der Vorgang ginge mit leeren Feldern und ohne Begründung weiter."),
    wrong=_FILLED % ("", ", require: [reason]", "", "refuse"),
    right=_FILLED % ("", ", require: [reason]", _BY_ITSELF, "lapse"),
)  # fmt: skip
THEN_MAY_FAIL = Code(
    "then-may-not-happen",
    both("`{transition}` does not follow the deadline `{deadline}` where {fields} is empty: `{target}` requires it",
         "`{transition}` folgt nicht auf die Frist `{deadline}`, wo {fields} leer ist: `{target}` verlangt es"),
    severity="warning",
    remedy=both("let a transition of its own follow it that sets it, or require it where the deadline runs",
                "einen eigenen Übergang folgen lassen, der es setzt, oder es dort verlangen, wo die Frist läuft"),
    what=both("A deadline whose `then` leads to a state that requires a field which may be empty.",
              "Eine Frist, deren `then` in einen Zustand führt, der ein Feld verlangt, das leer sein kann."),
    why=both("The case would stay where it is, and the deadline have no consequence.", "Der Vorgang bliebe, wo er ist, und die Frist ohne Folge."),
    wrong=_FILLED % (", required: [reason]", "", "", "refuse"),
    right=_FILLED % (", required: [reason]", "", _BY_ITSELF, "lapse"),
)  # fmt: skip

CODES = (THEN_ASKS_NOBODY, THEN_MAY_FAIL, PAUSED_WHERE_IT_RUNS, NEVER_PAUSED, PAUSED_FOR_EVER, LIKE_A_PART, EXTENDED_BY_THE_CLOCK, NO_OFFICE_HOURS, OFFICE_DAY,
         OFFICE_DAY_TWICE, OFFICE_HOURS, CLOSED_DAY)  # fmt: skip
