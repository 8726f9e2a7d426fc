"""What would print as a question mark, or vanish, stops before an engine sees it."""

from pathlib import Path

import pytest
from nbformat import v4

from pipeline.reporting.crossref import check_references
from pipeline.reporting.errors import LintError

QMD = Path("report.qmd")


def notebook(prose: str, source: str = "x", **data: str) -> object:
    output = v4.new_output("display_data", {key.replace("_", "/", 1): value for key, value in data.items()})
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell(prose, metadata={"qmd_line": 5}),
            v4.new_code_cell(source, metadata={"qmd_line": 20}, outputs=[output] if data else []),
        ]
    )


def problems(*arguments: str, **data: str) -> list[tuple[int, str]]:
    with pytest.raises(LintError) as caught:
        check_references(QMD, notebook(*arguments, **data))  # type: ignore[arg-type]
    return [(problem.line, problem.feature) for problem in caught.value.problems]


def test_references_to_labels_outputs_and_headings_are_found() -> None:
    prose = "## A {#sec-a .unnumbered}\n\n[@fig-a; @tbl-a], @sec-a, @wilson1927\n\n```\n@fig-none\n```"
    figure = '![A](a){fig-alt="in {braces}" #fig-a}'
    check_references(QMD, notebook(prose, "#| label: tbl-a\nx", text_markdown=figure))  # type: ignore[arg-type]


def test_dangling_references_are_named_with_their_line() -> None:
    assert problems("one\n\nsee @tbl-none") == [(7, "@tbl-none")]
    assert problems("a", "#| tbl-cap: See @fig-b\nx") == [(20, "@fig-b")]
    assert problems("a", "x", text_markdown="see @fig-c") == [(20, "@fig-c")]


def test_ids_used_twice_are_named() -> None:
    assert problems("![A](a){#fig-a}", "#| label: fig-a\nx") == [(1, "#fig-a")]


def test_html_only_output_and_figures_without_words_stop() -> None:
    assert problems("a", "x", text_html="<table>") == [(20, "HTML output")]
    assert problems("a", "x", image_png="x") == [(20, "fig-alt")]
    check_references(QMD, notebook("a", "#| output: false\nx", text_html="<table>"))  # type: ignore[arg-type]
