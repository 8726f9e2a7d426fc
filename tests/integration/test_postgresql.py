"""Snapshots of a real PostgreSQL, started here from Debian's package."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from pipeline import snapshot
from pipeline.ingest import parquet
from pipeline.problems import ProblemsFoundError
from pipeline.store import Project
from pipeline.studies import load_study

PASSWORD = "s3cret-%40%2Fword"
CONTACTS = """\
CREATE TABLE contacts (id text PRIMARY KEY, client text, team text, day date, minutes numeric(6, 2), at timestamptz,
                       token uuid, paid money);
INSERT INTO contacts
SELECT 'c-' || i, 'p-' || i % 50, 'alder', date '2025-01-01' + i % 300, i % 90 * 0.5, now(),
       '00000000-0000-4000-8000-000000000000', 3
FROM generate_series(1, 400) i;
"""
TOLD = """\
CREATE OR REPLACE FUNCTION told(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE '% is unknown', $1; END $$;
"""
STUDY = """\
study: clinic
title: Clinic
period: {{start: 2025-01-01, end: 2025-12-31}}
source_family: clinic
services:
  - {{id: alder, name: Alder House}}
tables:
  sessions:
    - query: {query}
      connection: {connection}
      data_status: observed
"""
SELECT = "SELECT id AS session, client, team AS service, day AS date, minutes FROM contacts"


def _programs() -> Path | None:
    """Folder of Debian's newest PostgreSQL, else of the one on the path."""
    on_path = shutil.which("psql")
    folders = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    return next(
        (one for one in folders if all((one / name).is_file() for name in ("initdb", "pg_ctl", "psql"))), None
    )


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


class Server:
    """A PostgreSQL that listens on a socket in its own folder only."""

    def __init__(self, programs: Path, folder: Path):
        self.programs, self.folder = programs, folder

    def run(self, program: str, *arguments: str, text: str = "") -> str:
        # PostgreSQL refuses to run as root.
        before = ["runuser", "-u", _user(), "--"] if os.geteuid() == 0 else []
        command = [*before, str(self.programs / program), *arguments]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PGPASSWORD": "s3cret-@/word"}
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, cwd=self.folder, env=environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def execute(self, statements: str) -> str:
        return self.run("psql", "-h", str(self.folder), "-U", "anna", "-qtA", "postgres", text=statements)

    def address(self, user: str = "anna", password: str = PASSWORD, database: str = "postgres") -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"


def _user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    programs = _programs()
    if programs is None:
        missing = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if _is_ci():
            pytest.fail(f"database tests are mandatory in CI, but {missing}", pytrace=False)
        pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _user())
    made = Server(programs, folder)
    data = str(folder / "data")
    (folder / "password").write_text("s3cret-@/word\n", encoding="utf-8")
    (folder / "password").chmod(0o644)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        made.run("initdb", "-D", data, "-U", "anna", "-A", "scram-sha-256", "--pwfile", str(folder / "password"))
        made.run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield made
        made.run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def contacts(server: Server) -> Server:
    server.execute("DROP TABLE IF EXISTS contacts;" + CONTACTS)
    return server


Write = Callable[..., Project]


@pytest.fixture
def write(tmp_path: Path, contacts: Server, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.setenv("CLINIC_DB", contacts.address())

    def made(query: str = SELECT, connection: str = "CLINIC_DB") -> Project:
        folder = tmp_path / "raw" / "clinic"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.yml").write_text(STUDY.format(query=query, connection=connection), encoding="utf-8")
        return Project(tmp_path, tmp_path / "outputs")

    return made


def test_a_snapshot_has_the_rows_and_is_recorded(write: Write) -> None:
    project = write(SELECT + " ORDER BY id")
    (taken,) = snapshot.take(project, "clinic")
    folder = project.raw / "clinic"
    assert taken == snapshot.Taken(folder / "snapshots" / "sessions.parquet", 400, True)
    first = parquet.read(taken.path).frame.row(0, named=True)
    assert first == {
        "#row": 1, "session": "c-1", "client": "p-1", "service": "alder", "date": "2025-01-02", "minutes": "0.5"
    }  # fmt: skip
    (record,) = snapshot.read_manifest(folder).values()
    assert (record.file, record.rows, record.connection) == ("snapshots/sessions.parquet", 400, "CLINIC_DB")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.taken)
    assert _problems(project) == []
    assert taken.path.stat().st_mode & 0o077 == 0, "participants' rows are for their owner only"


def test_the_same_rows_in_another_order_change_nothing(
    write: Write, contacts: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write()
    before = _taken(project, monkeypatch, "2025-01-01")
    contacts.execute("UPDATE contacts SET team = team WHERE id < 'c-3'; VACUUM FULL contacts;")
    assert contacts.execute("SELECT id FROM contacts LIMIT 1") != "c-1\n"
    (again,) = snapshot.take(project, "clinic")
    assert not again.changed
    assert _contents(project) == before
    assert sorted(path.name for path in again.path.parent.iterdir()) == ["sessions.parquet"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contacts SET minutes = 7 WHERE id = 'c-1'",
        "DELETE FROM contacts WHERE id = 'c-1'",
        "INSERT INTO contacts (id) VALUES ('c-0')",
        "ALTER TABLE contacts ALTER minutes TYPE double precision",
        "UPDATE contacts SET client = CASE client WHEN 'p-1' THEN 'p-2' WHEN 'p-2' THEN 'p-1' ELSE client END",
    ],
)
def test_other_rows_are_another_snapshot(change: str, write: Write, contacts: Server) -> None:
    project = write()
    snapshot.take(project, "clinic")
    before = _contents(project)
    contacts.execute(change)
    (again,) = snapshot.take(project, "clinic")
    assert again.changed
    assert _contents(project) != before
    assert _problems(project) == []


def test_a_query_without_a_snapshot_or_changed_since_is_told(write: Write) -> None:
    project = write()
    assert _problems(project) == ["no snapshot of the query has been taken yet"]
    snapshot.take(project, "clinic")
    write(SELECT + " WHERE true")
    assert _problems(project) == ["the query or its connection changed since the snapshot was taken"]
    (again,) = snapshot.take(project, "clinic")
    assert not again.changed, "the other query gives the same rows"
    assert _problems(project) == []


def test_a_snapshot_that_was_edited_is_told_and_taken_anew(write: Write) -> None:
    project = write()
    (taken,) = snapshot.take(project, "clinic")
    pl.read_parquet(taken.path).reverse().write_parquet(taken.path)
    assert _problems(project) == ["the snapshot is not the file that MANIFEST.csv records"]
    assert snapshot.take(project, "clinic")[0].changed
    assert _problems(project) == []


@pytest.mark.parametrize("content", ["", "file,sha256\na,b\n", "file;rows\na;1\n"])
def test_a_manifest_that_is_not_ours_is_told(content: str, write: Write) -> None:
    project = write()
    snapshot.manifest_file(project.raw / "clinic").write_text(content, encoding="utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        snapshot.take(project, "clinic")
    (found,) = caught.value.problems
    assert (found.file, found.rule[:19]) == ("MANIFEST.csv", "the columns are not")


def test_no_rows_are_a_snapshot_too(write: Write) -> None:
    (taken,) = snapshot.take(write(SELECT + " WHERE false"), "clinic")
    frame = parquet.read(taken.path).frame
    assert frame.columns == ["#row", "session", "client", "service", "date", "minutes"]
    assert frame.height == taken.rows == 0


def test_columns_that_are_text_in_the_query_alone(write: Write) -> None:
    query = "SELECT token, paid::numeric AS paid, true AS seen, NULL AS nothing FROM contacts LIMIT 1"
    (taken,) = snapshot.take(write(query), "clinic")
    assert parquet.read(taken.path).frame.row(0) == (1, "00000000-0000-4000-8000-000000000000", "3", "true", None)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("SELECT nothing FROM contacts", 'the database says: column "nothing" does not exist'),
        ("SELECT FROM WHERE", 'the database says: syntax error at or near "WHERE"'),
        ("SELECT client::integer AS n FROM contacts", "the database says: invalid input syntax for type integer"),
        ("SELECT 1 / (minutes - 3) AS n FROM contacts", "the database says: division by zero"),
        ("SELECT nextval('counter') AS n", "the database says: cannot execute nextval() in a read-only transaction"),
        ("SELECT told(client) AS n FROM contacts", "the database could not run the query"),
        ("SELECT paid FROM contacts", "column paid is of the type money"),
        ("SELECT at FROM contacts", "column at is of the type timestamptz"),
        ("SELECT array[1] AS list FROM contacts", "column list has no text"),
        ("SELECT id, id FROM contacts", "two columns are named id"),
        ("DELETE FROM contacts", "the query does not begin with SELECT or WITH"),
    ],
)
def test_a_query_that_fails_is_told_without_values_and_leaves_what_was(
    query: str, rule: str, write: Write, contacts: Server
) -> None:
    contacts.execute("CREATE SEQUENCE IF NOT EXISTS counter;" + TOLD)
    project = write()
    snapshot.take(project, "clinic")
    before = _contents(project)
    write(f'"{query}"')
    with pytest.raises(ProblemsFoundError) as caught:
        snapshot.take(project, "clinic")
    (found,) = caught.value.problems
    assert found.rule == f"{rule} (connection CLINIC_DB)"
    assert (found.file, found.column, found.value) == ("clinic/study.yml", "tables.sessions.0.query", "")
    assert _contents(project) == before
    assert contacts.execute("SELECT count(*) FROM contacts") == "400\n"


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"password": "another"}, "the user or the password is refused"),
        ({"user": "berta"}, "the user or the password is refused"),
        ({"database": "nowhere"}, "there is no such database at the host"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_without_it(
    wrong: dict[str, str], rule: str, write: Write, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write()
    monkeypatch.setenv("CLINIC_DB", server.address(**wrong))
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from pipeline import snapshot; from pipeline.store import Project; "
         "from pathlib import Path; p = Path(sys.argv[1]); snapshot.take(Project(p, p / 'outputs'), 'clinic')",
         str(project.root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rule in done.stderr
    assert "CLINIC_DB" in done.stderr
    said = done.stdout + done.stderr
    assert not [one for one in ("anna", "berta", "s3cret", "another", "nowhere", str(server.folder)) if one in said]
    written = [path.read_bytes() for path in project.root.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in content for content in written)


@pytest.mark.parametrize(
    ("connection", "rule"),
    [
        ("OTHER_DB", "the environment variable OTHER_DB is not set"),
        ("postgresql://anna:s3cret@host/clinic", "`connection` is no name of an environment variable"),
    ],
)
def test_a_connection_that_names_no_variable_is_told(connection: str, rule: str, write: Write) -> None:
    with pytest.raises(ProblemsFoundError) as caught:
        snapshot.take(write(connection=connection), "clinic")
    (found,) = caught.value.problems
    assert found.rule == rule
    assert "s3cret" not in str(caught.value)


def test_a_study_without_queries_needs_no_database(raw_project: Project) -> None:
    assert snapshot.take(raw_project, "mini-river") == []
    assert not snapshot.manifest_file(raw_project.raw / "mini-river").exists()


def _problems(project: Project) -> list[str]:
    folder = project.raw / "clinic"
    return [one.rule for one in snapshot.snapshot_problems(folder, load_study(folder, files=False))]


def _contents(project: Project) -> dict[str, bytes]:
    folder = project.raw / "clinic"
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".yml"}


def _taken(project: Project, monkeypatch: pytest.MonkeyPatch, day: str) -> dict[str, bytes]:
    """Contents after a first snapshot that says it was taken on another day."""
    snapshot.take(project, "clinic")
    path = snapshot.manifest_file(project.raw / "clinic")
    path.write_text(re.sub(r"\d{4}-\d\d-\d\dT", f"{day}T", path.read_text(encoding="utf-8")), encoding="utf-8")
    return _contents(project)
