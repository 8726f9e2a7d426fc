"""What docs/analyses.md shows is a valid part of a study file, and shows all of it."""

import re
from pathlib import Path

import yaml

from schemas.analyses import Analyses

GUIDE = Path(__file__).parents[2] / "docs" / "analyses.md"


def blocks() -> list[dict[str, object]]:
    found = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in map(yaml.safe_load, found) if block]


def test_every_example_is_valid() -> None:
    for block in blocks():
        Analyses.model_validate(block)


def test_every_analysis_has_an_example() -> None:
    shown = {key for block in blocks() for key in block}
    assert shown == set(Analyses.model_fields)
