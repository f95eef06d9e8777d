"""The people of the desk: who they are, by which means they sign in, what they may see, and what the desk tells of it.

Imports: crypto, survey.database, survey.errors, survey.names, survey.office_db.
Imported by: survey.commands, survey.demo, survey.desk_app, survey.desk_app.checklist, survey.operations,
survey.operations.requests.
"""
