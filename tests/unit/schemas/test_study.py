"""Study files: what is valid by itself; what they name is checked in ``pipeline.studies``."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from schemas.coding import BASES, Basis
from schemas.study import CODED, DATED, RESERVED, Study


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


@pytest.mark.parametrize("country", ["CA", "CA, NO", "CA, NO, NZ"])
def test_a_study_may_be_of_several_countries(country: str, content: dict[str, Any]) -> None:
    assert Study.model_validate(content | {"country": country}).country == country


def test_figures_rest_on_what_evaluators_found_unless_the_study_says_otherwise(content: dict[str, Any]) -> None:
    outcomes = [{"code": "hope", "estimates": ["s/*"]}]
    outcomes += [{"code": "hope", "estimates": ["s/*"], "basis": basis} for basis in BASES]
    study = Study.model_validate(content | {"outcomes": outcomes})
    assert [one.basis for one in study.outcomes] == ["evaluator-finding", *BASES]
    assert get_args(Basis) == tuple(BASES)


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names(name: str, content: dict[str, Any]) -> None:
    for change in ({"study": name}, {"services": [{"id": name, "name": "A"}]}):
        with pytest.raises(ValidationError, match=f"reserved name: {name}"):
            Study.model_validate(content | change)


TABLE = {"file": "f.csv", "data_status": "demonstration"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"services": []}, "at least one service"),
        ({"services": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, "service id used twice: a"),
        ({"services": [{"id": "A b", "name": "A"}]}, "match pattern"),
        ({"waves": [{"id": "w", "label": "W", "start": "2024-02-01", "end": "2024-01-31"}]}, "before it starts"),
        ({"waves": [{"id": "w", "label": "W", "start": "2024-02-30", "end": "2024-03-31"}]}, "date"),
        ({"disclosure": {"minimum_cell": None}}, "needs a reason"),
        ({"disclosure": {"minimum_cell": 1}}, "greater than or equal to 2"),
        ({"country": "Canada"}, "match pattern"),
        ({"country": "CA,NO"}, "match pattern"),
        ({"country": "CA, "}, "match pattern"),
        ({"country": "CA, no"}, "match pattern"),
        ({"fictonal": True}, "not permitted"),
        ({"tables": {"sessions": [TABLE]}}, "demonstration data belong in fictional studies only"),
        ({"tables": {"sessions": [TABLE | {"data_status": "made up"}]}}, "observed"),
        ({"analyses": {"level": 95}}, "less than 1"),
        ({"documents": [{"id": "d", "title": "D", "type": "report"}] * 2}, "document id used twice: d"),
        ({"outcomes": [{"code": "hope", "estimates": []}]}, "at least 1"),
        ({"outcomes": [{"code": "hope", "estimates": ["s/*"], "basis": "advertising"}]}, "Input should be"),
        ({"analyses": {"themes": {"unit": "page"}}}, "document"),
        (
            {"analyses": {"drivers": [{"instrument": "i", "wave": "w", "outcome": "o", "factors": ["one"]}]}},
            "at least 2",
        ),
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


DOCUMENTS = [
    {"id": "report", "title": "R", "type": "report"},
    {"id": "story", "title": "S", "type": "composite-vignette", "part_of": "report", "section": "box"},
]


def test_a_document_may_be_called_as_what_is_reserved_for_services(content: dict[str, Any]) -> None:
    study = Study.model_validate(content | {"documents": [{"id": "all", "title": "All", "type": "report"}]})
    assert [one.id for one in study.documents] == ["all"]


def test_where_vignettes_lie(content: dict[str, Any]) -> None:
    assert Study.model_validate(content | {"documents": DOCUMENTS}).vignettes() == {("report", "box")}


def test_a_study_of_documents_alone_needs_no_dates(content: dict[str, Any]) -> None:
    del content["period"]
    tables = {name: [{"file": f"{name}.csv", "data_status": "observed"}] for name in CODED}
    study = Study.model_validate(content | {"tables": tables, "documents": DOCUMENTS})
    with pytest.raises(ValueError, match="s has no period"):
        study.span()
    for name in DATED:
        table = {"file": "f.csv", "data_status": "observed", "instrument": "i", "wave": "w"}
        one = table if name == "surveys" else {key: table[key] for key in ("file", "data_status")}
        with pytest.raises(ValidationError, match=f"a study with {name} needs a period"):
            Study.model_validate(content | {"tables": {name: [one]}})
