"""The disclosure gate: which estimates may leave the restricted zone.

Estimates are withheld here and the outcome is put together. The rules for single cells are in
``disclosure_rules``, the choice of further cells in ``disclosure_complementary``, the attack in
``disclosure_audit``.

What is not modelled: earlier releases, what respondents know about themselves or each other, and what a reader
could infer from the fact that a cell was withheld.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.methods.disclosure_audit import Bounds, attack
from pipeline.methods.disclosure_complementary import protect
from pipeline.methods.disclosure_rules import CELL_REASONS, Sensitive, sensitive, subsets
from pipeline.methods.disclosure_seen import SeenTables
from pipeline.methods.disclosure_table import REST, LinkedTable, linked_table
from pipeline.methods.results import Results
from schemas.study import Disclosure
from schemas.vocabulary import REASONS

DECISION_COLUMNS = ("cell_id", "reason", "low", "high", "required", "protected")
COUNT_COLUMNS = ("study", "reason", "cells", "estimates")

WITHHELD_COLUMNS = ("value", "se", "low", "high", "n", "n_reference", "events", "missing", "p", "p_adjusted")
_COUNT_STATISTICS = ("count", "respondents", "clients")
_PUBLIC_STATISTICS = ("headcount",)


@dataclass(frozen=True)
class Gated:
    """What the gate lets through, and what it did.

    ``estimates``: the same rows and columns, withheld ones blanked. ``decisions`` (restricted): one row a
    withheld cell with ``reason``, the bounds ``low`` and ``high`` that an attacker gets, the ``required`` width
    (0 for complementary cells) and ``protected`` (yes, no, not proven). ``counts`` (release): numbers of
    withheld cells and estimates by ``study`` and ``reason``. ``passed``: no sensitive cell can be bounded more
    closely than required; one for which that is not proven does not fail the gate.
    """

    estimates: pd.DataFrame
    decisions: pd.DataFrame
    counts: pd.DataFrame
    passed: bool


def gate(results: Results, policy: Disclosure) -> Gated:
    """Withhold what ``policy`` asks for, and what would give it away.

    An estimate is withheld with any cell it was computed from, linear or not; when its own ``n`` or
    ``n_reference`` is below the minimum denominator (the minimum cell for plain counts); and when it shows
    ``events`` that no linked numerator cell protects and these, or the rest, are below the minimum cell. In a
    row that is kept, ``missing`` is blanked where it would show a withheld cell or is itself below the minimum,
    and ``p_adjusted`` is blanked in the whole family if one of its tests is withheld, because Holm's p of one
    test can equal a multiple of another's.

    Parameters
    ----------
    results : Results
        Frames by ``schemas.estimates.Estimates``, ``schemas.cells.Cells``, ``Links`` and ``Relations``.
    policy : Disclosure
        ``minimum_cell`` None: nothing is withheld, and ``counts`` gives the policy's reason.

    Raises
    ------
    ValueError
        When cells, links and relations do not fit together (see ``linked_table``): nothing could be proved.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, chapter 4 (tables) and 5.6 (linked tables).
    """
    studies = _studies(results)
    if policy.minimum_cell is None:
        rows = [(study, f"policy: {policy.reason}", 0, 0) for study in studies or [""]]
        counts = pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
        return Gated(results.estimates.copy(), _no_decisions(), counts, True)
    cells = results.cells.sort_values("cell_id", ignore_index=True)
    what = _sensitive(cells, results, policy)
    decisions = _decide(what)
    reason = _reasons(results, cells, decisions, policy)
    estimates = _blank(results, decisions, reason)
    passed = not (decisions["protected"] == "no").any()
    return Gated(estimates, decisions, _count(studies, cells, decisions, results, reason), passed)


def _studies(results: Results) -> list[str]:
    return sorted({*results.estimates["study"], *results.cells["study"]})


def _sensitive(cells: pd.DataFrame, results: Results, policy: Disclosure) -> Sensitive:
    table = linked_table(cells, results.relations)
    unknown = set(results.links["cell_id"]) - set(table.ids)
    if unknown:
        raise ValueError(f"link names a cell that is not there: {min(unknown)}")
    return sensitive(table, cells, subsets(table, cells, results.links), policy)


def _no_decisions() -> pd.DataFrame:
    texts = {"cell_id": "str", "reason": "str", "protected": "str"}
    numbers = dict.fromkeys(("low", "high", "required"), "float64")
    return pd.DataFrame(columns=list(DECISION_COLUMNS)).astype(texts | numbers)


def _decide(what: Sensitive) -> pd.DataFrame:
    """One row for each withheld cell; a remainder counts for the cell it is the remainder of."""
    seen = SeenTables()
    hidden = protect(what, seen)
    bounds = attack(what.table, hidden, hidden & (~what.table.virtual | (what.required > 0)), seen=seen)
    # A further cell that the attacker can compute hides nothing, so it may as well be released.
    idle = (bounds.low == bounds.high) & ~what.primary()
    shown = np.flatnonzero(hidden & ~what.table.virtual & ~idle)
    if not len(shown):
        return _no_decisions()
    state = _states(what, bounds)
    return pd.DataFrame(
        {
            "cell_id": [what.table.ids[i] for i in shown],
            "reason": [what.reason[i] or CELL_REASONS[-1] for i in shown],
            "low": bounds.low[shown],
            "high": bounds.high[shown],
            "required": what.required[shown],
            "protected": [state[i] for i in shown],
        },
        columns=list(DECISION_COLUMNS),
    )


def _states(what: Sensitive, bounds: Bounds) -> list[str]:
    order = ("yes", "not proven", "no")
    grade = np.where(bounds.too_narrow(what.required), 2, np.where(bounds.reached(what.required), 0, 1))
    grade[what.required == 0] = 0
    for rest, part in _remainders(what.table):
        grade[part] = max(grade[part], grade[rest])
    return [order[one] for one in grade]


def _remainders(table: LinkedTable) -> list[tuple[int, int]]:
    """(virtual remainder, the part whose remainder it is)."""
    named = zip(table.relations, table.members, strict=True)
    return [(cells[2], cells[1]) for name, cells in named if REST in name]


def _reasons(results: Results, cells: pd.DataFrame, decisions: pd.DataFrame, policy: Disclosure) -> pd.Series:
    """Why each estimate is withheld, in the order of the rows; empty where it is not."""
    rank = decisions.set_index("cell_id")["reason"].map(CELL_REASONS.index)
    linked = results.links.assign(rank=results.links["cell_id"].map(rank)).dropna(subset="rank")
    first = linked.groupby("estimate_id")["rank"].min()
    by_cell = results.estimates["estimate_id"].map(first)
    reason = by_cell.map(lambda one: "" if pd.isna(one) else CELL_REASONS[int(one)]).astype(object)
    reason[(reason == "") & _small_events(results, policy.minimum_cell or 0)] = "minimum cell"
    reason[(reason == "") & _small_denominator(results.estimates, policy)] = "minimum denominator"
    return reason


def _small(numbers: pd.Series, minimum: float | pd.Series) -> pd.Series:
    return (numbers > 0) & (numbers < minimum)


def _small_denominator(estimates: pd.DataFrame, policy: Disclosure) -> pd.Series:
    minimum = policy.minimum_cell or 0
    is_count = estimates["statistic"].isin(_COUNT_STATISTICS)
    least = pd.Series(policy.minimum_denominator or minimum, index=estimates.index).mask(is_count, minimum)
    least = least.mask(estimates["statistic"].isin(_PUBLIC_STATISTICS), 0)
    return _small(estimates["n"], least) | _small(estimates["n_reference"], least)


def _small_events(results: Results, minimum: int) -> pd.Series:
    """Rows that show a small count, or a small rest, which no linked cell stands for."""
    estimates = results.estimates
    numerators = results.links.loc[results.links["role"] == "numerator", "estimate_id"]
    rest = estimates["n"] - estimates["events"]
    few = _small(estimates["events"], minimum) | _small(rest, minimum)
    return few & ~estimates["estimate_id"].isin(numerators)


def _blank(results: Results, decisions: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    estimates = results.estimates.copy()
    withheld = reason != ""
    tested = estimates["p"].notna() | estimates["p_adjusted"].notna()
    family = list(zip(estimates["study"], estimates["family"], strict=True))
    incomplete = {f for f, one in zip(family, withheld & tested, strict=True) if one and f[1]}
    estimates.loc[[one in incomplete for one in family], "p_adjusted"] = np.nan
    estimates.loc[_shows_missing(results, decisions), "missing"] = np.nan
    estimates.loc[withheld, list(WITHHELD_COLUMNS)] = np.nan
    estimates.loc[withheld, "suppressed"] = True
    estimates.loc[withheld, "reason"] = REASONS["suppressed"]
    return estimates


def _shows_missing(results: Results, decisions: pd.DataFrame) -> pd.Series:
    """Rows whose ``missing`` is part of a sum asked = answered + missing that is not all released."""
    asked = results.relations[results.relations["relation"].str.endswith("|asked")]
    members = pd.concat(
        [asked[["relation", one]].set_axis(["relation", "cell_id"], axis=1) for one in ("total", "part")]
    )
    partial = members.loc[members["cell_id"].isin(decisions["cell_id"]), "relation"]
    near = members.loc[members["relation"].isin(partial), "cell_id"]
    rows = results.links.loc[results.links["cell_id"].isin(near), "estimate_id"]
    return results.estimates["estimate_id"].isin(rows)


def _count(
    studies: list[str], cells: pd.DataFrame, decisions: pd.DataFrame, results: Results, reason: pd.Series
) -> pd.DataFrame:
    """All reasons of all studies, those with nothing withheld too."""
    of_cell = decisions["cell_id"].map(cells.set_index("cell_id")["study"])
    by_cell = decisions.groupby([of_cell, decisions["reason"]]).size()
    by_estimate = reason.groupby([results.estimates["study"], reason]).size()
    rows = [
        (study, one, int(by_cell.get((study, one), 0)), int(by_estimate.get((study, one), 0)))
        for study in studies
        for one in CELL_REASONS
    ]
    return pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
