"""Coded documents: sections tile the text, passages lie in them, codes exist; each slip is told with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.documents import DOCUMENTS_VARIABLE
from pipeline.problems import Problem, ProblemsFoundError
from pipeline.studies import load_study
from pipeline.validation import read_table
from tests.unit.coded_folder import TEXT, change, supply, write_coded

TABLES = ("sections", "segments", "codings")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DOCUMENTS_VARIABLE, raising=False)
    return write_coded(tmp_path / "raw")


def read(folder: Path, table: str) -> object:
    return read_table(folder, load_study(folder), table)


def problems(call: Callable[[], object]) -> list[Problem]:
    with pytest.raises(ProblemsFoundError) as caught:
        call()
    return list(caught.value.problems)


def test_a_coded_study_without_slips_is_read(folder: Path) -> None:
    study = load_study(folder)
    assert [read_table(folder, study, table).height for table in TABLES] == [3, 3, 3]


SLIPS = {
    "a gap": ("sections", "trust,Trust,8", "trust,Trust,9", 3, "start", "begin at 8", "Let each section begin"),
    "an overlap": ("sections", "A story,28", "A story,27", 4, "start", "begin at 28", "Let each section begin"),
    "a first section that is not the beginning": (
        "sections", "Title page,0", "Title page,1", 2, "start", "begin at 0", "Let each section begin",
    ),
    "a section of no length": ("sections", "28,44,", "28,28,", 4, "start", "begin at 28", "Let each section begin"),
    "an unknown document": (
        "sections", "report,trust,", "reprot,trust,", 3, "document", "unknown document", "'report'",
    ),
    "an unknown section": (
        "segments", "trust-1,trust,", "trust-1,trsut,", 2, "section", "not a section of this document", "'trust'",
    ),
    "a passage before its section": (
        "segments", "trust,8,20", "trust,7,20", 2, "start", "does not lie in section trust (8 to 28)", "Correct",
    ),
    "a passage beyond its section": (
        "segments", "trust,20,28", "trust,20,29", 3, "start", "does not lie in section trust (8 to 28)", "name",
    ),
    "a passage of no length": (
        "segments", "trust,8,20", "trust,20,20", 2, "start", "does not lie in section trust (8 to 28)", "Correct",
    ),
    "an unknown service": (
        "segments", "peer-workers,alder", "peer-workers,adler", 2, "service", "unknown service", "'alder'",
    ),
    "an unknown group among several": (
        "segments", "peer-workers;staff", "peer-workers;stuff", 3, "respondent_group", "unknown respondent group",
        "'staff'",
    ),
    "an e-mail address": (
        "segments", "trusted them.", "trusted them (a.b@example.org).", 2, "summary", "an e-mail address", "out",
    ),
    "a telephone number": (
        "segments", "trusted them.", "trusted them (+64 9 123 4567).", 2, "summary", "a telephone number", "out",
    ),
    "a coding of no passage": (
        "codings", "trust-1,coder-1", "trust-11,coder-1", 2, "segment", "no such passage", "'trust-1'",
    ),
    "an unknown code": ("codings", ",trust,supports", ",turst,supports", 2, "code", "not in the codebook", "'trust'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SLIPS)
def test_a_slip_is_told_with_line_and_remedy(kind: str, folder: Path) -> None:
    table, old, new, row, column, rule, remedy = SLIPS[kind]
    change(folder / f"{table}.csv", old, new)
    found = [p for p in problems(lambda: read(folder, table)) if rule in p.rule]
    assert [(p.file, p.row, p.column) for p in found] == [(f"{table}.csv", row, column)]
    assert remedy in found[0].remedy


def test_a_gap_is_told_once_and_not_for_every_section_after_it(folder: Path) -> None:
    change(folder / "sections.csv", "title page\nreport,trust,Trust,8", "title page\nreport,trust,Trust,9")
    assert len(problems(lambda: read(folder, "sections"))) == 1


def test_sections_may_stand_in_any_order(folder: Path) -> None:
    path = folder / "sections.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    assert read(folder, "sections").height == 3  # type: ignore[attr-defined]


def test_a_section_is_coded_or_says_why_not(folder: Path) -> None:
    change(folder / "sections.csv", "title page\n", "\n")
    (found,) = problems(lambda: read(folder, "segments"))
    assert found.rule == "no passage lies in section title of report"
    assert "not_coded" in found.remedy


def test_a_section_said_to_be_not_coded_has_no_passages(folder: Path) -> None:
    change(folder / "sections.csv", "8,28,\n", "8,28,too short\n")
    found = problems(lambda: read(folder, "segments"))
    assert [(p.row, p.rule) for p in found] == [(row, "section trust is said not to be coded") for row in (2, 3)]


def test_a_passage_without_a_code_is_told_by_its_name(folder: Path) -> None:
    change(folder / "codings.csv", "trust-2,coder-1,no-code,describes\n", "")
    (found,) = problems(lambda: read(folder, "codings"))
    assert (found.row, found.value, found.rule) == (None, "trust-2", "passage trust-2 has no code")
    assert "no-code" in found.remedy


@pytest.mark.parametrize(
    "summary",
    ["It ran in 2017-2018.", "It began on 2018-03-31.", "In 1998/1999 and 2000 2001.", "Of 1 200 000 half agreed."],
)
def test_years_dates_and_counts_are_no_telephone_numbers(summary: str, folder: Path) -> None:
    change(folder / "segments.csv", "Hardly anybody doubted it.", summary)
    assert read(folder, "segments").height == 3  # type: ignore[attr-defined]


def test_a_passage_may_have_no_offsets_where_there_is_no_text(folder: Path) -> None:
    change(folder / "segments.csv", "trust,8,20", "trust,,")
    assert read(folder, "segments")["start"].null_count() == 1  # type: ignore[index]


def test_sections_of_a_document_without_a_text_need_no_offsets(folder: Path) -> None:
    for offsets in ("title,Title page,0,8", "trust,Trust,8,28", "story,A story,28,44"):
        section, title, *_ = offsets.split(",")
        change(folder / "sections.csv", offsets, f"{section},{title},,")
    assert read(folder, "sections").height == 3  # type: ignore[attr-defined]
    assert read(folder, "segments").height == 3  # type: ignore[attr-defined]


def test_a_section_with_half_of_its_offsets_leaves_a_gap(folder: Path) -> None:
    change(folder / "sections.csv", "trust,Trust,8,28", "trust,Trust,8,")
    (found,) = problems(lambda: read(folder, "sections"))
    assert (found.row, found.column) == (4, "start")


def test_rows_are_the_lines_of_the_file_also_after_an_empty_line(folder: Path) -> None:
    change(folder / "segments.csv", "releasable\n", "releasable\n\n")
    change(folder / "segments.csv", "peer-workers,alder", "peer-workers,adler")
    (found,) = problems(lambda: read(folder, "segments"))
    assert (found.file, found.row) == ("segments.csv", 3)


def test_rows_of_a_second_file_are_its_own(folder: Path) -> None:
    path = folder / "codings.csv"
    header, first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{header}\n{first}\n", encoding="utf-8")
    more = [header, others[0], others[1].replace(",hope,", ",hpoe,")]
    (folder / "more.csv").write_text("\n".join(more) + "\n", encoding="utf-8")
    study = load_study(folder)
    both = [study.tables.codings[0].model_copy(update={"file": file}) for file in (path.name, "more.csv")]
    tables = study.tables.model_copy(update={"codings": tuple(both)})
    (found,) = problems(lambda: read_table(folder, study.model_copy(update={"tables": tables}), "codings"))
    assert (found.file, found.row, found.value) == ("more.csv", 3, "hpoe")
    assert "'hope'" in found.remedy


def test_figures_are_no_unless_said_otherwise(folder: Path) -> None:
    path = folder / "segments.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    place = lines[0].index("figures")
    path.write_text("\n".join(",".join(c[:place] + c[place + 1 :]) for c in lines) + "\n", encoding="utf-8")
    assert read(folder, "segments")["figures"].to_list() == [False] * 3  # type: ignore[index]


def test_a_table_is_not_blamed_for_the_one_above(folder: Path) -> None:
    change(folder / "sections.csv", "trust,Trust,8", "trust,Trust,9")
    assert read(folder, "segments").height == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", ["beside the study", "in the named folder"])
def test_the_last_section_ends_with_the_text(where: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder / "sections.csv", "28,44,", "28,43,")
    assert read(folder, "sections").height == 3  # type: ignore[attr-defined]
    supply(folder / "documents" if where == "beside the study" else folder.parent / "texts")
    monkeypatch.setenv(DOCUMENTS_VARIABLE, str(folder.parent / "texts"))
    (found,) = problems(lambda: read(folder, "sections"))
    assert found.rule == "the sections of report end at 43, its text at 44"
    change(folder / "sections.csv", "28,43,", "28,44,")
    assert read(folder, "sections").height == 3  # type: ignore[attr-defined]


def test_a_text_of_another_checksum_is_not_held_against_the_sections(folder: Path) -> None:
    supply(folder / "documents", TEXT + "More.")
    assert read(folder, "sections").height == 3  # type: ignore[attr-defined]


def test_a_vignette_without_its_section_would_count_as_evidence(folder: Path) -> None:
    change(folder / "study.yml", "section: story", "section: stroy")
    (found,) = problems(lambda: read(folder, "sections"))
    assert found.rule == "story is said to lie in 'stroy', no section of report"
    assert "'story'" in found.remedy


def test_the_coded_studies_of_the_repository_hold_together() -> None:
    raw = Path(__file__).parents[2] / "raw"
    coded = [path.parent for path in sorted(raw.glob("*/codings.csv"))]
    assert len(coded) > 3
    for one in coded:
        study = load_study(one)
        assert [t for t in TABLES if not read_table(one, study, t).height] == [], one.name
