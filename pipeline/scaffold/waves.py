"""The waves of a new study, and which export belongs to which, as far as the names of the files tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from pipeline.scaffold.mapping import Proposal
from pipeline.scaffold.words import tokens
from schemas.study import Wave


def wave_in_name(file: str, waves: Sequence[Wave]) -> str:
    """Id of the wave whose id or label stands in a file's name, the longest if several do; empty where none does."""
    said = f" {' '.join(tokens(Path(file).stem))} "
    named = {" ".join(tokens(text)): wave.id for wave in waves for text in (wave.label, wave.id)}
    found = [words for words in named if words and f" {words} " in said]
    return named[max(found, key=len)] if found else ""


def waves_of(ids: Mapping[str, str], start: date, end: date) -> tuple[Wave, ...]:
    """Waves, as equal parts of the period, one after the other: their dates are for a person to set."""
    days = (end - start).days + 1
    cuts = [start + timedelta(days=round(days * place / len(ids))) for place in range(len(ids) + 1)] if ids else []
    return tuple(
        Wave(id=name, label=label, start=cuts[place], end=cuts[place + 1] - timedelta(days=1))
        for place, (label, name) in enumerate(ids.items())
    )


def by_wave(exports: Sequence[Proposal], waves: Sequence[Wave]) -> dict[str, Proposal]:
    """The export of each wave, by the wave's id.

    An export takes the wave that its name holds, the others take those that are left, in order.
    """
    taken: dict[str, Proposal] = {}
    rest = []
    for one in exports:
        wave = wave_in_name(one.file, waves)
        if not wave or taken.setdefault(wave, one) is not one:
            rest.append(one)
    left = [wave.id for wave in waves if wave.id not in taken]
    return taken | dict(zip(left, rest, strict=False))
