"""A plan as one file for a browser: nothing is loaded from anywhere, so that a pipeline can keep it."""

from __future__ import annotations

import datetime as dt

from fachwerk.engine.plan.model import Plan
from fachwerk.engine.plan.words import plan_view
from fachwerk.forms.assets import load_assets
from fachwerk.forms.render import render_plan_file


def plan_html(plan: Plan, language: str, site: str = "") -> str:
    """Return the page; with the address of a *site* (``https://permits.example.org``) it links to the records there."""
    base = site.rstrip("/") if site.startswith(("https://", "http://")) else ""
    view = plan_view(plan, language, lambda path: base + path if base else "", dt.datetime.now(dt.UTC))
    return render_plan_file(view, load_assets())
