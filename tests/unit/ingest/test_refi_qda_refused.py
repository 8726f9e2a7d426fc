"""REFI-QDA files that are damaged, incomplete or not safe to read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.ingest import project_archive
from pipeline.ingest.refi_qda import read_tables
from pipeline.problems import Problem, ProblemsFoundError
from tests.unit.ingest.qda_files import (
    INTERVIEW,
    MARKED,
    MAXQDA,
    Marked,
    archive,
    interview,
    project_xml,
    qdpx,
    text_source,
)

ONE = (Marked("They were kind.", ["Warmth"]),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "peers.qdpx"


BOMB = '<!DOCTYPE Project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def _edited(change: Callable[[str], str]) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        xml = change(project_xml(MAXQDA, text_source(MAXQDA, "a", INTERVIEW, ONE)))
        archive(path, {"project.qde": xml, f"sources/{MAXQDA.id('a')}.txt": INTERVIEW})

    return make


def _text(content: bytes | None) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        xml = project_xml(MAXQDA, text_source(MAXQDA, "a", INTERVIEW, ONE))
        archive(path, {"project.qde": xml} | ({f"sources/{MAXQDA.id('a')}.txt": content} if content else {}))

    return make


END = str(INTERVIEW.index("They were kind.") + 15)

BEYOND = f"does not lie in its text of {len(INTERVIEW)} characters"

WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no archive": (lambda path: path.write_bytes(b"SQLite format 3"), "no zip archive"),
    "half an archive": (lambda path: path.write_bytes(interview(path).read_bytes()[:-60]), "no zip archive"),
    "no project": (lambda path: archive(path, {"readme.txt": "x"}), "no project.qde"),
    "two projects": (lambda path: archive(path, {"a.qde": "x", "b.qde": "x"}), "several projects"),
    "no XML": (_edited(lambda xml: xml.replace("</Project>", "")), "not readable as XML"),
    "an unknown encoding": (_edited(lambda xml: xml.replace("utf-8", "utf-99")), "not readable as XML"),
    "something else": (_edited(lambda xml: "<html/>"), "not Project"),
    "expanding entities": (_edited(lambda xml: xml.replace("<Project", BOMB + "<Project", 1)), "not safe to read"),
    "another file": (_edited(lambda xml: xml.replace("<Project", OUTSIDE + "<Project", 1)), "not safe to read"),
    "an unknown code": (_edited(lambda xml: xml.replace(f'{MAXQDA.id("Warmth")}" name', '?" name')), "codebook"),
    "no place": (_edited(lambda xml: xml.replace(f'endPosition="{END}"', "")), "begins and ends"),
    "beyond the text": (_edited(lambda xml: xml.replace(f'"{END}"', '"9999"')), BEYOND),
    "before the text": (_edited(lambda xml: xml.replace(f'"{END}"', '"-1"')), "does not lie in its text"),
    "backwards": (_edited(lambda xml: xml.replace(f'"{END}"', '"3"')), "does not lie in its text"),
    "a text outside": (_edited(lambda xml: xml.replace("internal://", "relative:///x/")), "a file beside it"),
    "no text": (_edited(lambda xml: xml.replace("plainTextPath", "path")), "has no plain text"),
    "a missing text": (_text(None), "not in the archive"),
    "a text of another encoding": (_text("Müller".encode("latin-1")), "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "rule"), WRONG.values(), ids=WRONG)
def test_what_can_not_be_read_is_told_in_plain_words(make: Callable[[Path], object], rule: str, path: Path) -> None:
    if rule == "a file beside it":
        make(path)
        path = archive(path, {"project.qde": zipfile.ZipFile(path).read("project.qde")})
    else:
        make(path)
    (found,) = _problems(path)
    assert rule in found.rule
    assert found.file == "peers.qdpx"
    assert found.remedy


def test_a_problem_names_the_selection_and_keeps_names_to_its_value(path: Path) -> None:
    marked = [*MARKED, Marked("every week", ["Warmth"])]
    qdpx(path, MAXQDA, {"Talk with Ana": (INTERVIEW, marked)})
    xml = zipfile.ZipFile(path).read("project.qde").decode()
    start = INTERVIEW.index("every week")
    xml = xml.replace(f'"{start + 10}"', '"5000"')
    archive(path, {"project.qde": xml, f"sources/{MAXQDA.id('Talk with Ana')}.txt": INTERVIEW})
    (found,) = _problems(path)
    assert (found.row, found.column, found.value) == (7, "start", "Talk with Ana")
    assert "Ana" not in found.without_value()


def test_more_than_may_be_unpacked_is_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_archive, "MOST", 1 << 20)
    qdpx(path, MAXQDA, {"a": ("ha " * (1 << 20), ())})
    (found,) = _problems(path)
    assert "more than 1 MiB" in found.rule


def test_pictures_and_recordings_do_not_count_as_unpacked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interview(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sources/film.mp4", bytes(2 << 20))
    monkeypatch.setattr(project_archive, "MOST", 1 << 20)
    assert read_tables(path)["segments"].height == 5


def test_a_part_that_lies_about_its_size_is_not_unpacked_beyond_it(path: Path) -> None:
    name = f"sources/{MAXQDA.id('a')}.txt"
    qdpx(path, MAXQDA, {"a": ("ha " * (1 << 20), ())})
    content = bytearray(path.read_bytes())
    for place, size in ((content.index(name.encode()) - 30, 22), (content.rindex(name.encode()) - 46, 24)):
        content[place + size : place + size + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    (found,) = _problems(path)
    assert "damaged" in found.rule


def test_a_code_in_thousands_of_folders_is_read(path: Path) -> None:
    codes = "".join(f'<Code guid="{n}" name="n" isCodable="true">' for n in range(3000)) + "</Code>" * 3000
    (path.parent / "deep.qdc").write_text(f"<CodeBook><Codes>{codes}</Codes></CodeBook>", encoding="utf-8")
    assert read_tables(path.parent / "deep.qdc")["codebook"].height == 3000


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        read_tables(path)
    return list(caught.value.problems)
