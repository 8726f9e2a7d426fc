"""After an answer was changed the page says what moved; a run with nothing to do leaves it alone."""

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

from pipeline.graph import plan
from pipeline.manifest import Manifest
from pipeline.run import run
from pipeline.store import Project

REPOSITORY = Path(__file__).parents[2]


class Words(HTMLParser):
    """The words of a page, without its markup."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_changed_answer_is_on_the_page_of_changes(bare: Project) -> None:
    for name in ("changes.qmd", "_quarto.yml", "references.bib"):
        (bare.root / "reports").mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "reports" / name, bare.root / "reports" / name)
    page = bare.reports / "changes.html"
    assert run(bare).succeeded
    assert "First run: there is nothing to compare with yet." in Words(page).text
    assert 'href="changes.html"' in (bare.reports / "index.html").read_text(encoding="utf-8")

    _edit(bare.raw / "harbour" / "staff.csv", "h-19,Agree", "h-19,Strongly agree")
    _edit(bare.raw / "harbour" / "claims.csv", ",65,,0,unknown", ",70,,0,unknown")
    _edit(bare.raw / "mini-river" / "client_feedback.csv", "Yes, definitely", "Yes, to some extent")
    outcome = run(bare)
    assert outcome.succeeded
    assert {"release/changes", "reports/changes"} <= set(outcome.changed)
    told = Words(page).text
    assert "65% (43 to 82) 70% (48 to 85) +5.0 points" in told, "every figure of the harbour is public"
    why = "the earlier number is not shown: a count behind it changed by fewer than 5"
    assert why in told, "one client of the river"
    assert "raw/mini-river/client_feedback.csv" in told
    written = json.loads((bare.outputs / "run.json").read_text(encoding="utf-8"))
    (hope,) = [
        v
        for k, v in written["estimates_from_to"].items()
        if "item=hope/category=strongly-agree" in k and "all/share" in k and "=answered" in k
    ]
    assert hope["value"] == ["0.65", "0.7"]

    before = page.read_bytes()
    assert Manifest(bare).stale(plan(bare)) == {}
    assert not run(bare).stale
    assert run(bare, patterns=["release/changes", "reports/changes"], force=True).succeeded
    assert page.read_bytes() == before, "asked again, the page says the same"


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
