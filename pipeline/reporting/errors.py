"""The ways a report can fail to render, each told in one or a few lines a person can act on.

Only exception classes belong here; what finds the errors is in the other modules of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class ReportError(Exception):
    """A report could not be rendered; the message says where and why."""


@dataclass(frozen=True)
class Problem:
    """One place in a `.qmd` file where a feature outside the agreed set is used, or used wrongly."""

    file: Path
    line: int
    feature: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.feature}: {self.message}"


class LintError(ReportError):
    """The `.qmd` uses something that one of the two engines would render otherwise, or not at all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ExecutionError(ReportError):
    """A cell or an inline expression raised; names the `.qmd`, the line and the exception."""

    def __init__(self, file: Path, line: int, exception: str, message: str) -> None:
        self.file, self.line, self.exception = file, line, exception
        super().__init__(f"{file}:{line}: {exception}: {message}" if message else f"{file}:{line}: {exception}")


class ConversionError(ReportError):
    """Pandoc, typst or Quarto refused the executed report."""


class EngineError(ReportError):
    """The report engine asked for is unknown or not installed."""
