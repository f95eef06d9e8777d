"""The desk's page of the server: what the last look at it found. It looks at nothing itself.

Imports: survey.desk_app, survey.office_db, survey.web.
Imported by: survey.desk_app.
"""
