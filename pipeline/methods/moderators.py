"""Do shares of services go with what the services come with: subgroups of services and meta-regression, as rows.

The models are in ``meta_regression``; pooling over all services is in ``synthesis``. With few services both look for
much in little: they are declared beforehand or not made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from pipeline.methods.adjustment import holm
from pipeline.methods.heterogeneity import ESTIMATORS, NotConvergedError
from pipeline.methods.meta_regression import MetaRegression, regress, subgroups
from pipeline.methods.random_effects import expit, logit_share
from pipeline.methods.results import Context, Ledger
from schemas.analyses import Pooling
from schemas.vocabulary import ALL, REASONS

Characteristics = Mapping[str, Mapping[str, str | float]]
Links = list[tuple[str, str]]
Columns = Mapping[str, object]

SUBGROUPS = "subgroups"
META_REGRESSION = "meta-regression"
INTERCEPT = "intercept"
FEWEST_IN_SUBGROUP = 2
FEWEST_LEFT = 2
"""Services there must be beyond the coefficients."""

_INFERENCE = "standard errors, t and F of Knapp and Hartung (2003), their factor not below 1"
_HOW = {
    "moderator_coefficient": f", {_INFERENCE}; Holm (1979) over items",
    "moderator_q": f", {_INFERENCE}; Holm (1979) over items",
    "heterogeneity_explained": ", Raudenbush (2009)",
    "heterogeneity_q": ", Cochran (1954)",
}
_ONE_VARIANCE = "one variance within all subgroups (Borenstein et al. 2009)"


@dataclass(frozen=True)
class Compared:
    """One item: the keys of its rows, and counts (events, n) and cells of the services with answers."""

    keys: Mapping[str, str]
    counts: Mapping[str, tuple[int, int]]
    cells: Mapping[str, Links]


@dataclass
class Row:
    """An estimate that waits for its adjusted p."""

    statistic: str
    value: float | None
    cells: Links
    columns: dict[str, object]


def rows(one: Compared, pooling: Pooling, characteristics: Characteristics, context: Context) -> list[Row]:
    """Rows of the declared subgroups and of the declared meta-regression of one item.

    Subgroups (``model`` `subgroups`): `pooled_share` of each, named in ``group``, and `moderator_q` between them.
    Meta-regression (``model`` `meta-regression`): `moderator_coefficient` on the logit scale for each ``term``, words
    compared with the word of the first service in ``reference``; `moderator_q` of all together. Both: the variance
    that is left (`heterogeneity_tau2`, with `heterogeneity_q`) and the part explained (`heterogeneity_explained`).
    A service without one of the characteristics is left out, and the reason says so. Two services more than
    coefficients are needed, and two in a subgroup for its share: else `too few rows`.
    """
    found: list[Row] = []
    if pooling.subgroups:
        found += _Subgroups(one, pooling, characteristics, context, (pooling.subgroups,)).rows()
    if pooling.moderators:
        found += _MetaRegression(one, pooling, characteristics, context, pooling.moderators).rows()
    return found


def write(ledger: Ledger, found: Sequence[Row]) -> None:
    """Add the rows, p adjusted by Holm (1979) over the items of each ``family``."""
    families: dict[object, list[Row]] = {}
    for row in found:
        families.setdefault(row.columns.get("family", ""), []).append(row)
    for family, members in families.items():
        p_values = [row.columns.get("p") for row in members]
        adjusted = holm(p_values) if family else [None] * len(members)  # type: ignore[arg-type]
        for row, p in zip(members, adjusted, strict=True):
            ledger.estimate(row.statistic, row.value, service=ALL, cells=row.cells, **row.columns, p_adjusted=p)


@dataclass(frozen=True)
class _Model:
    """What subgroups and meta-regression share: the services that have the characteristics, and the common rows."""

    one: Compared
    pooling: Pooling
    characteristics: Characteristics
    context: Context
    names: tuple[str, ...]

    model = ""

    def services(self) -> list[str]:
        """Services with answers and every characteristic."""
        return [s for s in self.one.counts if all(self.value(s, name) != "" for name in self.names)]

    def value(self, service: str, name: str) -> str | float:
        """A characteristic: a number, or a word that can stand in an id; empty where it is not declared."""
        value = self.characteristics.get(service, {}).get(name, "")
        return value.strip().replace("/", "-").replace("=", "-") if isinstance(value, str) else value

    def logits(self) -> tuple[list[float], list[float]]:
        """Logit shares of the services, and their variances."""
        pairs = [logit_share(*self.one.counts[service]) for service in self.services()]
        return [effect for effect, _ in pairs], [variance for _, variance in pairs]

    def reason(self, coefficients: int) -> str:
        """Why nothing can be said of the services together; empty where it can."""
        counts = [self.one.counts[service] for service in self.services()]
        if not counts:
            return REASONS["no_rows"]
        if len(counts) < coefficients + FEWEST_LEFT:
            return REASONS["too_few"]
        return REASONS["no_variation"] if sum(e for e, _ in counts) in (0, sum(n for _, n in counts)) else ""

    def row(self, statistic: str, value: float | None, reason: str, columns: Columns) -> Row:
        """One row over the services of the model."""
        services = self.services()
        left_out = len(self.one.counts) - len(services)
        note = f"services left out, without {' or '.join(self.names)}: {left_out}" if left_out else ""
        base: dict[str, object] = {
            **self.one.keys,
            "model": self.model,
            "n": sum(self.one.counts[service][1] for service in services),
            "method": self.method(f"{len(services)} services") + _HOW.get(statistic, ""),
            "reason": reason if value is None else note,
        }
        return Row(statistic, value, [cell for s in services for cell in self.one.cells[s]], {**base, **columns})

    def method(self, services: str) -> str:
        """What was pooled, and by which estimator of the variance."""
        return f"logit shares of {services}, {ESTIMATORS[self.pooling.variance]}"

    def family(self, term: str = "") -> str:
        """Tests of the items that are adjusted together."""
        parts = (self.one.keys["instrument"], self.one.keys["category"], self.one.keys["wave"], *self.names, term)
        return "-".join((self.model, *filter(None, parts)))

    def common(self, found: MetaRegression | None, reason: str) -> list[Row]:
        """What is left between services, what is explained, and the test of all moderators together."""
        moderator: dict[str, object] = {"family": self.family(), "term": " and ".join(self.names)}
        same: dict[str, object] = {"term": moderator["term"]}
        if found is None:
            one = self.row("moderator_q", None, reason, moderator)
            names = ("heterogeneity_tau2", "heterogeneity_q", "heterogeneity_explained")
            return [one, *(self.row(name, None, reason, same) for name in names)]
        none = REASONS["no_variation"]
        return [
            self.row("moderator_q", found.moderator_q, "", moderator | {"p": found.moderator_p}),
            self.row("heterogeneity_tau2", found.tau2, "", same | {"scale": "logit"}),
            self.row("heterogeneity_q", found.q, "", same | {"p": found.q_p}),
            self.row("heterogeneity_explained", found.explained, none, same | {"unit": "proportion"}),
        ]


class _Subgroups(_Model):
    model = SUBGROUPS

    def rows(self) -> list[Row]:
        group = {service: f"{self.names[0]}-{self.value(service, self.names[0])}" for service in self.services()}
        names = tuple(dict.fromkeys(group.values()))
        reason = self.reason(len(names)) or (REASONS["no_variation"] if len(names) < 2 else "")
        found = None
        if not reason:
            try:
                _, found = subgroups(*self.logits(), [*group.values()], self.context.level, self.pooling.variance)
            except NotConvergedError:
                reason = REASONS["no_convergence"]
        shares = [self._share(name, place, group, found, reason) for place, name in enumerate(names)]
        return [*shares, *self.common(found, reason)]

    def _share(
        self, name: str, place: int, group: Mapping[str, str], found: MetaRegression | None, reason: str
    ) -> Row:
        """The pooled share of one subgroup. It links all services: the variance within comes from all of them."""
        members = [self.one.counts[service] for service, its in group.items() if its == name]
        sizes = {"n": sum(n for _, n in members), "events": sum(events for events, _ in members)}
        method = f"{self.method(f'{len(members)} of {len(group)} services')}, {_ONE_VARIANCE}, {_INFERENCE}"
        columns: dict[str, object] = {"group": name, "unit": "proportion", "method": method, **sizes}
        if found is None or len(members) < FEWEST_IN_SUBGROUP:
            return self.row("pooled_share", None, reason or REASONS["too_few"], columns)
        mean = found.coefficients[place]
        ends: dict[str, object] = {"low": expit(mean.low), "high": expit(mean.high), "level": self.context.level}
        return self.row("pooled_share", expit(mean.value), "", columns | ends)


class _MetaRegression(_Model):
    model = META_REGRESSION

    def rows(self) -> list[Row]:
        columns = self._columns()
        design = np.array([column for _, _, column in columns], dtype=float).T
        reason, found = self.reason(len(columns)), None
        if not reason and np.linalg.matrix_rank(design) < len(columns):
            reason = REASONS["no_variation"]
        if not reason:
            try:
                found = regress(*self.logits(), design, self.context.level, self.pooling.variance)
            except NotConvergedError:
                reason = REASONS["no_convergence"]
        terms = [self._term(term, reference, at, found, reason) for at, (term, reference, _) in enumerate(columns)]
        return [*terms, *self.common(found, reason)]

    def _columns(self) -> list[tuple[str, str, list[float]]]:
        """Term, reference and values of each column of the design; words become a column for each but the first."""
        services = self.services()
        columns = [(INTERCEPT, "", [1.0] * len(services))]
        for name in self.names:
            values = [self.value(service, name) for service in services]
            if all(isinstance(value, float | int) and isfinite(value) for value in values):
                columns.append((name, "", [float(value) for value in values]))
                continue
            words = list(dict.fromkeys(str(value) for value in values))
            if len(words) < 2:  # a column that is no different from none has no coefficient, and says so
                columns.append((name, "", [0.0] * len(services)))
            columns += [
                (f"{name}-{w}", f"{name}-{words[0]}", [float(str(v) == w) for v in values]) for w in words[1:]
            ]
        return columns

    def _term(self, term: str, reference: str, at: int, found: MetaRegression | None, reason: str) -> Row:
        columns: dict[str, object] = {"term": term, "reference": reference, "scale": "logit"}
        columns["family"] = "" if term == INTERCEPT else self.family(term)
        if found is None:
            return self.row("moderator_coefficient", None, reason, columns)
        one = found.coefficients[at]
        numbers: dict[str, object] = {
            "se": one.se,
            "low": one.low,
            "high": one.high,
            "level": self.context.level,
            "p": one.p,
        }
        return self.row("moderator_coefficient", one.value, "", columns | numbers)
