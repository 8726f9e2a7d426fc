"""What goes with leaving a post."""

import numpy as np

from pipeline.figures.catalogue import figures
from pipeline.methods.results import Context, Ledger

RATIOS = {
    ("all", "with-mentor", "without-mentor"): (0.5, 0.3, 0.8),
    ("all", "fte", "0.2 less"): (1.1, 0.7, 1.7),
    ("b", "service", "a"): (2.0, 0.2, 90.0),
}


def leaving(ratios=RATIOS, status="observed"):
    ledger = Ledger(Context("s", status))
    for (service, term, reference), (value, low, high) in ratios.items():
        keys = {"term": term, "reference": reference, "model": "Cox", "item": "retention"}
        ledger.estimate(
            "hazard_ratio", value, service=service, low=low, high=high, level=0.95, n=60, events=30, **keys
        )
    return ledger.results().estimates


def drawn(rows, labels):
    return [spec for spec in figures(rows, labels(service={"a": "Alpha", "b": "Beta"})) if spec.name == "leaving"]


def test_a_row_per_ratio_on_a_log_axis_about_1(labels):
    [spec] = drawn(leaving(), labels)
    ax = spec.draw().axes[0]
    assert [one.get_text().replace("\n", " ") for one in ax.get_yticklabels()] == [
        "With mentor, against without mentor",
        "Full-time equivalent, against 0.2 less",
        "Beta, against Alpha",
    ]
    low, high = ax.get_xlim()
    assert abs(low * high - 1) < 1e-9
    assert 64 < high < 80  # an interval beyond 64-fold is cut
    assert "0.50 (0.30 to 0.80)" in [text.get_text() for text in ax.texts]


def test_words_and_what_they_rest_on(labels):
    [spec] = drawn(leaving(status="demonstration"), labels)
    assert "(Cox model of 60 posts, 30 ended)" in spec.caption
    assert "Demonstration data: fictional." in spec.caption
    assert "Interval excludes 1: With mentor, against without mentor." in spec.alt
    assert len(spec.estimate_ids) == 3


def test_a_withheld_ratio_is_a_word_and_without_any_there_is_no_figure(labels):
    rows = leaving()
    hidden = rows["term"].eq("fte")
    rows.loc[hidden, ["value", "low", "high"]] = np.nan
    [spec] = drawn(rows.assign(suppressed=hidden, reason=np.where(hidden, "suppressed", "")), labels)
    texts = [text.get_text() for text in spec.draw().axes[0].texts]
    assert "withheld" in texts
    assert "1 ratio not shown." in spec.alt
    assert drawn(rows[hidden].assign(suppressed=True), labels) == []


def test_very_many_ratios_are_left_to_the_table(labels):
    many = {(f"s{n}", "service", "a"): (1.0, 0.5, 2.0) for n in range(17)}
    assert drawn(leaving(many), labels) == []
