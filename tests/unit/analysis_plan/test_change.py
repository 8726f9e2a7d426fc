"""The words of comparisons of two waves, and of the same comparison under other choices."""

from pathlib import Path

import pytest

from pipeline.analysis_plan.change import change
from pipeline.analysis_plan.limits import missing, not_concluded
from pipeline.analysis_plan.multiverse import multiverse
from pipeline.analysis_plan.sizes import sizes
from pipeline.studies import load_study
from schemas.analyses import Multiverse, Rounds
from schemas.study import Study

DEMONSTRATION = Path(__file__).parents[3] / "raw" / "demo-riverbend"


def study(*rounds: dict[str, object], choices: tuple[Multiverse, ...] = ()) -> Study:
    """The demonstration study with these comparisons; what is not said is as in its first one."""
    loaded = load_study(DEMONSTRATION)
    first = loaded.analyses.rounds[0].model_dump()
    declared = tuple(Rounds(**first | {"id": f"r{i}"} | one) for i, one in enumerate(rounds))
    return loaded.model_copy(
        update={"analyses": loaded.analyses.model_copy(update={"rounds": declared, "multiverse": choices})}
    )


@pytest.mark.parametrize(
    ("said", "words", "source"),
    [
        ({"linked": True}, "Newcombe's paired interval and the exact McNemar test", "McNemar (1947)"),
        ({"linked": True, "test": "mid-p"}, "the mid-p McNemar test", "Fagerland, Lydersen and Laake (2013)"),
        ({"linked": False}, "Newcombe's hybrid score interval and Fisher's exact test", "Fisher (1935)"),
        ({"linked": False, "test": "boschloo"}, "Boschloo's exact test", "Boschloo (1970)"),
        ({"linked": False, "interval": "miettinen-nurminen"}, "Miettinen and Nurminen's score", "Nurminen (1985)"),
        ({"linked": "partly"}, "missing completely at random", "Derrick et al. (2015)"),
        ({"adjust": "benjamini-hochberg"}, "Benjamini and Hochberg's method", "Benjamini and Hochberg (1995)"),
    ],
)
def test_what_is_declared_is_told_with_its_source(said: dict[str, object], words: str, source: str) -> None:
    (one,) = change(study(said))
    assert words in one.how
    assert source in one.sources


def test_comparisons_of_one_family_say_over_how_many_tests() -> None:
    same = {"family": "all-tests"}
    both = list(change(study(same, same | {"category": "a-lot"}, {"category": "a-little"})))
    assert all("the 14 tests of 2 comparisons" in one.how for one in both[:2])
    assert "over the 7 items" in both[2].how


def test_partly_linked_comparisons_have_their_limits() -> None:
    partly = study({"linked": "partly"})
    assert any("missing completely at random" in line for line in " ".join(missing(partly)).split(". "))
    assert "Whether those who answered only once changed." not in list(not_concluded(partly))
    assert "Answers at each wave" in str(sizes(partly))


def test_the_choices_of_a_multiverse_are_told() -> None:
    choices = Multiverse(rounds="r0", categories=("a-lot",), fewest=(1, 10), items=("hope",))
    (one,) = multiverse(study({}, choices=(choices,)))
    assert "each of 1 item, " in one.how
    assert "all 24 combinations" in one.how
    assert "those with fewer than 10 at a wave" in one.how
    assert "those that are one number by construction (models that change the interval only) counted once" in one.how
    assert "It is no test" in one.answer
