"""Problems with what is there once: the app, roles, languages; and with what nobody uses."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

_APP = "app: permits\nlanguages: [en]\n"

NO_APP = Code(
    "no-app",
    both("no document says `app`", "kein Dokument sagt `app`"),
    remedy=both("add a document: app: name", "ein Dokument ergänzen: app: name"),
    what=both("A project without a document that begins with `app`.", "Ein Projekt ohne ein Dokument, das mit `app` beginnt."),
    why=both("Name, languages and currency of the application are unknown.", "Name, Sprachen und Währung der Anwendung sind unbekannt."),
    wrong="entity: plot\nfields: {district: text}\n",
    right="app: permits\n---\nentity: plot\nfields: {district: text}\n",
)  # fmt: skip
ONCE_ONLY = Code(
    "only-once",
    both("a project has one `{word}`, and this is the second", "ein Projekt hat ein `{word}`, und dies ist das zweite"),
    remedy=both("put both into one document", "beide in ein Dokument legen"),
    what=both("Two documents of which there can be one.", "Zwei Dokumente, von denen es eines geben kann."),
    why=both("Which one counts would depend on the order of the files.", "Welches gilt, hinge von der Reihenfolge der Dateien ab."),
    wrong="app: permits\n---\napp: buildings\n",
    right="app: permits\n",
)  # fmt: skip
LATER_WORD = Code(
    "not-yet",
    both("`{word}` is part of the language, but this version does not read it yet",
         "`{word}` gehört zur Sprache, aber diese Version liest es noch nicht"),
    remedy=both("take the document out until then", "das Dokument bis dahin herausnehmen"),
    what=both("A declaration that a later version will understand.", "Eine Deklaration, die eine spätere Version verstehen wird."),
    why=both("It would have no effect, and nothing is ignored silently.", "Sie bliebe ohne Wirkung, und nichts wird stillschweigend übergangen."),
    wrong="report: by_month\nof: permit\n",
    right="# report: by_month\n",
)  # fmt: skip
WORD_NOT_FIRST = Code(
    "word-not-first",
    both("`{word}` must be the first key of its document", "`{word}` muss der erste Schlüssel seines Dokuments sein"),
    remedy=both("move it above `{first}`", "es über `{first}` setzen"),
    what=both("A document that does not begin with what it declares.", "Ein Dokument, das nicht mit dem beginnt, was es deklariert."),
    why=both("Its first key says what a document is; so a reader sees it at once.",
             "Der erste Schlüssel sagt, was ein Dokument ist; so sieht man es sofort."),
    wrong="label: Plot\nentity: plot\nfields: {district: text}\n",
    right="entity: plot\nlabel: Plot\nfields: {district: text}\n",
)  # fmt: skip


def _known(code: str, en: str, de: str, wrong: str, right: str) -> Code:
    return Code(
        code,
        both(f"there is no {en} `{{name}}`", f"{de[0].lower()}{de[1:]} `{{name}}` gibt es nicht"),
        remedy=both("such as {nearest}", "zum Beispiel {nearest}"),
        what=both(f"A {en} that the world has not agreed on.", f"{de}: ein Kürzel, das es nicht gibt."),
        why=both("Numbers, dates and texts are shown by it.", "Danach werden Zahlen, Daten und Texte angezeigt."),
        wrong=wrong,
        right=right,
    )


UNKNOWN_LANGUAGE = _known("unknown-language", "language", "Die Sprache", "app: permits\nlanguages: [english]\n", _APP)
UNKNOWN_CURRENCY = _known("unknown-currency", "currency", "Die Währung", "app: permits\ncurrency: EURO\n",
                          "app: permits\ncurrency: EUR\n")  # fmt: skip
UNKNOWN_TIMEZONE = _known("unknown-timezone", "time zone", "Die Zeitzone", "app: permits\ntimezone: Berlin\n",
                          "app: permits\ntimezone: Europe/Berlin\n")  # fmt: skip
UNKNOWN_COUNTRY = _known("unknown-country", "country", "Das Land", "app: permits\ncalendar: {country: Germany}\n",
                         "app: permits\ncalendar: {country: DE}\n")  # fmt: skip

NO_HOLIDAYS = Code(
    "no-holidays",
    both("no public holidays are known for `{name}`", "für `{name}` sind keine Feiertage bekannt"),
    label=both("known: {known}", "bekannt: {known}"),
    remedy=both("choose a part of the country from the list, or leave it out", "einen Landesteil aus der Liste wählen, oder ihn weglassen"),
    what=both("A part of a country, or a country, without a calendar of public holidays.",
              "Ein Landesteil oder Land ohne Kalender der Feiertage."),
    why=both("Working days could not be counted.", "Arbeitstage ließen sich nicht zählen."),
    wrong="app: permits\ncalendar: {country: DE, subdivision: Bavaria}\n",
    right="app: permits\ncalendar: {country: DE, subdivision: BY}\n",
)  # fmt: skip
LISTED_TWICE = Code(
    "listed-twice",
    both("`{name}` stands here twice", "`{name}` steht hier zweimal"),
    remedy=both("keep one of them", "eines davon behalten"),
    what=both("The same name twice in one list.", "Derselbe Name zweimal in einer Liste."),
    why=both("A field can be on a form once, an option be chosen once.", "Ein Feld steht einmal im Formular, eine Option einmal zur Wahl."),
    wrong="entity: plot\nfields: {district: text}\nlist: {columns: [district, district]}\n",
    right="entity: plot\nfields: {district: text}\nlist: {columns: [district]}\n",
)  # fmt: skip
UNKNOWN_ICON = Code(
    "unknown-icon",
    both("there is no icon `{name}`", "das Symbol `{name}` gibt es nicht"),
    severity="warning",
    remedy=both("choose one of Tabler Icons by its name", "eines von Tabler Icons bei seinem Namen nennen"),
    what=both("The name of a picture that is not among those that come with Fachwerk.",
              "Der Name eines Bildes, das nicht unter denen ist, die zu Fachwerk gehören."),
    why=both("The first letter of the label stands in its place.", "An seiner Stelle steht der erste Buchstabe der Beschriftung."),
    wrong="entity: plot\nicon: mapp\nfields: {district: text}\n",
    right="entity: plot\nicon: map\nfields: {district: text}\n",
)  # fmt: skip
ROLE_CIRCLE = Code(
    "role-circle",
    both("roles include each other: {path}", "Rollen schließen einander ein: {path}"),
    remedy=both("take one `includes` out, or make one role of them", "ein `includes` streichen, oder eine Rolle daraus machen"),
    what=both("Roles that include each other in a circle.", "Rollen, die einander im Kreis einschließen."),
    why=both("They would be one role under several names.", "Sie wären eine Rolle unter mehreren Namen."),
    wrong="roles:\n  clerk: {includes: [head]}\n  head: {includes: [clerk]}\n",
    right="roles:\n  clerk: {}\n  head: {includes: [clerk]}\n",
)  # fmt: skip
TRANSLATION = Code(
    "translation",
    both("{count} {count_en} no {tongue} text: {names}", "{count} {count_de} ohne Text auf {tongue}: {names}"),
    severity="warning",
    what=both("Labels without a text in one of the languages of the app.", "Beschriftungen ohne Text in einer der Sprachen der Anwendung."),
    why=both("People who use this language see the text of another one.", "Wer diese Sprache benutzt, sieht den Text einer anderen."),
    remedy=both("write the label by language: label: {{{example}}}", "die Beschriftung je Sprache schreiben: label: {{{example}}}"),
    wrong="app: permits\nlanguages: [en, de]\n---\nentity: plot\nlabel: {en: Plot}\nfields: {district: text}\n",
    right="app: permits\nlanguages: [en, de]\n---\nentity: plot\nlabel: {en: Plot, de: Flurstück}\n"
          "fields: {district: {type: text, label: {en: District, de: Gemarkung}}}\n",
)  # fmt: skip


def _unused(code: str, en: str, de: str, wrong: str, right: str) -> Code:
    return Code(
        code,
        both(f"the {en} `{{name}}` is never used", f"{de[0].lower()}{de[1:]} `{{name}}` wird nirgends benutzt"),
        remedy=both("use it, or take it out", "benutzen oder streichen"),
        severity="warning",
        what=both(f"A {en} that nothing refers to.", f"{de}, worauf nichts verweist."),
        why=both("Either something is missing, or it is left over.", "Entweder fehlt etwas, oder es ist übrig geblieben."),
        wrong=wrong,
        right=right,
    )


UNUSED_ROLE = _unused("unused-role", "role", "Die Rolle", "roles: {clerk: {}, guest: {}}\n", "roles: {clerk: {}}\n")
UNUSED_MESSAGE = _unused("unused-message", "message", "Die Nachricht", "message: hello\nsubject: Hello\nbody: Hello\n",
                         "do: [{notify: applicant, with: hello}]\n")  # fmt: skip
UNUSED_DECISION = _unused("unused-decision", "decision", "Die Entscheidung",
                          "decision: fee\ninputs: {area: decimal}\noutput: money\nrule: 2 * area\n",
                          "fee: {type: money, computed: fee(area)}\n")  # fmt: skip

CODES = (NO_APP, ONCE_ONLY, LATER_WORD, WORD_NOT_FIRST, UNKNOWN_LANGUAGE, UNKNOWN_CURRENCY, UNKNOWN_TIMEZONE, UNKNOWN_COUNTRY,
         NO_HOLIDAYS, LISTED_TWICE, UNKNOWN_ICON, ROLE_CIRCLE, TRANSLATION, UNUSED_ROLE, UNUSED_MESSAGE, UNUSED_DECISION)  # fmt: skip
