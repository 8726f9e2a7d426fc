"""More services than a page can name, within the limits of chance."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection

from pipeline.figures.catalogue import figures

PLAIN = {f"s{i}": (0.5 + 0.001 * i, 30 + i) for i in range(59)}
HOPE = {"hope": PLAIN | {"far": (0.95, 60), "low": (0.05, 50)}}
NAMES = {"service": {"far": "Far Away House", "low": "Low Road Centre"}}


def funnel(specs):
    return next(spec for spec in specs if spec.name == "services-survey")


def dots(ax) -> list[tuple[float, float]]:
    found = [c for c in ax.collections if isinstance(c, PathCollection)]
    return [tuple(np.round(point, 6)) for c in found for point in c.get_offsets()]


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_many_services_are_dots_by_size_of_which_only_those_outside_are_named(compared_services, labels):
    spec = funnel(figures(compared_services(HOPE, 0.5), labels(**NAMES)))
    figure = spec.draw()
    [ax] = figure.axes
    assert len(dots(ax)) == 61
    assert {(30.0, 0.5), (60.0, 0.95), (50.0, 0.05)} <= set(dots(ax))
    assert sorted(texts(ax)) == ["Far Away House", "Low Road Centre"]
    assert figure.get_figheight() < 8.2
    assert "not a ranking" in spec.caption
    assert "2 services with at least one, named" in spec.caption
    assert spec.alt.startswith("Funnel plot of 61 services and 1 item: a dot per service")
    assert "Outside the 99.8% limits on at least one item: Far Away House and Low Road Centre." in spec.alt


def test_the_bands_are_the_limits_of_the_estimates(compared_services, labels):
    frame = compared_services(HOPE, 0.5)
    [ax] = funnel(figures(frame, labels())).draw().axes
    wide, narrow = (c.get_paths()[0].vertices for c in ax.collections if isinstance(c, PolyCollection))
    limits = frame[frame["statistic"].eq("funnel_limits")].set_index(["at", "service"])
    for band, at in ((wide, "0.998"), (narrow, "0.95")):
        ends = limits.loc[(at, "s0"), ["low", "high"]]
        assert sorted(set(band[np.isclose(band[:, 0], 30), 1])) == pytest.approx(sorted(ends))


def test_where_very_many_are_outside_none_is_named(compared_services, labels):
    outside = {f"x{i}": (0.99, 50 + i) for i in range(20)}
    spec = funnel(figures(compared_services({"hope": PLAIN | outside}, 0.5), labels()))
    assert texts(spec.draw().axes[0]) == []
    assert "20 services with at least one, too many to name" in spec.caption
    assert "at least one item: 20 services." in spec.alt


def test_withheld_services_are_counted(compared_services, labels):
    frame = compared_services(HOPE, 0.5)
    hidden = frame["statistic"].eq("share") & frame["service"].isin(["s3", "s4", "far"])
    frame.loc[hidden, "value"] = np.nan
    spec = funnel(figures(frame.assign(suppressed=hidden), labels(**NAMES)))
    [ax] = spec.draw().axes
    assert len(dots(ax)) == 58
    assert sorted(texts(ax)) == ["3 services not shown", "Low Road Centre"]
    assert "3 values not shown." in spec.alt


def test_nothing_is_said_of_limits_that_are_not_drawn(compared_services, labels):
    frame = compared_services(HOPE, 0.5)
    spec = funnel(figures(frame.assign(suppressed=frame["statistic"].eq("funnel_limits")), labels()))
    assert "99.8%" not in spec.caption + spec.alt
    assert not [c for c in spec.draw().axes[0].collections if isinstance(c, PolyCollection)]


def test_very_unequal_sizes_stand_on_a_log_axis(compared_services, labels):
    spec = funnel(figures(compared_services({"hope": PLAIN | {"huge": (0.5, 9000)}}, 0.5), labels()))
    assert spec.draw().axes[0].get_xscale() == "log"


def test_500_services_take_a_page_and_a_line_in_the_index(compared_services, labels):
    given = {f"s{i:03d}": (0.3 + 0.0008 * i, 20 + i % 40) for i in range(500)}
    frame = compared_services({f"i{k}": given for k in range(10)}, 0.5)
    pages = [spec for spec in figures(frame, labels()) if spec.name.startswith("services-")]
    drawn = [page.draw() for page in pages]
    assert [len([ax for ax in figure.axes if ax.axison]) for figure in drawn] == [9, 1]
    assert all(figure.get_figheight() < 8.2 for figure in drawn)
    assert len(pages[0].estimate_ids) == 9 * 1501
    traced = pages[0].traced()
    assert len(traced) == 9 * 4
    assert "s/*/share/instrument=survey/item=i0/category=yes/wave=w1/denominator=answered" in traced
    assert "s/all/share/instrument=survey/item=i0/category=yes/wave=w1/denominator=answered" in traced
