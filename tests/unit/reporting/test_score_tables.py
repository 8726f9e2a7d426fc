"""Means of scores and shares in bands, from answers scored by the real method."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.methods.labels import labels
from pipeline.methods.results import Context
from pipeline.methods.scores import scores
from pipeline.release import write_release
from pipeline.reporting import score_tables, study_overview
from pipeline.reporting.reader import Release
from pipeline.store import Project
from pipeline.studies import instruments
from schemas.study import Study

ITEMS = [f"q{i}" for i in range(1, 6)]
STUDY = {
    "study": "s",
    "title": "The Study",
    "country": "US",
    "period": {"start": "2024-01-01", "end": "2024-12-31"},
    "source_family": "s",
    "services": [{"id": "a", "name": "Ash"}, {"id": "b", "name": "Beech"}],
    "waves": [
        {"id": one, "label": label, "start": f"2024-{month}-01", "end": f"2024-{month}-28"}
        for one, label, month in (("w1", "Spring", "03"), ("w2", "Autumn", "10"))
    ],
    "tables": {
        "surveys": [
            {"file": f"{w}.csv", "instrument": "who-5", "wave": w, "data_status": "observed"} for w in ("w1", "w2")
        ]
    },
}


def answers() -> pl.DataFrame:
    """Ten people a service and wave; their scores are 40 and 60 by turns, in autumn 20 more. One skips an item."""
    rows = []
    for wave, more in (("w1", 0), ("w2", 1)):
        for service in ("a", "b"):
            for person in range(10):
                who = {"respondent": f"{wave}{service}{person}", "subject": f"{wave}{service}{person}"}
                code = 2 + person % 2 + more
                items = ITEMS[1:] if (wave, service, person) == ("w2", "b", 0) else ITEMS
                rows += [{**who, "wave": wave, "service": service, "item": i, "response": code} for i in items]
    return pl.DataFrame(rows).with_columns(
        instrument=pl.lit("who-5"), label=pl.lit("x"), response=pl.col("response").cast(pl.Int64)
    )


@pytest.fixture
def release(tmp_path: Path) -> Release:
    context = Context("s", "observed", services=("a", "b"), produced_by="s/scores")
    estimates = scores(answers(), instruments()["who-5"], context).estimates
    project = Project(tmp_path, tmp_path / "outputs")
    words = labels(Study.model_validate(STUDY), instruments())
    write_release(project, "s", {"estimates": estimates, "labels": words})
    return Release("s", project)


def test_means_by_service_and_wave_with_interval_and_n(release: Release) -> None:
    lines = str(score_tables.means(release, "who-5", "who-5-score")).splitlines()
    assert lines[0] == (
        "| Mean score | Spring: value (95% interval) | Spring: n | Autumn: value (95% interval) | Autumn: n |"
    )
    assert lines[2] == "| Ash | 50.0 (42.5 to 57.5) | 10 | 70.0 (62.5 to 77.5) | 10 |"
    assert lines[3].endswith("| 71.1 (63.0 to 79.2) | 9 |")
    assert lines[4].startswith("| All services | 50.0 (45.2 to 54.8) | 20 |")
    assert lines[-1] == "*Response: WHO-5 Well-Being Index: response rate not known.*"


def test_bands_as_shares_of_those_scored(release: Release) -> None:
    lines = str(score_tables.bands(release, "who-5", "who-5-score")).splitlines()
    assert lines[0].startswith("| Share of those scored | Spring: value (95% interval) | Spring: count |")
    assert lines[2].startswith("| 50 or less (low wellbeing) | 50% (30 to 70) | 10 of 20 | 0% (0 to 17) | 0 of 19 |")
    assert lines[3].startswith("| Above 50 | 50% (30 to 70) | 10 of 20 | 100% (83 to 100) | 19 of 19 |")


def test_each_score_says_which_way_it_points_and_who_has_none(release: Release) -> None:
    text = str(study_overview.scores(release))
    assert text.startswith("### WHO-5 score (0 to 100)\n\nA higher score is better. Not scored, because")
    assert "0 in Spring, 1 in Autumn." in text
    assert "no test of a change" in text
    assert "diagnosis" in text


def test_bands_are_not_among_the_shares_of_answers(release: Release) -> None:
    assert str(study_overview.shares(release)) == "The study has no shares over all services."


def test_a_study_without_scores_says_so(made_project: Project) -> None:
    assert str(study_overview.scores(Release("harbour", made_project))) == "No instrument of the study has a score."
