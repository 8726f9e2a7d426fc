"""Labels: what ids are called, in which order, and which way a scale points, for figures and reports.

Labels are words of the study file and the instruments; no label is made from data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from schemas.instrument import Instrument
from schemas.study import Study

COLUMNS = ("study", "kind", "parent", "id", "label", "order", "direction")
NOT_ANSWERED = "Not answered"
NOT_PRINTED = "Not answered, or not printed"
"""Of reconstructed rows nobody knows which of the two."""


def labels(study: Study, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """One row a label (columns ``COLUMNS``) of the study, its services, waves, instruments, items and answers."""
    rows = [("study", "", study.study, study.title, 0, "")]
    rows += [("service", "", s.id, s.name, i, "") for i, s in enumerate(study.services)]
    rows += [("service", "", "all", "All services", len(study.services), "")]
    rows += [("wave", "", w.id, w.label, i, "") for i, w in enumerate(sorted(study.waves, key=lambda w: w.start))]
    for name in dict.fromkeys(table.instrument for table in study.tables.surveys):
        rebuilt = any(t.data_status == "reconstructed" for t in study.tables.surveys if t.instrument == name)
        rows += _of_instrument(instruments[name], NOT_PRINTED if rebuilt else NOT_ANSWERED)
    frame = pd.DataFrame(rows, columns=list(COLUMNS[1:]))
    frame.insert(0, "study", study.study)
    return frame


def _of_instrument(instrument: Instrument, missing: str) -> Iterator[tuple[str, str, str, str, int, str]]:
    name, way = instrument.instrument, instrument.direction
    yield "instrument", "", name, instrument.title, 0, way
    for order, item in enumerate(instrument.items):
        yield "item", name, item.id, item.label, order, way
    answers = [(o.id, o.label) for o in sorted(instrument.options, key=lambda o: o.code)]
    answers += [(c.id, c.label) for c in instrument.collapse] + [(s.id, s.label) for s in instrument.special]
    for order, (answer, label) in enumerate([*answers, ("missing", missing)]):
        yield "category", name, answer, label, order, way
