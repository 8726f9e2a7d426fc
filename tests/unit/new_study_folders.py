"""Folders of new studies made from exports, for the tests of `peerscope new`."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import yaml

from pipeline.scaffold.folder import Wish, planned, texts_of, write_folder

DAY = date(2027, 2, 3)


def made(tmp_path: Path, **wish: object) -> Path:
    asked = Wish(**{"study": "my-study", "services": "North Clinic, South Clinic", "today": DAY} | wish)  # type: ignore[arg-type]
    return write_folder(tmp_path / "raw" / asked.study, texts_of(planned(tmp_path / "raw", asked)))


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


LOG = [
    ["Contact ID", "Client ID", "Client Name", "Clinic", "Contact Date", "Duration", "Mode", "Attendance", "Notes"],
    *[
        [
            f"k-{n:03}",
            f"p-{n % 7}",
            f"Person Number{n % 7}",
            ["North Clinic", "St Mary's"][n % 2],
            f"{n % 28 + 1:02}/03/2027",
            "00:45",
            "at her sister's" if n == 40 else ["Face to face", "Phone", "Pigeon"][n % 3],
            ["Attended", "DNA"][n % 4 == 0],
            f"He told me about his mother {n}",
        ]
        for n in range(60)
    ],
]


def entry(folder: Path, table: str) -> dict[str, object]:
    content = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    found: dict[str, object] = content["tables"][table][0]
    return found
