"""The framework matrix: every number stands in its cell, and shades say which way."""

from itertools import pairwise

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from pipeline.figures import framework as module
from pipeline.figures.spec import ALT_LIMIT
from pipeline.figures.synthesis import specs as all_specs
from pipeline.methods.framework import APART, evidence, framework
from tests.unit.methods.synthesis_frames import CODEBOOK, codings, passages

STUDIES = pd.DataFrame(
    [
        ("wharf", "The Wharf", "family-q", False),
        ("quay", "The Quay", "family-q", False),
        ("mill", "The Mill", "family-m", False),
        ("made-up", "Made up", "made-up", True),
    ],
    columns=["study", "short_title", "source_family", "fictional"],
)


@pytest.fixture
def matrix() -> pd.DataFrame:
    """Trust: two for, one against and one advising at the quay, one both ways at the mill; ease is advised."""
    segments = passages(
        *(("quay", name, "participant-data") for name in "abc"),
        ("quay", "d", "recommendation"),
        ("mill", "a", "evaluator-finding"),
        ("wharf", "a", "literature"),
        ("made-up", "a", "participant-data"),
    )
    coded = codings(
        ("quay", "a", "trust", "supports"), ("quay", "b", "trust", "supports"), ("quay", "c", "trust", "hinders"),
        ("quay", "d", "trust", "supports"), ("mill", "a", "trust", "mixed"), ("wharf", "a", "ease", "supports"),
        ("mill", "a", "hope", "supports"), ("made-up", "a", "strain", "supports"),
    )  # fmt: skip
    return framework(evidence(segments, coded, STUDIES), CODEBOOK)


def spec(matrix: pd.DataFrame, name: str):
    return next(one for one in module.specs(matrix, STUDIES) if one.name == name)


def cells(ax) -> list[tuple[str, str, str]]:
    """Study, colour and number of each coloured cell, from left to right; and what stands in brackets."""
    named = [tick.get_text() for tick in ax.get_xticklabels()]
    patches = [p for p in ax.patches if isinstance(p, Rectangle)]
    found = []
    for text in ax.texts:
        x = text.get_position()[0]
        inside = [p for p in patches if p.get_x() <= x <= p.get_x() + p.get_width()]
        colour = to_hex(inside[0].get_facecolor()) if inside and not text.get_text().startswith("(") else ""
        found.append((named[int(x)], colour, text.get_text()))
    return found


def test_numbers_stand_in_the_column_of_their_study_in_the_shade_of_their_way(matrix):
    [ax] = spec(matrix, "framework-factors").draw().axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["The Mill", "The Quay"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Trust"]
    assert cells(ax) == [
        ("The Mill", module.OTHER, "1"),
        ("The Quay", module.HELPS, "2"),
        ("The Quay", module.HINDERS, "1"),
        ("The Quay", "", "(1)"),
    ]


def test_studies_of_one_source_stand_side_by_side_in_the_figure_and_its_alt_text():
    segments = passages(*((study, "a", "participant-data") for study in ("quay", "mill", "wharf")))
    coded = codings(*((study, "a", "trust", "supports") for study in ("quay", "mill", "wharf")))
    apart = STUDIES.iloc[[0, 2, 1, 3]]  # the mill between the two of one source
    [one] = module.specs(framework(evidence(segments, coded, apart), CODEBOOK), apart)
    [ax] = one.draw().axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["The Mill", "The Wharf", "The Quay"]
    assert "studies: The Mill, The Wharf and The Quay." in one.alt


@pytest.mark.parametrize(
    ("code", "helps", "hinders"),
    [
        ("trust", "Helps where it is there", "Hinders, or is missing"),
        ("ease", "Is at work", "Is missing"),
        ("strain", "Occurs", "Is countered"),
    ],
)
def test_shades_are_named_in_the_words_of_their_theme_in_key_and_caption(code: str, helps: str, hinders: str):
    segments = passages(("quay", "a", "participant-data"), ("quay", "b", "participant-data"))
    coded = codings(("quay", "a", code, "supports"), ("quay", "b", code, "hinders"))
    [one] = module.specs(framework(evidence(segments, coded, STUDIES), CODEBOOK), STUDIES)
    [legend] = one.draw().legends
    assert [text.get_text() for text in legend.get_texts()] == [helps, hinders]
    assert f"blue: {helps}; orange: {hinders};".lower() in one.caption.lower()
    assert "In brackets: passages that are no evidence (advice, interpretation, literature," in one.caption


def test_what_does_not_count_stands_in_brackets_without_a_shade(matrix):
    figure = spec(matrix, "framework-mechanisms").draw()
    [ax] = figure.axes
    assert cells(ax) == [("The Wharf", "", "(1)")]
    assert not [p for p in ax.patches if isinstance(p, Rectangle)]


def test_the_key_names_the_shades_that_are_drawn(matrix):
    def names(name: str) -> list[str]:
        return [text.get_text() for legend in spec(matrix, name).draw().legends for text in legend.get_texts()]

    assert names("framework-factors") == [
        "Helps where it is there",
        "Hinders, or is missing",
        "Both ways, or no direction",
    ]
    assert names("framework-mechanisms") == []


def test_the_alt_text_names_studies_and_the_code_of_most_sources(matrix):
    alt = spec(matrix, "framework-factors").alt
    assert "Matrix of 1 code; studies: The Mill and The Quay." in alt
    assert "Spoken to by most source families (2): Trust." in alt
    assert "Spoken to" not in spec(matrix, "framework-mechanisms").alt


def test_there_is_a_matrix_only_where_a_real_study_speaks_to_a_code(matrix):
    assert [one.name for one in module.specs(matrix, STUDIES)] == ["framework-factors", "framework-mechanisms"]
    assert module.specs(matrix.iloc[:0], STUDIES) == []
    assert all_specs(matrix.iloc[:0], pd.DataFrame({"circle": []}), STUDIES) == []


def test_all_that_stands_apart_is_in_the_brackets():
    assert set(module.APART_COLUMNS) == {basis.replace("-", "_") for basis in APART}


def test_many_codes_and_studies_are_drawn_without_overlapping_rows():
    studies = pd.DataFrame(
        {"study": [f"s{i}" for i in range(6)], "short_title": [f"Study number {i}" for i in range(6)]}
    ).assign(source_family=lambda frame: frame["study"], fictional=False)
    book = pd.DataFrame({"code": [f"c{i}" for i in range(18)]}).assign(
        theme="factor", label=lambda frame: "A rather long label of " + frame["code"]
    )
    segments = passages(*((s, "a", "participant-data") for s in studies["study"]))
    coded = codings(*((s, "a", code, "supports") for s in studies["study"] for code in book["code"]))
    [one] = module.specs(framework(evidence(segments, coded, studies), book), studies)
    figure = one.draw()
    figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in figure.axes[0].get_yticklabels()]
    assert len(boxes) == 18
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))
    assert all(box.x0 >= 0 for box in boxes)
    assert len(one.alt) <= ALT_LIMIT
