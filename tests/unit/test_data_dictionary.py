"""The data dictionary is what the schemas say: no drift, and nothing without a description."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from schemas.instrument import Instrument
from schemas.study import Study, Tables
from schemas.synthesis import Synthesis

SCRIPT = Path(__file__).parents[2] / "docs" / "make_data_dictionary.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_data_dictionary", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up while it is made.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
    return module


def test_the_committed_file_is_what_the_schemas_say(script: ModuleType) -> None:
    committed = script.TARGET.read_text(encoding="utf-8")
    assert committed == script.dictionary(), "run: python docs/make_data_dictionary.py"


def test_every_record_table_of_the_study_file_is_in_it(script: ModuleType) -> None:
    named = {table.name for table in script.RECORDS}
    assert set(Tables.model_fields) <= named


def test_every_column_has_a_description(script: ModuleType) -> None:
    described = script.described()
    bare = [
        f"{table.model}.{name}"
        for table in (*script.RECORDS, *script.RESULTS)
        for name, column in script.columns(table).items()
        if not (column.description or described.get(f"column.{name}"))
    ]
    assert not bare


@pytest.mark.parametrize("model", [Study, Instrument, Synthesis])
def test_every_key_has_a_description(script: ModuleType, model: type[BaseModel]) -> None:
    assert [f"{block}.{key}" for block, key, text in script.keys(model) if not text] == []


def test_no_description_stands_in_two_places(script: ModuleType) -> None:
    """What the schemas describe, or no longer have, is not described in ``key_descriptions.yml``."""
    needed = {f"column.{name}" for name in _undescribed_columns(script)}
    for model in (Study, Instrument, Synthesis):
        for name, block in script._blocks(model).items():
            needed |= {f"{name}.{key}" for key, field in block["properties"].items() if not field.get("description")}
    assert set(script.described()) - needed == set(), "remove these from docs/key_descriptions.yml"


def _undescribed_columns(script: ModuleType) -> set[str]:
    tables = (*script.RECORDS, *script.RESULTS)
    return {name for table in tables for name, column in script.columns(table).items() if not column.description}
