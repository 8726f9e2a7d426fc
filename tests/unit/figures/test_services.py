"""Services within their limits, and pooled shares."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

SHARES = {"hope": {"a": (0.55, 40), "b": (0.1, 60), "c": (0.78, 50)}}
NAMES = {"service": {"c": "Gamma", "a": "Alpha", "b": "Beta"}}


def named(specs, name):
    return next(spec for spec in specs if spec.name == name)


def dots(ax) -> list[tuple[float, float]]:
    found = [c for c in ax.collections if isinstance(c, PathCollection)]
    return [tuple(np.round(point, 6)) for c in found for point in c.get_offsets()]


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_services_stand_in_declared_order_over_both_limits(compared_services, labels):
    frame = compared_services(SHARES, 0.6)
    [ax] = named(figures(frame, labels(**NAMES)), "services-survey").draw().axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Gamma", "Alpha", "Beta"]
    assert dots(ax) == [(0.78, 0.0), (0.55, 1.0), (0.1, 2.0)]
    limits = frame[frame["statistic"].eq("funnel_limits") & frame["service"].eq("b")].set_index("at")
    wide, narrow = ([bar.get_x() for bar in part][2] for part in ax.containers)
    assert wide == pytest.approx(limits.loc["0.998", "low"])
    assert narrow == pytest.approx(limits.loc["0.95", "low"])
    assert ax.lines[0].get_xdata()[0] == pytest.approx(0.6)
    assert {"40", "50", "60"} <= set(texts(ax))


def test_the_alt_text_names_who_is_outside_which_limits(compared_services, labels):
    alt = named(figures(compared_services(SHARES, 0.6), labels(**NAMES)), "services-survey").alt
    assert "10% to 78% over 3 services and 1 item" in alt
    assert "Outside the 99.8% limits: Beta (Hope 10%)." in alt
    assert "Outside the 95% limits only: Gamma (Hope 78%)." in alt


def test_nothing_is_said_of_limits_that_are_not_drawn(compared_services, labels):
    frame = compared_services(SHARES, 0.6)
    limits = frame["statistic"].eq("funnel_limits")
    spec = named(figures(frame.assign(suppressed=limits), labels(**NAMES)), "services-survey")
    assert "limits" not in spec.alt
    assert "Shaded" not in spec.caption
    assert not [bar for part in spec.draw().axes[0].containers for bar in part]


def test_a_withheld_service_is_a_word(compared_services, labels):
    frame = compared_services(SHARES, 0.6)
    hidden = frame["statistic"].eq("share") & frame["service"].eq("b")
    frame.loc[hidden, "value"] = np.nan
    spec = named(figures(frame.assign(suppressed=hidden), labels(**NAMES)), "services-survey")
    [ax] = spec.draw().axes
    assert len(dots(ax)) == 2
    assert texts(ax).count("withheld") == 1
    assert "1 value not shown." in spec.alt


def test_pooled_shares_have_interval_and_prediction_interval(compared_services, labels):
    spec = named(figures(compared_services(SHARES, 0.6), labels(**NAMES)), "pooled-survey")
    [ax] = spec.draw().axes
    lines = [c for c in ax.collections if not isinstance(c, PathCollection)]
    assert lines[0].get_segments()[0][:, 0] == pytest.approx([0.35, 0.8])
    assert dots(ax) == [(0.6, 0.0)]
    assert {"60%", "43%"} <= set(texts(ax))
    assert spec.alt == "Share “Yes” pooled over services: 60% for Hope."


def without_each(frame, shares, **columns):
    """The estimates with shares pooled without each service, and one of a subgroup."""
    ledger = Ledger(Context("s", "observed"))
    keys = {"service": "all", "model": "random effects", "denominator": "answered", "instrument": "survey"}
    keys |= {"item": "hope", "category": "yes", "wave": "w1"}
    for service, share in shares.items():
        row = keys | columns | {"contrast": "leave-one-out", "term": service}
        ledger.estimate("pooled_share", share, low=0.1, high=0.9, level=0.95, **row)
    ledger.estimate("pooled_share", 0.2, low=0.1, high=0.9, level=0.95, **(keys | {"group": "setting-town"}))
    return pd.concat([frame, ledger.results().estimates], ignore_index=True)


def test_the_range_without_one_service_stands_beside(compared_services, labels):
    frame = without_each(compared_services(SHARES, 0.6), {"a": 0.55, "b": 0.71})
    spec = named(figures(frame, labels(**NAMES)), "pooled-survey")
    [ax] = spec.draw().axes
    assert dots(ax) == [(0.6, 0.0)]
    assert "55% to 71%" in texts(ax)
    assert "One left out" in spec.caption
    assert spec.alt == "Share “Yes” pooled over services: 60% for Hope."


def test_a_range_that_lacks_a_withheld_share_is_not_told(compared_services, labels):
    frame = without_each(compared_services(SHARES, 0.6), {"a": 0.55, "b": 0.71, "c": 0.65})
    hidden = frame["contrast"].eq("leave-one-out") & frame["term"].eq("b")
    spec = named(figures(frame.assign(suppressed=hidden), labels(**NAMES)), "pooled-survey")
    assert "One left out" not in spec.caption
    assert not [text for text in texts(spec.draw().axes[0]) if " to " in text]


def test_one_service_is_drawn(compared_services, labels):
    [ax] = named(figures(compared_services({"hope": {"a": (0.4, 9)}}, 0.4), labels()), "services-survey").draw().axes
    assert dots(ax) == [(0.4, 0.0)]


def test_many_services_and_items_go_on_several_pages(compared_services, labels):
    given = {f"s{i}": (0.5, 20 + i) for i in range(40)}
    specs = figures(compared_services({f"i{i}": given for i in range(4)}, 0.5), labels())
    pages = [spec for spec in specs if spec.name.startswith("services-")]
    assert [page.name for page in pages] == ["services-survey", "services-survey-2"]
    drawn = [page.draw() for page in pages]
    assert [len(figure.axes) for figure in drawn] == [3, 1]
    assert all(figure.get_figheight() < 10 for figure in drawn)
