"""How often something may be tried: failures counted by key in a sliding window, in bounded memory.

Counts are kept in the process; with several processes each has its own, so the effective limit is at most the number
of processes times the setting.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

_MOST_KEYS = 50_000


class Limiter:
    """Allows *count* events per key within *window* seconds."""

    def __init__(self, count: int, window: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._window, self._clock = count, window, clock
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Return the seconds until *key* may try again; 0 if it may now."""
        events = self._recent(key)
        if events is None or len(events) < self._count:
            return 0.0
        return max(events[0] + self._window - self._clock(), 0.001)

    def note(self, key: str) -> None:
        """Count an event of *key*."""
        events = self._recent(key)
        if events is None:
            events = self._events[key] = deque(maxlen=self._count)
        events.append(self._clock())
        self._events.move_to_end(key)
        while len(self._events) > _MOST_KEYS:
            self._events.popitem(last=False)

    def take_back(self, key: str) -> None:
        """Take back the last event of *key*."""
        events = self._events.get(key)
        if events:
            events.pop()

    def forget(self, key: str) -> None:
        """Start anew for *key*."""
        self._events.pop(key, None)

    def _recent(self, key: str) -> deque[float] | None:
        events = self._events.get(key)
        if events is None:
            return None
        start = self._clock() - self._window
        while events and events[0] <= start:
            events.popleft()
        return events
