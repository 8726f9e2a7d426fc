"""Tables that put figures beside words: the joint display, the figures in it, and what was pooled over services.

Each takes a ``Synthesis`` and gives Markdown. Whether figures and words agree is judged by people elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, percent, printed
from pipeline.reporting.synthesis import BASIS_WORDS, Synthesis
from pipeline.reporting.synthesis_tables import counted
from pipeline.reporting.tables import rows_of
from schemas.coding import COUNTED

_NO_DATA_STATUS = "as published"


def joint_display(synthesis: Synthesis, theme: str = "outcome") -> Markdown:
    """Outcomes (or harms): the shares printed, the passages in words, and how they relate."""
    rows = []
    for row in rows_of(synthesis.joint_display[synthesis.joint_display["theme"] == theme]):
        figures = synthesis.joint_figures[synthesis.joint_figures["code"] == row["code"]]
        rows.append([row["label"], _figures_in_short(synthesis, figures), _words(synthesis, row), _relation(row)])
    return markdown_table(["Outcome", "In figures", "In words", "Together"], rows)


def _figures_in_short(synthesis: Synthesis, figures: pd.DataFrame) -> str:
    """The figures without intervals; what is promotion or description stands apart."""
    texts = [_in_short(synthesis, figures[figures["basis"].isin(COUNTED)])]
    texts += [f"apart ({BASIS_WORDS[basis]}): {_in_short(synthesis, own)}" for basis, own in _apart(figures)]
    return "; ".join(filter(None, texts)) or "none"


def _apart(figures: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    apart = figures[~figures["basis"].isin(COUNTED)]
    return [(str(basis), own) for basis, own in apart.groupby("basis", sort=False)]


def _in_short(synthesis: Synthesis, figures: pd.DataFrame) -> str:
    known = _estimates(synthesis, figures)
    known = known[known["statistic"] != "difference"]
    texts: dict[str, list[str]] = {}
    for _, own in known.groupby(["study", "service", "instrument", "item", "statistic"], sort=False):
        first = own.iloc[0]
        values = ", ".join(_value(synthesis, row, own) for _, row in own.iterrows())
        size = f" (n = {first['n']:.0f})" if first["n"] > 0 and own["wave"].nunique() == 1 else ""
        subject = ": ".join(filter(None, [_subject(synthesis, first), values + size]))
        texts.setdefault(_source(synthesis, first), []).append(subject)
    return "; ".join(f"{source}: {'; '.join(values)}" for source, values in texts.items())


def _value(synthesis: Synthesis, row: pd.Series, beside: pd.DataFrame) -> str:
    """A value with what tells it from those beside it: the answer, or the round."""
    study, instrument = str(row["study"]), str(row["instrument"])
    as_printed = _printed(synthesis, row)
    parts = [as_text(row, "value") if as_printed == "–" else as_printed]
    if beside["category"].nunique() > 1:
        parts.append(_label(synthesis, study, "category", str(row["category"]), instrument).lower())
    if beside["wave"].nunique() > 1:
        size = f", n = {row['n']:.0f}" if row["n"] > 0 else ""
        parts.append(f"({_label(synthesis, study, 'wave', str(row['wave']))}{size})")
    return " ".join(parts)


def in_figures(synthesis: Synthesis, code: str, study: str = "") -> str:
    """The figures on one outcome in a sentence, of one study or all; promotion and description are named as such."""
    own = synthesis.joint_figures[synthesis.joint_figures["code"] == code]
    return _figures_in_short(synthesis, own[own["study"] == study] if study else own)


def _source(synthesis: Synthesis, row: pd.Series) -> str:
    study, name = str(row["study"]), synthesis.name(str(row["study"]))
    instrument = _label(synthesis, study, "instrument", str(row["instrument"])) if row["instrument"] else ""
    instrument = re.sub(r"\s*\([^)]*\)$", "", instrument)  # what a title adds in brackets is told with the table
    return f"{name} ({instrument})" if instrument else name


def _subject(synthesis: Synthesis, row: pd.Series) -> str:
    """Service and item of a figure, as far as it has them."""
    study, parts = str(row["study"]), []
    if row["service"] not in ("all", ""):
        parts.append(_label(synthesis, study, "service", str(row["service"])))
    parts += [_label(synthesis, study, "item", str(row["item"]), str(row["instrument"]))] if row["item"] else []
    return ", ".join(parts)


def _estimates(synthesis: Synthesis, figures: pd.DataFrame) -> pd.DataFrame:
    known = synthesis.merged.estimates.set_index("estimate_id", drop=False)
    return known.loc[[one for one in figures["estimate_id"] if one in known.index]]


def _what(synthesis: Synthesis, row: pd.Series) -> str:
    """Who or what a figure is about: study, service where there is one, item and round."""
    parts = [synthesis.name(str(row["study"])), _subject(synthesis, row)]
    parts += [_label(synthesis, str(row["study"]), "wave", str(row["wave"]))] if row["wave"] else []
    return ", ".join(filter(None, parts))


def _label(synthesis: Synthesis, study: str, kind: str, name: str, parent: str = "") -> str:
    labels = synthesis.merged.labels
    fits = (labels["study"] == study) & (labels["kind"] == kind) & (labels["id"] == name)
    own = labels[fits & (labels["parent"] == parent)]
    return str(own["label"].iloc[0]) if len(own) else name.replace("-", " ")


def _words(synthesis: Synthesis, row: dict[str, Any]) -> str:
    if not row["segments"]:
        return "none that count"
    ways = [("supports", "for"), ("hinders", "against"), ("mixed", "both ways"), ("describes", "without direction")]
    told = ", ".join(f"{int(row[way])} {word}" for way, word in ways if row[way])
    sources = counted(int(row["families"]), "source")
    return f"{counted(int(row['segments']), 'passage')} ({told}; {sources}: {synthesis.names(row['word_studies'])})"


def _relation(row: dict[str, Any]) -> str:
    text = str(row["relation"]).capitalize()
    return f"{text}: {row['reason']}" if row["reason"] else text


def figures(synthesis: Synthesis, theme: str = "outcome") -> Markdown:
    """All figures of the joint display: as printed, recomputed with interval, n, adjusted p; promotion says so."""
    order = synthesis.codebook.loc[synthesis.codebook["theme"] == theme, "code"]
    rows = []
    for code in order:
        found = synthesis.joint_figures[synthesis.joint_figures["code"] == code]
        apart = {one: f" ({BASIS_WORDS[basis]})" for basis, own in _apart(found) for one in own["estimate_id"]}
        for place, (one, row) in enumerate(_estimates(synthesis, found).iterrows()):
            name, figure = "" if place else synthesis.code(code), _named(synthesis, row) + apart.get(one, "")
            rows.append([name, figure, _printed(synthesis, row), *_numbers(row)])
    return markdown_table(["Outcome", "Figure", "Printed", "Value (95% interval)", "n", "p, adjusted"], rows)


def _numbers(row: pd.Series) -> list[str]:
    show = "points with interval" if row["statistic"] == "difference" else "value with interval"
    value = "as printed" if row["method"] == _NO_DATA_STATUS else as_text(row, show)
    return [value, as_text(row, "n"), as_text(row, "p_adjusted")]


def _printed(synthesis: Synthesis, row: pd.Series) -> str:
    """The figure as the document prints it, where a claim names this estimate."""
    own = synthesis.claims[synthesis.claims["estimate_id"] == row["estimate_id"]]
    return printed(own.iloc[0]) if len(own) else "–"


def _named(synthesis: Synthesis, row: pd.Series) -> str:
    text = _what(synthesis, row)
    if row["statistic"] == "difference":
        before = _label(synthesis, str(row["study"]), "wave", str(row["reference"]))
        return f"{text}, difference from {before} in points"
    share = row["statistic"] == "share" and row["category"]
    if not share:
        return text
    return f"{text}: {_label(synthesis, str(row['study']), 'category', str(row['category']), str(row['instrument']))}"


def decisions(synthesis: Synthesis) -> Markdown:
    """What was pooled over services and what was not, with the reason, and the outcomes that it holds for."""
    found = synthesis.pooling[~synthesis.pooling["fictional"].astype(bool)]
    told: dict[str, list[str]] = {}
    for row in rows_of(found):
        decision = _pooled(row) if row["decision"] == "pooled" else f"Not pooled: {row['reason']}"
        told.setdefault(decision, []).append(str(row["label"]))
    rows = [[decision, ", ".join(dict.fromkeys(labels))] for decision, labels in told.items()]
    return markdown_table(["Decision", "Outcomes"], rows)


def _pooled(row: dict[str, Any]) -> str:
    interval = f"{percent(float(row['low']))} to {percent(float(row['high']))}"
    return f"Pooled over {int(row['services'])} services: {percent(float(row['value']))} ({interval})"
