"""How tools count places in texts."""

from __future__ import annotations

import pytest

from pipeline.ingest.text_positions import STANDARD, Counting, counting_of, offsets, words_cut

TEXT = "One 😀 two.\r\nThree 😀 four five.\r\nSix seven eight.\r\n"
WORDS = ("One", "two", "Three", "four", "five", "Six", "seven", "eight")


def marked(text: str, words: tuple[str, ...], way: Counting) -> list[tuple[int, int]]:
    def place(offset: int) -> int:
        before = text[:offset].replace("\r\n", "\n") if way.line_end_as_one else text[:offset]
        return len(before.encode("utf-16-le")) // 2 if way.utf16 else len(before)

    ends = [(text.index(word), text.index(word) + len(word)) for word in words]
    return [(place(start), place(end) - way.end_included) for start, end in ends]


WAYS = [Counting(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_words_tell_the_way_of_counting(way: Counting) -> None:
    assert counting_of([(TEXT, marked(TEXT, WORDS, way))]) == way


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_places_become_offsets_in_code_points(way: Counting) -> None:
    known = offsets(TEXT, way)
    spans = marked(TEXT, WORDS, way)
    assert tuple(TEXT[known[start] : known[end + way.end_included]] for start, end in spans) == WORDS
    assert known[-1] == len(TEXT)


def test_a_byte_order_mark_is_in_the_text_but_not_counted() -> None:
    known = offsets("\ufeff" + TEXT, STANDARD)
    assert (known[0], known[len(TEXT)]) == (1, len(TEXT) + 1)


def test_a_word_cut_by_mistake_does_not_change_the_way() -> None:
    spans = marked(TEXT, WORDS, STANDARD)
    careless = [(start, end - (one in (1, 4))) for one, (start, end) in enumerate(spans)]
    assert words_cut(TEXT, [end for _, end in careless]) == 2
    assert counting_of([(TEXT, careless)]) == STANDARD


def test_where_the_words_do_not_tell_the_tool_decides() -> None:
    spans = marked(TEXT, ("One",), STANDARD)
    assert counting_of([(TEXT, spans)]) == STANDARD
    assert counting_of([(TEXT, spans)], "NVivo for Windows 14.23") == Counting(utf16=True)
    assert counting_of([(TEXT, spans)], "ATLAS.ti Win 24.1") == Counting(line_end_as_one=True)


def test_the_words_outweigh_the_tool() -> None:
    spans = marked(TEXT, WORDS, STANDARD)
    assert counting_of([(TEXT, spans)], "NVivo for Windows 14.23") == STANDARD


def test_a_script_without_spaces_tells_nothing() -> None:
    text = "我们都很好😀今天天气不错大家一起出去走走吧"
    spans = [(0, 3), (5, 9), (9, 12), (12, 16)]
    assert counting_of([(text, spans)]) == STANDARD


def test_a_project_is_counted_in_one_way() -> None:
    way = Counting(utf16=True)
    plain = "Nothing beyond the first plane here."
    assert counting_of([(plain, [(0, 7)]), (TEXT, marked(TEXT, WORDS, way))]) == way
