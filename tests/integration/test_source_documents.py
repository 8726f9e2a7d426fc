"""The coded documents against their texts, where these are supplied: nothing is lost, nothing copied, nobody named.

Each test of a text is skipped, and says so, where the text is not there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import yaml

from pipeline.claims_file import read_claims
from pipeline.coding import PERSONAL, coding_problems
from pipeline.documents import DOCUMENTS_VARIABLE, text_of
from pipeline.studies import instruments, load_study, study_folders
from pipeline.validation import read_table
from schemas.documents import Document
from schemas.study import CODED, Study

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "seeds"
COPIED = 6
"""So many words in a row that a summary shares with its document are a copy."""

Coded = tuple[Path, Study, dict[str, pl.DataFrame]]
FOLDERS = [f for f in study_folders(ROOT / "raw") if not (s := load_study(f)).fictional and s.tables.codings]


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def coded(request: pytest.FixtureRequest) -> Coded:
    study = load_study(request.param)
    return request.param, study, {table: read_table(request.param, study, table) for table in CODED}


@pytest.fixture
def text(coded: Coded, monkeypatch: pytest.MonkeyPatch) -> str:
    if DOCUMENTS_VARIABLE not in os.environ:
        monkeypatch.setenv(DOCUMENTS_VARIABLE, str(TEXTS))
    folder, study, _ = coded
    (document,) = _documents(study)
    found = text_of(document, folder)
    if found is None:
        pytest.skip(f"THE TEXT OF {document.id} IS NOT SUPPLIED: nothing was held against it ({DOCUMENTS_VARIABLE})")
    return found


def _documents(study: Study) -> list[Document]:
    return [one for one in study.documents if not one.part_of]


def test_the_five_documents_are_coded() -> None:
    names = ["ahs-pilot", "canada-norway", "ccu-diaries", "counties-manukau", "habitus-scaling"]
    assert [folder.name for folder in FOLDERS] == names


def test_offsets_lie_in_the_text_of_the_declared_checksum(coded: Coded, text: str) -> None:
    folder, study, rows = coded
    for table in CODED:
        assert coding_problems(folder, study, table, rows, []) == []
    assert rows["sections"]["end"].max() == len(text)
    passages = [text[one["start"] : one["end"]] for one in rows["segments"].to_dicts()]
    assert all(passage.strip() for passage in passages)
    cut = [p for p in passages if p[0].isspace() or p[-1].isspace()]
    assert cut == [], "a passage begins and ends with a word, not with a space"


def test_every_section_has_passages_or_a_reason(coded: Coded) -> None:
    _, _, rows = coded
    coded_sections = set(rows["segments"]["section"])
    for one in rows["sections"].to_dicts():
        assert (one["section"] in coded_sections) != bool(one["not_coded"]), one["section"]


def test_nothing_but_headings_lies_between_the_passages(coded: Coded, text: str) -> None:
    """What no passage covers in a coded section is short: headings, bullets, marks."""
    _, _, rows = coded
    for one in rows["sections"].filter(pl.col("not_coded").is_null()).to_dicts():
        own = rows["segments"].filter(pl.col("section") == one["section"]).sort("start")
        at = one["start"]
        for start, end in [*own.select("start", "end").iter_rows(), (one["end"], one["end"])]:
            words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", text[at:start]))
            assert len(words) <= LONGEST_HEADING, (one["section"], " ".join(words))
            at = max(at, end)


LONGEST_HEADING = 16


def test_summaries_are_not_copies(coded: Coded, text: str) -> None:
    folder, study, rows = coded
    runs = set(_runs(text))
    answers = [one.label for each in instruments().values() for one in (*each.options, *each.collapse)]
    named = {run for name in [*answers, *(one.title for one in study.documents)] for run in _runs(name)}
    words = {one["segment"]: one["summary"] for one in rows["segments"].to_dicts()}
    words |= {f"finding {one['finding']}": one["statement"] for one in _findings(folder, study)}
    words |= {f"claim {row.claim}": str(row.statement) for row in read_claims(folder / study.claims).itertuples()}
    copies = {name: hit for name, said in words.items() if (hit := (set(_runs(said)) & runs) - named)}
    assert copies == {}


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[at : at + COPIED]) for at in range(len(words) - COPIED + 1))


def _findings(folder: Path, study: Study) -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load((folder / study.findings).read_text(encoding="utf-8"))
    return found


NUMERAL = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?(?!\w)")
WORDS = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "forty": 40}
NUMBER_WORD = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)


def test_every_printed_number_of_results_is_a_claim(coded: Coded, text: str) -> None:
    """Numbers in passages that tell results are claims, by value; what is left is named with its reason."""
    folder, study, rows = coded
    claims = read_claims(folder / study.claims)
    known = {float(one) for one in claims["published"].dropna()} | {float(one) for one in claims["n"].dropna()}
    printed = " ".join([*claims["value_text"], *claims["locator"], *claims["statement"]])
    known |= {float(one) for one in NUMERAL.findall(printed.replace(",", "."))}
    results = rows["segments"].filter(~pl.col("basis").is_in(["literature", "recommendation", "limitation"]))
    vignettes = {one.section for one in study.documents if one.part_of}
    missing = []
    for one in results.filter(~pl.col("section").is_in(list(vignettes))).to_dicts():
        passage = _without_marks(text[one["start"] : one["end"]])
        missing += [(one["segment"], n) for n in NUMERAL.findall(passage) if float(n.replace(",", ".")) not in known]
        missing += [(one["segment"], w) for w in NUMBER_WORD.findall(passage) if WORDS[w.lower()] not in known]
    assert [pair for pair in missing if pair not in NOT_CLAIMS.get(folder.name, {})] == []


def _without_marks(passage: str) -> str:
    """Without footnote marks, references in brackets, years and numbers of list items."""
    passage = re.sub(r"<sup>.*?</sup>|\((?:\d+(?:[,–-] ?\d+)*)\)|&lt;.*?&gt;", " ", passage)
    passage = re.sub(r"\b(?:19|20)\d\d(?:-(?:19|20)\d\d)?\b", " ", passage)
    return re.sub(r"(?m)^\s*\d+\.\s", " ", passage)


NOT_CLAIMS = {
    "counties-manukau": {("implication-skills", "13"): "a page number that stands in the running text"},
}


def test_nobody_is_named_and_no_address_is_kept(coded: Coded, text: str) -> None:
    folder, _, _ = coded
    kept = {path: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    for path, content in kept.items():
        for what, pattern in PERSONAL.items():
            offsets = path.suffix == ".csv" and what == "a telephone number"
            assert offsets or not pattern.search(_without_checksums(content)), (path.name, what)
    for address in re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text):
        for part in re.split(r"[@.]", address)[:2]:
            assert all(part not in content for content in kept.values()), path.name


def _without_checksums(content: str) -> str:
    return re.sub(r"[0-9a-f]{64}|\b10\.\d{4,}/\S+|\d{4}-\d\d-\d\d", " ", content)


def test_names_in_vignettes_are_declared_pseudonyms(coded: Coded, text: str) -> None:
    """A capitalised word inside a sentence of a composite vignette is a declared pseudonym, or a common word here."""
    _, study, rows = coded
    for vignette in (one for one in study.documents if one.part_of):
        (own,) = rows["sections"].filter(pl.col("section") == vignette.section).to_dicts()
        told = text[own["start"] : own["end"]]
        inside = re.findall(r"(?<=[a-z,;] )([A-Z][a-z]+)", told)
        unknown = {word.removesuffix("s") for word in inside} - {p.removesuffix("s") for p in vignette.pseudonyms}
        assert unknown - COMMON == set(), vignette.id


COMMON = {"Peer", "Worker", "Vignette", "CD", "CCU"}
