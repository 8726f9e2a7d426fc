"""Circles: arrows show what they rest on, and lead from box to box."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.patches import FancyArrowPatch

from pipeline.figures.circles import COLOURS, ground, specs
from pipeline.figures.spec import ALT_LIMIT
from pipeline.methods.synthesised import arrows_table
from pipeline.studies import synthesis_file
from pipeline.synthesis_file import read_synthesis


def arrows(circle: str = "good", kind: str = "virtuous", steps: int = 4) -> pd.DataFrame:
    """A circle of steps whose first arrow rests on evidence, the second on advice, the others on nothing."""
    names = [f"s{i}" for i in range(steps)]
    rests = [("q/a ; q/b", 1), ("q/c", 0)] + [("", 0)] * (steps - 2)
    rows = [
        (circle, f"The {circle} circle", kind, i + 1, start, f"Step {start}", end, f"Step {end}", *rests[i])
        for i, (start, end) in enumerate(zip(names, [*names[1:], names[0]], strict=True))
    ]
    columns = ["circle", "title", "kind", "number", "start", "start_label", "end", "end_label", "segments", "counted"]
    return pd.DataFrame(rows, columns=columns)


def drawn(frame: pd.DataFrame):
    figure = specs(frame)[0].draw()
    figure.draw_without_rendering()
    return figure


def patches(figure) -> list[FancyArrowPatch]:
    return [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]


def test_one_figure_a_circle_in_the_order_declared():
    both = pd.concat([arrows("vicious", "vicious"), arrows("good")], ignore_index=True)
    found = specs(both)
    assert [one.name for one in found] == ["circle-vicious", "circle-good"]
    assert [one.title for one in found] == ["The vicious circle", "The good circle"]


def test_what_an_arrow_rests_on():
    assert [ground(row) for row in arrows().to_dict("records")] == ["evidence", "apart", "none", "none"]


def test_arrows_without_evidence_are_broken_and_the_key_says_so():
    figure = drawn(arrows())
    styles = [str(arrow.get_linestyle()) for arrow in patches(figure)]
    assert len(styles) == 4
    assert len(set(styles[:3])) == 3
    assert styles[2] == styles[3]
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "Participants or evaluators state the link",
        "The link is the authors’ argument, or advice",
        "No document draws it, or none that is present",
    ]


def test_the_key_names_only_what_is_drawn():
    [legend] = drawn(arrows().assign(counted=2)).legends
    assert [text.get_text() for text in legend.get_texts()] == ["Participants or evaluators state the link"]


def test_only_what_participants_or_evaluators_state_is_drawn_through():
    figure = drawn(arrows())
    styles = [arrow.get_linestyle() for arrow in patches(figure)]
    assert [style in ("-", "solid") for style in styles] == [True, False, False, False]
    [legend] = figure.legends
    assert [line.get_linestyle() for line in legend.get_lines()] == ["-", "--", "--"]


def test_the_caption_says_that_no_link_is_measured():
    [spec] = specs(arrows())
    assert spec.caption == (
        "The good circle. Numbers lead to the passages that state each link. No link is measured: the circle is an "
        "argument, not a result."
    )


def test_steps_stand_clockwise_from_the_top_and_each_once():
    texts = {t.get_text(): t.get_position() for t in drawn(arrows()).axes[0].texts}
    assert {name for name in texts if name.startswith("Step")} == {f"Step s{i}" for i in range(4)}
    x, y = zip(*(texts[f"Step s{i}"] for i in range(4)), strict=True)
    assert y[0] == max(y)
    assert x[1] == max(x)
    assert y[2] == min(y)
    assert x[3] == min(x)


def test_numbers_lead_to_the_table():
    texts = [t.get_text() for t in drawn(arrows()).axes[0].texts]
    assert [text for text in texts if text.isdigit()] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", COLOURS)
def test_a_circle_has_the_colour_of_its_kind(kind):
    from matplotlib.colors import to_hex

    colours = {to_hex(arrow.get_edgecolor()) for arrow in patches(drawn(arrows(kind=kind)))}
    assert colours == {COLOURS[kind]}


@pytest.mark.parametrize("steps", [3, 5, 6])
def test_boxes_do_not_overlap_and_stay_on_the_page(steps):
    figure = drawn(arrows(steps=steps).replace({"Step s1": "Training and policy do not fit the role"}))
    boxes = [t.get_bbox_patch().get_window_extent() for t in figure.axes[0].texts if not t.get_text().isdigit()]
    assert len(boxes) == steps
    width, height = figure.canvas.get_width_height()
    assert all(b.x0 >= 0 and b.x1 <= width and b.y0 >= 0 and b.y1 <= height for b in boxes)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[i + 1 :])


def test_the_alt_text_tells_the_steps_and_how_many_arrows_are_evidence():
    [spec] = specs(arrows())
    assert spec.alt == (
        "The good circle: Step s0 → Step s1 → Step s2 → Step s3. Participants or evaluators state 1 of 4 links."
    )
    assert len(spec.alt) <= ALT_LIMIT


def test_without_circles_there_is_nothing_to_draw():
    assert specs(arrows().iloc[:0]) == []


def test_the_circles_of_the_repository_can_be_read():
    raw = Path(__file__).parents[3] / "raw"
    nothing = pd.DataFrame({"study": [], "segment": [], "basis": [], "counts": []}).astype(object)
    studies = pd.DataFrame({"study": [], "source_family": [], "fictional": []}).astype(object)
    found = specs(arrows_table(read_synthesis(synthesis_file(raw)), nothing, studies))
    assert found
    for spec in found:
        figure = spec.draw()
        figure.draw_without_rendering()
        boxes = [t.get_bbox_patch().get_window_extent() for t in figure.axes[0].texts]
        assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[i + 1 :]), spec.name
