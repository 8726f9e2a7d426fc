"""Tables and phrases on drivers, from estimates with known numbers."""

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger
from pipeline.release import write_release
from pipeline.reporting import driver_tables
from pipeline.reporting.reader import Release
from pipeline.store import Project

KEYS = {"instrument": "i", "wave": "w1", "term": "success", "model": "drivers"}
WEIGHTS = {"clear": 0.05, "backed": 0.2, "paid": 0.1}


@pytest.fixture
def release(tmp_path) -> Release:
    """Three factors at two services."""
    ledger = Ledger(Context("s", "demonstration"))
    for place, (item, weight) in enumerate(WEIGHTS.items()):
        ends = {"low": weight - 0.04, "high": weight + 0.1}
        base = {**KEYS, "item": item, "n": 50.0}
        ledger.estimate("relative_weight", weight, service="all", unit="proportion", **base, **ends)
        ledger.estimate("top_rank_share", 3 * weight, service="all", at="1", unit="proportion", **base)
        coefficient = {"low": weight - 0.15, "high": weight + 0.15}
        ledger.estimate("standardised_coefficient", weight, service="all", **base, **coefficient)
        for service, value in (("all", 2 * weight), ("a", 0.5), ("b", 0.5 - weight)):
            tested = {"p": 0.01 * place, "p_adjusted": 0.03 * place, "low": value - 0.2, "high": value + 0.2}
            ledger.estimate("correlation", value, service=service, **base, **tested)
        apart = {"contrast": "services", "reference": "a", "low": -weight - 0.15, "high": -weight + 0.15}
        ledger.estimate("difference", -weight, service="b", **base, **apart)
    for model, size in (("one-test", 87.0), ("first-of-3-tests", 112.0)):
        plain = {**KEYS, "model": model, "unit": "respondents"}
        ledger.estimate("respondents_needed", size, service="all", at="0.3", **plain)
        two = {"contrast": "services", "reference": "0.2", "at": "0.5"}
        ledger.estimate("respondents_needed", 2 * size, service="all", **plain, **two)
        for service in ("all", "a"):
            found = {**KEYS, "model": model, "at": "0.8", "n": 50.0}
            ledger.estimate("minimum_detectable_correlation", size / 300, service=service, **found)
    names = [("service", "", "a", "Alpha", 0), ("service", "", "b", "Beta", 1), ("service", "", "all", "All", 2)]
    names += [
        ("item", "i", "clear", "Clear", 0),
        ("item", "i", "backed", "Backed", 1),
        ("item", "i", "paid", "Paid", 2),
    ]
    labels = pd.DataFrame(names, columns=["kind", "parent", "id", "label", "order"]).assign(study="s", direction="")
    project = Project(tmp_path, tmp_path / "outputs")
    write_release(project, "s", {"estimates": ledger.results().estimates, "labels": labels})
    return Release("s", project)


def lines(table) -> list[str]:
    return str(table).splitlines()


def test_the_strongest_correlation_comes_first(release: Release) -> None:
    rows = lines(driver_tables.correlations(release))
    assert rows[2] == "| Backed | 0.40 (0.20 to 0.60) | 0.030 | 50 |"
    assert [row.split(" | ")[0] for row in rows[2:5]] == ["| Backed", "| Paid", "| Clear"]


def test_the_heaviest_factor_comes_first(release: Release) -> None:
    rows = lines(driver_tables.together(release))
    assert rows[0] == "| Factor | Part in % (95% interval) | First | Coefficient (95% interval) |"
    assert rows[2] == "| Backed | 20 (16 to 30) | 60% | 0.20 (0.05 to 0.35) |"
    assert rows[4].startswith("| Clear | 5 (1 to 15) | 15% |")


def test_services_beside_each_other_and_their_difference(release: Release) -> None:
    rows = lines(driver_tables.by_service(release))
    assert rows[0] == "| Factor | Alpha | Beta | Beta minus Alpha |"
    assert rows[2] == "| Backed | 0.50 (0.30 to 0.70) | 0.30 (0.10 to 0.50) | −0.20 (−0.35 to −0.05) |"


def test_sizes(release: Release) -> None:
    rows = lines(driver_tables.needed(release))
    assert rows[0] == "| To be found | One test | First of 3 tests |"
    assert rows[2:] == [
        "| A correlation of 0.3 | 87 | 112 |",
        "| Correlations of 0.2 and 0.5 told apart, each of two groups | 174 | 224 |",
    ]
    assert lines(driver_tables.detectable(release))[2:4] == [
        "| Alpha | 50 | 0.29 | 0.37 |",
        "| All | 50 | 0.29 | 0.37 |",
    ]
    assert driver_tables.needed_for(release, "0.3") == "87"
    assert driver_tables.needed_for(release, "0.3", several=True) == "112"


def test_each_table_of_answers_ends_with_their_response(release: Release) -> None:
    for name in ("correlations", "together", "by_service", "detectable"):
        table = lines(getattr(driver_tables, name)(release))
        assert table[-1] == "*Response: I: response rate not known.*", name
    assert lines(driver_tables.needed(release))[-1].startswith("|"), "nobody answered: a calculation"


def test_phrases(release: Release) -> None:
    assert driver_tables.first_factors(release, most=2) == "“Backed” and “Paid”"
    assert driver_tables.first_factors(release) == "“Backed”, “Paid” and “Clear”"
    assert driver_tables.first_share(release) == "60%"
    assert driver_tables.significant(release) == "2 of the 3"
    assert driver_tables.clear_coefficients(release) == "1 of 3"
    assert driver_tables.clear_differences(release) == "1 of 3"
