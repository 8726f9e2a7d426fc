"""Where things lie: the project's folders, atomic writes, and checksums.

What is fresh and what is stale belongs in ``manifest.py``; what the files mean belongs to who writes them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

PROJECT_VARIABLE = "PEERSCOPE_PROJECT"
OUTPUTS_VARIABLE = "PEERSCOPE_OUTPUTS"


@dataclass(frozen=True)
class Project:
    """The folders of one project: raw files, reports and notebooks to run, outputs to write."""

    root: Path
    outputs: Path

    @staticmethod
    def find(start: Path | None = None) -> Project:
        """The project that the environment names, else the one around ``start`` (the working directory),
        else the one that this package was installed from.
        """
        named = os.environ.get(PROJECT_VARIABLE)
        root = Path(named) if named else _around(start or Path.cwd()) or Path(__file__).parents[1]
        root = root.resolve()
        return Project(root, Path(os.environ.get(OUTPUTS_VARIABLE) or root / "outputs").resolve())

    @property
    def raw(self) -> Path:
        """Raw files, a folder a study; read only."""
        return self.root / "raw"

    @property
    def notebooks(self) -> Path:
        """Notebooks to run."""
        return self.root / "notebooks"

    @property
    def report_sources(self) -> Path:
        """The ``.qmd`` files."""
        return self.root / "reports"

    @property
    def reports(self) -> Path:
        """Rendered reports."""
        return self.outputs / "reports"

    @property
    def release(self) -> Path:
        """The release zone: what passed the gate."""
        return self.outputs / "release"

    @property
    def dagster_home(self) -> Path:
        """State of the Dagster instance."""
        return self.outputs / "dagster"

    def restricted(self, study: str, *parts: str) -> Path:
        """A path in the restricted zone of one study, which only its owner may read."""
        zone = self.outputs / "restricted"
        if not zone.is_dir():
            zone.mkdir(parents=True, mode=0o700)
        return zone.joinpath(study, *parts)

    def released(self, study: str, *parts: str) -> Path:
        """A path in the release zone of one study."""
        return self.release.joinpath("studies", study, *parts)

    def records(self, study: str, table: str) -> Path:
        """Validated records of one table."""
        return self.restricted(study, "records", f"{table}.parquet")

    def environment(self) -> dict[str, str]:
        """Where code that runs in a report or a notebook finds this project."""
        return {PROJECT_VARIABLE: str(self.root), OUTPUTS_VARIABLE: str(self.outputs)}

    def relative(self, path: Path) -> str:
        """The path as the project names it, with forward slashes, never the machine's own."""
        for base, prefix in ((self.outputs, "outputs/"), (self.root, "")):
            if path.is_relative_to(base):
                return prefix + path.relative_to(base).as_posix()
        return path.name

    def without_paths(self, text: str) -> str:
        """A message in which files are named as the project names them, never with the machine's own paths."""
        return text.replace(f"{self.outputs}{os.sep}", "outputs/").replace(f"{self.root}{os.sep}", "")


def _around(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / "raw").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    return None


def write_bytes(path: Path, content: bytes) -> Path:
    """Write all or nothing: to a temporary file beside ``path``, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def write_text(path: Path, content: str) -> Path:
    """Write UTF-8 text atomically."""
    return write_bytes(path, content.encode())


def write_json(path: Path, content: Any) -> Path:
    """Write JSON atomically, keys in the order given."""
    return write_text(path, json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n")


def write_parquet(path: Path, frame: pl.DataFrame | pd.DataFrame) -> Path:
    """Write a Polars or pandas frame as Parquet, atomically."""
    import polars as pl

    buffer = io.BytesIO()
    (frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)).write_parquet(buffer)
    return write_bytes(path, buffer.getvalue())


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A file to write to beside ``path``, which takes its place if all goes well, and goes if not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sink_parquet(path: Path, schema: Mapping[str, Any], batches: Iterable[pl.DataFrame]) -> None:
    """Write frames as they come; not atomic: use it on a ``staged`` file."""
    from polars.io.plugins import register_io_source

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        yield from batches

    register_io_source(source, schema=dict(schema)).sink_parquet(path, compression="lz4", maintain_order=True)


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """Write a pandas frame as CSV (UTF-8, empty for missing), atomically."""
    return write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def sha256(path: Path) -> str:
    """Checksum of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
