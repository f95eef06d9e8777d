"""The process that trades an invitation code for a blind token; it never sees an answer.

Imports: crypto, survey.environment, survey.office_db, survey.publication, survey.wave, survey.web.
Imported by: survey.commands, survey.operations, survey.preview, survey.serving.
"""
