"""How many of those invited answered: the sentence that stands with every table and figure of survey answers.

The rates are estimates like any other; what the gate withheld is said to be withheld.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pipeline.reporting.formats import percent
from schemas.vocabulary import ALL

CODEBOOK = "codebook"
"""The instrument of estimates about codes: nobody was invited to it."""

RATE, INVITED = "response_rate", "invitation_rate"
NOT_KNOWN = "response rate not known"

Label = Callable[[str, str], str]
"""What an id of a kind (instrument, wave) is called."""


def response_note(shown: pd.DataFrame, estimates: pd.DataFrame, label: Label) -> str:
    """The response of each survey and wave behind some estimates, in words; empty where none is of a survey.

    Where all estimates shown are of one service, the response is that service's.

    Parameters
    ----------
    shown
        Estimates of one study, or their keys; response rates themselves need no note.
    estimates
        All released estimates of the study.
    """
    surveys = _surveys(shown)
    if not surveys:
        return ""
    rates = estimates[estimates["statistic"].isin([RATE, INVITED])]
    services = set(shown["service"]) - {"unknown"}
    if "*" in services:  # very many estimates are named by patterns
        services = set(rates["service"]) - {"unknown"}
    service = str(*services) if len(services) == 1 else ALL
    whole, parts = rates[rates["service"] == service], rates[rates["service"].isin(services - {ALL, service})]
    return f"Response: {'; '.join(_survey(one, waves, whole, parts, label) for one, waves in surveys.items())}."


def _surveys(shown: pd.DataFrame) -> dict[str, list[str]]:
    """Waves of each survey, both of two that are compared."""
    rows = shown[~shown["instrument"].isin(["", CODEBOOK]) & ~shown["statistic"].isin([RATE, INVITED])]
    found: dict[str, list[str]] = {}
    keys = rows[["instrument", "contrast", "reference", "wave"]].drop_duplicates()
    for instrument, contrast, reference, wave in keys.itertuples(index=False, name=None):
        waves = [reference, wave] if contrast == "waves" else [wave]
        found.setdefault(instrument, []).extend(one for one in waves if one not in found.get(instrument, []))
    return found


def _survey(instrument: str, waves: list[str], whole: pd.DataFrame, parts: pd.DataFrame, label: Label) -> str:
    whole, parts = (rates[rates["instrument"] == instrument] for rates in (whole, parts))
    eligible, whole = whole[whole["statistic"] == INVITED], whole[whole["statistic"] == RATE]
    parts = parts[parts["statistic"] == RATE]
    known = [wave for wave in whole["wave"] if wave in waves or waves == [""]]
    if not known:
        return f"{label('instrument', instrument)}: {NOT_KNOWN}"
    words = []
    for wave in known if waves == [""] else waves:
        rate = _rate(whole[whole["wave"] == wave], parts[parts["wave"] == wave])
        words.append(f"{label('wave', wave)}: {rate}{_of_eligible(eligible[eligible['wave'] == wave])}")
    return f"{label('instrument', instrument)}, {', '.join(words)}"


def _rate(found: pd.DataFrame, parts: pd.DataFrame) -> str:
    if found.empty:
        return NOT_KNOWN
    row = found.iloc[0]
    if row["suppressed"]:
        return "response rate withheld"
    if pd.isna(row["value"]):
        return f"{NOT_KNOWN} ({row['reason']})"
    shares = "; ".join([percent(row["value"]), *_range(parts)])
    return f"answered {row['events']:.0f} of {row['n']:.0f} invited ({shares})"


def _of_eligible(found: pd.DataFrame) -> str:
    """Of how many eligible persons the invited are part, where that is released."""
    known = found[~found["suppressed"] & found["value"].notna()]
    return f", of {known.iloc[0]['n']:.0f} eligible" if len(known) else ""


def _range(parts: pd.DataFrame) -> list[str]:
    """The lowest and the highest of the services shown."""
    values = parts["value"].dropna()
    if len(values) < 2:
        return []
    withheld = int(parts["suppressed"].sum())
    more = f", {withheld} withheld" if withheld else ""
    return [f"services {percent(values.min())} to {percent(values.max())}{more}"]
