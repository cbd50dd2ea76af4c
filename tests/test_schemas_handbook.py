"""The handbook: a configuration in words, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from fachwerk.problems import say
from fachwerk.schemas.handbook import handbook
from fachwerk.schemas.read import read_project

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["building_permits", "healthcare", "public_sector", "real_estate"])
def test_everything_is_told(name: str, language: str) -> None:
    """Every entity, field, role and step is there, and every table has as many cells as its head."""
    project, _ = read_project(EXAMPLES / name)
    assert project is not None
    text = handbook(project, language)
    for entity in project.entities.values():
        assert f"## {say(entity.plural, language)}" in text
        for field in entity.fields.values():
            assert field.system or f"| {say(field.label, language)} | " in text
    for workflow in project.workflows.values():
        assert all(f"| {say(step.label, language)} | " in text for step in workflow.transitions.values())
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    heads = [len(text.split("|")) for text in rows if set(text) <= {"|", "-"}]
    assert len(heads) >= 2 * len(project.entities)


def test_rules_are_sentences() -> None:
    """A rule is told with the labels of the project, not as it is written."""
    project, _ = read_project(EXAMPLES / "building_permits")
    assert project is not None
    told = handbook(project, "de")
    assert "Denkmalschutz" in told
    assert "Pflicht, wenn" in told
    assert 'kind = "demolition"' not in told


def test_what_a_state_waits_for_is_told() -> None:
    """Each part says whom it asks and how many, sub-cases are named."""
    project, _ = read_project(EXAMPLES / "public_sector")
    assert project is not None
    told = handbook(project, "en")
    assert "- **In review** asks Clerk: Legal check; possible: Approve, Object; within 2 weeks.\n" in told
    assert "Office in charge, for each of" in told
    assert "- **In review** lasts until" in told


EYES = """\
app: small
languages: [en, de]
---
roles: {clerk: {label: Clerk}, head: {label: Head}}
---
entity: request
fields: {subject: text!}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
workflow: desk
of: request
states:
  open: {initial: true}
  checked:
    label: Checked
    parallel: {fire: {label: Fire, by: head, not_by: [law, creator]}, law: {label: {en: Law, de: Recht}, by: [head, clerk], not_by: fire}}
  done: {final: true}
transitions:
  check: {label: Check, from: open, to: checked, by: clerk}
  sign: {from: checked, to: done, by: head, when: complete, not_by: [check, law]}
"""


def test_four_eyes_are_told() -> None:
    """Whom four eyes bar is said of transitions and of parts."""
    project, problems = read_project({"app.yaml": EYES.encode()})
    assert project is not None, problems
    english, german = handbook(project, "en"), handbook(project, "de")
    assert "| Head (not by whoever did: Check, Law) |" in english
    assert "- **Checked** asks Head (not by whoever did: Law, creating it): Fire; possible: Approve, Object.\n" in english
    assert "- **Checked** fragt Head (nicht durch die Person von: Recht, das Anlegen): Fire; möglich: Zustimmen, Einwände erheben.\n" in german


EVERYTHING = """\
app: small
label: {en: Small, de: Klein}
languages: [en, de]
calendar: {country: DE, subdivision: BY, closed: [12-24]}
---
roles:
  clerk: {label: {en: Clerk, de: Sachbearbeitung}}
  head: {label: {en: Head, de: Leitung}, includes: [clerk]}
  guest: {label: {en: Guest, de: Gast}, signs_up: true}
  audit: {label: {en: Audit, de: Revision}, reads: everything}
---
entity: office
label: {en: Office, de: Amt}
plural: {en: Offices, de: Ämter}
title: name
fields:
  name: {type: text, required: true, label: {en: Name, de: Name}, min_length: 2, max_length: 40, unique: true}
  officer: {type: user, label: {en: Officer, de: Zuständig}}
access: {clerk: {create: true, read: true}, head: {read: true}}
---
entity: request
label: {en: Request, de: Antrag}
plural: {en: Requests, de: Anträge}
title: subject
fields:
  subject: {type: text, required: true, label: {en: Subject, de: Betreff}, hint: {en: In a few words, de: In wenigen Worten}}
  size: {type: decimal, min: 0.5, max: 10, unit: m, places: 1, label: {en: Size, de: Größe}, default: 2}
  day: {type: date, min: today(), label: {en: Day, de: Tag}}
  kind: {type: choice, label: {en: Kind, de: Art}, default: loud, options: {quiet: {en: Quiet, de: Leise}, loud: {en: Loud, de: Laut}}}
  note: {type: long_text, label: {en: Note, de: Vermerk}, personal: true}
  papers: {type: files, label: {en: Papers, de: Unterlagen}, accept: [pdf], max_size: 2 MB, max_count: 3}
  offices: {type: links, to: office, where: name != "x", label: {en: Offices, de: Ämter}}
  parent: {type: link, to: request, on_delete: clear, label: {en: Above, de: Darüber}}
  code: {type: text, pattern: "[A-Z]+", pattern_hint: {en: capitals, de: Großbuchstaben}, label: {en: Code, de: Kürzel}}
checks:
  - {that: size < 9 or kind = "quiet", else: {en: "Too large, {size}.", de: "Zu groß, {size}."}}
unique: [[subject, day]]
access:
  clerk: {create: true, read: true, update: true, hide: [note]}
  head: {read: true, update: true, read_only: [subject, size]}
---
workflow: desk
of: request
label: {en: Desk, de: Bearbeitung}
cases: keep
states:
  open: {label: {en: Open, de: Offen}, initial: true, editable: [size, note]}
  asked:
    label: {en: Asked, de: Gefragt}
    required: [kind]
    needs: 2
    parallel:
      law: {label: {en: Law, de: Recht}, by: clerk, within: 3 months, outcomes: {fine: {en: Fine, de: Gut}, bad: {en: Bad, de: Schlecht}}}
      office: {label: {en: Office, de: Amt}, by: each.officer, each: offices, needs: majority, after: law, not_by: [law, ask]}
      vote: {label: {en: Vote, de: Abstimmung}, by: [head, clerk], needs: all}
      pair: {label: {en: Pair, de: Paar}, by: clerk, needs: 2}
  done: {label: {en: Done, de: Erledigt}, final: true}
transitions:
  ask: {label: {en: Ask, de: Fragen}, from: open, to: asked, by: clerk, require: [note], fill: [size], comment: required, confirm: {en: "Sure?", de: "Sicher?"}}
  sign: {label: {en: Sign, de: Zeichnen}, from: asked, to: done, by: head, not_by: [ask, creator], when: complete, comment: none, set: {day: today()}, do: [{notify: head, with: told}]}
deadlines:
  late: {label: {en: In time, de: Rechtzeitig}, runs_in: [open, asked], within: 10 days, warn: [2 days], pause: {by: clerk}, extend: {by: head, most: 2 months, times: 1}, missed: [{mark: overdue}]}
---
message: told
of: request
subject: {en: "Done: {subject}", de: "Erledigt: {subject}"}
body: {en: Good., de: Gut.}
---
decision: fee
label: {en: Fee, de: Gebühr}
inputs: {kind: request.kind}
output: integer
hit: first
rows:
  - {kind: loud, "=>": 5}
  - {"=>": 1}
---
automation: nudge
of: request
every: {working_day_at: "07:00"}
inactive: 14 days
where: state = "open"
do: [{notify: clerk, with: told}]
"""
SAID = {
    "en": """\
Languages: en, de. Currency: EUR. Time zone: UTC.
Called by: Subject.
Working days: the calendar of DE-BY.
Closed besides: 12-24.
- **Head** (includes: Clerk)
- **Guest** (people can register for it by themselves)
- **Audit** (reads everything)
| Name | text | required; no two have the same; at least 2 characters; at most 40 characters |
| Subject | text | required; In a few words |
| Size | number, in m, 1 decimal | begins with 2; at least 0.5; at most 10 |
| Day | day | not before today |
| Kind | one of: Quiet, Loud | begins with Loud |
| Note | long text | personal data |
| Papers | files | at most 3; accepted: pdf; at most 2 MB each |
| Above | link to Request | emptied when that is deleted |
| Code | text | capitals |
- No two have the same Subject, Day.
- Size is less than 9 or Kind is Quiet; else: “Too large, {Size}.”
- Clerk does not see: Note
- Head cannot change: Subject, Size
Begins in Open. Ends in Done. Running cases keep the version that they started under.
| Sign | Asked → Done | Head (not by whoever did: Ask, creating it) | all opinions that it needs are there |
- **Ask**: needs Note; asks for Size; a comment is required; asks before: “Sure?”.
- **Sign**: without a comment; sets Day to today; tells Head: “Done: {Subject}”.
- in **Open** only these can be changed: Size, Note.
- in **Asked** is required: Kind.
- **Asked** asks Clerk: Law; possible: Fine, Bad; within 3 months.
- **Asked** asks Officer of each (not by whoever did: Law, Ask): Office, for each of Offices; more than half of them must have an outcome; possible: Approve, Object; once there is an outcome of Law.
- **Asked** asks Head, Clerk: Vote, all who may; possible: Approve, Object.
- **Asked** asks Clerk: Pair, 2 different people; possible: Approve, Object.
- **Asked** is complete with 2 of these.
- **In time**: within 10 days, in Open, Asked; warning 2 days before; paused by Clerk; extended by Head, by 2 months at most; only once; when missed: marks Overdue.
The first row that fits counts.
| Loud | 5 |
- **Done: {Subject}**: Good.""",
    "de": """\
Sprachen: en, de. Währung: EUR. Zeitzone: UTC.
Heißt nach: Betreff.
Arbeitstage: nach dem Kalender von DE-BY.
- **Gast** (man kann sich dafür selbst registrieren)
| Name | Text | Pflicht; keine zwei haben dasselbe; mindestens 2 Zeichen; höchstens 40 Zeichen |
| Größe | Zahl, in m, 1 Nachkommastelle | beginnt mit 2; mindestens 0,5; höchstens 10 |
| Tag | Tag | nicht vor heute |
| Art | eines von: Leise, Laut | beginnt mit Laut |
| Unterlagen | Dateien | höchstens 3; angenommen: pdf; je höchstens 2 MB |
| Darüber | Verweis auf Antrag | wird geleert, wenn jenes gelöscht wird |
- Größe ist kleiner als 9 oder Art ist Leise; sonst: „Zu groß, {Größe}.“
- Sachbearbeitung sieht nicht: Vermerk
- Leitung kann nicht ändern: Betreff, Größe
Beginnt in Offen. Endet in Erledigt. Laufende Vorgänge behalten die Fassung, unter der sie begonnen haben.
- **Fragen**: braucht Vermerk; fragt nach Größe; eine Begründung ist Pflicht; fragt vorher: „Sicher?“.
- **Gefragt** fragt Sachbearbeitung: Recht; möglich: Gut, Schlecht; binnen 3 Monaten.
- **Gefragt** fragt Zuständig des jeweiligen Eintrags (nicht durch die Person von: Recht, Fragen): Amt, je einmal zu Ämter; mehr als die Hälfte davon muss ein Ergebnis haben; möglich: Zustimmen, Einwände erheben; erst nach dem Ergebnis von Recht.
- **Gefragt** fragt Leitung, Sachbearbeitung: Abstimmung, alle, die es dürfen; möglich: Zustimmen, Einwände erheben.
- **Gefragt** fragt Sachbearbeitung: Paar, 2 verschiedene Personen; möglich: Zustimmen, Einwände erheben.
- **Rechtzeitig**: binnen 10 Tagen, in Offen, Gefragt; Warnung 2 Tage vorher; anzuhalten durch Sachbearbeitung; zu verlängern durch Leitung, höchstens um 2 Monate; nur einmal; wenn versäumt: vermerkt Overdue.
Es gilt die erste passende Zeile.""",
}


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_the_files_say_is_said(language: str) -> None:
    """Limits, options, opinions, time limits, effects: in whole sentences."""
    project, problems = read_project({"app.yaml": EVERYTHING.encode()})
    assert project is not None, [problem.message() for problem in problems]
    lines = handbook(project, language).splitlines()
    assert [line for line in SAID[language].splitlines() if line not in lines] == []


def test_each_person_is_asked_for_themselves() -> None:
    project, _ = read_project(EXAMPLES / "real_estate")
    assert project is not None
    assert "fragt Geschäftsführung, die jeweilige Person: Eigentümer, je einmal zu" in handbook(project, "de")
    assert ", the person in question: " in handbook(project, "en")
