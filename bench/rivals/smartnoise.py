"""SmartNoise-SQL over a pandas frame: GROUP BY two columns, its default noise for counts."""

import pandas as pd
import snsql
from timing import Answer, Tables, main

TABLE = "PUMS.people"


def release(tables: Tables) -> Answer:
    """Return what answers one table."""
    frame = pd.DataFrame(tables.columns).astype("int64")
    columns = {name: {"type": "int", "lower": 0, "upper": levels - 1} for name, levels in tables.levels.items()}
    described = {"": {"PUMS": {"people": {"row_privacy": True, "rows": len(frame), **columns}}}}
    privacy = snsql.Privacy(epsilon=0.1, delta=1e-6)
    reader = snsql.from_df(frame, privacy=privacy, metadata=described)

    def one(first: str, second: str) -> None:
        reader.execute(f"SELECT {first}, {second}, COUNT(*) AS n FROM {TABLE} GROUP BY {first}, {second}")

    return one


if __name__ == "__main__":
    main(release, "smartnoise-sql")
