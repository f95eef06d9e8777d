"""OpenDP's Context API over Polars: a group-by of two columns with known keys, Gaussian noise under zCDP."""

import os

os.environ["RUST_BACKTRACE"] = "0"  # or every exception of its scale search costs 110 ms

import numpy as np
import opendp.prelude as dp
import polars as pl
from timing import Answer, Tables, main

dp.enable_features("contrib")


def keys(tables: Tables, name: str) -> pl.LazyFrame:
    """Return every level of a column."""
    return pl.LazyFrame({name: np.arange(tables.levels[name], dtype="int32")})


def release(tables: Tables) -> Answer:
    """Return what answers one table."""
    frame = pl.LazyFrame({name: column.astype("int32") for name, column in tables.columns.items()})
    context = dp.Context.compositor(
        data=frame,
        privacy_unit=dp.unit_of(contributions=1),
        privacy_loss=dp.loss_of(rho=0.1),
        split_evenly_over=len(tables.pairs),
        margins=[dp.polars.Margin(by=(), max_length=tables.rows)],
    )

    def one(first: str, second: str) -> None:
        cells = keys(tables, first).join(keys(tables, second), how="cross")
        query = context.query().group_by(first, second).agg(dp.len()).with_keys(cells)
        query.release().collect()

    return one


if __name__ == "__main__":
    main(release, "opendp")
