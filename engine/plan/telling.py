"""Telling: how far the values made ahead of a deploy are and who is in its way, for a terminal or for a log."""

from __future__ import annotations

import sys
import time

from fachwerk.engine.plan.counting import number
from fachwerk.engine.preparing import Told
from fachwerk.problems import Text, say

EVERY = 10.0
"""Seconds between two lines where lines cannot be written over."""
OFTEN = 0.2


class Telling:
    """Writes what it is told to the error stream: one line that is written over, or plain lines (*live* false)."""

    def __init__(self, language: str, *, live: bool) -> None:
        self._language, self._live = language, live
        self._last = 0.0
        self._open = False

    def __call__(self, told: Told) -> None:
        """Say it, if it is time to."""
        if told.what == "batch":
            now = time.monotonic()
            if now - self._last >= (OFTEN if self._live else EVERY):
                self._last = now
                self._line(say(_progress(told), self._language), over=self._live)
        elif told.text is not None:
            self._line(say(told.text, self._language), over=False)
        elif told.what in _WORDS:
            self._line(say(_words(told), self._language), over=False)

    def _line(self, text: str, *, over: bool) -> None:
        if over:
            sys.stderr.write(f"\r\x1b[2K{text}")
        else:
            sys.stderr.write(f"{chr(10) if self._open else ''}{text}\n")
        self._open = over
        sys.stderr.flush()


def _progress(told: Told) -> Text:
    share = 100 * told.done // max(told.total, 1)
    rate = int(told.rate)
    return {
        "en": f"Made ahead: {number(told.done, 'en')} of {number(told.total, 'en')} ({share} %), "
        f"{number(rate, 'en')} a second, {_time(told.left, 'en')} left ({told.entity})",
        "de": f"Vorab gemacht: {number(told.done, 'de')} von {number(told.total, 'de')} ({share} %), "
        f"{number(rate, 'de')} in der Sekunde, noch {_time(told.left, 'de')} ({told.entity})",
    }


def _time(seconds: float, language: str) -> str:
    if seconds < 90:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} {'Std.' if language == 'de' else 'h'}"


def _words(told: Told) -> Text:
    return {
        language: text.format(done=number(told.done, language), total=number(told.total, language))
        for language, text in _WORDS[told.what].items()
    }


_WORDS: dict[str, Text] = {
    "begin": {
        "en": "Values of many records are made ahead, in batches. Work goes on; stopped, it goes on later.",
        "de": "Werte vieler Datensätze entstehen vorab, in Portionen. Die Arbeit geht weiter; anhalten ist möglich.",
    },
    "resume": {
        "en": "Going on where the last deploy of this configuration stopped ({done} of {total} made).",
        "de": "Es geht weiter, wo das letzte Einspielen dieser Konfiguration aufhörte ({done} von {total} gemacht).",
    },
    "discard": {
        "en": "Another configuration was being deployed and was not finished; what was made for it is taken away.",
        "de": "Eine andere Konfiguration wurde eingespielt und nicht fertig; was dafür da war, wird weggenommen.",
    },
    "wait": {
        "en": "Another deploy is at work ({done} of {total} made ahead); waiting for it.",
        "de": "Ein anderes Einspielen läuft ({done} von {total} vorab gemacht); es wird gewartet.",
    },
    "done": {"en": "Everything is made; switching.", "de": "Alles ist gemacht; es wird umgestellt."},
}
