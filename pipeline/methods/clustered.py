"""A share or a mean score at two waves compared, with services or persons as clusters.

The models are in ``clustered_models``; comparisons without clusters belong in ``change``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.methods.adjustment import holm
from pipeline.methods.answers import ANSWERED, ASKED, Answers, on_scale
from pipeline.methods.clustered_models import (
    FEW_CLUSTERS,
    Compared,
    Groups,
    compared,
    likeness,
    mean_size,
    resampled,
)
from pipeline.methods.coded import seeded
from pipeline.methods.pairs import TABLE, count_pairs, pair_cells, pair_group
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.scores import POINTS, SCORED, Counts
from pipeline.methods.scores import UNIT as SCORE_UNIT
from pipeline.methods.scoring import scored
from pipeline.methods.services import known_services
from schemas.analyses import Clustered, Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, UNKNOWN

Links = list[tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """One item or score: its rows (``wave``, ``service``, ``subject``, ``y``), keys, those asked, and the cells."""

    item: str
    population: str
    rows: pl.DataFrame
    keys: dict[str, object]
    asked: int
    cells: Links


def compare(surveys: pl.DataFrame, instrument: Instrument, declared: Clustered, context: Context) -> Results:
    """Later wave less earlier one, for each item (share of ``declared.category``) or for one score (mean).

    For each: `difference` by the declared model (key ``model``, such as ``gee-service``); `odds_ratio` of a share;
    `intraclass_correlation`, of the outcomes given the wave; `design_effect` where services are the clusters: of a
    share or mean at one wave; and `difference` once more by resampling (``wild-bootstrap-service`` and the like).
    p is adjusted (Holm 1979) within ``declared.id``, with ``-odds`` and ``-wild`` families of their own. All services
    together; rows whose service is unknown have no cluster where services are these and count as ``missing``.
    Fewer than three clusters, or a wave with one only: `too few clusters`.

    Raises
    ------
    ValueError
        When the instrument has no such category or score.
    """
    ledger, rows = Ledger(context), []
    for outcome in _outcomes(surveys, instrument, declared, ledger):
        rows += _rows(outcome, declared, context)
    _write(ledger, rows)
    return ledger.results()


def _outcomes(surveys: pl.DataFrame, instrument: Instrument, declared: Clustered, ledger: Ledger) -> list[Outcome]:
    waves = [declared.reference, declared.wave]
    surveys = surveys.filter(pl.col("instrument") == instrument.instrument, pl.col("wave").is_in(waves))
    if declared.score is not None:
        return [_score(surveys, instrument, declared, ledger)]
    if declared.category not in instrument.categories():
        raise ValueError(f"{declared.id}: {declared.category!r} is not a category of {instrument.instrument}")
    return _shares(surveys, instrument, declared, ledger)


def _shares(surveys: pl.DataFrame, instrument: Instrument, declared: Clustered, ledger: Ledger) -> list[Outcome]:
    answers, category = Answers.of(surveys, instrument, ledger), str(declared.category)
    for wave in (declared.reference, declared.wave):
        answers.declare(wave)
    pairs = _pair_links(surveys, instrument, declared, ledger) if declared.cluster == "subject" else {}
    codes = instrument.codes(category)
    keys: dict[str, object] = {"category": category, "denominator": ANSWERED, "unit": "proportion"}
    found = []
    for item in declared.items or [one.id for one in instrument.items]:
        rows = surveys.filter(on_scale(instrument), pl.col("item") == item)
        rows = rows.with_columns(y=pl.col("response").is_in(codes).cast(pl.Float64))
        places = _places(answers.found, declared, ledger)
        cells = [(answers.cell(w, s, item, c), "input") for w, s in places for c in (category, ANSWERED)]
        asked = sum(answers.n(wave, ALL, item, ASKED) for wave in (declared.reference, declared.wave))
        found.append(Outcome(item, instrument.population, rows, keys, asked, [*cells, *pairs.get(item, [])]))
    return found


def _score(surveys: pl.DataFrame, instrument: Instrument, declared: Clustered, ledger: Ledger) -> Outcome:
    score = next((one for one in instrument.scoring if one.id == declared.score), None)
    if score is None:
        raise ValueError(f"{declared.id}: {declared.score!r} is not a score of {instrument.instrument}")
    counts = Counts.of(surveys, instrument, ledger)
    cells: Links = []
    for wave in counts.found:
        counts.answers.declare(wave)
        counts.declare(wave, score)
    for wave, service in _places(counts.found, declared, ledger):
        own = counts.cells(wave, service, score)
        cells += [(own[name], "input") for name in (SCORED, POINTS)] + counts.of_answers(wave, service, score)
    people = scored(surveys, instrument).filter(pl.col("score") == score.id)
    rows = people.filter(pl.col("value").is_not_null()).with_columns(y=pl.col("value"))
    if declared.cluster == "subject":
        cells.append((_scored_twice(rows, instrument, declared, ledger), "input"))
    keys: dict[str, object] = {"denominator": SCORED, "unit": SCORE_UNIT}
    return Outcome(score.id, instrument.population, rows, keys, people.height, cells)


def _scored_twice(rows: pl.DataFrame, instrument: Instrument, declared: Clustered, ledger: Ledger) -> str:
    """Cell of the persons with a score at both waves: their number follows from that of the clusters."""
    both = rows.group_by("subject").agg(pl.col("wave").n_unique()).filter(pl.col("wave") == 2).height
    return ledger.cell(
        both,
        service=ALL,
        unit=instrument.unit,
        population=instrument.population,
        instrument=instrument.instrument,
        item=str(declared.score),
        category="pairs",
        group=pair_group(declared),
        wave=declared.wave,
    )


def _places(found: dict[str, list[str]], declared: Clustered, ledger: Ledger) -> list[tuple[str, str]]:
    """Waves and services whose counts the model uses: each known service as a cluster, or `all` persons."""
    waves = [wave for wave in (declared.reference, declared.wave) if wave in found]
    if declared.cluster == "subject":
        return [(wave, ALL) for wave in waves]
    return [(wave, service) for wave in waves for service in known_services(found[wave], ledger.context)]


def _pair_links(
    surveys: pl.DataFrame, instrument: Instrument, declared: Clustered, ledger: Ledger
) -> dict[str, Links]:
    """Counts of the same persons at both waves: a model with persons as clusters tells them."""
    rounds = Rounds(
        id=declared.id,
        instrument=declared.instrument,
        reference=declared.reference,
        wave=declared.wave,
        category=str(declared.category),
        linked=True,
    )
    counts = {key: one for key, one in count_pairs(surveys, instrument, rounds).items() if key[0] == ALL}
    cells = pair_cells(ledger, instrument, rounds, counts)
    return {item: [(own[name], "input") for name in ("pairs", *TABLE)] for (_, item), own in cells.items()}


Row = tuple[str, Compared, dict[str, Any], Links]


def _rows(outcome: Outcome, declared: Clustered, context: Context) -> list[Row]:
    groups, level = _groups(outcome, declared), context.level
    columns = _columns(outcome, declared, groups)
    by_service = declared.cluster == "service"
    rows: list[Row] = []

    def add(statistic: str, one: Compared, **keys: str) -> None:
        described = _described(one, groups, declared) | {"level": level if one.low is not None else None}
        rows.append((statistic, one, columns | described | keys, outcome.cells))

    for statistic, one in compared(groups, declared.model, level).items():
        kind = {"family": declared.id} if statistic == "difference" else {"family": f"{declared.id}-odds"}
        add(statistic, one, **(kind if statistic == "difference" else kind | {"unit": "ratio"}))
    size = mean_size(groups) if by_service else None
    for statistic, one in likeness(groups, level, size=size).items():
        add(statistic, one, unit="ratio" if statistic == "design_effect" else "correlation")
    random = seeded((context.study, declared.id, outcome.item))
    name, one = resampled(groups, level, random)
    add(
        "difference",
        one,
        model=f"{name}-{declared.cluster}",
        family=f"{declared.id}-wild" if one.p is not None else "",
    )
    return rows


def _groups(outcome: Outcome, declared: Clustered) -> Groups:
    rows = outcome.rows
    if declared.cluster == "service":
        rows = rows.filter(pl.col("service") != UNKNOWN)
    rows = rows.sort("wave", "service", "subject", "y")
    later = (rows["wave"] == declared.wave).cast(pl.Float64).to_numpy()
    labels = rows[declared.cluster].rank("dense").to_numpy().astype(int)
    return Groups(rows["y"].to_numpy(), later, labels, declared.category is not None)


def _columns(outcome: Outcome, declared: Clustered, groups: Groups) -> dict[str, Any]:
    later = int(groups.later.sum())
    return outcome.keys | {
        "population": outcome.population,
        "instrument": declared.instrument,
        "item": outcome.item,
        "wave": declared.wave,
        "contrast": "waves",
        "model": f"{declared.model}-{declared.cluster}",
        "reference": declared.reference,
        "n": later,
        "n_reference": len(groups.later) - later,
        "events": float(groups.outcome @ groups.later) if groups.binary else None,
        "missing": outcome.asked - len(groups.later),
    }


def _described(one: Compared, groups: Groups, declared: Clustered) -> dict[str, Any]:
    """Numbers, method and reason; a value says how many clusters it rests on."""
    numbers = {"se": one.se, "low": one.low, "high": one.high, "p": one.p, "method": one.method}
    if one.value is None:
        return numbers | {"reason": one.reason}
    what = {"service": "services", "subject": "persons"}[declared.cluster]
    few = " (few)" if groups.clusters < FEW_CLUSTERS else ""
    counted = f"{groups.clusters} {what} as clusters{few}"
    return numbers | {"reason": f"{counted}; {one.reason}" if one.reason else counted}


def _write(ledger: Ledger, rows: list[Row]) -> None:
    """Add the rows, each p adjusted within its family."""
    families: dict[str, list[int]] = {}
    for place, (_, one, columns, _) in enumerate(rows):
        if one.p is not None:
            families.setdefault(columns["family"], []).append(place)
    adjusted: dict[int, float | None] = {}
    for places in families.values():
        adjusted |= dict(zip(places, holm([rows[place][1].p for place in places]), strict=True))
    for place, (statistic, one, columns, cells) in enumerate(rows):
        extra = {"p_adjusted": adjusted[place]} if place in adjusted else {}
        ledger.estimate(statistic, one.value, service=ALL, cells=cells, **columns | extra)
