"""Tables of the synthesis: studies, the framework, rubrics, advice, circles, sections.

Each takes a ``Synthesis`` and gives Markdown. Nothing here computes or judges; findings are in ``finding_tables.py``,
figures beside words in ``joint_tables.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.reporting.formats import Markdown, markdown_table
from pipeline.reporting.set_aside_notes import table_of
from pipeline.reporting.synthesis import JOIN, Synthesis, basis_of
from pipeline.reporting.tables import rows_of

Row = dict[str, Any]


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 passage``, ``7 passages``, ``no passages``."""
    return f"{number or 'no'} {noun if number == 1 else plural or noun + 's'}"


def studies(synthesis: Synthesis) -> Markdown:
    """The studies that enter the synthesis: source, what to bear in mind, passages."""
    rows = []
    for one in rows_of(synthesis.studies):
        own = synthesis.documents[synthesis.documents["study"] == one["study"]]
        sources = [_document(row) for row in rows_of(own[own["part_of"] == ""])]
        passages = synthesis.segments[synthesis.segments["study"] == one["study"]]
        numbers = f"{int(passages['counts'].astype(bool).sum())} of {len(passages)}"
        caution = synthesis.cautions.get(one["study"], "–")
        rows.append([f"{one['short_title']} ({one['country']})", "; ".join(sources), caution, numbers])
    return markdown_table(["Study", "Source", "Bear in mind", "Passages that count"], rows)


def set_aside(synthesis: Synthesis) -> Markdown:
    """What was set aside as not valid in the studies that enter, or that nothing was."""
    aside = synthesis.merged.set_aside
    aside = aside[aside["study"].isin(synthesis.studies["study"]) & (aside["set_aside"] > 0)]
    if aside.empty:
        return Markdown("No row of these studies was set aside as not valid.")
    table = table_of(aside, synthesis.merged.name)
    return Markdown(f"Rows that are not valid were set aside, and no number here rests on them:\n\n{table}")


def _document(row: Row) -> str:
    year = f", {str(row['date'])[:4]}" if row["date"] else ", no date"
    return f"{row['title']} ({row['type']} by {row['author_role'] or 'unknown'}{year})"


def families(synthesis: Synthesis) -> str:
    """Which studies are about one programme, in words; nothing where none are."""
    groups = [list(own["short_title"]) for _, own in synthesis.studies.groupby("source_family", sort=False)]
    several = [" and ".join(names) for names in groups if len(names) > 1]
    return "; ".join(f"{names} count as one source" for names in several)


def families_count(synthesis: Synthesis) -> str:
    """How many independent source families there are."""
    return str(synthesis.studies["source_family"].nunique())


def studies_count(synthesis: Synthesis) -> str:
    """How many studies enter."""
    return str(len(synthesis.studies))


def passages_count(synthesis: Synthesis, counting: bool = False) -> str:
    """How many passages of these studies are coded, or count as evidence."""
    own = synthesis.segments[synthesis.segments["study"].isin(synthesis.studies["study"])]
    return str(int(own["counts"].astype(bool).sum()) if counting else len(own))


def to_sign(synthesis: Synthesis) -> str:
    """Who has to sign before a judgement counts as reviewed, as a list in words."""
    roles = [f"one {role}" for role in synthesis.about["roles"].split(JOIN)]
    return " and ".join(filter(None, [", ".join(roles[:-1]), roles[-1]]))


def reviewed_count(synthesis: Synthesis) -> str:
    """How many of the synthesised findings are reviewed."""
    return str(int((synthesis.findings["status"] == "reviewed").sum()))


def framework(synthesis: Synthesis, *themes: str) -> Markdown:
    """Codes of some themes: studies and independent sources that speak to them, which way, and what stands apart."""
    rows = [
        [
            row["label"],
            str(int(row["families"])),
            str(int(row["supports"])),
            str(int(row["hinders"])),
            str(int(row["mixed"]) + int(row["describes"])),
            str(int(row["apart"])),
            synthesis.groups(row["groups"]) or "–",
        ]
        for row in rows_of(synthesis.totals[synthesis.totals["theme"].isin(themes)])
    ]
    header = ["Code", "Sources", "Helps", "Hinders", "Both, or none", "Apart", "Who is heard"]
    return markdown_table(header, rows)


def rubric(synthesis: Synthesis, rubric: str) -> Markdown:
    """The criteria of one rubric with judgement, reason and the findings that bear on it."""
    rows = [
        [row["label"], str(row["judgement"]).capitalize(), row["reason"], _named(synthesis, row["findings"])]
        for row in rows_of(synthesis.rubrics[synthesis.rubrics["rubric"] == rubric])
    ]
    return markdown_table(["Criterion", "Judgement", "Why", "Findings"], rows)


def standards(synthesis: Synthesis, rubric: str) -> Markdown:
    """What each standard of each criterion would look like."""
    rows = []
    for row in rows_of(synthesis.rubrics[synthesis.rubrics["rubric"] == rubric]):
        for number, text in enumerate(str(row["standards"]).split(JOIN)):
            name, _, meaning = text.partition(": ")
            rows.append([row["label"] if number == 0 else "", name.capitalize(), meaning])
    return markdown_table(["Criterion", "Standard", "What it looks like"], rows)


def rubric_answer(synthesis: Synthesis, rubric: str) -> str:
    """What the judgements of a rubric come to."""
    return str(synthesis.rubrics.loc[synthesis.rubrics["rubric"] == rubric, "answer"].iloc[0])


def _named(synthesis: Synthesis, findings: str) -> str:
    return "; ".join(synthesis.title(one) for one in str(findings).split(JOIN) if one) or "–"


def recommendations(synthesis: Synthesis, priorities: Sequence[str] = ("first", "next", "later")) -> Markdown:
    """Recommendations with owner, the findings they follow from, and how many documents advise the same."""
    found = synthesis.recommendations[synthesis.recommendations["priority"].isin(list(priorities))]
    rows = [
        [
            row["statement"] + (f" ({row['basis']})" if row["basis"] else ""),
            row["owner"],
            row["priority"],
            _named(synthesis, row["findings"]),
            _advised(synthesis, row["segments"]),
        ]
        for row in rows_of(found)
    ]
    return markdown_table(["Recommendation", "For", "When", "Follows from", "Also advised by"], rows)


def _advised(synthesis: Synthesis, references: str) -> str:
    named = dict.fromkeys(synthesis.name(one["study"]) for one in synthesis.passages(references))
    return ", ".join(named) or "none: our own"


def arrows(synthesis: Synthesis, circle: str) -> Markdown:
    """The arrows of a circle, numbered as in the figure, with the passages that state each link."""
    rows = []
    for row in rows_of(synthesis.circles[synthesis.circles["circle"] == circle]):
        nothing = "nothing: our own link, drawn in no document" if row["ours"] else "nothing in the studies present"
        text = _told(synthesis, str(row["segments"])) or nothing
        rows.append([f"{row['number']}. {row['start_label']} → {row['end_label']}", text])
    return markdown_table(["Link", "Stated by"], rows)


def steps(synthesis: Synthesis, circle: str) -> Markdown:
    """The steps of a circle with the passages that tell of them."""
    own = synthesis.steps[synthesis.steps["circle"] == circle]
    rows = [[row["label"], _told(synthesis, str(row["segments"])) or "nothing"] for row in rows_of(own)]
    return markdown_table(["Step", "Told by"], rows)


def _told(synthesis: Synthesis, references: str) -> str:
    return " ".join(
        f"{one['summary']} ({synthesis.name(one['study'])}; {basis_of(one)})"
        for one in synthesis.passages(references)
    )


def sections(synthesis: Synthesis) -> Markdown:
    """The documents: coded sections, passages, and which sections are not coded for which reason."""
    rows = []
    for study, own in synthesis.sections.groupby("study", sort=False):
        if study in set(synthesis.studies["study"]):
            left = own[own["segments"] == 0]
            why = "; ".join(f"{row['title']} ({row['not_coded']})" for row in rows_of(left)) or "none"
            coded = str(len(own) - len(left))
            rows.append([synthesis.name(str(study)), coded, str(int(own["segments"].sum())), why])
    return markdown_table(["Document of", "Sections coded", "Passages", "Not coded"], rows)
