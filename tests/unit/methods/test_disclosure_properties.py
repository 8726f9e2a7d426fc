"""Whatever the table: small counts stay protected under an attack written another way."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.methods.disclosure import gate
from pipeline.methods.results import Ledger, Results
from schemas.study import Disclosure
from tests.unit.methods.disclosure_tables import CONTEXT, FIVE, cell, two_way, withheld


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=3),
    st.sampled_from([2, 3, 5]),
)
def test_whatever_the_table_small_counts_are_protected_and_the_rest_is_unchanged(
    counts: list[list[int]], minimum: int
) -> None:
    results = two_way(counts)
    gated = gate(results, Disclosure(minimum_cell=minimum))
    assert gated.passed
    small = results.cells.loc[results.cells["value"].between(1, minimum - 1), "cell_id"]
    decided = gated.decisions.set_index("cell_id")
    assert set(small) <= set(decided.index)
    assert (reference_width(results, decided.index.tolist(), small.tolist()) >= minimum - 1).all()
    further = decided[decided["reason"] == "complementary"]
    assert (further["low"] < further["high"]).all()
    kept = ~gated.estimates["suppressed"]
    pd.testing.assert_frame_equal(gated.estimates[kept], results.estimates[kept])
    linked = results.links.loc[results.links["cell_id"].isin(decided.index), "estimate_id"]
    assert set(linked) <= set(withheld(gated))


def reference_width(results: Results, hidden: list[str], wanted: list[str]) -> np.ndarray:
    """Width of the interval of each wanted cell, by linear programmes written another way (dense, one by one).

    The margins of a two-way table are a network, whose linear programmes have whole solutions.
    """
    from scipy.optimize import linprog

    ids = results.cells["cell_id"].tolist()
    relations = results.relations.groupby("relation")
    matrix = np.zeros((len(relations), len(ids)))
    for row, (_, group) in enumerate(relations):
        matrix[row, ids.index(group["total"].iloc[0])] = 1
        matrix[row, [ids.index(part) for part in group["part"]]] = -1
    value = results.cells["value"].to_numpy()
    box = [(0, None) if one in hidden else (v, v) for one, v in zip(ids, value, strict=True)]
    widths = []
    for one in wanted:
        goal = np.array([float(i == one) for i in ids])
        ends = [linprog(s * goal, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=box) for s in (1, -1)]
        widths.append(np.inf if ends[1].status == 3 else -ends[1].fun - ends[0].fun)
    return np.array(widths) + 1e-6


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=2, max_size=2))
def test_linked_tables_protect_small_counts_and_small_complements(counts: list[list[int]]) -> None:
    results = linked(counts)
    gated = gate(results, FIVE)
    hidden = set(gated.decisions["cell_id"])
    value = results.cells.set_index("cell_id")["value"]
    small = [(c,) for c, v in value.items() if 0 < v < 5 and "category=missing" not in c]
    pairs = results.links.pivot(index="estimate_id", columns="role", values="cell_id")
    both = zip(pairs["denominator"], pairs["numerator"], strict=True)
    rests = [(total, part) for total, part in both if 0 < value[total] - value[part] < 5 and "missing" not in part]
    assert all(integer_width(results, hidden, goal) >= 4 for goal in {*small, *rests})
    shown = gated.estimates[gated.estimates["missing"].notna()]
    services = {cell(s, "missing") for s in shown["service"]}
    assert not services & hidden


def linked(counts: list[list[int]]) -> Results:
    """Two services and all; categories a, b, c and `top` = b + c; missing; shares of answered and of asked."""
    ledger = Ledger(CONTEXT)
    names = ("a", "b", "c", "missing")
    rows = {f"s{i}": dict(zip(names, row, strict=True)) for i, row in enumerate(counts)}
    rows["all"] = {c: sum(row[c] for row in rows.values()) for c in names}
    ids: dict[str, dict[str, str]] = {}
    for service, row in rows.items():
        row["top"] = row["b"] + row["c"]
        row["answered"] = row["a"] + row["top"]
        row["asked"] = row["answered"] + row["missing"]
        one = {c: ledger.cell(v, service=service, item="hope", category=c, unit="client") for c, v in row.items()}
        ids[service] = one
        ledger.sum_of(one["answered"], [one["a"], one["b"], one["c"]], "category")
        ledger.sum_of(one["top"], [one["b"], one["c"]], "category")
        ledger.sum_of(one["asked"], [one["answered"], one["missing"]], "asked")
        for base in ("answered", "asked"):
            for category in ("a", "b", "c", "top"):
                n = row[base]
                ledger.estimate(
                    "share",
                    row[category] / n if n else None,
                    service=service,
                    item="hope",
                    category=category,
                    denominator=base,
                    n=n,
                    events=row[category],
                    missing=row["missing"],
                    reason="" if n else "no rows",
                    cells=[(one[category], "numerator"), (one[base], "denominator")],
                )
    for category in ids["all"]:
        ledger.sum_of(ids["all"][category], [ids["s0"][category], ids["s1"][category]], "service")
    return ledger.results()


def integer_width(results: Results, hidden: set[str], goal: tuple[str, ...]) -> float:
    """Width of the interval of a cell, or of the first less the second cell of `goal`: an independent attack."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    ids = results.cells["cell_id"].tolist()
    value = results.cells["value"].to_numpy()
    free = np.isin(ids, list(hidden))
    sums = [
        np.isin(ids, group["total"]).astype(float) - np.isin(ids, group["part"])
        for _, group in results.relations.groupby("relation")
    ]
    target = np.isin(ids, goal[:1]).astype(float) - np.isin(ids, goal[1:])
    box = Bounds(np.where(free, 0, value), np.where(free, 1000, value))
    ends = [
        milp(
            s * target, constraints=LinearConstraint(np.array(sums), 0, 0), bounds=box, integrality=np.ones(len(ids))
        )
        for s in (1, -1)
    ]
    return float(-ends[1].fun - ends[0].fun)
