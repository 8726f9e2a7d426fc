"""What the data of a study can't carry, in the words of an analysis plan: gaps, withheld numbers, no conclusions."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.analysis_plan.words import surveyed
from schemas.study import Study, Tables


def missing(study: Study) -> Iterator[str]:
    """What becomes of missing answers, and of those who did not answer."""
    filled = "nothing is filled in"
    if study.analyses.imputations:
        filled += ", but in the sensitivity analyses that this plan names"
    yield f"Answers are counted as they are: nothing is weighted and {filled}."
    if study.tables.surveys:
        yield (
            "An empty cell is *not answered*. Answers off the scale (does not apply, don't know) are kept apart from "
            "it. Both count among those asked, neither among those who answered; both shares are reported."
        )
    prorated = [s.label for one in surveyed(study) for s in one.scoring if s.missing == "prorate"]
    if any(one.scoring for one in surveyed(study)):
        filled = f" Except for {'; '.join(prorated)}, a" if prorated else " A"
        yield f"Scores:{filled} person with an item missing has no score; the number not scored is reported."
    if study.tables.response:
        yield (
            "Numbers eligible, invited and answered are recorded by service and wave, and the response rate is "
            "printed beside every result. Those who did not answer are not compared with those who did: nothing is "
            "known of them. The lower the rate, the less a result speaks for all who were invited."
        )
    elif study.tables.surveys:
        yield (
            "**How many were eligible and invited is not recorded.** Without a response rate nobody can tell for "
            "whom the results speak. Add a `response` table before the survey starts."
        )
    if any(one.linked is True for one in study.analyses.rounds):
        yield "Who answered at one wave only is left out of linked comparisons, and counted there."
    if any(one.linked == "partly" for one in study.analyses.rounds):
        yield (
            "Partly linked comparisons count who answered at one wave only too, and take the missing wave as missing "
            "completely at random."
        )
    aside = [
        one.file
        for name in Tables.model_fields
        for one in getattr(study.tables, name)
        if one.on_invalid == "quarantine"
    ]
    if aside:
        yield f"Rows that are not valid are set aside and counted wherever the table is used: {'; '.join(aside)}."
    yield "Fixes of single cells are declared in `corrections.csv`, each with a reason and a name."


def disclosure(study: Study) -> Iterator[str]:
    """The disclosure policy."""
    policy = study.disclosure
    if policy.minimum_cell is None:
        yield "No smallest count is protected."
    else:
        least = policy.minimum_denominator or policy.minimum_cell
        yield (
            f"Counts of 1 to {policy.minimum_cell - 1} persons are withheld, percentages and means of fewer than "
            f"{least} persons too, and whatever would let anybody work these out."
        )
        yield (
            f"Sums of which one person holds more than {policy.dominance:.0%} are withheld. The release is attacked "
            "by computer before it is made, and stopped where a withheld number could be found."
        )
        yield "So part of what is planned may not be printed for small services. It is then called withheld."
    if policy.reason:
        yield f"Reason: {policy.reason}."
    if "disclosure" not in study.model_fields_set:
        yield "**The study file takes no decision; these are the defaults.**"


def not_concluded(study: Study) -> Iterator[str]:
    """What no number of this study shows."""
    yield (
        "**What peer support caused.** There is no comparison group. Words such as *effect*, *impact*, *led to* or "
        "*improved by* are not used; a change is called a change."
    )
    if len(study.waves) < 2 and study.tables.surveys:
        yield "Whether anything changed: there is one wave."
    compared = len(study.analyses.rounds) + len(study.analyses.drivers)
    if compared > 1:
        joined = " (comparisons of one family: together)" if any(one.family for one in study.analyses.rounds) else ""
        yield (
            f"Much from one low p-value: p-values are adjusted within a comparison{joined}, not over the {compared} "
            "comparisons of this plan."
        )
    if any(one.linked is not True for one in study.analyses.rounds):
        yield (
            "Whether the same persons changed, where waves are not linked: other people may have answered, and that "
            "alone makes a difference."
        )
    if any(one.linked is True for one in study.analyses.rounds):
        yield "Whether those who answered only once changed."
    if any("rated" in one.population for one in surveyed(study)):
        yield "How clients see it themselves, where others rate them."
    if len(study.services) > 1:
        yield "Which service is better: services differ in whom they serve, and nothing is adjusted for that."
    if study.tables.sessions or study.tables.doses:
        yield "Anything about people who never came: they are in no log."
    if study.analyses.drivers:
        yield "That a factor brings an outcome about because it goes with it."
    if study.analyses.rounds:
        yield (
            "Whether a change would have come without support: people who do badly at first tend to do better later "
            "either way."
        )
    yield "That nothing is there because nothing was shown: see what the numbers of answers could find."
