"""Real, dirty exports of others (../shared/data) become studies with study files only."""

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

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
    ids = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names]
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


def test_ticked_columns_of_comments_become_codes(tmp_path: Path) -> None:
    made = project(tmp_path, "comments", "nhs_comments.csv")
    done(made, "comments", "sections", "segments", "codings", "themes", "agreement")
    with (made.raw / "comments" / "nhs_comments.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    manner = sum(row["Staff manner & personal attributes"] == "1" for row in rows)
    found = released(made, "comments").filter(pl.col("item") == "staff-manner", pl.col("service") == "all")
    share = found.filter(pl.col("statistic") == "share", pl.col("category") == "majority")
    assert share["events"].cast(pl.Int64).to_list() == [manner]
    assert share["value"].to_list() == pytest.approx([manner / len(rows)])
