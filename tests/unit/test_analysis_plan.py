"""The analysis plan: it follows from the study file, names the methods that are run, and tells of rows there were."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.analysis_plan.methods import analyses_of, answering, unasked
from pipeline.analysis_plan.parts import Plan
from pipeline.analysis_plan.sizes import sizes
from pipeline.analysis_plan.words import SOURCES
from pipeline.analysis_plan.writing import print_plan, write_plan
from pipeline.graph import FAMILIES, families_of
from pipeline.problems import ProblemsFoundError
from pipeline.reporting.lint import lint
from pipeline.scaffold.folder import Wish, planned, texts_of, write_folder
from pipeline.store import Project
from pipeline.studies import instruments, load_study
from schemas.analyses import Analyses, Rounds
from schemas.study import Study

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.parent.name for path in (ROOT / "raw").glob("*/study.yml"))

STUDY = """\
study: clinics
title: Two clinics
country: NZ
period: {start: 2027-01-01, end: 2027-12-31}
source_family: clinics
summary: The funder decides in 2028.
services:
  - {id: north, name: North Clinic}
  - {id: south, name: South Clinic}
waves:
  - {id: first, label: First contact, start: 2027-02-01, end: 2027-04-30}
  - {id: later, label: Half a year later, start: 2027-08-01, end: 2027-10-31}
tables:
  surveys:
    - {file: first.csv, instrument: who-5, wave: first, data_status: observed, link: respondent}
    - {file: later.csv, instrument: who-5, wave: later, data_status: observed, link: respondent}
  sessions:
    - {file: sessions.csv, data_status: observed}
analyses:
  rounds:
    - {id: later, instrument: who-5, reference: first, wave: later, category: most-or-all, linked: true}
disclosure: {minimum_cell: 7, reason: agreed with the ethics committee}
questions:
  - {id: wellbeing, question: Do clients feel better?, indicators: [score], instruments: [who-5]}
  - {id: again, question: Where most?, indicators: [score], instruments: [who-5], methods: [change]}
  - {id: meaning, question: What does it mean?, indicators: [words]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "raw" / "clinics"
    folder.mkdir(parents=True)
    (folder / "study.yml").write_text(STUDY, encoding="utf-8")
    return Project(tmp_path, tmp_path / "outputs")


def plan_of(project: Project, study: str = "clinics", dated: str = "") -> str:
    plan = Plan(study, project, dated)
    parts = ("title", "status", "purpose", "services", "waves", "data", "questions", "sizes", "missing", "disclosure")
    more = ("limits", "exploratory", "signatures", "made_from")
    return "\n\n".join(str(getattr(plan, name)()) for name in (*parts, *more))


def question(project: Project, place: int) -> list[tuple[str, str]]:
    study = load_study(project.raw / "clinics", files=False)
    return [(one.family, one.about) for one in answering(study, study.questions[place])]


def test_a_plan_is_made_before_there_is_any_data_file(project: Project) -> None:
    text = plan_of(project)
    assert "No data file had rows." in text
    assert text.count("no file yet") == 3
    assert "1 January 2027" in text
    assert "Counts of 1 to 6 persons are withheld" in text
    assert "Reason: agreed with the ethics committee." in text


def test_the_checksum_is_that_of_the_study_file(project: Project) -> None:
    checksum = hashlib.sha256((project.raw / "clinics" / "study.yml").read_bytes()).hexdigest()
    assert f"`study.yml`: `{checksum}`" in plan_of(project)
    assert Plan("clinics", project).checksums()["who-5.yml"]


def test_the_same_file_gives_the_same_plan_and_a_date_only_where_asked(project: Project) -> None:
    assert plan_of(project) == plan_of(project)
    assert str(date.today().year) not in plan_of(project).replace("2027", "").replace("2028", "")
    assert "Made on 3 February 2027" in plan_of(project, dated="2027-02-03")


def test_rows_that_were_there_are_told(project: Project) -> None:
    folder = project.raw / "clinics"
    (folder / "sessions.csv").write_text("session,client\n", encoding="utf-8")
    assert "a file without rows" in plan_of(project)
    assert "does not show that it came first" not in plan_of(project)
    (folder / "sessions.csv").write_text("session,client\ns1,c1\n", encoding="utf-8")
    assert "in sessions.csv: of these data it does not show that it came first" in plan_of(project)


def test_a_question_has_the_methods_of_its_instruments_or_those_it_names(project: Project) -> None:
    assert list(dict.fromkeys(question(project, 0))) == [
        (family, "who-5") for family in ("feedback", "scores", "change", "missing_answers")
    ]
    assert question(project, 1) == [("change", "who-5")]
    assert question(project, 2) == []
    text = plan_of(project)
    assert "**Change from First contact to Half a year later**: as under question 1." in text
    assert "Not answered by any data of this plan." in text


def test_what_no_question_asks_for_is_exploratory(project: Project) -> None:
    study = load_study(project.raw / "clinics", files=False)
    assert {one.family for one in unasked(study)} == {"support"}
    assert "What support consists of (sessions)" in str(Plan("clinics", project).exploratory())


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("", True),
        (", columns: {client: Person, activity: What}", True),
        (", stack: {into: activity, split: What}, columns: {client: Person}", True),
        (", columns: {client: Person}", False),
    ],
)
def test_shares_of_activities_need_a_column_of_them(project: Project, said: str, promised: bool) -> None:
    path = project.raw / "clinics" / "study.yml"
    sessions = "{file: sessions.csv, data_status: observed"
    path.write_text(STUDY.replace(sessions, sessions + said), encoding="utf-8")
    titles = [one.title for one in analyses_of(load_study(path.parent, files=False)) if one.family == "support"]
    hours = ["Hours of contact"] if not said else []
    described = [*(["What support consists of"] if promised else []), "Missed appointments", *hours]
    assert titles == [*described, "Sessions per client"]


def test_groups_are_shared_out_although_no_activity_is_told(project: Project) -> None:
    path = project.raw / "clinics" / "study.yml"
    sessions = "{file: sessions.csv, data_status: observed"
    groups = "\n  groups:\n    - {file: groups.csv, data_status: observed}"
    text = STUDY.replace(sessions + "}", sessions + ", columns: {client: Person}}" + groups)
    path.write_text(text, encoding="utf-8")
    first = analyses_of(load_study(path.parent, files=False))[0]
    assert first.how.startswith("The share of contacts in groups, with intervals")


def test_linked_and_unlinked_waves_have_their_own_tests(project: Project) -> None:
    assert "McNemar" in plan_of(project)
    path = project.raw / "clinics" / "study.yml"
    path.write_text(STUDY.replace("linked: true", "linked: false"), encoding="utf-8")
    text = plan_of(project)
    assert "Fisher's exact test" in text
    assert "McNemar" not in text
    assert "Some persons may be in both groups" in text


@pytest.mark.parametrize("study", SHIPPED)
def test_every_family_that_the_graph_builds_is_in_the_plan(study: str) -> None:
    loaded = load_study(ROOT / "raw" / study)
    assert {one.family for one in analyses_of(loaded)} == set(families_of(loaded))
    assert set(families_of(loaded)) <= set(FAMILIES)
    assert plan_of(Project(ROOT, ROOT / "outputs"), study)


def test_no_sentence_says_that_something_was_caused(project: Project) -> None:
    text = plan_of(project)
    assert "There is no comparison group" in text
    rest = text.replace("Words such as *effect*, *impact*, *led to* or *improved by* are not used", "")
    assert not re.search(r"\b(impact|led to|improved by|effective)\b", rest)


def test_without_a_response_table_the_plan_says_so(project: Project) -> None:
    assert "How many were eligible and invited is not recorded" in plan_of(project)


def test_sources_are_those_of_the_methods_page() -> None:
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    named = [
        source for sources in SOURCES.values() for source in re.findall(r"[^,;]+? (?:et al\. )?\(\d{4}\)", sources)
    ]
    assert len(named) > 20
    for source in named:
        author, year = source.strip().split()[0], re.findall(r"\d{4}", source)[0]
        assert re.search(rf"{author}[^;\n]*{year}", page), source


def rounds_of(study: Study, **said: object) -> Study:
    one = Rounds(**(study.analyses.rounds[0].model_dump() | said))
    return study.model_copy(
        update={"analyses": Analyses.model_construct(**(dict(study.analyses) | {"rounds": (one,)}))}
    )


def test_the_smallest_difference_is_that_of_the_expected_number(project: Project) -> None:
    study = load_study(project.raw / "clinics", files=False)
    assert "does not say how many answers are expected" in str(sizes(study))
    # R: power.prop.test(n = 100, p1 = 0.5, power = 0.8)$p2 is 0.6921
    text = str(sizes(rounds_of(study, linked=False, expected=100)))
    assert "does not say how many" not in text
    assert "100 are expected." in text
    assert re.search(r"\| 100 \| 19 \| 23 \|", text)
    assert "± 10 points" in text


def test_a_scaffolded_folder_gives_a_draft(tmp_path: Path) -> None:
    wish = Wish("mine", "A, B, C", ",".join(instruments()), "spring,autumn", "sessions,groups,workforce,headcount")
    write_folder(tmp_path / "raw" / "mine", texts_of(planned(tmp_path / "raw", wish)))
    text = plan_of(Project(tmp_path, tmp_path / "outputs"), "mine")
    assert "This is a draft" in text
    assert text.count("### Question") == len(instruments()) + 2


def test_the_source_uses_only_what_both_engines_render() -> None:
    assert lint(ROOT / "reports" / "_analysis_plan.qmd") == []


def test_it_is_rendered_before_data_are_in(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_plan(project, "clinics", ["html"]) == 0
    assert "outputs/reports/clinics-analysis-plan.html" in capsys.readouterr().out
    html = (project.reports / "clinics-analysis-plan.html").read_text(encoding="utf-8")
    assert "Do clients feel better?" in html
    assert "Traceback" not in html


def test_a_format_that_is_none_and_a_broken_study_file(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_plan(project, "clinics", ["odt"]) == 2
    assert "html, docx, pdf" in capsys.readouterr().out
    path = project.raw / "clinics" / "study.yml"
    path.write_text(STUDY.replace("wave: later, data", "wave: latter, data"), encoding="utf-8")
    with pytest.raises(ProblemsFoundError, match="Did you mean 'later'"):
        write_plan(project, "clinics", ["html"])


@pytest.fixture
def git(project: Project) -> Callable[..., None]:
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]

    def call(*arguments: str) -> None:
        day = "2027-01-15T12:00:00Z"
        environment = {"GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day, "PATH": os.environ["PATH"]}
        command = ["git", "-C", str(project.root), *who, *arguments]
        subprocess.run(command, check=True, env=environment, capture_output=True)

    return call


def test_a_committed_study_file_has_its_date(project: Project, git: Callable[..., None]) -> None:
    git("init", "-q")
    assert "committed" not in plan_of(project)
    git("add", ".")
    git("commit", "-q", "-m", "The study file")
    assert "committed on 15 January 2027" in plan_of(project)
    path = project.raw / "clinics" / "study.yml"
    path.write_text(STUDY + "# changed\n", encoding="utf-8")
    assert "committed" not in plan_of(project)
