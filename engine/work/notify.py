"""Messages: from an effect ``notify`` to a notice for every person, and a mail for everybody with an address.

Notices and the mails to be sent are noted in the transaction that settles the effect; each mail is an effect of its
own, so that one address that does not answer holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fachwerk.engine.database import Connection
from fachwerk.engine.kit import Kit
from fachwerk.engine.shapes import merged
from fachwerk.engine.work.notices import Notices, Words
from fachwerk.engine.work.people import People, Somebody
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.views import context_for, record_view
from fachwerk.engine.work.wording import Wording, wording


@dataclass(frozen=True, slots=True)
class _Letter:
    subject: Wording
    body: Wording


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be told: in every language, about which record, for the effect *effect*."""

    effect: str
    texts: Mapping[str, Words]
    entity: str | None
    record: str | None
    message: str | None = None
    created_by: str | None = None


class Messages:
    """Tells people."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.people, self.notices = People(kit.app), Notices(kit.app)
        self._languages = kit.app.project.languages
        self._letters: dict[str, _Letter] = {}

    async def notify(self, connection: Connection, job: Job) -> str | None:
        """Carry out an effect ``notify``."""
        data = job.payload
        letter = self._letter(str(data["message"]))
        if letter is None:
            return "no such message"
        texts = await self._texts(connection, job, letter)
        if texts is None:
            return "the record is gone"
        post = Post(job.id, texts, job.entity, job.record, data["message"], job.created_by)
        to = await self.receivers(connection, data)
        return await self.tell(connection, post, to, data.get("addresses") or ())

    async def receivers(self, connection: Connection, data: Mapping[str, Any]) -> list[Somebody]:
        """Return the users that a payload's ``users`` and ``roles`` stand for."""
        users, roles = data.get("users") or (), data.get("roles") or ()
        found = {one.id: one for one in await self.people.by_ids(connection, users)}
        for one in await self.people.holding(connection, roles) if roles else ():
            found.setdefault(one.id, one)
        return list(found.values())

    async def tell(
        self, connection: Connection, post: Post, to: Iterable[Somebody], addresses: Iterable[tuple[str, str]] = ()
    ) -> str | None:
        """Leave a notice for each of *to*, and note the mails; *addresses* are (user or nobody, where to write)."""
        now, people = self._kit.clock(), list(to)
        own = {user: address for user, address in addresses if user}
        for one in people:
            await self.notices.add(
                connection, one.id, post.effect, post.texts, now=now, entity=post.entity, record=post.record,
                message=post.message,
            )  # fmt: skip
        mails = {own.get(one.id) or one.email: (one.name, one.language) for one in people}
        mails |= {address: ("", self._languages[0]) for user, address in addresses if not user and address not in mails}
        for address, (name, language) in mails.items():
            if address:
                await self._mail(connection, post, address, name, language)
        return None if people or mails else "nobody to tell"

    async def _mail(self, connection: Connection, post: Post, address: str, name: str, language: str) -> None:
        words = post.texts.get(language) or next(iter(post.texts.values()))
        path = f"/e/{post.entity}/{post.record}" if post.entity and post.record else ""
        payload = {"to": address, "name": name, "language": language, "subject": words.subject, "body": words.body}
        await self._kit.effects.enqueue(
            connection, "mail", payload | {"path": path, "message": post.message}, now=self._kit.clock(),
            entity=post.entity, record=post.record, created_by=post.created_by,
        )  # fmt: skip

    async def _texts(self, connection: Connection, job: Job, letter: _Letter) -> dict[str, Words] | None:
        mine = {**letter.subject.mine, **letter.body.mine}
        who = await self.people.by_ids(connection, [job.created_by] if job.created_by else ())
        context = await context_for(self._kit, connection, who[0] if who else None, mine)
        record: Mapping[str, object] | None = {}
        if job.entity and job.record:
            shape = merged(letter.subject.shape, letter.body.shape)
            record = await record_view(self._kit, connection, job.entity, job.record, shape, context)
        if record is None:
            return None
        seen = {**record, "comment": job.payload.get("comment")}
        return {
            language: Words(
                letter.subject.fill(seen, context, language), letter.body.fill(seen, context, language).strip()
            )
            for language in self._languages
        }

    def _letter(self, name: str) -> _Letter | None:
        message = self._kit.app.project.messages.get(name)
        if message is None:
            return None
        if name not in self._letters:
            app = self._kit.app
            subject, body = wording(app, message.of, message.subject), wording(app, message.of, message.body)
            self._letters[name] = _Letter(subject, body)
        return self._letters[name]
