"""What the plan says of comparisons with clusters follows from what is declared."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.clustered import clustered
from pipeline.studies import load_study
from schemas.analyses import Clustered

ROOT = Path(__file__).parents[3]


def planned(**changes):
    first = {"id": "c", "instrument": "clinician-ratings", "reference": "spring", "wave": "autumn"}
    declared = Clustered(**first | {"category": "improved"} | changes)
    study = load_study(ROOT / "raw" / "demo-riverbend")
    return study.model_copy(update={"analyses": study.analyses.model_copy(update={"clustered": (declared,)})})


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, ("estimating equations", "Kauermann", "design effect", "item by item (7)"), ("mixed model",)),
        ({"model": "mixed"}, ("logistic mixed model", "between-within", "same in every cluster"), ("Kauermann",)),
        ({"cluster": "subject", "items": ("hope",)}, ("one person", "item by item (1)"), ("design effect",)),
    ],
)
def test_the_plan_names_the_model_and_the_clusters(changes, said, unsaid):
    (one,) = clustered(planned(**changes))
    assert all(words.lower() in one.how.lower() for words in said)
    assert not any(words in one.how for words in unsaid)
    assert "Spring 2024 to Autumn 2024" in one.title
    assert "0.05" in one.answer


def test_sources_are_those_of_the_model():
    assert "Kauermann" in next(clustered(planned())).sources
    assert "Pinheiro" in next(clustered(planned(model="mixed"))).sources


def test_nothing_declared_nothing_planned():
    study = load_study(ROOT / "raw" / "demo-riverbend")
    without = study.model_copy(update={"analyses": study.analyses.model_copy(update={"clustered": ()})})
    assert list(clustered(without)) == []
