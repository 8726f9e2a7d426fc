"""Source documents: a composite vignette says where it lies, and nothing else does."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.documents import Document

REPORT: dict[str, Any] = {"id": "report", "title": "A report", "type": "report"}
VIGNETTE: dict[str, Any] = {
    "id": "story",
    "title": "A story",
    "type": "composite-vignette",
    "part_of": "report",
    "section": "box",
    "pseudonyms": ["Robin"],
}


def test_a_document_needs_no_more_than_a_name_and_a_type() -> None:
    document = Document.model_validate(REPORT)
    assert (document.date, document.participants, document.sha256, document.part_of) == (None, None, "", None)


def test_a_vignette_lies_in_a_section_of_a_document() -> None:
    assert Document.model_validate(VIGNETTE).section == "box"


@pytest.mark.parametrize(
    "content",
    [
        VIGNETTE | {"part_of": None},
        VIGNETTE | {"section": None},
        VIGNETTE | {"type": "report"},
        REPORT | {"part_of": "other"},
        REPORT | {"section": "box"},
        REPORT | {"pseudonyms": ["Robin"]},
    ],
    ids=["no document", "no section", "a report in a section", "part_of", "section", "pseudonyms"],
)
def test_what_is_neither_one_nor_the_other(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="and nothing else, has part_of, section and pseudonyms"):
        Document.model_validate(content)


@pytest.mark.parametrize("change", [{"type": "film"}, {"participants": -1}, {"id": "A report"}, {"date": "2019"}])
def test_what_is_not_valid(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Document.model_validate(REPORT | change)
