"""Problems that only show when a workflow is played through: what can become of a case, and who can bring it about."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_ENTITY = "entity: permit\nfields: {amount: integer!}\naccess: {clerk: {create: true, read: true}}\n---\n"
_STATES = "workflow: review\nof: permit\nstates: {draft: {initial: true}, open: {}, done: {final: true}}\ntransitions:\n"
_SUBMIT = "  submit: {from: draft, to: open, by: clerk}\n"


def _flow(*lines: str, before: str = _SUBMIT) -> str:
    return _ENTITY + _STATES + before + "".join(f"  {line}\n" for line in lines)


_FINE = _flow("small: {from: open, to: done, by: clerk, when: amount < 100}",
              "big: {from: open, to: done, by: clerk, when: not(amount < 100)}")  # fmt: skip

STUCK = Code(
    "stuck",
    both("whoever is in state `{state}` stays there{when_en}", "wer im Zustand `{state}` ist, bleibt dort{when_de}"),
    label=both("left only by {ways_en}", "führt hinaus nur: {ways_de}"),
    remedy=both("shortest way there: {trace_en}; add a transition for this case, or loosen a condition",
                "kürzester Weg dorthin: {trace_de}; einen Übergang für diesen Fall ergänzen, oder eine Bedingung lockern"),
    what=both("A situation that a case can come to and that nothing leads out of.",
              "Eine Lage, in die ein Vorgang kommen kann und aus der nichts hinausführt."),
    why=both("The case would be stuck, and nobody could help it.", "Der Vorgang bliebe stecken, und niemand könnte ihm helfen."),
    wrong=_flow("finish: {from: open, to: done, by: clerk, when: amount < 100}"),
    right=_flow("finish: {from: open, to: done, by: clerk}"),
)  # fmt: skip
MAY_BE_STUCK = Code(
    "may-be-stuck", STUCK.message, label=STUCK.label, remedy=STUCK.remedy, severity="warning",
    what=both("A situation without a way out, if a case can come to it; whether it can is not certain, because conditions on "
              "the way there depend on more than can be played through.",
              "Eine Lage ohne Ausweg, falls ein Vorgang in sie kommen kann; ob er das kann, ist nicht gewiss, weil "
              "Bedingungen auf dem Weg von mehr abhängen, als sich durchspielen lässt."),
    why=STUCK.why,
    wrong=_ENTITY + _STATES + "  submit: {from: draft, to: open, by: clerk, when: amount * 2 > 5}\n"
          "  finish: {from: open, to: done, by: clerk, when: amount < 100}\n",
    right=_FINE,
)  # fmt: skip
NO_END = Code(
    "no-end",
    both("a case in state `{state}` can go on, but never ends{when_en}", "ein Vorgang im Zustand `{state}` kann weitergehen, endet aber nie{when_de}"),
    remedy=both("shortest way there: {trace_en}; add a way to a final state", "kürzester Weg dorthin: {trace_de}; einen Weg zu einem Endzustand ergänzen"),
    what=both("A situation from which no final state can be reached.", "Eine Lage, von der aus kein Endzustand erreichbar ist."),
    why=both("The case would go in circles for ever.", "Der Vorgang ginge für immer im Kreis."),
    severity="warning",
    wrong=_flow("back: {from: open, to: draft, by: clerk}", "finish: {from: open, to: done, by: clerk, when: 1 = 2}"),
    right=_flow("back: {from: open, to: draft, by: clerk}", "finish: {from: open, to: done, by: clerk}"),
)  # fmt: skip
NEVER_TAKEN = Code(
    "never-taken",
    both("`{transition}` can never happen: its condition holds in no case that comes to {states}",
         "`{transition}` kann nie geschehen: seine Bedingung gilt für keinen Vorgang, der nach {states} kommt"),
    remedy=both("mend the condition, or take the transition out", "die Bedingung berichtigen, oder den Übergang streichen"),
    severity="warning",
    what=both("A transition whose condition is false in every situation.", "Ein Übergang, dessen Bedingung in jeder Lage falsch ist."),
    why=both("A button that nobody ever sees.", "Ein Knopf, den nie jemand sieht."),
    wrong=_flow("odd: {from: open, to: draft, by: clerk, when: amount > 5 and amount < 3}", "finish: {from: open, to: done, by: clerk}"),
    right=_FINE,
)  # fmt: skip
NOBODY_CAN = Code(
    "nobody-can-take",
    both("nobody can take `{transition}`: {people_en} may not read a case in {states}",
         "niemand kann `{transition}` ausführen: {people_de} dürfen einen Vorgang in {states} nicht lesen"),
    remedy=both("widen the right to read, or give the transition to somebody else", "das Recht zu lesen erweitern, oder den Übergang anderen geben"),
    severity="warning",
    what=both("A transition whose people may not see the record when it could be taken.",
              "Ein Übergang, dessen Leute den Datensatz dann nicht sehen, wenn er möglich wäre."),
    why=both("Nobody can decide about what they cannot open.", "Niemand kann über etwas entscheiden, das er nicht öffnen kann."),
    wrong=_flow("finish: {from: open, to: done, by: clerk}").replace("read: true", "read: 'state = \"draft\"'"),
    right=_flow("finish: {from: open, to: done, by: clerk}"),
)  # fmt: skip
NEVER_REACHED = Code(
    "never-reached",
    both("no case comes to state `{state}`: none of the steps that lead there can ever be taken",
         "kein Vorgang kommt in den Zustand `{state}`: keiner der Schritte dorthin ist je möglich"),
    remedy=both("mend the conditions of the transitions to it, or the rights of those who take them",
                "die Bedingungen der Übergänge dorthin berichtigen, oder die Rechte derer, die sie ausführen"),
    severity="warning",
    what=both("A state that arrows lead to, but no case.", "Ein Zustand, zu dem Pfeile führen, aber kein Vorgang."),
    why=both("Everything behind it is dead.", "Alles dahinter ist tot."),
    wrong=_ENTITY + _STATES + "  submit: {from: draft, to: open, by: clerk, when: 1 = 2}\n  skip: {from: draft, to: done, by: clerk}\n"
          "  finish: {from: open, to: done, by: clerk}\n",
    right=_FINE,
)  # fmt: skip
OVERLAP = Code(
    "conditions-overlap",
    both("`{first}` and `{second}` both happen by themselves{when_en}; the first one wins",
         "`{first}` und `{second}` geschehen beide von selbst{when_de}; der erste gewinnt"),
    remedy=both("make the conditions exclude each other", "die Bedingungen so fassen, dass sie einander ausschließen"),
    severity="warning",
    what=both("Two automatic transitions whose conditions hold at once.", "Zwei automatische Übergänge, deren Bedingungen zugleich gelten."),
    why=both("The order in the file decides where the case goes.", "Die Reihenfolge in der Datei entscheidet, wohin der Vorgang geht."),
    wrong=_flow("a: {from: open, to: done, when: amount > 5}", "b: {from: open, to: draft, when: amount > 3}"),
    right=_flow("a: {from: open, to: done, when: amount > 5}", "b: {from: open, to: done, when: amount <= 5}"),
)  # fmt: skip
GAP = Code(
    "conditions-gap",
    both("in state `{state}` none of {ways_en} is possible{when_en}", "im Zustand `{state}` ist keiner von {ways_de} möglich{when_de}"),
    remedy=both("let one of the conditions hold then too (>= instead of >, for instance)",
                "eine der Bedingungen auch dann gelten lassen (etwa >= statt >)"),
    severity="warning",
    what=both("Conditions that look like they divide all cases among them, and leave some out.",
              "Bedingungen, die aussehen, als teilten sie alle Fälle unter sich auf, und einige auslassen."),
    why=both("A case in the gap waits for nothing.", "Ein Vorgang in der Lücke wartet auf nichts."),
    wrong=_flow("small: {from: open, to: done, by: clerk, when: amount < 100}", "big: {from: open, to: draft, by: clerk, when: amount > 100}")
          .replace("read: true", "read: true, update: true"),
    right=_FINE,
)  # fmt: skip
CIRCLES = Code(
    "by-itself-in-circles",
    both("{trace_en} follow each other by themselves without end{when_en}", "{trace_de} folgen von selbst endlos aufeinander{when_de}"),
    remedy=both("let a person take one of them with `by`, or make the conditions exclude each other",
                "einen davon mit `by` jemandem geben, oder die Bedingungen einander ausschließen lassen"),
    what=both("Automatic transitions in a circle.", "Automatische Übergänge im Kreis."),
    why=both("Every write of such a case would be refused.", "Jedes Speichern eines solchen Vorgangs würde abgelehnt."),
    wrong=_flow("a: {from: open, to: draft, when: amount > 5}", "b: {from: draft, to: open, when: amount > 3}",
                "finish: {from: open, to: done, by: clerk}"),
    right=_flow("a: {from: open, to: done, when: amount > 5}", "finish: {from: open, to: done, by: clerk}"),
)  # fmt: skip
PART_NEVER = Code(
    "part-never-decided",
    both("nobody ever decides `{part}` in `{state}`: {reason}", "niemand entscheidet je `{part}` in `{state}`: {reason}"),
    remedy=both("let others decide it, widen their right to read, or ask for more parts with `needs` of the state",
                "ihn anderen geben, ihr Recht zu lesen erweitern, oder mit `needs` des Zustands mehr Teile verlangen"),
    severity="warning",
    what=both("A part in which no opinion is ever given.", "Ein Teil, in dem nie jemand Stellung nimmt."),
    why=both("It looks as if somebody were asked, and nobody is.", "Es sieht aus, als werde jemand gefragt, und niemand wird es."),
    wrong=_ENTITY + "workflow: review\nof: permit\nstates:\n  open: {initial: true, needs: 1, parallel: {fire: {by: clerk}, law: {by: clerk, after: fire}}}\n"
          "  done: {final: true}\ntransitions:\n  finish: {from: open, to: done, when: complete}\n",
    right=_ENTITY + "workflow: review\nof: permit\nstates:\n  open: {initial: true, parallel: {fire: {by: clerk}, law: {by: clerk, after: fire}}}\n"
          "  done: {final: true}\ntransitions:\n  finish: {from: open, to: done, when: complete}\n",
)  # fmt: skip
PASSED_THROUGH = Code(
    "state-passed-through",
    both("no case stays in `{state}`: {on} follow at once, so that {idle} never happen there",
         "kein Vorgang bleibt in `{state}`: {on} folgen sofort, sodass {idle} dort nie geschehen"),
    remedy=both("give one of the steps that follow by themselves to somebody with `by`, or take out what never happens",
                "einen der Schritte, die von selbst folgen, mit `by` jemandem geben, oder streichen, was nie geschieht"),
    severity="warning",
    what=both("A state that is always left by itself at once, with steps of people, parts or deadlines.",
              "Ein Zustand, der immer sofort von selbst verlassen wird, mit Schritten von Leuten, Teilen oder Fristen."),
    why=both("Buttons that nobody ever sees, and deadlines that never run.", "Knöpfe, die nie jemand sieht, und Fristen, die nie laufen."),
    wrong=_flow("small: {from: open, to: done, when: amount < 100}", "big: {from: open, to: draft, when: amount >= 100}",
                "stop: {from: open, to: done, by: clerk}"),
    right=_flow("small: {from: open, to: done, when: amount < 100}", "stop: {from: open, to: done, by: clerk}"),
)  # fmt: skip
FOUR_EYES_SKIPPED = Code(
    "four-eyes-avoided",
    both("`{transition}` asks for a second pair of eyes beside {earlier}, but can be reached without it",
         "`{transition}` verlangt ein zweites Augenpaar neben {earlier}, ist aber auch ohne das erreichbar"),
    remedy=both("one person alone can go: {trace_en}; close this way, or add its steps to `not_by`",
                "eine Person allein kann gehen: {trace_de}; diesen Weg schließen, oder seine Schritte in `not_by` nennen"),
    severity="warning",
    what=both("Four eyes over a step that can be left out.", "Vier Augen über einen Schritt, den man auslassen kann."),
    why=both("One person could carry a case alone where the file says that two must.",
             "Eine Person könnte einen Vorgang allein durchführen, wo die Datei zwei verlangt."),
    wrong=_flow("check: {from: open, to: open, by: clerk}", "finish: {from: open, to: done, by: clerk, not_by: check}"),
    right=_flow("finish: {from: open, to: done, by: clerk, not_by: submit}"),
)  # fmt: skip
FOUR_EYES_ONE = Code(
    "four-eyes-one-person",
    both("nobody can take `{transition}`: it is for {people_en} alone, who did {earlier} before it",
         "niemand kann `{transition}` ausführen: er ist nur für {people_de}, und die Person hat zuvor {earlier} ausgeführt"),
    remedy=both("let somebody else take it, or take `not_by` out", "ihn jemand anderem geben, oder `not_by` streichen"),
    what=both("Four eyes where there is only one pair.", "Vier Augen, wo es nur ein Paar gibt."),
    why=both("The step is closed to the only person who may take it.", "Der Schritt ist gerade der einzigen Person verwehrt, die ihn ausführen darf."),
    wrong="entity: permit\nfields: {owner: user}\naccess: {clerk: {create: true, read: true}}\n---\n" + _STATES
          + "  submit: {from: draft, to: open, by: owner}\n  finish: {from: open, to: done, by: owner, not_by: submit}\n",
    right=_flow("finish: {from: open, to: done, by: clerk, not_by: submit}"),
)  # fmt: skip
FOUR_EYES_ONE_WAY = Code(
    "four-eyes-one-way",
    both("`{part}` is barred to whoever decided `{other}`, but one person can decide `{part}` first and `{other}` then",
         "`{part}` ist der Person verwehrt, die `{other}` entschieden hat; eine Person kann aber erst `{part}` und dann `{other}` entscheiden"),
    remedy=both("let it come after: `after: {other}`, or bar the other way round, too: `{other}: {{not_by: {part}}}`",
                "der Reihe nach entscheiden lassen: `after: {other}`, oder auch umgekehrt ausschließen: `{other}: {{not_by: {part}}}`"),
    severity="warning",
    what=both("Four eyes over two parts of a state that can be decided in any order, in one direction only.",
              "Vier Augen über zwei Teile eines Zustands, die in beliebiger Reihenfolge entschieden werden können, nur in einer Richtung."),
    why=both("One person alone could decide both, in the other order.", "Eine Person allein könnte beide entscheiden, in der anderen Reihenfolge."),
    wrong=_ENTITY + "workflow: review\nof: permit\nstates:\n  open: {initial: true, parallel: {fire: {by: clerk}, law: {by: clerk, not_by: fire}}}\n"
          "  done: {final: true}\ntransitions:\n  finish: {from: open, to: done, by: clerk, when: complete}\n",
    right=_ENTITY + "workflow: review\nof: permit\nstates:\n  open: {initial: true, parallel: {fire: {by: clerk}, law: {by: clerk, not_by: fire, after: fire}}}\n"
          "  done: {final: true}\ntransitions:\n  finish: {from: open, to: done, by: clerk, when: complete}\n",
)  # fmt: skip
_ALL = (_ENTITY + "workflow: review\nof: permit\nstates:\n  open: {initial: true, parallel: {vote: {by: clerk, needs: %s}}}\n"
        "  voted: {}\n  done: {final: true}\ntransitions:\n  close: {from: open, to: voted, when: complete}\n"
        "  finish: {from: voted, to: done, by: clerk, not_by: vote}\n")  # fmt: skip
FOUR_EYES_ALL = Code(
    "four-eyes-of-all",
    both("nobody is left for `{transition}`: `{earlier}` asks all of {people_en}, and whoever took part is barred",
         "für `{transition}` bleibt niemand: `{earlier}` fragt alle von {people_de}, und wer dabei war, ist ausgeschlossen"),
    remedy=both("let others take it, ask for `needs: majority` or a number, or take `{earlier}` out of `not_by`",
                "ihn anderen geben, `needs: majority` oder eine Zahl verlangen, oder `{earlier}` aus `not_by` nehmen"),
    severity="warning",
    what=both("Four eyes over a part that all of those have to decide for whom the later step is.",
              "Vier Augen über einen Teil, den alle entscheiden müssen, für die der spätere Schritt ist."),
    why=both("Only somebody who is given the role later could take it.", "Nur wer die Rolle später bekommt, könnte ihn ausführen."),
    wrong=_ALL % "all",
    right=_ALL % "majority",
)  # fmt: skip
FOUR_EYES_NOBODY = Code(
    "four-eyes-of-nobody",
    both("`not_by: {earlier}` in `{transition}` bars nobody: `{earlier}` happens by itself",
         "`not_by: {earlier}` in `{transition}` schließt niemanden aus: `{earlier}` geschieht von selbst"),
    remedy=both("name a step that a person takes", "einen Schritt nennen, den jemand ausführt"),
    severity="warning",
    what=both("Four eyes over a step that nobody takes.", "Vier Augen über einen Schritt, den niemand ausführt."),
    why=both("It looks like a safeguard and is none.", "Es sieht nach einer Sicherung aus und ist keine."),
    wrong=_ENTITY + _STATES + "  submit: {from: draft, to: open, when: amount > 5}\n  finish: {from: [draft, open], to: done, by: clerk, not_by: submit}\n",
    right=_flow("finish: {from: open, to: done, by: clerk, not_by: submit}"),
)  # fmt: skip
DEADLINE_NO_EXIT = Code(
    "deadline-without-exit",
    both("no case in {states} ever leaves the deadline `{deadline}`: it will be missed by every one",
         "kein Vorgang in {states} verlässt je die Frist `{deadline}`: jeder wird sie versäumen"),
    remedy=both("add a transition out of the states in which it runs", "einen Übergang aus den Zuständen ergänzen, in denen sie läuft"),
    severity="warning",
    what=both("A deadline that can only be missed.", "Eine Frist, die nur versäumt werden kann."),
    why=both("People would be warned of what they cannot help.", "Man würde vor etwas gewarnt, das niemand ändern kann."),
    wrong=_flow("back: {from: open, to: draft, by: clerk}", "finish: {from: open, to: done, by: clerk, when: 1 = 2}")
          + "deadlines:\n  decide: {runs_in: [draft, open], within: 3 weeks}\n",
    right=_flow("finish: {from: open, to: done, by: clerk}") + "deadlines:\n  decide: {runs_in: [draft, open], within: 3 weeks}\n",
)  # fmt: skip

_CASES = (
    "entity: office\nfields: {name: text!, officer: user}\naccess: {clerk: {create: true, read: true}}\n---\n"
    "entity: permit\nfields: {offices: {type: links, to: office}, visits: {type: back_links, of: visit.permit}}\n"
    "access: {clerk: {create: true, read: true, update: true}}\n---\n"
    "entity: visit\nfields: {permit: {type: link, to: permit}}\naccess: {clerk: {create: true, read: true}}\n---\n"
    "workflow: visiting\nof: visit\nstates: {begun: {initial: true}, held: {final: true}, missed: {final: true}}\n"
    "transitions:\n  hold: {from: begun, to: held, by: clerk}\n  miss: {from: begun, to: missed, by: clerk}\n---\n"
)
_EACH = (_CASES + "workflow: review\nof: permit\nstates: {draft: {initial: true}, open: {parallel: {offices: {each: offices, by: each.officer}}}, "
         "done: {final: true}}\ntransitions:\n  submit: {from: draft, to: open, by: clerk}\n  over: {from: open, to: done, when: complete}\n")
_WAITS = (_CASES + "workflow: review\nof: permit\nstates: {draft: {initial: true}, open: {waits_for: visits}, done: {final: true}}\n"
          "transitions:\n  submit: {from: draft, to: open, by: clerk}\n  over: {from: open, to: done, when: complete}\n")  # fmt: skip
EACH_EMPTY = Code(
    "each-may-be-empty",
    both("`{each}` of part `{part}` may be empty: `{state}` is then complete at once, and nobody was asked",
         "`{each}` im Teil `{part}` kann leer sein: `{state}` ist dann sofort vollständig, und niemand wurde gefragt"),
    remedy=both("require the field, or look at the list in the condition of the way there: when: count({each}) > 0",
                "das Feld verlangen, oder die Liste in der Bedingung des Wegs dorthin ansehen: when: count({each}) > 0"),
    severity="warning",
    what=both("One opinion for each record of a list that may have none.", "Je eine Stellungnahme zu den Datensätzen einer Liste, die leer sein kann."),
    why=both("A case could pass without a single opinion.", "Ein Vorgang könnte ohne eine einzige Stellungnahme durchgehen."),
    wrong=_EACH,
    right=_EACH.replace("to: open, by: clerk", "to: open, by: clerk, require: [offices]"),
)  # fmt: skip
WAITS_FOR_EVER = Code(
    "waits-for-ever",
    both("`{state}` waits for ever: no case of `{workflow}` ever comes to its end", "`{state}` wartet für immer: kein Vorgang von `{workflow}` kommt je zu Ende"),
    remedy=both("let `{workflow}` of `{entity}` reach a final state", "`{workflow}` von `{entity}` zu einem Endzustand kommen lassen"),
    what=both("Sub-cases that can never end.", "Teilvorgänge, die nie enden können."),
    why=both("The case that waits for them would be stuck.", "Der Vorgang, der auf sie wartet, bliebe stecken."),
    wrong=_WAITS.replace("hold: {from: begun, to: held, by: clerk}", "hold: {from: begun, to: held, by: clerk, when: 1 = 2}")
          .replace("miss: {from: begun, to: missed, by: clerk}", "miss: {from: begun, to: missed, by: clerk, when: 1 = 2}"),
    right=_WAITS,
)  # fmt: skip
WAITS_FOR_NOTHING = Code(
    "waits-for-nothing",
    both("`{state}` waits for records of `{entity}`, and nobody can make any", "`{state}` wartet auf Datensätze von `{entity}`, und niemand kann welche anlegen"),
    remedy=both("give a role the right to create them, or make them: do: [{{create: {entity}}}]",
                "einer Rolle das Recht geben, sie anzulegen, oder sie anlegen lassen: do: [{{create: {entity}}}]"),
    severity="warning",
    what=both("Waiting for sub-cases that nothing makes.", "Warten auf Teilvorgänge, die nichts anlegt."),
    why=both("The state would always be complete at once.", "Der Zustand wäre immer sofort vollständig."),
    wrong=_WAITS.replace("fields: {permit: {type: link, to: permit}}\naccess: {clerk: {create: true, read: true}}", "fields: {permit: {type: link, to: permit}}\naccess: {clerk: {read: true}}"),
    right=_WAITS,
)  # fmt: skip
STEP_NEVER = Code(
    "step-never-possible",
    both("the step `{step}` that `{owner}` takes of `{entity}` is never possible", "der Schritt `{step}`, den `{owner}` von `{entity}` nimmt, ist nie möglich"),
    remedy=both("name another transition, or mend its condition", "einen anderen Übergang nennen, oder seine Bedingung berichtigen"),
    severity="warning",
    what=both("An effect that takes a step which no case can ever take.", "Eine Wirkung, die einen Schritt nimmt, den kein Vorgang je nehmen kann."),
    why=both("It would be refused every time, and noted as such.", "Er würde jedes Mal abgelehnt und so vermerkt."),
    wrong=_WAITS.replace("submit: {from: draft, to: open, by: clerk}", "submit: {from: draft, to: open, by: clerk, do: [{step: miss, of: visits}]}")
          .replace("miss: {from: begun, to: missed, by: clerk}", "miss: {from: begun, to: missed, by: clerk, when: 1 = 2}"),
    right=_WAITS.replace("submit: {from: draft, to: open, by: clerk}", "submit: {from: draft, to: open, by: clerk, do: [{step: miss, of: visits}]}"),
)  # fmt: skip

CODES = (EACH_EMPTY, WAITS_FOR_EVER, WAITS_FOR_NOTHING, STEP_NEVER, STUCK, MAY_BE_STUCK, NO_END, NEVER_TAKEN, NOBODY_CAN, NEVER_REACHED, OVERLAP, GAP, CIRCLES, PART_NEVER, PASSED_THROUGH, FOUR_EYES_SKIPPED,
         FOUR_EYES_ONE_WAY, FOUR_EYES_ONE, FOUR_EYES_ALL, FOUR_EYES_NOBODY, DEADLINE_NO_EXIT)  # fmt: skip
