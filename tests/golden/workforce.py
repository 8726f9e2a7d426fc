"""Our answers on posts: growth, retention, groups of post holders compared, an average, and penalised models."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.methods.cox import fit, proportional
from pipeline.methods.firth import Firth
from pipeline.methods.log_rank import log_rank
from pipeline.methods.survival import Curve, against, log_log
from pipeline.methods.workforce import grown

Answer = tuple[str, str, float]
Array = np.ndarray[Any, np.dtype[Any]]
Columns = dict[str, Array]

DATA = Path(__file__).parent / "data"
CURVES = ("posts", "few", "untied", "halves", "nobody", "everybody", "freireich", "leukaemia", "ovary")
GROUPS = {
    "posts.mentor": "mentor", "posts.service": "service", "few": "group", "untied": "group", "idle": "group",
    "everybody": "group", "freireich": "group", "leukaemia": "group", "lungs": "group",
}  # fmt: skip
MODELS = {
    "posts.mentor": ["mentor"], "posts.all": ["mentor", "fte", "service:"], "untied": ["group"],
    "freireich": ["group"], "leukaemia": ["group"], "ovary": ["age", "treatment", "residual"],
    "lungs": ["trt", "karno", "group:"],
}  # fmt: skip
AVERAGES = (
    ("posts", 360, 0.75, None), ("posts", 360, 0.75, 200), ("freireich", 20, 0.4, None), ("freireich", 20, 0.4, 60),
    ("leukaemia", 30, 0.4, 15),
)  # fmt: skip
SEPARATED = ([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [1, 2, 4, 5, 7, 3, 2, 6, 8, 5, 9], [0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1])

SKEWED = [0.0] * 14 + [1, 1, 1, 1, 2, 2, 2, 3, 5, 5, 6, 6, 7, 14, 17, 30, 35, 55]
LEFT = (0, 1, 2, 3, 4, 5, 6, 14, 22)


def ours() -> Iterator[Answer]:
    """All answers of the family."""
    with (Path(__file__).parent / "workforce.csv").open(encoding="utf-8", newline="") as stream:
        asked = [(row["case"], row["quantity"]) for row in csv.DictReader(stream)]
    yield from _curves(asked)
    for case, name in GROUPS.items():
        yield from _groups(case, _read(case.partition(".")[0]), name)
    for case, terms in MODELS.items():
        yield from _models(case, _read(case.partition(".")[0]), terms)
    yield from _averages()
    for case, (x, y) in _logits().items():
        yield from _logit(case, x, y)
    for first, last in ((4, 40), (26, 25)):
        found = grown(first, last, 1096)
        case = f"from {first} to {last}"
        yield case, "growth", found["growth"]
        yield case, "ratio", found["growth_ratio"]
        yield case, "per year", found["growth_per_year"]
        yield case, "ratio per year", found["growth_ratio_per_year"]


def _read(name: str) -> Columns:
    rows = np.genfromtxt(DATA / f"workforce_{name}.csv", delimiter=",", names=True)
    return {column: rows[column] for column in rows.dtype.names}


def _spells(data: Columns) -> list[tuple[int, bool]]:
    return [(int(day), bool(over)) for day, over in zip(data["days"], data["ended"], strict=True)]


def _curve(name: str) -> Curve:
    data = _read(name)
    if name == "freireich":  # the curve of the treated alone
        data = {column: values[data["group"] == 1] for column, values in data.items()}
    return Curve.of(_spells(data))


def _curves(asked: list[tuple[str, str]]) -> Iterator[Answer]:
    for name in CURVES:
        curve = _curve(name)
        for case, quantity in asked:
            if case == name and quantity.startswith("survival at"):
                day = quantity.rpartition(" ")[2]
                found = curve.at(float(day))
                assert found is not None
                yield case, quantity, found[0]
                if 0 < found[0] < 1:
                    yield from zip(
                        [name] * 2, [f"low at {day}", f"high at {day}"], log_log(*found, 0.95), strict=True
                    )
        for level in (0.95, 0.9):
            half = curve.median(level)
            ends = {"median": half.value, "median low": half.low, "median high": half.high}
            yield from ((name, f"{what} {level}", value) for what, value in ends.items() if value is not None)


def _groups(case: str, data: Columns, name: str) -> Iterator[Answer]:
    kinds, group = np.unique(data[name], return_inverse=True)
    found = log_rank(data["days"], data["ended"] == 1, group, len(kinds))
    for place in range(len(kinds)):
        yield case, f"observed {place + 1}", found.observed[place]
        yield case, f"expected {place + 1}", found.expected[place]
    assert found.chi_square is not None
    assert found.p is not None
    yield case, "log-rank", found.chi_square
    yield case, "log-rank p", found.p


def _models(case: str, data: Columns, terms: list[str]) -> Iterator[Answer]:
    columns, places = [], []
    for term in terms:
        kinds = np.unique(data[term.rstrip(":")])[1:] if term.endswith(":") else [None]
        places.append(list(range(len(columns), len(columns) + len(kinds))))
        values = data[term.rstrip(":")]
        columns += [values if kind is None else (values == kind).astype(float) for kind in kinds]
    x, days, ended = np.column_stack(columns), data["days"], data["ended"] == 1
    found = fit(days, ended, x)
    assert found is not None
    for place, (value, variance) in enumerate(zip(found.coefficients, np.diag(found.covariance), strict=True), 1):
        yield case, f"coefficient {place}", value
        yield case, f"se {place}", variance**0.5
    yield case, "log likelihood", found.log_likelihood
    yield case, "null log likelihood", found.null_log_likelihood
    every = list(range(len(columns)))
    tests = proportional(days, ended, x, found.coefficients, [*([one] for one in every), every, places[-1]])
    for name, test in zip([*(str(one + 1) for one in every), "all", "last term"], tests, strict=True):
        assert test is not None
        if name != "last term" or len(places[-1]) > 1:
            yield case, f"zph {name}", test.chi_square
        if name.isdigit() or (name == "last term" and len(places[-1]) > 1):
            yield case, f"zph {'p ' + name if name.isdigit() else name + ' p'}", test.p


def _averages() -> Iterator[Answer]:
    for name, day, average, n in AVERAGES:
        at = _curve(name).at(day)
        assert at is not None
        found = against(*at, average, n, 0.95)
        case = f"average {name} n {n or 'unknown'}"
        yield case, "difference", found.difference
        yield case, "low", found.low
        yield case, "high", found.high
        yield case, "p", found.p


def _logits() -> dict[str, tuple[Array, Array]]:
    women, posts = _read("endometrial"), _read("posts")
    known = (posts["days"] >= 360) | (posts["ended"] == 1)
    return {
        "endometrial": (np.column_stack([women["NV"], women["PI"], women["EH"]]), women["HG"]),
        "posts": (
            np.column_stack([posts[name][known] for name in ("mentor", "fte", "absence")]),
            (posts["days"][known] > 360).astype(float),
        ),
        "separated": (np.column_stack(SEPARATED[:2]).astype(float), np.array(SEPARATED[2])),
        "skewed": (np.array(SKEWED)[:, None], np.array([0.0 if one in LEFT else 1.0 for one in range(32)])),
        "perfect": (np.array([[0.0]] * 4 + [[1.0]] * 3), np.array([0, 0, 0, 0, 1, 1, 1])),
        "balanced": (np.array([[0.0]] * 4 + [[1.0]] * 4), np.array([0, 1, 0, 1, 1, 0, 0, 1])),
    }


def _logit(case: str, x: Array, y: Array) -> Iterator[Answer]:
    model = Firth(x, y)
    found = model.fit()
    assert found is not None
    for place, (value, variance) in enumerate(zip(found.coefficients, np.diag(found.covariance), strict=True)):
        yield case, f"firth {place}", value
        yield case, f"firth se {place}", variance**0.5
    for place in range(x.shape[1]):
        profile = model.profile(place, 0.95)
        assert profile is not None
        assert profile.low is not None
        assert profile.high is not None
        yield case, f"profile low {place + 1}", profile.low
        yield case, f"profile high {place + 1}", profile.high
        yield case, f"penalised p {place + 1}", profile.p
