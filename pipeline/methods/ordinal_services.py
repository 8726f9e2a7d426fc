"""Ordered answers of the services at one wave, each compared with a reference service.

Two waves compared belong in ``ordinal_waves``; services pooled, and limits of chance, in ``synthesis``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.methods.ordinal_rows import FEWEST, PROPORTIONAL, Cells, Compared, Row, ratio_numbers
from pipeline.methods.proportional_odds import Unfit, fit
from pipeline.methods.proportional_odds_check import against_saturated
from pipeline.methods.services import known_services
from schemas.instrument import Item
from schemas.vocabulary import REASONS

Array = Any

METHOD = "proportional-odds model of the two services (McCullagh 1980), Wald interval on the log scale"
CHECK_METHOD = "likelihood-ratio test against a distribution of its own for each service (Peterson and Harrell 1990)"


def service_rows(compared: Compared) -> list[Row]:
    """Odds ratio, its test, and probability of superiority of each service to the reference, for each item.

    Each service is compared by itself, so that a number tells of the counts of two services only.
    """
    answers, declared = compared.answers, compared.declared
    answers.declare(declared.wave)
    context = answers.ledger.context
    found = answers.services(declared.wave)[1:]
    services = known_services({*found, *context.services, declared.reference}, context)
    pairs = [(service, item) for item in compared.items() for service in services if service != declared.reference]
    makers = (_odds_ratio, _checked, _superior)
    return [maker(_Pair(compared, *pair)) for maker in makers for pair in pairs]


class _Pair:
    """Answers of a service and of the reference to one item, counted."""

    def __init__(self, compared: Compared, service: str, item: Item) -> None:
        declared = compared.declared
        self.compared, self.service, self.item = compared, service, item
        self.places = ((declared.wave, service), (declared.wave, declared.reference))
        counts = [compared.counts(place, item.id) for place in self.places]
        self.n, self.n_reference = map(sum, counts)
        self.weights = np.array(counts[0] + counts[1], dtype=float)
        self.codes = np.tile(np.arange(len(counts[0])), 2)
        self.other = np.repeat([1, 0], len(counts[0]))

    def reason(self) -> str:
        """Why there is nothing to fit; empty where there is."""
        if not self.n or not self.n_reference:
            return REASONS["no_rows"]
        return REASONS["too_few"] if min(self.n, self.n_reference) < FEWEST else ""

    def cells(self) -> Cells:
        """Counts of both services."""
        return self.compared.cells(self.places, self.item.id)

    def columns(self, unit: str, method: str) -> dict[str, Any]:
        """Keys and sizes of a row of the model."""
        sizes = {"n": self.n, "n_reference": self.n_reference}
        missing = self.compared.asked(self.places, self.item.id) - self.n - self.n_reference
        keys = self.compared.keys(self.item.id) | {"model": PROPORTIONAL, "unit": unit, "method": method}
        return keys | sizes | {"missing": missing}


def _odds_ratio(pair: _Pair) -> Row:
    method = f"{METHOD}; answers as independent; {pair.compared.higher(pair.item)}"
    columns = pair.columns("ratio", method) | {"family": pair.compared.declared.id}
    reason = pair.reason()
    found = Unfit(reason) if reason else fit(pair.codes, pair.other, weights=pair.weights)
    if isinstance(found, Unfit):
        return Row("odds_ratio", pair.service, None, pair.cells(), columns | {"reason": found.reason})
    numbers = ratio_numbers(float(found.coefficients[0]), float(found.se()[0]), pair.compared.level)
    return Row("odds_ratio", pair.service, numbers.pop("value"), pair.cells(), columns | numbers)


def _checked(pair: _Pair) -> Row:
    columns = pair.columns("chi-square", CHECK_METHOD) | {"family": f"{pair.compared.declared.id}-check"}
    reason = pair.reason()
    found = Unfit(reason) if reason else against_saturated(pair.codes, pair.other, pair.weights)
    if isinstance(found, Unfit):
        return Row("proportional_odds", pair.service, None, pair.cells(), columns | {"reason": found.reason})
    columns |= {"p": found.p, "method": f"{CHECK_METHOD}; {found.degrees} degrees of freedom"}
    return Row("proportional_odds", pair.service, found.statistic, pair.cells(), columns)


def _superior(pair: _Pair) -> Row:
    row = pair.compared.superior(pair.service, pair.places, pair.item.id)
    row.columns["family"] = f"{pair.compared.declared.id}-superiority"
    return row
