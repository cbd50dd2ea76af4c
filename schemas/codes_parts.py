"""Problems with who has a say in a state: opinions of several, quorums, sub-cases and the steps of other workflows."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_HEAD = "workflow: review\nof: permit\nstates:\n  draft: {initial: true%s}\n  granted: {final: true}\n"
_GRANT = "transitions:\n  grant: {from: draft, to: granted, by: clerk}\n"
_PART = _HEAD + _GRANT
_OFFICES = "entity: office\nfields: {name: text!, officer: user}\naccess: {clerk: {create: true, read: true}}\n---\n"
_PERMIT = "entity: permit\nfields: {name: text, offices: {type: links, to: office}, owner: user}\naccess: {clerk: {create: true, read: true}}\n---\n"
_SUB = ("entity: inspection\nfields: {permit: {type: link, to: permit}}\n"
        "access: {clerk: {create: true, read: true}}\n---\n")  # fmt: skip
_FLOW = ("workflow: visit\nof: inspection\nstates: {open: {initial: true}, done: {final: true}, dropped: {final: true}}\n"
         "transitions:\n  finish: {from: open, to: done, by: clerk}\n  drop: {from: open, to: dropped, by: clerk}\n---\n")  # fmt: skip

EACH_NO_RECORDS = Code(
    "each-no-records",
    both("`each: {path}` leads to {type}, not to records", "`each: {path}` ist {type}; es müssen Datensätze sein"),
    remedy=both("name a link, a list of records, or a filter over one", "einen Verweis, eine Liste von Datensätzen oder einen Filter darüber nennen"),
    what=both("`each` with a rule that gives no records of an entity.", "`each` mit einer Regel, die keine Datensätze einer Entität ergibt."),
    why=both("There would be nothing that could have an opinion.", "Es gäbe nichts, wozu man sich äußern könnte."),
    wrong=_OFFICES + _PERMIT + _PART % ", parallel: {offices: {each: name, by: clerk}}",
    right=_OFFICES + _PERMIT + _PART % ", parallel: {offices: {each: offices, by: each.officer}}",
)  # fmt: skip
PART_QUORUM = Code(
    "too-few-people",
    both("`{part}` needs {needs} different people, and {people} can be {most} at most",
         "`{part}` braucht {needs} verschiedene Personen, und {people} sind höchstens {most}"),
    remedy=both("ask for fewer, or name a role or a list of people", "weniger verlangen, oder eine Rolle oder eine Liste von Personen nennen"),
    what=both("A quorum that is larger than the people who may give their opinion.", "Ein Quorum, das größer ist als die Zahl derer, die sich äußern dürfen."),
    why=both("The part would never have its outcome, and the case would wait for ever.", "Der Teil hätte nie sein Ergebnis, und der Vorgang wartete für immer."),
    wrong=_PERMIT.replace(", offices: {type: links, to: office}", "") + _PART % ", parallel: {board: {by: owner, needs: 2}}",
    right=_PART % ", parallel: {board: {by: clerk, needs: 2}}",
)  # fmt: skip
WAITS_FOR_NO_CASES = Code(
    "waits-for-no-cases",
    both("`waits_for: {path}` leads to no records with a workflow", "`waits_for: {path}` führt zu keinen Datensätzen mit Workflow"),
    remedy=both("name records of one entity that has a workflow", "Datensätze einer Entität nennen, die einen Workflow hat"),
    what=both("`waits_for` with a path to something that has no states.", "`waits_for` mit einem Pfad zu etwas, das keine Zustände hat."),
    why=both("Only what has a workflow can come to an end.", "Nur was einen Workflow hat, kann zu Ende kommen."),
    wrong=_OFFICES + _PERMIT + _PART % ", waits_for: offices",
    right=_SUB + _FLOW + _PART % ", waits_for: inspections",
)  # fmt: skip
WAITS_FOR_ENDLESS = Code(
    "waits-for-endless",
    both("the workflow of `{entity}` has no final state in `{field}`: waiting for it would never end",
         "der Workflow von `{entity}` hat in `{field}` keinen Endzustand: das Warten darauf endete nie"),
    remedy=both("mark the states in which it ends: {{final: true}}", "die Zustände kennzeichnen, in denen er endet: {{final: true}}"),
    what=both("Sub-cases whose workflow has no end.", "Teilvorgänge, deren Workflow kein Ende hat."),
    why=both("The case that waits for them would be stuck.", "Der Vorgang, der auf sie wartet, bliebe stecken."),
    wrong=_SUB + _FLOW.replace("{final: true}", "{}").replace("by: clerk}\n---", "by: clerk}\n  again: {from: [done, dropped], to: open, by: clerk}\n---")
          + _PART % ", waits_for: inspections",
    right=_SUB + _FLOW + _PART % ", waits_for: inspections",
)  # fmt: skip
STEP_NO_CASES = Code(
    "step-of-no-cases",
    both("`of: {path}` leads to no records with a workflow", "`of: {path}` führt zu keinen Datensätzen mit Workflow"),
    remedy=both("name records of one entity that has a workflow", "Datensätze einer Entität nennen, die einen Workflow hat"),
    what=both("`step` of records that have no workflow.", "`step` von Datensätzen, die keinen Workflow haben."),
    why=both("There is no step that they could take.", "Es gibt keinen Schritt, den sie nehmen könnten."),
    wrong=_OFFICES + _PERMIT + (_HEAD % "") + _GRANT.replace("clerk}", "clerk, do: [{step: drop, of: offices}]}"),
    right=_SUB + _FLOW + (_HEAD % "") + _GRANT.replace("clerk}", "clerk, do: [{step: drop, of: inspections}]}"),
)  # fmt: skip
STEP_WITHOUT_OF = Code(
    "step-without-of",
    both("`step: {step}` does not say whose", "`step: {step}` sagt nicht, wessen"),
    remedy=both("name the records with `of`", "die Datensätze mit `of` nennen"),
    what=both("A `step` without `of`.", "Ein `step` ohne `of`."),
    why=both("It is unknown which records take it.", "Es ist nicht bekannt, welche Datensätze ihn nehmen."),
    wrong=_SUB + _FLOW + (_HEAD % "") + _GRANT.replace("clerk}", "clerk, do: [{step: drop}]}"),
    right=_SUB + _FLOW + (_HEAD % "") + _GRANT.replace("clerk}", "clerk, do: [{step: drop, of: inspections}]}"),
)  # fmt: skip
SAME_STEP = Code(
    "step-in-two-workflows",
    both("two workflows of `{entity}` have a step `{step}`: `{first}` and `{second}`",
         "zwei Workflows von `{entity}` haben einen Schritt `{step}`: `{first}` und `{second}`"),
    remedy=both("give one of them another name", "einem davon einen anderen Namen geben"),
    what=both("Transitions or parts of the same name in two workflows of one entity.",
              "Übergänge oder Teile gleichen Namens in zwei Workflows einer Entität."),
    why=both("A step is called by its name, in pages, in the API and in the history.",
             "Ein Schritt wird mit seinem Namen aufgerufen: auf Seiten, in der API und in der Geschichte."),
    wrong=_PART % "" + "---\n" + (_PART % "").replace("review\n", "payment\n").replace("states:", "field: payment\nstates:"),
    right=_PART % "" + "---\n" + (_PART % "").replace("review\n", "payment\n").replace("states:", "field: payment\nstates:").replace("  grant:", "  pay:"),
)  # fmt: skip

CODES = (EACH_NO_RECORDS, PART_QUORUM, WAITS_FOR_NO_CASES, WAITS_FOR_ENDLESS, STEP_NO_CASES, STEP_WITHOUT_OF, SAME_STEP)
