"""Frequencies of codes: the majority rule by hand, pairs, services, intervals only for samples."""

import pytest

from pipeline.methods.disclosure import gate
from pipeline.methods.proportions import wilson
from pipeline.methods.themes import frequencies
from schemas.analyses import Themes
from schemas.study import Disclosure
from tests.unit.methods.coded_frames import coded
from tests.unit.methods.result_checks import check, one, pick

GIVEN = {
    "coder-1": ["hope", "hope ties", "ties", "", "hope ties", None],
    "coder-2": ["hope", "ties", "hope", "", "hope ties pace", None],
    "coder-3": [None, "hope ties", None, "hope", None, None],
}


def share(results, code, category="majority", service="all"):
    return one(results, statistic="share", item=code, term="", category=category, service=service)


def test_a_unit_has_a_code_if_most_of_its_coders_gave_it_and_a_tie_does_not_count():
    results = check(frequencies(*coded(GIVEN)))
    # hope: u1 two of two; u2 two of three; u3 a tie; u4 one of three; u5 two of two.
    assert (share(results, "hope").events, share(results, "hope").n) == (3, 5)
    assert share(results, "hope").value == pytest.approx(0.6)
    assert share(results, "hope", "any-coder").events == 5
    # ties: u2 three of three; u3 a tie; u5 two of two.
    assert (share(results, "ties").events, share(results, "ties", "any-coder").events) == (2, 3)
    assert (share(results, "pace").events, share(results, "pace", "any-coder").events) == (0, 1)


def test_units_that_nobody_read_are_counted_as_missing_and_are_in_no_denominator():
    row = one(frequencies(*coded(GIVEN)), statistic="count", item="", group="")
    assert (row.value, row.n, row.missing) == (5, 6, 1)


def test_a_unit_read_without_a_code_counts_as_read():
    results = frequencies(*coded(GIVEN))
    assert one(results, statistic="count", category="coded", group="coder-3").value == 2
    row = one(results, statistic="count", category="given", item="hope", group="coder-3")
    assert (row.value, row.n) == (2, 2)


def test_codes_that_nobody_gave_have_no_row_and_the_others_stand_in_the_order_of_the_codebook():
    rows = pick(frequencies(*coded(GIVEN)), statistic="share", category="majority")
    assert rows["item"].tolist() == ["hope", "ties", "pace"]


def test_pairs_of_codes_by_the_majority():
    results = frequencies(*coded(GIVEN))
    both = one(results, statistic="share", item="hope", term="ties")
    assert (both.events, both.n) == (2, 5)
    assert one(results, statistic="jaccard", item="hope", term="ties").value == pytest.approx(2 / 3)
    never = one(frequencies(*coded({"a": ["hope", "ties"], "b": ["ties", "hope"]})), statistic="jaccard")
    assert never.reason == "no rows"  # each code is given, neither by a majority


def test_an_interval_only_where_a_sampling_design_is_declared():
    assert pick(frequencies(*coded(GIVEN)), statistic="share")["low"].isna().all()
    themes = Themes(unit="segment", design="random sample of entries")
    results = check(frequencies(*coded(GIVEN, themes=themes)))
    row = share(results, "hope")
    assert (row.low, row.high) == pytest.approx(wilson(3, 5))
    assert "random sample of entries" in row.method


def test_a_document_is_one_unit_whatever_its_passages():
    themes = Themes(unit="document")
    results = check(frequencies(*coded(GIVEN, documents=["d1", "d1", "d2", "d2", "d3", "d3"], themes=themes)))
    row = share(results, "hope")
    # d1 three of three; d2: coder-2 in u3 and coder-3 in u4, not coder-1, so two of three; d3 two of two.
    assert (row.events, row.n, row.population) == (3, 3, "documents")


def test_services_add_up_and_unattributed_units_count_in_all_only():
    services = ["east", "east", "west", "west", "unattributed", "east"]
    results = check(frequencies(*coded(GIVEN, services)))
    assert share(results, "hope", service="east").events == 2
    assert share(results, "hope", service="west").events == 0
    assert set(results.estimates["service"]) == {"all", "east", "west"}
    assert results.relations["relation"].str.endswith("|service").any()


def test_small_counts_are_withheld_by_the_gate():
    # 60 units: hope in 20, cost in 2 of them.
    codes = ["hope cost"] * 2 + ["hope"] * 18 + [""] * 40
    released = gate(frequencies(*coded({"a": codes, "b": codes})), Disclosure())
    assert released.passed
    rows = released.estimates.set_index("estimate_id")
    assert not rows.filter(like="share/population=segments/instrument=codebook/item=hope/category=maj", axis=0)[
        "suppressed"
    ].any()
    assert rows[rows["item"].eq("cost") | rows["term"].eq("cost")]["suppressed"].all()


def test_no_codings_at_all():
    results = check(frequencies(*coded({})))
    assert results.estimates["reason"].tolist() == ["no rows"]
    nobody = check(frequencies(*coded({"a": [None, None]})))
    assert nobody.estimates["value"].tolist() == [0]
