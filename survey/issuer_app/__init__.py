"""The process that trades an invitation code for a blind token; it never sees an answer.

Imports: crypto, survey.errors, survey.office_db, survey.publication, survey.settings, survey.wave, survey.web.
Imported by: survey.operations.
"""
