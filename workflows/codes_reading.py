"""Problems of the model check with who may read: whom a path names, and who is told by a message."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_PERMIT = (
    "entity: permit\nfields: {applicant: user, neighbour: user}\n"
    "access: {clerk: {create: true, read: 'state = \"draft\"'}, head: {read: applicant = me}}\n---\n"
    "workflow: review\nof: permit\nstates: {draft: {initial: true}, open: {}, done: {final: true}}\ntransitions:\n"
    "  submit: {from: draft, to: open, by: clerk}\n"
)

NAMED_UNREAD = Code(
    "named-may-not-read",
    both("`{what}` is up to whom `{path}` names, but being named there gives no right to read `{entity}` in state {states}",
         "`{what}` liegt bei der Person, die `{path}` nennt; dass sie dort steht, gibt ihr aber kein Recht, `{entity}` im Zustand {states} zu lesen"),
    label=both("read then only by: {others}", "dann lesen nur: {others}"),
    remedy=both("let them read it: read: {path} = me (with `or` beside what stands there already), or let somebody else decide",
                "sie lesen lassen: read: {path} = me (mit `or` neben dem, was schon da steht), oder jemand anderen entscheiden lassen"),
    severity="warning",
    what=both("People whom a path names are to decide, and no right to read goes by this path, while rights go by other people, or "
              "by this path in other states. Where everybody with some role may read, whom a path names is taken to have that role, "
              "unless a right goes by this very path.",
              "Leute, die ein Pfad nennt, sollen entscheiden, und kein Recht zu lesen folgt aus diesem Pfad, während Rechte aus anderen "
              "Pfaden folgen, oder aus diesem in anderen Zuständen. Wo alle mit einer Rolle lesen dürfen, gilt, wen ein Pfad nennt, als "
              "jemand mit dieser Rolle, wenn nicht ein Recht gerade aus diesem Pfad folgt."),
    why=both("Nobody can decide about what they cannot open.", "Niemand kann über etwas entscheiden, das er nicht öffnen kann."),
    wrong=_PERMIT + "  agree: {from: open, to: done, by: neighbour}\n",
    right=_PERMIT + "  agree: {from: open, to: done, by: applicant}\n",
)  # fmt: skip
_TEAMS = (
    "entity: permit\nfields: {number: text, officer: user}\naccess: {clerk: {create: true, read: officer = me}}\n---\n"
    "workflow: review\nof: permit\nstates: {draft: {initial: true}, done: {final: true}}\ntransitions:\n"
    "  finish: {from: draft, to: done, by: officer, do: [{notify: %s, with: finished}]}\n---\n"
    "message: finished\nsubject: 'Finished: {number}'\nbody: Please look.\n"
)
TELLS_UNREAD = Code(
    "message-tells-unread",
    both("`{message}` tells {fields} to everybody with the role `{role}`, {reason}",
         "`{message}` nennt {fields} allen mit der Rolle `{role}`, {reason}"),
    remedy=both("tell whom the record names (notify: path), let them read it, or take it out of the text",
                "die Personen benachrichtigen, die der Datensatz nennt (notify: Pfad), sie lesen lassen, oder es aus dem Text streichen"),
    severity="warning",
    what=both("A message to a role names fields of a record that not all who hold the role may read.",
              "Eine Nachricht an eine Rolle nennt Felder eines Datensatzes, den nicht alle mit dieser Rolle lesen dürfen."),
    why=both("Everybody with the role gets it: what they cannot open would stand in notices and mails.",
             "Alle mit der Rolle bekommen sie: was sie nicht öffnen können, stünde in Mitteilungen und Mails."),
    wrong=_TEAMS % "clerk",
    right=_TEAMS % "officer",
)  # fmt: skip

CODES = (NAMED_UNREAD, TELLS_UNREAD)
