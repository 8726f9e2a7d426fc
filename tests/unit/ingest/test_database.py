"""What is asked of a query and an address before any database is spoken to."""

import os
import sys
import traceback

import pytest

from pipeline.ingest.database import QueryFailedError, check_query, connected, silenced

SECRETS = ("anna", "s3cret", "db.example.invalid")


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (" SELECT 1; \n", "SELECT 1"),
        ("with a as (select 1) select * from a", "with a as (select 1) select * from a"),
        ("(select 1) union (select 2)", "(select 1) union (select 2)"),
        ("select 1 -- delete; all\n;", "select 1"),
        ("/* drop; */ select 1", "select 1"),
        (
            "select ';', 'it''s -- no comment', \"update\" from t",
            "select ';', 'it''s -- no comment', \"update\" from t",
        ),
        ("select $$a; drop$$, $t$ ' $t$", "select $$a; drop$$, $t$ ' $t$"),
        ("select updated, deleted_at from t", "select updated, deleted_at from t"),
    ],
)
def test_one_statement_that_reads_is_let_through(query: str, sent: str) -> None:
    assert check_query(query) == sent


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("", "the query does not begin with SELECT or WITH"),
        ("delete from contacts", "the query does not begin with SELECT or WITH"),
        ("-- select\ndrop table contacts", "the query does not begin with SELECT or WITH"),
        ("select 1; drop table contacts", "the query is several statements"),
        ("select 'a' ; ; select 2", "the query is several statements"),
        ("with gone as (delete from contacts returning *) select * from gone", "the query has the word DELETE"),
        ("select * into copy from contacts", "the query has the word INTO"),
        ("select * from contacts for update", "the query has the word UPDATE"),
        ("select 1 /*! ; drop table contacts */", "the query has a comment that MySQL runs (/*!)"),
    ],
)
def test_what_does_more_than_read_is_refused(query: str, rule: str) -> None:
    with pytest.raises(QueryFailedError) as caught:
        check_query(query)
    assert caught.value.rule == rule
    assert caught.value.remedy


@pytest.mark.parametrize(
    "address", ["sqlite:///anna", "oracle://anna:s3cret@db.example.invalid/x", "anna:s3cret@db.example.invalid", ""]
)
def test_other_databases_are_refused_with_the_list(address: str) -> None:
    with pytest.raises(QueryFailedError) as caught, connected(address):
        pass
    assert "postgresql://, mysql:// or mssql://" in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    ("scheme", "module"), [("postgresql", "adbc_driver_postgresql"), ("mysql", "connectorx"), ("mssql", "connectorx")]
)
def test_a_missing_driver_says_how_to_install_it(scheme: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    address = f"{scheme}://anna:s3cret@db.example.invalid/clinic"
    with pytest.raises(QueryFailedError) as caught, connected(address) as database:
        list(database.batches("select 1"))
    assert "not installed" in caught.value.rule
    assert "[sql]" in caught.value.remedy


def test_a_host_that_is_not_there_is_told_without_its_name() -> None:
    with pytest.raises(QueryFailedError) as caught, connected("postgresql://anna:s3cret@db.example.invalid/clinic"):
        pass
    assert caught.value.rule == "the host is not known"
    assert caught.value.__suppress_context__


def test_a_driver_that_writes_past_python_is_silenced_and_its_errors_are_ours(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        os.write(2, b"anna at db.example.invalid")
        raise RuntimeError("anna at db.example.invalid")

    with pytest.raises(QueryFailedError) as caught, silenced():
        fail()
    os.write(2, b"heard again")
    assert capfd.readouterr().err == "heard again"
    assert not any(secret in "".join(traceback.format_exception(caught.value)) for secret in SECRETS)
