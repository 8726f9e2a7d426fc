"""The Quarto engine's command line and file moves, against a stand-in for the executable."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from pipeline.reporting.engines import engine
from pipeline.reporting.errors import ConversionError, EngineError, ReportError
from pipeline.reporting.render import render

STAND_IN = """#!{python}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("1.7.32")
    sys.exit()
here = pathlib.Path.cwd()
call = {{"argv": sys.argv[1:], "cwd": str(here), "python": os.environ["QUARTO_PYTHON"]}}
notebook = (here / sys.argv[2]).read_text()
with open({log!r}, "a") as log:
    log.write(json.dumps([call, notebook]) + "\\n")
said = os.environ.get("STAND_IN_SAYS", "")
print(said, file=sys.stderr)
if "ERROR" in said:
    sys.exit(1)
name = sys.argv[sys.argv.index("--output") + 1]
(here / name).write_text("made by quarto")
(here / (pathlib.Path(name).stem + "_files")).mkdir(exist_ok=True)
"""
REPORT = """---
title: T
format:
  html:
    toc: true
---

```{python}
#| label: tbl-a
#| tbl-cap: A
from IPython.display import Markdown
n = 41 + 1
Markdown("| n |\\n|--:|\\n| 42 |")
```

There are `{python} n`; see @tbl-a.
"""


@pytest.fixture
def qmd(tmp_path: Path) -> Path:
    path = tmp_path / "reports" / "report.qmd"
    path.parent.mkdir()
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    log = tmp_path / "calls.jsonl"
    executable = tmp_path / "bin" / "quarto"
    executable.parent.mkdir()
    executable.write_text(STAND_IN.format(python=sys.executable, log=str(log)), encoding="utf-8")
    executable.chmod(0o755)
    monkeypatch.setenv("PATH", f"{executable.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("PEERSCOPE_ENGINE", raising=False)
    return log


def test_quarto_gets_the_executed_notebook_and_pdf_goes_to_typst(qmd: Path, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = render(qmd, out, ["html", "docx", "slides", "pdf"])
    assert [path.name for path in written] == ["report.html", "report.docx", "report.slides.html", "report.pdf"]
    assert written[0].read_text() == "made by quarto"
    assert written[3].read_bytes().startswith(b"%PDF")
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    assert [call["argv"][call["argv"].index("--to") + 1] for call, _ in calls] == ["html", "docx", "revealjs"]
    for call, _ in calls:
        command, source, flag, *_, output = call["argv"]
        assert (command, flag) == ("render", "--no-execute")
        assert Path(source).suffix == ".ipynb"
        assert not source.startswith((".", "_"))
        assert Path(output).stem == Path(source).stem
        assert call["cwd"] == str(qmd.parent)
        assert call["python"] == sys.executable
    assert sorted(path.name for path in qmd.parent.iterdir()) == ["report.qmd"]
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in written)


def test_the_notebook_for_quarto_is_valid_and_complete(qmd: Path, log: Path, tmp_path: Path) -> None:
    render(qmd, tmp_path / "out", ["html"])
    notebook = nbformat.reads(json.loads(log.read_text().splitlines()[0])[1], as_version=4)
    nbformat.validate(notebook)
    front, code, prose = notebook.cells
    assert front.cell_type == "raw"
    data = yaml.safe_load(front.source.strip().strip("-"))
    assert data["format"] == {"html": {"toc": True, "default-image-extension": "svg", "embed-resources": True}}
    assert code.source.startswith("#| label: tbl-a\n#| tbl-cap: A\n")
    assert code.outputs[0]["data"]["text/markdown"].endswith("| 42 |")
    assert "There are 42; see @tbl-a." in prose.source


def test_a_failing_or_warning_quarto_leaves_nothing_behind(
    qmd: Path, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    for said in ("ERROR: no such theme", "[WARNING] Citeproc: citation x not found"):
        monkeypatch.setenv("STAND_IN_SAYS", said)
        with pytest.raises(ConversionError, match=r"report.qmd: .*(no such theme|citation x)"):
            render(qmd, out, ["html"])
        assert list(out.iterdir()) == []
        assert [path.name for path in qmd.parent.iterdir()] == ["report.qmd"]


def test_engine_says_which_and_why(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine()
    assert (found.name, found.version) == ("quarto", "1.7.32")
    assert "found at" in found.reason
    assert engine("pandoc").reason == "asked for"
    monkeypatch.setenv("PEERSCOPE_ENGINE", "pandoc")
    forced = engine()
    assert (forced.name, forced.reason) == ("pandoc", "PEERSCOPE_ENGINE=pandoc")
    assert forced.version.startswith("3.")


def test_without_quarto_pandoc_is_used_and_quarto_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PEERSCOPE_ENGINE", raising=False)
    assert engine().name == "pandoc"
    assert "no `quarto` on the PATH" in engine().reason
    with pytest.raises(EngineError, match="no `quarto`"):
        engine("quarto")
    with pytest.raises(EngineError, match="unknown report engine 'latex'"):
        engine("latex")


def test_unknown_formats_are_refused(qmd: Path, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="unknown format pptx"):
        render(qmd, tmp_path, ["pptx"])
