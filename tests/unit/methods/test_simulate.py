"""The demonstration study that is committed: same bytes, valid records, keys that hold, misfits refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from pipeline.methods.simulate import simulate, to_csv
from pipeline.row_checks import optional_columns
from schemas.groups import Groups
from schemas.headcount import Headcount
from schemas.instrument import Instrument
from schemas.response import Response
from schemas.sessions import Sessions
from schemas.simulation import Simulation
from schemas.study import Study
from schemas.workforce import Workforce

ROOT = Path(__file__).parents[3]
HERE = ROOT / "raw" / "demo-riverbend"
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()  # expectation over a standard normal effect
RECORDS = {
    "sessions": Sessions,
    "groups": Groups,
    "response": Response,
    "workforce": Workforce,
    "headcount": Headcount,
}
Raw = dict[str, Any]


def _yaml(path: Path) -> Raw:
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


STUDY = Study.model_validate(_yaml(HERE / "study.yml"))
INSTRUMENTS = {
    one.instrument: one
    for one in (Instrument.model_validate(_yaml(path)) for path in (ROOT / "schemas/instruments").glob("*.yml"))
}


@pytest.fixture
def raw() -> Raw:
    return _yaml(HERE / "simulate.yml")


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return simulate(Simulation.model_validate(_yaml(HERE / "simulate.yml")), STUDY, INSTRUMENTS)


def _alpha(frame: pl.DataFrame, instrument: Instrument) -> float:
    codes = {option.label: option.code for option in instrument.options}
    items = [pl.col(item.id).replace_strict(codes, default=None) for item in instrument.items]
    matrix = frame.select(items).drop_nulls().to_numpy().astype(float)
    within = matrix.var(axis=0, ddof=1).sum() / matrix.sum(axis=1).var(ddof=1)
    return float(matrix.shape[1] / (matrix.shape[1] - 1) * (1 - within))


def test_the_committed_files_come_out_again_to_the_byte(frames: dict[str, pl.DataFrame]) -> None:
    assert set(frames) == {path.name for path in HERE.glob("*.csv")}
    for name, frame in frames.items():
        assert to_csv(frame) == (HERE / name).read_bytes(), name


def test_two_calls_agree(raw: Raw, frames: dict[str, pl.DataFrame]) -> None:
    again = simulate(Simulation.model_validate(raw), STUDY, INSTRUMENTS)
    assert {name: to_csv(frame) for name, frame in again.items()} == {
        name: to_csv(frame) for name, frame in frames.items()
    }


def test_another_seed_gives_other_data(raw: Raw, frames: dict[str, pl.DataFrame]) -> None:
    other = simulate(Simulation.model_validate(raw | {"seed": raw["seed"] + 1}), STUDY, INSTRUMENTS)
    assert all(not other[name].equals(frame) for name, frame in frames.items())


def test_a_table_left_out_leaves_the_others_as_they_are(frames: dict[str, pl.DataFrame], raw: Raw) -> None:
    fewer = STUDY.tables.model_copy(update={"groups": (), "surveys": STUDY.tables.surveys[1:3]})
    config = raw | {"groups": None, "surveys": raw["surveys"][1:2]}
    some = simulate(Simulation.model_validate(config), STUDY.model_copy(update={"tables": fewer}), INSTRUMENTS)
    same = set(some) - {"response.csv"}
    assert len(same) == 5
    assert all(some[name].equals(frames[name]) for name in same)


def test_csv_is_utf_8_with_line_feeds_and_empty_fields() -> None:
    frame = pl.DataFrame({"a": ["é", None], "b": ["Yes, definitely", "No"]})
    assert to_csv(frame) == 'a,b\né,"Yes, definitely"\n,No\n'.encode()


@pytest.mark.parametrize("table", RECORDS)
def test_frames_are_valid_records(table: str, frames: dict[str, pl.DataFrame]) -> None:
    columns = RECORDS[table].to_schema().columns
    for file in getattr(STUDY.tables, table):
        raw = frames[file.file]
        lacking = [name for name in columns if name not in raw.columns]
        assert set(lacking) <= set(optional_columns(columns))  # what not every service records
        empty = [pl.lit(None, columns[name].dtype.type).alias(name) for name in lacking]
        assert RECORDS[table].validate(raw.with_columns(empty)).height > 0


def test_survey_exports_have_labels_of_their_instrument(frames: dict[str, pl.DataFrame]) -> None:
    for table in STUDY.tables.surveys:
        frame, instrument = frames[table.file], INSTRUMENTS[table.instrument]
        who = ["respondent", "subject"] if table.instrument == "clinician-ratings" else ["respondent"]
        assert frame.columns == [*who, "service", *[item.id for item in instrument.items]]
        assert not frame.select(who).is_duplicated().any()
        labels = {one.label for one in (*instrument.options, *instrument.special)}
        for item in instrument.items:
            assert set(frame[item.id].drop_nulls()) <= labels
        answers = frame.select(item.id for item in instrument.items)
        assert not answers.select(pl.all_horizontal(pl.all().is_null()).alias("blank"))["blank"].any()


def test_keys_point_to_rows(frames: dict[str, pl.DataFrame]) -> None:
    sessions, workforce = frames["sessions.csv"], frames["workforce.csv"]
    services = set(STUDY.service_ids())
    assert all(set(frame["service"]) <= services for frame in frames.values())
    posts = workforce.select("worker", "service", "start", "end")
    for name in ("sessions.csv", "groups.csv"):
        joined = frames[name].join(posts, on=["worker", "service"], how="left")
        held = (pl.col("start") <= pl.col("date")) & (pl.col("date") <= pl.col("end").fill_null(STUDY.period.end))
        assert joined.select(held.fill_null(False).all()).item()
    clients = set(sessions.select("client", "service").iter_rows())
    assert len({client for client, _ in clients}) == len(clients)
    for wave in ("spring", "autumn"):
        assert set(frames[f"clinician_ratings_{wave}.csv"].select("subject", "service").iter_rows()) <= clients


def test_dates_are_weekdays_of_the_period(frames: dict[str, pl.DataFrame]) -> None:
    for name in ("sessions.csv", "groups.csv"):
        days = frames[name]["date"]
        assert days.is_between(STUDY.period.start, STUDY.period.end).all()
        assert (days.dt.weekday() <= 5).all()


def test_sessions_are_plausible(frames: dict[str, pl.DataFrame], raw: Raw) -> None:
    sessions = frames["sessions.csv"]
    clients = sessions.filter("attended").group_by("service").agg(pl.col("client").n_unique())
    assert dict(clients.iter_rows()) == {name: one["clients"] for name, one in raw["services"].items()}
    assert (sessions.filter(~pl.col("attended"))["minutes"] == 0).all()
    assert (sessions.filter("attended")["minutes"] > 0).all()
    shared = sessions.group_by("session").agg(
        pl.len(), pl.col("client", "service", "worker", "date", "minutes", "mode", "activity").n_unique()
    )
    joint = shared.filter(pl.col("len") > 1)
    assert 1 <= joint.height <= 20
    assert (joint["len"] == 2).all()
    assert (joint["client"] == 2).all()
    for column in ("service", "worker", "date", "minutes", "mode", "activity"):
        assert (shared[column] == 1).all()


def test_contacts_have_at_most_two_clients_even_where_all_are_to_be_joined(raw: Raw) -> None:
    raw["sessions"]["joint"] = 1
    sessions = simulate(Simulation.model_validate(raw), STUDY, INSTRUMENTS)["sessions.csv"]
    Sessions.validate(sessions)
    attended = sessions.filter("attended").group_by("session").len()["len"]
    assert (attended == 2).mean() > 0.5
    assert attended.max() == 2


def test_nobody_is_surveyed_before_the_first_contact(frames: dict[str, pl.DataFrame]) -> None:
    first = frames["sessions.csv"].filter("attended").group_by("client").agg(pl.col("date").min())
    for wave in STUDY.waves:
        rated = frames[f"clinician_ratings_{wave.id}.csv"].join(first, left_on="subject", right_on="client")
        assert (rated["date"] < wave.start).all()


def test_people_are_linked_over_waves(frames: dict[str, pl.DataFrame]) -> None:
    spring, autumn = (frames[f"clinician_ratings_{wave}.csv"] for wave in ("spring", "autumn"))
    both = spring.join(autumn, on="subject", suffix="_later")
    assert both.height > 0.6 * spring.height
    assert both.height < min(spring.height, autumn.height)
    assert (both["service"] == both["service_later"]).all()
    assert (both["respondent"] == both["respondent_later"]).all()
    spring, autumn = (set(frames[f"staff_survey_{wave}.csv"]["respondent"]) for wave in ("spring", "autumn"))
    assert len(spring & autumn) >= 30
    assert spring - autumn
    assert autumn - spring


def test_response_agrees_with_the_files(frames: dict[str, pl.DataFrame]) -> None:
    rows = {
        (table.instrument, service, table.wave): frames[table.file].filter(pl.col("service") == service).height
        for table in STUDY.tables.surveys
        for service in STUDY.service_ids()
    }
    assert {row[:3]: row[5] for row in frames["response.csv"].iter_rows()} == rows


def test_headcount_agrees_with_the_workforce(frames: dict[str, pl.DataFrame]) -> None:
    posts = list(frames["workforce.csv"].select("service", "start", "end").iter_rows())
    for service, day, count in frames["headcount.csv"].iter_rows():
        held = [one for one in posts if one[0] == service and one[1] <= day and (one[2] is None or one[2] >= day)]
        assert len(held) == count
    dates = frames["headcount.csv"]["date"].unique().sort().dt.to_string().to_list()
    assert dates == ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01", "2024-12-31"]


def test_ids_look_like_pseudonyms(frames: dict[str, pl.DataFrame]) -> None:
    for frame in frames.values():
        for column in {"session", "client", "worker", "group_session", "respondent", "subject"} & set(frame.columns):
            assert all(re.fullmatch(r"[a-z]-[0-9a-f]{5}", one) for one in frame[column])


def test_items_of_a_survey_resemble_each_other(frames: dict[str, pl.DataFrame]) -> None:
    for table in STUDY.tables.surveys:
        assert _alpha(frames[table.file], INSTRUMENTS[table.instrument]) > 0.7


def test_services_without_clients_staff_or_posts_give_empty_frames(raw: Raw) -> None:
    for service in raw["services"].values():
        service.update(clients=0, staff=0, posts=0)
    frames = simulate(Simulation.model_validate(raw), STUDY, INSTRUMENTS)
    full = simulate(Simulation.model_validate(_yaml(HERE / "simulate.yml")), STUDY, INSTRUMENTS)
    counted = {"response.csv", "headcount.csv"}
    assert {name: frame.schema for name, frame in frames.items()} == {
        name: frame.schema for name, frame in full.items()
    }
    assert all(frame.height == 0 for name, frame in frames.items() if name not in counted)
    assert frames["response.csv"]["eligible"].sum() == 0
    assert np.all(frames["headcount.csv"]["posts"].to_numpy() == 0)


def test_a_survey_of_one_service_has_no_service_column(raw: Raw, frames: dict[str, pl.DataFrame]) -> None:
    first = STUDY.tables.surveys[0].model_copy(update={"service": "elm"})
    tables = STUDY.tables.model_copy(update={"surveys": (first, *STUDY.tables.surveys[1:])})
    study = STUDY.model_copy(update={"tables": tables})
    one = simulate(Simulation.model_validate(raw), study, INSTRUMENTS)[first.file]
    assert one.equals(frames[first.file].filter(pl.col("service") == "elm").drop("service"))
