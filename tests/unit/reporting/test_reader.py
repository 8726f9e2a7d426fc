"""Look-ups in the release zone."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release import write_release
from pipeline.reporting.reader import NotReleasedError, Release
from pipeline.store import Project, write_csv, write_text
from schemas.vocabulary import ESTIMATE_KEYS

SURVEY = {"population": "clients", "instrument": "client-feedback", "wave": "autumn", "unit": "proportion"}


def released(root: Path) -> Project:
    """A study with five shares, one mean, labels and a figure in its release zone, and nothing else."""
    project = Project(root, root / "outputs")
    ledger = Ledger(Context("s", "demonstration", services=("a", "b")))
    for service, item, value in (("a", "hope", 0.25), ("a", "trust", 0.5), ("b", "hope", 0.75), ("all", "hope", 0.4)):
        more = {"low": value - 0.1, "high": value + 0.1, "n": 20.0, "events": 20 * value}
        ledger.estimate(
            "share", value, service=service, item=item, category="yes", denominator="asked", **more, **SURVEY
        )
    ledger.estimate(
        "share", None, service="b", item="trust", category="yes", denominator="asked", reason="no rows", **SURVEY
    )
    ledger.estimate("share", 0.8, service="all", item="hope", category="yes", denominator="answered", **SURVEY)
    ledger.estimate("mean", -2.26, service="all", item="sessions", population="clients", unit="sessions")
    estimates = ledger.results().estimates
    estimates["suppressed"] = (estimates["service"] == "a") & (estimates["item"] == "trust")
    names = [
        ("study", "", "s", "The Study", 0), ("service", "", "b", "Beech", 0), ("service", "", "a", "Ash", 1),
        ("item", "client-feedback", "trust", "Trusts others", 0), ("item", "client-feedback", "hope", "Has hope", 1),
        ("item", "other", "hope", "Another hope", 0),
    ]  # fmt: skip
    labels = pd.DataFrame(
        [("s", *name, "") for name in names], columns=["study", "kind", "parent", "id", "label", "order", "direction"]
    )
    write_release(project, "s", {"estimates": estimates, "labels": labels, "claims": _claims(), "scorecard": CARD})
    folder = project.release / "figures" / "s"
    index = [("s", "shares", "Shares", "Shares of answers", 'Bars: "hope" leads', "demonstration", "")]
    columns = ["study", "name", "title", "caption", "alt", "data_status", "estimates"]
    write_csv(folder / "figures.csv", pd.DataFrame(index, columns=columns))
    write_text(folder / "shares.txt", "Bars.\n")
    return project


CARD = pd.DataFrame({"outcome": ["agrees", "differs"], "claims": [1, 0]})


def _claims() -> pd.DataFrame:
    survey = "population=clients/instrument=client-feedback"
    estimate = f"s/all/share/{survey}/item=hope/category=yes/wave=autumn/denominator=asked"
    rows = [
        ("hope-yes", "percent", "=", 40.0, "", 0.0, estimate, "agrees"),
        ("grew", "verdict", "direction", None, "grew", None, "", "not computable"),
    ]
    columns = ["claim", "statistic", "operator", "published", "value_text", "decimals", "estimate_id", "outcome"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return released(tmp_path_factory.mktemp("released"))


@pytest.fixture
def release(project: Project) -> Release:
    return Release("s", project)


def test_a_study_that_is_not_released_says_what_to_do(project: Project) -> None:
    with pytest.raises(NotReleasedError, match="peerscope run --study nowhere"):
        Release("nowhere", project)


def test_a_frame_that_is_not_released(release: Release) -> None:
    with pytest.raises(NotReleasedError, match="'findings' of study 's' is not released"):
        _ = release.findings


def test_one_value_as_text(release: Release) -> None:
    assert release.value("share", item="hope", denominator="asked") == "40%"
    assert release.value("share", "a", item="hope") == "25%"
    assert release.value("share", item="hope", denominator="asked", show="value with interval") == "40% (30 to 50)"
    assert release.value("mean") == "−2.3"
    assert release.value("share", "a", item="trust") == "withheld"
    assert release.value("share", "b", item="trust") == "no rows"


@pytest.mark.parametrize("keys", [{"item": "hope"}, {"item": "joy"}])
def test_one_value_needs_one_estimate(keys: dict[str, str], release: Release) -> None:
    with pytest.raises(NotReleasedError, match=r"one is needed|no estimate has"):
        release.value("share", **keys)


def test_a_key_that_there_is_not(release: Release) -> None:
    with pytest.raises(NotReleasedError, match=r"no key 'itm'\. Did you mean 'item'"):
        release.value("share", itm="hope")
    with pytest.raises(NotReleasedError, match=r"no estimate has statistic 'shar'\. Did you mean 'share'"):
        release.select("shar")


def test_the_lowest_and_the_highest(release: Release) -> None:
    assert release.span("share", item="hope", service=["a", "b"]) == "25% to 75%"
    assert release.span("share", item="hope", service="a") == "25%"
    with pytest.raises(NotReleasedError, match="no estimate has item 'joy'"):
        release.span("share", item="joy")


def test_a_table_in_declared_order(release: Release) -> None:
    table = release.table("share", rows="service", columns="item", service=["a", "b"], first="Service")
    assert str(table).splitlines() == [
        "| Service | Trusts others | Has hope |",
        "| :--- | :--- | ---: |",
        "| Beech | no rows | 75% |",
        "| Ash | withheld | 25% |",
        "",
        "*Response: Client feedback: response rate not known.*",
    ]


def test_a_table_with_several_things_shown(release: Release) -> None:
    lines = str(
        release.table("share", rows="service", item="hope", denominator="asked", show=("value", "n"))
    ).splitlines()
    assert lines[0] == "| Service | Value | n |"
    assert lines[2:5] == [
        "| Beech | 75% | 20 |",
        "| Ash | 25% | 20 |",
        "| All | 40% | 20 |",
    ]


def test_a_cell_without_an_estimate_is_a_dash(release: Release) -> None:
    lines = str(release.table("share", rows="item", columns="service", denominator="asked")).splitlines()
    assert lines[2] == "| Trusts others | no rows | withheld | – |"


def many_services(root: Path, services: int) -> Release:
    """Shares of so many services at two waves: one withheld, one without rows, all of them together."""
    ledger = Ledger(Context("s", "observed"))
    for wave in ("w1", "w2"):
        keys = {"item": "support", "category": "group", "wave": wave, "unit": "proportion", "population": "support"}
        ledger.estimate("share", 0.5, service="all", n=1000, **keys)
        for i in range(services):
            why = {"reason": "no rows"} if i == 3 else {"n": 10.0 + i}
            ledger.estimate("share", None if i == 3 else 0.2 + 0.01 * i, service=f"s{i}", **why, **keys)
    estimates = ledger.results().estimates
    estimates["suppressed"] = (estimates["service"] == "s0") & (estimates["wave"] == "w1")
    labels = pd.DataFrame(
        [("s", "service", "", "all", "All services", 0, "")],
        columns=["study", "kind", "parent", "id", "label", "order", "direction"],
    )
    project = Project(root, root / "outputs")
    write_release(project, "s", {"estimates": estimates, "labels": labels})
    return Release("s", project)


def test_of_many_services_a_table_says_what_they_range_over(tmp_path: Path) -> None:
    release = many_services(tmp_path, 41)
    table = str(release.table("share", rows="service", columns="wave", show=("value", "n"), item="support"))
    assert table.splitlines() == [
        "| Service | W1 | W1: n | W2 | W2: n |",
        "| :--- | ---: | ---: | ---: | ---: |",
        "| All services | 50% | 1000 | 50% | 1000 |",
        "| Lowest | 21% | 11 | 20% | 10 |",
        "| Highest | 60% | 50 | 60% | 50 |",
        "| Services shown | 39 | 39 | 40 | 40 |",
        "| Services withheld | 1 | 1 | 0 | 0 |",
        "| Services without a value | 1 | 1 | 1 | 1 |",
        "",
        "Lowest and highest of each column, which need not be of one service, without names: this is not a ranking. "
        "All released values are in `estimates.csv`.",
    ]


def test_forty_services_have_a_row_each_and_one_estimate_a_cell(tmp_path: Path) -> None:
    table = str(many_services(tmp_path / "a", 40).table("share", rows="service", columns="wave"))
    assert len(table.splitlines()) == 2 + 41
    with pytest.raises(NotReleasedError, match=r"differ in wave$"):
        many_services(tmp_path / "b", 41).table("share", rows="service")


def test_several_estimates_for_one_cell_say_in_what_they_differ(release: Release) -> None:
    with pytest.raises(NotReleasedError, match=r"differ in denominator$"):
        release.table("share", rows="item", service="all")


def test_a_table_of_nothing(release: Release) -> None:
    with pytest.raises(NotReleasedError, match="no estimate has wave 'winter'"):
        release.table("share", rows="item", wave="winter")


def test_published_figures_beside_recomputed_counts(release: Release) -> None:
    lines = str(release.claims_table("hope-*", rows="item", first="What")).splitlines()
    assert lines[0] == "| What | Published | Recomputed |"
    assert lines[2] == "| Has hope | 40% | 8 of 20 |"
    assert "| grew | – | not computable |" in str(release.claims_table("gr*", rows="claim"))
    with pytest.raises(NotReleasedError, match="no claim fits"):
        release.claims_table("joy-*", rows="item")


def test_labels_and_what_has_none(release: Release) -> None:
    assert release.label("item", "hope", "client-feedback") == "Has hope"
    assert release.label("item", "hope", "other") == "Another hope"
    assert release.label("service", "nowhere-else") == "Nowhere else"


def test_a_figure_with_caption_and_text(release: Release, monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    monkeypatch.chdir(project.release)
    assert str(release.figure("shares")) == (
        '![Shares of answers](figures/s/shares){#fig-shares fig-alt="Bars: ”hope” leads"}'
    )
    assert "![My words](" in str(release.figure("shares", caption="My words", label="fig-mine"))
    assert "#fig-mine" in str(release.figure("shares", label="fig-mine"))
    assert release.figure_names() == ["shares"]
    assert release.alt("shares") == "Bars."


def test_an_unknown_figure_names_those_there_are(release: Release) -> None:
    with pytest.raises(NotReleasedError, match="no figure 'shars'; there are: shares"):
        release.figure("shars")


def test_the_status_note_names_the_study(release: Release) -> None:
    assert "The Study does not exist" in str(release.status_note())


def test_claims_carry_the_keys_of_their_estimates(release: Release) -> None:
    claims = release.claims.set_index("claim")
    assert claims.loc["hope-yes", "item"] == "hope"
    assert claims.loc["grew", "item"] == ""
    assert set(ESTIMATE_KEYS) <= set(release.claims.columns)


def test_only_the_release_zone_is_opened(made_project: Project, tmp_path: Path) -> None:
    """A study whose restricted zone, raw files and manifest are gone reads as before."""
    shutil.copytree(made_project.release, tmp_path / "outputs" / "release")
    for study in ("mini-river", "harbour"):
        alone, whole = (Release(study, p) for p in (Project(tmp_path, tmp_path / "outputs"), made_project))
        for name in ("estimates", "labels", "findings", "questions", "disclosure"):
            pd.testing.assert_frame_equal(getattr(alone, name), getattr(whole, name))
        assert alone.figure_names() == whole.figure_names()
    assert len(Release("harbour", made_project).findings) == 1
