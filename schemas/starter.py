"""``fachwerk new`` as a function: a small project with comments, to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fachwerk.problems import Refused
from fachwerk.schemas.names import spelled_out
from fachwerk.schemas.wording import both, label_of

_APP = """\
# A project is a folder; every document in it declares one thing. `fachwerk validate` says what is wrong,
# `fachwerk dev` shows the application and follows every change.
app: {name}
label: {label}
languages: [en, de]              # the first is the default
timezone: Europe/Berlin
currency: EUR

---
# Who there is. Rights are given below, at each entity; whoever is not named there may do nothing.
roles:
  member: {{label: {{en: Member, de: Mitglied}}, signs_up: true}}      # may register by themselves
  office: {{label: {{en: Office, de: Büro}}}}

---
# What is sent to people; a rule in braces puts a value of the record in.
message: answered
subject: {{en: "Your request {{number}}", de: "Ihre Anfrage {{number}}"}}
body:
  en: "{{subject}}: {{answer}}"
  de: "{{subject}}: {{answer}}"

---
# People who can sign in to try it out.
demo: office
users: {{anna: member, olga: office}}
counts: {{request: 20}}
"""

_REQUEST = """\
# Three lines make an entity; labels, lists, forms and an API follow from them. The rest is what differs from the usual.
entity: request
label: {en: Request, de: Anfrage}
plural: {en: Requests, de: Anfragen}
title: number + " " + subject
fields:
  number:  {type: sequence, format: "R-{year}-{0000}", label: {en: Number, de: Nummer}}
  subject: {type: text, required: true, label: {en: Subject, de: Betreff}}
  kind:
    type: choice
    label: {en: Kind, de: Art}
    default: question
    options:
      question: {en: Question, de: Frage}
      fault:    {en: Fault, de: Störung}
  since:                                       # asked for only where something is broken
    type: date
    label: {en: Since, de: Seit}
    visible: kind = "fault"
    required: kind = "fault"
    max: today()
  photo:   {type: image, label: {en: Photo, de: Foto}}
  answer:  {type: long_text, label: {en: Answer, de: Antwort}}
form:
  - section: {en: Request, de: Anfrage}
    fields: [subject, [kind, since], photo]
  - section: {en: Answer, de: Antwort}
    fields: [answer]
    visible: state != "draft"
access:
  member: {create: true, read: created_by = me, update: created_by = me and state = "draft"}
  office: {read: state != "draft", update: state = "open"}

---
# From the first word to the answer.
workflow: handling
of: request
label: {en: Handling, de: Bearbeitung}
states:
  draft:    {initial: true, label: {en: Draft, de: Entwurf}}
  open:     {label: {en: Open, de: Offen}, color: blue}
  answered: {final: true, color: green, label: {en: Answered, de: Beantwortet}}
transitions:
  submit: {from: draft, to: open, by: created_by, label: {en: Submit, de: Absenden}}
  answer: {from: open, to: answered, by: office, require: answer, label: {en: Answer, de: Beantworten},
           do: [{notify: created_by, with: answered}]}
"""

_SCENARIOS = """\
# What must be so: `fachwerk test` tries it in memory, and says what no scenario tries.
scenario: whoever asks gets an answer
given:
  anna: {user: [member]}
  olga: {user: [office]}
steps:
  - {as: anna, create: {request: {subject: Heating, kind: fault}}, refused: {since: fill in}}
  - {as: anna, create: {request: {subject: Heating, kind: fault, since: 2026-03-01}}, name: heating}
  - {as: olga, cannot: read heating}                                   # it is still a draft
  - {as: anna, do: submit heating, expect: {heating: {state: open}}}
  - {as: olga, inbox: [heating]}
  - {as: olga, do: answer heating, refused: required}
  - {as: olga, do: answer heating, with: {answer: We are coming.}, sent: [{to: anna, message: answered, says: coming}]}
"""


def new_project(where: Path | str, name: str | None = None) -> tuple[Path, ...]:
    """Write a small project into the folder *where*, which must be empty or not there, and return its files.

    Raises :class:`Refused` if something is there already.
    """
    folder = Path(where)
    wanted = name or folder.resolve().name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(
            "folder-not-empty",
            both(f"{folder} is there already and not empty.", f"{folder} gibt es schon, und es ist nicht leer."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_written(folder / file, text) for file, text in starter(wanted).items())


def starter(name: str) -> Mapping[str, str]:
    """Return the files of a new project by their names."""
    word = spelled_out(name)
    label = label_of(word) if name == word else name.replace("\\n", " ")
    quoted = '"' + label.replace("\\\\", "").replace('"', "'") + '"'
    app = _APP.format(name=word, label=quoted)
    return {"app.yaml": app, "request.yaml": _REQUEST, "scenarios/request.yaml": _SCENARIOS}


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
