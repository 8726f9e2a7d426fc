"""Coded diaries of a demonstration study: units, their true codes, and what each coder finds in them.

Files and checks belong in ``simulate``; random numbers in ``simulate_draws``.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import polars as pl

from pipeline.methods.simulate_draws import Floats, normal, stream
from schemas.coding import NO_CODE
from schemas.simulation import Reading, SimulatedCoder, SimulatedCodings, Simulation
from schemas.study import Study

SEGMENTS = {
    "document": pl.String, "segment": pl.String, "section": pl.String, "start": pl.Int64, "end": pl.Int64,
    "summary": pl.String, "basis": pl.String, "respondent_group": pl.String, "service": pl.String,
    "quantifier": pl.String, "releasable": pl.String,
}  # fmt: skip
CODINGS = ("segment", "coder", "code", "polarity")


def coded_frames(config: Simulation, study: Study) -> dict[str, pl.DataFrame]:
    """Frames of the tables sections, segments and codings; empty without a ``codings`` block.

    A code is present in a unit where a latent normal variable, one part of which all codes of a unit share, lies
    below the quantile of its prevalence: so the prevalence is exactly the declared one. A coder finds a present
    code with his sensitivity, and leaves an absent one out with his specificity, each by itself. A unit that is
    read and found without a code carries ``no-code``.
    """
    declared = config.codings
    if declared is None:
        return {}
    services = _services(config, study)
    names = [f"entry-{number:0{len(str(len(services)))}d}" for number in range(1, len(services) + 1)]
    place = {"document": [declared.document], "section": [declared.section], "title": [declared.title]}
    # The text of the diaries is not kept, so that the one section has no length of its own.
    sections = pl.DataFrame(place | {"start": [None], "end": [None], "not_coded": [None]})
    codings = pl.DataFrame(list(_codings(config.seed, declared, names)), schema=list(CODINGS), orient="row")
    return {"sections": sections, "segments": _segments(declared, names, services), "codings": codings}


def present(seed: int, declared: SimulatedCodings, units: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which codes are truly in which unit: units x codes, in declared order."""
    common = normal(stream(seed, "codings", "common").random(units))
    columns = []
    for name, code in declared.codes.items():
        own = normal(stream(seed, "codings", "present", name).random(units))
        latent = sqrt(declared.together) * common + sqrt(1 - declared.together) * own
        columns.append(latent < _quantile(code.prevalence))
    return np.stack(columns, axis=1)


def _quantile(share: float) -> float:
    return float("-inf") if share == 0 else float("inf") if share == 1 else float(normal(np.array([share]))[0])


def _services(config: Simulation, study: Study) -> list[str]:
    """The service of each unit: the declared numbers, in an order drawn at random."""
    every = [service for service in study.service_ids() for _ in range(config.services[service].diaries or 0)]
    order = np.argsort(stream(config.seed, "codings", "services").random(len(every)), kind="stable")
    return [every[i] for i in order]


def _segments(declared: SimulatedCodings, names: list[str], services: list[str]) -> pl.DataFrame:
    rows = [
        (declared.document, name, declared.section, None, None, f"Fictional diary entry {number}.",
         "participant-data", "peer-workers", service, None, "yes")
        for number, (name, service) in enumerate(zip(names, services, strict=True), start=1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SEGMENTS, orient="row")


def _codings(seed: int, declared: SimulatedCodings, names: list[str]) -> Iterator[tuple[str, str, str, str]]:
    truth = present(seed, declared, len(names))
    found = {name: _found(seed, declared, name, truth) for name in declared.coders}
    read = {name: _read(seed, name, coder, len(names)) for name, coder in declared.coders.items()}
    for unit, segment in enumerate(names):
        for coder in declared.coders:
            codes = [code for i, code in enumerate(declared.codes) if found[coder][unit, i]]
            for code in (codes or [NO_CODE]) if read[coder][unit] else []:
                polarity = declared.codes[code].polarity if code != NO_CODE else "describes"
                yield segment, coder, code, polarity


def _read(seed: int, name: str, coder: SimulatedCoder, units: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    rank = np.argsort(np.argsort(stream(seed, "codings", "reads", name).random(units)))
    return np.asarray(rank < (units if coder.reads is None else coder.reads), dtype=bool)


def _found(
    seed: int, declared: SimulatedCodings, coder: str, truth: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    columns = []
    for i, (name, code) in enumerate(declared.codes.items()):
        reading = declared.coders[coder].differs.get(code.difficulty, declared.difficulties[code.difficulty])
        u = stream(seed, "codings", "found", coder, name).random(len(truth))
        columns.append(u < _chance(reading, truth[:, i]))
    return np.stack(columns, axis=1)


def _chance(reading: Reading, truth: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    return np.where(truth, reading.sensitivity, 1 - reading.specificity)
