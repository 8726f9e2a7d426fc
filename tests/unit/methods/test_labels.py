"""What ids are called, what a synthesis knows of a study, and which figures speak to which code."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.methods.labels import COLUMNS, about, indicators, labels
from pipeline.studies import instruments, study_codes
from schemas.study import Study

RAW = Path(__file__).parents[3] / "raw"

CONTENT: dict[str, Any] = {
    "study": "quay",
    "title": "The Quay",
    "country": "NZ",
    "period": {"start": "2024-01-01", "end": "2024-12-31"},
    "source_family": "quay-family",
    "services": [{"id": "b", "name": "Beta"}, {"id": "a", "name": "Alpha"}],
    "waves": [
        {"id": "late", "label": "Late", "start": "2024-10-01", "end": "2024-10-31"},
        {"id": "early", "label": "Early", "start": "2024-02-01", "end": "2024-02-28"},
    ],
    "tables": {
        "surveys": [
            {"file": f"{wave}.csv", "instrument": "client-feedback", "wave": wave, "data_status": "observed"}
            for wave in ("late", "early")
        ]
    },
    "documents": [
        {"id": "report", "title": "R", "type": "report"},
        {"id": "story", "title": "S", "type": "composite-vignette", "part_of": "report", "section": "s"},
    ],
    "outcomes": [{"code": "retention", "estimates": ["quay/all/retention/*", "quay/all/headcount/*"]}],
}
BOOK = pd.DataFrame({"code": ["hope", "strain"], "theme": ["outcome", "harm"], "label": ["Hope", "Strain"]})


def study(**more: Any) -> Study:
    return Study.model_validate(CONTENT | more)


def named(frame: pd.DataFrame, kind: str, parent: str = "") -> dict[str, str]:
    own = frame[(frame["kind"] == kind) & (frame["parent"] == parent)].sort_values("order")
    return dict(zip(own["id"], own["label"], strict=True))


def test_services_stand_as_declared_and_waves_by_their_dates() -> None:
    frame = labels(study(), instruments())
    assert tuple(frame.columns) == COLUMNS
    assert named(frame, "service") == {"b": "Beta", "a": "Alpha", "all": "All services"}
    assert list(named(frame, "service")) == ["b", "a", "all"]
    assert list(named(frame, "wave")) == ["early", "late"]


def test_an_instrument_asked_twice_has_its_items_once() -> None:
    frame = labels(study(), instruments())
    assert len(frame) == len(frame.drop_duplicates(["kind", "parent", "id"]))
    assert named(frame, "item", "client-feedback")["hopeful"] == "More hopeful about the future"
    assert named(frame, "category", "client-feedback")["missing"] == "Not answered"


def test_scores_stand_after_the_items_and_bands_after_the_answers() -> None:
    tables = {"surveys": [{"file": "f.csv", "instrument": "phq-9", "wave": "late", "data_status": "observed"}]}
    frame = labels(study(tables=tables), instruments())
    items, answers = (list(named(frame, kind, "phq-9").items()) for kind in ("item", "category"))
    assert items[0] == ("q1", "1: interest")
    assert items[-1] == ("phq-9-score", "PHQ-9 score (0 to 27)")
    assert [one for one, _ in answers[-6:]] == [
        "missing",
        "minimal",
        "mild",
        "moderate",
        "moderately-severe",
        "severe",
    ]
    score = frame[(frame["kind"] == "item") & (frame["id"] == "phq-9-score")]
    assert score["direction"].tolist() == ["lower is better"]


def test_codes_are_labelled_where_a_study_has_a_codebook() -> None:
    assert named(labels(study(), instruments()), "item", "codebook") == {}
    frame = labels(study(), instruments(), BOOK)
    assert named(frame, "item", "codebook") == {"hope": "Hope", "strain": "Strain"}
    assert list(named(frame, "theme", "codebook"))[:2] == ["factor", "mechanism"]
    codes = frame[(frame["kind"] == "item") & (frame["parent"] == "codebook")]
    assert codes["direction"].tolist() == ["outcome", "harm"]


def test_what_a_synthesis_knows_of_a_study() -> None:
    (row,) = about(study(short_title="Quay", summary="In short.")).to_dict("records")
    assert (row["study"], row["short_title"], row["country"], row["source_family"]) == (
        "quay", "Quay", "NZ", "quay-family",
    )  # fmt: skip
    assert (row["services"], row["documents"], row["fictional"]) == (2, 1, False)
    assert (row["start"], row["end"], row["data_status"]) == ("2024-01-01", "2024-12-31", "observed")


def test_a_study_without_dates_or_a_short_title() -> None:
    (row,) = about(study(period=None, tables={}, waves=[])).to_dict("records")
    assert (row["short_title"], row["start"], row["end"], row["data_status"]) == ("quay", "", "", "")


def test_items_speak_to_their_code_and_outcomes_to_patterns() -> None:
    found = indicators(study(), instruments())
    assert found["study"].unique().tolist() == ["quay"]
    hope = found[found["code"] == "hope"]
    assert hope[["instrument", "item", "headline", "pattern", "basis"]].to_numpy().tolist() == [
        ["client-feedback", "hopeful", "definitely", "", "participant-data"]
    ]
    assert found.loc[found["code"] == "retention", "pattern"].tolist() == [
        "quay/all/retention/*", "quay/all/headcount/*",
    ]  # fmt: skip
    assert not found.duplicated().any()


def test_an_item_names_all_answers_of_an_instrument_that_has_more_than_two_highest_first() -> None:
    found = indicators(study(), instruments())
    assert set(found.loc[found["instrument"] == "client-feedback", "options"]) == {"definitely ; some ; no"}
    assert set(found.loc[found["instrument"] == "", "options"]) == {""}


def test_an_item_of_two_answers_names_its_headline_only() -> None:
    two = {"file": "r.csv", "instrument": "clinician-ratings-published", "wave": "late", "data_status": "observed"}
    found = indicators(study(tables={"surveys": [two]}), instruments())
    assert set(found.loc[found["item"] != "", "options"]) == {"improved"}


def test_figures_named_by_a_pattern_rest_on_what_the_study_says() -> None:
    (one,) = CONTENT["outcomes"]
    found = indicators(study(outcomes=[one, {**one, "code": "hope", "basis": "promotional"}]), instruments())
    named = found[found["pattern"] != ""]
    assert named["basis"].tolist() == ["evaluator-finding"] * 2 + ["promotional"] * 2


def test_a_study_in_several_countries_names_each() -> None:
    assert about(study(country="CA, NO"))["country"].tolist() == ["CA, NO"]


def test_a_study_without_surveys_or_outcomes_has_no_indicators() -> None:
    found = indicators(study(tables={}, outcomes=[]), instruments())
    assert found.empty
    assert {"pattern", "options", "basis"} <= set(found.columns)


@pytest.mark.parametrize("name", sorted(instruments()))
def test_every_item_names_a_code_of_the_codebook(name: str) -> None:
    assert {item.code for item in instruments()[name].items if item.code} <= set(study_codes(RAW))
