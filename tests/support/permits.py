"""The types of a building permit, as the schema would make them: the surroundings of rules in tests."""

from __future__ import annotations

from fachwerk.rules.scope import Scope
from fachwerk.rules.types import (
    BOOLEAN,
    DATE,
    DATE_TIME,
    NUMBER,
    STRING,
    AnyType,
    FunctionType,
    ListType,
    OptionType,
    RecordType,
    Typed,
)


def sure(type_: AnyType) -> Typed:
    """Return the type of what is never null."""
    return Typed(type_, False)


def rows(record: RecordType) -> Typed:
    """Return the type of a list of records."""
    return sure(ListType(sure(record)))


KIND = OptionType("permit.kind", ("new", "conversion", "demolition"))
STATE = OptionType("permit.state", ("draft", "submitted", "in_review", "decided", "granted", "refused"))
OUTCOME = OptionType("opinion.outcome", ("approve", "object"))

USER = RecordType("user", {"id": sure(STRING), "name": Typed(STRING)})
PERSON = RecordType(
    "person",
    {"given_name": sure(STRING), "family_name": sure(STRING), "born": Typed(DATE), "user": Typed(USER)},
)
OWNERSHIP = RecordType(
    "ownership",
    {"owner": Typed(PERSON), "share": Typed(NUMBER), "since": Typed(DATE), "until": Typed(DATE)},
    valid=("since", "until"),
)
NEIGHBOUR = RecordType(
    "neighbours", {"name": sure(STRING), "notified": Typed(DATE), "consents": Typed(BOOLEAN)}
)
OPINION = RecordType("opinion", {"outcome": Typed(OUTCOME), "by": Typed(USER)})
_unit: dict[str, Typed] = {"name": sure(STRING)}
UNIT = RecordType("unit", _unit, tree="parent")
_unit["parent"] = Typed(UNIT)
_permit: dict[str, Typed] = {}
PERMIT = RecordType("permit", _permit)
PLOT = RecordType(
    "plot",
    {
        "district": sure(STRING),
        "parcel": sure(STRING),
        "max_storeys": Typed(NUMBER),
        "heritage": Typed(BOOLEAN),
        "permits": rows(PERMIT),
        "ownership": rows(OWNERSHIP),
    },
)
_permit.update(
    number=Typed(STRING),
    applicant=sure(PERSON),
    plot=sure(PLOT),
    kind=sure(KIND),
    state=sure(STATE),
    floor_area=Typed(NUMBER),
    storeys=Typed(NUMBER),
    documents=sure(ListType(sure(STRING))),
    neighbours=rows(NEIGHBOUR),
    fee=Typed(NUMBER),
    submitted=Typed(DATE),
    changed=sure(DATE_TIME),
    note=Typed(STRING),
    unit=Typed(UNIT),
)

PERMIT_SCOPE = Scope(
    {**_permit, "opinions": rows(OPINION)},
    me=USER,
    mine={"person": PERSON, "unit": UNIT},
    decisions={"fee": FunctionType((("kind", Typed(KIND)), ("floor_area", Typed(NUMBER))), Typed(NUMBER))},
)
"""The scope of rules of a permit."""
