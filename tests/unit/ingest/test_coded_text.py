"""Ids of documents and codes, made of their names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.coded_text import Code, code_ids, document_ids, slug

IDENTIFIER = re.compile(r"^[a-z0-9][a-z0-9_-]*$")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Role clarity", "role-clarity"),
        ("  THEME – What's it? (Gee) ", "theme-what-s-it-gee"),
        ("Größe & Łódź, Ærø", "grosse-lodz-aero"),
        ("rq1_definition", "rq1-definition"),
        ("12", "12"),
        ("中文 1", ""),
        ("Ψυχή", ""),
        ("***", ""),
    ],
)
def test_a_slug_keeps_letters_and_digits(name: str, wanted: str) -> None:
    assert slug(name) == wanted


def test_documents_of_one_name_are_numbered() -> None:
    assert document_ids(["a.docx", "A.pdf", "a-2", "a"]) == ["a", "a-3", "a-2", "a-4"]


def test_a_point_in_a_name_is_no_file_ending() -> None:
    assert document_ids(["Visit 2.3", "notes.final"]) == ["visit-2-3", "notes-final"]


def test_codes_of_one_name_are_told_apart_by_the_broader_one_in_whatever_order_they_come() -> None:
    codes = [
        Code("r", "Role"),
        Code("rs", "Support", parent="r"),
        Code("t", "Team"),
        Code("ts", "support", parent="t"),
    ]
    ids = {"r": "role", "rs": "role-support", "t": "team", "ts": "team-support"}
    assert code_ids(codes) == ids
    assert code_ids([codes[2], codes[3], codes[0], codes[1]]) == ids


def test_codes_alike_in_all_are_numbered() -> None:
    assert list(code_ids([Code("1", "a"), Code("2", "A"), Code("3", "***")]).values()) == ["a", "a-2", "code-3"]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_ids_are_identifiers_and_unique(names: list[str]) -> None:
    codes = [Code(str(number), name, parent=str(number - 1) if number else None) for number, name in enumerate(names)]
    for ids in (document_ids(names), list(code_ids(codes).values())):
        assert len(set(ids)) == len(names)
        assert all(IDENTIFIER.match(one) for one in ids)
