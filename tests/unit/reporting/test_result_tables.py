"""Results of a family as Markdown: what a reader sees of estimates, made by the real ledger and release."""

from pathlib import Path

import pytest

from pipeline.methods.labels import labels
from pipeline.methods.results import Context, Ledger
from pipeline.release import write_release
from pipeline.reporting import study_overview
from pipeline.reporting.images import NotReleasedError
from pipeline.reporting.reader import Release
from pipeline.reporting.result_tables import MOST_COLUMNS, MOST_ROWS, analyses, results
from pipeline.store import Project
from pipeline.studies import instruments
from schemas.study import Study

STUDY = {
    "study": "s",
    "title": "The Study",
    "country": "US",
    "period": {"start": "2024-01-01", "end": "2024-12-31"},
    "source_family": "s",
    "services": [{"id": "a", "name": "Ash"}],
    "tables": {"surveys": [{"file": "w.csv", "instrument": "who-5", "wave": "w", "data_status": "observed"}]},
    "waves": [{"id": "w", "label": "Spring", "start": "2024-03-01", "end": "2024-03-28"}],
}
DIFFERENCE = {
    "instrument": "who-5",
    "wave": "w",
    "unit": "proportion",
    "contrast": "waves",
    "method": "Newcombe (1998)",
}


def release(tmp_path: Path, *ledgers: Ledger) -> Release:
    import pandas as pd

    estimates = pd.concat([ledger.results().estimates for ledger in ledgers])
    project = Project(tmp_path, tmp_path / "outputs")
    words = labels(Study.model_validate(STUDY), instruments())
    write_release(project, "s", {"estimates": estimates, "labels": words})
    return Release("s", project)


def ledger(family: str, data_status: str = "observed") -> Ledger:
    return Ledger(Context("s", data_status, produced_by=f"s/{family}"))


def changed() -> Ledger:
    made = ledger("change")
    made.estimate(
        "difference", 0.102, service="all", item="q1", low=0.02, high=0.18, level=0.95, p=0.01, p_adjusted=0.03,
        reason="sensitivity: assumes that nobody is in both groups", **DIFFERENCE,
    )  # fmt: skip
    made.estimate("difference", None, service="all", item="q2", reason="no rows", **DIFFERENCE)
    return made


def test_a_difference_stands_in_points_with_its_interval_and_adjusted_p(tmp_path: Path) -> None:
    text = str(results(release(tmp_path, changed()), "change"))
    lines = text.splitlines()
    assert lines[0].endswith("| Difference, points (95% interval) | p, adjusted |")
    assert "| +10 (2 to 18) | 0.030 |" in lines[2]
    assert "| no rows | – |" in lines[3]
    assert "Methods: Newcombe (1998)." in text
    assert "Sensitivity: assumes that nobody is in both groups." in text


def test_a_number_that_rows_do_not_determine_shows_no_range_as_an_interval(tmp_path: Path) -> None:
    made = ledger("reliability", "reconstructed")
    made.estimate("alpha", None, service="all", low=0.2, high=0.9, reason="not identified", instrument="who-5")
    text = str(results(release(tmp_path, made), "reliability"))
    assert "not identified" in text
    assert "0.2" not in text


def test_a_range_without_a_value_stands_as_a_range(tmp_path: Path) -> None:
    made = ledger("services")
    made.estimate(
        "prediction_interval", None, service="all", item="q1", low=0.5, high=0.8, level=0.95, unit="proportion",
        instrument="who-5",
    )  # fmt: skip
    assert "| 50 to 80 |" in str(results(release(tmp_path, made), "services"))


def test_a_long_table_says_where_the_rest_is(tmp_path: Path) -> None:
    made = ledger("ordinal")
    for index in range(MOST_ROWS + 3):
        made.estimate("odds_ratio", 1.5, service="all", item=f"item-{index}", unit="ratio")
    text = str(results(release(tmp_path, made), "ordinal"))
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 3} rows; all are in tables.xlsx." in text
    assert len([line for line in text.splitlines() if line.startswith("|")]) == MOST_ROWS + 2


def test_all_analyses_come_under_headings_in_the_order_of_a_report(tmp_path: Path) -> None:
    made = release(tmp_path, ledger_with_alpha(), changed())
    text = str(analyses(made))
    assert text.index("### Two rounds compared") < text.index("### Reliability of scales")
    assert str(study_overview.comparisons(made)) == text


def ledger_with_alpha() -> Ledger:
    made = ledger("reliability")
    made.estimate("alpha", 0.8, service="all", instrument="who-5")
    return made


def test_a_study_without_analyses_says_so(tmp_path: Path) -> None:
    made = ledger("feedback")
    made.estimate("respondents", 5, service="all", instrument="who-5")
    assert "nothing beyond description" in str(study_overview.comparisons(release(tmp_path, made)))


def test_several_tables_are_named(tmp_path: Path) -> None:
    made = changed()
    made.estimate("difference", 0.1, service="all", **DIFFERENCE | {"instrument": "phq-9"})
    text = str(results(release(tmp_path, made), "change"))
    assert "**WHO-5 Well-Being Index**" in text


def test_a_wide_table_comes_in_parts_that_fit_a_page(tmp_path: Path) -> None:
    made = ledger("services")
    for index in range(MOST_COLUMNS + 2):
        made.estimate("pooled_share", 0.5, service="all", item="q1", term=f"t{index}", instrument="who-5", n=5)
    text = str(results(release(tmp_path, made), "services"))
    rules = [line for line in text.splitlines() if line.startswith("| :-")]
    assert [line.count("-:") for line in rules] == [MOST_COLUMNS, 2]


def test_remarks_that_differ_in_a_number_are_told_once(tmp_path: Path) -> None:
    made = ledger("clustered")
    for item, freedom in (("q1", "4.61"), ("q2", "4.7")):
        reason = f"6 services as clusters; t with {freedom} degrees of freedom"
        made.estimate("odds_ratio", 1.2, service="all", item=item, instrument="who-5", reason=reason)
    text = str(results(release(tmp_path, made), "clustered"))
    assert "T with 4.61 to 4.7 degrees of freedom." in text
    assert text.count("6 services as clusters") == 1


def test_a_family_that_is_not_there_is_a_slip(tmp_path: Path) -> None:
    with pytest.raises(NotReleasedError, match="ordinal"):
        results(release(tmp_path, changed()), "ordinal")
