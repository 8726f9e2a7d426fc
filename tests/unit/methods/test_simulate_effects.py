"""Every declared effect comes back from a large simulation of a study that is not the demonstration one."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats
from scipy.integrate import quad
from scipy.special import expit

from pipeline.methods.simulate import simulate
from schemas.instrument import Instrument
from schemas.simulation import Simulation
from schemas.study import Study

STUDY = {
    "study": "made-up",
    "title": "Made up",
    "period": {"start": "2030-02-01", "end": "2031-01-31"},
    "source_family": "made-up",
    "fictional": True,
    "services": [{"id": "north", "name": "North"}, {"id": "south", "name": "South"}],
    "waves": [
        {"id": "later", "label": "Later", "start": "2030-12-01", "end": "2030-12-31"},
        {"id": "before", "label": "Before", "start": "2030-06-01", "end": "2030-06-30"},
    ],
}
INSTRUMENT = Instrument.model_validate(
    {
        "instrument": "mood",
        "title": "Mood",
        "population": "staff",
        "source": "made up",
        "licence": "MIT",
        "headline": "high",
        "options": [
            {"code": 3, "id": "high", "label": "High"},
            {"code": 1, "id": "low", "label": "Low"},
            {"code": 2, "id": "middle", "label": "Middle"},
        ],
        "special": [{"id": "none", "label": "n/a"}],
        "items": [{"id": "calm", "label": "Calm"}, {"id": "tired", "label": "Tired", "reverse": True}],
    }
)
ITEMS = {
    "calm": {"thresholds": [-1.5, 0.8], "shift": {"later": 0.6}},
    "tired": {"thresholds": [-0.4, 1.2], "shift": {"later": -0.3}},
}
SURVEY = {
    "instrument": "mood",
    "asked": "staff",
    "invited": {"north": 0.9, "south": 0.7},
    "answered": {"north": 0.6, "south": 0.8},
    "blank": 0.1,
    "special": {"none": 0.05},
    "person_sd": 1.4,
    "stability": 0.6,
    "turnover": 0.2,
    "services": {"south": -0.7},
    "items": ITEMS,
}
WORKFORCE = {
    "opened": {"start": "2027-01-01", "end": "2028-12-31"},
    "vacancy_days": {"low": 10, "usual": 20, "high": 60},
    "time_in_post": {"median_days": 500, "shape": 1.3, "mentor_hazard_ratio": 0.5},
    "mentor": 0.4,
    "trained": 0.7,
    "roles": {"peer worker": 1},
    "fte": {1.0: 0.5, 0.5: 0.5},
    "end_reasons": {"resigned": 0.75, "retired": 0.25},
    "absence_days_per_year": 9,
}
SESSIONS = {
    "caseload": {"share": 0.5, "within_days": 30},
    "gap_days": 5,
    "no_show": 0.15,
    "joint": 0.01,
    "modes": {
        "in person": {
            "share": 0.7,
            "minutes": {"low": 20, "usual": 40, "high": 90},
            "activities": {"walk": 0.25, "other": 0.75},
        },
        "text": {"share": 0.3, "minutes": {"low": 5, "usual": 5, "high": 5}, "activities": {"other": 1}},
    },
}
GROUPS = {
    "minutes": {"low": 60, "usual": 60, "high": 60},
    "participants": {"low": 3, "usual": 5, "high": 13},
    "activities": {"choir": 0.6, "garden": 0.4},
}
Frames = dict[str, pl.DataFrame]


def _file(name: str, **more: str) -> list[dict[str, str]]:
    return [{"file": name, "data_status": "demonstration"} | more]


def _simulate(tables: dict[str, Any], services: dict[str, Any], **blocks: Any) -> Frames:
    study = Study.model_validate(STUDY | {"tables": tables})
    config = Simulation.model_validate({"seed": 11, "services": services} | blocks)
    return simulate(config, study, {"mood": INSTRUMENT})


@pytest.fixture(scope="module")
def contacts() -> Frames:
    services = {
        "north": {"clients": 4000, "posts": 6, "sessions_mean": 6.0, "dispersion": 0.5, "group_share": 0.3},
        "south": {"clients": 4000, "posts": 6, "sessions_mean": 2.5, "dispersion": 1.5, "group_share": 0.05},
    }
    tables = {"sessions": _file("s.csv"), "groups": _file("g.csv")}
    return _simulate(tables, services, workforce=WORKFORCE, sessions=SESSIONS, groups=GROUPS)


@pytest.fixture(scope="module")
def posts() -> pl.DataFrame:
    services = {"north": {"posts": 1500}, "south": {"posts": 1500, "leaving": 1.6}}
    return _simulate({"workforce": _file("w.csv")}, services, workforce=WORKFORCE)["w.csv"]


def _surveys(**changes: Any) -> Frames:
    tables = {
        "surveys": [
            *_file("before.csv", instrument="mood", wave="before", link="respondent"),
            *_file("later.csv", instrument="mood", wave="later", link="respondent"),
        ],
        "response": _file("response.csv"),
    }
    services = {"north": {"staff": 8000}, "south": {"staff": 8000}}
    return _simulate(tables, services, surveys=[SURVEY | changes])


@pytest.fixture(scope="module")
def surveys() -> Frames:
    return _surveys()


def _within(share: float, expected: float, n: float) -> bool:
    """Within four standard errors."""
    return abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


@pytest.mark.parametrize(("service", "mean", "dispersion"), [("north", 6.0, 0.5), ("south", 2.5, 1.5)])
def test_sessions_per_client(contacts: Frames, service: str, mean: float, dispersion: float) -> None:
    attended = contacts["s.csv"].filter(pl.col("attended") & (pl.col("service") == service))
    counts = attended.group_by("client").len()["len"].to_numpy()
    assert len(counts) == 4000
    assert counts.mean() == pytest.approx(mean, abs=4 * counts.std() / math.sqrt(len(counts)))

    def loss(parameters: np.ndarray) -> float:
        mu, alpha = np.exp(parameters)
        fitted = stats.nbinom(1 / alpha, 1 / (1 + alpha * mu))
        return -float((fitted.logpmf(counts) - np.log(fitted.sf(0))).sum())

    mu, alpha = np.exp(optimize.minimize(loss, [1.0, 0.0], method="Nelder-Mead").x)
    assert mu / (1 - (1 + alpha * mu) ** (-1 / alpha)) == pytest.approx(mean, rel=0.05)
    assert alpha == pytest.approx(dispersion, rel=0.2)


def test_no_shows_modes_activities_and_joint_contacts(contacts: Frames) -> None:
    sessions = contacts["s.csv"]
    assert _within((~sessions["attended"]).mean(), 0.15, sessions.height)
    assert _within((sessions["mode"] == "text").mean(), 0.3, sessions.height / 2)
    in_person = sessions.filter(pl.col("mode") == "in person")
    assert _within((in_person["activity"] == "walk").mean(), 0.25, in_person.height / 2)
    minutes = in_person.filter("attended")["minutes"]
    assert minutes.mean() == pytest.approx((20 + 40 + 90) / 3, abs=0.5)
    joint = sessions.group_by("session").len()["len"]
    assert 0.003 < (joint == 2).mean() < 0.01  # fewer than declared: some neighbours can't be joined
    assert joint.max() == 2


@pytest.mark.parametrize(("service", "share"), [("north", 0.3), ("south", 0.05)])
def test_group_share_of_contacts(contacts: Frames, service: str, share: float) -> None:
    here = pl.col("service") == service
    individual = contacts["s.csv"].filter(here & pl.col("attended"))["session"].n_unique()
    groups = contacts["g.csv"].filter(here).height
    assert _within(groups / (groups + individual), share, groups + individual)


def test_group_activities_and_participants(contacts: Frames) -> None:
    groups = contacts["g.csv"]
    assert _within((groups["activity"] == "choir").mean(), 0.6, groups.height)
    assert groups["participants"].mean() == pytest.approx((3 + 5 + 13) / 3, abs=0.15)


def test_clients_begin_as_declared(contacts: Frames) -> None:
    first = contacts["s.csv"].filter("attended").group_by("client").agg(pl.col("date").min())["date"]
    early = (first <= date(2030, 3, 3)).mean()
    assert 0.5 < early < 0.6  # the caseload, and the newcomers of that month


def _days(posts: pl.DataFrame) -> np.ndarray:
    last = pl.col("end").fill_null(pl.lit("2031-01-31").str.to_date())
    return posts.select((last - pl.col("start")).dt.total_days())[:, 0].to_numpy()


def _hazard(posts: pl.DataFrame) -> float:
    """Leavers by time at risk, on the scale on which a Weibull of shape 1.3 is exponential."""
    return posts["end"].count() / float(((_days(posts) / 500) ** 1.3).sum())


def test_time_in_post(posts: pl.DataFrame) -> None:
    north, south = (posts.filter(pl.col("service") == one) for one in ("north", "south"))
    mentor, none = north.filter("mentor"), north.filter(~pl.col("mentor"))
    assert _hazard(none) == pytest.approx(math.log(2), rel=0.08)
    assert _hazard(mentor) / _hazard(none) == pytest.approx(0.5, rel=0.15)
    assert _hazard(south.filter(~pl.col("mentor"))) / _hazard(none) == pytest.approx(1.6, rel=0.12)
    by_training = [_hazard(none.filter(pl.col("trained") == one)) for one in (True, False)]
    assert by_training[0] / by_training[1] == pytest.approx(1, rel=0.15)


def test_time_in_post_in_a_proportional_hazards_model(posts: pl.DataFrame) -> None:
    from statsmodels.duration.hazard_regression import PHReg

    terms = posts.select(pl.col("mentor").cast(float), (pl.col("service") == "south").cast(float)).to_numpy()
    fit = PHReg(_days(posts), terms, status=posts["end"].is_not_null().to_numpy().astype(int)).fit()
    assert np.all(np.abs(fit.params - np.log([0.5, 1.6])) < 4 * fit.bse)
    assert fit.bse.max() < 0.06


def test_workers_are_as_declared(posts: pl.DataFrame) -> None:
    assert _within(posts["mentor"].mean(), 0.4, posts.height)
    assert _within(posts["trained"].mean(), 0.7, posts.height)
    assert _within((posts["fte"] == 0.5).mean(), 0.5, posts.height)
    left = posts.filter(pl.col("end").is_not_null())
    assert _within((left["end_reason"] == "retired").mean(), 0.25, left.height)
    whole = posts.filter((pl.col("start").dt.year() < 2030) & pl.col("end").is_null())["absence_days"]
    assert whole.mean() == pytest.approx(9, abs=4 * whole.std() / math.sqrt(whole.len()))


def _above(level: float, sd: float) -> float:
    """Marginal P(answer above a threshold), by quadrature over the persons' effect."""
    return quad(lambda z: expit(level + sd * z) * stats.norm.pdf(z), -9, 9)[0]


@pytest.mark.parametrize("wave", ["before", "later"])
@pytest.mark.parametrize(("service", "effect"), [("north", 0.0), ("south", -0.7)])
@pytest.mark.parametrize(("item", "sign"), [("calm", 1), ("tired", -1)])
def test_item_shares(surveys: Frames, wave: str, service: str, effect: float, item: str, sign: int) -> None:
    answers = surveys[f"{wave}.csv"].filter(pl.col("service") == service)[item].drop_nulls()
    on_scale = answers.filter(answers != "n/a")
    level = sign * effect + ITEMS[item]["shift"].get(wave, 0)  # type: ignore[attr-defined]
    low, high = (_above(level - one, 1.4) for one in ITEMS[item]["thresholds"])
    assert _within((on_scale != "Low").mean(), low, on_scale.len())
    assert _within((on_scale == "High").mean(), high, on_scale.len())


def test_blank_and_special_answers(surveys: Frames) -> None:
    for wave in ("before", "later"):
        frame = surveys[f"{wave}.csv"]
        # with two items, a hundredth of the rows would have been blank altogether, and gets one answer
        assert _within(frame["calm"].is_null().mean(), 0.1 - 0.01 / 2, frame.height)
        assert _within((frame["calm"] == "n/a").sum() / frame.height, 0.05, frame.height)


def test_response_rates(surveys: Frames) -> None:
    for service, invited, answered in [("north", 0.9, 0.6), ("south", 0.7, 0.8)]:
        for row in surveys["response.csv"].filter(pl.col("service") == service).iter_rows(named=True):
            assert row["eligible"] == 8000
            assert _within(row["invited"] / row["eligible"], invited, row["eligible"])
            assert _within(row["answered"] / row["invited"], answered, row["invited"])


def test_turnover_of_staff(surveys: Frames) -> None:
    before, later = (surveys[f"{wave}.csv"].filter(pl.col("service") == "north") for wave in ("before", "later"))
    stayed = before.join(later, on="respondent").height / before.height
    assert _within(stayed, 0.8 * 0.9 * 0.6, before.height)


def test_shift_between_waves_without_a_persons_effect() -> None:
    frames = _surveys(person_sd=0, blank=0, special={})
    for item, shift in [("calm", 0.6), ("tired", -0.3)]:
        shares = [
            (frames[f"{wave}.csv"].filter(pl.col("service") == "north")[item] == "High").mean()
            for wave in ("before", "later")
        ]
        logits = [math.log(one / (1 - one)) for one in shares]
        assert logits[1] - logits[0] == pytest.approx(shift, abs=0.18)


@pytest.mark.parametrize(("stability", "low", "high"), [(0.0, -0.04, 0.04), (1.0, 0.25, 0.6)])
def test_stability_correlates_waves(stability: float, low: float, high: float) -> None:
    frames = _surveys(stability=stability, special={}, services={})
    codes = {"Low": 1, "Middle": 2, "High": 3}
    waves = [frames[f"{wave}.csv"].with_columns(pl.col("calm").replace_strict(codes)) for wave in ("before", "later")]
    both = waves[0].join(waves[1], on="respondent").select("calm", "calm_right").drop_nulls()
    assert low < np.corrcoef(both.to_numpy().T)[0, 1] < high


def test_a_reversed_item_goes_against_the_others(surveys: Frames) -> None:
    codes = {"Low": 1, "Middle": 2, "High": 3}
    items = [pl.col(item).replace_strict(codes, default=None) for item in ("calm", "tired")]
    both = surveys["before.csv"].select(items).drop_nulls().to_numpy()
    assert np.corrcoef(both.T)[0, 1] < -0.1
