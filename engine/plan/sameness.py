"""Sameness: which fields, rules and decisions may give something else under the new configuration than under the old.

A field is *touched* where its stored values may differ afterwards, or where it is computed from something touched. A
rule is the same where its text is and nothing that it reads or calls is touched; only what is not is judged on rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from fachwerk.engine.plan.converting import is_same
from fachwerk.engine.plan.pairing import Pairing
from fachwerk.problems import Fragment, Span
from fachwerk.rules.check import Checked
from fachwerk.rules.tables.check import CheckedTable
from fachwerk.rules.tables.decisions import Ready
from fachwerk.rules.tree import Name
from fachwerk.rules.walk import walk
from fachwerk.schemas.model import Decision, Entity, Field, Project, Rule

Path = tuple[str, ...]
LINKS = ("link", "tree", "links", "back_links")


class Sameness:
    """Compares two configurations by what they mean."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self.decisions: frozenset[str] = _changed_decisions(pairing.old, pairing.new)
        self.touched: dict[tuple[str, str], str] = {}
        """(entity, field) that may differ, and why: ``field:entity.field`` or ``decision:name``."""
        for name, entity in pairing.after.items():
            for field in entity.fields.values():
                if self._differs(name, field):
                    self.touched[name, field.name] = f"field:{name}.{field.name}"
        self._spread()

    def _differs(self, name: str, field: Field) -> bool:
        """Whether stored values of a field may differ by what is said of the field itself."""
        old = self._pairing.fields(name).get(field.name)
        if old is None:
            return not _is_system(field)
        if field.computed is not None or old.computed is not None:
            return field.computed is None or old.computed is None or text_of(field.computed) != text_of(old.computed)
        if field.kind == "back_links":
            return field.inverse != old.inverse and not self._same_inverse(field, old)
        pairing = self._pairing
        by_rule = pairing.fill(name, field.name) is not None or pairing.convert(name, field.name) is not None
        mapped = bool(self._pairing.options(name, field.name))
        return by_rule or mapped or not is_same(old, field) or self._leads(old, field)

    def _leads(self, old: Field, new: Field) -> bool:
        """Whether a link no longer leads to everything that it led to."""
        return not {self._pairing.renamed(target) for target in old.to} <= set(new.to)

    def _same_inverse(self, new: Field, old: Field) -> bool:
        if new.inverse is None or old.inverse is None:
            return False
        entity, name = new.inverse
        before = self._pairing.entity(entity)
        was = self._pairing.fields(entity).get(name)
        return before is not None and was is not None and (before.name, was.name) == old.inverse

    def _spread(self) -> None:
        """Touch what is computed from something touched, until nothing is added."""
        left = [
            (name, field)
            for name, entity in self._pairing.after.items()
            for field in entity.fields.values()
            if (name, field.name) not in self.touched and (field.computed is not None or field.inverse is not None)
        ]
        while left:
            found = [(name, field, why) for name, field in left if (why := self._why(name, field)) is not None]
            if not found:
                return
            self.touched |= {(name, field.name): why for name, field, why in found}
            left = [one for one in left if (one[0], one[1].name) not in self.touched]

    def _why(self, name: str, field: Field) -> str | None:
        if field.inverse is not None:
            return self.touched.get(field.inverse)
        return self.why(name, field.computed) if field.computed is not None else None

    def why(self, entity: str, rule: Rule) -> str | None:
        """Return what touched thing a rule of a new entity reads or calls; ``None`` if nothing."""
        for called in called_by(rule.checked, self._pairing.new):
            if called in self.decisions:
                return f"decision:{called}"
        for path in sorted(rule.checked.reads):
            for pair in self._fields_of(entity, path):
                if pair in self.touched:
                    return self.touched[pair]
        return None

    def is_same(self, entity: str, new: Rule | None, old: Rule | None) -> bool:
        """Whether a rule of a new entity gives for every record what the old one gave."""
        if new is None or old is None:
            return new is old
        return text_of(new) == text_of(old) and self.why(entity, new) is None

    def _fields_of(self, entity: str, path: Path) -> Iterator[tuple[str, str]]:
        """Give (entity, field) of every step of a path."""
        if not path or path[0] == "me":
            return
        if path[0].startswith("my "):
            yield from self._fields_of(path[0].removeprefix("my "), path[1:])
            return
        name, rest = (path[1], path[2:]) if path[0] == "this" and len(path) > 1 else (path[0], path[1:])
        model = self._pairing.after.get(entity)
        if model is None:
            return
        if name == "parent" and model.parent is not None:
            yield from self._fields_of(model.parent[0], rest)
        field = model.fields.get(name)
        if field is None:
            return
        yield entity, name
        for target in targets_of(field):
            yield from self._fields_of(target, rest)


def targets_of(field: Field) -> tuple[str, ...]:
    """Return the entities or rows that a field leads to."""
    if field.rows is not None:
        return (field.rows.name,)
    if field.inverse is not None:
        return (field.inverse[0],)
    return field.to


def _is_system(field: Field) -> bool:
    return field.system and field.kind != "choice"


def text_of(rule: Rule | None) -> str:
    """Return the text of a rule without blanks around it."""
    return "" if rule is None else rule.text.text.strip()


def called_by(checked: Checked, project: Project) -> Iterator[str]:
    """Give the decisions that a rule calls or names."""
    for node in walk(checked.node):
        if isinstance(node, Name) and node.name in project.decisions:
            yield node.name


def stored_fields(entity: Entity) -> Iterator[Field]:
    """Give the computed fields that are stored."""
    return (field for field in entity.fields.values() if field.computed is not None and field.stored)


# ------------------------------------------------------------------ decisions


def _changed_decisions(old: Project, new: Project) -> frozenset[str]:
    """Return the new decisions that differ from the old of the same name, or call one that does."""
    models = {name: content for name, content in new.files.items() if name.lower().endswith(".dmn")}
    same_models = all(old.files.get(name) == content for name, content in models.items())
    changed = {
        name
        for name, decision in new.decisions.items()
        if name not in old.decisions or not _means_same(old.decisions[name], decision, same_models)
    }
    calls = {name: set(_calls(decision.body, new)) for name, decision in new.decisions.items()}
    while more := {name for name, called in calls.items() if name not in changed and called & changed}:
        changed |= more
    return frozenset(changed)


def _means_same(old: Decision, new: Decision, same_models: bool) -> bool:
    if isinstance(old.body, Ready) or isinstance(new.body, Ready):
        return same_models and isinstance(old.body, Ready) and isinstance(new.body, Ready)
    names = [name for name, _ in old.parameters] == [name for name, _ in new.parameters]
    return names and meaning(old.body) == meaning(new.body)


def _calls(body: object, project: Project) -> Iterable[str]:
    if isinstance(body, Checked):
        yield from called_by(body, project)
    elif isinstance(body, CheckedTable):
        for column in body.inputs:
            yield from called_by(column.expression, project)
        for row in body.rows:
            for result in row.results:
                yield from called_by(result, project)
            for cell in row.cells:
                yield from (n.name for n in walk(cell.tests) if isinstance(n, Name) and n.name in project.decisions)


def meaning(value: object) -> object:
    """Return what a body says, without where it stands: texts of rules within tuples."""
    if isinstance(value, Checked):
        return value.fragment.text.strip()
    if isinstance(value, CheckedTable):
        return meaning(value.table)
    if isinstance(value, Fragment):
        return value.text.strip()
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        parts = [part.name for part in fields(value) if part.name != "typed"]
        return type(value).__name__, *(meaning(getattr(value, name)) for name in parts)
    if isinstance(value, (tuple, list)):
        return tuple(meaning(one) for one in value)
    return str(value)
