"""Pages as HTML: well formed, escaped, within their weight, with what each view carries."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fachwerk.forms import model as views
from fachwerk.forms.assets import load_assets
from fachwerk.forms.columns import escaped
from fachwerk.forms.compile import compile_forms
from fachwerk.forms.render import Pages
from fachwerk.schemas.kinds import Reference
from fachwerk.schemas.model import Option, Section
from forms_samples import (
    PERMIT,
    PROJECT,
    Shown,
    everything,
    form_view,
    key,
    list_view,
    pages,
    permit,
    record_view,
    shell,
    text,
    wrong_form_view,
)  # fmt: skip

PAGES = pages()
GERMAN, ENGLISH = everything("de"), everything("en")
VOID = {"input", "meta", "link", "img", "br", "use", "rect", "hr"}


class Outline(HTMLParser):
    """Checks nesting and gathers ids, references and names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        assert len(values) == len(attrs), f"an attribute twice: {attrs}"
        self.attributes.append((tag, values))
        self.ids += [values["id"] or ""] if "id" in values else []
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget"):
            self.references += (values.get(name) or "").split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop() == tag, tag


def outline(page: str) -> Outline:
    """Return the outline of a page."""
    parsed = Outline()
    parsed.feed(page)
    assert not parsed.open
    return parsed


@pytest.mark.parametrize("name", GERMAN)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_is_well_formed_and_light(name: str, language: str) -> None:
    page = (GERMAN if language == "de" else ENGLISH)[name]
    found = outline(page)
    assert len(set(found.ids)) == len(found.ids), "an id twice"
    assert set(found.references) <= set(found.ids)
    assert f'<html lang="{language}"' in page
    assert len(gzip.compress(page.encode())) <= 12 * 1024
    assert "None" not in re.sub(r"<[^>]*>", "", page)
    for _, values in found.attributes:
        assert "style" not in values
        assert not any(name.startswith("on") for name in values)


@pytest.mark.parametrize("name", GERMAN)
def test_every_form_that_posts_carries_the_token(name: str) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', GERMAN[name], re.DOTALL):
        assert 'name="_csrf" value="token"' in form


NASTY = "<script>alert(1)</script>{{ 7*7 }}{% raw %}%s%(x)s\"'&</textarea>"


def test_nothing_that_people_or_authors_write_becomes_markup_or_template() -> None:
    nasty = text(NASTY, NASTY)
    fields = {
        name: replace(field, label=nasty, hint=nasty, options=tuple(replace(option, label=nasty) for option in field.options))
        for name, field in PERMIT.fields.items()
    }
    fields["district"] = replace(fields["district"], options=(Option(NASTY, nasty), Option('"><b>', nasty)))
    entity = replace(PERMIT, label=nasty, plural=nasty, description=nasty, fields=fields, form=(Section(nasty, PERMIT.form[0].rows, hint=nasty),))
    made = Pages(compile_forms(replace(PROJECT, entities={"permit": entity})), load_assets(), "UTC")
    values = {**permit(1).values, "district": NASTY, "number": NASTY, "description": NASTY, "email": NASTY, "applicant": Reference("person", NASTY, NASTY)}
    record = Shown(NASTY, NASTY, values)
    frame = shell(app=NASTY, csrf=NASTY, path=NASTY, user=views.User(NASTY, NASTY), flash=(views.Flash(NASTY),))
    html = [
        made.render_list(list_view(rows=[record], shell=frame, params=(("q", NASTY), (NASTY, NASTY)), bulk=(views.Link(NASTY, "/"),))),
        made.render_record(record_view(shell=frame, record=record, related=(), events=())),
        made.render_form(form_view(shell=frame, values=values, title=NASTY, errors={"email": (NASTY,), NASTY: (NASTY,)})),
        made.render_form(form_view(shell=frame, texts={"email": (NASTY,), "applicant.text": (NASTY,), "kind": (NASTY,)})),
        made.render_live(form_view(shell=frame, texts={"description": (NASTY,)})),
        made.render_candidates(frame, NASTY, [views.Candidate(NASTY, NASTY, NASTY, NASTY)]),
        made.render_error(views.ErrorView(frame, 500, NASTY, NASTY, NASTY, (views.Link(NASTY, "/"),))),
        made.render_sign_in(views.SignInView(frame, name=NASTY, next=NASTY, error=NASTY)),
        made.render_delete(views.ConfirmDeleteView(frame, "permit", NASTY, "/", "/", None, (), (NASTY,))),
        made.render_action(views.ActionView(form_view(shell=frame), NASTY, ("storeys",), "required", NASTY, NASTY)),
    ]
    for page in html:
        assert "<script>alert" not in page
        assert "49" not in page.replace("&#49;", "") or "{{ 7*7 }}" in page
        assert NASTY not in page
        assert '"><b>' not in page


def test_addresses_that_run_code_never_become_links() -> None:
    field = replace(PERMIT.fields["email"], kind="url")
    entity = replace(PERMIT, fields={**PERMIT.fields, "email": field})
    made = Pages(compile_forms(replace(PROJECT, entities={"permit": entity})), load_assets(), "UTC")
    page = made.render_record(record_view(related=(), record=Shown(key(1), "x", {"email": "javascript:alert(1)"})))
    assert 'href="javascript' not in page


def test_a_list_shows_its_columns_in_words_of_the_language() -> None:
    page = PAGES.render_list(list_view("de", 3))
    assert "84,5\u00a0m²" in page
    assert "1.000+" in page
    assert '<span class="badge blue">Eingereicht</span>' in page
    assert f'<a href="/e/permit/{key(1000)}">BA-2026-0000</a>' in page
    assert f'<a class="ref" href="/e/person/{key(0)}">Berg, Anna</a>' in page
    assert "84.5\u00a0m²" in PAGES.render_list(list_view("en", 3))


def test_chips_say_the_filters_in_words_and_lead_to_the_list_without_them() -> None:
    page = PAGES.render_list(list_view("de", 1, params=(("kind", "new"), ("fee.ge", "500"), ("q", "Berg"), ("plot", key(1))),
                                       titles={key(1): "Hofheim 117/4"}))  # fmt: skip
    chips = re.findall(r'class="chip" href="([^"]*)"><span>([^<]*)</span> <b>([^<]*)</b>', page)
    assert [(label, value) for _, label, value in chips] == [
        ("Art", "Neubau"), ("Gebühr", "≥ 500,00\u00a0€"), ("Suchen", "“Berg”"), ("Flurstück", "Hofheim 117/4"),
    ]  # fmt: skip
    assert chips[0][0] == f"/e/permit?fee.ge=500&amp;q=Berg&amp;plot={key(1)}"


def test_headings_sort_the_other_way_and_keep_the_filters() -> None:
    page = PAGES.render_list(list_view("de", 1))
    assert 'aria-sort="descending"><a href="/e/permit?kind=new&amp;fee.ge=500&amp;sort=due">' in page
    assert '<a href="/e/permit?kind=new&amp;fee.ge=500&amp;sort=number">Nummer' in page
    assert "sort=fee" not in page  # computed on reading: the database cannot order by it
    paths = PAGES.render_list(list_view("de", 1, sort=((("due",), False),)))
    assert 'aria-sort="ascending"' in paths


def test_paging_keeps_query_and_order() -> None:
    page = PAGES.render_list(list_view("de", 1, next="a b", previous="c"))
    assert 'rel="next" href="/e/permit?kind=new&amp;fee.ge=500&amp;sort=-due&amp;after=a+b"' in page
    assert 'rel="prev" href="/e/permit?kind=new&amp;fee.ge=500&amp;sort=-due&amp;before=c"' in page


def test_fields_that_a_person_may_not_see_are_no_columns_filters_or_inputs() -> None:
    page = PAGES.render_list(list_view("de", 2, columns=frozenset(("number", "kind")), params=()))
    assert "Gebühr" not in page
    assert "Antragsteller" not in page
    form = PAGES.render_form(form_view(fields=frozenset(("storeys",))))
    assert 'name="storeys"' in form
    assert 'name="floor_area"' not in form
    record = PAGES.render_record(record_view(record=Shown(key(1), "x", {"storeys": 2}), related=(), events=()))
    assert "Geschosse" in record
    assert "Wohnfläche</dt>" not in record


def test_a_form_shows_what_was_typed_and_every_error_beside_its_field_and_on_top() -> None:
    page = PAGES.render_form(wrong_form_view("de"))
    assert "<title>Fehler: BA-2026-0002 Sommer" in page
    assert 'name="storeys" value="7"' in page
    assert '<a href="#f-storeys">Geschosse: Hier sind höchstens 3 Geschosse erlaubt.</a>' in page
    assert '<a href="#f-kind-new">Art: Bitte auswählen.</a>' in page
    assert '<a href="#f-neighbours-1-name">Nachbarn 2, Name: Bitte ausfüllen.</a>' in page
    assert "<li>Am Wochenende werden keine Anträge angenommen.</li>" in page
    assert re.search(r'id="f-storeys"[^>]*aria-describedby="f-storeys-error" aria-invalid="true" required', page)
    assert 'name="documents.keep" value="new:abc" checked' in page
    assert 'type="radio" name="applicant" value=' in page
    assert '<input type="hidden" name="applicant" ' not in page
    assert 'name="_theirs" value="floor_area"' in page


def test_states_decide_what_is_visible_required_read_only_and_offered() -> None:
    states = {
        "floor_area": views.FieldState(visible=False),
        "storeys": views.FieldState(required=False),
        "begin": views.FieldState(read_only=True),
        "district": views.FieldState(options=("d1", "d2")),
        "neighbours.notified": views.FieldState(visible=False),
    }
    page = PAGES.render_form(form_view(states=states))
    assert 'name="floor_area"' not in page
    assert re.search(r'id="f-storeys"[^>]*(?<!required)>', page)
    assert '<output id="f-begin"' in page
    assert 'name="begin"' not in page
    offered = re.findall(r'<option value="(d\d)"', page)
    assert offered == ["d1", "d2", "d3"]  # d3 is chosen: it stays to be seen
    assert "neighbours.0.notified" not in page


def test_a_new_form_has_no_version_and_says_what_it_makes() -> None:
    page = PAGES.render_form(form_view("en", title=None, version=None, values={}))
    assert "<h1>New: Permit application</h1>" in page
    assert "_version" not in page
    assert ">Create</button>" in page
    assert 'name="_version" value="3"' in PAGES.render_form(form_view("en"))


def test_an_action_shows_its_fields_comment_and_question() -> None:
    view = views.ActionView(form_view("en"), "Request documents", ("begin",), "required", confirm="Sure?")
    page = PAGES.render_action(view)
    assert 'name="begin"' in page
    assert 'name="storeys"' not in page
    assert re.search(r'<textarea id="f-_comment" name="_comment"[^>]*required', page)
    assert "Sure?" in page
    bare = PAGES.render_action(replace(view, only=(), comment="none", confirm=""))
    assert 'name="begin"' not in bare
    assert "_comment" not in bare


def test_actions_that_are_not_possible_say_why() -> None:
    page = PAGES.render_record(record_view("en"))
    assert "Four eyes: you started the review yourself." in page
    assert not re.search(r'<a class="btn[^"]*" href="/do/c"', page)
    immediate = views.Action("Submit", "/do/s", immediate=True)
    assert '<form method="post" action="/do/s">' in PAGES.render_record(record_view("en", actions=(immediate,)))


def test_rich_text_is_cleaned_again_when_shown() -> None:
    entity = replace(PERMIT, fields={**PERMIT.fields, "description": replace(PERMIT.fields["description"], kind="rich_text")})
    made = Pages(compile_forms(replace(PROJECT, entities={"permit": entity})), load_assets(), "UTC")
    values = {"description": "<p>Hallo <b>Welt</b></p><script>x</script><img src=x onerror=y>"}
    page = made.render_record(record_view(record=Shown(key(1), "x", values), related=()))
    assert "<p>Hallo <b>Welt</b></p>" in page
    assert "onerror" not in page


def test_the_language_of_the_page_need_not_be_one_of_the_project() -> None:
    assert "Guten Tag" in PAGES.render_home(views.HomeView(shell("de")))
    assert "Good to see you" in PAGES.render_home(views.HomeView(replace(shell("de"), language="fr")))


def test_errors_have_a_page_inside_and_outside() -> None:
    assert "Das dürfen Sie nicht" in GERMAN["error"]
    assert "7f3a-22" in GERMAN["error"]
    assert 'class="bare"' in GERMAN["error_outside"]
    strange = PAGES.render_error(views.ErrorView(shell("en"), 418))
    assert "cannot be understood" in strange
    assert "Something went wrong" in PAGES.render_error(views.ErrorView(shell("en"), 599))


def test_texts_are_escaped_each_for_itself() -> None:
    assert escaped([]) == []
    assert escaped(["<a>", "", "b & c"]) == ["&lt;a&gt;", "", "b &amp; c"]
    assert escaped(["a\0<b>", "c"]) == ["a\0&lt;b&gt;", "c"]
