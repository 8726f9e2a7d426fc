"""The page docs/add-your-evaluation.md: its files and commands work as printed, and print what it prints."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from pipeline.store import OUTPUTS_VARIABLE, PROJECT_VARIABLE

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "add-your-evaluation.md"
FENCE = re.compile(r"^(?P<above>[^\n]*)\n+(?P<fence>`{3,})(?P<kind>\w+)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)
FILE = re.compile(r"^`(?P<path>[^`]+)`.*:$")
EDIT = re.compile(r"^In `(?P<path>[^`]+)`, below the first of these lines:$")
SHARED_REPORTS = ("_quarto.yml", "_study.qmd", "_analysis_plan.qmd", "changes.qmd", "references.bib")

pytestmark = pytest.mark.skipif(shutil.which("iconv") is None, reason="the page's commands are those of a Unix shell")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page, with the line above it."""

    above: str
    kind: str
    text: str


@dataclass(frozen=True)
class Told:
    """What a block of commands printed, and what the page says that it prints."""

    commands: str
    status: int
    printed: str
    on_the_page: str


def blocks() -> Iterator[Block]:
    for found in FENCE.finditer(PAGE.read_text(encoding="utf-8")):
        yield Block(found["above"], found["kind"], found["text"])


def follow(root: Path) -> list[Told]:
    """Do what the page says, from top to bottom."""
    told: list[Told] = []
    for block in blocks():
        if block.kind == "sh":
            made = subprocess.run(
                ["sh", "-ec", block.text],
                cwd=root,
                env=environment(root),
                capture_output=True,
                text=True,
                check=False,
            )
            told.append(Told(block.text, made.returncode, made.stdout + made.stderr, ""))
        elif block.kind == "text":
            last = told.pop()
            told.append(Told(last.commands, last.status, last.printed, block.text))
        elif edit := EDIT.match(block.above):
            path = root / edit["path"]
            text, line = path.read_text(encoding="utf-8"), block.text.splitlines(keepends=True)[0]
            assert text.count(line) == 1, line
            path.write_text(text.replace(line, block.text), encoding="utf-8")
        else:
            named = FILE.match(block.above)
            assert named, f"no file is named above: {block.text[:60]}"
            path = root / named["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return told


def environment(root: Path) -> dict[str, str]:
    path = os.pathsep.join([str(root / "bin"), os.environ["PATH"]])
    own = {
        PROJECT_VARIABLE: str(root),
        OUTPUTS_VARIABLE: str(root / "outputs"),
        "PYTHONPATH": str(root),
        "PATH": path,
    }
    return {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"} | own


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without studies, and our code in it: the page adds an instrument to both."""
    made = tmp_path_factory.mktemp("evaluation")
    for name in ("pipeline", "schemas", "raw/_shared", "reports/brand"):
        shutil.copytree(REPOSITORY / name, made / name)
    for name in (
        "pyproject.toml",
        "requirements.lock",
        ".gitignore",
        *(f"reports/{name}" for name in SHARED_REPORTS),
    ):
        shutil.copy(REPOSITORY / name, made / name)
    command = made / "bin" / "peerscope"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def told(root: Path) -> list[Told]:
    return follow(root)


def stretches(text: str) -> list[list[str]]:
    """Lines that stand below each other, white space aside; `…` stands for lines that are left out."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [part.split("\n") for part in "\n".join(lines).split("\n…\n") if part.strip()]


def test_the_commands_print_what_the_page_prints(told: list[Told]) -> None:
    shown = [one for one in told if one.on_the_page]
    assert len(shown) == 5
    for one in shown:
        printed = "\n".join(" ".join(line.split()) for line in one.printed.splitlines()) + "\n"
        at = 0
        for stretch in stretches(one.on_the_page):
            at = printed.find("\n".join(stretch) + "\n", at)
            assert at >= 0, "\n".join([one.commands, *stretch, "-- is not in --", one.printed])


def test_only_what_is_not_ready_ends_with_an_error(told: list[Told]) -> None:
    failed = [one.commands.strip() for one in told if one.status]
    assert failed == [
        "peerscope validate example-clinics",
        "peerscope validate example-clinics --explain",
        "peerscope validate example-clinics",
    ], [one.printed for one in told if one.status]


def test_what_the_page_names_is_there(root: Path, told: list[Told]) -> None:
    reports = root / "outputs" / "reports"
    for name in ("example-clinics.html", "example-clinics.docx", "example-clinics-analysis-plan.pdf", "changes.html"):
        assert (reports / name).stat().st_size > 1_000
    assert (root / "outputs" / "release" / "tables.xlsx").is_file()
    text = "".join(page.extract_text() for page in PdfReader(reports / "example-clinics.pdf").pages)
    assert "of the clients who answered were more hopeful" in text
    assert "Most clients say that peer support helped at least a little." in text


def test_the_numbers_are_those_of_the_page(root: Path, told: list[Told]) -> None:
    release = root / "outputs" / "release" / "studies" / "example-clinics"
    aside = pd.read_csv(release / "set_aside.csv").to_dict("records")
    assert [(one["table"], one["set_aside"]) for one in aside] == [("sessions", 2)]
    estimates = pd.read_csv(release / "estimates.csv").query("service == 'all' and wave == 'autumn'")
    hope = estimates.query("statistic == 'share' and item == 'hope' and denominator == 'answered'")
    assert dict(zip(hope["category"], hope["value"], strict=True))["helped"] == pytest.approx(14 / 18)
    rate = estimates.query("statistic == 'response_rate'")["value"]
    assert rate.to_list() == pytest.approx([18 / 26])
    appeared = pd.read_csv(root / "outputs" / "release" / "changes" / "estimates.csv")
    assert {"appeared"} <= set(appeared.query("study == 'example-clinics'")["change"])
    contacts = pd.read_parquet(root / "outputs" / "restricted" / "example-clinics" / "records" / "sessions.parquet")
    assert contacts.set_index("session").loc["11", "minutes"] == 60
