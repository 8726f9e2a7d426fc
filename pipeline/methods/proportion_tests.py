"""Exact tests that two proportions are equal: counts in, a two-sided p out.

Adjusting p for several tests belongs in ``adjustment``, intervals in ``proportion_differences``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_GRID = 1001
_PEAKS = 6
_NARROWINGS = 45
_ALIKE = 1e-9  # relative: statistics that differ by less differ by rounding only


def fisher(e1: int, n1: int, e2: int, n2: int) -> float:
    """Two-sided p of Fisher's exact test (Fisher 1935) that two groups have the same share."""
    from scipy.stats import fisher_exact

    return min(1.0, float(fisher_exact([[e1, n1 - e1], [e2, n2 - e2]]).pvalue))


def sign_test(up: int, down: int) -> float:
    """Two-sided exact p that up and down are equally likely (Dixon & Mood 1946); 1 where nobody moved."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(up, down), up + down, 0.5))) if up + down else 1.0


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided exact p of McNemar's test (1947) from the two discordant counts."""
    return sign_test(b, c)


def mcnemar_mid_p(b: int, c: int) -> float:
    """Two-sided mid-p of McNemar's test (Fagerland, Lydersen & Laake 2013) from the two discordant counts."""
    return sign_mid_p(b, c)


def sign_mid_p(up: int, down: int) -> float:
    """Two-sided mid-p that up and down are equally likely; 1 where nobody moved.

    The exact p less the probability of what was observed, or, as many up as down, less half of it.
    """
    from scipy.special import gammaln

    n = up + down
    if not n:
        return 1.0
    observed = float(np.exp(gammaln(n + 1) - gammaln(up + 1) - gammaln(down + 1) - n * np.log(2)))
    return max(sign_test(up, down) - (observed / 2 if up == down else observed), 0.0)


def barnard(e1: int, n1: int, e2: int, n2: int) -> float:
    """Two-sided p of Barnard's (1945) unconditional exact test, tables ordered by the pooled z statistic.

    The p is the largest over all values that a common share may have, searched on a fixed grid and narrowed: the
    same every time. (scipy's ``barnard_exact`` may miss the largest in tables of some hundred persons.)
    """
    z = _pooled_z(n1, n2)
    return _largest(np.abs(z) >= abs(z[e1, e2]) * (1 - _ALIKE), n1, n2)


def boschloo(e1: int, n1: int, e2: int, n2: int) -> float:
    """Two-sided p of Boschloo's (1970) test: twice the smaller one-sided p, tables ordered by Fisher's p.

    Never above twice Fisher's one-sided p. The largest over the common share is found as in ``barnard``.
    """
    less = _fisher_less(n1, n2)
    more = _fisher_less(n1, n2)[::-1, ::-1]  # a table turned round has its tails changed over
    ps = [_largest(tail <= tail[e1, e2] * (1 + _ALIKE), n1, n2) for tail in (less, more)]
    return min(1.0, 2 * min(ps))


def _pooled_z(n1: int, n2: int) -> Floats:
    """z of every table of two groups, by both numbers of events; 0 where all or none are events."""
    e1, e2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    pooled = (e1 + e2) / (n1 + n2)
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    difference = e1 / n1 - e2 / n2
    return np.divide(difference, deviation, out=np.zeros_like(difference), where=deviation > 0)


def _fisher_less(n1: int, n2: int) -> Floats:
    """Probability, given the total, of as many events in group one or fewer, for every table."""
    first, second = _log_choose(n1), _log_choose(n2)
    tails = np.empty((n1 + 1, n2 + 1))
    for total in range(n1 + n2 + 1):
        e1 = np.arange(max(0, total - n2), min(n1, total) + 1)
        weight = first[e1] + second[total - e1]
        weight = np.exp(weight - weight.max())
        tails[e1, total - e1] = np.cumsum(weight) / weight.sum()
    return tails


def _log_choose(n: int) -> Floats:
    from scipy.special import gammaln

    k = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=float)


def _largest(extreme: Bools, n1: int, n2: int) -> float:
    """Largest probability of the ``extreme`` tables over all values of a common share.

    The grid is even on the arcsine scale, on which peaks are about equally wide; the highest are narrowed.
    """
    table = extreme.astype(float)
    angles = np.linspace(0, np.pi / 2, _GRID)
    found = _probability(angles, table, n1, n2)
    inner = np.arange(1, _GRID - 1)
    peaks = inner[(found[inner] >= found[inner - 1]) & (found[inner] >= found[inner + 1])]
    best = peaks[np.argsort(found[peaks], kind="stable")[::-1][:_PEAKS]]
    low, high = angles[best - 1], angles[best + 1]
    for _ in range(_NARROWINGS if len(best) else 0):
        one, two = low + (high - low) / 3, high - (high - low) / 3
        left = _probability(one, table, n1, n2) < _probability(two, table, n1, n2)
        low, high = np.where(left, one, low), np.where(left, high, two)
    ends = _probability((low + high) / 2, table, n1, n2) if len(best) else found[:0]
    return min(1.0, float(max(found.max(), *ends)) if len(ends) else float(found.max()))


def _probability(angles: Floats, table: Floats, n1: int, n2: int) -> Floats:
    share = np.sin(angles) ** 2
    first, second = _binomial(share, n1), _binomial(share, n2)
    return np.asarray(((first @ table) * second).sum(axis=1))


def _binomial(share: Floats, n: int) -> Floats:
    """Probabilities of 0 to n events (columns) at each share (rows)."""
    from scipy.special import xlog1py, xlogy

    k = np.arange(n + 1)
    return np.asarray(np.exp(_log_choose(n) + xlogy(k, share[:, None]) + xlog1py(n - k, -share[:, None])))
