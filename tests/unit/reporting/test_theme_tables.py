"""Tables on coded material, on estimates as the methods make them."""

import pandas as pd
import pytest

from pipeline.methods.agreement import agreement
from pipeline.methods.results import Results
from pipeline.methods.themes import frequencies, saturation
from pipeline.release import write_release
from pipeline.reporting import theme_tables as themes
from pipeline.reporting.reader import Release
from pipeline.store import Project
from tests.unit.methods.coded_frames import coded

GIVEN = {
    "coder-1": ["hope", "hope ties", "ties", "", "hope ties", "hope", "", "ties pace"],
    "coder-2": ["hope", "hope ties", "hope", "", "hope ties", "ties", "", "ties pace"],
    "coder-3": [None, "hope ties", None, "", None, None, None, None],
}


@pytest.fixture
def release(tmp_path) -> Release:
    project = Project(tmp_path, tmp_path / "outputs")
    arguments = coded(GIVEN)
    estimates = Results.concat(method(*arguments) for method in (frequencies, saturation, agreement)).estimates
    labels = pd.DataFrame(
        [("demo", "item", "codebook", code, code.capitalize(), i, "") for i, code in enumerate(("hope", "ties"))],
        columns=["study", "kind", "parent", "id", "label", "order", "direction"],
    )
    write_release(project, "demo", {"estimates": estimates, "labels": labels})
    return Release("demo", project)


def lines(table) -> list[str]:
    return str(table).splitlines()


def test_frequencies_with_each_coders_count(release):
    found = lines(themes.frequencies(release))
    assert found[0] == (
        "| Code | Most coders | Share | At least one | Coder 1 (of 8) | Coder 2 (of 8) | Coder 3 (of 2) |"
    )
    assert found[2] == "| Hope | 3 of 8 | 38% | 63% | 4 | 4 | 1 |"
    assert found[4].startswith("| Pace | 1 of 8 | 13% |")


def test_agreement_from_the_highest_alpha_with_what_it_carries(release):
    found = lines(themes.agreement(release))
    assert "Kappa, coder 1 and coder 2" in found[0]
    assert found[2].startswith("| Pace |")
    assert found[2].endswith("| 1.00 | conclusions |")
    assert found[-1].endswith("| define more clearly |")


def test_sentences_on_agreement(release):
    assert themes.codes_that(release, "conclusions") == "Pace"
    assert themes.codes_that(release, "tentative conclusions") == "none"
    assert themes.codes_that(release, "define more clearly") == "Hope and Ties"
    assert themes.how_many(release, "define more clearly") == "2"
    assert themes.hidden_codes(release) == "0"


def test_all_codes_together(release):
    found = lines(themes.together(release))[2:]
    assert len(found) == 6
    assert found[0].startswith("| Alpha: each code given or not")
    assert found[3].startswith("| Mean Jaccard index of the sets of coder 1 and coder 2 |")


def test_pairs_from_the_most_frequent(release):
    found = lines(themes.pairs(release, most=2))
    assert found[2] == "| Hope with Ties | 2 of 8 | 50% |"
    assert len(found) == 4


def test_sentences_on_themes_and_saturation(release):
    assert themes.most_frequent(release) == "Hope (38%) and Ties (38%)"
    assert themes.whole(release, "count", category="coded", group="") == "8"
    assert themes.last_new_code(release) == "8"
    assert themes.whole(release, "saturation_point") == "4"


@pytest.mark.parametrize(("value", "carries"), [(0.8, 0), (0.79, 1), (0.667, 1), (0.66, 2), (-0.1, 2)])
def test_customary_limits(value, carries):
    assert themes.verdict(pd.Series({"value": value})) == themes.VERDICTS[carries]
    assert themes.verdict(pd.Series({"value": float("nan")})) == "–"
