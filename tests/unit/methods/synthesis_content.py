"""What a small synthesis file declares, and the passages of small studies, to test what is made of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.methods.synthesised import finding_evidence
from schemas.synthesis import COMPONENTS, Synthesis
from tests.unit.methods.synthesis_frames import STUDIES, codings, passages

ROLES = ("evaluator", "reviewer with lived experience")
SIGNED = [{"name": "A. Person", "role": role, "on": "2026-01-31"} for role in ROLES]
CONFIDENCE: dict[str, Any] = {
    **{name: {"concern": "minor", "reason": f"on {name}"} for name in COMPONENTS},
    "level": "moderate",
    "reason": "All in all.",
    "considered": ["mill", "quay"],
}
CONTENT: dict[str, Any] = {
    "title": "T",
    "question": "Q?",
    "review": {"roles": list(ROLES)},
    "findings": [
        {
            "finding": "trust",
            "title": "Trust",
            "statement": "Trust helps.",
            "codes": ["trust", "ease"],
            "confidence": CONFIDENCE,
        },
        {"finding": "rest", "title": "Rest", "statement": "Rest helps."},
    ],
    "judgements": [{"code": "hope", "judgement": "differ", "reason": "Words say more."}],
    "rubrics": [
        {
            "rubric": "enough",
            "question": "Is it enough?",
            "answer": "Nearly.",
            "criteria": [
                {
                    "criterion": "c",
                    "label": "C",
                    "standards": {"good": "all know", "bad": "nobody knows"},
                    "findings": ["trust", "rest"],
                    "judgement": "good",
                    "reason": "They know.",
                },
                {
                    "criterion": "d",
                    "label": "D",
                    "standards": {"good": "g", "bad": "b"},
                    "reason": "Nobody looked.",
                },
            ],
        }
    ],
    "recommendations": [
        {
            "recommendation": "do",
            "statement": "Do it.",
            "findings": ["trust", "rest"],
            "segments": ["quay/advice", "gone/advice", "made-up/said"],
            "owner": "managers",
            "priority": "first",
        }
    ],
    "circles": [
        {
            "circle": "v",
            "title": "V",
            "kind": "virtuous",
            "steps": [
                {"step": "a", "label": "A", "segments": ["quay/said", "gone/said", "made-up/said", "quay/advice"]},
                {"step": "b", "label": "B"},
                {"step": "c", "label": "C", "segments": ["gone/said"]},
            ],
            "arrows": [
                {"start": "a", "end": "b", "segments": ["quay/said", "wharf/said", "gone/said"]},
                {"start": "b", "end": "c", "segments": ["quay/advice"]},
                {"start": "c", "end": "a", "segments": ["gone/said", "made-up/said"]},
                {"start": "a", "end": "c", "ours": True},
            ],
        }
    ],
}

SYNTHESIS = Synthesis.model_validate(CONTENT)

SEGMENTS = passages(
    ("quay", "said", "participant-data"),
    ("quay", "doubted", "evaluator-finding"),
    ("quay", "advice", "recommendation"),
    ("quay", "printed", "participant-data"),
    ("quay", "tale", "participant-data"),
    ("quay", "tale-figure", "participant-data"),
    ("quay", "cited-figure", "literature"),
    ("quay", "aside", "participant-data"),
    ("wharf", "said", "participant-data"),
    ("mill", "said", "participant-data"),
    ("made-up", "said", "participant-data"),
    figures=["printed", "tale-figure", "cited-figure"],
    illustrations=["tale", "tale-figure"],
)

OFF_THE_SUBJECT = "aside"
CODINGS = codings(
    *(
        (study, segment, "trust", "supports")
        for study, segment in SEGMENTS[["study", "segment"]].itertuples(index=False)
        if segment != OFF_THE_SUBJECT
    ),
    ("quay", OFF_THE_SUBJECT, "hope", "supports"),
)
"""Every passage is about trust, but one."""


def studied(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Findings of studies: study, finding, synthesised findings, segments, disconfirming."""
    return pd.DataFrame(list(rows), columns=["study", "finding", "synthesis", "segments", "disconfirming"])


QUAY = ("quay", "f1", "trust", "said ; advice ; printed ; tale", "doubted")
MILL = ("mill", "f1", "trust", "said", "")
WHARF = ("wharf", "f1", "trust", "said", "")


def evidence(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return finding_evidence(SYNTHESIS, studied(*rows), SEGMENTS, CODINGS, STUDIES)
