"""What commands print: progress, tables of problems and claims, and the end of a run.

What is done, and in which order, belongs in ``run.py`` and ``validation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.graph import plan
from pipeline.problems import Problem, ProblemsFoundError, by_rule, how_many, keep_report, read_report, summary
from pipeline.run import Outcome, run, selected
from pipeline.store import Project
from pipeline.studies import load_study, study_folders
from schemas.study import Tables

console = Console(highlight=False)
if not console.is_terminal:
    console = Console(highlight=False, width=160)


def run_with_progress(project: Project, study: str | None, patterns: Sequence[str], force: bool) -> int:
    """Run what is stale under a progress bar and print the end; the exit status."""
    if patterns and not selected(plan(project), study, patterns):
        console.print("No asset fits. Assets are named so:", ", ".join(n.label for n in plan(project)[:8]), "...")
        return 2
    follow = _Follow()
    with follow:
        outcome = run(project, study, patterns, force, follow)
    _print_end(project, outcome)
    return 0 if outcome.succeeded else 1


class _Follow:
    """A progress bar that names what is running; plain lines where there is no terminal."""

    def __init__(self) -> None:
        self.running = False

    def __enter__(self) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        words = TextColumn("{task.description}")
        bar = (SpinnerColumn(), BarColumn(28), MofNCompleteColumn(), TimeElapsedColumn(), words)
        self.bar = Progress(*bar, console=console, transient=True)
        self.task = self.bar.add_task("", total=None)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def __call__(self, label: str, what: str) -> None:
        if what == "total":
            self.bar.update(self.task, total=int(label))
        elif what == "start":
            self._start(label)
        else:
            self.bar.advance(self.task)
            if what == "done" and not console.is_terminal:
                console.print(f"  {label}")

    def _start(self, label: str) -> None:
        if not self.running:
            self.running = True
            self.bar.start()
        self.bar.update(self.task, description=label)


def _print_end(project: Project, outcome: Outcome) -> None:
    folders = {node.label: node.folder for node in plan(project) if node.folder}
    for label, why in outcome.failed.items():
        console.print(f"[bold red]failed[/]   {label}: {escape(why)}", soft_wrap=True)
        study = folders[label].name if label in folders else "project"
        kept = project.restricted(study, "problems", f"{label.rpartition('/')[2]}.csv")
        for line in summary(read_report(kept), 6):
            console.print(f"           {line}", soft_wrap=True, markup=False)
    if outcome.skipped:
        console.print(f"skipped  {len(outcome.skipped)} asset(s) below; what they made before is as it was")
    for claim in outcome.unexpected_claims:
        console.print(f"[bold red]claim[/]    {claim} came out otherwise than expected (peerscope claims)")
    if not outcome.stale:
        console.print(f"Nothing to do: every asset is fresh. ({outcome.seconds:.1f} s)")
    else:
        _print_changes(outcome)
    _print_reports(project)


def _print_changes(outcome: Outcome) -> None:
    moved = outcome.estimates
    fresh = f", {len(outcome.fresh)} turned out to be fresh" if outcome.fresh else ""
    counts = ", ".join(f"{len(moved.get(k, []))} {k}" for k in ("appeared", "moved", "vanished") if moved.get(k))
    console.print(
        f"{len(outcome.done)} assets run, {len(outcome.changed)} changed{fresh}; "
        f"released estimates: {counts or 'none changed'}. ({outcome.seconds:.1f} s)"
    )


def _print_reports(project: Project) -> None:
    index = project.reports / "index.html"
    if index.is_file():
        formats = ", ".join(sorted({path.suffix[1:] for path in project.reports.glob("*.*")}))
        console.print(f"Reports ({formats}): [bold]{project.relative(index)}[/]", soft_wrap=True)


def validate_with_table(project: Project, study: str | None, explained: bool = False) -> bool:
    """Check the raw files of one study or all, and print what is to be mended; true if nothing is.

    ``explained`` prints beforehand how each column of a record comes from the export.
    """
    from pipeline.missing_parts import missing_parts, print_missing_parts
    from pipeline.study_check import check_study

    fine = _shared_files_are_valid(project) if study is None else True
    for folder in study_folders(project.raw):
        if study in (None, folder.name):
            if explained:
                _print_explanations(folder)
            checked = check_study(project, folder)
            found, tables = checked.problems, checked.tables
            for name, problems in found.items():
                keep_report(project.restricted(folder.name), name, problems)
            everything = [problem for problems in found.values() for problem in problems]
            blocked = any(part.blocks for part in missing_parts(folder))
            if everything or not blocked:
                _print_problems(project, folder.name, everything, tables)
            else:
                there = f"nothing is wrong with what is there: {', '.join(tables)}"
                console.print(f"[yellow]not ready[/]  {folder.name}: {there}", soft_wrap=True)
            for line in checked.advice:
                console.print(f"[yellow]look at[/]  {escape(line)}", soft_wrap=True)
            fine = print_missing_parts(folder) and not everything and fine
    return fine


def _shared_files_are_valid(project: Project) -> bool:
    """Check the codebook and the synthesis file, where they are, against the studies."""
    from pipeline.shared_checks import shared_problems

    found = shared_problems(project)
    for problem in found:
        console.print(f"[bold red]problem[/]  {escape(problem.without_value())}", soft_wrap=True)
    return not found


def _print_explanations(folder: Path) -> None:
    from pipeline.explanation import explain

    with suppress(ProblemsFoundError):  # told by the check
        study = load_study(folder)
        for table in (t for t in Tables.model_fields if getattr(study.tables, t)):
            for one in explain(folder, study, table):
                title = f"{one.file} → {one.table}: {one.meant} of {one.read} rows are meant"
                told = Table("record", "from", "how", "filled", "empty", box=None)
                console.print(f"[italic]{escape(title)}[/]", soft_wrap=True)
                for line in one.lines:
                    told.add_row(*(escape(cell) for cell in line))
                console.print(told)
                if one.not_used:
                    console.print(f"not used: {escape(', '.join(one.not_used))}", soft_wrap=True)
                console.print()


def _print_problems(project: Project, study: str, problems: Sequence[Problem], tables: Sequence[str]) -> None:
    if not problems:
        console.print(f"[green]valid[/]  {study}: {', '.join(tables)}", soft_wrap=True)
        return
    path = project.restricted(study, "problems.csv")
    console.print(f"[bold red]{how_many(problems)} problem(s)[/]  {study}")
    if len(problems) > 25:
        for rule, times in list(by_rule(problems).items())[:8]:
            console.print(f" {times:>7} × {escape(rule)}")
    for file in dict.fromkeys(problem.file for problem in problems[:25]):
        table = Table("row", "column", "what is wrong", "what to do", title=file, title_justify="left", box=None)
        for problem in (p for p in problems[:25] if p.file == file):
            table.add_row(str(problem.row or ""), problem.column, problem.rule, problem.remedy)
        console.print(table)
    more = f"{how_many(problems) - 25} more; " if len(problems) > 25 else ""
    console.print(f"{more}with the values, for your eyes only: {project.relative(path)}", soft_wrap=True)


def render_reports(project: Project, name: str | None, formats: Sequence[str]) -> int:
    """Render one report or all from what is released; the exit status."""
    from pipeline.reporting.render import FORMATS, render

    sources = {path.stem: path for path in sorted(project.report_sources.glob("[!_]*.qmd"))}
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or (name and name not in sources):
        what, known = (unknown[0], FORMATS) if unknown else (name, sources)
        console.print(f"There is no '{what}'. Known: {', '.join(known)}.")
        return 2
    for stem in [name] if name else sources:
        for path in render(sources[stem], project.reports, formats, extra_env=project.environment()):
            console.print(project.relative(path))
    return 0
