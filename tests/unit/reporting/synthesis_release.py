"""A small synthesis as the real assets release it: two studies on two programmes, and a fictional one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pipeline.assets import synthesis as assets
from pipeline.graph import Node
from pipeline.methods.results import Context, Ledger
from pipeline.release import merge, write_release, write_synthesis
from pipeline.store import Project
from schemas.vocabulary import REASONS
from tests.unit.reporting.synthesis_declared import SYNTHESIS

STUDIES = {
    "quay": ("Quay", "NZ", "family-q", False),
    "mill": ("Mill", "CA, NO", "family-m", False),
    "made-up": ("Made up", "ZZ", "made-up", True),
}
DOCUMENTS = {
    "quay": [
        ("report", "The report", "report", "evaluators", "2014-07-29", ""),
        ("tale", "A tale", "composite-vignette", "", "", "report"),
    ],
    "mill": [("page", "Our page", "web page", "", "", "")],
    "made-up": [("diary", "A diary", "diary", "peers", "2020-01-01", "")],
}
SECTIONS = [
    ("quay", "report", "cover", "Cover", "nothing but a title", 0),
    ("quay", "report", "talks", "What was said", "", 5),
    ("mill", "page", "all", "The page", "", 3),
    ("made-up", "diary", "all", "Diary", "", 1),
]
SEGMENTS = [
    ("quay", "heard", "Peers felt trusted.", "participant-data", "peer-workers", False, False),
    ("quay", "doubt", "Some staff had doubts.", "evaluator-finding", "staff;peer-workers", False, False),
    ("quay", "print", "Half were hopeful.", "participant-data", "service-users", True, False),
    ("quay", "tale", "Robin made tea.", "participant-data", "none", False, True),
    ("quay", "advice", "Trust peers.", "recommendation", "none", False, False),
    ("mill", "said", "Users found hope.", "participant-data", "service-users", False, False),
    ("mill", "claim", "Our work is grand.", "promotional", "none", False, False),
    ("mill", "tired", "Peers were tired.", "participant-data", "peer-workers", False, False),
    ("made-up", "said", "All is well.", "participant-data", "peer-workers", False, False),
]
CODINGS = [
    ("quay", "heard", "trust", "supports"),
    ("quay", "doubt", "trust", "hinders"),
    ("quay", "print", "hope", "supports"),
    ("quay", "tale", "trust", "supports"),
    ("quay", "advice", "trust", "supports"),
    ("mill", "said", "hope", "supports"),
    ("mill", "said", "ease", "mixed"),
    ("mill", "claim", "trust", "supports"),
    ("mill", "tired", "strain", "supports"),
    ("made-up", "said", "hope", "supports"),
]
FINDINGS = [
    ("quay", "f1", "trusted", "heard ; advice ; print ; tale", "doubt"),
    ("mill", "f1", "trusted", "said ; tired", ""),
    ("made-up", "f1", "trusted", "said", ""),
]
CODEBOOK = pd.DataFrame(
    [
        ("trust", "factor", "Trust"),
        ("rest", "factor", "Rest"),
        ("ease", "mechanism", "Ease"),
        ("hope", "outcome", "Hope"),
        ("calm", "outcome", "Calm"),
        ("work", "outcome", "Work"),
        ("home", "outcome", "Home"),
        ("strain", "harm", "Strain"),
    ],
    columns=["code", "theme", "label"],
)
_KEYS = {
    "instrument": "survey",
    "item": "hopeful",
    "category": "yes",
    "denominator": "answered",
    "unit": "proportion",
}


def released_synthesis(folder: Path) -> Project:
    """A project whose synthesis is released, figures included."""
    project = Project(folder, folder / "outputs")
    for study in STUDIES:
        write_release(project, study, _frames(study))
    names = (
        "studies",
        "documents",
        "sections",
        "segments",
        "codings",
        "findings",
        "labels",
        "indicators",
        "estimates",
        "claims",
    )
    merge(project, list(STUDIES), names)
    write_synthesis(project, "codebook", CODEBOOK)
    path = project.raw / "_shared" / "synthesis.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(SYNTHESIS, sort_keys=False), encoding="utf-8")
    for make in (assets.framework, assets.findings, assets.joint_display, assets.pooling, assets.figures):
        make(Node(("synthesis", make.__name__), "synthesis", "", "", inputs=(path,)), project)
    return project


def _frames(study: str) -> dict[str, pd.DataFrame]:
    title, country, family, fictional = STUDIES[study]
    about = {
        "title": f"The {title}", "short_title": title, "country": country, "source_family": family,
        "fictional": fictional,
    }  # fmt: skip
    return {
        "studies": _named(study, [tuple(about.values())], *about),
        "documents": _named(
            study, DOCUMENTS[study], "document", "title", "type", "author_role", "date", "part_of"
        ),
        "sections": _rows(study, SECTIONS, "document", "section", "title", "not_coded", "segments"),
        "segments": _segments(study),
        "codings": _rows(study, CODINGS, "segment", "code", "polarity").assign(coder="coder-1"),
        "findings": _rows(study, FINDINGS, "finding", "synthesis", "segments", "disconfirming"),
        "labels": _labels(study),
        "indicators": _indicators(study),
        "estimates": _estimates(study),
        "claims": _claims(study),
    }  # fmt: skip


def _named(study: str, rows: list[Any], *columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    frame.insert(0, "study", study)
    return frame


def _rows(study: str, rows: list[Any], *columns: str) -> pd.DataFrame:
    return _named(study, [row[1:] for row in rows if row[0] == study], *columns)


def _segments(study: str) -> pd.DataFrame:
    columns = ("segment", "summary", "basis", "respondent_group", "figures", "illustration")
    frame = _rows(study, SEGMENTS, *columns)
    counted = frame["basis"].isin(["participant-data", "evaluator-finding"])
    return frame.assign(counts=counted & ~frame["figures"] & ~frame["illustration"])


def _labels(study: str) -> pd.DataFrame:
    rows = [
        ("service", "", "north", "North", 0),
        ("service", "", "all", "All services", 1),
        ("wave", "", "w1", "Round 1", 0),
        ("wave", "", "w2", "Round 2", 1),
        ("instrument", "", "survey", "Survey", 0),
        ("item", "survey", "hopeful", "More hopeful", 0),
        ("item", "survey", "calmer", "Calmer", 1),
        ("category", "survey", "yes", "Yes", 0),
        ("category", "survey", "some", "To some extent", 1),
        ("category", "survey", "no", "No", 2),
    ]
    return _named(study, rows, "kind", "parent", "id", "label", "order")


def _indicators(study: str) -> pd.DataFrame:
    """Hope is asked with two answers and calm with three; of the mill's figures one is promotion."""
    asked = [
        ("hope", "survey", "hopeful", "yes", "yes", "", "participant-data"),
        ("calm", "survey", "calmer", "yes", "yes ; some ; no", "", "participant-data"),
    ]
    printed = [
        ("work", "", "", "", "", "mill/all/headcount/*", "evaluator-finding"),
        ("work", "", "", "", "", "mill/all/retention/*", "promotional"),
    ]
    columns = ("code", "instrument", "item", "headline", "options", "pattern", "basis")
    return _named(study, printed if study == "mill" else asked, *columns)


HOPE = "quay/all/share/instrument=survey/item=hopeful/category=yes/wave={}/denominator=answered"
CLAIMS = [
    ("quay", "percent", "=", 51, "", HOPE.format("w2")),
    ("quay", "percent", "=", 90, "", ""),
    ("mill", "count", "=", 12, "", "mill/all/headcount/population=peer workers/wave=w1"),
    ("mill", "percent", ">", 90, "", "mill/all/retention/population=peer workers"),
]


def _claims(study: str) -> pd.DataFrame:
    columns = ("statistic", "operator", "published", "value_text", "estimate_id")
    return _rows(study, CLAIMS, *columns).assign(decimals=0)


def _estimates(study: str) -> pd.DataFrame:
    ledger = Ledger(Context(study, "demonstration" if study == "made-up" else "observed"))
    if study == "quay":
        for wave, value in (("w1", 0.4), ("w2", 0.5)):
            ledger.estimate(
                "share", value, service="all", wave=wave, low=value - 0.1, high=value + 0.1, n=50, **_KEYS
            )
        ends = {"low": -0.02, "high": 0.22}
        ledger.estimate(
            "difference", 0.1, service="all", wave="w2", reference="w1", contrast="waves", p_adjusted=0.04, **_KEYS,
            **ends,
        )  # fmt: skip
        for answer, value in (("no", 0.1), ("some", 0.3), ("yes", 0.6)):
            keys = _KEYS | {"item": "calmer", "category": answer}
            ledger.estimate("share", value, service="all", wave="w1", n=50, **keys)
    elif study == "mill":
        posts = {"population": "peer workers", "unit": "posts", "method": "as published"}
        ledger.estimate("headcount", 12, service="all", wave="w1", **posts)
        kept = posts | {"unit": "proportion"}
        ledger.estimate("retention", None, service="all", low=0.9, reason=f"{REASONS['as_bound']}: more than", **kept)
    else:
        for service, events in (("north", 10), ("east", 12), ("west", 8)):
            ledger.estimate("share", events / 20, service=service, wave="w2", n=20, events=events, **_KEYS)
        ledger.estimate("share", 0.5, service="north", wave="w2", n=20, events=10, **(_KEYS | {"item": "calmer"}))
    return ledger.results().estimates.assign(suppressed=False)
