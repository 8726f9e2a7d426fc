"""Exports of Microsoft Forms and Google Forms."""

from datetime import datetime
from pathlib import Path

import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.forms import read, year_first
from pipeline.problems import ProblemsFoundError
from schemas.sources import Format
from tests.unit.ingest.platform_files import MICROSOFT, google_forms, microsoft_forms, write_rows, write_sheet

MS = Format(type="microsoft-forms")
GOOGLE = Format(type="google-forms")


def _rule(path: Path, declared: Format) -> str:
    with pytest.raises(ProblemsFoundError) as caught:
        _ = read(path, declared).frame
    return caught.value.problems[0].rule


def test_microsoft_columns_are_called_by_their_questions(tmp_path: Path) -> None:
    frame = read(microsoft_forms(tmp_path), MS).frame
    assert frame[ROW].to_list() == [2, 3]
    assert frame["Which support did you use?"].to_list() == ["Walks;Gym, with a friend", "Walks"]
    assert frame["Completion time"].to_list() == ["2025-03-03 09:04:00", "2025-03-04 09:01:00"]
    assert frame["Anything else?"].to_list() == ["Kind people; thanks", None]
    assert frame["Anything else?2"].to_list() == [None, "No"]
    assert frame["It helped me"].to_list() == ["Agree", "Disagree"]


def test_microsoft_names_and_addresses_are_not_read(tmp_path: Path) -> None:
    export = read(microsoft_forms(tmp_path), MS)
    assert set(export.questions) - set(export.frame.columns) == {"Email", "Name", "Name2"}
    assert "Ann Other" not in str(export.frame.to_dicts())


@pytest.mark.parametrize("address", ["anonymous", "ann@example.org"])
def test_microsoft_names_and_addresses_in_a_language_not_known(address: str, tmp_path: Path) -> None:
    headings = ["ID", "Aloitusaika", "Valmistumisaika", "Sähköposti", "Nimi", "Auttoiko?"]
    when = datetime(2025, 3, 3, 9, 0)
    path = write_sheet(tmp_path / "form.xlsx", [headings, [1, when, when, address, "Ann Other", "Kyllä"]])
    assert read(path, MS).frame.columns == [ROW, "ID", "Aloitusaika", "Valmistumisaika", "Auttoiko?"]


def test_google_columns_are_called_by_their_questions(tmp_path: Path) -> None:
    frame = read(google_forms(tmp_path), GOOGLE).frame
    assert frame.columns == [
        ROW,
        "Timestamp",
        "What did you use? (one, or more; as you like)",
        "How do you feel? [Hopeful]",
        "How do you feel? [Less alone]",
        "Comment",
        "Comment (2)",
    ]
    assert frame["Timestamp"].to_list() == ["2025-03-03 09:04:00", "2025-03-03 12:30:10"]
    assert frame["Comment"].to_list() == ["Kind,\nas ever", None]
    assert frame["Comment (2)"].to_list() == [None, "None"]
    assert frame["What did you use? (one, or more; as you like)"].to_list() == ["Walks, Gym, with a friend", "Walks"]


def test_addresses_are_found_by_what_stands_in_the_cells(tmp_path: Path) -> None:
    export = read(google_forms(tmp_path), GOOGLE)
    assert set(export.questions) - set(export.frame.columns) == {"Email Address", "Where can we reach you?"}
    assert "@" not in str(export.frame.to_dicts())


def test_a_heading_about_names_is_a_question(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv", [["Timestamp", "Name of service", "Your name"], ["3/4/2025 9:00:00", "N", "A"]]
    )
    assert read(path, GOOGLE).frame.columns == [ROW, "Timestamp", "Name of service"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026/10/04 10:15:00 AM GMT+5:30", "2026-10-04 10:15:00"),
        ("2026/10/04 12:15:00 AM GMT+2", "2026-10-04 00:15:00"),
        ("2026/10/04 12:15:00 PM EST", "2026-10-04 12:15:00"),
        ("2026/9/4 3:05:09 p. m. GMT-6", "2026-09-04 15:05:09"),
        ("2026/9/4 15:05:09 UTC", "2026-09-04 15:05:09"),
        ("10/4/2026 10:15:00", "10/4/2026 10:15:00"),
    ],
)
def test_times_that_are_written_year_first(cell: str, expected: str) -> None:
    assert year_first(cell) == expected


def test_a_form_without_responses(tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "form.xlsx", [MICROSOFT[0]])
    frame = read(path, MS).frame
    assert frame.height == 0
    assert "It helped me" in frame.columns


def test_files_of_another_kind_are_told(tmp_path: Path) -> None:
    assert "looks like an export of Google Forms, not of Microsoft" in _rule(google_forms(tmp_path), MS)
    assert "looks like an export of Microsoft Forms" in _rule(microsoft_forms(tmp_path), GOOGLE)
    plain = write_rows(tmp_path / "plain.csv", [["respondent", "hope"], ["c01", "A lot"]])
    assert "first columns are ID, start and end" in _rule(plain, MS)
    assert "first columns are a time" in _rule(plain, GOOGLE)
