"""Project, front matter and format options merge as in Quarto; dates are written out."""

import datetime
from pathlib import Path

from pipeline.reporting.metadata import metadata, written_date


def test_later_layers_win_and_paths_are_absolute(tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").write_text(
        "project: {type: default}\ntoc: true\nlang: en-GB\nbibliography: all.bib\nexecute: {echo: false}\n"
        "format: {revealjs: {toc: false}, docx: {toc-depth: 1}}\n",
        encoding="utf-8",
    )
    folder = tmp_path / "sub"
    folder.mkdir()
    front = {"title": "T", "toc-depth": 2, "author": {"name": "A", "affiliation": "B"}, "execute": {"output": False}}
    html = metadata(front, folder, "html")
    assert html["bibliography"] == [(tmp_path / "all.bib").as_posix()]
    assert (html["toc"], html["toc-depth"], html["lang"]) == (True, 2, "en-GB")
    assert html["execute"] == {"echo": False, "output": False}
    assert html["author"] == ["A (B)"]
    assert metadata(front, folder, "slides")["toc"] is False
    assert metadata({"title": "T"}, folder, "docx")["toc-depth"] == 1


def test_dates_are_written_out_in_english_only() -> None:
    assert written_date(datetime.date(2026, 3, 7), "en-CA") == "7 March 2026"
    assert written_date("2026-03-07", "en") == "7 March 2026"
    assert written_date("2026-03-07", "nb") == "2026-03-07"
    assert written_date("Spring 2026", "en") == "Spring 2026"
