"""Durations, percentages and dates as exports write them, and what is told instead of guessed."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.raw_studies import SESSIONS, problems, record, sessions


@pytest.mark.parametrize(
    ("unit", "decimal", "cell", "minutes"),
    [
        ("hours", "point", "1.5", 90),
        ("hours", "comma", "1,5", 90),
        ("hours", "comma", "1.5", 90),
        ("hours:minutes", "point", "1:05", 65),
        ("hours:minutes", "point", "01:05:00", 65),
        ("seconds", "point", "90", 2),
        ("seconds", "point", "150", 3),
        ("minutes", "point", "40.0", 40),
        ("minutes", "comma", "40,4", 40),
        (None, "point", "40.0", 40),
        (None, "comma", "40,0", 40),
    ],
)
def test_durations_in_units(unit: str | None, decimal: str, cell: str, minutes: int, tmp_path: Path) -> None:
    assert duration(tmp_path, unit, decimal, cell) == minutes


def duration(tmp_path: Path, unit: str | None, decimal: str, cell: str) -> int:
    column = f"{{from: Length, unit: '{unit}'}}" if unit else "Length"
    entry = f"format: {{decimal: {decimal}}}\ncolumns: {{minutes: {column}}}"
    text = SESSIONS.replace("\n", ",Length\ns1,c1,alder,2024-05-01,true,").replace(",", ";")
    minutes: int = record(sessions(tmp_path, entry, f"{text}{cell}\n"), "sessions")["minutes"][0]
    return minutes


@pytest.mark.parametrize("cell", ["1:75", "1h30", "nan", "inf", "1e300", "-", "half"])
@pytest.mark.parametrize("unit", ["hours", "hours:minutes"])
def test_what_is_no_duration_is_told_as_it_is_written(unit: str, cell: str, tmp_path: Path) -> None:
    entry = f"columns: {{minutes: {{from: Length, unit: '{unit}'}}}}"
    text = SESSIONS.replace("\n", ",Length\n") + f"s1,c1,alder,2024-05-01,true,{cell}\n"
    (found,) = problems(sessions(tmp_path, entry, text), "sessions")
    assert (found.column, found.value, found.rule) == ("minutes (from Length)", cell, "not a whole number")


def test_a_point_that_may_part_thousands_is_not_guessed(tmp_path: Path) -> None:
    entry = "format: {decimal: comma}\ncolumns: {minutes: {from: Length, unit: seconds}}"
    text = (SESSIONS.replace("\n", ",Length\n") + "s1,c1,alder,2024-05-01,true,1.200\n").replace(",", ";")
    (found,) = problems(sessions(tmp_path, entry, text), "sessions")
    assert found.value == "1.200"


@pytest.mark.parametrize(("cell", "share"), [("50", 0.5), ("50%", 0.5), ("57 %", 0.57), ("62,5", 0.625), ("100", 1)])
def test_percentages(cell: str, share: float, tmp_path: Path) -> None:
    header = "worker;service;role;start;end;end_reason;FTE;mentor;trained;absence_days"
    folder = sessions(tmp_path, "", SESSIONS)
    (folder / "study.yml").write_text(
        (folder / "study.yml").read_text(encoding="utf-8")
        + "  workforce:\n    - {file: w.csv, data_status: observed, format: {decimal: comma},\n"
        + "       columns: {fte: {from: FTE, unit: percent}}}\n",
        encoding="utf-8",
    )
    (folder / "w.csv").write_text(f"{header}\nw1;alder;peer;2024-01-01;;;{cell};yes;no;0\n", encoding="utf-8")
    assert record(folder, "workforce")["fte"].to_list() == [share]


@pytest.mark.parametrize(
    ("dates", "cell"),
    [
        ("day/month/year", "04/03/2024"),
        ("day/month/year", "2024-03-04"),
        ("day/month/year", "2024-03-04 09:30:00"),
        ("month/day/year", "3/4/2024"),
        ("day.month.yy", "4.3.24"),
        ("day mon year", "04 Mar 2024"),
        ("day/month/year hour:minute", "04/03/2024 17:05"),
        ("", "2024-03-04"),
        ("", "2024-03-04T23:59:59"),
    ],
)
def test_dates_as_declared(dates: str, cell: str, tmp_path: Path) -> None:
    entry = f"format: {{dates: {dates}}}" if dates else ""
    folder = sessions(tmp_path, entry, f"{SESSIONS}s1,c1,alder,{cell},true\n")
    assert record(folder, "sessions")["date"].to_list() == [date(2024, 3, 4)]


def test_a_column_may_have_dates_of_its_own(tmp_path: Path) -> None:
    entry = "format: {dates: day/month/year}\ncolumns: {date: {from: Day, dates: month/day/year}}"
    folder = sessions(tmp_path, entry, SESSIONS.replace("date", "Day") + "s1,c1,alder,3/4/2024,true\n")
    assert record(folder, "sessions")["date"].to_list() == [date(2024, 3, 4)]


@pytest.mark.parametrize(
    ("dates", "cell", "rule", "remedy"),
    [
        ("", "03/04/2024", "day and month can't be told apart", "format: {dates: day/month/year}"),
        ("", "31.03.2024", "not written as year-month-day", "format: {dates: day/month/year}"),
        ("", "03/04/24", "day and month can't be told apart", "format: {dates: day/month/year}"),
        ("", "24-03-05", "not written as year-month-day", "format: {dates: day/month/year}"),
        ("", "2024-02-30", "not a date of the calendar", "2024-03-31"),
        ("day/month/year", "03/04/24", "no such day, or not written as declared", "how dates are written"),
        ("day/month/yy", "03/04/2024", "no such day, or not written as declared", "how dates are written"),
        ("day/month/year", "03/04/2024 10:00", "no such day, or not written as declared", "how dates are written"),
        ("day/month/year", "30/02/2024", "no such day, or not written as declared", "Correct the cell"),
    ],
)
def test_dates_that_are_not_guessed(dates: str, cell: str, rule: str, remedy: str, tmp_path: Path) -> None:
    entry = f"format: {{dates: {dates}}}" if dates else ""
    (found,) = problems(sessions(tmp_path, entry, f"{SESSIONS}s1,c1,alder,{cell},true\n"), "sessions")
    assert (found.row, found.column, found.value, found.rule) == (2, "date", cell, rule)
    assert remedy in found.remedy


@pytest.mark.parametrize("on_invalid", ["stop", "quarantine"])
def test_a_wrong_order_of_day_and_month_stops_the_table(on_invalid: str, tmp_path: Path) -> None:
    days = ("03/04/2024", "03/31/2024", "04/30/2024")
    text = SESSIONS + "".join(f"s{n},c1,alder,{day},true\n" for n, day in enumerate(days))
    entry = f"format: {{dates: day/month/year}}\non_invalid: {on_invalid}"
    found = problems(sessions(tmp_path, entry, text), "sessions")
    assert (found[0].row, found[0].rule) == (None, "day and month stand the other way round than declared")
    assert len(found) == (1 if on_invalid == "quarantine" else 3)
    assert record(sessions(tmp_path, entry.replace("day/month", "month/day"), text), "sessions").height == 3


def test_single_dates_in_another_order_do_not_stop_what_is_set_aside(tmp_path: Path) -> None:
    days = ("03/04/2024", "30/04/2024", "03/31/2024", "29/04/2024")
    text = SESSIONS + "".join(f"s{n},c1,alder,{day},true\n" for n, day in enumerate(days))
    entry = "format: {dates: day/month/year}\non_invalid: quarantine"
    assert record(sessions(tmp_path, entry, text), "sessions")["session"].to_list() == ["s0", "s1", "s3"]
