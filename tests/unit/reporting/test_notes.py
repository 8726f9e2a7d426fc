"""Notes that every report carries."""

import pytest

from pipeline.reporting.notes import data_status_note, reproduce_note
from pipeline.store import Project, sha256, write_text


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ({"demonstration"}, "Demonstration data: fictional"),
        ({"demonstration", "observed"}, "Demonstration data: fictional"),
        ({"reconstructed", "observed"}, "Reconstructed data"),
        ({"observed"}, "Observed data"),
        (set(), "Observed data"),
    ],
)
def test_the_most_cautious_status_is_told(statuses: set[str], words: str) -> None:
    note = str(data_status_note(statuses, "River"))
    assert note.startswith("::: {.callout-")
    assert f'title="{words}"' in note
    assert note.endswith(":::")


def test_fictional_studies_are_called_so_by_name() -> None:
    assert "River does not exist" in str(data_status_note({"demonstration"}, "River"))


def test_what_was_set_aside_is_told_with_the_status() -> None:
    note = str(data_status_note({"observed"}, "River", "3 rows of sessions (1%) were set aside as not valid (x, 3)."))
    assert "3 rows of sessions (1%) were set aside as not valid (x, 3). No number in this report rests on" in note
    assert note.endswith(":::")


def test_where_rows_that_are_set_aside_are_found(project: Project) -> None:
    assert "quarantine" not in str(reproduce_note(project, "harbour"))
    write_text(project.released("harbour", "set_aside.csv"), "study,table,set_aside,percent,reasons\n")
    assert "`outputs/restricted/harbour/quarantine/problems.csv`" in str(reproduce_note(project, "harbour"))


def test_how_to_make_it_again_has_the_checksums_of_its_own_files(made_project: Project) -> None:
    text = str(reproduce_note(made_project, "harbour"))
    assert "make run" in text
    for name in ("staff.csv", "claims.csv", "findings.yml", "study.yml"):
        checksum = sha256(made_project.raw / "harbour" / name)[:16]
        assert f"| `{name}` | `{checksum}` |" in text
    assert "sessions.csv" not in text
    assert str(made_project.root) not in text
