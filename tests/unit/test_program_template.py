"""The template of a programme survey: it loads as a study once filled in, and the numbers it prints are right."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.methods.correlation_size import needed, needed_each, of_several
from pipeline.methods.drivers import drivers
from pipeline.methods.relative_weights import johnson, rank_correlations
from pipeline.methods.results import Context
from pipeline.methods.simulate_programs import program_rounds
from pipeline.studies import instruments, load_study, study_folders
from pipeline.validation import read_table
from schemas.simulation import Simulation
from tests.unit.methods.result_checks import check

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "raw" / "_shared" / "templates" / "program-survey"
DEMO = ROOT / "raw" / "demo-program-survey"
STUDY = load_study(DEMO)
SIMULATION = yaml.safe_load((DEMO / "simulate.yml").read_text(encoding="utf-8"))
INSTRUMENT = instruments()["program-integration"]
ACTING = {"role-clarity", "management-support", "supervision-mentoring", "equal-status"}


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The template as somebody fills it in: another name, and thirty programmes."""
    folder = tmp_path / "raw" / "my-survey"
    shutil.copytree(TEMPLATE, folder)
    text = (folder / "study.yml").read_text(encoding="utf-8").replace("study: program-survey", "study: my-survey")
    (folder / "study.yml").write_text(text, encoding="utf-8")
    rows = [
        ",".join([f"p{i}", "country-a" if i < 16 else "country-b", *map(str, one)])
        for i, one in enumerate(np.random.default_rng(31).integers(1, 6, (30, 24)).tolist())
    ]
    with (folder / "program_survey.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n".join(rows) + "\n")
    with (folder / "response.csv").open("a", encoding="utf-8") as stream:
        stream.write("program-integration,country-a,main,20,20,16\nprogram-integration,country-b,main,19,18,14\n")
    return folder


def test_the_template_is_no_study_by_itself() -> None:
    assert "templates" not in {folder.name for folder in study_folders(ROOT / "raw")}
    assert not any("_shared" in folder.parts for folder in study_folders(ROOT / "raw"))


def test_a_copy_under_its_own_name_needs_no_change_to_load(tmp_path: Path) -> None:
    folder = tmp_path / "program-survey"
    shutil.copytree(TEMPLATE, folder)
    assert load_study(folder).study == "program-survey"
    assert not load_study(folder).fictional


def test_a_filled_copy_is_validated_and_estimated(filled: Path) -> None:
    study = load_study(filled)
    answers = read_table(filled, study, "surveys")
    assert read_table(filled, study, "response")["answered"].sum() == 30
    context = Context(study.study, "observed", tuple(study.service_ids()), "my_survey/drivers")
    estimates = check(drivers(answers, INSTRUMENT, study.analyses.drivers[0], context)).estimates
    assert set(estimates.loc[estimates["statistic"] == "correlation", "service"]) == {"all", "country-a", "country-b"}
    assert estimates.loc[estimates["statistic"] == "correlation", "value"].notna().all()


def test_the_files_have_the_columns_of_the_instrument() -> None:
    header = (TEMPLATE / "program_survey.csv").read_text(encoding="utf-8").strip().split(",")
    assert header == ["respondent", "service", *(item.id for item in INSTRUMENT.items)]


def test_the_template_asks_about_all_factors_of_the_instrument() -> None:
    declared = load_study_of(TEMPLATE)["analyses"]["drivers"][0]["factors"]
    assert tuple(declared) == INSTRUMENT.subscales["factors"]


def load_study_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    return found


def _table(first: str) -> list[list[str]]:
    """Cells of the README's table whose header begins so."""
    lines = (TEMPLATE / "README.md").read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_printed_numbers_of_programmes_are_those_of_the_code() -> None:
    levels = [of_several(0.95, tests) for tests in (1, 6, 18)]
    *single, pair = _table("To be found")
    assert [cells[1:] for cells in single] == [
        [str(needed(size, level)) for level in levels] for size in (0.2, 0.3, 0.4, 0.5)
    ]
    assert pair[1:] == [str(needed_each(0.2, 0.5, level)) for level in levels]


@pytest.mark.slow
@pytest.mark.parametrize("row", _table("Programmes"), ids=lambda row: row[0])
def test_the_printed_shares_come_out_of_the_simulation(row: list[str]) -> None:
    factors = np.array(INSTRUMENT.subscales["factors"])
    weights = np.array([_weights(seed, int(row[0]) // 2) for seed in range(200)])
    three = [set(one) <= ACTING for one in factors[np.argsort(-weights, axis=1)[:, :3]]]
    first = factors[weights.argmax(axis=1)] == "role-clarity"
    printed = [float(re.sub(r"\D", "", cell)) / 100 for cell in row[1:]]
    assert [np.mean(three), np.mean(first)] == pytest.approx(printed, abs=0.00501)


def _weights(seed: int, each: int) -> np.ndarray:
    """Relative weights in one simulated survey of that many programmes in each country, all of which answer."""
    raw = SIMULATION | {"seed": seed, "services": {name: {"programs": each} for name in SIMULATION["services"]}}
    raw["programs"] = SIMULATION["programs"] | {"answered": 1}
    answers = program_rounds(Simulation.model_validate(raw), STUDY, instruments())[0].answers
    codes = {option.label: option.code for option in INSTRUMENT.options}
    ratings = {
        item.id: (6 - code if item.reverse else code)
        for item in INSTRUMENT.items
        for code in [answers[item.id].replace_strict(codes, default=None).cast(float).to_numpy()]
    }
    success = np.nanmean(np.column_stack([ratings[one] for one in INSTRUMENT.subscales["success"]]), axis=1)
    scores = np.column_stack([*(ratings[one] for one in INSTRUMENT.subscales["factors"]), success])
    return johnson(rank_correlations(scores, np.ones((1, len(scores)))))[0][0]
