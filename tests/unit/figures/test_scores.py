"""Mean scores by service and wave."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

LABELS = {
    "service": {"elm": "Elm House", "oak": "Oak Lane"},
    "wave": {"w1": "Spring", "w2": "Autumn"},
    "instrument": {"who": "Wellbeing"},
    "item_who": {"score": "Wellbeing score"},
}
MEANS = {
    "w1": {"oak": 40.0, "elm": 50.0, "all": 45.0},
    "w2": {"oak": 60.0, "elm": 55.0, "all": 57.5},
}


def means(values=MEANS, instrument="who", item="score", status="observed") -> pd.DataFrame:
    ledger = Ledger(Context("s", status))
    for wave, own in values.items():
        for service, value in own.items():
            keys = {"instrument": instrument, "item": item, "wave": wave, "population": "clients", "unit": "points"}
            ends = {"low": value - 5, "high": value + 5, "level": 0.95, "n": 20}
            ledger.estimate("mean", value, service=service, **ends, **keys)
    return ledger.results().estimates


def only(specs):
    [spec] = specs
    return spec


def dots(figure) -> list[float]:
    found = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    return [float(x) for c in found for x, _ in c.get_offsets()]


def words(figure) -> list[str]:
    return [text.get_text() for text in (*figure.axes[0].texts, *figure.axes[0].get_yticklabels())]


def test_a_dot_with_its_interval_for_each_service_and_wave(labels):
    spec = only(figures(means(), labels(**LABELS)))
    assert spec.name == "scores-score"
    figure = spec.draw()
    assert dots(figure) == [50, 40, 45, 55, 60, 57.5]
    lines = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    ends = [sorted(segment[:, 0]) for c in lines for segment in c.get_segments()]
    assert ends[0] == [45, 55]
    assert len(ends) == 6
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["Elm House", "Oak Lane", "All services"]
    assert words(figure).count("20, 20") == 3
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["Spring", "Autumn"]


def test_the_waves_of_one_service_do_not_lie_on_each_other(labels):
    figure = only(figures(means(), labels(**LABELS))).draw()
    first, second = (c.get_offsets()[:, 1] for c in figure.axes[0].collections if isinstance(c, PathCollection))
    assert ((second - first) > 0.2).all()
    assert ((second - first) < 0.6).all()


def test_caption_and_alternative_text(labels):
    spec = only(figures(means(), labels(**LABELS)))
    assert "whether they differ by more than chance is not tested here" in spec.caption
    assert "not a ranking" in spec.caption
    assert "n: those who could be scored, wave by wave" in spec.caption
    assert "Spring: all services 45.0 (interval 40.0 to 50.0) and 2 services 40.0 to 50.0." in spec.alt
    one = only(figures(means({"w1": MEANS["w1"]}), labels(**LABELS)))
    assert "more than chance" not in one.caption
    assert not one.draw().legends


def test_what_is_withheld_is_a_word_or_a_dash(labels):
    frame = means()
    hidden = frame["service"].eq("oak") | (frame["service"].eq("elm") & frame["wave"].eq("w1"))
    frame.loc[hidden, ["value", "low", "high", "n"]] = np.nan
    spec = only(figures(frame.assign(suppressed=hidden), labels(**LABELS)))
    figure = spec.draw()
    assert dots(figure) == [45, 55, 57.5]
    assert {"withheld", "–, 20", "–, –"} <= set(words(figure))
    assert "3 values not shown." in spec.alt


def test_nothing_to_show_no_figure(labels):
    frame = means()
    gone = frame.assign(suppressed=True, value=np.nan, low=np.nan, high=np.nan)
    assert figures(gone, labels(**LABELS)) == []
    assert figures(frame.assign(identified="no", data_status="reconstructed"), labels(**LABELS)) == []


def test_two_instruments_may_call_their_scores_alike(labels):
    frame = pd.concat([means(), means(instrument="other"), means(item="second")], ignore_index=True)
    names = {spec.name for spec in figures(frame, labels(**LABELS))}
    assert names == {"scores-who-score", "scores-other-score", "scores-second"}


@pytest.mark.parametrize("services", [40, 41])
def test_above_forty_services_there_are_dots_without_names(labels, services):
    own = {f"s{i}": 40 + 0.1 * i for i in range(services)} | {"all": 42.0}
    spec = only(figures(means({"w1": own, "w2": own}), labels(**LABELS)))
    figure = spec.draw()
    named = "S1" in words(figure)
    assert named == (services == 40)
    assert ("without names" in spec.caption) == (services == 41)
    assert len(dots(figure)) == 2 * (services + 1)
    if not named:
        assert figure.get_figheight() < 4
        assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["Spring", "Autumn"]
