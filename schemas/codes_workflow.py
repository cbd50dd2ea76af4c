"""Problems with workflows and messages."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_STATES = "workflow: review\nof: permit\nstates:\n  draft: {initial: true}\n  granted: {final: true}\n"
_GRANT = "transitions:\n  grant: {from: draft, to: granted, by: clerk}\n"


def _flow(line: str) -> str:
    return _STATES + "transitions:\n  " + line + "\n"


STATE_FIELD_TAKEN = Code(
    "state-field-taken",
    both("`{entity}` has a field `{field}` already; the workflow cannot keep its state there",
         "`{entity}` hat schon ein Feld `{field}`; der Workflow kann seinen Zustand dort nicht führen"),
    remedy=both("rename the field, or name another one: field: progress", "das Feld umbenennen, oder ein anderes nennen: field: fortschritt"),
    what=both("A field with the name of the workflow's state.", "Ein Feld, das wie der Zustand des Workflows heißt."),
    why=both("The workflow alone changes its state.", "Nur der Workflow ändert seinen Zustand."),
    wrong="entity: permit\nfields: {state: text}\n---\n" + _STATES + _GRANT,
    right="entity: permit\nfields: {name: text}\n---\n" + _STATES + _GRANT,
)  # fmt: skip
STATE_FIELD_SHARED = Code(
    "state-field-shared",
    both("two workflows of `{entity}` keep their state in `{field}`", "zwei Workflows von `{entity}` führen ihren Zustand in `{field}`"),
    remedy=both("give one of them another field: field: payment", "einem davon ein anderes Feld geben: field: zahlung"),
    what=both("Two workflows of one entity with the same state field.", "Zwei Workflows einer Entität mit demselben Zustandsfeld."),
    why=both("Each needs a state of its own.", "Jeder braucht einen eigenen Zustand."),
    wrong=_STATES + _GRANT + "---\n" + _STATES.replace("review", "payment") + _GRANT,
    right=_STATES + _GRANT + "---\n" + _STATES.replace("review", "payment").replace("states:", "field: payment\nstates:") + _GRANT,
)  # fmt: skip
NO_INITIAL = Code(
    "no-initial-state",
    both("`{workflow}` has no state to begin in", "`{workflow}` hat keinen Zustand, in dem es beginnt"),
    remedy=both("mark one: {state}: {{initial: true}}", "einen kennzeichnen: {state}: {{initial: true}}"),
    what=both("A workflow without an initial state.", "Ein Workflow ohne Anfangszustand."),
    why=both("A new record would have no state.", "Ein neuer Datensatz hätte keinen Zustand."),
    wrong=_STATES.replace("{initial: true}", "{}") + _GRANT,
    right=_STATES + _GRANT,
)  # fmt: skip
TWO_INITIAL = Code(
    "two-initial-states",
    both("`{workflow}` begins in two states: `{first}` and `{second}`", "`{workflow}` beginnt in zwei Zuständen: `{first}` und `{second}`"),
    remedy=both("keep one `initial: true`", "ein `initial: true` behalten"),
    what=both("Two initial states.", "Zwei Anfangszustände."),
    why=both("In which a new record begins cannot be told.", "In welchem ein neuer Datensatz beginnt, lässt sich nicht sagen."),
    wrong=_STATES.replace("{final: true}", "{initial: true}") + _GRANT,
    right=_STATES + _GRANT,
)  # fmt: skip
DEAD_END = Code(
    "dead-end",
    both("whoever is in state `{state}` stays there", "wer im Zustand `{state}` ist, bleibt dort"),
    label=both("no transition leaves it", "kein Übergang führt hinaus"),
    remedy=both("add a transition from it, or mark it: {state}: {{final: true}}",
                "einen Übergang von dort ergänzen, oder kennzeichnen: {state}: {{final: true}}"),
    what=both("A state that nothing leaves and that is not final.", "Ein Zustand, den nichts verlässt und der kein Endzustand ist."),
    why=both("Cases would be stuck, and nobody would notice.", "Vorgänge blieben stecken, und niemand würde es merken."),
    wrong=_STATES.replace("{final: true}", "{}") + _GRANT,
    right=_STATES + _GRANT,
)  # fmt: skip
UNREACHABLE = Code(
    "unreachable-state",
    both("no way leads to state `{state}`", "kein Weg führt zum Zustand `{state}`"),
    remedy=both("add a transition to it, or take it out", "einen Übergang dorthin ergänzen, oder ihn streichen"),
    severity="warning",
    what=both("A state that no case can come to.", "Ein Zustand, in den kein Vorgang kommen kann."),
    why=both("It is left over, or a transition is missing.", "Er ist übrig geblieben, oder es fehlt ein Übergang."),
    wrong=_STATES + "  waiting: {}\n" + _GRANT + "  resume: {from: waiting, to: draft, by: clerk}\n",
    right=_STATES + _GRANT,
)  # fmt: skip
FINAL_LEFT = Code(
    "final-state-left",
    both("`{transition}` leaves `{state}` by itself, which is final", "`{transition}` verlässt von selbst `{state}`, der ein Endzustand ist"),
    remedy=both("take `final` out, or say with `by` who may re-open a case", "`final` streichen, oder mit `by` sagen, wer einen Vorgang wieder öffnen darf"),
    what=both("An automatic transition out of a final state.", "Ein automatischer Übergang aus einem Endzustand."),
    why=both("A case that has ended does not go on unless somebody re-opens it.",
             "Ein beendeter Vorgang geht nicht weiter, wenn ihn nicht jemand wieder öffnet."),
    wrong=_flow("reopen: {from: granted, to: draft, when: 1 = 1}"),
    right=_STATES + _GRANT + "  reopen: {from: granted, to: draft, by: clerk}\n",
)  # fmt: skip
BY_ITSELF_WITHOUT_WHEN = Code(
    "by-itself-without-when",
    both("`{transition}` has neither `by` nor `when`: it would happen at once, always", "`{transition}` hat weder `by` noch `when`: er geschähe sofort und immer"),
    remedy=both("say who may with `by`, or when it happens with `when`", "mit `by` sagen, wer darf, oder mit `when`, wann er geschieht"),
    what=both("A transition that nobody does and that has no condition.", "Ein Übergang, den niemand ausführt und der keine Bedingung hat."),
    why=both("The state it leaves would last no time.", "Der Zustand, den er verlässt, dauerte keinen Augenblick."),
    wrong=_flow("grant: {from: draft, to: granted}"),
    right=_STATES + _GRANT,
)  # fmt: skip
BY_ITSELF_ASKS = Code(
    "by-itself-asks",
    both("`{transition}` happens by itself, so `{key}` has no effect", "`{transition}` geschieht von selbst, also hat `{key}` keine Wirkung"),
    remedy=both("take `{key}` out, or say who may with `by`", "`{key}` streichen, oder mit `by` sagen, wer darf"),
    what=both("A transition without `by` that asks somebody for something.", "Ein Übergang ohne `by`, der jemanden um etwas bittet."),
    why=both("Nobody is there to answer.", "Niemand ist da, der antwortet."),
    wrong=_flow("grant: {from: draft, to: granted, when: 1 = 1, comment: required}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, comment: required}"),
)  # fmt: skip
COMPLETE_NOT_PARALLEL = Code(
    "complete-without-parallel",
    both("`complete` never holds: {states} has no parallel parts", "`complete` gilt nie: {states} hat keine parallelen Teile"),
    remedy=both("add `parallel` to the state, or another condition", "dem Zustand `parallel` geben, oder eine andere Bedingung nehmen"),
    what=both("`complete` in a transition out of a state without parallel parts.",
              "`complete` in einem Übergang aus einem Zustand ohne parallele Teile."),
    why=both("There are no opinions that could be complete.", "Es gibt keine Stellungnahmen, die vollständig sein könnten."),
    wrong=_flow("grant: {from: draft, to: granted, when: complete}"),
    right=_STATES + _GRANT,
)  # fmt: skip
CANNOT_FILL = Code(
    "cannot-be-filled",
    both("`{field}` cannot be filled in here: {reason}", "`{field}` kann hier nicht ausgefüllt werden: {reason}"),
    remedy=both("take it out", "streichen"),
    what=both("A field in `fill` that nobody can fill in.", "Ein Feld in `fill`, das niemand ausfüllen kann."),
    why=both("The form of the button could not offer it.", "Das Formular des Knopfes könnte es nicht anbieten."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, fill: [state]}"),
    right=_STATES + _GRANT,
)  # fmt: skip
SET_NOT_POSSIBLE = Code(
    "cannot-be-set",
    both("`{field}` cannot be set: its value is made by the system", "`{field}` kann nicht gesetzt werden: seinen Wert bestimmt das System"),
    remedy=both("set another field", "ein anderes Feld setzen"),
    what=both("`set` on a computed field, a state, a sequence or back links.",
              "`set` auf ein berechnetes Feld, einen Zustand, eine Nummer oder Rückverweise."),
    why=both("It would be overwritten at once.", "Es würde sofort überschrieben."),
    wrong=_flow('grant: {from: draft, to: granted, by: clerk, set: {state: "granted"}}'),
    right=_flow("grant: {from: draft, to: granted, by: clerk, set: {granted_on: today()}}"),
)  # fmt: skip
CANNOT_SEE = Code(
    "acts-unseen",
    both("`{role}` acts in `{what}` but may not read `{entity}`", "`{role}` handelt in `{what}`, darf `{entity}` aber nicht lesen"),
    remedy=both("add a right: access: {{{role}: {{read: …}}}}", "ein Recht ergänzen: access: {{{role}: {{read: …}}}}"),
    severity="warning",
    what=both("A role that is to act on records it cannot see.", "Eine Rolle, die an Datensätzen handeln soll, die sie nicht sieht."),
    why=both("Nobody can press a button on a page that they cannot open.",
             "Niemand kann einen Knopf auf einer Seite drücken, die er nicht öffnen kann."),
    wrong="entity: permit\nfields: {name: text}\naccess: {head: {read: true}}\n---\n" + _STATES + _GRANT,
    right="entity: permit\nfields: {name: text}\naccess: {clerk: {read: true}}\n---\n" + _STATES + _GRANT,
)  # fmt: skip
NOT_A_PERSON = Code(
    "not-a-person",
    both("`{path}` leads to no person: it is {type}", "`{path}` führt zu keiner Person: es ist {type}"),
    remedy=both("name a role, or a path to a user or to a record with one field of kind user",
                "eine Rolle nennen, oder einen Pfad zu einem Benutzer oder einem Datensatz mit einem Feld der Art user"),
    what=both("Somebody who is to act or be told, named by a path that leads to something else.",
              "Jemand, der handeln oder benachrichtigt werden soll, genannt durch einen Pfad, der woanders hinführt."),
    why=both("Nobody could act, nobody would be told.", "Niemand könnte handeln, niemand erführe etwas."),
    wrong=_flow("grant: {from: draft, to: granted, by: plot}"),
    right=_flow("grant: {from: draft, to: granted, by: applicant}"),
)  # fmt: skip
DEADLINE_FINAL = Code(
    "deadline-in-final-state",
    both("the deadline `{deadline}` runs in `{state}`, which is final", "die Frist `{deadline}` läuft in `{state}`, der ein Endzustand ist"),
    remedy=both("take `{state}` out of `runs_in`", "`{state}` aus `runs_in` streichen"),
    what=both("A deadline in a state where the case has ended.", "Eine Frist in einem Zustand, in dem der Vorgang zu Ende ist."),
    why=both("It would be missed by every case.", "Jeder Vorgang würde sie versäumen."),
    wrong=_STATES + _GRANT + "deadlines:\n  decide: {runs_in: granted, within: 3 months}\n",
    right=_STATES + _GRANT + "deadlines:\n  decide: {runs_in: draft, within: 3 months}\n",
)  # fmt: skip
WARN_TOO_EARLY = Code(
    "warned-before-begin",
    both("the warning ({warn}) would come before the deadline begins ({within})", "die Warnung ({warn}) käme vor dem Beginn der Frist ({within})"),
    remedy=both("choose a shorter time for `warn`", "für `warn` eine kürzere Zeit wählen"),
    what=both("A warning that is longer than the deadline.", "Eine Warnung, die länger ist als die Frist."),
    why=both("People would be warned from the first day on.", "Es würde vom ersten Tag an gewarnt."),
    wrong=_STATES + _GRANT + "deadlines:\n  decide: {runs_in: draft, within: 2 weeks, warn: 3 weeks}\n",
    right=_STATES + _GRANT + "deadlines:\n  decide: {runs_in: draft, within: 3 weeks, warn: 2 weeks}\n",
)  # fmt: skip
NO_CALENDAR = Code(
    "no-calendar",
    both("working days need a calendar, and the app has none", "Arbeitstage brauchen einen Kalender, und die Anwendung hat keinen"),
    remedy=both("add `calendar: {country: DE}` to the app", "bei der Anwendung `calendar: {country: DE}` ergänzen"),
    what=both("A span in working days without public holidays.", "Eine Zeitspanne in Arbeitstagen ohne Feiertage."),
    why=both("A deadline would end on a holiday.", "Eine Frist endete an einem Feiertag."),
    wrong="app: permits\n---\n" + _STATES + _GRANT + "deadlines:\n  decide: {runs_in: draft, within: 10 working days}\n",
    right="app: permits\ncalendar: {country: DE}\n---\n" + _STATES + _GRANT
          + "deadlines:\n  decide: {runs_in: draft, within: 10 working days}\n",
)  # fmt: skip
MARK_NOT_BOOLEAN = Code(
    "mark-not-boolean",
    both("`mark` sets a yes/no field, and `{field}` is {kind}", "`mark` setzt ein Ja/Nein-Feld, und `{field}` ist {kind}"),
    remedy=both("name a field of kind boolean, or a new name", "ein Feld der Art boolean nennen, oder einen neuen Namen"),
    what=both("`mark` on a field that is not yes or no.", "`mark` auf ein Feld, das nicht ja oder nein ist."),
    why=both("Yes is no value of it.", "Ja ist kein Wert davon."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: name}]}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: decided}]}"),
)  # fmt: skip
NOTIFY_WITHOUT_MESSAGE = Code(
    "notify-without-message",
    both("`notify` needs a message", "`notify` braucht eine Nachricht"),
    remedy=both("add `with: name of a message`", "`with: Name einer Nachricht` ergänzen"),
    what=both("Somebody is to be told, and not what.", "Jemand soll etwas erfahren, aber nicht was."),
    why=both("There is nothing to send.", "Es gibt nichts zu verschicken."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, do: [{notify: applicant}]}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, do: [{notify: applicant, with: granted}]}"),
)  # fmt: skip
MESSAGE_OF = Code(
    "message-of-several",
    both("`{message}` is sent for {entities}: say which one it is about", "`{message}` wird für {entities} verschickt: welche ist gemeint?"),
    remedy=both("add `of: entity`, and another message for the other", "`of: Entität` ergänzen, und für die andere eine eigene Nachricht"),
    what=both("A message without `of` that workflows of several entities send.",
              "Eine Nachricht ohne `of`, die Workflows mehrerer Entitäten verschicken."),
    why=both("The names in its text could mean different things.", "Die Namen in ihrem Text könnten Verschiedenes bedeuten."),
    wrong='message: done\nsubject: "{number}"\nbody: Done\n',
    right='message: done\nof: permit\nsubject: "{number}"\nbody: Done\n',
)  # fmt: skip
MESSAGE_ELSEWHERE = Code(
    "message-of-another",
    both("`{message}` is about `{of}`, not about `{entity}`", "`{message}` handelt von `{of}`, nicht von `{entity}`"),
    remedy=both("send another message", "eine andere Nachricht verschicken"),
    what=both("A message about one entity, sent for a record of another.",
              "Eine Nachricht über eine Entität, verschickt für einen Datensatz einer anderen."),
    why=both("Its text names fields that the record does not have.", "Ihr Text nennt Felder, die der Datensatz nicht hat."),
    wrong="message: granted\nof: plot\nsubject: Granted\nbody: Granted\n",
    right="message: granted\nof: permit\nsubject: Granted\nbody: Granted\n",
)  # fmt: skip
TELLS_HIDDEN = Code(
    "message-tells-hidden",
    both("`{message}` tells `{field}` to `{role}`, who never sees it", "`{message}` nennt `{field}`, was `{role}` nie sieht"),
    remedy=both("take it out of the text, or let `{role}` see it", "aus dem Text streichen, oder `{role}` sehen lassen"),
    severity="warning",
    what=both("A message to a role names a field that is hidden from it.",
              "Eine Nachricht an eine Rolle nennt ein Feld, das vor ihr verborgen ist."),
    why=both("What is hidden on every page would stand in notices and mails.",
             "Was auf jeder Seite verborgen ist, stünde in Mitteilungen und Mails."),
    wrong="message: granted\nof: permit\nsubject: Granted\nbody: '{internal_note}'\n",
    right="message: granted\nof: permit\nsubject: Granted\nbody: '{number}'\n",
)  # fmt: skip

BESIDE_NOTHING = Code(
    "beside-nothing",
    both("`{key}` has no effect without {wanted}", "`{key}` hat ohne {wanted} keine Wirkung"),
    remedy=both("add {wanted}, or take `{key}` out", "{wanted} ergänzen, oder `{key}` streichen"),
    what=both("A key of an effect that belongs to another effect.", "Eine Angabe bei einer Wirkung, die zu einer anderen gehört."),
    why=both("Nothing is ignored silently.", "Nichts wird stillschweigend übergangen."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: decided, with: granted}]}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: decided}]}"),
)  # fmt: skip
TWO_EFFECTS = Code(
    "two-effects-in-one",
    both("`{first}` and `{second}` are two effects", "`{first}` und `{second}` sind zwei Wirkungen"),
    remedy=both("write them as two: [{{{first}: …}}, {{{second}: …}}]", "als zwei schreiben: [{{{first}: …}}, {{{second}: …}}]"),
    what=both("Two effects in one pair of braces.", "Zwei Wirkungen in einem Klammerpaar."),
    why=both("Only one of them would happen.", "Nur eine davon träte ein."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: decided, webhook: archive}]}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, do: [{mark: decided}, {webhook: archive}]}"),
)  # fmt: skip
CHANGE_NO_RECORD = Code(
    "change-leads-nowhere",
    both("`{path}` leads to no record that could be changed", "`{path}` führt zu keinem Datensatz, der sich ändern ließe"),
    remedy=both("name a link of the record, or a list of records", "einen Verweis des Datensatzes nennen, oder eine Liste von Datensätzen"),
    what=both("`change` with a path to something else than records.", "`change` mit einem Pfad zu etwas anderem als Datensätzen."),
    why=both("There is nothing to change.", "Es gibt nichts zu ändern."),
    wrong=_flow("grant: {from: draft, to: granted, by: clerk, do: [{change: name, values: {name: name}}]}"),
    right=_flow("grant: {from: draft, to: granted, by: clerk, do: [{change: this, values: {name: name}}]}"),
)  # fmt: skip

_PARTS = "workflow: review\nof: permit\nstates:\n  draft: {initial: true%s}\n  granted: {final: true}\n" + _GRANT
QUORUM = Code(
    "quorum-too-large",
    both("`{state}` needs {needs} outcomes and has {count} parts", "`{state}` braucht {needs} Ergebnisse und hat {count} Teile"),
    remedy=both("ask for at least one and at most as many as there are parts", "mindestens eines verlangen, und höchstens so viele, wie es Teile gibt"),
    what=both("A quorum that can never be reached.", "Ein Quorum, das nie erreicht werden kann."),
    why=both("The state would never be complete.", "Der Zustand würde nie vollständig."),
    wrong=_PARTS % ", needs: 3, parallel: {fire: {by: clerk}, law: {by: clerk}}",
    right=_PARTS % ", needs: 1, parallel: {fire: {by: clerk}, law: {by: clerk}}",
)  # fmt: skip
PARTS_WAIT = Code(
    "parts-wait-in-circle",
    both("{parts} wait for each other", "{parts} warten aufeinander"),
    remedy=both("let one of them begin", "einen davon beginnen lassen"),
    what=both("Parts that each come after the other.", "Teile, die jeweils nach dem anderen an der Reihe sind."),
    why=both("None of them could ever be given.", "Keiner davon käme je an die Reihe."),
    wrong=_PARTS % ", parallel: {fire: {by: clerk, after: law}, law: {by: clerk, after: fire}}",
    right=_PARTS % ", parallel: {fire: {by: clerk}, law: {by: clerk, after: fire}}",
)  # fmt: skip
THEN_ELSEWHERE = Code(
    "then-elsewhere",
    both("`{transition}` cannot follow the deadline `{deadline}` in {states}: it does not lead out of there",
         "`{transition}` kann in {states} nicht auf die Frist `{deadline}` folgen: er führt dort nicht hinaus"),
    remedy=both("let it lead out of every state of `runs_in`", "ihn aus jedem Zustand von `runs_in` hinausführen lassen"),
    what=both("A transition of a deadline that is not possible where the deadline runs.",
              "Ein Übergang einer Frist, der dort nicht möglich ist, wo die Frist läuft."),
    why=both("Nothing would happen when the deadline is missed.", "Es geschähe nichts, wenn die Frist versäumt ist."),
    wrong=_STATES + "  open: {}\n" + _GRANT + "  open: {from: draft, to: open, by: clerk}\n  lapse: {from: open, to: granted, by: clerk}\n"
          "deadlines:\n  decide: {runs_in: [draft, open], within: 3 weeks, then: lapse}\n",
    right=_STATES + _GRANT + "deadlines:\n  decide: {runs_in: draft, within: 3 weeks, then: grant}\n",
)  # fmt: skip

CODES = (QUORUM, PARTS_WAIT, THEN_ELSEWHERE, BESIDE_NOTHING, TWO_EFFECTS, CHANGE_NO_RECORD, STATE_FIELD_TAKEN, STATE_FIELD_SHARED, NO_INITIAL, TWO_INITIAL, DEAD_END, UNREACHABLE, FINAL_LEFT, BY_ITSELF_WITHOUT_WHEN,
         BY_ITSELF_ASKS, COMPLETE_NOT_PARALLEL, CANNOT_FILL, SET_NOT_POSSIBLE, CANNOT_SEE, NOT_A_PERSON, DEADLINE_FINAL,
         WARN_TOO_EARLY, NO_CALENDAR, MARK_NOT_BOOLEAN, NOTIFY_WITHOUT_MESSAGE, MESSAGE_OF, MESSAGE_ELSEWHERE, TELLS_HIDDEN)  # fmt: skip
