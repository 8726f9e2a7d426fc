"""The framework matrix by hand: what counts, which way, and how many independent sources there are."""

import pandas as pd
import pytest

from pipeline.methods.framework import APART, evidence, framework, groups_of, totals
from schemas.coding import BASES, COUNTED
from tests.unit.methods.synthesis_frames import CODEBOOK, STUDIES, codings, passages


def matrix(segments: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    return framework(evidence(segments, coded, STUDIES), CODEBOOK)


def row(frame: pd.DataFrame, **keys: str) -> pd.Series:
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def total(segments: pd.DataFrame, coded: pd.DataFrame, code: str) -> pd.Series:
    return row(totals(matrix(segments, coded)), code=code)


@pytest.mark.parametrize("basis", BASES)
def test_only_participants_and_evaluators_count(basis: str) -> None:
    found = row(matrix(passages(("quay", "a", basis)), codings(("quay", "a", "trust", "supports"))), code="trust")
    counted = basis in ("participant-data", "evaluator-finding")
    assert (found["supports"], found["segments"]) == ((1, 1) if counted else (0, 0))
    apart = {name.replace("-", "_"): found[name.replace("-", "_")] for name in APART}
    assert {name for name, number in apart.items() if number} == (set() if counted else {basis.replace("-", "_")})


def test_fictional_studies_count_nowhere() -> None:
    segments = passages(("made-up", "a", "participant-data"), ("quay", "a", "participant-data"))
    coded = codings(("made-up", "a", "trust", "supports"), ("quay", "a", "trust", "hinders"))
    found = matrix(segments, coded)
    assert found["study"].tolist() == ["quay"]
    assert (found["supports"].sum(), found["hinders"].sum()) == (0, 1)


def test_vignettes_illustrate_and_figures_in_words_are_no_second_witness() -> None:
    rows = [("quay", name, "participant-data") for name in "abc"]
    segments = passages(*rows, figures=["a"], illustrations=["b"])
    coded = codings(*(("quay", name, "trust", "supports") for name in "abc"))
    found = row(matrix(segments, coded), code="trust")
    assert (found["segments"], found["supports"]) == (1, 1)
    assert (found["figures"], found["illustrations"]) == (1, 1)
    assert total(segments, coded, "trust")["segments"] == 1


def test_a_vignette_of_advice_is_an_illustration_and_not_advice() -> None:
    segments = passages(("quay", "a", "recommendation"), illustrations=["a"])
    found = row(matrix(segments, codings(("quay", "a", "trust", "supports"))), code="trust")
    assert (found["recommendation"], found["illustrations"]) == (0, 1)


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ("supports", "hinders", "mixed"),
        ("supports", "mixed", "mixed"),
        ("supports", "supports", "supports"),
        ("hinders", "describes", "hinders"),
        ("describes", "describes", "describes"),
    ],
)
def test_a_passage_counts_once_whatever_two_coders_say(one: str, other: str, way: str) -> None:
    coded = [codings(("quay", "a", "trust", p), coder=c) for p, c in ((one, "coder-1"), (other, "coder-2"))]
    found = row(matrix(passages(("quay", "a", "participant-data")), pd.concat(coded)), code="trust")
    ways = {name: found[name] for name in ("supports", "hinders", "mixed", "describes")}
    assert ways == {name: int(name == way) for name in ways}
    assert found["segments"] == 1


def test_two_codes_of_one_passage_are_two_rows() -> None:
    segments = passages(("quay", "a", "participant-data"))
    coded = codings(("quay", "a", "trust", "supports"), ("quay", "a", "strain", "hinders"))
    assert matrix(segments, coded)[["code", "supports", "hinders"]].to_numpy().tolist() == [
        ["trust", 1, 0],
        ["strain", 0, 1],
    ]


def test_passages_of_two_studies_may_have_one_name() -> None:
    segments = passages(("quay", "a", "participant-data"), ("mill", "a", "literature"))
    coded = codings(("quay", "a", "trust", "supports"), ("mill", "a", "trust", "hinders"))
    found = matrix(segments, coded)
    assert row(found, study="quay")["segments"] == 1
    assert row(found, study="mill")["segments"] == 0
    assert row(found, study="mill")["literature"] == 1


def test_no_code_is_no_code() -> None:
    segments = passages(("quay", "a", "participant-data"))
    none = codings(("quay", "a", "no-code", "describes"))
    assert evidence(segments, none, STUDIES).empty
    some = pd.concat([none, codings(("quay", "a", "trust", "supports"), coder="coder-2")])
    assert evidence(segments, some, STUDIES)[["code", "polarity"]].to_numpy().tolist() == [["trust", "supports"]]


def test_documents_on_one_programme_are_one_source() -> None:
    segments = passages(*((study, "a", "participant-data") for study in ("quay", "wharf", "mill")))
    two = codings(("quay", "a", "trust", "supports"), ("wharf", "a", "trust", "supports"))
    found = total(segments, two, "trust")
    assert (found["studies"], found["families"], found["segments"]) == (2, 1, 2)
    three = pd.concat([two, codings(("mill", "a", "trust", "supports"))])
    found = total(segments, three, "trust")
    assert (found["studies"], found["families"], found["segments"]) == (3, 2, 3)


def test_a_study_that_only_advises_is_no_source() -> None:
    segments = passages(("quay", "a", "participant-data"), ("mill", "a", "recommendation"))
    coded = codings(("quay", "a", "trust", "supports"), ("mill", "a", "trust", "supports"))
    found = total(segments, coded, "trust")
    assert (found["studies"], found["families"], found["supports"], found["apart"]) == (1, 1, 1, 1)


def test_who_is_heard_is_told_of_passages_that_count() -> None:
    heard = passages(("quay", "a", "participant-data"), groups="peer-workers; staff")
    advised = passages(("quay", "b", "recommendation"), groups="managers")
    nobody = passages(("mill", "a", "evaluator-finding"), groups="none")
    coded = codings(*((s, n, "trust", "supports") for s, n in (("quay", "a"), ("quay", "b"), ("mill", "a"))))
    segments = pd.concat([heard, advised, nobody])
    assert total(segments, coded, "trust")["groups"] == "peer-workers ; staff"
    assert groups_of(segments) == ["managers", "peer-workers", "staff"]


def test_codes_stand_in_the_order_of_the_codebook_and_studies_by_name() -> None:
    segments = passages(*((study, "a", "participant-data") for study in ("wharf", "mill")))
    coded = codings(*((s, "a", code, "supports") for s in ("wharf", "mill") for code in ("hope", "trust")))
    assert matrix(segments, coded)[["code", "study"]].to_numpy().tolist() == [
        ["trust", "mill"], ["trust", "wharf"], ["hope", "mill"], ["hope", "wharf"],
    ]  # fmt: skip


def test_without_coded_documents_the_matrix_has_columns_and_no_rows() -> None:
    found = matrix(passages(), codings())
    assert found.empty
    assert {"code", "study", "supports", "segments", "figures", "illustrations"} <= set(found.columns)
    assert totals(found).empty


def test_what_stands_apart_is_everything_that_does_not_count() -> None:
    assert set(APART) | set(COUNTED) == set(BASES)
    assert not set(APART) & set(COUNTED)
