"""Which figures there are, what they are called, and how they are saved."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from pipeline.figures.catalogue import FigureSpec, figures, save
from pipeline.figures.spec import ALT_LIMIT, shorten
from schemas.vocabulary import ESTIMATE_COLUMNS

COUNTS = {"hope": {"no": 3, "yes": 9, "missing": 1}}


@pytest.fixture
def study(
    feedback, two_rounds, mix, activities, sessions, ratios, compared_services, headcount, retention
) -> pd.DataFrame:
    parts = [
        mix({"a": 0.4, "b": 0.2}, status="demonstration"),
        activities({"all": {"talk": 1.0}}, status="demonstration"),
        sessions({"a": 4.0, "b": 5.0}, status="demonstration"),
        ratios({"b": 1.4}, "a", status="demonstration"),
        feedback(COUNTS, status="demonstration", instrument="other"),
        two_rounds({"hope": (0.3, 0.4)}, status="demonstration"),
        compared_services({"skills": {"a": (0.4, 20), "b": (0.5, 20)}}, 0.45, status="demonstration"),
        headcount({"a": {"2024-01-01": 2}}, status="demonstration"),
        retention({"a": {"182": 0.8}}, status="demonstration"),
    ]
    return pd.concat(parts, ignore_index=True)


def test_no_estimates_no_figures(labels):
    assert figures(pd.DataFrame(columns=list(ESTIMATE_COLUMNS)), labels()) == []


def test_a_study_has_the_figures_that_its_estimates_feed(study, labels):
    assert [spec.name for spec in figures(study, labels())] == [
        "support-mix", "activities", "sessions-per-client", "rate-ratios", "feedback-other-w1",
        "shares-two-rounds", "services-survey", "pooled-survey", "headcount", "retention",
    ]  # fmt: skip


def test_every_figure_carries_the_mark_its_alt_text_and_its_estimates(study, labels):
    for spec in figures(study, labels()):
        figure = spec.draw()
        assert "Demonstration data: fictional" in [text.get_text() for text in figure.texts], spec.name
        assert "Demonstration data: fictional." in spec.caption
        assert spec.data_status == "demonstration"
        assert 20 < len(spec.alt) <= ALT_LIMIT
        assert set(spec.estimate_ids) <= set(study["estimate_id"])
        assert spec.estimate_ids


def test_observed_data_carry_no_mark(feedback, labels):
    [spec] = figures(feedback(COUNTS), labels())
    assert [text.get_text() for text in spec.draw().texts] == []


def test_nothing_unidentified_or_suppressed_makes_a_figure(study, labels):
    assert figures(study.assign(identified="no"), labels()) == []
    assert figures(study.assign(suppressed=True, value=float("nan"), low=None, high=None), labels()) == []


def test_two_studies_at_once_are_refused(study, labels):
    both = pd.concat([study, study.assign(study="t")])
    with pytest.raises(ValueError, match="one study at a time, not s, t"):
        figures(both, labels())


def test_nothing_is_left_in_pyplot_or_in_the_settings(study, labels):
    before = dict(mpl.rcParams)
    for spec in figures(study, labels()):
        spec.draw()
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


def test_words_stay_inside_the_figure(study, labels):
    names = {"a": "A service with quite a long name", "b": "Another service with a name of many words"}
    for spec in figures(study, labels(service=names, item_survey={"hope": "An item in many, many words, wrapped"})):
        figure = spec.draw()
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert box.x0 > -0.02, spec.name
        assert box.y0 > -0.02, spec.name
        assert box.x1 < width + 0.02, spec.name
        assert box.y1 < height + 0.02, spec.name


def test_the_same_figure_gives_the_same_bytes(study, labels, tmp_path):
    for spec in figures(study, labels()):
        first, second = save(spec.draw(), tmp_path / "one"), save(spec.draw(), tmp_path / "two")
        assert [path.suffix for path in first] == [".svg", ".png"]
        assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second], spec.name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "one.svg", "two.png", "two.svg"]


def test_saved_files_have_no_date_and_the_stated_resolution(feedback, labels, tmp_path):
    [spec] = figures(feedback(COUNTS), labels())
    svg, png = save(spec.draw(), tmp_path / "figure")
    assert "<dc:date>" not in svg.read_text()
    assert int.from_bytes(png.read_bytes()[16:20], "big") == 1260


def test_a_name_with_a_dot_keeps_it(feedback, labels, tmp_path):
    [spec] = figures(feedback(COUNTS), labels())
    svg, _ = save(spec.draw(), tmp_path / "v1.2")
    assert svg.name == "v1.2.svg"


def test_a_failed_write_leaves_nothing_behind(feedback, labels, tmp_path):
    [spec] = figures(feedback(COUNTS), labels())
    with pytest.raises(OSError, match="nowhere"):
        save(spec.draw(), tmp_path / "nowhere" / "figure")
    assert list(tmp_path.iterdir()) == []


def test_alt_texts_keep_whole_sentences():
    assert shorten(["One.", "", "Two."]) == "One. Two."
    assert shorten(["A" * 10 + ".", "B" * 400 + ".", "C."]) == "AAAAAAAAAA. C."
    assert len(shorten(["word " * 100])) <= ALT_LIMIT


def test_a_spec_is_frozen(feedback, labels):
    [spec] = figures(feedback(COUNTS), labels())
    assert isinstance(spec, FigureSpec)
    with pytest.raises(AttributeError):
        spec.name = "other"
