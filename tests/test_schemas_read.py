"""From files to the model: defaults an expert would have chosen, and what follows from relations and workflows."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from fachwerk.cli import main
from fachwerk.problems import Refused
from fachwerk.rules.types import BOOLEAN, DATE, NUMBER, STRING, ListType, OptionType, RecordType
from fachwerk.schemas.model import Field, Project
from fachwerk.schemas.names import spelled_out
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from fachwerk.schemas.starter import new_project

EXAMPLES = Path(__file__).parent.parent / "examples"
BASE = "app: x\nlanguages: [en]\n---\nroles: {clerk: {reads: everything}}\n---\n"


def project_of(text: str, **files: bytes) -> Project:
    project, problems = read_project({"a.yaml": (BASE + text).encode(), **files})
    assert project is not None, as_text(problems)
    return project


def fields_of(text: str) -> dict[str, Field]:
    return dict(project_of(f"entity: e\nfields:\n  name: text\n  {text}\n").entities["e"].fields)


@pytest.fixture(scope="module")
def permits() -> Project:
    project, problems = read_project(EXAMPLES / "building_permits")
    assert project is not None, as_text(problems)
    return project


# the north star


def test_names_become_labels(permits: Project) -> None:
    person = permits.entities["person"]
    assert person.fields["family_name"].label["en"] == "Family name"
    assert permits.entities["company"].fields["vat_id"].label["en"] == "VAT ID"
    assert permits.entities["company"].plural["en"] == "Companies"
    assert person.label == {"en": "Person", "de": "Person"}


def test_the_short_form(permits: Project) -> None:
    field = permits.entities["person"].fields["given_name"]
    assert field.kind == "text"
    assert field.required is not None
    assert field.required.constant is True
    assert not field.typed.nullable
    assert permits.entities["person"].fields["born"].required is None


def test_a_relation_has_ends_back_links_and_a_span(permits: Project) -> None:
    ownership = permits.entities["ownership"]
    assert ownership.relation is not None
    assert (ownership.relation.source, ownership.relation.target) == ("from", "plot")
    assert ownership.relation.valid == ("since", "until")
    assert ownership.record.valid == ("since", "until")
    assert list(ownership.fields)[:5] == ["from", "plot", "share", "since", "until"]
    assert ownership.fields["from"].to == ("person", "company")
    for entity, end in (("person", "from"), ("company", "from"), ("plot", "plot")):
        back = permits.entities[entity].fields["ownership"]
        assert back.kind == "back_links"
        assert back.inverse == ("ownership", end)
        assert isinstance(back.typed.type, ListType)
        assert back.typed.type.element.type is ownership.record
    assert permits.entities["plot"].fields["ownership"].label["de"] == "gehört"


def test_a_link_to_several_knows_what_they_share(permits: Project) -> None:
    link = permits.entities["ownership"].fields["from"].typed.type
    assert isinstance(link, RecordType)
    assert link.name == "person|company"
    assert "created" in link.fields
    assert "family_name" not in link.fields


def test_computed_fields_carry_their_type(permits: Project) -> None:
    fee = permits.entities["permit"].fields["fee"]
    assert (fee.kind, fee.result, fee.stored, fee.currency, fee.places) == ("computed", "money", True, "EUR", 2)
    assert fee.typed.type == NUMBER


def test_a_workflow_gives_its_entity_fields(permits: Project) -> None:
    fields = permits.entities["permit"].fields
    assert fields["state"].system
    assert isinstance(fields["state"].typed.type, OptionType)
    assert fields["state"].typed.type.of == "permit.state"
    assert [option.name for option in fields["state"].options][:2] == ["draft", "submitted"]
    assert fields["due"].kind == "date"
    assert (fields["submitted"].kind, fields["submitted"].typed.type) == ("date", DATE)
    assert fields["overdue"].typed.type == BOOLEAN
    assert list(fields)[-4:] == ["created", "changed", "created_by", "changed_by"]
    opinions = permits.entities["permit"].record.fields["opinions"]
    assert isinstance(opinions.type, ListType)


def test_who_acts(permits: Project) -> None:
    review = permits.workflows["review"]
    submit = review.transitions["submit"].by[0]
    assert submit.role is None, "the applicant of the case goes before the role of that name"
    assert submit.person is not None
    assert submit.person.checked.reads == {("applicant", "user", "id")}
    assert review.transitions["grant"].by[0].role == "head"
    assert review.transitions["grant"].not_by == ("start_review",)
    assert review.transitions["review_done"].by == ()
    assert review.initial.name == "draft"
    assert str(review.deadlines["decide"].within.count) + review.deadlines["decide"].within.unit == "3months"


def test_roles_are_closed(permits: Project) -> None:
    assert permits.roles["head"].includes == {"clerk"}
    assert permits.roles["auditor"].reads_everything


def test_rows_are_an_entity_of_their_own(permits: Project) -> None:
    rows = permits.entities["permit"].fields["neighbours"].rows
    assert rows is not None
    assert rows.name == "permit.neighbours"
    assert rows.parent == ("permit", "neighbours")
    assert "parent" in rows.record.fields


def test_messages_know_what_they_are_about(permits: Project) -> None:
    assert permits.messages["documents_missing"].of == "permit"
    assert permits.messages["documents_missing"].to_field == "email"
    assert permits.messages["granted"].subject.parts["de"]


def test_lists_and_forms(permits: Project) -> None:
    permit = permits.entities["permit"]
    assert permit.list is not None
    assert permit.list.columns == ("number", "applicant", "kind", "state", "due", "fee")
    assert permit.list.sort == (("submitted", True),)
    assert permit.form[0].rows == (("kind", "plot"), ("floor_area", "storeys"), ("asbestos_report",))
    person = permits.entities["person"]
    assert person.list is not None
    assert person.list.columns == ("given_name", "family_name", "email", "phone", "born", "user")
    assert person.list.search == ("given_name", "family_name", "email", "phone")


def test_the_hash_is_of_the_text_not_of_line_ends() -> None:
    text = (BASE + "entity: e\nfields: {name: text}\n").encode()
    same = [{"a.yaml": text}, {"a.yaml": text.replace(b"\n", b"\r\n")}, {"a.yaml": b"\xef\xbb\xbf" + text}]
    hashes = {project.hash for files in same if (project := read_project(files)[0])}
    assert len(hashes) == 1
    other = read_project({"a.yaml": text + b"\n"})[0]
    assert other is not None
    assert other.hash not in hashes


# small things


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if any(path.glob("*.yaml"))))
def test_every_example_has_no_error(example: str) -> None:
    project, problems = read_project(EXAMPLES / example)
    assert project is not None, as_text(problems)


def test_three_lines_make_an_entity() -> None:
    entity = project_of("entity: note\nfields:\n  text: text\n").entities["note"]
    assert entity.title is not None
    assert entity.title.text.text == "text"
    assert entity.list is not None
    assert entity.list.columns == ("text",)
    assert entity.list.sort == (("text", False),)
    assert entity.form[0].rows == (("text",),)


def test_defaults_of_kinds() -> None:
    fields = fields_of(
        "n: {type: sequence, format: 'A-{year}-{000}'}\n  m: {type: sequence}\n  o: {type: sequence, format: '{yy}{month}{00}'}\n"
        "  f: {type: file, max_size: 1.5 MB}\n  d: decimal\n  y: {type: money, currency: JPY}\n  r: rating\n  p: image"
    )
    assert [fields[one].reset for one in "nmo"] == ["yearly", "never", "monthly"]
    assert fields["f"].max_size == 1_500_000
    assert (fields["d"].places, fields["y"].places) == (2, 0)
    assert fields["r"].max is not None
    assert "png" in fields["p"].accept


@pytest.mark.parametrize(("default", "value"), [("a", "a"), ('"a"', "a"), ("'\"a\"'", "a")])
def test_the_default_of_a_choice_may_be_bare(default: str, value: str) -> None:
    field = fields_of(f"c: {{type: choice, options: [a, b], default: {default}}}")["c"]
    assert field.default is not None
    assert field.default.constant == value


def test_options_that_are_words_of_yaml() -> None:
    field = fields_of("c: {type: choice, options: [yes, no, on, 1, ~x]}")["c"]
    assert [option.name for option in field.options] == ["yes", "no", "on", "1", "~x"]


@pytest.mark.parametrize(
    ("rule", "type_", "kind"),
    [("1 + 1", NUMBER, "decimal"), ("name", STRING, "text"), ("today()", DATE, "date"), ("name = null", BOOLEAN, "boolean")],
)
def test_the_kind_of_a_computed_field_follows_from_its_rule(rule: str, type_: object, kind: str) -> None:
    field = fields_of(f"c: {{computed: {rule}}}")["c"]
    assert (field.typed.type, field.result) == (type_, kind)


def test_computed_fields_may_build_on_each_other_in_any_order() -> None:
    fields = fields_of("a: {computed: b + 1}\n  b: {computed: c + 1}\n  c: {computed: 1 + 1}")
    assert {fields[one].typed.type for one in "abc"} == {NUMBER}


def test_both_ends_of_a_relation_may_be_one_entity() -> None:
    text = "entity: p\nfields: {name: text}\n---\nrelation: kin\nfrom: {to: p, as: above}\nto: {to: p, as: below}\ninverse: kin_of\n"
    project = project_of(text)
    assert project.entities["p"].fields["kin"].inverse == ("kin", "above")
    assert project.entities["p"].fields["kin_of"].inverse == ("kin", "below")


def test_a_tree_leads_to_its_own_entity() -> None:
    project = project_of("entity: unit\nfields: {name: text, above: tree}\n")
    assert project.entities["unit"].record.tree == "above"
    assert project.entities["unit"].fields["above"].to == ("unit",)


def test_a_decision_may_be_a_rule_a_list_or_a_file() -> None:
    text = (
        "entity: e\nfields: {n: integer, a: {computed: d1(n)}, b: {computed: d2(n)}, c: {computed: d3(n)}, d: {computed: d4(n)}}\n"
        "---\ndecision: d1\ninputs: {n: integer}\noutput: number\nrule: n + 1\n"
        '---\ndecision: d2\ninputs: {n: integer}\noutput: text\nhit: first\nrows: [{n: "< 5", "=>": \'"low"\'}, {"=>": \'"high"\'}]\n'
        "---\ndecision: d3\ninputs: {n: e.n}\noutput: {type: choice, options: [low, high]}\nhit: first\n"
        "table: |\n  | n | => d3 |\n  | < 5 | low |\n  | - | high |\n"
        "---\ndecision: d4\ninputs: {n: integer}\noutput: number\nhit: first\nfile: t.csv\n"
    )
    project = project_of(text, **{"t.csv": b"n,=> out\n< 5,1\n-,2\n"})
    fields = project.entities["e"].fields
    assert [fields[one].result for one in "abcd"] == ["decimal", "text", "choice", "decimal"]
    assert [option.name for option in fields["c"].options] == ["low", "high"]


def test_texts_with_places() -> None:
    text = "entity: e\nfields: {n: integer}\nchecks:\n  - {that: n > 1, else: 'Not {{n}} but {n + 1}!'}\n"
    message = project_of(text).entities["e"].checks[0].message
    first, rule, last = message.parts["en"]
    assert (first, last) == ("Not {n} but ", "!")
    assert not isinstance(rule, str)
    assert rule.text.text == "n + 1"


@pytest.mark.parametrize(
    ("name", "better"),
    [("Straße", "strasse"), ("Haus-Nr", "haus_nr"), ("familyName", "family_name"), ("2nd", "n_2nd"), ("Été", "ete"), ("東京", "name")],
)
def test_names_are_spelled_out(name: str, better: str) -> None:
    assert spelled_out(name) == better


# commands

SHAPES = ("text", "json", "sarif")


def test_validate_says_how_it_went(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("app: x\nbanana: 1\n")
    run = CliRunner().invoke
    said = {shape: run(main, ["--language", "en", "validate", str(tmp_path), "--format", shape]) for shape in SHAPES}
    assert all(result.exit_code == 1 for result in said.values())
    assert said["text"].output.rstrip().splitlines()[-1].startswith("1 error in 1 file (")
    assert '"unknown-key"' in said["json"].output
    assert '"2.1.0"' in said["sarif"].output


def test_a_new_project_has_no_mistake(tmp_path: Path) -> None:
    written = new_project(tmp_path / "Mein Büro")
    assert [path.name for path in written] == ["app.yaml", "request.yaml", "request.yaml"]
    project, problems = read_project(tmp_path / "Mein Büro")
    assert project is not None
    assert as_text(problems, files=len(project.files)).startswith("No problems in 3 files")
    assert project.name == "mein_buero"
    assert project.label["de"] == "Mein Büro"
    with pytest.raises(Refused):
        new_project(tmp_path / "Mein Büro")
