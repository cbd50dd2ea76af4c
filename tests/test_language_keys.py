"""Nothing is ignored: every key of the language is flipped once, and something that can be seen changes.

One configuration uses every key. For each key there is one change of the text; what can be observed before and after must
differ. Keys that the declaration knows and this table does not (or the other way round) fail the test.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import docx
import pytest
from fachwerk.engine.letters.archive import packed_again
from fachwerk.schemas.grammar import DOCUMENTS
from fachwerk.schemas.kinds.declare import COMMON, KINDS
from fachwerk.schemas.read import read_project
from fachwerk.schemas.shapes import Either, FieldOf, Group, Leaf, Named, Shape, Some
from observing import Step, observe

BASE = """\
app: works
label: {en: Works, de: Werk}
languages: [en, de]
timezone: Europe/Berlin
currency: EUR
calendar: {country: DE, subdivision: BY, office_hours: {mon-fri: [08:00-12:00, 13:00-17:00]}, closed: [2026-12-30]}
hue: 200
---
roles:
  clerk:   {label: {en: Clerk, de: Sachbearbeitung}}
  head:    {label: {en: Head, de: Leitung}, includes: [clerk]}
  citizen: {label: {en: Citizen, de: Bürger}, signs_up: true}
  auditor: {label: {en: Auditor, de: Revision}, reads: everything}
---
entity: person
label: {en: Person, de: Person}
plural: {en: Persons, de: Personen}
description: {en: Who we know, de: Wen wir kennen}
title: name + "!"
icon: user
menu: true
fields:
  name:  {type: text, required: true, label: {en: Name, de: Name}, hint: {en: Full, de: Ganz}, min_length: 2, max_length: 40, pattern: '[A-Z].*', pattern_hint: {en: Capital first, de: Gross}}
  code:  {type: text, unique: true, personal: true}
  bio:   {type: long_text, min_length: 2, max_length: 50}
  rich:  {type: rich_text, min_length: 2, max_length: 50}
  mail:  {type: email, min_length: 6, max_length: 50}
  fon:   {type: phone, min_length: 4, max_length: 50}
  web:   {type: url, min_length: 4, max_length: 50}
  bank:  {type: iban, min_length: 4, max_length: 50}
  pin:   {type: secret, min_length: 2, max_length: 50}
  age:   {type: integer, min: 1, max: 99, unit: y}
  size:  {type: decimal, min: 1, max: 99, places: 1, unit: m}
  part:  {type: percent, min: 1, max: 99, places: 1}
  pay:   {type: money, min: 1, max: 99, places: 2, currency: EUR}
  stars: {type: rating, min: 1, max: 4}
  born:  {type: date, min: date("1900-01-01"), max: date("2020-01-01")}
  wakes: {type: time, min: time("06:00:00"), max: time("20:00:00")}
  met:   {type: datetime, min: date and time("2000-01-01T00:00:00Z"), max: date and time("2030-01-01T00:00:00Z")}
  span:  {type: duration, min: duration("PT1H"), max: duration("PT9H")}
  tint:  {type: color}
  spot:  {type: geo_point}
  home:  {type: address}
  extra: {type: json}
  flag:  {type: boolean}
  fee:   {type: money}
  user:  {type: user, unique: true}
  hid:   text
  fix:   text
unique: [[name, age]]
checks:
  - that: age != 13
    on: age
    else: {en: Not 13, de: Nicht 13}
form:
  - section: {en: First, de: Zuerst}
    hint: {en: Look, de: Schau}
    fields: [[name, code], age, flag]
  - section: {en: Second, de: Danach}
    visible: flag
    fields: [size]
list: {columns: [name, age], sort: name, filters: [flag], search: [name]}
access:
  clerk:   {create: true, read: true, update: true, delete: true, hide: [hid], read_only: [fix]}
  citizen: {read: user = me}
---
entity: unit
fields:
  name: text!
  up:   {type: tree, on_delete: refuse, where: name != "closed"}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: case
fields:
  number: {type: sequence, format: "C-{year}-{000}", reset: yearly, first: 1}
  owner:  {type: link, to: person, on_delete: refuse, where: flag = true, required: true}
  others: {type: links, to: person, where: flag = true, min_count: 0, max_count: 2}
  kind:   {type: choice, options: {a: {label: {en: Aa, de: Ah}, color: red}, b: {label: {en: Bb, de: Be}, when: amount > 10}}, default: a}
  tags:   {type: choices, options: [x, y, z], min_count: 1, required: false, max_count: 2}
  amount: {type: integer, default: 5}
  more:   {type: text, visible: amount > 1, required: amount > 50, read_only: amount > 70}
  twice:  {type: integer, computed: amount * 2, stored: true}
  paper:  {type: file, accept: [pdf], max_size: 1 KB}
  papers: {type: files, accept: [pdf], max_size: 1 KB, min_count: 0, max_count: 1}
  photo:  {type: image, accept: [png], max_size: 1 KB}
  photos: {type: images, accept: [png], max_size: 1 KB, min_count: 0, max_count: 1}
  lines:
    type: rows
    min_count: 1
    max_count: 3
    unique: [[what]]
    checks: [{that: count < 9, on: count, else: Too many}]
    fields: {what: text!, count: integer}
  marked: {type: boolean}
  closed: {type: date}
list: {columns: [number, kind, state, due]}
access:
  clerk:   {create: true, read: true, update: true, delete: true}
  citizen: {read: owner.user = me}
---
entity: note
fields:
  text: text!
  on:   {type: link, to: case, on_delete: delete}
  about: {type: link, to: [person, unit]}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: board
fields:
  name:  text!
  cases: {type: back_links, of: seat.board}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: seat
fields:
  board: {type: link, to: board}
  other: {type: link, to: board}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
entity: panel
fields:
  name:  text!
  team:  {type: links, to: person}
  talks: {type: back_links, of: talk.panel}
access: {clerk: {create: true, read: true, update: true, delete: true}, head: {read: true}}
---
entity: talk
fields: {topic: text, panel: {type: link, to: panel}}
access: {clerk: {create: true, read: true, update: true, delete: true}}
---
workflow: talking
of: talk
states: {booked: {initial: true}, told: {final: true}, unsaid: {final: true}}
transitions:
  tell:  {from: booked, to: told, by: clerk}
  hush:  {from: booked, to: unsaid}
  still: {from: booked, to: unsaid}
  quiet: {from: booked, to: unsaid}
  loud:  {from: booked, to: told}
---
workflow: panelling
of: panel
states:
  fresh: {initial: true}
  round:
    parallel:
      voices: {each: team, by: clerk, outcomes: [fine]}
      chairs: {by: [clerk, head], needs: 2, outcomes: [fine]}
  held: {waits_for: talks}
  shut: {final: true}
transitions:
  call:  {from: fresh, to: round, by: clerk}
  hold:  {from: round, to: held, when: complete}
  close: {from: held, to: shut, when: complete}
  quit:  {from: [fresh, round, held], to: shut, by: clerk, do: [{step: hush, of: talks}]}
deadlines:
  tired: {runs_in: round, within: 5 days, warn: {before: 1 day, do: [{step: loud, of: talks}]}, missed: [{step: still, of: talks}]}
---
automation: silence
of: talk
on: [created]
where: topic = "quiet"
do: [{step: quiet, of: this}]
---
relation: tie
label: {en: knows, de: kennt}
inverse_label: {en: known by, de: bekannt mit}
inverse: known_by
plural: {en: Ties, de: Bande}
description: {en: Who knows whom, de: Wer wen kennt}
title: string(since)
icon: link
menu: true
from: {to: person, as: one}
to: {to: person, as: two}
fields: {weight: integer, why: text, how: text}
valid: {from: since, until: until}
unique: [[one, two]]
checks: [{that: weight < 10, on: weight, else: Too heavy}]
form: [{section: Tie, hint: Careful, visible: true, fields: [one, two, weight, since, until]}]
list: {columns: [one, two, since], sort: since, filters: [one], search: [why]}
access:
  clerk: {create: true, read: true, update: true, delete: true, hide: [], read_only: []}
---
decision: price
label: {en: Price, de: Preis}
inputs: {n: case.amount}
output: number
hit: first
table: |
  | n   | => price |
  | < 3 | 10       |
  | < 9 | 20       |
default: 7
---
decision: level
inputs: {n: number}
output: {type: text, options: [low, high]}
hit: unique
rows:
  - {n: "< 5", level: '"low"'}
  - {n: ">= 5", level: '"high"'}
---
decision: plain
inputs: {n: number}
output: number
rule: n + 1
---
decision: sheet
inputs: {n: number}
output: number
hit: first
file: sheet.csv
---
entity: sums
fields:
  n: integer!
  p: {computed: price(n)}
  l: {computed: level(n)}
  q: {computed: plain(n)}
  s: {computed: sheet(n)}
access: {clerk: {create: true, read: true, update: true}}
---
workflow: flow
of: case
field: state
label: {en: Flow, de: Ablauf}
states:
  open:   {initial: true, label: {en: Open, de: Offen}, color: blue}
  check:
    label: {en: In check, de: In Prüfung}
    read_only: [amount]
    needs: 1
    parallel:
      cash: {label: {en: Cash, de: Kasse}, by: head, after: law}
      law:  {label: {en: Law, de: Recht}, by: clerk, not_by: drop, within: 2 weeks, outcomes: {yes: {label: {en: Fine, de: Gut}, color: green}, no: {label: {en: Bad, de: Schlecht}, color: red}}}
  wait:   {editable: [more], required: [more]}
  done:   {final: true, color: green}
  gone:   {final: true}
transitions:
  begin:
    label: {en: Begin, de: Beginnen}
    from: open
    to: check
    by: clerk
    require: [closed]
    fill: [more]
    comment: required
    set: {marked: false}
    confirm: {en: Sure, de: Sicher}
    color: red
    do: [{notify: owner, with: told}, {mark: marked}, {set: {tags: '["y"]'}}, {create: note, values: {text: '"begun " + number', on: this}}, {change: owner, values: {age: 33}}, {webhook: third, send: {begun: amount}}, {document: sheet, into: begun_paper, as: docx}, {notify: clerk, with: late, attach: [sheet, form_a]}]
  next:   {from: check, to: wait, when: complete}
  finish: {from: wait, to: done, by: head, not_by: begin, when: amount < 100, comment: none}
  drop:   {from: [open, wait], to: gone, by: clerk}
  lapse:  {from: wait, to: gone}
  back:   {from: [check, wait], to: open, by: head}
deadlines:
  soon:
    label: {en: Soon, de: Bald}
    runs_in: [check, wait]
    within: 10 days
    warn: 2 days
    missed: [{notify: head, with: late}, {mark: lost}]
  much:
    runs_in: wait
    within: 90 days
    then: lapse
  rest:
    runs_in: check
    paused_in: wait
    within: 30 days
    warn: [28 days, {before: 25 days, do: [{notify: owner, with: told}, {mark: warned}, {set: {tags: '["x", "z"]'}}, {create: note, values: {text: '"warned " + number', on: this}}, {change: owner, values: {age: 34}}, {webhook: fourth, send: {soon: amount}}, {document: sheet, into: warned_paper, as: docx}, {notify: clerk, with: late, attach: [form_a, sheet]}]}]
    pause: {by: clerk}
    extend: {by: clerk, most: 2 weeks, times: 1}
  quick: {runs_in: check, within: 40 office hours}
  later:
    runs_in: [check, wait]
    within: 8 days
    missed: [{set: {tags: '["z"]'}}, {create: note, values: {text: '"missed " + number', on: this}}, {change: owner, values: {age: 32}}, {webhook: other, send: {late: amount}}, {document: sheet, into: too_late, as: docx}, {notify: clerk, with: late, attach: [sheet, form_b]}]
---
message: told
of: case
to_field: mail
subject: {en: "{number}", de: "{number}"}
body: {en: "Hello {owner.name}", de: "Hallo {owner.name}"}
---
message: late
of: case
subject: Late
body: Late
---
document: sheet
of: case
label: {en: Sheet, de: Blatt}
title: {en: "Sheet {number}", de: "Blatt {number}"}
language: en
by: clerk
page: A5
logo: sign.png
sender: From us
to: "{owner.name}"
date: "{today()}"
header: Up here
footer: "{page} of {pages}"
text: {en: "# Sheet {number}", de: "# Blatt {number}"}
---
document: form_a
of: case
label: {en: Form a, de: Formular a}
file: form.docx
---
document: form_b
of: case
label: {en: Form b, de: Formular b}
file: blank.docx
---
document: form_c
of: case
label: {en: Form c, de: Formular c}
file: blank.docx
---
automation: after
of: case
on: [begin]
where: amount < 90
do: [{notify: owner, with: told}, {mark: seen}, {set: {closed: date("2027-01-01")}}, {create: note, values: {text: '"note " + number', on: this}}, {change: owner, values: {age: 31}}, {webhook: sink, send: {n: amount}}, {document: sheet, into: automated, as: docx}, {notify: clerk, with: late, attach: [sheet, form_c]}]
---
automation: daily
of: unit
every: {day_at: "07:00"}
do: [{change: this, values: {name: '"Daily"'}}]
---
automation: office
of: unit
every: {working_day_at: "08:00"}
do: [{set: {name: '"Office"'}}]
---
automation: often
of: unit
every: {hours: 6}
do: [{set: {name: '"Often"'}}]
---
automation: idle
of: person
inactive: 30 days
do: [{set: {code: '"idle"'}}]
---
scenario: the whole way
today: 2026-02-03
given:
  cara:  {user: [clerk]}
  hugo:  {user: [head]}
  cliff: {user: [citizen], person: {name: Cliff, flag: true, mail: cliff@works.example, hid: secret}}
  job:   {case: {owner: cliff, tags: [x], lines: [{what: w, count: 2}], amount: 5, more: m}}
steps:
  - {as: cara, do: begin job, comment: Go on, with: {closed: 2026-02-01}, expect: {job: {state: check}}, sent: [{to: cliff, message: told, says: Hello Cliff}, {webhook: third}]}
  - {as: cara, do: drop job, refused: wrong_state}
  - {as: cara, do: rest.extend job, by: 1 day, comment: More time}
  - {as: cara, do: law.yes job, about: cliff, refused: unknown_action}
  - {absent: {hugo: {deputy: cara, until: 2026-02-20}}}
  - {as: cara, for: hugo, do: finish job, refused: wrong_state}
  - {later: 9 days, made: {memo: note}}
  - {expect: {memo: {text: missed C-2026-001}}}
  - {as: cara, sees: {job: [amount]}, hides: {cliff: [hid]}, finds: {case: [job]}, inbox: [job], can: update job, cannot: begin job}
  - {everyone: yes job}
  - {as: cara, create: {unit: {name: Hall}}, name: hall}
  - {as: cara, update: {hall: {name: Yard}}}
  - {as: cara, remove: hall}
---
demo: all
users: {carla: {name: Carla Berg, roles: clerk}, hana: head}
counts: {person: 5, unit: 2, case: 30}
values: {person: {name: [Anna, Berta]}}
samples: {unit: [{name: Hall}, {name: Yard}]}
comments: {begin: [Soon done.]}
"""

PDF = "JVBERi0xLjQKYQ=="
PNG = "iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
GOOD = {
    "name": "Anna", "code": "c", "bio": "bio", "rich": "<p>hi</p>", "mail": "anna@works.example", "fon": "+4989123456",
    "web": "https://works.example", "bank": "DE89370400440532013000", "pin": "1234", "age": 20, "size": 1.5, "part": 50.5,
    "pay": 20.25, "stars": 3, "born": "2000-01-01", "wakes": "07:00", "met": "2020-01-01T10:00:00Z", "span": "PT2H",
    "tint": "#112233", "spot": {"latitude": 50, "longitude": 8}, "home": {"city": "Hof"}, "extra": {"a": 1}, "flag": True, "fee": 5,
    "user": "$user:citizen",
}  # fmt: skip
CASE = {"owner": "$1", "tags": ["x"], "lines": [{"what": "w", "count": 2}], "amount": 5, "more": "m"}


def person(**values: object) -> Step:
    """A second person that differs from the first only in *values*."""
    plain = {"name": "Bert", "flag": True, "age": 30, **values}
    return ("clerk", "POST", "/api/v1/person", plain)


def case(**values: object) -> Step:
    """A case that differs from the first only in *values*."""
    return ("clerk", "POST", "/api/v1/case", {**CASE, **values})


EXTEND: Step = ("clerk", "POST", "/api/v1/case/$20/actions/rest.extend", {"comment": "c", "by": "1 days"})
CALENDAR = (
    "calendar: {country: DE, subdivision: BY, office_hours: {mon-fri: [08:00-12:00, 13:00-17:00]}, closed: [2026-12-30]}"
)
STEPS: tuple[Step, ...] = (
    ("clerk", "POST", "/api/v1/person", GOOD),
    ("clerk", "POST", "/api/v1/case", {**CASE, "papers": [{"name": "a.pdf", "content": PDF}]}),
    ("clerk", "POST", "/api/v1/case/$2/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}),
    ("clerk", "PATCH", "/api/v1/case/$2", {"amount": 6}),
    ("clerk", "POST", "/api/v1/case/$2/actions/law.yes", {}),
    ("clerk", "PATCH", "/api/v1/case/$2", {"more": None}),
    ("clerk", "PATCH", "/api/v1/case/$2", {"amount": 8}),
    ("head", "POST", "/api/v1/case/$2/actions/finish", {"comment": "c"}),
    ("clerk", "POST", "/api/v1/sums", {"n": 4}),
    ("clerk", "POST", "/api/v1/unit", {"name": "Top"}),
    ("clerk", "POST", "/api/v1/unit", {"name": "closed"}),
    ("clerk", "POST", "/api/v1/unit", {"name": "Below", "up": "$10"}),
    person(),
    ("clerk", "POST", "/api/v1/tie", {"one": "$1", "two": "$13", "weight": 1, "why": "abc", "since": "2020-01-01"}),
    ("clerk", "POST", "/api/v1/note", {"text": "t", "on": "$2", "about": {"entity": "unit", "id": "$10"}}),
    ("clerk", "POST", "/api/v1/board", {"name": "B"}),
    ("clerk", "POST", "/api/v1/seat", {"board": "$16"}),
    ("clerk", "GET", "/api/v1/case?sort=twice", {}),
    case(),
    case(),
    ("head", "POST", "/api/v1/case/$20/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}),
    case(),
    ("head", "POST", "/api/v1/case/$22/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}),
    ("clerk", "POST", "/api/v1/case/$22/actions/law.yes", {}),
)


def act(name: str, who: str = "clerk") -> Step:
    """A step of the first case."""
    return (who, "POST", f"/api/v1/case/$2/actions/{name}", {"comment": "c"})


PANEL: tuple[Step, ...] = (
    ("clerk", "POST", "/api/v1/panel", {"name": "P", "team": ["$1", "$13"]}),
    ("clerk", "POST", "/api/v1/talk", {"panel": "$25"}),
    ("clerk", "POST", "/api/v1/panel/$25/actions/call", {}),
)
"""A panel of two with a talk, called together."""
ASK: Step = ("clerk", "GET", "/api/v1/panel/$25/actions", {})
LATE: Step = ("", "CLOCK", "2026-03-20T00:00:00+00:00", {})


def fine(name: str, who: str = "clerk") -> Step:
    """An opinion about the panel."""
    return (who, "POST", f"/api/v1/panel/$25/actions/{name}.fine", {})


Flip = tuple[str, str, tuple[Step, ...]]

FLIPS: dict[str, Flip] = {
    "app.app": ("app: works", "app: plant", ()),
    "app.label": ("label: {en: Works,", "label: {en: Plant,", ()),
    "app.languages": ("languages: [en, de]", "languages: [de, en]", ()),
    "app.timezone": ("timezone: Europe/Berlin", "timezone: America/New_York", ()),
    "app.currency": ("currency: EUR\ncalendar", "currency: CHF\ncalendar", ()),
    "app.calendar": (CALENDAR + "\n", "calendar: {country: DE, office_hours: {mon-fri: 10:00-12:00}}\n", ()),
    "app.calendar.office_hours": ("[08:00-12:00, 13:00-17:00]", "[09:00-12:00, 13:00-18:00]", ()),
    "app.calendar.closed": (", closed: [2026-12-30]", "", ()),
    "app.calendar.country": ("country: DE, subdivision: BY", "country: FR", ()),
    "app.calendar.subdivision": ("subdivision: BY", "subdivision: BE", ()),
    "app.hue": ("hue: 200", "hue: 20", ()),
    "roles.roles": ("  auditor: {label: {en: Auditor, de: Revision}, reads: everything}\n", "", ()),
    "roles.roles.label": ("{en: Clerk,", "{en: Officer,", ()),
    "roles.roles.includes": (", includes: [clerk]", "", ()),
    "roles.roles.reads": (", reads: everything", "", ()),
    "roles.roles.signs_up": (", signs_up: true", "", ()),
}
FLIPS |= {
    "entity.entity": ("entity: board\nfields", "entity: bored\nfields", ()),
    "entity.label": ("label: {en: Person,", "label: {en: Somebody,", ()),
    "entity.plural": ("plural: {en: Persons,", "plural: {en: People,", ()),
    "entity.description": ("{en: Who we know,", "{en: Who we met,", ()),
    "entity.title": ('title: name + "!"', "title: name", ()),
    "entity.icon": ("icon: user\n", "icon: building\n", ()),
    "entity.menu": ("menu: true\nfields:\n  name:", "menu: false\nfields:\n  name:", ()),
    "entity.fields": ("  extra: {type: json}\n", "", ()),
    "entity.unique": ("unique: [[name, age]]\n", "", (person(name="Anna", age=20),)),
    "entity.checks": ("checks:\n  - that: age != 13\n    on: age\n    else: {en: Not 13, de: Nicht 13}\n", "", (person(age=13),)),
    "entity.checks.that": ("age != 13", "age != 14", (person(age=13),)),
    "entity.checks.on": ("    on: age\n", "    on: name\n", (person(age=13),)),
    "entity.checks.else": ("{en: Not 13,", "{en: Never 13,", (person(age=13),)),
    "entity.form": ("  - section: {en: Second, de: Danach}\n    visible: flag\n    fields: [size]\n", "", ()),
    "entity.form.section": ("{en: First,", "{en: Begin,", ()),
    "entity.form.hint": ("    hint: {en: Look, de: Schau}\n", "", ()),
    "entity.form.fields": ("[[name, code], age, flag]", "[age, name, code, flag]", ()),
    "entity.form.visible": ("    visible: flag\n", "", (person(flag=False, size=1.5),)),
    "entity.list": ("list: {columns: [name, age], sort: name, filters: [flag], search: [name]}\n", "", ()),
    "entity.list.columns": ("columns: [name, age]", "columns: [name, flag]", ()),
    "entity.list.sort": ("sort: name, filters", "sort: -name, filters", ()),
    "entity.list.filters": ("filters: [flag]", "filters: [age]", ()),
    "entity.list.search": (", search: [name]}\naccess", ", search: [code]}\naccess", (("clerk", "GET", "/api/v1/person?q=Anna", {}),)),
    "entity.access": ("  citizen: {read: user = me}\n", "", ()),
    "entity.access.create": ("clerk:   {create: true, read: true, update: true, delete: true, hide: [hid]", "clerk:   {read: true, update: true, delete: true, hide: [hid]", ()),
    "entity.access.read": ("citizen: {read: user = me}", "citizen: {read: true}", ()),
    "entity.access.update": ("read: true, update: true, delete: true, hide: [hid]", "read: true, delete: true, hide: [hid]", ()),
    "entity.access.delete": ("delete: true, hide: [hid]", "hide: [hid]", ()),
    "entity.access.hide": (", hide: [hid]", "", ()),
    "entity.access.read_only": (", read_only: [fix]", "", (person(fix="x"),)),
}
FLIPS |= {
    "relation.relation": ("relation: tie", "relation: bond", ()),
    "relation.label": ("label: {en: knows,", "label: {en: met,", ()),
    "relation.inverse_label": ("{en: known by,", "{en: met by,", ()),
    "relation.inverse": ("inverse: known_by\n", "inverse: met_by\n", ()),
    "relation.plural": ("{en: Ties,", "{en: Knots,", ()),
    "relation.description": ("{en: Who knows whom,", "{en: Who met whom,", ()),
    "relation.title": ("title: string(since)", "title: string(weight)", ()),
    "relation.icon": ("icon: link", "icon: building", ()),
    "relation.menu": ("menu: true\nfrom", "menu: false\nfrom", ()),
    "relation.from": ("from: {to: person, as: one}", "from: {to: unit, as: one}", ()),
    "relation.from.to": ("from: {to: person, as: one}", "from: {to: [person, unit], as: one}", ()),
    "relation.from.as": ("as: one}", "as: first}", ()),
    "relation.to": ("to: {to: person, as: two}", "to: {to: unit, as: two}", ()),
    "relation.to.to": ("to: {to: person, as: two}", "to: {to: [person, unit], as: two}", ()),
    "relation.to.as": ("as: two}", "as: second}", ()),
    "relation.fields": ("fields: {weight: integer, why: text, how: text}", "fields: {weight: integer, why: text, how: text, no: text}", ()),
    "relation.valid": ("valid: {from: since, until: until}", "valid: {from: begin, until: until}", ()),
    "relation.valid.from": ("{from: since,", "{from: begin,", ()),
    "relation.valid.until": (", until: until}", ", until: end}", ()),
    "relation.unique": ("unique: [[one, two]]\n", "", (("clerk", "POST", "/api/v1/tie", {"one": "$1", "two": "$13"}),)),
    "relation.checks": ("checks: [{that: weight < 10, on: weight, else: Too heavy}]\n", "", (("clerk", "PATCH", "/api/v1/tie/$14", {"weight": 11}),)),
    "relation.checks.that": ("weight < 10", "weight < 20", (("clerk", "PATCH", "/api/v1/tie/$14", {"weight": 11}),)),
    "relation.checks.on": ("on: weight, else", "on: since, else", (("clerk", "PATCH", "/api/v1/tie/$14", {"weight": 11}),)),
    "relation.checks.else": ("else: Too heavy", "else: Too much", (("clerk", "PATCH", "/api/v1/tie/$14", {"weight": 11}),)),
    "relation.form": ("[one, two, weight, since, until]", "[two, one]", ()),
    "relation.form.section": ("section: Tie", "section: Bond", ()),
    "relation.form.hint": ("hint: Careful", "hint: Easy", ()),
    "relation.form.visible": ("hint: Careful, visible: true", "hint: Careful, visible: weight > 100", ()),
    "relation.form.fields": ("[one, two, weight, since, until]", "[two, one, weight, since, until]", ()),
    "relation.list": ("list: {columns: [one, two, since], sort: since, filters: [one], search: [why]}\n", "", ()),
    "relation.list.columns": ("columns: [one, two, since]", "columns: [two, since]", ()),
    "relation.list.sort": ("sort: since, filters", "sort: -since, filters", ()),
    "relation.list.filters": ("filters: [one]", "filters: [two]", ()),
    "relation.list.search": (", search: [why]", ", search: [how]", (("clerk", "GET", "/api/v1/tie?q=abc", {}),)),
    "relation.access": ("  clerk: {create: true, read: true, update: true, delete: true, hide: [], read_only: []}", "  head: {create: true, read: true, update: true, delete: true, hide: [], read_only: []}", ()),
    "relation.access.create": ("clerk: {create: true, read: true, update: true, delete: true, hide: []", "clerk: {read: true, update: true, delete: true, hide: []", ()),
    "relation.access.read": ("clerk: {create: true, read: true, update: true, delete: true, hide: []", "clerk: {create: true, update: true, delete: true, hide: []", ()),
    "relation.access.update": ("update: true, delete: true, hide: []", "delete: true, hide: []", ()),
    "relation.access.delete": ("delete: true, hide: []", "hide: []", ()),
    "relation.access.hide": ("hide: [], read_only: []", "hide: [weight], read_only: []", ()),
    "relation.access.read_only": ("read_only: []", "read_only: [weight]", ()),
}
FLIPS |= {
    "workflow.workflow": ("workflow: flow", "workflow: stream", ()),
    "workflow.of": ("of: case\nfield", "of: unit\nfield", ()),
    "workflow.field": ("field: state\nlabel", "field: stage\nlabel", ()),
    "workflow.cases": ("label: {en: Flow,", "cases: keep\nlabel: {en: Flow,", ()),
    "workflow.label": ("{en: Flow,", "{en: Stream,", ()),
    "workflow.states": ("  gone:   {final: true}", "  gone2:  {final: true}", ()),
    "workflow.states.label": ("{en: Open,", "{en: Fresh,", ()),
    "workflow.states.initial": ("open:   {initial: true, ", "open:   {", ()),
    "workflow.states.final": ("gone:   {final: true}", "gone:   {}", ()),
    "workflow.states.color": ("color: blue", "color: red", ()),
    "workflow.states.parallel": ("      cash: {label", "      paying: {label", ()),
    "workflow.states.waits_for": ("waits_for: talks}", "waits_for: 'talks[topic != null]'}", (("clerk", "POST", "/api/v1/panel", {"name": "P"}), *PANEL[1:], fine("chairs"), fine("chairs", "head"))),
    "workflow.states.parallel.each": ("{each: team, by: clerk", "{each: 'team[age > 25]', by: clerk", (*PANEL, ASK)),
    "workflow.states.parallel.needs": ("by: [clerk, head], needs: 2", "by: [clerk, head], needs: 1", (*PANEL, fine("chairs"), ASK)),
    "workflow.transitions.do.step": ("{step: hush, of: talks}", "{step: loud, of: talks}", (*PANEL, ("clerk", "POST", "/api/v1/panel/$25/actions/quit", {}))),
    "workflow.transitions.do.of": ("{step: hush, of: talks}", "{step: hush, of: 'talks[topic != null]'}", (*PANEL, ("clerk", "POST", "/api/v1/panel/$25/actions/quit", {}))),
    "workflow.deadlines.missed.step": ("{step: still, of: talks}", "{step: hush, of: talks}", (*PANEL, LATE)),
    "workflow.deadlines.missed.of": ("{step: still, of: talks}", "{step: still, of: 'talks[topic != null]'}", (*PANEL, LATE)),
    "workflow.deadlines.warn.do.step": ("{step: loud, of: talks}", "{step: hush, of: talks}", (*PANEL, LATE)),
    "workflow.deadlines.warn.do.of": ("{step: loud, of: talks}", "{step: loud, of: 'talks[topic != null]'}", (*PANEL, LATE)),
    "automation.do.step": ("{step: quiet, of: this}", "{step: loud, of: this}", (("clerk", "POST", "/api/v1/talk", {"topic": "quiet"}),)),
    "automation.do.of": ("{step: quiet, of: this}", "{step: quiet, of: panel.talks}", (("clerk", "POST", "/api/v1/talk", {"topic": "quiet"}),)),
    "workflow.states.needs": ("    needs: 1\n", "", ()),
    "workflow.states.parallel.after": (", after: law}", "}", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}), ("head", "POST", "/api/v1/case/$25/actions/cash.approve", {}))),
    "workflow.states.parallel.label": ("{en: Law,", "{en: Rules,", ()),
    "workflow.states.parallel.by": ("by: clerk, not_by: drop", "by: head, not_by: drop", ()),
    "workflow.states.parallel.not_by": ("not_by: drop, within", "not_by: begin, within", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}), ("clerk", "POST", "/api/v1/case/$25/actions/law.yes", {}))),
    "workflow.states.parallel.within": (", within: 2 weeks", "", ()),
    "workflow.states.parallel.outcomes": ("outcomes: {yes:", "outcomes: {okay:", ()),
    "workflow.states.parallel.outcomes.label": ("{en: Fine,", "{en: Good,", ()),
    "workflow.states.parallel.outcomes.color": ("color: green}, no", "color: red}, no", ()),
    "workflow.states.editable": ("editable: [more], ", "", ()),
    "workflow.states.read_only": ("    read_only: [amount]\n", "", ()),
    "workflow.states.required": (", required: [more]", "", ()),
    "workflow.transitions": ("  drop:   {from", "  leave:   {from", ()),
    "workflow.transitions.label": ("{en: Begin, de: Beginnen}", "{en: Go, de: Los}", ()),
    "workflow.transitions.from": ("from: [open, wait]", "from: open", ()),
    "workflow.transitions.to": ("to: gone, by: clerk", "to: done, by: clerk", (act("drop"),)),
    "workflow.transitions.by": ("to: done, by: head", "to: done, by: clerk", ()),
    "workflow.transitions.not_by": ("not_by: begin", "not_by: drop", (("head", "POST", "/api/v1/case/$22/actions/finish", {}),)),
    "workflow.transitions.when": ("when: amount < 100", "when: amount < 5", ()),
    "workflow.transitions.require": ("    require: [closed]\n", "", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"comment": "c"}))),
    "workflow.transitions.fill": ("    fill: [more]\n", "", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"comment": "c", "values": {"closed": "2026-01-01", "more": "x"}}))),
    "workflow.transitions.comment": ("    comment: required\n", "", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"values": {"closed": "2026-01-01"}}))),
    "workflow.transitions.set": ("set: {marked: false}", "set: {more: '\"set\"'}", ()),
    "workflow.transitions.confirm": ("    confirm: {en: Sure, de: Sicher}\n", "", (("clerk", "POST", "/api/v1/case", CASE),)),
    "workflow.transitions.color": ("    color: red\n", "", (("clerk", "POST", "/api/v1/case", CASE),)),
    "workflow.transitions.do": ("do: [{notify: owner, with: told}, {mark: marked}, {set: {tags", "do: [{set: {tags", ()),
    "workflow.transitions.do.notify": ("{notify: owner, with: told}, {mark: marked}", "{notify: head, with: told}, {mark: marked}", ()),
    "workflow.transitions.do.with": ("with: told}, {mark: marked}", "with: late}, {mark: marked}", ()),
    "workflow.transitions.do.mark": ("with: told}, {mark: marked}", "with: told}", ()),
    "workflow.deadlines": ("deadlines:\n  soon:", "deadlines:\n  later:", ()),
    "workflow.deadlines.label": ("{en: Soon,", "{en: Shortly,", ()),
    "workflow.deadlines.runs_in": ("runs_in: [check, wait]\n    within: 10", "runs_in: [wait]\n    within: 10", ()),
    "workflow.deadlines.within": ("within: 10 days", "within: 30 days", ()),
    "workflow.deadlines.warn": ("    warn: 2 days\n", "", ()),
    "workflow.deadlines.paused_in": ("    paused_in: wait\n", "", ()),
    "workflow.deadlines.pause": ("    pause: {by: clerk}\n", "", ()),
    "workflow.deadlines.pause.by": ("pause: {by: clerk}", "pause: {by: head}", ()),
    "workflow.deadlines.extend": ("    extend: {by: clerk, most: 2 weeks, times: 1}\n", "", ()),
    "workflow.deadlines.extend.by": ("extend: {by: clerk,", "extend: {by: head,", ()),
    "workflow.deadlines.extend.most": ("most: 2 weeks", "most: 3 weeks", ()),
    "workflow.deadlines.extend.times": (", times: 1}", ", times: 2}", (EXTEND, EXTEND)),
    "workflow.deadlines.warn.before": ("{before: 25 days", "{before: 24 days", ()),
    "workflow.deadlines.warn.do": ("warn: [28 days, {before: 25 days, do: [{notify: owner, with: told}, {mark: warned}, ", "warn: [28 days, {before: 25 days, do: [", ()),
    "workflow.deadlines.warn.do.notify": ("do: [{notify: owner, with: told}, {mark: warned}", "do: [{notify: head, with: told}, {mark: warned}", ()),
    "workflow.deadlines.warn.do.with": ("with: told}, {mark: warned}", "with: late}, {mark: warned}", ()),
    "workflow.deadlines.warn.do.mark": ("with: told}, {mark: warned}", "with: told}", ()),
    "workflow.deadlines.warn.do.document": ("{document: sheet, into: warned_paper", "{document: form_a, into: warned_paper", ()),
    "workflow.deadlines.warn.do.into": ("into: warned_paper, as", "as", ()),
    "workflow.deadlines.warn.do.as": ("warned_paper, as: docx", "warned_paper", ()),
    "workflow.deadlines.warn.do.attach": (", attach: [form_a, sheet]", "", ()),
    "workflow.deadlines.then": ("    then: lapse\n", "    then: back\n", (case(), ("clerk", "POST", "/api/v1/case/$25/actions/begin", {"comment": "c", "values": {"closed": "2026-01-05"}}), ("clerk", "POST", "/api/v1/case/$25/actions/law.yes", {}), ("", "CLOCK", "2027-06-01T00:00:00+00:00", {}))),
    "workflow.deadlines.missed": ("    missed: [{notify: head, with: late}, {mark: lost}]\n", "", ()),
    "workflow.deadlines.missed.notify": ("missed: [{notify: head,", "missed: [{notify: clerk,", ()),
    "workflow.deadlines.missed.with": ("missed: [{notify: head, with: late}", "missed: [{notify: head, with: told}", ()),
    "workflow.deadlines.missed.mark": ("with: late}, {mark: lost}]", "with: late}]", ()),
}
FLIPS |= {
    "decision.decision": ("decision: plain", "decision: simple", ()),
    "decision.label": ("{en: Price,", "{en: Cost,", ()),
    "decision.inputs": ("inputs: {n: case.amount}", "inputs: {m: case.amount}", ()),
    "decision.output": ("output: number\nrule", "output: text\nrule", ()),
    "decision.output.type": ("{type: text, options: [low, high]}", "{type: number}", ()),
    "decision.output.options": ("options: [low, high]", "options: [low, top]", ()),
    "decision.hit": ("hit: unique", "hit: collect", ()),
    "decision.table": ("| < 9 | 20       |", "| < 9 | 21       |", ()),
    "decision.rows": ("""level: '"low"'""", """level: '"high"'""", ()),
    "decision.file": ("file: sheet.csv", "file: other.csv", ()),
    "decision.rule": ("rule: n + 1", "rule: n + 2", ()),
    "decision.default": ("default: 7", "default: 8", (("clerk", "POST", "/api/v1/sums", {"n": 40}),)),
    "message.message": ("message: late", "message: tardy", ()),
    "message.of": ("of: case\nsubject: Late", "of: unit\nsubject: Late", ()),
    "message.to_field": ("to_field: mail\n", "", ()),
    "message.subject": ("subject: Late", "subject: Too late", ()),
    "message.body": ("body: Late", "body: Too late", ()),
    "document.document": ("document: form_c", "document: form_d", ()),
    "document.of": ("of: case\nlabel: {en: Sheet,", "of: note\nlabel: {en: Sheet,", ()),
    "document.label": ("{en: Sheet, de: Blatt}", "{en: Page, de: Blatt}", ()),
    "document.title": ('title: {en: "Sheet {number}"', 'title: {en: "Leaf {number}"', ()),
    "document.language": ("language: en\n", "language: de\n", ()),
    "document.by": ("by: clerk\npage", "by: citizen\npage", ()),
    "document.page": ("page: A5\n", "", ()),
    "document.logo": ("logo: sign.png\n", "", ()),
    "document.sender": ("sender: From us\n", "", ()),
    "document.to": ('to: "{owner.name}"', 'to: "{owner.name} again"', ()),
    "document.date": ('date: "{today()}"\n', "", ()),
    "document.header": ("header: Up here\n", "", ()),
    "document.footer": ('footer: "{page} of {pages}"\n', "", ()),
    "document.text": ('text: {en: "# Sheet', 'text: {en: "## Sheet', ()),
    "document.file": ("file: form.docx", "file: blank.docx", ()),
    "demo.demo": ("demo: all", "demo: 7", ()),
    "demo.users": ("users: {carla: {", "users: {clara: {", ()),
    "demo.users.name": ("name: Carla Berg", "name: Carla Tal", ()),
    "demo.users.roles": ("roles: clerk}", "roles: head}", ()),
    "demo.samples": ("[{name: Hall}", "[{name: Shed}", ()),
    "demo.comments": ("[Soon done.]", "[Will do.]", ()),
    "demo.counts": ("{person: 5,", "{person: 9,", ()),
    "demo.values": ("name: [Anna, Berta]", "name: [Carla, Dora]", ()),
}
FLIPS |= {
    "scenario.scenario": ("scenario: the whole way", "scenario: all the way", ()),
    "scenario.today": ("today: 2026-02-03", "today: 2027-02-03", ()),
    "scenario.given": ("  hugo:  {user: [head]}\n", "  task:  {case: {owner: cliff, tags: [x], lines: [{what: w, count: 2}]}}\n", ()),
    "scenario.steps": ("  - {as: cara, remove: hall}\n", "", ()),
    "scenario.steps.as": ("{as: cara, create", "{as: cliff, create", ()),
    "scenario.steps.do": ("do: begin job, comment", "do: drop job, comment", ()),
    "scenario.steps.everyone": ("everyone: yes job", "everyone: approve job", ()),
    "scenario.steps.create": ("create: {unit: {name: Hall}}", "create: {unit: {name: }}", ()),
    "scenario.steps.name": ("name: hall}", "name: wall}", ()),
    "scenario.steps.update": ("update: {hall: {name: Yard}}", "update: {hall: {name: }}", ()),
    "scenario.steps.remove": ("remove: hall", "remove: cliff", ()),
    "scenario.steps.later": ("later: 9 days", "later: 3 days", ()),
    "scenario.steps.for": ("for: hugo", "for: cara", ()),
    "scenario.steps.about": (", about: cliff", "", ()),
    "scenario.steps.by": ("by: 1 day, comment", "by: 3 weeks, comment", ()),
    "scenario.steps.absent": ("  - {absent: {hugo: {deputy: cara, until: 2026-02-20}}}\n", "", ()),
    "scenario.steps.absent.deputy": ("deputy: cara", "deputy: cliff", ()),
    "scenario.steps.absent.until": ("until: 2026-02-20", "until: 2026-02-01", ()),
    "scenario.steps.with": ("with: {closed: 2026-02-01}, ", "", ()),
    "scenario.steps.comment": ("comment: Go on, ", "", ()),
    "scenario.steps.refused": ("drop job, refused: wrong_state", "drop job", ()),
    "scenario.steps.made": (", made: {memo: note}}", ", made: {memo: unit}}", ()),
    "scenario.steps.expect": ("expect: {job: {state: check}}", "expect: {job: {state: open}}", ()),
    "scenario.steps.sees": ("sees: {job: [amount]}", "sees: {cliff: [hid]}", ()),
    "scenario.steps.hides": ("hides: {cliff: [hid]}", "hides: {cliff: [name]}", ()),
    "scenario.steps.finds": ("finds: {case: [job]}", "finds: {case: []}", ()),
    "scenario.steps.inbox": ("inbox: [job]", "inbox: []", ()),
    "scenario.steps.can": ("can: update job", "can: begin job", ()),
    "scenario.steps.cannot": ("cannot: begin job", "cannot: update job", ()),
    "scenario.steps.sent": ("sent: [{to: cliff, message: told, says: Hello Cliff}, {webhook: third}]", "sent: []", ()),
    "scenario.steps.sent.to": ("to: cliff, message", "to: cara, message", ()),
    "scenario.steps.sent.message": ("message: told, says", "message: late, says", ()),
    "scenario.steps.sent.says": ("says: Hello Cliff", "says: Hello Claus", ()),
    "scenario.steps.sent.webhook": ("{webhook: third}", "{webhook: fourth}", ()),
}
FIELD_FLIPS: dict[str, Flip] = {
    "type": ("code:  {type: text,", "code:  {type: integer,", ()),
    "label": ("{en: Name, de: Name}", "{en: Full name, de: Name}", ()),
    "hint": ("hint: {en: Full, de: Ganz}, ", "", ()),
    "required": (", required: amount > 50", "", (case(amount=60, more=None),)),
    "visible": ("visible: amount > 1, ", "", (case(amount=1),)),
    "read_only": (", read_only: amount > 70", "", (case(amount=80, more="no"),)),
    "default": ("amount: {type: integer, default: 5}", "amount: {type: integer, default: 6}", (("clerk", "POST", "/api/v1/case", {k: v for k, v in CASE.items() if k != "amount"}),)),
    "unique": ("unique: true, personal: true", "personal: true", (person(code="c"),)),
    "personal": (", personal: true", "", ()),
    "computed": ("computed: amount * 2", "computed: amount * 3", ()),
    "stored": (", stored: true", "", ()),
}  # fmt: skip




def without(field: str, text: str, key: str, value: object) -> Flip:
    """Drop *key* from the declaration *text* of a person's field; a person has a value that only then is let in."""
    start = text.index(f"{key}: ")
    rest = text[start:]
    end = rest.find(", ") if ", " in rest and rest.find(", ") < rest.rfind("}") else rest.rfind("}")
    shorter = text[:start].rstrip(", ") + rest[end:]
    return text, shorter.replace("{,", "{"), (person(**{field: value}),)


LONG = "a" * 60
OUTSIDE: dict[str, tuple[str, dict[str, object]]] = {
    "text": ("name", {"min_length": "A", "max_length": "A" + LONG, "pattern": "bert", "pattern_hint": "bert"}),
    "long_text": ("bio", {"min_length": "a", "max_length": LONG}),
    "rich_text": ("rich", {"min_length": "a", "max_length": LONG}),
    "email": ("mail", {"min_length": "a@b.c", "max_length": f"{LONG}@works.example"}),
    "phone": ("fon", {"min_length": "+49", "max_length": "+4989123456"}),
    "url": ("web", {"min_length": "https://w", "max_length": f"https://{LONG}.example"}),
    "iban": ("bank", {"min_length": "DE89370400440532013000", "max_length": "DE89370400440532013000"}),
    "secret": ("pin", {"min_length": "a", "max_length": LONG}),
    "integer": ("age", {"min": 0, "max": 100, "unit": 20}),
    "decimal": ("size", {"min": 0, "max": 100, "places": 20.25, "unit": 20}),
    "percent": ("part", {"min": 0, "max": 100, "places": 20.25}),
    "money": ("pay", {"min": 0, "max": 100, "places": 20.25, "currency": 20}),
    "rating": ("stars", {"min": 0, "max": 5}),
    "date": ("born", {"min": "1899-01-01", "max": "2021-01-01"}),
    "time": ("wakes", {"min": "05:00", "max": "21:00"}),
    "datetime": ("met", {"min": "1999-01-01T00:00:00Z", "max": "2031-01-01T00:00:00Z"}),
    "duration": ("span", {"min": "PT30M", "max": "PT10H"}),
}
"""By kind: the field of a person, and for each key a value that is refused (or shown otherwise) only while it is there."""

FIELD_FLIPS |= {
    f"{kind}.{key}": without(field, next(line for line in BASE.splitlines() if line.startswith(f"  {field}: ")), key, value)
    for kind, (field, keys) in OUTSIDE.items()
    for key, value in keys.items()
}
FIELD_FLIPS |= {
    "decimal.places": ("max: 99, places: 1, unit: m", "max: 99, places: 3, unit: m", ()),
    "percent.places": ("part:  {type: percent, min: 1, max: 99, places: 1}", "part:  {type: percent, min: 1, max: 99, places: 3}", ()),
    "money.places": ("places: 2, currency: EUR", "places: 3, currency: EUR", ()),
    "money.currency": ("places: 2, currency: EUR", "places: 2, currency: CHF", ()),
    "phone.min_length": ("fon:   {type: phone, min_length: 4", "fon:   {type: phone, min_length: 30", ()),
    "phone.max_length": ("min_length: 4, max_length: 50}\n  web", "min_length: 4, max_length: 5}\n  web", ()),
    "url.min_length": ("web:   {type: url, min_length: 4", "web:   {type: url, min_length: 40", ()),
    "iban.min_length": ("bank:  {type: iban, min_length: 4", "bank:  {type: iban, min_length: 40", ()),
    "iban.max_length": ("bank:  {type: iban, min_length: 4, max_length: 50}", "bank:  {type: iban, min_length: 4, max_length: 5}", ()),
    "email.min_length": ("mail:  {type: email, min_length: 6", "mail:  {type: email, min_length: 60", ()),
    "choice.options": ("b: {label: {en: Bb, de: Be}, when: amount > 10}}", "b: {label: {en: Bb, de: Be}, when: amount > 4}}", (case(kind="b"),)),
    "choices.options": ("options: [x, y, z]", "options: [x, y]", ()),
    "choices.min_count": ("options: [x, y, z], min_count: 1", "options: [x, y, z], min_count: 2", ()),
    "choices.max_count": ("false, max_count: 2}\n  amount", "false, max_count: 3}\n  amount", (case(tags=["x", "y", "z"]),)),
    "sequence.format": ('"C-{year}-{000}"', '"D-{year}-{000}"', ()),
    "sequence.reset": ("reset: yearly", "reset: never", (("", "CLOCK", "2027-02-01T00:00:00+00:00", {}), case())),
    "sequence.first": ("first: 1}", "first: 7}", ()),
    "file.accept": ("paper:  {type: file, accept: [pdf]", "paper:  {type: file, accept: [txt]", ()),
    "file.max_size": ("paper:  {type: file, accept: [pdf], max_size: 1 KB}", "paper:  {type: file, accept: [pdf], max_size: 2 KB}", ()),
    "files.accept": ("papers: {type: files, accept: [pdf]", "papers: {type: files, accept: [txt]", ()),
    "files.max_size": ("papers: {type: files, accept: [pdf], max_size: 1 KB", "papers: {type: files, accept: [pdf], max_size: 2 KB", ()),
    "files.min_count": ("papers: {type: files, accept: [pdf], max_size: 1 KB, min_count: 0", "papers: {type: files, accept: [pdf], max_size: 1 KB, min_count: 2", (case(papers=[{"name": "a.pdf", "content": PDF}]),)),
    "files.max_count": ("min_count: 0, max_count: 1}\n  photo", "min_count: 0, max_count: 5}\n  photo", (case(papers=[{"name": "a.pdf", "content": PDF}] * 2),)),
    "image.accept": ("photo:  {type: image, accept: [png]", "photo:  {type: image, accept: [gif]", ()),
    "image.max_size": ("photo:  {type: image, accept: [png], max_size: 1 KB}", "photo:  {type: image, accept: [png], max_size: 2 KB}", ()),
    "images.accept": ("photos: {type: images, accept: [png]", "photos: {type: images, accept: [gif]", ()),
    "images.max_size": ("photos: {type: images, accept: [png], max_size: 1 KB", "photos: {type: images, accept: [png], max_size: 2 KB", ()),
    "images.min_count": ("photos: {type: images, accept: [png], max_size: 1 KB, min_count: 0", "photos: {type: images, accept: [png], max_size: 1 KB, min_count: 2", (case(photos=[{"name": "a.png", "content": PNG}]),)),
    "images.max_count": ("min_count: 0, max_count: 1}\n  lines", "min_count: 0, max_count: 5}\n  lines", (case(photos=[{"name": "a.png", "content": PNG}] * 2),)),
    "link.to": ("on:   {type: link, to: case", "on:   {type: link, to: [case, board]", ()),
    "link.where": ("owner:  {type: link, to: person, on_delete: refuse, where: flag = true", "owner:  {type: link, to: person, on_delete: refuse, where: flag = false", ()),
    "link.on_delete": ("on:   {type: link, to: case, on_delete: delete}", "on:   {type: link, to: case, on_delete: refuse}", (("clerk", "DELETE", "/api/v1/case/$2", {}),)),
    "links.to": ("others: {type: links, to: person, where: flag = true", "others: {type: links, to: unit", ()),
    "links.where": ("others: {type: links, to: person, where: flag = true", "others: {type: links, to: person, where: flag = false", (case(others=["$1"]),)),
    "links.min_count": ("where: flag = true, min_count: 0", "where: flag = true, min_count: 1", (case(others=[]),)),
    "links.max_count": ("min_count: 0, max_count: 2}\n  kind", "min_count: 0, max_count: 1}\n  kind", (case(others=["$1", "$13"]),)),
    "back_links.of": ("of: seat.board}", "of: seat.other}", ()),
    "rows.fields": ("fields: {what: text!, count: integer}", "fields: {what: text!, count: integer, why: text}", ()),
    "rows.checks": ("    checks: [{that: count < 9, on: count, else: Too many}]\n", "", (case(lines=[{"what": "w", "count": 10}]),)),
    "rows.unique": ("    unique: [[what]]\n", "", (case(lines=[{"what": "w"}, {"what": "w"}]),)),
    "rows.min_count": ("    min_count: 1\n", "", (case(lines=[]),)),
    "rows.max_count": ("    max_count: 3\n", "", (case(lines=[{"what": str(n)} for n in range(4)]),)),
    "tree.where": (', where: name != "closed"', "", (("clerk", "POST", "/api/v1/unit", {"name": "x", "up": "$11"}),)),
    "tree.on_delete": ("on_delete: refuse, where: name", "on_delete: delete, where: name", (("clerk", "POST", "/api/v1/unit", {"name": "P"}), ("clerk", "POST", "/api/v1/unit", {"name": "Q", "up": "$25"}), ("clerk", "DELETE", "/api/v1/unit/$25", {}))),
}  # fmt: skip
FLIPS |= {
    "automation.automation": ("automation: after", "automation: afterwards", ()),
    "automation.of": ("of: person\ninactive", "of: unit\ninactive", ()),
    "automation.on": ("on: [begin]", "on: [drop]", ()),
    "automation.every": ("every: {hours: 6}", "inactive: 1 days", ()),
    "automation.every.day_at": ('{day_at: "07:00"}', '{day_at: "07:30"}', ()),
    "automation.every.working_day_at": ("working_day_at", "day_at", ()),
    "automation.every.hours": ("hours: 6", "hours: 7", ()),
    "automation.inactive": ("inactive: 30 days", "inactive: 3000 days", ()),
    "automation.where": ("where: amount < 90", "where: amount < 1", ()),
    "automation.do": ("""do: [{set: {name: '"Often"'}}]""", """do: [{set: {name: '"Seldom"'}}]""", ()),
    "automation.do.notify": ("do: [{notify: owner, with: told}, {mark: seen}", "do: [{notify: head, with: told}, {mark: seen}", ()),
    "automation.do.with": ("with: told}, {mark: seen}", "with: late}, {mark: seen}", ()),
    "automation.do.mark": ("{mark: seen}", "{mark: looked}", ()),
    "automation.do.set": ("""{set: {closed: date("2027-01-01")}}, ""","", ()),
    "automation.do.create": ("{create: note, values: {text: '\"note", "{create: unit, values: {name: '\"note", ()),
    "automation.do.change": ("{change: owner, values: {age: 31}}", "{change: others, values: {age: 31}}", ()),
    "automation.do.values": ("age: 31", "age: 41", ()),
    "automation.do.webhook": ("webhook: sink", "webhook: drain", ()),
    "automation.do.send": ("send: {n: amount}", "send: {m: amount}", ()),
}
FLIPS |= {
    f"workflow.{where}.{name}": (*flip, ())
    for where, age, word, hook, told, text in (
        ("transitions.do", 33, "y", "third", "begun", "begun"), ("deadlines.missed", 32, "z", "other", "late", "missed"),
        ("deadlines.warn.do", 34, 'x", "z', "fourth", "soon", "warned"),
    )
    for name, flip in {
        "set": (f"""{{set: {{tags: '["{word}"]'}}}}, """, ""),
        "create": (f"""{{create: note, values: {{text: '"{text} " + number', on: this}}}}, """, ""),
        "change": (f"{{change: owner, values: {{age: {age}}}}}", f"{{change: others, values: {{age: {age}}}}}"),
        "values": (f"age: {age}", f"age: {age + 10}"),
        "webhook": (f"{{webhook: {hook}, ", f"{{webhook: {hook}s, "),
        "send": (f"{{{told}: amount}}", f"{{{told}: amount + 1}}"),
    }.items()
}
FLIPS |= {
    f"{where}.{name}": (*flip, ())
    for where, mark, into in (
        ("workflow.transitions.do", "a", "begun_paper"), ("workflow.deadlines.missed", "b", "too_late"), ("automation.do", "c", "automated"),
    )
    for name, flip in {
        "document": (f"{{document: sheet, into: {into}", f"{{document: form_a, into: {into}"),
        "into": (f"into: {into}, as", "as"),
        "as": (f"{into}, as: docx", into),
        "attach": (f", attach: [sheet, form_{mark}]", ""),
    }.items()
}
ALL = {**FLIPS, **{f"field.{name}": flip for name, flip in FIELD_FLIPS.items()}}
SIGN = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@cache
def word_file(text: str) -> bytes:
    """A Word file with one paragraph."""
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return packed_again(out.getvalue())


SHEET = b"n,price\n< 3,1\n-,2\n"


def files(text: str) -> dict[str, bytes]:
    """The configuration, with the table that stands beside it."""
    return {"works.yaml": text.encode(), "sign.png": SIGN, "form.docx": word_file("Form {number}"), "blank.docx": word_file("-"), "sheet.csv": SHEET.replace(b"price", b"=> price"), "other.csv": b"n,=> price\n-,3\n"}


@cache
def before(more: str, demo: bool) -> dict[str, str]:
    """What is seen of the configuration as it is."""
    return observe(files(BASE), [*STEPS, *json.loads(more)], demo=demo)


def declared() -> Iterator[str]:
    """All keys of the language by their path, those of fields by kind."""
    for name, group in DOCUMENTS.items():
        yield from _of_group(group, name)
    yield from (f"field.{key.name}" for key in COMMON)
    yield from (f"field.{kind}.{key.name}" for kind, known in KINDS.items() for key in known.keys)


def _of_group(group: Group, path: str) -> Iterator[str]:
    for key in group.keys:
        yield f"{path}.{key.name}"
        yield from _of_shape(key.shape, f"{path}.{key.name}")


def _of_shape(shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, Group):
        yield from _of_group(shape, path)
    elif isinstance(shape, Some | Named):
        yield from _of_shape(shape.of, path)
    elif isinstance(shape, Either):
        for one in shape.shapes:
            yield from _of_shape(one, path)
    else:
        assert isinstance(shape, FieldOf | Leaf)  # what declares no keys of its own here


def test_the_configuration_has_no_problems() -> None:
    """The flips start from something whole."""
    project, problems = read_project(files(BASE))
    assert project is not None
    assert [problem.message() for problem in problems if problem.severity == "error"] == []


BETWEEN_VERSIONS = frozenset(
    [f"{one}.{key}" for one in ("entity", "relation", "field") for key in ("was", "drop")]
    + ["field.convert", "field.fill", "roles.roles.was", "workflow.was"]
    + [f"workflow.{one}.was" for one in ("states.parallel", "transitions", "deadlines")]
)
"""Keys that say what becomes of an earlier version: seen by plans and deploys, in ``test_plan_deploy`` and others."""


def test_every_key_is_flipped() -> None:
    """The table of flips has every key that the language declares, and no other."""
    assert sorted(set(declared()) - BETWEEN_VERSIONS) == sorted(ALL)
    plans = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*plan*.py"))
    assert all(f"{key.rpartition('.')[2]}:" in plans for key in BETWEEN_VERSIONS)


def test_what_is_seen_does_not_differ_by_itself() -> None:
    """Two looks at the same configuration see the same."""
    steps = list(STEPS)
    assert observe(files(BASE), steps, demo=True) == observe(files(BASE), steps, demo=True)


@pytest.mark.parametrize("key", sorted(ALL))
def test_a_key_has_an_effect(key: str) -> None:
    """With the key changed or left out, something that can be seen changes."""
    old, new, more = ALL[key]
    assert BASE.count(old) == 1, f"{old!r} stands {BASE.count(old)} times"
    demo = key.startswith("demo.")
    steps = [step for step in more if step[1]]
    was = before(json.dumps(steps), demo)
    now = observe(files(BASE.replace(old, new)), [*STEPS, *steps], demo=demo)
    assert "step 1" in was, was["problems"]
    assert was != now, f"{key}: nothing changed"
