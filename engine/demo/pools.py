"""What demo data is drawn from: names, streets, towns and firms, all invented or everyday."""

from __future__ import annotations

from types import MappingProxyType

GIVEN = (
    "Anna", "Ben", "Carla", "David", "Emma", "Finn", "Greta", "Hannes", "Ida", "Jonas", "Klara", "Leon", "Mia",
    "Noah", "Olivia", "Paul", "Romy", "Samir", "Theo", "Ute", "Valentin", "Wanda", "Yara", "Zeynep", "Aylin",
    "Bruno", "Dilara", "Elif", "Felix", "Georg", "Helene", "Ingrid", "Jakob", "Katharina", "Lukas", "Maria", "Nina",
    "Oskar", "Petra", "Rainer", "Sofia", "Tobias", "Ursula", "Viktor", "Agnieszka", "Mehmet", "Sven", "Birgit",
    "Daria", "Emil",
)  # fmt: skip
FAMILY = (
    "Albrecht", "Bauer", "Becker", "Berg", "Brandt", "Braun", "Demir", "Dietrich", "Ebert", "Engel", "Fischer",
    "Frank", "Fuchs", "Graf", "Groß", "Haas", "Hahn", "Hartmann", "Heinrich", "Hofmann", "Huber", "Jung", "Kaiser",
    "Kaya", "Keller", "Klein", "Koch", "Kowalski", "Kraus", "Krüger", "Kuhn", "Lang", "Lehmann", "Lorenz", "Maier",
    "Martin", "Mayer", "Möller", "Neumann", "Nowak", "Öztürk", "Peters", "Pohl", "Richter", "Roth", "Sauer",
    "Schäfer", "Schmitt", "Schubert", "Schulte", "Seidel", "Simon", "Sommer", "Stein", "Thomas", "Vogel", "Vogt",
    "Wagner", "Weber", "Weiß", "Winkler", "Winter", "Wolf", "Yılmaz", "Ziegler", "Zimmermann",
)  # fmt: skip
STREETS = (
    "Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee", "Kirchgasse", "Schulstraße", "Am Mühlbach",
    "Rosenweg", "Bergstraße", "Ringstraße", "Marktplatz", "Waldstraße", "Feldweg", "Goethestraße", "Schillerstraße",
    "Am Sonnenhang", "Brunnengasse", "Parkallee", "Wiesengrund", "Uferstraße",
)  # fmt: skip
TOWNS = (
    ("65719", "Hofheim"),
    ("65779", "Kelkheim"),
    ("61462", "Königstein"),
    ("65824", "Schwalbach"),
    ("65760", "Eschborn"),
    ("65795", "Hattersheim"),
    ("61476", "Kronberg"),
    ("65835", "Liederbach"),
)
FIRMS = (
    "Adler & Sohn GmbH",
    "Blaue Stunde eG",
    "Domkellerei AG",
    "Elektro Lenz",
    "Fuhrbetrieb Kranz",
    "Grünwerk Gartenbau",
    "Holzbau Hansen",
    "Institut für Baustoffe",
    "Kaminski Dachtechnik",
    "Lichtblick Stiftung",
    "Malerei Farbton",
    "Nordwind Energie",
    "Orgelbau Meister",
    "Quellhof GmbH",
    "Rohrfrei Sanitär",
    "Sonnenfels Immobilien",
    "Turnverein 1861",
    "Uhrenhaus Lindner",
    "Werkhof Süd",
    "Zimmerei Thalbach",
)
SENTENCES = (
    "Die Angaben wurden telefonisch abgestimmt.",
    "Bitte bei Rückfragen vormittags anrufen.",
    "Der Termin vor Ort hat stattgefunden; es gab keine Besonderheiten.",
    "Ein Nachbar wurde bereits informiert.",
    "Die Unterlagen liegen vollständig vor.",
    "Es handelt sich um die Fortsetzung eines Vorgangs aus dem Vorjahr.",
    "Die Kosten wurden anhand von drei Angeboten ermittelt.",
    "Der Zugang ist nur über den Hof möglich.",
    "Eine Verlängerung wurde in Aussicht gestellt.",
    "Auf die besondere Lage wurde hingewiesen.",
)
COMMENTS = (
    "Bitte den Lageplan nachreichen.",
    "Nach Rücksprache mit der Leitung.",
    "Die Voraussetzungen liegen nicht vor.",
    "Auf eigenen Wunsch.",
    "Die Begründung ist noch zu knapp.",
)
PAUSES = ("Eine Rückmeldung steht noch aus.", "Auf Wunsch der Beteiligten.", "Es fehlt noch eine Angabe.")
RESUMES = ("Die fehlenden Angaben liegen vor.", "Es kann weitergehen.", "Die Antwort ist da.")
EXTENSIONS = (
    "Der Vorgang ist umfangreicher als üblich.",
    "Eine weitere Rückfrage ist nötig.",
    "Nach Rücksprache mit allen Beteiligten.",
)

BY_NAME = MappingProxyType(
    {
        "given_name": GIVEN,
        "first_name": GIVEN,
        "family_name": FAMILY,
        "last_name": FAMILY,
        "surname": FAMILY,
        "city": tuple(town for _, town in TOWNS),
        "district": tuple(town for _, town in TOWNS),
        "company": FIRMS,
        "degree": ("Dr. med.", "Prof. Dr.", "Dr."),
    }
)
"""Values for text fields of everyday names."""
