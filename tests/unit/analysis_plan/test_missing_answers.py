"""The plan says what becomes of missing answers, as declared."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.missing_answers import missing_answers
from pipeline.studies import load_study
from schemas.analyses import Imputation
from schemas.study import Study

ROOT = Path(__file__).parents[3]


@pytest.fixture
def study() -> Study:
    return load_study(ROOT / "raw" / "demo-riverbend", files=False)


def declared(study: Study, rounds: dict[str, object], *imputations: Imputation) -> Study:
    first = study.analyses.rounds[0].model_copy(update=rounds)
    analyses = study.analyses.model_copy(update={"rounds": (first,), "imputations": imputations})
    return study.model_copy(update={"analyses": analyses})


def test_linked_rounds_tell_who_answered_once(study: Study) -> None:
    found = list(missing_answers(declared(study, {"linked": True})))
    assert [one.title for one in found] == ["Unanswered items", "Who answered once: Spring 2024 and Autumn 2024"]
    assert {one.about for one in found} == {"clinician-ratings"}
    assert "*Quite a bit or a lot improved* in Spring 2024" in found[1].how
    assert "the same in Autumn 2024, of newcomers beside those who had answered before" in found[1].how


def test_an_imputation_says_how_often_and_from_what(study: Study) -> None:
    imputation = Imputation(rounds="clinician-rounds", imputations=40)
    one = list(missing_answers(declared(study, {"linked": True}, imputation)))[-1]
    assert "imputed 40 times" in one.how
    assert "the other wave of those who answered once is imputed too" in one.how
    assert "10 answers at each wave and as many pairs" in one.how
    assert one.sources.endswith("Barnard and Rubin (1999), Holm (1979)")


def test_unlinked_rounds_are_imputed_wave_by_wave(study: Study) -> None:
    imputation = Imputation(rounds="clinician-rounds")
    changed = declared(study, {"linked": False, "adjust": "benjamini-hochberg"}, imputation)
    found = list(missing_answers(changed))
    assert len(found) == 2
    assert "Each wave is imputed by itself" in found[-1].how
    assert "pairs" not in found[-1].how
    assert "Benjamini and Hochberg (1995)" in found[-1].sources
