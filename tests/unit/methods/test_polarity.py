"""Agreement on polarity: by hand, recovered, cells, and where there is nothing to compare."""

import numpy as np
import polars as pl
import pytest

from pipeline.methods.disclosure import gate
from pipeline.methods.kappa import cohen, weights
from pipeline.methods.krippendorff import krippendorff
from pipeline.methods.polarity import polarity
from schemas.analyses import Themes
from schemas.study import Disclosure
from tests.unit.methods.coded_frames import BOOK, CONTEXT
from tests.unit.methods.result_checks import check, one, pick

WAYS = {"-": "hinders", "0": "mixed", "+": "supports", "d": "describes"}


def coded(given, documents=(), unit="segment"):
    """Per coder what he gave to each passage: a code and its sign, such as `hope+ ties-`; nothing for none."""
    units = len(next(iter(given.values())))
    names = [f"u{i}" for i in range(1, units + 1)]
    segments = pl.DataFrame(
        {"document": list(documents) or ["diaries"] * units, "segment": names, "service": ["unattributed"] * units}
    )
    rows = [
        (name, coder, *(("no-code", "describes") if text == "none" else (text[:-1], WAYS[text[-1]])))
        for coder, texts in given.items()
        for name, many in zip(names, texts, strict=True)
        for text in many.split()
    ]
    types = dict.fromkeys(("segment", "coder", "code", "polarity"), pl.String)
    return segments, pl.DataFrame(rows, schema=types, orient="row"), BOOK, Themes(unit=unit), CONTEXT


GIVEN = {
    "a": ["hope+", "hope+ ties-", "ties0", "hope-", "none", "ties+", "hope+", "pace-"],
    "b": ["hope+", "hope0 ties-", "ties0", "hope0", "hope+", "ties+ hope-", "hoped", "cost-"],
}
TABLE = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 2]])


def test_two_coders_by_hand():
    """Both gave: hope in u1, u2, u4 (u7 has no place in the order), ties in u2, u3, u6."""
    found = check(polarity(*coded(GIVEN)))
    for kind in ("linear", "quadratic"):
        row = one(found, statistic="weighted_kappa", model=kind)
        assert (row.value, row.se) == pytest.approx(cohen(TABLE, weights(3, kind)))
        assert (row.group, row.n, row["item"], row.category) == ("a & b", 6, "all-codes", "polarity")
    assert one(found, statistic="percent_agreement").value == pytest.approx(4 / 6)
    values = np.array([[2, 2, 0, 0, 1, 2], [2, 1, 1, 0, 1, 2]], dtype=float)
    alpha = one(found, statistic="krippendorff_alpha", model="ordinal")
    assert (alpha.value, alpha.n) == (pytest.approx(krippendorff(values, "ordinal")), 6)
    assert alpha.low <= alpha.value <= alpha.high


def test_the_persons_behind_codings_are_units():
    found = check(polarity(*coded(GIVEN)))
    cell = found.cells[found.cells["group"] == "a & b"].iloc[0]
    assert (cell.value, cell.contributors, cell.unit) == (6, 5, "coding")
    documents = ["d1", "d1", "d1", "d1", "d2", "d2", "d2", "d2"]
    found = check(polarity(*coded(GIVEN, documents, "document")))
    cell = found.cells[found.cells["group"] == "a & b"].iloc[0]
    assert (cell.value, cell.contributors, cell.population) == (6, 2, "documents")


@pytest.mark.parametrize(("documents", "hidden"), [(8, False), (4, True)])
def test_the_gate_withholds_agreement_that_few_units_carry(documents, hidden):
    names = [f"d{place % documents}" for place in range(8)]
    found = gate(polarity(*coded(GIVEN, names, "document")), Disclosure(minimum_cell=5)).estimates
    assert found["suppressed"].tolist() == [hidden] * 4


def test_three_coders_have_three_pairs():
    found = check(polarity(*coded(GIVEN | {"c": ["hope+", "hope-", "", "hope-", "", "", "", ""]})))
    rows = pick(found, statistic="weighted_kappa", model="linear")
    assert rows["n"].tolist() == [6, 3, 3]
    assert one(found, statistic="krippendorff_alpha").n == 6


def test_agreement_recovers_what_was_simulated():
    """The second coder copies the first with probability 0.7, else draws anew: kappa is 0.7, however weighted."""
    random = np.random.default_rng(2)
    first = random.integers(0, 3, 6000)
    second = np.where(random.random(6000) < 0.7, first, random.integers(0, 3, 6000))
    given = {name: [f"hope{'-0+'[way]}" for way in ways] for name, ways in (("a", first), ("b", second))}
    found = polarity(*coded(given))
    for kind in ("linear", "quadratic"):
        row = one(found, statistic="weighted_kappa", model=kind)
        assert row.value == pytest.approx(0.7, abs=0.025)
        assert row.low < 0.7 < row.high


def test_no_common_coding_and_one_polarity_have_a_reason():
    rows = check(polarity(*coded({"a": ["hope+", ""], "b": ["", "hope+"]}))).estimates
    assert set(rows["reason"]) == {"no rows"}
    same = check(polarity(*coded({"a": ["hope+", "ties+"], "b": ["hope+", "ties+"]})))
    assert set(pick(same, statistic="weighted_kappa")["reason"]) == {"no variation"}
    full = check(polarity(*coded({"a": ["hope+", "ties-"], "b": ["hope+", "ties-"]})))
    assert set(pick(full, statistic="weighted_kappa")["reason"]) == {"no interval: no disagreement was observed"}


@pytest.mark.parametrize("given", [{"a": ["hope+", "ties-"]}, {"a": ["hoped"], "b": ["hoped"]}])
def test_one_coder_or_no_direction_has_no_rows(given):
    assert check(polarity(*coded(given))).estimates.empty
