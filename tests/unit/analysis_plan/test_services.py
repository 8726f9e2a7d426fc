"""What the plan says of services pooled follows from what is declared."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.services import ESTIMATORS, services
from pipeline.methods import heterogeneity
from pipeline.studies import load_study
from schemas.analyses import Pooling

ROOT = Path(__file__).parents[3]


def planned(**changes):
    declared = Pooling(instrument="client-feedback", category="definitely", wave="autumn", **changes)
    study = load_study(ROOT / "raw" / "demo-riverbend")
    study = study.model_copy(update={"analyses": study.analyses.model_copy(update={"pooling": (declared,)})})
    (one,) = services(study)
    return one


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, "Paule and Mandel", "without each"),
        ({"variance": "reml"}, "restricted maximum likelihood", "Paule"),
        ({"leave_one_out": True}, "without each service", "F test"),
        ({"subgroups": "setting"}, "pooled by *setting*", "meta-regression"),
        ({"moderators": ("peer-posts", "setting")}, "goes with *peer posts* and *setting*", "subgroups"),
    ],
)
def test_the_plan_says_what_is_declared_and_no_more(changes, said, unsaid):
    one = planned(**changes)
    assert said in one.how
    assert unsaid not in one.how


def test_what_counts_as_an_answer_is_said_of_characteristics_too():
    assert "0.05" in planned(moderators=("setting",)).answer
    assert "Holm" in planned(moderators=("setting",)).sources
    assert "0.05" not in planned().answer


def test_every_estimator_has_words_and_the_source_of_its_rows():
    assert set(ESTIMATORS) == set(heterogeneity.ESTIMATORS)
    for name, (_, source) in ESTIMATORS.items():
        author, year = source.split(" ")[0], source.rpartition("(")[2]
        assert author in heterogeneity.ESTIMATORS[name]
        assert year in heterogeneity.ESTIMATORS[name]
