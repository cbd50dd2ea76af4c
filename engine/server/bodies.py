"""Bodies of requests: JSON with exact numbers, and forms with files, each within its limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from fachwerk.engine.server.headers import refuse
from fachwerk.engine.server.request import Request, bad_text, read_pairs
from fachwerk.problems import Refused
from fachwerk.schemas.kinds import FileUpload
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

_LONGEST_NUMBER = 60
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was sent: texts and files by name, several of one name in their order."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, tuple[FileUpload, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return the last text called *name*, which is what counts where one is expected."""
        values = self.texts.get(name)
        return values[-1] if values else None


async def read_json(request: Request) -> Any:
    """Return the JSON body, numbers with a point as exact ``Decimal``; raises :class:`Refused` (400, 413, 415)."""
    if request.content_type() != "application/json":
        raise refuse("media_type", 415, "Send application/json in UTF-8.", "Erwartet wird application/json in UTF-8.")
    return decode_json(await request.allow(request.settings.max_json).body())


def decode_json(body: bytes) -> Any:
    """Return what *body* says; raises :class:`Refused` (400) for what is no plain JSON text of a sensible depth."""
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise bad_text() from None
    except (ValueError, RecursionError) as error:
        raise _no_json(error) from None
    # Only an escape can hide a NUL or half a surrogate pair: raw ones were refused above.
    if b"\\u" in body or body.count(b"[") + body.count(b"{") > _DEEPEST:
        _check(value, _DEEPEST)
    return value


def _no_json(error: Exception) -> Refused:
    where = f" (character {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
    why = f": {error}" if type(error) is ValueError else ""
    return refuse(
        "bad_json", 400, f"The body is no valid JSON{where}{why}.", f"Der Inhalt ist kein gültiges JSON{where}{why}."
    )


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise refuse("bad_json", 400, "The JSON is nested too deep.", "Das JSON ist zu tief verschachtelt.")
    if isinstance(value, str):
        if "\0" in value or not _is_unicode(value):
            raise bad_text()
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > _LONGEST_NUMBER or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return number


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


_DECODER = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
)


async def read_form(request: Request, most_upload: int = 0) -> Form:
    """Return the form, with at most *most_upload* bytes of files; raises :class:`Refused` (400, 413, 415)."""
    kind, settings = request.content_type(), request.settings
    if kind == "application/x-www-form-urlencoded":
        texts: dict[str, list[str]] = {}
        for name, value in read_pairs(await request.allow(settings.max_form).body(), settings.max_form_fields):
            texts.setdefault(name, []).append(value)
        return Form({name: tuple(values) for name, values in texts.items()})
    if kind == "multipart/form-data":
        return await _read_multipart(request, settings.max_form + min(most_upload, settings.max_upload))
    raise refuse("media_type", 415, "Send a form.", "Erwartet wird ein Formular.")


async def _read_multipart(request: Request, limit: int) -> Form:
    settings = request.settings
    parts = request.allow(limit).form(
        max_files=settings.max_files, max_fields=settings.max_form_fields, max_part_size=settings.max_form
    )
    try:
        data = await parts
    except (HTTPException, MultiPartException, UnicodeError, KeyError, ValueError, AssertionError):
        raise _bad_form() from None
    try:
        return await _collect(data.multi_items())
    finally:
        await request.close()


def _bad_form() -> Refused:
    return refuse("bad_form", 400, "The form is malformed.", "Das Formular ist fehlerhaft.")


async def _collect(items: list[tuple[str, UploadFile | str]]) -> Form:
    texts: dict[str, list[str]] = {}
    files: dict[str, list[FileUpload]] = {}
    for name, value in items:
        if isinstance(value, str):
            _check([name, value], 3)
            texts.setdefault(name, []).append(value)
        elif value.filename:  # a file field left empty comes as a file without a name
            _check([name, value.filename], 3)
            upload = FileUpload(value.filename, value.content_type or "", await value.read())
            files.setdefault(name, []).append(upload)
    return Form({k: tuple(v) for k, v in texts.items()}, {k: tuple(v) for k, v in files.items()})
