"""Rows of a query, read from a database in batches, for reading only.

What is kept of them belongs in ``pipeline.snapshot``. No message says anything of an address: not the user, not the
password, not the host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 65_536
"""Rows that connectorx gives at once; ADBC gives batches of about 16 MiB."""

INSTALL = 'Install it: uv pip install -e ".[sql]".'
READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""All queries of one connection see the same state of the database."""

_END = "; \n\t\r"
_COMMENT = r"--[^\n]*|/\*.*?\*/"
_QUOTED = r"""\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]"""
_ASIDE = re.compile(rf"(?P<comment>{_COMMENT})|{_QUOTED}", re.DOTALL)
_CHANGES = re.compile(
    r"\b(insert|update|delete|merge|into|truncate|drop|alter|create|grant|revoke|call|exec)\b", re.IGNORECASE
)

_CONNECTING = {
    "password authentication failed|no password supplied": "the user or the password is refused",
    "could not translate host name": "the host is not known",
    "database .* does not exist": "there is no such database at the host",
    "Connection refused|timeout|No such file": "the host does not answer",
}
"""What a driver says of a connection that fails, and what we say of it."""

_HARMLESS = (
    r"division by zero|\w+ out of range|invalid input syntax for type [\w ]+|canceling statement due to [\w ]+"
    r"|cannot execute \w+(\(\))? in a read-only transaction"
)
"""What PostgreSQL says of rows without quoting them."""

_IN_QUERY = {
    "money": "amount::numeric",
    "timestamptz": "started AT TIME ZONE 'Europe/Berlin'",
    "interval": "extract(epoch FROM duration) / 60",
}
"""Types of PostgreSQL that have no one meaning as a cell, and what a query may say instead."""

Guard = Callable[[], AbstractContextManager[None]]


class QueryFailedError(Exception):
    """A query that can't be run: what is wrong, and what to do."""

    def __init__(self, rule: str, remedy: str):
        self.rule, self.remedy = rule, remedy
        super().__init__(f"{rule}. {remedy}")


class Database(Protocol):
    """A connection that is open."""

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        """Rows of a query; at least one frame, without rows if there are none."""
        ...


def check_query(query: str) -> str:
    """The query without comments and closing semicolon, if it is one statement that reads.

    Raises
    ------
    QueryFailedError
        When it is several statements, or one that does not begin with SELECT or WITH or that changes something.
    """
    if "/*!" in query:
        raise QueryFailedError("the query has a comment that MySQL runs (/*!)", "Take it out.")
    bare = _ASIDE.sub(" ", query).strip().rstrip(_END)
    if ";" in bare:
        raise QueryFailedError("the query is several statements", "Write one; join what belongs together.")
    if not re.match(r"\(*\s*(select|with)\b", bare, re.IGNORECASE):
        raise QueryFailedError("the query does not begin with SELECT or WITH", "Only reading is let through.")
    if found := _CHANGES.search(bare):
        remedy = "Only reading is let through; put a name that is such a word into quotation marks."
        raise QueryFailedError(f"the query has the word {found[0].upper()}", remedy)
    return _ASIDE.sub(lambda found: " " if found["comment"] else found[0], query).strip().rstrip(_END)


@contextmanager
def connected(address: str) -> Iterator[Database]:
    """A connection to the database at ``address``, such as ``postgresql://user:password@host:5432/database``.

    Raises
    ------
    QueryFailedError
        When the address is of no database that can be read, its driver is missing, or it can't be reached.
    """
    scheme = address.partition("://")[0].lower() if "://" in address else ""
    if scheme in ("postgresql", "postgres"):
        with _postgresql(address) as database:
            yield database
    elif scheme in ("mysql", "mssql"):
        yield _ConnectorX(address, scheme)
    else:
        remedy = "It begins with postgresql://, mysql:// or mssql:// (SQL Server)."
        raise QueryFailedError("the address is of no database that can be read", remedy)


@contextmanager
def _postgresql(address: str) -> Iterator[Database]:
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise QueryFailedError("the driver for PostgreSQL is not installed", INSTALL) from None
    try:
        connection = dbapi.connect(address)
    except Error as error:
        told = (ours for theirs, ours in _CONNECTING.items() if re.search(theirs, str(error)))
        _fail(next(told, "the database can't be reached"), "Check the address.")
    with connection:
        with connection.cursor() as cursor:
            cursor.execute(READ_ONLY)
        yield _Postgresql(connection, address)


class _Postgresql:
    def __init__(self, connection: Any, address: str):
        self._connection, self._address = connection, address

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        from adbc_driver_manager import Error
        from pyarrow import ArrowException

        try:
            with self._connection.cursor() as cursor:
                cursor.execute(check_query(query))
                yield from _frames(cursor.fetch_record_batch())
        except (Error, ArrowException, OSError) as error:
            _fail(*self._told(error))

    def _told(self, error: Exception) -> tuple[str, str]:
        found = re.search(r"ERROR:\s+([^\n]+)", str(error))
        said = found[1] if found else ""
        # Class 42 (syntax, names, rights) speaks of the query only; other classes quote values.
        if not (getattr(error, "sqlstate", None) or "").startswith("42"):
            harmless = re.match(_HARMLESS, said)
            said = harmless[0] if harmless else ""
        if not said:
            return "the database could not run the query", "Try it in another program, on all of its rows."
        return f"the database says: {_without(self._address, said)}", "Correct the query."


class _ConnectorX:
    def __init__(self, address: str, scheme: str):
        self._address, self._scheme = address, scheme

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        try:
            import connectorx
        except ImportError:
            raise QueryFailedError("the driver for MySQL and SQL Server is not installed", INSTALL) from None
        before = "SET SESSION TRANSACTION READ ONLY" if self._scheme == "mysql" else None
        how = {"return_type": "arrow_stream", "batch_size": BATCH, "pre_execution_query": before}
        statement = check_query(query)
        with silenced():
            reader = connectorx.read_sql(self._address, statement, **how)  # type: ignore[call-overload]
        yield from _frames(reader, silenced)


@contextmanager
def silenced() -> Iterator[None]:
    """Keeps connectorx from writing on the terminal, where it names hosts and values, and tells its errors.

    It writes past Python, so the stream itself is turned away.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a value that it can't convert ends in a panic, which is no Exception
        _fail("the database can't be reached or could not run the query", "Try both in another program.")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _fail(rule: str, remedy: str) -> NoReturn:
    # Not chained: what the driver says names host and user.
    raise QueryFailedError(rule, remedy) from None


def _without(address: str, said: str) -> str:
    """A message in which no part of the address stands."""
    parts = urlsplit(address)
    named = (parts.username, parts.password, parts.hostname, parts.path.strip("/"))
    for secret in sorted({unquote(one) for one in named if one}, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "...", said)
    return said


def _frames(reader: pa.RecordBatchReader, guarded: Guard = nullcontext) -> Iterator[pl.DataFrame]:
    """Frames of record batches; ``guarded`` is what each batch is fetched in."""
    import pyarrow as pa

    _refuse_types(reader.schema)
    yield _frame(pa.Table.from_batches([], schema=reader.schema))
    while True:
        with guarded():
            batch = next(reader, None)
        if batch is None:
            return
        if batch.num_rows:
            yield _frame(pa.Table.from_batches([batch]))


def _refuse_types(schema: pa.Schema) -> None:
    for field in schema:
        name = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
        if name in _IN_QUERY:
            remedy = f"Say in the query what is meant, such as {_IN_QUERY[name]}."
            raise QueryFailedError(f"column {field.name} is of the type {name}", remedy)
    names = schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryFailedError(f"two columns are named {twice[0]}", "Give them names with AS.")


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame([_column(field.name, table.column(field.name)) for field in table.schema])


def _column(name: str, values: pa.ChunkedArray) -> pl.Series:
    import pyarrow as pa

    kind = values.type
    if isinstance(kind, pa.BaseExtensionType):
        stored = values.cast(kind.storage_type)
        if str(kind) == "extension<arrow.uuid>":
            return _uuid(pl.Series(name, stored.cast(pa.binary())))
        values = stored
    series = pl.Series(name, values)
    if series.dtype.is_nested() or series.dtype == pl.Binary:
        raise QueryFailedError(f"column {name} has no text", "Make it a text or a number in the query.")
    # PostgreSQL's numeric comes as text: exact, but with the decimals that its column declares.
    is_numeric = getattr(kind, "type_name", "") == "numeric"
    return series.str.replace(r"\.0+$|(\.\d*[1-9])0+$", "$1") if is_numeric else series


def _uuid(stored: pl.Series) -> pl.Series:
    digits = stored.bin.encode("hex")
    parts = [digits.str.slice(start, length) for start, length in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))]
    return pl.select(pl.concat_str(parts, separator="-").alias(stored.name)).to_series()
