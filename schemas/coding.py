"""The closed lists of coding documents: bases, respondent groups, polarities, themes of the codebook.

Light on purpose, as ``vocabulary.py``: reports and start-up checks import it at no cost. The tables are in
``segments.py``, ``codings.py`` and ``codebook.py``.
"""

from __future__ import annotations

from typing import Literal

BASES = {
    "participant-data": "what participants said, wrote or answered, or the document's report of it",
    "evaluator-finding": "what the evaluators concluded from their data",
    "author-interpretation": "the authors' argument or model",
    "recommendation": "what the authors advise",
    "literature": "taken from other publications",
    "promotional": "a provider's account of its own success",
    "commentary": "a reader's comment",
    "limitation": "what the document says against its own evidence",
    "description": "facts about programme, setting or method",
}
Basis = Literal[
    "participant-data", "evaluator-finding", "author-interpretation", "recommendation", "literature", "promotional",
    "commentary", "limitation", "description",
]  # fmt: skip
"""The keys of ``BASES``, as a type."""

COUNTED = ("participant-data", "evaluator-finding")
"""Bases that count as evidence in a synthesis; the others are shown apart."""

RESPONDENT_GROUPS = {
    "service-users": "Service users",
    "peer-workers": "Peer support workers",
    "clinicians": "Clinicians",
    "staff": "Programme staff",
    "managers": "Managers",
    "carers": "Carers and family",
    "policy-makers": "Policy makers",
    "none": "Nobody in particular",
}
UNATTRIBUTED = "unattributed"
"""The service of a passage that names none."""

POLARITIES = {
    "supports": "it helps, is at work, improved, or (a harm) occurs",
    "hinders": "its lack or weakness hinders, it was not reached, or (a harm) was countered",
    "mixed": "both are told",
    "describes": "it is mentioned without a direction",
}

NO_CODE = "no-code"
"""Reserved: the coder has read the passage and given it no code of the codebook."""

THEMES = {
    "factor": "Factors: what helps or hinders peer work",
    "mechanism": "Mechanisms: how peer support works",
    "outcome": "Outcomes: what comes of it",
    "harm": "Harms: what it can cost",
    "setting": "Setting: programme, method, gaps",
}
