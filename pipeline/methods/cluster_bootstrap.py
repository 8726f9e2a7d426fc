"""Bootstrap of whole clusters from their sums: plain arrays in, plain numbers out.

For many clusters; with fewer than about twenty its intervals are too narrow, and ``wild_bootstrap`` is for these.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.methods.cluster_sums import Array

Statistic = Callable[[Array, Array], Array]


def cluster_bootstrap(
    sums: Array, counts: Array, resamples: int, random: np.random.Generator, statistic: Statistic
) -> Array:
    """``statistic`` of ``resamples`` samples of clusters drawn with replacement (Davison and Hinkley 1997).

    How often each cluster is drawn is multinomial; a sample's sums are these numbers times the clusters' sums, so the
    rows are read once, before.

    Parameters
    ----------
    sums, counts
        Clusters x any number of columns: sums of the outcome, and numbers of rows (of each wave, say).
    statistic
        Takes the sums and counts of all samples (resamples x columns) and gives one number for each sample.
    """
    clusters = len(sums)
    drawn = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples).astype(float)
    return np.asarray(statistic(drawn @ sums, drawn @ counts))


def difference_of_means(sums: Array, counts: Array) -> Array:
    """Mean of the first column less that of the second; NaN where a sample has no row of one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums / counts
    return np.asarray(means[..., 0] - means[..., 1])


def percentile_interval(samples: Array, level: float) -> tuple[float, float]:
    """Quantiles that leave half of ``1 - level`` on each side (Efron 1979)."""
    low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
