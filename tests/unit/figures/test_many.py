"""More services than there is room to name, in every family that shows services."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from pipeline.figures.catalogue import figures
from schemas.vocabulary import parse_estimate_id

MANY = [f"s{i}" for i in range(300)]
SPREAD = {one: 0.2 + 0.002 * place for place, one in enumerate(MANY)}


@pytest.fixture
def specs(mix, activities, sessions, ratios, headcount, retention, labels):
    frame = pd.concat(
        [
            mix(SPREAD | {"all": 0.5}),
            activities({one: {"talk": share, "walk": 0.1} for one, share in (SPREAD | {"all": 0.5}).items()}),
            sessions({one: 10 * share for one, share in (SPREAD | {"all": 0.5}).items()}),
            ratios({one: 1 + share for one, share in SPREAD.items() if one != "s0"}, "s0"),
            headcount({one: {"2024-01-01": 2, "2024-06-01": 3} for one in [*MANY, "all"]}),
            retention({one: {"182": share} for one, share in (SPREAD | {"all": 0.5}).items()}),
        ],
        ignore_index=True,
    )
    closed = frame["service"].eq("s7")
    frame.loc[closed, ["value", "low", "high"]] = np.nan
    return figures(frame.assign(suppressed=closed, reason=frame["reason"].mask(closed, "suppressed")), labels())


def names(specs) -> list[str]:
    return [spec.name for spec in specs]


def dots(figure) -> int:
    return sum(len(c.get_offsets()) for ax in figure.axes for c in ax.collections if isinstance(c, PathCollection))


def words(figure) -> set[str]:
    found = [text.get_text() for ax in figure.axes for text in (*ax.texts, *ax.get_yticklabels())]
    return {word for text in found for word in text.split()}


def test_each_figure_fits_on_a_page_and_names_no_service_but_the_reference(specs):
    assert names(specs) == [
        "support-mix",
        "activities",
        "sessions-per-client",
        "rate-ratios",
        "headcount",
        "retention",
    ]
    for spec in specs:
        figure = spec.draw()
        assert 1 < figure.get_figheight() < 6
        assert not words(figure) & {"S1", "S150", "S299"}, spec.name
        assert not {"S1", "S150", "S299"} & set(spec.alt.replace(".", " ").split()), spec.name
        assert "without names" in spec.caption
        assert "service" in spec.alt


def test_every_service_that_may_be_shown_is_a_dot_and_the_others_are_counted(specs):
    drawn = {spec.name: spec.draw() for spec in specs}
    assert dots(drawn["activities"]) == 2 * 299 + 2
    assert dots(drawn["support-mix"]) == 2 * 299 + 2
    assert dots(drawn["sessions-per-client"]) == 299
    assert dots(drawn["rate-ratios"]) == 298
    assert dots(drawn["retention"]) == 299 + 1
    assert {"Not", "shown", "1"} <= words(drawn["activities"])
    assert {"1", "service", "not", "shown"} <= words(drawn["sessions-per-client"])


def test_a_caterpillar_goes_from_the_least_value_up(specs):
    figure = specs[names(specs).index("sessions-per-client")].draw()
    points = figure.axes[0].collections[-1].get_offsets()
    assert (np.diff(points[:, 0]) >= 0).all()
    assert (np.diff(points[:, 1]) == 1).all()


def test_the_index_names_the_estimates_by_patterns_that_can_be_parsed(specs):
    spec = specs[names(specs).index("activities")]
    assert len(spec.estimate_ids) == 602
    services = [parse_estimate_id(one)["service"] for one in spec.traced()]
    assert sorted(services) == ["*", "*", "all", "all"]


def test_forty_services_keep_their_names_and_few_estimates_their_ids(mix, labels):
    [spec] = figures(mix(dict.fromkeys([*MANY[:40], "all"], 0.5)), labels())
    assert "S39" in words(spec.draw())
    assert "without names" not in spec.caption
    assert spec.traced() == spec.estimate_ids
    assert len(spec.estimate_ids) == 82
