"""How a tool counts places in a text, and what they are as offsets in code points.

The REFI-QDA standard (version 1.5, 10.2) numbers Unicode code points from 0. Not all tools do so: the exports of
NVivo for Windows count UTF-16 units (a character beyond the first 65,536, such as an emoji, as two), and some count
a Windows line end (two characters in the file) as one. The words tell: people select from the beginning of a word to
the end of one, so that a wrong way of counting cuts most of them. What is selected belongs in ``refi_qda.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

MARK = "\ufeff"
"""Byte order mark: part of the text (as of its checksum), counted by no tool."""

_CLEAR = 0.5
"""Of the places where two ways of counting differ, the part that must be better in one way to prefer it."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Counting:
    """One way of counting."""

    utf16: bool = False
    line_end_as_one: bool = False
    end_included: bool = False

    def __str__(self) -> str:
        """In words, for the table of documents."""
        units = "UTF-16 units" if self.utf16 else "code points"
        ends = ["line ends as one"] if self.line_end_as_one else []
        return ", ".join([units, *ends, *(["last character included"] if self.end_included else [])])


STANDARD = Counting()

_TOOLS = (("NVivo for Windows", Counting(utf16=True)), ("ATLAS.ti", Counting(line_end_as_one=True)))
"""Where the words do not tell. NVivo 12.6: measured. ATLAS.ti: as QualCoder reads its exports."""


def usual(origin: str) -> Counting:
    """How the tool that calls itself ``origin`` is known to count."""
    return next((counting for name, counting in _TOOLS if origin.startswith(name)), STANDARD)


def offsets(text: str, counting: Counting) -> Sequence[int]:
    """For each place that the tool can count, from 0 to the end of the text, the offset in code points.

    ``end_included`` is left to the caller: it is about ends only.
    """
    first = int(text.startswith(MARK))
    twice = counting.utf16 and not text.isascii()
    if not twice and not (counting.line_end_as_one and "\r\n" in text):
        return range(first, len(text) + 1)
    places: list[int] = []
    for offset in range(first, len(text)):
        one = text[offset]
        if counting.line_end_as_one and one == "\n" and text[offset - 1 : offset] == "\r":
            continue
        places.extend((offset,) * (2 if twice and one > "\uffff" else 1))
    return [*places, len(text)]


def words_cut(text: str, places: Iterable[int]) -> int:
    """At how many offsets there is a letter or digit on both sides."""
    return sum(0 < one < len(text) and text[one - 1].isalnum() and text[one].isalnum() for one in places)


def counting_of(selected: Sequence[tuple[str, Sequence[Span]]], origin: str = "") -> Counting:
    """How the places of a project are counted: as is usual for the tool, unless the words clearly say otherwise.

    ``selected`` has for each text the first and last place of its selections, as in the file.
    """
    spans = [(text, sorted(set(own))) for text, own in selected]
    expected = usual(origin)
    ways = dict.fromkeys([expected, *(Counting(*way) for way in product((False, True), repeat=2))])
    starts = {way: _placed(spans, way, 0) for way in ways}
    poor = {way: sum(_poor_start(*one) for one in starts[way]) for way in ways}
    best = min(ways, key=lambda way: poor[way])  # of equals the first
    if not _clearly(poor[expected] - poor[best], starts[expected], starts[best]):
        best = expected
    ends = _placed(spans, best, 1)
    included = [(text, one if one is None else one + 1) for text, one in ends]
    gain = sum(_poor_end(*one) for one in ends) - sum(_poor_end(*one) for one in included)
    return Counting(best.utf16, best.line_end_as_one, end_included=_clearly(gain, ends, included))


_Placed = tuple[str, "int | None"]
"""A text and an offset in it, ``None`` where the place lies outside."""


def _placed(spans: Sequence[tuple[str, Sequence[Span]]], way: Counting, which: int) -> list[_Placed]:
    found: list[_Placed] = []
    for text, own in spans:
        known = offsets(text, way)
        found += [(text, known[span[which]] if 0 <= span[which] < len(known) else None) for span in own]
    return found


def _poor_start(text: str, offset: int | None) -> bool:
    return offset is None or words_cut(text, [offset]) > 0 or text[offset : offset + 1].isspace()


def _poor_end(text: str, offset: int | None) -> bool:
    return offset is None or words_cut(text, [offset]) > 0


def _clearly(gain: int, old: Sequence[_Placed], new: Sequence[_Placed]) -> bool:
    """Is one way better by so many places that it is no accident? A few words are cut by mistake."""
    differ = sum(a != b for (_, a), (_, b) in zip(old, new, strict=True))
    return gain >= max(2, _CLEAR * differ)
