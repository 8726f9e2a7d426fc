"""What a study file may declare of posts reaches the methods, and the gate lets through what it may."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import staffing
from pipeline.methods.disclosure import gate
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table, schema_of
from schemas.analyses import Retention, Success
from schemas.estimates import Estimates
from schemas.study import Study

DEMONSTRATION = Path(__file__).parents[2] / "raw" / "demo-riverbend"
RETENTION = {
    "compare": ["mentor", "role"],
    "hazards": ["mentor", "fte"],
    "average": {"value": 0.75, "days": 400, "of": "a made-up average", "source": "made up"},
}


@pytest.fixture(scope="module")
def study() -> Study:
    """The demonstration study with everything declared."""
    found = load_study(DEMONSTRATION)
    declared = {
        "retention": Retention.model_validate(RETENTION),
        "success": Success(days=365, predictors=("mentor", "trained", "selection_score")),
    }
    return found.model_copy(update={"analyses": found.analyses.model_copy(update=declared)})


def test_every_declaration_has_its_rows(study: Study) -> None:
    records = {name: read_table(DEMONSTRATION, study, name) for name in ("workforce", "headcount")}
    results = staffing(Evaluation(study, instruments(), records))
    found = Estimates.validate(results.estimates).groupby("statistic").size()
    assert found["headcount"] == 7 * 5
    assert found["growth"] == found["difference"] == found["median"] == 7
    assert found["retention"] == 7 * 3  # after half a year, a year, and the average's 400 days
    assert found["log_rank"] == found["hazard_ratio"] == 2
    assert found["odds_ratio"] == 3
    gated = gate(results, study.disclosure)
    assert gated.passed
    kept = gated.estimates[~gated.estimates["suppressed"]]
    assert {"growth", "retention", "hazard_ratio"} <= set(kept["statistic"])
    assert set(kept.loc[kept["statistic"] == "log_rank", "contrast"]) == {"mentor"}  # senior workers are too few


def test_without_posts_every_row_has_a_reason(study: Study) -> None:
    def empty(table: str) -> pl.DataFrame:
        columns = schema_of(table).to_schema().columns
        return pl.DataFrame(schema={name: one.dtype.type for name, one in columns.items()})

    records: dict[str, Any] = {name: empty(name) for name in ("workforce", "headcount")}
    estimates = Estimates.validate(staffing(Evaluation(study, instruments(), records)).estimates)
    assert len(estimates) > 10
    assert estimates["value"].isna().all()
    assert set(estimates["reason"]) == {"no rows"}
