"""Problems with what the files say about the configuration before: renames, what is given up, values for old records."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_SHED = "entity: shed\nfields:\n"

DROPPED_SAYS_MORE = Code(
    "dropped-says-more",
    both("what is given up says nothing else: `{key}`", "was aufgegeben wird, sagt sonst nichts: `{key}`"),
    remedy=both("take `{key}` out, or `drop`", "`{key}` herausnehmen, oder `drop`"),
    what=both("Keys beside `drop: true`.", "Angaben neben `drop: true`."),
    why=both("It is gone once this is deployed; what else is said of it has no effect.",
             "Es ist weg, sobald das eingespielt ist; was sonst darüber gesagt wird, wirkt nicht."),
    wrong=_SHED + "  fax: {drop: true, type: text}\n  use: text\n",
    right=_SHED + "  fax: {drop: true}\n  use: text\n",
)  # fmt: skip
WAS_STILL_THERE = Code(
    "was-still-there",
    both("`{name}` cannot be the former `{was}`: there is a `{was}` still", "`{name}` kann nicht das frühere `{was}` sein: `{was}` gibt es noch"),
    remedy=both("take `was` out, or the present `{was}`", "`was` herausnehmen, oder das jetzige `{was}`"),
    what=both("A `was:` with a name that is still declared.", "Ein `was:` mit einem Namen, den es noch gibt."),
    why=both("The values can go to one of them only.", "Die Werte können nur zu einem von beiden."),
    wrong=_SHED + "  use: {type: text, was: kind}\n  kind: text\n",
    right=_SHED + "  use: {type: text, was: kind}\n",
)  # fmt: skip
WAS_TWICE = Code(
    "was-twice",
    both("`{was}` was renamed twice: to `{first}` and to `{name}`", "`{was}` wurde zweimal umbenannt: in `{first}` und in `{name}`"),
    remedy=both("keep one `was: {was}`; the other gets its values by `fill: {was}`",
                "ein `was: {was}` behalten; das andere bekommt seine Werte durch `fill: {was}`"),
    what=both("Two things with the same former name.", "Zwei Dinge mit demselben früheren Namen."),
    why=both("The values can go to one of them only.", "Die Werte können nur zu einem von beiden."),
    wrong=_SHED + "  use: {type: text, was: kind}\n  sort: {type: text, was: kind}\n",
    right=_SHED + "  use: {type: text, was: kind}\n  sort: {type: text, fill: kind}\n",
)  # fmt: skip
NOT_BY_RULE = Code(
    "not-by-rule",
    both("`{field}`: a rule cannot give old records a value of kind {kind}", "`{field}`: eine Regel kann alten Datensätzen keinen Wert der Art {kind} geben"),
    remedy=both("leave `{key}` out; records keep what they have", "`{key}` weglassen; die Datensätze behalten, was sie haben"),
    what=both("`fill` or `convert` at a field whose values no rule can make.",
              "`fill` oder `convert` bei einem Feld, dessen Werte keine Regel ergeben kann."),
    why=both("Files, rows, lists of links, trees, secrets and numbers of a sequence are made by people or by the system.",
             "Dateien, Zeilen, Listen von Verknüpfungen, Bäume, Geheimnisse und laufende Nummern machen Menschen oder das System."),
    wrong=_SHED + "  code: {type: secret, fill: '\"x\"'}\n",
    right=_SHED + "  code: secret\n",
)  # fmt: skip

CODES = (DROPPED_SAYS_MORE, WAS_STILL_THERE, WAS_TWICE, NOT_BY_RULE)
