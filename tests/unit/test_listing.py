"""What ``peerscope sections`` and ``peerscope segments`` print."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.documents import DOCUMENTS_VARIABLE
from pipeline.listing import print_documents, print_sections, print_segments
from pipeline.store import Project
from schemas.documents import Document
from tests.unit.coded_folder import supply, write_coded
from tests.unit.ingest import qda_files

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def there(bare: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Two studies without coded documents, and one with."""
    monkeypatch.delenv(DOCUMENTS_VARIABLE, raising=False)
    write_coded(bare.raw)
    return bare


def test_each_section_has_its_passages_or_the_reason_why_it_has_none(there: Project, capsys: Printed) -> None:
    print_sections(there, None)
    printed = capsys.readouterr().out
    lines = [line.split() for line in printed.splitlines()]
    assert ["title", "Title", "page", "0", "title", "page"] in lines
    assert ["trust", "Trust", "2"] in lines
    assert "3 sections, 2 coded; 3 passages" in printed
    assert "harbour" not in printed


def test_passages_with_codes_in_our_words(there: Project, capsys: Printed) -> None:
    print_segments(there, "quay", None, None)
    printed = capsys.readouterr().out
    assert "trust-1  trust, 8 to 20  participant-data  trust supports" in printed
    assert "Peers felt that others trusted them." in printed
    assert "3 of 3 passages" in printed
    assert "“" not in printed
    assert DOCUMENTS_VARIABLE in printed


@pytest.mark.parametrize(
    ("code", "section", "shown"),
    [("trust", None, ["trust-1"]), (None, "trust", ["trust-1", "trust-2"]), ("hope", "trust", [])],
)
def test_passages_of_a_code_or_a_section(
    code: str | None, section: str | None, shown: list[str], there: Project, capsys: Printed
) -> None:
    print_segments(there, "quay", code, section)
    printed = capsys.readouterr().out
    assert re.findall(r"^\S+-\d", printed, re.MULTILINE) == shown
    assert f"{len(shown)} of 3 passages" in printed


def test_the_passage_itself_where_the_document_is_supplied(there: Project, capsys: Printed) -> None:
    supply(there.raw / "quay" / "documents")
    print_segments(there, "quay", "trust", None)
    printed = capsys.readouterr().out
    assert "“Peers were t”" in printed
    assert DOCUMENTS_VARIABLE not in printed


def test_a_study_without_coded_documents(there: Project, capsys: Printed) -> None:
    print_segments(there, "harbour", None, None)
    assert capsys.readouterr().out == "'harbour' has no coded documents.\n"


def test_the_place_of_some_words_in_a_document(tmp_path: Path, peerscope: Any) -> None:
    """The offsets that segments.csv wants, by the words as they stand in the text."""
    text = "Title\nPeers said that it helps.\n"
    folder = tmp_path / "raw" / "place"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "any-name.txt").write_text(text, encoding="utf-8")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    (folder / "study.yml").write_text(
        "study: place\ntitle: Place\nsource_family: place\nservices: [{id: a, name: A}]\n"
        f"documents: [{{id: notes, title: Notes, type: notes, sha256: {checksum}}}]\n",
        encoding="utf-8",
    )
    project = Project(tmp_path, tmp_path / "outputs")
    found = peerscope(project, "locate", "place", "it helps")
    assert found.returncode == 0
    at = text.index("it helps")
    assert f"start {at}  end {at + len('it helps')}" in found.stdout
    assert peerscope(project, "locate", "place", "not there").returncode == 1
    (folder / "documents" / "any-name.txt").unlink()
    assert "none of that checksum" in peerscope(project, "locate", "place", "it helps").stdout


def test_documents_of_a_coded_file_are_printed_as_the_study_file_wants_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = qda_files.interview(tmp_path / "peers.qdpx")
    assert print_documents(path) == 0
    printed = yaml.safe_load("\n".join(line for line in capsys.readouterr().out.splitlines() if line[:3] == "  -"))
    for one in printed:
        assert one["type"] == "FILL IN", "the file does not say what a document is"
        assert Document.model_validate(one | {"type": "interview"}).sha256
    assert print_documents(tmp_path / "other.qdpx") == 2
