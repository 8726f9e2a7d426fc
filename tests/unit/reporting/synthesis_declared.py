"""What a small synthesis file declares, for the report made of it."""

from __future__ import annotations

from typing import Any

ROLES = ["evaluator", "reviewer with lived experience"]
_COMPONENT = {"concern": "minor", "reason": "Little is known."}
SYNTHESIS: dict[str, Any] = {
    "title": "What helps",
    "question": "What do they say?",
    "review": {"roles": ROLES},
    "cautions": [{"study": "mill", "caution": "The provider's own page."}],
    "findings": [
        {
            "finding": "trusted",
            "title": "Being trusted",
            "statement": "Trust helps.",
            "codes": ["trust", "hope"],
            "confidence": {
                "methodological_limitations": {"concern": "serious", "reason": "No method is told."},
                "coherence": {"concern": "none or very minor", "reason": "Nobody differs."},
                "adequacy": _COMPONENT,
                "relevance": _COMPONENT,
                "level": "moderate",
                "reason": "Two say so.",
                "considered": ["quay"],
            },
        },
        {"finding": "rested", "title": "Rest", "statement": "Rest helps."},
    ],
    "judgements": [{"code": "hope", "judgement": "agree in part", "reason": "Words say more."}],
    "rubrics": [
        {
            "rubric": "enough",
            "question": "Is it enough?",
            "answer": "Not yet: few were asked.",
            "criteria": [
                {
                    "criterion": "known",
                    "label": "What is known",
                    "standards": {"good": "All is known", "weak": "Little is known"},
                    "findings": ["trusted"],
                    "judgement": "weak",
                    "reason": "Few were asked.",
                },
                {
                    "criterion": "cost",
                    "label": "Cost",
                    "standards": {"good": "Known", "weak": "Unknown"},
                    "findings": ["rested"],
                    "judgement": "weak",
                    "reason": "Nobody asked.",
                },
            ],
        }
    ],
    "recommendations": [
        {
            "recommendation": "trust-them",
            "statement": "Trust them.",
            "findings": ["trusted"],
            "segments": ["quay/advice"],
            "owner": "managers",
            "priority": "first",
        },
        {
            "recommendation": "let-rest",
            "statement": "Let them rest.",
            "findings": ["rested"],
            "owner": "funders",
            "priority": "later",
        },
    ],
    "circles": [
        {
            "circle": "good",
            "title": "The good circle",
            "kind": "virtuous",
            "steps": [
                {"step": "a", "label": "Step a", "segments": ["quay/heard", "mill/claim"]},
                {"step": "b", "label": "Step b", "segments": ["made-up/said"]},
                {"step": "c", "label": "Step c", "segments": ["quay/tale", "quay/print"]},
            ],
            "arrows": [
                {"start": "a", "end": "b", "segments": ["quay/heard", "mill/said"]},
                {"start": "b", "end": "c", "segments": ["quay/advice"]},
                {"start": "c", "end": "a", "segments": ["gone/said"]},
                {"start": "c", "end": "b", "ours": True},
            ],
        }
    ],
}
