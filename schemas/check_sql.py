"""Rights to read choose among all records, so they must have SQL: checked here by asking for it."""

from __future__ import annotations

from fachwerk.problems import Problems
from fachwerk.rules.to_sql.rules import problem_of, translatable
from fachwerk.schemas.model import Project
from fachwerk.schemas.plain_rules import is_plain, rights
from fachwerk.schemas.tables import build_tables
from fachwerk.schemas.tables_columns import Dialect

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")


def check_sql(project: Project, problems: Problems) -> None:
    """Note rights that cannot become SQL; *project* must be without errors."""
    rules = [(entity.name, rule) for rule, entity in rights(project) if not is_plain(rule, entity, project)]
    for dialect in DIALECTS:
        tables = build_tables(project, dialect)
        for record, rule in rules:
            for reason in translatable(rule.checked, tables.storage, tables.metadata, dialect, record=record):
                problems.add(problem_of(reason, rule.checked))
