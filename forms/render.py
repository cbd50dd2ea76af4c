"""From view data to HTML.

:class:`Pages` is made once per configuration. Everything is escaped; the only markup that passes as it is comes out of
this folder (icons, rows of lists) or was cleaned by the kind ``rich_text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fachwerk.forms import lists, shown
from fachwerk.forms import model as views
from fachwerk.forms.assets import Assets
from fachwerk.forms.charts import bar_svg, columns_svg
from fachwerk.forms.columns import Column, Rows, compile_rows
from fachwerk.forms.compile import EntityForm, Forms
from fachwerk.forms.fields import FormBuilder
from fachwerk.forms.model_flow import FlowView
from fachwerk.forms.model_plan import PlanPageView, PlanView, VersionsView
from fachwerk.forms.model_times import TimesView
from fachwerk.forms.templating import templates_of
from fachwerk.forms.texts import Words, texts
from fachwerk.schemas.kinds.times import instant_shower, show_date
from markupsafe import Markup

_RELATED_COLUMNS = 5


class Pages:
    """All pages of one configuration; each method returns a whole page or, where said, a piece of one."""

    def __init__(self, forms: Forms, assets: Assets, timezone: str = "UTC") -> None:
        self.forms = forms
        self.assets = assets
        self._show_instant = instant_shower(ZoneInfo(timezone))
        self._rows: dict[tuple[str, str, tuple[str, ...], bool], Rows] = {}

    def render_list(self, view: views.ListView) -> str:
        """Return the page of a list."""
        form = self._form(view.entity, view.shell)
        columns = _seen(form.columns, view.columns)
        controls = lists.filter_controls(form, view)
        previous, following = lists.paging(view)
        made = lists.chips(form, view)
        return self._page(
            "list.html",
            view.shell,
            view=view,
            form=form,
            rows=self._table(form, columns, view.rows, selectable=bool(view.bulk)),
            headings=lists.headings(form, view, columns),
            controls=controls,
            carried=lists.carried(form, view, controls, search=form.searchable),
            chips=made,
            active=sum(1 for control in controls if control.value or control.low or control.high),
            query=dict(view.params).get("q", ""),
            count_text=self._count(view, form.words),
            previous=previous,
            following=following,
        )

    def render_rows(self, view: views.ListView) -> str:
        """Return only the rows of a list, as the piece of a table."""
        form = self._form(view.entity, view.shell)
        columns = _seen(form.columns, view.columns)
        return self._table(form, columns, view.rows, selectable=bool(view.bulk))

    def render_record(self, view: views.RecordView) -> str:
        """Return the page of a record."""
        form = self._form(view.entity, view.shell)
        return self._page(
            "record.html",
            view.shell,
            view=view,
            form=form,
            sections=shown.shown_sections(form, view),
            badges=shown.state_badges(form, view.record.values),
            related_blocks=self._blocks(view.related, view.shell),
            events=[(event, self._show_instant(event.at, view.shell.language)) for event in view.events],
        )

    def render_form(self, view: views.FormView) -> str:
        """Return the page of a form to create or change a record."""
        form = self._form(view.entity, view.shell)
        words = form.words
        new = view.title is None
        heading = words.say("new_of", label=form.label) if new else str(view.title)
        kicker = "" if new else form.label
        submit = words.create if new else words.save
        return self._form_page("form.html", view, form, heading=heading, kicker=kicker, submit=submit)

    def render_action(self, view: views.ActionView) -> str:
        """Return the small form of a transition."""
        form = self._form(view.form.entity, view.form.shell)
        return self._form_page(
            "action.html",
            view.form,
            form,
            only=view.only,
            heading=view.label,
            kicker=view.form.title or form.label,
            submit=view.label,
            tone=view.tone,
            comment=view.comment,
            comment_text=view.comment_text,
            confirm=view.confirm,
            span=view.span,
        )

    def render_live(self, view: views.FormView, *, only: Sequence[str] | None = None) -> str:
        """Return the fields of a form alone, which take the place of those on the page while somebody types."""
        form = self._form(view.entity, view.shell)
        sections = FormBuilder(form, view).sections(() if only is None else only)
        return self._page("live.html", view.shell, view=view, sections=sections, live=view.live)

    def render_typed(self, shell: views.Shell, view: views.Typed) -> str:
        """Return the page for what was typed into a form that there is no longer."""
        return self._page("typed.html", shell, view=view)

    def render_candidates(self, shell: views.Shell, field: str, candidates: Iterable[views.Candidate]) -> str:
        """Return the options of a search field (items of a list box)."""
        identifier = "f-" + field.replace(".", "-") + "-list"
        return self._page("candidates.html", shell, id=identifier, candidates=list(candidates))

    def render_home(self, view: views.HomeView) -> str:
        """Return the first page."""
        language = view.shell.language
        tasks = [(task, self._due(task.due, language)) for task in view.tasks]
        waiting = self._texts(view.shell).count(view.waiting, view.capped) if view.waiting else ""
        blocks = self._blocks(view.lists, view.shell)
        return self._page("home.html", view.shell, view=view, tasks=tasks, waiting=waiting, blocks=blocks)

    def render_inbox(self, view: views.InboxView) -> str:
        """Return the page of what waits for me."""
        language = view.shell.language
        items = [(one, self._due(one.task.due, language)) for one in view.items]
        words, place = self._texts(view.shell), view.place
        count, capped = next(((one.count, one.capped) for one in view.groups), (place.total, place.capped))
        total = words.count(count, capped) if count else ""
        whole = words.count(place.total, place.capped)
        shown = words.say("inbox_range", first=words.count(place.first), last=words.count(place.last), total=whole)
        done = [one for one in view.results or () if one.done]
        failed = [one for one in view.results or () if not one.done]
        return self._page(
            "inbox.html", view.shell, view=view, items=items, total=total, range=shown, done=done, failed=failed
        )  # fmt: skip

    def _due(self, due: date | None, language: str) -> str:
        """Return an end as people read it: a day, or a day with its time."""
        if due is None:
            return ""
        return self._show_instant(due, language) if isinstance(due, datetime) else show_date(due, language)

    def render_notices(self, view: views.NoticesView) -> str:
        """Return the page of notices."""
        shown = [(one, self._show_instant(one.created, view.shell.language)) for one in view.notices]
        return self._page("notices.html", view.shell, view=view, notices=shown)

    def render_flow(self, view: FlowView) -> str:
        """Return the page of workflows with their pictures."""
        charts = [(chart, Markup(chart.svg)) for chart in view.charts]
        return self._page("workflow.html", view.shell, view=view, charts=charts)

    def render_times(self, view: TimesView) -> str:
        """Return the page of times."""
        words = self._texts(view.shell)
        charts = [
            (chart, columns_svg(chart.columns, words.times_flow, chart.flow, f"flow{number}"))
            for number, chart in enumerate(view.charts)
        ]
        return self._page("times.html", view.shell, view=view, charts=charts, bar=bar_svg)

    def render_plan(self, view: PlanPageView) -> str:
        """Return the page of a plan."""
        return self._page("plan.html", view.shell, view=view, glyph=True)

    def render_versions(self, view: VersionsView) -> str:
        """Return the page of the versions."""
        made = [(one, self._show_instant(one.at, view.shell.language)) for one in view.versions]
        return self._page("versions.html", view.shell, view=view, versions=made)

    def render_sign_in(self, view: views.SignInView) -> str:
        """Return the page to sign in."""
        return self._page("sign_in.html", view.shell, view=view)

    def render_sign_up(self, view: views.SignUpView) -> str:
        """Return the page to register."""
        return self._page("sign_up.html", view.shell, view=view)

    def render_profile(self, view: views.ProfileView) -> str:
        """Return the page of one's own account."""
        language = view.shell.language
        made = [
            (token, self._show_instant(token.created, language), self._show_instant(token.expires, language))
            if token.expires
            else (token, self._show_instant(token.created, language), "")
            for token in view.tokens
        ]
        absences = [(one, show_date(one.since, language), show_date(one.until, language)) for one in view.absences]
        return self._page("profile.html", view.shell, view=view, tokens=made, absences=absences)

    def render_error(self, view: views.ErrorView) -> str:
        """Return the page of a refusal or failure."""
        words = self._texts(view.shell)
        status = view.status if f"error_{view.status}" in words else 500 if view.status >= 500 else 400
        heading = view.title or getattr(words, f"error_{status}")
        text = view.text or getattr(words, f"error_text_{status}")
        return self._page("error.html", view.shell, view=view, heading=heading, text=text)

    def render_delete(self, view: views.ConfirmDeleteView) -> str:
        """Return the page that asks before a record is deleted."""
        heading = self._texts(view.shell).say("delete_title", title=view.title)
        return self._page("delete.html", view.shell, view=view, heading=heading)

    def _form_page(
        self,
        template: str,
        view: views.FormView,
        form: EntityForm,
        *,
        only: Sequence[str] | None = None,
        **values: object,
    ) -> str:
        builder = FormBuilder(form, view)
        sections = () if only is not None and not only else builder.sections(only or ())
        usual = {"tone": "accent", "lead": "", "live": view.live, "sections": sections}
        complaints = builder.complaints(sections)
        return self._page(template, view.shell, view=view, form=form, complaints=complaints, **{**usual, **values})

    def _blocks(self, related: Iterable[views.Related], shell: views.Shell) -> list[dict[str, object]]:
        made = []
        for index, block in enumerate(related):
            form = self._form(block.entity, shell)
            columns = tuple(column for column in form.columns if column.name not in block.without)[:_RELATED_COLUMNS]
            rows = self._table(form, columns, block.rows, selectable=False)
            label = block.label[:1].upper() + block.label[1:]
            made.append({"id": f"related-{index}", "view": block, "label": label, "columns": columns, "rows": rows})
        return made

    def _table(
        self, form: EntityForm, columns: tuple[Column, ...], rows: Sequence[views.Row], *, selectable: bool
    ) -> str:
        if not rows:
            return ""
        key = (form.name, form.language, tuple(column.name for column in columns), selectable)
        make = self._rows.get(key)
        if make is None:
            make = self._rows[key] = compile_rows(
                columns, form.name, form.words, selectable=selectable, rests=_rests(form)
            )  # fmt: skip
        return Markup(make(rows))

    def _count(self, view: views.ListView, words: Words) -> str:
        if view.count is None:
            return ""
        number = words.count(view.count, view.count_is_capped)
        return words.count_one if view.count == 1 else words.say("count_many", count=number)

    def _form(self, entity: str, shell: views.Shell) -> EntityForm:
        return self.forms.entity(entity, shell.language)

    def _texts(self, shell: views.Shell) -> Words:
        return texts(shell.language)

    def _page(self, template: str, shell: views.Shell, **values: object) -> str:
        return templates_of(self.assets, shell.language).render(template, {"shell": shell, **values})


def render_plan_file(plan: PlanView, assets: Assets) -> str:
    """Return a plan as a page that needs no server: everything is in it."""
    sheets = b"\n".join(assets.files[name].content for name in ("app.css", "plan.css")).decode()
    style = Markup("<style>" + re.sub(r"@font-face *\{[^}]*\}", "", sheets) + "</style>")
    return templates_of(assets, plan.language).render("plan_file.html", {"plan": plan, "style": style, "glyph": False})


def _seen(columns: tuple[Column, ...], names: frozenset[str] | None) -> tuple[Column, ...]:
    if names is None:
        return columns
    return tuple(column for column in columns if column.name in names) or columns[:1]


def _rests(form: EntityForm) -> bool:
    """Whether deadlines of the entity can be paused."""
    paused = form.widgets.get("paused")
    return paused is not None and not paused.editable
