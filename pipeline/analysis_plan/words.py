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
    "clopper-pearson": "Clopper and Pearson (1934)",
    "mid-p": "Lancaster (1961)",
    "jeffreys": "Brown, Cai and DasGupta (2001)",
    "newcombe": "Newcombe (1998)",
    "miettinen-nurminen": "Miettinen and Nurminen (1985)",
    "fisher": "Fisher (1935)",
    "boschloo": "Boschloo (1970)",
    "barnard": "Barnard (1945)",
    "mcnemar": "McNemar (1947), Tango (1998)",
    "mcnemar mid-p": "McNemar (1947), Fagerland, Lydersen and Laake (2013), Tango (1998)",
    "partly linked": "Newcombe (1998), Zou and Donner (2008), Derrick et al. (2015)",
    "holm": "Holm (1979)",
    "benjamini-hochberg": "Benjamini and Hochberg (1995)",
    "multiverse": "Steegen et al. (2016), Simonsohn, Simmons and Nelson (2020), Mantel and Haenszel (1959), "
    "Sato (1989), Bell and McCaffrey (2002)",
    "support": "Cochran (1977), Lohr (2010)",
    "doses": "Hyndman and Fan (1996), Wilson (1927)",
    "dose model": "Grogger and Carson (1991)",
    "dose model, all": "Cameron and Trivedi (2013)",
    "continuation": "Kaplan and Meier (1958), Greenwood (1926), Brookmeyer and Crowley (1982)",
    "contact model": "Agresti (2013), Liang and Zeger (1986), Satterthwaite (1946), Holm (1979)",
    "services": "Knapp and Hartung (2003), Higgins et al. (2009), Viechtbauer (2007), Spiegelhalter (2005)",
    "next study, unlinked": "Fleiss, Levin and Paik (2003), Newcombe (1998), Ridout, Demétrio and Firth (1999), "
    "Eldridge, Ashby and Kerry (2006), Hemming et al. (2011)",
    "next study, linked": "Connor (1987), Newcombe (1998), Ridout, Demétrio and Firth (1999), "
    "Eldridge, Ashby and Kerry (2006), Hemming et al. (2011)",
    "retention": "Kaplan and Meier (1958), Greenwood (1926), Brookmeyer and Crowley (1982)",
    "average": "Kaplan and Meier (1958), Zou and Donner (2008)",
    "log-rank": "Mantel (1966), Peto and Peto (1972), Holm (1979)",
    "leaving": "Cox (1972), Efron (1977), Grambsch and Therneau (1994), Peduzzi et al. (1995)",
    "success": "Firth (1993), Heinze and Schemper (2002)",
    "reliability": "Cronbach (1951), Feldt (1965), McDonald (1999), Raykov (2002), Spearman (1904), "
    "Bonett and Wright (2000)",
    "error of a score": "Lord and Novick (1968), Terwee et al. (2007)",
    "drivers": "Spearman (1904), Bonett and Wright (2000), Johnson (2000), Holm (1979)",
    "themes": "Wilson (1927), Jaccard (1901), Hurlbert (1971), Guest, Namey and Chen (2020)",
    "agreement": "Krippendorff (2018), Cohen (1960), Cohen (1968), Fleiss (1971)",
    "gee": "Liang and Zeger (1986), Kauermann and Carroll (2001), Bell and McCaffrey (2002)",
    "mixed": "Laird and Ware (1982), Pinheiro and Bates (1995), Schluchter and Elashoff (1990)",
    "clusters": "Kish (1965), Cameron, Gelbach, Miller (2008), Webb (2014), Davison and Hinkley (1997), Holm (1979)",
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
