"""Claims for the tests of published figures: built row by row, or the pilot's own."""

from pathlib import Path

import pandas as pd
import yaml

from schemas.claims import Claims
from schemas.instrument import Instrument
from schemas.study import Study
from schemas.vocabulary import estimate_id

ROOT = Path(__file__).parents[3]
PILOT = ROOT / "raw" / "ahs-pilot"
_TEXT = {"claim": "c", "document": "d", "locator": "table 1", "statement": "a figure", "statistic": "percent"}
_REST = {"operator": "=", "value_text": "", "rounding": "unknown", "estimate_id": "", "expected": "agrees"}
_NUMBERS = {"published": None, "decimals": 0, "n": None}


def claims_of(*rows):
    """A frame of claims from the fields that matter."""
    defaults = _TEXT | _REST | _NUMBERS | {"reason": "because"}
    full = [defaults | {"claim": f"c{i}"} | row for i, row in enumerate(rows)]
    frame = pd.DataFrame(full, columns=list(Claims.to_schema().columns))
    return Claims.validate(frame)


def answers(item, figures, n, denominator="asked", instrument="mood", **rest):
    """One claim per printed category of one item at wave w."""
    keys = {"study": "s", "service": "all", "statistic": "share", "instrument": instrument, "wave": "w"}
    return [
        {
            "claim": f"{item}-{category}",
            "published": published,
            "n": n,
            "estimate_id": estimate_id(keys | {"item": item, "category": category, "denominator": denominator}),
        }
        | rest
        for category, published in figures.items()
    ]


def doses(service, n, mean, sd, decimals=(0, 1)):
    """A service's number of clients, mean and SD as claims."""
    keys = {"study": "s", "service": service, "population": "clients", "item": "sessions"}
    printed = [("count", "clients", n, 0), ("mean", "mean", mean, decimals[0]), ("sd", "sd", sd, decimals[1])]
    return [
        {
            "claim": f"{service}-{name}",
            "statistic": kind,
            "published": value,
            "decimals": places,
            "n": None if kind == "count" else n,
            "estimate_id": estimate_id(keys | {"statistic": name}),
        }
        for kind, name, value, places in printed
    ]


def mood(options=("low", "middle", "high"), collapse=(), special=(), items=("calm", "glad")):
    """A small instrument."""
    return Instrument.model_validate(
        {
            "instrument": "mood",
            "title": "Mood",
            "population": "clients",
            "source": "made up",
            "licence": "MIT",
            "headline": options[-1],
            "options": [{"code": i, "id": one, "label": one.title()} for i, one in enumerate(options)],
            "collapse": list(collapse),
            "special": [{"id": one, "label": one.title()} for one in special],
            "items": [{"id": one, "label": one.title()} for one in items],
        }
    )


def pilot_claims():
    """The pilot's claims.csv."""
    numbers = {name: [""] for name in _NUMBERS}
    texts = dict.fromkeys(("value_text", "estimate_id"), str)
    frame = pd.read_csv(PILOT / "claims.csv", keep_default_na=False, na_values=numbers, dtype=texts)
    return Claims.validate(frame)


def pilot_study():
    """The pilot's study file."""
    return Study.model_validate(yaml.safe_load((PILOT / "study.yml").read_text(encoding="utf-8")))


def instrument(name):
    """One of the instrument files."""
    text = (ROOT / "schemas" / "instruments" / f"{name}.yml").read_text(encoding="utf-8")
    return Instrument.model_validate(yaml.safe_load(text))
