"""The simulated programme survey: same bytes, valid answers, declared effects found again, misfits refused."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from pipeline.methods.simulate import simulate, to_csv
from pipeline.methods.simulate_programs import program_rounds, quality
from pipeline.studies import instruments, load_study
from schemas.response import Response
from schemas.simulation import Simulation

HERE = Path(__file__).parents[3] / "raw" / "demo-program-survey"
STUDY = load_study(HERE)
INSTRUMENTS = instruments()
INSTRUMENT = INSTRUMENTS["program-integration"]
Raw = dict[str, Any]


@pytest.fixture
def raw() -> Raw:
    return yaml.safe_load((HERE / "simulate.yml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _many(raw: Raw, each: int = 4000) -> Simulation:
    raw["services"] = {name: {"programs": each} for name in raw["services"]}
    return Simulation.model_validate(raw)


def _ratings(config: Simulation, service: str) -> dict[str, np.ndarray]:
    """Codes of all who answered at a service, NaN where there is none."""
    answers = program_rounds(config, STUDY, INSTRUMENTS)[0].answers.filter(pl.col("service") == service)
    codes = {option.label: option.code for option in INSTRUMENT.options}
    return {
        item.id: answers[item.id].replace_strict(codes, default=None).cast(float).to_numpy()
        for item in INSTRUMENT.items
    }


def test_the_committed_files_come_out_again_to_the_byte(raw: Raw) -> None:
    frames = simulate(Simulation.model_validate(raw), STUDY, INSTRUMENTS)
    assert set(frames) == {path.name for path in HERE.glob("*.csv")}
    for name, frame in frames.items():
        assert to_csv(frame) == (HERE / name).read_bytes(), name


def test_answers_are_those_of_the_instrument_one_row_a_programme(raw: Raw) -> None:
    frames = simulate(Simulation.model_validate(raw), STUDY, INSTRUMENTS)
    frame, counts = frames["program_survey.csv"], Response.validate(frames["response.csv"])
    assert frame.columns == ["respondent", "service", *(item.id for item in INSTRUMENT.items)]
    assert not frame["respondent"].is_duplicated().any()
    assert frame["respondent"].str.contains(r"^p-[0-9a-f]{5}$").all()
    labels = {one.label for one in (*INSTRUMENT.options, *INSTRUMENT.special)}
    assert {value for item in INSTRUMENT.items for value in frame[item.id].drop_nulls()} <= labels
    assert dict(counts.select("service", "answered").iter_rows()) == dict(
        frame.group_by("service").len().sort("service").iter_rows()
    )


def test_a_country_more_leaves_the_others_as_they_are(raw: Raw) -> None:
    before = _ratings(Simulation.model_validate(raw), "northmark")
    raw["services"]["suderland"]["programs"] = 5
    after = _ratings(Simulation.model_validate(raw), "northmark")
    assert all(np.array_equal(before[item], after[item], equal_nan=True) for item in before)


def test_declared_effects_are_those_of_a_regression(raw: Raw) -> None:
    """Effects come back in proportion: success is brought to SD 1."""
    config = _many(raw)
    for service, equal in (("northmark", 0.0), ("suderland", 0.5)):
        latent = quality(config, config.programs, service)
        names = list(config.programs.factors)
        factors = np.column_stack([latent[name] for name in names])
        coefficients = np.linalg.lstsq(factors - factors.mean(axis=0), latent[""], rcond=None)[0]
        found = dict(zip(names, coefficients, strict=True))
        unit = found["role-clarity"] / 0.5
        declared = {"management-support": 0.4, "supervision-mentoring": 0.3, "equal-status": equal, "training": 0.0}
        for name, effect in declared.items():
            assert found[name] / unit == pytest.approx(effect, abs=0.04)


def test_qualities_have_sd_1_and_the_common_part(raw: Raw) -> None:
    config = _many(raw)
    latent = quality(config, config.programs, "northmark")
    assert np.std(latent[""]) == pytest.approx(1, abs=0.03)
    assert np.std(latent["training"]) == pytest.approx(1, abs=0.03)
    assert np.corrcoef(latent["training"], latent["communication"])[0, 1] == pytest.approx(0.4, abs=0.04)
    assert quality(config, config.programs, "suderland")["training"].mean() == pytest.approx(0.3, abs=0.06)


def test_reverse_items_are_rated_the_other_way_round(raw: Raw) -> None:
    ratings = _ratings(_many(raw, 1500), "northmark")
    there = ~np.isnan(ratings["stigma-attitudes"]) & ~np.isnan(ratings["role-clarity"])
    assert np.corrcoef(ratings["stigma-attitudes"][there], ratings["role-clarity"][there])[0, 1] < -0.2


def test_blank_and_special_answers_have_their_shares(raw: Raw) -> None:
    answers = program_rounds(_many(raw), STUDY, INSTRUMENTS)[0].answers
    assert answers["career-path"].null_count() / answers.height == pytest.approx(0.015, abs=0.006)
    assert (answers["career-path"] == "N/A").mean() == pytest.approx(0.09, abs=0.012)
    assert answers.height / 8000 == pytest.approx(0.8, abs=0.02)


def _set(raw: Raw, path: str, value: object) -> Raw:
    *way, last = path.split(".")
    here = raw = deepcopy(raw)
    for step in way:
        here = here[step]
    here[last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("programs.factors.training.thresholds", [1, 0], "do not ascend"),
        ("programs.success.stay.special", {"not-applicable": 0.99}, "leave no room for others: stay"),
        ("programs.colour", 1, "Extra inputs"),
        ("programs.common", 1.2, "less than or equal to 1"),
    ],
)
def test_a_bad_programme_section_is_refused(raw: Raw, path: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Simulation.model_validate(_set(raw, path, value))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("programs.instrument", "client-feedback", "study.yml needs one table of it, at one wave"),
        ("programs.instrument", "none", "programs: none: no such instrument"),
        ("programs.factors.joy", {"thresholds": [0, 1, 2, 3]}, "item joy is in only one"),
        ("programs.factors.stay", {"thresholds": [0, 1, 2, 3]}, "stay is a factor and success at once"),
        ("programs.factors.training.thresholds", [0], "item training needs 4 thresholds"),
        ("programs.success.stay.special", {"maybe": 0.1}, "special answer maybe"),
        ("programs.factors.training.shift", {"westmark": 1}, "item training: no such service: westmark"),
        ("programs.answered", {"northmark": 0.5}, "answered: suderland"),
        ("services.suderland.programs", None, "suderland: programs is missing"),
        ("programs", None, "program-integration is in only one of study.yml and simulate.yml"),
    ],
)
def test_a_section_that_does_not_fit_is_refused(raw: Raw, path: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(Simulation.model_validate(_set(raw, path, value)), STUDY, INSTRUMENTS)


def test_one_survey_an_instrument(raw: Raw) -> None:
    items = {item.id: {"thresholds": [0, 1, 2, 3]} for item in INSTRUMENT.items}
    survey = {"instrument": "program-integration", "asked": "staff", "invited": 1, "answered": 1, "blank": 0}
    with pytest.raises(ValidationError, match="declared twice: program-integration"):
        Simulation.model_validate(raw | {"surveys": [survey | {"person_sd": 1, "items": items}]})
