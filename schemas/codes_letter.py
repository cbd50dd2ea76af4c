"""Problems with documents that are made from records."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_HEAD = "document: permit_letter\nof: permit\ntext: |\n"

NOT_CLOSED = Code(
    "letter-not-closed",
    both("`{what}` is never closed", "`{what}` wird nie geschlossen"),
    remedy=both("add {closing} where it ends", "{closing} ergänzen, wo es endet"),
    what=both("The beginning of a condition, a repetition or of bold or italic text, without its end.",
              "Der Anfang einer Bedingung, einer Wiederholung oder von fettem oder kursivem Text, ohne sein Ende."),
    why=both("How far it reaches cannot be told.", "Wie weit es reicht, lässt sich nicht sagen."),
    wrong=_HEAD + "  {if fee > 0}\n  There is a fee.\n",
    right=_HEAD + "  {if fee > 0}\n  There is a fee.\n  {end}\n",
)  # fmt: skip
CLOSED_ALONE = Code(
    "letter-closed-alone",
    both("`{what}` closes nothing", "`{what}` schließt nichts"),
    remedy=both("take it out, or write {{if ...}} or {{for ...}} before it", "streichen, oder davor {{if ...}} oder {{for ...}} schreiben"),
    what=both("An `{end}` or `{else}` without a beginning.", "Ein `{end}` oder `{else}` ohne Anfang."),
    why=both("Something is missing or too much.", "Etwas fehlt oder ist zu viel."),
    wrong=_HEAD + "  There is a fee.\n  {end}\n",
    right=_HEAD + "  There is a fee.\n",
)  # fmt: skip
NO_LIST = Code(
    "letter-no-list",
    both("`{path}` leads to no list of records", "`{path}` führt zu keiner Liste von Datensätzen"),
    remedy=both("name rows, links or back links of the record: {{for one in costs}}; a filter may follow: costs[amount > 0]",
                "Zeilen, Verweise oder Rückverweise nennen: {{for one in costs}}; ein Filter darf folgen: costs[amount > 0]"),
    what=both("A repetition over something that is no list of records.", "Eine Wiederholung über etwas, das keine Liste von Datensätzen ist."),
    why=both("There is nothing to repeat it for.", "Es gibt nichts, wofür es wiederholt werden kann."),
    wrong=_HEAD + "  {for one in number}\n  - {one}\n  {end}\n",
    right=_HEAD + "  {for one in costs}\n  - {one.item}\n  {end}\n",
)  # fmt: skip
NO_ROW = Code(
    "letter-no-row",
    both("this stands among the {kind} and is none of them", "das steht zwischen {kind_de} und gehört nicht dazu"),
    remedy=both("leave an empty line before it", "davor eine Zeile frei lassen"),
    what=both("Other text within a table or list.", "Anderer Text innerhalb einer Tabelle oder Liste."),
    why=both("It would end up somewhere else than it was written.", "Es stünde am Ende woanders, als es geschrieben ist."),
    wrong=_HEAD + "  | a | b |\n  |---|---|\n  {for one in costs}\n  {one.item}\n  {end}\n",
    right=_HEAD + "  | a | b |\n  |---|---|\n  {for one in costs}\n  | {one.item} | {one.amount} |\n  {end}\n",
)  # fmt: skip
BAD_TABLE = Code(
    "letter-table",
    both("the row has {count} cells, the head has {wanted}", "die Zeile hat {count} Zellen, der Kopf {wanted}"),
    remedy=both("a head, a line such as |---|--:|, then rows of as many cells", "ein Kopf, eine Zeile wie |---|--:|, dann Zeilen mit ebenso vielen Zellen"),
    what=both("A row of a table with more or fewer cells than its head.", "Eine Tabellenzeile mit mehr oder weniger Zellen als der Kopf."),
    why=both("What belongs into which column cannot be told.", "Was in welche Spalte gehört, lässt sich nicht sagen."),
    wrong=_HEAD + "  | a | b |\n  |---|---|\n  | 1 |\n",
    right=_HEAD + "  | a | b |\n  |---|---|\n  | 1 | 2 |\n",
)  # fmt: skip
TEXT_OR_FILE = Code(
    "letter-text-or-file",
    both("`{document}` has {has}", "`{document}` hat {has_de}"),
    remedy=both("write `text`, or name a Word file by `file`", "`text` schreiben, oder mit `file` eine Word-Datei nennen"),
    what=both("A document with neither text nor file, or with both.", "Ein Dokument ohne Text und Datei, oder mit beidem."),
    why=both("What it says cannot be told.", "Was darin steht, lässt sich nicht sagen."),
    wrong="document: permit_letter\nof: permit\n",
    right=_HEAD + "  Your permit {number}\n",
)  # fmt: skip
FILE_SAYS = Code(
    "letter-file-says",
    both("`{key}` has no effect beside `file`: the Word file says it", "`{key}` hat neben `file` keine Wirkung: die Word-Datei sagt es"),
    remedy=both("take it out", "streichen"),
    what=both("A key about pages or text beside a Word file that has both.", "Eine Angabe zu Seite oder Text neben einer Word-Datei, die beides hat."),
    why=both("Keys without effect mislead.", "Angaben ohne Wirkung führen in die Irre."),
    wrong="document: lease_letter\nof: lease\nfile: lease.docx\npage: A5\n",
    right="document: lease_letter\nof: lease\nfile: lease.docx\n",
)  # fmt: skip
FILE_REFUSED = Code(
    "letter-file-refused",
    both("`{file}` cannot be used: {reason}", "`{file}` ist nicht verwendbar: {reason_de}"),
    remedy=both("use a Word document (.docx) or picture (PNG, JPEG) without that", "ein Word-Dokument (.docx) oder Bild (PNG, JPEG) ohne das nehmen"),
    what=both("A file that is no Word document or picture, is too big, or holds macros, embedded objects or links to files elsewhere.",
              "Eine Datei, die kein Word-Dokument oder Bild ist, zu groß ist, oder Makros, eingebettete Objekte oder Verweise auf fremde Dateien enthält."),
    why=both("Whoever opens the letter would run or load what the office never wrote.",
             "Wer das Schreiben öffnet, würde ausführen oder laden, was das Amt nie geschrieben hat."),
    wrong="document: lease_letter\nof: lease\nfile: lease.docm\n",
    right="document: lease_letter\nof: lease\nfile: lease.docx\n",
)  # fmt: skip
NO_PDF = Code(
    "letter-no-pdf",
    both("`{document}` is a Word file: no PDF can be made of it", "`{document}` ist eine Word-Datei: ein PDF lässt sich daraus nicht machen"),
    remedy=both("write `as: docx`, or the text in the document itself", "`as: docx` schreiben, oder den Text im Dokument selbst"),
    what=both("A PDF is wanted of a document with a Word file.", "Aus einem Dokument mit Word-Datei soll ein PDF werden."),
    why=both("Only Word lays out its files exactly.", "Nur Word setzt seine Dateien genau."),
    wrong="do: [{document: lease_letter, as: pdf}]\n",
    right="do: [{document: lease_letter, as: docx}]\n",
)  # fmt: skip
ELSEWHERE = Code(
    "letter-of-another",
    both("`{document}` is about `{of}`, not about `{entity}`", "`{document}` handelt von `{of}`, nicht von `{entity}`"),
    remedy=both("name another document", "ein anderes Dokument nennen"),
    what=both("A document about one entity, made for a record of another.", "Ein Dokument über eine Entität, gemacht für einen Datensatz einer anderen."),
    why=both("Its text names fields that the record does not have.", "Sein Text nennt Felder, die der Datensatz nicht hat."),
    wrong="document: permit_letter\nof: plot\ntext: Granted\n",
    right="document: permit_letter\nof: permit\ntext: Granted\n",
)  # fmt: skip
INTO = Code(
    "letter-into",
    both("`{field}` holds no files", "`{field}` nimmt keine Dateien auf"),
    remedy=both("name a field of kind files or file that takes {form}, or one that is not there: it is made",
                "ein Feld der Art files oder file nennen, das {form} annimmt, oder eines, das es nicht gibt: es entsteht"),
    what=both("A document is to be kept in a field that cannot hold it.", "Ein Dokument soll in ein Feld, das es nicht aufnehmen kann."),
    why=both("It could not be kept.", "Es ließe sich nicht aufbewahren."),
    wrong="do: [{document: permit_letter, into: number}]\n",
    right="do: [{document: permit_letter, into: letters}]\n",
)  # fmt: skip
SHOWS_HIDDEN = Code(
    "letter-shows-hidden",
    both("`{document}` shows `{field}`, which `{role}` never sees", "`{document}` zeigt `{field}`, was `{role}` nie sieht"),
    remedy=both("take it out of the text, or let `{role}` see it", "aus dem Text streichen, oder `{role}` sehen lassen"),
    severity="warning",
    what=both("A document that a role may make by hand names a field that is hidden from it.",
              "Ein Dokument, das eine Rolle von Hand machen darf, nennt ein Feld, das vor ihr verborgen ist."),
    why=both("What is hidden on every page would stand in the letter.", "Was auf jeder Seite verborgen ist, stünde im Schreiben."),
    wrong="document: permit_letter\nof: permit\nby: guest\ntext: '{internal_note}'\n",
    right="document: permit_letter\nof: permit\nby: guest\ntext: '{number}'\n",
)  # fmt: skip
UNUSED = Code(
    "unused-document",
    both("the document `{name}` is never made", "das Dokument `{name}` wird nie gemacht"),
    remedy=both("make it by an effect, attach it to a message, or say who may make it (`by`)",
                "es durch eine Wirkung machen, an eine Nachricht hängen, oder sagen, wer es machen darf (`by`)"),
    severity="warning",
    what=both("A document that nothing makes.", "Ein Dokument, das nichts macht."),
    why=both("Often the effect that was to make it is missing.", "Oft fehlt die Wirkung, die es machen sollte."),
    wrong=_HEAD + "  Hello\n",
    right="document: permit_letter\nof: permit\nby: clerk\ntext: Hello\n",
)  # fmt: skip

CODES = (NOT_CLOSED, CLOSED_ALONE, NO_LIST, NO_ROW, BAD_TABLE, TEXT_OR_FILE, FILE_SAYS, FILE_REFUSED, NO_PDF, ELSEWHERE, INTO,
         SHOWS_HIDDEN, UNUSED)  # fmt: skip
