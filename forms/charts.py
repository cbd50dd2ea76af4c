"""Small charts as SVG: classes only, so that the theme colours them; the numbers stand beside them as text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fachwerk.forms.model_times import Bar, Column
from markupsafe import Markup

_HEIGHT, _STEP, _WIDE = 100, 20, 7


def bar_svg(bar: Bar) -> Markup:
    """Return a bar of a table row; it says nothing that the row does not say in words."""
    low, high = 100 * bar.low, 100 * bar.high
    parts = [f'<rect class="span" x="{low:.1f}" y="1" width="{max(high - low, 1):.1f}" height="8" rx="1.5"/>']
    if bar.middle is not None:
        parts.append(f'<rect class="middle" x="{max(100 * bar.middle - 0.75, 0):.1f}" y="0" width="1.5" height="10"/>')
    return Markup(
        f'<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def columns_svg(columns: Sequence[Column], title: str, words: str, mark: str) -> Markup:
    """Return pairs of columns, begun and ended; *words* say it for those who do not see it."""
    most = max((max(one.begun, one.ended) for one in columns), default=0) or 1
    width = max(len(columns), 1) * _STEP
    parts = []
    for number, one in enumerate(columns):
        for kind, count, at in (("begun", one.begun, 2), ("ended", one.ended, 2 + _WIDE + 1)):
            high = _HEIGHT * count / most
            parts.append(
                f'<rect class="{kind}" x="{number * _STEP + at}" y="{_HEIGHT - high:.1f}" width="{_WIDE}" '
                f'height="{high:.1f}"><title>{escape(one.label)}: {count}</title></rect>'
            )
    head = (
        f'<svg class="columns-chart" viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-labelledby="{mark}-t {mark}-d"><title id="{mark}-t">{escape(title)}</title>'
        f'<desc id="{mark}-d">{escape(words)}</desc>'
    )
    return Markup(head + "".join(parts) + "</svg>")
