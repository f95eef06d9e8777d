"""How many codes a batch has; apart from the codes file, so that a command's help says it without loading pydantic."""

MINIMUM, MAXIMUM = 50, 100_000
