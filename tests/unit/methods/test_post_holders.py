"""Who is observed, in which groups, and the cells behind them."""

from datetime import date

import polars as pl

from pipeline.methods.post_holders import Group, Observation, PostCells, groups_by, spells
from pipeline.methods.results import Ledger
from tests.unit.methods.post_rows import LAST, START, post, workforce
from tests.unit.methods.result_checks import CONTEXT


def seen(*rows, days=(182, 365), success=None):
    return Observation.of(workforce(*rows), LAST, days, success)


def counts(ledger, *rows):
    """Cells of all posts, with 240 days as success."""
    cells = PostCells(ledger, seen(*rows, success=240), 240).of(Group("all", "", seen(*rows).posts))
    values = ledger.results().cells.set_index("cell_id")["value"]
    return {name: values[cell] for name, cell in cells.items()}


def test_posts_still_held_or_ended_later_are_censored_on_the_last_day():
    observation = seen(post(days=100), post(days=None), post(days=400), post(start=date(2025, 2, 1)))
    assert spells(observation.posts) == [(100, True), (365, False), (365, False)]
    assert observation.late.height == 1


def test_a_post_that_ends_on_the_last_day_has_ended():
    assert spells(seen(post(days=365)).posts) == [(365, True)]


def test_groups_of_each_kind():
    rows = [post("west", mentor=False, role="lead/senior"), post("east", trained=False), post("unknown"), post("new")]
    posts = seen(*rows).posts
    assert [one.name for one in groups_by(posts, "service", CONTEXT)] == ["east", "west", "new"]
    assert [one.name for one in groups_by(posts, "mentor", CONTEXT)] == ["without-mentor", "with-mentor"]
    assert [one.name for one in groups_by(posts, "trained", CONTEXT)] == ["not-trained", "trained"]
    roles = groups_by(posts, "role", CONTEXT)
    assert [(one.name, one.posts.height) for one in roles] == [("role-peer worker", 3), ("role-lead-senior", 1)]
    assert all(one.posts.columns == posts.columns for one in roles)


def test_a_kind_that_nobody_is_of_is_no_group():
    assert [one.name for one in groups_by(seen(post()).posts, "mentor", CONTEXT)] == ["with-mentor"]
    assert groups_by(seen().posts, "role", CONTEXT) == []


def test_every_sum_of_the_cells_holds():
    rows = [post("east", 100, mentor=False), post("west", 200), post("east", 300), post("unknown"), post("west", 360)]
    rows += [post("east", start=date(2024, 9, 1)), post("west", 9, start=date(2024, 12, 1))]
    ledger = Ledger(CONTEXT)
    cells = PostCells(ledger, seen(*rows, success=240), 240)
    for variable in ("service", "mentor", "role"):
        cells.by(variable)
    results = ledger.results()
    values = results.cells.set_index("cell_id")["value"]
    sums = results.relations.assign(part=results.relations["part"].map(values)).groupby(["relation", "total"])["part"]
    assert all(value == values[total] for (_, total), value in sums.sum().items())
    everyone = results.cells[(results.cells["service"] == "all") & (results.cells["group"] == "")]
    assert everyone.set_index("category")["value"].to_dict() == {
        "posts": 7, "ended": 5, "held": 2, "ended-by-182": 2, "not-ended-by-182": 5, "ended-by-240": 3,
        "not-ended-by-240": 4, "ended-by-365": 5, "not-ended-by-365": 2, "ended-182-to-240": 1,
        "ended-240-to-365": 2, "ended-after-365": 0, "seen-less-than-240": 1, "in-post-after-240": 3,
        "ended-by-240-followed": 2, "ended-by-240-not-followed": 1,
    }  # fmt: skip


def test_the_cells_of_success_are_there_only_where_it_is_asked():
    ledger = Ledger(CONTEXT)
    PostCells(ledger, seen(post(days=100), success=240)).by("service")
    categories = ledger.results().cells["category"]
    assert "ended-by-240" in set(categories)
    assert not categories.str.contains("followed|seen-less|in-post").any()


def test_followed_for_the_days_of_success_are_those_who_started_so_long_before_the_end():
    in_time, too_late = date(2024, 5, 5), date(2024, 5, 6)  # 240 and 239 days before the last day
    found = counts(
        Ledger(CONTEXT), *(post(days=days, start=day) for day in (in_time, too_late) for days in (9, None))
    )
    assert (found["ended-by-240-followed"], found["ended-by-240-not-followed"]) == (1, 1)
    assert (found["in-post-after-240"], found["seen-less-than-240"]) == (1, 1)


def test_the_record_without_rows():
    empty = Observation.of(workforce(), LAST, (182,))
    assert empty.posts.schema["days"] == pl.Int64
    assert PostCells(Ledger(CONTEXT), empty).by("service").keys() == {"all"}
    assert empty.services(CONTEXT) == ["all"]


def test_days_are_counted_from_the_first_day_in_post():
    assert spells(seen(post(days=0), post(start=START)).posts) == [(0, True), (365, False)]
