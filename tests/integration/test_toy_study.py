"""One more study is one more folder: its assets, report rows and synthesis entries come and go with it."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.graph import plan
from pipeline.release import read_merged, read_synthesis_frame
from pipeline.run import run
from pipeline.store import Project
from pipeline.studies import instruments

REPOSITORY = Path(__file__).parents[2]
SERVICES = {"north": 0.7, "middle": 0.5, "south": 0.6}
HOPE = (
    "toy-town/north/share/population=clients/instrument=client-feedback/item=hopeful/"
    "category=definitely/wave=spring/denominator=answered"
)

STUDY = """\
study: toy-town
title: Peer Support in Toy Town
short_title: Toy Town
period: {start: 2025-01-01, end: 2025-12-31}
source_family: toy-town
services:
  - {id: north, name: North}
  - {id: middle, name: Middle}
  - {id: south, name: South}
waves:
  - {id: spring, label: Spring 2025, start: 2025-03-01, end: 2025-04-30}
tables:
  surveys:
    - {file: clients.csv, instrument: client-feedback, wave: spring, data_status: observed}
  sections: [{file: sections.csv, data_status: observed}]
  segments: [{file: segments.csv, data_status: observed}]
  codings: [{file: codings.csv, data_status: observed}]
documents:
  - {id: toy-notes, title: Notes of Toy Town, type: notes}
claims: claims.csv
findings: findings.yml
"""
FILES = {
    "study.yml": STUDY,
    "sections.csv": "document,section,title,start,end,not_coded\ntoy-notes,all,All,0,100,\n",
    "segments.csv": (
        "document,segment,section,start,end,summary,basis,respondent_group,service,quantifier,releasable\n"
        "toy-notes,hope-1,all,0,40,Clients there told of fresh hope.,participant-data,service-users,north,,yes\n"
        "toy-notes,role-1,all,40,99,Peers lacked a job description.,participant-data,peer-workers,unattributed,,yes\n"
    ),
    "codings.csv": (
        "segment,coder,code,polarity\nhope-1,coder-1,hope,supports\nrole-1,coder-1,role-clarity,hinders\n"
    ),
    "claims.csv": (
        "claim,document,locator,statement,statistic,operator,published,value_text,decimals,rounding,n,estimate_id,"
        "expected,reason\n"
        f"hope-north,toy-notes,page 1,70 % have more hope,percent,=,70,,0,unknown,20,{HOPE},"
        "agrees,counted from the rows\n"
    ),
    "findings.yml": (
        "- {finding: hope, statement: Clients tell of hope., segments: [hope-1], synthesis: [hope-confidence]}\n"
        "- {finding: role, statement: The role was unclear., segments: [role-1], synthesis: [role-clarity]}\n"
    ),
}


def _add_toy(raw: Path) -> None:
    folder = raw / "toy-town"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    items = [item.id for item in instruments()["client-feedback"].items]
    with (folder / "clients.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["respondent", "service", *items])
        for service, share in SERVICES.items():
            for number in range(20):
                answer = "Yes, definitely" if number < 20 * share else "Yes, to some extent"
                writer.writerow([f"{service}-{number}", service, *[answer] * len(items)])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What a project with one real study shows before, with, and after the toy study."""
    root = tmp_path_factory.mktemp("toy")
    shutil.copytree(REPOSITORY / "raw" / "_shared", root / "raw" / "_shared")
    shutil.copytree(REPOSITORY / "raw" / "counties-manukau", root / "raw" / "counties-manukau")
    shutil.copytree(REPOSITORY / "reports", root / "reports")
    project = Project(root, root / "outputs")
    seen = {"before": _look(project)}
    _add_toy(project.raw)
    seen["with"] = _look(project)
    shutil.rmtree(project.raw / "toy-town")
    seen["after"] = _look(project)
    return seen


def _look(project: Project) -> dict[str, object]:
    outcome = run(project)
    assert outcome.succeeded, outcome.failed
    reports = {path.stem: path.read_text(encoding="utf-8") for path in project.reports.glob("*.html")}
    return {
        "assets": {node.label for node in plan(project)},
        "ran": set(outcome.done),
        "framework": read_synthesis_frame(project, "framework"),
        "findings": read_synthesis_frame(project, "findings").set_index("finding"),
        "pooling": read_synthesis_frame(project, "pooling"),
        "joint": read_synthesis_frame(project, "joint_figures"),
        "claims": read_merged(project, "claims"),
        "reports": reports,
        "index": (project.reports / "index.html").read_text(encoding="utf-8"),
    }


def test_assets_appear_and_go(story: dict[str, dict[str, object]]) -> None:
    own = {
        f"toy_town/{name}"
        for name in ("study", "surveys", "claims", "sections", "segments", "codings", "feedback", "release", "audit")
    }
    assert own <= story["with"]["assets"]  # type: ignore[operator]
    assert not own & story["before"]["assets"]  # type: ignore[operator]
    assert story["after"]["assets"] == story["before"]["assets"]


def test_the_other_study_does_not_run_again(story: dict[str, dict[str, object]]) -> None:
    assert not {one for one in story["with"]["ran"] if one.startswith("counties_manukau/")}  # type: ignore[attr-defined]


def test_it_enters_the_framework_the_findings_and_the_audit(story: dict[str, dict[str, object]]) -> None:
    for when, there in (("before", False), ("with", True), ("after", False)):
        seen = story[when]
        assert ("toy-town" in set(seen["framework"]["study"])) is there  # type: ignore[index]
        assert ("toy-town" in seen["findings"].loc["role-clarity", "studies"]) is there  # type: ignore[attr-defined]
        assert ("hope-north" in set(seen["claims"]["claim"])) is there  # type: ignore[index]
        assert ("toy-town" in set(seen["joint"]["study"])) is there  # type: ignore[index]
    changed = story["with"]["findings"].loc["role-clarity", "changed"]  # type: ignore[attr-defined]
    assert "judged before toy-town was added" in changed


def test_its_measures_are_pooled_since_it_gives_them_by_service(story: dict[str, dict[str, object]]) -> None:
    pooled = story["with"]["pooling"]
    assert isinstance(pooled, pd.DataFrame)
    (row,) = pooled[pooled["item"] == "hopeful"].to_dict("records")
    assert (row["decision"], row["services"], row["studies"]) == ("pooled", 3, 1)
    assert 0.5 < float(row["value"]) < 0.7
    before = story["before"]["pooling"]
    assert isinstance(before, pd.DataFrame)
    assert "pooled" not in set(before["decision"])


def test_reports_have_its_rows_and_lose_them(story: dict[str, dict[str, object]]) -> None:
    for when, there in (("before", False), ("with", True), ("after", False)):
        reports = story[when]["reports"]
        assert ("Toy Town" in reports["synthesis"]) is there  # type: ignore[index]
        assert ("Toy Town" in reports["reproducibility"]) is there  # type: ignore[index]
    assert "fresh hope" in story["with"]["reports"]["synthesis"]  # type: ignore[index]


def test_it_has_a_report_of_its_own(story: dict[str, dict[str, object]]) -> None:
    assert "reports/toy_town" in story["with"]["assets"]  # type: ignore[operator]
    assert "Peer Support in Toy Town" in story["with"]["reports"]["toy-town"]  # type: ignore[index]
    assert "toy-town.html" in story["with"]["index"]  # type: ignore[operator]
    assert "toy-town.html" not in story["after"]["index"]  # type: ignore[operator]
    assert "toy-town" not in story["after"]["reports"]  # type: ignore[operator]
