"""The files of a project: found in its folder, bounded, decoded; no YAML here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from fachwerk.problems import Problems, Source, Span
from fachwerk.schemas import codes_yaml as codes

MAX_FILES = 2_000
MAX_FILE = 4_000_000
MAX_TOTAL = 40_000_000
MAX_FOLDERS = 12

READ = (".yaml", ".yml", ".dmn")
KEPT = (*READ, ".csv", ".xlsx")
"""Files that belong to a project: those that declare something, and the tables that decisions lie in."""
NAMED = (".docx", ".png", ".jpg", ".jpeg")
"""Files that belong to it where a declaration names them: letters and pictures."""


def gather(folder: Path, problems: Problems) -> dict[str, bytes]:
    """Return the files of *folder* and its sub-folders by relative path; hidden ones are no part of a project."""
    found: dict[str, bytes] = {}
    total = 0
    root = folder.resolve()
    for path in _declaring_first(_walk(folder, 0)):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in NAMED and not _is_named(path.name, found):
            continue
        if len(found) >= MAX_FILES:
            problems.add(codes.TOO_MANY_FILES.at(_whole(name), limit=MAX_FILES))
            return {}
        content = _content(path, name, root, problems)
        if content is None:
            continue
        total += len(content)
        if total > MAX_TOTAL:
            problems.add(codes.TOO_MUCH.at(_whole(name), limit=MAX_TOTAL // 1_000_000))
            return {}
        found[name] = content
    return found


def _declaring_first(paths: Iterator[Path]) -> Iterator[Path]:
    """Give what declares something before the others, of which it names some."""
    return iter(sorted(paths, key=lambda path: path.suffix.lower() in NAMED))


def _is_named(name: str, found: Mapping[str, bytes]) -> bool:
    said = name.encode()
    return any(said in content for path, content in found.items() if path.lower().endswith(READ))


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            if depth < MAX_FOLDERS and not entry.is_symlink():
                yield from _walk(entry, depth + 1)
        elif entry.suffix.lower() in (*KEPT, *NAMED):
            yield entry


def _content(path: Path, name: str, root: Path, problems: Problems) -> bytes | None:
    real = path.resolve()
    if not real.is_relative_to(root):
        problems.add(codes.OUTSIDE.at(_whole(name), file=name))
    elif not real.is_file() or not os.access(real, os.R_OK):
        problems.add(codes.NOT_READABLE.at(_whole(name), file=name))
    elif real.stat().st_size > MAX_FILE:
        problems.add(codes.FILE_TOO_BIG.at(_whole(name), file=name, limit=MAX_FILE // 1_000_000))
    else:
        return real.read_bytes()
    return None


def _whole(name: str) -> Span:
    return Span(Source(name, ""), 0, 0)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(name: str, content: bytes, problems: Problems) -> Source | None:
    """Return the text of a file; UTF-8 with or without a byte order mark, without control characters."""
    try:
        source = Source(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        readable = Source(name, content.decode("utf-8-sig", errors="replace"))
        problems.add(
            codes.NOT_UTF8.at(Span(readable, len(before), len(before) + 1), byte=f"{content[error.start]:#04x}")
        )
        return None
    if found := _CONTROL.search(source.text):
        at = Span(source, found.start(), found.end())
        problems.add(codes.CONTROL_CHARACTER.at(at, character=f"U+{ord(found.group()):04X}"))
        return None
    return source


def digest(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of all files; line endings and byte order marks make no difference."""
    sha = sha256()
    for name in sorted(files):
        content = files[name]
        if name.lower().endswith((".yaml", ".yml", ".csv", ".dmn")):
            content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        sha.update(f"{name}\0{len(content)}\0".encode())
        sha.update(content)
    return sha.hexdigest()
