"""The synthesis file by itself: what it names elsewhere is checked in ``pipeline.synthesis_file``."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.synthesis import COMPONENTS, Synthesis

COMPONENT = {"concern": "minor", "reason": "Because."}
CONFIDENCE: dict[str, Any] = dict.fromkeys(COMPONENTS, COMPONENT) | {
    "level": "low",
    "reason": "All in all.",
    "considered": ["a-study"],
}
STEPS = [{"step": one, "label": one} for one in "abc"]
ARROWS = [{"start": a, "end": b, "segments": ["s/x"]} for a, b in ("ab", "bc", "ca")]
CONTENT: dict[str, Any] = {
    "title": "T",
    "question": "Q?",
    "review": {"roles": ["evaluator"]},
    "cautions": [{"study": "a-study", "caution": "By those who ran it."}],
    "findings": [{"finding": "f", "title": "F", "statement": "So it is.", "confidence": CONFIDENCE}],
    "judgements": [{"code": "c", "judgement": "agree", "reason": "Because."}],
    "rubrics": [
        {
            "rubric": "r",
            "question": "Q?",
            "criteria": [
                {"criterion": "k", "label": "K", "standards": {"good": "g", "bad": "b"}, "reason": "Because."}
            ],
        }
    ],
    "recommendations": [
        {"recommendation": "d", "statement": "Do it.", "findings": ["f"], "owner": "o", "priority": "next"}
    ],
    "circles": [{"circle": "v", "title": "V", "kind": "vicious", "steps": STEPS, "arrows": ARROWS}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The content with another value at a path such as ``findings.0.statement``."""
    content = deepcopy(CONTENT)
    *parts, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner: Any = content
    for part in parts:
        inner = inner[part]
    inner[last] = value
    return content


def test_nothing_is_signed_or_judged_by_default() -> None:
    synthesis = Synthesis.model_validate(CONTENT)
    assert synthesis.findings[0].confidence is not None
    assert synthesis.findings[0].confidence.signatures == ()
    assert synthesis.rubrics[0].criteria[0].judgement == ""
    assert synthesis.rubrics[0].answer == ""
    bare = Synthesis.model_validate({name: CONTENT[name] for name in ("title", "question", "review")})
    assert (bare.findings, bare.cautions) == ((), ())


def test_an_arrow_may_be_drawn_without_a_passage_and_is_ours_only_if_said() -> None:
    arrows = [ARROWS[0], {"start": "b", "end": "c"}, {"start": "c", "end": "a", "ours": True}]
    (circle,) = Synthesis.model_validate(changed("circles.0.arrows", arrows)).circles
    assert [one.segments for one in circle.arrows] == [("s/x",), (), ()]
    assert [one.ours for one in circle.arrows] == [False, False, True]


def test_a_step_may_name_the_passages_that_tell_of_it() -> None:
    content = changed("circles.0.steps.0", {"step": "a", "label": "A", "segments": ["s/x", "s/y"]})
    (circle,) = Synthesis.model_validate(content).circles
    assert [one.segments for one in circle.steps] == [("s/x", "s/y"), (), ()]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("review.roles", [], "at least 1"),
        ("findings.0.statement", "", "at least 1 character"),
        ("findings.0.title", "", "at least 1 character"),
        ("findings.0", {"finding": "f", "statement": "So it is."}, "title"),
        ("cautions.0.caution", "", "at least 1 character"),
        ("cautions.0", {"caution": "Take care."}, "study"),
        ("findings.0.confidence.level", "certain", "Input should be"),
        ("findings.0.confidence.considered", [], "at least 1"),
        ("findings.0.confidence.coherence", {"concern": "none", "reason": "x"}, "Input should be"),
        ("findings.0.confidence.coherence", {"concern": "minor", "reason": ""}, "at least 1 character"),
        ("findings.0.confidence.adequacy", None, "valid dictionary"),
        ("findings.0.confidence.signatures", [{"name": "", "role": "r", "on": "2026-01-31"}], "at least 1 character"),
        ("findings.0.confidence.signatures", [{"name": "A", "role": "r", "on": "soon"}], "valid date"),
        ("findings.0.supports", ["x"], "not permitted"),
        ("judgements.0.judgement", "no figures", "Input should be"),
        ("judgements.0.reason", "", "at least 1 character"),
        ("rubrics.0.criteria.0.judgement", "excellent", "'excellent' is not one of its standards: good, bad"),
        ("rubrics.0.criteria.0.standards", {"good": "g"}, "at least 2"),
        ("recommendations.0.findings", [], "at least 1"),
        ("recommendations.0.priority", "soon", "Input should be"),
        ("circles.0.arrows.0.end", "z", "no step 'z' in circle 'v'"),
        ("circles.0.arrows.0.ours", "perhaps", "valid boolean"),
        ("circles.0.arrows", ARROWS[:2], "at least 3"),
        ("circles.0.steps", STEPS[:2], "at least 3"),
        ("findings", CONTENT["findings"] * 2, "used twice: finding 'f'"),
        ("judgements", CONTENT["judgements"] * 2, "used twice: judgement on 'c'"),
        ("circles", CONTENT["circles"] * 2, "used twice: circle 'v'"),
    ],
)
def test_what_is_not_valid(path: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Synthesis.model_validate(changed(path, value))


def test_every_component_of_confidence_has_to_be_judged() -> None:
    for name in COMPONENTS:
        left = {key: value for key, value in CONFIDENCE.items() if key != name}
        with pytest.raises(ValidationError, match=name):
            Synthesis.model_validate(changed("findings.0.confidence", left))
