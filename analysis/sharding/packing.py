"""Exact counts as bytes for a letter, of a length that follows from plan and number of records alone.

First the tree nodes of the records that were opened: how many (uint16), then each level (uint8), number (uint64) and
hash. Then every table, int64 a cell. Then for each list of words a place for as many phrases as its part could hold
(the bytes of a phrase and its number, uint32), in order of their bytes, zeros after the last. All big-endian.
"""

import struct
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.counting.count_box import Job, Shard, Sums
from analysis.counting.passes import Counts
from analysis.counting.phrases import Phrases
from analysis.sharding.messages import ShardError
from crypto.merkle import TreeSpan
from survey.plan.plan import PhraseList
from survey.questionnaire.questionnaire import Questionnaire

MOST_OF_WORDS = 64 << 20
"""The most bytes for all phrases of one part."""
_NUMBER, _NODE, _CELLS = struct.Struct(">H"), struct.Struct(">BQ32s"), np.dtype(">i8")


class NonsenseError(ShardError):
    """A letter of counts that are none of this plan and part; the message repeats nothing of it."""

    def __init__(self) -> None:
        super().__init__("a worker answered what are no counts of its shard: see what runs there (nothing was spent)")


def most_records(words: tuple[PhraseList, ...], questionnaire: Questionnaire) -> int | None:
    """Return how many records a part may have, so that its phrases fit into a letter; None without lists of words."""
    each = sum(_phrases(one, questionnaire, 1) * _row(one, questionnaire).itemsize for one in words)
    return MOST_OF_WORDS // each if each else None


def pack(job: Job, part: Shard, sums: Sums, span: TreeSpan) -> bytes:
    """Return the sums over records `part`, and the hashes of these, as bytes."""
    nodes = [_NUMBER.pack(len(span.nodes)), *(_NODE.pack(*node) for node in span.nodes)]
    counter = job.counter()
    tables = [_cells(sums[table.id]).astype(_CELLS).tobytes() for table in counter.tables.tables]
    words = [_pack_words(one, job.questionnaire, part, sums[one.id]) for one in counter.words]
    return b"".join([*nodes, *tables, *words])


def unpack(job: Job, part: Shard, data: bytes) -> tuple[Sums, TreeSpan]:
    """Read what `pack` wrote of the same job and part; raise NonsenseError for anything else."""
    try:
        return _unpack(job, part, data)
    except (struct.error, ValueError):
        raise NonsenseError from None


def _unpack(job: Job, part: Shard, data: bytes) -> tuple[Sums, TreeSpan]:
    counter, records = job.counter(), part[1] - part[0]
    span, at = _nodes(part, data)
    sums: Sums = {}
    for table in counter.tables.tables:
        cells = np.frombuffer(data, _CELLS, table.shape.cells, at).astype(np.int64)
        _require_possible(cells, records, table.shape.most)
        sums[table.id] = cells
        at += cells.nbytes
    for one in counter.words:
        rows = np.frombuffer(data, _row(one, job.questionnaire), _phrases(one, job.questionnaire, records), at)
        sums[one.id] = _read_words(rows)
        at += rows.nbytes
    if at != len(data):
        raise NonsenseError
    return sums, span


def _require_possible(cells: Counts, records: int, most: int) -> None:
    """Raise NonsenseError for a table that so many records cannot make, each in 1 to `most` cells and in each once."""
    # The bound of each cell first: the sum of others could overflow.
    if cells.min() < 0 or cells.max() > records or not records <= cells.sum() <= records * most:
        raise NonsenseError


def _nodes(part: Shard, data: bytes) -> tuple[TreeSpan, int]:
    """Return the hashes of a part, and where they end."""
    (number,) = _NUMBER.unpack_from(data)
    ends = _NUMBER.size + number * _NODE.size
    nodes = list(_NODE.iter_unpack(data[_NUMBER.size : ends]))
    if len(nodes) != number:
        raise NonsenseError
    return TreeSpan(*part, nodes), ends


def _pack_words(words: PhraseList, questionnaire: Questionnaire, part: Shard, phrases: Phrases | Counts) -> bytes:
    rows = np.zeros(_phrases(words, questionnaire, part[1] - part[0]), dtype=_row(words, questionnaire))
    if isinstance(phrases, dict):
        found = sorted((phrase.encode(), number) for phrase, number in phrases.items())
        rows[: len(found)] = found
    return rows.tobytes()


def _read_words(rows: NDArray[Any]) -> Phrases:
    given = int(np.count_nonzero(rows["number"]))
    found = rows[:given]
    phrases = Counter({one.decode(): int(number) for one, number in zip(found["phrase"], found["number"], strict=True)})
    if len(phrases) != given or rows["number"][given:].any() or not all(phrases) or phrases.total() > len(rows):
        raise NonsenseError
    return phrases


def _row(words: PhraseList, questionnaire: Questionnaire) -> np.dtype[Any]:
    return np.dtype([("phrase", f"S{questionnaire.item(words.item).slot}"), ("number", ">u4")])


def _phrases(words: PhraseList, questionnaire: Questionnaire, records: int) -> int:
    return records * (questionnaire.item(words.item).count or 1)


def _cells(cells: Phrases | Counts) -> Counts:
    if isinstance(cells, dict):
        raise NonsenseError
    return cells
