"""The database of the staff: studies and their waves, invitations, the audit chain.

Imports: crypto, survey.database, survey.database.compaction, survey.document, survey.errors, survey.names,
survey.plan, survey.questionnaire, survey.wave.
Imported by: survey.commands, survey.desk_app, survey.desk_app.authoring, survey.desk_app.checklist,
survey.desk_app.health, survey.issuer_app, survey.office_db.people, survey.operations, survey.operations.requests.
"""
