"""The response that stands with tables and figures of survey answers."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release import write_release
from pipeline.reporting import study_overview, tables
from pipeline.reporting.reader import NotReleasedError, Release
from pipeline.reporting.response_notes import response_note
from pipeline.store import Project, write_csv, write_text
from schemas.vocabulary import parse_estimate_id

RATES = {
    ("clients", "spring", "all"): (34, 60),
    ("clients", "spring", "a"): (20, 30),
    ("clients", "spring", "b"): (14, 30),
    ("clients", "spring", "c"): None,
    ("clients", "autumn", "all"): None,
}
UNIT = {"population": "clients", "unit": "proportion"}
NO_VALUE = ["value", "low", "high", "n", "events"]


def estimates() -> pd.DataFrame:
    """Shares of two surveys, a comparison, a share of contacts, codes, and response rates of one of the surveys."""
    ledger = Ledger(Context("s", "observed", services=("a", "b", "c")))
    for (instrument, wave, service), counts in RATES.items():
        answered, invited = counts or (1, 2)
        ledger.estimate(
            "response_rate", answered / invited, service=service, instrument=instrument, wave=wave,
            denominator="invited", n=invited, events=answered, **UNIT,
        )  # fmt: skip
    for service in ("all", "a", "b", "c"):
        for instrument, wave in (("clients", "spring"), ("clients", "autumn"), ("staff", "spring")):
            ledger.estimate(
                "share", 0.5, service=service, instrument=instrument, wave=wave, item="hope", category="yes", **UNIT
            )
    ledger.estimate(
        "difference", 0.1, service="all", instrument="clients", item="hope", contrast="waves", reference="spring",
        wave="autumn", family="rounds", **UNIT,
    )  # fmt: skip
    ledger.estimate("share", 0.5, service="all", item="support", category="group", **UNIT)
    ledger.estimate("share", 0.5, service="all", instrument="codebook", item="hope", category="coded", **UNIT)
    frame = ledger.results().estimates
    hidden = [key for key, counts in RATES.items() if counts is None]
    of_rates = frame["statistic"] == "response_rate"
    keys = zip(frame["instrument"], frame["wave"], frame["service"], strict=True)
    frame["suppressed"] = of_rates & pd.Series([key in hidden for key in keys], index=frame.index)
    frame.loc[frame["suppressed"], NO_VALUE] = None
    return frame.assign(reason=frame["suppressed"].map({True: "suppressed", False: ""}))


LABELS = [
    ("study", "", "s", "The Study", 0),
    ("instrument", "", "clients", "Client form", 0),
    ("instrument", "", "staff", "Staff form", 0),
    ("wave", "", "spring", "Spring 2024", 0),
    ("wave", "", "autumn", "Autumn 2024", 1),
]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    project = Project(tmp_path, tmp_path / "outputs")
    labels = pd.DataFrame(
        [("s", *label, "") for label in LABELS],
        columns=["study", "kind", "parent", "id", "label", "order", "direction"],
    )
    write_release(project, "s", {"estimates": estimates(), "labels": labels})
    return Release("s", project)


def note(release: Release, **keys: object) -> str:
    return response_note(release.select(**keys), release.estimates, release.label)  # type: ignore[arg-type]


def test_answered_of_invited_with_the_services_that_are_shown(release: Release) -> None:
    told = note(release, statistic="share", instrument="clients", wave="spring")
    assert told == (
        "Response: Client form, Spring 2024: answered 34 of 60 invited (57%; services 47% to 67%, 1 withheld)."
    )


def test_where_very_many_estimates_are_named_by_patterns(release: Release) -> None:
    ids = ["s/all/share/population=clients/instrument=clients/item=hope/category=yes/wave=spring"]
    ids.append(ids[0].replace("s/all/", "s/*/"))
    told = response_note(pd.DataFrame(map(parse_estimate_id, ids)), release.estimates, release.label)
    assert "answered 34 of 60 invited (57%; services 47% to 67%, 1 withheld)" in told


def test_over_all_services_the_response_of_all(release: Release) -> None:
    told = note(release, statistic="share", instrument="clients", wave="spring", service="all")
    assert told == "Response: Client form, Spring 2024: answered 34 of 60 invited (57%)."


def test_of_one_service_its_own_response(release: Release) -> None:
    told = note(release, statistic="share", instrument="clients", wave="spring", service="a")
    assert told == "Response: Client form, Spring 2024: answered 20 of 30 invited (67%)."


@pytest.mark.parametrize(("service", "wave"), [("c", "spring"), ("all", "autumn")])
def test_what_the_gate_withheld_is_withheld_here_too(service: str, wave: str, release: Release) -> None:
    told = note(release, statistic="share", instrument="clients", wave=wave, service=service)
    assert told.endswith("response rate withheld.")
    assert "invited" not in told


def test_both_waves_that_are_compared(release: Release) -> None:
    told = note(release, statistic="difference")
    assert "Spring 2024: answered 34 of 60 invited (57%), Autumn 2024: response rate withheld." in told


def test_a_survey_without_response_rows_says_so_once(release: Release) -> None:
    assert note(release, instrument="staff", statistic="share") == "Response: Staff form: response rate not known."


@pytest.mark.parametrize(
    "keys", [{"item": "support"}, {"instrument": "codebook"}, {"statistic": "response_rate"}], ids=str
)
def test_what_is_no_survey_answer_has_no_note(keys: dict[str, str], release: Release) -> None:
    assert note(release, **keys) == ""


def test_every_table_of_a_survey_ends_with_its_response(release: Release) -> None:
    table = str(release.table("share", rows="service", instrument="staff", wave="spring"))
    assert table.splitlines()[-2:] == ["", "*Response: Staff form: response rate not known.*"]
    assert "Response" not in str(release.table("share", rows="item", item="support"))
    assert "*Response: Client form," in str(study_overview.shares(release))


def test_a_comparison_ends_with_the_response_of_both_rounds(compared: Release) -> None:
    assert "Spring 2024: answered 34 of 60" in str(tables.comparison(compared, "rounds"))


@pytest.fixture
def compared(release: Release) -> Release:
    found = release.estimates
    detectable = found[found["statistic"] == "difference"].assign(statistic="minimum_detectable_difference")
    write_release(release.project, "s", {"estimates": pd.concat([found, detectable])})
    return Release("s", release.project)


def test_a_figure_of_a_survey_has_the_response_in_its_caption(release: Release) -> None:
    folder = release.project.release / "figures" / "s"
    shares = release.estimates.query("instrument == 'clients' and statistic == 'share' and wave == 'spring'")
    contacts = release.estimates.query("item == 'support'")
    index = [
        ("answers", "Answers.", "Bars.", " ; ".join(shares["estimate_id"])),
        ("support", "Support.", "Bars.", " ; ".join(contacts["estimate_id"])),
        ("empty", "Nothing.", "None.", ""),
    ]
    write_csv(folder / "figures.csv", pd.DataFrame(index, columns=["name", "caption", "alt", "estimates"]))
    write_text(folder / "answers.txt", "Bars.\n")
    assert "![Answers. Response: Client form, Spring 2024: answered 34 of 60 invited" in str(
        release.figure("answers")
    )
    assert "![Mine. Response: " in str(release.figure("answers", caption="Mine."))
    assert "![Support.](" in str(release.figure("support"))
    assert "![Nothing.](" in str(release.figure("empty"))
    with pytest.raises(NotReleasedError, match="there are: answers, support, empty"):
        release.figure("gone")


def test_no_table_or_figure_of_a_survey_in_a_real_release_goes_without(made_project: Project) -> None:
    for study in ("mini-river", "harbour"):
        release = Release(study, made_project)
        figures = [str(release.figure(name)) for name in release.figure_names() if name.startswith("feedback")]
        assert figures
        assert all("response rate not known" in figure for figure in figures)
        assert "response rate not known" in str(study_overview.shares(release))
