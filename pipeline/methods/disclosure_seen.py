"""Tables that fit a release, kept from one attack to the next.

How they are found belongs in ``disclosure_audit``; here is only when one that was found still fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline.methods.disclosure_table import TOLERANCE, Bools, Floats, Ints


@dataclass
class SeenTables:
    """Tables that an attacker can't tell from the true one, each as the cells in which it differs and by how much.

    Finding one takes a linear programme, and the choice of what to withhold attacks almost the same release over
    and over. A table found once fits every release in which all cells that it differs in are withheld, whatever
    else is withheld or not.
    """

    _differences: list[tuple[Ints, Floats]] = field(default_factory=list)

    def add(self, cells: Ints, difference: Floats) -> None:
        """Keep a table by the positions of its cells and how far they are from the true values."""
        differs = np.abs(difference) > TOLERANCE
        if differs.any():
            self._differences.append((cells[differs], difference[differs]))

    def fitting(self, unknown: Bools) -> Iterator[tuple[Ints, Floats]]:
        """The tables that fit when every cell not ``unknown`` is released: (cells, differences)."""
        return ((cells, by) for cells, by in self._differences if unknown[cells].all())
