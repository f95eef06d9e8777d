"""A release, a plan, a ledger as text on a terminal."""
