"""How coded passages and printed statements are put into words: who says it, on what basis, which way.

Nothing is looked up here; tables are in ``coded_tables``.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import pandas as pd

from pipeline.reporting.formats import printed
from schemas.coding import COUNTED, RESPONDENT_GROUPS

_BASES = {
    "participant-data": "participants' account",
    "evaluator-finding": "finding of the study",
    "author-interpretation": "interpretation",
    "recommendation": "advice",
    "literature": "other publications",
    "promotional": "provider's own account",
    "commentary": "reader's comment",
    "limitation": "stated limitation",
    "description": "description",
}
_WAYS = {
    "factor": ("helps", "lacking or in the way"),
    "mechanism": ("at work", "missing or hindered"),
    "outcome": ("better", "not reached or worse"),
    "harm": ("occurs", "countered"),
}
"""Words for `supports` and `hinders`, by the theme of the code."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#$~^@])")


def escaped(text: object) -> str:
    """A text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", str(text))


def basis_words(basis: str) -> str:
    """What a passage rests on, in a few words."""
    return _BASES[basis]


def said_by(segment: dict[str, Any]) -> str:
    """Who says it, and on what basis: ``Service users: participants' account``, ``Advice``.

    Where the passage does not count, the group is only spoken of or quoted, and stands in brackets.
    """
    ids = [one for one in str(segment["respondent_group"]).split(";") if one and one != "none"]
    who = " and ".join(RESPONDENT_GROUPS[one] for one in ids)
    basis = _BASES[segment["basis"]]
    if segment["basis"] in COUNTED and who:
        return f"{_large(who.lower())}: {basis}"
    return _large(basis) + (f" ({who.lower()})" if who else "")


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def way_words(theme: str, polarity: str) -> str:
    """Which way a passage speaks, in words that fit the theme of its code; ``for`` and ``against`` without one."""
    if polarity in ("mixed", "describes"):
        return {"mixed": "both ways", "describes": "no direction"}[polarity]
    yes, no = _WAYS.get(theme, ("for", "against"))
    return yes if polarity == "supports" else no


def date_words(date: str) -> str:
    """``2014-07-29`` as ``29 July 2014``; nothing where there is no date."""
    if not date:
        return ""
    day = datetime.date.fromisoformat(date)
    return f"{day.day} {day:%B %Y}"


def printed_words(claim: dict[str, Any]) -> str:
    """A statement as printed: the words in quotation marks, the number beside them where there is one."""
    words = f"“{escaped(claim['value_text'])}”" if claim["value_text"] else ""
    if pd.isna(claim["published"]):
        return words or "in words"
    number = printed(pd.Series(claim))
    return f"{words} ({number})" if words else number


def joined(outcome: str, reason: str) -> str:
    """An outcome with its reason."""
    return f"{outcome}: {reason}" if reason else outcome
