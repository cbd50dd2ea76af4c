"""A workflow as a picture: layers from left to right, ways that skip layers above, ways back below.

Own layout, no libraries: the answer is SVG text without styles or scripts (classes only, so that a theme colours it),
with a title and a description for those who do not see it; and Mermaid text for documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from fachwerk.problems import say
from fachwerk.schemas.model import State, Transition, Workflow
from fachwerk.workflows.diagram_words import (
    MOST_AROUND,
    MOST_IN_TEXT,
    MOST_ON_WAY,
    Line,
    Told,
    Wording,
    as_written,
    shortened,
)

_CHARACTER, _LINE, _PAD = 7.4, 17, 14
_ROW_GAP, _LANE, _EDGE = 28, 24, 14


@dataclass(frozen=True, slots=True)
class Marks:
    """What is shown beside the workflow itself: how many cases stand where, or where one case stands and came from."""

    counts: Mapping[str, str] = field(default_factory=dict)
    current: str | None = None
    passed: frozenset[str] = frozenset()
    """States that the case was in."""
    taken: frozenset[tuple[str, str]] = frozenset()
    """Transitions that the case took, each with the state that it led out of."""
    given: Mapping[str, int] = field(default_factory=dict)
    """Parts of the present state -> how many outcomes they have."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """All transitions from one state to another."""

    source: str
    target: str
    transitions: tuple[Transition, ...]


@dataclass(slots=True)
class _Box:
    state: State
    lines: tuple[Line, ...]
    layer: int
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


def arrows_of(workflow: Workflow) -> tuple[Arrow, ...]:
    """Return one arrow per pair of states, in the order of the file."""
    found: dict[tuple[str, str], list[Transition]] = {}
    for transition in workflow.transitions.values():
        for source in transition.source:
            found.setdefault((source, transition.target), []).append(transition)
    return tuple(Arrow(source, target, tuple(made)) for (source, target), made in found.items())


def layers_of(workflow: Workflow) -> dict[str, int]:
    """Return the layer of every state: the longest way from the beginning, ways back left out."""
    following: dict[str, list[str]] = {name: [] for name in workflow.states}
    for arrow in arrows_of(workflow):
        following[arrow.source].append(arrow.target)
    order, back = _visited(following, [workflow.initial.name, *workflow.states])
    layers = dict.fromkeys(workflow.states, 0)
    for state in order:
        for target in following[state]:
            if (state, target) not in back and target != workflow.initial.name:
                layers[target] = max(layers[target], layers[state] + 1)
    return layers


def _visited(following: Mapping[str, list[str]], roots: list[str]) -> tuple[list[str], set[tuple[str, str]]]:
    """Return the states so that each comes before those it leads to, and the arrows that lead back."""
    done: list[str] = []
    seen: set[str] = set()
    open_now: set[str] = set()
    back: set[tuple[str, str]] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        open_now.add(root)
        stack = [(root, iter(following[root]))]
        while stack:
            state, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                done.append(state)
                open_now.discard(state)
                stack.pop()
            elif target in open_now:
                back.add((state, target))
            elif target not in seen:
                seen.add(target)
                open_now.add(target)
                stack.append((target, iter(following[target])))
    return done[::-1], back


class _Drawing:
    """Places boxes and draws arrows."""

    def __init__(self, workflow: Workflow, language: str, marks: Marks, told: Told) -> None:
        self.workflow, self.language, self.marks = workflow, language, marks
        self.wording = Wording(workflow, language, told)
        self.arrows = arrows_of(workflow)
        self.boxes = {name: self._box(state, layer) for (name, layer), state in
                      zip(layers_of(workflow).items(), workflow.states.values(), strict=True)}  # fmt: skip
        self.columns = self._columns()
        self.parts: list[str] = []
        self.labels: list[tuple[float, float, float]] = []
        self.lanes: dict[bool, list[list[tuple[float, float]]]] = {True: [], False: []}
        self._place()

    def _box(self, state: State, layer: int) -> _Box:
        inside = tuple(self._given(state, line) for line in self.wording.inside(state))
        lines = (Line(say(state.label, self.language)), *inside)
        width = max(len(line.text) for line in lines) * _CHARACTER + 2 * _PAD
        return _Box(state, lines, layer, width=max(width, 96), height=len(lines) * _LINE + 24)

    def _given(self, state: State, line: Line) -> Line:
        """Return a line with how many outcomes its part has, where the case stands in *state*."""
        part = next((one for one in state.parallel if one.name == line.part), None)
        given = self.marks.given.get(line.part, 0) if state.name == self.marks.current else 0
        if part is None or not given:
            return line
        several = part.each is not None or part.needs != 1
        return line._replace(text=line.text + (f" ✓{given}" if several else " ✓"))

    def _columns(self) -> list[list[_Box]]:
        columns: list[list[_Box]] = [[] for _ in range(max(box.layer for box in self.boxes.values()) + 1)]
        for box in self.boxes.values():
            columns[box.layer].append(box)
        for column in columns[1:]:
            column.sort(key=self._middle_of_sources)
            for number, box in enumerate(column):
                box.y = number
        return columns

    def _middle_of_sources(self, box: _Box) -> float:
        sources = [self.boxes[a.source].y for a in self.arrows if a.target == box.state.name]
        return sum(sources) / len(sources) if sources else 0

    def _place(self) -> None:
        x = 16.0
        tallest = max(sum(box.height + _ROW_GAP for box in column) for column in self.columns)
        for number, column in enumerate(self.columns):
            width = max(box.width for box in column)
            y = (tallest - sum(box.height + _ROW_GAP for box in column)) / 2
            for box in column:
                box.x, box.y = x + (width - box.width) / 2, y
                y += box.height + _ROW_GAP
            x += width + self._gap(number)
        self.width, self.height = x, tallest

    def _gap(self, layer: int) -> float:
        here = [a for a in self.arrows if self._direct(a) and self.boxes[a.source].layer == layer]
        texts = [len(line.text) for arrow in here for line in self._names(arrow)]
        return max(texts, default=0) * _CHARACTER * 0.86 + 44 if texts else 56

    def _direct(self, arrow: Arrow) -> bool:
        return self.boxes[arrow.target].layer == self.boxes[arrow.source].layer + 1

    def _names(self, arrow: Arrow) -> list[Line]:
        """Return the labels of the transitions of an arrow, each with its condition in the line below."""
        found = []
        for transition in arrow.transitions:
            guard = self.wording.guard(transition)
            found.append(Line(self.wording.way(transition), guard))
            if guard:
                found.append(Line(f"[{shortened(guard, MOST_ON_WAY)}]", guard, "when"))
        return found

    # drawing

    def svg(self, mark: str) -> str:
        """Return the whole picture; *mark* makes its ids unique on a page."""
        for arrow in sorted(self.arrows, key=lambda a: abs(self.boxes[a.target].x - self.boxes[a.source].x)):
            self._arrow(arrow)
        for box in self.boxes.values():
            self._draw(box)
        top = len(self.lanes[True]) * _LANE + 18
        height = self.height + top + len(self.lanes[False]) * _LANE + 18
        title = escape(say(self.workflow.label, self.language))
        words = escape(describe(self.workflow, self.language, self.marks))
        head = (
            f'<svg class="flow" xmlns="http://www.w3.org/2000/svg" viewBox="0 {-top} {self.width:.0f} {height:.0f}" '
            f'width="{self.width:.0f}" height="{height:.0f}" role="img" aria-labelledby="{mark}-t {mark}-d">'
            f'<title id="{mark}-t">{title}</title><desc id="{mark}-d">{words}</desc>'
            f"<defs>{_tip(f'{mark}-a', '')}{_tip(f'{mark}-b', 'taken')}</defs>"
        )
        drawn = "".join(self.parts)
        return head + drawn.replace("#arrow", f"#{mark}-a").replace("#taken", f"#{mark}-b") + "</svg>"

    def _arrow(self, arrow: Arrow) -> None:
        source, target = self.boxes[arrow.source], self.boxes[arrow.target]
        taken = any((t.name, arrow.source) in self.marks.taken for t in arrow.transitions)
        automatic = all(not t.by for t in arrow.transitions)
        classes = "edge" + (" taken" if taken else "") + (" auto" if automatic else "")
        if self._direct(arrow):
            path, x, y = self._straight(source, target)
        else:
            path, x, y = self._around(source, target, above=target.layer > source.layer)
        self.parts.append(f'<path class="{classes}" d="{path}" marker-end="url(#{"taken" if taken else "arrow"})"/>')
        for line in reversed(self._names(arrow)) if self._direct(arrow) else [self._in_one(arrow)]:
            y = self._free(x, y, len(line.text) * _CHARACTER * 0.86)
            kind = "label when" if line.part else "label"
            self.parts.append(f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(line.text)}{_full(line)}</text>')
            y -= 15

    def _in_one(self, arrow: Arrow) -> Line:
        """Return the labels of an arrow on one line, with the condition where there is but one step."""
        told = [(self.wording.way(one), self.wording.guard(one)) for one in arrow.transitions]
        full = "; ".join(f"{way}: {guard}" if len(told) > 1 else guard for way, guard in told if guard)
        text = " / ".join(way for way, _ in told)
        return Line(text + (f" [{shortened(full, MOST_AROUND)}]" if full and len(told) == 1 else ""), full)

    def _straight(self, source: _Box, target: _Box) -> tuple[str, float, float]:
        x1, y1 = source.x + source.width, source.y + source.height / 2
        x2, y2 = target.x, target.y + target.height / 2
        middle = (x1 + x2) / 2
        path = f"M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
        return path, middle, (y1 + y2) / 2 - 5

    def _around(self, source: _Box, target: _Box, *, above: bool) -> tuple[str, float, float]:
        """Draw a way over (or below) everything, in the first lane that is free between the two."""
        x1, leave = self._leave(source, above=above)
        x2, arrive = self._arrive(target, above=above)
        lane = self._lane(above, min(x1, x2) - 8, max(x1, x2) + 8)
        y = -(lane + 1) * _LANE + 8 if above else self.height + (lane + 1) * _LANE - 16
        turn = 1 if x2 >= x1 else -1
        bend = -_EDGE / 2 if above else _EDGE / 2
        path = (
            f"{leave}V{y - bend:.0f}Q{x1:.0f} {y:.0f} {x1 + turn * 7:.0f} {y:.0f}"
            f"H{x2 - turn * 7:.0f}Q{x2:.0f} {y:.0f} {x2:.0f} {y - bend:.0f}{arrive}"
        )
        return path, (x1 + x2) / 2, y - 5

    def _leave(self, box: _Box, *, above: bool) -> tuple[float, str]:
        """Return where a way goes up (or down) from a box, beside those between it and the lanes, and its beginning."""
        if self._outermost(box, above):
            x = box.x + box.width * 0.66
            return x, f"M{x:.0f} {box.y if above else box.y + box.height:.0f}"
        x = max(one.x + one.width for one in self.columns[box.layer]) + 12
        return x, f"M{box.x + box.width:.0f} {box.y + box.height / 2:.0f}H{x:.0f}"

    def _arrive(self, box: _Box, *, above: bool) -> tuple[float, str]:
        """Return where a way comes down (or up) to a box, and its end."""
        if self._outermost(box, above):
            x = box.x + box.width * 0.34
            return x, f"V{box.y if above else box.y + box.height:.0f}"
        x = min(one.x for one in self.columns[box.layer]) - 18
        return x, f"V{box.y + box.height / 2:.0f}H{box.x:.0f}"

    def _outermost(self, box: _Box, above: bool) -> bool:
        return box is self.columns[box.layer][0 if above else -1]

    def _lane(self, above: bool, begin: float, end: float) -> int:
        lanes = self.lanes[above]
        for number, lane in enumerate(lanes):
            if all(end < other or begin > last for other, last in lane):
                lane.append((begin, end))
                return number
        lanes.append([(begin, end)])
        return len(lanes) - 1

    def _free(self, x: float, y: float, width: float) -> float:
        while any(abs(y - other) < 14 and abs(x - at) < (width + wide) / 2 for at, other, wide in self.labels):
            y += 15
        self.labels.append((x, y, width))
        return y

    def _draw(self, box: _Box) -> None:
        state = box.state
        kinds = ["state", state.color or "", "initial" if state.initial else "", "final" if state.final else ""]
        kinds += [
            "current" if state.name == self.marks.current else "",
            "passed" if state.name in self.marks.passed else "",
        ]
        classes = " ".join(kind for kind in kinds if kind)
        middle = box.x + box.width / 2
        self.parts.append(f'<g class="{classes}">{_rect(box.x, box.y, box.width, box.height, 9)}')
        for number, line in enumerate(box.lines):
            kind = ' class="part"' if number else ""
            y = box.y + 12 + _LINE * (number + 0.72)
            self.parts.append(f'<text{kind} x="{middle:.0f}" y="{y:.0f}">{escape(line.text)}{_full(line)}</text>')
        count = self.marks.counts.get(state.name)
        if count:
            wide = len(count) * _CHARACTER + 14
            x = box.x + box.width - wide / 2
            self.parts.append(_rect(x - wide / 2, box.y - 10, wide, 20, 10, kind="count"))
            self.parts.append(f'<text class="count" x="{x:.0f}" y="{box.y + 4:.0f}">{escape(count)}</text>')
        self.parts.append("</g>")


def _tip(name: str, kind: str) -> str:
    """Return the tip of arrows; it does not grow with the line."""
    words = f' class="{kind}"' if kind else ""
    return (
        f'<marker id="{name}"{words} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
    )


def _full(line: Line) -> str:
    """Return what a shortened line says, for those who point at it."""
    return f"<title>{escape(line.full)}</title>" if line.full else ""


def _rect(x: float, y: float, width: float, height: float, corner: int, *, kind: str = "") -> str:
    words = f' class="{kind}"' if kind else ""
    return f'<rect{words} x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="{corner}"/>'


def diagram_svg(
    workflow: Workflow, language: str = "en", marks: Marks | None = None, mark: str = "flow", told: Told = as_written
) -> str:  # fmt: skip
    """Return the picture of *workflow* as SVG; *mark* (letters and digits) makes the ids in it unique on a page.

    *told* says rules in words.
    """
    return _Drawing(workflow, language, marks or Marks(), told).svg(mark)


def describe(workflow: Workflow, language: str, marks: Marks) -> str:
    """Return the picture in a few words, for those who do not see it."""
    count = len(workflow.states)
    first = say(workflow.initial.label, language)
    ends = ", ".join(say(state.label, language) for state in workflow.states.values() if state.final)
    german = language == "de"
    words = f"{count} Zustände, Beginn: {first}." if german else f"{count} states, beginning with {first}."
    if ends:
        words += f" Ende: {ends}." if german else f" Ends: {ends}."
    if marks.current is not None and marks.current in workflow.states:
        now = say(workflow.states[marks.current].label, language)
        words += f" Jetzt: {now}." if german else f" Now: {now}."
    return words


_MERMAID_SIGNS = str.maketrans(
    {":": "#58;", ";": "#59;", "\n": " ", "#": "#35;", '"': "#34;", "<": "#lt;", ">": "#gt;"}
)


def diagram_mermaid(workflow: Workflow, language: str = "en", told: Told = as_written) -> str:
    """Return the workflow as text of Mermaid (``stateDiagram-v2``), for documents; *told* says rules in words."""
    wording = Wording(workflow, language, told)
    lines = ["stateDiagram-v2", "    direction LR"]
    for name, state in workflow.states.items():
        label = say(state.label, language).translate(_MERMAID_SIGNS)
        lines.append(f'    state "{label}" as {name}')
        inside = (shortened(line.full, MOST_IN_TEXT) or line.text for line in wording.inside(state))
        lines += [f"    {name} : {text.translate(_MERMAID_SIGNS)}" for text in inside]
    lines.append(f"    [*] --> {workflow.initial.name}")
    for arrow in arrows_of(workflow):
        told_ways = []
        for one in arrow.transitions:
            guard = shortened(wording.guard(one), MOST_IN_TEXT)
            told_ways.append((wording.way(one) + (f" [{guard}]" if guard else "")).translate(_MERMAID_SIGNS))
        lines.append(f"    {arrow.source} --> {arrow.target} : {' / '.join(told_ways)}")
    lines += [f"    {name} --> [*]" for name, state in workflow.states.items() if state.final]
    return "\n".join(lines) + "\n"
