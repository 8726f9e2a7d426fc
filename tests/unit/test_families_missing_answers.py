"""The family of missing answers on the demonstration study: which surveys and comparisons feed it."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.methods.results import Results
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table
from schemas.analyses import Imputation
from tests.unit.methods.result_checks import check

DEMONSTRATION = Path(__file__).parents[2] / "raw" / "demo-riverbend"


@pytest.fixture(scope="module")
def results() -> Results:
    study = load_study(DEMONSTRATION)
    first = study.analyses.rounds[0]
    rounds = (*study.analyses.rounds, first.model_copy(update={"id": "lot", "category": "a-lot"}))
    imputations = (Imputation(rounds=first.id, imputations=5), Imputation(rounds="practice-rounds", imputations=5))
    analyses = study.analyses.model_copy(update={"rounds": rounds, "imputations": imputations})
    declared = study.model_copy(update={"analyses": analyses})
    records = {"surveys": read_table(DEMONSTRATION, study, "surveys")}
    return check(FAMILIES["missing_answers"](Evaluation(declared, instruments(), records)))


@pytest.fixture(scope="module")
def pooled(results: Results) -> pd.DataFrame:
    """All services together."""
    return results.estimates[results.estimates["service"] == "all"]


def test_each_survey_with_rounds_is_told_how_completely_it_was_filled_in(pooled: pd.DataFrame) -> None:
    found = pooled[(pooled["category"] == "complete")].set_index(["instrument", "wave"])["value"]
    assert len(found) == 4
    assert found.between(0.5, 0.95).all()


def test_who_left_is_told_once_where_rounds_differ_in_the_answer_only(pooled: pd.DataFrame) -> None:
    left = pooled[pooled["category"] == "left"]
    assert len(left) == 2
    assert left["value"].between(0.1, 0.5).all()
    compared = pooled[(pooled["contrast"] == "attrition") & (pooled["statistic"] == "difference")]
    assert set(compared["category"]) == {"improved", "a-lot", "strongly-agree"}


def test_every_item_of_a_declared_imputation_has_its_difference(pooled: pd.DataFrame) -> None:
    made = pooled[pooled["model"] == "multiple imputation, linked"]
    assert made.groupby("statistic").size().to_dict() == {"difference": 12, "missing_information": 12}
    assert made["reason"].str.startswith(("more than half of the information is imputed", "fewer data sets")).all()
    assert made["value"].notna().all()
