"""Widths of the columns of tables in Word and PDF, as the filters set them."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from pipeline.reporting.formats import markdown_table
from pipeline.reporting.pandoc import FILTERS, pandoc_path

WORD = "peer support workers say that it takes time "


def text(length: int) -> str:
    """Words of about this length."""
    return (WORD * (length // len(WORD) + 1))[:length].strip()


def convert(table: object, to: str, last: str) -> str:
    arguments = [pandoc_path(), "--from=markdown", f"--to={to}", f"--lua-filter={FILTERS / last}"]
    done = subprocess.run(arguments, input=str(table), capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout


def in_pdf(table: object) -> tuple[list[float], float]:
    """Shares of the width in percent, and the scale of the type."""
    found = re.search(r"report-table\(([\d.]+), \(([^)]*)\)", convert(table, "typst", "typst.lua"))
    assert found
    return [float(one.strip("% ")) for one in found[2].split(",") if one.strip()], float(found[1])


def in_word(table: object) -> list[float]:
    def tables(node: object) -> list[list[float]]:
        if isinstance(node, dict) and node.get("t") == "Table":
            return [[100 * spec[1]["c"] for spec in node["c"][2]]]
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        return [one for part in inner for one in tables(part)]

    (widths,) = tables(json.loads(convert(table, "json", "docx.lua")))
    return widths


def both(table: object) -> list[list[float]]:
    return [in_pdf(table)[0], in_word(table)]


LONG_AND_SHORT = markdown_table(
    ["Code", "What is said", "n"], [["Trust", text(400), "12"], ["Ease of talking", text(300), "7"]]
)


def test_a_long_text_takes_most_of_the_width_beside_a_short_one() -> None:
    for short, long, number in both(LONG_AND_SHORT):
        assert long > 70
        assert short < 20
        assert number < 10


def test_the_whole_width_is_used_and_no_more() -> None:
    for widths in both(LONG_AND_SHORT):
        assert 97 < sum(widths) <= 100.05


def test_of_two_long_texts_the_longer_gets_more() -> None:
    table = markdown_table(["Finding", "Reason", "Sign"], [[text(300), text(100), "A"]] * 3)
    for longer, shorter, short in both(table):
        assert longer > 1.5 * shorter
        assert shorter > short


def test_two_texts_alike_are_about_as_wide() -> None:
    for one, other in both(markdown_table(["One", "Other"], [[text(300), text(300)]] * 3)):
        assert one == pytest.approx(other, abs=3)


def test_one_long_text_in_one_row_does_not_starve_the_column_that_is_long_in_every_row() -> None:
    rows = [[text(200), "Short"]] * 9 + [[text(200), text(200)]]
    for steady, rare in both(markdown_table(["Told", "Remark"], rows)):
        assert steady > 1.5 * rare


def test_a_long_word_is_not_broken_beside_a_long_text() -> None:
    word = "Methodologicallimitations"
    table = markdown_table(["What", "Said"], [[word, text(500)], ["B", text(500)]])
    widths, scale = in_pdf(table)
    assert widths[0] / 100 * 102 / scale >= len(word)


def test_the_type_gets_smaller_before_words_of_many_columns_break() -> None:
    cells = ["Sustainability"] * 7
    table = markdown_table([*cells, "Said"], [[*cells, text(200)]] * 2)
    widths, scale = in_pdf(table)
    assert scale < 1
    assert all(width / 100 * 102 / scale >= len(cells[0]) for width in widths[:7])
    assert sum(widths) <= 100.05


def test_short_tables_stay_narrow() -> None:
    widths, scale = in_pdf(markdown_table(["Code", "n"], [["Trust", "12"], ["Ease", "7"]]))
    assert sum(widths) < 60
    assert scale == 1
