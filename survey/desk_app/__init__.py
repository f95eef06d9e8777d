"""The process that staff reach: the office database, and nothing of the answers."""
