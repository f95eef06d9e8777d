"""The database of sealed answers: rows without time or address, compaction, spent proofs of work."""
