"""Simulation files that are not valid, or do not fit the study file, are refused with a message that helps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pipeline.methods.simulate import simulate
from schemas.instrument import Instrument
from schemas.simulation import Simulation
from schemas.study import Study

ROOT = Path(__file__).parents[3]
HERE = ROOT / "raw" / "demo-riverbend"
Raw = dict[str, Any]


def _yaml(path: Path) -> Raw:
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


STUDY = Study.model_validate(_yaml(HERE / "study.yml"))
INSTRUMENTS = {
    one.instrument: one
    for one in (Instrument.model_validate(_yaml(path)) for path in (ROOT / "schemas/instruments").glob("*.yml"))
}


@pytest.fixture
def raw() -> Raw:
    return _yaml(HERE / "simulate.yml")


def _set(raw: Raw, path: str, value: object) -> Raw:
    *way, last = path.split(".")
    here: Any = raw
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("extra", 1, "Extra inputs"),
        ("services.alder.colour", 1, "Extra inputs"),
        ("workforce.time_in_post.mean", 1, "Extra inputs"),
        ("sessions.modes.video.minutes.middle", 1, "Extra inputs"),
        ("surveys.0.items.hopeful.slope", 1, "Extra inputs"),
        ("sessions.modes.video.share", 0.5, "add up to 1.43"),
        ("workforce.fte", {1.0: 0.4}, "add up to 0.4"),
        ("sessions.modes.text.activities", {"juggling": 1}, "juggling"),
        ("groups.minutes.low", 200, "low <= usual <= high"),
        ("surveys.0.items.hopeful.thresholds", [1, 0], "do not ascend"),
        ("surveys.2.special.dont-know", 0.99, "leave no room"),
        ("surveys.1.instrument", "client-feedback", "declared twice"),
        ("services.alder.sessions_mean", 1, "greater than 1"),
    ],
)
def test_a_bad_simulation_file_is_refused(raw: Raw, path: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Simulation.model_validate(_set(raw, path, value))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("services.gorse", {"clients": 3}, "services: .*gorse"),
        ("services.alder.dispersion", None, "alder: dispersion is missing, and table sessions needs it"),
        ("services.fir.staff", None, "fir: staff is missing, and survey recovery-practice needs it"),
        ("workforce", None, "workforce: is missing, and table sessions needs it"),
        ("groups", None, "groups: is missing, and table groups needs it"),
        ("surveys.0.instrument", "clinician-ratings-published", "client-feedback is in only one"),
        ("surveys.0.items.joy", {"thresholds": [0, 1]}, "item joy is in only one"),
        ("surveys.0.items.hopeful.thresholds", [0], "item hopeful needs 2 thresholds"),
        ("surveys.0.items.hopeful.shift", {"summer": 1}, "no such wave: summer"),
        ("surveys.0.special", {"dont-know": 0.1}, "special answer dont-know"),
        ("surveys.0.answered.gorse", 0.5, "answered: no such service: gorse"),
        ("surveys.0.answered", {"alder": 0.5}, "answered: missing: birch, cedar"),
        ("surveys.0.services.gorse", 0.5, "services: no such service: gorse"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(raw: Raw, path: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(Simulation.model_validate(_set(raw, path, value)), STUDY, INSTRUMENTS)


def test_a_real_study_is_refused(raw: Raw) -> None:
    real = STUDY.model_copy(update={"fictional": False})
    with pytest.raises(ValueError, match="not fictional"):
        simulate(Simulation.model_validate(raw), real, INSTRUMENTS)


def test_a_service_without_anybody_in_post_is_refused(raw: Raw) -> None:
    with pytest.raises(ValueError, match="nobody is in post at fir"):
        simulate(Simulation.model_validate(_set(raw, "services.fir.posts", 0)), STUDY, INSTRUMENTS)


def test_tables_that_can_not_be_simulated_are_refused(raw: Raw) -> None:
    doses = STUDY.tables.sessions[0].model_copy(update={"file": "doses.csv"})
    tables = STUDY.tables.model_copy(update={"doses": (doses,), "groups": STUDY.tables.groups * 2})
    with pytest.raises(ValueError, match=r"groups: only one file(.|\n)*doses: can't be simulated"):
        simulate(Simulation.model_validate(raw), STUDY.model_copy(update={"tables": tables}), INSTRUMENTS)
