"""The figures of the synthesis: a table of contents. Each is drawn in the module of its kind."""

from __future__ import annotations

import pandas as pd

from pipeline.figures import circles as circles_figures
from pipeline.figures import framework as framework_figures
from pipeline.figures.spec import FigureSpec


def specs(framework: pd.DataFrame, circles: pd.DataFrame, studies: pd.DataFrame) -> list[FigureSpec]:
    """The framework matrices, then the circles, where there is something to draw."""
    return [*framework_figures.specs(framework, studies), *circles_figures.specs(circles)]
