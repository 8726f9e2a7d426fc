"""Ids that can be read back into their keys."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import CELL_KEYS, ESTIMATE_KEYS, STATISTICS, cell_id, estimate_id, parse_estimate_id

WORDS = st.text(st.characters(blacklist_characters="/=", blacklist_categories=("Cs",)), min_size=1, max_size=12)
HEAD = st.fixed_dictionaries({"study": WORDS, "service": WORDS, "statistic": st.sampled_from(sorted(STATISTICS))})
REST = st.dictionaries(
    st.sampled_from([k for k in ESTIMATE_KEYS if k not in ("study", "service", "statistic")]), WORDS
)


@given(HEAD, REST)
def test_an_id_can_be_read_back(head: dict[str, str], rest: dict[str, str]) -> None:
    keys = head | rest
    assert parse_estimate_id(estimate_id(keys)) == dict.fromkeys(ESTIMATE_KEYS, "") | keys


@given(HEAD, REST, HEAD, REST)
def test_different_keys_have_different_ids(
    head: dict[str, str], rest: dict[str, str], other_head: dict[str, str], other_rest: dict[str, str]
) -> None:
    one, two = head | rest, other_head | other_rest
    assert (estimate_id(one) == estimate_id(two)) == (one == two)


@given(HEAD, REST, st.randoms())
def test_the_order_and_empty_keys_do_not_matter(head: dict[str, str], rest: dict[str, str], random) -> None:
    keys = list((head | rest).items())
    random.shuffle(keys)
    assert estimate_id(dict(keys) | {"value": 1, "at": rest.get("at", "")}) == estimate_id(head | rest)


def test_an_id_reads_as_a_path() -> None:
    keys = {"study": "s", "service": "all", "statistic": "share", "item": "hope", "category": "yes"}
    assert estimate_id(keys) == "s/all/share/item=hope/category=yes"
    assert cell_id({"study": "s", "service": "all", "quantity": "count", "item": "hope"}) == "s/all/count/item=hope"


@pytest.mark.parametrize("lacking", ["study", "service", "statistic"])
def test_an_id_needs_its_head(lacking: str) -> None:
    keys = {"study": "s", "service": "all", "statistic": "share"} | {lacking: ""}
    with pytest.raises(ValueError, match=f"needs {lacking}"):
        estimate_id(keys)


@pytest.mark.parametrize("sign", list("/="))
def test_a_key_may_not_have_the_signs_that_part_them(sign: str) -> None:
    with pytest.raises(ValueError, match="may not contain"):
        estimate_id({"study": "s", "service": "all", "statistic": "share", "item": f"a{sign}b"})


@pytest.mark.parametrize("text", ["", "s", "s/all", "s/all/share/hope", "s/all/share/itm=hope", "s/all/share/"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="not an estimate id"):
        parse_estimate_id(text)


def test_keys_are_plain_names() -> None:
    assert set("".join((*ESTIMATE_KEYS, *CELL_KEYS, *STATISTICS))) <= set(
        string.ascii_lowercase + string.digits + "_"
    )
