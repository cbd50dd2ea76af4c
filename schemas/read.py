"""From files to a :class:`~fachwerk.schemas.model.Project`: all problems of structure and meaning at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fachwerk.problems import Problem, Problems, Source, Span, Text
from fachwerk.schemas import codes_yaml, nodes
from fachwerk.schemas.check import check_project
from fachwerk.schemas.codes_names import UNKNOWN
from fachwerk.schemas.document import Document, Unreadable, read_documents
from fachwerk.schemas.files import decode, digest, gather
from fachwerk.schemas.icons import read_icon
from fachwerk.schemas.model import Decision, Entity, Message, Project, Relation, Workflow
from fachwerk.schemas.plain_rules import is_plain, rights
from fachwerk.schemas.read_app import read_app, read_demo, read_roles
from fachwerk.schemas.read_automation import read_automations
from fachwerk.schemas.read_decision import read_decision, type_decisions
from fachwerk.schemas.read_declared import declare
from fachwerk.schemas.read_entity import add_system_fields, outline
from fachwerk.schemas.read_fields import make_field
from fachwerk.schemas.read_kept import KeptText, outline_kept, read_kept, with_kept
from fachwerk.schemas.read_layout import access_of, checks_of, description_of, form_of, list_of, title_of, unique_of
from fachwerk.schemas.read_letter import read_letters
from fachwerk.schemas.read_message import read_message
from fachwerk.schemas.read_past import read_past
from fachwerk.schemas.read_scenario import read_scenarios
from fachwerk.schemas.read_types import infer_computed, type_all
from fachwerk.schemas.read_workflow import add_opinions, outline_automations, outline_workflows, read_workflow
from fachwerk.schemas.read_world import Draft, World
from fachwerk.schemas.renamed import with_names_of_today
from fachwerk.schemas.structure import check_structure
from fachwerk.schemas.wording import both, plural_of

YAML = (".yaml", ".yml")


def read_project(
    where: Path | str | Mapping[str, bytes], kept: Sequence[KeptText] = ()
) -> tuple[Project | None, Problems]:  # fmt: skip
    """Read a folder, or files by name, into a project; ``None`` where an error keeps it from being used.

    *kept* are the workflows of earlier versions that running cases go on under.

    Never raises because of what stands in the files. All problems come out together, warnings too.
    """
    problems = Problems()
    files = dict(where) if isinstance(where, Mapping) else gather(Path(where), problems)
    documents = read_files(files, problems)
    if not documents and not len(problems):
        name = "." if isinstance(where, Mapping) else str(where)
        problems.add(codes_yaml.NO_FILES.at(Span(Source(name, ""), 0, 0)))
    project = read_documents_of(documents, files, problems, kept)
    if not problems.errors and any(not is_plain(*one, project) for one in rights(project)):
        # SQLAlchemy is slow to load; who has mistakes to mend need not wait for it
        from fachwerk.schemas.check_sql import check_sql

        check_sql(project, problems)
    return (None if problems.errors else project), merged(with_names_of_today(problems, project.past))


def merged(problems: Problems) -> Problems:
    """Return the problems with those of one cause as one: a name that is unknown in several places is said once."""
    first: dict[tuple[str, str], Problem] = {}
    others: dict[tuple[str, str], list[Span]] = {}
    for problem in problems:
        key = (problem.code, problem.message() if problem.code in _NAMES else str(id(problem)))
        if first.setdefault(key, problem) is not problem:
            others.setdefault(key, []).append(problem.span)
    result = Problems()
    for key, problem in first.items():
        more = others.get(key, [])
        note = both("and here", "und hier")
        related = (*problem.related, *((span, note) for span in more[:5]))
        result.add(replace(problem, related=related) if more else problem)
    return result


_NAMES = frozenset(code.code for code in UNKNOWN.values())


def read_files(files: Mapping[str, bytes], problems: Problems) -> list[Document | Unreadable]:
    """Return the documents of all YAML files, in the order of their names."""
    found: list[Document | Unreadable] = []
    for name in sorted(files):
        if name.lower().endswith(YAML):
            source = decode(name, files[name], problems)
            found += read_documents(source, problems) if source else [Unreadable()]
    return found


def read_documents_of(
    documents: Sequence[Document | Unreadable], files: Mapping[str, bytes], problems: Problems,
    kept: Sequence[KeptText] = (),
) -> Project:  # fmt: skip
    """Return the project that documents make; usable only if *problems* holds no error afterwards."""
    declared = declare(documents, problems)
    for document in documents:
        if isinstance(document, Document):
            check_structure(document, problems)
    app = read_app(declared.single("app"), problems)
    world = World(problems, app, declared.by_word, declared.damaged, declared.lost)
    world.kept = read_kept(kept, problems)
    read_roles(declared.roles, world)
    _outline(world)
    type_decisions(world)
    models = _models(world, files)
    infer_computed(world)
    entities = {name: read_entity(world, draft) for name, draft in world.entities.items()}
    project = Project(
        name=app.name,
        label=app.label,
        languages=app.languages,
        timezone=app.timezone,
        currency=app.currency,
        calendar=app.calendar,
        hours=app.hours,
        closed=app.closed,
        hue=app.hue,
        roles=world.roles,
        entities=entities,
        workflows=_workflows(world, kept),
        decisions=_decisions(world, files) | models,
        automations=read_automations(world),
        messages=_messages(world),
        letters=read_letters(world, files),
        demo=read_demo(declared.single("demo"), world),
        hash=digest(files),
        files=files,
        past=read_past(world, declared),
    )
    check_project(project, world)
    return _with_scenarios(project, world)


def _outline(world: World) -> None:
    """Find out which fields there are, and of what type."""
    outline(world)
    outline_workflows(world)
    outline_kept(world)
    outline_automations(world)
    for draft in world.entities.values():
        add_system_fields(draft)
    type_all(world)
    _finish(world)
    add_opinions(world)


def _with_scenarios(project: Project, world: World) -> Project:
    """Return the project with its scenarios, where everything that they could talk about was read."""
    if world.damaged or world.lost:
        return project
    return replace(project, scenarios=read_scenarios(project, world.declared["scenario"], world.problems))


def _finish(world: World) -> None:
    for step in world.later:
        step()


def read_entity(world: World, draft: Draft) -> Entity:
    """Return the entity, relation or rows that a draft stands for."""
    fields = {
        name: make_field(world, draft, made, read_entity(world, made.rows) if made.rows else None)
        for name, made in draft.fields.items()
    }
    label = world.label(draft.node.get("label"), draft.name.rpartition(".")[2], draft.name)
    return Entity(
        name=draft.name,
        label=label,
        plural=_plural(world, draft, label),
        span=draft.span,
        record=draft.record,
        fields=fields,
        title=title_of(world, draft, fields),
        description=description_of(world, draft),
        unique=unique_of(world, draft, fields),
        checks=checks_of(world, draft, fields),
        form=form_of(world, draft, fields),
        list=list_of(world, draft, fields),
        access=access_of(world, draft, fields),
        relation=_relation(world, draft),
        parent=draft.parent,
        workflows=tuple(draft.workflows),
        icon=read_icon(draft.node.get("icon"), world.problems),
        menu=_in_menu(draft),
    )


def _models(world: World, files: Mapping[str, bytes]) -> dict[str, Decision]:
    if not any(name.lower().endswith(".dmn") for name in files):
        return {}
    # the readers of XML are slow to load, and few projects need them
    from fachwerk.schemas.read_models import read_models

    return read_models(world, files)


def _workflows(world: World, kept: Sequence[KeptText]) -> dict[str, Workflow]:
    found = {}
    for name, document in world.declared["workflow"].items():
        draft = next((one for one in world.entities.values() if name in one.workflows), None)
        if draft:
            texts = {text.number: text for text in kept if text.workflow == name}
            found[name] = with_kept(world, read_workflow(world, name, document, draft), draft, texts)
    return found


def _decisions(world: World, files: Mapping[str, bytes]) -> dict[str, Decision]:
    return {name: read_decision(world, name, one, files) for name, one in world.declared["decision"].items()}


def _messages(world: World) -> dict[str, Message]:
    made = {name: read_message(world, name, one) for name, one in world.declared["message"].items()}
    return {name: message for name, message in made.items() if message}


def _plural(world: World, draft: Draft, label: Text) -> Text:
    given = world.text(draft.node.get("plural"), f"{draft.name}.plural")
    if given is not None or draft.ends is not None:  # a relation is called by a verb
        return label if given is None else given
    return {**label, "en": plural_of(label["en"])}


def _relation(world: World, draft: Draft) -> Relation | None:
    if draft.ends is None:
        return None
    inverse = world.text(draft.node.get("inverse_label"), f"{draft.name}.inverse_label")
    label = world.text(draft.node.get("label"), draft.name) or {"en": draft.name}
    return Relation(draft.ends[0], draft.ends[1], inverse or label, draft.valid)


def _in_menu(draft: Draft) -> bool:
    """Entities stand in the menu unless the file says no; relations only where it says yes."""
    told = nodes.truth(draft.node.get("menu"))
    return told is True or (told is None and draft.ends is None)
