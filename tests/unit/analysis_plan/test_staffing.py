"""What an analysis plan says of posts and post holders."""

from pathlib import Path

from pipeline.analysis_plan.staffing import staffing
from pipeline.studies import load_study
from schemas.analyses import Retention, Success
from schemas.study import Study

DEMONSTRATION = load_study(Path(__file__).parents[3] / "raw" / "demo-riverbend")


def planned(retention: Retention, success: Success | None = None) -> dict[str, str]:
    analyses = DEMONSTRATION.analyses.model_copy(update={"retention": retention, "success": success})
    study: Study = DEMONSTRATION.model_copy(update={"analyses": analyses})
    return {one.title: f"{one.how} {one.answer} {one.sources}" for one in staffing(study)}


def test_without_a_declaration_posts_and_retention_are_described() -> None:
    found = planned(Retention())
    assert list(found) == ["Posts", "Staying in post"]
    assert "after 182 and 365 days" in found["Staying in post"]


def test_each_declaration_is_an_analysis_with_its_sources() -> None:
    average = {"value": 0.7, "days": 540, "of": "the sector", "source": "made up"}
    declared = Retention.model_validate({"compare": ["mentor", "role"], "hazards": ["fte"], "average": average})
    found = planned(declared, Success(days=730, predictors=("mentor", "selection_score")))
    assert "after 182, 365, 540 and 730 days" in found["Staying in post"]
    assert "less 0.7: the sector (made up), taken as exact" in found["Staying in post, against an average"]
    assert "by having a mentor and role: a log-rank test each" in found["Groups of post holders"]
    assert "Grambsch and Therneau (1994)" in found["What goes with leaving"]
    success = found["What goes with success in post"]
    assert "after 730 days, by having a mentor and the score at selection" in success
    assert (
        "started fewer than 730 days before the end of the period are left out and counted, ended or not" in success
    )


def test_an_average_with_posts_behind_it_is_not_taken_as_exact() -> None:
    average = {"value": 0.7, "days": 365, "of": "the sector", "source": "made up", "n": 120}
    found = planned(Retention.model_validate({"average": average}))
    assert "of 120 posts" in found["Staying in post, against an average"]
    assert "after 182 and 365 days" in found["Staying in post"]
