"""What the plan says of a next study follows from what is declared."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.next_study import next_study
from pipeline.studies import load_study
from schemas.analyses import NextStudy, Rounds

ROOT = Path(__file__).parents[3]


def planned(linked):
    study = load_study(ROOT / "raw" / "demo-riverbend")
    first = {"id": "r", "instrument": "clinician-ratings", "reference": "spring", "wave": "autumn"}
    rounds = Rounds(**first, category="improved", linked=linked)
    declared = {"rounds": (rounds,), "next_studies": (NextStudy(rounds="r", difference=0.15, half_width=0.08),)}
    return next(next_study(study.model_copy(update={"analyses": study.analyses.model_copy(update=declared)})))


@pytest.mark.parametrize(
    ("linked", "said", "source"),
    [
        (True, "persons who answer both times", "Connor"),
        (False, "answers in each wave", "Fleiss"),
        ("partly", "answers in each wave", "Fleiss"),
    ],
)
def test_the_plan_says_what_is_counted_and_by_whom(linked, said, source):
    one = planned(linked)
    assert said in one.how
    assert source in one.sources
    assert "15 points with 80% power" in one.how
    assert "within 8 points (95% interval)" in one.how
    assert "one degree of freedom fewer than there are services" in one.how
    assert "plays no part" in one.answer
    assert (one.family, one.about) == ("next_study", "clinician-ratings")
