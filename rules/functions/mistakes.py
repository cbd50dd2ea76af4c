"""The mistake of a call: the result is null, and the reason is kept for whoever asks."""

from __future__ import annotations

from fachwerk.problems import Text


class Mistake(Exception):
    """A built-in function cannot give a result for these arguments; says why in English and German."""

    def __init__(self, english: str, german: str) -> None:
        super().__init__(english)
        self.text: Text = {"en": english, "de": german}
