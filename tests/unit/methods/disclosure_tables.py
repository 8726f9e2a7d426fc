"""Small tables for the tests of the gate, and the attack done by trying every table there is."""

from __future__ import annotations

import itertools

import pandas as pd

from pipeline.methods.disclosure import Gated
from pipeline.methods.results import Context, Ledger, Results
from schemas.study import Disclosure

CONTEXT = Context("demo", "demonstration", produced_by="demo/feedback")
FIVE = Disclosure()
LARGE = [[20, 30, 40], [25, 35, 45], [50, 60, 70]]


def two_way(counts: list[list[int]], unit: str = "client") -> Results:
    """Services (rows) by categories (columns) with all margins, and a share for each service and category."""
    ledger = Ledger(CONTEXT)
    services = [f"s{i}" for i in range(len(counts))]
    names = [f"c{j}" for j in range(len(counts[0]))]
    table = {s: dict(zip(names, row, strict=True)) for s, row in zip(services, counts, strict=True)}
    table["all"] = {c: sum(table[s][c] for s in services) for c in names}
    ids = {s: {c: _cell(ledger, s, c, v, unit) for c, v in row.items()} for s, row in table.items()}
    totals = {s: _cell(ledger, s, "answered", sum(row.values()), unit) for s, row in table.items()}
    for service, row in table.items():
        ledger.sum_of(totals[service], list(ids[service].values()), "category")
        for category, value in row.items():
            share(ledger, ids[service][category], totals[service], value, sum(row.values()), service, category)
    for category in names:
        ledger.sum_of(ids["all"][category], [ids[s][category] for s in services], "service")
    ledger.sum_of(totals["all"], [totals[s] for s in services], "service")
    return ledger.results()


def share(ledger: Ledger, part: str, total: str, events: int, n: int, service: str, category: str) -> str:
    """The share of one category, as a method would write it."""
    return ledger.estimate(
        "share",
        events / n if n else None,
        service=service,
        item="hope",
        category=category,
        denominator="answered",
        n=n,
        events=events,
        reason="" if n else "no rows",
        cells=[(part, "numerator"), (total, "denominator")],
    )


def _cell(ledger: Ledger, service: str, category: str, value: int, unit: str) -> str:
    return ledger.cell(value, service=service, item="hope", category=category, unit=unit)


def intervals(results: Results, withheld: list[str]) -> dict[str, tuple[int, int]]:
    """Least and largest value of each withheld count over all tables that fit the rest: by enumeration.

    Only for tables whose withheld cells are all parts of something released (so that there are finitely many).
    """
    value = dict(zip(results.cells["cell_id"], results.cells["value"].astype(int), strict=True))
    sums = [(group["total"].iloc[0], group["part"].tolist()) for _, group in results.relations.groupby("relation")]
    known = {c: v for c, v in value.items() if c not in withheld}
    most = {c: min(known[total] for total, parts in sums if c in parts and total in known) for c in withheld}
    fits = []
    for guess in itertools.product(*(range(most[c] + 1) for c in withheld)):
        full = known | dict(zip(withheld, guess, strict=True))
        if all(full[total] == sum(full[p] for p in parts) for total, parts in sums):
            fits.append(guess)
    frame = pd.DataFrame(fits, columns=withheld)
    return {c: (int(frame[c].min()), int(frame[c].max())) for c in withheld}


def reasons(gated: Gated) -> dict[str, str]:
    """Why each withheld cell is withheld."""
    return dict(zip(gated.decisions["cell_id"], gated.decisions["reason"], strict=True))


def withheld(gated: Gated) -> list[str]:
    """Ids of the withheld estimates."""
    return gated.estimates.loc[gated.estimates["suppressed"], "estimate_id"].tolist()


def cell(service: str, category: str) -> str:
    """Id of a cell of ``two_way``."""
    return f"demo/{service}/count/item=hope/category={category}"
