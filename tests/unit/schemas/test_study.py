"""Study files: what is valid by itself; what they name is checked in ``pipeline.studies``."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.study import RESERVED, Study


@pytest.fixture
def content() -> dict[str, Any]:
    return {
        "study": "s",
        "title": "S",
        "period": {"start": "2024-01-01", "end": "2024-12-31"},
        "source_family": "s",
        "services": [{"id": "a", "name": "A"}],
        "waves": [{"id": "w", "label": "W", "start": "2024-01-01", "end": "2024-01-31"}],
    }


def test_what_is_left_out_has_careful_defaults(content: dict[str, Any]) -> None:
    study = Study.model_validate(content)
    assert study.disclosure.minimum_cell == 5
    assert not study.fictional
    assert study.service_ids() == ["a"]
    assert study.wave_labels() == {"w": "W"}
    with pytest.raises(ValidationError):
        study.title = "other"  # type: ignore[misc]


def test_survey_tables_are_unlinked_unless_declared(content: dict[str, Any]) -> None:
    table = {"file": "f.csv", "data_status": "observed", "instrument": "i", "wave": "w"}
    study = Study.model_validate(content | {"tables": {"surveys": [table]}})
    assert (study.tables.surveys[0].link, study.tables.surveys[0].service) == ("none", "column")


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names(name: str, content: dict[str, Any]) -> None:
    for change in ({"study": name}, {"services": [{"id": name, "name": "A"}]}):
        with pytest.raises(ValidationError, match=f"reserved name: {name}"):
            Study.model_validate(content | change)


TABLE = {"file": "f.csv", "data_status": "demonstration"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"services": []}, "at least 1"),
        ({"services": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, "service id used twice: a"),
        ({"services": [{"id": "A b", "name": "A"}]}, "match pattern"),
        ({"waves": [{"id": "w", "label": "W", "start": "2024-02-01", "end": "2024-01-31"}]}, "before it starts"),
        ({"waves": [{"id": "w", "label": "W", "start": "2024-02-30", "end": "2024-03-31"}]}, "date"),
        ({"disclosure": {"minimum_cell": None}}, "needs a reason"),
        ({"disclosure": {"minimum_cell": 1}}, "greater than or equal to 2"),
        ({"country": "Canada"}, "match pattern"),
        ({"fictonal": True}, "not permitted"),
        ({"tables": {"sessions": [TABLE]}}, "demonstration data belong in fictional studies only"),
        ({"tables": {"sessions": [TABLE | {"data_status": "made up"}]}}, "observed"),
        ({"analyses": {"level": 95}}, "less than 1"),
    ],
)
def test_what_is_not_valid(change: dict[str, Any], message: str, content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=message):
        Study.model_validate(content | change)


def test_a_fictional_study_has_no_observed_data(content: dict[str, Any]) -> None:
    Study.model_validate(content | {"fictional": True, "tables": {"sessions": [TABLE]}})
    with pytest.raises(ValidationError, match="and no others"):
        Study.model_validate(
            content | {"fictional": True, "tables": {"sessions": [TABLE | {"data_status": "observed"}]}}
        )


def test_no_minimum_with_a_reason(content: dict[str, Any]) -> None:
    study = Study.model_validate(content | {"disclosure": {"minimum_cell": None, "reason": "public figures"}})
    assert study.disclosure.minimum_cell is None
