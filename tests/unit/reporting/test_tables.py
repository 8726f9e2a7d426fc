"""Tables that reports share, on what a real run released."""

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release import write_release
from pipeline.reporting import tables
from pipeline.reporting.reader import Release
from pipeline.store import Project
from schemas.vocabulary import OUTCOMES


@pytest.fixture(scope="module")
def harbour(made_project: Project) -> Release:
    return Release("harbour", made_project)


def test_claims_are_counted(harbour: Release) -> None:
    assert tables.claims_count(harbour) == "1"
    assert tables.claims_count(harbour, "agrees") == "1"
    assert tables.claims_count(harbour, "differs") == "0"
    assert str(tables.scorecard(harbour)).splitlines()[2:] == [
        f"| agrees | 1 | {OUTCOMES['agrees']} |",
        "| All | 1 |  |",
    ]


def test_questions_and_what_answers_them(made_project: Project) -> None:
    lines = str(tables.questions(Release("mini-river", made_project))).splitlines()
    assert lines[2:] == ["| Whom does it reach? | Sessions per client; RSA score |"]


def test_a_question_that_nothing_answers_yet(project: Project) -> None:
    path = project.released("mini-river", "questions.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("Sessions per client; RSA score", ""), encoding="utf-8")
    lines = str(tables.questions(Release("mini-river", project))).splitlines()
    assert lines[1:] == ["| :--- | :--- |", "| Whom does it reach? | not declared |"]


def test_findings_say_that_nobody_has_signed(harbour: Release) -> None:
    (line,) = str(tables.findings(harbour)).splitlines()[2:]
    assert line.startswith("| Most of the staff strongly agree")
    assert "proposed, not reviewed" in line


def test_what_was_withheld_by_reason(made_project: Project) -> None:
    release = Release("mini-river", made_project)
    lines = str(tables.withheld(release)).splitlines()
    assert lines[0] == "| Reason | Cells | Estimates |"
    assert len(lines) == 2 + len(release.disclosure) > 2


@pytest.fixture
def compared(tmp_path) -> Project:
    """Two rounds of one instrument compared, by two models."""
    project = Project(tmp_path, tmp_path / "outputs")
    ledger = Ledger(Context("s", "observed"))
    keys = {
        "instrument": "i",
        "category": "yes",
        "wave": "w2",
        "reference": "w1",
        "contrast": "waves",
        "denominator": "answered",
    }
    for model, item, value in (
        ("independent", "hope", 0.2),
        ("independent", "trust", None),
        ("linked", "hope", -0.1),
    ):
        numbers = (
            {"low": value - 0.1, "high": value + 0.1, "p": 0.0004, "p_adjusted": 0.04}
            if value
            else {"reason": "no rows"}
        )
        sizes = {"n": 30.0, "n_reference": 40.0} if model == "independent" else {"n": 25.0}
        more = {**keys, **numbers, **sizes, "model": model, "item": item, "family": model, "unit": "proportion"}
        ledger.estimate("difference", value, service="all", **more)
    detectable = {**keys, "model": "independent", "item": "hope", "at": "0.8", "unit": "proportion"}
    ledger.estimate("minimum_detectable_difference", 0.33, service="all", **detectable)
    labels = pd.DataFrame(columns=["study", "kind", "parent", "id", "label", "order", "direction"])
    write_release(project, "s", {"estimates": ledger.results().estimates, "labels": labels})
    return project


def test_rounds_compared(compared: Project) -> None:
    lines = str(tables.comparison(Release("s", compared), "independent")).splitlines()
    assert lines[0].startswith("| Item | n W1 | n W2 | Difference in points")
    assert "p (Fisher)" in lines[0]
    assert lines[2] == "| Hope | 40 | 30 | +20 (10 to 30) | < 0.001 | 0.040 | 33 |"
    assert lines[3] == "| Trust | 40 | 30 | no rows | – | – | – |"


def test_linked_rounds_have_pairs(compared: Project) -> None:
    lines = str(tables.comparison(Release("s", compared), "linked")).splitlines()
    assert "| Pairs |" in lines[0]
    assert "p (McNemar)" in lines[0]
    assert lines[2] == "| Hope | 25 | −10 (−20 to 0) | < 0.001 | 0.040 | – |"


def test_what_rows_do_not_determine(tmp_path) -> None:
    project = Project(tmp_path, tmp_path / "outputs")
    ledger = Ledger(Context("s", "reconstructed"))
    for service in ("a", "b", "c"):
        ledger.estimate(
            "median",
            None,
            service=service,
            item="sessions",
            low=3.0,
            high=5.5,
            reason="not identified",
            identified="no",
        )
    ledger.estimate("mean", 4.0, service="a", item="sessions", identified="exact")
    labels = pd.DataFrame(columns=["study", "kind", "parent", "id", "label", "order", "direction"])
    write_release(project, "s", {"estimates": ledger.results().estimates, "labels": labels})
    lines = str(tables.unidentified(Release("s", project), most=2)).splitlines()[2:]
    assert len(lines) == 2
    assert all("median | 3.0 to 5.5 |" in line for line in lines)
