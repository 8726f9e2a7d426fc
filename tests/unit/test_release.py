"""How the release zone is laid out."""

import pandas as pd
import pytest

from pipeline.release import (
    EMPTY,
    forget,
    merge,
    read_merged,
    read_released,
    read_synthesis_frame,
    write_release,
    write_synthesis,
)
from pipeline.store import Project


@pytest.fixture
def there(tmp_path) -> Project:
    return Project(tmp_path, tmp_path / "outputs")


def test_estimates_come_as_csv_and_parquet_others_as_csv(there: Project) -> None:
    frames = {"estimates": pd.DataFrame({"v": [0.1]}), "labels": pd.DataFrame({"id": ["a"]})}
    names = {path.name for path in write_release(there, "s", frames)}
    assert names == {"estimates.csv", "estimates.parquet", "labels.csv"}
    assert all(there.released("s", name).is_file() for name in names)


def test_numbers_come_back_to_the_last_bit_and_texts_as_texts(there: Project) -> None:
    estimates = pd.DataFrame({"v": [0.1 + 0.2, None], "at": ["0.8", ""]})
    write_release(there, "s", {"estimates": estimates, "labels": pd.DataFrame({"id": ["NA", ""]})})
    pd.testing.assert_frame_equal(read_released(there, "s", "estimates"), estimates)
    assert read_released(there, "s", "labels")["id"].tolist() == ["NA", ""]
    text = pd.read_csv(there.released("s", "estimates.csv"), float_precision="round_trip")
    assert text["v"].iloc[0] == 0.1 + 0.2


def test_studies_are_put_together_in_order_and_a_frame_may_be_missing(there: Project) -> None:
    for name in ("a", "b"):
        write_release(there, name, {"estimates": pd.DataFrame({"study": [name], "v": [1.0]})})
    write_release(there, "b", {"findings": pd.DataFrame({"study": ["b"]})})
    paths = merge(there, ["b", "a"], ("estimates", "findings", "labels"))
    assert {p.name for p in paths} == {"estimates.csv", "estimates.parquet", "findings.csv"}
    assert pd.read_csv(there.release / "estimates.csv")["study"].tolist() == ["b", "a"]
    assert pd.read_parquet(there.release / "estimates.parquet")["study"].tolist() == ["b", "a"]


def test_a_frame_that_no_study_has_is_empty_with_its_columns(there: Project) -> None:
    for name, columns in EMPTY.items():
        found = read_merged(there, name)
        assert found.empty
        assert tuple(found.columns) == columns


def test_merged_frames_come_back_as_they_were_put_together(there: Project) -> None:
    for name in ("a", "b"):
        passages = pd.DataFrame({"study": [name], "segment": ["1-2"], "counts": [name == "a"], "not_coded": [""]})
        frames = {"estimates": pd.DataFrame({"study": [name], "v": [0.1 + 0.2]}), "segments": passages}
        write_release(there, name, frames)
    merge(there, ["a", "b"], ("estimates", "segments"))
    assert read_merged(there, "estimates")["v"].tolist() == [0.1 + 0.2] * 2
    found = read_merged(there, "segments")
    assert found["counts"].tolist() == [True, False]
    assert found["not_coded"].tolist() == ["", ""]


def test_a_merged_frame_goes_when_no_study_has_it_any_more(there: Project) -> None:
    write_release(there, "a", {"segments": pd.DataFrame({"study": ["a"]})})
    merge(there, ["a"], ("segments",))
    forget(there, [])
    merge(there, [], ("segments",))
    assert read_merged(there, "segments").empty


def test_the_synthesis_lies_apart_from_the_studies_and_stays_when_one_goes(there: Project) -> None:
    frame = pd.DataFrame({"finding": ["f"], "level": ["NA"]})
    path = write_synthesis(there, "findings", frame)
    assert path == there.release / "synthesis" / "findings.csv"
    (there.release / "figures" / "synthesis").mkdir(parents=True)
    (there.release / "figures" / "gone").mkdir()
    forget(there, [])
    assert (there.release / "figures" / "synthesis").is_dir()
    assert not (there.release / "figures" / "gone").exists()
    assert read_synthesis_frame(there, "findings")["level"].tolist() == ["NA"]
