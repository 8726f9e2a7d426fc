"""What fits of counts by group have in common.

The likelihoods are in ``negative_binomial`` and ``zero_truncated``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class CountFit(ABC):
    """Log means by group, log dispersion last, with their covariance (inverse of the observed information).

    At the Poisson boundary ``poisson`` is true and there is no dispersion parameter.
    """

    parameters: Array
    covariance: Array
    log_likelihood: float
    poisson: bool

    @property
    def dispersion(self) -> float:
        """Variance = mean + dispersion × mean² of the counts, before any truncation."""
        return 0.0 if self.poisson else float(np.exp(self.parameters[-1]))

    @abstractmethod
    def log_mean(self, group: int) -> tuple[float, Array]:
        """Log of the mean of a group, and its gradient in the parameters."""
