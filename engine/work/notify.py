"""Messages: from an effect ``notify`` to a notice for every person, and a mail for everybody with an address.

Notices and the mails to be sent are noted in the transaction that settles the effect; each mail is an effect of its
own, so that one address that does not answer holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fachwerk.engine.database import Connection
from fachwerk.engine.kit import Kit
from fachwerk.engine.values import FileUpload
from fachwerk.engine.work.contents import About
from fachwerk.engine.work.notices import Notices, Words
from fachwerk.engine.work.people import People, Somebody
from fachwerk.engine.work.queue import Job
from fachwerk.engine.work.views import context_for
from fachwerk.problems import Text, say


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a mail; its content is kept under its hash."""

    name: str
    type: str
    hash: str


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be told: in every language, about which record, for the effect *effect*."""

    effect: str
    texts: Mapping[str, Words]
    entity: str | None
    record: str | None
    message: str | None = None
    created_by: str | None = None
    files: Mapping[str, Sequence[Attached]] = field(default_factory=dict)
    """By language: what goes with the mails."""


_FOR: Text = {"en": "For {name}: {subject}", "de": "Für {name}: {subject}"}


def copied(post: Post, name: str) -> Post:
    """Return *post* as the deputy of *name* gets it: the subject says for whom."""
    texts = {
        language: replace(words, subject=say(_FOR, language, name=name, subject=words.subject))
        for language, words in post.texts.items()
    }
    return replace(post, texts=texts)


class Messages:
    """Tells people."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.people, self.notices = People(kit.app), Notices(kit.app)
        self._languages = kit.app.project.languages

    async def notify(
        self, connection: Connection, job: Job, made: Mapping[str, Sequence[FileUpload]] | None = None
    ) -> str | None:
        """Carry out an effect ``notify``; *made* are the files that go with it, by language."""
        data = job.payload
        texts = await self._texts(connection, job)
        if texts is None:
            known = str(data["message"]) in self._kit.app.project.messages
            return "the record is gone" if known else "no such message"
        files = await self._kept(connection, made or {})
        post = Post(job.id, texts, job.entity, job.record, data["message"], job.created_by, files)
        to = await self.receivers(connection, data)
        return await self.tell(connection, post, to, data.get("addresses") or ())

    async def _kept(
        self, connection: Connection, made: Mapping[str, Sequence[FileUpload]]
    ) -> dict[str, list[Attached]]:
        """Keep the content of files, so that every mail takes it from there."""
        found: dict[str, list[Attached]] = {}
        kept: set[str] = set()
        for language, files in made.items():
            for upload in files:
                info = self._kit.files.described(upload)
                if info.hash not in kept:
                    await self._kit.files.store(connection, upload, info, self._kit.clock())
                    kept.add(info.hash)
                found.setdefault(language, []).append(Attached(upload.name, upload.type, info.hash))
        return found

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
        """Leave a notice for each of *to*, and note the mails; *addresses* are (user or nobody, where to write).

        Deputies of those who are absent today get a copy.
        """
        now, people = self._kit.clock(), list(to)
        own = {user: address for user, address in addresses if user}
        told = [(one, post) for one in people]
        told += [(one, copied(post, name)) for one, name in await self._deputies(connection, people)]
        for one, letter in told:
            await self.notices.add(
                connection, one.id, post.effect, letter.texts, now=now, entity=post.entity, record=post.record,
                message=post.message,
            )  # fmt: skip
        mails = {own.get(one.id) or one.email: (letter, one.name, one.language) for one, letter in reversed(told)}
        further = [address for user, address in addresses if not user and address not in mails]
        mails |= dict.fromkeys(further, (post, "", self._languages[0]))
        for address, (letter, name, language) in reversed(mails.items()):
            if address:
                await self._mail(connection, letter, address, name, language)
        return None if people or mails else "nobody to tell"

    async def _deputies(self, connection: Connection, people: Iterable[Somebody]) -> list[tuple[Somebody, str]]:
        """Return who stands in today for some of *people* and is not one of them, with the names of the absent."""
        known = [one.id for one in people]
        absent: dict[str, list[str]] = {}
        for one in await self._kit.deputies.of_users(connection, known, self._kit.clock()):
            if one.deputy not in known:
                absent.setdefault(one.deputy, []).append(one.name)
        found = await self.people.by_ids(connection, absent)
        return [(one, ", ".join(absent[one.id])) for one in found]

    async def _mail(self, connection: Connection, post: Post, address: str, name: str, language: str) -> None:
        words = post.texts.get(language) or next(iter(post.texts.values()))
        path = f"/e/{post.entity}/{post.record}" if post.entity and post.record else ""
        files = post.files.get(language) or next(iter(post.files.values()), ())
        payload: dict[str, object] = {
            "to": address, "name": name, "language": language, "subject": words.subject, "body": words.body
        }  # fmt: skip
        if files:
            payload["files"] = [asdict(one) for one in files]
        await self._kit.effects.enqueue(
            connection, "mail", payload | {"path": path, "message": post.message}, now=self._kit.clock(),
            entity=post.entity, record=post.record, created_by=post.created_by,
        )  # fmt: skip

    async def _texts(self, connection: Connection, job: Job) -> dict[str, Words] | None:
        """Return what is said, as it was kept with the effect."""
        said = job.payload.get("texts")
        if "texts" not in job.payload and job.entity and job.record:
            # an effect that was noted before its texts were kept with it
            who = await self.people.by_ids(connection, [job.created_by] if job.created_by else ())
            context = await context_for(self._kit, connection, who[0] if who else None)
            about = About(job.entity, job.record, job.payload.get("comment"))
            said = await self._kit.contents.texts(connection, str(job.payload["message"]), about, context)
        return {language: Words(*pair) for language, pair in said.items()} if said else None
