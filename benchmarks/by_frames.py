"""The floor's tables by Polars and by pandas, as somebody writes them who knows the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import floor

if TYPE_CHECKING:
    from pathlib import Path

ZONE = floor.ZONE
GROUPS = {
    **dict.fromkeys(((5, 5), (5, 4), (4, 5)), "champions"),
    **dict.fromkeys(((4, 4), (3, 5), (3, 4)), "loyal"),
    **dict.fromkeys(((5, 3), (5, 2), (4, 3), (4, 2)), "potential_loyalist"),
    (5, 1): "new", (4, 1): "promising", (3, 3): "need_attention", (3, 2): "about_to_sleep", (3, 1): "about_to_sleep",
    (2, 5): "cant_lose", (1, 5): "cant_lose", **{(r, f): "at_risk" for r in (1, 2) for f in (3, 4)},
    (2, 2): "hibernating", (2, 1): "hibernating", (1, 2): "lost", (1, 1): "lost",
}  # fmt: skip
ORDER = ["customer_id", "ordered_at"]
CUSTOMER = [
    "customer_id", "as_of_on", "first_order_on", "last_order_on", "recency_days", "order_count", "revenue", "r_score",
    "f_score", "m_score", "rfm_group",
]  # fmt: skip
LINE = [
    "order_id", "line_id", "customer_id", "product_id", "store_id", "source", "ordered_at", "ordered_on", "quantity",
    "amount", "discount", "currency", "channel",
]  # fmt: skip
ORDERS = [
    "order_id", "customer_id", "source", "source_order_key", "ordered_at", "ordered_on", "store_id", "channel",
    "currency", "status", "amount", "discount", "quantity", "line_count",
]  # fmt: skip


def polars(raw: str, ids: str, out: Path, memory: str) -> None:  # noqa: ARG001  # it has no limit
    """Lazy frames, collected per table, in memory."""
    import polars as pl

    text = pl.String
    key = pl.scan_parquet(ids)
    local = pl.col("ordered_at").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()
    line = (
        pl.scan_parquet(f"{raw}/*.parquet")
        .with_columns(pl.col("customer_id").cast(text).alias("customer_key"))
        .drop("customer_id")
        .join(key, on="customer_key", how="left")
        .select(
            (pl.lit("shop:") + pl.col("order_id").cast(text)).alias("order_id"),
            pl.col("line_id").cast(text), "customer_id", pl.col("product_id").cast(text), pl.col("store_id").cast(text),
            pl.lit("shop").alias("source"), "ordered_at", local.alias("ordered_on"),
            pl.col("quantity").cast(pl.Decimal(18, 3)), pl.col("amount").cast(pl.Decimal(18, 2)),
            pl.col("discount").cast(pl.Decimal(18, 2)), pl.lit("USD").alias("currency"),
            pl.lit("shop").alias("channel"),
        )
        .sort(ORDER)
        .collect()
    )  # fmt: skip
    line.write_parquet(out / "order_line.parquet", compression="snappy")
    same = [pl.col(name).min() for name in ("customer_id", "source", "ordered_at", "store_id", "channel", "currency")]
    orders = (
        line.lazy()
        .group_by("order_id")
        .agg(*same, pl.col("amount").sum(), pl.col("discount").sum(), pl.col("quantity").sum(),
             pl.len().cast(pl.Int64).alias("line_count"))
        .with_columns(
            pl.col("order_id").str.slice(5).alias("source_order_key"), local.alias("ordered_on"),
            pl.lit(None, dtype=text).alias("status"),
        )
        .select("order_id", "customer_id", "source", "source_order_key", "ordered_at", "ordered_on", "store_id",
                "channel", "currency", "status", "amount", "discount", "quantity", "line_count")
        .sort(ORDER)
        .collect()
    )  # fmt: skip
    orders.write_parquet(out / "orders.parquet", compression="snappy")
    total = orders.group_by("customer_id").agg(
        pl.col("ordered_on").min().alias("first_order_on"), pl.col("ordered_on").max().alias("last_order_on"),
        pl.len().cast(pl.Int64).alias("order_count"), pl.col("amount").sum().alias("revenue"),
    )  # fmt: skip
    as_of, size = orders["ordered_on"].max(), len(total)

    def fifth(name: str) -> pl.Expr:
        return (1 + 5 * (pl.col(name).rank("min").cast(pl.Int64) - 1) // size).cast(pl.Int32)

    cells = pl.DataFrame([{"r_score": r, "f_score": f, "rfm_group": name} for (r, f), name in GROUPS.items()])
    total.with_columns(
        fifth("last_order_on").alias("r_score"), fifth("order_count").alias("f_score"),
        fifth("revenue").alias("m_score"), pl.lit(as_of).alias("as_of_on"),
        (as_of - pl.col("last_order_on")).dt.total_days().cast(pl.Int32).alias("recency_days"),
    ).join(cells.cast({"r_score": pl.Int32, "f_score": pl.Int32}), on=["r_score", "f_score"]).select(CUSTOMER).sort(
        "customer_id"
    ).write_parquet(out / "customer_rfm.parquet", compression="snappy")  # fmt: skip
    first = total.select("customer_id", pl.col("first_order_on").dt.truncate("1mo").alias("cohort_on"))

    def month(name: str) -> pl.Expr:
        return pl.col(name).dt.year().cast(pl.Int32) * 12 + pl.col(name).dt.month().cast(pl.Int32)

    activity = (
        orders.join(first, on="customer_id")
        .with_columns((month("ordered_on") - month("cohort_on")).alias("months_since"))
        .group_by("cohort_on", "months_since")
        .agg(pl.col("customer_id").n_unique().cast(pl.Int64).alias("active_customers"),
             pl.col("amount").sum().alias("revenue"))
    )  # fmt: skip
    last = as_of.year * 12 + as_of.month
    cell = (
        first.group_by("cohort_on").agg(pl.len().cast(pl.Int64).alias("customers"))
        .with_columns(pl.int_ranges(0, last - month("cohort_on") + 1, dtype=pl.Int32).alias("months_since"))
        .explode("months_since")
    )  # fmt: skip
    cell.join(activity, on=["cohort_on", "months_since"], how="left").with_columns(
        pl.col("active_customers").fill_null(0), pl.col("revenue").fill_null(0)
    ).with_columns(
        (pl.col("active_customers") / pl.col("customers")).alias("retention"),
        (pl.col("cohort_on").dt.offset_by(pl.format("{}mo", "months_since")).dt.month_end() > as_of).alias(
            "is_partial"
        ),
    ).select("cohort_on", "months_since", "customers", "active_customers", "retention", "revenue", "is_partial").sort(
        "cohort_on", "months_since"
    ).write_parquet(out / "cohort_retention.parquet", compression="snappy")


def pandas(raw: str, ids: str, out: Path, memory: str) -> None:  # noqa: ARG001  # it has no limit
    """Frames with Arrow strings and categories, as one writes them who knows pandas' memory."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(raw)
    for name in ("amount", "discount"):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.float64()))
    frame = table.to_pandas(split_blocks=True, self_destruct=True)
    del table
    key = pd.read_parquet(ids)
    names = pd.Series(key["customer_id"].to_numpy(), index=key["customer_key"].astype("int64"))
    frame["customer_id"] = frame["customer_id"].map(names).astype("category")
    frame["ordered_on"] = (
        frame["ordered_at"].dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
    )
    frame["order_id"] = "shop:" + frame["order_id"].astype("string[pyarrow]")
    for name in ("line_id", "product_id", "store_id"):
        frame[name] = frame[name].astype("string[pyarrow]").astype("category")
    for name, value in (("source", "shop"), ("currency", "USD"), ("channel", "shop")):
        frame[name] = pd.Categorical.from_codes([0] * len(frame), [value])
    frame["customer_id"] = frame["customer_id"].cat.reorder_categories(sorted(key["customer_id"]), ordered=True)
    line = frame.sort_values(ORDER, ignore_index=True)
    del frame
    line[LINE].to_parquet(out / "order_line.parquet", compression="snappy")
    same = {
        name: (name, "first")
        for name in ("customer_id", "source", "ordered_at", "ordered_on", "store_id", "channel", "currency")
    }
    sums = {name: (name, "sum") for name in ("amount", "discount", "quantity")}
    orders = (
        line.groupby("order_id", sort=False, observed=True)
        .agg(**same, **sums, line_count=("line_id", "size"))
        .reset_index()
    )
    orders["source_order_key"] = orders["order_id"].str[5:]
    orders["status"] = pd.Series(pd.NA, index=orders.index, dtype="string")
    orders[["amount", "discount"]] = orders[["amount", "discount"]].round(2)
    orders = orders.sort_values(ORDER, ignore_index=True)
    orders[ORDERS].to_parquet(out / "orders.parquet", compression="snappy")
    total = orders.groupby("customer_id", observed=True).agg(
        first_order_on=("ordered_on", "min"), last_order_on=("ordered_on", "max"), order_count=("order_id", "size"),
        revenue=("amount", "sum"),
    ).reset_index()  # fmt: skip
    total["revenue"] = total["revenue"].round(2)
    total["as_of_on"] = orders["ordered_on"].max()
    total["recency_days"] = (total["as_of_on"] - total["last_order_on"]).dt.days
    for score, name in (("r_score", "last_order_on"), ("f_score", "order_count"), ("m_score", "revenue")):
        total[score] = 1 + 5 * (total[name].rank(method="min").astype("int64") - 1) // len(total)
    total["rfm_group"] = [GROUPS[cell] for cell in zip(total["r_score"], total["f_score"], strict=True)]
    total[CUSTOMER].to_parquet(out / "customer_rfm.parquet", compression="snappy")
    orders["cohort_on"] = (
        orders["customer_id"]
        .map(total.set_index("customer_id")["first_order_on"])
        .astype("datetime64[us]")
        .dt.to_period("M")
    )
    number = orders["ordered_on"].dt.year * 12 + orders["ordered_on"].dt.month
    orders["months_since"] = number - orders["cohort_on"].dt.year * 12 - orders["cohort_on"].dt.month
    activity = orders.groupby(["cohort_on", "months_since"]).agg(
        active_customers=("customer_id", "nunique"), revenue=("amount", "sum")
    )
    as_of = orders["ordered_on"].max()
    customers = total["first_order_on"].dt.to_period("M").value_counts().rename("customers")
    end = pd.Period(as_of, "M")
    cells = [(start, n) for start in sorted(customers.index) for n in range((end - start).n + 1)]
    cohort = pd.DataFrame(cells, columns=["cohort_on", "months_since"]).join(activity, on=["cohort_on", "months_since"])
    cohort = cohort.join(customers, on="cohort_on").fillna({"active_customers": 0, "revenue": 0})
    cohort["retention"] = cohort["active_customers"] / cohort["customers"]
    cohort["is_partial"] = [(start + n).end_time.normalize() > as_of for start, n in cells]
    cohort["cohort_on"] = cohort["cohort_on"].dt.to_timestamp()
    cohort.to_parquet(out / "cohort_retention.parquet", compression="snappy")
