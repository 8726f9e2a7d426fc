"""A small coded study in a folder of its own: one text of three sections, and a composite vignette in the last."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

TEXT = "Ignore.\nPeers were trusted.\nOne café story.\n"
"""Sections end at 8, 28 and 44 characters; in bytes, the é makes it 45."""

STUDY = {
    "study": "quay",
    "title": "The Quay",
    "source_family": "quay",
    "services": [{"id": "alder", "name": "Alder"}],
    "tables": {
        name: [{"file": f"{name}.csv", "data_status": "observed"}] for name in ("sections", "segments", "codings")
    },
    "documents": [
        {
            "id": "report",
            "title": "A report",
            "type": "report",
            "sha256": hashlib.sha256(TEXT.encode("utf-8")).hexdigest(),
        },
        {
            "id": "story",
            "title": "A story",
            "type": "composite-vignette",
            "part_of": "report",
            "section": "story",
            "pseudonyms": ["Robin"],
        },
    ],
}

FILES = {
    "sections.csv": (
        "document,section,title,start,end,not_coded\n"
        "report,title,Title page,0,8,title page\n"
        "report,trust,Trust,8,28,\n"
        "report,story,A story,28,44,\n"
    ),
    "segments.csv": (
        "document,segment,section,start,end,summary,basis,respondent_group,service,quantifier,figures,releasable\n"
        "report,trust-1,trust,8,20,Peers felt that others trusted them.,participant-data,peer-workers,alder,,no,yes\n"
        "report,trust-2,trust,20,28,Hardly anybody doubted it.,evaluator-finding,peer-workers;staff,unattributed,,no,"
        "yes\n"
        "report,story-1,story,28,44,A made-up visit to a café.,participant-data,none,unattributed,,no,yes\n"
    ),
    "codings.csv": (
        "segment,coder,code,polarity\n"
        "trust-1,coder-1,trust,supports\n"
        "trust-2,coder-1,no-code,describes\n"
        "story-1,coder-1,hope,describes\n"
    ),
}

CODEBOOK = (
    "code,version,theme,parent,label,definition,when_to_use,when_not_to_use\n"
    "trust,1,factor,,Trust,Peers are trusted.,When trusted.,\n"
    "hope,1,outcome,,Hope,More hope.,When hoping.,\n"
)


def write_coded(raw: Path) -> Path:
    """The study in ``raw/quay``, and the codebook in ``raw/_shared``; its folder."""
    folder = raw / "quay"
    folder.mkdir(parents=True)
    (raw / "_shared").mkdir()
    (raw / "_shared" / "codebook.csv").write_text(CODEBOOK, encoding="utf-8")
    (folder / "study.yml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def supply(folder: Path, text: str = TEXT, name: str = "anything.txt") -> Path:
    """Put a source text where ``PEERSCOPE_DOCUMENTS`` may find it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path
