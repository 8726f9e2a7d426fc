import os
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.methods.as_published import aggregates
from pipeline.methods.claims import evaluate, kind_of, scorecard
from pipeline.methods.granularity import granularity
from pipeline.methods.reconstruct import item_counts
from pipeline.methods.reconstruct_doses import doses_file
from pipeline.methods.results import Context, Ledger, Results
from schemas.claims import ClaimOutcomes, Claims
from schemas.study import Aggregates
from schemas.vocabulary import OUTCOMES, parse_estimate_id
from tests.unit.methods.published_claims import (
    PILOT,
    ROOT,
    answers,
    claims_of,
    doses,
    instrument,
    pilot_claims,
    pilot_study,
)

PLACES = [PILOT / "documents", Path(os.environ.get("PEERSCOPE_DOCUMENTS", "-")), ROOT.parent / "shared" / "seeds"]
OBSERVED = Context("s", "observed", produced_by="test")


def estimate(claim, value, **row):
    """One estimate with the id of the claim."""
    ledger = Ledger(Context("s", row.pop("data_status", "observed")))
    keys = {k: v for k, v in parse_estimate_id(claim["estimate_id"]).items() if k != "study"}
    ledger.estimate(value=value, **keys, **row)
    return ledger.results().estimates


def outcome(claim, value, **row):
    """Outcome, recomputed and note of one claim against one estimate."""
    claims = claims_of(claim)
    found = evaluate(claims, estimate(claim, value, **row), granularity(claims, "s"), "s")
    ClaimOutcomes.validate(found)
    return tuple(found.loc[0, ["outcome", "recomputed", "note"]])


def percent(published, n, **rest):
    return answers("calm", {"high": published}, n, "answered", **rest)[0]


@pytest.mark.parametrize(
    ("published", "stated", "events", "used", "expected"),
    [
        (39, 18, 7, 18, "agrees"),
        (39, 19, 7, 18, "agrees only with n = 18"),
        (51, 62, 32, 62, "agrees only under truncation"),
        (12, 8, 1, 8, "agrees only under half-even"),
        (20, 30, 6, 29, "agrees only with n = 29 under truncation"),
        (40, 18, 7, 18, "differs"),
        (50, 10, 6, 12, "differs"),
        (39, None, 7, 18, "agrees"),
    ],
)
def test_percentages(published, stated, events, used, expected):
    found = outcome(percent(published, stated), events / used, n=used, events=events)
    assert found[0] == expected
    assert found[1] == pytest.approx(100 * events / used)


def test_a_share_of_those_asked_agrees_with_fewer_asked():
    """39 % of 19 asked: the 7 of the rows are 39 % of 18."""
    claim, rebuilt = answers("calm", {"high": 39}, 19)[0], {"data_status": "reconstructed", "identified": "exact"}
    found = outcome(claim, 7 / 19, n=19, events=7, **rebuilt)
    assert found[:2] == ("agrees only with n = 18", pytest.approx(100 * 7 / 18))
    assert outcome(claim, 8 / 19, n=19, events=8, **rebuilt)[0] == "differs"
    assert outcome(claim, 7 / 19, n=19, events=7)[0] == "differs"  # collected rows say how many were asked


def test_a_document_is_held_to_the_rule_it_states():
    assert outcome(percent(51, 62, rounding="truncation"), 32 / 62, n=62, events=32)[0] == "agrees"
    assert outcome(percent(52, 62, rounding="truncation"), 32 / 62, n=62, events=32)[0] == "differs"


def test_an_impossible_figure_differs_whatever_the_estimate():
    found = outcome(percent(39, 2), None, reason="no rows")
    assert (found[0], found[2]) == ("differs", "no n up to 2 gives this figure")


def test_ties_are_decided_exactly():
    """20.5 % prints as 21 half up, also where floats fall below the half."""
    assert outcome(percent(21, 1000), 0.205, n=1000, events=205)[0] == "agrees"
    assert outcome(percent(21, None), 0.20499, n=1000)[0] == "differs"
    assert outcome(percent(50, None), 0.4999999, n=None)[0] == "agrees"


def test_means_sds_and_counts():
    clients, mean, sd = doses("north", 39, 11, 12.8)
    assert outcome(clients, 39)[0] == "agrees"
    assert outcome(clients, 38)[0] == "differs"
    assert outcome(mean, 429 / 39, n=39)[0] == "agrees"
    assert outcome(mean, 449 / 39, n=39)[0] == "agrees only under truncation"
    assert outcome(mean, 500 / 39, n=39)[0] == "differs"
    assert outcome(sd, 12.8012, n=39)[0] == "agrees"
    assert outcome(sd, 12.8012, n=38)[0] == "agrees only with n = 38"
    assert outcome(sd, 12.91, n=39)[0] == "differs"


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [("<", 0.4, "agrees"), ("<", 0.5, "differs"), ("≤", 0.5, "agrees"), (">", 0.6, "agrees"), ("≥", 0.4, "differs")],
)
def test_comparisons(operator, value, expected):
    assert outcome(percent(50, 10, operator=operator), value, n=10)[0] == expected


def test_direction_and_significance():
    up = percent(1, None, statistic="verdict", operator="direction", value_text="up")
    assert outcome(up, 0.1)[0] == "agrees"
    assert outcome(up, -0.1)[0] == "differs"
    not_sure = percent(None, None, statistic="verdict", operator="significance", value_text="not significant")
    assert outcome(not_sure, 0.1, p=0.2)[0] == "agrees"
    assert outcome(not_sure, 0.1, p=0.02)[0] == "differs"
    assert outcome(not_sure, 0.1)[0] == "not computable"
    sure = percent(0.1, None, statistic="verdict", operator="significance", value_text="significant", decimals=1)
    assert outcome(sure, 0.1, p=0.08)[0] == "agrees"


def test_what_can_not_be_compared():
    claim = percent(50, 10)
    assert outcome(claim, None, reason="too few rows")[::2] == ("not computable", "too few rows")
    assert outcome(claim, None, reason="suppressed", suppressed=True)[0] == "withheld"
    assert outcome(claim, 0.5, method="as published", reason="no published n")[0] == "as published"
    hidden = {"data_status": "reconstructed", "low": 0.2, "high": 0.8, "reason": "not identified"}
    note = "not identified: between 0.2 and 0.8 in data sets that meet the figures"
    assert outcome(claim, None, **hidden)[::2] == ("not computable", note)
    assert outcome(claim, 0.5, data_status="reconstructed")[0] == "not computable"
    words = percent(None, None, statistic="verdict", value_text="better")
    assert outcome(words, 0.5)[0] == "not computable"


@pytest.mark.parametrize(("operator", "value"), [("≥", 0.29), ("≤", 0.29), (">", 0.2901), ("<", 0.2899)])
def test_a_bound_at_the_figure_itself_is_not_lost_to_floats(operator, value):
    assert outcome(percent(29, 100, operator=operator), value, n=100)[0] == "agrees"


def test_a_rough_figure_has_no_bound_to_hold_a_recomputed_number_to():
    found = outcome(percent(25, 36, operator="≈"), 9 / 36, n=36)
    assert found == ("not computable", 25, "stated roughly: there is no bound to hold it to")


def carried(*rows):
    """Outcomes of claims that enter as published."""
    claims = claims_of(*rows)
    entered = aggregates(claims, [Aggregates(claims=("*",), reason="no rows")], OBSERVED).estimates
    found = evaluate(claims, entered, granularity(claims, "s"), "s")
    return found.set_index("claim")[["outcome", "note"]].T.to_dict("list")


def test_bounds_and_rough_figures_come_out_as_published():
    same = percent(50, 36, operator=">")
    other = answers("glad", {"high": 25}, 36, operator="≈")[0]
    words = answers("mad", {"high": None}, 36, operator="≈", value_text="a few")[0]
    assert carried(same, other, words) == {
        "calm-high": ["as published", "published as a bound: more than"],
        "glad-high": ["as published", "published as approximate"],
        "mad-high": ["not computable", "published in words only"],
    }
    assert carried(same | {"estimate_id": ""})["calm-high"][0] == "not computable"
    assert carried(other | {"estimate_id": ""})["glad-high"][0] == "not computable"


def test_a_figure_printed_twice_is_held_to_the_more_exact_one():
    figure = percent(52.4, None, decimals=1)
    found = carried(
        figure,
        percent(52, None) | {"claim": "rounded"},
        percent(50, None, operator=">") | {"claim": "above"},
        percent(54, None) | {"claim": "other"},
        percent(55, None, operator="≥") | {"claim": "too high"},
    )
    assert [one[0] for one in found.values()] == [*["as published"] * 3, *["differs"] * 2]
    assert found["other"][1] == "the document prints this number elsewhere"


def test_claims_without_an_estimate():
    plain = {"statistic": "count", "published": 5}
    verdict = {"statistic": "verdict", "operator": "direction", "value_text": "up"}
    claims = claims_of(plain, verdict, percent(50, 10))
    none = Ledger(OBSERVED).results().estimates
    found = evaluate(claims, none, granularity(claims, "s"), "s")
    assert found["outcome"].tolist() == ["as published", "not computable", "not computable"]
    empty = evaluate(claims.iloc[:0], none, granularity(claims.iloc[:0], "s"), "s")
    assert empty.empty
    ClaimOutcomes.validate(empty)
    assert scorecard(empty).empty


def test_scorecard_counts_every_claim_once():
    claims = claims_of({"statistic": "count", "published": 5}, percent(50, 10), percent(39, 2) | {"claim": "x"})
    found = evaluate(claims, Ledger(OBSERVED).results().estimates, granularity(claims, "s"), "s")
    card = scorecard(found).set_index("outcome")
    assert list(card.index) == list(OUTCOMES)
    assert card["claims"].sum() == 3
    assert card.loc["differs", ["claims", "unexpected"]].tolist() == [1, 1]
    assert kind_of("agrees only with n = 31 under truncation") == "agrees only with n"
    assert kind_of("agrees") == "agrees"


def pilot_estimates():
    """What the pilot's rebuilt rows come to, counted here from the counts and the doses themselves."""
    study, claims = pilot_study(), pilot_claims()
    ledger = Ledger(Context("ahs-pilot", "reconstructed"))
    for survey in study.reconstruct.surveys:
        scale = instrument(survey.instrument)
        where = {"population": scale.population, "instrument": scale.instrument, "wave": survey.wave}
        items = item_counts(claims, scale, survey.wave)
        ledger.estimate(
            "respondents", items[0].stated, service="all", denominator="asked", identified="exact", **where
        )
        for one in items:
            for category, k in one.counts.items():
                numbers = {"n": one.base, "events": k, "denominator": one.denominator, "identified": "exact"}
                ledger.estimate(
                    "share", k / one.base, service="all", item=one.item, category=category, **where, **numbers
                )
    frame = doses_file(claims, study.service_ids(), 1)
    for (service,), rows in frame.group_by("service", maintain_order=True):
        sessions, where = rows["sessions"], {"service": service, "population": "clients", "item": "sessions"}
        ledger.estimate("clients", len(sessions), identified="exact", **where)
        ledger.estimate("mean", sessions.mean(), n=len(sessions), identified="to_rounding", **where)
        ledger.estimate("sd", sessions.std(), n=len(sessions), identified="to_rounding", **where)
    published = aggregates(claims, study.aggregates, Context("ahs-pilot", "observed"))
    return Results.concat([ledger.results(), published]).estimates


def test_every_pilot_claim_comes_out_as_expected():
    claims = pilot_claims()
    found = evaluate(claims, pilot_estimates(), granularity(claims, "ahs-pilot"), "ahs-pilot")
    ClaimOutcomes.validate(found)
    assert found.loc[~found["as_expected"], ["claim", "outcome", "expected"]].to_dict("records") == []
    card = scorecard(found).set_index("outcome")["claims"]
    assert card.sum() == len(claims)
    recomputed = ["agrees", "agrees only with n", "agrees only under", "differs", "withheld"]
    assert card[recomputed].tolist() == [52, 7, 9, 0, 0]


def test_the_stated_n_never_falls_below_the_n_used():
    found = evaluate(
        pilot_claims(), pilot_estimates(), granularity(pilot_claims(), "ahs-pilot"), "ahs-pilot"
    ).set_index("claim")
    assert found.loc["rsa-hope-2018", "note"] == "n = 18, half-up"
    assert found.loc["ratings-hope-2017", "outcome"] == "agrees only under truncation"


def test_pilot_claims_are_valid_and_say_nothing_in_the_documents_words():
    claims = Claims.validate(pilot_claims())
    assert (claims["rounding"] == "unknown").all()
    assert set(claims["document"]) == {one.id for one in pilot_study().documents}
    assert not claims["estimate_id"][claims["estimate_id"] != ""].duplicated().any()


def source_text():
    """The source document, found by its checksum where documents are supplied; skipped where it is not there."""
    wanted = pilot_study().documents[0].sha256
    for file in [file for place in PLACES if place.is_dir() for file in sorted(place.glob("*.txt"))]:
        if sha256(file.read_bytes()).hexdigest() == wanted:
            return file.read_text(encoding="utf-8")
    pytest.skip("SOURCE DOCUMENT ABSENT: completeness of the pilot's claims was not checked")


def test_every_number_in_the_documents_tables_is_a_claim():
    text, claims = source_text(), pilot_claims()
    cells = [cell for line in text.splitlines() if "\t" in line for cell in line.split("\t")[1:]]
    percentages = Counter(int(one) for cell in cells for one in re.findall(r"(\d+)%", cell))
    claimed = Counter(claims.loc[claims["statistic"] == "percent", "published"].astype(int))
    assert percentages.total() == 61
    assert claimed == percentages
    dose_cells = [cell for cell in cells if re.match(r"\d+(\.\d+)?($|\s*\()", cell)]
    printed = Counter(float(one) for cell in dose_cells for one in re.findall(r"\d+(?:\.\d+)?", cell))
    moments = claims["claim"].str.startswith("dose-") & claims["published"].notna()
    assert printed.total() == 12
    assert Counter(claims.loc[moments, "published"]) == printed
    sizes = Counter(int(one) for one in re.findall(r"\bn(?: clients rated)?\s*=\s*(\d+)", text))
    assert sizes == Counter(claims.loc[claims["claim"].str.contains(r"-n(?:-|$)"), "published"].astype(int))


def test_no_statement_or_reason_copies_a_line_of_the_document():
    words = re.sub(r"\s+", " ", source_text()).lower()
    for column in ("statement", "reason"):
        for text in pilot_claims()[column]:
            tokens = re.findall(r"[\w'%]+", text.lower())
            runs = [" ".join(tokens[i : i + 7]) for i in range(len(tokens) - 6)]
            assert not [run for run in runs if run in words]
