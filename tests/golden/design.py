"""Ours beside power.prop.test, aov, psych and formulas written out in R: power, sizes, clusters."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from pipeline.methods.clustered_size import with_more_services, with_present_services
from pipeline.methods.intraclass import Intraclass, design_effect, intraclass
from pipeline.methods.sample_size import Linked, Unlinked, fewest, mcnemar_power, unfavourable

DATA = Path(__file__).parent / "data"
Answers = Iterator[tuple[str, str, float]]


def ours() -> Answers:
    """Case, quantity and our answer."""
    yield from _independent()
    for psi, d, power in itertools.product((0.12, 0.3, 0.5), (0.05, 0.1), (0.8, 0.9)):
        case = f"linked-{psi:g}-{d:g}-{power:g}"
        yield case, "needed", Linked(0.5, psi).needed(d, 0.95, power)
        for m in (50, 400):
            yield case, f"power {m}", Linked(0.5, psi).power(d, m, m, 0.95)
    for p, d in itertools.product((0.05, 0.31, 0.5), (0.1, 0.2)):
        yield f"independent-{p:g}-{d:g}", "needed exactly", Unlinked(p).needed_exactly(d, 0.95, 0.8)
    for d, psi, n in ((0.1, 0.3, 60), (0.2, 0.5, 40), (0.3, 0.3, 25), (0.05, 0.12, 80), (0.1, 0.2, 8)):
        yield f"linked-exact-{psi:g}-{d:g}", f"power {n}", mcnemar_power(d, psi, n, 0.95)
    yield from _half_widths()
    yield from _clusters()
    for sizes in ([20] * 6, [4, 35, 12, 60, 21], [8, 9, 12], [900] * 4):
        yield from _clustered_sizes(sizes)
    for degrees, n, d in itertools.product((2, 5, 19), (40, 300), (0.1, 0.25)):
        yield f"t-independent-{d:g}", f"power {n} {degrees}", Unlinked(0.45).power(d, n, n, 0.95, degrees)
        yield f"t-linked-{d:g}", f"power {n} {degrees}", Linked(0.5, 0.4).power(d, n, n, 0.95, degrees)


def _independent() -> Answers:
    for p, d in itertools.product((0, 0.05, 0.31, 0.45, 0.5, 0.8), (0.05, 0.1, 0.2)):
        for level, power in itertools.product((0.95, 0.9, 0.99), (0.8, 0.9)):
            yield f"independent-{p:g}-{d:g}-{level:g}-{power:g}", "needed", Unlinked(p).needed(d, level, power)
        for n in (20, 76.7, 300):
            yield f"independent-{p:g}-{d:g}", f"power {n:g}", Unlinked(p).power(d, n, n, 0.95)
    for p, n in itertools.product((0.05, 0.5, 0.7), (60, 300)):
        found = Unlinked(p).detectable(n, n, 0.95, 0.8)
        assert found is not None
        yield f"independent-{p:g}", f"detectable {n}", found


def _half_widths() -> Answers:
    for p, n in itertools.product((0.1, 0.5, 0.83), (15, 96, 400)):
        yield f"independent-{p:g}", f"half width {n}", Unlinked(p).half_width(n, n, 0.95)
        yield f"independent-{p:g}", f"half width 40 and {n}", Unlinked(p).half_width(40, n, 0.95)
    for psi, n in itertools.product((0.08, 0.2, 0.5), (15, 96, 400)):
        yield f"linked-{psi:g}", f"half width {n}", Linked(0.5, psi).half_width(n, n, 0.95)
    for wanted, linked in itertools.product((0.05, 0.1, 0.2), (False, True)):
        planned = unfavourable(linked, 0.0)
        found = fewest(lambda n, planned=planned, wanted=wanted: planned.half_width(n, n, 0.95) <= wanted)
        assert found is not None
        yield "answers", f"{'linked' if linked else 'independent'} {wanted:g}", found


def _clustered_sizes(sizes: list[int]) -> Answers:
    kinds: dict[str, Unlinked | Linked] = {"independent": Unlinked(0.45), "linked": Linked(0.5, 0.4)}
    for rho, kind, d, power in itertools.product((0, 0.004, 0.03, 0.2), kinds, (0.1, 0.2), (0.8, 0.9)):
        case = f"clustered-{kind}-{'+'.join(map(str, sizes))}-{rho:g}-{d:g}-{power:g}"
        found = with_more_services(kinds[kind], d, 0.95, power, rho, sizes)
        assert found is not None
        yield case, "services", found[0]
        yield case, "answers", found[1]
        present = with_present_services(kinds[kind], d, 0.95, power, rho, sizes)
        yield case, "possible", float(present is not None)
        if present is not None:
            yield case, "present services", present


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _clusters() -> Answers:
    services: dict[str, list[dict[str, str]]] = {}
    for row in _read("design_services.csv"):
        services.setdefault(row["data"], []).append(row)
    for name, rows in services.items():
        sizes, sums, squares = ([float(row[key]) for row in rows] for key in ("n", "sum", "squares"))
        found = intraclass(sizes, sums, squares)
        assert found is not None
        yield from _correlation(name, found)
        yield name, "design effect", design_effect(found.value, sizes)
    rows = _read("design_ratings.csv")
    found = intraclass([5.0] * len(rows), *([float(row[key]) for row in rows] for key in ("sum", "squares")))
    assert found is not None
    yield from _correlation("ratings", found)


def _correlation(case: str, found: Intraclass) -> Answers:
    yield case, "correlation", found.value
    yield case, "low", found.low
    yield case, "high", found.high
