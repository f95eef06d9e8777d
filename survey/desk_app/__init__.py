"""The process that staff reach: the office database, and nothing of the answers.

Imports: survey.names, survey.office_db, survey.publication, survey.release, survey.settings, survey.web.
Imported by: nobody.
"""
