"""PDF files: tagged for screen readers (PDF/UA-1), fonts embedded, the same bytes for the same content.

Typst sets the type. It is given our own program and the content as data, in an empty folder: nothing that a field or an
author wrote is run, no file or package is loaded.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import typst

LONGEST_PDF = 20 * 1024 * 1024
_PAPER = {"A3": "a3", "A4": "a4", "A5": "a5", "letter": "us-letter"}
_NOT_SHOWN = "□"
_MOST_TRIED = 400
_PROBE = b"#set text(font: \"Libertinus Serif\")\n#text(sys.inputs.sign)"


class Typesetter:
    """Makes PDF files; one at a time, since the compiler is shared. Its fonts are read once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None
        self._program = Path(__file__).with_name("letter.typ").read_bytes()
        self._known: dict[str, bool] = {}
        """Signs outside of Latin script: whether a font has them."""

    def pdf(self, content: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
        """Return the PDF of *content*; signs that no font has are shown as a box."""
        data = {**content, "paper": _PAPER[content["page"]], "logo-text": content["author"]}
        with self._lock, tempfile.TemporaryDirectory() as folder:
            logo = content.get("logo")
            if logo:
                data["logo"] = "/logo" + Path(logo).suffix.lower()
                (Path(folder) / data["logo"][1:]).write_bytes(files[logo])
            try:
                return self._compiled(data, folder)
            except typst.TypstError as error:
                if "could not be displayed" not in str(error):
                    raise
                return self._compiled(self._shown(data, folder), folder)

    def _compiled(self, data: Mapping[str, Any], folder: str) -> bytes:
        return self._run(self._program, {"letter": orjson.dumps(data).decode()}, folder)

    def _run(self, program: bytes, inputs: dict[str, str], folder: str) -> bytes:
        if self._compiler is None:
            fonts = typst.Fonts(include_system_fonts=False)
            self._compiler = typst.Compiler(
                font_paths=fonts, ignore_system_fonts=True, package_path=folder, package_cache_path=folder
            )
        made = self._compiler.compile(
            program, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], root=folder, timestamp=0
        )
        assert isinstance(made, bytes)
        return made

    def _shown(self, value: Any, folder: str) -> Any:
        """Return the content with a box for each sign that no font has."""
        if isinstance(value, str):
            return "".join(sign if self._has(sign, folder) else _NOT_SHOWN for sign in value)
        if isinstance(value, Mapping):
            return {name: self._shown(one, folder) for name, one in value.items()}
        return [self._shown(one, folder) for one in value] if isinstance(value, list) else value

    def _has(self, sign: str, folder: str) -> bool:
        if sign < "\u0250":
            return True
        if sign not in self._known:
            self._known[sign] = len(self._known) < _MOST_TRIED and self._tried(sign, folder)
        return self._known[sign]

    def _tried(self, sign: str, folder: str) -> bool:
        try:
            self._run(_PROBE, {"sign": sign}, folder)
        except typst.TypstError as error:
            return "could not be displayed" not in str(error)
        return True
