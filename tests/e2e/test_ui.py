"""The Dagster UI as ``peerscope ui`` starts it: what a person sees, and runs that she starts from the page."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml

from pipeline.graph import plan
from pipeline.store import Project
from tests.e2e.browsing import Visit, visit
from tests.e2e.serving import ROOT, Served, ui

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

STUDY = "demo-riverbend"
GROUP = "demo_riverbend"
TABLES = ("response", "workforce", "headcount")
ENDED = re.compile(r"^(Success|Failure|Canceled)$")
RUN_SECONDS = 90
# Nothing on a page, in a time stamp or in a log looks like these by chance.
WRONG_FTE = "7391.1573"
WRONG_SERVICE = "Quixotville Zebra Lodge"


# --- a study small enough to be run from the page ---


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a few tables of the demonstration and no report."""
    root = tmp_path_factory.mktemp("small") / "project"
    folder = root / "raw" / STUDY
    folder.mkdir(parents=True)
    study = yaml.safe_load((ROOT / "raw" / STUDY / "study.yml").read_text(encoding="utf-8"))
    study["tables"] = {table: study["tables"][table] for table in TABLES}
    for name in ("analyses", "findings", "questions"):
        study.pop(name, None)
    (folder / "study.yml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    for one in (one for table in TABLES for one in study["tables"][table]):
        shutil.copy2(ROOT / "raw" / STUDY / one["file"], folder)
    outputs = root.parent / "outputs"
    outputs.mkdir()
    return Project(root, outputs)


@pytest.fixture(scope="module")
def served(small: Project, chromium: str) -> Iterator[Served]:
    with ui(small) as running:
        yield running


@pytest.fixture(scope="module")
def whole(evaluated: Project, chromium: str) -> Iterator[Served]:
    with ui(evaluated) as running:
        yield running


@pytest.fixture(scope="module")
def first_run(browser: "Browser", served: Served) -> str:
    """How the run that "Materialize all" starts comes out."""
    with visit(browser, served.url) as opened:
        opened.page.goto(f"{served.url}/asset-groups")
        outcome = run_from_page(opened.page, "Materialize all")
        refused(opened)
    return outcome


@pytest.fixture(scope="module")
def broken_run(browser: "Browser", served: Served, first_run: str) -> tuple[str, str]:
    """How a run on a raw file with two wrong cells comes out, and the text of its page."""
    raw = served.project.raw / STUDY / "workforce.csv"
    with raw.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[2]["fte"], rows[4]["service"] = WRONG_FTE, WRONG_SERVICE
    with raw.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with visit(browser, served.url) as opened:
        opened.page.goto(f"{served.url}/asset-groups")
        outcome = run_from_page(opened.page, "Materialize all")
        text = opened.page.inner_text("body")
        refused(opened)
    return outcome, text


def run_from_page(page: "Page", button: str) -> str:
    """Press the button, follow the run that it starts, and give back how it ended."""
    page.get_by_role("button", name=button).click()
    page.get_by_text(re.compile("^Launched run")).wait_for()
    page.get_by_role("button", name="View", exact=True).or_(page.get_by_role("link", name="View", exact=True)).click()
    ended = page.get_by_text(ENDED).first
    ended.wait_for(timeout=1000 * RUN_SECONDS)
    return ended.inner_text()


def refused(opened: Visit) -> None:
    """The UI works without the network and does not even try to reach it."""
    assert opened.refused == []
    assert opened.errors == []


# --- what is shown of a whole project ---


def test_the_graph_has_the_groups_and_the_assets_of_both_studies(browser: "Browser", whole: Served) -> None:
    nodes = plan(whole.project)
    groups = {node.group for node in nodes}
    assert {"ahs_pilot", "demo_riverbend", "release", "audit", "reports"} <= groups
    with visit(browser, whole.url, width=2000, height=5000) as opened:
        page = opened.page
        page.goto(f"{whole.url}/asset-groups")
        for group in groups:
            page.get_by_text(group, exact=True).last.wait_for()
        assert page.get_by_role("dialog").count() == 0, "nothing stands in front of the graph on the first visit"
        for study in ("ahs_pilot", "demo_riverbend"):
            page.goto(f"{whole.url}/locations/pipeline.definitions/asset-groups/{study}/lineage")
            for node in (node for node in nodes if node.group == study):
                page.get_by_text(node.key[-1], exact=True).last.wait_for()
        refused(opened)


def test_the_catalogue_names_every_asset_with_its_group(browser: "Browser", whole: Served) -> None:
    nodes = plan(whole.project)
    with visit(browser, whole.url, height=120 * len(nodes)) as opened:
        page = opened.page
        page.goto(f"{whole.url}/assets")
        page.get_by_text("Materialized").nth(len(nodes) - 1).wait_for()
        text = re.sub(r"\s+", " ", page.inner_text("body"))
        for node in nodes:
            name = re.escape(f"{' / '.join(node.key)} {node.description}")
            assert re.search(rf"{name} (pipeline\.definitions )+{node.group} Materialized", text), node.label
        refused(opened)


def test_the_gate_shows_counts_and_a_preview_as_a_table(browser: "Browser", whole: Served) -> None:
    released = pd.read_parquet(whole.project.released(STUDY, "estimates.parquet"))
    with visit(browser, whole.url) as opened:
        page = opened.page
        page.goto(f"{whole.url}/assets/{GROUP}/release")
        assert metadata(page, "estimates") == str(len(released))
        assert metadata(page, "estimates withheld") == str(int(released["suppressed"].sum()))
        preview = page.locator("table table")
        preview.locator("th").first.wait_for()
        head = preview.locator("th").all_inner_texts()
        first = dict(zip(head, preview.locator("tbody tr").first.locator("td").all_inner_texts(), strict=True))
        shown = released[released["value"].notna()].iloc[0]
        assert first["statistic"] == shown["statistic"]
        assert float(first["value"]) == pytest.approx(shown["value"], rel=0.005)
        refused(opened)


def metadata(page: "Page", key: str) -> str:
    """The value beside a key in the metadata table of an asset's page."""
    row: Locator = page.locator("tr").filter(has=page.get_by_role("cell", name=key, exact=True)).first
    return row.locator("td").last.inner_text().strip()


# --- runs started from the page ---


def test_a_run_started_from_the_page_makes_the_release(first_run: str, served: Served) -> None:
    assert first_run == "Success"
    released = pd.read_parquet(served.project.release / "estimates.parquet")
    assert {"response_rate", "headcount", "retention"} <= set(released["statistic"])
    assert (served.project.release / "figures" / STUDY / "headcount.svg").is_file()


def test_the_page_shows_what_is_materialised(browser: "Browser", served: Served, first_run: str) -> None:
    nodes = plan(served.project)
    with visit(browser, served.url, height=120 * len(nodes)) as opened:
        opened.page.goto(f"{served.url}/assets")
        opened.page.get_by_text("Materialized").nth(len(nodes) - 1).wait_for()
        opened.page.goto(f"{served.url}/assets/{GROUP}/headcount")
        raw = (served.project.raw / STUDY / "headcount.csv").read_text(encoding="utf-8")
        assert metadata(opened.page, "rows") == str(len(raw.splitlines()) - 1)
        refused(opened)


def test_a_broken_raw_file_fails_the_run_and_its_check(
    browser: "Browser", served: Served, broken_run: tuple[str, str]
) -> None:
    outcome, _ = broken_run
    assert outcome == "Failure"
    with visit(browser, served.url) as opened:
        page = opened.page
        page.goto(f"{served.url}/assets/{GROUP}/workforce?view=checks")
        page.get_by_text("Evaluation result").wait_for()
        text = with_dialogs(page)
        assert "schema" in text
        assert "Failed" in text
        assert "outputs/restricted/demo-riverbend/problems.csv" in text
        for row, column, rule in ((4, "fte", "must be 1 or less"), (6, "service", "unknown service")):
            assert f"workforce.csv, row {row}, column {column}: {rule}" in text
        assert WRONG_FTE not in text
        assert WRONG_SERVICE not in text
        refused(opened)


def with_dialogs(page: "Page") -> str:
    """The text of a page, and of what its "Show ..." links open."""
    texts = [page.inner_text("body")]
    for link in page.get_by_text(re.compile(r"^\[Show .*\]$")).all():
        link.click()
        dialog = page.get_by_role("dialog").last
        dialog.get_by_role("button", name="Close").wait_for()
        texts.append(dialog.inner_text())
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")
    return "\n".join(texts)


def test_no_wrong_value_is_on_the_run_page_or_in_the_event_log(served: Served, broken_run: tuple[str, str]) -> None:
    _, text = broken_run
    assert "workforce" in text
    problems = served.project.restricted(STUDY, "problems.csv").read_text(encoding="utf-8")
    logs = [path for path in served.project.dagster_home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in logs)
    for value in (WRONG_FTE, WRONG_SERVICE):
        assert value in problems
        assert value not in text
        assert [path for path in logs if value.encode() in path.read_bytes()] == []


def test_what_was_released_before_stays(served: Served, broken_run: tuple[str, str]) -> None:
    released = pd.read_parquet(served.project.release / "estimates.parquet")
    assert WRONG_SERVICE not in set(released["service"])
    assert "retention" in set(released["statistic"])
    assert not leftovers(served.project.release)


def leftovers(folder: Path) -> list[Path]:
    """Temporary files of writes that were not finished."""
    return [path for path in folder.rglob(".*") if path.is_file()]
