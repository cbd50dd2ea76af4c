"""The pages about the configuration itself: plans of what is uploaded, versions; hostile uploads are refused."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from axe_core_python.sync_playwright import Axe
from browser import LEFT_OUT, Stage, chromium, fresh, open_browser
from fachwerk.engine.deploy import deploy
from fachwerk.engine.main import build
from fachwerk.engine.plan.page import plan_html
from fachwerk.engine.plan.planning import make_plan
from fachwerk.engine.plan.render import plan_json
from fachwerk.engine.plan.stored import read_plan
from fachwerk.engine.server import bundle
from fachwerk.forms.assets import load_assets
from fachwerk.problems import Refused
from fachwerk.schemas.files import MAX_FILE
from fachwerk.schemas.read import read_project
from town import NORTH_STAR, Browser, Town, open_town


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """The application with people and a few records."""
    with open_town(database_url) as opened:
        yield opened


def changed() -> dict[str, bytes]:
    """Return the files of the application with a field lost, a stricter check, a state renamed away and a new fee."""
    files = {path.name: path.read_bytes() for path in sorted(NORTH_STAR.glob("*.*")) if path.suffix != ".md"}
    permit = files["permit.yaml"].decode()
    permit = permit.replace("  internal_note: {type: long_text, label: {en: Internal note, de: Interner Vermerk}}\n", "")
    permit = permit.replace("[internal_note, fee]", "[fee]")
    permit = permit.replace("    hide:   [internal_note]\n", "").replace("min: 0, label: {en: Floor", "min: 0, max: 1, label: {en: Floor", 1)
    permit = permit.replace("      demolition: {en: Demolition, de: Abbruch}\n", "      demolition: {en: Taken down, de: Weg}\n")
    files["permit.yaml"] = permit.replace("storeys <= plot.max_storeys", "storeys < plot.max_storeys").encode()
    return files


def zipped(files: dict[str, bytes], folder: str = "project/") -> bytes:
    """Return files as a zip of their folder."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return made.getvalue()


def upload(browser: Browser, content: bytes, name: str = "project.zip") -> httpx2.Response:
    """Send a configuration to be planned."""
    token = browser.token("/system/plan")
    return browser.post("/system/plan", data={"_csrf": token}, files={"configuration": (name, content)})


def test_a_plan_is_shown_with_its_effects_and_nothing_is_changed(town: Town) -> None:
    browser = town.browser("audi")
    assert "/system/plan" in browser.get("/").text
    rows = town.run(town.running.database.fetch("SELECT count(*) FROM fw_history"))
    shown = upload(browser, zipped(changed()))
    assert shown.status_code == 200, shown.text
    for text in ("permit.floor_area", "permit.internal_note", "1 → 2", "ALTER TABLE", "storeys &lt; plot.max_storeys"):
        assert text in shown.text, text
    assert town.run(town.running.database.fetch("SELECT count(*) FROM fw_history")) == rows
    assert len(town.run(town.running.database.fetch("SELECT version FROM fw_config"))) == 1
    browser.cookies.set("fw_language", "de")
    assert "Änderungen" in upload(browser, zipped(changed())).text


def test_records_that_an_effect_is_about_are_linked(town: Town) -> None:
    files = changed()
    files["permit.yaml"] = files["permit.yaml"].replace(b"storeys < plot.max_storeys", b"storeys > 90")
    text = files["permit.yaml"].decode()
    gone = re.sub(r"      new: .*\n", "", text).replace('kind = "new"', 'kind = "conversion"')
    assert gone != text
    town.run(town.running.database.script(["UPDATE permit SET storeys = 1, kind = 'new'"]))
    shown = upload(town.browser("audi"), zipped({**files, "permit.yaml": files["permit.yaml"]}))
    assert f"/e/permit/{town.draft}" in shown.text
    again = upload(town.browser("audi"), zipped({**files, "permit.yaml": gone.replace("new,", "conversion,").encode()}))
    assert "/e/permit?kind=new" in again.text or again.status_code == 422, again.text


def test_what_is_wrong_with_the_files_is_said(town: Town) -> None:
    files = changed()
    files["permit.yaml"] = files["permit.yaml"].replace(b"storeys < plot.max_storeys", b"storeyz < plot.max_storeys")
    shown = upload(town.browser("audi"), zipped(files))
    assert shown.status_code == 422
    assert "storeyz" in shown.text
    assert "permit.yaml:" in shown.text


def test_a_plan_made_elsewhere_is_shown_and_its_age_said(town: Town) -> None:
    project, _ = read_project(changed())
    assert project is not None
    plan = town.run(make_plan(town.running.database, project))
    again = read_plan(plan_json(plan).encode())
    assert [(i.kind, i.count, i.text, i.examples, i.where) for i in again.impacts] == [
        (i.kind, i.count, i.text, i.examples, i.where) for i in plan.impacts
    ]
    assert again.operations == plan.operations
    shown = upload(town.browser("audi"), plan_json(plan).encode(), "plan.json")
    assert shown.status_code == 200
    assert "Plan again" not in shown.text
    other = plan_json(plan).replace(f'"version": {plan.version},', '"version": 7,').encode()
    assert "Plan again" in upload(town.browser("audi"), other, "plan.json").text


def test_the_pages_are_for_those_who_read_everything(town: Town) -> None:
    assert town.stranger().get("/system/plan").status_code == 303
    for name in ("anna", "carl", "hanna"):
        browser = town.browser(name)
        assert browser.get("/system/plan").status_code == 403
        assert browser.get("/system/versions").status_code == 403
        assert "/system/plan" not in browser.get("/").text
        token = browser.token("/profile")
        sent = {"configuration": ("project.zip", zipped(changed()))}
        assert browser.post("/system/plan", data={"_csrf": token}, files=sent).status_code == 403
    browser = town.browser("audi")
    assert browser.post("/system/plan", files={"configuration": ("project.zip", b"PK")}).status_code == 403, "no token"


def test_versions_with_who_when_why_and_what_changed(town: Town) -> None:
    project, _ = read_project(changed())
    assert project is not None
    second = town.run(build(project, town.running.database.url))
    allowed = frozenset({"permit.internal_note"})
    town.run(deploy(second.app, second.database, who="ina", why="as the law says", allowed=allowed))
    town.run(second.database.close())
    browser = town.browser("audi")
    shown = browser.get("/system/versions")
    assert shown.status_code == 200
    for text in ("ina", "as the law says", "in force", "/system/versions?old=1&amp;new=2"):
        assert text in shown.text, text
    compared = browser.get("/system/versions?old=1&new=2").text
    assert "From version 1 to version 2" in compared
    assert "permit.internal_note" in compared
    assert "<del>storeys &lt;= plot.max_storeys" in compared or "storeys &lt; plot.max_storeys" in compared
    assert browser.get("/system/versions?old=1&new=9").status_code == 404
    assert browser.get("/system/versions?old=x&new=%00").status_code in (200, 400)


def entry(name: str, content: bytes = b"x", mode: int = 0) -> bytes:
    """Return a zip with one entry of any name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("a.yaml")
        info.filename = name
        info.external_attr = mode << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, content)
    return made.getvalue()


def bomb() -> bytes:
    """Return a small zip that unpacks to more than a project may have."""
    return zipped({f"{number}.yaml": b"#" * MAX_FILE for number in range(12)})


def lying() -> bytes:
    """Return a zip whose headers claim a tiny size."""
    made = bytearray(entry("a.yaml", b"#" * (MAX_FILE + 10)))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = made.find(mark) + at
        made[place : place + 4] = (5).to_bytes(4, "little")
    return bytes(made)


def overlapping() -> bytes:
    """Return a zip whose central directory names one piece of data many times."""
    made = zipped({"a.yaml": b"#" * 1_000_000}, "")
    start = made.find(b"PK\x01\x02")
    end = made.find(b"PK\x05\x06")
    one, count = made[start:end], 2_500
    tail = bytearray(made[end:])
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = (len(one) * count).to_bytes(4, "little")
    return made[:start] + one * count + bytes(tail)


HOSTILE = {
    "no zip": b"nothing of a zip",
    "half a zip": zipped({"a.yaml": b"app: a"})[:40],
    "empty": zipped({}),
    "only pictures": zipped({"a.gif": b"GIF89a"}),
    "path up": entry("../../etc/cron.d/a.yaml"),
    "path up within": entry("a/../../b.yaml"),
    "absolute": entry("/etc/a.yaml"),
    "drive": entry("C:/a.yaml"),
    "backslash": entry("..\\..\\a.yaml"),
    "control": entry("a\x1b[2J.yaml"),
    "deep": entry("/".join("d" * 30) + "/a.yaml"),
    "link": entry("a.yaml", b"/etc/passwd", 0o120777),
    "device": entry("a.yaml", b"", 0o060600),
    "too large unpacked": bomb(),
    "one file too large": entry("a.yaml", b"#" * (MAX_FILE + 1)),
    "lies about its size": lying(),
    "the same data many times": overlapping(),
    "many entries": zipped({f"{number}.yaml": b"" for number in range(2_100)}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused(what: str) -> None:
    with pytest.raises(Refused) as caught:
        bundle.project_files("project.zip", HOSTILE[what])
    assert caught.value.status == 422


@pytest.mark.parametrize("what", ["no zip", "path up", "lies about its size"])
def test_a_refused_upload_is_said_on_the_page(town: Town, what: str) -> None:
    answer = upload(town.browser("audi"), HOSTILE[what])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_an_upload_has_a_limit(town: Town) -> None:
    assert upload(town.browser("audi"), bytes(bundle.LARGEST + 3_000_000)).status_code == 413


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"null", b'{"impacts": 1}', b"[" * 100_000, b'{"name": {"en": "x"}}', b"\xff\xfe",
        b'{"name":{"en":"<script>"},"version":-1,"old_hash":null,"new_hash":"x","changes":[],"operations":[],'
        b'"impacts":[],"rows":[]}',
        b'{"name":{"en":"x"},"version":1,"old_hash":null,"new_hash":"x","changes":[{"kind":"add","of":"nonsense",'
        b'"name":"x","was":null,"aspects":{}}],"operations":[],"impacts":[],"rows":[]}',
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_plan(content)


def test_a_plan_from_elsewhere_is_only_text(town: Town) -> None:
    hostile = b"""{"name": {"en": "<script>alert(1)</script>"}, "version": 1, "old_hash": null, "new_hash": "x",
        "changes": [{"kind": "add", "of": "field", "name": "<img src=x onerror=alert(1)>", "was": null,
        "aspects": {"a": ["", "<b>"]}}], "operations": [{"kind": "{place.__class__}", "table": "t", "column": null,
        "name": null, "texts": ["<i>"]}], "impacts": [{"change": {"kind": "add", "of": "field", "name": "x", "was": null,
        "aspects": {}}, "kind": "k", "count": 1, "of": 2, "text": {"en": "<u>"}, "blocking": true, "allowed": false,
        "allow": null, "remedy": null, "where": ["javascript:alert(1)", "a", "b"], "examples": [{"entity":
        "//evil.example", "id": "../..", "title": "<s>", "reason": {"en": "<q>"}}]}], "rows": []}"""
    shown = upload(town.browser("audi"), hostile, "plan.json")
    assert shown.status_code == 200
    for text in ("<script>alert", "<img src=x", "<u>", "<s>", "<q>", "<i>", 'href="javascript', 'href="//'):
        assert text not in shown.text, text


# ------------------------------------------------------------------ in a browser

AXE = Axe()
BROWSER = pytest.mark.skipif(chromium() is None, reason=LEFT_OUT)


def pages_of(url: str) -> tuple[dict[str, str], str]:
    """Return the pages with something on them, and a plan as a file of its own."""
    with open_town(url) as town:
        files = changed()
        files["permit.yaml"] = files["permit.yaml"].replace(b"storeys < plot.max_storeys", b"storeys > 90")
        town.run(town.running.database.script(["UPDATE permit SET storeys = 3, internal_note = 'x'"]))
        project, _ = read_project(files)
        assert project is not None
        browser = town.browser("audi")
        wrong = {**files, "permit.yaml": files["permit.yaml"].replace(b"storeys > 90", b"storeyz > 90")}
        pages = {
            "plan": upload(browser, zipped(files)).text,
            "ask": browser.get("/system/plan").text,
            "wrong": upload(browser, zipped(wrong)).text,
        }
        html = plan_html(town.run(make_plan(town.running.database, project)), "de", "https://permits.example.org")
        second = town.run(build(project, url))
        town.run(deploy(second.app, second.database, who="ina", why="tests", allowed=frozenset({"permit.internal_note"})))
        town.run(second.database.close())
        pages["versions"] = browser.get("/system/versions").text
        pages["difference"] = browser.get("/system/versions?old=1&new=2").text
    return pages, html


@pytest.mark.browser
@BROWSER
def test_no_page_of_the_system_has_a_barrier(sqlite_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # the browser has a loop of its own in this thread
        pages, html = elsewhere.submit(pages_of, sqlite_url).result()
    project, _ = read_project({p.name: p.read_bytes() for p in NORTH_STAR.glob("*.yaml")})
    assert project is not None
    icons = {entity.icon for entity in project.entities.values() if entity.icon}
    stage = Stage({**pages, "file": html}, assets=load_assets(project.hue, icons))
    found = []
    with open_browser() as browser:
        page = stage.page(browser)
        alone = fresh(browser, offline=True, reduced_motion="reduce").new_page()
        (tmp_path / "plan.html").write_text(html, encoding="utf-8")
        for name in (*pages, "file"):
            shown = page
            if name == "file":
                shown = alone
                alone.goto(f"file://{tmp_path}/plan.html")
            else:
                stage.show(page, name)
            for theme in ("light", "dark"):
                shown.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                for width in (1360, 390):
                    shown.set_viewport_size({"width": width, "height": 900})
                    result = AXE.run(shown, options={"resultTypes": ["violations"]})
                    nodes = [(v["id"], n["html"][:150]) for v in result["violations"] for n in v["nodes"]]
                    found += [f"{name} {width} {theme}: {one}" for one in nodes]
            shown.set_viewport_size({"width": 320, "height": 800})
            if shown.evaluate("document.documentElement.scrollWidth") > 320:
                found.append(f"{name} scrolls sideways")
        stage.show(page, "plan")
        page.set_viewport_size({"width": 1360, "height": 900})
        page.locator(".stands a").first.click()
        assert page.url.rpartition("#")[2].startswith("change-")
        page.emulate_media(media="print")
        assert not page.locator(".no-print").first.is_visible()
        assert page.locator(".examples").first.is_visible(), "printed, everything is there"
    assert found == []
    assert stage.complaints == []
    assert "https://permits.example.org/e/permit/" in html
    assert "src=" not in html
    assert "url(" not in html.replace("url(data:", "")
