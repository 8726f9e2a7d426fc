"""Documents, passages, findings and statements in words, looked up in a small release."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.methods.labels import COLUMNS
from pipeline.release import write_release
from pipeline.reporting import coded_notes
from pipeline.reporting import coded_tables as coded
from pipeline.reporting.reader import NotReleasedError, Release
from pipeline.store import Project

SECTIONS = pd.DataFrame(
    [
        ("paper", "title", "Title page", "title only", 0),
        ("paper", "talks", "What was said", "", 4),
        ("paper", "story", "Composite vignette: Kim", "", 2),
        ("paper", "numbers", "Table of answers", "", 1),
    ],
    columns=["document", "section", "title", "not_coded", "segments"],
)
SEGMENTS = pd.DataFrame(
    [
        ("advice", "talks", "Write the role down.", "recommendation", "none", False, False, False),
        ("heard", "talks", "Some felt heard_at_last.", "participant-data", "service-users", False, False, True),
        ("errands", "talks", "Some ran errands.", "participant-data", "peer-workers;staff", False, False, True),
        ("seen", "talks", "The role was unclear.", "evaluator-finding", "none", False, False, True),
        ("kim-1", "story", "Kim made tea.", "participant-data", "peer-workers", False, True, False),
        ("kim-2", "story", "Kim laughed.", "participant-data", "peer-workers", False, True, False),
        ("half", "numbers", "Half felt heard.", "participant-data", "service-users", True, False, False),
    ],
    columns=["segment", "section", "summary", "basis", "respondent_group", "figures", "illustration", "counts"],
)
CODINGS = pd.DataFrame(
    [
        ("advice", "role-clarity", "supports"), ("heard", "connection-belonging", "supports"),
        ("errands", "mini-clinician-drift", "supports"), ("errands", "role-clarity", "hinders"),
        ("seen", "role-clarity", "hinders"), ("seen", "service-setting", "describes"),
        ("kim-1", "role-clarity", "supports"), ("half", "connection-belonging", "mixed"),
    ],
    columns=["segment", "code", "polarity"],
)  # fmt: skip
DOCUMENTS = pd.DataFrame(
    [
        ("paper", "A paper", "paper", "2020-03-05", "A publisher", "researchers", 67, ""),
        ("page", "A page", "web page", "", "", "provider", None, ""),
        ("kim", "Kim's tea", "composite-vignette", "", "", "", None, "paper"),
    ],
    columns=["document", "title", "type", "date", "publisher", "author_role", "participants", "part_of"],
).astype({"participants": "Int64"})
FINDINGS = pd.DataFrame(
    [
        ("unclear", "role", "The role is unclear.", "finding", "", "seen ; errands ; advice", "heard", ""),
        ("heard", "gains", "People feel heard.", "finding", "s/all/share", "heard ; half", "", "A. Person"),
        ("costs", "gains", "Costs are not told.", "gap", "", "", "", ""),
        ("who", "gains", "Who was asked is not told.", "gap", "", "heard", "", ""),
    ],
    columns=["finding", "question", "statement", "kind", "estimates", "segments", "disconfirming", "judged_by"],
)
CLAIMS = pd.DataFrame(
    [
        ("n", "count", "=", 67, "", "People were asked", "page 1", "as published", "one total"),
        ("some", "count", "≥", None, "some", "Some felt heard", "page 2", "not computable", "no number"),
        ("half", "percent", ">", 50, "over half", "Most felt heard", "page 2", "not computable", "no count"),
    ],
    columns=[
        "claim",
        "statistic",
        "operator",
        "published",
        "value_text",
        "statement",
        "locator",
        "outcome",
        "reason",
    ],
)


def released(root: Path) -> Release:
    """A study with coded documents and two printed figures in its release zone."""
    names = [("role-clarity", "Role clarity", "factor"), ("mini-clinician-drift", "Drift", "harm")]
    names += [("connection-belonging", "Belonging", "outcome"), ("service-setting", "Setting", "setting")]
    labels = [("s", "item", "codebook", code, label, i, theme) for i, (code, label, theme) in enumerate(names)]
    frames = {
        "documents": DOCUMENTS,
        "sections": SECTIONS,
        "segments": SEGMENTS.assign(document="paper"),
        "codings": CODINGS.assign(coder="coder-1"),
        "findings": FINDINGS.assign(
            role="evaluator",
            status=FINDINGS["judged_by"].map({"": "proposed, not reviewed", "A. Person": "reviewed"}),
        ),
        "claims": CLAIMS.assign(estimate_id="", decimals=0.0),
        "labels": pd.DataFrame(labels, columns=list(COLUMNS)),
    }
    project = Project(root, root / "outputs")
    write_release(project, "s", frames)
    return Release("s", project)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(tmp_path_factory.mktemp("coded"))


def test_passages_of_a_code_by_who_says_them_with_those_that_count_first(release: Release) -> None:
    assert str(coded.passages(release, "role-clarity")).splitlines() == [
        "#### Peer support workers and programme staff: participants\u2019 account {.unnumbered}",
        "",
        "- Some ran errands. *Role clarity: lacking or in the way*",
        "",
        "#### Finding of the study {.unnumbered}",
        "",
        "- The role was unclear. *Role clarity: lacking or in the way*",
        "",
        "#### Advice {.unnumbered}",
        "",
        "- Write the role down. *Role clarity: helps*",
    ]


def test_passages_of_a_section_name_all_their_codes(release: Release) -> None:
    text = str(coded.passages(release, sections=["talks"], counts=True, level=3))
    assert text.startswith("### Service users: participants\u2019 account")
    assert "- Some felt heard\\_at\\_last. *Belonging: better*" in text
    assert "*Drift: occurs; Role clarity: lacking or in the way*" in text
    assert "*Role clarity: lacking or in the way; Setting*" in text, "what has no direction is named without one"
    assert "Write the role down." not in text


def test_a_plain_list_of_what_is_said(release: Release) -> None:
    points = coded.points(release, "role-clarity", ways=["hinders"])
    assert str(points).splitlines() == ["- Some ran errands.", "- The role was unclear."]


def test_passages_are_counted_without_vignettes(release: Release) -> None:
    assert coded.passages_count(release) == "5"
    assert coded.passages_count(release, "role-clarity") == "3"
    assert coded.passages_count(release, counts=True) == "3"
    assert coded.passages_count(release, "role-clarity", basis=["literature"]) == "0"


def test_a_slip_of_the_pen_is_told(release: Release) -> None:
    with pytest.raises(NotReleasedError, match=r"the code 'role-clariti'\. Did you mean 'role-clarity'"):
        coded.passages(release, "role-clariti")
    with pytest.raises(NotReleasedError, match="the section 'talk'"):
        coded.passages_count(release, sections=["talk"])
    with pytest.raises(NotReleasedError, match="no passage fits role-clarity, literature"):
        coded.points(release, "role-clarity", basis=["literature"])


def test_documents_say_who_wrote_them_and_leave_vignettes_out(release: Release) -> None:
    assert str(coded.documents(release)).splitlines()[2:] == [
        "| A paper | paper, 5 March 2020 | researchers, A publisher | 67 |",
        "| A page | web page, no date printed | provider | not stated |",
    ]


def test_sections_with_the_number_of_passages_or_the_reason(release: Release) -> None:
    assert str(coded.sections(release)).splitlines()[2:] == [
        "| Title page | none: title only |",
        "| What was said | 4 passages |",
        "| Composite vignette: Kim | 2 passages (illustration, not counted) |",
        "| Table of answers | 1 passage |",
    ]


def test_bases_add_up_to_all_passages(release: Release) -> None:
    rows = [line.strip("| ").split(" | ") for line in str(coded.bases(release)).splitlines()[2:]]
    assert {row[0]: (row[2], row[3]) for row in rows} == {
        "participants' account": ("2", "yes"),
        "finding of the study": ("1", "yes"),
        "advice": ("1", "no"),
        "composite vignettes": ("2", "no"),
        "figures in words": ("1", "no"),
    }
    assert sum(int(row[2]) for row in rows) == len(release.segments)


def test_all_passages_by_section(release: Release) -> None:
    text = str(coded.by_section(release))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "#### What was said {.unnumbered}",
        "#### Composite vignette: Kim {.unnumbered}",
        "#### Table of answers {.unnumbered}",
    ]
    assert "- Kim made tea. *Put together, not counted. Role clarity: helps.*" in text
    assert "- Kim laughed. *Put together, not counted.*" in text, "a passage without a code"
    assert len([line for line in text.splitlines() if line.startswith("- ")]) == len(release.segments)


def test_vignettes_are_marked(release: Release) -> None:
    assert str(coded.vignettes(release)) == "**Kim** (put together, not counted). Kim made tea. Kim laughed."


def test_findings_say_what_they_rest_on_and_who_signed(release: Release) -> None:
    (unclear,) = str(coded.findings(release, "role")).splitlines()
    assert unclear == (
        "- The role is unclear. *3 passages, 2 of which count as evidence; 1 speaks against it or limits it. "
        "In: What was said. Proposed, not reviewed.*"
    )
    (heard,) = str(coded.findings(release, "gains")).splitlines()
    assert heard.endswith(
        "*1 passage that counts as evidence; 1 passage tells printed figures; 1 published figure. "
        "In: What was said; Table of answers. Reviewed: A. Person, evaluator.*"
    )
    with pytest.raises(NotReleasedError, match="no finding answers nothing"):
        coded.findings(release, "nothing")


def test_gaps_say_where_they_show(release: Release) -> None:
    assert str(coded.gaps(release)).splitlines()[2:] == [
        "| Costs are not told. | no passage speaks of it | proposed, not reviewed |",
        "| Who was asked is not told. | What was said | proposed, not reviewed |",
    ]


def test_statements_with_what_came_of_them(release: Release) -> None:
    lines = str(coded.statements(release)).splitlines()
    assert lines[0] == "| What is stated, and where | As printed | What came of it, and why |"
    assert lines[2:] == [
        "| People were asked (page 1) | 67 | as published: one total |",
        "| Some felt heard (page 2) | “some” | not computable: no number |",
        "| Most felt heard (page 2) | “over half” (more than 50%) | not computable: no count |",
    ]


def test_statements_of_one_outcome_do_not_repeat_it(release: Release) -> None:
    lines = str(coded.statements(release, "as published")).splitlines()
    assert lines[0].endswith("| Why |")
    assert lines[2:] == ["| People were asked (page 1) | 67 | one total |"]
    with pytest.raises(NotReleasedError, match="no claim came out as differs"):
        coded.statements(release, "differs")


def test_the_note_on_the_data_counts_what_is_evidence(release: Release) -> None:
    text = str(coded_notes.status(release))
    assert 'title="Published text, coded by one person"' in text
    assert "5 passages" in text
    assert "3 of them count as evidence" in text
    assert "Findings are proposals" in text
    assert "One person did this" in str(coded_notes.how_coded(release))


def test_the_note_where_nothing_counts_and_two_persons_coded(tmp_path: Path) -> None:
    other = released(tmp_path)
    other.segments["counts"] = False
    other.codings.loc[0, "coder"] = "coder-2"
    text = str(coded_notes.status(other))
    assert "None of them counts as evidence" in text
    assert "coded by 2 persons" in text
    assert "One person" not in str(coded_notes.how_coded(other))
