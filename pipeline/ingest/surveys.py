"""Survey exports, one row a respondent and one column an item, turned into one row an answer.

Finding answers off the scale belongs in ``pipeline.validation``; scoring belongs in the methods.
"""

from __future__ import annotations

import polars as pl

from pipeline.ingest.export import ROW
from schemas.instrument import Instrument
from schemas.study import SurveyTable

COLUMNS = ("respondent", "subject", "wave", "service", "instrument", "item", "response", "label", "data_status")


def answers(instrument: Instrument) -> dict[str, tuple[int | None, str]]:
    """What may stand in a cell (label, id or code; any case), and the code and id that it stands for."""
    known: dict[str, tuple[int | None, str]] = {}
    for option in instrument.options:
        known |= dict.fromkeys((option.label.lower(), option.id, str(option.code)), (option.code, option.id))
    for special in instrument.special:
        known |= dict.fromkeys((special.label.lower(), special.id), (None, special.id))
    return known


def to_long(wide: pl.DataFrame, table: SurveyTable, instrument: Instrument) -> pl.DataFrame:
    """The ``surveys`` record of one valid export, with ``ROW``.

    ``wide`` has the columns ``ROW``, respondent, the items, and where they apply subject and service. Ids of unlinked
    tables are prefixed by wave, so that they can't match by accident.
    """
    prefix = f"{table.wave}:"
    linked = "subject" if table.link == "subject" and "subject" in wide.columns else "respondent"
    service = pl.col("service") if table.service == "column" else pl.lit(table.service)
    person = {
        name: pl.col(name) if table.link != "none" and name == linked else pl.lit(prefix) + pl.col(name)
        for name in ("respondent", "subject")
        if name in wide.columns
    }
    respondent, subject = person["respondent"], person.get("subject", person["respondent"])
    known = answers(instrument)
    codes = {text: code for text, (code, _) in known.items() if code is not None}
    ids = {text: name for text, (_, name) in known.items()}
    cell = pl.col("answer").str.to_lowercase()
    return (
        wide.with_columns(respondent=respondent, subject=subject, service=service)
        .unpivot(
            [item.id for item in instrument.items if item.id in wide.columns],
            index=[ROW, "respondent", "subject", "service"],
            variable_name="item",
            value_name="answer",
        )
        .with_columns(
            wave=pl.lit(table.wave),
            instrument=pl.lit(instrument.instrument),
            response=cell.replace_strict(codes, default=None, return_dtype=pl.Int64),
            label=cell.replace_strict(ids, default="", return_dtype=pl.String),
            data_status=pl.lit(table.data_status),
        )
        .select(*COLUMNS, ROW)
    )
