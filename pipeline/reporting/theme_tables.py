"""Tables and words on coded material: frequencies, agreement of the coders, pairs of codes, saturation.

Like ``tables``, nothing here computes a statistic; a verdict on alpha only says on which side of a limit it lies.
"""

from __future__ import annotations

import pandas as pd

from pipeline.reporting.formats import Markdown, as_text, markdown_table, number, plain
from pipeline.reporting.reader import Release

CODEBOOK = "codebook"
ALL_CODES = "all-codes"
CONCLUSIONS, TENTATIVE = 0.8, 0.667
"""Customary lower limits of Krippendorff's alpha (Krippendorff 2018)."""

VERDICTS = ("conclusions", "tentative conclusions", "define more clearly")
_MEASURES = {
    "": "Alpha: each code given or not, all codes together",
    "jaccard": "Alpha of the sets of codes, Jaccard's distance",
    "masi": "Alpha of the sets of codes, MASI distance",
}


def frequencies(release: Release) -> Markdown:
    """How often each code was given: by most coders, by at least one, and by each."""
    coders = _coders(release)
    shares = _shares(release)
    counts = release.select("count", instrument=CODEBOOK, category="given")
    body = []
    for code in release.ordered(shares, "item"):
        most, some = (_row(shares, item=code, category=one) for one in ("majority", "any-coder"))
        own = [_row(counts, item=code, group=coder) for coder in coders]
        cells = [_text(most, "events of n"), _text(most, "value"), _text(some, "value")]
        body.append([_label(release, code), *cells, *(_text(one, "events") for one in own)])
    heads = ["Code", "Most coders", "Share", "At least one", *(_coder(release, coder) for coder in coders)]
    return release.with_response(markdown_table(heads, body), shares)


def agreement(release: Release) -> Markdown:
    """How far coders agree on each code, from the highest alpha to the lowest, and what that carries."""
    alphas = _alphas(release)
    ranked = alphas.assign(rank=alphas["value"].fillna(-2)).sort_values("rank", ascending=False, kind="stable")
    percent = release.select("percent_agreement", instrument=CODEBOOK)
    kappas = release.select("kappa", instrument=CODEBOOK)
    shares, pair = _shares(release), _widest_pair(kappas)
    body = []
    for _, alpha in ranked.iterrows():
        code = alpha["item"]
        beside = [
            _text(_row(shares, item=code, category="majority"), "value"),
            _text(_row(percent, item=code, group=""), "value"),
            _text(_row(kappas, item=code, group=pair), "value"),
        ]
        body.append([_label(release, code), *beside, as_text(alpha, "value with interval"), verdict(alpha)])
    heads = ["Code", "Share", "Agreement", f"Kappa, {_coder_names(pair)}", "Alpha (95% interval)", "Carries"]
    return release.with_response(markdown_table(heads, body), alphas)


def together(release: Release) -> Markdown:
    """Agreement over all codes together, and on whole sets of codes."""
    alphas = release.select("krippendorff_alpha", item=ALL_CODES)
    body = [
        [words, as_text(row, "value with interval"), as_text(row, "n")]
        for model, words in _MEASURES.items()
        if (row := _row(alphas, model=model)) is not None
    ]
    for _, row in release.select("jaccard", item=ALL_CODES).iterrows():
        words = f"Mean Jaccard index of the sets of {_coder_names(row['group'])}"
        body.append([words, as_text(row, "value"), as_text(row, "n")])
    return release.with_response(markdown_table(["Measure", "Value (95% interval)", "n"], body), alphas)


def pairs(release: Release, most: int = 8) -> Markdown:
    """Codes that occur together in the most units, of the pairs that are not withheld."""
    found = release.select("share", instrument=CODEBOOK, category="both").dropna(subset="value")
    found = found.sort_values("value", ascending=False, kind="stable").head(most)
    indices = release.select("jaccard", category="both")
    body = [
        [
            f"{_label(release, row['item'])} with {_label(release, row['term'])}",
            as_text(row, "events of n"),
            _text(_row(indices, item=row["item"], term=row["term"]), "value"),
        ]
        for _, row in found.iterrows()
    ]
    return release.with_response(markdown_table(["Codes", "Both", "Of those with either"], body), found)


def verdict(alpha: pd.Series) -> str:
    """What an alpha carries by the customary limits: conclusions, tentative ones, or a clearer definition first."""
    if pd.isna(alpha["value"]):
        return "–"
    return VERDICTS[0 if alpha["value"] >= CONCLUSIONS else 1 if alpha["value"] >= TENTATIVE else 2]


def codes_that(release: Release, carry: str) -> str:
    """The codes whose alpha carries this (one of ``VERDICTS``), highest first, for a sentence."""
    alphas = _alphas(release).sort_values("value", ascending=False, kind="stable")
    names = [_label(release, row["item"]) for _, row in alphas.iterrows() if verdict(row) == carry]
    return _listed(names) or "none"


def how_many(release: Release, carry: str) -> str:
    """How many codes carry this (one of ``VERDICTS``)."""
    return str(sum(verdict(row) == carry for _, row in _alphas(release).iterrows()))


def hidden_codes(release: Release) -> str:
    """How many codes are so rare that their numbers are withheld."""
    return str(int(_alphas(release)["suppressed"].sum()))


def most_frequent(release: Release, most: int = 2) -> str:
    """The codes in the most units, by the majority of the coders, with their shares, for a sentence."""
    shares = _shares(release)
    ranked = shares[shares["category"].eq("majority")].dropna(subset="value")
    ranked = ranked.sort_values("value", ascending=False, kind="stable").head(most)
    return _listed([f"{_label(release, row['item'])} ({as_text(row, 'value')})" for _, row in ranked.iterrows()])


def whole(release: Release, statistic: str, **keys: str) -> str:
    """A number of units or of codes, without decimals; the reason where there is none."""
    row = release.one(statistic, instrument=CODEBOOK, **keys)
    return number(row["value"], 0) if pd.notna(row["value"]) else as_text(row, "value")


def last_new_code(release: Release) -> str:
    """The number of the unit after which no new code came, in the order of the material."""
    seen = release.select("codes_seen", model="given-order").dropna(subset="value")
    full = seen[seen["value"] == seen["value"].max()]
    return str(pd.to_numeric(full["at"]).min())


def _shares(release: Release) -> pd.DataFrame:
    return release.select("share", instrument=CODEBOOK, term="", service="all")


def _alphas(release: Release) -> pd.DataFrame:
    alphas = release.select("krippendorff_alpha", instrument=CODEBOOK, model="")
    return alphas[alphas["item"].ne(ALL_CODES)]


def _coders(release: Release) -> list[str]:
    counts = release.select("count", instrument=CODEBOOK, category="coded")
    return sorted(coder for coder in counts["group"] if coder)


def _coder(release: Release, coder: str) -> str:
    read = _row(release.select("count", instrument=CODEBOOK, category="coded"), group=coder)
    return f"{plain(coder)} (of {'–' if read is None else number(read['value'], 0)})"


def _coder_names(pair: str) -> str:
    return _listed([plain(coder).lower() for coder in pair.split(" & ")])


def _widest_pair(kappas: pd.DataFrame) -> str:
    """The pair of coders that read the most units together."""
    return str(kappas.groupby("group", sort=True)["n"].max().fillna(0).idxmax())


def _row(frame: pd.DataFrame, **keys: str) -> pd.Series | None:
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    return frame.iloc[0] if len(frame) else None


def _text(row: pd.Series | None, show: str) -> str:
    return "–" if row is None else as_text(row, show)


def _label(release: Release, code: str) -> str:
    return release.label("item", code, CODEBOOK)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
