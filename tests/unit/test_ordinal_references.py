"""What a comparison of ordered answers names has to exist, and nothing is compared twice."""

from pathlib import Path

import pytest

from pipeline.analysis_references import analyses_name_what_exists
from pipeline.studies import instruments, load_study
from schemas.analyses import Ordinal

WAVES = Ordinal(id="o", instrument="clinician-ratings", reference="spring", wave="autumn")
SERVICES = Ordinal(id="s", instrument="client-feedback", reference="alder", wave="autumn", contrast="services")


def findings(*declared: Ordinal):
    study = load_study(Path(__file__).parents[2] / "raw" / "demo-riverbend", files=False)
    analyses = study.analyses.model_copy(update={"ordinal": declared})
    return list(analyses_name_what_exists(study.model_copy(update={"analyses": analyses}), instruments()))


def test_what_exists_has_no_finding():
    assert findings(WAVES, SERVICES) == []


@pytest.mark.parametrize(
    ("declared", "change", "place", "rule"),
    [
        (WAVES, {"reference": "sprin"}, "reference", "unknown wave 'sprin'"),
        (WAVES, {"items": ("hope", "hoop")}, 1, "unknown item 'hoop'"),
        (SERVICES, {"reference": "spring"}, "reference", "unknown service 'spring'"),
    ],
)
def test_what_does_not_exist_is_found(declared, change, place, rule):
    (found,) = findings(declared.model_copy(update=change))
    assert found[0][:3] == ("analyses", "ordinal", 0)
    assert (found[0][-1], found[1]) == (place, rule)


def test_the_same_comparison_twice_is_found():
    (found,) = findings(WAVES, SERVICES, WAVES.model_copy(update={"id": "again", "items": ("hope",)}))
    assert found[0] == ("analyses", "ordinal", 2)
    assert "another one" in found[1]
