"""Words that a study may say: findings and verdicts, what they rest on, and who judged them.

Numbers belong in ``estimates.py``; what a source document prints belongs in ``claims.py``.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing.pandas import Series

NOT_REVIEWED = "proposed, not reviewed"


class Findings(pa.DataFrameModel):
    """One finding in our words; unsigned findings print as proposed, not reviewed."""

    finding: Series[str] = pa.Field(unique=True, description="finding id")
    study: Series[str] = pa.Field(description="study id")
    question: Series[str] = pa.Field(description="evaluation question that it answers; may be empty")
    statement: Series[str] = pa.Field(str_length={"min_value": 1}, description="the finding, in our words")
    kind: Series[str] = pa.Field(isin=["finding", "verdict", "rubric", "confidence", "gap"])
    estimates: Series[str] = pa.Field(description="estimate ids it rests on, joined by ` ; `")
    segments: Series[str] = pa.Field(description="segments it rests on, joined by ` ; `")
    disconfirming: Series[str] = pa.Field(description="segments that speak against it, joined by ` ; `")
    synthesis: Series[str] = pa.Field(description="synthesised findings it contributes to, joined by ` ; `")
    judged_by: Series[str] = pa.Field(description="who judged it; empty until a named person signs")
    role: Series[str] = pa.Field(description="in which role")
    judged_on: Series[str] = pa.Field(description="when (ISO date)")
    status: Series[str] = pa.Field(isin=[NOT_REVIEWED, "reviewed"])

    class Config:
        """All columns, in this order, no others."""

        strict = True
        ordered = True
        coerce = True
