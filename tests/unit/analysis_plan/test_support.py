"""What an analysis plan says of contacts, sessions per client and who goes on."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.support import support
from pipeline.studies import load_study
from schemas.analyses import ContactModel, Continuation, DoseModel
from schemas.study import Study

DEMONSTRATION = load_study(Path(__file__).parents[3] / "raw" / "demo-riverbend")
NONE = {"dose_model": None, "continuation": None, "contact_models": ()}


def planned(**declared: object) -> dict[str, str]:
    analyses = DEMONSTRATION.analyses.model_copy(update=NONE | declared)
    study: Study = DEMONSTRATION.model_copy(update={"analyses": analyses})
    return {one.title: f"{one.how} {one.answer} {one.sources}" for one in support(study)}


def test_without_a_declaration_contacts_and_sessions_are_described() -> None:
    found = planned()
    assert list(found) == [
        "What support consists of",
        "Missed appointments",
        "Hours of contact",
        "Sessions per client",
    ]
    assert "each activity and each mode" in found["What support consists of"]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({}, ("cut off at zero", "Alder House", "Grogger")),
        ({"clients": "all"}, ("clients without a session included", "Cameron and Trivedi (2013)")),
        ({"exposure": "days"}, ("that time as exposure", "one day only are left out")),
    ],
)
def test_each_dose_model_says_what_it_counts(declared: dict[str, str], words: tuple[str, ...]) -> None:
    found = planned(dose_model=DoseModel(reference="alder", **declared))  # type: ignore[arg-type]
    assert all(one in found["Sessions by service"] for one in words)


def test_going_on_and_models_of_contacts_are_analyses_with_their_sources() -> None:
    model = ContactModel(outcome="mode", baseline="in person", reference="birch")
    found = planned(continuation=Continuation(sessions=(3, 6), gap_days=60), contact_models=(model,))
    assert "at least 3 and 6 sessions" in found["Going on"]
    assert "60 days or more" in found["Going on"]
    assert "Brookmeyer and Crowley (1982)" in found["Going on"]
    assert "for one of *in person*" in found["Mode of contacts by service"]
    assert "compared with Birch Street" in found["Mode of contacts by service"]
