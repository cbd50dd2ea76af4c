"""Mail: a message as text and as HTML, handed to an SMTP server; sent again it carries the same Message-ID."""

from __future__ import annotations

import contextlib
import html
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import Executor
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from functools import partial
from typing import TYPE_CHECKING

from fachwerk.engine.database import Database
from fachwerk.engine.files import Files
from fachwerk.engine.work.job import GiveUp, Undelivered
from fachwerk.engine.work.line import Line, in_thread
from fachwerk.engine.work.outside import MailServer, World
from fachwerk.engine.work.queue import Job

if TYPE_CHECKING:
    from email.headerregistry import Address

SECONDS = 20
GOODBYE = 2
"""How many seconds a server has to say goodbye, once it has taken a mail."""
NO_SERVER = "no mail server"
_BACK = {"en": "Open in {app}", "de": "In {app} öffnen"}
_STYLE = (
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5;color:#1d2430;"
    "max-width:36em;margin:0 auto;padding:24px"
)


class Mailer:
    """Delivers effects of kind ``mail``."""

    def __init__(self, world: World, app_label: str, files: Files, database: Database, threads: Executor) -> None:
        self._world, self._label = world, app_label
        self._files, self._database, self._threads = files, database, threads

    async def deliver(self, job: Job) -> str:
        """Send one mail; raises :class:`GiveUp` where no attempt could ever reach anybody."""
        if self._world.mail is None:
            return NO_SERVER
        message = compose(job, self._world, self._label)
        for one in job.payload.get("files") or ():
            content = await self._files.content(self._database, str(one["hash"]))
            if content is None:
                raise GiveUp(f"the file {one['name']} is not kept any more")
            attach(message, one, content)
        server = self._world.mail
        try:
            await in_thread(self._threads, partial(_send, server, message))
        except (OSError, smtplib.SMTPException) as error:
            what = f"{type(error).__name__}: {error}"
            raise Undelivered(f"the mail server {server.host}:{server.port} did not take it: {what}") from None
        return "sent"


def compose(job: Job, world: World, label: str) -> EmailMessage:
    """Return the mail of an effect: its text, the same as HTML, and a link to what it is about."""
    data = job.payload
    message = EmailMessage()
    message["Subject"] = one_line(data["subject"])
    message["From"] = _sender(world.sender)
    message["To"] = _receiver(data["to"], data.get("name") or "")
    message["Date"] = format_datetime(job.created)
    message["Message-ID"] = f"<{job.id}@{_domain(world)}>"
    message["Auto-Submitted"] = "auto-generated"
    link = world.url + data["path"] if data.get("path") else ""
    back = _BACK.get(data["language"], _BACK["en"]).format(app=label)
    body = data["body"].strip()
    message.set_content(f"{body}\n\n{back}: {link}\n" if link else f"{body}\n")
    message.add_alternative(_html(data, body, back, link), subtype="html")
    # setting the content takes such headers away
    message["Content-Language"] = data["language"]
    return message


def attach(message: EmailMessage, file: Mapping[str, str], content: bytes) -> None:
    """Let a file go with a mail."""
    kind, _, form = file["type"].partition("/")
    message.add_attachment(content, maintype=kind, subtype=form, filename=one_line(file["name"]))


def one_line(text: str) -> str:
    """Return *text* as a subject may stand in a header: one line without control characters.

    What looks like an encoded word is taken apart: the standard library would decode it on the way into the header, and
    whatever line ends it hides would begin headers of their own.
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    return re.sub(r"\s+", " ", shown).strip()[:250].replace("=?", "= ?")


def _receiver(address: str, name: str) -> Address:
    from email.headerregistry import Address  # slow to load: start-up time

    if "=?" in address:
        raise GiveUp(f"{address!r} is no mail address")
    try:
        if address.isascii():
            return Address(display_name=one_line(name), addr_spec=address)
        local, domain = _in_ascii(address)
        return Address(display_name=one_line(name), username=local, domain=domain)
    except Exception:  # the standard library raises several kinds for what is no address
        raise GiveUp(f"{address!r} is no mail address") from None


def _in_ascii(address: str) -> tuple[str, str]:
    """Return an address with its domain as mail servers know it: ``müller.example`` is ``xn--mller-kva.example``."""
    from email_validator import validate_email  # slow to load: start-up time

    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.local_part, found.ascii_domain or found.domain


def _sender(text: str) -> str:
    name, address = parseaddr(text)
    if address and not address.isascii():
        address = "@".join(_in_ascii(address))
    return formataddr((one_line(name), address)) if address else text


def _domain(world: World) -> str:
    return parseaddr(world.sender)[1].rpartition("@")[2] or "localhost"


def _html(data: object, body: str, back: str, link: str) -> str:
    assert isinstance(data, dict)
    paragraphs = [f"<p>{'<br>'.join(html.escape(part).splitlines())}</p>" for part in re.split(r"\n\s*\n", body)]
    button = f'<p><a href="{html.escape(link)}">{html.escape(back)}</a></p>' if link else ""
    return (
        f'<!doctype html><html lang="{html.escape(data["language"])}"><head><meta charset="utf-8">'
        f"<title>{html.escape(one_line(data['subject']))}</title></head>"
        f'<body><div style="{_STYLE}">{"".join(paragraphs)}{button}</div></body></html>'
    )


def _send(server: MailServer, message: EmailMessage, line: Line) -> None:
    context = ssl.create_default_context()
    connection = _Smtp(server, context, line)
    try:
        connection.ehlo_or_helo_if_needed()
        if not server.tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif server.user and not server.tls:
            raise GiveUp("the mail server offers no TLS: the password is not sent")
        if server.user:
            connection.login(server.user, server.password)
        _hand_over(connection, message)
        _goodbye(connection)
    finally:
        connection.close()


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Hand a mail over; raises :class:`GiveUp` where the server would never take it."""
    (address,) = message["To"].addresses
    if not address.addr_spec.isascii() and not connection.has_extn("smtputf8"):
        raise GiveUp(f"the mail server takes no address like {address.addr_spec} (it offers no SMTPUTF8)")
    try:
        connection.send_message(message, to_addrs=[address.addr_spec])
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise GiveUp(f"the mail server refuses the receiver: {refused}") from None
        raise
    except smtplib.SMTPSenderRefused as refused:
        if refused.smtp_code == 552:  # RFC 1870: larger than the server ever takes
            raise GiveUp(f"the mail server refuses a mail of this size: {refused}") from None
        raise
    except smtplib.SMTPDataError as refused:
        if 500 <= refused.smtp_code < 600:  # RFC 5321, 4.2.1: the same must not be sent again
            raise GiveUp(f"the mail server refuses the mail: {refused}") from None
        raise


def _goodbye(connection: smtplib.SMTP) -> None:
    """End a connection; the mail was taken, whatever the server still says or does not."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if connection.sock is not None:
            connection.sock.settimeout(GOODBYE)
        connection.quit()


class _Smtp(smtplib.SMTP):
    """A connection to a mail server that can be cut."""

    def __init__(self, server: MailServer, context: ssl.SSLContext, line: Line) -> None:
        self._server, self._context, self._line = server, context, line
        super().__init__(server.host, server.port, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = self._line.connect([host], port, timeout)
        return self._context.wrap_socket(connection, server_hostname=host) if self._server.tls else connection
