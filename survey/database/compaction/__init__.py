"""Rewrites what a database keeps in the order of its keys, while others write, so that no order of arrival is left.

Imports: crypto, survey.database.
Imported by: survey.answers_db, survey.office_db.
"""
