"""The ``peerscope`` command: what an evaluator types, and what she sees.

Exit status: 0 done; 1 data problems or a claim that came out otherwise than expected; 2 wrong use.
Heavy imports stand inside the commands that need them, so that a run with nothing to do is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.store import Project

app = typer.Typer(
    name="peerscope",
    help="From raw surveys and session logs of peer-support services to a report a funder can rely on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyOption = Annotated[str | None, typer.Option("--study", help="Only this study.")]
StudyArgument = Annotated[str | None, typer.Argument(help="Study id; all studies where left out.")]


def main() -> None:
    """Entry point; an interrupted run, and a report that can't be rendered, end without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from pipeline.problems import ProblemsFoundError
        from pipeline.reporting.errors import ReportError

        if not isinstance(error, (ProblemsFoundError, ReportError)):
            raise
        typer.echo(Project.find().without_paths(str(error)), err=True)
        sys.exit(1)


@app.command()
def run(
    study: StudyOption = None,
    select: Annotated[list[str] | None, typer.Option("--select", help="Asset pattern, such as 'reports/*'.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what is fresh.")] = False,
) -> None:
    """Materialise what is stale and render what changed; a second run does nothing."""
    from pipeline.terminal import run_with_progress

    project = Project.find()
    _known(project, study)
    sys.exit(run_with_progress(project, study, select or [], force))


@app.command()
def validate(
    study: StudyArgument = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each column comes from the export.")] = False,
) -> None:
    """Check the raw files only; a table of problems where there are any."""
    from pipeline.terminal import validate_with_table

    project = Project.find()
    _known(project, study)
    sys.exit(0 if validate_with_table(project, study, explain) else 1)


@app.command()
def reconstruct(study: Annotated[str, typer.Argument(help="Study id.")]) -> None:
    """Rebuild the reconstructed raw files from claims.csv and study.yml, to the same bytes."""
    from pipeline.generate import reconstruct_files

    _generated(study, reconstruct_files)


@app.command()
def simulate(study: Annotated[str, typer.Argument(help="Study id.")]) -> None:
    """Rebuild a demonstration study from its simulate.yml, to the same bytes."""
    from pipeline.generate import simulate_files

    _generated(study, simulate_files)


@app.command()
def claims(study: StudyArgument = None) -> None:
    """The scorecard of all studies; of one study, each published figure and how it came out."""
    from pipeline.scorecard import print_claims

    project = Project.find()
    _known(project, study)
    sys.exit(print_claims(project, study))


@app.command()
def sections(study: StudyArgument = None) -> None:
    """The sections of each document with their number of passages, or the reason why one has none."""
    from pipeline.listing import print_sections

    project = Project.find()
    _known(project, study)
    print_sections(project, study)


@app.command()
def segments(
    study: Annotated[str, typer.Argument(help="Study id.")],
    code: Annotated[str | None, typer.Option("--code", help="Only passages with this code.")] = None,
    section: Annotated[str | None, typer.Option("--section", help="Only passages of this section.")] = None,
) -> None:
    """The coded passages in our words, and as they stand in the document where it is supplied."""
    from pipeline.listing import print_segments

    project = Project.find()
    _known(project, study)
    sys.exit(print_segments(project, study, code, section))


@app.command()
def locate(
    study: Annotated[str, typer.Argument(help="Study id.")],
    words: Annotated[str, typer.Argument(help="Words as they stand in the document.")],
) -> None:
    """Where some words stand in a study's documents: the offsets that sections.csv and segments.csv want."""
    from pipeline.listing import print_places

    project = Project.find()
    _known(project, study)
    sys.exit(print_places(project, study, words))


@app.command()
def documents(file: Annotated[str, typer.Argument(help="A .qdpx or a Taguette .sqlite3 file.")]) -> None:
    """The documents of a file of coded text, as the study file wants them, and what is left out of it."""
    from pathlib import Path

    from pipeline.listing import print_documents

    sys.exit(print_documents(Path(file)))


@app.command()
def render(
    report: Annotated[str | None, typer.Argument(help="Report name; all where left out.")] = None,
    to: Annotated[str, typer.Option("--to", help="Formats: html, docx, pdf, slides.")] = "html,docx,pdf",
) -> None:
    """Render reports from what is released, whether or not they are stale."""
    from pipeline.terminal import render_reports

    sys.exit(render_reports(Project.find(), report, [one.strip() for one in to.split(",")]))


@app.command()
def new(
    study: Annotated[str, typer.Argument(help="Id, and name of the folder: small letters, digits, dashes.")],
    services: Annotated[
        str, typer.Option("--services", help="Names joined by commas, or a CSV with a column name.")
    ] = "",
    instruments: Annotated[str, typer.Option("--instruments", help="Ids of instruments.")] = "",
    waves: Annotated[str, typer.Option("--waves", help="Such as spring,autumn.")] = "",
    tables: Annotated[str, typer.Option("--tables", help="Such as sessions,response,workforce.")] = "",
    exports: Annotated[
        list[str] | None, typer.Option("--from", help="Export to guess the columns from; also table=file.")
    ] = None,
) -> None:
    """Make the folder of a new study; its files explain themselves."""
    from pipeline.scaffold.folder import Wish, new_study

    sys.exit(new_study(Project.find(), Wish(study, services, instruments, waves, tables, tuple(exports or ()))))


@app.command()
def plan(
    study: Annotated[str, typer.Argument(help="Study id.")],
    to: Annotated[str, typer.Option("--to", help="Formats: html, docx, pdf.")] = "html,docx,pdf",
    dated: Annotated[bool, typer.Option("--dated", help="Print today's date on it.")] = False,
) -> None:
    """Write the analysis plan that follows from the study file, before data are in."""
    from datetime import date

    from pipeline.analysis_plan.writing import print_plan

    project = Project.find()
    _known(project, study)
    day = date.today().isoformat() if dated else ""
    sys.exit(print_plan(project, study, [one.strip() for one in to.split(",")], day))


@app.command()
def snapshot(study: Annotated[str, typer.Argument(help="Study id.")]) -> None:
    """Run the queries of a study and keep their rows, so that a run needs no database."""
    from pipeline.snapshot import take

    project = Project.find()
    _known(project, study)
    found = take(project, study)
    if not found:
        typer.echo(f"No table of {study} has a query.")
    for taken in found:
        state = "new      " if taken.changed else "unchanged"
        typer.echo(f"{state}  {project.relative(taken.path)}  {taken.rows} rows")


@app.command()
def export(
    folder: Annotated[str, typer.Argument(help="Folder to write to; made where it is not there.")],
    to: Annotated[str, typer.Option("--to", help="Formats: csv, sav, dta, xlsx.")] = "csv,sav",
    study: StudyOption = None,
) -> None:
    """Write the release tables for other programs: CSV, SPSS, Stata, Excel."""
    from pathlib import Path

    from pipeline.exports import FORMATS
    from pipeline.exports import export as export_tables

    wanted = [one.strip() for one in to.split(",") if one.strip()]
    unknown = [one for one in wanted if one not in FORMATS]
    if unknown or not wanted:
        typer.echo(f"There is no format '{', '.join(unknown)}'. Known: {', '.join(FORMATS)}.", err=True)
        sys.exit(2)
    written = export_tables(Project.find(), wanted, Path(folder), study)
    typer.echo(f"{len(written)} files in {folder}")


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Open the Dagster UI on 127.0.0.1, with its state in outputs/."""
    import os

    from pipeline.run import prepare_home

    project = Project.find()
    prepare_home(project)
    os.environ |= project.environment()
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])  # noqa: PTH120
    where = ["-h", "127.0.0.1", "-p", str(port)]
    arguments = [sys.executable, "-m", "dagster", "dev", *where, "-m", "pipeline.definitions"]
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # Dagster's advice to its developers
    typer.echo(f"Dagster UI: http://127.0.0.1:{port}/asset-groups (stop with Ctrl+C)")
    os.execv(sys.executable, arguments)


@app.command()
def doctor() -> None:
    """What is installed, which report engine is used and why, what is missing."""
    from pipeline.doctor import print_examination

    sys.exit(0 if print_examination(Project.find()) else 1)


def _generated(study: str, generate: object) -> None:
    from pipeline.problems import ProblemsFoundError

    project = Project.find()
    _known(project, study)
    try:
        changed = generate(project, study)  # type: ignore[operator]
    except ProblemsFoundError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    for path, is_new in changed.items():
        typer.echo(f"{'written  ' if is_new else 'unchanged'}  {project.relative(path)}")


def _known(project: Project, study: str | None) -> None:
    """Wrong use ends with exit status 2 and the nearest study."""
    from pipeline.problems import nearest
    from pipeline.studies import study_folders

    names = [folder.name for folder in study_folders(project.raw)]
    if study and study not in names:
        typer.echo(
            f"There is no study '{study}' in {project.relative(project.raw)}/. {nearest(study, names)}", err=True
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
