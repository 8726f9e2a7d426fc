"""Which report-shaped tables a release gives."""

import pandas as pd
import pytest

from pipeline import release_tables
from pipeline.methods.results import Context, Ledger
from pipeline.release import read_merged
from pipeline.release_tables import ReleasedTable, interval_words, number_or_words, released_tables, remark
from pipeline.store import Project

SURVEY = {"population": "clients", "instrument": "client-feedback", "wave": "autumn", "unit": "proportion"}
LABELS = pd.DataFrame(
    [
        ("s", "study", "", "s", "The Study", 0, ""),
        ("s", "service", "", "b", "Beech", 0, ""),
        ("s", "service", "", "a", "Ash", 1, ""),
        ("s", "service", "", "all", "All services", 2, ""),
        ("s", "wave", "", "autumn", "Autumn 2024", 0, ""),
        ("s", "instrument", "", "client-feedback", "Client feedback", 0, ""),
        ("s", "item", "client-feedback", "ties", "Has ties", 0, ""),
        ("s", "item", "client-feedback", "hope", "Has hope", 1, ""),
        ("s", "category", "client-feedback", "no", "No", 0, ""),
        ("s", "category", "client-feedback", "yes", "Yes", 1, ""),
    ],
    columns=["study", "kind", "parent", "id", "label", "order", "direction"],
)


def feedback(services: tuple[str, ...] = ("all", "a", "b")) -> pd.DataFrame:
    """Two answers to two items at each service; what one service says of one item is withheld."""
    ledger = Ledger(Context("s", "demonstration", services=services, produced_by="s/feedback"))
    for service in services:
        for item in ("hope", "ties"):
            for category, events in (("yes", 15), ("no", 5)):
                ledger.estimate(
                    "share", events / 20, service=service, item=item, category=category, denominator="asked",
                    low=0.1, high=0.9, level=0.95, n=20, events=events, **SURVEY,
                )  # fmt: skip
    frame = ledger.results().estimates.assign(suppressed=False)
    hidden = (frame["service"] == "a") & (frame["item"] == "ties")
    frame.loc[hidden, ["value", "low", "high", "n"]] = None
    return frame.assign(suppressed=hidden, reason=hidden.map({True: "suppressed", False: ""}))


def only(frame: pd.DataFrame) -> ReleasedTable:
    (table,) = released_tables(frame, LABELS)
    return table


def test_items_go_down_and_answers_across_in_declared_order() -> None:
    table = only(feedback())
    assert table.title == "The Study: Answers, Client feedback"
    assert table.heads == ["Service", "Item"]
    assert [column.head for column in table.columns] == ["No", "Yes"]
    assert [labels for labels, _ in table.rows] == [
        [service, item] for service in ("All services", "Beech", "Ash") for item in ("Has ties", "Has hope")
    ]


def test_each_number_has_the_id_of_its_estimate() -> None:
    frame = feedback().set_index("estimate_id")
    for _, cells in only(feedback()).rows:
        for row in cells.values():
            told = number_or_words(row)
            assert told == ("withheld" if row["suppressed"] else frame.loc[row["estimate_id"], "value"])


def test_data_status_response_and_what_all_rows_share_stand_above() -> None:
    table = only(feedback())
    assert table.status.startswith("Demonstration data: fictional.")
    assert "Response: Client feedback: response rate not known." in table.notes
    assert any(
        note.startswith("Statistic: Share; who is counted: Clients; when: Autumn 2024") for note in table.notes
    )
    assert table.shared() == {"n": "n"}


def test_a_model_or_a_reference_of_one_column_is_told_above_and_parts_no_row() -> None:
    ledger = Ledger(Context("s", "observed", services=("a",), produced_by="s/support"))
    ledger.estimate("mean", 5.0, service="a", item="sessions", population="clients", unit="sessions")
    ledger.estimate(
        "rate_ratio", 1.5, service="a", item="sessions", population="clients", unit="ratio", contrast="services",
        model="zero-truncated negative binomial", reference="b", low=1.1, high=2.0, level=0.95,
    )  # fmt: skip
    table = only(ledger.results().estimates.assign(suppressed=False))
    assert len(table.rows) == 1
    assert [column.head for column in table.columns] == ["Mean", "Ratio of means"]
    assert any("Ratio of means: compared with “Beech”" in note for note in table.notes)


@pytest.mark.parametrize(
    ("changed", "number", "interval"),
    [
        ({}, 0.75, "10% to 90%"),
        ({"unit": "sessions", "value": 7.5, "low": 5.0, "high": 9.0}, 7.5, "5.0 to 9.0"),
        ({"value": None, "identified": "no", "reason": "not identified"}, "not identified", "range 10% to 90%"),
        ({"value": None, "low": None, "high": None, "reason": "no rows"}, "no rows", ""),
        ({"suppressed": True}, "withheld", ""),
        ({"method": "as published", "low": 0.5, "reason": "published as a bound: more than"}, "more than 50%", ""),
        ({"method": "as published", "low": None, "high": None, "reason": "published as approximate"}, 0.75, ""),
    ],
)
def test_a_number_or_the_words_for_why_there_is_none(
    changed: dict[str, object], number: float | str, interval: str
) -> None:
    row = {str(k): v for k, v in feedback().iloc[0].to_dict().items()} | changed
    row = {key: float("nan") if value is None else value for key, value in row.items()}
    assert number_or_words(row) == number
    assert interval_words(row) == interval


def test_what_to_bear_in_mind_is_told_once_a_row() -> None:
    rows = {str(k): v for k, v in feedback().iloc[0].to_dict().items()} | {"reason": "sensitivity: assumes much"}
    assert remark({("a",): rows, ("b",): rows}) == "sensitivity: assumes much"


def test_of_many_services_those_that_fit_are_shown_all_of_them_together_first() -> None:
    services = ("all", *(f"s{number:03d}" for number in range(600)))
    table = only(feedback(services))
    assert len(table.rows) <= release_tables.MOST_ROWS
    assert table.rows[0][0][0] == "All services"
    assert any("Shown: all services together and 499 of 600 services" in note for note in table.notes)


def test_more_columns_than_fit_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_tables, "MOST_COLUMNS", 1)
    table = only(feedback())
    assert len(table.columns) == 1
    assert any("The first 1 of 2 columns are shown" in note for note in table.notes)


def test_every_estimate_of_a_real_release_stands_in_one_cell(made_project: Project) -> None:
    estimates, labels = read_merged(made_project, "estimates"), read_merged(made_project, "labels")
    shown = [
        row["estimate_id"] for table in released_tables(estimates, labels) for _, cells in table.rows
        for row in cells.values()
    ]  # fmt: skip
    assert sorted(shown) == sorted(estimates["estimate_id"])
