"""What single items do to a scale, from complete answers. Plain numbers in, plain numbers out.

Alpha itself is in ``reliability``, omega in ``omega``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def item_rest(scores: Floats) -> list[float | None]:
    """Pearson correlation of each item with the sum of the others; ``None`` where one of the two doesn't vary."""
    rest = scores.sum(axis=1, keepdims=True) - scores
    return [correlation(item, other) for item, other in zip(scores.T, rest.T, strict=True)]


def mean_correlation(scores: Floats) -> float | None:
    """Mean of the Pearson correlations of each two items; ``None`` where an item doesn't vary, or with one item."""
    items = scores.shape[1]
    if items < 2 or not np.ptp(scores, axis=0).all():
        return None
    return float((np.corrcoef(scores, rowvar=False).sum() - items) / (items * (items - 1)))


def correlation(one: Floats, other: Floats) -> float | None:
    """Pearson correlation; ``None`` where one of the two doesn't vary."""
    if not (np.ptp(one) and np.ptp(other)):
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
