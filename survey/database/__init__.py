"""How either database is reached and migrated.

Imports: crypto, survey.settings.
Imported by: survey.answers_db, survey.commands, survey.demo, survey.office_db, survey.operations.
"""
