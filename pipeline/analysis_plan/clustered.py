"""Comparisons with clusters in the words of an analysis plan.

The method is ``pipeline.methods.clustered``; what may be declared is ``schemas.analyses.Clustered``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import SOURCES, Analysis, label_of, level_of, wave_label
from pipeline.studies import instruments
from schemas.analyses import Clustered
from schemas.instrument import Instrument
from schemas.study import Study


def clustered(study: Study) -> Iterator[Analysis]:
    """Each declared comparison with services or persons as clusters."""
    for one in study.analyses.clustered:
        instrument = instruments()[one.instrument]
        waves = f"{wave_label(study, one.reference)} to {wave_label(study, one.wave)}"
        title = f"Change from {waves}, {_clusters(one)} as clusters"
        how = f"{_what(one, instrument)}, {_why(one)}. {_model(one)} {_beside(study, one)} {_tests(one)}"
        sources = f"{SOURCES['gee' if one.model == 'gee' else 'mixed']}, {SOURCES['clusters']}"
        yield Analysis("clustered", one.instrument, title, how, _answer(study, one), sources)


def _clusters(one: Clustered) -> str:
    return {"service": "services", "subject": "persons"}[one.cluster]


def _what(one: Clustered, instrument: Instrument) -> str:
    if one.score is not None:
        label = next((score.label for score in instrument.scoring if score.id == one.score), one.score)
        return f"The difference in the mean score *{label}*, all services together"
    number = len(one.items or instrument.items)
    return (
        f"The difference in the share answering *{label_of(instrument, str(one.category))}*, item by item ({number})"
    )


def _why(one: Clustered) -> str:
    if one.cluster == "service":
        return "in a model that knows that answers of one service resemble each other"
    return "in a model that knows that answers of one person resemble each other; who answered once counts too"


def _model(one: Clustered) -> str:
    odds = ", with the odds ratio beside it" if one.score is None else ""
    if one.model == "gee":
        return (
            f"Generalised estimating equations, exchangeable working correlation{odds}; errors corrected for few "
            "clusters (Kauermann and Carroll) and t with Satterthwaite's degrees of freedom."
        )
    kind = "A linear mixed model (REML)" if one.score is not None else "A logistic mixed model"
    return (
        f"{kind} with a random intercept{odds}; t with degrees of freedom by the between-within rule. It takes the "
        "difference as the same in every cluster."
    )


def _beside(study: Study, one: Clustered) -> str:
    effect = ", and the design effect that follows from it" if one.cluster == "service" else ""
    return (
        f"Beside it how alike the answers of a cluster are (intraclass correlation, {level_of(study)} profile "
        f"interval){effect}; and the raw difference by the wild cluster bootstrap (fewer than twenty clusters) or "
        "with clusters drawn anew (from twenty on). Fewer than three clusters give no result."
    )


def _tests(one: Clustered) -> str:
    if one.score is not None:
        return "There is one test of the model."
    return "p-values are adjusted by Holm's method over the items, those of each kind apart."


def _answer(study: Study, one: Clustered) -> str:
    p = "adjusted p-value" if one.score is None else "p-value"
    return (
        f"A difference is called shown where its {p} by the model is below {1 - study.analyses.level:.3g}, and the "
        "wild bootstrap, where there is one, is printed beside it. Any other is called not shown, never no change."
    )
