"""Notes that reports on coded documents share: the status of their data, and how the text was coded.

Tables are in ``coded_tables``, notes of all reports in ``notes``.
"""

from __future__ import annotations

from pipeline.reporting.formats import Markdown
from pipeline.reporting.reader import Release

_CODING = (
    "Each document was read whole and cut into passages of one idea each. Each passage was summed up in our own "
    "words, so that what follows is never a quotation. It carries one or more codes from one codebook that all "
    "studies here share, the way it speaks for each code, who is said to hold it, and what it rests on. Only what "
    "participants said and what evaluators concluded from their data count as evidence when studies are put "
    "together; all the rest is shown, and not counted. "
)
_ONE = (
    "One person did this, and nobody can tell how far another coder would have cut and coded the text in the same "
    "way. "
)
_NUMBERS = (
    "A number of passages says how much was written on a matter. It does not say how many people think so, nor how "
    "strong an effect is."
)


def status(release: Release) -> Markdown:
    """A callout on what kind of data the report rests on: text of others, who coded it, what counts."""
    segments, findings = release.segments, release.findings
    real = segments[~segments["illustration"]]
    counted = int(real["counts"].sum())
    by = _coders(release)
    number = f"{counted or 'None'} of them {'counts' if counted <= 1 else 'count'}"
    reviewed = len(findings) and findings["judged_by"].ne("").all()
    text = (
        f"This report rests on published text, not on data of persons. {len(real)} passages were summed up in our "
        f"own words and coded by {by}. {number} as evidence: what participants said, "
        "or what evaluators concluded from their data. The rest is shown apart."
        + ("" if reviewed else " Findings are proposals until a named person has signed them.")
    )
    return Markdown(f'::: {{.callout-important title="Published text, coded by {by}"}}\n{text}\n:::')


def how_coded(release: Release) -> Markdown:
    """How the documents were coded, and what one coder and a number of passages mean."""
    return Markdown(_CODING + (_ONE if _coders(release) == "one person" else "") + _NUMBERS)


def _coders(release: Release) -> str:
    coders = release.codings["coder"].nunique()
    return "one person" if coders == 1 else f"{coders} persons"
