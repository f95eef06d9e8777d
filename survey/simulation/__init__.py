"""Invented respondents, for demonstrations and tests."""
