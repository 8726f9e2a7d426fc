"""Independent reconstructions of the pilot's rows, and what they leave open."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims_file import read_claims
from pipeline.evaluation import Evaluation
from pipeline.identification import redraw
from pipeline.studies import instruments, load_study
from pipeline.validation import read_table

PILOT = Path(__file__).parents[2] / "raw" / "ahs-pilot"


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return read_claims(PILOT / "claims.csv")


@pytest.fixture(scope="module")
def redraws(claims: pd.DataFrame) -> list[pd.DataFrame]:
    study = load_study(PILOT)
    records = {name: read_table(PILOT, study, name) for name in ("surveys", "doses")} | {"claims": claims}
    return list(redraw(Evaluation(study, instruments(), records), claims, draws=3))


def test_what_is_published_is_the_same_in_each_and_the_rest_is_not(redraws: list[pd.DataFrame]) -> None:
    wide = pd.concat([r.set_index("estimate_id")["value"].rename(i) for i, r in enumerate(redraws)], axis=1)
    spread = wide.max(axis=1) - wide.min(axis=1)
    shares = spread.index.str.contains("/share/.*instrument=client-feedback.*category=definitely.*denominator=asked")
    assert shares.any()
    assert (spread[shares] < 1e-12).all()
    median = spread[spread.index.str.contains("/median/.*item=sessions")]
    assert (median > 0).any()


def test_the_number_of_clients_is_published(redraws: list[pd.DataFrame], claims: pd.DataFrame) -> None:
    published = claims[claims["estimate_id"].str.contains("/clients/")].set_index("estimate_id")["published"].dropna()
    assert len(published) > 0
    for frame in redraws:
        values = frame.set_index("estimate_id")["value"]
        common = published.index.intersection(values.index)
        assert len(common) > 0
        assert values[common].tolist() == published[common].tolist()


def test_the_draws_are_the_same_from_run_to_run(redraws: list[pd.DataFrame], claims: pd.DataFrame) -> None:
    study = load_study(PILOT)
    records = {name: read_table(PILOT, study, name) for name in ("surveys", "doses")} | {"claims": claims}
    (again,) = redraw(Evaluation(study, instruments(), records), claims, draws=1)
    pd.testing.assert_frame_equal(again, redraws[0])
