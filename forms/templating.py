"""The template engine, and what is decided when a template is compiled: the only place that knows the engine.

The words of a language, the icons and the addresses of our own files are the same in every request. So templates are
compiled once per language with these written into them, beside the markup around them, and with the templates that
they include in their places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from fachwerk.forms import pieces
from fachwerk.forms.assets import Assets
from fachwerk.forms.texts import LANGUAGE_NAMES, Words, size_text, texts
from fachwerk.forms.widgets import NUMBERS, Widget
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

_TILE_TONES = 8
_MOST = 16
"""Languages, and sets of assets, whose templates are kept."""


class Templates:
    """The templates in one language, each compiled when it is first rendered."""

    def __init__(self, static: str, icons: frozenset[str], words: Words) -> None:
        self._environment = _environment(static, icons, words)
        self._render: dict[str, Callable[..., str]] = {}

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """Return *template* with *values* in it."""
        render = self._render.get(template)
        if render is None:
            render = self._render[template] = self._environment.get_template(template).render
        return render(values)


def templates_of(assets: Assets, language: str) -> Templates:
    """Return the templates in *language*; configurations with the same assets share them."""
    return _templates(assets.path, assets.icons, language)


@lru_cache(maxsize=_MOST)
def _templates(static: str, icons: frozenset[str], language: str) -> Templates:
    return Templates(static, icons, texts(language))


def _environment(static: str, names: frozenset[str], words: Words) -> Environment:
    environment = _Folding(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    icons = {name: _icon(static, name) for name in names}
    environment.fixed = {
        "t": words,
        "static": static,
        "icon": lambda name: icons.get(name, icons["point"]),
        "mark": Markup('<img class="mark" src="{}/favicon.svg" alt="" width="24" height="24">').format(static),
    }
    environment.globals.update(
        environment.fixed,
        tile=_tiles(icons),
        initials=_initials,
        size_text=size_text,
        language_names=LANGUAGE_NAMES,
        range_type=_range_type,
        controls=pieces.CONTROLS,
        output=pieces.output,
        options=pieces.options,
        marks=pieces.marks,
        label=pieces.label,
        needed=pieces.needed,
        attributes=pieces.attributes,
        clean=Markup,
    )
    return environment


# ------------------------------------------------------------------ what is known beforehand


class _Folding(Environment):
    """Compiles templates with what is *fixed* written into them."""

    fixed: Mapping[str, Any]

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        template = _Known(self).visit(source)
        return super()._generate(template, name, filename, defer_init)

    def included(self, template: str) -> list[nodes.Node]:
        """Return the body of a template, to stand in another."""
        assert self.loader is not None
        text, filename, _ = self.loader.get_source(self, template)
        return self._parse(text, template, filename).body


class _Known(NodeTransformer):
    """Puts constants in the place of fixed values, and of words and icons asked for by them."""

    def __init__(self, environment: _Folding) -> None:
        self._environment = environment
        self._fixed: Mapping[str, Any] = {}

    def visit_Template(self, node: nodes.Template) -> nodes.Node:  # noqa: N802 - the engine's own spelling
        """Begin a template; a name that it gives to something of its own is not the fixed one."""
        own = {name.name for name in node.find_all(nodes.Name) if name.ctx != "load"}
        self._fixed = {name: value for name, value in self._environment.fixed.items() if name not in own}
        return self.generic_visit(node)

    def visit_Include(self, node: nodes.Include) -> list[nodes.Node]:  # noqa: N802
        """Return the template that is included."""
        assert isinstance(node.template, nodes.Const)
        return [self.visit(inner) for inner in self._environment.included(node.template.value)]

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        """Return a fixed text or piece of markup as a constant."""
        value = self._fixed.get(node.name) if node.ctx == "load" else None
        return _constant(value, node) if isinstance(value, str) else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        """Return a word of the catalogue as a constant."""
        if self._is_words(node.node):
            word = getattr(self._fixed["t"], node.attr)
            return _constant(word, node) if isinstance(word, str) else node
        return self.generic_visit(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        """Return an icon, or a word that is said without more, as a constant."""
        self.generic_visit(node)
        function = self._function(node.node)
        given = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if function is None or len(given) < len(node.args) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        return _constant(function(*given), node)

    def _function(self, node: nodes.Node) -> Callable[..., str] | None:
        if isinstance(node, nodes.Name) and node.name == "icon":
            return self._fixed.get("icon")
        if isinstance(node, nodes.Getattr) and node.attr == "say" and self._is_words(node.node):
            say: Callable[..., str] = self._fixed["t"].say
            return say
        return None

    def _is_words(self, node: nodes.Node) -> bool:
        return isinstance(node, nodes.Name) and node.name == "t" and "t" in self._fixed


def _constant(value: str, node: nodes.Node) -> nodes.Node:
    return nodes.Const(value, lineno=node.lineno)


# ------------------------------------------------------------------ functions of templates


def _icon(static: str, name: str) -> Markup:
    return Markup('<svg class="i" aria-hidden="true"><use href="{}/icons.svg#{}"/></svg>').format(static, name)


def _tiles(icons: Mapping[str, Markup]) -> Callable[[str | None, str], Markup]:
    made: dict[str, Markup] = {}

    def tile(name: str | None, label: str) -> Markup:
        """Return the icon of an entity; without one, its first letter on a colour that stays the same."""
        if name is not None and name in icons:
            return icons[name]
        if label not in made:
            tone = crc32(label.encode()) % _TILE_TONES
            letter = Markup('<span class="tile h{}" aria-hidden="true">{}</span>').format(tone, label[:1].upper())
            if len(made) > 1000:
                made.clear()
            made[label] = letter
        return made[label]

    return tile


def _initials(name: str) -> str:
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "") if words else "?"
    return letters.upper()


def _range_type(widget: Widget) -> Markup:
    if widget.kind in ("date", "datetime"):
        return Markup('type="date"')
    return Markup('inputmode="decimal" size="8"') if widget.kind in NUMBERS else escape("")
