"""Released figures as Markdown images."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.reporting.images import NotReleasedError, ReleasedFigures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two figures, seen from a folder beside theirs."""
    figures = tmp_path / "figures"
    figures.mkdir()
    frame = pd.DataFrame({"name": ["hope", "ties"], "caption": ["More hope.", ""], "alt": ['Two "bars".', "None."]})
    frame.to_csv(figures / "figures.csv", index=False)
    (figures / "hope.txt").write_text("Two bars.\n", encoding="utf-8")
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path / "reports")
    return figures


def test_a_figure_has_caption_place_label_and_alternative_text(folder: Path) -> None:
    image = str(ReleasedFigures(folder).image("hope"))
    assert image == '![More hope.](../figures/hope){#fig-hope fig-alt="Two ”bars”."}'


def test_caption_and_label_may_be_ones_own(folder: Path) -> None:
    image = str(ReleasedFigures(folder).image("ties", label="fig-own", caption="Mine"))
    assert image == '![Mine](../figures/ties){#fig-own fig-alt="None."}'


def test_names_and_alternative_texts(folder: Path) -> None:
    figures = ReleasedFigures(folder)
    assert figures.names() == ["hope", "ties"]
    assert figures.alt("hope") == "Two bars."


def test_a_figure_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    with pytest.raises(NotReleasedError, match="no figure 'hoep'; there are: hope, ties"):
        ReleasedFigures(folder).image("hoep")


def test_no_figures_yet(tmp_path: Path) -> None:
    with pytest.raises(NotReleasedError, match="no figures are released yet: run `peerscope run`"):
        ReleasedFigures(tmp_path).names()
