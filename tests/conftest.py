"""Two small studies in a project of their own, materialised once and copied for each test that asks."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.run import run
from pipeline.store import OUTPUTS_VARIABLE, PROJECT_VARIABLE, Project

REPOSITORY = Path(__file__).parents[1]
DEMONSTRATION = REPOSITORY / "raw" / "demo-riverbend"

MINI = """\
study: mini-river
title: Mini River (fictional)
period: {start: 2024-01-01, end: 2024-12-31}
source_family: mini-river
fictional: true
services:
  - {id: alder, name: Alder House}
  - {id: birch, name: Birch Street}
waves:
  - {id: autumn, label: Autumn 2024, start: 2024-10-01, end: 2024-11-30}
tables:
  sessions:
    - {file: sessions.csv, data_status: demonstration}
  surveys:
    - {file: client_feedback.csv, instrument: client-feedback, wave: autumn, data_status: demonstration}
questions:
  - {id: reach, question: Whom does it reach?, indicators: [sessions per client, RSA score]}
"""

HARBOUR = """\
study: harbour
title: Harbour staff survey
period: {start: 2024-01-01, end: 2024-12-31}
source_family: harbour
services:
  - {id: quay, name: The Quay}
waves:
  - {id: spring, label: Spring 2024, start: 2024-03-01, end: 2024-04-30}
tables:
  surveys:
    - {file: staff.csv, instrument: recovery-practice, wave: spring, data_status: observed, service: quay}
claims: claims.csv
findings: findings.yml
disclosure: {minimum_cell: null, reason: every figure is public}
"""

HOPE = (
    "harbour/all/share/population=staff/instrument=recovery-practice/item=hope/"
    "category=strongly-agree/wave=spring/denominator=answered"
)
"""The estimate behind the one claim of the harbour study: 13 of 20."""

CLAIMS = f"""\
claim,document,locator,statement,statistic,operator,published,value_text,decimals,rounding,n,estimate_id,expected,reason
hope,leaflet,page 1,65 % of the staff strongly agree,percent,=,65,,0,unknown,20,{HOPE},agrees,counted from the rows
"""

FINDINGS = f"""\
- finding: hope
  statement: Most of the staff strongly agree that they encourage hope.
  estimates: [{HOPE}]
"""


@pytest.fixture(scope="session")
def raw_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The two studies, nothing materialised; tests copy it and never write to it."""
    root = tmp_path_factory.mktemp("raw-project")
    _write_mini(root / "raw" / "mini-river")
    _write_harbour(root / "raw" / "harbour")
    return Project(root, root / "outputs")


@pytest.fixture(scope="session")
def made_project(raw_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The two studies, materialised; tests copy it and never write to it."""
    made = _copy(raw_project, tmp_path_factory.mktemp("made-project") / "p")
    outcome = run(made)
    assert outcome.succeeded, outcome.failed
    return made


@pytest.fixture
def bare(raw_project: Project, tmp_path: Path) -> Project:
    """A project of one's own, not materialised."""
    return _copy(raw_project, tmp_path / "project")


@pytest.fixture
def project(made_project: Project, tmp_path: Path) -> Project:
    """A project of one's own, materialised."""
    return _copy(made_project, tmp_path / "project")


@pytest.fixture
def mini(project: Project) -> Path:
    """The raw folder of the mini-river study in the test's own project."""
    return project.raw / "mini-river"


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def peerscope() -> Command:
    """Runs the real command on a project, in a process of its own."""

    def call(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
        return python(project, "-m", "pipeline.cli", *arguments)

    return call


@pytest.fixture
def in_python() -> Command:
    """Runs a Python of its own on a project."""
    return python


def python(project: Project, *arguments: str, code: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """What an interpreter with this project, and our code from ``code``, prints and returns."""
    where = {PROJECT_VARIABLE: str(project.root), OUTPUTS_VARIABLE: str(project.outputs), "PYTHONPATH": str(code)}
    environment = {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"} | where
    return subprocess.run(
        [sys.executable, *arguments], cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of our code that a test may change; goes to ``in_python(..., code=code)``."""
    for package in ("pipeline", "schemas"):
        leave_out = shutil.ignore_patterns("__pycache__", "templates")
        shutil.copytree(REPOSITORY / package, tmp_path / "code" / package, ignore=leave_out)
    return tmp_path / "code"


@pytest.fixture(autouse=True)
def _dagster_home_is_put_back() -> Iterator[None]:
    """A run points Dagster at its own project; the next test starts as the first did."""
    before = os.environ.get("DAGSTER_HOME")
    yield
    if before is None:
        os.environ.pop("DAGSTER_HOME", None)
    else:
        os.environ["DAGSTER_HOME"] = before


def _copy(project: Project, root: Path) -> Project:
    shutil.copytree(project.root, root)
    return Project(root, root / "outputs")


def _write_mini(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "study.yml").write_text(MINI, encoding="utf-8")
    for source, name in (("sessions.csv", "sessions.csv"), ("client_feedback_autumn.csv", "client_feedback.csv")):
        with (DEMONSTRATION / source).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        service = header.index("service")
        kept = [row for row in rows if row[service] in ("alder", "birch")][:400]
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *kept])


def _write_harbour(folder: Path) -> None:
    folder.mkdir(parents=True)
    answers = ["Strongly agree"] * 13 + ["Agree"] * 7
    lines = [f"h-{i:02d}" + f",{answer}" * 5 for i, answer in enumerate(answers)]
    header = "respondent,hope,life-goals,choices,symptoms,aspirations"
    texts = {
        "study.yml": HARBOUR,
        "staff.csv": "\n".join([header, *lines]) + "\n",
        "claims.csv": CLAIMS,
        "findings.yml": FINDINGS,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
