"""Reads ``raw/_shared/synthesis.yml`` and holds what it names against the studies that are present.

A study may be taken away and come back: what names an absent study is no mistake, what names an unknown passage of a
study that is present is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pipeline.problems import Problem, ProblemsFoundError, nearest
from pipeline.yaml_models import load
from schemas.synthesis import Synthesis


def read_synthesis(path: Path) -> Synthesis:
    """The synthesis file.

    Raises
    ------
    ProblemsFoundError
        When it is not valid: each problem with line and nearest spelling.
    """
    return load(path, Synthesis)


def require_known(
    synthesis: Synthesis, findings: pd.DataFrame, segments: pd.DataFrame, codes: list[str], file: str
) -> None:
    """Stop at what names a finding, a code or a passage that does not exist.

    Raises
    ------
    ProblemsFoundError
        With what is unknown, and the nearest id.
    """
    problems = [
        *_unknown_findings(synthesis, findings, file),
        *(_problem(file, "codes", "code", *one, codes) for one in _codes(synthesis) if one[1] not in codes),
        *_unknown_segments(synthesis, segments, file),
    ]
    if problems:
        raise ProblemsFoundError(problems)


def require_one_way(both: Sequence[str]) -> None:
    """Stop where a passage is brought for and against the same synthesised finding.

    Raises
    ------
    ProblemsFoundError
        With each such passage.
    """
    remedy = "Let it stand on one side: under segments or under disconfirming."
    if both:
        raise ProblemsFoundError([Problem("findings.yml", None, "disconfirming", "", one, remedy) for one in both])


def _problem(file: str, column: str, what: str, where: str, word: str, known: list[str]) -> Problem:
    return Problem(file, None, column, "", f"{where} names no known {what}: {word}", nearest(word, known))


def _unknown_findings(synthesis: Synthesis, findings: pd.DataFrame, file: str) -> Iterator[Problem]:
    known = [one.finding for one in synthesis.findings]
    named = [(f"recommendation '{r.recommendation}'", f) for r in synthesis.recommendations for f in r.findings]
    named += [(f"criterion '{c.criterion}'", f) for r in synthesis.rubrics for c in r.criteria for f in c.findings]
    for where, word in named:
        if word not in known:
            yield _problem(file, "findings", "synthesised finding", where, word, known)
    for row in findings.to_dict("records"):
        for word in filter(None, str(row["synthesis"]).split(" ; ")):
            if word not in known:
                where = f"finding '{row['finding']}'"
                yield _problem(f"{row['study']}/findings.yml", "synthesis", "synthesised finding", where, word, known)


def _codes(synthesis: Synthesis) -> Iterator[tuple[str, str]]:
    for finding in synthesis.findings:
        yield from ((f"finding '{finding.finding}'", code) for code in finding.codes)
    yield from ((f"judgement on '{one.code}'", one.code) for one in synthesis.judgements)


def _unknown_segments(synthesis: Synthesis, segments: pd.DataFrame, file: str) -> Iterator[Problem]:
    known = set(segments["study"] + "/" + segments["segment"])
    present = set(segments["study"])
    named = [(f"recommendation '{r.recommendation}'", s) for r in synthesis.recommendations for s in r.segments]
    for circle in synthesis.circles:
        told = [arrow.segments for arrow in circle.arrows] + [step.segments for step in circle.steps]
        named += [(f"circle '{circle.circle}'", segment) for segments in told for segment in segments]
    for where, word in named:
        study = word.partition("/")[0]
        if word not in known and study in present:
            own = sorted(one for one in known if one.startswith(f"{study}/"))
            yield _problem(file, "segments", "passage", where, word, own)
