"""Kinds of contact, activities, sessions per client, rate ratios."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures


def dots(figure) -> list[tuple[float, float]]:
    found = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    return [tuple(np.round(point, 6)) for c in found for point in c.get_offsets()]


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def rows(figure) -> list[str]:
    return [tick.get_text() for tick in figure.axes[0].get_yticklabels()]


def marks(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def only(specs):
    [spec] = specs
    return spec


def test_the_mix_has_a_bar_per_service_in_declared_order(mix, labels):
    spec = only(figures(mix({"b": 0.2, "a": 0.7, "all": 0.4}), labels(service={"a": "Alpha", "b": "Beta"})))
    figure = spec.draw()
    assert rows(figure) == ["Alpha", "Beta", "All services"]
    group, individual = (part for part in figure.axes[0].containers if len(part))
    assert [bar.get_width() for bar in group] == pytest.approx([0.7, 0.2, 0.4])
    assert [bar.get_x() for bar in individual] == pytest.approx([0.7, 0.2, 0.4])
    assert spec.alt.startswith("Group support, share of contacts: from 20% at Beta to 70% at Alpha (2 services).")


def test_published_shares_are_marked_and_their_unit_is_not_invented(mix, labels):
    figure = only(figures(mix({"a": 0.05}, method="as published"), labels())).draw()
    assert marks(figure) == ["As published"]
    assert "not stated" in figure.axes[0].get_xlabel()
    assert "5%" in texts(figure)


def test_a_share_published_as_uncertain_is_words(mix, labels):
    figure = only(figures(mix({"a": 0.5, "b": None}), labels())).draw()
    assert "published as uncertain" in texts(figure)
    assert sum(len(part) for part in figure.axes[0].containers) == 2


def test_activities_are_bars_by_size_with_a_ring_per_service(activities, labels):
    shares = {"all": {"walk": 0.2, "talk": 0.6}, "a": {"walk": 0.1, "talk": 0.7}, "b": {"walk": 0.3, "talk": 0.5}}
    spec = only(figures(activities(shares), labels()))
    figure = spec.draw()
    assert rows(figure) == ["Talk", "Walk"]
    assert [bar.get_width() for bar in figure.axes[0].containers[0]] == pytest.approx([0.6, 0.2])
    assert sorted(x for x, _ in dots(figure)) == [0.1, 0.3, 0.5, 0.7]
    assert "most often Talk 60%, least often Walk 20%" in spec.alt


def test_modes_are_drawn_as_activities_are(activities, labels):
    shares = {"all": {"text": 0.2, "video": 0.6}, "a": {"text": 0.1, "video": 0.7}}
    frame = activities(shares)
    ids = frame["estimate_id"].str.replace("item=activity", "item=mode")
    spec = only(figures(frame.assign(item="mode", estimate_id=ids), labels()))
    assert (spec.name, spec.title) == ("modes", "How contacts took place")
    assert rows(spec.draw()) == ["Video", "Text"]
    assert "Share of contacts by mode: most often Video 60%" in spec.alt


def test_sessions_with_known_spread_show_mean_median_and_quantiles(sessions, labels):
    figure = only(figures(sessions({"a": 4.0, "b": 8.0}), labels())).draw()
    assert dots(figure) == [(4.0, 0.0), (8.0, 1.0)]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for part in figure.axes[0].containers for bar in part]
    assert bars == [pytest.approx((1.6, 8.8)), pytest.approx((3.2, 17.6))]
    assert [text.get_text() for text in figure.legends[0].get_texts()][1:] == ["Median", "25% to 90% of clients"]


def test_sessions_of_which_only_mean_and_sd_are_known_show_no_shape(sessions, labels):
    spec = only(figures(sessions({"a": 4.0, "b": None}, spread=False, status="reconstructed"), labels()))
    figure = spec.draw()
    assert dots(figure) == [(4.0, 0.0)]
    assert not [bar for part in figure.axes[0].containers for bar in part]
    assert "3.6" in texts(figure)
    assert "published as uncertain" in texts(figure)
    assert marks(figure) == ["Reconstructed from published figures"]
    assert spec.alt == "Mean sessions per client: 4 at A. 1 service not shown."


def test_unidentified_medians_are_not_drawn(sessions, labels):
    frame = sessions({"a": 4.0, "b": 8.0}, status="reconstructed")
    loose = frame["statistic"].isin(["median", "quantile"])
    figure = only(figures(frame.assign(identified=frame["identified"].mask(loose, "no")), labels())).draw()
    assert not [bar for part in figure.axes[0].containers for bar in part]
    assert len(dots(figure)) == 2


def test_rate_ratios_stand_on_a_log_axis_with_their_reference(ratios, labels):
    spec = only(figures(ratios({"b": 0.5, "c": 1.1}, "a"), labels(service={"a": "Alpha", "b": "Beta", "c": "Gamma"})))
    figure = spec.draw()
    assert figure.axes[0].get_xscale() == "log"
    assert rows(figure) == ["Alpha", "Beta", "Gamma"]
    assert dots(figure) == [(0.5, 1.0), (1.1, 2.0)]
    assert "0.50 (0.38 to 0.65)" in texts(figure)
    assert "Interval excludes 1: Beta 0.50." in spec.alt


@pytest.mark.parametrize("count", [1, 40])
def test_one_and_forty_services_fit(sessions, mix, labels, count):
    shares = {f"s{i}": 0.5 for i in range(count)}
    for spec in figures(mix(shares), labels()) + figures(sessions(dict.fromkeys(shares, 3.0)), labels()):
        figure = spec.draw()
        assert len(rows(figure)) == count
        assert 1 < figure.get_figheight() < 11


def test_a_service_with_an_uncertain_number_of_clients_and_no_mean_is_listed(sessions, labels):
    frame = sessions({"a": 4.0, "b": 5.0}, spread=False)
    gone = frame["service"].eq("b") & frame["statistic"].ne("clients")
    uncertain = frame["service"].eq("b") & frame["statistic"].eq("clients")
    frame.loc[uncertain, "value"] = np.nan
    frame = frame.assign(reason=frame["reason"].mask(uncertain, "published as uncertain"))[~gone]
    figure = only(figures(frame, labels())).draw()
    assert rows(figure) == ["A", "B"]
    assert "published as uncertain" in texts(figure)


def test_means_known_to_rounding_get_no_decimal_that_was_not_printed(sessions, labels):
    published = only(figures(sessions({"a": 4.0}, spread=False, status="reconstructed"), labels()))
    counted = only(figures(sessions({"a": 4.0}, spread=False), labels()))
    assert "4" in texts(published.draw())
    assert "4.0" in texts(counted.draw())
    assert "known to the rounding" in published.caption
    assert "known to the rounding" not in counted.caption
