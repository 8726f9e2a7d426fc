"""How long post holders stay: the share still in post after some days, the median, and an average from elsewhere.

The curve itself is in ``survival``. Groups compared belong in ``retention_compared``, posts filled at dates in
``workforce``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.methods.post_holders import SIZE, Group, Observation, PostCells, of_service, spells
from pipeline.methods.results import Context, Ledger, Results
from pipeline.methods.survival import Curve, Spell, against, kaplan_meier
from schemas.analyses import Average
from schemas.vocabulary import ALL, REASONS

METHOD = "Kaplan and Meier (1958), log-log interval with Greenwood's (1926) variance; n: all posts, however long seen"
MEDIAN_METHOD = "Kaplan and Meier (1958), log-log interval of Brookmeyer and Crowley (1982)"
AVERAGE_METHODS = {
    False: "Kaplan and Meier (1958) less an average taken as exact; log-log interval; z test of log(-log)",
    True: "Kaplan and Meier (1958) less an average; log-log and Wilson intervals joined (Zou and Donner 2008); "
    "z test of log(-log)",
}
"""Method of a comparison with an average, by whether the posts behind that are known."""

FEWEST_ON_A_SIDE = 5
"""A day at which the curve steps is one person's last day: shown only with as many ended by it, and seen after it."""

NOT_REACHED = "half had not left by the longest time observed"

Links = list[tuple[str, str]]


def retention(seen: Observation, context: Context) -> Results:
    """Share of post holders still in post after each number of days, and median time in post, by service.

    Kaplan & Meier (1958), for all and for each known service. Posts that start after the observation are left out
    and counted in ``missing``. Interval on the log-log scale with Greenwood's variance; none where nobody or
    everybody has left. Beyond the longest time observed there is no value. The curve is read at the
    declared days only: each of its steps is a person's last day. ``n`` is the number of posts at every day, those not
    seen for so long too, and ``events`` the number ended by then. How many were seen for less time is not told: in
    most services a small count.

    The `median` (days; Brookmeyer & Crowley 1982) and each of its limits are such days too. They need five posts
    ended by that day and five seen for longer.
    """
    ledger = Ledger(context)
    cells = PostCells(ledger, seen).by("service")
    for service in seen.services(context):
        group, missing = seen.group(service), of_service(seen.late, service).height
        own = cells.get(service, {})
        for day in seen.days:
            retained(ledger, group, day, links_at(own, day), missing)
        _median(ledger, group, [(own[name], "input") for name in SIZE if name in own], missing)
    return ledger.results()


def average(seen: Observation, declared: Average, context: Context) -> Results:
    """Retention less an average from elsewhere, for all and for each known service; p for all together only.

    Without posts behind the average it is taken as exact, and the row says so; else its own uncertainty is brought
    in. Nobody or everybody left by then: no interval and no p. ``reference`` says whose average it is. Its days must
    be among those at which posts are read.
    """
    ledger = Ledger(context)
    cells = PostCells(ledger, seen).by("service")
    for service in seen.services(context):
        _against(ledger, seen.group(service), declared, links_at(cells.get(service, {}), declared.days))
    return ledger.results()


def retained(ledger: Ledger, group: Group, day: int, links: Links, missing: int | None = None) -> None:
    """One point of a curve; of a group that is no service as `retention_by_group`."""
    level, of = ledger.context.level, spells(group.posts)
    value, interval = kaplan_meier(of, day, level) or (None, None)
    low, high = interval or (None, None)
    ledger.estimate(
        "retention_by_group" if group.group else "retention",
        value,
        service=group.service,
        cells=links,
        at=str(day),
        low=low,
        high=high,
        level=level if interval else None,
        n=len(of),
        events=sum(over and time <= day for time, over in of),
        missing=missing,
        unit="proportion",
        method=METHOD,
        reason=_note(of, value, interval is not None),
        **group.keys if group.group else {"population": group.keys["population"]},
    )


def links_at(cells: dict[str, str], day: int) -> Links:
    """The cells behind a curve at a day, as far as there are any."""
    names = ("posts", f"ended-by-{day}", f"not-ended-by-{day}")
    return [(cells[name], "input") for name in names if name in cells]


def _note(of: Sequence[Spell], value: float | None, has_interval: bool) -> str:
    if not of:
        return REASONS["no_rows"]
    if value is None:
        return REASONS["too_few"]
    return "" if has_interval else "no interval: " + REASONS["no_variation"]


def _median(ledger: Ledger, group: Group, links: Links, missing: int) -> None:
    of, level = spells(group.posts), ledger.context.level
    found = Curve.of(of).median(level)
    shown = {name: day for name, day in vars(found).items() if _may_be_shown(of, day)}
    value = shown.pop("value", None)
    keys = group.keys | {"item": "time-in-post"}
    ends = shown if value is not None else {}
    ledger.estimate(
        "median",
        value,
        service=group.service,
        cells=links,
        n=len(of),
        events=sum(over for _, over in of),
        missing=missing,
        level=level if ends else None,
        unit="days",
        method=MEDIAN_METHOD,
        reason=_why_no_median(of, found.value) if value is None else _open_ends(ends),
        **keys,
        **ends,
    )


def _may_be_shown(of: Sequence[Spell], day: float | None) -> bool:
    if day is None:
        return False
    ended, later = sum(over and time <= day for time, over in of), sum(time > day for time, _ in of)
    return min(ended, later) >= FEWEST_ON_A_SIDE


def _why_no_median(of: Sequence[Spell], found: float | None) -> str:
    if not of:
        return REASONS["no_rows"]
    return NOT_REACHED if found is None and len(of) >= 2 * FEWEST_ON_A_SIDE else REASONS["too_few"]


def _open_ends(ends: dict[str, float]) -> str:
    missing = [word for word, name in (("lower", "low"), ("upper", "high")) if name not in ends]
    return f"no {' and no '.join(missing)} limit: {REASONS['too_few']}" if missing else ""


def _against(ledger: Ledger, group: Group, declared: Average, links: Links) -> None:
    of = spells(group.posts)
    at = Curve.of(of).at(declared.days) if of else None
    row: dict[str, Any] = {"n": len(of), "n_reference": declared.n, "reason": _note(of, at and at[0], True)}
    value = None
    if at is not None:
        value = at[0] - declared.value
        row |= _tested(at, declared, group, ledger.context.level)
    ledger.estimate(
        "difference",
        value,
        service=group.service,
        cells=links,
        contrast="average",
        reference=declared.of.replace("/", "-").replace("=", "-"),
        at=str(declared.days),
        events=sum(over and time <= declared.days for time, over in of),
        unit="proportion",
        method=AVERAGE_METHODS[declared.n is not None],
        **group.keys,
        **row,
    )


def _tested(at: tuple[float, float], declared: Average, group: Group, level: float) -> dict[str, Any]:
    exact = "" if declared.n else ", taken as exact"
    reason = f"compared with {declared.value:g} ({declared.source}){exact}"
    if not 0 < at[0] < 1:
        return {"reason": f"no interval: {REASONS['no_variation']}; {reason}"}
    found = against(*at, declared.value, declared.n, level)
    p = found.p if group.service == ALL else None
    return {"low": found.low, "high": found.high, "level": level, "p": p, "reason": reason}
