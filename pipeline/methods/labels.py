"""Labels: what ids are called, in which order, and which way a scale points, for figures and reports.

Labels are words of the study file and the instruments; no label is made from data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from schemas.coding import THEMES
from schemas.instrument import Instrument
from schemas.study import Study, Tables

COLUMNS = ("study", "kind", "parent", "id", "label", "order", "direction")
NOT_ANSWERED = "Not answered"
NOT_PRINTED = "Not answered, or not printed"
"""Of reconstructed rows nobody knows which of the two."""


CODEBOOK = "codebook"
"""The instrument of estimates about codes; its items are the codes."""


def labels(study: Study, instruments: Mapping[str, Instrument], codebook: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row a label (columns ``COLUMNS``) of the study, its services, waves, instruments, items and answers.

    With a codebook (``schemas.codebook``) its codes are the items of the instrument ``codebook``; the direction of a
    code is its theme.
    """
    rows = [("study", "", study.study, study.title, 0, "")]
    rows += [("service", "", s.id, s.name, i, "") for i, s in enumerate(study.services)]
    rows += [("service", "", "all", "All services", len(study.services), "")]
    rows += [("wave", "", w.id, w.label, i, "") for i, w in enumerate(sorted(study.waves, key=lambda w: w.start))]
    for name in dict.fromkeys(table.instrument for table in study.tables.surveys):
        rebuilt = any(t.data_status == "reconstructed" for t in study.tables.surveys if t.instrument == name)
        rows += _of_instrument(instruments[name], NOT_PRINTED if rebuilt else NOT_ANSWERED)
    if codebook is not None:
        rows += [("instrument", "", CODEBOOK, "Codebook", 0, "none")]
        codes = zip(codebook["code"], codebook["label"], codebook["theme"], strict=True)
        rows += [("item", CODEBOOK, code, label, i, theme) for i, (code, label, theme) in enumerate(codes)]
        rows += [("theme", CODEBOOK, theme, label, i, "") for i, (theme, label) in enumerate(THEMES.items())]
    frame = pd.DataFrame(rows, columns=list(COLUMNS[1:]))
    frame.insert(0, "study", study.study)
    return frame


def _of_instrument(instrument: Instrument, missing: str) -> Iterator[tuple[str, str, str, str, int, str]]:
    name, way = instrument.instrument, instrument.direction
    yield "instrument", "", name, instrument.title, 0, way
    for order, item in enumerate(instrument.items):
        yield "item", name, item.id, item.label, order, way
    for order, score in enumerate(instrument.scoring, len(instrument.items)):
        yield "item", name, score.id, score.label, order, score.direction or way
    answers = [(o.id, o.label) for o in sorted(instrument.options, key=lambda o: o.code)]
    answers += [(c.id, c.label) for c in instrument.collapse] + [(s.id, s.label) for s in instrument.special]
    bands = dict.fromkeys((band.id, band.label) for score in instrument.scoring for band in score.bands)
    for order, (answer, label) in enumerate([*answers, ("missing", missing), *bands]):
        yield "category", name, answer, label, order, way


def about(study: Study) -> pd.DataFrame:
    """What a synthesis needs to know of a study, in one row."""
    tables = [one.data_status for name in Tables.model_fields for one in getattr(study.tables, name)]
    row = {
        "study": study.study,
        "title": study.title,
        "short_title": study.short_title or study.study,
        "country": study.country,
        "source_family": study.source_family,
        "fictional": study.fictional,
        "start": study.period.start.isoformat() if study.period else "",
        "end": study.period.end.isoformat() if study.period else "",
        "data_status": ", ".join(sorted(set(tables))),
        "services": len(study.services),
        "documents": len([one for one in study.documents if not one.part_of]),
        "summary": study.summary,
    }
    return pd.DataFrame([row])


def indicators(study: Study, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """Which estimates speak to which code: by item with its headline answer and options, or by a pattern of ids.

    ``basis`` says what the figures rest on; those of an instrument are participants'.
    """
    rows = [
        (study.study, item.code, name, item.id, one.headline, _options(one), "", PARTICIPANTS)
        for name in dict.fromkeys(table.instrument for table in study.tables.surveys)
        for one in [instruments[name]]
        for item in one.items
        if item.code
    ]
    for outcome in study.outcomes:
        rows += [(study.study, outcome.code, "", "", "", "", one, outcome.basis) for one in outcome.estimates]
    columns = ["study", "code", "instrument", "item", "headline", "options", "pattern", "basis"]
    return pd.DataFrame(rows, columns=columns)


PARTICIPANTS = "participant-data"


def _options(instrument: Instrument) -> str:
    """Ids of the answers, highest first, where there are more than the headline and its complement."""
    if len(instrument.options) < 3:
        return instrument.headline
    return " ; ".join(one.id for one in sorted(instrument.options, key=lambda one: -one.code))
