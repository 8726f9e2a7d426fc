"""Survey exports turned long."""

import polars as pl
import pytest

from pipeline.ingest.export import ROW
from pipeline.ingest.surveys import COLUMNS, answers, to_long
from pipeline.studies import instruments
from schemas.study import SurveyTable

STAFF = instruments()["recovery-practice"]


def table(**more: object) -> SurveyTable:
    facts = {"file": "f.csv", "data_status": "observed", "instrument": "recovery-practice", "wave": "spring"}
    return SurveyTable.model_validate(facts | more)


def wide(**columns: list[str | None]) -> pl.DataFrame:
    rows = len(columns["respondent"])
    items = {item.id: [None] * rows for item in STAFF.items}
    return pl.DataFrame({ROW: range(2, rows + 2)} | items | columns, schema_overrides=dict.fromkeys(items, pl.String))


def test_an_answer_may_be_a_label_an_id_or_a_code_in_any_case() -> None:
    known = answers(STAFF)
    assert known["strongly agree"] == known["strongly-agree"] == known["5"] == (5, "strongly-agree")
    assert known["n/a"] == known["not-applicable"] == (None, "not-applicable")
    long = to_long(
        wide(respondent=["a", "b", "c"], hope=["STRONGLY AGREE", "strongly-agree", "5"]), table(service="x"), STAFF
    )
    hope = long.filter(pl.col("item") == "hope")
    assert hope["response"].to_list() == [5, 5, 5]
    assert hope["label"].to_list() == ["strongly-agree"] * 3


def test_off_the_scale_and_not_answered_are_told_apart() -> None:
    frame = wide(respondent=["a", "b"], service=["x", "y"], hope=["N/A", None])
    hope = to_long(frame, table(), STAFF).filter(pl.col("item") == "hope")
    assert hope["response"].to_list() == [None, None]
    assert hope["label"].to_list() == ["not-applicable", ""]


def test_one_row_an_answer_with_all_columns() -> None:
    frame = wide(respondent=["a", "b"], service=["x", "y"], hope=["Agree", "Disagree"])
    long = to_long(frame, table(), STAFF)
    assert long.columns == [*COLUMNS, ROW]
    assert long.height == 2 * len(STAFF.items)
    assert set(long["instrument"]) == {"recovery-practice"}
    assert set(long["data_status"]) == {"observed"}
    assert dict(long.select("respondent", "service").unique().iter_rows()) == {"spring:a": "x", "spring:b": "y"}


@pytest.mark.parametrize(("link", "respondent"), [("none", "spring:a"), ("respondent", "a"), ("subject", "a")])
def test_unlinked_ids_can_not_match_by_accident(link: str, respondent: str) -> None:
    long = to_long(wide(respondent=["a"], service=["x"], hope=["Agree"]), table(link=link), STAFF)
    assert set(long["respondent"]) == {respondent}
    assert set(long["subject"]) == {respondent}, "where nobody else is rated, respondents speak of themselves"


def test_whom_an_answer_is_about() -> None:
    frame = wide(respondent=["k", "k"], subject=["a", "b"], service=["x", "x"], hope=["Agree", "Disagree"])
    long = to_long(frame, table(link="subject"), STAFF)
    hope = long.filter(pl.col("item") == "hope")
    assert dict(hope.select("subject", "response").iter_rows()) == {"a": 4, "b": 2}
    assert set(to_long(frame, table(), STAFF)["subject"]) == {"spring:a", "spring:b"}


@pytest.mark.parametrize("service", ["unknown", "quay"])
def test_the_service_may_come_from_the_study_file(service: str) -> None:
    long = to_long(wide(respondent=["a"], hope=["Agree"]), table(service=service), STAFF)
    assert set(long["service"]) == {service}


def test_an_item_that_the_file_does_not_have_has_no_rows() -> None:
    long = to_long(wide(respondent=["a"], service=["x"], hope=["Agree"]).drop("symptoms"), table(), STAFF)
    assert "symptoms" not in set(long["item"])


def test_a_file_without_respondents() -> None:
    empty = {ROW: pl.Int64, "respondent": pl.String, "service": pl.String} | dict.fromkeys(
        (i.id for i in STAFF.items), pl.String
    )
    long = to_long(pl.DataFrame(schema=empty), table(), STAFF)
    assert long.height == 0
    assert long.schema["response"] == pl.Int64
