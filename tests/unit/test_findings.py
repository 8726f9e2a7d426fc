"""Reading ``findings.yml``."""

from pathlib import Path

import pytest

from pipeline.findings import read_findings, require
from pipeline.problems import ProblemsFoundError
from schemas.findings import NOT_REVIEWED


def findings(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "findings.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_finding_without_a_signature_is_not_reviewed(tmp_path: Path) -> None:
    path = findings(tmp_path, "- {finding: a, statement: So it is., estimates: [s/all/share, s/all/mean]}\n")
    (row,) = read_findings(path, "s").to_dict("records")
    assert row["status"] == NOT_REVIEWED
    assert row["estimates"] == "s/all/share ; s/all/mean"
    assert (row["study"], row["kind"], row["judged_by"]) == ("s", "finding", "")


@pytest.mark.parametrize(
    ("signature", "status"),
    [
        ("judged_by: A. Person, role: evaluator, judged_on: 2024-05-01", "reviewed"),
        ("judged_by: A. Person", NOT_REVIEWED),
        ("judged_on: 2024-05-01", NOT_REVIEWED),
    ],
)
def test_a_signature_is_a_name_and_a_day(signature: str, status: str, tmp_path: Path) -> None:
    path = findings(tmp_path, f"- {{finding: a, statement: So it is., {signature}}}\n")
    assert read_findings(path, "s")["status"].tolist() == [status]


def test_one_estimate_may_stand_without_brackets(tmp_path: Path) -> None:
    path = findings(tmp_path, "- {finding: a, statement: So it is., estimates: s/all/share}\n")
    assert read_findings(path, "s")["estimates"].tolist() == ["s/all/share"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n"])
def test_no_findings_yet(text: str, tmp_path: Path) -> None:
    assert read_findings(findings(tmp_path, text), "s").empty


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- {finding: a}\n", "entry 1 is not a finding"),
        ("- {finding: a, statement: b}\n- {finding: b, statement: c, estimate: d}\n", "entry 2 is not a finding"),
        ("- just a sentence\n", "entry 1 is not a finding"),
        ("finding: a\nstatement: b\n", "not a list of findings"),
        ("- {finding: a, statement: b, kind: opinion}\n", "entry 1, kind: does not hold"),
        ("- {finding: a, statement: b}\n- {finding: a, statement: c}\n", "entry 1, finding: does not hold"),
        ("- {finding: a, statement: ''}\n", "entry 1, statement: does not hold"),
        ("- {finding: a\n", "not valid YAML"),
    ],
)
def test_what_is_no_finding(text: str, rule: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError) as caught:
        read_findings(findings(tmp_path, text), "s")
    first = caught.value.problems[0]
    assert first.file == "findings.yml"
    assert first.rule.startswith(rule)
    assert first.remedy


RESTS = """\
- finding: a
  statement: So it is.
  segments: [said-1, said-2]
  disconfirming: [doubt-1]
  synthesis: [trust, rest]
"""


def test_what_speaks_for_and_against_a_finding_and_what_it_contributes_to(tmp_path: Path) -> None:
    (row,) = read_findings(findings(tmp_path, RESTS), "s").to_dict("records")
    assert (row["segments"], row["disconfirming"], row["synthesis"]) == ("said-1 ; said-2", "doubt-1", "trust ; rest")


@pytest.mark.parametrize("column", ["estimates", "segments", "disconfirming"])
def test_a_finding_rests_on_what_exists(column: str, tmp_path: Path) -> None:
    text = f"- {{finding: a, statement: So., {column}: [said-1, siad-2]}}\n- {{finding: b, statement: So.}}\n"
    found = read_findings(findings(tmp_path, text), "s")
    require("s/findings.yml", found, column, {"said-1", "siad-2"})
    with pytest.raises(ProblemsFoundError) as caught:
        require("s/findings.yml", found, column, {"said-1", "said-2"})
    (problem,) = caught.value.problems
    what = "estimate" if column == "estimates" else "segment"
    assert problem.rule == f"finding 'a' rests on no {what}: siad-2"
    assert (problem.file, problem.column) == ("s/findings.yml", column)
    assert "Did you mean 'said-" in problem.remedy
