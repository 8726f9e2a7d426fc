"""Which record tables each family of estimates reads. Light: reports ask too.

What a family estimates belongs in ``families.py``.
"""

from __future__ import annotations

FAMILY_TABLES: dict[str, tuple[str, ...]] = {
    "support": ("sessions", "groups", "doses"),
    "feedback": ("surveys",),
    "scores": ("surveys",),
    "response_rates": ("response", "surveys"),
    "change": ("surveys",),
    "ordinal": ("surveys",),
    "clustered": ("surveys",),
    "missing_answers": ("surveys",),
    "multiverse": ("surveys",),
    "next_study": ("surveys",),
    "services": ("surveys",),
    "staffing": ("workforce", "headcount"),
    "reliability": ("surveys",),
    "drivers": ("surveys",),
    "themes": ("segments", "codings"),
    "agreement": ("segments", "codings"),
    "aggregates": ("claims",),
}
"""Record tables that a family of estimates reads, where the study has them."""
