"""Ordered answers compared as ordered: which of two waves or services has the higher ones, and by how much.

Shares of one answer are compared in ``change``; the numerics are in ``proportional_odds`` and ``superiority``.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.methods.answers import Answers
from pipeline.methods.ordinal_rows import Compared, write
from pipeline.methods.ordinal_services import service_rows
from pipeline.methods.ordinal_waves import wave_rows
from pipeline.methods.results import Context, Ledger, Results
from schemas.analyses import Ordinal, Rounds
from schemas.instrument import Instrument


def compare(
    surveys: pl.DataFrame,
    instrument: Instrument,
    declared: Ordinal,
    context: Context,
    rounds: Sequence[Rounds] = (),
) -> Results:
    """Probability of superiority, odds ratio and test of proportional odds for each item of a declared comparison.

    Waves: `superiority` is the probability that a later answer is higher than an earlier one, ties half, for all and
    each service (linked: the share of pairs that moved up, and half of those unchanged), and for all once more with
    services as clusters. `odds_ratio` of the later
    wave comes from one proportional-odds model with services as fixed effects, for all; clusters are the services
    or, linked, the persons, with small-sample errors and t. `proportional_odds` tests its assumption. Where services
    enter, model `pooled proportional odds` is the same without them: it tells of the counts of all services together
    only, so that it can be released where counts of single services are too small. From these counts come the odds
    ratios at each cut of the scale too (model `binary logit`, the lowest answer above the cut in ``at``).

    Services: the same three of each service and ``declared.reference``, these two at a time, answers as independent.

    p is adjusted (Holm 1979) over the items (and services, where these are compared) of ``declared.id``; those of
    superiority, of the pooled model and of the tests of proportional odds are families of their own
    (``<id>-superiority``, with ``@<service>`` for one service of two waves, ``<id>-superiority-clustered``,
    ``<id>-pooled``, ``<id>-check``, ``<id>-pooled-check``).
    ``missing`` counts units asked whose answers are not in the comparison.

    Parameters
    ----------
    rounds
        Comparisons of shares that the study file declares: linked ones of the same waves share their cells.
    """
    ledger = Ledger(context)
    compared = Compared(Answers.of(surveys, instrument, ledger), declared)
    waves = declared.contrast == "waves"
    write(ledger, wave_rows(surveys, compared, rounds) if waves else service_rows(compared))
    return ledger.results()
