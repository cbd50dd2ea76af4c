"""A small app that writes letters: a text of its own with everything in it, and a Word file."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from functools import cache
from typing import Any

import docx

LETTERS = """\
app: letters
label: {en: Building office, de: Bauamt}
languages: [en, de]
timezone: Europe/Berlin
---
roles: {clerk: {}, guest: {}, stranger: {}}
---
entity: person
title: name
fields: {name: text!, email: email, user: user}
access: {clerk: {create: true, read: true, update: true}}
---
entity: permit
title: number
fields:
  number: {type: sequence, format: "P-{year}-{0000}"}
  applicant: {type: link, to: person}
  fee: money
  granted_on: date
  note: long_text
  kind: {type: choice, options: {new: {label: {en: new building, de: Neubau}}, demolition: {label: {en: demolition, de: Abriss}}}}
  costs: {type: rows, fields: {item: text, amount: money}}
access:
  clerk: {create: true, read: true, update: true}
  guest: {read: true, hide: [note, letters]}
---
workflow: review
of: permit
states: {draft: {initial: true}, granted: {}, closed: {final: true}}
transitions:
  grant:
    from: draft
    to: granted
    by: clerk
    do:
      - {document: permit_letter, into: letters}
      - {notify: applicant, with: granted, attach: permit_letter}
      - {webhook: register, send: {fee: fee}}
  close: {from: granted, to: closed, by: clerk}
---
message: granted
to_field: email
subject: {en: "Granted {number}", de: "Erteilt {number}"}
body: {en: "Your fee is {fee}", de: "Die Gebühr ist {fee}"}
---
document: permit_letter
of: permit
label: {en: Permit letter, de: Bescheid}
title: {en: "Permit {number}", de: "Bescheid {number}"}
by: clerk
sender: Bauamt · Markt 1 · 65719 Hofheim
to: |
  {applicant}
  Hauptstraße 5
  65719 Hofheim
date: "Hofheim, {granted_on}"
header: Stadt Hofheim
footer: {en: "Page {page} of {pages}", de: "Seite {page} von {pages}"}
text:
  en: |
    # Permit {number}

    Dear {applicant.name}, the fee of {fee} is due on {granted_on}. *Yours*
  de: |
    # Bescheid {number}

    Guten Tag {applicant.name},
    Ihr **{kind}** ist *genehmigt*
    {if fee > 100}(teuer){else}(billig){end}.

    {if count(costs) > 0}
    ## Kosten

    | Posten | Betrag |
    |--------|-------:|
    {for one in costs[amount > 5]}
    | {one.item} | {one.amount} |
    {end}
    | **Summe** | **{sum(costs.amount)}** |
    {end}

    1. erstens
    {for one in costs}
    2. {one.item}
    {end}

    - Punkt
    - {note}

    {page break}

    Mit freundlichen Grüßen\\
    Bauamt {{klammer}} 2 * 3 * 4
---
document: lease
of: permit
by: clerk
file: lease.docx
"""
MOMENT = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
RECORD: dict[str, Any] = {
    "id": "x", "version": 1, "number": "P-2026-0001", "fee": Decimal("1234.5"), "granted_on": dt.date(2026, 11, 21),
    "applicant": {"id": "1", "name": "Ängela Müßig"}, "kind": "new", "note": "eins\nzwei", "comment": None,
    "costs": [
        {"id": "a", "item": "Gebühr", "amount": Decimal(1000)}, {"id": "b", "item": "Porto", "amount": Decimal(3)},
        {"id": "c", "item": "Auslagen", "amount": Decimal("234.5")},
    ],
}  # fmt: skip


@cache
def word_template() -> bytes:
    """A template as an office would write it in Word; a place is split into runs, as Word does."""
    document = docx.Document()
    document.add_heading("Mietvertrag {number}", 1)
    line = document.add_paragraph("Guten Tag ")
    line.add_run("{appli").bold = True
    line.add_run("cant.name}")
    line.add_run(
        ", Ihre Miete beträgt {fee}{if fee > 1000} (hoch){else} (niedrig){end}. "
        "Posten: {for one in costs}{one.item}; {end}Ende."
    )
    for text in ("{if fee > 5}", "Teuer am {granted_on}.", "{else}", "Billig.", "{end}"):
        document.add_paragraph(text)
    table = document.add_table(rows=0, cols=2)
    for left, right in (
        ("Posten", "Betrag"), ("{for one in costs}", ""), ("{one.item}", "{one.amount}"), ("{if one.amount > 500}", ""),
        ("viel", "{one.amount * 2}"), ("{end}", ""), ("{end}", ""), ("Summe", "{sum(costs.amount)}"),
    ):  # fmt: skip
        cells = table.add_row().cells
        cells[0].text, cells[1].text = left, right
    document.add_paragraph("Notiz: {note}")
    document.sections[0].footer.paragraphs[0].text = "Akte {number}, „{if kind = “new”}neu{end}“"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
