"""Which records feed which estimates."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.evaluation import Evaluation
from pipeline.families import FAMILIES
from pipeline.family_tables import FAMILY_TABLES
from pipeline.graph import families_of
from pipeline.ingest.surveys import COLUMNS
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table, schema_of
from schemas.estimates import Estimates
from tests.unit.methods.result_checks import check

DEMONSTRATION = Path(__file__).parents[2] / "raw" / "demo-riverbend"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """The demonstration study with a part of its records, so that nothing takes long."""
    study = load_study(DEMONSTRATION)
    records: dict[str, Any] = {
        name: read_table(DEMONSTRATION, study, name)
        for name in ("sessions", "groups", "surveys", "response", "workforce", "headcount")
    }
    return Evaluation(study, instruments(), records)


@pytest.mark.parametrize("family", ["feedback", "response_rates", "staffing", "change", "reliability"])
def test_a_family_gives_valid_estimates_that_say_what_made_them(family: str, evaluation: Evaluation) -> None:
    estimates = FAMILIES[family](evaluation).estimates
    assert len(Estimates.validate(estimates)) > 0
    assert set(estimates["produced_by"]) == {f"demo_riverbend/{family}"}
    assert set(estimates["data_status"]) == {"demonstration"}
    assert set(estimates["study"]) == {"demo-riverbend"}


def test_each_instrument_and_wave_has_its_shares(evaluation: Evaluation) -> None:
    estimates = FAMILIES["feedback"](evaluation).estimates
    found = set(
        estimates.loc[estimates["statistic"] == "share", ["instrument", "wave"]].itertuples(index=False, name=None)
    )
    assert found == {(t.instrument, t.wave) for t in evaluation.study.tables.surveys}


def test_scores_are_made_of_the_instruments_that_declare_some(evaluation: Evaluation) -> None:
    own = evaluation.instruments["client-feedback"]
    total = {"id": "total", "label": "Total", "method": "mean", "range": {"low": 0, "high": 2}}
    scored = type(own).model_validate(own.model_dump() | {"scoring": [total]})
    known = {**evaluation.instruments, "client-feedback": scored}
    estimates = FAMILIES["scores"](Evaluation(evaluation.study, known, evaluation.records)).estimates
    assert set(Estimates.validate(estimates)["instrument"]) == {"client-feedback"}
    assert set(estimates["produced_by"]) == {"demo_riverbend/scores"}
    assert estimates.loc[estimates["statistic"] == "mean", "value"].between(0, 2).all()


def test_contacts_alone_give_activities_and_groups_add_the_mix(evaluation: Evaluation) -> None:
    alone = Evaluation(evaluation.study, evaluation.instruments, {"sessions": evaluation.records["sessions"]})
    both = Evaluation(
        evaluation.study, evaluation.instruments, {k: evaluation.records[k] for k in ("sessions", "groups")}
    )
    items = [set(FAMILIES["support"](one).estimates["item"]) for one in (alone, both)]
    kinds = {"activity", "mode", "attendance", "hours"}
    assert items == [kinds, {*kinds, "support"}]


def test_the_status_is_the_most_cautious_one(evaluation: Evaluation) -> None:
    def status(*statuses: str) -> str:
        surveys = tuple(
            evaluation.study.tables.surveys[0].model_copy(update={"data_status": one}) for one in statuses
        )
        tables = evaluation.study.tables.model_copy(update={"surveys": surveys})
        study = evaluation.study.model_copy(update={"tables": tables})
        return Evaluation(study, {}, {}).context("feedback", "surveys").data_status

    assert status("observed") == "observed"
    assert status("observed", "reconstructed") == "reconstructed"
    assert status("observed", "demonstration") == "demonstration"


def test_doses_counted_from_sessions_have_the_status_of_the_sessions(evaluation: Evaluation) -> None:
    assert not evaluation.study.tables.doses
    assert evaluation.context("support", "doses").data_status == "demonstration"


def test_two_models_of_the_same_answers_share_the_resampled_difference(evaluation: Evaluation) -> None:
    first = evaluation.study.analyses.clustered[0].model_copy(update={"items": ("hope",)})
    other = first.model_copy(update={"id": "mixed-services", "model": "mixed"})
    analyses = evaluation.study.analyses.model_copy(update={"clustered": (first, other)})
    study = evaluation.study.model_copy(update={"analyses": analyses})
    results = check(FAMILIES["clustered"](Evaluation(study, evaluation.instruments, evaluation.records)))
    found = results.estimates[results.estimates["statistic"] == "difference"]
    assert set(found["model"]) == {"gee-service", "mixed-service", "wild-bootstrap-service"}


def test_tables_without_rows_make_no_family_fail(evaluation: Evaluation) -> None:
    records: dict[str, Any] = {"surveys": evaluation.records["surveys"].clear().select(COLUMNS)}
    for name in ("sessions", "groups", "doses", "response", "workforce", "headcount"):
        columns = schema_of(name).to_schema().columns
        records[name] = pl.DataFrame(schema={key: column.dtype.type for key, column in columns.items()})
    empty = Evaluation(evaluation.study, evaluation.instruments, records)
    for family in families_of(evaluation.study):
        estimates = FAMILIES[family](empty).estimates
        Estimates.validate(estimates)
        planned = estimates["term"].str.startswith("unfavourable")  # of no data: the share that needs most
        counts = estimates["statistic"].isin(["clients", "respondents", "total", "count", "headcount"])
        numbers = estimates[~counts & ~planned]
        assert numbers["value"].isna().all(), family


def test_every_family_reads_tables_that_exist() -> None:
    assert set(FAMILY_TABLES) == set(FAMILIES)
