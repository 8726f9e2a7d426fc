"""The joint display: for each outcome, the figures of every study beside what is said in words.

Whether figures and words agree is a judgement, declared in ``raw/_shared/synthesis.yml``; only silence is computed.
Source: Guetterman, Fetters and Creswell (2015), joint displays in mixed-methods research.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from schemas.coding import COUNTED

OUTCOME_THEMES = ("outcome", "harm")
SHOWN = ("share", "difference", "mean", "headcount", "retention", "response_rate", "respondents", "count")
"""Statistics that a joint display shows of a figure."""

OTHER_WAYS = ("clustered", "missing_answers", "multiverse")
"""Families that make a declared comparison in another way: no further figure, however often it is repeated."""

FIGURE_COLUMNS = (
    "code", "study", "service", "estimate_id", "data_status", "identified", "published", "headline", "basis",
)  # fmt: skip


def figures(
    estimates: pd.DataFrame, indicators: pd.DataFrame, claims: pd.DataFrame, studies: pd.DataFrame
) -> pd.DataFrame:
    """Estimates that speak to a code, one row each (``FIGURE_COLUMNS``), of the studies that are not fictional.

    An item of an instrument speaks to its code through its headline answer: each service's share, and differences
    between rounds; beside it stand the shares of the other answers where there are more than two, highest first. Of
    two denominators the one that the document used (a claim names it) is shown, for all answers to an item; else that
    of those who answered. What is withheld or not identified is no figure.
    """
    real = set(studies.loc[~studies["fictional"].astype(bool), "study"])
    published = set(claims["estimate_id"]) - {""}
    usable = estimates[
        estimates["study"].isin(real)
        & estimates["statistic"].isin(SHOWN)
        & ~estimates["produced_by"].str.rpartition("/")[2].isin(OTHER_WAYS)
        & (estimates["identified"] != "no")
        & ~estimates["suppressed"].astype(bool)
        & (estimates["value"].notna() | estimates["low"].notna() | estimates["estimate_id"].isin(published))
    ]
    parts = [_of_indicator(usable, one, published) for one in indicators.to_dict("records") if one["study"] in real]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(FIGURE_COLUMNS))
    return found.drop_duplicates(["code", "estimate_id"], ignore_index=True)


def _of_indicator(usable: pd.DataFrame, indicator: Mapping[Any, Any], published: set[str]) -> pd.DataFrame:
    own = usable[usable["study"] == indicator["study"]]
    if indicator["pattern"]:
        fits = [fnmatchcase(one, indicator["pattern"]) for one in own["estimate_id"]]
        named = own[pd.Series(fits, index=own.index, dtype=bool)]
    else:
        same = (own["instrument"] == indicator["instrument"]) & (own["item"] == indicator["item"])
        answers = [indicator["headline"], *indicator["options"].split(" ; ")]
        named = _one_denominator(own[same & own["category"].isin(answers)], published)
        named = named.sort_values("category", key=lambda column: column.map(answers.index), kind="stable")
    headline = named["category"] == indicator["headline"] if indicator["item"] else True
    facts = {"code": indicator["code"], "basis": indicator["basis"], "headline": headline}
    return named.assign(published=named["estimate_id"].isin(published), **facts)[list(FIGURE_COLUMNS)]


def _one_denominator(rows: pd.DataFrame, published: set[str]) -> pd.DataFrame:
    keys = ["service", "wave", "reference", "statistic", "group", "model"]
    printed = rows["estimate_id"].isin(published)
    used = printed.groupby([rows[key] for key in [*keys, "denominator"]]).transform("any")
    ranked = rows.assign(_printed=~printed, _used=~used, _other=rows["denominator"] != "answered")
    ranked = ranked.sort_values(["_printed", "_used", "_other"], kind="stable")
    return ranked.drop_duplicates([*keys, "category"]).sort_index()


def joint_display(
    shown: pd.DataFrame, matrix: pd.DataFrame, codebook: pd.DataFrame, judged: pd.DataFrame
) -> pd.DataFrame:
    """One row an outcome or harm that any study speaks to, or another code with figures: how many figures and
    passages there are, and how they relate.

    ``shown`` are the ``figures``, ``matrix`` is the framework, ``judged`` the declared judgements (code, judgement,
    reason, status). Where one side is silent, that is the relation; where both speak it is what was judged, or
    ``not judged``. Printed figures told in words are no words here: they would confirm themselves. Figures that are
    promotion or description are no figures here (``apart``).
    """
    evidence = shown[shown["basis"].isin(COUNTED) & shown["headline"].astype(bool)]
    rows = []
    wanted = codebook["theme"].isin(OUTCOME_THEMES) | codebook["code"].isin(shown["code"])
    for one in codebook[wanted].to_dict("records"):
        own, words = evidence[evidence["code"] == one["code"]], matrix[matrix["code"] == one["code"]]
        counted, all_shown = words[words["segments"] > 0], shown[shown["code"] == one["code"]]
        if len(all_shown) or len(words):
            relation = _relation(len(own), int(counted["segments"].sum()), judged[judged["code"] == one["code"]])
            rows.append(
                {
                    "code": one["code"],
                    "theme": one["theme"],
                    "label": one["label"],
                    "figures": len(own),
                    "apart": int((~all_shown["basis"].isin(COUNTED)).sum()),
                    "figure_studies": " ; ".join(sorted(set(own["study"]))),
                    **{way: int(counted[way].sum()) for way in ("supports", "hinders", "mixed", "describes")},
                    "segments": int(counted["segments"].sum()),
                    "word_studies": " ; ".join(sorted(counted["study"])),
                    "families": counted["source_family"].nunique(),
                    **relation,
                }
            )
    return pd.DataFrame(rows, columns=list(JOINT_COLUMNS))


JOINT_COLUMNS = (
    "code", "theme", "label", "figures", "apart", "figure_studies", "supports", "hinders", "mixed", "describes",
    "segments", "word_studies", "families", "relation", "reason", "status",
)  # fmt: skip


def _relation(figures: int, segments: int, judged: pd.DataFrame) -> dict[str, str]:
    if not figures or not segments:
        silent = "no figures" if segments else "no words" if figures else "neither figures nor counted words"
        return {"relation": silent, "reason": "", "status": ""}
    if judged.empty:
        return {"relation": "not judged", "reason": "", "status": ""}
    row = judged.iloc[0]
    return {"relation": row["judgement"], "reason": row["reason"], "status": row["status"]}
