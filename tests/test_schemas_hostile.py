"""Damaged and hostile projects never raise: whatever stands in the files, problems come out, in both languages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_json, as_sarif, as_text

CASES = Path(__file__).parent / "cases"
WHOLE = [(CASES / "wrong" / "base.txt").read_text(encoding="utf-8"), (CASES / "keys" / "full.yaml").read_text(encoding="utf-8")]
SIGNS = "{}[]:,'\"#&*!|>%@`-?\t\n \\~=<.()0$\x85\u2028é"


def damaged(text: str, chance: random.Random) -> str:
    """Return *text* with a few characters put in, taken out or turned round."""
    for _ in range(chance.choice([1, 1, 1, 2, 3, 20])):
        at = chance.randrange(len(text))
        how = chance.random()
        if how < 0.4:
            text = text[:at] + chance.choice(SIGNS) + text[at:]
        elif how < 0.7:
            text = text[:at] + text[at + chance.randrange(1, 40) :]
        else:
            text = text[:at] + text[at : at + 9][::-1] + text[at + 9 :]
    return text


@pytest.mark.parametrize("seed", range(60))
def test_damaged_projects_are_explained(seed: int) -> None:
    chance = random.Random(seed)
    project, problems = read_project({"a.yaml": damaged(chance.choice(WHOLE), chance).encode()})
    assert (project is None) == bool(problems.errors)
    for language in ("en", "de"):
        assert as_text(problems, language=language)
        assert as_json(problems, language=language)
        assert as_sarif(problems, language=language)
        assert all("{" + key + "}" not in problem.message(language) for problem in problems for key in problem.values)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "---", "...", "--- ---", "%YAML 1.1\n--- x", "a", "[]", "{}", "null", "entity:", "entity: []", "entity: {}",
        "entity: x\nfields: {a: {}}", "entity: x\nfields: {a: {type: []}}", "entity: x\nfields: {a: {type: {b: c}}}",
        "entity: x\nfields: {? [a] : b}", "roles: x", "roles: [a]", "roles: {a: [b]}", "app: {}", "app: x\nlanguages: {}",
        "app: x\nlanguages: [[]]", "workflow: x", "workflow: x\nof: [a]\nstates: []\ntransitions: x",
        "workflow: x\nof: y\nstates: {a: 1}\ntransitions: {b: 2}\ndeadlines: {c: 3}", "relation: x", "relation: x\nfrom: x\nto: x",
        "relation: x\nfrom: {to: {}}\nto: {as: []}", "relation: x\nfrom: a\nto: a\nvalid: {from: {}, until: []}",
        "decision: x", "decision: x\ninputs: []\noutput: {}", "decision: x\noutput: number\ntable: '|'",
        "decision: x\noutput: number\nrows: [1, [2], {a: {b: c}}]", "decision: x\noutput: number\nfile: ../../etc/passwd",
        "message: x\nsubject: []\nbody: {en: {}}", "message: x\nsubject: '{'\nbody: '}{'", "demo: x\nusers: []\ncounts: {a: b}\nvalues: {a: 1}",
        "entity: x\nform: x\nlist: []\naccess: []\nchecks: {}\nunique: x", "entity: x\nlist: {columns: {}, sort: [[]]}",
        "entity: x\nfields: {a: text}\nform: [[], 1, {fields: {}}, {fields: [[[a]]]}]", "entity: x\nfields: {a: text}\nchecks: [1, {that: [}]}]",
        "entity: x\nfields: {a: {type: sequence, format: '{{{'}}", "entity: x\nfields: {a: {type: link, to: x, where: this.a.a.a = a}}",
        "entity: x\nfields: {a: {type: back_links, of: x.a}}", "entity: x\nfields: {a: {type: back_links, of: .}}",
        "entity: x\nfields: {a: {computed: a}}", "entity: x\nfields: {a: {computed: b}, b: {computed: a}}",
        "entity: x\nfields: {a: {type: rows, fields: {b: {type: back_links, of: x.a}}}}", "entity: x\nfields: {a: {type: text, pattern: '((((a+)+)+)+)+$'}}",
        "entity: x\nfields: {a: {type: choice, options: {a: {label: {}}}}}", "entity: x\nfields: {a: {type: text, max_length: 99999999999999999999}}",
        "entity: x\nfields: {a: {type: file, max_size: 99999999999 GB}}", "app: x\nhue: 1e9", "app: x\ncalendar: {country: [], subdivision: {}}",
        "entity: __proto__\nfields: {__class__: text}", "entity: 'x; DROP TABLE y'\nfields: {\"a\\\"b\": text}", "entity: x\nfields: {a: !!python/object:os.system x}",
        "<<: {entity: x}", "entity: &a x\nlabel: *a", "? entity\n: x", "entity: x\nfields:\n  a: " + "(" * 3000, "entity: x\ntitle: " + "a." * 3000 + "a",
    ],
)  # fmt: skip
def test_strange_documents_are_explained(text: str) -> None:
    around = "app: z\n---\nroles: {clerk: {reads: everything}}\n---\n"
    for whole in (text, around + text):
        project, problems = read_project({"a.yaml": whole.encode()})
        assert (project is None) == bool(problems.errors)
        assert as_text(problems, language="de")


def test_any_bytes_are_explained() -> None:
    chance = random.Random(7)
    for size in (0, 1, 10, 1_000):
        read_project({"a.yaml": chance.randbytes(size), "b.yml": b"\xff\xfe" + chance.randbytes(size)})
