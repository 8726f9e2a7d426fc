"""Tables of the audit over all studies, on what a real run released and on a small release made here."""

import pandas as pd
import pytest

from pipeline.methods.as_published import aggregates, exhaustive
from pipeline.methods.claims import evaluate, scorecard
from pipeline.methods.consistency import consistency
from pipeline.methods.granularity import granularity
from pipeline.methods.results import Context, Ledger, Results
from pipeline.release import AUDITED, merge, write_release
from pipeline.reporting import audit_tables
from pipeline.reporting.lint import lint
from pipeline.reporting.merged import Merged
from pipeline.reporting.reader import NotReleasedError
from pipeline.store import Project
from schemas.study import Aggregates
from tests.unit.methods.published_claims import ROOT, answers, claims_of


def lines(table: object) -> list[str]:
    """Body of a Markdown table."""
    return str(table).splitlines()[2:]


def release_of(project: Project, study: str, claims: pd.DataFrame, status: str, rules: list[Aggregates]) -> None:
    """Release one study as its assets do."""
    ledger = Ledger(Context(study, status))
    ledger.estimate("median", None, service="all", item="sessions", low=3, high=5, reason="not identified")
    ledger.estimate("mean", 4.0, service="all", item="sessions", identified="exact")
    entered = aggregates(claims, rules, Context(study, "observed"))
    estimates = Results.concat([ledger.results(), entered]).estimates
    whole = exhaustive(claims["claim"], rules)
    possible = granularity(claims, study, exhaustive=whole)
    outcomes = evaluate(claims, estimates, possible, study)
    reason = {"study": [study], "reason": ["minimum cell"], "cells": [3], "estimates": [4]}
    label = {"kind": "study", "parent": "", "id": study, "label": study.title(), "order": 0, "direction": ""}
    frames = {
        "estimates": estimates,
        "disclosure": pd.DataFrame(reason),
        "labels": pd.DataFrame([{"study": study} | label]),
        "claims": outcomes,
        "scorecard": scorecard(outcomes),
        "granularity": possible,
        "consistency": consistency(claims, study, exhaustive=whole),
    }
    write_release(project, study, frames)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Merged:
    root = tmp_path_factory.mktemp("audited")
    project = Project(root, root / "outputs")
    mix = answers("mix", {"group": 12, "individual": 87}, None, instrument="")
    few = answers("calm", {"high": 39}, 19, expected="agrees", statement="39 % of staff were calm")
    rough = answers("glad", {"high": 25}, 36, operator="≈", expected="as published")
    rules = [Aggregates(claims=("mix-*",), reason="no n", exhaustive=True)]
    rules += [Aggregates(claims=("glad-*",), reason="words")]
    mix = [row | {"expected": "as published"} for row in mix]
    release_of(project, "s", claims_of(*mix, *few, *rough), "reconstructed", rules)
    release_of(project, "t", claims_of({"published": 5, "statistic": "count"}), "observed", [])
    merge(project, ["s", "t"], ("estimates", "disclosure", "labels", *AUDITED))
    return Merged(project)


def test_studies_with_title_data_and_claims(release: Merged) -> None:
    assert lines(audit_tables.studies(release)) == [
        "| s | s | S | reconstructed | 4 |",
        "| t | t | T | observed | 1 |",
    ]


def test_claims_by_study_and_outcome(release: Merged) -> None:
    assert lines(audit_tables.scorecard(release)) == [
        "| s | 0 | 0 | 3 | 1 | 0 |",
        "| t | 0 | 0 | 1 | 0 | 0 |",
        "| All studies | 0 | 0 | 4 | 1 | 0 |",
    ]
    assert audit_tables.claims_count(release) == "5"
    assert audit_tables.claims_count(release, "as published", study="s") == "3"
    assert audit_tables.unexpected_count(release) == "2"


def test_figures_and_sets_are_counted(release: Merged) -> None:
    assert audit_tables.figures_count(release) == "3"
    assert audit_tables.figures_count(release, possible=False) == "1"
    assert audit_tables.sets_count(release, possible=True) == "1"
    assert audit_tables.without_any_n(release) == "0"
    assert lines(audit_tables.tests(release)) == [
        "| s | percent | 3 | 2 | 1 |",
        "| s | complementary pair | 1 | 1 | 0 |",
    ]


def test_what_is_not_possible_as_stated(release: Merged) -> None:
    (line,) = lines(audit_tables.impossible_figures(release))
    assert line == "| s | 39 % of staff were calm | 39% | 19 | 18 (half-up) |"


def test_percentages_without_n(release: Merged) -> None:
    group, individual = lines(audit_tables.figures_without_n(release))
    assert group == "| s | a figure | 12% | 8 (half-even, truncation) |"
    assert individual.endswith("| 87% | 8 (truncation) |")


def test_sets_that_ordinary_rounding_does_not_give(release: Merged) -> None:
    (line,) = lines(audit_tables.sets(release))
    assert line == "| s | Mix, W | complementary pair | 99% | possible only under truncation |"


def test_what_was_withheld_and_what_is_open(release: Merged) -> None:
    assert lines(audit_tables.disclosure(release)) == ["| s | minimum cell | 3 | 4 |", "| t | minimum cell | 3 | 4 |"]
    assert audit_tables.withheld_count(release) == "8"
    assert lines(audit_tables.identification(release)) == ["| s | Median | 1 | 0 |"]
    assert audit_tables.unidentified_count(release) == "1"


def test_versions_are_named() -> None:
    named = [line.split("|")[1].strip() for line in lines(audit_tables.versions())]
    assert {"peerscope", "dagster", "pandas"} <= set(named)


def test_nothing_to_list_says_so(made_project: Project) -> None:
    merged = Merged(made_project)
    assert lines(audit_tables.impossible_figures(merged)) == ["| None | – | – | – | – |"]
    assert lines(audit_tables.identification(merged)) == ["| None | – | – | – |"]
    assert audit_tables.claims_count(merged) == "1"


def test_before_the_first_run_it_says_what_to_do(tmp_path) -> None:
    merged = Merged(Project(tmp_path, tmp_path / "outputs"))
    for name in ("claims", "estimates"):
        with pytest.raises(NotReleasedError, match="peerscope run"):
            getattr(merged, name)


def test_tables_fit_a_page_and_the_report_uses_known_features(release: Merged) -> None:
    makers = ("studies", "scorecard", "tests", "impossible_figures", "figures_without_n", "sets", "disclosure")
    for name in (*makers, "identification"):
        header = str(getattr(audit_tables, name)(release)).splitlines()[0]
        assert header.count("|") - 1 <= 6, name
    assert lint(ROOT / "reports" / "reproducibility.qmd") == []


def test_a_study_without_rows_of_its_own_is_published(release: Merged) -> None:
    assert release.data_status("nobody") == "published"
    assert release.label("s", "item", "nothing") is None
