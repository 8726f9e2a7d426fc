"""The framework matrix: which codes the documents of which studies speak to, which way, and on what basis.

Counts of passages say how much was written, never how strong an effect is. Judging findings belongs to people
(``raw/_shared/synthesis.yml``); figures beside words belong in ``joint_display.py``.
"""

from __future__ import annotations

import pandas as pd

from schemas.coding import BASES, COUNTED, NO_CODE, POLARITIES

APART = tuple(basis for basis in BASES if basis not in COUNTED)
"""Bases that are shown beside the matrix and never counted in it."""


def evidence(segments: pd.DataFrame, codings: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """One row a passage and code of the studies that are not fictional, with one polarity.

    Where coders differ, or one coder gave both ways, the passage counts once: as the way they agree on apart from
    mere description, else as ``mixed``. Columns: those of the released segments, source_family, code, polarity.
    """
    real = studies.loc[~studies["fictional"].astype(bool), ["study", "source_family"]]
    coded = codings[codings["code"] != NO_CODE]
    ways = coded.groupby(["study", "segment", "code"], sort=False)["polarity"].agg(_one_way).reset_index()
    return ways.merge(segments, on=["study", "segment"]).merge(real, on="study")


def _one_way(polarities: pd.Series) -> str:
    ways = set(polarities) - {"describes"} or {"describes"}
    return ways.pop() if len(ways) == 1 else "mixed"


def framework(found: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """The matrix, one row a code and study that speaks to it.

    Takes ``evidence`` and the codebook. Counts of passages that are evidence, by polarity; who they are from
    (``groups``); how many others there are by basis (``APART``), ``figures`` (printed figures told in words, which
    are estimates too) and ``illustrations`` (composite vignettes). Codes in the codebook's order, studies by name.
    """
    rows = [
        {"code": code, "study": study, "source_family": own["source_family"].iloc[0], **_counts(own)}
        for (code, study), own in found.groupby(["code", "study"])
    ]
    columns = [
        "code",
        "study",
        "source_family",
        *POLARITIES,
        "segments",
        "groups",
        *_apart_columns(),
        "figures",
        "illustrations",
    ]
    matrix = pd.DataFrame(rows, columns=columns)
    order = codebook[["code", "theme", "label"]].assign(order=range(len(codebook)))
    joined = order.merge(matrix, on="code").sort_values(["order", "study"], ignore_index=True)
    return joined.drop(columns="order")


def _apart_columns() -> list[str]:
    return [basis.replace("-", "_") for basis in APART]


def _counts(own: pd.DataFrame) -> dict[str, object]:
    counted = own[own["counts"].astype(bool)]
    illustrations = own["illustration"].astype(bool)
    apart = own[~illustrations]["basis"].value_counts()
    ways = counted["polarity"].value_counts()
    return {
        **{way: int(ways.get(way, 0)) for way in POLARITIES},
        "segments": len(counted),
        "groups": " ; ".join(groups_of(counted)),
        **{basis.replace("-", "_"): int(apart.get(basis, 0)) for basis in APART},
        "figures": int((own["figures"].astype(bool) & ~illustrations & own["basis"].isin(COUNTED)).sum()),
        "illustrations": int(illustrations.sum()),
    }


def groups_of(segments: pd.DataFrame) -> list[str]:
    """Respondent groups of some passages, each once, without ``none``."""
    named = {group.strip() for groups in segments["respondent_group"] for group in str(groups).split(";")}
    return sorted(named - {"none", ""})


def totals(matrix: pd.DataFrame) -> pd.DataFrame:
    """One row a code: passages that count by polarity, studies and independent source families they are from.

    Documents on one programme are one family: two of them are not two confirmations.
    """
    counted = matrix[matrix["segments"] > 0]
    rows = []
    for (code, theme, label), own in matrix.groupby(["code", "theme", "label"], sort=False):
        with_evidence = counted[counted["code"] == code]
        groups = {group for text in with_evidence["groups"] for group in text.split(" ; ") if group}
        rows.append(
            {
                "code": code,
                "theme": theme,
                "label": label,
                **{way: int(own[way].sum()) for way in POLARITIES},
                "segments": int(own["segments"].sum()),
                "studies": len(with_evidence),
                "families": with_evidence["source_family"].nunique(),
                "groups": " ; ".join(sorted(groups)),
                "apart": int(own[_apart_columns()].to_numpy().sum()),
            }
        )
    columns = ["code", "theme", "label", *POLARITIES, "segments", "studies", "families", "groups", "apart"]
    return pd.DataFrame(rows, columns=columns)
