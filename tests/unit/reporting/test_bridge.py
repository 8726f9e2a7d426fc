"""The #| options of a cell decide what of it is written."""

from pathlib import Path

from nbformat import v4

from pipeline.reporting.bridge import to_markdown

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def written(tmp_path: Path, source: str, *outputs: object, target: str = "html") -> str:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source, outputs=list(outputs))])
    return to_markdown(notebook, target, {}, tmp_path).strip()


def shown(**data: str) -> object:
    return v4.new_output("display_data", {key.replace("_", "/", 1): value for key, value in data.items()})


def test_echo_include_and_output(tmp_path: Path) -> None:
    table = shown(text_markdown="| a |")
    assert written(tmp_path, "x = 1", table) == "```python\nx = 1\n```\n\n| a |"
    assert written(tmp_path, "#| echo: false\nx", table) == "| a |"
    assert written(tmp_path, "#| include: false\nx", table) == ""
    assert written(tmp_path, "#| output: false\nx", table) == "```python\nx\n```"


def test_printed_text_is_code_unless_asis(tmp_path: Path) -> None:
    stream = v4.new_output("stream", name="stdout", text="**a**\n")
    assert written(tmp_path, "#| echo: false\nx", stream) == "```\n**a**\n```"
    assert written(tmp_path, "#| echo: false\n#| output: asis\nx", stream) == "**a**"


def test_captioned_cell_becomes_a_float(tmp_path: Path) -> None:
    text = written(tmp_path, '#| echo: false\n#| label: tbl-a\n#| tbl-cap: "A *b*"\nx', shown(text_markdown="| a |"))
    assert "{#tbl-a .cell-float}\n| a |" in text
    assert "::: {.cell-caption}\nA *b*\n:::" in text


def test_word_takes_pixels_and_others_vectors(tmp_path: Path) -> None:
    drawn = v4.new_output("display_data", {"image/svg+xml": "<svg/>", "image/png": PIXEL})
    source = "#| echo: false\n#| label: fig-a\n#| fig-cap: A\n#| fig-alt: 'say \"a\" & b'\nx"
    assert 'fig-alt="say &quot;a&quot; &amp; b"' in written(tmp_path, source, drawn)
    assert (tmp_path / "cell-0-0.svg").read_text() == "<svg/>"
    assert ".png)" in written(tmp_path, source, drawn, target="docx")
    assert (tmp_path / "cell-0-0.png").read_bytes().startswith(b"\x89PNG")
