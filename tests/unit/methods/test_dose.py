"""Sessions per client: counting, describing, and the zero-truncated model."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student
from statsmodels.discrete.truncated_model import TruncatedLFNegativeBinomialP, TruncatedLFPoisson

from pipeline.methods import dose
from pipeline.methods.disclosure import gate
from pipeline.methods.results import Context, Results
from pipeline.methods.zero_truncated import fit
from schemas.doses import Doses
from schemas.study import Disclosure
from tests.unit.methods.result_checks import CONTEXT, check, one, pick

TYPES = {"client": pl.String, "service": pl.String, "sessions": pl.Int64, "from": pl.Date, "to": pl.Date}


def doses(**services):
    rows = [(f"{s}-{n}", s, x, None, None) for s, counts in services.items() for n, x in enumerate(counts)]
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def sessions(*rows):
    """Rows of (session, client, service, day of 2024, attended)."""
    table = [(s, c, v, "w1", date(2024, 1, d), 30 * a, "video", "walk", a) for s, c, v, d, a in rows]
    names = ["session", "client", "service", "worker", "date", "minutes", "mode", "activity", "attended"]
    types = dict.fromkeys(names, pl.String) | {"date": pl.Date, "minutes": pl.Int64, "attended": pl.Boolean}
    return pl.DataFrame(table, schema=types, orient="row")


def draw(rng, mean, dispersion, size):
    """Negative binomial counts without their zeros."""
    r = 1 / dispersion
    counts = rng.negative_binomial(r, r / (r + mean), size * 8)
    return counts[counts > 0][:size]


def test_sessions_are_counted_by_client():
    frame = sessions(
        ("s1", "b", "east", 3, True), ("s2", "b", "east", 9, True), ("s3", "b", "west", 1, True),
        ("s4", "a", "west", 2, True), ("s5", "a", "west", 5, False), ("s6", "gone", "east", 2, False),
    )  # fmt: skip
    counted = dose.from_sessions(frame)
    assert Doses.validate(counted).rows() == [
        ("a", "west", 1, date(2024, 1, 2), date(2024, 1, 2)),
        ("b", "east", 3, date(2024, 1, 1), date(2024, 1, 9)),
    ]


def test_no_sessions_give_no_doses():
    assert Doses.validate(dose.from_sessions(sessions())).is_empty()


def test_description_by_numpy():
    counts = np.array([1, 1, 2, 3, 5, 8, 13, 40])
    results = check(dose.describe(doses(east=counts.tolist()), CONTEXT))
    row = {s: one(results, service="east", statistic=s).value for s in ("clients", "mean", "sd", "median", "total")}
    assert row == pytest.approx(
        {"clients": 8, "mean": counts.mean(), "sd": counts.std(ddof=1), "median": 4, "total": 73}
    )
    for at in ("0.25", "0.75", "0.9"):
        value = one(results, service="all", statistic="quantile", at=at).value
        assert value == pytest.approx(np.quantile(counts, float(at)))
    mean = one(results, service="all", statistic="mean")
    assert (mean.low, mean.high) == pytest.approx(
        student.interval(0.95, 7, counts.mean(), counts.std(ddof=1) / np.sqrt(8))
    )
    assert one(results, service="all", category="one").value == 0.25


def test_sums_carry_their_largest_contribution():
    results = check(dose.describe(doses(east=[1, 40], west=[3]), CONTEXT))
    total = results.cells[results.cells["quantity"] == "sum"].set_index("service")
    assert total.loc["all", ["value", "contributors", "largest"]].tolist() == [44, 3, 40]
    assert total.loc["west", ["value", "contributors", "largest"]].tolist() == [3, 1, 3]


def test_clients_without_sessions_keep_the_sums_right():
    results = check(dose.describe(doses(east=[0, 1, 4], west=[2, 2]), CONTEXT))
    shown = results.cells[results.cells["quantity"] != "hidden"]
    assert set(shown["category"]) == {"clients", "one", "more", "none", ""}


def test_one_client_and_none():
    results = check(dose.describe(doses(east=[4]), CONTEXT))
    assert one(results, service="east", statistic="sd").reason == "too few rows"
    assert np.isnan(one(results, service="east", statistic="mean").low)
    empty = check(dose.describe(doses(), CONTEXT))
    assert set(empty.estimates["service"]) == {"all"}
    assert one(empty, statistic="clients").value == 0
    assert one(empty, statistic="mean").reason == "no rows"


def test_unknown_services_are_pooled_only():
    results = check(dose.describe(doses(unknown=[1, 2, 3]), CONTEXT))
    assert set(results.estimates["service"]) == {"all"}


def test_the_model_recovers_what_a_simulation_put_in():
    rng = np.random.default_rng(8)
    frame = doses(east=draw(rng, 6, 0.6, 1500), west=draw(rng, 3, 0.6, 1500), north=draw(rng, 9, 0.6, 1500))
    results = check(dose.model(frame, "east", CONTEXT))
    for service, truth in (("west", 0.5), ("north", 1.5)):
        row = one(results, service=service, statistic="rate_ratio")
        assert row.value == pytest.approx(truth, rel=0.1)
        assert row.low < truth < row.high
    spread = one(results, statistic="dispersion")
    assert spread.low < 0.6 < spread.high
    truncated = 3 / (1 - (1 + 0.6 * 3) ** (-1 / 0.6))
    rate = one(results, service="west", statistic="rate")
    assert rate.low < truncated < rate.high


def test_the_model_agrees_with_statsmodels():
    rng = np.random.default_rng(9)
    counts = {"east": draw(rng, 7, 0.8, 120), "west": draw(rng, 4, 0.8, 90), "north": draw(rng, 5, 0.8, 60)}
    y = np.concatenate(list(counts.values()))
    group = np.repeat([0, 1, 2], [len(c) for c in counts.values()])
    x = np.column_stack([np.ones(len(y)), group == 1, group == 2]).astype(float)
    ours = dose.model(doses(**counts), "east", CONTEXT)
    start = np.array([np.log(y.mean()), 0, 0, 0.8])
    theirs = TruncatedLFNegativeBinomialP(y, x).fit(start_params=start, method="bfgs", maxiter=500, disp=0)
    assert theirs.mle_retvals["converged"]
    for place, service in ((1, "west"), (2, "north")):
        row = one(ours, service=service, statistic="rate_ratio")
        assert np.log([row.value, row.low, row.high]) == pytest.approx(
            [theirs.params[place], *theirs.conf_int()[place]], abs=2e-3
        )
    assert one(ours, statistic="dispersion").value == pytest.approx(theirs.params[3], rel=2e-3)


def test_rates_of_the_saturated_model_are_the_means():
    """The score equations of a truncated model with a factor equate fitted and observed means."""
    counts = {"east": [1, 3, 6, 9, 14], "west": [1, 2, 5, 3, 12, 4]}
    results = dose.model(doses(**counts), "east", CONTEXT)
    for service, values in counts.items():
        assert one(results, service=service, statistic="rate").value == pytest.approx(np.mean(values), rel=1e-5)


def test_no_extra_variation_falls_back_to_the_truncated_poisson():
    counts = {"east": [3, 3, 4, 4, 3, 4, 5], "west": [5, 6, 5, 6, 7, 6]}
    y = np.concatenate([np.array(c) for c in counts.values()])
    x = np.column_stack([np.ones(13), np.arange(13) >= 7]).astype(float)
    theirs = TruncatedLFPoisson(y, x).fit(disp=0)
    results = check(dose.model(doses(**counts), "east", CONTEXT))
    row = one(results, service="west", statistic="rate_ratio")
    assert np.log([row.value, row.low, row.high]) == pytest.approx(
        [theirs.params[1], *theirs.conf_int()[1]], abs=1e-4
    )
    spread = one(results, statistic="dispersion")
    assert spread.value == 0
    assert "boundary" in spread.reason


def test_services_that_cannot_be_modelled_have_reasons():
    counts = {"east": [1, 2, 5, 9, 20, 3], "west": [1] * 8, "north": [3, 2], "new": [2, 3, 9, 1, 4, 5]}
    context = Context("demo", "demonstration", services=(*CONTEXT.services, "closed"))
    results = check(dose.model(doses(**counts), "east", context))
    reasons = pick(results, statistic="rate").set_index("service")["reason"].to_dict()
    assert reasons == {
        "east": "", "west": "no variation", "north": "too few rows", "closed": "no rows", "new": "",
    }  # fmt: skip
    assert one(results, statistic="dispersion").value > 0


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({}, "no rows"),
        ({"east": [1] * 9, "west": [1] * 9}, "no variation"),
        ({"east": [1, 5], "west": [2]}, "too few rows"),
        ({"east": [1] * 199 + [40], "west": [1] * 199 + [60]}, "no convergence"),
    ],
)
def test_no_model_prints_no_number(counts, reason):
    results = check(dose.model(doses(**counts), "east", CONTEXT))
    assert results.estimates["value"].isna().all()
    assert results.estimates["low"].isna().all()
    assert one(results, statistic="dispersion").reason == reason


def test_one_service_has_a_rate_and_no_ratio():
    results = check(dose.model(doses(east=[1, 2, 2, 4, 9, 3]), "east", CONTEXT))
    assert one(results, service="east", statistic="rate").value == pytest.approx(3.5, rel=1e-5)
    assert set(pick(results, statistic="rate_ratio")["reason"]) == {"no rows"}


def test_an_absent_reference_leaves_no_ratio():
    results = check(dose.model(doses(west=[1, 2, 2, 4, 9, 3], north=[3, 4, 9, 1, 1]), "east", CONTEXT))
    assert set(pick(results, statistic="rate_ratio")["reason"]) == {"no rows"}


def test_clients_without_sessions_are_missing_from_the_model():
    frame = doses(east=[0, 1, 2, 2, 4, 9, 3])
    row = one(check(dose.model(frame, "east", CONTEXT)), service="east", statistic="rate")
    assert (row.n, row.missing) == (6, 1)
    check(Results.concat([dose.describe(frame, CONTEXT), dose.model(frame, "east", CONTEXT)]))


def test_the_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(1)
    counts = draw(rng, 4, 1.0, 50).tolist()
    one_way, other = (fit([0] * 50, values, 1) for values in (counts, counts[::-1]))
    assert one_way.parameters.tolist() == other.parameters.tolist()


def dated(**services):
    """Per service (sessions, days from the first to the last; None: not known)."""
    start = date(2024, 1, 1)
    rows = [
        (f"{s}-{n}", s, x, start, None if days is None else start + timedelta(days=days))
        for s, clients in services.items()
        for n, (x, days) in enumerate(clients)
    ]
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def test_all_clients_enter_where_the_doses_hold_everybody():
    rng = np.random.default_rng(10)
    draws = {s: rng.negative_binomial(2, 2 / (2 + mean), 800).tolist() for s, mean in (("east", 4), ("west", 2))}
    results = check(dose.model(doses(**draws), "east", CONTEXT, clients="all"))
    row = one(results, service="west", statistic="rate_ratio")
    assert row.low < 0.5 < row.high
    assert row.value == pytest.approx(np.mean(draws["west"]) / np.mean(draws["east"]))
    assert (row.n, row.missing, row.model) == (800, 0, "negative binomial")
    spread = one(results, statistic="dispersion")
    assert spread.low < 0.5 < spread.high


def test_a_service_whose_clients_never_came_has_no_rate():
    results = check(dose.model(doses(east=[0, 1, 4, 2, 9, 0], west=[0] * 7), "east", CONTEXT, clients="all"))
    assert one(results, service="west", statistic="rate").reason == "no variation"
    assert one(results, service="east", statistic="rate").value == pytest.approx(16 / 6)


def test_rates_by_time_recover_how_often_clients_came():
    """Regular clients: every 7 or every 14 days, for as long as they came, from the first day to the last."""
    rng = np.random.default_rng(2)
    often, seldom = ([(1 + n, n * gap) for n in rng.integers(1, 30, 60).tolist()] for gap in (7, 14))
    results = check(dose.model(dated(east=often, west=seldom), "east", CONTEXT, exposure="days"))
    rates = pick(results, statistic="rate").set_index("service")
    assert rates.loc[["east", "west"], "value"].tolist() == pytest.approx([30 / 7, 30 / 14])
    assert set(rates["unit"]) == {"sessions per 30 days"}
    assert one(results, service="west", statistic="rate_ratio").value == pytest.approx(0.5)
    assert set(results.estimates["denominator"]) == {"days"}


def test_clients_of_one_day_have_no_time_and_are_missing():
    east = [(3, 14), (5, 30), (2, 9), (9, 90), (4, 21), (1, 0), (2, 0), (3, None)]
    results = check(dose.model(dated(east=east, west=[(1, 0)] * 9), "east", CONTEXT, exposure="days"))
    row = one(results, service="east", statistic="rate")
    assert (row.n, row.missing) == (5, 3)
    assert one(results, service="west", statistic="rate").reason == "no rows"
    assert "west" not in set(results.cells[results.cells["category"] == "days"]["service"])
    undated = dose.model(doses(east=[3, 4, 5, 6, 7, 8]), "east", CONTEXT, exposure="days")
    assert set(pick(undated, statistic="rate")["reason"]) == {"no rows"}


def test_few_clients_with_more_than_one_session_are_not_given_away_by_the_total():
    """20 clients with 23 sessions: at most 3 had more than one, however the share with one is withheld."""
    counts = {"east": [1] * 18 + [2, 3], "west": [1] * 12 + [4] * 14, "north": [1] * 9 + [2] * 30}
    results = check(dose.describe(doses(**counts), CONTEXT))
    released = gate(results, Disclosure(minimum_cell=5))
    assert released.passed
    rows = released.estimates[released.estimates["service"] == "east"].set_index("statistic")
    assert rows.loc[["share", "mean", "total"], "suppressed"].all()
