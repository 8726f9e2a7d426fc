"""Keys of a table too long to hold: compared by hash across batches, and exactly where hashes meet.

What the key of a table is, is declared in its schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline.ingest.export import ROW


@dataclass
class Keys:
    """The keys of all rows of one table, in the order in which they come.

    Eight bytes a row for the hash and four for its number: ten million rows take 120 MB.
    """

    columns: Sequence[str]
    hashes: list[pl.Series] = field(default_factory=list)
    numbers: list[pl.Series] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def add(self, rows: pl.DataFrame, file: str) -> None:
        """Note the keys of the next rows, which have ``ROW``."""
        hashed = pl.struct(self.columns) if len(self.columns) > 1 else pl.col(self.columns[0])
        self.hashes.append(rows.select(hashed.hash()).to_series())
        self.numbers.append(rows[ROW].cast(pl.UInt32))
        self.files.append(file)

    def twice(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """The rows whose key stands more than once: ``place``, ``file``, ``ROW`` and the key columns.

        ``rows`` are all rows in the order in which they were added. Rows with an empty key are left out.
        """
        suspects = self._suspects()
        if suspects.is_empty():
            return pl.DataFrame(schema={"place": pl.Int64, "file": pl.String, ROW: pl.Int64})
        meant = rows.select(self.columns).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
        found = meant.join(suspects.to_frame("place").lazy(), on="place", how="semi").collect(engine="streaming")
        found = found.drop_nulls(list(self.columns))
        found = found.filter(pl.struct(self.columns).is_duplicated()).sort("place")
        return found.join(self._places(found["place"]), on="place", how="left", maintain_order="left")

    def _suspects(self) -> pl.Series:
        """Places of rows whose hash stands more than once."""
        if not self.hashes:
            return pl.Series("place", [], dtype=pl.Int64)
        hashes = pl.concat(self.hashes)
        ordered = hashes.sort()
        again = ordered.filter(ordered == ordered.shift()).unique()
        if again.is_empty():
            return pl.Series("place", [], dtype=pl.Int64)
        return hashes.is_in(again.implode()).arg_true().cast(pl.Int64)

    def of_same_rows(self, places: pl.Series) -> pl.Series:
        """Places of all rows that come from the same raw rows as some do: one raw row may become several."""
        chosen = self._placed(places)
        found = []
        for batch in chosen["batch"].unique().sort():
            rows = chosen.filter(pl.col("batch") == batch)[ROW].cast(pl.UInt32)
            found.append(self.numbers[batch].is_in(rows.implode()).arg_true().cast(pl.Int64) + self._starts()[batch])
        return pl.concat(found) if found else places

    def _places(self, places: pl.Series) -> pl.DataFrame:
        """File and row number of some places."""
        placed = self._placed(places)
        return placed.select(
            "place", pl.Series(self.files, dtype=pl.String).gather(placed["batch"]).alias("file"), ROW
        )

    def _placed(self, places: pl.Series) -> pl.DataFrame:
        """Batch and row number of some places."""
        batch = self._starts().search_sorted(places, side="right").cast(pl.Int64) - 1
        numbers = pl.concat(self.numbers).cast(pl.Int64).gather(places)
        return pl.DataFrame([places.alias("place"), batch.alias("batch"), numbers.alias(ROW)])

    def _starts(self) -> pl.Series:
        """Place of the first row of each batch."""
        return pl.Series([0, *(len(one) for one in self.numbers)], dtype=pl.Int64).cum_sum().head(len(self.numbers))
