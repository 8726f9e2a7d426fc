"""A .qmd runs once, in order, in its own folder; inline values see the state at their place."""

from pathlib import Path

import pytest

from pipeline.reporting.errors import ExecutionError, ReportError
from pipeline.reporting.execute import execute
from pipeline.reporting.source import options

ORDER = """---
title: T
---

```{python}
#| tags: [parameters]
service = "all"
count = 1
```

First `{python} count` of `{python} service`.

```{python}
#| label: tbl-a
#| tbl-cap: "A: b"
import os
import warnings

from IPython.display import Markdown

count += 1
warnings.warn("for whoever renders")
Markdown("| a |")
```

Then `{python} count`, `{python} "*x*"`, `{python} Markdown("**b**")` and `{python} 2.50`.

```
`{python} count`
```

`{python} os.environ.get("PEERSCOPE_OUTPUTS")` `{python} os.path.basename(os.getcwd())`
"""


@pytest.fixture
def qmd(tmp_path: Path) -> Path:
    path = tmp_path / "reports" / "report.qmd"
    path.parent.mkdir()
    path.write_text(ORDER, encoding="utf-8")
    return path


def sources(notebook: object, kind: str) -> list[str]:
    return [cell.source.strip() for cell in notebook.cells if cell.cell_type == kind]  # type: ignore[attr-defined]


def test_inline_values_follow_the_order_of_the_document(qmd: Path) -> None:
    notebook = execute(qmd, extra_env={"PEERSCOPE_OUTPUTS": "here"})
    first, second = sources(notebook, "markdown")
    assert first == "First 1 of all."
    assert second.startswith(r"Then 2, \*x\*, **b** and 2.5.")
    assert "```\n`{python} count`\n```" in second
    assert second.endswith("here reports")


def test_parameters_override_and_options_and_outputs_survive(qmd: Path) -> None:
    notebook = execute(qmd, {"service": "act", "count": 5})
    assert sources(notebook, "markdown")[0] == "First 5 of act."
    cell = notebook.cells[-2]
    assert options(cell.source) == {"label": "tbl-a", "tbl-cap": "A: b"}
    assert [output["data"]["text/markdown"] for output in cell.outputs] == ["| a |"]


def test_notebook_is_the_same_each_time(qmd: Path) -> None:
    assert execute(qmd) == execute(qmd)


def test_parameters_that_are_not_declared_are_refused(qmd: Path) -> None:
    with pytest.raises(ReportError, match=r"unknown parameter site; declared: count, service"):
        execute(qmd, {"site": 1})
    with pytest.raises(ReportError, match="can't be written"):
        execute(qmd, {"service": object()})
    qmd.write_text("---\ntitle: T\n---\ntext\n", encoding="utf-8")
    with pytest.raises(ReportError, match="no cell is tagged"):
        execute(qmd, {"service": "act"})


@pytest.mark.parametrize(
    ("body", "line", "exception"),
    [
        ("```{python}\n#| echo: false\nx = 1\nraise ValueError('no such service')\n```", 8, "ValueError"),
        ("```{python}\ndef f():\n    return {}['a']\n\n\nf()\n```", 10, "KeyError"),
        ("```{python}\nx = (\n```", 6, "SyntaxError"),
        ("text\n\nand `{python} missing` here", 7, "NameError"),
    ],
)
def test_an_error_names_file_line_and_exception(tmp_path: Path, body: str, line: int, exception: str) -> None:
    qmd = tmp_path / "broken.qmd"
    qmd.write_text(f"---\ntitle: T\n---\n\n{body}\n", encoding="utf-8")
    with pytest.raises(ExecutionError) as caught:
        execute(qmd)
    assert (caught.value.line, caught.value.exception) == (line, exception)
    message = str(caught.value)
    assert message.startswith(f"{qmd}:{line}: {exception}")
    assert "Traceback" not in message
    assert "\x1b" not in message
