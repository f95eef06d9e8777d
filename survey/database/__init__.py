"""Engines and migrations of both databases.

Imports: crypto, survey.settings.
Imported by: survey.answers_db, survey.commands, survey.demo, survey.office_db, survey.operations.
"""
