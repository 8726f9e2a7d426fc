"""What reports show of coded documents: documents, sections, passages, findings and printed statements in words.

Each takes a ``Release`` and gives Markdown. Passages are chosen and counted here, nothing is computed; how they
look (who says it, which way) is in ``coded_words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.problems import nearest
from pipeline.reporting.coded_words import (
    basis_words,
    date_words,
    escaped,
    joined,
    printed_words,
    said_by,
    way_words,
)
from pipeline.reporting.formats import Markdown, markdown_table
from pipeline.reporting.reader import NotReleasedError, Release
from pipeline.reporting.tables import rows_of
from schemas.coding import BASES, COUNTED, NO_CODE

GAP = "gap"
_BESIDE = {
    "composite vignettes": "put together from several sources, to illustrate",
    "figures in words": "printed figures told again in words; the figures count, and no second time the words",
}
"""Passages that do not count whatever their basis is."""


def chosen(
    release: Release,
    *codes: str,
    sections: Sequence[str] = (),
    basis: Sequence[str] = (),
    ways: Sequence[str] = (),
    counts: bool | None = None,
) -> pd.DataFrame:
    """The passages with any of these codes that also fit the rest; those that count come first.

    Composite vignettes are never among them. ``ways`` are polarities, of the given codes where there are any.

    Raises
    ------
    NotReleasedError
        When a code or a section is unknown, or no passage fits.
    """
    frame, given = release.segments, release.codings
    _known(codes, given["code"], "code")
    _known(sections, frame["section"], "section")
    given = given[given["code"].isin(codes)] if codes else given
    given = given[given["polarity"].isin(ways)] if ways else given
    frame = frame[~frame["illustration"] & (not (codes or ways) or frame["segment"].isin(given["segment"]))]
    for column, wanted in (("section", sections), ("basis", basis), ("counts", [] if counts is None else [counts])):
        frame = frame[frame[column].isin(wanted)] if len(wanted) else frame
    if frame.empty:
        raise NotReleasedError(f"no passage fits {', '.join([*codes, *sections, *basis, *ways]) or 'these keys'}")
    return frame.sort_values("counts", ascending=False, kind="stable")


def _known(names: Iterable[str], there: pd.Series, what: str) -> None:
    present = sorted(set(there))
    for name in names:
        if name not in present:
            raise NotReleasedError(f"no passage has the {what} '{name}'. {nearest(name, present)}")


def passages_count(release: Release, *codes: str, **which: Any) -> str:
    """How many passages there are, or fit (keys as in ``chosen``); composite vignettes are left out."""
    try:
        return str(len(chosen(release, *codes, **which)))
    except NotReleasedError as error:
        if "no passage fits" in str(error):
            return "0"
        raise


def passages(release: Release, *codes: str, level: int = 4, **which: Any) -> Markdown:
    """Passages as lists, each under a heading that says who says it and on what basis (keys as in ``chosen``).

    A passage says at its end which way it speaks for its codes: for those given, or for all where none is given.
    ``level`` is that of the headings.
    """
    groups: dict[str, list[str]] = {}
    for row in rows_of(chosen(release, *codes, **which)):
        ways = _ways(release, row["segment"], codes)
        groups.setdefault(said_by(row), []).append(escaped(row["summary"]) + (f" *{ways}*" if ways else ""))
    return _under_headings(groups, level)


def points(release: Release, *codes: str, **which: Any) -> Markdown:
    """Passages as one plain list (keys as in ``chosen``), where the text around it says who speaks."""
    return Markdown(_bullets(escaped(row["summary"]) for row in rows_of(chosen(release, *codes, **which))))


def _under_headings(groups: Mapping[str, Iterable[str]], level: int) -> Markdown:
    """Lists under unnumbered headings, which stay with what follows where a page ends."""
    # The bookmarks of a PDF show an apostrophe as it is typed.
    heads = {name: f"{'#' * level} {name} {{.unnumbered}}".replace("'", "\u2019") for name in groups}
    return Markdown("\n\n".join(f"{heads[name]}\n\n{_bullets(texts)}" for name, texts in groups.items()))


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _ways(release: Release, segment: str, codes: Sequence[str]) -> str:
    own = release.codings[release.codings["segment"] == segment].drop_duplicates(["code", "polarity"])
    own = own[own["code"].isin(codes) if codes else own["code"] != NO_CODE]
    return "; ".join(
        _name(release, row["code"]) + (f": {_way(release, row)}" if row["polarity"] != "describes" else "")
        for row in rows_of(own)
    )


def _name(release: Release, code: str) -> str:
    return release.label("item", code, "codebook")


def _way(release: Release, coding: dict[str, Any]) -> str:
    labels = release.labels
    own = labels[(labels["kind"] == "item") & (labels["parent"] == "codebook") & (labels["id"] == coding["code"])]
    return way_words(str(own["direction"].iloc[0]) if len(own) else "", coding["polarity"])


def documents(release: Release) -> Markdown:
    """The source documents: kind and date, who wrote them, and how many people took part."""
    frame = release.documents
    rows = [
        [
            escaped(row["title"]),
            f"{row['type']}, {date_words(row['date']) or 'no date printed'}",
            ", ".join(escaped(str(row[key])) for key in ("author_role", "publisher") if row[key]),
            _whole(row["participants"]) or "not stated",
        ]
        for row in rows_of(frame[frame["part_of"] == ""])
    ]
    return markdown_table(["Document", "Kind and date", "Written by, published by", "People taking part"], rows)


def _whole(value: Any) -> str:
    return "" if pd.isna(value) or value == "" else f"{float(value):.0f}"


def sections(release: Release) -> Markdown:
    """The sections of the documents, each with the number of its passages, or why there are none."""
    frame = _titled(release)
    apart = set(frame.loc[frame["illustration"], "title"])
    rows = []
    for row in rows_of(release.sections):
        number = _number(row["segments"], "passage", "passages")
        note = " (illustration, not counted)" if row["title"] in apart else ""
        why = f"none: {escaped(row['not_coded'])}"
        rows.append([escaped(row["title"]), f"{number}{note}" if row["segments"] else why])
    return markdown_table(["Section", "Passages, or why there are none"], rows)


def _titled(release: Release) -> pd.DataFrame:
    """The passages with the title of their section."""
    titles = release.sections[["document", "section", "title"]]
    return release.segments.merge(titles, on=["document", "section"], how="left")


def bases(release: Release) -> Markdown:
    """What the passages rest on, with their number, and whether they count as evidence."""
    frame = release.segments
    beside = {"composite vignettes": frame["illustration"], "figures in words": frame["figures"]}
    plain = frame[~(frame["illustration"] | frame["figures"])]["basis"]
    rows = [
        [basis_words(basis), meaning, str(int((plain == basis).sum())), "yes" if basis in COUNTED else "no"]
        for basis, meaning in BASES.items()
        if (plain == basis).any()
    ]
    rows += [[name, _BESIDE[name], str(int(of.sum())), "no"] for name, of in beside.items() if of.any()]
    return markdown_table(["Basis", "What it means", "Passages", "Counts as evidence"], rows)


def by_section(release: Release, level: int = 4) -> Markdown:
    """All passages, a list a section under a heading of this level, each with who says it and its codes."""
    groups: dict[str, list[str]] = {}
    for row in rows_of(_titled(release)):
        groups.setdefault(escaped(row["title"]), []).append(_with_codes(release, row))
    return _under_headings(groups, level)


def _with_codes(release: Release, row: dict[str, Any]) -> str:
    apart = "Put together, not counted" if row["illustration"] else said_by(row)
    said = [part for part in (apart, _ways(release, row["segment"], ())) if part]
    return f"{escaped(row['summary'])} *{'. '.join(said)}.*"


def vignettes(release: Release) -> Markdown:
    """The composite vignettes in our words, each marked as put together and not counted."""
    frame = _titled(release)
    parts = []
    for section, found in frame[frame["illustration"]].groupby("title", sort=False):
        title = str(section).partition(": ")[2] or str(section)
        texts = " ".join(map(escaped, found["summary"]))
        parts.append(f"**{escaped(title)}** (put together, not counted). {texts}")
    return Markdown("\n\n".join(parts))


def findings(release: Release, *questions: str) -> Markdown:
    """Findings of these evaluation questions (or all): what each rests on, and whether a named person signed it."""
    rows = rows_of(_findings(release, questions, gaps=False))
    return Markdown(_bullets(f"{escaped(row['statement'])} *{_rests_on(release, row)}*" for row in rows))


def gaps(release: Release, *questions: str) -> Markdown:
    """What is not known, and where that shows."""
    rows = rows_of(_findings(release, questions, gaps=True))
    cells = [[escaped(row["statement"]), _places(release, row), _status(row)] for row in rows]
    return markdown_table(["What is not known", "Where it shows", "Status"], cells)


def _findings(release: Release, questions: Sequence[str], *, gaps: bool) -> pd.DataFrame:
    frame = release.findings
    frame = frame[(frame["kind"] == GAP) == gaps]
    frame = frame[frame["question"].isin(questions)] if questions else frame
    if frame.empty:
        raise NotReleasedError(f"no finding answers {', '.join(questions) or 'any question'}")
    return frame


def _status(row: dict[str, Any]) -> str:
    return f"{row['status']}: {row['judged_by']}, {row['role']}" if row["judged_by"] else str(row["status"])


def _rests_on(release: Release, row: dict[str, Any]) -> str:
    own, against, figures = (_ids(row[key]) for key in ("segments", "disconfirming", "estimates"))
    frame = release.segments.set_index("segment")
    told = int(frame.loc[own, "figures"].sum())
    parts = [
        _evidence(len(own) - told, int(frame.loc[own, "counts"].sum())) if len(own) > told else "",
        _number(told, "passage tells printed figures", "passages tell printed figures") if told else "",
        _number(len(against), "speaks against it or limits it", "speak against it or limit it") if against else "",
        _number(len(figures), "published figure", "published figures") if figures else "",
    ]
    place = f"In: {_places(release, row)}." if own or against else ""
    state = _status(row)
    texts = ["; ".join(part for part in parts if part) + ".", place, f"{state[:1].upper()}{state[1:]}."]
    return " ".join(text for text in texts if text.strip("."))


def _places(release: Release, row: dict[str, Any]) -> str:
    """Titles of the sections that a finding's passages lie in."""
    named = [*_ids(row["segments"]), *_ids(row["disconfirming"])]
    places = dict.fromkeys(_titled(release).set_index("segment")["title"].loc[named])
    return "; ".join(map(escaped, places)) or "no passage speaks of it"


def _ids(text: Any) -> list[str]:
    return [] if pd.isna(text) else [one for one in str(text).split(" ; ") if one]


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _evidence(passages: int, counted: int) -> str:
    if passages == counted:
        return f"{_number(passages, 'passage that counts', 'passages that count')} as evidence"
    if passages == 1:
        return "1 passage, which does not count as evidence"
    return f"{passages} passages, {counted or 'none'} of which {'counts' if counted <= 1 else 'count'} as evidence"


def statements(release: Release, *outcomes: str) -> Markdown:
    """Published figures and statements: as printed, and what came of each, with the reason.

    ``outcomes`` narrow them, as in ``tables.claims_count``; where all came out alike, only the reason is shown.
    """
    frame = release.claims
    frame = frame[frame["outcome"].isin(outcomes)] if outcomes else frame
    if frame.empty:
        raise NotReleasedError(f"no claim came out as {', '.join(outcomes)}")
    alike = frame["outcome"].nunique() == 1
    rows = [
        [
            f"{escaped(row['statement'])} ({escaped(row['locator'])})",
            printed_words(row),
            escaped(row["reason"]) or "–" if alike else joined(row["outcome"], escaped(row["reason"])),
        ]
        for row in rows_of(frame)
    ]
    head = "Why" if alike else "What came of it, and why"
    return markdown_table(["What is stated, and where", "As printed", head], rows)
