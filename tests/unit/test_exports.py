"""Release tables for other programs, read back with the programs' own formats."""

from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from pipeline import exports
from pipeline.exports import cut, export, for_statistics, released_frames, variable_name
from pipeline.problems import ProblemsFoundError
from pipeline.store import Project


@pytest.fixture(scope="module")
def folder(made_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exports") / "new" / "folder"
    export(made_project, exports.FORMATS, out)
    return out


@pytest.fixture(scope="module")
def frames(made_project: Project) -> dict[str, pd.DataFrame]:
    return released_frames(made_project)


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_every_table_comes_back_as_it_was_released(form: str, folder: Path, frames: dict[str, pd.DataFrame]) -> None:
    read = pyreadstat.read_sav if form == "sav" else pyreadstat.read_dta
    for table, frame in frames.items():
        back, about = read(folder / f"{table}.{form}")
        assert len(back) == len(frame)
        assert all(about.column_labels), "every variable has a label"
        for column in frame:
            here, there = frame[column], back[variable_name(column, [])]
            if here.dtype == bool or pd.api.types.is_numeric_dtype(here):
                assert ((here.astype(float) == there) | (here.isna() & there.isna())).all(), f"{table}.{column}"
            else:
                assert (here.astype(object).where(here.notna(), "") == there.fillna("")).all(), f"{table}.{column}"


def test_variables_have_the_words_of_the_schema_and_values_their_labels(folder: Path) -> None:
    frame, about = pyreadstat.read_sav(folder / "estimates.sav")
    assert about.column_names_to_labels["n"] == "units in the denominator"
    studies = about.variable_value_labels["study_code"]
    assert sorted(studies.values()) == ["Harbour staff survey", "Mini River (fictional)"]
    named = frame["study_code"].map(studies)
    assert set(zip(frame["study"], named, strict=True)) == {
        ("harbour", "Harbour staff survey"),
        ("mini-river", "Mini River (fictional)"),
    }
    assert about.variable_value_labels["suppressed"] == {0: "no", 1: "yes"}


def test_an_id_that_two_studies_use_for_different_things_stays_an_id(frames: dict[str, pd.DataFrame]) -> None:
    labels = pd.concat([frames["labels"], frames["labels"].query("id == 'quay'").assign(study="x", label="Other")])
    _, _, values = for_statistics("estimates", frames | {"labels": labels}, "sav")
    assert "quay" in values["service_code"].values()
    assert "Alder House" in values["service_code"].values()


def test_csv_is_as_released_and_the_workbook_has_a_sheet_a_table(
    folder: Path, frames: dict[str, pd.DataFrame], made_project: Project
) -> None:
    assert (folder / "estimates.csv").read_bytes() == (made_project.release / "estimates.csv").read_bytes()
    book = openpyxl.load_workbook(folder / "release.xlsx")
    assert book.sheetnames == list(frames)
    sheet = book["estimates"]
    values = [row[0] for row in sheet.iter_rows(min_row=2, min_col=17, max_col=17, values_only=True)]
    assert sheet["Q1"].value == "value"
    assert values == pytest.approx([None if pd.isna(v) else v for v in frames["estimates"]["value"]])


def test_texts_within_what_the_formats_hold() -> None:
    long = "é" * 20000
    frames = {"studies": pd.DataFrame({"study": ["s"], "summary": [long]})}
    for form, limit in exports.LIMITS.items():
        frame, _, _ = for_statistics("studies", frames, form)
        kept = frame["summary"][0]
        assert len(kept.encode()) <= limit
        assert kept.endswith("é…")
    assert cut("short", 10) == "short"


def test_a_text_at_the_limit_of_spss_is_written_and_read(tmp_path: Path) -> None:
    frames = {"studies": pd.DataFrame({"study": ["s"], "summary": ["x" * 40000], "summary1": ["y" * 300]})}
    exports._labelled(tmp_path / "s.sav", "studies", frames)
    back, _ = pyreadstat.read_sav(tmp_path / "s.sav")
    assert len(back["summary"][0]) >= 32000
    assert back["summary1"][0] == "y" * 300


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("value", "value"),
        ("to", "to_"),
        ("All", "All_"),
        ("2014", "v_2014"),
        ("of whom", "of_whom"),
        ("ü", "v__"),
        ("x" * 80, "x" * 32),
    ],
)
def test_names_of_variables(name: str, valid: str) -> None:
    assert variable_name(name, []) == valid


def test_names_of_variables_differ_in_more_than_case() -> None:
    assert variable_name("Value", ["value"]) == "Value_2"


@pytest.mark.parametrize("formats", [["sas"], []])
def test_wrong_use_writes_nothing(formats: list[str], made_project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError, match=r"csv, sav, dta, xlsx"):
        export(made_project, formats, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_study_has_its_own_rows_only(
    made_project: Project, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    export(made_project, exports.FORMATS, tmp_path, "harbour")
    expected = {name: int((frame["study"] == "harbour").sum()) for name, frame in frames.items()}
    assert 0 < expected["estimates"] < len(frames["estimates"])
    for table, rows in expected.items():
        assert (tmp_path / f"{table}.csv").is_file() == bool(rows), table
        if rows:
            assert set(pd.read_csv(tmp_path / f"{table}.csv")["study"]) == {"harbour"}
            assert len(pyreadstat.read_sav(tmp_path / f"{table}.sav")[0]) == rows
            assert len(pyreadstat.read_dta(tmp_path / f"{table}.dta")[0]) == rows
    book = openpyxl.load_workbook(tmp_path / "release.xlsx")
    assert {sheet.title: sheet.max_row - 1 for sheet in book} == {name: n for name, n in expected.items() if n}


def test_a_study_that_is_not_released_is_told_with_the_nearest(made_project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError, match=r"'harbor'\. Did you mean 'harbour'"):
        export(made_project, ["csv"], tmp_path / "out", "harbor")
    assert not (tmp_path / "out").exists()


def test_nothing_released_says_what_to_do(bare: Project, tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError, match="peerscope run"):
        export(bare, ["csv"], tmp_path)
