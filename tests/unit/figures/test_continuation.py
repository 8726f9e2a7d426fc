"""Who goes on: a panel per number of sessions, a dot per service."""

import pandas as pd
import pytest

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger


def going_on(shares: dict[str, dict[int, float | None]]) -> pd.DataFrame:
    ledger = Ledger(Context("demo", "demonstration"))
    for service, curve in shares.items():
        for at, value in curve.items():
            ends = {"low": value - 0.1, "high": value + 0.1, "level": 0.95} if value else {}
            reason = "" if value else "too few rows"
            keys = {"population": "clients", "item": "continuation", "unit": "proportion", "n": 20}
            ledger.estimate("continuation", value, service=service, at=str(at), reason=reason, **keys, **ends)
    return ledger.results().estimates


SHARES = {"all": {2: 0.8, 12: 0.4}, "a": {2: 0.7, 12: 0.3}, "b": {2: 0.9, 12: None}}


def test_a_panel_per_number_in_its_order(labels):
    [spec] = figures(going_on(SHARES), labels())
    figure = spec.draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["To at least 2 sessions", "To at least 12 sessions"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()][-1] == "All services"
    assert "80% to at least 2 sessions and 40% to at least 12 sessions" in spec.alt
    assert "1 value not shown" in spec.alt
    assert "may still go on" in spec.caption


def test_many_services_are_dots_without_names(labels):
    shares = {f"s{n}": {2: 0.5 + n / 200, 12: 0.2} for n in range(60)} | {"all": {2: 0.65, 12: 0.2}}
    [spec] = figures(going_on(shares), labels())
    figure = spec.draw()
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == [
        "To at least 2 sessions", "To at least 12 sessions",
    ]  # fmt: skip
    assert "(60)" in spec.caption


@pytest.mark.parametrize("shares", [{"all": {2: None}}, {"a": {2: 0.5}}])
def test_nothing_is_drawn_without_a_share_of_all(shares, labels):
    assert [spec for spec in figures(going_on(shares), labels()) if spec.name == "continuation"] == []
