"""What must hold of compaction on every kind of database, at each step and where it is killed."""
