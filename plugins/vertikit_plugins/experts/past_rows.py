"""What an entity (a card, a terminal) has done before: counts, sums and labels over windows of its past rows.

Exact and the same however a stream is cut into pieces: counts and sums are integers, a row sees strictly earlier rows
and itself, and rows of the same microsecond never see each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from vertikit import VertikitError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

UNIT = 10_000
"""Amounts are whole multiples of 1 / UNIT, so that their sums are exact."""
MOST = 2**53 // UNIT
"""Sums of amounts beyond this could not be told apart as floating numbers."""


def past_features(rows: pa.Table, entity: str, spans: Mapping[str, int], *, delay: int) -> pl.DataFrame:
    """What the rows of an entity have behind them: `order`, in any order, and a column for each of the below.

    Rows of one entity see each other alone, so a table may be given in parts, each with all rows of its entities.

    Args:
        rows: `order` int64, unique; `time` int64, microseconds, may be null; a column of the entity's names, may be
            null; `amount` int64 in units of 1/10,000, may be null; `label` int64, 1, 0, or null where unknown.
        spans: name -> length of a window in microseconds.
        delay: microseconds until a label is known.

    For entity e and span s, with t the row's time:
        e_count_s, e_sum_s: rows with time in (t - s, t) and the row itself, and the sum of their amounts (int64).
        e_amounts_s: how many of these have an amount (int64).
        e_before, e_total: rows with an amount strictly before, in the longest span, and their sum (int64).
        e_since: microseconds since the latest strictly earlier row (int64, null where there is none).
        e_known_s, e_frauds_s: labelled rows with time in (t - delay - s, t - delay], and the sum of their labels.
    A row without a time or an entity is not among them.
    """
    import polars as pl

    table = pl.from_arrow(rows)
    assert isinstance(table, pl.DataFrame)
    _check_sums(table)
    usable = pl.col("time").is_not_null() & pl.col(entity).is_not_null()
    table = table.select("order", "time", entity, "amount", "label").filter(usable)
    return _of_entity(table, entity, spans, delay)


def _check_sums(table: pl.DataFrame) -> None:
    import polars as pl

    total = table.select(pl.col("amount").abs().cast(pl.Float64).sum()).item() if len(table) else 0
    if total > MOST * UNIT:
        raise VertikitError(
            "the amounts are so large that their sums are not exact.",
            "Give them in a larger unit, such as thousands.",
        )


def _of_entity(table: pl.DataFrame, entity: str, spans: Mapping[str, int], delay: int) -> pl.DataFrame:
    """The features of one entity, for rows that have it and a time."""
    import polars as pl

    longest = max(spans.values())
    own = table.sort(entity, "time", "order").with_columns(
        one=pl.lit(1, pl.Int64),
        paid=pl.col("amount").fill_null(0),
        with_amount=pl.col("amount").is_not_null().cast(pl.Int64),
    )
    past = own.select(
        "order",
        *_past(entity, spans),
        _window("with_amount", longest, entity).alias(f"{entity}_before"),
        _window("paid", longest, entity).alias(f"{entity}_total"),
    )
    # The latest strictly earlier time: of rows at the same time all have the one before the first of them.
    times = own.select(entity, "time").unique(maintain_order=True)
    times = times.with_columns(since=pl.col("time") - pl.col("time").shift(1).over(entity))
    since = own.select("order", entity, "time").join(times, on=[entity, "time"], how="left")
    past = past.join(since.select("order", pl.col("since").alias(f"{entity}_since")), on="order")
    return past.join(_late_labels(table, entity, spans, delay), on="order")


def _past(entity: str, spans: Mapping[str, int]) -> Iterator[pl.Expr]:
    import polars as pl

    for name, span in spans.items():
        for column, known in (("count", "one"), ("sum", "paid"), ("amounts", "with_amount")):
            yield (_window(known, span, entity) + pl.col(known)).alias(f"{entity}_{column}_{name}")


def _window(column: str, span: int, entity: str) -> pl.Expr:
    """Sum over the entity's rows strictly between t - span and t."""
    import polars as pl

    within = pl.col(column).rolling_sum_by("time", window_size=f"{span}i", closed="none")
    return within.over(entity).fill_null(0)


def _late_labels(table: pl.DataFrame, entity: str, spans: Mapping[str, int], delay: int) -> pl.DataFrame:
    """What is known of labels when a row comes: each becomes known `delay` after its row, and is seen from then on."""
    import polars as pl

    nothing = pl.lit(0, pl.Int64)
    asked = table.select("order", entity, "time", known=nothing, frauds=nothing)
    told = table.filter(pl.col("label").is_not_null()).select(
        pl.lit(None, pl.Int64).alias("order"),
        entity,
        pl.col("time") + delay,
        known=pl.lit(1, pl.Int64),
        frauds=pl.col("label").cast(pl.Int64),
    )
    both = pl.concat([asked, told]).sort(entity, "time")
    sums = [
        pl.col(column)
        .rolling_sum_by("time", window_size=f"{span}i", closed="right")
        .over(entity)
        .alias(f"{entity}_{column}_{name}")
        for name, span in spans.items()
        for column in ("known", "frauds")
    ]
    return both.select("order", *sums).filter(pl.col("order").is_not_null())
