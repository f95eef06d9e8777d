"""Writes a release as one Parquet file: every number a row, typed columns, the release's hash in the metadata."""

import io
import json
from collections.abc import Iterator

import pyarrow as pa
from pyarrow import parquet

from survey.release.long_columns import LONG
from survey.release.release import Release
from survey.release.release_rows import fact_rows
from survey.workbook.long_rows import long_rows

TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def parquet_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield one long file; the schema's metadata has the release's hash, the locale and all facts (JSON)."""
    facts = {row["fact"]: row["value"] for row in fact_rows(release, locale)}
    metadata = {
        "sotto.format": "sotto-long-2",
        "sotto.release": release.digest,
        "sotto.release_format": release.format,
        "sotto.locale": locale,
        "sotto.facts": json.dumps(facts, ensure_ascii=False),
    }
    schema = pa.schema([pa.field(name, TYPES[of]) for name, of in LONG.items()], metadata=metadata)
    table = pa.Table.from_pylist(list(long_rows(release, locale)), schema=schema)
    file = io.BytesIO()
    parquet.write_table(table, file, compression="zstd")
    yield "release.parquet", file.getvalue()
