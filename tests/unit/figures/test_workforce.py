"""Posts over time and retention."""

import numpy as np
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures

POSTS = {
    "all": {"2024-01-31": 5, "2024-06-30": 6, "2024-12-31": 4},
    "a": {"2024-01-31": 3, "2024-06-30": 3, "2024-12-31": 1},
    "b": {"2024-01-31": 2, "2024-06-30": 3, "2024-12-31": 3},
}


def only(specs):
    [spec] = specs
    return spec


def test_a_panel_per_service_with_all_first(headcount, labels):
    spec = only(figures(headcount(POSTS), labels(service={"a": "Alpha", "b": "Beta"})))
    figure = spec.draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["All services", "Alpha", "Beta"]
    assert figure.axes[1].lines[0].get_ydata().tolist() == [3, 3, 1]
    assert (
        spec.alt
        == "Posts filled, 2024-01-31 to 2024-12-31: All services 5 to 4. By service: Alpha 3 to 1; Beta 2 to 3."
    )


def test_single_services_share_a_scale_that_starts_at_zero(headcount, labels):
    figure = only(figures(headcount(POSTS), labels())).draw()
    limits = [ax.get_ylim() for ax in figure.axes]
    assert all(low == 0 for low, _ in limits)
    assert limits[1] == limits[2] != limits[0]


def test_a_withheld_date_is_a_gap_with_a_word_not_zero(headcount, labels):
    frame = headcount(POSTS)
    hidden = frame["service"].eq("a") & frame["at"].eq("2024-06-30")
    frame.loc[hidden, "value"] = np.nan
    figure = only(figures(frame.assign(suppressed=hidden), labels())).draw()
    assert np.isnan(figure.axes[1].lines[0].get_ydata()[1])
    assert "withheld at 1 date" in [text.get_text() for text in figure.axes[1].texts]


def test_one_service_is_not_repeated_as_all(headcount, labels):
    figure = only(figures(headcount({"a": POSTS["a"], "all": POSTS["a"]}), labels())).draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["A"]


def test_forty_services_fit(headcount, labels):
    posts = {"all": POSTS["all"]} | {f"s{i}": POSTS["a"] for i in range(40)}
    spec = only(figures(headcount(posts), labels()))
    assert spec.draw().get_figheight() < 10
    assert "40 single services: 1 to 3 posts." in spec.alt


def test_retention_has_a_panel_per_number_of_days_in_order(retention, labels):
    shares = {"all": {"365": 0.6, "90": 0.9}, "a": {"365": 0.5, "90": 1.0}, "b": {"365": 0.7, "90": 0.8}}
    spec = only(figures(retention(shares), labels()))
    figure = spec.draw()
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["After 90 days", "After 365 days"]
    dots = [c for c in figure.axes[1].collections if isinstance(c, PathCollection)]
    assert dots[0].get_offsets()[:, 0].tolist() == [0.5, 0.7, 0.6]
    assert "All services: 90% after 90 days and 60% after 365 days." in spec.alt
    assert "Single services shown: 80% to 100% after 90 days and 50% to 70% after 365 days." in spec.alt
