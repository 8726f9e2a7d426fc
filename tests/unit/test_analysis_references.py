"""Comparisons of two waves that do not fit together, or ask for what they can't have."""

from pathlib import Path

import pytest

from pipeline.analysis_references import analyses_name_what_exists
from pipeline.studies import instruments, load_study
from schemas.analyses import Multiverse, Rounds

DEMONSTRATION = Path(__file__).parents[2] / "raw" / "demo-riverbend"


def found(*rounds: dict[str, object], choices: tuple[Multiverse, ...] = ()) -> list[tuple[str, str]]:
    """Places and rules broken by these comparisons; what is not said is as in the first one of the study."""
    study = load_study(DEMONSTRATION)
    first = study.analyses.rounds[0].model_dump()
    declared = tuple(Rounds(**first | {"id": f"r{place}"} | one) for place, one in enumerate(rounds))
    analyses = study.analyses.model_copy(
        update={"rounds": declared, "multiverse": choices, "imputations": (), "next_studies": ()}
    )
    study = study.model_copy(update={"analyses": analyses})
    findings = analyses_name_what_exists(study, instruments())
    return [(".".join(map(str, at[1:])), rule) for at, rule, _ in findings]


@pytest.mark.parametrize(
    ("said", "place", "rule"),
    [
        ({"linked": "partly", "test": "mid-p"}, "rounds.0.test", "partly linked rounds have a test of their own"),
        ({"linked": True, "test": "barnard"}, "rounds.0.test", "barnard compares different persons"),
        ({"linked": False, "test": "mid-p"}, "rounds.0.test", "mid-p is McNemar's test of the same persons"),
        (
            {"linked": True, "interval": "miettinen-nurminen"},
            "rounds.0.interval",
            "miettinen-nurminen compares different persons",
        ),
        ({"linked": "partly"}, "", ""),
        ({"linked": False, "test": "boschloo", "interval": "miettinen-nurminen"}, "", ""),
        ({"linked": True, "test": "mid-p"}, "", ""),
    ],
)
def test_interval_and_test_fit_how_persons_are_linked(said: dict[str, object], place: str, rule: str) -> None:
    assert found(said) == ([(place, rule)] if rule else [])


def test_a_family_is_adjusted_in_one_way() -> None:
    one, other = {"family": "tests"}, {"family": "tests", "category": "a-lot"}
    rule = "family 'tests' is adjusted by holm in another comparison"
    assert found(one, other | {"adjust": "benjamini-hochberg"}) == [("rounds.1.adjust", rule)]
    assert found(one, other) == []


def test_a_family_is_not_called_as_a_comparison_of_another_one() -> None:
    other = {"family": "r0", "category": "a-lot"}
    assert found({}, other) == [("rounds.1.family", "family 'r0' is the id of another comparison")]
    assert found({"family": "r0"}, other) == []


def test_a_multiverse_names_what_exists_and_a_comparison_has_one() -> None:
    one = Multiverse(rounds="r0", categories=("a-lot",))
    assert found({}, choices=(one,)) == []
    assert found({}, choices=(one, one)) == [("multiverse.1.rounds", "'r0' has another multiverse")]
    wrong = Multiverse(rounds="r0", categories=("a-lto",), items=("hoep",))
    assert [rule for _, rule in found({}, choices=(wrong,))] == ["unknown item 'hoep'", "unknown answer 'a-lto'"]


def test_the_same_comparison_twice_is_told() -> None:
    assert found({}, {}) == [("rounds.1", "'clinician-ratings, spring, autumn, improved' stands twice")]
    assert found({}, {"category": "a-lot"}) == []
    assert ("rounds.1", "'r0' stands twice") in found({}, {"id": "r0", "category": "a-lot"})


def test_what_is_pooled_or_imputed_twice_is_told() -> None:
    study = load_study(DEMONSTRATION)
    twice = {name: getattr(study.analyses, name)[:1] * 2 for name in ("pooling", "imputations", "contact_models")}
    study = study.model_copy(update={"analyses": study.analyses.model_copy(update=twice)})
    places = {at[1:] for at, rule, _ in analyses_name_what_exists(study, instruments()) if "stands twice" in rule}
    assert places == {(name, 1) for name in twice}
