"""Every combination of choices: counts by hand, what the declared comparison gives, cells, and what can't be had."""

import numpy as np
import pytest

from pipeline.methods.change import rounds as compared
from pipeline.methods.feedback import shares
from pipeline.methods.multiverse import multiverse, specifications
from pipeline.methods.proportion_differences import miettinen_nurminen
from pipeline.methods.results import Results
from pipeline.methods.service_differences import NARROWER, clustered, mantel_haenszel
from pipeline.methods.two_waves import TwoWaves
from schemas.analyses import Multiverse, Rounds
from tests.unit.methods.result_checks import CONTEXT, answers, check, instrument, one, pick, surveys

CHOICES = Multiverse(rounds="r", categories=("o4",), fewest=(1, 6))


def declared(**changes):
    keys = {"id": "r", "instrument": "scale", "reference": "w1", "wave": "w2", "category": "high", "overlap": "none"}
    return Rounds(**keys | changes)


def three_services(seed: int = 1, gain: float = 0.0):
    """Two waves of the same ids at three services; the smallest has five answers at each wave."""
    rng, rows, start = np.random.default_rng(seed), [], 0
    for service, n in (("east", 30), ("west", 18), ("north", 5)):
        for wave, shift in (("w1", 0.0), ("w2", gain)):
            codes = {i: np.clip(rng.normal(2.5 + shift, 1, n).round(), 1, 4).astype(int).tolist() for i in ("a", "b")}
            codes["a"][0] = None if service == "west" else codes["a"][0]
            rows += answers(codes, wave, service, start)
        start += n
    return surveys(rows)


def made(frame=None, choices=CHOICES, **changes):
    frame = three_services() if frame is None else frame
    return check(multiverse(frame, instrument(["a", "b"]), declared(**changes), choices, CONTEXT))


def row(results, item="a", category="high", denominator="answered", model="pooled", at="1"):
    return one(
        results, statistic="difference", item=item, category=category, denominator=denominator, model=model, at=at
    )


def test_a_row_for_every_combination_and_five_to_sum_up():
    results = made()
    assert len(pick(results, statistic="difference", item="a")) == 2 * 2 * 3 * 2
    assert len(pick(results, item="a")) == 24 + 5
    assert set(results.estimates["term"]) == {"r"}
    assert set(results.estimates["service"]) == {"all"}


def test_the_same_choice_twice_is_one():
    twice = Multiverse(rounds="r", categories=("high", "o4"), denominators=("asked", "asked"), fewest=(1, 1))
    assert len(specifications(declared(), twice)) == 2 * 3


@pytest.mark.parametrize("linked", [False, True, "partly"])
def test_as_declared_it_is_the_declared_comparison(linked):
    frame = three_services()
    results = made(frame, linked=linked)
    for item in ("a", "b"):
        plain = compared(frame, instrument(["a", "b"]), declared(linked=linked), CONTEXT)
        expected = one(plain, statistic="difference", service="all", item=item)
        found = row(results, item)
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
        assert found.n == expected.n


def test_the_interval_of_the_declared_comparison_is_used():
    found = row(made(interval="miettinen-nurminen"), "b")
    events = round(found.value * 53)  # the sizes of both waves are the same
    low, high = found.low, found.high
    assert any(
        (low, high) == pytest.approx(miettinen_nurminen(k, 53, k - events, 53)) for k in range(max(events, 0), 54)
    )


def test_numbers_by_service_are_those_of_the_models():
    frame = three_services()
    plain = compared(frame, instrument(["a", "b"]), declared(), CONTEXT)
    of_services = []
    for service in ("east", "west", "north"):
        rows = shares(frame, instrument(["a", "b"]), CONTEXT)
        now, then = (one(rows, statistic="share", service=service, item="b", category="high", wave=wave,
                         denominator="answered") for wave in ("w2", "w1"))  # fmt: skip
        of_services.append(TwoWaves(*(int(n) for n in (now.events, now.n, then.events, then.n))))
    results = made(frame)
    assert len(pick(plain, statistic="difference")) == 8
    for model, method in (("within-services", mantel_haenszel), ("clustered", clustered)):
        found, expected = row(results, "b", model=model), method(of_services)
        assert (found.value, found.se) == pytest.approx((expected.value, expected.se))
        assert (found.low, found.high) == pytest.approx(expected.interval())


def test_asked_counts_who_did_not_answer():
    results = made()
    assert row(results, denominator="answered").n == 52
    assert row(results, denominator="asked").n == 53
    assert row(results, denominator="asked", at="6").n == 48


def test_small_services_are_left_out_and_their_cells_too():
    results = made()
    left, whole = row(results, at="6"), row(results)
    assert (left.n, whole.n) == (47, 52)
    cells = results.links[results.links["estimate_id"] == left.estimate_id]["cell_id"]
    assert {cell.split("/")[1] for cell in cells} == {"east", "west"}
    assert len(cells) == 8
    of_whole = results.links[results.links["estimate_id"] == whole.estimate_id]["cell_id"]
    assert {cell.split("/")[1] for cell in of_whole} == {"all"}


def test_with_two_services_left_there_are_too_few_clusters():
    found = row(made(), model="clustered", at="6")
    assert np.isnan(found.value)
    assert found.reason == "too few services"


def test_the_summary_counts_what_has_a_value():
    results = made(three_services(3, gain=0.8))
    rows = pick(results, statistic="difference", item="b")
    known = rows[rows["value"].notna()]
    assert one(results, statistic="specifications", item="b").value == len(known) == 20
    distinct = known[known["model"] != "clustered"]["value"]
    assert one(results, statistic="specifications_distinct", item="b").value == len(distinct) == 16
    sign = np.sign(row(results, "b").value)
    assert one(results, statistic="specifications_same_sign", item="b").value == (np.sign(distinct) == sign).sum()
    clear = (known["low"] > 0) | (known["high"] < 0)
    assert one(results, statistic="specifications_clear", item="b").value == clear.sum() > 0
    middle = one(results, statistic="specification_median", item="b")
    expected = distinct.median(), distinct.min(), distinct.max()
    assert (middle.value, middle.low, middle.high) == pytest.approx(expected)


@pytest.mark.parametrize(("linked", "distinct"), [(False, 16), (True, 8), ("partly", 16)])
def test_models_that_give_one_difference_by_construction_count_once(linked, distinct):
    results = made(linked=linked)
    for item in ("a", "b"):
        rows = pick(results, statistic="difference", item=item)
        rows = rows[rows["value"].notna()]
        assert one(results, statistic="specifications", item=item).value == len(rows) == 20
        assert one(results, statistic="specifications_distinct", item=item).value == distinct
        same = one(results, statistic="specifications_same_sign", item=item)
        assert same.value <= distinct
        assert "by construction count once" in same.method
        if linked is True:
            spread = rows.groupby(["category", "denominator", "at"])["value"].agg(np.ptp)
            assert len(spread) == distinct
            assert spread.max() < 1e-12


def test_leaving_out_no_service_is_no_other_difference():
    choices = Multiverse(rounds="r", fewest=(1, 2, 6))
    results = made(choices=choices, linked=True)
    assert one(results, statistic="specifications", item="b").value == 2 * (3 + 3 + 2)
    assert one(results, statistic="specifications_distinct", item="b").value == 2 * 2


def test_rounding_is_no_difference():
    """As many more as fewer at each wave, at services whose shares no float holds exactly."""
    rows = []
    for start, service, then, now in ((0, "east", 3, 4), (30, "west", 5, 6), (60, "north", 4, 2)):
        for wave, high in (("w1", then), ("w2", now)):
            rows += answers({"a": [4] * high + [1] * (7 - high)}, wave, service, start)
    for linked in (False, True, "partly"):
        chosen = declared(linked=linked)
        results = check(multiverse(surveys(rows), instrument(["a"]), chosen, Multiverse(rounds="r"), CONTEXT))
        values = pick(results, statistic="difference")["value"]
        assert (values == 0).all()
        distinct = one(results, statistic="specifications_distinct").value
        assert one(results, statistic="specifications_same_sign").value == distinct


def test_clusters_that_make_the_interval_narrower_are_noted():
    rows = []
    for start, service in ((0, "east"), (30, "west"), (60, "north"), (90, "south")):
        for wave, high in (("w1", 10), ("w2", 14 + (service == "south"))):
            rows += answers({"a": [4] * high + [1] * (20 - high)}, wave, service, start)
    frame = surveys(rows)
    results = check(multiverse(frame, instrument(["a"]), declared(), Multiverse(rounds="r"), CONTEXT))
    narrow, plain = (row(results, model=model) for model in ("clustered", "pooled"))
    assert narrow.high - narrow.low < plain.high - plain.low
    assert narrow.reason == NARROWER
    assert plain.reason == ""
    overlapping = declared(overlap="possible")
    noted = check(multiverse(frame, instrument(["a"]), overlapping, Multiverse(rounds="r"), CONTEXT))
    assert row(noted, model="clustered").reason.startswith(f"{NARROWER}; sensitivity")


def test_the_summary_is_linked_to_every_cell_it_rests_on():
    results = made()
    links = results.links.groupby("estimate_id")["cell_id"].agg(set)
    rows = pick(results, statistic="difference", item="a")
    behind = set().union(*(links[name] for name in rows.loc[rows["value"].notna(), "estimate_id"]))
    assert links[one(results, statistic="specifications", item="a").estimate_id] == behind


@pytest.mark.parametrize("linked", [False, True, "partly"])
def test_cells_are_those_of_other_families_and_add_up(linked):
    frame = three_services()
    others = [shares(frame, instrument(["a", "b"]), CONTEXT)]
    others.append(compared(frame, instrument(["a", "b"]), declared(linked=linked), CONTEXT))
    results = Results.concat([*others, made(frame, linked=linked)])
    assert results.cells["cell_id"].is_unique
    check(results)


def test_items_can_be_chosen():
    results = made(choices=Multiverse(rounds="r", items=("b",)))
    assert set(results.estimates["item"]) == {"b"}


def test_answers_without_a_service_count_only_where_all_are_pooled():
    rows = answers({"a": [4, 1, 4], "b": [1, 1, 1]}, "w1", "unknown") + answers({"a": [4], "b": [1]}, "w2", "unknown")
    results = made(surveys(rows))
    assert row(results).value == pytest.approx(1 - 2 / 3)
    assert row(results, at="6").reason == row(results, model="within-services").reason == "no rows"


@pytest.mark.parametrize("linked", [False, True, "partly"])
def test_no_rows_and_one_wave_have_reasons(linked):
    for frame in (surveys([]), surveys(answers({"a": [4, 1], "b": [1, 1]}, "w1"))):
        results = made(frame, linked=linked)
        assert results.estimates["value"].isna().all()
        assert set(results.estimates["reason"]) == {"no rows"}


def test_everybody_alike_has_no_interval_within_services():
    rows = []
    for start, service in ((0, "east"), (5, "west"), (9, "north")):
        rows += [one_row for wave in ("w1", "w2") for one_row in answers({"a": [4, 4]}, wave, service, start)]
    results = check(multiverse(surveys(rows), instrument(["a"]), declared(), CHOICES, CONTEXT))
    found = row(results, model="clustered")
    assert found.value == 0
    assert np.isnan(found.low)
    assert found.reason == "no variation"


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="not a category"):
        made(choices=Multiverse(rounds="r", categories=("purple",)))
