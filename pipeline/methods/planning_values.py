"""What two waves show that a next study can be planned on: shares, sizes, and the counts of each service.

Plans made of it are in ``design``; the observed difference is left out on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.methods.answers import ANSWERED, Answers
from pipeline.methods.change import declared_answers
from pipeline.methods.pairs import Pairs, count_pairs, pair_cells, pair_services
from pipeline.methods.results import Ledger
from pipeline.methods.sample_size import Linked, Unlinked
from schemas.analyses import Rounds
from schemas.instrument import Instrument
from schemas.vocabulary import ALL, REASONS

Links = list[tuple[str, str]]

FEWEST_ANSWERS = 10
"""With fewer answers (or pairs) a share is no ground for a plan; the rows without an item hold whatever it is."""

CAUTIOUS = "cautious: services taken as other ones at the later wave"


@dataclass(frozen=True)
class Seen:
    """What one item shows: planning values, sizes, what each service has, and the cells behind each."""

    planned: Unlinked | Linked | None
    reason: str
    n: int
    n_reference: int
    sizes: Sequence[int]
    sums: Sequence[int]
    squares: Sequence[int]
    later: Sequence[int]
    cells: Links
    service_cells: Links
    note: str = ""


def seen(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, ledger: Ledger) -> dict[str, Seen]:
    """What each item shows; partly linked waves count as different persons. Adds the cells of both waves."""
    return (_linked if rounds.linked is True else _unlinked)(surveys, instrument, rounds, ledger)


def _unlinked(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, ledger: Ledger) -> dict[str, Seen]:
    answers = declared_answers(surveys, instrument, rounds, ledger)
    return {item.id: _unlinked_item(answers, rounds, item.id) for item in instrument.items}


def _unlinked_item(answers: Answers, rounds: Rounds, item: str) -> Seen:
    then, now, category = rounds.reference, rounds.wave, rounds.category
    known = [s for s in answers.services(then)[1:] if answers.n(then, s, item, ANSWERED)]
    later = [s for s in answers.services(now)[1:] if answers.n(now, s, item, ANSWERED)]
    n, n_then = answers.n(now, ALL, item, ANSWERED), answers.n(then, ALL, item, ANSWERED)
    reason = _too_few(n_then)
    sums = [answers.n(then, s, item, category) for s in known]
    where = [(then, s, item, c) for s in (ALL, *known) for c in (category, ANSWERED)]
    where += [(now, s, item, ANSWERED) for s in (ALL, *later)]
    cells = {one: (answers.cell(*one), "input") for one in where}
    return Seen(
        planned=None if reason else Unlinked(answers.n(then, ALL, item, category) / n_then),
        reason=reason,
        n=n,
        n_reference=n_then,
        sizes=[answers.n(then, s, item, ANSWERED) for s in known],
        sums=sums,
        squares=sums,
        later=[answers.n(now, s, item, ANSWERED) for s in later],
        cells=[cell for one, cell in cells.items() if one[1] == ALL],
        service_cells=list(cells.values()),
        note=CAUTIOUS,
    )


def _linked(surveys: pl.DataFrame, instrument: Instrument, rounds: Rounds, ledger: Ledger) -> dict[str, Seen]:
    counts = count_pairs(surveys, instrument, rounds)
    ids = pair_cells(ledger, instrument, rounds, counts)
    services = pair_services(counts, ledger)
    return {item.id: _linked_item(counts, ids, services, item.id) for item in instrument.items}


def _linked_item(
    counts: Mapping[tuple[str, str], Pairs],
    ids: Mapping[tuple[str, str], Mapping[str, str]],
    services: Sequence[str],
    item: str,
) -> Seen:
    everyone = counts.get((ALL, item), Pairs())
    known = [s for s in services[1:] if counts.get((s, item), Pairs()).pairs]
    each = [counts[service, item] for service in known]
    moved = everyone.gained + everyone.lost
    reason = _too_few(everyone.pairs) or ("" if moved else REASONS["no_variation"])
    planned = None
    if not reason:
        share = (2 * everyone.kept + moved) / (2 * everyone.pairs)
        planned = Linked(share, moved / everyone.pairs)
    sizes = [one.pairs for one in each]
    cells = [(ids[ALL, item][name], "input") for name in ("pairs", "kept", "gained", "lost")]
    own = [(ids[s, item][name], "input") for s in known for name in ("pairs", "gained", "lost")]
    return Seen(
        planned=planned,
        reason=reason,
        n=everyone.pairs,
        n_reference=0,
        sizes=sizes,
        sums=[one.gained - one.lost for one in each],
        squares=[one.gained + one.lost for one in each],
        later=sizes,
        cells=cells,
        service_cells=[*cells, *own],
    )


def _too_few(n: int) -> str:
    """Why so many answers are no ground for a plan; empty where they are."""
    if not n:
        return REASONS["no_rows"]
    return REASONS["too_few"] if n < FEWEST_ANSWERS else ""
