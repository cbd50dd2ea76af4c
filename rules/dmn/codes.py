"""The mistakes that can be made in DMN files."""

from __future__ import annotations

from fachwerk.problems import Code

NOT_XML = Code(
    "dmn-not-xml",
    {"en": "`{name}` is not readable as XML: {reason}", "de": "`{name}` ist nicht als XML lesbar: {reason}"},
    remedy={
        "en": "save the model again from the modeler; a document type (DTD) is never accepted",
        "de": "Modell im Modellierwerkzeug neu speichern; eine Dokumenttyp-Deklaration (DTD) wird nie angenommen",
    },
    what={"en": "A DMN file is not well-formed XML.", "de": "Eine DMN-Datei ist kein wohlgeformtes XML."},
    why={"en": "Nothing in the file can be trusted.", "de": "Auf nichts in der Datei ist Verlass."},
    wrong="<definitions>",
    right='<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="fee" namespace="urn:fee"/>',
)

TOO_LARGE = Code(
    "dmn-too-large",
    {"en": "`{name}` is too large to be read", "de": "`{name}` ist zu groß, um gelesen zu werden"},
    remedy={"en": "split the model into several files", "de": "Modell auf mehrere Dateien aufteilen"},
    what={
        "en": "A DMN file is larger than 20 MB or nested deeper than 100 levels.",
        "de": "Eine DMN-Datei ist größer als 20 MB oder tiefer als 100 Ebenen verschachtelt.",
    },
    why={"en": "Reading has to stay bounded.", "de": "Das Lesen muss begrenzt bleiben."},
)

NO_MODEL = Code(
    "dmn-no-model",
    {"en": "this is not a DMN model", "de": "das ist kein DMN-Modell"},
    label={"en": "found `{found}`", "de": "gefunden: `{found}`"},
    remedy={
        "en": "the root element is `definitions` in a namespace of DMN 1.1 to 1.6",
        "de": "das Wurzelelement heißt `definitions`, in einem Namensraum von DMN 1.1 bis 1.6",
    },
    what={"en": "The root element is not a DMN model.", "de": "Das Wurzelelement ist kein DMN-Modell."},
    why={"en": "There is nothing to decide with.", "de": "Damit lässt sich nichts entscheiden."},
    wrong='<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    right='<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="fee" namespace="urn:fee"/>',
)

EXTERNAL = Code(
    "dmn-external",
    {
        "en": "functions in {kind} are not evaluated",
        "de": "Funktionen in {kind} werden nicht ausgewertet",
    },
    label={"en": "external function", "de": "externe Funktion"},
    remedy={"en": "write the function in FEEL", "de": "Funktion in FEEL schreiben"},
    what={
        "en": "A function is written in Java or PMML.",
        "de": "Eine Funktion ist in Java oder PMML geschrieben.",
    },
    why={
        "en": "Foreign code could do anything; decisions only compute.",
        "de": "Fremder Code könnte alles Mögliche tun; Entscheidungen rechnen nur.",
    },
    wrong='<functionDefinition kind="Java">',
    right='<functionDefinition kind="FEEL">',
)

UNKNOWN_PART = Code(
    "dmn-unknown-part",
    {"en": "`{name}` is no expression of DMN", "de": "`{name}` ist kein Ausdruck von DMN"},
    remedy={"en": "remove it or replace it", "de": "entfernen oder ersetzen"},
    what={"en": "An element has no meaning in DMN.", "de": "Ein Element hat in DMN keine Bedeutung."},
    why={"en": "Nothing is ignored.", "de": "Nichts wird übergangen."},
)

MISSING_PART = Code(
    "dmn-missing-part",
    {"en": "`{name}` is missing in `{of}`", "de": "In `{of}` fehlt `{name}`"},
    remedy={"en": "complete the model in the modeler", "de": "Modell im Modellierwerkzeug vervollständigen"},
    what={"en": "A part that DMN demands is missing.", "de": "Ein Teil, den DMN verlangt, fehlt."},
    why={"en": "Without it the logic has no result.", "de": "Ohne ihn hat die Logik kein Ergebnis."},
)

LANGUAGE = Code(
    "dmn-language",
    {
        "en": "expressions in `{found}` are not evaluated",
        "de": "Ausdrücke in `{found}` werden nicht ausgewertet",
    },
    remedy={"en": "write the expression in FEEL", "de": "Ausdruck in FEEL schreiben"},
    what={
        "en": "An expression is in another language than FEEL.",
        "de": "Ein Ausdruck ist in einer anderen Sprache als FEEL.",
    },
    why={"en": "Only FEEL is understood.", "de": "Nur FEEL wird verstanden."},
    wrong='<literalExpression expressionLanguage="javascript">',
    right="<literalExpression>",
)

UNKNOWN_REFERENCE = Code(
    "dmn-unknown-reference",
    {"en": "`{name}` is not in the model", "de": "`{name}` gibt es im Modell nicht"},
    remedy={
        "en": "draw the requirement again, or add the imported file",
        "de": "Anforderung neu ziehen oder die importierte Datei hinzufügen",
    },
    what={
        "en": "A requirement leads to an element that does not exist.",
        "de": "Eine Anforderung führt zu einem Element, das es nicht gibt.",
    },
    why={"en": "The value it stands for is missing.", "de": "Der Wert, für den sie steht, fehlt."},
    wrong='<requiredInput href="#amont"/>',
    right='<requiredInput href="#amount"/>',
)

UNKNOWN_IMPORT = Code(
    "dmn-unknown-import",
    {
        "en": "no file with the namespace `{namespace}` is here",
        "de": "Es liegt keine Datei mit dem Namensraum `{namespace}` vor",
    },
    remedy={"en": "put the imported file beside this one", "de": "importierte Datei daneben legen"},
    what={"en": "An imported model is missing.", "de": "Ein importiertes Modell fehlt."},
    why={"en": "What it defines is unknown.", "de": "Was es definiert, ist unbekannt."},
)

UNKNOWN_TYPE = Code(
    "dmn-unknown-type",
    {"en": "`{name}` is not a type of this model", "de": "`{name}` ist kein Datentyp dieses Modells"},
    remedy={"en": "did you mean `{nearest}`?", "de": "Gemeint vielleicht `{nearest}`?"},
    severity="warning",
    what={
        "en": "A type is neither one of FEEL nor an item definition.",
        "de": "Ein Datentyp ist weder einer von FEEL noch eine Item-Definition.",
    },
    why={"en": "Any value is let through.", "de": "Jeder Wert wird angenommen."},
    wrong='<variable name="a" typeRef="tLon"/>',
    right='<variable name="a" typeRef="tLoan"/>',
)

CIRCLE = Code(
    "dmn-circle",
    {"en": "this goes round in a circle: {path}", "de": "Das dreht sich im Kreis: {path}"},
    remedy={"en": "remove one of the requirements", "de": "eine der Anforderungen entfernen"},
    what={
        "en": "Decisions (or item definitions) need each other.",
        "de": "Entscheidungen (oder Item-Definitionen) brauchen einander gegenseitig.",
    },
    why={"en": "None of them could ever be evaluated.", "de": "Keine davon wäre je auswertbar."},
)

SAME_NAME = Code(
    "dmn-same-name",
    {"en": "`{name}` is defined twice", "de": "`{name}` ist zweimal definiert"},
    remedy={"en": "rename one of them", "de": "eines davon umbenennen"},
    what={
        "en": "Two elements have one name or id.",
        "de": "Zwei Elemente haben denselben Namen oder dieselbe Id.",
    },
    why={"en": "Which one is meant would be chance.", "de": "Welches gemeint ist, wäre Zufall."},
)

CODES = (
    NOT_XML,
    TOO_LARGE,
    NO_MODEL,
    EXTERNAL,
    UNKNOWN_PART,
    MISSING_PART,
    LANGUAGE,
    UNKNOWN_REFERENCE,
    UNKNOWN_IMPORT,
    UNKNOWN_TYPE,
    CIRCLE,
    SAME_NAME,
)
"""All of them."""
