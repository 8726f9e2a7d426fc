import pytest

from pipeline.methods.ordinal import compare
from pipeline.methods.results import Results
from pipeline.methods.service_differences import NARROWER
from tests.unit.methods.ordinal_frames import LINKED, WAVES, drawn, placed
from tests.unit.methods.result_checks import CONTEXT, check, instrument, one, pick, surveys

PLACES = {"east": 0.0, "west": 0.6, "north": -0.4}
BOTH = {"w1": 30, "w2": 30}


def compared(rows, declared=WAVES) -> Results:
    return check(compare(surveys(rows), instrument(), declared, CONTEXT))


@pytest.mark.parametrize(
    ("declared", "plain", "clustered"),
    [(WAVES, "independent", "services as clusters"), (LINKED, "linked", "linked, services as clusters")],
)
def test_all_services_come_with_services_as_clusters_too(declared, plain, clustered):
    results = compared(drawn(BOTH, 0.7, PLACES, linked=declared.linked), declared)
    one_way, other = (
        one(results, statistic="superiority", item="hope", service="all", model=model) for model in (plain, clustered)
    )
    assert one_way["value"] == pytest.approx(other["value"])
    assert (one_way["n"], one_way["missing"]) == (other["n"], other["missing"])
    narrower = other["high"] - other["low"] < one_way["high"] - one_way["low"]
    note = f"; {NARROWER}" if narrower else ""
    assert other["reason"] == f"3 services as clusters: t with 2 degrees of freedom{note}"
    assert other["family"] == "ordered-superiority-clustered"
    assert 0 < other["low"] < other["high"] < 1


@pytest.mark.parametrize("declared", [WAVES, LINKED])
@pytest.mark.parametrize(("highs", "alike"), [((14, 14, 15), True), ((6, 10, 19), False)])
def test_services_that_happen_to_be_alike_are_noted(declared, highs, alike):
    rows = []
    for place, high in zip(PLACES, highs, strict=True):
        for wave, number in (("w1", 10), ("w2", high)):
            prefix = "" if declared.linked else f"{wave}-"
            rows += placed("hope", [4] * number + [1] * (20 - number), wave, place, prefix)
    results = compared(rows, declared)
    found = pick(results, statistic="superiority", item="hope", service="all")
    clusters = found["model"].str.endswith("services as clusters")
    assert found.loc[clusters, "reason"].str.endswith(NARROWER).tolist() == [alike]
    widths = found["high"] - found["low"]
    assert (widths[clusters].iloc[0] < widths[~clusters].iloc[0]) == alike
    assert not found.loc[~clusters, "reason"].str.contains("narrower").any()


@pytest.mark.parametrize("declared", [WAVES, LINKED])
def test_it_links_the_services_and_the_other_one_does_not(declared):
    results = compared(drawn(BOTH, 0.7, PLACES, linked=declared.linked), declared)
    rows = pick(results, statistic="superiority", item="hope", service="all")
    cells = results.cells.set_index("cell_id")["service"]
    behind = [set(cells[results.links.query("estimate_id == @key")["cell_id"]]) for key in rows["estimate_id"]]
    assert behind == [{"all"}, set(PLACES)]


@pytest.mark.parametrize("declared", [WAVES, LINKED])
def test_two_services_are_too_few_to_be_clusters(declared):
    results = compared(drawn(BOTH, 0.7, {"east": 0.0, "west": 0.6}, linked=declared.linked), declared)
    rows = results.estimates[results.estimates["model"].str.endswith("services as clusters")]
    assert set(rows["reason"]) == {"too few rows"}
    assert len(rows) == 2


@pytest.mark.parametrize("declared", [WAVES, LINKED])
def test_one_service_has_no_row_with_clusters(declared):
    results = compared(drawn(BOTH, 0.7, {"east": 0.0}, linked=declared.linked), declared)
    assert not results.estimates["model"].str.endswith("services as clusters").any()


def test_an_item_that_nobody_answered_has_no_rows():
    rows = [row for wave in ("w1", "w2") for place in PLACES for row in placed("hope", [1, 2, 3], wave, place, wave)]
    found = one(compared(rows), statistic="superiority", item="choice", model="services as clusters")
    assert found["reason"] == "no rows"


def test_of_a_service_its_own_counts_decide():
    rows = drawn(BOTH, 0.7, PLACES)
    alone = compared([row for row in rows if row[3] == "west"])
    there = one(compared(rows), statistic="superiority", item="hope", service="west")
    here = one(alone, statistic="superiority", item="hope", service="west")
    assert there[["value", "low", "high", "p"]].tolist() == here[["value", "low", "high", "p"]].tolist()
