"""What the words of an analysis plan share: one planned analysis, sources of methods, names of answers and waves."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.studies import instruments
from schemas.instrument import Instrument
from schemas.study import Study
from schemas.vocabulary import UNKNOWN


@dataclass(frozen=True)
class Analysis:
    """One thing that will be estimated.

    Attributes
    ----------
    family
        Family of methods, as in ``pipeline.graph``.
    about
        Instrument or table that it is made from.
    title
        What it is, in a few words.
    how
        What is estimated and how.
    answer
        What would count as an answer; empty where it describes only.
    sources
        Where the methods come from.
    """

    family: str
    about: str
    title: str
    how: str
    answer: str = ""
    sources: str = ""


DESCRIBED = "The figure with its interval is the answer."

SOURCES = {
    "shares": "Wilson (1927)",
    "unlinked": "Newcombe (1998), Fisher (1935), Holm (1979)",
    "linked": "Newcombe (1998), McNemar (1947), Tango (1998), Holm (1979)",
    "support": "Cochran (1977), Lohr (2010)",
    "doses": "Hyndman and Fan (1996), Wilson (1927)",
    "dose model": "Grogger and Carson (1991)",
    "services": "Paule and Mandel (1982), Knapp and Hartung (2003), Higgins et al. (2009), Spiegelhalter (2005)",
    "retention": "Kaplan and Meier (1958), Greenwood (1926)",
    "reliability": "Cronbach (1951), Feldt (1965), Spearman (1904), Bonett and Wright (2000)",
    "drivers": "Spearman (1904), Bonett and Wright (2000), Johnson (2000), Holm (1979)",
    "themes": "Wilson (1927), Guest, Namey and Chen (2020)",
    "agreement": "Krippendorff (2018), Cohen (1960)",
}
"""Sources by method, each as docs/methods.md names it."""


def surveyed(study: Study) -> list[Instrument]:
    """The instruments that the study has surveys of."""
    names = dict.fromkeys(table.instrument for table in study.tables.surveys)
    return [instruments()[name] for name in names if name in instruments()]


def label_of(instrument: Instrument, category: str) -> str:
    """What an answer, or several together, are called."""
    labels = {one.id: one.label for one in instrument.options} | {one.id: one.label for one in instrument.collapse}
    return labels.get(category, category)


def wave_label(study: Study, wave: str) -> str:
    """What a wave is called."""
    return study.wave_labels().get(wave, wave)


def level_of(study: Study) -> str:
    """The level of intervals, in percent."""
    return f"{100 * study.analyses.level:g}%"


def linked_surveys(study: Study, instrument: str) -> bool:
    """Are the ids of a survey declared to mean the same person in every wave?"""
    tables = [table for table in study.tables.surveys if table.instrument == instrument]
    return bool(tables) and all(table.link != "none" for table in tables)


def where(study: Study, instrument: str) -> str:
    """For whom shares of a survey are given: all services together, and single ones where the data name them."""
    named = {table.service for table in study.tables.surveys if table.instrument == instrument} - {UNKNOWN}
    if len(study.services) == 1:
        return "for the whole service"
    if not named:
        return "for all services together (the data name no service)"
    return "for all services together and for each service"
