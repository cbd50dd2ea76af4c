"""What somebody would write by hand for the bench's two tables with Starlette, SQLAlchemy Core and Jinja2.

It keeps tokens and rights in memory, builds its statements once, checks the same things of what it is given and reads
and writes the very tables that the engine made. It writes no history and knows no languages, rules or workflows.
``bench/http.py`` starts it: ``uvicorn bench.reference_server:app`` with REFERENCE_DATABASE in the environment.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import uuid
from decimal import Decimal, InvalidOperation

import orjson
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from jinja2 import DictLoader, Environment
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

TOKENS = {os.environ.get("REFERENCE_TOKEN", "token"): ("clerk", frozenset({"contact", "ticket"}))}
SESSIONS = {"session": ("clerk", frozenset({"contact", "ticket"}))}
STATUS = ("draft", "submitted", "in_review", "approved", "rejected")
KINDS = frozenset({"customer", "supplier", "authority"})
CAP = 1000

url = os.environ["REFERENCE_DATABASE"].replace("postgresql://", "postgresql+asyncpg://", 1)
engine = create_async_engine(url, pool_size=16, max_overflow=0)
reading = engine.execution_options(isolation_level="AUTOCOMMIT")
metadata = sa.MetaData()


def table(name: str, *columns: sa.Column) -> sa.Table:
    """Return the table of an entity with the columns that every record has."""
    head = [sa.Column("id", UUID(as_uuid=False), primary_key=True), sa.Column("version", sa.BigInteger)]
    tail = [sa.Column(when, sa.DateTime(timezone=True)) for when in ("created", "changed")]
    return sa.Table(name, metadata, *head, *columns, *tail)


contact = table(
    "contact", sa.Column("name", sa.Text), sa.Column("email", sa.Text), sa.Column("phone", sa.Text),
    sa.Column("kind", sa.Text), sa.Column("score", sa.BigInteger), sa.Column("born", sa.Date),
    sa.Column("balance", sa.Numeric(19, 2)), sa.Column("active", sa.Boolean), sa.Column("owner", sa.Text),
)  # fmt: skip
ticket = table(
    "ticket", sa.Column("subject", sa.Text), sa.Column("contact", UUID(as_uuid=False)), sa.Column("status", sa.Text),
    sa.Column("priority", sa.BigInteger), sa.Column("due", sa.Date), sa.Column("amount", sa.Numeric(19, 2)),
)  # fmt: skip
CONTACT = [str(column.name) for column in contact.c]
TICKET = [*(str(column.name) for column in ticket.c), "contact_name"]
given = sa.bindparam
READ = sa.select(contact).where(contact.c.id == given("id"))
NEWEST = (ticket.c.due.desc().nulls_last(), ticket.c.id.desc())
LIST = (
    sa.select(ticket, contact.c.name).join(contact, contact.c.id == ticket.c.contact, isouter=True)
    .where(ticket.c.status == given("status")).order_by(*NEWEST).limit(given("limit"))
)  # fmt: skip
COUNT = sa.select(sa.func.count()).select_from(
    sa.select(ticket.c.id).where(ticket.c.status == given("status")).limit(CAP + 1).subquery()
)
CREATE = sa.insert(contact).returning(contact)
CHANGES: dict[tuple[str, ...], sa.Update] = {}


def plain(value: object) -> object:
    """Write decimals as JSON numbers with all their places."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError


def answer(body: object, status: int = 200) -> Response:
    """Return JSON."""
    return Response(orjson.dumps(body, default=plain), status, media_type="application/json")


def refusal(request, entity: str) -> Response | None:
    """Return the refusal of a request without the right for *entity*."""
    header = request.headers.get("authorization", "")
    who = TOKENS.get(header[7:]) if header.startswith("Bearer ") else None
    if who is None:
        return answer({"error": "not signed in"}, 401)
    return None if entity in who[1] else answer({"error": "forbidden"}, 403)


def text(value: object) -> object:
    """Accept a text of at most 255 characters without NUL."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\0" in value:
        raise ValueError("a text is expected")
    return value


def email(value: object) -> object:
    """Accept an email address."""
    return validate_email(str(text(value)), check_deliverability=False).normalized


def whole(value: object) -> object:
    """Accept an integer."""
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError("an integer is expected")
    return value


def money(value: object) -> object:
    """Accept a number with two places."""
    number = Decimal(str(value))
    if number != round(number, 2) or abs(number) > 10**16:
        raise ValueError("an amount is expected")
    return number


def date(value: object) -> object:
    """Accept a date."""
    return dt.date.fromisoformat(str(value))


def flag(value: object) -> object:
    """Accept true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def kind(value: object) -> object:
    """Accept an option."""
    if value not in KINDS:
        raise ValueError("an option is expected")
    return value


FIELDS = {"name": text, "email": email, "phone": text, "kind": kind, "score": whole, "born": date, "balance": money,
          "active": flag, "owner": text}  # fmt: skip


def check(data: object, *, new: bool) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values of a contact and what is wrong with them."""
    if not isinstance(data, dict):
        return {}, {"": "an object is expected"}
    values: dict[str, object] = {}
    errors = dict.fromkeys(data.keys() - FIELDS.keys(), "there is no such field")
    for name, value in data.items():
        if name in errors or value is None:
            values[name] = None
            continue
        try:
            values[name] = FIELDS[name](value)
        except (ValueError, InvalidOperation, EmailNotValidError) as error:
            errors[name] = str(error)
    if ("name" in values or new) and not values.get("name") and "name" not in errors:
        errors["name"] = "required"
    return values, errors


async def read(request) -> Response:
    """GET one contact."""
    refused = refusal(request, "contact")
    if refused:
        return refused
    async with reading.connect() as connection:
        row = (await connection.execute(READ, {"id": request.path_params["id"]})).first()
    return answer({"error": "not found"}, 404) if row is None else answer(dict(zip(CONTACT, row, strict=True)))


async def tickets(request) -> Response:
    """GET 50 tickets of a status, the latest due first, with a count up to the cap."""
    refused = refusal(request, "ticket")
    if refused:
        return refused
    status, limit = request.query_params.get("status"), int(request.query_params.get("limit", 50))
    if status not in STATUS or not 0 < limit <= 200:
        return answer({"error": "bad query"}, 400)
    async with reading.connect() as connection:
        rows = (await connection.execute(LIST, {"status": status, "limit": limit})).all()
        count = (await connection.execute(COUNT, {"status": status})).scalar_one()
    items = [dict(zip(TICKET, row, strict=True)) for row in rows]
    return answer({"items": items, "count": min(count, CAP), "count_is_capped": count > CAP})


async def create(request) -> Response:
    """POST a contact."""
    refused = refusal(request, "contact")
    if refused:
        return refused
    values, errors = check(orjson.loads(await request.body()), new=True)
    if errors:
        return answer({"errors": errors}, 422)
    now = dt.datetime.now(dt.UTC)
    values |= {"id": str(uuid.uuid4()), "version": 1, "created": now, "changed": now}
    try:
        async with engine.begin() as connection:
            row = (await connection.execute(CREATE, values)).one()
    except IntegrityError:
        return answer({"errors": {"email": "taken"}}, 409)
    return answer(dict(zip(CONTACT, row, strict=True)), 201)


async def change(request) -> Response:
    """PATCH a contact."""
    refused = refusal(request, "contact")
    if refused:
        return refused
    values, errors = check(orjson.loads(await request.body()), new=False)
    if errors:
        return answer({"errors": errors}, 422)
    key = tuple(sorted(values))
    statement = CHANGES.get(key)
    if statement is None:
        changed = {name: given(f"new_{name}", type_=contact.c[name].type) for name in (*key, "changed")}
        statement = (
            sa.update(contact).where(contact.c.id == given("this"))
            .values(**changed, version=contact.c.version + 1).returning(contact)
        )  # fmt: skip
        CHANGES[key] = statement
    values = {f"new_{name}": value for name, value in values.items()}
    values |= {"this": request.path_params["id"], "new_changed": dt.datetime.now(dt.UTC)}
    try:
        async with engine.begin() as connection:
            row = (await connection.execute(statement, values)).first()
    except IntegrityError:
        return answer({"errors": {"email": "taken"}}, 409)
    return answer({"error": "not found"}, 404) if row is None else answer(dict(zip(CONTACT, row, strict=True)))


PAGE = """<!doctype html><html lang=en><head><meta charset=utf-8><title>{{ title }}</title>
<link rel=stylesheet href=/app.css><script src=/htmx.js defer></script></head><body>
<nav><a href=/>Home</a> <a href=/contact>Contacts</a> <a href=/ticket>Tickets</a> <span>{{ user }}</span></nav>
<main><h1>{{ title }}</h1>
<form method=get><select name=status>{% for option in options %}<option{% if option == status %} selected{% endif %}>
{{- option }}</option>{% endfor %}</select><input type=search name=q><button>Filter</button></form>
<p>{{ count }}{% if capped %}+{% endif %} records</p>
<table><thead><tr>{% for head in heads %}<th scope=col><a href="?sort={{ head }}">{{ head }}</a></th>{% endfor %}
</tr></thead><tbody>{% for row in rows %}
<tr><td><a href="/ticket/{{ row.id }}">{{ row.subject }}</a></td><td>{{ row.status }}</td>
<td>{{ row.priority }}</td><td>{{ row.due }}</td><td>{{ row.amount }}</td>
<td>{% if row.contact %}<a href="/contact/{{ row.contact }}">{{ row.name }}</a>{% endif %}</td></tr>{% endfor %}</tbody>
</table><a href="?after={{ rows[-1].id if rows }}">Next</a></main></body></html>"""
template = Environment(loader=DictLoader({"list": PAGE}), autoescape=True).get_template("list")


async def page(request) -> HTMLResponse:
    """GET the page of tickets."""
    who = SESSIONS.get(request.cookies.get("session", ""))
    if who is None or "ticket" not in who[1]:
        return HTMLResponse("sign in", 403)
    status = request.query_params.get("status", "draft")
    async with reading.connect() as connection:
        rows = (await connection.execute(LIST, {"status": status, "limit": 50})).all()
        count = (await connection.execute(COUNT, {"status": status})).scalar_one()
    heads = ("subject", "status", "priority", "due", "amount", "contact")
    shown = template.render(
        title="Tickets", user=who[0], options=STATUS, status=status, heads=heads, rows=rows, count=min(count, CAP),
        capped=count > CAP,
    )  # fmt: skip
    return HTMLResponse(shown)


def tune_collector() -> None:
    """Leave what is loaded at start out of the cyclic collector, which made a fifth of the work otherwise."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)


app = Starlette(
    routes=[
        Route("/contact/{id}", read),
        Route("/ticket", tickets),
        Route("/contact", create, methods=["POST"]),
        Route("/contact/{id}", change, methods=["PATCH"]),
        Route("/page/ticket", page),
    ]
)
tune_collector()
