"""Change between two waves of one instrument: difference of a share, and net movement of the same persons.

Change is described, not explained: nothing here says what caused it. What the sizes could have shown belongs in
``power``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.methods.answers import ANSWERED, ASKED, Answers
from pipeline.methods.pairs import COUNTED, MOVES, TABLE, Pairs, count_pairs, pair_cells, pair_services
from pipeline.methods.proportions import (
    fisher,
    holm,
    mcnemar_exact,
    newcombe_independent,
    newcombe_paired,
    sign_test,
    tango,
)
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

OVERLAP = "sensitivity: assumes that nobody is in both groups"
INDEPENDENT_METHOD = "Newcombe (1998) hybrid score interval; Fisher (1935) exact test; Holm (1979)"
LINKED_METHOD = "Newcombe (1998) paired score interval; exact McNemar (1947) test; Holm (1979)"
NET_METHOD = "Tango (1998) score interval; exact sign test (Dixon and Mood 1946); Holm (1979)"


@dataclass
class Row:
    """An estimate that waits for its adjusted p."""

    statistic: str
    service: str
    value: float | None
    cells: list[tuple[str, str]]
    columns: dict[str, object]


def rounds(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, context: Context) -> Results:
    """Share of ``rounds.category`` at the later wave minus the share at the earlier one, for every item.

    Independent groups: Newcombe's (1998) hybrid score interval and Fisher's exact test. Linked: pairs of the same
    subject, Newcombe's (1998) paired interval (method 10) and McNemar's exact test, and `net_change`: the share that
    moved up minus the share that moved down on the ordered codes, with Tango's (1998) interval and the exact sign
    test. Differences are on the proportion scale. p is adjusted (Holm 1979) within ``rounds.id`` for all services
    pooled, and within ``<id>@<service>`` for one service; net changes are families of their own (``<id>-net``).
    ``missing`` counts units asked that did not answer, or, linked, subjects asked that form no pair.

    Raises
    ------
    ValueError
        When the instrument has no such category.
    """
    check_category(instrument, rounds)
    ledger = Ledger(context)
    rows = (_linked if rounds.linked else _independent)(ledger, surveys, instrument, rounds)
    _write(ledger, rows)
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
        "model": "linked" if rounds.linked else "independent",
        "reference": rounds.reference,
        "denominator": ANSWERED,
        "unit": "proportion",
    }


def compared_cells(answers: Answers, rounds: Rounds, service: str, item: str) -> list[tuple[str, str]]:
    """The four counts behind an independent comparison, as inputs."""
    where = [(wave, service, item) for wave in (rounds.wave, rounds.reference)]
    return [(answers.cell(*one, category), "input") for one in where for category in (rounds.category, ANSWERED)]


def overlap_note(rounds: Rounds) -> str:
    """What to bear in mind where unlinked groups may share persons."""
    return OVERLAP if rounds.overlap == "possible" and not rounds.linked else ""


def _family(rounds: Rounds, service: str, suffix: str = "") -> str:
    return rounds.id + suffix + ("" if service == ALL else f"@{service}")


def _independent(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> list[Row]:
    answers = Answers.of(surveys, instrument, ledger)
    for wave in (rounds.reference, rounds.wave):
        answers.declare(wave)
    services = answers.services(rounds.reference, rounds.wave)
    return [_difference(answers, rounds, service, item.id) for service in services for item in instrument.items]


def _difference(answers: Answers, rounds: Rounds, service: str, item: str) -> Row:
    now, then = ((wave, service, item) for wave in (rounds.wave, rounds.reference))
    events, n = answers.n(*now, rounds.category), answers.n(*now, ANSWERED)
    events_then, n_then = answers.n(*then, rounds.category), answers.n(*then, ANSWERED)
    asked = answers.n(*now, ASKED) + answers.n(*then, ASKED)
    columns = contrast_keys(answers.instrument, rounds, item) | {
        "n": n,
        "n_reference": n_then,
        "events": events,
        "missing": asked - n - n_then,
        "family": _family(rounds, service),
        "method": INDEPENDENT_METHOD,
        "reason": overlap_note(rounds) if n and n_then else REASONS["no_rows"],
    }
    value = events / n - events_then / n_then if n and n_then else None
    if value is not None:
        level = answers.ledger.context.level
        interval = newcombe_independent(events, n, events_then, n_then, level)
        columns |= _inference(interval, level, fisher(events, n, events_then, n_then))
    return Row("difference", service, value, compared_cells(answers, rounds, service, item), columns)


def _linked(ledger: Ledger, surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds) -> list[Row]:
    counts = count_pairs(surveys, instrument, rounds)
    cells = pair_cells(ledger, instrument, rounds, counts)
    level, rows = ledger.context.level, []
    for service in pair_services(counts, ledger):
        for item in instrument.items:
            pairs, ids = counts.get((service, item.id), Pairs()), cells[service, item.id]
            base = contrast_keys(instrument, rounds, item.id) | {"n": pairs.pairs, "missing": pairs.unpaired}
            base["reason"] = "" if pairs.pairs else REASONS["no_rows"]
            rows.append(_paired_difference(pairs, ids, base | {"family": _family(rounds, service)}, service, level))
            net = base | {"category": "", "family": _family(rounds, service, "-net")}
            rows.append(_net_change(pairs, ids, net, service, level))
    return rows


def _paired_difference(
    pairs: Pairs, ids: Mapping[str, str], columns: dict[str, object], service: str, level: float
) -> Row:
    columns = columns | {"method": LINKED_METHOD}
    value = (pairs.gained - pairs.lost) / pairs.pairs if pairs.pairs else None
    if value is not None:
        interval = newcombe_paired(pairs.kept, pairs.gained, pairs.lost, pairs.never, level)
        columns |= _inference(interval, level, mcnemar_exact(pairs.gained, pairs.lost))
    return Row("difference", service, value, _inputs(ids, TABLE), columns)


def _net_change(pairs: Pairs, ids: Mapping[str, str], columns: dict[str, object], service: str, level: float) -> Row:
    columns = columns | {"method": NET_METHOD}
    value = (pairs.up - pairs.down) / pairs.pairs if pairs.pairs else None
    if value is not None:
        interval = tango(pairs.up, pairs.down, pairs.pairs, level)
        columns |= _inference(interval, level, sign_test(pairs.up, pairs.down))
    return Row("net_change", service, value, _inputs(ids, MOVES), columns)


def _inputs(ids: Mapping[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(ids[name], "input") for name in (COUNTED[0], *names)]


def _inference(interval: tuple[float, float], level: float, p: float) -> dict[str, object]:
    return {"low": interval[0], "high": interval[1], "level": level, "p": p}


def _write(ledger: Ledger, rows: list[Row]) -> None:
    """Add the rows, each with its p adjusted within its family."""
    families: dict[object, list[Row]] = {}
    for row in rows:
        families.setdefault(row.columns["family"], []).append(row)
    for members in families.values():
        adjusted = holm([row.columns.get("p") for row in members])  # type: ignore[misc]
        for row, p in zip(members, adjusted, strict=True):
            columns = row.columns | {"p_adjusted": p}
            ledger.estimate(row.statistic, row.value, service=row.service, cells=row.cells, **columns)
