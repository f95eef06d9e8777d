"""Exact counts of decoded answers: contingency tables, indicators, phrases."""
