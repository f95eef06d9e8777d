"""What an administrator does to a study: each act checked first, then carried out, audited and logged.

Imports: crypto, survey.admission, survey.answers_db, survey.authoring, survey.authoring.editing, survey.database,
survey.document, survey.errors, survey.issuer_app, survey.office_db, survey.office_db.people, survey.plan,
survey.public_log, survey.publication, survey.questionnaire, survey.release, survey.respond_app, survey.settings,
survey.wave, survey.workbook.
Imported by: survey.commands, survey.demo, survey.operations.requests.
"""
