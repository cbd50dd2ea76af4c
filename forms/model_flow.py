"""View data of the page of workflows; see :mod:`fachwerk.forms.model`."""

from __future__ import annotations

from dataclasses import dataclass

from fachwerk.forms.model_frame import Shell


@dataclass(frozen=True, slots=True)
class FlowState:
    """A state of a workflow and how many cases stand in it; *href* leads to them."""

    label: str
    count: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A transition as a row of a table; *taken* if the case shown took it."""

    label: str
    source: str
    target: str
    who: str
    when: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True)
class FlowChart:
    """One workflow: its picture (SVG made by the engine, trusted), its states and its transitions."""

    label: str
    svg: str
    states: tuple[FlowState, ...]
    steps: tuple[FlowStep, ...]


@dataclass(frozen=True, slots=True)
class FlowView:
    """The workflows of an entity, or of one case."""

    shell: Shell
    title: str
    charts: tuple[FlowChart, ...]
