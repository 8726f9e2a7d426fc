"""Snapshots of queries: what ``peerscope snapshot`` keeps of a database, so that a run needs no database.

The rows of a query lie in ``raw/<study>/snapshots/<table>.parquet``, and ``raw/<study>/MANIFEST.csv`` records where
they come from. Talking to databases belongs in ``pipeline.ingest.database``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.ingest.export import ROW
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.sources import snapshot_file
from pipeline.store import Project, sha256, write_text
from schemas.study import Study, Table, Tables

if TYPE_CHECKING:
    from pipeline.ingest.database import Database

SEEDS = (20, 25)
"""Two 64-bit hashes a row: that two contents differ and hash alike can be left out of account."""


@dataclass(frozen=True)
class Kept:
    """What the manifest records of one snapshot.

    ``file`` is its path in the study's folder, ``taken`` the time (UTC) at which this content was first read,
    ``query_sha256`` the checksum of the query as the study file has it, ``connection`` the name of the environment
    variable that held the address.
    """

    file: str
    sha256: str
    rows: int
    taken: str
    query_sha256: str
    connection: str


@dataclass(frozen=True)
class Taken:
    """One snapshot that was taken: where it lies, its rows, and whether its content is another than before."""

    path: Path
    rows: int
    changed: bool


def manifest_file(folder: Path) -> Path:
    """Where a study records what its snapshots are."""
    return folder / "MANIFEST.csv"


def queries(study: Study) -> Iterator[tuple[str, int, Table]]:
    """Table, index and source of each query of a study."""
    for table in Tables.model_fields:
        for index, source in enumerate(getattr(study.tables, table)):
            if source.query:
                yield table, index, source


def snapshot_problems(folder: Path, study: Study, only: str = "") -> list[Problem]:
    """Queries without a snapshot, or whose snapshot is of another query or is not the file that was recorded.

    ``only`` is a record table, if its queries alone are meant.
    """
    kept = read_manifest(folder)
    found = []
    for table, index, source in queries(study):
        if only not in ("", table):
            continue
        path = snapshot_file(folder, table, index)
        record = kept.get(_name(folder, path))
        if wrong := _wrong(path, source, record):
            found.append(_problem(study.study, table, index, wrong, f"Run `peerscope snapshot {study.study}`."))
    return found


def _wrong(path: Path, source: Table, record: Kept | None) -> str:
    if record is None or not path.is_file():
        return "no snapshot of the query has been taken yet"
    if (record.query_sha256, record.connection) != (_checksum(source.query), source.connection):
        return "the query or its connection changed since the snapshot was taken"
    return "" if sha256(path) == record.sha256 else "the snapshot is not the file that MANIFEST.csv records"


def take(project: Project, study: str) -> list[Taken]:
    """Run the queries of a study and keep their rows; without queries, an empty list.

    A snapshot whose rows are the same as before, in whatever order they come, stays the file it was.

    Raises
    ------
    ProblemsFoundError
        When the study file is not valid, an environment variable is missing, or a query can't be run. Snapshots
        taken before stay as they were. No message says anything of the address.
    """
    from pipeline.studies import load_study

    folder = project.raw / study
    found = list(queries(load_study(folder, files=False)))
    addresses = _addresses(study, found)
    with ExitStack() as opened:
        drafts = list(_drafts(folder, study, found, addresses, opened))
        return _keep(folder, drafts)


def _addresses(study: str, found: Iterable[tuple[str, int, Table]]) -> dict[str, str]:
    problems, addresses = [], {}
    for table, index, source in found:
        name = source.connection
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            # Not told: it may be the address itself.
            rule, remedy = "`connection` is no name of an environment variable", "Write a name, such as CLINIC_DB."
        elif not os.environ.get(name):
            remedy = "Set it to the database's address, such as postgresql://user:password@host:5432/database."
            rule = f"the environment variable {name} is not set"
        else:
            addresses[name] = os.environ[name]
            continue
        problems.append(_problem(study, table, index, rule, remedy, "connection"))
    if problems:
        raise ProblemsFoundError(problems)
    return addresses


@dataclass(frozen=True)
class _Draft:
    """Rows of a query in a temporary file beside their snapshot."""

    temporary: Path
    path: Path
    rows: int
    source: Table


def _drafts(
    folder: Path,
    study: str,
    found: Iterable[tuple[str, int, Table]],
    addresses: dict[str, str],
    opened: ExitStack,
) -> Iterator[_Draft]:
    from pipeline.ingest.database import QueryFailedError, check_query, connected

    databases: dict[str, Database] = {}
    for table, index, source in found:
        path = snapshot_file(folder, table, index)
        try:
            check_query(source.query)
            if source.connection not in databases:
                databases[source.connection] = opened.enter_context(connected(addresses[source.connection]))
            temporary = opened.enter_context(_temporary(path))
            rows = _write(temporary, databases[source.connection].batches(source.query))
        except QueryFailedError as error:
            rule = f"{error.rule} (connection {source.connection})"
            raise ProblemsFoundError([_problem(study, table, index, rule, error.remedy)]) from None
        yield _Draft(temporary, path, rows, source)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for its owner only
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _write(path: Path, batches: Iterable[pl.DataFrame]) -> int:
    """Write frames of one schema as one Parquet file, a row group each; the number of rows."""
    from pyarrow.parquet import ParquetWriter

    tables = (batch.to_arrow(compat_level=pl.CompatLevel.oldest()) for batch in batches)
    first = next(tables)
    rows = 0
    with ParquetWriter(path, first.schema, compression="zstd") as writer:
        for table in chain([first], tables):
            rows += table.num_rows
            writer.write_table(table)
    return rows


def _keep(folder: Path, drafts: Iterable[_Draft]) -> list[Taken]:
    kept, taken = read_manifest(folder), []
    for draft in drafts:
        name = _name(folder, draft.path)
        record = kept.get(name)
        now = (_checksum(draft.source.query), draft.source.connection)
        if record and _is_intact(draft.path, record) and _content(draft.path) == _content(draft.temporary):
            kept[name] = replace(record, query_sha256=now[0], connection=now[1])
            taken.append(Taken(draft.path, draft.rows, changed=False))
            continue
        when = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        kept[name] = Kept(name, sha256(draft.temporary), draft.rows, when, *now)
        draft.temporary.replace(draft.path)
        taken.append(Taken(draft.path, draft.rows, changed=True))
    if taken:
        _write_manifest(folder, kept)
    return taken


def _is_intact(path: Path, record: Kept) -> bool:
    return path.is_file() and sha256(path) == record.sha256


def _content(path: Path) -> tuple[object, ...]:
    """Columns, types, and sums of the rows' hashes: the same whatever order the rows come in."""
    from pipeline.ingest.parquet import schema_of, typed_batches

    sums = [0] * len(SEEDS)
    rows = 0
    for batch in typed_batches(path):
        values = batch.drop(ROW)
        rows += values.height
        for place, seed in enumerate(SEEDS):
            hashes = values.hash_rows(seed)
            sums[place] += int((hashes // 2**32).sum()) * 2**32 + int((hashes % 2**32).sum())
    return (*schema_of(path).items(), rows, *sums)


def read_manifest(folder: Path) -> dict[str, Kept]:
    """What is recorded of a study's snapshots, by file; nothing where there is no manifest.

    Raises
    ------
    ProblemsFoundError
        When the manifest is not as ``take`` wrote it.
    """
    path = manifest_file(folder)
    if not path.is_file():
        return {}
    names = [field.name for field in fields(Kept)]
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    try:
        header, *rows = lines
        found = [Kept(**dict(zip(header, row, strict=True))) for row in rows]  # type: ignore[arg-type]
        return {one.file: replace(one, rows=int(one.rows)) for one in found}
    except (TypeError, ValueError) as error:
        rule = f"the columns are not {', '.join(names)}"
        remedy = "Put the file back, or delete it and take the snapshots again."
        raise ProblemsFoundError([Problem(path.name, None, "", "", rule, remedy)]) from error


def _write_manifest(folder: Path, kept: dict[str, Kept]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(field.name for field in fields(Kept))
    writer.writerows(astuple(kept[name]) for name in sorted(kept))
    path = manifest_file(folder)
    if not path.is_file() or path.read_text(encoding="utf-8") != stream.getvalue():
        write_text(path, stream.getvalue())


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _checksum(query: str) -> str:
    return hashlib.sha256(query.strip().encode()).hexdigest()


def _problem(study: str, table: str, index: int, rule: str, remedy: str, key: str = "query") -> Problem:
    return Problem(f"{study}/study.yml", None, f"tables.{table}.{index}.{key}", "", rule, remedy)
