"""The process that staff reach: the office database, and nothing of the answers.

Imports: crypto, survey.desk_app.authoring, survey.desk_app.checklist, survey.desk_app.health, survey.desk_app.results,
survey.document, survey.environment, survey.loopback, survey.names, survey.office_db, survey.office_db.people,
survey.plan, survey.publication, survey.questionnaire, survey.release, survey.wave, survey.web.
Imported by: survey.commands, survey.desk_app.authoring, survey.desk_app.checklist, survey.desk_app.health,
survey.desk_app.results, survey.desk_process, survey.serving.
"""
