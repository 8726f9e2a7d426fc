"""REFI-QDA project files and codebooks."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest.csv import ROW
from pipeline.ingest.refi_qda import read_tables, texts
from schemas.codebook import Codebook
from schemas.codings import Codings
from schemas.sections import Sections
from schemas.segments import Segments
from tests.unit.ingest.qda_files import (
    ATLAS,
    INTERVIEW,
    MARKED,
    MAXQDA,
    NVIVO,
    NVIVO_CODEBOOK,
    TAGUETTE_CODEBOOK,
    TOOLS,
    Marked,
    Tool,
    archive,
    guid,
    interview,
    project_xml,
    qdpx,
    text_bytes,
    text_source,
)

ONE = (Marked("They were kind.", ["Warmth"]),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "peers.qdpx"


def passages(path: Path) -> list[str]:
    known = texts(path)
    rows = read_tables(path)["segments"].select("document", "start", "end").iter_rows()
    return [known[document][int(start) : int(end)] for document, start, end in rows]


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_the_words_that_were_marked_come_out_of_each_tool(tool: Tool, path: Path) -> None:
    interview(path, tool)
    assert passages(path) == list(dict.fromkeys(one.words for one in MARKED))


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_the_text_is_the_file_in_the_archive_to_the_byte(tool: Tool, path: Path) -> None:
    interview(path, tool)
    content = text_bytes(tool, INTERVIEW)
    assert texts(path)["interview-1"].encode() == content
    assert read_tables(path)["documents"]["sha256"].to_list() == [hashlib.sha256(content).hexdigest()]


@pytest.mark.parametrize("tool", [NVIVO, ATLAS], ids=["NVivo", "ATLAS.ti"])
def test_the_words_tell_how_an_unknown_tool_counts(tool: Tool, path: Path) -> None:
    interview(path, replace(tool, origin="Some tool 1.0"))
    assert passages(path) == list(dict.fromkeys(one.words for one in MARKED))


def test_how_places_were_counted_is_told(path: Path) -> None:
    told = [read_tables(interview(path, tool))["documents"]["counted"][0] for tool in (MAXQDA, NVIVO, ATLAS)]
    assert told == ["code points", "UTF-16 units", "code points, line ends as one"]


def test_columns_are_those_of_the_schemas_and_all_texts(path: Path) -> None:
    frames = read_tables(interview(path))
    records = {"sections": Sections, "segments": Segments, "codings": Codings, "codebook": Codebook}
    for table, record in records.items():
        assert frames[table].columns == [ROW, *record.to_schema().columns]
        assert set(frames[table].drop(ROW).dtypes) == {pl.String}


def test_with_what_the_study_file_adds_the_tables_are_valid(path: Path) -> None:
    frames = {name: frame.drop(ROW) for name, frame in read_tables(interview(path)).items()}
    places = pl.col("start", "end").cast(pl.Int64)
    said = {"summary": "s", "basis": "participant-data", "respondent_group": "peer-workers", "service": "x"}
    truth = {"figures": False, "releasable": False}
    Sections.validate(frames["sections"].with_columns(places))
    Segments.validate(frames["segments"].with_columns(places, **{k: pl.lit(v) for k, v in (said | truth).items()}))
    Codings.validate(frames["codings"].with_columns(polarity=pl.lit("supports")))


def test_what_the_tool_does_not_know_is_left_empty(path: Path) -> None:
    frames = read_tables(interview(path))
    unknown = ["basis", "respondent_group", "service", "quantifier", "figures", "releasable"]
    assert frames["segments"].select(unknown).null_count().row(0) == (5,) * 6
    assert frames["codings"]["polarity"].null_count() == frames["codings"].height


def test_the_same_passage_is_one_segment_with_the_codings_of_both_coders(path: Path) -> None:
    frames = read_tables(interview(path))
    start = INTERVIEW.index("Nobody")
    segment = f"interview-1-{start}-{start + 41}"
    own = frames["codings"].filter(pl.col("segment") == segment).select("coder", "code").rows()
    assert own == [("coder-1", "role-clarity"), ("coder-2", "role-clarity"), ("coder-2", "role-support")]
    assert frames["segments"]["segment"].to_list().count(segment) == 1
    assert frames["segments"][ROW].to_list() == [1, 3, 4, 5, 6], "numbers of the selections"


def test_what_one_coder_marked_twice_is_one_coding(path: Path) -> None:
    frames = read_tables(qdpx(path, MAXQDA, {"a": (INTERVIEW, ONE * 2)}))
    assert frames["codings"].height == frames["segments"].height == 1


def test_names_of_coders_stay_in_the_file(path: Path) -> None:
    frames = read_tables(interview(path))
    cells = " ".join(str(frame.to_dict(as_series=False)) for frame in frames.values())
    assert "Rosa" not in cells
    assert "Ben" not in cells


def test_a_coding_without_a_user_is_that_of_who_made_the_selection(path: Path) -> None:
    interview(path)
    xml = zipfile.ZipFile(path).read("project.qde").decode()
    ben = MAXQDA.id("Ben")
    changed = xml.replace(f'{MAXQDA.id("WarmthBen")}" creatingUser="{ben}"', f'{MAXQDA.id("WarmthBen")}"')
    assert changed != xml
    archive(path, {"project.qde": changed, f"sources/{MAXQDA.id('Interview 1.docx')}.txt": INTERVIEW})
    assert read_tables(path)["codings"].rows()[-1][2:4] == ("coder-2", "warmth")


def test_codes_are_named_after_their_names_and_where_these_are_alike_after_the_broader_ones_too(path: Path) -> None:
    book = read_tables(interview(path))["codebook"]
    assert book.select("code", "parent", "label").rows() == [
        ("role", None, "Role"),
        ("role-clarity", "role", "Role clarity"),
        ("role-support", "role", "Support"),
        ("team", None, "Team"),
        ("team-support", "team", "Support"),
        ("warmth", "team", "Warmth"),
    ]
    assert book["definition"][1] == "What Role clarity is"


def test_a_coders_comment_is_the_summary(path: Path) -> None:
    one = ONE[0]
    marked = [replace(one, comment="Friendly\n team"), replace(one, user="Ben", comment="Felt at home")]
    frames = read_tables(qdpx(path, MAXQDA, {"a": (INTERVIEW, marked)}))
    assert frames["segments"]["summary"].to_list() == ["Friendly team; Felt at home"]


@pytest.mark.parametrize("comment", [None, "", " They were  kind. "], ids=["none", "empty", "the passage itself"])
def test_the_words_of_the_passage_are_never_its_summary(comment: str | None, path: Path) -> None:
    frames = read_tables(qdpx(path, MAXQDA, {"a": (INTERVIEW, [replace(ONE[0], comment=comment)])}))
    assert frames["segments"]["summary"].to_list() == [None]


def test_a_section_is_the_whole_text_and_says_if_nothing_is_coded_in_it(path: Path) -> None:
    frames = read_tables(qdpx(path, NVIVO, {"b": (INTERVIEW, ONE), "a": ("Not coded.\n", ())}))
    ends = [len(text_bytes(NVIVO, text).decode()) for text in (INTERVIEW, "Not coded.\n")]
    assert frames["sections"].drop(ROW).rows() == [
        ("b", "text", "Whole text", "0", str(ends[0]), None),
        ("a", "text", "Whole text", "0", str(ends[1]), "nothing in it is coded in the project file"),
    ]


def test_documents_keep_their_names_and_have_ids_of_their_own(path: Path) -> None:
    names = ["Ana Ø. Müller.docx", "ana o muller.txt", "访谈", "12"]
    frames = read_tables(qdpx(path, MAXQDA, dict.fromkeys(names, (INTERVIEW, ONE))))
    assert frames["documents"]["id"].to_list() == ["ana-o-muller", "ana-o-muller-2", "document-3", "12"]
    assert frames["documents"]["title"].to_list() == names


def test_a_code_on_a_whole_document_is_a_passage_of_all_of_it(path: Path) -> None:
    source = text_source(MAXQDA, "a", INTERVIEW, (), more=MAXQDA.coding("Warmth", "Rosa"))
    archive(path, {"project.qde": project_xml(MAXQDA, source), f"sources/{MAXQDA.id('a')}.txt": INTERVIEW})
    assert passages(path) == [INTERVIEW]


def test_text_may_stand_in_the_project_itself(path: Path) -> None:
    text = f"<PlainTextContent>{INTERVIEW}</PlainTextContent>{MAXQDA.selection(INTERVIEW, ONE[0])}"
    archive(
        path, {"project.qde": project_xml(MAXQDA, f'<TextSource guid="{guid("a")}" name="a">{text}</TextSource>')}
    )
    assert passages(path) == ["They were kind."]


def _pdf(tool: Tool) -> str:
    text = text_source(tool, "Representation for a", INTERVIEW, ONE).replace("TextSource", "Representation")
    area = f'page="0" firstX="1" firstY="1" secondX="2" secondY="2">{tool.coding("Warmth", "Rosa")}</PDFSelection>'
    return (
        f'<PDFSource guid="{guid("p")}" name="Report.pdf"><PDFSelection guid="{guid("s")}" {area}{text}</PDFSource>'
    )


def test_the_text_of_a_pdf_is_read_and_areas_of_its_pages_are_told(path: Path) -> None:
    text = f"sources/{MAXQDA.id('Representation for a')}.txt"
    archive(path, {"project.qde": project_xml(MAXQDA, _pdf(MAXQDA)), text: INTERVIEW})
    assert passages(path) == ["They were kind."]
    frames = read_tables(path)
    assert frames["documents"]["title"].to_list() == ["Report.pdf"]
    assert frames["skipped"].drop(ROW).rows() == [
        ("Report.pdf", "areas of PDF pages", "1", "not a passage of a text")
    ]  # fmt: skip


def test_a_transcript_is_read_by_its_time_marks_and_stretches_of_sound_are_told(path: Path) -> None:
    places = {"x": INTERVIEW.index("They"), "y": INTERVIEW.index(" My manager")}
    points = "".join(f'<SyncPoint guid="{guid(n)}" timeStamp="1" position="{at}"/>' for n, at in places.items())
    ends = f'fromSyncPoint="{guid("x")}" toSyncPoint="{guid("y")}"'
    coding = MAXQDA.coding("Warmth", "Rosa")
    selection = f'<TranscriptSelection guid="{guid("t")}" {ends}>{coding}</TranscriptSelection>'
    transcript = f"<PlainTextContent>{INTERVIEW}</PlainTextContent>{points}{selection}"
    sound = f'<AudioSelection guid="{guid("u")}" begin="0" end="9">{coding}{coding}</AudioSelection>'
    audio = f'<Transcript guid="{guid("v")}">{transcript}</Transcript>{sound}'
    archive(
        path,
        {"project.qde": project_xml(MAXQDA, f'<AudioSource guid="{guid("w")}" name="Talk">{audio}</AudioSource>')},
    )
    assert passages(path) == ["They were kind."]
    assert read_tables(path)["skipped"].drop(ROW).rows() == [
        ("Talk", "stretches of sound", "2", "not a passage of a text")
    ]  # fmt: skip


def test_what_has_no_text_or_no_code_is_told_and_not_dropped_in_silence(path: Path) -> None:
    coding = MAXQDA.coding("Warmth", "Rosa")
    corners = 'firstX="0" firstY="0" secondX="1" secondY="1"'
    area = f'<PictureSelection guid="{guid("q")}" {corners}>{coding}</PictureSelection>'
    picture = f'<PictureSource guid="{guid("r")}" name="Drawing.png">{area}{coding}</PictureSource>'
    marked = [*ONE, Marked("every week", [], comment="annotation")]
    qdpx(path, MAXQDA, {"a": (INTERVIEW, marked), "b": ("", ())}, more=picture)
    skipped = read_tables(path)["skipped"].select("source", "kind", "codings").rows()
    assert skipped == [
        ("a", "selections without a code", "0"),
        ("b", "TextSource", "0"),
        ("Drawing.png", "areas of pictures", "1"),
        ("Drawing.png", "PictureSource", "1"),
        ("Drawing.png", "PictureSource", "0"),
    ]


def test_cases_and_codes_on_memos_are_told(path: Path) -> None:
    note = f'<Note guid="{guid("n")}"><PlainTextContent>x</PlainTextContent>{MAXQDA.coding("Warmth", "Rosa")}</Note>'
    case = f'<Case guid="{guid("k")}" name="P1"><CodeRef targetGUID="{guid("Warmth")}"/></Case>'
    xml = project_xml(MAXQDA, text_source(MAXQDA, "a", INTERVIEW, ONE), more=f"<Notes>{note}</Notes>")
    xml = xml.replace("<Sources>", f"<Cases>{case}</Cases><Sources>")
    archive(path, {"project.qde": xml, f"sources/{MAXQDA.id('a')}.txt": INTERVIEW})
    assert read_tables(path)["skipped"].select("kind", "codings").rows() == [("memos", "1"), ("cases", "1")]


def test_an_empty_selection_is_told(path: Path) -> None:
    qdpx(path, MAXQDA, {"a": (INTERVIEW, [*ONE, Marked("", ["Warmth"])])})
    frames = read_tables(path)
    assert frames["segments"].height == 1
    assert frames["skipped"].select("kind", "codings").rows() == [("empty selections", "1")]


@pytest.mark.parametrize(
    ("content", "codes"), [(NVIVO_CODEBOOK, 6), (TAGUETTE_CODEBOOK, 3)], ids=["NVivo", "Taguette"]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_a_codebook_has_codes_only(content: str, codes: int, mark: bytes, tmp_path: Path) -> None:
    path = tmp_path / "codebook.qdc"
    path.write_bytes(mark + content.encode())
    assert {name: frame.height for name, frame in read_tables(path).items() if frame.height} == {"codebook": codes}
    assert texts(path) == {}
