"""Studies that tests own, answers of invented people to them, and releases made of those."""
