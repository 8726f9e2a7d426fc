"""Session files and study folders of any size, made up, to the same bytes on each run.

    python size_data.py PROJECT ROWS SERVICES [INSTRUMENT RESPONDENTS]

Which sizes are measured, and how, belongs in ``size.py``.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from pipeline.studies import instruments
from schemas.instrument import Instrument
from schemas.sessions import ACTIVITIES, MODES

STUDY = "demo-size"
START, END = date(2025, 1, 1), date(2025, 12, 31)
CHUNK = 500_000
JOINT, NO_SHOW, ELSEWHERE = 0.05, 0.10, 0.02
WORKERS_EACH = 5
ROWS_A_CLIENT = 12
SKEW = 1.5  # some clients come often, many seldom


def service_ids(services: int) -> list[str]:
    """The ids of the services."""
    return [f"service-{number:03d}" for number in range(services)]


def write_sessions(path: Path, rows: int, services: int, seed: int = 1) -> Path:
    """A session file of ``rows`` rows: about 12 a client, 5 % of them the second client of a contact, 10 % no-shows.

    A client keeps to one service but for one contact in fifty. The file is written in chunks, so that its size is
    bounded by the disk and not by memory.
    """
    clients = max(rows // ROWS_A_CLIENT, 10)
    home = np.random.default_rng(seed).integers(0, services, clients)
    with path.open("wb") as stream:
        for first in range(0, rows, CHUNK):
            chunk = _chunk(first, min(CHUNK, rows - first), home, services, seed)
            chunk.write_csv(stream, include_header=first == 0)
    return path


def _chunk(first: int, size: int, home: np.ndarray, services: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng([seed, first])
    client = (rng.random(size) ** SKEW * len(home)).astype(np.int64)
    service = np.where(rng.random(size) < ELSEWHERE, rng.integers(0, services, size), home[client])
    second = _second_clients(rng, size)
    above = np.arange(size) - second  # the row that says what the contact was
    client = np.where(second, (client[above] + 1 + client % (len(home) - 1)) % len(home), client)
    attended = rng.random(size) >= NO_SHOW
    minutes = np.where(attended, rng.integers(5, 120, size)[above], 0)
    worker = service * WORKERS_EACH + rng.integers(0, WORKERS_EACH, size)
    frame = pl.DataFrame(
        {
            "session": first + above,
            "client": client,
            "service": service[above],
            "worker": worker[above],
            "date": rng.integers(0, (END - START).days + 1, size)[above],
            "minutes": minutes,
            "mode": rng.integers(0, len(MODES), size)[above],
            "activity": rng.integers(0, len(ACTIVITIES), size)[above],
            "attended": attended,
        }
    )
    return frame.with_columns(
        pl.format("s{}", pl.col("session").cast(pl.String).str.zfill(9)),
        pl.format("c{}", pl.col("client").cast(pl.String).str.zfill(8)),
        pl.col("service").replace_strict(dict(enumerate(service_ids(services))), return_dtype=pl.String),
        pl.format("w{}", pl.col("worker").cast(pl.String).str.zfill(4)),
        (pl.lit(START) + pl.duration(days=pl.col("date"))).alias("date"),
        pl.col("mode").replace_strict(dict(enumerate(MODES)), return_dtype=pl.String),
        pl.col("activity").replace_strict(dict(enumerate(ACTIVITIES)), return_dtype=pl.String),
    )


def _second_clients(rng: np.random.Generator, size: int) -> np.ndarray:
    """Which rows are the second client of the contact above; no contact has three."""
    second = rng.random(size) < JOINT
    second[0] = False
    second[1:] &= ~second[:-1]
    return second


def write_survey(path: Path, instrument: Instrument, respondents: int, services: int, seed: int = 2) -> Path:
    """A survey export: one row a respondent, one column an item, 3 % of the answers blank."""
    rng = np.random.default_rng(seed)
    labels = [option.label for option in instrument.options]
    shares = np.arange(1, len(labels) + 1) / sum(range(1, len(labels) + 1))
    columns = {
        "respondent": [f"r{number:06d}" for number in range(respondents)],
        "service": [service_ids(services)[one] for one in rng.integers(0, services, respondents)],
    }
    for item in instrument.items:
        answers = rng.choice(len(labels), respondents, p=shares)
        blank = rng.random(respondents) < 0.03
        columns[item.id] = [None if empty else labels[one] for one, empty in zip(answers, blank, strict=True)]
    pl.DataFrame(columns).write_csv(path)
    return path


def write_study(
    raw: Path, services: int, rows: int, instrument: Instrument | None = None, respondents: int = 0
) -> Path:
    """A study folder with a session file and, where an instrument is given, one wave of its survey."""
    folder = raw / STUDY
    folder.mkdir(parents=True, exist_ok=True)
    write_sessions(folder / "sessions.csv", rows, services)
    tables = {"sessions": [{"file": "sessions.csv", "data_status": "demonstration"}]}
    content = {
        "study": STUDY,
        "title": f"A fictional programme of {services} services",
        "country": "ZZ",
        "period": {"start": START, "end": END},
        "source_family": STUDY,
        "fictional": True,
        "summary": "Made up, to measure how long things take.",
        "services": [{"id": one, "name": one.replace("-", " ").title()} for one in service_ids(services)],
        "tables": tables,
    }
    if instrument:
        content |= _with_survey(folder, tables, instrument, respondents, services)
    (folder / "services.txt").write_text("\n".join(service_ids(services)), encoding="utf-8")
    (folder / "study.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder


def _with_survey(folder: Path, tables: dict, instrument: Instrument, respondents: int, services: int) -> dict:
    write_survey(folder / "survey.csv", instrument, respondents, services)
    answered = pl.read_csv(folder / "survey.csv").group_by("service").len("answered").sort("service")
    asked = pl.col("answered") * 3 // 2
    answered.select(
        pl.lit(instrument.instrument).alias("instrument"),
        "service",
        pl.lit("autumn").alias("wave"),
        (asked + 5).alias("eligible"),
        asked.alias("invited"),
        "answered",
    ).write_csv(folder / "response.csv")
    survey = {"file": "survey.csv", "instrument": instrument.instrument, "wave": "autumn"}
    tables["surveys"] = [survey | {"data_status": "demonstration"}]
    tables["response"] = [{"file": "response.csv", "data_status": "demonstration"}]
    category = instrument.options[-1].id
    return {
        "waves": [{"id": "autumn", "label": "Autumn 2025", "start": date(2025, 10, 1), "end": date(2025, 11, 30)}],
        "analyses": {
            "pooling": [{"instrument": instrument.instrument, "category": category, "wave": "autumn"}],
            "alpha": [instrument.instrument],
        },
    }


def write_project(root: Path, source: Path) -> Path:
    """A project without studies: the report files and the lock of ``source``."""
    root.mkdir(parents=True)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(source / name, root / name)
    (root / "reports").mkdir()
    for name in ("_quarto.yml", "_study.qmd", "references.bib"):
        shutil.copy(source / "reports" / name, root / "reports" / name)
    shutil.copytree(source / "reports" / "brand", root / "reports" / "brand")
    (root / "raw").mkdir()
    return root


def main() -> None:
    """A project with one study."""
    root, rows, services, *survey = sys.argv[1:]
    write_project(Path(root), Path(__file__).parents[1])
    instrument, respondents = (instruments()[survey[0]], int(survey[1])) if survey else (None, 0)
    write_study(Path(root) / "raw", int(services), int(rows), instrument, respondents)


if __name__ == "__main__":
    main()
