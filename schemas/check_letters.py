"""Documents as a whole: that each is made by something, and shows nobody what is hidden from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fachwerk.problems import Problems
from fachwerk.schemas import codes_letter as codes
from fachwerk.schemas.letter import Each, Heading, Items, Letter, Loop, Paragraph, Part, Place, Row, Table, When
from fachwerk.schemas.model import Project, Rule
from fachwerk.schemas.read_places import absolute
from fachwerk.schemas.read_world import World


def check_letters(project: Project, problems: Problems) -> None:
    """Warn of what a role would read in a document that it sees nowhere else."""
    for letter in project.letters.values():
        access = project.entities[letter.of].access if letter.of in project.entities else {}
        shown = {path[0]: rule for rule, path in reads_of(letter)}
        for role in (one.role for one in letter.by if one.role is not None):
            hidden = access[role].hide if role in access else frozenset()
            for field in sorted(hidden & shown.keys()):
                at = shown[field].text.span()
                problems.add(codes.SHOWS_HIDDEN.at(at, document=letter.name, field=field, role=role))


def unused_letters(project: Project, world: World) -> None:
    """Warn of documents that nothing makes."""
    for name, letter in project.letters.items():
        if ("document", name) not in world.used and not letter.by:
            world.problems.add(codes.UNUSED.at(letter.span, name=name))


def reads_of(letter: Letter) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Give every path of the record that a document reads, with the rule that does."""
    for rule, names in rules_of(letter):
        for path in rule.checked.reads:
            yield rule, absolute(path, names)


def rules_of(letter: Letter) -> Iterator[tuple[Rule, tuple[Loop, ...]]]:
    """Give all rules of a document with the loops around each."""
    if letter.language is not None:
        yield letter.language, ()
    for pieces in letter.title.parts.values():
        yield from ((piece, ()) for piece in pieces if not isinstance(piece, str))
    yield from ((mark.rule, mark.names) for mark in letter.marks if mark.rule is not None)
    for lines in (letter.sender, letter.to, letter.date, letter.header, letter.footer, letter.text):
        for parts in lines.values():
            yield from rules_within(parts)


def rules_within(parts: Iterable[Part]) -> Iterator[tuple[Rule, tuple[Loop, ...]]]:
    """Give the rules of parts and of all within them."""
    for part in parts:
        if isinstance(part, Place):
            yield part.rule, part.names
        elif isinstance(part, When):
            yield part.condition, part.names
            yield from rules_within((*part.then, *part.otherwise))
        elif isinstance(part, Each):
            yield part.source, part.names
            yield from rules_within(part.body)
        elif isinstance(part, Heading | Paragraph):
            yield from rules_within(part.text)
        elif isinstance(part, Items):
            yield from rules_within(part.items)
        elif isinstance(part, Row):
            yield from (found for cell in part.cells for found in rules_within(cell))
        elif isinstance(part, Table):
            yield from rules_within((part.head, *part.rows))
