"""Whatever the survey, all methods that read it agree on the cells, and every declared sum adds up."""

import numpy as np
import polars as pl
import pytest

from pipeline.methods import change, feedback, power, reliability, synthesis
from pipeline.methods.results import Results
from schemas.analyses import Pooling, Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, surveys

SERVICES = ("east", "west", "north", "elsewhere", "unknown")


def random_survey(seed):
    """Two waves, services partly unknown, answers missing and off the scale, some rows absent, people who move."""
    rng = np.random.default_rng(seed)
    choices = [1, 2, 3, 4, None, "n-a"]
    rows = []
    for wave in ("w1", "w2"):
        for start in range(0, int(rng.integers(1, 30)), 3):
            service = str(rng.choice(SERVICES))
            codes = {item: [choices[k] for k in rng.integers(0, 6, 3)] for item in ("hope", "choice")}
            rows += answers(codes, wave, service, start)
    keep = rng.random(len(rows)) < 0.9
    return surveys([row for row, kept in zip(rows, keep, strict=True) if kept])


@pytest.mark.parametrize("seed", range(12))
def test_every_method_adds_up_on_random_surveys(seed):
    frame, scale = random_survey(seed), instrument()
    declared = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high")
    pooling = Pooling(instrument="scale", category="high", wave="w2")
    parts = [feedback.shares(frame, scale, CONTEXT), synthesis.compare(frame, scale, pooling, CONTEXT)]
    parts += [reliability.alpha(frame, scale, CONTEXT), reliability.correlations(frame, scale, CONTEXT)]
    for rounds in (declared, declared.model_copy(update={"linked": True})):
        parts += [method(frame, scale, rounds, CONTEXT) for method in (change.rounds, power.detectable)]
    check(Results.concat(parts))


@pytest.mark.parametrize("seed", range(3))
def test_counts_agree_with_plain_filters(seed):
    frame = random_survey(seed)
    results = feedback.shares(frame, instrument(), CONTEXT)
    rows = frame.filter(pl.col("wave") == "w2", pl.col("item") == "hope")
    row = one(results, service="all", item="hope", wave="w2", category="high", denominator="answered")
    assert row.events == rows.filter(pl.col("response") >= 3).height
    assert row.n == rows["response"].count()


def test_the_order_of_the_rows_does_not_matter():
    frame = random_survey(5)
    declared = Rounds(id="r", instrument="scale", reference="w1", wave="w2", category="high", linked=True)
    one_way, other = (
        change.rounds(rows, instrument(), declared, CONTEXT).estimates.set_index("estimate_id")["value"]
        for rows in (frame, frame.reverse())
    )
    assert one_way.equals(other)
