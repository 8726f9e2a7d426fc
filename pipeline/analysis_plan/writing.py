"""``peerscope plan``: the analysis plan of a study, from its study file, before data are in.

It is a command and not an asset: a plan is made once, read, signed and kept, and must not change when data arrive.
``reports/_analysis_plan.qmd`` puts its parts in order; what they say is in ``parts.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.analysis_plan.parts import Plan
from pipeline.store import Project
from pipeline.studies import load_study

SOURCE = "_analysis_plan.qmd"
FORMATS = ("html", "docx", "pdf")


def print_plan(project: Project, study: str, formats: Sequence[str], dated: str = "") -> int:
    """Write the plan of a study and print where it is; the exit status.

    Parameters
    ----------
    formats
        Any of html, docx, pdf.
    dated
        A date to print on it (``2026-03-31``); none where empty, so that the same file gives the same plan.
    """
    from pipeline.terminal import console

    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        console.print(f"There is no format '{unknown[0]}' of a plan. Known: {', '.join(FORMATS)}.")
        return 2
    for path in write_plan(project, study, formats, dated):
        console.print(project.relative(path), soft_wrap=True)
    for line in Plan(study, project).cautions():
        console.print(line, soft_wrap=True, markup=False)
    return 0


def write_plan(project: Project, study: str, formats: Sequence[str], dated: str = "") -> list[Path]:
    """Render ``outputs/reports/<study>-analysis-plan.*`` and return the files.

    Raises
    ------
    ProblemsFoundError
        When the study file is not valid; its data files need not be there.
    ReportError
        When the report can't be rendered.
    """
    from pipeline.reporting.render import render

    load_study(project.raw / study, files=False)  # before a kernel is started
    own = project.report_sources / SOURCE
    source = own if own.is_file() else Path(__file__).parents[2] / "reports" / SOURCE
    parameters = {"study": study, "dated": dated}
    stem = f"{study}-analysis-plan"
    return render(source, project.reports, formats, parameters, extra_env=project.environment(), stem=stem)
