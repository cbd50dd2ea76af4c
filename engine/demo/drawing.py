"""Draws a believable value for a field. Deterministic: the same random source gives the same values."""

from __future__ import annotations

import datetime as dt
import random
import re
import zlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from fachwerk.engine.demo import pools
from fachwerk.schemas.kinds import FileUpload
from fachwerk.schemas.kinds.numbers import places_of
from fachwerk.schemas.model import Entity, Field, Rule
from stdnum import iban

NOTHING = object()
"""Leave the field out: its default or emptiness is right."""


@dataclass(frozen=True, slots=True)
class Days:
    """A date so many days from the day of the record."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Same:
    """The value of another field."""

    field: str


Candidates = Mapping[str, Sequence[object]]
"""By field: what is drawn from."""

NO_SAMPLE: Candidates = MappingProxyType({})


@dataclass
class Hat:
    """What values are drawn from: a random source, today, candidates by field, and the records made so far."""

    random: random.Random
    today: dt.date
    candidates: Mapping[str, Candidates]
    samples: Mapping[str, Sequence[Candidates]] = field(default_factory=dict)
    """By entity: values that belong together."""
    made: dict[str, list[str]] = field(default_factory=dict)
    owned: dict[str, list[str]] = field(default_factory=dict)
    """Of *made*, those that belong to somebody who can sign in."""
    later: Mapping[str, Set[str]] = field(default_factory=dict)
    """By entity: fields that a workflow asks for, so that a new record has no value there."""
    doers: Mapping[str, Set[str]] = field(default_factory=dict)
    """By entity: links to those who act in its workflows; they mostly lead to somebody who can sign in."""
    own: float = 0.9
    """How many of those links do."""
    person: tuple[str, str] = ("", "")
    serial: int = 0

    def draw(self, entity: Entity, one: Field, known: Mapping[str, object], sample: Candidates) -> object:
        """Return a value for a field, or :data:`NOTHING`; *known* are the values of other fields."""
        whole = sample.get(one.name)
        listed = whole or self.candidates.get(entity.name, {}).get(one.name)
        if listed:
            rounds = len(self.samples[entity.name]) if whole and entity.name in self.samples else len(listed)
            return self._listed(entity, one, listed, rounds, known)
        maker = _MAKERS.get(one.kind)
        return maker(self, entity, one) if maker else NOTHING

    def _listed(
        self, entity: Entity, one: Field, listed: Sequence[object], rounds: int, known: Mapping[str, object]
    ) -> object:
        made = len(self.made.get(entity.name, ()))
        if one.unique and one.kind == "text":  # each once, then with a number
            text = listed[made % len(listed)]
            return f"{text} {made + 1}" if made >= rounds else text
        chosen = self.random.choice(listed)
        if isinstance(chosen, Days):
            return self.today + dt.timedelta(days=self.random.randint(chosen.low, chosen.high))
        if isinstance(chosen, Same):
            value = known.get(chosen.field)
            return NOTHING if value is None else value
        return chosen

    def sample(self, entity: Entity, attempt: int = 0) -> Candidates:
        """Return values that belong together, for the next record: in order first, then any."""
        listed = self.samples.get(entity.name, ())
        made = len(self.made.get(entity.name, ()))
        if made < len(listed) and attempt < 3:
            return listed[made]
        return self.random.choice(listed) if listed else {}

    def record(
        self, entity: Entity, filled: float = 0.85, without: Set[str] = frozenset(), sample: Candidates = NO_SAMPLE
    ) -> dict[str, object]:
        """Return values for a new record; fields that need not be filled are filled this often, *without* never."""
        self.serial += 1
        self.person = (self.random.choice(pools.GIVEN), self.random.choice(pools.FAMILY))
        values: dict[str, object] = {}
        begins = entity.relation.valid[0] if entity.relation and entity.relation.valid else None
        for one in entity.fields.values():
            if not _can_be_given(one) or one.name in without:
                continue
            must = (
                one.name in sample or one.name == begins or (one.required is not None and one.required.constant is True)
            )
            if not must and (one.name in self.later.get(entity.name, ()) or self.random.random() > filled):
                continue
            value = self.draw(entity, one, values, sample)
            if value is not NOTHING:
                values[one.name] = value
        return values


def _can_be_given(one: Field) -> bool:
    made = one.system or one.computed is not None or one.kind in ("sequence", "back_links", "user", "computed")
    return not made and not (one.read_only is not None and one.read_only.constant is True)


def _text(hat: Hat, entity: Entity, one: Field) -> object:
    name = one.name
    if name in ("given_name", "first_name"):
        return hat.person[0]
    if name in ("family_name", "last_name", "surname"):
        return hat.person[1]
    if one.pattern:
        return sample(one.pattern, hat.random)
    if name == "street":
        return f"{hat.random.choice(pools.STREETS)} {hat.random.randint(1, 90)}"
    if name in pools.BY_NAME:
        return hat.random.choice(pools.BY_NAME[name])
    if name == "name" and entity.name in ("company", "organisation", "contractor", "supplier", "firm"):
        return f"{hat.random.choice(pools.FIRMS)}" + (f" {hat.serial}" if one.unique else "")
    label = one.label.get("de") or one.name
    return f"{label} {hat.serial}"[: one.max_length or 200]


def _long_text(hat: Hat, entity: Entity, one: Field) -> object:
    text = " ".join(hat.random.sample(pools.SENTENCES, hat.random.randint(1, 3)))
    return (f"<p>{text}</p>" if one.kind == "rich_text" else text)[: one.max_length or 2000]


def _email(hat: Hat, entity: Entity, one: Field) -> object:
    given, family = (_ascii(part) for part in hat.person)
    return f"{given}.{family}.{hat.serial}@example.org"


_PLAIN = {ord(sign): plain for sign, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ı", "i"))}


def _ascii(text: str) -> str:
    plain = text.lower().translate(_PLAIN)
    return re.sub(r"[^a-z]", "", plain) or "x"


def _phone(hat: Hat, entity: Entity, one: Field) -> object:
    return f"+493023125{hat.random.randint(100, 999)}"


def _iban(hat: Hat, entity: Entity, one: Field) -> object:
    account = f"50050201{hat.random.randint(0, 9_999_999_999):010}"
    return f"DE{iban.calc_check_digits('DE00' + account)}{account}"


def _address(hat: Hat, entity: Entity, one: Field) -> object:
    code, town = hat.random.choice(pools.TOWNS)
    street = f"{hat.random.choice(pools.STREETS)} {hat.random.randint(1, 90)}"
    return {"street": street, "postal_code": code, "city": town}


def _point(hat: Hat, entity: Entity, one: Field) -> object:
    north, east = 50.08 + hat.random.random() / 10, 8.40 + hat.random.random() / 10
    return {"latitude": Decimal(f"{north:.5f}"), "longitude": Decimal(f"{east:.5f}")}


def _number(hat: Hat, entity: Entity, one: Field) -> object:
    low, high = _bound(one.min), _bound(one.max)
    usual = {"percent": (5, 100), "rating": (1, 5), "money": (40, 4000), "integer": (1, 60)}.get(one.kind, (1, 200))
    least = Decimal(usual[0]) if low is None else low
    most = max(Decimal(usual[1]), least * 3) if high is None else high
    share = hat.random.random() ** 2 if one.kind == "money" or high is None else hat.random.random()
    value = least + (most - least) * Decimal(f"{share:.6f}")
    return int(value) if places_of(one) == 0 else round(value, min(places_of(one), 2))


def _bound(rule: Rule | None) -> Decimal | None:
    value = rule.constant if rule else None
    return value if isinstance(value, Decimal) else None


def _date(hat: Hat, entity: Entity, one: Field) -> object:
    if one.name in ("born", "birthday", "date_of_birth"):
        return hat.today - dt.timedelta(days=hat.random.randint(19 * 365, 88 * 365))
    if one.name in ("until", "ends", "closes"):
        return hat.today + dt.timedelta(days=hat.random.randint(30, 500))
    if one.max is not None:
        return hat.today - dt.timedelta(days=hat.random.randint(0, 400))
    if one.name in ("since", "starts", "opens"):
        return hat.today - dt.timedelta(days=hat.random.randint(260, 1200))
    return hat.today + dt.timedelta(days=hat.random.randint(-200, 120))


def _moment(hat: Hat, entity: Entity, one: Field) -> object:
    day = hat.today + dt.timedelta(days=hat.random.randint(-100, 60))
    return dt.datetime(
        day.year, day.month, day.day, hat.random.randint(6, 16), hat.random.choice((0, 30)), tzinfo=dt.UTC
    )


def _choice(hat: Hat, entity: Entity, one: Field) -> object:
    return hat.random.choice(one.options).name


def _choices(hat: Hat, entity: Entity, one: Field) -> object:
    least = one.min_count or 0
    most = min(len(one.options), one.max_count or len(one.options), max(least, 2))
    chosen = hat.random.sample(one.options, hat.random.randint(least, most))
    return tuple(option.name for option in chosen) or NOTHING


def _link(hat: Hat, entity: Entity, one: Field) -> object:
    to = hat.random.choice(one.to)
    ids = hat.made.get(to)
    if to in hat.owned and hat.random.random() < (hat.own if one.name in hat.doers.get(entity.name, ()) else 0.15):
        ids = hat.owned[to]
    if not ids:
        return NOTHING
    before = len(hat.made.get(entity.name, ()))  # each in turn first, so that all are linked to
    chosen = ids[before] if before < len(ids) and hat.random.random() < 0.8 else hat.random.choice(ids)
    return (to, chosen) if len(one.to) > 1 else chosen


def _links(hat: Hat, entity: Entity, one: Field) -> object:
    ids = hat.made.get(one.to[0], [])
    count = min(len(ids), hat.random.randint(one.min_count or 0, one.max_count or 3))
    return tuple(hat.random.sample(ids, count)) or NOTHING


def _tree(hat: Hat, entity: Entity, one: Field) -> object:
    ids = hat.made.get(entity.name, [])
    return hat.random.choice(ids[:4]) if ids else NOTHING


def _rows(hat: Hat, entity: Entity, one: Field) -> object:
    assert one.rows is not None
    count = hat.random.randint(max(one.min_count or 0, 1), min(one.max_count or 4, 4))
    listed = hat.samples.get(one.rows.name)
    if listed:
        chosen = hat.random.sample(listed, min(count, len(listed)))
        return [_row(hat, one.rows, row) for row in chosen]
    return [hat.record(one.rows, 0.9) for _ in range(count)]


def _row(hat: Hat, rows: Entity, sample: Candidates) -> dict[str, object]:
    drawn = {name: hat.draw(rows, rows.fields[name], {}, sample) for name in sample}
    return {name: value for name, value in drawn.items() if value is not NOTHING}


def _file(hat: Hat, entity: Entity, one: Field) -> object:
    image = one.kind in ("image", "images") or (bool(one.accept) and "pdf" not in one.accept)
    label = one.label.get("de") or one.name
    title = f"{label} {hat.serial}"
    name = title.replace("/", "-") + (".png" if image else ".pdf")
    return (FileUpload(name, "", png(hat.random.randrange(256)) if image else pdf(title)),)


def png(shade: int) -> bytes:
    """Return a small picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    line = b"\x00" + bytes((shade, 120, 255 - shade)) * 64
    head = (64).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * 64)) + chunk(b"IEND", b"")


def pdf(title: str) -> bytes:
    """Return a one-page document that shows *title*."""
    plain = re.sub(r"[()\\\\]", " ", title)
    text = f"BT /F1 24 Tf 72 720 Td ({plain}) Tj ET".encode("latin-1", "replace")
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + tail


_PIECE = re.compile(r"(\\d|\\w|\[[^\]]+\]|\\.|\((?:\?:)?[^()]*\)|.)(\?|\*|\+|\{\d+(?:,\d*)?\})?")


def sample(pattern: str, source: random.Random) -> str:
    """Return a text that a simple *pattern* accepts: classes, groups and counts; anything finer needs candidates."""
    text = ""
    for piece, count in _PIECE.findall(pattern.strip("^$")):
        text += "".join(_one(piece, source) for _ in range(_times(count, source)))
    return text


def _times(count: str, source: random.Random) -> int:
    if count in ("", "+"):
        return 1 if not count else source.randint(1, 3)
    if count in ("?", "*"):
        return source.randint(0, 1)
    low, _, high = count.strip("{}").partition(",")
    return source.randint(int(low), int(high or low))


def _one(piece: str, source: random.Random) -> str:
    if piece.startswith("("):
        return sample(source.choice(piece.strip("()").removeprefix("?:").split("|")), source)
    if piece.startswith("["):
        span = re.search(r"(\w)-(\w)", piece)
        return chr(source.randint(ord(span[1]), ord(span[2]))) if span else source.choice(piece[1:-1])
    return {"\\d": str(source.randint(1, 9)), "\\w": "a"}.get(piece, piece[-1])


_MAKERS: Mapping[str, Callable[[Hat, Entity, Field], object]] = {
    "text": _text,
    "long_text": _long_text,
    "rich_text": _long_text,
    "email": _email,
    "phone": _phone,
    "url": lambda hat, entity, one: "https://www.example.org",
    "iban": _iban,
    "color": lambda hat, entity, one: f"#{hat.random.randrange(1 << 24):06x}",
    "secret": lambda hat, entity, one: f"A{hat.random.randrange(10**9):09}",
    "integer": _number,
    "decimal": _number,
    "percent": _number,
    "money": _number,
    "rating": _number,
    "boolean": lambda hat, entity, one: hat.random.random() < 0.4,
    "date": _date,
    "time": lambda hat, entity, one: dt.time(hat.random.randint(8, 17), hat.random.choice((0, 15, 30, 45))),
    "datetime": _moment,
    "duration": lambda hat, entity, one: dt.timedelta(hours=hat.random.randint(1, 40)),
    "choice": _choice,
    "choices": _choices,
    "address": _address,
    "geo_point": _point,
    "link": _link,
    "links": _links,
    "tree": _tree,
    "rows": _rows,
    "file": _file,
    "files": _file,
    "image": _file,
    "images": _file,
}
