"""Mail as a real server receives it: both languages, both forms, what its headers say, TLS and passwords."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fachwerk.engine.work.outside import MailServer, World, world_of
from fachwerk.problems import Refused
from post_office import Inbox, PostOffice, listening, mail_server, post_office


def run(world: World, url: str, work: Callable[[PostOffice], Awaitable[None]]) -> None:
    """Run *work* in a post office whose mail goes to *world*."""

    async def inner() -> None:
        async with post_office(url, world) as made:
            await work(made)

    asyncio.run(inner())


async def send(made: PostOffice, **values: object) -> None:
    """Send a letter about a person of these values, and have everything done that is due."""
    office = made.office
    person = await office.make("person", **{"name": "Ada", "mail": "ada@home.example", **values})
    letter = await office.make("letter", subject=str(values.get("name") or "Ada"), amount=1234, kind="proof", person=person.id)
    comment = "look\r\nBcc: evil@evil.example\r\n\r\n<script>alert(1)</script> & so on"
    await office.service.act(office.people["clerk"], "letter", letter.id, "send", comment=comment)
    await made.worker.run_due()


def body(mail: EmailMessage, form: str) -> str:
    """The text of a mail, ``plain`` or ``html``."""
    part = mail.get_body((form,))
    assert part is not None
    return str(part.get_content())


def test_everybody_gets_text_and_html_in_their_language(sqlite_url: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            people = made.office.people
            await made.office.accounts.set_language(people["reader"].id, "de")
            await send(made, user=people["head"].id)
            mails = {str(mail["To"]): mail for mail in inbox.received}
            english, german = mails["head <ada@home.example>"], mails["reader <reader@example.org>"]
            for mail, language, subject in ((english, "en", "Letter Ada"), (german, "de", "Brief Ada")):
                assert mail.get_content_type() == "multipart/alternative"
                assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
                assert (mail["Content-Language"], mail["Subject"]) == (language, subject)
                assert f'<html lang="{language}">' in body(mail, "html")
            assert "With proof for €1,234.00" in body(english, "plain")
            assert "Mit Nachweis für 1.234,00\xa0€, bis 12.03.2026" in body(german, "plain")
            assert "öffnen: http" in body(german, "plain")
            assert "Open in" in body(english, "html")

        run(World(mail=inbox.server, sender="Office <office@works.example>"), sqlite_url, work)


def test_what_headers_say(sqlite_url: str) -> None:
    """One of each, none by whoever fills in fields; the same Message-ID at every attempt."""
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            await send(made, user=made.office.people["head"].id)
            ids = {str(row[0]) for row in await made.rows("select id from fw_effect where kind = 'mail'")}
            for mail in inbox.received:
                assert sorted(mail.keys()) == sorted(
                    ["Subject", "From", "To", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "MIME-Version",
                     "Content-Type"]
                )  # fmt: skip
                assert mail["Auto-Submitted"] == "auto-generated"
                assert mail["Date"].datetime == dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
                key, domain = str(mail["Message-ID"]).strip("<>").split("@")
                assert key in ids
                assert domain == "works.example"
            assert len({str(mail["Message-ID"]) for mail in inbox.received}) == len(inbox.received) == 2

        run(World(mail=inbox.server, sender="Office <office@works.example>"), sqlite_url, work)


ENCODED = "=?utf-8?q?=0D=0ABcc=3A_evil=40evil=2Eexample?="


@pytest.mark.parametrize("name", [ENCODED, "=?=?utf-8?b?Cg==?=?=", "Ada\r\nBcc: evil@evil.example", "Ada\nX-Evil: 1\n\nbody", "Ada <evil@evil.example>, x"])
def test_no_value_makes_a_header_or_a_receiver(sqlite_url: str, name: str) -> None:
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            try:
                await send(made, name=name)
            except Refused:  # a field of one line may refuse it at the door
                return
            assert {tuple(one) for one in inbox.hosts} <= {("ada@home.example",), ("reader@example.org",)}
            for mail in inbox.received:
                assert "\n" not in str(mail["To"])
                assert mail["Bcc"] is None
                assert mail["X-Evil"] is None
                assert "\n" not in str(mail["Subject"])
                assert "<script>" not in body(mail, "html")
                assert "&lt;script&gt;" in body(mail, "html")

        run(World(mail=inbox.server), sqlite_url, work)


def test_a_domain_with_umlauts_is_written_as_mail_servers_know_it(sqlite_url: str) -> None:
    """Also to a server that takes no other signs than those of ASCII."""
    with mail_server() as inbox:

        async def work(made: PostOffice) -> None:
            await send(made, name="Zoë", mail="zoe@müller.example")
            assert ["zoe@xn--mller-kva.example"] in inbox.hosts

        run(World(mail=inbox.server), sqlite_url, work)


# TLS and passwords ----------------------------------------------------------------------------------------------------


@dataclass
class Guard:
    """Keeps who signed in."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        self.seen.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"s3cret/x")


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate for 127.0.0.1, which is also written as the authority to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "mail.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "mail.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "mail.pem", folder / "mail.key")
    return context


@contextmanager
def guarded_server(folder: Path, **more: Any) -> Iterator[tuple[Inbox, Guard]]:
    """Run a mail server that wants STARTTLS (where it can) and a password."""
    guard = Guard()
    inbox = Inbox()
    options = {"tls_context": certificate(folder), "require_starttls": True, **more}
    wanted = {"auth_required": True, **{name: value for name, value in options.items() if value is not None}}
    with listening(inbox, authenticator=guard, **wanted):
        yield inbox, guard


def test_a_password_goes_over_tls_to_a_server_that_proves_who_it_is(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guarded_server(tmp_path) as (inbox, guard):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
        world = world_of({"FACHWERK_SMTP": f"smtp://clerk:s3cret%2Fx@127.0.0.1:{inbox.port}"})

        async def work(made: PostOffice) -> None:
            await send(made)
            assert len(inbox.received) == 2
            assert set(guard.seen) == {("clerk", "s3cret/x")}

        run(world, sqlite_url, work)


def test_a_server_that_cannot_prove_who_it_is_gets_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with guarded_server(tmp_path) as (inbox, guard):

        async def work(made: PostOffice) -> None:
            await send(made)
            assert (inbox.received, guard.seen) == ([], [])
            errors = await made.rows("select error from fw_effect where kind = 'mail'")
            assert all("CERTIFICATE_VERIFY_FAILED" in row[0] for row in errors)

        run(World(mail=MailServer("127.0.0.1", inbox.port, user="clerk", password="s3cret/x")), sqlite_url, work)


def test_a_password_is_not_sent_where_there_is_no_tls(sqlite_url: str, tmp_path: Path) -> None:
    open_server = {"tls_context": None, "require_starttls": None, "auth_required": False, "auth_require_tls": False}
    with guarded_server(tmp_path, **open_server) as (inbox, guard):

        async def work(made: PostOffice) -> None:
            await send(made)
            assert (inbox.received, guard.seen) == ([], [])
            rows = await made.rows("select outcome, error from fw_effect where kind = 'mail'")
            assert {tuple(row) for row in rows} == {("gave up", "the mail server offers no TLS: the password is not sent")}

        run(World(mail=MailServer("127.0.0.1", inbox.port, user="clerk", password="s3cret/x")), sqlite_url, work)


def test_the_settings_of_a_server() -> None:
    """The usual ports; passwords may hold any sign."""
    assert world_of({"FACHWERK_SMTP": "smtps://mail.example"}).mail == MailServer("mail.example", 465, True)
    assert world_of({"FACHWERK_SMTP": "smtp://mail.example"}).mail == MailServer("mail.example", 25)
    plain = MailServer("mail.example", 587, False, "a@b", "p:w/d")
    assert world_of({"FACHWERK_SMTP": "smtp://a%40b:p%3Aw%2Fd@mail.example"}).mail == plain
    assert "p:w/d" not in repr(replace(plain))
