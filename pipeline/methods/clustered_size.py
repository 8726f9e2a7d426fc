"""How many services, or answers of the services there are, a comparison needs with services as clusters.

Plain numbers in, plain numbers out. Answers without clusters are in ``sample_size``, design effects in
``intraclass``, the rows in ``design``.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.methods.intraclass import design_effect
from pipeline.methods.proportions import root
from pipeline.methods.sample_size import Linked, Unlinked, fewest

Numbers = Sequence[float]

FEWEST = 2
"""Services with which there is a degree of freedom."""


def with_more_services(
    planned: Unlinked | Linked, difference: float, level: float, power: float, correlation: float, sizes: Numbers
) -> tuple[int, float] | None:
    """Services of the mean of these ``sizes``, and answers in each wave, to find ``difference``; ``None`` past 10⁹.

    Answers without clusters times the design effect (Eldridge, Ashby & Kerry 2006), with t of one degree of freedom
    fewer than there are services. Both follow from the number of services, whole or not, that have just as many
    answers as so many services need; services are rounded up, two at least, answers are not rounded.
    """
    effect, mean = design_effect(correlation, sizes), sum(sizes) / len(sizes)

    def answers(services: float) -> float:
        return effect * planned.needed(difference, level, power, services - 1)

    found = fewest(lambda services: services >= FEWEST and services * mean >= answers(services))
    if found is None or found == FEWEST:
        return (found, answers(found)) if found else None
    return found, mean * root(lambda services: services * mean - answers(services), found - 1, found)


def with_present_services(
    planned: Unlinked | Linked, difference: float, level: float, power: float, correlation: float, sizes: Numbers
) -> float | None:
    """Answers in each wave, not rounded, with as many services as there are ``sizes``, all growing alike.

    The design effect grows with the answers. They are n (1 - r) / (1 - n r / k), with n answers without clusters and
    correlation r of k equal services (Hemming et al. 2011); with unequal ones k is the number of equal services that
    tell as much, (sum of sizes)² / sum of squares. ``None`` where k is not above n r: no number of answers is enough.
    t of one degree of freedom fewer than there are services. At least two services.
    """
    n = planned.needed(difference, level, power, len(sizes) - 1)
    equal = sum(sizes) ** 2 / sum(size**2 for size in sizes)
    rest = 1 - n * correlation / equal
    return max(n, n * (1 - correlation) / rest) if rest > 0 else None
