"""Survey rows to test comparisons of ordered answers on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from schemas.analyses import Ordinal

WAVES = Ordinal(id="ordered", instrument="scale", reference="w1", wave="w2")
LINKED = Ordinal(id="ordered", instrument="scale", reference="w1", wave="w2", linked=True)
SERVICES = Ordinal(id="ordered", instrument="scale", reference="east", wave="w1", contrast="services")


def drawn(
    sizes: Mapping[str, int], effect: float, services: Mapping[str, float], seed: int = 1, linked: bool = False
):
    """Answers to `hope` and `choice` from a proportional-odds model: ``sizes`` by wave for each service."""
    rng, rows = np.random.default_rng(seed), []
    for service, shift in services.items():
        lasting = rng.normal(0, 1.5 if linked else 0, max(sizes.values()))
        for later, (wave, n) in enumerate(sizes.items()):
            for item in ("hope", "choice"):
                codes = np.searchsorted([-1, 0, 1], effect * later + shift + lasting[:n] + rng.logistic(size=n)) + 1
                rows += placed(item, codes.tolist(), wave, service, "" if linked else f"{wave}-")
    return rows


def placed(item: str, codes: Sequence[int], wave: str, service: str, prefix: str = ""):
    """One row a person, named after the service and the place in the list."""
    return [
        (f"{prefix}{service}{place}", f"{prefix}{service}{place}", wave, service, item, code, f"o{code}")
        for place, code in enumerate(codes)
    ]
