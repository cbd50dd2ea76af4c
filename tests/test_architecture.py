"""The house plan as a test: what may import what, where third-party packages belong, how long things are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("rules", "schemas", "forms", "workflows", "engine")
MODULES = sorted(
    [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] + [ROOT / "problems.py", *ROOT.glob("cli*.py")]
)

MAY_IMPORT = {
    "problems": set(),
    "rules": {"problems", "rules"},
    "schemas": {"problems", "rules", "schemas"},
    "workflows": {"problems", "rules", "schemas", "workflows"},
    "forms": {"problems", "rules", "schemas", "forms"},
    "engine": {"problems", "rules", "schemas", "workflows", "forms", "engine"},
    "cli_common": {"problems", "schemas", "engine"},
    "cli_test": {"cli_common", "problems", "schemas", "engine"},
    "cli_changes": {"cli_common", "problems", "schemas", "engine"},
    "cli_insight": {"cli_common", "problems", "schemas", "engine"},
    "cli_people": {"cli_common", "problems", "schemas", "engine"},
    "cli_letters": {"cli_common", "problems", "schemas", "engine"},
    "cli": {"cli_common", "cli_letters", "cli_people", "cli_changes", "cli_test", "cli_insight", "problems", "rules", "schemas", "workflows", "forms", "engine"},
}

ONLY_IN = {
    "sqlalchemy": ("rules/to_sql", "schemas/tables", "engine/"),
    "yaml": ("schemas/document",),
    "jsonschema": ("schemas/structure",),
    "jinja2": ("forms/templating",),
    "starlette": ("engine/server/", "engine/main"),
    "uvicorn": ("engine/server/", "engine/main"),
    "click": ("cli",),
    "asyncpg": ("engine/",),
    "sqlite3": ("engine/", "rules/to_sql"),
    "holidays": ("workflows/", "schemas/kinds/"),
    "argon2": ("engine/",),
    "typst": ("engine/letters/",),
    "docx": ("engine/letters/",),
    "lxml": ("schemas/word_file", "engine/letters/"),
}

LONGEST_MODULE = 450
LONGEST_FUNCTION = 40


def room_of(path: Path) -> str:
    """Return the folder or root module that *path* belongs to."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """Yield (module, line, whether it counts at run time) of all imports."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, id(node) not in for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno, id(node) not in for_types) for alias in node.names)


@pytest.fixture(params=MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def module(request: pytest.FixtureRequest) -> Path:
    """Each module of the product in turn."""
    return Path(request.param)


def test_imports_point_one_way(module: Path) -> None:
    """A folder imports only folders below it, always by ``fachwerk.*``, and relative imports are not used."""
    tree = ast.parse(module.read_text())
    for name, line, _ in imports(tree):
        first, *rest = name.split(".")
        assert first not in (*ROOMS, "problems", "cli", "cli_test", "cli_changes", "cli_insight"), f"{module}:{line}: write fachwerk.{name}"
        if first == "fachwerk" and rest and rest[0] in MAY_IMPORT:
            assert rest[0] in MAY_IMPORT[room_of(module)], f"{module}:{line}: {room_of(module)} may not import {name}"
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)), f"{module}: relative"


def test_third_parties_stay_in_their_rooms(module: Path) -> None:
    """Each third-party package is known to the few modules that own it."""
    here = str(module.relative_to(ROOT))
    for name, line, at_run_time in imports(ast.parse(module.read_text())):
        allowed = ONLY_IN.get(name.split(".")[0])
        assert not at_run_time or allowed is None or here.startswith(allowed), f"{here}:{line} imports {name}"


def test_sizes(module: Path) -> None:
    """Modules and functions stay small enough to read at once."""
    text = module.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE, f"{module} is too long"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= LONGEST_FUNCTION, f"{module}:{node.lineno}: {node.name} has {lines} lines"


def test_modules_say_what_they_are(module: Path) -> None:
    """Every module opens with a docstring, and so does every public function and class."""
    tree = ast.parse(module.read_text())
    if module.name == "__init__.py" and not tree.body:
        return
    assert ast.get_docstring(tree), f"{module} has no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{module}:{node.lineno}: {node.name} has no docstring"


def test_no_text_of_authors_is_executed(module: Path) -> None:
    """``eval`` and ``exec`` of text do not occur; compiled syntax trees are made by the generators only."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "eval", f"{module}:{node.lineno}"


def test_no_import_cycles() -> None:
    """No module imports itself through others at run time."""
    names = {_dotted(path): path for path in MODULES}
    graph = {
        name: {
            target
            for imported, _, at_run_time in imports(ast.parse(path.read_text()))
            if at_run_time and imported.startswith("fachwerk.")
            for target in [imported if imported in names else imported.rpartition(".")[0]]
            if target in names and target != name
        }
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name in done:
            return
        for target in sorted(graph[name]):
            visit(target, (*path, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("fachwerk", *parts)).removesuffix(".__init__")
