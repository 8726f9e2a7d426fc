"""Stacked bars of the answers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from pipeline.figures.catalogue import figures
from pipeline.figures.feedback import find_scale
from pipeline.figures.labels import Labels

COUNTS = {
    "hope": {"no": 10, "some": 20, "yes": 66, "missing": 4},
    "skills": {"no": 30, "some": 20, "yes": 30, "missing": 20},
}
LABELS = {
    "instrument": {"survey": "The survey"},
    "wave": {"w1": "Spring"},
    "item_survey": {"hope": "More hope", "skills": "More skills"},
    "category_survey": {"no": "No", "some": "To some extent", "yes": "Yes"},
}


def only(specs):
    [spec] = specs
    return spec


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts if text.get_text()]


def bars(figure: Figure) -> dict[str, list[tuple[float, float]]]:
    """Left end and width of the parts, by category id."""
    return {
        str(part.get_label()): [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in part]
        for part in figure.axes[0].containers
        if len(part)
    }


def test_the_parts_are_the_shares_of_all_asked_and_add_up(feedback, labels):
    spec = only(figures(feedback(COUNTS), labels(**LABELS)))
    drawn = bars(spec.draw())
    assert list(drawn) == ["no", "some", "yes", "missing"]
    assert drawn["yes"] == [(0.3, 0.66), (0.5, 0.3)]
    assert drawn["missing"] == [(0.96, 0.04), (0.8, 0.2)]


def test_items_stand_in_the_order_of_the_headline_with_n_beside(feedback, labels):
    turned = {"skills": COUNTS["skills"], "hope": COUNTS["hope"]}
    figure = only(figures(feedback(turned), labels(**LABELS))).draw()
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["More hope", "More skills"]
    assert texts(figure).count("n = 100") == 2


def test_percentages_are_printed_where_they_fit(feedback, labels):
    printed = texts(only(figures(feedback(COUNTS), labels(**LABELS))).draw())
    assert printed.count("66%") == 1
    assert printed.count("20%") == 3
    assert "4%" not in printed


def test_withheld_parts_are_hatched_and_named_not_zero(feedback, labels):
    frame = feedback(COUNTS)
    hidden = frame["item"].eq("skills") & frame["category"].isin(["no", "missing"])
    frame.loc[hidden, ["value", "low", "high", "n", "events"]] = np.nan
    frame = frame.assign(suppressed=hidden, reason=frame["reason"].mask(hidden, "suppressed"))
    spec = only(figures(frame, labels(**LABELS)))
    figure = spec.draw()
    drawn = bars(figure)
    assert drawn["no"] == [(0.0, 0.1)]
    assert drawn["hidden"] == [(0.5, 0.5)]
    assert "Withheld" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert "1 item of 2 not shown in full" in spec.alt


def test_an_item_of_which_nothing_may_be_shown_is_a_word(feedback, labels):
    frame = feedback(COUNTS)
    hidden = frame["item"].eq("skills")
    frame.loc[hidden, "value"] = np.nan
    figure = only(figures(frame.assign(suppressed=hidden), labels(**LABELS))).draw()
    assert "withheld" in texts(figure)
    assert all(len(part) == 1 for part in bars(figure).values())


def test_rows_that_are_not_identified_are_never_bars(feedback, labels):
    frame = feedback(COUNTS, status="reconstructed")
    assert figures(frame.assign(identified="no"), labels(**LABELS)) == []
    one = frame.assign(identified=frame["identified"].mask(frame["item"].eq("skills"), "no"))
    figure = only(figures(one, labels(**LABELS))).draw()
    assert bars(figure)["yes"] == [(0.3, 0.66)]
    assert "not identified" in texts(figure)


def test_collapsed_answers_are_no_part_of_the_bar_and_special_ones_are(feedback, labels):
    counts = {"hope": {"no": 10, "some": 20, "yes": 50, "na": 15, "missing": 5}}
    frame = feedback(counts, collapsed={"at-all": ["some", "yes"]}, special=["na"])
    categories = {"no": "No", "some": "Some", "yes": "Yes", "at-all": "Some or yes", "na": "N/A"}
    frame_labels = labels(**LABELS | {"category_survey": categories})
    drawn = bars(only(figures(frame, frame_labels)).draw())
    assert list(drawn) == ["no", "some", "yes", "na", "missing"]
    assert drawn["na"] == [(0.8, 0.15)]


def test_bands_of_a_score_are_no_answers(feedback, labels):
    frame = feedback(COUNTS)
    bands = feedback({"total": {"low": 30, "high": 50, "missing": 20}})
    bands = bands[bands["denominator"].eq("answered")].assign(denominator="scored")
    categories = LABELS["category_survey"] | {"low": "Low", "high": "High"}
    words = labels(**LABELS | {"category_survey": categories})
    spec = only(figures(pd.concat([frame, bands], ignore_index=True), words))
    assert list(bars(spec.draw())) == ["no", "some", "yes", "missing"]


def test_an_answer_that_nobody_gave_still_belongs_to_the_scale(feedback, labels):
    frame = feedback({"hope": {"no": 10, "some": 20, "yes": 0, "missing": 0}})
    shares = frame[frame["statistic"].eq("share")]
    scale = find_scale(shares, frame, Labels(labels(**LABELS), "s"), "survey")
    assert scale.options == ["no", "some", "yes"]
    assert scale.headline == "yes"


def test_the_alt_text_gives_the_ends_with_percentages(feedback, labels):
    spec = only(figures(feedback(COUNTS), labels(**LABELS)))
    assert "highest 66% for More hope, lowest 30% for More skills" in spec.alt
    assert "(n = 100)" in spec.alt


@pytest.mark.parametrize("items", [1, 30])
def test_the_figure_grows_with_its_items(feedback, labels, items):
    counts = {f"i{i}": {"no": 1 + i, "yes": 40 - i, "missing": 0} for i in range(items)}
    figure = only(figures(feedback(counts), labels())).draw()
    height = figure.get_figheight()
    assert len(figure.axes[0].get_yticks()) == items
    assert (height < 2) if items == 1 else (6 < height < 12)


def test_nobody_asked_gives_no_figure(feedback, labels):
    assert figures(feedback({"hope": {"no": 0, "yes": 0, "missing": 0}}), labels(**LABELS)) == []
