"""Coded diaries that are generated: the committed files, what was declared recovered, misfits refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from pipeline.methods.simulate import simulate, to_csv
from pipeline.methods.simulate_codings import present
from pipeline.validation import read_table
from schemas.simulation import Simulation
from schemas.study import Study

ROOT = Path(__file__).parents[3]
HERE = ROOT / "raw" / "demo-diaries"
Raw = dict[str, Any]


def _yaml(name: str) -> Raw:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


STUDY = Study.model_validate(_yaml("study.yml"))


@pytest.fixture
def raw() -> Raw:
    return _yaml("simulate.yml")


def _frames(raw: Raw) -> dict[str, pl.DataFrame]:
    return simulate(Simulation.model_validate(raw), STUDY, {})


def test_the_committed_files_are_what_the_simulation_gives(raw: Raw) -> None:
    for name, frame in _frames(raw).items():
        assert (HERE / name).read_bytes() == to_csv(frame), name


@pytest.mark.parametrize("table", ["sections", "segments", "codings"])
def test_the_committed_files_are_valid(table: str) -> None:
    assert read_table(HERE, STUDY, table).height


def test_two_coders_read_every_entry_and_the_third_some(raw: Raw) -> None:
    codings = _frames(raw)["codings.csv"]
    read = dict(codings.group_by("coder").agg(pl.col("segment").n_unique()).iter_rows())
    assert read == {"coder-1": 48, "coder-2": 48, "coder-3": 15}


def test_an_entry_without_a_code_is_a_row_of_its_own(raw: Raw) -> None:
    raw["codings"]["codes"] = {"hope": {"prevalence": 0, "difficulty": "sure"}}
    raw["codings"]["difficulties"] = {"sure": {"sensitivity": 1, "specificity": 1}}
    raw["codings"]["coders"] = {"coder-1": {}}
    codings = _frames(raw)["codings.csv"]
    assert codings["code"].unique().to_list() == ["no-code"]
    assert codings["polarity"].unique().to_list() == ["describes"]


def test_a_large_study_has_what_is_declared(raw: Raw) -> None:
    raw["services"] = {"harbour": {"diaries": 12_000}, "meadow": {"diaries": 8_000}}
    config = Simulation.model_validate(raw)
    assert config.codings is not None
    truth = present(config.seed, config.codings, 20_000)
    frames = simulate(config, STUDY, {})
    segments = frames["segments.csv"]
    assert segments.filter(pl.col("service") == "harbour").height == 12_000
    place = {name: i for i, name in enumerate(segments["segment"])}
    for number, (code, declared) in enumerate(config.codings.codes.items()):
        assert truth[:, number].mean() == pytest.approx(declared.prevalence, abs=0.012)
        reading = config.codings.coders["coder-2"].differs.get(
            declared.difficulty, config.codings.difficulties[declared.difficulty]
        )
        rows = frames["codings.csv"].filter(pl.col("coder") == "coder-2", pl.col("code") == code)
        given = [place[one] for one in rows["segment"]]
        right = truth[given, number].sum()
        assert right / truth[:, number].sum() == pytest.approx(reading.sensitivity, abs=0.03)
        wrong = (len(given) - right) / (~truth[:, number]).sum()
        assert wrong == pytest.approx(1 - reading.specificity, abs=0.015)


def test_adding_a_code_leaves_the_others_as_they_are(raw: Raw) -> None:
    before = _frames(raw)["codings.csv"].filter(pl.col("code") == "hope")
    raw["codings"]["codes"] = {"value": {"prevalence": 0.5, "difficulty": "fair"}} | raw["codings"]["codes"]
    assert _frames(raw)["codings.csv"].filter(pl.col("code") == "hope").equals(before)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("codes", {"hope": {"prevalence": 0.5, "difficulty": "odd"}}, "no such difficulty: odd"),
        ("codes", {"hope": {"prevalence": 0.5, "difficulty": "fair", "polarity": "odd"}}, "not a polarity: odd"),
        ("codes", {"hope": {"prevalence": 1.5, "difficulty": "fair"}}, "less than or equal to 1"),
        ("coders", {"c": {"differs": {"odd": {"sensitivity": 1, "specificity": 1}}}}, "no such difficulty: odd"),
    ],
)
def test_a_bad_block_is_refused(raw: Raw, key: str, value: object, message: str) -> None:
    raw["codings"][key] = value
    with pytest.raises(ValidationError, match=message):
        Simulation.model_validate(raw)


def test_files_that_do_not_fit_each_other_are_refused(raw: Raw) -> None:
    raw["codings"]["document"] = "letters"
    with pytest.raises(ValueError, match="no such document: letters"):
        _frames(raw)
    del raw["codings"]
    with pytest.raises(ValueError, match="codings: is missing, and table segments needs it"):
        _frames(raw)


def test_services_say_how_many_diaries_there_are(raw: Raw) -> None:
    raw["services"]["meadow"] = {}
    with pytest.raises(ValueError, match="meadow: diaries is missing"):
        _frames(raw)
