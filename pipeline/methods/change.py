"""Change between two waves of one instrument: difference of a share, and net movement of the same persons.

Change is described, not explained: nothing here says what caused it. What the sizes could have shown belongs in
``power``, other defensible ways to compare the same waves in ``multiverse``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.methods.adjustment import ADJUSTMENTS
from pipeline.methods.answers import ANSWERED, ASKED, Answers
from pipeline.methods.overlap import Overlap
from pipeline.methods.pairs import COUNTED, MOVES, TABLE, Pairs, count_pairs, pair_cells, pair_services
from pipeline.methods.proportion_differences import miettinen_nurminen, newcombe_independent, newcombe_paired, tango
from pipeline.methods.proportion_tests import (
    barnard,
    boschloo,
    fisher,
    mcnemar_exact,
    mcnemar_mid_p,
    sign_mid_p,
    sign_test,
)
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, ESTIMATE_KEYS, REASONS

OVERLAP = "sensitivity: assumes that nobody is in both groups"
MISSING_AT_RANDOM = "assumes that who answered only once is like the others"
MODELS: dict[object, str] = {True: "linked", False: "independent", "partly": "partly-linked"}

DIFFERENCES = {
    "newcombe": (newcombe_independent, "Newcombe (1998) hybrid score interval"),
    "miettinen-nurminen": (miettinen_nurminen, "Miettinen and Nurminen (1985) score interval"),
}
TESTS = {
    "exact": (fisher, "Fisher (1935) exact test"),
    "boschloo": (boschloo, "Boschloo (1970) exact test"),
    "barnard": (barnard, "Barnard (1945) exact test"),
}
PAIRED_TESTS = {
    "exact": (mcnemar_exact, "exact McNemar (1947) test", sign_test, "exact sign test (Dixon and Mood 1946)"),
    "mid-p": (
        mcnemar_mid_p,
        "mid-p McNemar test (Fagerland, Lydersen and Laake 2013)",
        sign_mid_p,
        "mid-p sign test (Fagerland, Lydersen and Laake 2013)",
    ),
}
PAIRED_INTERVAL = "Newcombe (1998) paired score interval"
NET_INTERVAL = "Tango (1998) score interval"
PARTLY_METHOD = (
    "hybrid score interval (Newcombe 1998; Zou and Donner 2008); z test for partly overlapping samples "
    "(Derrick et al. 2015)"
)

Comparison = tuple[pl.DataFrame, Instrument, Rounds]


@dataclass
class Row:
    """An estimate that waits for its adjusted p."""

    statistic: str
    service: str
    value: float | None
    cells: list[tuple[str, str]]
    columns: dict[str, object]
    adjust: str

    def keys(self) -> tuple[object, ...]:
        """What tells it from other rows of the study."""
        return (self.statistic, self.service, *(self.columns.get(key, "") for key in ESTIMATE_KEYS))


def rounds(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, context: Context) -> Results:
    """One comparison of two waves by itself; see ``compare``."""
    return compare([(surveys, instrument, rounds)], context)


def compare(comparisons: Iterable[Comparison], context: Context) -> Results:
    """Share of ``rounds.category`` at the later wave minus the share at the earlier one, for every item.

    Independent groups: the interval and the exact test that ``rounds`` names. Linked: pairs of the same subject,
    Newcombe's (1998) paired interval (method 10) and McNemar's test, and `net_change`: the share that moved up minus
    the share that moved down on the ordered codes, with Tango's (1998) interval and the sign test. Partly linked:
    shares of all who answered, with the covariance that those who answered twice bring (see ``two_waves``), and the
    `count` of these. Differences are on the proportion scale.

    p is adjusted as ``rounds.adjust`` says within ``rounds.family`` (the id where empty) for all services pooled,
    and within ``<family>@<service>`` for one service; net changes are families of their own (``<family>-net``).
    Comparisons that share a family are adjusted together. ``missing`` counts units asked that did not answer, or,
    linked, subjects asked that form no pair.

    Parameters
    ----------
    comparisons
        Survey rows, instrument and declared rounds of each comparison.

    Raises
    ------
    ValueError
        When an instrument has no such category, or the rounds of a family differ in ``adjust``.
    """
    ledger = Ledger(context)
    rows: dict[tuple[object, ...], Row] = {}
    makers = {"linked": _linked, "independent": _independent, "partly-linked": _partly}
    for surveys, instrument, one in comparisons:
        check_category(instrument, one)
        for row in makers[MODELS[one.linked]](ledger, surveys, instrument, one):
            rows.setdefault(row.keys(), row)  # what does not hang on the answer is the same in two comparisons
    _write(ledger, list(rows.values()))
    return ledger.results()


def check_category(instrument: Instrument, rounds: Rounds) -> None:
    """Raise ``ValueError`` unless the compared category is an option or collapsed category of the instrument."""
    if rounds.category not in instrument.categories():
        raise ValueError(f"{rounds.id}: {rounds.category!r} is not a category of {instrument.instrument}")


def contrast_keys(instrument: Instrument, rounds: Rounds, item: str) -> dict[str, object]:
    """The keys that a difference shares with its smallest detectable difference."""
    return {
        "population": instrument.population,
        "instrument": instrument.instrument,
        "item": item,
        "category": rounds.category,
        "wave": rounds.wave,
        "contrast": "waves",
        "model": MODELS[rounds.linked],
        "reference": rounds.reference,
        "denominator": ANSWERED,
        "unit": "proportion",
    }


def compared_cells(answers: Answers, rounds: Rounds, service: str, item: str) -> list[tuple[str, str]]:
    """The four counts behind an independent comparison, as inputs."""
    where = [(wave, service, item) for wave in (rounds.wave, rounds.reference)]
    return [(answers.cell(*one, category), "input") for one in where for category in (rounds.category, ANSWERED)]


def overlap_note(rounds: Rounds) -> str:
    """What to bear in mind of groups that may share persons, or of persons who answered only once."""
    if rounds.linked == "partly":
        return MISSING_AT_RANDOM
    return OVERLAP if rounds.overlap == "possible" and not rounds.linked else ""


def declared_answers(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, ledger: Ledger) -> Answers:
    """The answers of both waves, their cells declared."""
    answers = Answers.of(surveys, instrument, ledger)
    for wave in (rounds.reference, rounds.wave):
        answers.declare(wave)
    return answers


def _family(rounds: Rounds, service: str, suffix: str = "") -> str:
    return (rounds.family or rounds.id) + suffix + ("" if service == ALL else f"@{service}")


def _adjustment(rounds: Rounds) -> str:
    return ADJUSTMENTS[rounds.adjust][1]


def _independent(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> list[Row]:
    answers = declared_answers(surveys, instrument, rounds, ledger)
    services = answers.services(rounds.reference, rounds.wave)
    return [_difference(answers, rounds, service, item.id) for service in services for item in instrument.items]


def _difference(answers: Answers, rounds: Rounds, service: str, item: str) -> Row:
    now, then = ((wave, service, item) for wave in (rounds.wave, rounds.reference))
    events, n = answers.n(*now, rounds.category), answers.n(*now, ANSWERED)
    events_then, n_then = answers.n(*then, rounds.category), answers.n(*then, ANSWERED)
    (interval, interval_name), (test, test_name) = DIFFERENCES[rounds.interval], TESTS[rounds.test]
    columns = _of_waves(answers, rounds, service, item)
    columns["method"] = f"{interval_name}; {test_name}; {_adjustment(rounds)}"
    value = events / n - events_then / n_then if n and n_then else None
    if value is not None:
        level = answers.ledger.context.level
        between = interval(events, n, events_then, n_then, level)
        columns |= _inference(between, level, test(events, n, events_then, n_then))
    return Row("difference", service, value, compared_cells(answers, rounds, service, item), columns, rounds.adjust)


def _of_waves(answers: Answers, rounds: Rounds, service: str, item: str) -> dict[str, object]:
    """Keys and sizes of a comparison of all who answered at either wave."""
    now, then = ((wave, service, item) for wave in (rounds.wave, rounds.reference))
    n, n_then = answers.n(*now, ANSWERED), answers.n(*then, ANSWERED)
    return contrast_keys(answers.instrument, rounds, item) | {
        "n": n,
        "n_reference": n_then,
        "events": answers.n(*now, rounds.category),
        "missing": answers.n(*now, ASKED) + answers.n(*then, ASKED) - n - n_then,
        "family": _family(rounds, service),
        "reason": overlap_note(rounds) if n and n_then else REASONS["no_rows"],
    }


def _partly(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> list[Row]:
    answers = declared_answers(surveys, instrument, rounds, ledger)
    overlap = Overlap.of(surveys, answers, rounds)
    overlap.declare()
    places = [(s, i.id) for s in answers.services(rounds.reference, rounds.wave) for i in instrument.items]
    return [row for place in places for row in _partly_rows(overlap, *place)]


def _partly_rows(overlap: Overlap, service: str, item: str) -> list[Row]:
    counts, rounds, level = overlap.counts(service, item), overlap.rounds, overlap.answers.ledger.context.level
    columns = _of_waves(overlap.answers, rounds, service, item)
    columns["method"] = f"{PARTLY_METHOD}; {_adjustment(rounds)}"
    value = counts.difference if counts.n and counts.n_reference else None
    if value is not None:
        columns |= _inference(counts.interval(level), level, counts.p())
    both = contrast_keys(overlap.answers.instrument, rounds, item)
    both |= {"category": "both-waves", "unit": "persons", "n": counts.pairs, "method": "count"}
    both["reason"] = "" if value is not None else REASONS["no_rows"]
    cells = [(overlap.pairs_cell(service, item), "input")]
    return [
        Row("difference", service, value, overlap.cells(service, item), columns, rounds.adjust),
        Row("count", service, counts.pairs if value is not None else None, cells, both, rounds.adjust),
    ]


def _linked(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> list[Row]:
    counts = count_pairs(surveys, instrument, rounds)
    cells = pair_cells(ledger, instrument, rounds, counts)
    level, rows = ledger.context.level, []
    for service in pair_services(counts, ledger):
        for item in instrument.items:
            pairs, ids = counts.get((service, item.id), Pairs()), cells[service, item.id]
            base = contrast_keys(instrument, rounds, item.id) | {"n": pairs.pairs, "missing": pairs.unpaired}
            base["reason"] = "" if pairs.pairs else REASONS["no_rows"]
            rows.append(_paired_difference(pairs, ids, base, rounds, service, level))
            rows.append(_net_change(pairs, ids, base | {"category": ""}, rounds, service, level))
    return rows


def _paired_difference(
    pairs: Pairs, ids: Mapping[str, str], columns: dict[str, object], rounds: Rounds, service: str, level: float
) -> Row:
    test, name, *_ = PAIRED_TESTS[rounds.test]
    method = f"{PAIRED_INTERVAL}; {name}; {_adjustment(rounds)}"
    columns = columns | {"method": method, "family": _family(rounds, service)}
    value = (pairs.gained - pairs.lost) / pairs.pairs if pairs.pairs else None
    if value is not None:
        interval = newcombe_paired(pairs.kept, pairs.gained, pairs.lost, pairs.never, level)
        columns |= _inference(interval, level, test(pairs.gained, pairs.lost))
    return Row("difference", service, value, _inputs(ids, TABLE), columns, rounds.adjust)


def _net_change(
    pairs: Pairs, ids: Mapping[str, str], columns: dict[str, object], rounds: Rounds, service: str, level: float
) -> Row:
    *_, test, name = PAIRED_TESTS[rounds.test]
    method = f"{NET_INTERVAL}; {name}; {_adjustment(rounds)}"
    columns = columns | {"method": method, "family": _family(rounds, service, "-net")}
    value = (pairs.up - pairs.down) / pairs.pairs if pairs.pairs else None
    if value is not None:
        interval = tango(pairs.up, pairs.down, pairs.pairs, level)
        columns |= _inference(interval, level, test(pairs.up, pairs.down))
    return Row("net_change", service, value, _inputs(ids, MOVES), columns, rounds.adjust)


def _inputs(ids: Mapping[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(ids[name], "input") for name in (COUNTED[0], *names)]


def _inference(interval: tuple[float, float], level: float, p: float) -> dict[str, object]:
    return {"low": interval[0], "high": interval[1], "level": level, "p": p}


def _write(ledger: Ledger, rows: list[Row]) -> None:
    """Add the rows, each with its p adjusted within its family."""
    families: dict[object, list[Row]] = {}
    for row in rows:
        families.setdefault(row.columns.get("family", ""), []).append(row)
    adjusted: dict[int, float | None] = {}
    for name, members in families.items():
        if len({row.adjust for row in members}) > 1 and name:
            raise ValueError(f"the comparisons of family {name!r} differ in how p is adjusted")
        values = ADJUSTMENTS[members[0].adjust][0]([row.columns.get("p") for row in members])  # type: ignore[misc]
        adjusted |= {id(row): p for row, p in zip(members, values, strict=True)}
    for row in rows:
        columns = row.columns | {"p_adjusted": adjusted[id(row)]}
        ledger.estimate(row.statistic, row.value, service=row.service, cells=row.cells, **columns)
