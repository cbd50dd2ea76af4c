"""View data of the pages about the configuration itself: a plan with its effects, and the versions; all texts are said.

See :mod:`fachwerk.forms.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fachwerk.forms.model_frame import Link, Shell

Sign = Literal["add", "remove", "rename", "change"]


@dataclass(frozen=True, slots=True)
class AspectView:
    """One key that differs; an empty text is: not there."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a change does to live rows; *tone* is ``bad`` where it stands against deploying, ``warning`` where it may
    surprise; *share* of the rows in percent (0: not said); *examples* are records with what is the matter."""

    text: str
    tone: Literal["bad", "warning", "neutral"]
    remedy: str = ""
    allowed: bool = False
    share: int = 0
    rows: Link | None = None
    examples: tuple[tuple[Link, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change: of what, in what it differs, what it does."""

    sign: Sign
    sign_text: str
    what: str
    name: str
    was: str = ""
    aspects: tuple[AspectView, ...] = ()
    effects: tuple[EffectView, ...] = ()

    @property
    def tone(self) -> str:
        """The worst of the effects."""
        tones = {effect.tone for effect in self.effects}
        return next((tone for tone in ("bad", "warning") if tone in tones), "neutral")


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan. *verdict* says whether it can be deployed; *stands* are the effects that need a decision first."""

    title: str
    language: str
    versions: str
    made: str
    verdict: str
    good: bool
    rows: tuple[tuple[str, str], ...] = ()
    """How many records there are: plural, number."""
    note: str = ""
    changes: tuple[ChangeView, ...] = ()
    operations: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """In words, and as statements."""

    @property
    def stands(self) -> tuple[tuple[int, ChangeView, EffectView], ...]:
        """The effects that stand against deploying, with their change and its number."""
        every = [(number, change, e) for number, change in enumerate(self.changes, 1) for e in change.effects]
        return tuple(one for one in every if one[2].tone == "bad" and not one[2].allowed)


@dataclass(frozen=True, slots=True)
class PlanPageView:
    """The page on which a configuration is planned: the upload, what is wrong with it, or the plan."""

    shell: Shell
    plan: PlanView | None = None
    error: str = ""
    problems: str = ""
    """What is wrong with the files, line by line as the command line shows it."""


@dataclass(frozen=True, slots=True)
class VersionItem:
    """A version that was deployed; *current* is the one in force."""

    number: int
    at: datetime
    who: str
    why: str
    hash: str
    tool: str
    current: bool
    compare: str
    """Where it is compared with the one before; empty for the first."""


@dataclass(frozen=True, slots=True)
class VersionsView:
    """The versions, the newest first, and the difference of two of them where it was asked for."""

    shell: Shell
    versions: tuple[VersionItem, ...]
    old: int = 0
    new: int = 0
    changes: tuple[ChangeView, ...] = ()
    more: str = ""
