"""Real, dirty exports of others (../shared/data) become studies with study files only."""

import csv
import json
import re
import shutil
import statistics
from collections import Counter, defaultdict
from datetime import date, timedelta
from math import exp, lgamma
from pathlib import Path

import polars as pl
import pytest
import yaml

from pipeline.run import run
from pipeline.store import Project

HERE = Path(__file__).parent / "studies"
ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there: nothing real to read")


def project(folder: Path, study: str, data: str) -> Project:
    raw = folder / "raw"
    shutil.copytree(HERE / study, raw / study)
    (raw / "_shared").mkdir()
    if (raw / study / "codebook.csv").is_file():
        (raw / study / "codebook.csv").rename(raw / "_shared" / "codebook.csv")
    shutil.copy(DATA / data, raw / study / data)
    (folder / "pyproject.toml").touch()
    return Project(folder, folder / "outputs")


def done(project: Project, study: str, *assets: str) -> None:
    outcome = run(project, patterns=[f"{study}/{asset}" for asset in ("study", *assets, "release")])
    assert not outcome.failed
    assert len(outcome.done) == len(assets) + 2


def released(project: Project, study: str) -> pl.DataFrame:
    path = project.released(study, "estimates.csv")
    return pl.read_csv(path, infer_schema_length=None).with_columns(pl.col("value").cast(pl.Float64))


@pytest.fixture(scope="module")
def therapy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[dict[str, str]]]:
    made = project(tmp_path_factory.mktemp("therapy"), "therapy", "therapy_sessions.csv")
    with (made.raw / "therapy" / "therapy_sessions.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = sorted({row["agency_name"] for row in rows} - {"Unknown", "-Agency Name Not Found-"})
    ids = [service_id(name) for name in names]
    with (made.raw / "therapy" / "services.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "name"), *zip(ids, names, strict=True)])
    done(made, "therapy", "sessions", "doses", "support")
    return made, rows


def test_wrong_rows_of_a_session_log_are_set_aside_and_counted(
    therapy: tuple[Project, list[dict[str, str]]],
) -> None:
    made, rows = therapy
    dated = [r for r in rows if r["session_date"] != "NA" and r["therapist_tag"]]
    keys = Counter((r["therapist_tag"], r["client_number"], r["session_number"]) for r in dated)
    good = sum(1 for count in keys.values() if count == 1)
    counts = json.loads(made.records("therapy", "sessions").with_suffix(".json").read_text(encoding="utf-8"))
    assert counts["rows"] == good
    assert counts["rows"] + counts["rows set aside"] == len(rows) == 11_638
    assert counts["rules"]["session + client: the key is used more than once"] == len(dated) - good
    with (made.restricted("therapy", "quarantine", "problems.csv")).open(encoding="utf-8") as stream:
        aside = list(csv.DictReader(stream))
    assert len({row["row"] for row in aside}) == counts["rows set aside"]


def test_the_estimates_of_a_session_log_are_those_counted_by_hand(
    therapy: tuple[Project, list[dict[str, str]]],
) -> None:
    made, _ = therapy
    doses = pl.read_parquet(made.records("therapy", "doses"))
    assert doses["service"].n_unique() > 100
    found = released(made, "therapy").filter(pl.col("service") == "all")
    values = dict(
        found.filter(pl.col("statistic").is_in(["clients", "total"])).select("statistic", "value").iter_rows()
    )
    assert values == {"clients": doses.height, "total": doses["sessions"].sum()}


Ticks = dict[str, list[bool]]


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Ticks, list[str]]:
    """What is released of the coded comments; the ticks of each code and the trust of each row, as in the file."""
    made = project(tmp_path_factory.mktemp("comments"), "comments", "nhs_comments.csv")
    done(made, "comments", "sections", "segments", "codings", "themes", "agreement")
    with (made.raw / "comments" / "nhs_comments.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    stacked = yaml.safe_load((made.raw / "comments" / "study.yml").read_text(encoding="utf-8"))["tables"]["codings"][
        0
    ]
    columns = stacked["stack"]["columns"]
    ticks = {code: [row[column] == "1" for row in rows] for column, code in columns.items()}
    return released(made, "comments"), ticks, [row["Trust"].lower() for row in rows]


def service_id(agency: str) -> str:
    unknown = agency in {"Unknown", "-Agency Name Not Found-"}
    return "unknown" if unknown else re.sub(r"[^a-z0-9]+", "-", agency.lower()).strip("-")


def by_hand(rows: list[dict[str, str]]) -> list[tuple[str, int, date]]:
    """Agency with most of the sessions attended, their number, and last day, of each client; wrong rows left out."""
    good = [r for r in rows if r["session_date"] != "NA" and r["therapist_tag"]]
    keys = Counter((r["therapist_tag"], r["client_number"], r["session_number"]) for r in good)
    clients: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in good:
        once = keys[row["therapist_tag"], row["client_number"], row["session_number"]] == 1
        if once and row["client_attend"] == "TRUE":
            clients[row["therapist_tag"], row["client_number"]].append(row)
    found = []
    for sessions in clients.values():
        agencies = Counter(row["agency_name"] for row in sessions)
        most = max(agencies.values())
        names = sorted(
            re.sub(r"[^a-z0-9]+", "-", one.lower()).strip("-") for one in agencies if agencies[one] == most
        )
        last = max(date.fromisoformat(row["session_date"]) for row in sessions)
        found.append((names[0], len(sessions), last))
    return found


def test_sessions_per_client_by_agency_are_those_counted_by_hand(
    therapy: tuple[Project, list[dict[str, str]]],
) -> None:
    """A rate of the truncated model is the mean of the agency's clients, wherever the gate lets it through."""
    made, rows = therapy
    clients: dict[str, list[int]] = defaultdict(list)
    for agency, sessions, _ in by_hand(rows):
        clients[agency].append(sessions)
    found = released(made, "therapy")
    rates = found.filter(pl.col("statistic") == "rate", pl.col("value").is_not_null())
    assert rates.height > 15
    for agency, value, n in rates.select("service", "value", "n").iter_rows():
        assert (int(n), value) == (len(clients[agency]), pytest.approx(statistics.mean(clients[agency]), rel=1e-5))
    ratios = found.filter(pl.col("statistic") == "rate_ratio", pl.col("value").is_not_null())
    assert set(ratios["reference"]) == {"red-rock"}
    shown = found.filter(~pl.col("suppressed"), pl.col("statistic") == "clients", pl.col("service") != "all")
    assert all(n >= 5 for n in shown["value"])


def test_retention_in_sessions_is_that_counted_by_hand(therapy: tuple[Project, list[dict[str, str]]]) -> None:
    made, rows = therapy
    clients = by_hand(rows)
    until = max(last for _, _, last in clients) - timedelta(days=90)
    share, curve = 1.0, {}
    for k in range(1, 12):
        at_risk = sum(n >= k for _, n, _ in clients)
        share *= 1 - sum(n == k and last <= until for _, n, last in clients) / at_risk
        curve[k + 1] = share
    found = released(made, "therapy").filter(pl.col("service") == "all", pl.col("item") == "continuation")
    read = found.filter(pl.col("statistic") == "continuation").select("at", "value", "n", "events")
    assert read.height == 4
    for at, value, n, events in read.iter_rows():
        assert value == pytest.approx(curve[int(at)])
        assert int(n) == len(clients)
        assert int(events) == sum(one < int(at) and last <= until for _, one, last in clients)
    median = found.filter(pl.col("statistic") == "median")["value"].item()
    assert median == min(k - 1 for k, one in curve.items() if one <= 0.5)


def test_ticked_columns_of_comments_become_codes(comments: tuple[pl.DataFrame, Ticks, list[str]]) -> None:
    found, ticks, trusts = comments
    shares = found.filter(pl.col("statistic") == "share", pl.col("category") == "majority", pl.col("term").is_null())
    printed = {
        (service, item): (int(events), value)
        for service, item, events, value in shares.select("service", "item", "events", "value").iter_rows()
        if value is not None
    }
    asked = {"all": len(trusts), "neas": trusts.count("neas"), "nhft": trusts.count("nhft")}
    for (service, item), (events, value) in printed.items():
        given = sum(tick and service in ("all", trust) for tick, trust in zip(ticks[item], trusts, strict=True))
        assert events == given >= 5
        assert value == pytest.approx(given / asked[service])
    often = {code for code, given in ticks.items() if sum(given) >= 5}
    assert {item for service, item in printed if service == "all"} == often
    assert len(often) == 41


def test_codes_of_comments_that_occur_together_are_those_ticked_together(
    comments: tuple[pl.DataFrame, Ticks, list[str]],
) -> None:
    found, ticks, _ = comments
    pairs = found.filter(pl.col("statistic") == "jaccard")
    given = [code for code, ticked in ticks.items() if any(ticked)]
    assert pairs.height == len(given) * (len(given) - 1) // 2
    shown = pairs.filter(pl.col("value").is_not_null())
    assert shown.height > 400
    for one, other, events, value in shown.select("item", "term", "events", "value").iter_rows():
        both = sum(a and b for a, b in zip(ticks[one], ticks[other], strict=True))
        either = sum(a or b for a, b in zip(ticks[one], ticks[other], strict=True))
        assert (int(events), value) == (both, pytest.approx(both / either))
        assert both == 0 or both >= 5


def test_codes_of_comments_met_as_more_are_read(comments: tuple[pl.DataFrame, Ticks, list[str]]) -> None:
    found, ticks, trusts = comments
    first = [ticked.index(True) + 1 for ticked in ticks.values() if any(ticked)]
    curve = found.filter(pl.col("statistic") == "codes_seen", pl.col("value").is_not_null())
    for model, at, value in curve.select("model", pl.col("at").cast(pl.Float64), "value").iter_rows():
        if model == "given-order":
            assert value == sum(place <= at for place in first)
        else:
            n, k = len(trusts), int(at)
            absent = [n - sum(ticked) for ticked in ticks.values() if any(ticked)]
            seen = sum(1 - exp(lgamma(a + 1) - lgamma(a - k + 1) - lgamma(n + 1) + lgamma(n - k + 1))
                       if k <= a else 1 for a in absent)  # fmt: skip
            assert value == pytest.approx(seen, abs=1e-6)
    late = found.filter(pl.col("statistic") == "late_codes")["value"].item()
    assert late == pytest.approx(sum(place > len(trusts) - len(trusts) // 4 for place in first) / len(first))


def test_comments_that_one_team_coded_have_no_agreement(comments: tuple[pl.DataFrame, Ticks, list[str]]) -> None:
    found, _, _ = comments
    assert found.filter(pl.col("produced_by") == "comments/agreement").is_empty()
