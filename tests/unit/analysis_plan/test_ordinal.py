from pathlib import Path

import pytest

from pipeline.analysis_plan.ordinal import ordinal
from pipeline.studies import load_study
from schemas.analyses import Ordinal

RIVERBEND = Path(__file__).parents[3] / "raw" / "demo-riverbend"
WAVES = Ordinal(id="o", instrument="clinician-ratings", reference="spring", wave="autumn")


def planned(one: Ordinal):
    study = load_study(RIVERBEND, files=False)
    analyses = study.analyses.model_copy(update={"ordinal": (one,)})
    return next(ordinal(study.model_copy(update={"analyses": analyses})))


def test_different_persons_are_compared_with_services_as_clusters():
    found = planned(WAVES)
    assert found.title == "Ordered answers, Spring 2024 to Autumn 2024"
    assert "the services are the clusters" in found.how
    assert "likelihood ratio" in found.how
    assert "each of the 7 items" in found.how
    assert "Peterson and Harrell (1990)" in found.sources


def test_the_same_persons_are_compared_with_persons_as_clusters():
    found = planned(WAVES.model_copy(update={"linked": True, "items": ("hope",)}))
    assert "the persons are the clusters" in found.how
    assert "matched by id" in found.how
    assert "*Hope*" in found.how
    assert "Brant (1990)" in found.sources


def test_services_are_compared_with_the_one_that_is_named():
    one = Ordinal(id="o", instrument="client-feedback", reference="elm", wave="autumn", contrast="services")
    found = planned(one)
    assert found.title == "Ordered answers beside Elm Centre"
    assert "not a verdict" in found.answer


@pytest.mark.parametrize("linked", [True, False])
def test_the_level_of_the_study_is_told(linked):
    assert "95%" in planned(WAVES.model_copy(update={"linked": linked})).how
