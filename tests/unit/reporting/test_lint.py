"""Each feature outside the set stops with its name and line; ordinary reports pass."""

from pathlib import Path

import pytest

from pipeline.reporting.errors import LintError
from pipeline.reporting.lint import check, lint
from pipeline.reporting.render import render

RICH = Path(__file__).parents[2] / "integration" / "qmd" / "rich.qmd"
HEAD = "---\ntitle: A report\n---\n\n"  # the body starts at line 5


def found(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    qmd = tmp_path / "report.qmd"
    qmd.write_text(text, encoding="utf-8")
    return [(problem.line, problem.feature) for problem in lint(qmd)]


def test_reports_with_all_features_in_use_pass() -> None:
    assert lint(RICH) == []
    assert lint(RICH.with_name("deck.qmd")) == []


@pytest.mark.parametrize(
    ("body", "line", "feature"),
    [
        ("text\n\n{{< pagebreak >}}", 7, "shortcode pagebreak"),
        ("```{mermaid}\nflowchart LR\n```", 5, "executable language mermaid"),
        ("```{r}\n1\n```", 5, "executable language r"),
        ("Value `{r} 1 + 1`.", 5, "inline code {r}"),
        ("```{python}\n#| echo: false\n#| fig-width: 4\n1\n```", 7, "cell option fig-width"),
        ("```{python}\n#| echo: fenced\n1\n```", 6, "cell option echo"),
        ("```{python}\n#| tags: [slow]\n1\n```", 6, "cell option tags"),
        ("```{python}\n#| tbl-cap: A\n1\n```", 6, "tbl-cap"),
        ("```{python}\n#| label: fig-a\n#| fig-cap: A\n1\n```", 6, "fig-alt"),
        ("```{python}\n#| label: lst-a\n1\n```", 6, "label lst-a"),
        ("```{python echo=FALSE}\n1\n```", 5, "cell options in braces (echo=FALSE)"),
        ("::: {layout-ncol=2}\na\n:::", 5, "div attribute layout-ncol"),
        ("::: {.column-margin}\na\n:::", 5, "div .column-margin"),
        ('::: {.callout-note collapse="true"}\na\n:::', 5, "div attribute collapse"),
        ("::: {.callout-note}\na", 5, "div :::"),
        ("a\n\n:::", 7, "div :::"),
        ('::: {.content-visible when-format="beamer"}\na\n:::', 5, "when-format=beamer"),
        ("::: {.content-hidden}\na\n:::", 5, ".content-hidden"),
        ("<div>\na\n</div>", 5, "raw HTML <div>"),
        ("one<br>two", 5, "raw HTML <br>"),
        ("``` {=html}\n<b>\n```", 5, "raw block {=html}"),
        ("`<b>`{=html}", 5, "code attributes {=html}"),
        ("\\newpage", 5, "raw TeX \\newpage"),
        ("The sum $a + b$.", 5, "mathematics $a + b$"),
        ("See @thm-one.", 5, "reference @thm-one"),
        ("See [@eq-one].", 5, "reference @eq-one"),
        ("![A](a.png){#fig-a width=50%}", 5, "image attribute width"),
        ("![A](https://example.org/a.png)", 5, "image from the network"),
        ("![](a.png)", 5, "image without alternative text"),
        ("## A {.smaller}", 5, "heading attribute smaller"),
        ("[a]{.smallcaps}", 5, "span attribute smallcaps"),
        ('| a |\n|---|\n| 1 |\n\n: C {#tbl-a tbl-colwidths="[1]"}', 9, "table attribute tbl-colwidths"),
    ],
)
def test_a_feature_outside_the_set_is_named_with_its_line(tmp_path: Path, body: str, line: int, feature: str) -> None:
    assert (line, feature) in found(tmp_path, HEAD + body + "\n")


@pytest.mark.parametrize(
    "body",
    [
        "It cost $5 and later $6; p <0.05, a < b > c.",
        "Mail <a@example.org> or <https://example.org>.",
        "<!-- a note with <b> and {{< x >}} -->\n\ntext",
        "<!-- a note\nwith <b> on two lines\n-->",
        "```html\n<b>$x$ {{x}} @thm-a</b>\n```",
        "Code `<b>` and `$x$` and `\\newpage`.",
        "Write to someone@eq-group.example.",
        "::: callout-note\ntext\n:::",
        '[only here]{.content-visible when-format="html"}',
        "::::: {.panel-tabset}\n## A\n\n::: {.callout-tip}\nx\n:::\n:::::",
        "A note.^[With *text*.]",
    ],
)
def test_ordinary_text_is_not_taken_for_a_feature(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, HEAD + body + "\n") == []


@pytest.mark.parametrize(
    ("head", "line", "feature"),
    [
        ("title: T\ntheme: cosmo", 3, "front matter option theme"),
        ("title: T\nformat:\n  html:\n    code-fold: true", 5, "html option code-fold"),
        ("title: T\nformat: pptx", 3, "format pptx"),
        ("title: T\nexecute:\n  freeze: auto", 4, "execute option freeze"),
        ("title: T\nauthor:\n  - name: A\n    orcid: 1", 5, "author option orcid"),
        ("title: T\ndate: today", 3, "date: today"),
        ("title: '`{python} x`'", 2, "inline code in front matter"),
        ("lang: en", 1, "front matter"),
        ("title: [T", 2, "front matter"),
    ],
)
def test_front_matter_is_checked_with_lines(tmp_path: Path, head: str, line: int, feature: str) -> None:
    assert (line, feature) in found(tmp_path, f"---\n{head}\n---\n\ntext\n")


def test_label_used_twice_and_two_parameter_cells(tmp_path: Path) -> None:
    cell = "```{python}\n#| label: tbl-a\n#| tbl-cap: A\n#| tags: [parameters]\nx = 1\n```\n"
    features = found(tmp_path, HEAD + cell + cell)
    assert (12, "label tbl-a") in features
    assert (12, "tags: parameters") in features


def test_every_problem_is_reported_and_stops_rendering(tmp_path: Path) -> None:
    qmd = tmp_path / "report.qmd"
    qmd.write_text(HEAD + "{{< a >}}\n\n<b>x</b>\n", encoding="utf-8")
    with pytest.raises(LintError) as caught:
        render(qmd, tmp_path / "out", ["html"])
    assert len(caught.value.problems) == 3
    assert f"{qmd}:5: shortcode a" in str(caught.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(LintError):
        check(qmd)
