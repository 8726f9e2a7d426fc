"""Ordered answers of two waves compared: odds ratios, and whether the odds are proportional.

Probabilities of superiority belong in ``ordinal_superiority``, services beside each other in ``ordinal_services``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.methods.change import OVERLAP
from pipeline.methods.ordinal_rows import (
    FEWEST,
    INDEPENDENT,
    PROPORTIONAL,
    Cells,
    Compared,
    Row,
    ratio_numbers,
)
from pipeline.methods.ordinal_superiority import LINKED, independent_rows, paired_rows
from pipeline.methods.proportional_odds import Fit, Unfit, fit
from pipeline.methods.proportional_odds_check import Check, at_cut, likelihood_ratio, wald
from schemas.analyses import Rounds
from schemas.instrument import Item
from schemas.vocabulary import ALL, REASONS, UNKNOWN

Array = Any

POOLED = "pooled proportional odds"
AT_A_CUT = "binary logit"
FEW_SERVICES = 20
"""Fewer clusters than these are named beside a result."""
FEWEST_PERSONS = 30
"""Persons that the test of proportional odds needs where they are the clusters."""


def wave_rows(surveys: pl.DataFrame, compared: Compared, rounds: Sequence[Rounds]) -> list[Row]:
    """All rows of a comparison of two waves; ``rounds`` are those that the study file declares."""
    declared, answers = compared.declared, compared.answers
    for wave in (declared.reference, declared.wave):
        answers.declare(wave)
    rows = paired_rows(surveys, compared, rounds) if declared.linked else independent_rows(compared)
    moved = [row for row in rows if row.columns["model"] == LINKED and row.service == ALL]
    pairs = {row.columns["item"]: row.cells for row in moved}
    by_item = compared.rows(surveys, (declared.reference, declared.wave))
    for item in compared.items():
        rows += _modelled(compared, item, by_item.get(item.id), pairs.get(item.id, []))
    return rows


@dataclass(frozen=True)
class _Model:
    """Answers to one item as arrays, and what goes into the model of them.

    ``pooled``: services do not enter, so that the counts of all services together are all that it tells of.
    """

    compared: Compared
    item: Item
    pairs: Cells
    pooled: bool
    services: tuple[str, ...]
    codes: Array
    later: Array
    groups: Array | None
    clusters: Array | None
    left_out: bool
    named: bool

    @staticmethod
    def of(compared: Compared, item: Item, rows: pl.DataFrame | None, pairs: Cells, pooled: bool = False) -> _Model:
        """The model of the rows of one item; services with answers at both waves enter, where there are several."""
        declared = compared.declared
        if rows is None:
            return _Model(compared, item, pairs, pooled, (), np.array([]), np.array([]), None, None, False, False)
        known = rows.filter(pl.col("service") != UNKNOWN)
        named = not known.is_empty() and not pooled
        used, services = rows, []
        if named:
            both = known.group_by("service").agg(pl.col("wave").n_unique()).filter(pl.col("wave") == 2)
            used, services = (
                known.filter(pl.col("service").is_in(both["service"].to_list())),
                both["service"].to_list(),
            )
        groups = _numbered(used["service"]) if len(services) > 1 else None
        clusters = _numbered(used["subject"]) if declared.linked else groups
        later = (used["wave"] == declared.wave).to_numpy().astype(float)
        left_out = used.height < rows.height
        order = tuple(s for s in compared.answers.services(declared.reference, declared.wave) if s in services)
        codes = used["response"].to_numpy()
        return _Model(compared, item, pairs, pooled, order, codes, later, groups, clusters, left_out, named)

    @property
    def name(self) -> str:
        """What the model is called."""
        return POOLED if self.pooled else PROPORTIONAL

    @property
    def family(self) -> str:
        """Within which p is adjusted: over the items."""
        return self.compared.declared.id + ("-pooled" if self.pooled else "")

    def sizes(self, fitted: Fit | Unfit | None = None) -> dict[str, Any]:
        """Answers used at each wave, without services that a fit left out."""
        used = np.ones(len(self.later), dtype=bool)
        if isinstance(fitted, Fit) and self.groups is not None:
            used = ~np.isnan(fitted.effects)[self.groups]
        n, n_then = int((self.later[used] == 1).sum()), int((self.later[used] == 0).sum())
        waves = (self.compared.declared.wave, self.compared.declared.reference)
        asked = self.compared.asked([(wave, ALL) for wave in waves], self.item.id)
        return {"n": n, "n_reference": n_then, "missing": asked - n - n_then}

    def reason(self) -> str:
        """Why there is nothing to fit; empty where there is."""
        n, n_then = (int((self.later == side).sum()) for side in (1, 0))
        if not n or not n_then:
            return REASONS["no_rows"]
        return REASONS["too_few"] if min(n, n_then) < FEWEST else ""

    def cells(self) -> Cells:
        """Counts of all options at both waves: of all, and of each service where services enter."""
        waves = (self.compared.declared.reference, self.compared.declared.wave)
        services = (ALL, *(self.services if self.groups is not None else ()))
        return self.compared.cells([(wave, one) for wave in waves for one in services], self.item.id) + self.pairs

    def method(self, what: str) -> str:
        """How an odds ratio was made."""
        adjusted = ", adjusted for service" if self.groups is not None else ""
        if self.compared.declared.linked:
            whose = "; persons as clusters, independence working model (Liang and Zeger 1986)"
        else:
            whose = "; services as clusters" if self.clusters is not None else "; answers as independent"
        errors = f"{whose}, errors of Mancl and DeRouen (2001), t" if self.clusters is not None else whose
        return f"{what}{adjusted}{errors}; {self.compared.higher(self.item)}"

    def note(self, fitted: Fit) -> str:
        """What to bear in mind: few clusters, or answers that are taken as independent."""
        notes: list[str] = []
        if self.pooled:
            notes.append("not adjusted for service")
        if self.clusters is None:
            notes += [] if self.pooled else ["one service only" if self.named else "no service known"]
            notes.append(OVERLAP)
        elif fitted.clusters < FEW_SERVICES:
            whose = "persons" if self.compared.declared.linked else "services"
            notes.append(f"{fitted.clusters} {whose} as clusters: t with {fitted.degrees} degrees of freedom")
        dropped = len(fitted.effects) and np.isnan(fitted.effects).any()
        if self.left_out or dropped:
            notes.append("services that tell nothing of the change are left out")
        return "; ".join(notes)


def _numbered(column: pl.Series) -> Array:
    return column.rank("dense").cast(pl.Int64).to_numpy() - 1


def _modelled(compared: Compared, item: Item, rows: pl.DataFrame | None, pairs: Cells) -> list[Row]:
    """Odds ratio, test of proportional odds, and the odds ratio at each cut of the scale."""
    model = pooled = _Model.of(compared, item, rows, pairs)
    found = [_odds_ratio(model), _checked(model)]
    if model.groups is not None:
        pooled = _Model.of(compared, item, rows, pairs, pooled=True)
        found += [_odds_ratio(pooled), _checked(pooled)]
    codes = {one.id: one.code for one in compared.answers.instrument.options}
    if len(compared.options) > 2:
        found += [_at_cut(pooled, option, codes[option]) for option in compared.options[1:]]
    return found


def _odds_ratio(model: _Model) -> Row:
    columns = model.compared.keys(model.item.id) | {"model": model.name, "family": model.family}
    columns["method"] = model.method("proportional-odds model (McCullagh 1980)")
    reason = model.reason()
    fitted = Unfit(reason) if reason else fit(model.codes, model.later, model.clusters, model.groups)
    return _ratio_row(model, fitted, columns)


def _at_cut(model: _Model, option: str, code: int) -> Row:
    columns = model.compared.keys(model.item.id) | {"model": AT_A_CUT, "at": option}
    columns["method"] = model.method("logistic model of this answer or a higher one")
    reason = model.reason()
    fitted = Unfit(reason) if reason else at_cut(model.codes, code, model.later, model.clusters, model.groups)
    row = _ratio_row(model, fitted, columns)
    row.columns.pop("p", None)
    return row


def _ratio_row(model: _Model, fitted: Fit | Unfit, columns: dict[str, Any]) -> Row:
    columns = columns | {"unit": "ratio"} | model.sizes(fitted)
    numbers: dict[str, Any] = {"value": None}
    numbers |= {"reason": fitted.reason} if isinstance(fitted, Unfit) else _ratio(model, fitted)
    return Row("odds_ratio", ALL, numbers.pop("value"), model.cells(), columns | numbers)


def _ratio(model: _Model, fitted: Fit) -> dict[str, Any]:
    clustered = model.clusters is not None
    se = float(fitted.se(robust=clustered)[0])
    if not se > 1e-9:
        return {"value": None, "reason": REASONS["too_few"]}
    degrees = fitted.degrees if clustered else None
    numbers = ratio_numbers(float(fitted.coefficients[0]), se, model.compared.level, degrees)
    return {"reason": model.note(fitted)} | numbers


def _checked(model: _Model) -> Row:
    linked = model.compared.declared.linked
    found = _check(model)
    columns = model.compared.keys(model.item.id) | {"model": model.name, "unit": "chi-square"} | model.sizes()
    columns["family"] = f"{model.family}-check"
    name = (
        "Wald test that the odds ratios at all cuts are one (Brant 1990), persons as clusters"
        if linked
        else "likelihood-ratio test against an odds ratio for each threshold (Peterson and Harrell 1990)"
    )
    if isinstance(found, Unfit):
        columns |= {"method": name, "reason": found.reason}
        return Row("proportional_odds", ALL, None, model.cells(), columns)
    columns |= {"method": f"{name}; {found.degrees} degrees of freedom", "p": found.p}
    if not linked:
        columns["reason"] = f"takes answers {'of a service ' if model.groups is not None else ''}as {INDEPENDENT}"
    return Row("proportional_odds", ALL, found.statistic, model.cells(), columns)


def _check(model: _Model) -> Check | Unfit:
    if reason := model.reason():
        return Unfit(reason)
    if not model.compared.declared.linked:
        return likelihood_ratio(model.codes, model.later, model.groups)
    assert model.clusters is not None
    if len(np.unique(model.clusters)) < FEWEST_PERSONS:
        return Unfit(REASONS["too_few"])
    return wald(model.codes, model.later, model.clusters, model.groups)
