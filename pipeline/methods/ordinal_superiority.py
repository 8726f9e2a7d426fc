"""Probability of superiority of two waves: for all and each service, and for all with services as clusters.

How it is computed belongs in ``superiority``, odds ratios in ``ordinal_waves``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipeline.methods.change import OVERLAP
from pipeline.methods.ordinal_rows import Cells, Compared, Row, superiority_numbers
from pipeline.methods.pairs import MOVES, Pairs, count_pairs, pair_cells, pair_services
from pipeline.methods.service_differences import narrower_note
from pipeline.methods.superiority import Superiority, clustered, clustered_pairs, independent, paired
from schemas.analyses import Rounds
from schemas.vocabulary import ALL, REASONS

LINKED = "linked"
CLUSTERED = {False: "services as clusters", True: "linked, services as clusters"}
PAIRED_METHOD = "share that moved up and half of those unchanged: (1 + net change) / 2; Tango (1998); exact sign test"
CLUSTERED_METHOD = "jackknife over services (Arvesen 1969), t on the logit scale"


def independent_rows(compared: Compared) -> list[Row]:
    """Waves of different persons: all, each service, and all with services as clusters."""
    declared = compared.declared
    services = compared.answers.services(declared.reference, declared.wave)
    rows = []
    for service in services:
        places = ((declared.wave, service), (declared.reference, service))
        rows += [compared.superior(service, places, item.id, OVERLAP) for item in compared.items()]
    if len(services) > 2:
        rows += [_by_clusters(compared, services[1:], item.id) for item in compared.items()]
    return [_of_family(row, compared) for row in rows]


def paired_rows(surveys: pl.DataFrame, compared: Compared, rounds: Sequence[Rounds]) -> list[Row]:
    """Waves of the same persons: all, each service, and all with services as clusters."""
    answers = compared.answers
    same = _same_pairs(compared, rounds)
    counts = count_pairs(surveys, answers.instrument, same)
    ids = pair_cells(answers.ledger, answers.instrument, same, counts)
    services = pair_services(counts, answers.ledger)
    rows, cells = [], {}
    for service in services:
        for item in (item.id for item in compared.items()):
            cells[service, item] = [(ids[service, item][name], "input") for name in ("pairs", *MOVES)]
            rows.append(_moved(compared, service, item, counts.get((service, item), Pairs()), cells[service, item]))
    for item in (item.id for item in compared.items() if len(services) > 2):
        inputs = [one for service in services[1:] for one in cells[service, item]]
        pairs = [counts.get((service, item), Pairs()) for service in services[1:]]
        rows.append(_pairs_by_clusters(compared, item, pairs, inputs))
    return [_of_family(row, compared) for row in rows]


def _of_family(row: Row, compared: Compared) -> Row:
    model, end = row.columns["model"], "" if row.service == ALL else f"@{row.service}"
    of = "-superiority-clustered" if model in CLUSTERED.values() else "-superiority"
    row.columns["family"] = f"{compared.declared.id}{of}{end}"
    return row


def _same_pairs(compared: Compared, rounds: Sequence[Rounds]) -> Rounds:
    """The declared rounds of the same pairs, so that these are the same cells; else rounds named by the two waves."""
    one = compared.declared
    wanted = (one.instrument, one.reference, one.wave, True)
    for other in rounds:
        if (other.instrument, other.reference, other.wave, other.linked) == wanted:
            return other
    headline = compared.answers.instrument.headline
    return Rounds(
        id=f"{one.reference}-{one.wave}", instrument=one.instrument, reference=one.reference, wave=one.wave,
        category=headline, linked=True,
    )  # fmt: skip


def _moved(compared: Compared, service: str, item: str, pairs: Pairs, cells: Cells) -> Row:
    columns = compared.keys(item) | {"model": LINKED, "unit": "proportion", "method": PAIRED_METHOD}
    columns |= {"n": pairs.pairs, "missing": pairs.unpaired}
    if not pairs.pairs:
        return Row("superiority", service, None, cells, columns | {"reason": REASONS["no_rows"]})
    found = paired(pairs.up, pairs.down, pairs.same, compared.level)
    return Row("superiority", service, found.value, cells, columns | superiority_numbers(found, compared.level))


def _by_clusters(compared: Compared, services: Sequence[str], item: str) -> Row:
    declared = compared.declared
    places = [[(wave, service) for service in services] for wave in (declared.wave, declared.reference)]
    counts = [[compared.counts(place, item) for place in side] for side in places]
    n, n_then = (sum(map(sum, side)) for side in counts)
    every = [place for side in places for place in side]
    asked = sum(compared.asked([(wave, ALL)], item) for wave in (declared.wave, declared.reference))
    sizes = {"n": n, "n_reference": n_then, "missing": asked - n - n_then}
    found = clustered(counts[0], counts[1], compared.level)
    now, then = ([sum(column) for column in zip(*side, strict=True)] for side in counts)
    plain = independent(now, then, compared.level) if n and n_then else None
    return _clustered_row(compared, item, (found, plain), compared.cells(every, item), sizes)


def _pairs_by_clusters(compared: Compared, item: str, pairs: Sequence[Pairs], cells: Cells) -> Row:
    moves = [(one.up, one.down, one.same) for one in pairs]
    found, (up, down, same) = clustered_pairs(moves, compared.level), map(sum, zip(*moves, strict=True))
    plain = paired(up, down, same, compared.level) if up + down + same else None
    sizes = {"n": sum(one.pairs for one in pairs), "missing": sum(one.unpaired for one in pairs)}
    return _clustered_row(compared, item, (found, plain), cells, sizes)


def _clustered_row(
    compared: Compared,
    item: str,
    both: tuple[Superiority | None, Superiority | None],
    cells: Cells,
    sizes: dict[str, int],
) -> Row:
    """``both``: with services as clusters, and the same answers without them."""
    found, plain = both
    columns: dict[str, Any] = compared.keys(item) | sizes | {"unit": "proportion", "method": CLUSTERED_METHOD}
    columns["model"] = CLUSTERED[compared.declared.linked]
    if found is None or found.degrees is None:
        columns["reason"] = REASONS["too_few" if sizes["n"] and sizes.get("n_reference", 1) else "no_rows"]
        return Row("superiority", ALL, None, cells, columns)
    degrees = round(found.degrees)
    note = narrower_note((found.low, found.high), (plain.low, plain.high)) if plain else ""
    counted = f"{degrees + 1} services as clusters: t with {degrees} degrees of freedom"
    columns["reason"] = "; ".join(filter(None, [counted, note]))
    return Row("superiority", ALL, found.value, cells, columns | superiority_numbers(found, compared.level))
