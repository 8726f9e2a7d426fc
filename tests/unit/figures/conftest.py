"""Estimates as the methods make them, with numbers chosen by the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pytest

from pipeline.methods.results import Context, Ledger

Maker = Callable[..., pd.DataFrame]


def bounds(share: float, n: float) -> dict[str, float]:
    """An interval around a share: rough, because figures only draw what they are given."""
    reach = 1.96 * (0.25 / max(n, 1)) ** 0.5 * 0.9
    return {"low": max(0.0, share - reach), "high": min(1.0, share + reach), "level": 0.95}


def finish(ledger: Ledger, identified: str = "") -> pd.DataFrame:
    """The collected estimates; ``identified`` overrides the verdict on reconstructed rows."""
    frame = ledger.results().estimates
    return frame.assign(identified=identified) if identified else frame


def make_labels(study: str = "s", **kinds: Mapping[str, str]) -> pd.DataFrame:
    """Labels of kinds such as ``service={...}`` or ``item_survey={...}`` (kind and parent)."""
    rows = [
        {"study": study, "kind": name.partition("_")[0], "parent": name.partition("_")[2].replace("_", "-"),
         "id": one, "label": label, "order": order, "direction": ""}
        for name, entries in kinds.items()
        for order, (one, label) in enumerate(entries.items())
    ]  # fmt: skip
    columns = ["study", "kind", "parent", "id", "label", "order", "direction"]
    return pd.DataFrame(rows, columns=columns)


def make_feedback(
    counts: Mapping[str, Mapping[str, int]],
    collapsed: Mapping[str, Sequence[str]] | None = None,
    special: Sequence[str] = (),
    status: str = "observed",
    instrument: str = "survey",
    wave: str = "w1",
    service: str = "all",
) -> pd.DataFrame:
    """Shares of asked and answered from counts per item (category to count, ``missing`` included)."""
    ledger = Ledger(Context("s", status))
    for item, given in counts.items():
        asked = sum(given.values())
        answered = asked - sum(given.get(one, 0) for one in (*special, "missing"))
        events = dict(given) | {one: sum(given[o] for o in parts) for one, parts in (collapsed or {}).items()}
        for denominator, n in (("asked", asked), ("answered", answered)):
            for category, k in events.items():
                if denominator == "asked" or category not in (*special, "missing"):
                    keys = {"instrument": instrument, "item": item, "category": category, "wave": wave}
                    share = k / n if n else None
                    interval = bounds(share, n) if share is not None else {}
                    ledger.estimate(
                        "share", share, service=service, population="clients", denominator=denominator, n=n,
                        events=k, reason="" if n else "no rows", **keys, **interval,
                    )  # fmt: skip
    return finish(ledger, "exact" if status == "reconstructed" else "")


def make_rounds(
    shares: Mapping[str, tuple[float, float]], linked: bool = False, status: str = "observed", n: int = 40
) -> pd.DataFrame:
    """Two waves ``w1`` and ``w2``: their shares of the answered, and the differences."""
    ledger = Ledger(Context("s", status))
    for item, pair in shares.items():
        keys = {"instrument": "survey", "item": item, "category": "yes", "denominator": "answered"}
        for wave, share in zip(("w1", "w2"), pair, strict=True):
            ledger.estimate("share", share, service="all", wave=wave, n=n, **bounds(share, n), **keys)
        value = pair[1] - pair[0]
        model = "linked" if linked else "independent"
        ledger.estimate(
            "difference", value, service="all", wave="w2", reference="w1", contrast="waves", model=model, n=n,
            family="two-rounds", low=value - 0.2, high=value + 0.2, level=0.95, p=0.04, p_adjusted=0.0441,
            reason="" if linked else "sensitivity: assumes that nobody is in both groups", **keys,
        )  # fmt: skip
    return finish(ledger, "exact" if status == "reconstructed" else "")


def make_mix(shares: Mapping[str, float | None], method: str = "", status: str = "observed") -> pd.DataFrame:
    """Group and individual support per service; ``None`` where it was published as uncertain."""
    ledger = Ledger(Context("s", status))
    for service, group in shares.items():
        for category, share in (("group", group), ("individual", None if group is None else 1 - group)):
            ledger.estimate(
                "share", share, service=service, population="support", item="support", category=category,
                denominator="not-stated" if method else "contacts", n=None if method else 120, method=method,
                reason="" if share is not None else "published as uncertain",
            )  # fmt: skip
    return finish(ledger)


def make_activities(shares: Mapping[str, Mapping[str, float]], status: str = "observed") -> pd.DataFrame:
    """Share of contacts by activity, per service."""
    ledger = Ledger(Context("s", status))
    for service, given in shares.items():
        for category, share in given.items():
            keys = {"population": "support", "item": "activity", "category": category}
            ledger.estimate("share", share, service=service, denominator="contacts", n=400, **keys)
    return finish(ledger)


def make_sessions(means: Mapping[str, float | None], spread: bool = True, status: str = "observed") -> pd.DataFrame:
    """Clients, mean and SD of sessions per service; with ``spread`` also median, quantiles, interval."""
    ledger = Ledger(Context("s", status))
    for service, mean in means.items():
        keys = {"service": service, "population": "clients", "item": "sessions", "n": 47}
        if mean is None:
            ledger.estimate("mean", None, reason="published as uncertain", **keys)
            continue
        interval = {"low": mean * 0.8, "high": mean * 1.25, "level": 0.95} if spread else {}
        ledger.estimate("mean", mean, **keys, **interval)
        ledger.estimate("sd", mean * 0.9, **keys)
        ledger.estimate("clients", 47, **keys)
        if spread:
            ledger.estimate("median", mean * 0.75, **keys)
            for at, factor in (("0.25", 0.4), ("0.75", 1.4), ("0.9", 2.2)):
                ledger.estimate("quantile", mean * factor, at=at, **keys)
    return finish(ledger, "to_rounding" if status == "reconstructed" else "")


def make_ratios(ratios: Mapping[str, float], reference: str, status: str = "observed") -> pd.DataFrame:
    """Rate ratios of services to one of them."""
    ledger = Ledger(Context("s", status))
    for service, ratio in ratios.items():
        ledger.estimate(
            "rate_ratio", ratio, service=service, population="clients", item="sessions", contrast="services",
            reference=reference, model="zero-truncated negative binomial", low=ratio / 1.3, high=ratio * 1.3,
            level=0.95,
        )  # fmt: skip
    return finish(ledger)


def make_services(
    shares: Mapping[str, Mapping[str, tuple[float, int]]], overall: float, status: str = "observed"
) -> pd.DataFrame:
    """Item to service to (share, n), with funnel limits around ``overall`` and pooled shares."""
    ledger = Ledger(Context("s", status))
    for item, given in shares.items():
        keys = {"instrument": "survey", "item": item, "category": "yes", "wave": "w1"}
        answered = {"denominator": "answered"} | keys
        total = sum(n for _, n in given.values())
        ledger.estimate("share", overall, service="all", n=total, **answered, **bounds(overall, total))
        for service, (share, n) in given.items():
            ledger.estimate("share", share, service=service, n=n, **answered, **bounds(share, n))
            for at, z in (("0.95", 1.96), ("0.998", 3.09)):
                reach = z * (overall * (1 - overall) / n) ** 0.5
                ledger.estimate(
                    "funnel_limits", None, service=service, at=at, reference="all", n=n, level=float(at),
                    low=max(0.0, overall - reach), high=min(1.0, overall + reach), **answered,
                )  # fmt: skip
        pooled = {"service": "all", "model": "random effects"} | answered
        ledger.estimate("pooled_share", overall, **pooled, **bounds(overall, total))
        ledger.estimate("prediction_interval", None, low=overall - 0.25, high=overall + 0.2, level=0.95, **pooled)
        ledger.estimate("heterogeneity_i2", 0.43, **pooled)
    return finish(ledger)


def make_headcount(posts: Mapping[str, Mapping[str, int]], status: str = "observed") -> pd.DataFrame:
    """Posts filled: service to date to number."""
    ledger = Ledger(Context("s", status))
    for service, given in posts.items():
        for at, number in given.items():
            ledger.estimate("headcount", number, service=service, population="peer workers", at=at)
    return finish(ledger)


def make_retention(shares: Mapping[str, Mapping[str, float]], status: str = "observed") -> pd.DataFrame:
    """Retention: service to days to share."""
    ledger = Ledger(Context("s", status))
    for service, given in shares.items():
        for at, share in given.items():
            keys = {"population": "peer workers", "at": at, "n": 9}
            ledger.estimate("retention", share, service=service, **keys, **bounds(share, 9))
    return finish(ledger)


@pytest.fixture
def labels() -> Maker:
    return make_labels


@pytest.fixture
def feedback() -> Maker:
    return make_feedback


@pytest.fixture
def two_rounds() -> Maker:
    return make_rounds


@pytest.fixture
def mix() -> Maker:
    return make_mix


@pytest.fixture
def activities() -> Maker:
    return make_activities


@pytest.fixture
def sessions() -> Maker:
    return make_sessions


@pytest.fixture
def ratios() -> Maker:
    return make_ratios


@pytest.fixture
def compared_services() -> Maker:
    return make_services


@pytest.fixture
def headcount() -> Maker:
    return make_headcount


@pytest.fixture
def retention() -> Maker:
    return make_retention
