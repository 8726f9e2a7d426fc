"""Tables of synthesised findings: confidence with its reasons, and the evidence passage by passage.

Each takes a ``Synthesis`` and gives Markdown. What is judged on top of findings is in ``synthesis_tables.py``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, markdown_table
from pipeline.reporting.synthesis import JOIN, Synthesis, basis_of
from pipeline.reporting.synthesis_tables import counted
from pipeline.reporting.tables import rows_of

Row = dict[str, Any]

COMPONENT_NAMES = {
    "methodological_limitations": "Methods",
    "coherence": "Coherence",
    "adequacy": "Adequacy",
    "relevance": "Relevance",
}


def statement(synthesis: Synthesis, finding: str) -> str:
    """A synthesised finding in words."""
    return str(_finding(synthesis, finding)["statement"])


def confidence(synthesis: Synthesis, finding: str) -> str:
    """The level of confidence in a finding: ``moderate``."""
    return _level(_finding(synthesis, finding)).lower()


def _finding(synthesis: Synthesis, finding: str) -> Row:
    found = synthesis.findings[synthesis.findings["finding"] == finding]
    if found.empty:
        known = ", ".join(synthesis.findings["finding"])
        raise LookupError(f"there is no synthesised finding '{finding}'; there are: {known}")
    return rows_of(found)[0]


def findings(synthesis: Synthesis, *levels: str) -> Markdown:
    """Synthesised findings with confidence and the weight of evidence; of some levels of confidence, or all."""
    rows = [
        [
            f"**{row['title']}.** {row['statement']}",
            _level(row),
            f"{_families(row)}: {_weights(row)}",
        ]
        for row in rows_of(synthesis.findings)
        if not levels or row["level"] in levels
    ]
    return markdown_table(["Finding", "Confidence", "Evidence"], rows)


def _level(row: Row) -> str:
    text = str(row["level"]).capitalize()
    return f"{text}; {row['changed']}" if row["changed"] else text


def _families(row: Row) -> str:
    return counted(int(row["families"]), "independent source")


def _weights(row: Row) -> str:
    parts = [f"{counted(int(row['supporting']), 'passage')} for"]
    parts += [f"{int(row['disconfirming'])} against"] if row["disconfirming"] else []
    parts += [f"{counted(int(row['figures']), 'figure')} for"] if row["figures"] else []
    parts += [f"{counted(int(row['figures_against']), 'figure')} against"] if row["figures_against"] else []
    parts += [counted(int(row["limits"]), "limit or objection", "limits or objections")] if row["limits"] else []
    parts += [f"{int(row['apart'])} apart"] if row["apart"] else []
    return ", ".join(parts)


def profiles(synthesis: Synthesis) -> Markdown:
    """The evidence profile: each finding with the concern in each component, and confidence with its reason."""
    rows = [
        [
            row["title"],
            *(str(row[f"{part}_concern"]).replace("none or very minor", "none") or "–" for part in COMPONENT_NAMES),
            f"{_level(row)}. {row['reason']}".strip(),
        ]
        for row in rows_of(synthesis.findings)
    ]
    return markdown_table(["Finding", *COMPONENT_NAMES.values(), "Confidence"], rows)


def reasons(synthesis: Synthesis, finding: str) -> str:
    """Why there is how much concern about a finding, component by component, in one paragraph."""
    row = _finding(synthesis, finding)
    parts = [
        f"*{name}: {row[f'{part}_concern']}.* {row[f'{part}_reason']}"
        for part, name in COMPONENT_NAMES.items()
        if row[f"{part}_reason"]
    ]
    return " ".join(parts)


def evidence(synthesis: Synthesis, finding: str) -> Markdown:
    """The passages behind one finding, in our words: for, against and apart, by study, with who is heard."""
    found = synthesis.evidence[synthesis.evidence["finding"] == finding]
    counts = found["counts"].astype(bool) | found["figures"].astype(bool)
    against = found["direction"] == "disconfirming"
    parts = [
        ("For", found[counts & ~against]),
        ("Against", found[counts & against]),
        ("Limits and objections that are no evidence themselves", found[~counts & against]),
        ("Apart", found[~counts & ~against]),
    ]
    texts = [f"{head}:\n\n{_by_study(synthesis, rows)}" for head, rows in parts if len(rows)]
    return Markdown("\n\n".join(texts))


def _by_study(synthesis: Synthesis, found: pd.DataFrame) -> str:
    """A bullet for each study and basis, its passages one after the other."""
    told: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(found):
        (one,) = synthesis.passages(f"{row['study']}/{row['segment']}")
        told.setdefault((synthesis.name(row["study"]), _who(synthesis, one)), []).append(_told(one))
    return "\n".join(f"- *{study}; {who}:* {' '.join(texts)}" for (study, who), texts in told.items())


def _told(passage: Row) -> str:
    """A passage in our words with its id, by which ``peerscope segments`` finds it."""
    return f"{passage['summary'] or 'Not for release.'} (`{passage['segment']}`)"


def _who(synthesis: Synthesis, passage: Row) -> str:
    basis, who = basis_of(passage), synthesis.groups(str(passage["respondent_group"]))
    return f"{who} ({basis})" if who else basis


def all_evidence(synthesis: Synthesis) -> Markdown:
    """The evidence of every finding that has some, each under a heading, with the reasons for its confidence."""
    parts = []
    for row in rows_of(synthesis.findings):
        if row["studies"]:
            level = f"Confidence: {_level(row).lower()}. {row['reason']}"
            text = f"{row['statement']}\n\n{level} {reasons(synthesis, row['finding'])}"
            head = f"### {row['title']} {{.unnumbered .unlisted}}"
            parts.append(f"{head}\n\n{text}\n\n{evidence(synthesis, row['finding'])}")
    return Markdown("\n\n".join(parts))


def unjudged(synthesis: Synthesis) -> Markdown:
    """Codes with evidence that no finding is about: told, and not judged here."""
    judged = {code for codes in synthesis.findings["codes"] for code in str(codes).split(JOIN)}
    left = synthesis.totals[~synthesis.totals["code"].isin(judged) & (synthesis.totals["segments"] > 0)]
    left = left[left["theme"] != "setting"]
    if left.empty:
        return Markdown("Every factor, mechanism, outcome and harm that evidence speaks to is judged above.")
    named = [f"{row['label'].lower()} ({counted(int(row['segments']), 'passage')})" for row in rows_of(left)]
    return Markdown(f"Told, and not judged here: {', '.join(named)}.")
