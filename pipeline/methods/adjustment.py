"""p-values adjusted for how many tests a family holds.

Which tests make a family belongs in the methods that test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's (1979) adjusted p-values, in the order given; a missing p stays missing and is not counted."""
    known = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    running = 0.0
    for rank, (value, place) in enumerate(known):
        running = max(running, min(1.0, (len(known) - rank) * value))
        adjusted[place] = running
    return adjusted


def benjamini_hochberg(p: Sequence[float | None]) -> list[float | None]:
    """Benjamini & Hochberg's (1995) adjusted p-values, in the order given; a missing p stays missing, uncounted.

    They bound the expected share of false ones among the tests called significant, where tests are independent or
    positively dependent.
    """
    known = sorted(((value, place) for place, value in enumerate(p) if value is not None), reverse=True)
    adjusted: list[float | None] = [None] * len(p)
    running = 1.0
    for rank, (value, place) in enumerate(known):
        running = min(running, value * len(known) / (len(known) - rank))
        adjusted[place] = running
    return adjusted


ADJUSTMENTS: dict[str, tuple[Callable[[Sequence[float | None]], list[float | None]], str]] = {
    "holm": (holm, "Holm (1979)"),
    "benjamini-hochberg": (benjamini_hochberg, "Benjamini and Hochberg (1995)"),
}
"""Adjustments by the name that a study file gives them, each with its source."""
