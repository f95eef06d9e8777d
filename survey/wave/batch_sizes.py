"""The least and the most codes of a batch; a module of its own, so that a command's help needs no pydantic."""

MINIMUM, MAXIMUM = 50, 100_000
