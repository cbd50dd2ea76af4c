"""The files beside the pages: unchanged vendored files, budgets, contrast of all colours, nothing that evaluates code."""

from __future__ import annotations

import gzip
import hashlib
import math
import re
from pathlib import Path

import pytest
from fachwerk.forms.assets import FOLDER, load_assets, squeeze
from fachwerk.schemas.icons import known

TEMPLATES = sorted((FOLDER.parent / "templates").glob("*.html"))
VENDORED = {
    "htmx-4.0.1.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "inter-latin.woff2": "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
    "tabler-icons.txt.gz": "0899646f7e473f0c2e2ccb8a8246c7b3ee63fddf4d0e3eb1e26f3e51aaf4d663",
}


@pytest.mark.parametrize("name", VENDORED)
def test_vendored_files_are_unchanged_and_bring_their_licence(name: str) -> None:
    path = FOLDER / "vendor" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == VENDORED[name]
    licences = [licence.stem for licence in path.parent.glob("*.LICENSE")]
    assert any(name.startswith(licence) for licence in licences)


def test_weights_stay_within_the_budget() -> None:
    files = load_assets().files
    weight = {name: len(asset.packed or asset.content) for name, asset in files.items()}
    assert weight["app.css"] <= 8 * 1024
    assert weight["app.js"] + weight["rich.js"] <= 4 * 1024
    assert len(files["app.js"].content) <= 8 * 1024
    assert weight["htmx.js"] <= 14 * 1024


def test_the_hue_colours_style_and_mark_and_names_the_files_anew() -> None:
    usual, green = load_assets(), load_assets(150)
    assert b"--hue:150" in green.files["app.css"].content.replace(b": ", b":")
    assert b" 150)" in green.files["favicon.svg"].content
    assert usual.path != green.path
    assert load_assets().path == usual.path
    assert load_assets(510).path == green.path


def test_packed_files_hold_the_same() -> None:
    for asset in load_assets().files.values():
        if asset.packed is not None:
            assert gzip.decompress(asset.packed) == asset.content


def test_the_sprite_holds_the_icons_of_the_configuration_and_says_which_there_are_not() -> None:
    assets = load_assets(icons=["receipt-euro", "no-such-thing"])
    assert "receipt-euro" in assets.icons
    assert assets.unknown == ("no-such-thing",)
    assert b'<symbol id="receipt-euro"' in assets.files["icons.svg"].content
    assert len(assets.files["icons.svg"].packed or b"") < 4 * 1024
    assert load_assets().unknown == ()


def test_squeezing_a_style_keeps_what_it_says() -> None:
    assert squeeze(b"a { b: c;\n  /* d */ e: f g; }\n.h > i { j: k }") == b"a{b:c;e:f g}.h > i{j:k}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_that_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text()
    for forbidden in (r"<style", r"\sstyle=", r"<script(?! src=)", r"\son\w+=", r"javascript:", r"hx-on", r"js:", r"\|\s*safe"):
        assert not re.search(forbidden, text), forbidden
    for trigger in re.findall(r'hx-trigger="([^"]*)"', text):
        assert "[" not in trigger


def test_icons_that_templates_name_exist() -> None:
    known = load_assets().icons
    used = {name for path in TEMPLATES for call in re.findall(r"icon\(([^)]*)\)", path.read_text())
            for name in re.findall(r'"([a-z0-9-]+)"', call)}  # fmt: skip
    kinds = {"good", "warning", "bad", "create", "transition", "comment", "deadline", "document", "remove", "ascending"}
    assert used - kinds <= known


# Contrast: the tokens are the only colours of text, so every pair that meets is computed here.

_TOKEN = re.compile(r"--([a-z-]+):\s*light-dark\(oklch\(([^)]*)\),\s*oklch\(([^)]*)\)\)".replace(r"\(([^)]*)\)", r"\(((?:[^()]|\([^)]*\))*)\)"))
PAIRS = (
    [(ink, ground, 4.5) for ink in ("ink", "muted") for ground in ("bg", "surface", "raised", "sunken", "hover")]
    + [("link", ground, 4.5) for ground in ("bg", "surface", "raised", "hover", "tint")]
    + [("ink", "tint", 4.5), ("on-accent", "accent", 4.5), ("on-accent", "accent-hover", 4.5), ("on-bad", "bad", 4.5)]
    + [(tone, ground, 4.5) for tone in ("bad", "warning", "good") for ground in ("surface", f"{tone}-tint")]
    + [("ink", "bad-tint", 4.5), ("bad", "bg", 4.5)]
    + [("edge", ground, 3.0) for ground in ("bg", "surface", "sunken")]
    + [("accent", ground, 3.0) for ground in ("bg", "surface", "tint")]
)


def tokens() -> dict[str, tuple[str, str]]:
    """Return the colours by name, for light and dark."""
    return {name: (light, dark) for name, light, dark in _TOKEN.findall((FOLDER / "app.css").read_text())}


def luminance(color: str, hue: float) -> float:
    """Return the relative luminance (WCAG 2) of an ``L% C H`` as a screen shows it."""
    lightness, chroma, angle = color.split("/")[0].replace("var(--hue)", str(hue)).split()
    return luminance_of(float(lightness.rstrip("%")) / 100, float(chroma), float(angle))


def luminance_of(lightness: float, chroma: float, hue: float) -> float:
    """Return the relative luminance of a colour in OKLCH, clipped to sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(max(part, 0.0), 1.0) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """Return the contrast ratio of two luminances."""
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS, ids=lambda part: str(part))
def test_contrast_holds_for_every_hue(ink: str, ground: str, least: float, theme: int) -> None:
    known = tokens()
    for hue in range(0, 360, 10):
        ratio = contrast(luminance(known[ink][theme], hue), luminance(known[ground][theme], hue))
        assert ratio >= least, f"{ink} on {ground} at hue {hue}: {ratio:.2f}"


def test_contrast_of_badges() -> None:
    style = (FOLDER / "app.css").read_text()
    tones = re.findall(r"--t: (\d+); --k: (\.\d+)", style)
    assert len(tones) >= 9
    for hue, chroma in ((float(hue), float(chroma)) for hue, chroma in tones):
        light = contrast(luminance_of(0.954, chroma * 0.3, hue), luminance_of(0.38, chroma * 0.75, hue))
        dark = contrast(luminance_of(0.29, chroma * 0.4, hue), luminance_of(0.88, chroma * 0.6, hue))
        assert min(light, dark) >= 4.5, hue


def test_the_names_that_authors_may_use_are_those_of_the_drawings() -> None:
    lines = gzip.decompress((FOLDER / "vendor/tabler-icons.txt.gz").read_bytes()).decode().splitlines()
    assert known() == {line.partition("\t")[0] for line in lines}
