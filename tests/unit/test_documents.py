"""Source texts are found by their checksum, wherever they lie and whatever they are called."""

import hashlib
from pathlib import Path

import pytest

from pipeline.documents import DOCUMENTS_VARIABLE, text_of
from schemas.documents import Document

TEXT = "First line\r\nsecond, with café\n"
DOCUMENT = Document(
    id="d", title="D", type="report", sha256=hashlib.sha256(TEXT.encode("utf-8")).hexdigest()
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DOCUMENTS_VARIABLE, raising=False)
    (tmp_path / "study" / "documents").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "study"


def test_beside_the_study_file_with_every_character_as_it_stands(folder: Path) -> None:
    (folder / "documents" / "a-name-of-its-own.txt").write_bytes(TEXT.encode("utf-8"))
    assert text_of(DOCUMENT, folder) == TEXT


def test_in_the_folder_that_the_environment_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.parent / "elsewhere" / "x").write_bytes(TEXT.encode("utf-8"))
    assert text_of(DOCUMENT, folder) is None
    monkeypatch.setenv(DOCUMENTS_VARIABLE, str(folder.parent / "elsewhere"))
    assert text_of(DOCUMENT, folder) == TEXT


def test_another_text_of_the_same_name_is_not_the_document(folder: Path) -> None:
    (folder / "documents" / "d.txt").write_bytes(TEXT.replace("\r", "").encode("utf-8"))
    assert text_of(DOCUMENT, folder) is None


def test_folders_that_are_not_there_hold_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DOCUMENTS_VARIABLE, str(folder / "none"))
    (folder / "documents").rmdir()
    assert text_of(DOCUMENT, folder) is None


def test_a_document_without_a_checksum_has_no_text(folder: Path) -> None:
    (folder / "documents" / "empty.txt").write_bytes(b"")
    assert text_of(DOCUMENT.model_copy(update={"sha256": ""}), folder) is None
