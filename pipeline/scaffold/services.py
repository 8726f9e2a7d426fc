"""The services of a new study: named by a person, listed in a file, or found in an export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.problems import nearest
from pipeline.scaffold.mapping import Proposal
from pipeline.scaffold.words import FILL_IN, ids_of
from schemas.study import RESERVED, Service

ID = re.compile(r"^[a-z0-9][a-z0-9_-]*$")


class WrongUseError(Exception):
    """What was asked for can't be made; the message says what to type instead."""


def parts(text: str) -> list[str]:
    """Words joined by commas, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def services_of(asked: str, proposals: Sequence[Proposal]) -> tuple[tuple[Service, ...], bool]:
    """The services, and whether a person named them (true) or they were found in exports.

    Parameters
    ----------
    asked
        Names joined by commas, or a CSV file with a column ``name``, perhaps also ``id`` and ``written``.

    Raises
    ------
    WrongUseError
        When the file is not there, has no names, or an id is not possible.
    """
    path = Path(asked).expanduser()
    if asked.lower().endswith(".csv") or (asked and path.is_file()):
        return _of_file(path), True
    names = parts(asked) or sorted({name for one in proposals for name in one.services})
    if not names:
        return (Service(id="service-1", name=FILL_IN),), True
    return tuple(Service(id=name_id, name=name) for name, name_id in ids_of(names).items()), bool(asked)


def _of_file(path: Path) -> tuple[Service, ...]:
    from pipeline.ingest.csv import read_text

    if not path.is_file():
        raise WrongUseError(f"There is no file '{path.name}' with services.")
    table = read_text(path)
    if "name" not in table.columns:
        raise WrongUseError(f"{path.name} has no column 'name'. {nearest('name', table.columns[1:])}")
    rows = {row["name"]: row for row in table.iter_rows(named=True) if row["name"]}
    if not rows:
        raise WrongUseError(f"{path.name} has no row with a name.")
    ids = ids_of(list(rows))
    return tuple(_service(path, row, row.get("id") or ids[name]) for name, row in rows.items())


def _service(path: Path, row: dict[str, str], name_id: str) -> Service:
    if not ID.match(name_id) or name_id in RESERVED:
        raise WrongUseError(f"{path.name}: '{name_id}' is no id: small letters, digits, dashes, no reserved name.")
    spellings = [one.strip() for one in (row.get("written") or "").split(";") if one.strip()]
    return Service(id=name_id, name=row["name"], written=tuple(spellings))
